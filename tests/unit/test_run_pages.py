# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages, the tables and the record of a plan and of a run of the role roster: one result, four forms."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.filter.roster_report import roster_report
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.run_facts import RunFacts
from ansible_collections.eightbyeight.scim.plugins.plugin_utils import _run_facts
from ansible_collections.eightbyeight.scim.tests.unit.pages import HOSTILE, sound
from ansible_collections.eightbyeight.scim.tests.unit.runs import (
    DIGEST,
    TENANT,
    UNDO,
    done_steps,
    planned_steps,
    text_of,
)


def facts(text: str) -> dict[str, str]:
    """Return what the panels of a page say."""
    return dict(re.findall(r"<div><dt>([^<]*)</dt><dd>([^<]*)</dd></div>", text))


def headings(text: str) -> list[str]:
    """Return the headings of the tables of a page, in order."""
    return re.findall(r'<h2 id="\w+-title">([^<]*?) <span', text)


def rows(text: str, name: str) -> int:
    """Return how many rows one table of a page has."""
    return text.split(f'id="{name}" aria-labelledby', 1)[1].split("</section>", 1)[0].count('<th scope="row">')


def read(text: str) -> list[dict[str, str]]:
    """Return the rows of a table for a spreadsheet."""
    assert text.startswith("\ufeff"), "Excel takes what has no byte-order mark for an encoding of its own"
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("kind", ["plan_html", "report_html"])
def test_both_pages_are_closed_in_themselves_whatever_people_are_called(kind: str) -> None:
    made: dict[str, Any] = (planned_steps if kind == "plan_html" else done_steps)(
        hostile=True, host=HOSTILE[0], source=HOSTILE[2]
    )
    made["run"]["job"]["awx_user_name"] = HOSTILE[3]
    page = sound(text_of(made, kind))
    for text in (*HOSTILE[:4], HOSTILE[6]):
        assert text in page.text


def test_a_plan_tells_its_approver_what_to_know() -> None:
    text = text_of(planned_steps(), "plan_html")
    page, told = sound(text), facts(text)
    assert "4 to reactivate, 4 to deactivate, 8 to create, 12 to update. Nothing was changed yet." in page.text
    assert headings(text)[:5] == ["By site", "Reactivate", "Deactivate", "Create", "Update"]
    assert (rows(text, "activated"), rows(text, "created"), rows(text, "updated"), rows(text, "refused")) == (
        4,
        8,
        12,
        1,
    )
    assert told["Digest"] == DIGEST and told["Tenant"] in (TENANT, "412 users")
    assert told["Expires"] == "2026-11-27 03:50 UTC" and told["Dates judged at"] == "2026-11-26 03:49 UTC"
    assert told["Limit to deactivate"] == "10% or 2, 4 planned"
    assert told["Protected"] == "adm-*, *.service@example.com"
    assert told["Source"] == "people.csv, 40 rows"
    assert told["Planned by"] == "ada.admin, job 17 (Roster)"
    assert f"roster_approved_digest={DIGEST}" in page.text
    assert "eightbyeight_hosts=south -e roster_plan_dir=/plans" in page.text


def test_a_plan_tells_what_was_not_read_of_the_export() -> None:
    steps = planned_steps()
    assert "Not read from the export" not in headings(text_of(steps, "plan_html"))
    steps["planned"]["problems"] = [
        {"row": 7, "column": "mail", "message": HOSTILE[0]},
        {"row": 9, "column": "row", "message": "x"},
    ]
    text = text_of(steps, "plan_html")
    assert "Not read from the export" in headings(text)
    assert HOSTILE[0] in sound(text).text


def test_a_plan_that_is_refused_says_so_first_and_offers_no_command() -> None:
    steps = planned_steps()
    steps["planned"].update(
        plan={}, failed=True, msg="limits: too many.", error={"kind": "limit_exceeded"}, changed=False
    )
    text = text_of({**steps, "plan": {}}, "plan_html")
    page = sound(text)
    assert text.index('class="alarm"') < text.index('class="verdict')
    assert "This plan cannot be applied. limits: too many." in page.text.replace("roster_limits", "limits")
    assert "ansible-playbook" not in page.text


