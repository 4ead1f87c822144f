# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role audit writes and fails with: JSON, CSV, metrics, the gate, and lines for the screen."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.filter import audit_facts as facts_filter
from ansible_collections.eightbyeight.scim.plugins.filter import audit_outputs as outputs_filter
from ansible_collections.eightbyeight.scim.plugins.filter import audit_report as report_filter
from ansible_collections.eightbyeight.scim.plugins.module_utils._audit.gate import NAMES, gate_failures
from ansible_collections.eightbyeight.scim.plugins.module_utils._audit.outputs import COLUMNS
from ansible_collections.eightbyeight.scim.plugins.module_utils._base.empty import AUDIT_SITUATIONS
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.obstacles import file_problems, written_files
from ansible_collections.eightbyeight.scim.tests.unit.audits import Licensed, run_audit
from ansible_collections.eightbyeight.scim.tests.unit.helpers import Reply, Tenant, listing
from ansible_collections.eightbyeight.scim.tests.unit.rosters import login, people, person, row

OUTPUTS = outputs_filter.FilterModule().filters()["audit_outputs"]
FACTS = facts_filter.FilterModule().filters()["audit_facts"]
REPORT = report_filter.FilterModule().filters()["audit_report"]
FORMATS = ["json", "csv", "html", "prom"]
FINISHED = "2026-11-26T12:00:01Z"
HOSTILE = ["=cmd|' /C calc'!A0", "\uff1d1", "+1", "<b>", 'a"b', "a\nb", "{{ 7*7 }}", "\u674e"]


def audited(**options: Any) -> dict[str, Any]:
    """An audit with somebody in most situations."""
    folk = [person(number, title=name) for number, name in enumerate(HOSTILE, start=1)]
    tenant = Tenant(*folk, person(20, active=False))
    rows = [row(1, ends="2026-11-20"), row(2, title="Boss"), row(30), row(40, mobile=5)]
    licensed = Licensed({login(20): ["X2"], **{login(number): ["X2"] for number in range(1, 9)}})
    return run_audit(tenant, rows, admin=licensed, license_cost=25.0, stale_days=5, **options).result


def incomplete() -> dict[str, Any]:
    tenant = Tenant()
    tenant.before = lambda request: Reply(200, listing(*people(1), total=9))
    return run_audit(tenant, [row(2)]).result


def outputs(result: dict[str, Any], limits: dict[str, float] | None = None) -> dict[str, Any]:
    """Return what the role makes of a registered result."""
    registered = {**result, "changed": False, "failed": False}
    found: dict[str, Any] = OUTPUTS(registered, "/x/audit-h", FORMATS, FINISHED, limits)
    return found


def written(result: dict[str, Any], name: str) -> str:
    """Return the text of one format."""
    texts = {each["format"]: each["text"] for each in json.loads(outputs(result)["payload"])}
    return str(texts[name])


def test_the_fact_of_the_role_is_the_result_without_what_ansible_adds() -> None:
    result = audited()
    kept = FACTS({**result, "failed": False, "invocation": {}})
    assert kept == {name: value for name, value in result.items() if name != "changed"}


def test_the_page_is_written_with_the_other_files() -> None:
    assert "<html" in written(audited(), "html")
    assert [each["format"] for each in json.loads(OUTPUTS(audited(), "/x", ["csv"], FINISHED)["payload"])] == ["csv"]


def test_json_is_the_result_with_its_format_and_nothing_of_ansible() -> None:
    result = audited()
    read = json.loads(written(result, "json"))
    assert (read.pop("format"), read.pop("version")) == ("eightbyeight.scim/audit", 1)
    assert read == {name: value for name, value in result.items() if name != "changed"}


SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schemas" / "audit.schema.json"


def test_json_is_as_the_published_schema_has_it_and_the_schema_lets_nothing_else_pass() -> None:
    jsonschema = pytest.importorskip("jsonschema")  # The oldest environment does not have it.
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    valid = jsonschema.Draft202012Validator(schema)
    ours = (audited(), incomplete(), run_audit(Tenant(*people(2))).result)
    for result in ours:
        read = json.loads(written(result, "json"))
        assert [error.message for error in valid.iter_errors(read)] == []
        for broken in (
            {**read, "more": 1},
            {**read, "version": 2},
            {**read, "situations": {"lost": 1}},
            {**read, "figures": {**read["figures"], "active": "1"}},
            {**read, "accounts": [{**each, "licenses": "X2"} for each in read["accounts"][:1]]},
        ):
            assert not valid.is_valid(broken)
    assert schema["$defs"]["situation"]["enum"] == [*AUDIT_SITUATIONS, "active"]


