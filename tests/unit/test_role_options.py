# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every variable of a role also works as text, and what cannot be read is refused by the name of the variable."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.filter.role_options import FilterModule, role_options
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.variables import roster_problems
from ansible_collections.eightbyeight.scim.plugins.plugin_utils import _job
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_options import ROLES, read_options
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_values import KINDS

HERE = str(Path.cwd())
ADA = {"user_name": "ada@example.org"}


def option(role: str, name: str, value: Any) -> Any:
    """Read one variable that can be read; required ones are given."""
    given: dict[str, Any] = {"users": [], "actions": [], "dir": "x"}
    result = read_options({**{key: given[key] for key in given if key in ROLES[role]}, name: value}, role)
    assert result["problems"] == []
    return result["options"][name]


def problem(role: str, name: str, value: Any) -> str:
    """Read one variable that cannot be read."""
    given: dict[str, Any] = {"users": [], "actions": [], "dir": "x"}
    result = read_options({**{key: given[key] for key in given if key in ROLES[role]}, name: value}, role)
    [line] = result["problems"]
    assert result["options"][name] == ROLES[role][name].default or name == "users"
    return str(line)


#: What ansible-core 2.16 writes into the text of a list.
WRITTEN_TIME = dt.datetime.fromisoformat("2026-11-05T17:00")


