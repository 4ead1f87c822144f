# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""One follow-up: something that a person must do for a user in a tenant, and its history. Pure.

When a closed follow-up is opened again, a new occurrence is added and the old one is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from .._base.names import login_key, same_user, user_keys

OPEN = "open"
DONE = "done"
WITHDRAWN = "withdrawn"
STATES = (OPEN, DONE, WITHDRAWN)


class Person(NamedTuple):
    """The user of a follow-up: the id, or the login name, or both."""

    user_id: str | None
    user_name: str | None


class Followup(NamedTuple):
    """A follow-up in the ledger. Times are in UTC, such as ``2026-12-01T08:30:00Z``, and dates such as ``2026-12-01``.

    :param occurrence: 1 for the first time, and one more each time that it is opened again.
    :param due: The last day before it is overdue.
    :param closed_by: Who closed it; ``evidence`` when 8x8 showed that it was done.
    :param told: When somebody was last notified of it, for example by a ticket.
    :param history: The changes since it was opened, oldest first: the time (``at``), and the changed attributes with
        their new values. With it, two copies of a follow-up can be compared: either the longer history continues the
        shorter one, or both copies were changed.
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
    history: tuple[Mapping[str, str | None], ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is open."""
        return self.state == OPEN

    @property
    def person(self) -> Person:
        """The user whom it is about."""
        return Person(self.user_id, self.user_name)

    def is_about(self, user_id: str | None, user_name: str | None) -> bool:
        """Return whether it is about this user."""
        return same_user(self.person, (user_id, user_name))

    def is_overdue(self, today: str) -> bool:
        """Return whether it is open and its due date has passed."""
        return self.is_open and self.due is not None and self.due < today

    def needs_notification(self, today: str) -> bool:
        """Return whether it is open and nobody was notified of it yet, or nobody since its due date passed."""
        return self.is_open and (self.told is None or (self.is_overdue(today) and self.told[:10] <= str(self.due)))


def sort_key(followup: Followup) -> tuple[str, str, str, str, int]:
    """Return the key by which a ledger is sorted: tenant, login name, id, action, occurrence."""
    return (
        followup.tenant,
        login_key(followup.user_name or ""),
        followup.user_id or "",
        followup.action,
        followup.occurrence,
    )


def unique_key(followup: Followup) -> tuple[str, str, str, int]:
    """Return the unique key of a follow-up: tenant, user (id, or else login name), action, occurrence."""
    return followup.tenant, user_keys(*followup.person)[0], followup.action, followup.occurrence


def is_date(text: str) -> bool:
    """Return whether a text is a date in the format of a ledger."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
