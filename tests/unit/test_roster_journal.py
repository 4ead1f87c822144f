# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The journal of a roster, and other writers that it shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import requests

from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    Tenant,
    refusal,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    journal,
    login,
    newcomer,
    people,
    planned,
    roster,
    row,
)


def test_the_journal_has_a_line_before_and_after_each_operation(tmp_path: Path) -> None:
    tenant = Tenant(*people(3))
    path = tmp_path / "journal"
    told = roster(
        tenant,
        [row(1, title="A"), newcomer(9), newcomer(10, site="Rome"), row(2, active=False)],
        limits=ALL,
        journal_file=str(path),
    )
    assert told.kind == "rows_failed"
    events: dict[str, list[str]] = {}
    for line in journal(path):
        if "user_name" in line:
            events.setdefault(line["user_name"], []).append(line["event"])
    assert events == {
        login(1): ["intended", "sent", "confirmed"],
        login(9): ["intended", "sent", "confirmed"],
        login(10): ["intended", "sent", "failed"],
        login(2): ["intended", "sent", "confirmed"],
    }
    lines = journal(path)
    assert {"time", "event", "id", "row", "user_name", "operation"} <= set(lines[0])
    assert next(line for line in lines if line["event"] == "failed")["kind"] == "unknown_site"
    assert (
        next(line for line in lines if line["event"] == "confirmed" and line["user_name"] == login(9))["id"] == "new-4"
    )


def test_a_line_is_there_before_the_request_is(tmp_path: Path) -> None:
    tenant = Tenant(*people(1))
    path = tmp_path / "journal"
    seen: list[list[str]] = []

    def look(request: requests.PreparedRequest) -> None:
        if request.method == "PUT":
            seen.append([line["event"] for line in journal(path)])

    tenant.before = look
    roster(tenant, [row(1, title="A")], journal_file=str(path))
    assert seen == [["intended", "sent"]]


def test_a_second_writer_is_told_between_two_runs(tmp_path: Path) -> None:
    tenant = Tenant(*people(4))
    stamp = [0]

    def write(raw: dict[str, Any]) -> None:
        stamp[0] += 1
        raw["meta"] = {"lastModified": f"2026-06-01T00:00:{stamp[0]:02}Z"}

    path = str(tmp_path / "journal")
    tenant.rewrite = lambda raw: None
    assert roster(tenant, [row(1, title="A")], journal_file=path).result["changed_elsewhere"] == []
    for key in "23":
        write(tenant.users[key])
    told = roster(tenant, [row(1, title="A")], journal_file=path)
    assert told.result["changed_elsewhere"] == [login(2), login(3)]
    assert any("2 users were changed by somebody else" in warning for warning in told.warnings)
    lines = len(journal(Path(path)))
    again = roster(tenant, [row(1, title="A")], journal_file=path)
    assert (again.result["changed_elsewhere"], again.warnings) == ([], [])
    assert len(journal(Path(path))) == lines, "nothing new, nothing to note"


def test_a_second_writer_is_told_once_by_a_run_that_changes_something(tmp_path: Path) -> None:
    tenant = Tenant(*people(2))
    path = str(tmp_path / "journal")
    roster(tenant, [row(1)], journal_file=path)
    tenant.users["2"]["meta"] = {"lastModified": "2026-06-01T00:00:00Z"}
    told = roster(tenant, [row(1, title="A")], journal_file=path)
    assert told.summary == {"updated": 1}
    (warning,) = told.warnings
    assert "since the last run of this journal" in warning


def test_a_second_writer_is_told_once_by_those_who_only_plan(tmp_path: Path) -> None:
    tenant = Tenant(*people(2))
    path, plan_file = str(tmp_path / "journal"), str(tmp_path / "plan")
    rows = [row(1, title="A")]
    assert roster(tenant, rows, journal_file=path).error is None
    tenant.users["2"]["meta"] = {"lastModified": "2026-06-01T00:00:00Z"}
    tried = [roster(tenant, rows, journal_file=path, check=True).result["changed_elsewhere"] for _again in range(2)]
    assert tried == [[login(2)], [login(2)]], "who only tries leaves nothing behind"
    made = [
        roster(tenant, rows, journal_file=path, plan_file=plan_file, check=True).result["changed_elsewhere"]
        for _again in range(2)
    ]
    assert made == [[login(2)], []]


def test_a_second_writer_between_plan_and_apply_is_told_after_it(tmp_path: Path) -> None:
    tenant = Tenant(*people(3))
    path, plan_file = str(tmp_path / "journal"), str(tmp_path / "plan")
    made = roster(tenant, [row(1, title="A")], journal_file=path, plan_file=plan_file, check=True)
    tenant.users["2"]["meta"] = {"lastModified": "2026-06-01T00:00:00Z"}
    told = roster(tenant, apply_plan=plan_file, journal_file=path)
    assert (made.result["changed_elsewhere"], told.result["changed_elsewhere"]) == ([], [login(2)])
    assert any("since the last run of this journal" in warning for warning in told.warnings)


def test_whom_a_refused_write_left_alone_is_still_watched(tmp_path: Path) -> None:
    tenant = Tenant(*people(2))
    path = str(tmp_path / "journal")
    roster(tenant, [row(1), row(2)], journal_file=path)
    tenant.before = lambda request: (
        refusal(400, "no") if request.method == "PUT" and str(request.url).endswith("/1") else None
    )
    roster(tenant, [row(1, title="A"), row(2, title="A")], journal_file=path)
    tenant.users["1"]["meta"] = {"lastModified": "2026-06-01T00:00:00Z"}
    assert roster(tenant, [row(1), row(2)], journal_file=path).result["changed_elsewhere"] == [login(1)]


def test_an_apply_ends_half_a_line_of_a_run_that_was_killed(tmp_path: Path) -> None:
    tenant = Tenant(*people(2))
    path = tmp_path / "journal"
    planned(tenant, tmp_path / "plan", [row(1, title="A")])
    path.write_text('{"time": "2026-01-01T00:00:00Z", "event": "sen', encoding="utf-8")
    assert roster(tenant, apply_plan=str(tmp_path / "plan"), journal_file=str(path)).error is None
    half, *whole = path.read_text(encoding="utf-8").splitlines()
    assert half.endswith('"sen')
    assert [json.loads(line)["event"] for line in whole] == ["intended", "sent", "confirmed", "seen", "ended"]