def test_csv_has_a_line_a_person_and_no_cell_that_a_spreadsheet_computes() -> None:
    result = audited()
    text = written(result, "csv")
    assert text.startswith("\ufeff")
    lines = list(csv.reader(io.StringIO(text[1:])))
    assert lines[0] == list(COLUMNS) and set(COLUMNS) == set(result["accounts"][0])
    assert len(lines) == 1 + len(result["accounts"])
    assert not [cell for line in lines for cell in line if re.match(r"[=+@\-\uff1d\t\r]", cell)]
    left = dict(zip(COLUMNS, lines[[line[0] for line in lines].index(login(1))], strict=True))
    assert (left["situation"], left["left_days"], left["differences"]) == (
        "left_but_active",
        "5",
        "active: true -> false",
    )
    assert left["licenses"] == "X2" and left["title"].startswith("'=cmd")


def test_csv_tells_lists_and_what_is_empty() -> None:
    phones = [{"type": "work", "value": "5"}]
    done = run_audit(Tenant(person(1)), [row(1, title="", phone_numbers=phones)])
    assert "title: Analyst -> (empty)" in written(done.result, "csv")
    assert "phone_numbers: (empty) -> work 5" in written(done.result, "csv")


LINE = re.compile(r'(\w+)\{((?:\w+="(?:[^"\\\n]|\\.)*",?)+)\} (-?[\d.e+]+)')


def metrics(text: str) -> dict[tuple[str, ...], float]:
    """Read the text format of Prometheus, and see that families are whole and every one is told."""
    found: dict[tuple[str, ...], float] = {}
    families: list[str] = []
    for line in text.splitlines():
        if line.startswith("# HELP "):
            families.append(line.split()[2])
        elif line.startswith("# TYPE "):
            assert line.split()[2:] == [families[-1], "gauge"]
        else:
            match = LINE.fullmatch(line)
            assert match and match[1] == families[-1], line
            found[match[1], *re.findall(r'="((?:[^"\\]|\\.)*)"', match[2])] = float(match[3])
    assert len(families) == len(set(families)) and text.endswith("\n")
    return found


def test_metrics_have_figures_situations_and_the_time_of_the_run_and_name_nobody() -> None:
    result = audited()
    text = written(result, "prom")
    told = metrics(text)
    assert told["eightbyeight_audit_complete", "C1"] == 1
    assert told["eightbyeight_audit_last_run_timestamp_seconds", "C1"] == 1795694401
    assert told["eightbyeight_users", "C1", "true"] == 8
    assert told["eightbyeight_audit_situation", "C1", "left_but_active"] == 1
    assert told["eightbyeight_audit_figure", "C1", "unused_cost_per_year"] == 300
    assert ("eightbyeight_audit_figure", "C1", "manual_actions_open") not in told
    assert "@" not in text and "Ada" not in text


def test_labels_are_escaped_and_follow_ups_are_counted_by_action() -> None:
    result = {**audited(), "tenant": 'a"b\\c\nd', "manual_actions": {"assign_license": 2}}
    result["figures"] = {**result["figures"], "manual_actions_overdue": 1}
    told = metrics(written(result, "prom"))
    assert told["eightbyeight_followups_open", 'a\\"b\\\\c\\nd', "assign_license"] == 2
    assert told["eightbyeight_followups_overdue", 'a\\"b\\\\c\\nd'] == 1


def test_metrics_of_an_incomplete_audit_say_so_and_nothing_that_is_not_known() -> None:
    names = {key[0] for key in metrics(written(incomplete(), "prom"))}
    assert names == {
        f"eightbyeight_audit_{name}" for name in ("complete", "last_run_timestamp_seconds", "duration_seconds")
    }


def test_an_incomplete_audit_takes_no_file_of_a_complete_one() -> None:
    for result, base in ((audited(), "/x/a.b"), (incomplete(), "/x/a.b.incomplete")):
        files = {each["format"]: each for each in OUTPUTS(result, "/x/a.b", FORMATS, FINISHED)["files"]}
        assert {name: each["path"] for name, each in files.items()} == {
            **{name: f"{base}.{name}" for name in FORMATS},
            "prom": "/x/a.b.prom",
        }
        assert [files[name]["mode"] for name in FORMATS] == ["0600", "0600", "0600", "0644"]


def test_what_is_no_audit_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="needs the result of eightbyeight_audit_info"):
        OUTPUTS({"msg": "x"}, "/x", FORMATS, FINISHED)


