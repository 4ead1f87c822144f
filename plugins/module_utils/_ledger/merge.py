# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Opens and closes follow-ups in a ledger. Only this file decides what is a new occurrence. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .._base.clock import stamp
from .._base.names import user_keys
from .._manual_actions import UNNECESSARY_AFTER
from .due import Due
from .followup import OPEN, STATES, WITHDRAWN, Followup, sort_key

Ledger = tuple[Followup, ...]

#: Actions that only follow from a deactivation. When one is opened, what a deactivation makes unnecessary is withdrawn.
_LEAVER_ACTIONS = UNNECESSARY_AFTER["activated"] - {"deactivate_user"}
_WITHDRAWAL_NOTES: Mapping[str, str] = {
    "deactivated": "The user was deactivated before this was done.",
    "activated": "The user was activated again before this was done.",
}


class FollowupChange(NamedTuple):
    """A requested change of one follow-up. None leaves a value as it is.

    :param state: ``open``, ``done`` or ``withdrawn``.
    :param told: Whether somebody was notified of it now.
    :param since: When its operation was done. If the follow-up was opened after that, it is not opened again.
    :param until: Only follow-ups that were opened until then are closed.
    """

    tenant: str
    action: str
    user_name: str | None
    user_id: str | None
    state: str = OPEN
    reason: str | None = None
    where: str | None = None
    owner: str | None = None
    closed_by: str | None = None
    note: str | None = None
    told: bool = False
    since: str | None = None
    until: str | None = None


class Index:
    """The follow-ups of a ledger, indexed by tenant, action and user."""

    def __init__(self, ledger: Iterable[Followup] = ()) -> None:
        self._followups: dict[int, Followup] = {}
        self._numbers: dict[tuple[str, str, str], set[int]] = {}
        for followup in ledger:
            self.add(followup)

    def add(self, followup: Followup) -> None:
        """Add a follow-up."""
        self.put(len(self._followups), followup)

    def put(self, number: int, followup: Followup) -> None:
        """Store a follow-up under a number, in place of the one that has it."""
        if followup is self._followups.get(number):
            return
        self._followups[number] = followup
        for user in user_keys(*followup.person):
            self._numbers.setdefault((followup.tenant, followup.action, user), set()).add(number)

    def matching(self, change: FollowupChange) -> dict[int, Followup]:
        """Return the follow-ups that a requested change applies to, by number."""
        numbers: set[int] = set()
        for user in user_keys(change.user_id, change.user_name):
            numbers |= self._numbers.get((change.tenant, change.action, user), set())
        found = {number: self._followups[number] for number in sorted(numbers)}
        return {number: entry for number, entry in found.items() if entry.is_about(change.user_id, change.user_name)}

    def ledger(self) -> Ledger:
        """Return all follow-ups in order."""
        return tuple(sorted(self._followups.values(), key=sort_key))


def merge(ledger: Iterable[Followup], changes: Iterable[FollowupChange], now: float, due: Due) -> Ledger:
    """Return the ledger after the requested changes.

    :param now: Seconds since the epoch.
    :param due: The rule for due dates of new follow-ups.
    """
    at, index = stamp(now), Index(ledger)
    for change in changes:
        if _apply(index, change, at, due) and change.action in _LEAVER_ACTIONS:
            for withdrawal in withdrawals_after("deactivated", change.tenant, change.user_name, change.user_id):
                _apply(index, withdrawal, at, due)
    return index.ledger()


def withdrawals_after(
    operation: str, tenant: str, user_name: str | None, user_id: str | None, until: str | None = None
) -> list[FollowupChange]:
    """Return the withdrawals of follow-ups that an operation makes unnecessary.

    :param until: When the operation was done.
    """
    note = _WITHDRAWAL_NOTES.get(operation)
    return [
        FollowupChange(tenant, action, user_name, user_id, state=WITHDRAWN, note=note, until=until)
        for action in sorted(UNNECESSARY_AFTER.get(operation, ()))
    ]


def _apply(index: Index, change: FollowupChange, at: str, due: Due) -> bool:
    """Make a requested change, and return whether it opened a follow-up."""
    same = index.matching(change)
    still_open = {number: followup for number, followup in same.items() if followup.is_open}
    if change.since is not None and still_open:
        # Do not overwrite what a person wrote after the operation.
        change = change._replace(owner=None, note=None)
    knows_id = any(followup.user_id for followup in same.values())
    for number, followup in still_open.items():
        # If a follow-up already has the id, another one without an id, such as from before a rename, must not get the
        # same id.
        applied = change._replace(user_id=None) if knows_id and followup.user_id is None else change
        if change.state == OPEN:
            index.put(number, _updated(followup, applied, at, due))
        elif change.until is None or followup.opened <= change.until:
            index.put(number, _closed(followup, applied, at))
    if change.state != OPEN or still_open:
        return False
    if change.since is not None and any(followup.opened >= change.since for followup in same.values()):
        return False
    if change.told and same:
        # It was closed while the notification was sent.
        return False
    index.add(
        Followup(
            tenant=change.tenant,
            user_name=change.user_name,
            user_id=change.user_id,
            action=change.action,
            occurrence=1 + max((followup.occurrence for followup in same.values()), default=0),
            state=OPEN,
            opened=at,
            due=due.of(change.action, at),
            owner=change.owner,
            reason=change.reason,
            where=change.where,
            note=change.note,
            told=at if change.told else None,
        )
    )
    return True


def _closed(followup: Followup, change: FollowupChange, at: str) -> Followup:
    values = {"state": change.state, "closed_by": change.closed_by, "note": change.note, "owner": change.owner}
    return _changed(followup, {**values, "user_id": change.user_id}, at)._replace(closed=at)


def _updated(followup: Followup, change: FollowupChange, at: str, due: Due) -> Followup:
    """Return an open follow-up with a new owner, note or due date."""
    values = {"owner": change.owner, "note": change.note, "user_id": change.user_id}
    if due.moves(change.action) or followup.due is None:
        values["due"] = due.of(change.action, followup.opened)
    if change.told and followup.needs_notification(at[:10]):
        values["told"] = at
    return _changed(followup, values, at)


def _changed(followup: Followup, values: Mapping[str, str | None], at: str) -> Followup:
    """Return a follow-up with the values that are given and differ, and with this change in its history."""
    new: dict[str, Any] = {
        name: value for name, value in values.items() if value not in (None, getattr(followup, name))
    }
    return followup._replace(**new, history=(*followup.history, {"at": at, **new})) if new else followup


def without_old(ledger: Iterable[Followup], tenant: str, date: str) -> Ledger:
    """Return a ledger without the follow-ups of a tenant that were closed before a date."""
    return tuple(
        entry for entry in ledger if entry.tenant != tenant or entry.closed is None or entry.closed[: len(date)] >= date
    )


def counts(ledger: Iterable[Followup], today: str) -> dict[str, int]:
    """Return the number of follow-ups in each state, and of overdue ones."""
    found = dict.fromkeys((*STATES, "overdue"), 0)
    for followup in ledger:
        found[followup.state] += 1
        found["overdue"] += followup.is_overdue(today)
    return found
