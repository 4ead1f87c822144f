# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles roster and checklist compute and write, as the filters that they use return it."""

from __future__ import annotations

import base64
import csv
import io
import json
from typing import Any

import pytest

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.filter import (
    approved_plan,
    checklist,
    file_problems,
    printable,
    role_obstacle,
    roster_problems,
    roster_report,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._base.csv_table import table, unescape_formula
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.text import shown_value
from ansible_collections.eightbyeight.scim.tests.unit.runs import text_of

DIGEST = f"sha256:{'a' * 64}"
OTHER = f"sha256:{'b' * 64}"
EVIL = "=1+1|`x`\n# title\x1b[2J\u202e"


def filter_of(plugin: Any) -> Any:
    """Return the one filter of a plugin."""
    [found] = plugin.FilterModule().filters().values()
    return found


def text(steps: dict[str, Any], kind: str) -> Any:
    """Return a text of the role roster."""
    return text_of(steps, kind)


def report(steps: dict[str, Any]) -> dict[str, Any]:
    """Return what came of the steps of the role roster."""
    return dict(filter_of(roster_report)(steps))


def row(name: str, status: str, operation: str = "updated", reason: str = "", **more: Any) -> dict[str, Any]:
    """Return an entry of results."""
    changes = {} if operation == "unchanged" else {"before": {"title": "A"}, "after": {"title": "B"}}
    error = {"kind": "site_fixed", "message": reason} if reason else None
    return {
        "row": 1,
        "user_name": name,
        "id": "1",
        "operation": operation,
        "status": status,
        "changes": changes,
        "error": error,
        **more,
    }


def result(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return what the module returns for these rows."""
    counts = dict.fromkeys(("created", "updated", "activated", "deactivated", "unchanged", "failed", "refused"), 0)
    for each in rows:
        counts[each["operation"] if each["status"] in ("planned", "done") else each["status"]] += 1
    bad = [each for each in rows if each["error"]]
    made: dict[str, Any] = {"changed": any(each["status"] in ("planned", "done") for each in rows), "summary": counts}
    if bad:
        made.update(failed=True, msg=f"{len(bad)} rows failed.", error={"kind": "rows_failed"})
    plan = {"digest": DIGEST, "expires": "later", "forecast": {"requests": 3, "seconds": 0.4}}
    return {**made, "results": list(rows), "plan": plan, "requests": {"GET": 2}, "complete": True, **more}


def plan_of(planned: dict[str, Any]) -> dict[str, Any]:
    """Return the plan that a step made, as its file holds it."""
    rows = [each for each in planned["results"] if each["status"] == "planned"]
    return {**planned["plan"], "tenant": "https://8x8.example/scim/v2", "created": "now", "rows": rows}


def steps(planned: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return what the role collected."""
    return {"host": "south", "planned": planned, "plan": plan_of(planned), **more}


def slurp(document: Any, source: str = "/plans/x.json") -> dict[str, Any]:
    """Return what ansible.builtin.slurp returns of a file."""
    return {"content": base64.b64encode(json.dumps(document).encode()).decode(), "source": source}


def copied(*paths: str, **more: Any) -> dict[str, Any]:
    """Return the registered result of write_files.py for paths."""
    return {"stdout": json.dumps([{"item": path, "failed": False, **more} for path in paths])}


def action(name: str, what: str = "assign_license") -> dict[str, Any]:
    """Return a manual action."""
    return {"action": what, "user_name": name, "user_id": "1", "reason": "Because.", "where": "Admin Console"}


# -- Tables -----------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20", " =", "'="])
def test_no_cell_of_a_table_or_a_checklist_is_a_formula(sign: str) -> None:
    cell = f"{sign}1"
    for written in (
        table(["a"], [[cell]]),
        filter_of(checklist)([{**action("x"), "user_name": cell}])["csv"],
    ):
        cells = [found for line in csv.reader(io.StringIO(written, newline="")) for found in line]
        assert f"'{cell}" in cells
        assert cell not in cells
    assert unescape_formula(f"'{cell}") == cell


def test_the_checklist_goes_by_action_and_nothing_in_it_is_markup() -> None:
    actions = [
        action("ada"),
        action("ada", "set_site"),
        action("bob"),
        action("bob", "set_site"),
        {**action("bob", "change_site"), "reason": EVIL, "user_name": None},
    ]
    people = [
        {
            "user": {
                "user_name": "ADA",
                "given_name": "Ada",
                "family_name": "Love*lace",
                "department": "Sales",
                "site": "Paris",
            }
        },
        {"user_name": "bob", "site": "Bern"},
    ]
    written = filter_of(checklist)(actions, "To *do*", people, "south", "2026-11-26 03:50 UTC", "job 17")
    assert written["markdown"].splitlines() == [
        "# To \\*do\\*",
        "",
        "south, 2026-11-26 03:50 UTC, run job 17, 5 things to do.",
        "",
        "## Assign license, set site: 2 people",
        "",
        "In Admin Console, for these 2 people:",
        "",
        "- [ ] **assign license**: Because.",
        "- [ ] **set site**: Because.",
        "",
        "Who:",
        "",
        "- [ ] **bob**, Bern",
        "- [ ] **Ada Love\\*lace**, ada, Sales, Paris",
        "",
        "## Change site: 1 person",
        "",
        "In Admin Console, for this person:",
        "",
        "- [ ] **change site**: =1+1\\|\\`x\\` # title\\\\x1b\\[2J\\\\u202e",
        "",
        "Who:",
        "",
        "- [ ] **1**",
    ]
    rows = list(csv.DictReader(io.StringIO(written["csv"].removeprefix("\ufeff"))))
    assert written["csv"].startswith("\ufeffdone,action,name,user_name,department,site,reason,where,")
    assert [row["action"] for row in rows] == ["assign_license"] * 2 + ["change_site"] + ["set_site"] * 2
    assert rows[0] | {"where": "", "user_id": ""} == {
        "done": "",
        "action": "assign_license",
        "name": "Ada Love*lace",
        "user_name": "ada",
        "department": "Sales",
        "site": "Paris",
        "reason": "Because.",
        "where": "",
        "user_id": "",
        "tenant": "south",
        "date": "2026-11-26 03:50 UTC",
        "run": "job 17",
    }
    assert filter_of(checklist)([])["csv"].count("\n") == 1


def test_what_differs_between_people_stands_in_their_lines() -> None:
    page = "Admin Console > Home > Users > "
    actions = [
        {**action(name, "change_site"), "user_id": None, "reason": f"The site is {name}.", "where": f"{page}{name}"}
        for name in ("ada", "bob")
    ]
    actions.append({**actions[0], "reason": "And again.", "where": "Admin Console > Home > Sites"})
    lines = filter_of(checklist)(actions)["markdown"].splitlines()
    assert "- [ ] **change site**: see each line below." in lines
    assert "- [ ] **bob**, The site is bob., Where: Admin Console > Home > Users" in lines
    assert "- [ ] **ada**, And again., Where: Admin Console > Home > Sites" in lines
    assert sum(line.startswith("- [ ] **ada**") for line in lines) == 2


def test_a_hundred_joiners_are_two_pages() -> None:
    """Fifty-five lines go on a page."""
    kinds = ("assign_license", "assign_phone_line", "assign_profile", "set_cost_center", "enable_directory_visibility")
    users = [{"user_name": f"u{number}", "id": str(number), "site": "Paris"} for number in range(100)]
    actions = [{**action(user["user_name"], kind), "user_id": user["id"]} for user in users for kind in kinds]
    written = filter_of(checklist)(actions, people=users)["markdown"]
    assert written.count("\n") <= 120
    assert written.count("Because.") == len(kinds)
    assert all(written.count(f"**{user['user_name']}**") == 1 for user in users)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("London", "London"),
        ("London ", '"London "'),
        ("New  York", '"New  York"'),
        ("a\u200bb", '"a\\u200bb"'),
        ("", "(empty)"),
        (None, "(empty)"),
        ([], "(empty)"),
        (True, "true"),
        ([{"type": "work"}], '[{"type": "work"}]'),
    ],
)
def test_a_value_is_quoted_where_a_blank_may_hide(value: Any, expected: str) -> None:
    assert shown_value(value) == expected


