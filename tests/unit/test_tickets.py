# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom a role tells of what, and what it says of its ledger."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.filter.followup_groups import FilterModule
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.tickets import (
    notification_failures,
    read_tickets,
)

GROUPS = FilterModule().filters()["followup_groups"]


def followup(action: str, name: str = "ada", **more: Any) -> dict[str, Any]:
    fields = {"tenant": "C1", "user_name": f"{name}@example.org", "user_id": None, "action": action, "occurrence": 1}
    return {**fields, "state": "open", "told": None, "to_tell": True, **more}


def told(
    steps: dict[str, Any], role: str = "roster", by: str = "action", actions: Any = ()
) -> list[tuple[str, list[str]]]:
    found = GROUPS({"ledger": "l", **steps}, role, by, actions)
    assert all(group["action"] == group["actions"][0]["action"] for group in found)
    return [(group["label"], [each["action"] for each in group["actions"]]) for group in found]


def test_without_a_ledger_it_is_what_this_run_leaves() -> None:
    actions = [
        {"action": "a", "user_name": "ada"},
        {"action": "b", "user_name": "bob"},
        {"action": "c", "user_name": "Ada"},
    ]
    skipped = {"ledger": "", "opened": {"skipped": True}, "read": {"skipped": True}}
    assert told(skipped, actions=actions) == [("a for ada", ["a"]), ("b for bob", ["b"]), ("c for Ada", ["c"])]
    assert told(skipped, by="person", actions=actions) == [("ada", ["a", "c"]), ("bob", ["b"])]
    assert GROUPS(skipped, "roster", "action", actions)[0]["tenant"] is None


def test_with_a_ledger_it_is_what_nobody_was_told_of_once() -> None:
    earlier, new = followup("end_sessions"), followup("set_site")
    steps = {
        "resumed": {"followups": [earlier]},
        "opened": {"followups": [new, followup("assign_license", state="withdrawn", to_tell=False)]},
        "read": {"followups": [earlier, new, followup("rename_user", told="2026-01-01T00:00:00Z"), followup("my own")]},
    }
    assert [label for label, _actions in told(steps)] == [
        f"{action} for ada@example.org" for action in ("end_sessions", "set_site", "my own")
    ]


@pytest.mark.parametrize(
    ("role", "kinds"),
    [("onboarding", ["set_site"]), ("offboarding", ["end_sessions"]), ("roster", ["set_site", "end_sessions"])],
)
def test_of_earlier_runs_a_role_tells_what_it_may_have_left_itself(role: str, kinds: list[str]) -> None:
    steps = {"read": {"followups": [followup("set_site"), followup("end_sessions")]}}
    assert [actions[0] for _label, actions in told(steps, role)] == kinds


def test_a_key_is_the_same_for_the_same_and_for_nothing_else() -> None:
    def key(*followups: dict[str, Any]) -> str:
        (group,) = GROUPS({}, "roster", "person", followups)
        return str(group["key"])

    one, other = followup("set_site"), followup("assign_license")
    assert key(one, other) == key({**other, "told": "x"}, {**one, "note": "asked"})
    others = [followup("set_site", tenant="C2"), followup("set_site", "bob"), other, {**one, "occurrence": 2}]
    assert len({key(one), key(one, other), *map(key, others)}) == 6
    assert key(one).startswith("8x8-")


def test_one_line_counts_changed_follow_ups_and_each_failure_is_a_sentence() -> None:
    followups = [followup("a"), followup("b"), followup("c", state="withdrawn")]
    tickets = read_tickets(
        {"ledger": "/l", "opened": {"followups": followups}, "resumed": {"followups": followups[:1]}}
    )
    assert tickets.lines(check_mode=False) == ["ledger: 2 follow-ups opened, 1 follow-up withdrawn -> /l"]
    assert tickets.lines(check_mode=True) == [
        "ledger: 2 follow-ups would be opened, 1 follow-up would be withdrawn -> /l"
    ]
    assert read_tickets({"ledger": ""}).lines(check_mode=False) == []
    assert read_tickets({"ledger": "/l"}).lines(check_mode=False) == ["ledger: nothing new -> /l"]
    broken = read_tickets({"ledger": "/l", "opened": {"error": {"kind": "locked"}, "msg": "It is\nlocked."}})
    assert broken.failures() == [
        "The follow-ups of this run are not in the ledger. The next run adds them. It is locked."
    ]


def test_a_reason_is_told_once_for_all_tickets() -> None:
    failed = [{"label": f"a for {name}", "msg": "no\ndesk"} for name in ("ada", "bob")]
    assert notification_failures([*failed, {"label": "b for cy", "msg": "no"}], again=False) == [
        "No notification was possible for a for ada, a for bob: no desk",
        "No notification was possible for b for cy: no",
    ]
    many = notification_failures([{"label": str(number), "msg": "no"} for number in range(100)], again=True)
    assert many == ["No notification was possible for 0, 1, 2, 3, 4 and 95 more, and the next run tries again: no"]
