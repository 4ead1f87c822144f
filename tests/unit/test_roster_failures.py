# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows that fail, failed rows handed back, and the canary."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import apply
from ansible_collections.eightbyeight.scim.plugins.module_utils._write import lookup
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    TOKEN,
    ReadOnly,
    Reply,
    Tenant,
    refusal,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    TEN,
    failing,
    login,
    newcomer,
    people,
    person,
    planned,
    roster,
    row,
)


@pytest.mark.parametrize(
    ("options", "tried", "failed"),
    [
        ({}, 10, 3),
        ({"on_error": "stop"}, 2, 1),
        ({"max_failures": 2}, 5, 2),
        ({"max_failures": 3}, 8, 3),
        ({"max_failures": 4}, 10, 3),
    ],
)
def test_failures_end_a_run_as_asked_and_hide_nothing(options: dict[str, Any], tried: int, failed: int) -> None:
    tenant = failing(2, 5, 8)
    told = roster(tenant, TEN, **options)
    assert told.kind == "rows_failed"
    assert len(tenant.writes) == tried
    skipped = {"skipped": 10 - tried} if tried < 10 else {}
    assert told.summary == {"updated": tried - failed, "failed": failed, **skipped}
    assert told.result["changed"] is True
    assert sum(status == "skipped" for status in told.statuses.values()) == 10 - tried
    assert len(told.result["diff"]) == tried - failed
    assert ("not tried" in told.message) is (tried < 10)
    assert told.of(login(2))["error"] == {
        "kind": "refused",
        "status": 400,
        "scim_type": None,
        "detail": "no",
        "method": "PUT",
        "path": "/Users/2",
        "message": told.of(login(2))["error"]["message"],
    }


def test_a_failure_of_the_code_is_one_row_s_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = Tenant(*people(3))
    original = lookup.prepare

    def broken(task: Any, at: Any) -> Any:
        if at.current.id == "2":
            raise TypeError(f"about {TOKEN}")
        return original(task, at)

    monkeypatch.setattr(apply, "prepare", broken)
    told = roster(tenant, TEN[:3])
    assert told.statuses == {login(1): "done", login(2): "failed", login(3): "done"}
    assert "TypeError" in told.message
    assert TOKEN not in json.dumps(told.result) + told.message


def test_rows_that_failed_are_handed_back_to_be_mended(tmp_path: Path) -> None:
    tenant = failing(2)
    path = tmp_path / "failed.csv"
    told = roster(tenant, [*TEN[:3], newcomer(20, site="Rome"), {"user_name": "x@example.org"}], failed_file=str(path))
    assert told.summary == {"updated": 2, "failed": 2, "refused": 1}
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [entry["user_name"] for entry in rows] == [login(2), login(20), "x@example.org"]
    assert next(iter(rows[0])) == "reason"
    assert "site" in rows[1]["reason"]
    rows[1]["site"] = "Paris"
    tenant.before = lambda request: None
    again = roster(tenant, rows, failed_file=str(path))
    assert again.summary == {"updated": 1, "created": 1, "refused": 1}
    assert tenant.users["2"]["title"] == "A"


def test_rows_of_a_plan_that_failed_are_handed_back_too(tmp_path: Path) -> None:
    tenant = Tenant(*people(4))
    path, plan_file = tmp_path / "failed.csv", tmp_path / "plan"
    rows = [row(1, title=""), row(2, active=False), newcomer(9, department="Ops"), row(3, title="A"), row(4, title="A")]
    tenant.users["1"]["title"] = "Old"
    planned(tenant, plan_file, rows)
    tenant.before = lambda request: (
        refusal(400, "no") if request.method != "GET" and not str(request.url).endswith("/4") else None
    )
    told = roster(tenant, apply_plan=str(plan_file), failed_file=str(path), limits=ALL)
    assert told.summary == {"failed": 4, "updated": 1}
    with path.open(newline="", encoding="utf-8") as file:
        back = list(csv.DictReader(file))
    assert [entry["user_name"] for entry in back] == [login(1), login(2), login(9), login(3)]
    tenant.before = lambda request: None
    again = roster(tenant, back, limits=ALL)
    assert again.summary == {"updated": 2, "created": 1, "deactivated": 1}
    assert "title" not in tenant.users["1"]