def test_a_text_of_somebody_else_is_one_line() -> None:
    show = filter_of(printable)
    assert show(EVIL) == "=1+1|`x` # title\\x1b[2J\\u202e"
    assert show(None) == ""


# -- Files ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        (
            "Failed to replace file: b'/a' to /x: [Errno 28] No space left on device: b'/a' -> b'/x'",
            "No space left on device",
        ),
        ("There was an issue creating /x as requested: [Errno 20] Not a directory: b'/x/y'", "Not a directory"),
        ("Odd.", "Odd."),
        ("", "no reason was given"),
    ],
)
def test_a_file_that_cannot_be_written_is_told_with_the_reason(failed: str, expected: str) -> None:
    problems = filter_of(file_problems)(copied("/x", failed=True, msg=failed))
    assert problems == [f"/x cannot be written ({expected})."]


def test_a_file_that_was_written_is_no_problem() -> None:
    problems = filter_of(file_problems)
    assert problems(copied("/x", failed=False)) == problems({"skipped": True}) == problems({}) == []
    assert problems(copied("/x", failed=False, msg="[Errno 13] Permission denied: b'/x'")) != []
    hidden = copied("/x", failed=False, failed_when_suppressed_exception="(traceback unavailable)")
    assert problems(hidden) == ["/x cannot be written (no reason was given)."]


