# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What a response says: an answer, or the error that it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .._base.clock import Clock
from .._base.console import CONSOLE_SCIM
from .._base.text import server_said
from .._errors import EightByEightError
from .._resource.answers import is_failure, read_error
from .._resource.spelling import spelled_user
from .connection import Connection
from .failures import Failure, beyond_limit, error_of, passing, unclear
from .limits import BeyondLimitError, GarbledError, parse, weight
from .reasons import one_line, reason_in
from .request import Answer, Request
from .retry import next_after, retry_after
from .transport import Response


class _Body(NamedTuple):
    """The body of a response.

    :param data: What it is as JSON, or None where there is none.
    :param flaw: Why it cannot be read, or None.
    :param html: Whether it is a web page.
    """

    data: Any
    flaw: Exception | None
    html: bool


def read(response: Response, request: Request, connection: Connection, clock: Clock) -> Answer:
    """Return the answer that a response is.

    :raises EightByEightError: When it is none.
    """
    held = weight(response.content)
    body = _body(response, held)
    if not 200 <= response.status < 300:
        text = body.data if body.flaw is None else _plain(response.content, html=body.html)
        raise error_of(
            Failure(
                request,
                response.status,
                reason=reason_in(body.data, connection.redact, text=text),
                html=body.html,
                retry_after=retry_after(response.headers, clock),
                seconds=response.seconds,
            )
        )
    if error := _fault_of_body(body, response, request, connection):
        raise error
    data = body.data
    if data is not None and is_failure(data):
        raise _failure_inside(data, response, request, connection)
    if data is not None and request.writes:
        try:
            data = spelled_user(data, connection.extension_urn)
        except EightByEightError:
            data = None  # It was accepted; what became of it is read from the server.
    return Answer(
        response.status,
        data,
        response.seconds,
        held,
        request.method,
        request.path,
        response.headers.get("ETag"),
        next_after(response.headers, clock),
    )


def _body(response: Response, held: int) -> _Body:
    data, flaw = None, response.flaw
    if flaw is None:
        try:
            data = parse(response.content, held)
        except (BeyondLimitError, GarbledError) as error:
            flaw = error
    page = response.content[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    named = "text/html" in response.headers.get("Content-Type", "").lower()
    return _Body(data, flaw, flaw is not None and (page or named))


def _fault_of_body(
    body: _Body, response: Response, request: Request, connection: Connection
) -> EightByEightError | None:
    """Return why the body of a success cannot be taken, or None where it can."""
    status, flaw = response.status, body.flaw
    if body.html:
        return unclear(
            f"{request} answered {status} with a web page instead of SCIM: a proxy, a gateway or a login page stands in between, "
            f"or api_url is not the SCIM address. Compare api_url with '8x8 URL' in {CONSOLE_SCIM}.",
            request,
            kind="gateway",
            status=status,
        )
    if flaw is not None:
        message = one_line(f"The answer to {request} {flaw}.", connection.redact)
        if request.writes:
            return unclear(message, request, kind="bad_answer", status=status)
        if isinstance(flaw, BeyondLimitError):
            return beyond_limit(flaw, request, seconds=response.seconds, status=status)
        if isinstance(flaw, GarbledError) and flaw.passing:
            return passing(message, request, kind="bad_answer", status=status, seconds=response.seconds)
        return unclear(message, request, kind="bad_answer", status=status)
    if body.data is not None and not isinstance(body.data, dict):
        return unclear(f"The answer to {request} is no SCIM object.", request, kind="bad_answer", status=status)
    if body.data is None and not request.writes:
        message = f"The answer to {request} is empty."
        return passing(message, request, kind="bad_answer", status=status, seconds=response.seconds)
    return None


def _failure_inside(
    data: Mapping[str, Any], response: Response, request: Request, connection: Connection
) -> EightByEightError:
    """Return the error of an answer whose status says yes, and whose body says that it is an error."""
    reason = reason_in(data, connection.redact)
    status = read_error(data).status
    return unclear(
        f"{request} answered {response.status} with an error inside{'' if status is None else f' ({status})'}. Run again later; "
        f"if it stays so, see what answers at api_url.{server_said(reason.detail)}",
        request,
        kind="bad_answer",
        status=response.status,
        scim_type=reason.scim_type,
        detail=reason.detail,
    )


def _plain(content: bytes, *, html: bool) -> str | None:
    """Return a body that is no JSON as text, or None where it is a page, or JSON that was cut off."""
    if html or content.lstrip()[:1] in (b"{", b"["):
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
