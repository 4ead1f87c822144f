# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Everything that can go wrong with 8x8, as one family of exceptions.

Each error says what happened, to whom, and what to do. It renders itself as the ``msg`` and ``error`` keys of a
module's result. It never holds a request or response body, a header, or the token: ``detail`` is the server's own
one-line explanation, cut, cleaned and freed of the token by the client.
"""

from __future__ import annotations

import re
from typing import Any

from ._base.console import CONSOLE_SCIM, CONSOLE_USERS
from ._base.text import server_said, visible


class EightByEightError(Exception):
    """Base of the family.

    :param message: One sentence or more for a person: what happened, to whom, what to do.
    :param kind: A stable word for playbooks to branch on, such as ``token_rejected``.
    :param status: The HTTP status, where a server answered.
    :param scim_type: ``scimType`` of the SCIM error (RFC 7644 section 3.12), where there was one.
    :param detail: What the server said, one short line.
    :param method: The HTTP verb of the request that failed.
    :param path: Its path below the SCIM base URL.
    :param hint: A body that is one line of text. It helps to tell what a refusal is about, and is never shown: who knows what
        is in it.
    :ivar in_doubt: Whether an earlier try of the same write was lost, and may have been carried out, whatever this answer says.
    """

    kind = "error"
    in_doubt = False

    def __init__(
        self,
        message: str,
        *,
        kind: str | None = None,
        status: int | None = None,
        scim_type: str | None = None,
        detail: str | None = None,
        method: str | None = None,
        path: str | None = None,
        hint: str | None = None,
    ) -> None:
        self.message = visible(message)
        super().__init__(self.message)
        self.kind = kind or type(self).kind
        self.status = status
        self.scim_type = scim_type
        self.detail = detail
        self.method = method
        self.path = path
        self.hint = hint

    def about(
        self, message: str, *, kind: str | None = None, family: type[EightByEightError] | None = None
    ) -> EightByEightError:
        """Return the same failure, told with the knowledge of whom and what it was about."""
        told = (family or EightByEightError)(
            message,
            kind=kind or self.kind,
            status=self.status,
            scim_type=self.scim_type,
            detail=self.detail,
            method=self.method,
            path=self.path,
            hint=self.hint,
        )
        told.in_doubt = self.in_doubt
        return told

    @property
    def words(self) -> str:
        """What the server gives as the reason, to look for words in it."""
        return f"{self.scim_type or ''} {self.reason}".lower()

    @property
    def reason(self) -> str:
        """The same, with its case and without ``scimType``."""
        return self.detail or self.hint or ""

    def to_result(self) -> dict[str, Any]:
        """Return the keys that this error adds to a module's result."""
        return {
            "msg": self.message,
            "error": {
                "kind": self.kind,
                "status": self.status,
                "scim_type": self.scim_type,
                "detail": self.detail,
                "method": self.method,
                "path": self.path,
            },
        }


class BadOptionError(EightByEightError):
    """The task itself is wrong; nothing was sent."""

    kind = "bad_option"


class RefusedError(EightByEightError):
    """The server understood the request and refused it (400 and its like)."""

    kind = "refused"


class ConflictError(EightByEightError):
    """The server says that a unique value is taken (409, or a 400 that says so)."""

    kind = "conflict"


class NotFoundError(EightByEightError):
    """No such user (404 on a user's own path)."""

    kind = "user_not_found"


class NotSupportedError(EightByEightError):
    """The server does not offer this operation (405 or 501)."""

    kind = "not_supported"


class VersionConflictError(EightByEightError):
    """The user changed between the read and the write (412).

    :ivar repeated: Whether this request had been sent before without an answer, so that the newer version may be our own.
    """

    kind = "changed_meanwhile"
    repeated = False


class TransientError(EightByEightError):
    """A failure that may pass: 429, 5xx, a lost or garbled answer.

    :ivar retry_after: Seconds that the server asked for, or None.
    :ivar first_contact: No answer ever came on this connection, so a wrong address is likelier than a bad moment.
    :ivar seconds: How long the try took, once it was its turn; waiting for an answer that never came is waiting too.
    """

    kind = "server_error"

    def __init__(
        self, message: str, *, retry_after: float | None = None, first_contact: bool = False, **more: Any
    ) -> None:
        super().__init__(message, **more)
        self.retry_after = retry_after
        self.first_contact = first_contact
        self.seconds = 0.0


class GaveUpError(EightByEightError):
    """A failure that may pass did not, as long as the retry budget lasted. Whether a write was carried out is not known."""


#: Words in a 400 that mean "this login name is taken". 8x8's sister API reports a duplicate as 400 (fact sheet 5.6), and how
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