# -- Before the first write ---------------------------------------------------------


def test_a_tenant_that_must_not_be_changed_is_told() -> None:
    problem = filter_of(role_obstacle)
    refused = {"readable": False, "problem": {"message": "8x8 does not accept the token."}}
    assert problem(refused, "More.") == "Nothing was written. 8x8 does not accept the token. More."
    assert "api_token is missing" in problem({"failed": True, "msg": "api_token is missing."})
    assert problem({"readable": True, "users": {"total": 40, "visible": None}}, "More.") == ""
    assert problem({"skipped": True}) == problem({}) == ""
    hidden = problem({"readable": True, "users": {"total": 600, "visible": 0}})
    assert "announces 600 users and shows none" in hidden
    assert 'choose "All users"' in hidden


def test_what_follows_from_wrong_variables_is_not_told() -> None:
    problem = filter_of(role_obstacle)
    assert (
        problem({"skipped": True}, "More.", problems=["a is wrong.", "b is."])
        == "Nothing was written. a is wrong. b is."
    )


def test_a_list_that_does_not_add_up_is_not_applied_unless_that_is_allowed() -> None:
    planned = result(row("ada", "planned"), complete=False)
    seen = steps(planned, tenant={"readable": True, "users": {"total": 41}})
    seen["plan"]["users"] = 40
    assert not report(seen)["is_planned"] and not report(seen)["will_apply"] and not report(seen)["keeps_plan"]
    assert report(seen)["files"]["plan"] == ""
    said = text(seen, "failure")
    assert said.startswith(
        "Nothing was changed. 8x8 announces 41 users and shows 40. With roster_allow_incomplete: true, "
    )
    assert "did not list all of its users" in text({**seen, "tenant": {}}, "failure")
    assert text(seen, "plan_lines")[-1] == "south: there is no plan, and nothing was changed"
    assert report({**seen, "allow_incomplete": True})["will_apply"]
    assert report({**seen, "allow_incomplete": "True"})["will_apply"]


