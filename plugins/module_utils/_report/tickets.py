# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The follow-ups that a role wrote into a ledger, and its notifications about them. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._base.names import login_key
from .._base.text import counted, named
from .._manual_actions import UNNECESSARY_AFTER
from .lines import grouped, who
from .text import one_line

Followup = Mapping[str, Any]

#: Role -> the actions of which it sends notifications for earlier runs too, if nobody was notified yet; None for all.
_ACTIONS_OF_ROLE: Mapping[str, frozenset[str] | None] = {
    "onboarding": UNNECESSARY_AFTER["deactivated"],
    "offboarding": UNNECESSARY_AFTER["activated"],
    "roster": None,
}


@dataclass(frozen=True)
class Tickets:
    """The results of the tasks of a role about follow-ups.

    :param ledger: The path of the ledger; empty when there is none.
    :param resumed: The result of opening the follow-ups of an earlier run that was killed.
    :param opened: The result of opening the follow-ups of this run.
    :param read: The open follow-ups in the ledger.
    :param failed: The notification tasks that failed, each with ``label`` and ``msg``.
    """

    ledger: str = ""
    resumed: Followup = field(default_factory=dict)
    opened: Followup = field(default_factory=dict)
    read: Followup = field(default_factory=dict)
    failed: Sequence[Mapping[str, Any]] = ()

    @property
    def touched(self) -> list[Followup]:
        """The follow-ups that were opened or closed. In check mode, those of a killed run are in both results but count once."""
        both = [*(self.resumed.get("followups") or []), *(self.opened.get("followups") or [])]
        return list({_key(followup): followup for followup in both}.values())

    def lines(self, *, check_mode: bool) -> list[str]:
        """Return a line about the ledger."""
        if not self.ledger:
            return []
        would = "would be " if check_mode else ""
        states = [str(followup["state"]) for followup in self.touched]
        changes = [
            f"{counted(states.count(state), 'follow-up')} {would}{verb}"
            for state, verb in (("open", "opened"), ("withdrawn", "withdrawn"))
            if state in states
        ]
        return [f"ledger: {', '.join(changes) or 'nothing new'} -> {one_line(self.ledger)}"]

    def failures(self) -> list[str]:
        """Return what failed, as sentences."""
        failures = []
        if self.opened.get("error") or self.opened.get("failed"):
            failures.append(
                f"The follow-ups of this run are not in the ledger. The next run adds them. {one_line(self.opened.get('msg'))}"
            )
        return failures + notification_failures(self.failed, again=bool(self.ledger))


def notification_failures(failed: Iterable[Mapping[str, Any]], *, again: bool) -> list[str]:
    """Return which notifications failed, a sentence for each reason.

    :param failed: The notification tasks that failed, each with ``label`` and ``msg``.
    :param again: Whether the next run tries again.
    """
    retry = ", and the next run tries again" if again else ""
    return [
        f"No notification was possible for {named([str(task['label']) for task in alike], 5)}{retry}: {reason}"
        for reason, alike in grouped(failed, lambda task: one_line(task["msg"])).items()
    ]


def read_tickets(steps: Mapping[str, Any]) -> Tickets:
    """Read the results of the tasks. A task that did not run has ``skipped`` in its result."""
    results = {
        name: {} if steps[name].get("skipped") else steps[name]
        for name in ("resumed", "opened", "read")
        if name in steps
    }
    return Tickets(ledger=str(steps.get("ledger") or ""), failed=list(steps.get("failed") or []), **results)


def role_groups(
    steps: Mapping[str, Any], role: str, by: str, actions: Collection[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the notifications that a role has to send.

    With a ledger, these are about the follow-ups of this run and about earlier ones of which nobody was notified. Without a
    ledger, they are about the manual actions of this run.

    :param by: ``action`` or ``person``.
    :param actions: The manual actions of this run.
    """
    tickets = read_tickets(steps)
    if not tickets.ledger:
        return groups(actions, by)
    kinds = _ACTIONS_OF_ROLE[role]
    earlier = [
        followup
        for followup in tickets.read.get("followups") or []
        if followup["told"] is None and (kinds is None or followup["action"] in kinds)
    ]
    wanted = [*earlier, *(followup for followup in tickets.touched if followup["to_tell"])]
    return groups({_key(followup): followup for followup in wanted}.values(), by)


def groups(followups: Collection[Followup], by: str) -> list[dict[str, Any]]:
    """Return one notification for each follow-up, or one for all follow-ups of a person.

    :returns: For each one its first follow-up, with ``actions`` (all of its follow-ups), ``label``, ``key`` and ``tenant``.
    """
    persons = grouped(followups, lambda followup: (followup.get("tenant"), _person(followup))).values()
    return [
        {
            "tenant": None,
            **group[0],
            "label": who(group[0]) if by == "person" else label(group[0]),
            "key": ticket_key(group),
            "actions": group,
        }
        for group in (persons if by == "person" else [[followup] for followup in followups])
    ]


def ticket_key(followups: Iterable[Followup]) -> str:
    """Return a key that is the same for the same follow-ups, so that a task can look for a ticket before it opens one."""
    identity = sorted(
        [str(item.get("tenant")), _person(item), str(item["action"]), str(item.get("occurrence"))] for item in followups
    )
    return f"8x8-{hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:16]}"


def label(followup: Followup) -> str:
    """Return a short name of a follow-up for messages."""
    return one_line(f"{followup['action']} for {who(followup)}")


def _person(followup: Followup) -> str:
    return login_key(who(followup))


def _key(followup: Followup) -> tuple[Any, ...]:
    return (followup.get("tenant"), _person(followup), followup["action"], followup.get("occurrence"))
