# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person must still do, and what a team never does."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils import _manual_actions
from ansible_collections.eightbyeight.scim.plugins.module_utils._base.console import ACTIONS
from ansible_collections.eightbyeight.scim.plugins.module_utils._manual_actions import without_ignored
from ansible_collections.eightbyeight.scim.plugins.module_utils._plan import plan
from ansible_collections.eightbyeight.scim.plugins.module_utils._wanted import Wanted
from ansible_collections.eightbyeight.scim.tests.unit.helpers import user

TODO = [{"action": "assign_license", "user_name": "a"}, {"action": "set_profile_picture", "user_name": "a"}]


@pytest.mark.parametrize(
    ("ignored", "left"),
    [
        (None, ["assign_license", "set_profile_picture"]),
        ([], ["assign_license", "set_profile_picture"]),
        (["set_profile_picture", "set_cost_center"], ["assign_license"]),
        (list(ACTIONS), []),
    ],
)
def test_what_a_team_never_does_is_left_out(ignored: list[str] | None, left: list[str]) -> None:
    result: dict[str, Any] = {"changed": True, "manual_actions": TODO}
    told = without_ignored(result, {"ignored_actions": ignored})
    assert [entry["action"] for entry in told["manual_actions"]] == left
    assert told["changed"] is True
    assert len(result["manual_actions"]) == 2, "the result that came in is as it was"


def test_every_action_that_can_be_told_can_be_ignored() -> None:
    tables = (*_manual_actions._AFTER.values(), _manual_actions._INSTEAD_OF.values())
    told = {action for table in tables for action, _reason in table}
    assert told | {"activate_user", "deactivate_user"} == set(ACTIONS)


def test_a_leaver_leaves_what_8x8_asks_for_in_its_own_order() -> None:
    wanted = Wanted.from_options({"user_name": "ada@example.org", "state": "absent"})
    told = _manual_actions.after(plan(user(), wanted), wanted, {"user_name": "ada@example.org"}, "1")
    reasons = {entry["action"]: entry["reason"] for entry in told}
    assert list(reasons) == [
        "save_voicemail",
        "decide_phone_number",
        "end_sessions",
        "reclaim_license",
        "delete_record",
    ]
    for lost in ("call history", "call forwarding", "voicemail", "greetings", "the device", "billable"):
        assert lost in reasons["reclaim_license"]