def test_a_plan_that_cannot_be_written_for_people_is_not_applied() -> None:
    full = copied("/p.md", failed=True, msg="[Errno 28] No space left on device: b'/p.md'")
    seen = steps(result(row("ada", "planned")), plan_written=full)
    assert not report(seen)["will_apply"]
    assert text(seen, "failure") == "Nothing was changed. /p.md cannot be written (No space left on device)."


def test_a_tenant_that_shows_nobody_is_told_in_the_plan_with_the_setting() -> None:
    planned = result(row("ada", "planned", "created"))
    nobody = {"readable": True, "users": {"total": 0, "visible": 0}}
    assert "Only users created by your identity provider" in text(steps(planned, tenant=nobody), "plan_lines")[0]
    some = {"readable": True, "users": {"total": 1, "visible": 1}}
    assert text(steps(planned, tenant=some), "plan_lines")[0] == "ada: create"


def test_what_was_not_read_of_an_export_is_told_beside_the_plan() -> None:
    problems = [{"row": number, "column": "row", "message": "has 1 cell"} for number in range(2, 14)]
    problems.insert(0, {"row": 1, "column": "mail", "message": "is a guest\x1b[31m"})
    planned = {**result(row("ada", "planned", "created")), "problems": problems}
    lines = text(steps(planned), "plan_lines")
    assert "export, row 1, mail: is a guest\\x1b[31m" in lines
    assert "export, row 2: has 1 cell" in lines
    assert "export: 3 more problems in roster_result.problems" in lines
    markdown = text(steps(planned), "plan_markdown")
    assert "## Not read from the export" in markdown
    assert markdown.count("has 1 cell") == 12
    assert "Not read" not in text(steps(result(row("ada", "planned", "created"))), "plan_markdown")


def test_variables_that_contradict_each_other_are_told_all_at_once() -> None:
    problems = filter_of(roster_problems)
    assert "roster_users is empty" in problems({"users": [], "approved_digest": []})[0]
    both = problems({"users": [{}], "approved_digest": ["sha256:1"], "plan_only": True})
    assert [one.split()[0] for one in both] == ["roster_plan_only", "roster_approved_digest:"]
    assert problems({"users": [], "approved_digest": [DIGEST]}) == problems({"users": [{}]}) == []


def test_each_tenant_finds_its_own_plan_among_many_digests() -> None:
    find = filter_of(approved_plan)
    mine, theirs = slurp({"digest": DIGEST}, "/plans/mine.json"), slurp({"digest": f"sha256:{'c' * 64}"})
    found = find([theirs, mine, {"failed": True}], [OTHER, DIGEST], "/plans")
    assert found == {"path": "/plans/mine.json", "digest": DIGEST, "problem": ""}
    none = find([theirs], [OTHER, DIGEST], "/plans")
    assert "No plan of this tenant in /plans has one of the approved digests" in none["problem"]
    two = find([mine, slurp({"digest": OTHER}, "/plans/two.json")], [OTHER, DIGEST], "/plans")
    assert "2 of the approved plans are for this tenant: /plans/mine.json, /plans/two.json." in two["problem"]
    # The module says what is wrong with the one file that was given.
    assert find([], [DIGEST], "/plans", "/x.json") == {"path": "/x.json", "digest": DIGEST, "problem": ""}
    assert find([mine], [OTHER, DIGEST], "/plans", "/plans/mine.json")["digest"] == DIGEST
    assert "/x.json does not have one of" in find([theirs], [OTHER, DIGEST], "/plans", "/x.json")["problem"]
    assert find([{"content": "%%%"}], [DIGEST], "/plans")["path"] == ""


# -- The plan -----------------------------------------------------------------------


