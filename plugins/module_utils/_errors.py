# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Everything that can go wrong with 8x8, as one family of exceptions.

Each error says what happened, to whom, and what to do. It renders itself as the ``msg`` and ``error`` keys of a
module's result. It never changes, and it never holds a request or response body, a header, or the token: ``detail`` is the
server's own explanation in one line, without the token.
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple, TypeVar

from ._base.text import visible

_Error = TypeVar("_Error", bound="EightByEightError")


class History(NamedTuple):
    """What became of the tries of a request until its last answer.

    :param in_doubt: Whether a write may have been carried out, whatever the last answer says: the answer to a try was lost, or
        shows neither success nor failure.
    :param check_error: Why reading the outcome of a write failed as well, where it did.
    """

    in_doubt: bool = False
    check_error: EightByEightError | None = None

    def then(self, later: History) -> History:
        """Return this history, followed by another one."""
        return History(self.in_doubt or later.in_doubt, later.check_error or self.check_error)


#: What a result shows of an error besides its message.
_SHOWN = ("kind", "status", "scim_type", "detail", "method", "path")
#: The history of a request that was sent once and answered.
_NO_HISTORY = History()


@dataclasses.dataclass(eq=False, repr=False)
class EightByEightError(Exception):
    """Base of the family.

    :param message: One sentence or more for a person: what happened, to whom, what to do.
    :param kind: A stable word for playbooks to branch on, such as ``token_rejected``; by default that of the class.
    :param status: The HTTP status, where a server answered.
    :param scim_type: ``scimType`` of the SCIM error (RFC 7644 section 3.12), where there was one.
    :param detail: What the server said, one short line.
    :param method: The HTTP verb of the request that failed.
    :param path: Its path below the SCIM base URL.
    :param hint: A body that is one line of text. It helps to tell what a refusal is about, and is never shown, because
        it may contain anything.
    :param history: What became of the tries before this failure.
    """

    message: str
    kind: str = ""
    status: int | None = None
    scim_type: str | None = None
    detail: str | None = None
    method: str | None = None
    path: str | None = None
    hint: str | None = None
    history: History = _NO_HISTORY

    def __post_init__(self) -> None:
        vars(self).update(message=visible(self.message), kind=self.kind or type(self).kind or "error")
        super().__init__(self.message)

    def __setattr__(self, name: str, value: Any) -> None:
        # Each is set once. The attributes that Python itself sets on an exception begin with two underscores.
        if name in self.__dict__ and not name.startswith("__"):
            raise AttributeError(f"{name} of an error cannot be changed")
        super().__setattr__(name, value)

    @property
    def in_doubt(self) -> bool:
        """Whether a write may have been carried out, whatever the last answer says."""
        return self.history.in_doubt

    def with_history(self: _Error, history: History) -> _Error:
        """Return the same error, as the last of several tries.

        :param history: What became of the tries before.
        """
        return dataclasses.replace(self, history=history.then(self.history)) if history != _NO_HISTORY else self

    def about(
        self, message: str, *, kind: str | None = None, family: type[EightByEightError] | None = None
    ) -> EightByEightError:
        """Return the same failure with another message, which names whom and what it is about."""
        facts = {name: getattr(self, name) for name in (*_SHOWN, "hint", "history")}
        return (family or EightByEightError)(message, **{**facts, "kind": kind or self.kind})

    @property
    def has_success_status(self) -> bool:
        """Whether the status is one of success, so that the server may have done what was asked for."""
        return 200 <= (self.status or 0) < 300

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
        return {"msg": self.message, "error": {name: getattr(self, name) for name in _SHOWN}}


class BadOptionError(EightByEightError):
    """The task itself is wrong; nothing was sent."""

    kind = "bad_option"


class RefusedError(EightByEightError):
    """The server understood the request and refused it (400 and similar)."""

    kind = "refused"


class ConflictError(EightByEightError):
    """The server says that a unique value is taken (409, or a 400 that says so)."""

    kind = "conflict"


class NotFoundError(EightByEightError):
    """No such user (404 on a user's own path)."""

    kind = "user_not_found"


class UnreliableNotFoundError(EightByEightError):
    """A 404 on a user's own path that proves nothing: the same comes for users who are listed."""

    kind = "bad_answer"


class NotSupportedError(EightByEightError):
    """The server does not offer this operation (405 or 501)."""

    kind = "not_supported"


class VersionConflictError(EightByEightError):
    """The user changed between the read and the write (412)."""

    kind = "changed_meanwhile"


@dataclasses.dataclass(eq=False, repr=False)
class TransientError(EightByEightError):
    """A failure that may pass: 429, 5xx, a lost or garbled answer.

    :param retry_after: Seconds that the server asked for, or None.
    :param first_contact: No answer ever came on this connection, so a wrong address is likelier than an outage.
    :param seconds: How long the try took, from when it was sent. That counts against the retry budget too.
    """

    kind = "server_error"

    retry_after: float | None = None
    first_contact: bool = False
    seconds: float = 0.0


class GaveUpError(EightByEightError):
    """A failure that may pass lasted longer than the retry budget. Whether a write was carried out is not known."""