def _names_a_user(method: str, path: str) -> bool:
    """Say whether a request reads one user by id. Whether the page of a gateway means "no such user" shows in the listing."""
    return method == "GET" and path.startswith("/Users/")


def from_answer(
    *,
    status: int,
    scim_type: str | None,
    detail: str | None,
    method: str,
    path: str,
    html: bool,
    retry_after: float | None = None,
    hint: str | None = None,
) -> EightByEightError:
    """Tell what an HTTP answer that is not a success means (RFC 7644 section 3.12; fact sheet sections 1 and 5).

    :param html: The body was a web page, so something in front of 8x8 answered.
    :param retry_after: Seconds the server asked to wait.
    :param hint: The body, where it is one line of text.
    :returns: The error to raise; :class:`TransientError` where trying again can help.
    """
    facts: dict[str, Any] = {
        "status": status,
        "scim_type": scim_type,
        "detail": detail,
        "method": method,
        "path": path,
        "hint": hint,
    }
    said = server_said(detail)
    request = f"{method} {path}"

    if status == 429:
        return TransientError(
            f"8x8 answered {request} with 429: too many requests.{said}",
            kind="rate_limited",
            retry_after=retry_after,
            **facts,
        )
    if status == 401:
        return EightByEightError(
            f"8x8 does not accept the API token ({request} answered 401). The token dies when the SCIM switch is turned "
            "off (turning it on again makes a new one) and when single sign-on is disabled, which disables user "
            f"provisioning with it. Copy the current token from {CONSOLE_SCIM}.{said}",
            kind="token_rejected",
            **facts,
        )
    if status in (405, 501):
        return NotSupportedError(
            f"The server does not offer {request} (it answered {status}). If a proxy or gateway in between blocks {method}, "
            f"let it through; else compare api_url with '8x8 URL' in {CONSOLE_SCIM}.{said}",
            **facts,
        )
    if html and status < 500 and status != 408 and not (status == 404 and _names_a_user(method, path)):
        return EightByEightError(
            f"{request} answered {status} with a web page instead of SCIM: a proxy or gateway stands in between, or "
            f"api_url is not the SCIM address. Compare api_url with '8x8 URL' in {CONSOLE_SCIM}.",
            kind="gateway",
            **facts,
        )
    if status == 403:
        if method == "GET":
            return EightByEightError(
                f"8x8 refuses this token ({request} answered 403): it may belong to another customer. Compare api_url "
                f"and the token with {CONSOLE_SCIM}.{said}",
                kind="forbidden",
                **facts,
            )
        return EightByEightError(
            f"8x8 refuses to let this client write ({request} answered 403). Only one client may write: where Entra ID "
            "or Okta provisions this customer, every other client may only read. Make the change there, or switch that "
            f"integration off in {CONSOLE_SCIM}.{said}",
            kind="not_write_client",
            **facts,
        )
    if status == 404 and not path.startswith("/Users/"):
        return EightByEightError(
            f"8x8 does not know this customer ({request} answered 404). Compare customer_id or api_url with '8x8 URL' "
            f"in {CONSOLE_SCIM}.{said}",
            kind="wrong_customer",
            **facts,
        )
    if status == 404:
        return NotFoundError(f"8x8 has no such user ({request} answered 404).{said}", **facts)
    if status == 409:
        return ConflictError(f"8x8 reports a conflict ({request} answered 409).{said}", **facts)
    if status == 412:
        return VersionConflictError(
            f"The user changed while it was being written ({request} answered 412). Run again.{said}", **facts
        )
    if status >= 500 or status == 408:
        return TransientError(
            f"{request} answered {status}{' with a web page from a gateway' if html else ''}: the server is in trouble."
            f"{said}",
            kind="gateway" if html else "server_error",
            retry_after=retry_after,
            **facts,
        )
    if 300 <= status < 400:
        return EightByEightError(
            f"{request} answered {status}, a redirect. It was not followed, because the token must not go anywhere but "
            f"the address given. Set api_url to '8x8 URL' from {CONSOLE_SCIM}.",
            kind="redirect_refused",
            **facts,
        )
    words = detail or hint or ""
    if scim_type == "uniqueness" or (status in (400, 422) and _TAKEN.search(words)):
        return ConflictError(f"8x8 reports a conflict ({request} answered {status}).{said}", **facts)
    silence = " Its reason is no SCIM error, and such texts are not repeated here." if hint else " It gave no reason."
    return RefusedError(f"8x8 refused {request} with {status}{_SAYS_ITSELF.get(status, '.')}{said or silence}", **facts)