# -- The gate -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "failures"),
    [
        ({}, 0),
        ({"left_but_active": 1}, 0),
        ({"left_but_active": 0}, 1),
        ({"left_but_active": 0, "unreadable": 0}, 2),
        ({"duplicate": 0}, 0),
        ({"unused_cost_per_year": 299}, 1),
        ({"manual_actions_open": 99}, 1),
        ({"active": 1000}, 0),
    ],
)
def test_the_gate_takes_the_limit_itself_and_fails_what_is_above_or_not_known(
    limits: dict[str, float], failures: int
) -> None:
    assert len(gate_failures(audited(), limits)) == failures


def test_the_gate_fails_an_incomplete_audit_whatever_it_asks_for() -> None:
    assert gate_failures(incomplete(), {}) == []
    told = gate_failures(incomplete(), {"orphaned": 99, "duplicate": 99, "manual_actions_open": 99})
    assert len(told) == 4 and told[0].startswith("The audit is incomplete")
    assert "orphaned is not known. " in told[1] and "did not list all" in told[1]


def test_the_gate_knows_every_figure_and_every_situation() -> None:
    result = audited()
    assert {*result["figures"], *result["situations"]} <= set(NAMES)
    without = run_audit(Tenant(*people(1))).result
    assert gate_failures(without, {"waiting": 0}) == ["waiting is not known. This audit does not have that situation."]
    assert gate_failures(without, {"orphaned": 0})[0].endswith("Not known, because no roster was given.")


# -- The screen ---------------------------------------------------------------


def test_the_screen_has_figures_the_urgent_people_and_what_cannot_be_seen() -> None:
    result = audited()
    found = outputs(result)
    done = [{"item": each["path"], "failed": False} for each in found["files"]]
    told = REPORT({"outputs": found, "written": {"failed": False, "stdout": json.dumps(done)}})
    assert told["files"]["json"] == "/x/audit-h.json" and told["failure"] == ""
    skipped = {"skipped": True, "stdout": "", "msg": "Command would have run if not in check mode"}
    in_check_mode = REPORT({"outputs": found, "written": skipped})
    assert (in_check_mode["files"], in_check_mode["failure"]) == ({}, "")
    lines = told["lines"]
    assert lines[0] == "C1 at 2026-11-26T12:00:00Z, read from SCIM and the Administration API: 9 accounts"
    assert f"left but active: {login(1)} (5 days)" in lines and f"missing: {login(30)}" in lines
    assert "licenses: 9 assigned, 1 of them to deactivated users, USD 300.00 a year" in lines
    assert [line for line in lines if line.startswith("not seen: ")]
    assert all(line.isprintable() for line in lines)


def test_the_screen_of_an_incomplete_audit_says_so_and_a_file_that_failed_is_told() -> None:
    result = {"item": "/x/a.json", "failed": True, "msg": "[Errno 28] No space left on device"}
    failed = {"failed": True, "stdout": json.dumps([result]), "msg": "non-zero return code"}
    told = REPORT({"outputs": outputs(incomplete()), "written": failed})
    assert told["lines"][1].startswith("INCOMPLETE") and told["files"] == {}
    assert "/x/a.json cannot be written (No space left on device)" in told["failure"]
    gate = REPORT({"outputs": outputs(audited(), {"orphaned": 0}), "written": {}})
    assert gate["failure"] == "The audit does not pass audit_fail_on: orphaned is 6, and the limit is 0."


WRITER = Path(__file__).resolve().parents[2] / "roles" / "checklist" / "files" / "write_files.py"


def test_files_are_replaced_as_a_whole_and_what_cannot_be_written_is_told_alone(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("before", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    entries = [
        {"path": str(tmp_path / "folder"), "mode": "0600", "text": "x"},
        {"path": str(tmp_path / "none" / "b"), "mode": "0600", "text": "x"},
        {"path": str(tmp_path / "a.json"), "mode": "0600", "text": "\u674e\ud800"},
        {"path": str(tmp_path / "a.prom"), "mode": "0644", "text": "m"},
    ]
    source = WRITER.read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", source], input=json.dumps(entries), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert (tmp_path / "a.json").read_text(encoding="utf-8") == "\u674e?"
    # The roles read of it what a loop of ansible.builtin.copy tells them.
    told = {"stdout": done.stdout, "failed": True, "msg": "non-zero return code"}
    assert [problem.rsplit("/", 1)[-1] for problem in file_problems(told)] == [
        "folder cannot be written (Is a directory).",
        "b cannot be written (No such file or directory).",
    ]
    assert written_files(told) == []
    written = [result for result in json.loads(done.stdout) if not result["failed"]]
    assert written_files({"stdout": json.dumps(written)}) == [entry["path"] for entry in entries[2:]]
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir() if path.is_file()}
    assert modes == {"a.json": "0o600", "a.prom": "0o644"}