@pytest.mark.parametrize(
    ("role", "name", "value", "expected"),
    [
        ("audit", "fail_on", ["orphaned"], {"orphaned": 0}),
        ("audit", "fail_on", "orphaned, duplicate", {"orphaned": 0, "duplicate": 0}),
        ("audit", "fail_on", "orphaned: 5\nstale=2.5", {"orphaned": 5, "stale": 2.5}),
        ("audit", "fail_on", {"orphaned": "5"}, {"orphaned": 5}),
        ("audit", "fail_on", '{"orphaned": 5}', {"orphaned": 5}),
        ("audit", "fail_on", '["orphaned", {"missing": 1}]', {"orphaned": 0, "missing": 1}),
        ("audit", "formats", "PROM, json", ["prom", "json"]),
        ("audit", "license_cost", "24.50", 24.5),
        ("audit", "users", "[]", []),
        ("roster", "plan_only", "false", False),
        ("roster", "plan_only", "False", False),
        ("roster", "plan_only", "no", False),
        ("roster", "plan_only", 0, False),
        ("roster", "plan_only", " TRUE ", True),
        ("roster", "progress", "", True),
        ("roster", "progress", None, True),
        ("roster", "concurrency", "4", 4),
        ("roster", "concurrency", "4.0", 4),
        ("roster", "concurrency", " ", 8),
        ("roster", "canary", "", None),
        ("roster", "canary", "3", 3),
        ("roster", "unlisted", "Report", "report"),
        ("roster", "unlisted", "", "ignore"),
        ("roster", "protected", "a@example.org, *.b@example.org", ["a@example.org", "*.b@example.org"]),
        ("roster", "protected", "a@example.org\r\nb@example.org\n", ["a@example.org", "b@example.org"]),
        ("roster", "protected", '["a@example.org", " b@example.org "]', ["a@example.org", "b@example.org"]),
        ("roster", "protected", ["a@example.org ", "", None], ["a@example.org"]),
        ("roster", "protected", " ", []),
        ("roster", "limits", '{"deactivate": "5%", "create": 3}', {"deactivate": "5%", "create": 3}),
        ("roster", "limits", "deactivate=5%,create=3", {"deactivate": "5%", "create": "3"}),
        ("roster", "limits", "deactivate=5% create=3", {"deactivate": "5%", "create": "3"}),
        ("roster", "limits", "deactivate: 10% or 5\ncreate: 3", {"deactivate": "10% or 5", "create": "3"}),
        ("roster", "limits", "", {}),
        ("roster", "limits", "{'deactivate': 5}", {"deactivate": 5}),
        ("roster", "approved_digest", "sha256:aa, sha256:bb", ["sha256:aa", "sha256:bb"]),
        ("roster", "plan_dir", "", f"{HERE}/roster-plans"),
        ("roster", "plan_dir", "/plans", "/plans"),
        ("roster", "plan_file", None, ""),
        ("roster", "users", '[{"user_name": "ada@example.org"}]', [ADA]),
        ("roster", "users", "[{'user_name': 'ada@example.org', 'active': None}]", [{**ADA, "active": None}]),
        ("roster", "users", "[{'starts': datetime.date(2026, 11, 5)}]", [{"starts": "2026-11-05"}]),
        ("roster", "users", str([{"ends": WRITTEN_TIME}]), [{"ends": "2026-11-05T17:00:00"}]),
        (
            "roster",
            "users",
            str([{"ends": WRITTEN_TIME.replace(tzinfo=dt.UTC)}]),
            [{"ends": "2026-11-05T17:00:00+00:00"}],
        ),
        *(
            (
                "roster",
                "users",
                str([{"ends": WRITTEN_TIME.replace(second=9, tzinfo=dt.timezone(dt.timedelta(hours=hours)))}]),
                [{"ends": f"2026-11-05T17:00:09{hours:+03}:00"}],
            )
            for hours in (1, -8)
        ),
        ("roster", "users", [{"starts": dt.date(2026, 11, 5)}], [{"starts": "2026-11-05"}]),
        ("roster", "users", {"users": [ADA], "partial": None}, {"users": [ADA], "partial": None}),
        ("roster", "users", ["no row"], ["no row"]),
        ("offboarding", "users", "ada@example.org\ngrace@example.org", [ADA, {"user_name": "grace@example.org"}]),
        ("offboarding", "users", '[{"user_id": "x"}]', [{"user_id": "x"}]),
        ("offboarding", "users", ["ada@example.org", {"user_id": "x"}], [ADA, {"user_id": "x"}]),
        ("offboarding", "users", '["ada@example.org"]', [ADA]),
        ("offboarding", "users", "[]", []),
        ("offboarding", "missing", "", "fail"),
        ("offboarding", "limit", "", "10% or 5"),
        ("onboarding", "limit", "", "25% or 25"),
        ("onboarding", "limit", "0", "0"),
        ("onboarding", "limit", 7, 7),
        ("onboarding", "limit", "25%  or  7", "25% or 7"),
        ("onboarding", "checklist_dir", "checklists", f"{HERE}/checklists"),
        ("checklist", "name", 2026, "2026"),
        (
            "emulator",
            "faults",
            [{"do": "empty", True: {"method": "PUT"}}],
            [{"do": "empty", "true": {"method": "PUT"}}],
        ),
        ("emulator", "port", "8080", 8080),
        ("emulator", "switches", '{"page_size": 3}', {"page_size": 3}),
    ],
)
def test_text_is_what_it_says(role: str, name: str, value: Any, expected: Any) -> None:
    result = option(role, name, value)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ("role", "name", "value", "expected"),
    [
        ("roster", "plan_only", "maybe", "roster_plan_only must be true or false, not 'maybe'."),
        ("roster", "plan_only", [True], "roster_plan_only must be true or false, not [True]."),
        ("roster", "concurrency", "many", "roster_concurrency must be a whole number of at least 1, not 'many'."),
        ("roster", "concurrency", "1.5", "roster_concurrency must be a whole number of at least 1, not '1.5'."),
        ("roster", "concurrency", 0, "roster_concurrency must be a whole number of at least 1, not 0."),
        ("roster", "concurrency", True, "roster_concurrency must be a whole number of at least 1, not True."),
        ("roster", "canary", "nan", "roster_canary must be a whole number of at least 1, not 'nan'."),
        ("roster", "unlisted", "remove ", "roster_unlisted must be one of ignore, report, deactivate, not 'remove '."),
        ("roster", "plan_dir", True, "roster_plan_dir is the boolean true where text is wanted; quote it."),
        *(
            (
                role,
                name,
                value,
                f"{role}_{name} holds a number where text is wanted; quote it, or a leading zero or plus is lost.",
            )
            for role, name, value in (
                ("roster", "protected", [1.5]),
                ("roster", "protected", ["a@example.org", 83]),
                ("offboarding", "protected", 83),
                ("emulator", "customer_id", 83),
            )
        ),
        ("roster", "protected", "[a", "roster_protected must be a list, and '[a' cannot be read as JSON."),
        ("roster", "limits", "5%", "roster_limits must be a dictionary, JSON or key=value, and '5%' is neither."),
        ("roster", "limits", "{a", "roster_limits must be a dictionary, JSON or key=value, and '{a' is neither."),
        ("roster", "limits", "create=1, create=2", "roster_limits has create twice."),
        ("roster", "limits", '{"create": 1, "create": 2}', "roster_limits has an entry with 'create' twice."),
        ("roster", "limits", 5, "roster_limits must be a dictionary, not 5."),
        (
            "roster",
            "users",
            "ada",
            "roster_users must be a list of dictionaries, the same as JSON, or CSV with a first line of column names, not 'ada'.",
        ),
        (
            "roster",
            "users",
            3,
            "roster_users must be a list of dictionaries, the same as JSON, or CSV with a first line of column names, not 3.",
        ),
        (
            "roster",
            "users",
            ADA,
            "roster_users is one dictionary where a list of dictionaries is wanted; put it into a list.",
        ),
        ("roster", "users", '[{"site": "a", "site": "b"}]', "roster_users has an entry with 'site' twice."),
        ("onboarding", "users", " ", "onboarding_users is missing, null or blank."),
        ("onboarding", "users", None, "onboarding_users is missing, null or blank."),
        (
            "onboarding",
            "followup_due",
            "soon",
            "onboarding_followup_due must be a date such as 2026-12-01, a number of days from the day it is opened such as +5d, or a "
            "dictionary of these by action, not 'soon'.",
        ),
        (
            "onboarding",
            "followup_tasks",
            "none.yml",
            "onboarding_followup_tasks is 'none.yml', and there is no such file.",
        ),
        (
            "offboarding",
            "limit",
            "-1",
            'offboarding_limit must be a count such as 5, a percentage such as "10%", or both ("10% or 5": the larger one '
            "counts), not '-1'.",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_by_the_name_of_the_variable(
    role: str, name: str, value: Any, expected: str
) -> None:
    assert problem(role, name, value) == expected


def test_all_problems_are_told_at_once() -> None:
    result = read_options({"plan_only": "x", "canary": "y", "users": []}, "roster")
    assert [line.split()[0] for line in result["problems"]] == ["roster_plan_only", "roster_canary"]


def test_a_path_stays_as_it_is_where_the_host_is_another_machine() -> None:
    result = read_options({"plan_dir": "plans"}, "roster", connection="ssh")
    assert result["options"]["plan_dir"] == "plans"
    assert read_options({"plan_dir": "plans"}, "roster", connection="ansible.builtin.local")["options"]["plan_dir"] == (
        f"{HERE}/plans"
    )


#: role or playbook -> option -> a word of what is written there, for every place that it names and writes to by itself.
WRITTEN = {
    "onboarding": {"ledger": "what is left to do", "checklist_dir": "checklists"},
    "offboarding": {"ledger": "what is left to do", "checklist_dir": "checklists", "evidence_dir": "evidence"},
    "roster": {"ledger": "what is left to do"},  # Of roster_plan_dir the artifact speaks, which may hold the plan.
    "followups": {"ledger": "closed", "checklist_dir": "checklists"},
    "audit": {"output_dir": "the next audit"},
    "checklist": {"dir": "checklists"},
    "event": {"ledger": "what is left to do"},
    "export": {"file": "roster"},
}


@pytest.mark.parametrize("role", WRITTEN)
def test_a_role_says_what_goes_with_the_job(role: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    job, kept = tmp_path / "job", tmp_path / "kept"
    given = {name: str(job / "project" / name) for name in WRITTEN[role]}
    assert read_options(given, role)["notes"] == [], "not in a job"
    monkeypatch.setenv("AWX_PRIVATE_DATA_DIR", str(job))
    monkeypatch.setattr(_job, "_CONTAINER_FILES", ())  # These tests may run in a container, where everything goes.
    notes = {note.rsplit(". Set ", 1)[1]: note for note in read_options(given, role)["notes"]}
    assert set(notes) == {f"{role}_{name} to persistent storage to keep that." for name in given}
    for name, word in WRITTEN[role].items():
        note = notes[f"{role}_{name} to persistent storage to keep that."]
        assert note.startswith(f"{given[name]} is in the directory of this job ({job}) and is deleted with it: ")
        assert word in note
    assert read_options({name: str(kept / name) for name in given}, role)["notes"] == []
    assert read_options(given, role, connection="ssh")["notes"] == [], "the files are on another machine"


def test_every_place_that_a_role_writes_to_is_told() -> None:
    """What is only read is a file of the project; the emulator is for tests; a plan goes as an artifact."""
    read = {("audit", "ledger"), ("audit", "previous"), ("roster", "plan_file"), ("roster", "plan_dir")}
    read |= {("emulator", name) for name in ROLES["emulator"]}
    places = {(role, name) for role, known in ROLES.items() for name, option in known.items() if option.kind == "path"}
    assert places - read == {(role, name) for role, names in WRITTEN.items() for name in names}


def test_a_task_file_is_looked_for_beside_the_playbook(tmp_path: Path) -> None:
    (tmp_path / "ticket.yml").write_text("[]", encoding="utf-8")
    result = read_options({"users": [], "followup_tasks": "ticket.yml"}, "onboarding", playbook_dir=str(tmp_path))
    assert result["options"]["followup_tasks"] == str(tmp_path / "ticket.yml")


def test_the_filter_knows_its_roles() -> None:
    assert FilterModule().filters() == {"role_options": role_options}
    with pytest.raises(AnsibleFilterError, match="has no option plan"):
        role_options({"plan": 1}, "roster")


def test_each_kind_of_the_table_is_known() -> None:
    assert {entry.kind for options in ROLES.values() for entry in options.values()} <= set(KINDS)


@pytest.mark.parametrize(
    ("told", "count"),
    [
        ([], 1),
        (["roster_limits is not a dictionary."], 1),
        (["roster_users row 1: ..."], 0),
        (["roster_approved_digest ..."], 0),
    ],
)
def test_a_list_that_cannot_be_read_is_not_told_as_empty_too(told: list[str], count: int) -> None:
    empty = [problem for problem in roster_problems({"users": None}, told) if "empty or missing" in problem]
    assert len(empty) == count
