# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What an answer that is no success means, as an error of the family that says what to do. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from .._base.clock import Clock
from .._base.console import CONSOLE_SCIM, CONSOLE_USERS
from .._base.text import server_said
from .._errors import (
    ConflictError,
    EightByEightError,
    History,
    NotFoundError,
    NotSupportedError,
    RefusedError,
    TransientError,
    VersionConflictError,
)
from .._resource.answers import read_error
from .connection import Connection
from .limits import BeyondLimitError, GarbledError
from .reasons import Reason, one_line, reason_in
from .request import Body, Request, Response
from .retry import retry_after

#: Words in a 400 that mean "this login name is taken". Another API of 8x8 reports a duplicate as 400 (fact sheet 5.6), and how
#: SCIM words it is unknown (11.1).
_TAKEN = re.compile(
    r"already (?:exist|in use|taken)|duplicate|must be unique|not unique"
    r"|(?:user ?name|login)\b.*\b(?:exists|in use|taken|unavailable|not available)\b",
    re.IGNORECASE,
)

#: Statuses that say themselves what is wrong.
_SAYS_ITSELF = {
    415: ": it does not take the content type that was sent. Set content_type to json, to scim, or to auto, which tries both.",
    428: (
        ": it takes an update only with a version of the user (If-Match), and took none that could be given. Make the change in "
        f"{CONSOLE_USERS}."
    ),
}


class Failure(NamedTuple):
    """An answer that is no success.

    :param reason: Why, as the server says.
    :param html: The body was a web page, so something in front of 8x8 answered.
    :param retry_after: Seconds the server asked to wait.
    :param seconds: How long the answer took.
    """

    request: Request
    status: int
    reason: Reason = Reason()
    html: bool = False
    retry_after: float | None = None
    seconds: float = 0.0

    @property
    def said(self) -> str:
        """The server's own words, at the end of a message."""
        return server_said(self.reason.detail)

    @property
    def facts(self) -> dict[str, Any]:
        """What each error holds of it."""
        method, path = self.request.method, self.request.path
        return {"status": self.status, "method": method, "path": path, **self.reason._asdict()}


def failure_of(
    response: Response, body: Body, request: Request, connection: Connection, clock: Clock
) -> EightByEightError:
    """Return the error that a response is."""
    if 200 <= response.status < 300:
        fault = _fault_of_body(body, response, request, connection)
        return fault or _failure_inside(body.data, response, request, connection)
    text = body.data if body.flaw is None else _plain(response.content, html=body.html)
    reason = reason_in(body.data, connection.redact, text=text)
    wait = retry_after(response.headers, clock)
    return _error_of(Failure(request, response.status, reason, body.html, wait, response.seconds))