def test_check_mode_says_what_would_be_done_and_reactivations_stand_first() -> None:
    planned = result(row("ada", "planned", "created"), row("bob", "planned"), row("cy", "planned", "activated"))
    seen = steps(planned, check_mode=True)
    assert text(seen, "plan_lines")[:3] == [
        "cy: would reactivate (title)",
        "ada: would create",
        "bob: would update (title)",
    ]
    assert f"roster_approved_digest={DIGEST}" in " ".join(text(seen, "plan_lines"))
    assert text(seen, "report_lines")[-1] == "south: would reactivate 1, create 1, update 1"
    assert text(steps(planned), "plan_lines")[0] == "cy: reactivate (title)"
    markdown = text(seen, "plan_markdown").splitlines()
    assert next(line for line in markdown if "title: A" in line).startswith("| cy |")


def test_hundreds_of_people_end_in_totals() -> None:
    planned = result(*(row(f"user{number}", "planned", "created") for number in range(300)))
    lines = text(steps(planned, plan_only=True), "plan_lines")
    assert len(lines) < 20
    assert "... 290 more: would create" in lines
    applied = result(*(row(f"user{number}", "done", "created") for number in range(300)))
    done = steps(planned, applied=applied)
    assert text(done, "report_lines")[-1] == "south: 300 created"
    assert "... 290 more: created" in text(done, "report_lines")
    assert text(done, "plan_markdown").count("\n| user") == 300


def test_a_refusal_is_told_once() -> None:
    planned = result(row("ada", "refused", reason="ada: the site is London."), row("bob", "planned"))
    only = steps(planned, plan_only=True)
    assert [line for line in text(only, "plan_lines") if "ada" in line] == ["ada: the site is London."]
    assert [line for line in text(only, "report_lines") if "ada" in line] == []
    assert text(only, "failure") == ""
    real = steps(planned, applied=result(row("bob", "done")))
    assert not [line for line in text(real, "plan_lines") + text(real, "report_lines") if "ada" in line]
    assert text(real, "failure") == "1 user failed or was refused, all others are done | ada: the site is London."
    assert text(real, "report_lines")[-1] == "south: 1 updated, 1 refused"


def test_a_plan_that_is_refused_as_a_whole_is_told_once_in_the_words_of_the_role() -> None:
    message = (
        "The plan goes beyond its limits, and nothing was changed (update: 1 planned, limit 0). If that many are right, run again "
        "with limits {update: 1} (roster_limits of the role roster)."
    )
    beyond = {"kind": "limit_exceeded", "message": message}
    planned = result(row("ada", "refused", error=beyond), msg=message, failed=True, error=beyond)
    planned["plan"]["digest"] = None
    seen = steps(planned)
    assert text(seen, "plan_lines") == ["ada: would update (title)", "south: there is no plan, and nothing was changed"]
    assert text(seen, "failure").endswith("If that many are right, run again with roster_limits {update: 1}.")
    assert "**This plan cannot be applied." in text(seen, "plan_markdown")
    assert not report(seen)["is_planned"]
    for told, expected in (
        ("limits: x is not one of the kinds of change.", "roster_limits: x is not one of the kinds of change."),
        ("apply_plan: /x cannot be read.", "roster_plan_file: /x cannot be read."),
        ("plan_file: there is no folder /x.", "roster_plan_file: there is no folder /x."),
        ("plan_digest 'x' is no digest.", "roster_approved_digest 'x' is no digest."),
        ("max_failures must be 1 or more.", "roster_max_failures must be 1 or more."),
        ("concurrency must be from 1 to 64.", "roster_concurrency must be from 1 to 64."),
        ("The users of the tenant are within limits.", "The users of the tenant are within limits."),
    ):
        assert text({"planned": {"failed": True, "msg": told}}, "failure") == expected


def test_the_same_reason_is_told_once_with_the_names() -> None:
    rows = [row(f"user{number}", "failed", reason=f"user{number} is taken.") for number in range(9)]
    planned = result(*(row(f"user{number}", "planned") for number in range(9)))
    seen = steps(planned, applied=result(*rows))
    assert text(seen, "failure") == (
        "9 users failed or were refused, all others are done | user0 is taken. The same for 8 more: user1, user2, user3 and 5 more."
    )
    many = [row(f"user{number}", "failed", reason=f"reason {number}") for number in range(9)]
    assert text(steps(planned, applied=result(*many)), "failure").endswith(
        "user4: reason 4 | and 4 more, see roster_failed"
    )


