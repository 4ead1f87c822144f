# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles onboarding and offboarding tell of the people in their lists."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.filter import offboarding_rows as rows_filter
from ansible_collections.eightbyeight.scim.plugins.filter import people_report as people_filter
from ansible_collections.eightbyeight.scim.plugins.filter import role_obstacle as obstacle_filter
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.obstacles import role_obstacle
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.offboarding import (
    offboarding_report,
    offboarding_rows,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.onboarding import onboarding_report

ADA, BOB, EVE = "ada@example.org", "bob@example.org", "eve@example.org"


def user(name: str, **more: Any) -> dict[str, Any]:
    return {"id": f"id-{name[:3]}", "user_name": name, "external_id": None, "active": True, **more}


def entry(row: int, name: str, operation: str = "unchanged", status: str = "unchanged", **more: Any) -> dict[str, Any]:
    found = user(name)
    return {
        "row": row,
        "user_name": name,
        "id": found["id"],
        "operation": operation,
        "status": status,
        "changes": {},
        "user": found,
        "not_stored": [],
        "error": None,
        **more,
    }


def failed(row: int, name: str, message: str, status: str = "failed", **more: Any) -> dict[str, Any]:
    return entry(
        row, name, "created", status, error={"kind": "refused", "message": message}, user=None, id=None, **more
    )


def action(name: str, what: str = "assign_license", **more: Any) -> dict[str, Any]:
    return {"action": what, "user_name": name, "user_id": None, "reason": "Because.", "where": "Admin Console", **more}


def run(*entries: dict[str, Any], actions: tuple[dict[str, Any], ...] = (), **more: Any) -> dict[str, Any]:
    return {"results": list(entries), "manual_actions": list(actions), "failed": False, **more}


def files(*results: dict[str, Any]) -> dict[str, Any]:
    """Return the registered result of write_files.py."""
    return {"stdout": json.dumps(results)}


def onboarded(run: dict[str, Any], users: list[Any], **more: Any) -> dict[str, Any]:
    return onboarding_report({"host": "south", "users": users, "run": run, **more})


def offboarded(run: dict[str, Any], users: list[Any], **more: Any) -> dict[str, Any]:
    steps: dict[str, Any] = {
        "missing": "fail",
        "before": {},
        "after": {},
        "evidence": {},
        "wants_evidence": True,
    }
    return offboarding_report({"host": "south", "users": users, "run": run, **steps, **more})


def read(row: int | None, *users: dict[str, Any]) -> dict[str, Any]:
    return {"__offboarding_lookup": {"everybody": True} if row is None else {"row": row}, "users": list(users)}


def test_each_person_has_one_result_in_the_order_of_the_list() -> None:
    report = onboarded(
        run(
            entry(2, BOB, "updated", "done"),
            entry(1, ADA, "created", "done"),
            entry(3, EVE),
            actions=(action(ADA), action("ADA@example.org", "assign_profile"), action(EVE, user_id="id-eve")),
        ),
        [{"user_name": name} for name in (ADA, BOB, EVE)],
    )
    results = report["results"]
    assert [list(result) for result in results[:1]] == [
        [
            "user_name",
            "user_id",
            "operation",
            "changed",
            "failed",
            "reason",
            "error",
            "manual_actions",
            "differences",
            "user",
        ]
    ]
    assert [(result["user_name"], result["operation"], result["changed"]) for result in results] == [
        (ADA, "created", True),
        (BOB, "updated", True),
        (EVE, "unchanged", False),
    ]
    assert [len(result["manual_actions"]) for result in results] == [2, 0, 1]
    assert report["lines"] == [
        f"{ADA}: created",
        f"{BOB}: updated",
        f"to do: assign license: {ADA}, {EVE}",
        "to do: assign profile: ADA@example.org",
        "south: 1 created, 1 updated, 1 unchanged, 3 to do",
    ]
    assert report["failure"] == ""


def test_check_mode_says_would() -> None:
    report = onboarded(
        run(entry(1, ADA, "created", "planned", id=None), entry(2, BOB, "activated", "planned"), failed(3, EVE, "No.")),
        [{"user_name": name} for name in (ADA, BOB, EVE)],
        check_mode=True,
    )
    assert report["lines"] == [
        f"{ADA}: would create",
        f"{BOB}: would reactivate",
        "Check mode: nothing was changed.",
        "south: would create 1, would reactivate 1, 1 would fail",
    ]
    assert report["failure"] == f"1 of 3 could not be onboarded, all others would be done: {EVE}: No."
    assert report["results"][0]["changed"]


def test_a_plan_that_was_not_carried_out_is_a_failure_with_the_reason_of_the_run() -> None:
    message = (
        "The plan goes beyond its limits, and nothing was changed (create: 40 planned, limit 25% or 25 of 9 users; reactivate: 30 "
        "planned, limit 9). If that many are right, run again with limits {create: 40, reactivate: 30} (roster_limits of the role "
        "roster)."
    )
    for check_mode in (False, True):
        report = onboarded(
            run(
                entry(1, ADA, "created", "planned"),
                msg=message,
                error={"kind": "limit_exceeded"},
            ),
            [{"user_name": ADA}],
            check_mode=check_mode,
        )
        [result] = report["results"]
        assert (result["failed"], result["changed"], result["operation"]) == (True, False, "unchanged")
        assert result["error"] == {"kind": "limit_exceeded"}
        assert report["failure"].endswith("If that many are right, run again with onboarding_limit: 40.")
        assert report["failure"] == result["reason"]


def test_a_run_that_refuses_each_row_with_its_own_reason_is_told_once() -> None:
    message = "Too many. If that many are right, run again with limits {create: 2} (roster_limits of the role roster)."
    rows = [failed(number, name, message, "refused") for number, name in enumerate((ADA, BOB), start=1)]
    report = onboarded(
        run(*rows, msg=message, error={"kind": "limit_exceeded"}), [{"user_name": ADA}, {"user_name": BOB}]
    )
    assert report["failure"] == "Too many. If that many are right, run again with onboarding_limit: 2."


def test_a_limit_that_the_role_has_no_variable_for_is_left_to_the_roster() -> None:
    message = "Too many. If that many are right, run again with limits {clear: 40} (roster_limits of the role roster)."
    report = onboarded(run(msg=message, error={"kind": "limit_exceeded"}), [{"user_name": ADA}])
    assert report["failure"] == message


def test_a_list_that_cannot_be_read_is_named_as_the_variable() -> None:
    message = "The roster cannot be used, and nothing was changed. row 1, tittle: unknown key, did you mean title?"
    report = onboarded(run(msg=message, error={"kind": "bad_roster"}), [{"tittle": "x"}, "nobody", {"user_name": None}])
    assert report["failure"].startswith("onboarding_users cannot be used, and nothing was changed. row 1, tittle:")
    assert [result["user_name"] for result in report["results"]] == [None, None, None]
    assert report["lines"] == ["south: 3 failed"]


def test_what_is_not_stored_as_given_is_a_difference() -> None:
    stored = user(ADA, title="ANALYST", phone_numbers=[])
    report = onboarded(
        run(entry(1, ADA, "created", "done", user=stored, not_stored=["title", "phone_numbers"])),
        [{"user_name": ADA, "title": "Analyst", "mobile": "+44 1", "work_phone": ""}],
    )
    assert report["results"][0]["differences"] == [
        {"attribute": "title", "asked": "Analyst", "stored": "ANALYST"},
        {"attribute": "phone_numbers", "asked": [{"type": "mobile", "value": "+44 1"}], "stored": []},
    ]
    assert f"{ADA}: 8x8 does not store title, phone_numbers as given" in report["lines"]


def test_a_hundred_people_end_in_totals() -> None:
    names = [f"user{number}@example.org" for number in range(100)]
    entries = [entry(number, name, "created", "done") for number, name in enumerate(names[:60], start=1)]
    entries += [failed(number, name, f"{name}: 8x8 refuses this.") for number, name in enumerate(names[60:], start=61)]
    report = onboarded(run(*entries, error={"kind": "rows_failed"}), [{"user_name": name} for name in names])
    assert len(report["lines"]) == 12
    assert report["lines"][-2:] == ["... 50 more: created", "south: 60 created, 40 failed"]
    assert report["failure"] == (
        "40 of 100 could not be onboarded, all others are done: user60@example.org: 8x8 refuses this. The same for 39 more: "
        "user61@example.org, user62@example.org, user63@example.org and 36 more."
    )


def test_many_reasons_are_cut() -> None:
    names = [f"user{number}@example.org" for number in range(8)]
    entries = [failed(number, name, f"Reason {number}.") for number, name in enumerate(names, start=1)]
    report = onboarded(run(*entries), [{"user_name": name} for name in names])
    assert report["failure"].startswith("8 of 8 could not be onboarded: user0@example.org: Reason 1. | ")
    assert report["failure"].endswith(" | and 3 more, see onboarding_failed")


def test_who_was_not_tried_says_so() -> None:
    report = onboarded(
        run(failed(1, ADA, "No."), entry(2, BOB, "created", "skipped"), error={"kind": "rows_failed"}),
        [{"user_name": ADA}, {"user_name": BOB}],
    )
    assert report["results"][1]["reason"] == "The run stopped before this person was tried."


def test_a_module_that_failed_without_a_message_is_told() -> None:
    report = onboarded({"failed": True, "msg": ""}, [{"user_name": ADA}])
    assert report["failure"] == "The module failed without a message."


def test_files_are_the_end_of_the_total_and_what_could_not_be_written_is_told() -> None:
    done = run(entry(1, ADA, "created", "done"), actions=(action(ADA),))
    written = files({"item": "/todo/a.md"}, {"item": "/todo/a.csv"})
    report = onboarded(done, [{"user_name": ADA}], written=written)
    assert report["lines"][-3:] == [
        "checklist: /todo/a.md",
        "checklist: /todo/a.csv",
        "south: 1 created, 1 to do -> /todo/a.md",
    ]
    full = files({"item": "/todo/a.md", "failed": True, "msg": "[Errno 28] No space left on device"})
    report = onboarded(done, [{"user_name": ADA}], written=full)
    assert report["lines"][-2:] == [f"to do: assign license: {ADA}", "south: 1 created, 1 to do"]
    assert report["failure"] == "/todo/a.md cannot be written (No space left on device)."
    assert report["checklists"] == []


def test_files_that_no_program_could_write_are_told() -> None:
    written = {"failed": True, "msg": "[Errno 2] No such file or directory: b'/usr/bin/python9'"}
    report = onboarded(run(entry(1, ADA, "created", "done")), [{"user_name": ADA}], written=written)
    assert report["failure"] == "A file cannot be written (No such file or directory)."
    assert report["checklists"] == []


def test_an_empty_list_is_nothing_to_do() -> None:
    assert onboarded({}, [])["lines"] == ["south: nothing to do, because the list is empty"]
    assert offboarded({"skipped": True}, [])["lines"] == ["south: nothing to do, because the list is empty"]


def test_a_name_never_moves_the_terminal() -> None:
    report = onboarded(run(entry(1, "a\x1b[2Jb", "created", "done", user=None)), [{"user_name": "a\x1b[2Jb"}])
    assert report["lines"][0] == "a\\x1b[2Jb: created"


def test_each_leaver_has_an_outcome() -> None:
    gone = user(BOB, active=False)
    report = offboarded(
        run(
            entry(1, ADA, "deactivated", "done", user=user(ADA, active=False)),
            entry(2, BOB, user=gone),
            entry(3, "nobody@example.org", id=None, user=None),
            entry(4, EVE, "deactivated", "protected"),
            entry(
                5, "zoe@example.org", "deactivated", "failed", error={"message": "No.", "kind": "refused"}, user=None
            ),
            actions=(action(ADA, "end_sessions"),),
        ),
        [{"user_name": name} for name in (ADA, BOB, "nobody@example.org", EVE, "zoe@example.org")],
        before={"results": [read(1, user(ADA)), read(2, gone), read(3), {**read(4), "users": None}]},
        after={"results": [read(5, user("zoe@example.org"))]},
    )
    told = [(row["outcome"], row["operation"], row["failed"], row["missing"]) for row in report["results"]]
    assert told == [
        ("deactivated", "deactivated", False, False),
        ("inactive_before", "unchanged", False, False),
        ("missing", "unchanged", True, True),
        ("protected", "unchanged", False, False),
        ("failed", "unchanged", True, False),
    ]
    assert [(row["before"] or {}).get("active") for row in report["results"]] == [True, False, None, None, None]
    assert [(row["after"] or {}).get("active") for row in report["results"]] == [False, False, None, True, True]
    assert report["lines"] == [
        f"{ADA}: deactivated",
        f"{BOB}: was already deactivated",
        f"{EVE}: not changed, because offboarding_protected lists this user",
        f"to do: end sessions: {ADA}",
        "south: 1 deactivated, 2 failed, 1 protected, 1 unchanged, 1 to do",
    ]
    assert "nobody@example.org: 8x8 has no user with this name or id." in report["failure"]
    assert list(report["results"][0]) == [
        "user_name",
        "user_id",
        "operation",
        "changed",
        "failed",
        "reason",
        "error",
        "manual_actions",
        "outcome",
        "missing",
        "before",
        "after",
    ]


def test_who_waits_is_told_as_waiting() -> None:
    waiting = run(entry(1, ADA, status="waiting"), entry(2, BOB, status="unchanged"))
    users = [{"user_name": ADA, "ends": "2099-12-31"}, {"user_name": BOB}]
    leaving = offboarded(waiting, users)
    assert [row["outcome"] for row in leaving["results"]] == ["waiting", "inactive_before"]
    assert leaving["failure"] == ""
    assert f"{ADA}: not deactivated until the end date has passed" in leaving["lines"]
    assert leaving["lines"][-1] == "south: 1 waiting, 1 unchanged"
    joining = onboarded(run(entry(1, ADA, status="waiting", id=None, user=None)), users[:1])
    assert joining["lines"] == [f"{ADA}: not created or activated before the start date", "south: 1 waiting"]
    assert joining["failure"] == ""


def test_somebody_who_is_missing_may_pass() -> None:
    nobody = run(entry(1, "nobody@example.org", id=None, user=None))
    report = offboarded(nobody, [{"user_name": "nobody@example.org"}], missing="report", wants_evidence=False)
    assert report["failure"] == ""
    assert report["lines"] == [
        "nobody@example.org: 8x8 has no user with this name or id",
        "evidence: not written; set offboarding_evidence_dir to a directory to get a record of each run",
        "south: 1 missing",
    ]


def test_somebody_who_is_still_active_is_no_success() -> None:
    report = offboarded(run(entry(1, ADA, "deactivated", "done")), [{"user_name": ADA}])
    assert "still shows the user as active" in report["failure"]
    assert report["results"][0]["outcome"] == "failed"


def test_an_obstacle_fails_everybody_and_is_told_once() -> None:
    problem = {"kind": "token_rejected"}
    report = offboarded({}, [{"user_name": ADA}, {"user_id": "x"}], obstacle="Nothing was written. No.", error=problem)
    assert report["failure"] == "Nothing was written. No."
    assert [(row["user_name"], row["user_id"], row["outcome"], row["error"]) for row in report["results"]] == [
        (ADA, None, "failed", problem),
        (None, "x", "failed", problem),
    ]


def test_evidence_that_could_not_be_written_is_told() -> None:
    written = files({"item": "/e.json", "failed": True, "msg": "[Errno 13] Permission denied"})
    report = offboarded(run(entry(1, ADA)), [{"user_name": ADA}], evidence=written)
    assert report["evidence"] == ""
    assert report["failure"] == "/e.json cannot be written (Permission denied)."
    report = offboarded(run(entry(1, ADA)), [{"user_name": ADA}], evidence=files({"item": "/e.json"}))
    assert "evidence: /e.json" in report["lines"]


def test_whoever_failed_and_is_unknown_is_read_again() -> None:
    gone = [failed(1, ADA, "No."), entry(2, BOB, "deactivated", "failed", error={"message": "No."}, user=None)]
    report = offboarded(run(*gone), [{"user_name": ADA}, {"user_name": BOB}])
    assert report["unclear"] == [{"row": 2, "user_id": "id-bob"}]


def test_rows_of_leavers_say_that_they_go() -> None:
    rows = offboarding_rows(
        [
            {"user_name": ADA, "state": "", "user_id": "~"},
            {"user_name": "~", "user_id": " x ", "state": "Absent"},
            {"external_id": 7},
            "nobody",
            {"user_name": None},
            {"user_name": BOB, "state": "present"},
        ]
    )
    assert rows["rows"][:2] == [
        {"user_name": ADA, "state": "absent", "user_id": "~"},
        {"user_name": "~", "user_id": " x ", "state": "absent"},
    ]
    assert rows["rows"][3] == "nobody"
    assert rows["lookups"] == [
        {"row": 1, "user_name": ADA},
        {"row": 2, "user_id": "x"},
        {"row": 3, "external_id": "7"},
        {"row": 6, "user_name": BOB},
    ]
    assert rows["reads"] == rows["lookups"]
    assert rows["problems"] == [
        "offboarding_users: row 6, state: 'present' is not possible, because this role deactivates everybody in the list. Remove the row or its state."
    ]


def test_a_long_list_is_read_in_one_task() -> None:
    names = [f"user{number}@example.org" for number in range(11)]
    users = [{"user_name": name.upper()} for name in names[:9]] + [{"user_id": "id-use"}, {"external_id": "E7"}]
    assert offboarding_rows(users)["reads"] == [{"everybody": True}]
    everybody = [user(names[0]), user("x", id="id-x", external_id="E7")]
    report = offboarded(run(), users, before={"results": [read(None, *everybody)]})
    assert [(row["before"] or {}).get("user_name") for row in report["results"]] == [
        names[0],
        *[None] * 8,
        names[0],
        "x",
    ]


@pytest.mark.parametrize(
    ("stat", "made", "expected"),
    [
        ({"exists": True, "isdir": True, "writeable": True}, None, ""),
        ({"exists": True, "isdir": False}, None, "Nothing was written. /x is not a directory."),
        (
            {"exists": True, "isdir": True, "writeable": False},
            None,
            "Nothing was written. The user who runs Ansible cannot write to /x.",
        ),
        (
            {"exists": False},
            {"failed": False, "msg": "There was an issue: [Errno 30] Read-only file system: b'/x'"},
            "Nothing was written. /x cannot be written (Read-only file system).",
        ),
        ({"exists": False}, {"changed": True}, ""),
    ],
)
def test_a_directory_that_cannot_be_written_to_is_an_obstacle(stat: Any, made: Any, expected: str) -> None:
    looked = {"results": [{"item": "/x", "stat": stat}]}
    done = {"results": [{**made, "item": looked["results"][0]}] if made else []}
    assert role_obstacle({}, looked=looked, made=done) == expected


def test_a_tenant_that_cannot_be_read_is_an_obstacle() -> None:
    tenant = {"readable": False, "problem": {"message": "No token."}}
    assert role_obstacle(tenant, "The environment is for another one.") == (
        "Nothing was written. No token. The environment is for another one."
    )
    assert role_obstacle({"readable": True, "users": {"total": 1, "visible": 1}}, "Unused.") == ""
    hidden = role_obstacle({"readable": True, "users": {"total": 600, "visible": 0}})
    assert "Only users created by your identity provider" in hidden


@pytest.mark.parametrize("plugin", [people_filter, rows_filter, obstacle_filter])
def test_each_filter_has_the_name_of_its_file(plugin: Any) -> None:
    assert list(plugin.FilterModule().filters()) == [plugin.__name__.rsplit(".", 1)[-1]]
