# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""One follow-up: something that a person must do for a user, in one tenant, and what became of it. Pure.

A follow-up that was closed and is opened again is a new occurrence of it, and the old one stays.
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from .._base.names import login_key, same_login

OPEN = "open"
DONE = "done"
WITHDRAWN = "withdrawn"
STATES = (OPEN, DONE, WITHDRAWN)


class Followup(NamedTuple):
    """A follow-up as the ledger holds it. Times are UTC, such as ``2026-12-01T08:30:00Z``, and days ``2026-12-01``.

    :param occurrence: 1, and one more each time that it is opened after it was closed.
    :param due: The last day on which it is not overdue.
    :param closed_by: Who closed it; ``evidence`` where 8x8 showed that it was done.
    :param told: When somebody was told of it last, such as by a ticket.
    :param history: What was changed since it was opened, oldest first. Two copies of a follow-up can be compared by it: the
        longer one goes on from the shorter one, or people changed both.
    """

    tenant: str
    user_name: str | None
    user_id: str | None
    action: str
    occurrence: int
    state: str
    opened: str
    due: str | None = None
    owner: str | None = None
    reason: str | None = None
    where: str | None = None
    closed: str | None = None
    closed_by: str | None = None
    note: str | None = None
    told: str | None = None
    history: tuple[Event, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do it."""
        return self.state == OPEN

    @property
    def who(self) -> str:
        """The user, for messages."""
        return self.user_name or self.user_id or "nobody"

    def is_about(self, user_id: str | None, user_name: str | None) -> bool:
        """Say whether it is about this user: by id, and by login where one side knows no id."""
        if self.user_id and user_id:
            return self.user_id == user_id
        return same_login(self.user_name, user_name)

    def is_overdue(self, today: str) -> bool:
        """Say whether it is open and its last day is over."""
        return self.is_open and self.due is not None and self.due < today

    def is_to_be_told(self, today: str) -> bool:
        """Say whether it is open and nobody was told of it yet, or not since its last day is over."""
        return self.is_open and (self.told is None or (self.is_overdue(today) and self.told[:10] <= str(self.due)))


class Event(NamedTuple):
    """One change of a follow-up: when, and the attributes with their new values."""

    at: str
    values: tuple[tuple[str, str | None], ...]


def place(followup: Followup) -> tuple[str, str, str, str, int]:
    """Return where a follow-up stands in a ledger: by tenant, login, id, action and occurrence."""
    return (
        followup.tenant,
        login_key(followup.user_name or ""),
        followup.user_id or "",
        followup.action,
        followup.occurrence,
    )


def key(followup: Followup) -> tuple[str, str, str, int]:
    """Return what no two lines of a ledger have in common: tenant, user (id, else login), action, occurrence."""
    user = f"id {followup.user_id}" if followup.user_id else f"login {login_key(followup.user_name or '')}"
    return followup.tenant, user, followup.action, followup.occurrence


def is_day(text: str) -> bool:
    """Say whether a text is a day as a ledger writes it."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
