# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers of requests that a fault or the limiter spoils."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Any

from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from .clock import server_time
from .errors import false_success
from .faults import Rule
from .refusals import scim_error
from .responses import GATEWAY_PAGE, JSONResponse, page
from .service import TenantService
from .switches import parse_rate

LOGIN_PAGE = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form>Sign in</form></body></html>\n"


@dataclass
class Wire:
    """What the HTTP edge shall do to the connection besides sending the answer."""

    reset: bool = False
    cut: bool = False


class Spoiler:
    """Answers the requests that a fault spoils.

    :param service: Says how errors are written.
    :param carry_out: Carries out a request, as if nothing were wrong; its second argument is whether the URL is the tenant's.
    """

    def __init__(self, service: TenantService, carry_out: Callable[[ScimRequest, bool], ScimResponse]) -> None:
        self._service = service
        self._carry_out = carry_out

    def answer(self, rule: Rule, request: ScimRequest, ours: bool, wire: Wire) -> ScimResponse:
        """Return the answer of a spoiled request, after carrying it out where the fault says so."""
        given = rule.parameters
        if rule.do == "reset_before":
            wire.reset = True
            return ScimResponse(HTTPStatus.NO_CONTENT)
        if rule.do == "latency":
            time.sleep(float(given["seconds"]))
        if rule.do in ("latency", "reset_after", "truncated", "truncated_json"):
            response = self._carry_out(request, ours)
            wire.reset = rule.do == "reset_after"
            wire.cut = rule.do == "truncated"
            return response
        if given.get("applied"):
            self._carry_out(request, ours)
        return self._false_answer(rule.do, given, request)

    def _false_answer(self, fault: str, given: dict[str, Any], request: ScimRequest) -> ScimResponse:
        if fault == "rate_limit":
            return limited(given["form"], float(given["wait"]), self._service)
        if fault == "html":
            status = HTTPStatus(int(given["status"]))
            return page(status, GATEWAY_PAGE.format(f"{status.value} {status.phrase}"))
        if fault == "html_200":
            return page(HTTPStatus.OK, LOGIN_PAGE)
        if fault == "redirect":
            return ScimResponse(HTTPStatus(int(given["status"])), None, {"Location": str(given["location"])})
        if fault == "false_success":
            return false_success(str(given["form"]), str(given["detail"]), HTTPStatus(int(given["status"])))
        if fault == "empty":
            return ScimResponse(HTTPStatus.OK, None, {"Content-Type": self._service.switches.media_type})
        if fault == "echo_token":
            token = (request.header("Authorization") or "").partition(" ")[2]
            error = scim_error(400, "invalidValue", f"Rejected credential: {token}")
        else:
            error = scim_error(int(given["status"]), given["scimType"], str(given["detail"]))
        return self._service.error_response(error, verbatim=True)


def limited(form: str, wait: float, service: TenantService) -> ScimResponse:
    """Return the limiter's answer in one of the forms seen at 8x8 (fact sheet, 5.3)."""
    if form == "http_500":
        return service.error_response(scim_error(500, None, "Too many requests"))
    switches = service.switches
    payload = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "429"}
    headers = {"Content-Type": switches.media_type}
    seconds = max(1, math.ceil(wait))
    if form in ("retry_after_seconds", "seconds"):
        headers["Retry-After"] = str(seconds)
    elif form in ("retry_after_date", "date"):
        # A date has whole seconds: round up, so that waiting until then is enough.
        headers["Retry-After"] = formatdate(math.ceil(server_time(switches) + wait), usegmt=True)
    elif form in ("x_ratelimit_reset", "reset"):
        limit = parse_rate(switches.rate_limit)[0] if switches.rate_limit else 1
        headers["x-ratelimit-limit"] = str(limit)
        headers["x-ratelimit-remaining"] = "0"
        headers["x-ratelimit-reset"] = str(math.ceil(server_time(switches) + wait))
    body = json.dumps({**payload, "detail": "Too many requests"}).encode()
    return JSONResponse(HTTPStatus.TOO_MANY_REQUESTS, None, headers, body)