def test_a_row_that_is_handed_back_activates_nobody(tmp_path: Path) -> None:
    tenant = Tenant(person(1, active=False), *people(2)[1:])
    path, plan_file = tmp_path / "failed.csv", tmp_path / "plan"
    planned(tenant, plan_file, [row(1, title="New", active=False), row(2, title="New")])
    tenant.users["2"]["active"] = False  # since then, by somebody else
    tenant.before = lambda request: refusal(400, "no") if request.method == "PUT" else None
    roster(tenant, apply_plan=str(plan_file), failed_file=str(path))
    tenant.before = lambda request: None
    with path.open(newline="", encoding="utf-8") as file:
        back = list(csv.DictReader(file))
    assert [sorted(entry) for entry in back] == [["reason", "title", "user_id", "user_name"]] * 2
    assert roster(tenant, back).summary == {"updated": 2, "inactive": 2}
    assert [raw["active"] for raw in tenant.users.values()] == [False, False]


def test_refused_rows_are_handed_back_where_nothing_else_is_to_do(tmp_path: Path) -> None:
    path = tmp_path / "failed.csv"
    roster(Tenant(*people(1)), [row(1, site="Paris")], failed_file=str(path))
    assert "site" in path.read_text(encoding="utf-8")


def test_a_user_without_a_login_name_goes_through_a_plan(tmp_path: Path) -> None:
    tenant = Tenant(*people(1))
    tenant.users["7"] = person(7, userName="")
    path = str(tmp_path / "plan")
    rows = [row(1), {"user_id": "7", "active": False}]
    assert roster(tenant, rows, check=True, plan_file=path, limits=ALL).summary["deactivated"] == 1
    told = roster(tenant, apply_plan=path, limits=ALL)
    assert told.summary == {"deactivated": 1}


def test_no_failed_row_no_file(tmp_path: Path) -> None:
    roster(Tenant(*people(1)), [row(1, title="A")], failed_file=str(tmp_path / "failed.csv"))
    assert not (tmp_path / "failed.csv").exists()


def test_what_was_refused_before_a_write_is_handed_back_in_check_mode_too(tmp_path: Path) -> None:
    path = tmp_path / "failed.csv"
    roster(ReadOnly(Tenant(*people(1))), [row(1, site="Paris")], failed_file=str(path), check=True)
    assert "change" in path.read_text()


def test_the_canary_goes_first_and_is_read_back() -> None:
    tenant = Tenant(*people(10))
    told = roster(tenant, TEN, canary=2)
    assert told.error is None
    first = list(tenant.log[1:7])
    assert first == [
        ("GET", "/Users/1"),
        ("PUT", "/Users/1"),
        ("GET", "/Users/2"),
        ("PUT", "/Users/2"),
        ("GET", "/Users/1"),
        ("GET", "/Users/2"),
    ]
    assert told.result["requests"] == {"GET": 1 + 10 + 2 + 1, "PUT": 10}


@pytest.mark.parametrize("how", ["refused", "reverted", "gone"])
def test_a_canary_that_dies_stops_the_others(how: str) -> None:
    tenant = Tenant(*people(10))

    def meddle(request: requests.PreparedRequest) -> Reply | None:
        if request.method == "PUT" and how == "refused":
            return refusal(400, "no")
        if request.method == "GET" and "PUT" in tenant.writes and str(request.url).endswith("/1"):
            tenant.users["1"]["title"] = "Analyst"
            return refusal(404) if how == "gone" else None
        return None

    tenant.before = meddle
    told = roster(tenant, TEN, canary=1)
    assert told.kind == "canary_failed"
    assert tenant.writes == ["PUT"]
    assert sum(status == "skipped" for status in told.statuses.values()) == 9
    assert told.result["changed"] is (how != "refused")
