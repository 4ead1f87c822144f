# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""A ledger and what is to be opened or closed -> the ledger afterwards. Pure; nobody else decides what is opened twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from .due import Due
from .followup import OPEN, STATES, Event, Followup, place, stamp

Ledger = tuple[Followup, ...]

#: What a deactivated user leaves behind. Where one of these is opened, what was open to get the user started is moot.
_OF_LEAVERS = frozenset({"end_sessions", "reclaim_license", "delete_record", "save_voicemail", "decide_phone_number"})
_OF_JOINERS = frozenset(
    {
        "assign_license",
        "assign_phone_line",
        "assign_profile",
        "set_cost_center",
        "set_profile_picture",
        "enable_directory_visibility",
        "set_site",
        "change_site",
        "check_site",
        "rename_user",
        "confirm_return",
        "activate_user",
    }
)
_MOOT = "The user was deactivated before this was done."


class Wish(NamedTuple):
    """What somebody wants of one follow-up. None leaves alone.

    :param state: ``open``, ``done`` or ``withdrawn``.
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

    def is_about(self, followup: Followup) -> bool:
        """Say whether the wish is about this follow-up."""
        return (
            followup.tenant == self.tenant
            and followup.action == self.action
            and followup.is_about(self.user_id, self.user_name)
        )


def merge(ledger: Iterable[Followup], wishes: Iterable[Wish], now: float, due: Due | None = None) -> Ledger:
    """Return a ledger with everything opened or closed that is wished for, and not already.

    :param now: Seconds since the epoch.
    :param due: When what is opened is due.
    """
    at, rule = stamp(now), due or Due()
    # What is about one user and action is looked for among that action's follow-ups alone; a ledger may have many.
    groups: dict[tuple[str, str], list[Followup]] = {}
    for followup in ledger:
        groups.setdefault((followup.tenant, followup.action), []).append(followup)
    for wish in wishes:
        group = groups.setdefault((wish.tenant, wish.action), [])
        before = len(group)
        group[:] = _merged(group, wish, at, rule)
        if len(group) > before and wish.action in _OF_LEAVERS:
            _withdraw_moot(groups, wish, at)
    return tuple(sorted((followup for group in groups.values() for followup in group), key=place))


def _merged(group: Sequence[Followup], wish: Wish, at: str, due: Due) -> list[Followup]:
    """Return the follow-ups of one action after a wish."""
    if wish.state != OPEN:
        return [_closed(each, wish, at) if each.is_open and wish.is_about(each) else each for each in group]
    same = [each for each in group if wish.is_about(each)]
    if any(each.is_open for each in same):
        return [_updated(each, wish, at, due) if each.is_open and wish.is_about(each) else each for each in group]
    fresh = Followup(
        tenant=wish.tenant,
        user_name=wish.user_name,
        user_id=wish.user_id,
        action=wish.action,
        occurrence=1 + max((each.occurrence for each in same), default=0),
        state=OPEN,
        opened=at,
        due=due.of(wish.action, at),
        owner=wish.owner,
        reason=wish.reason,
        where=wish.where,
        note=wish.note,
    )
    return [*group, fresh]


def _closed(followup: Followup, wish: Wish, at: str) -> Followup:
    values = {"state": wish.state, "closed_by": wish.closed_by, "note": wish.note, "owner": wish.owner}
    return _changed(followup, {**values, "user_id": wish.user_id}, at)._replace(closed=at)


def _updated(followup: Followup, wish: Wish, at: str, due: Due) -> Followup:
    """Return an open follow-up with what a person says of it anew: who does it, a note, a date."""
    values = {"owner": wish.owner, "note": wish.note, "user_id": wish.user_id}
    if due.moves(wish.action) or followup.due is None:
        values["due"] = due.of(wish.action, followup.opened)
    return _changed(followup, values, at)


def _changed(followup: Followup, values: Mapping[str, str | None], at: str) -> Followup:
    """Return a follow-up with these values, where they are given and differ, and with the change in its history."""
    kept = followup._asdict()
    new = {name: value for name, value in values.items() if value is not None and value != kept[name]}
    if not new:
        return followup
    history = (*followup.history, Event(at, tuple(new.items())))
    return Followup(**{**kept, **new, "history": history})


def _withdraw_moot(groups: Mapping[tuple[str, str], list[Followup]], cause: Wish, at: str) -> None:
    for (tenant, action), group in groups.items():
        if tenant == cause.tenant and action in _OF_JOINERS:
            moot = cause._replace(action=action, state="withdrawn", note=_MOOT, owner=None, closed_by=None)
            group[:] = _merged(group, moot, at, Due())


def without_old(ledger: Iterable[Followup], tenant: str, before: str) -> Ledger:
    """Return a ledger without what a tenant closed before a day."""
    return tuple(
        each for each in ledger if each.tenant != tenant or each.closed is None or each.closed[: len(before)] >= before
    )


def counts(ledger: Iterable[Followup], today: str) -> dict[str, int]:
    """Return how many follow-ups are in each state, and how many are overdue."""
    found = dict.fromkeys((*STATES, "overdue"), 0)
    for followup in ledger:
        found[followup.state] += 1
        found["overdue"] += followup.is_overdue(today)
    return found
