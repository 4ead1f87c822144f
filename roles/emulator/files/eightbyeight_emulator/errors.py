# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bodies of refusals, in the forms that the switches give them (fact sheet, 5.1, 5.6, 11.1)."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from scim2_models import InvalidValueException, SCIMException, UniquenessException
from scim2_server.responses import ScimResponse

from .entries import UnknownUserException
from .lists import SlowPageException
from .responses import GATEWAY_PAGE, JSONResponse, page
from .switches import Switches

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

BROKEN_RULES = frozenset({400, 409, 412, 422, 428})
"""The statuses that say that a request breaks a rule; the others are about access and endpoints."""


def error_inside(form: str, detail: str) -> Any:
    """Return the body of an error that comes with 200."""
    return {
        "success_false": {"success": False, "message": detail},
        "problem": {"type": "about:blank", "title": "Bad Request", "status": 400, "detail": detail},
        "errors": {"errors": [{"code": "VALIDATION_ERROR", "message": detail}]},
        "empty_object": {},
    }[form]


def false_success(form: str, detail: str, status: HTTPStatus = HTTPStatus.OK) -> ScimResponse:
    """Return an answer that claims to be a success."""
    body = json.dumps(error_inside(form, detail)).encode()
    return JSONResponse(status, None, {"Content-Type": "application/json"}, body)


def error_response(
    exception: Exception,
    switches: Switches,
    plain: Callable[[Exception], ScimResponse],
    *,
    verbatim: bool = False,
    write: bool = False,
) -> ScimResponse:
    """Return the answer to an error.

    :param plain: Returns the answer of scim2-server.
    :param verbatim: Keep the text, as an injected fault wants it.
    :param write: Whether a write is refused.
    """
    if isinstance(exception, SlowPageException):
        return page(HTTPStatus.GATEWAY_TIMEOUT, GATEWAY_PAGE.format("504 Gateway Timeout"))
    if isinstance(exception, UnknownUserException):
        if switches.unknown_id == "404 empty":
            return JSONResponse(HTTPStatus.NOT_FOUND, None, {}, b"")
        if switches.unknown_id == "404 html":
            return page(HTTPStatus.NOT_FOUND, GATEWAY_PAGE.format("404 Not Found"))
        if switches.unknown_id == 400:
            exception = InvalidValueException(detail=str(exception))
    broken = isinstance(exception, SCIMException) and exception.status in BROKEN_RULES
    if write and broken and not verbatim and switches.refused_as != "status":
        return false_success(str(switches.refused_as), str(exception))
    if isinstance(exception, UniquenessException) and switches.duplicate == 400:
        return _problem(str(exception))
    response = plain(exception)
    body: dict[str, Any] = {"schemas": [ERROR]}
    if switches.error_status_type != "missing":
        status = int(response.status)
        body["status"] = str(status) if switches.error_status_type == "string" else status
    if isinstance(exception, SCIMException) and exception.scim_type:
        body["scimType"] = exception.scim_type
    if verbatim or switches.error_detail == "explained":
        body["detail"] = str(exception) if isinstance(exception, SCIMException) else "Internal server error"
    elif switches.error_detail == "phrase":
        body["detail"] = response.status.phrase
    headers = {**response.headers, "Content-Type": switches.media_type}
    return JSONResponse(response.status, None, headers, json.dumps(body).encode())


def _problem(detail: str) -> ScimResponse:
    """Return a refusal in the form of the Administration API, which is that of RFC 7807."""
    body = {
        "status": 400,
        "title": "Bad Request",
        "detail": detail,
        "errors": [{"field": "userName", "code": "VALIDATION_ERROR", "message": detail}],
    }
    headers = {"Content-Type": "application/problem+json"}
    return JSONResponse(HTTPStatus.BAD_REQUEST, None, headers, json.dumps(body).encode())