# -- What was done -------------------------------------------------------------------


def test_the_facts_take_all_steps_together() -> None:
    planned = result(
        row("ada", "refused", reason="no"), row("bob", "planned"), manual_actions=[action("ada"), action("bob")]
    )
    applied = result(row("bob", "done"), manual_actions=[action("bob", "end_sessions")], requests={"GET": 1, "PUT": 1})
    undo = slurp({"digest": OTHER, "expires": "later", "rows": [{}]})
    came = report(steps(planned, applied=applied, undo=undo))
    assert came["will_apply"] and came["leaves_files"]
    outcome = came["result"]
    assert [each["user_name"] for each in outcome["results"]] == ["ada", "bob"]
    assert outcome["requests"] == {"GET": 3, "PUT": 1}
    assert outcome["summary"]["refused"] == outcome["summary"]["updated"] == 1
    assert outcome["changed"] and outcome["applied"] and outcome["verified"]
    assert outcome["undo_digest"] == OTHER
    assert [(each["user_name"], each["action"]) for each in came["manual_actions"]] == [
        ("ada", "assign_license"),
        ("bob", "end_sessions"),
    ]
    assert [each["user_name"] for each in came["failed"]] == ["ada"]
    assert report(steps(planned, undo=slurp({"digest": OTHER, "rows": []})))["result"]["undo_digest"] == ""


def test_a_plan_leaves_to_do_only_what_it_refuses() -> None:
    planned = result(
        row("ada", "refused", reason="no"), row("bob", "planned"), manual_actions=[action("ada"), action("bob")]
    )
    came = report(steps(planned, plan_only=True))
    assert [each["user_name"] for each in came["to_do"]] == ["ada"]
    assert len(came["manual_actions"]) == 2
    assert came["leaves_files"] and not came["will_apply"]
    assert text(steps(planned, plan_only=True, plan_file="/p"), "report_lines")[-1].endswith("1 to do -> /p")
    assert not report(steps(planned, check_mode="True"))["leaves_files"]
    assert report(steps(planned, check_mode="False"))["will_apply"]


def test_the_last_line_is_a_total_with_the_file_to_go_on_with() -> None:
    planned = result(row("ada", "planned", "created"), row("bob", "planned"))
    applied = result(row("ada", "done", "created"), row("bob", "failed", reason="no"), manual_actions=[action("ada")])
    files = {
        "checklist_written": copied("/c.md", "/c.csv"),
        "report_written": copied("/r.md"),
        "found": {"files": [{"path": "/u.undo.json"}, {"path": "/f.failed.csv"}]},
    }
    lines = text(steps(planned, applied=applied, **files), "report_lines")
    assert lines == [
        "ada: created",
        "report: /r.md",
        "undo: /u.undo.json",
        "failed: /f.failed.csv",
        "checklist: /c.md",
        "checklist: /c.csv",
        "south: 1 created, 1 failed, 1 to do -> /c.md",
    ]
    without = text(steps(planned, applied=applied), "report_lines")
    assert without == ["ada: created", "to do: assign license: ada", "south: 1 created, 1 failed, 1 to do"]
    nothing = steps(result(summary={"unchanged": 40}))
    assert text(nothing, "report_lines") == ["south: nothing to do (40 unchanged)"]
    assert text(nothing, "plan_lines") == ["There is nothing to change."]
    assert text(nothing, "failure") == ""


