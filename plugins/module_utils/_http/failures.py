# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Turns an answer that is no success into an error that says what to do.

What the server gives as the reason is repeated in one short line, without the token. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from .._base.clock import Clock
from .._base.console import CONSOLE_SCIM, CONSOLE_USERS
from .._base.text import server_said, shortened
from .._errors import (
    ConflictError,
    EightByEightError,
    NotFoundError,
    NotSupportedError,
    RefusedError,
    TransientError,
    VersionConflictError,
)
from .._resource.answers import read_error
from .connection import Connection
from .request import Answer, Request, Response
from .retry import retry_after

#: Words in a 400 that mean "this login name is taken". Another API of 8x8 reports a duplicate as 400 (fact sheet 5.6), and how
#: SCIM words it is unknown (11.1).
_TAKEN = re.compile(
    r"already (?:exist|in use|taken)|duplicate|must be unique|not unique"
    r"|(?:user ?name|login)\b.*\b(?:exists|in use|taken|unavailable|not available)\b",
    re.IGNORECASE,
)


#: Words in a 409 to an update that mean "not the version that is there": it is what many servers answer in the place of 412.
_OTHER_VERSION = re.compile(
    r"\b(?:version|e-?tag|if-match|concurren\w*|stale|out ?dated)\b"
    r"|\b(?:modified|changed|updated) (?:by|since|concurrently|meanwhile)",
    re.IGNORECASE,
)
#: Words in the refusal of an update with a version that are about that header, and not about the user.
_ABOUT_IF_MATCH = re.compile(r"\bif-match\b|\be-?tag\b|\bprecondition\b", re.IGNORECASE)
#: Characters of what a server says went wrong, as far as a message repeats it.
_MAX_DETAIL = 300

#: Removes the token from a text.
Redact = Callable[[str], str]


class _Meaning(NamedTuple):
    """What a refusal means.

    :param text: The message, before what the server said.
    """

    text: str
    kind: str = ""
    family: type[EightByEightError] = EightByEightError


_NOT_OFFERED = _Meaning(
    "The server does not offer {request} (it answered {status}). If a proxy or gateway in between blocks {method}, let it "
    "through; else compare api_url with '8x8 URL' in {console}.",
    family=NotSupportedError,
)
_CONFLICT = _Meaning("8x8 reports a conflict ({request} answered {status}).", family=ConflictError)
_CHANGED_MEANWHILE = _Meaning(
    "The user changed while it was being written ({request} answered {status}). Run again.", family=VersionConflictError
)
_NO_SUCH_USER = _Meaning("8x8 has no such user ({request} answered {status}).", family=NotFoundError)
_WRONG_CUSTOMER = _Meaning(
    "8x8 does not know this customer ({request} answered 404). Compare customer_id or api_url with '8x8 URL' in {console}.",
    kind="wrong_customer",
)
_MAY_NOT_READ = _Meaning(
    "8x8 refuses this token ({request} answered 403): it may belong to another customer. Compare api_url and the token with "
    "{console}.",
    kind="forbidden",
)
_MAY_NOT_WRITE = _Meaning(
    "8x8 refuses to let this client write ({request} answered 403). Only one client may write: where Entra ID or Okta "
    "provisions this customer, every other client may only read. Make the change there (Entra ID brings it with its next cycle, "
    "about every 40 minutes), or switch that integration off in {console}.",
    kind="not_write_client",
)
_REDIRECT = _Meaning(
    "{request} answered {status}, a redirect. It was not followed, because the token must not go anywhere but the address "
    "given. Set api_url to '8x8 URL' from {console}.",
    kind="redirect_refused",
)
_WEB_PAGE = _Meaning(
    "{request} answered {status} with a web page instead of SCIM: a proxy, a gateway or a login page answers instead, or "
    "api_url is not the SCIM address. Compare api_url with '8x8 URL' in {console}.",
    kind="gateway",
)
#: Statuses that mean the same whether their body is SCIM or a web page.
_ALSO_AS_PAGE = {
    401: _Meaning(
        "8x8 does not accept the API token ({request} answered 401). The token dies when the SCIM switch is turned off (turning "
        "it on again makes a new one) and when single sign-on is disabled, which disables user provisioning with it. Copy the "
        "current token from {console}.",
        kind="token_rejected",
    ),
    405: _NOT_OFFERED,
    429: _Meaning("8x8 answered {request} with 429: too many requests.", kind="rate_limited", family=TransientError),
    501: _NOT_OFFERED,
}
#: Why a request was refused, where the status alone says it.
_REASON_BY_STATUS = {
    412: (
        ": it says that a condition is not met, and none was sent but one that everybody meets (If-Match: *). Make the change in "
        f"{CONSOLE_USERS}."
    ),
    415: ": it does not take the content type that was sent. Set content_type to json, to scim, or to auto, which tries both.",
    428: (
        ": it takes an update only with a version of the user (If-Match), and took none that could be given. Make the change in "
        f"{CONSOLE_USERS}."
    ),
}