def test_a_result_tells_an_auditor_what_was_done_by_whom_and_how_to_put_it_back() -> None:
    text = text_of(done_steps(), "report_html")
    page, told = sound(text), facts(text)
    assert headings(text)[0] == "Failures by cause"
    assert rows(text, "causes") == 2 and rows(text, "failed") == 4
    cause = text.split('id="causes"', 1)[1].split("<tbody>", 1)[1]
    assert re.search(r'unknown site</th><td class="n">4</td>', cause), (
        "the most frequent cause stands first, with its count"
    )
    assert told["Run by"] == "ada.admin, job 17 (Roster), workflow job 12 (Weekly roster)"
    assert told["Approved"] == "in workflow job 12 (Weekly roster)"
    assert told["Started"] == "2026-11-26 03:50 UTC" and told["Took"] == "about 72 seconds"
    assert (
        "ansible-core 2." in told["Versions"]
        and "eightbyeight.scim 0." in told["Versions"]
        and "Python 3." in told["Versions"]
    )
    for ending in ("journal.jsonl", "undo.json", "failed.csv", "report.json", "plan.json"):
        assert f'<a href="./roster-south.{ending}">roster-south.{ending}</a>' in text
    assert f"roster_approved_digest={UNDO}" in page.text and DIGEST in page.text
    assert "Changed outside of this run" in headings(text)


def test_the_record_is_the_file_whose_hash_the_page_tells() -> None:
    steps = done_steps()
    record = text_of(steps, "report_json")
    assert facts(text_of(steps, "report_html"))["SHA-256 of the record"] == hashlib.sha256(record.encode()).hexdigest()
    told = json.loads(record)
    assert not record.startswith("{"), "ansible-core 2.16 would write another text than the filter returned"
    assert told["format"] == "eightbyeight.scim/roster-result" and told["version"] == 1
    assert (
        told["run"]["seconds"] == 72
        and told["run"]["approved"] is True
        and told["run"]["workflow"] == "12 (Weekly roster)"
    )
    assert told["results"] == roster_report(steps)["result"]["results"]
    assert told["plan"]["digest"] == DIGEST and told["undo"]["digest"] == UNDO and told["protected"][0] == "adm-*"
    assert text_of({**steps, "run": {**steps["run"], "finished": "20261126T035113.000000Z"}}, "report_json") != record


def test_all_forms_of_a_plan_tell_of_the_same_people() -> None:
    steps = planned_steps()
    table = read(text_of(steps, "plan_csv"))
    results = steps["planned"]["results"]
    assert {row["user_name"] for row in table} == {row["user_name"] for row in results}
    per_person = Counter(row["user_name"] for row in table)
    assert all(per_person[row["user_name"]] == max(len(row["changes"].get("after", {})), 1) for row in results)
    [update] = [row for row in table if row["user_name"] == "person4@example.com"]
    assert {
        name: update[name] for name in ("name", "department", "site", "attribute", "before", "after", "operation")
    } == {
        "name": "Ada Lovelace 4",
        "department": "Sales",
        "site": "Singapore",
        "attribute": "title",
        "before": "Agent",
        "after": "Analyst",
        "operation": "updated",
    }
    for kind in ("plan_html", "plan_markdown"):
        told = text_of(steps, kind)
        assert all(row["user_name"] in told for row in results if row["status"] == "planned"), kind
    assert "| Dates judged at | 2026-11-26 03:49 UTC |" in text_of(steps, "plan_markdown")


def test_the_table_of_a_run_has_reasons_and_no_formula() -> None:
    steps = done_steps()
    steps["applied"]["results"][0]["user"]["given_name"] = "=1+1"
    table = read(text_of(steps, "report_csv"))
    assert {row["status"] for row in table} >= {"done", "failed", "refused", "skipped", "unlisted", "waiting"}
    assert all(row["reason"] for row in table if row["status"] in ("failed", "refused"))
    assert table[0]["name"].startswith("'=1+1") or any(row["name"].startswith("'=1+1") for row in table)


def test_a_run_that_nobody_approved_and_that_left_nothing_says_so() -> None:
    steps = {
        **done_steps(),
        "approved": False,
        "undo": {},
        "run": {"started": "20261126T035000.000000Z", "user": "ops"},
    }
    text = text_of(steps, "report_html")
    told = facts(text)
    assert told["Approved"] == "no: planned and applied in one run" and told["Run by"] == "ops"
    assert "To undo" not in sound(text).text and "Took" not in told


def test_who_runs_it_is_whom_the_job_names_or_who_is_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    assert RunFacts.of({"job": {"tower_job_id": 3, "tower_user_name": "old"}, "user": "me"}) == RunFacts(
        user="old", job="3"
    )
    assert RunFacts.of({}).seconds is None
    monkeypatch.setattr("getpass.getuser", lambda: "ops")
    assert _run_facts.run_facts({})["user"] == "ops"
    assert _run_facts.run_facts({"user": "given"})["user"] == "given"

    def nobody() -> str:
        raise KeyError("no such user")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert _run_facts.operator() == ""


def test_the_version_is_that_of_the_archive_or_of_the_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", _run_facts.collection_version())
    monkeypatch.setattr(_run_facts, "_COLLECTION", tmp_path)
    assert _run_facts.collection_version() == ""
    (tmp_path / "MANIFEST.json").write_text(json.dumps({"collection_info": {"version": "9.8.7"}}))
    assert _run_facts.collection_version() == "9.8.7"
