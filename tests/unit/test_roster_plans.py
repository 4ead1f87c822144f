# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A roster in two steps: make a plan, apply it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import planfile
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    FakeTime,
    Tenant,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    login,
    managed,
    newcomer,
    people,
    person,
    planned,
    roster,
    row,
)


def test_a_plan_says_what_it_is(tmp_path: Path) -> None:
    plan = planned(Tenant(*people(3)), tmp_path / "plan")
    assert set(plan) >= {"digest", "created", "expires", "tenant", "rows"}
    assert plan["tenant"] == BASE
    assert [(entry["row"], entry["operation"], entry["before"], entry["after"]) for entry in plan["rows"]] == [
        (1, "updated", {"title": "Analyst"}, {"title": "A"}),
        (2, "deactivated", {"active": True}, {"active": False}),
        (
            3,
            "created",
            None,
            {
                "user_name": login(9),
                "given_name": "New",
                "family_name": "Comer",
                "email": login(9),
                "active": True,
                "site": "Paris",
            },
        ),
    ]


def test_the_plan_is_applied_exactly(tmp_path: Path) -> None:
    tenant, direct = Tenant(*people(3)), Tenant(*people(3))
    plan = planned(tenant, tmp_path / "plan")
    # Whatever comes into being meanwhile is not the plan's business.
    tenant.users["4"] = person(4)
    told = roster(tenant, apply_plan=str(tmp_path / "plan"), plan_digest=plan["digest"], limits=ALL)
    assert told.error is None
    assert told.summary == {"created": 1, "updated": 1, "deactivated": 1}
    assert told.result["plan"]["digest"] == plan["digest"]
    assert told.result["complete"] is True
    roster(direct, [row(1, title="A"), row(2, active=False), newcomer(9, site="Paris"), row(3)], limits=ALL)
    made = [raw for raw in managed(tenant.users).values() if raw["id"] != "4"]
    expected = list(managed(direct.users).values())
    for raw in (*made, *expected):
        raw.pop("id")
    assert made == expected


def test_a_plan_that_was_done_already_changes_nothing(tmp_path: Path) -> None:
    tenant = Tenant(*people(3))
    tenant.rewrite = lambda raw: raw.update(title=raw["title"].strip()) if raw.get("title") else None
    planned(tenant, tmp_path / "plan", [row(1, title=" A "), row(2, active=False), newcomer(9, title="B ")])
    assert roster(tenant, apply_plan=str(tmp_path / "plan"), limits=ALL).error is None
    tenant.log.clear()
    again = roster(tenant, apply_plan=str(tmp_path / "plan"), limits=ALL)
    assert again.error is None
    assert tenant.writes == []
    assert again.summary == {"unchanged": 3}
    assert set(again.statuses.values()) == {"unchanged"}
    assert {entry["operation"] for entry in again.result["results"]} == {"unchanged"}
    assert again.result["changed"] is False


def test_rows_that_have_moved_are_refused_alone(tmp_path: Path) -> None:
    tenant = Tenant(*people(5))
    planned(tenant, tmp_path / "plan", [*(row(number, title="A") for number in range(1, 5)), newcomer(9)])
    tenant.users["1"]["title"] = "Else"
    del tenant.users["2"]
    tenant.users["3"]["title"] = "A"
    tenant.users["9"] = person(9)
    told = roster(tenant, apply_plan=str(tmp_path / "plan"))
    assert told.kind == "rows_failed"
    assert told.statuses == {
        login(1): "refused",
        login(2): "refused",
        login(3): "unchanged",
        login(4): "done",
        login(9): "refused",
    }
    assert {told.kind_of(login(number)) for number in (1, 2, 9)} == {"row_moved"}
    assert '"Else"' in told.of(login(1))["error"]["message"]
    assert sorted(told.result["changed_elsewhere"]) == [login(1), login(2), login(9)]
    assert any("Entra ID" in warning for warning in told.warnings)
    assert tenant.writes == ["PUT"]


def test_a_plan_tells_of_users_whom_somebody_else_wrote_to(tmp_path: Path) -> None:
    tenant = Tenant(*people(2))
    planned(tenant, tmp_path / "plan", [row(1, title="A"), row(2, title="A")])
    tenant.users["1"]["department"] = "Else"
    tenant.users["1"]["meta"]["lastModified"] = "2026-05-05T00:00:00Z"
    told = roster(tenant, apply_plan=str(tmp_path / "plan"))
    assert told.error is None
    assert told.result["changed_elsewhere"] == [login(1)]


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        (lambda plan: plan["rows"][0]["after"].update(title="Evil"), "bad_plan"),
        (lambda plan: plan.update(expires="2999-01-01T00:00:00Z"), "bad_plan"),
        (lambda plan: plan["rows"].pop(), "bad_plan"),
        (lambda plan: plan.update(note="x"), "bad_plan"),
    ],
)
def test_a_plan_that_was_changed_is_none(tmp_path: Path, how: Any, kind: str) -> None:
    tenant = Tenant(*people(3))
    plan = planned(tenant, tmp_path / "plan")
    tenant.log.clear()
    how(plan)
    (tmp_path / "plan").write_text(json.dumps(plan))
    told = roster(tenant, apply_plan=str(tmp_path / "plan"), plan_digest=plan["digest"], limits=ALL)
    assert told.kind == kind
    assert tenant.log == []


def test_only_the_approved_plan_of_this_tenant_is_applied_in_time(tmp_path: Path) -> None:
    tenant = Tenant(*people(3))
    path = tmp_path / "plan"
    plan = planned(tenant, path)
    tenant.log.clear()
    assert roster(tenant, apply_plan=str(path), plan_digest="sha256:other").kind == "plan_not_approved"
    late = FakeTime()
    late.now = 24 * 3600 + 1
    assert roster(tenant, apply_plan=str(path), time=late).kind == "plan_expired"
    document = {**plan, "tenant": BASE.replace("C1", "C2")}

    document["digest"] = planfile.digest(document)
    path.write_text(json.dumps(document))
    told = roster(tenant, apply_plan=str(path))
    assert told.kind == "wrong_tenant"
    assert tenant.log == []