def _fault_of_body(
    body: Body, response: Response, request: Request, connection: Connection
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


def _failure_inside(data: Any, response: Response, request: Request, connection: Connection) -> EightByEightError:
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


def _error_of(failure: Failure) -> EightByEightError:
    """Tell what an answer that is not a success means (RFC 7644 section 3.12; fact sheet sections 1 and 5).

    :returns: The error to raise; :class:`TransientError` where trying again can help.
    """
    status, request = failure.status, failure.request
    if status in _BEFORE_PAGES:
        return _BEFORE_PAGES[status](failure)
    # 424: what the answer depends on has failed, as 8x8 says of its other API.
    trouble = status >= 500 or status in (408, 424)
    # Whether the page of a gateway means "no such user" shows in the listing.
    reads_a_user = request.method == "GET" and request.path.startswith("/Users/")
    if failure.html and not trouble and not (status == 404 and reads_a_user):
        return _web_page(failure)
    if status in _BY_STATUS:
        return _BY_STATUS[status](failure)
    if trouble:
        return _in_trouble(failure)
    if 300 <= status < 400:
        return _redirect(failure)
    return _refused(failure)


def passing(message: str, request: Request, **more: Any) -> TransientError:
    """Return a failure that may pass. A write may have been carried out all the same, unless it came too often (429)."""
    in_doubt = request.writes and more.get("status") != 429
    return TransientError(
        message, **{"method": request.method, "path": request.path, "history": History(in_doubt=in_doubt), **more}
    )


def unclear(message: str, request: Request, **more: Any) -> EightByEightError:
    """Return the error of an answer that says neither yes nor no: a write may have been carried out."""
    history = History(in_doubt=request.writes)
    return EightByEightError(message, method=request.method, path=request.path, history=history, **more)


def beyond_limit(
    limit: BeyondLimitError, request: Request, *, seconds: float, status: int | None = None
) -> EightByEightError:
    """Return the error of an answer that goes beyond a limit."""
    message = f"The answer to {request} {limit}."
    if limit.slow:
        return passing(message, request, kind="timeout", status=status, seconds=seconds)
    return EightByEightError(message, kind="too_large", status=status, method=request.method, path=request.path)


def _too_many(failure: Failure) -> EightByEightError:
    return passing(
        f"8x8 answered {failure.request} with 429: too many requests.{failure.said}",
        failure.request,
        kind="rate_limited",
        retry_after=failure.retry_after,
        seconds=failure.seconds,
        **failure.facts,
    )


def _in_trouble(failure: Failure) -> EightByEightError:
    page = " with a web page from a gateway" if failure.html else ""
    return passing(
        f"{failure.request} answered {failure.status}{page}: the server is in trouble.{failure.said}",
        failure.request,
        kind="gateway" if failure.html else "server_error",
        retry_after=failure.retry_after,
        seconds=failure.seconds,
        **failure.facts,
    )


def _token_rejected(failure: Failure) -> EightByEightError:
    return EightByEightError(
        f"8x8 does not accept the API token ({failure.request} answered 401). The token dies when the SCIM switch is turned "
        "off (turning it on again makes a new one) and when single sign-on is disabled, which disables user "
        f"provisioning with it. Copy the current token from {CONSOLE_SCIM}.{failure.said}",
        kind="token_rejected",
        **failure.facts,
    )


def _not_offered(failure: Failure) -> EightByEightError:
    return NotSupportedError(
        f"The server does not offer {failure.request} (it answered {failure.status}). If a proxy or gateway in between blocks "
        f"{failure.request.method}, let it through; else compare api_url with '8x8 URL' in {CONSOLE_SCIM}.{failure.said}",
        **failure.facts,
    )


def _web_page(failure: Failure) -> EightByEightError:
    return EightByEightError(
        f"{failure.request} answered {failure.status} with a web page instead of SCIM: a proxy or gateway stands in between, or "
        f"api_url is not the SCIM address. Compare api_url with '8x8 URL' in {CONSOLE_SCIM}.",
        kind="gateway",
        **failure.facts,
    )


def _forbidden(failure: Failure) -> EightByEightError:
    if not failure.request.writes:
        return EightByEightError(
            f"8x8 refuses this token ({failure.request} answered 403): it may belong to another customer. Compare api_url "
            f"and the token with {CONSOLE_SCIM}.{failure.said}",
            kind="forbidden",
            **failure.facts,
        )
    return EightByEightError(
        f"8x8 refuses to let this client write ({failure.request} answered 403). Only one client may write: where Entra ID "
        "or Okta provisions this customer, every other client may only read. Make the change there, or switch that "
        f"integration off in {CONSOLE_SCIM}.{failure.said}",
        kind="not_write_client",
        **failure.facts,
    )


def _not_found(failure: Failure) -> EightByEightError:
    if failure.request.path.startswith("/Users/"):
        return NotFoundError(f"8x8 has no such user ({failure.request} answered 404).{failure.said}", **failure.facts)
    return EightByEightError(
        f"8x8 does not know this customer ({failure.request} answered 404). Compare customer_id or api_url with '8x8 URL' "
        f"in {CONSOLE_SCIM}.{failure.said}",
        kind="wrong_customer",
        **failure.facts,
    )


def _conflict(failure: Failure) -> EightByEightError:
    return ConflictError(
        f"8x8 reports a conflict ({failure.request} answered {failure.status}).{failure.said}", **failure.facts
    )


def _changed_meanwhile(failure: Failure) -> EightByEightError:
    return VersionConflictError(
        f"The user changed while it was being written ({failure.request} answered 412). Run again.{failure.said}",
        **failure.facts,
    )


def _redirect(failure: Failure) -> EightByEightError:
    return EightByEightError(
        f"{failure.request} answered {failure.status}, a redirect. It was not followed, because the token must not go anywhere "
        f"but the address given. Set api_url to '8x8 URL' from {CONSOLE_SCIM}.",
        kind="redirect_refused",
        **failure.facts,
    )


def _refused(failure: Failure) -> EightByEightError:
    status, (scim_type, detail, hint) = failure.status, failure.reason
    if scim_type == "uniqueness" or (status in (400, 422) and _TAKEN.search(detail or hint or "")):
        return _conflict(failure)
    silence = " Its reason is no SCIM error, and such texts are not repeated here." if hint else " It gave no reason."
    return RefusedError(
        f"8x8 refused {failure.request} with {status}{_SAYS_ITSELF.get(status, '.')}{failure.said or silence}",
        **failure.facts,
    )


#: What means the same with a web page around it.
_BEFORE_PAGES: dict[int, Callable[[Failure], EightByEightError]] = {
    401: _token_rejected,
    405: _not_offered,
    429: _too_many,
    501: _not_offered,
}
_BY_STATUS: dict[int, Callable[[Failure], EightByEightError]] = {
    403: _forbidden,
    404: _not_found,
    409: _conflict,
    412: _changed_meanwhile,
}