def failure_of(response: Response, request: Request, connection: Connection, clock: Clock) -> EightByEightError:
    """Return the error that a response is (RFC 7644 section 3.12; fact sheet sections 1 and 5).

    :returns: :class:`TransientError` where trying again can help.
    """
    if 200 <= response.status < 300:
        return _failure_of_body(response, request, connection)
    reason = reason_in(response.data, connection.redact)._replace(hint=_hint(response, connection.redact))
    meaning = _meaning_of(response.status, request, reason, html=response.html)
    values = {"request": request, "method": request.method, "status": response.status, "console": CONSOLE_SCIM}
    message, explanation = meaning.text.format(**values), server_said(reason.detail)
    more = {"status": response.status, **reason._asdict()}
    if meaning.family is TransientError:
        # A request that gets 429 is not carried out.
        more.update(in_doubt=response.status != 429, seconds=response.seconds)
        more.update(retry_after=retry_after(response.headers, clock))
    if meaning.family is RefusedError and not explanation:
        explanation = " It gave no reason."
        if reason.hint:
            explanation = " Its reason is not a SCIM error, and such texts are not repeated here."
    return request.error(f"{message}{explanation}", meaning.kind, meaning.family, **more)


def _failure_of_body(response: Response, request: Request, connection: Connection) -> EightByEightError:
    """Return the error of an answer with a success status whose body cannot be read or reports an error."""
    flaw, status, kind, reason = response.flaw, response.status, "bad_answer", Reason()
    is_transient = False
    if response.html:
        text, kind = _WEB_PAGE.text.format(request=request, status=status, console=CONSOLE_SCIM), "gateway"
    elif flaw is not None:
        text = one_line(f"The answer to {request} {flaw}.", connection.redact)
        kind, is_transient = kind if request.writes else flaw.kind, flaw.is_transient
    elif response.data is None:
        text, is_transient = f"The answer to {request} is empty.", status != 204  # 204 means an empty body
    elif not isinstance(response.data, dict):
        text = f"The answer to {request} is not a SCIM object."
    else:
        reason, inner = reason_in(response.data, connection.redact), read_error(response.data).status
        text = (
            f"{request} answered {status} with an error inside{'' if inner is None else f' ({inner})'}. Run again later; if it "
            f"stays so, see what answers at api_url.{server_said(reason.detail)}"
        )
    if is_transient and not request.writes:
        return request.error(text, kind, TransientError, status=status, seconds=response.seconds)
    # It shows neither success nor failure.
    return request.error(text, kind, in_doubt=True, status=status, scim_type=reason.scim_type, detail=reason.detail)


