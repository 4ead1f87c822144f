# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What a role wrote into a ledger of follow-ups, whom it has to tell of what, and what it could not tell. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._base.names import login_key
from .._base.text import counted, named
from .._manual_actions import MOOT_AFTER
from .text import one_line

Followup = Mapping[str, Any]

#: Role -> the actions of earlier runs that it tells of too, where nobody was told yet; None for all.
_TOLD_BY: Mapping[str, frozenset[str] | None] = {
    "onboarding": MOOT_AFTER["deactivated"],
    "offboarding": MOOT_AFTER["activated"],
    "roster": None,
}


@dataclass(frozen=True)
class Tickets:
    """What a role collected about follow-ups.

    :param ledger: The path of the ledger, or an empty text.
    :param resumed: What opening those of a run that was killed returned, before the first write.
    :param opened: What opening those of this run returned.
    :param read: What is open in the ledger.
    :param failed: The user's own tasks that failed, each with ``label`` and ``msg``.
    """

    ledger: str = ""
    resumed: Followup = field(default_factory=dict)
    opened: Followup = field(default_factory=dict)
    read: Followup = field(default_factory=dict)
    failed: Sequence[Mapping[str, Any]] = ()

    @property
    def touched(self) -> list[Followup]:
        """The follow-ups that were opened or closed; in check mode those of a run that was killed are in both results."""
        both = [*(self.resumed.get("followups") or []), *(self.opened.get("followups") or [])]
        return list({_key(each): each for each in both}.values())

    def lines(self, *, check_mode: bool) -> list[str]:
        """Return what became of the ledger."""
        if not self.ledger:
            return []
        would = "would be " if check_mode else ""
        states = [str(each["state"]) for each in self.touched]
        told = [
            f"{counted(states.count(state), 'follow-up')} {would}{verb}"
            for state, verb in (("open", "opened"), ("withdrawn", "withdrawn"))
            if state in states
        ]
        return [f"ledger: {', '.join(told) or 'nothing new'} -> {one_line(self.ledger)}"]

    def troubles(self) -> list[str]:
        """Return what failed, a sentence each."""
        told = []
        if self.opened.get("error") or self.opened.get("failed"):
            told.append(
                f"What is left to do is not in the ledger, the next run opens it: {one_line(self.opened.get('msg'))}"
            )
        return told + untold(self.failed, again=bool(self.ledger))


def untold(failed: Iterable[Mapping[str, Any]], *, again: bool) -> list[str]:
    """Return what nobody could be told of, a sentence for each reason.

    :param failed: The user's own tasks that failed, each with ``label`` and ``msg``.
    :param again: Whether the next run tries again.
    """
    alike: dict[str, list[str]] = {}
    for each in failed:
        alike.setdefault(one_line(each["msg"]), []).append(str(each["label"]))
    retry = ", and the next run tries again" if again else ""
    return [f"No notification was possible for {named(labels, 5)}{retry}: {reason}" for reason, labels in alike.items()]


def read_tickets(steps: Mapping[str, Any]) -> Tickets:
    """Read what a role collected; a step that was left out says so with ``skipped``."""
    results = {
        name: result if isinstance(result, Mapping) and not result.get("skipped") else {}
        for name, result in ((name, steps.get(name)) for name in ("resumed", "opened", "read"))
    }
    return Tickets(ledger=str(steps.get("ledger") or ""), failed=list(steps.get("failed") or []), **results)


def role_groups(
    steps: Mapping[str, Any], role: str, by: str, actions: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return what a role is to tell, each with what is told together.

    With a ledger: what this run opened, and what nobody was told of yet of what earlier ones did. Else the manual actions.

    :param by: ``action`` or ``person``.
    :param actions: The manual actions of this run.
    """
    tickets = read_tickets(steps)
    if not tickets.ledger:
        return groups(actions, by)
    kinds = _TOLD_BY[role]
    earlier = [
        each
        for each in tickets.read.get("followups") or []
        if each["told"] is None and (kinds is None or each["action"] in kinds)
    ]
    wanted = [*earlier, *(each for each in tickets.touched if each["to_tell"])]
    return groups({_key(each): each for each in wanted}.values(), by)


def groups(followups: Iterable[Followup], by: str) -> list[dict[str, Any]]:
    """Return what is told together: each follow-up, or all of a person.

    :returns: The first of them, with ``actions``, all of them, with ``label``, ``key`` and ``tenant``.
    """
    found: dict[Any, list[Followup]] = {}
    for number, each in enumerate(followups):
        found.setdefault((each.get("tenant"), _person(each)) if by == "person" else number, []).append(each)
    return [
        {
            "tenant": None,
            **group[0],
            "label": one_line(who(group[0])) if by == "person" else label(group[0]),
            "key": ticket_key(group),
            "actions": group,
        }
        for group in found.values()
    ]


def ticket_key(followups: Iterable[Followup]) -> str:
    """Return a word that is the same whenever the same is told, so that a ticket can be looked for before it is opened."""
    told = sorted(
        [str(each.get("tenant")), _person(each), str(each["action"]), str(each.get("occurrence"))] for each in followups
    )
    return f"8x8-{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]}"


def who(followup: Followup) -> str:
    """Return how a line names the user of a follow-up."""
    return str(followup.get("user_name") or followup.get("user_id"))


def label(followup: Followup) -> str:
    """Return how a line names a follow-up."""
    return one_line(f"{followup['action']} for {who(followup)}")


def _person(followup: Followup) -> str:
    return login_key(who(followup))


def _key(followup: Followup) -> tuple[Any, ...]:
    return (followup.get("tenant"), _person(followup), followup["action"], followup.get("occurrence"))