def test_trouble_that_is_nobodys_own_is_told_first() -> None:
    planned = result(row("ada", "planned"), row("bob", "planned"))
    dead = {"failed": True, "msg": "8x8 does not accept the API token.", "error": {"kind": "token_rejected"}}
    failed = row("ada", "failed", reason="8x8 does not accept the API token.")
    applied = {**result(failed), **dead}
    said = text(steps(planned, applied=applied), "failure")
    assert said == "Nothing was changed. 8x8 does not accept the API token. | 1 user failed or was refused"
    alike = [row("ada", "failed", reason="ada: no."), row("bob", "failed", reason="bob: no.")]
    ended = {
        **result(*alike),
        "msg": "The run was ended. ada: no. The same holds for bob.",
        "error": {"kind": "same_refusal"},
    }
    assert text(steps(planned, applied={**ended, "changed": True}), "failure") == (
        "The run was ended. ada: no. The same holds for bob. | 2 users failed or were refused"
    )
    crashed = text(steps(planned, applied={"failed": True, "changed": True, "msg": "MODULE FAILURE"}), "failure")
    assert crashed == "MODULE FAILURE"
    unseen = {**result(row("ada", "done")), "error": {"kind": "gateway"}, "msg": "Everything was done, but ... 502."}
    assert text(steps(planned, applied=unseen), "failure") == "Everything was done, but ... 502."
    assert not report(steps(planned, applied=unseen))["result"]["verified"]
    full = copied("/r.md", failed=True, msg="[Errno 28] No space left on device: b'/r.md'")
    lost = steps(planned, applied=result(row("ada", "done")), report_written=full)
    assert text(lost, "failure") == "/r.md cannot be written (No space left on device)."


def test_who_was_not_tried_is_told() -> None:
    planned = result(row("ada", "planned"), row("bob", "planned"))
    applied = {**result(row("ada", "failed", reason="no")), "summary": {"failed": 1, "skipped": 1}}
    applied["results"].append(row("bob", "skipped"))
    lines = text(
        steps({**planned, "summary": {"updated": 2, "failed": 0, "skipped": 0}}, applied=applied), "report_lines"
    )
    assert lines == ["bob: not tried", "south: 1 failed, 1 not tried"]


def test_the_markdown_holds_everybody_and_no_text_of_theirs_is_markup() -> None:
    changes = {"before": {"title": EVIL}, "after": {"title": "B "}}
    planned = result(
        {**row(EVIL, "planned"), "changes": changes},
        row("bob", "refused", reason="bob: no"),
        changed_elsewhere=["cy"],
    )
    planned["results"].append(row("dee", "protected", "unchanged"))
    plan = text(steps(planned), "plan_markdown")
    assert '| =1+1\\|\\`x\\` # title\\\\x1b\\[2J\\\\u202e |  |  | 1 | title | "=1+1\\|\\`x\\`\\\\n# title' in plan
    assert '| "B " |' in plan
    assert "| bob |  |  | 1 | bob: no |" in plan
    assert "## Protected: 1\n\nThese people are never changed" in plan and "| dee |  |  | 1 |  |" in plan
    assert "## Changed outside of this run: 1\n\nBy another client" in plan
    assert f"roster_approved_digest={DIGEST}" in plan
    undo = slurp({"digest": OTHER, "expires": "2026-12-25T00:00:00Z", "rows": [{}]})
    done = steps(planned, applied=result(row("eve", "done")), undo=undo, checklist_written=copied("/x/c.md"))
    told = text({**done, "planned": {**planned, "manual_actions": [action("bob")]}}, "report_markdown")
    assert "| Checklist | c.md |" in told and "| assign license | 1 | Because. |" in told
    assert "| Expires | 2026-12-25 00:00 UTC |" in told and f"roster_approved_digest={OTHER}" in told
    assert "| eve |  |  | 1 | title | A | B |" in told
    assert not [line for line in (plan + told).splitlines() if "\x1b" in line or line.startswith("# title")]


def test_an_unknown_kind_of_text_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="kinds of text: plan_lines"):
        text({}, "poem")