def _meaning_of(status: int, request: Request, reason: Reason, *, html: bool) -> _Meaning:
    if status in _ALSO_AS_PAGE:
        return _ALSO_AS_PAGE[status]
    # 424: what the answer depends on has failed, as 8x8 says of its other API. 425: it is to be sent again (RFC 8470).
    transient = status >= 500 or status in (408, 424, 425)
    of_a_user = request.path.startswith("/Users/")
    # A web page with 404 may mean "no such user" or come from a gateway. The caller looks in the listing.
    if html and not transient and not (status == 404 and of_a_user and request.method == "GET"):
        return _WEB_PAGE
    if status == 403:
        return _MAY_NOT_WRITE if request.writes else _MAY_NOT_READ
    if of_a_user and (status == 404 or (status == 410 and request.method == "GET")):
        return _NO_SUCH_USER
    if status == 404:
        return _WRONG_CUSTOMER
    if transient:
        page, kind = (" with a web page from a gateway", "gateway") if html else ("", "server_error")
        return _Meaning(f"{{request}} answered {{status}}{page}: the server is in trouble.", kind, TransientError)
    if 300 <= status < 400:
        return _REDIRECT
    words, of_values = reason.detail or reason.hint or "", status in (400, 422)
    if (
        (status == 412 and request.method == "PUT")  # only an update names the version that was read
        or (status == 409 and request.method == "PUT" and not reason.scim_type and _OTHER_VERSION.search(words))
        or (of_values and request.version and _ABOUT_IF_MATCH.search(words))
    ):
        return _CHANGED_MEANWHILE
    taken = status == 409 or reason.scim_type == "uniqueness" or (of_values and _TAKEN.search(words))
    if taken and status != 412:
        return _CONFLICT
    return _Meaning(f"8x8 refused {{request}} with {{status}}{_REASON_BY_STATUS.get(status, '.')}", family=RefusedError)


def unexpected_answer(text: str, answer: Answer, redact: Redact) -> EightByEightError:
    """Return the error of an answer that reports no failure, and is not what was asked for. What became of it must be read.

    :param text: What it is, as a sentence without its period.
    """
    detail = reason_in(answer.data, redact).detail
    return answer.request.error(
        f"{text}. See what answers at api_url.{server_said(detail)}",
        "bad_answer",
        in_doubt=True,
        status=answer.status,
        detail=detail,
    )


class Reason(NamedTuple):
    """Why a server refused a request, or failed.

    :param scim_type: The kind of error (RFC 7644 section 3.12).
    :param detail: What went wrong, to be quoted.
    :param hint: A body that is no error of SCIM, where it is one line of text. It is never shown.
    """

    scim_type: str | None = None
    detail: str | None = None
    hint: str | None = None


def reason_in(data: Any, redact: Redact) -> Reason:
    """Read why from the body of an answer, as JSON."""
    error = read_error(data)
    return Reason(
        scim_type=one_line(error.scim_type, redact) if error.scim_type else None,
        detail=one_line("; ".join(dict.fromkeys(map(_without_frames, error.reasons))), redact) or None,
    )


def one_line(text: Any, redact: Redact) -> str:
    """Make one short line of a foreign text."""
    line = redact(str(text))
    return shortened(" ".join("".join(char if char.isprintable() else " " for char in line).split()), _MAX_DETAIL)


def _hint(response: Response, redact: Redact) -> str | None:
    """Return a body that is one line of text, as JSON or not. What is longer, or has a tag in it, is a web page."""
    text = response.data if response.flaw is None else response.content.decode("utf-8-sig", "replace")
    line = text.strip() if isinstance(text, str) else ""
    # JSON that was cut off is no text, and neither is what is not in UTF-8.
    is_text = len(line.splitlines()) == 1 and not re.search("^[{[]|<[a-zA-Z!/?]|\ufffd", line)
    return (one_line(line, redact) or None) if is_text and len(line) <= _MAX_DETAIL else None


def _without_frames(text: str) -> str:
    """Return only the error of a traceback, without its stack frames."""
    lines = [line for line in text.splitlines() if line.strip()]
    if any(line.lstrip().startswith("Traceback (most recent call last)") for line in lines):
        return lines[-1]  # in Python the error is the last line
    frame = re.compile(r"\s*(at |File \"|from |#\d|\.\.\. \d+ more|Caused by)")
    return lines[0] if any(map(frame.match, lines[1:])) else text
