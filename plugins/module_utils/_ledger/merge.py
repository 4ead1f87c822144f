# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""A ledger and what is to be opened or closed -> the ledger afterwards. Pure; nobody else decides what is opened twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from .._base.clock import stamp
from .._base.names import login_key
from .._manual_actions import MOOT_AFTER
from .due import Due
from .followup import OPEN, STATES, WITHDRAWN, Event, Followup, place

Ledger = tuple[Followup, ...]

#: What only follows from an operation; where one is opened, that operation was done, and what it makes moot is withdrawn.
_LEFT_BY: Mapping[str, str] = {name: "deactivated" for name in MOOT_AFTER["activated"] if name != "deactivate_user"}
_BECAUSE: Mapping[str, str] = {
    "deactivated": "The user was deactivated before this was done.",
    "activated": "The user was activated again before this was done.",
}


class Wish(NamedTuple):
    """What somebody wants of one follow-up. None leaves alone.

    :param state: ``open``, ``done`` or ``withdrawn``.
    :param told: Whether somebody was told of it now.
    :param since: When what it follows from was done. Where it was opened since then, it is not opened once more.
    :param until: Only what was opened by then is closed.
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

    def is_about(self, followup: Followup) -> bool:
        """Say whether the wish is about this follow-up."""
        return (
            followup.tenant == self.tenant
            and followup.action == self.action
            and followup.is_about(self.user_id, self.user_name)
        )


class Index:
    """The follow-ups of a ledger, found by tenant, action and user. A ledger may have many of each."""

    def __init__(self, ledger: Iterable[Followup] = ()) -> None:
        self._followups: list[Followup] = []
        self._places: dict[tuple[str, str, str], list[int]] = {}
        for followup in ledger:
            self.add(followup)

    def add(self, followup: Followup) -> None:
        """Add one."""
        self._followups.append(followup)
        self._enter(len(self._followups) - 1, _users(followup.user_id, followup.user_name))

    def put(self, number: int, followup: Followup) -> None:
        """Put one in the place of what it was before."""
        known = _users(self._followups[number].user_id, self._followups[number].user_name)
        self._followups[number] = followup
        self._enter(number, _users(followup.user_id, followup.user_name) - known)

    def _enter(self, number: int, users: Iterable[str]) -> None:
        followup = self._followups[number]
        for user in users:
            self._places.setdefault((followup.tenant, followup.action, user), []).append(number)

    def about(self, wish: Wish) -> list[tuple[int, Followup]]:
        """Return the follow-ups that a wish is about, each with its place."""
        users = _users(wish.user_id, wish.user_name)
        places = {each for user in users for each in self._places.get((wish.tenant, wish.action, user), ())}
        found = ((each, self._followups[each]) for each in sorted(places))
        return [(each, followup) for each, followup in found if wish.is_about(followup)]

    def ledger(self) -> Ledger:
        """Return them all, in order."""
        return tuple(sorted(self._followups, key=place))


def _users(user_id: str | None, user_name: str | None) -> set[str]:
    """Return the keys by which a user may be found."""
    return {
        *([f"id {user_id}"] if user_id else []),
        *([f"login {login_key(user_name)}"] if user_name else []),
    }


def merge(ledger: Iterable[Followup], wishes: Iterable[Wish], now: float, due: Due | None = None) -> Ledger:
    """Return a ledger with everything opened or closed that is wished for, and not already.

    :param now: Seconds since the epoch.
    :param due: When what is opened is due.
    """
    at, rule, index = stamp(now), due or Due(), Index(ledger)
    for wish in wishes:
        if _carry_out(index, wish, at, rule) and wish.action in _LEFT_BY:
            for moot in moot_after(_LEFT_BY[wish.action], wish.tenant, wish.user_name, wish.user_id):
                _carry_out(index, moot, at, rule)
    return index.ledger()


def moot_after(
    operation: str, tenant: str, user_name: str | None, user_id: str | None, until: str | None = None
) -> list[Wish]:
    """Return what an operation makes moot of what is open for a user.

    :param until: When the operation was done.
    """
    note = _BECAUSE.get(operation)
    return [
        Wish(tenant, action, user_name, user_id, state=WITHDRAWN, note=note, until=until)
        for action in sorted(MOOT_AFTER.get(operation, ()))
    ]


def _carry_out(index: Index, wish: Wish, at: str, due: Due) -> bool:
    """Do what is wished for, and say whether it was opened."""
    same = index.about(wish)
    still_open = [(number, followup) for number, followup in same if followup.is_open]
    if wish.since is not None and still_open:
        # What a person wrote since then stands.
        wish = wish._replace(owner=None, note=None)
    knows_id = any(followup.user_id for _number, followup in same)
    for number, followup in still_open:
        # Where one of them has the id, another one that was opened by login alone, such as before a rename, must not get it too.
        meant = wish._replace(user_id=None) if knows_id and followup.user_id is None else wish
        if wish.state == OPEN:
            index.put(number, _updated(followup, meant, at, due))
        elif wish.until is None or followup.opened <= wish.until:
            index.put(number, _closed(followup, meant, at))
    if wish.state != OPEN or still_open:
        return False
    if wish.since is not None and any(followup.opened >= wish.since for _number, followup in same):
        return False
    if wish.told and same:
        # It was closed while somebody was told of it.
        return False
    index.add(
        Followup(
            tenant=wish.tenant,
            user_name=wish.user_name,
            user_id=wish.user_id,
            action=wish.action,
            occurrence=1 + max((followup.occurrence for _number, followup in same), default=0),
            state=OPEN,
            opened=at,
            due=due.of(wish.action, at),
            owner=wish.owner,
            reason=wish.reason,
            where=wish.where,
            note=wish.note,
            told=at if wish.told else None,
        )
    )
    return True


def _closed(followup: Followup, wish: Wish, at: str) -> Followup:
    values = {"state": wish.state, "closed_by": wish.closed_by, "note": wish.note, "owner": wish.owner}
    return _changed(followup, {**values, "user_id": wish.user_id}, at)._replace(closed=at)


def _updated(followup: Followup, wish: Wish, at: str, due: Due) -> Followup:
    """Return an open follow-up with what a person says of it anew: who does it, a note, a date."""
    values = {"owner": wish.owner, "note": wish.note, "user_id": wish.user_id}
    if due.moves(wish.action) or followup.due is None:
        values["due"] = due.of(wish.action, followup.opened)
    if wish.told and followup.is_to_be_told(at[:10]):
        values["told"] = at
    return _changed(followup, values, at)


def _changed(followup: Followup, values: Mapping[str, str | None], at: str) -> Followup:
    """Return a follow-up with these values, where they are given and differ, and with the change in its history."""
    kept = followup._asdict()
    new = {name: value for name, value in values.items() if value is not None and value != kept[name]}
    if not new:
        return followup
    history = (*followup.history, Event(at, tuple(new.items())))
    return Followup(**{**kept, **new, "history": history})


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
