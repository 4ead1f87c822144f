# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The values that one user's write is made of: the task, how far it came, and what it warns of."""

from __future__ import annotations

from typing import Any, NamedTuple

from .._base.task_warning import TaskWarning
from .._base.text import about
from .._errors import EightByEightError
from .._http.request import Answer, Request
from .._memory import Memory
from .._plan import UNCHANGED, Change
from .._resource.user import User
from .._wanted import Wanted
from .client import WritingClient

_NO_ANSWER = Answer(Request("", ""), 0, None)


class Task(NamedTuple):
    """What is asked for, and with what it is done.

    :param check_mode: Stop before the first write.
    :param verified_later: Whether the caller reads everybody once more at the end, so that a PATCH whose answer shows nothing
        need not be followed by a read of its own.
    """

    client: WritingClient
    wanted: Wanted
    memory: Memory
    check_mode: bool = False
    verified_later: bool = False

    def warning(self, kind: str, text: str) -> TaskWarning:
        """Return a warning about this user. Ansible takes the token out of results, but not out of warnings."""
        return TaskWarning(kind, self.client.connection.redact(about(self.wanted.who, text)))


class Progress(NamedTuple):
    """How far one user is.

    :param current: The user as it was seen last; None where there is none.
    :param before: The user as read before the write.
    :param proven: Whether what was searched adds up, so that who was not found is not there.
    :param fresh: Whether ``current`` was read from the user's own address.
    :param planned: What is to be done, as far as that is known.
    :param answer: The answer that accepted the write; none where that was lost.
    :param applied: Whether a write was accepted, whatever failed after it.
    :param unseen: Whether the user was not seen after it.
    :param in_doubt: Whether a write may have taken effect whose answer was lost.
    :param tries: How many creations had no answer.
    :param unverified: Whether ``active`` is taken as wanted until the caller reads the user.
    :param error: Why it failed.
    :param not_stored: Attributes that the server did not store as given.
    """

    current: User | None = None
    before: User | None = None
    proven: bool = True
    fresh: bool = False
    planned: Change = UNCHANGED
    answer: Answer = _NO_ANSWER
    applied: bool = False
    unseen: bool = False
    in_doubt: bool = False
    tries: int = 0
    unverified: bool = False
    error: EightByEightError | None = None
    not_stored: tuple[str, ...] = ()
    warnings: tuple[TaskWarning, ...] = ()

    @property
    def existing(self) -> User:
        """The user, where it is certain that there is one."""
        if self.current is None:
            raise RuntimeError("only an existing user is updated")
        return self.current

    @property
    def failure(self) -> EightByEightError:
        """Why the last step failed, where it is certain that it did."""
        if self.error is None:
            raise RuntimeError("only what failed is looked into")
        return self.error

    @property
    def modified_before(self) -> str | None:
        """When the user was last changed before the write, as the server tells it."""
        return None if self.before is None else self.before.view["last_modified"]

    def warned(self, *warnings: TaskWarning) -> Progress:
        """Return it with more warnings."""
        return self._replace(warnings=(*self.warnings, *warnings))

    def failed(self, error: EightByEightError) -> Progress:
        """Return it with what went wrong."""
        return self._replace(error=error, in_doubt=self.in_doubt or error.in_doubt)

    def accepted(self, answer: Answer | None = None) -> Progress:
        """Return it after a write was accepted: whatever fails from here on, the result says so (law 7).

        :param answer: What accepted it; None where that was lost, or is noted already.
        """
        return self._replace(applied=True, unseen=True, error=None, answer=answer or self.answer)

    @property
    def accepted_request(self) -> dict[str, Any]:
        """The request that was accepted, as an error names it; where its answer was lost, without a status."""
        if self.answer is _NO_ANSWER:
            path = "/Users" if self.planned.method == "POST" else None
            return {"method": self.planned.method, "path": path}
        return {"status": self.answer.status, "method": self.answer.request.method, "path": self.answer.request.path}
