# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every playbook as a job of AWX: ansible-runner, a private directory, a credential's environment, text from a survey."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from controller import served
from eightbyeight_emulator import Emulator
from jobs import Job, credential, environment, run, template
from objects import MODULES, ROOT

NOBODY = "nobody@example.org"
JOINERS = "user_name,given_name,family_name,email,title\nines@example.org,Ines,Carvalhosa,ines@example.org,Account Executive\n"
ROSTER = JOINERS.replace("ines", "maren").replace("Ines", "Maren")


def done(job: Job) -> Job:
    """Return a job that went well, without a warning."""
    assert job.status == "successful", job.stdout
    assert not [line for line in job.stdout.splitlines() if "WARNING" in line]
    return job


def says_what_goes(job: Job, variable: str, writes: str) -> None:
    """Check that the role names the variable of what goes with the job, before the task that writes."""
    tasks = [
        (data.get("task"), str(data["res"].get("msg", "")))
        for data in (event.get("event_data") or {} for event in job.events)
        if "res" in data
    ]
    names = [task for task, _told in tasks]
    (said,) = [
        place
        for place, (_task, told) in enumerate(tasks)
        if f"Set {variable} to persistent storage to keep that." in told
    ]
    assert said < names.index(writes)


def somebody(tenant: Emulator, login: str) -> dict[str, Any]:
    (one,) = [user["resource"] for user in tenant.users() if user["resource"]["userName"] == login]
    return one


def test_check(tmp_path: Path) -> None:
    with Emulator() as tenant:
        job = done(run(tmp_path, *template("8x8 preflight"), environment(credential(tenant))))
        assert "40 visible" in job.stdout
        assert tenant.token not in job.stdout + json.dumps(job.events)


def test_onboard(tmp_path: Path) -> None:
    with Emulator() as tenant:
        answers = {"onboarding_users": JOINERS.replace("\n", "\r\n"), "onboarding_ledger": "ledger.jsonl"}
        job = run(tmp_path, *template("8x8 onboarding", answers), environment(credential(tenant)), check=True)
        assert "would" in done(job).stdout
        assert {entry["method"] for entry in tenant.log} == {"GET"}
        job = done(run(tmp_path, *template("8x8 onboarding", answers), environment(credential(tenant))))
        says_what_goes(job, "onboarding_ledger", "Onboard")
        assert somebody(tenant, "ines@example.org")["active"] is True


def test_offboard(tmp_path: Path) -> None:
    with Emulator() as tenant:
        leaver = next(user["resource"]["userName"] for user in tenant.users() if user["resource"].get("active"))
        answers = {
            "offboarding_users": f"{leaver}\n{NOBODY}\n",
            "offboarding_missing": "report",
            "offboarding_limit": "5%",
            "offboarding_evidence_dir": "evidence",
        }
        job = done(run(tmp_path, *template("8x8 offboarding", answers), environment(credential(tenant))))
        assert NOBODY in job.stdout
        says_what_goes(job, "offboarding_evidence_dir", "Write the evidence")
        assert somebody(tenant, leaver)["active"] is False


def test_sync_roster_from_the_plan_to_the_undo(tmp_path: Path) -> None:
    """The workflow without the person: each job has a directory of its own, and the artifacts of those before it."""
    with Emulator() as tenant:
        environ = environment(credential(tenant))
        survey = {"roster_unlisted": "ignore", "roster_limits": "create=5%, deactivate=2", "roster_as_of": ""}
        playbook, variables = template("8x8 roster plan", survey)
        plan = done(run(tmp_path, playbook, variables, environ, files={"roster.csv": ROSTER}, number=1))
        assert list(plan.artifacts) == ["eightbyeight_plan_localhost"]
        artifact = plan.artifacts["eightbyeight_plan_localhost"]
        assert artifact["counts"]["created"] == 1
        assert "maren@example.org: create" in artifact["people"]
        assert {entry["method"] for entry in tenant.log} == {"GET"}
        assert not list(tmp_path.iterdir()), "nothing is left for the next job"
        # AWX merges the template's own, the artifacts of all nodes before, and the answers of the workflow's survey.
        playbook, variables = template("8x8 roster apply")
        applied = done(run(tmp_path, playbook, {**variables, **plan.artifacts, **survey}, environ, number=2))
        assert somebody(tenant, "maren@example.org")["active"] is True
        assert "is deleted with it, with the undo plan, journal" in applied.stdout
        after = applied.artifacts["eightbyeight_plan_localhost"]
        assert after["state"] == "applied"
        undo = {**variables, **applied.artifacts, "roster_approved_digest": after["undo_digest"]}
        done(run(tmp_path, playbook, undo, environ, number=3))
        assert somebody(tenant, "maren@example.org")["active"] is False
        playbook, variables = template("8x8 roster apply")
        empty = run(tmp_path, playbook, variables, environ, number=4)
        assert empty.status == "failed"
        assert "the variable eightbyeight_plan_localhost is not defined" in empty.stdout


def test_audit(tmp_path: Path) -> None:
    with Emulator() as tenant:
        job = done(run(tmp_path, *template("8x8 audit", {"audit_stale_days": 30}), environment(credential(tenant))))
        assert "40" in job.stdout
        says_what_goes(job, "audit_output_dir", "Write the files")
        # What the role hands on with set_stats.
        assert job.artifacts["eightbyeight_audit_localhost"]["accounts"] == 40
        assert {entry["method"] for entry in tenant.log} == {"GET"}


def test_followups(tmp_path: Path) -> None:
    with Emulator() as tenant:
        playbook, variables = template("8x8 follow-ups")
        hosts = {"localhost": {"ansible_connection": "local", "followups_ledger": "followups.jsonl"}}
        job = done(run(tmp_path, playbook, variables, environment(credential(tenant)), hosts=hosts))
        assert "localhost" in job.stdout
        says_what_goes(job, "followups_ledger", "Close what 8x8 shows as done")


def test_export(tmp_path: Path) -> None:
    project = {"export.yml": "- import_playbook: eightbyeight.scim.export\n"}
    with Emulator() as tenant:
        file = tmp_path / "users.csv"
        job = run(tmp_path, "export.yml", {"export_file": str(file)}, environment(credential(tenant)), files=project)
        assert "40 users" in done(job).stdout
        assert file.read_text(encoding="utf-8").startswith("user_name,")
        job = done(run(tmp_path, "export.yml", {"export_file": ""}, environment(credential(tenant)), files=project))
        says_what_goes(job, "export_file", "Write the file")
        assert "roster-localhost.csv" in job.stdout


@pytest.mark.parametrize("name", ["demo", "emulator"])
def test_without_a_tenant(name: str, tmp_path: Path) -> None:
    project = {f"{name}.yml": f"- import_playbook: eightbyeight.scim.{name}\n"}
    variables = (
        {"emulator_directory": str(tmp_path / "emulator"), "emulator_idle_timeout": 60} if name == "emulator" else {}
    )
    job = done(run(tmp_path, f"{name}.yml", variables, environment({}), files=project))
    assert {"demo": "deactivated", "emulator": "EIGHTBYEIGHT_API_URL"}[name] in job.stdout
    if name == "emulator":
        done(run(tmp_path, f"{name}.yml", {**variables, "emulator_state": "stopped"}, environment({}), files=project))


def test_awx(tmp_path: Path) -> None:
    project = {"awx.yml": "- import_playbook: eightbyeight.scim.awx\n"}
    few: dict[str, Any] = {variable: [] for variable in MODULES} | {
        "controller_inventories": [{"name": "Mine", "organization": "Default"}]
    }
    with served([]) as controller:
        environ = {"CONTROLLER_HOST": controller.url, "CONTROLLER_OAUTH_TOKEN": "made-up"}
        job = done(run(tmp_path, "awx.yml", few, environ, files=project))
        assert "1 to be created" in job.stdout
        assert set(controller.all("inventories")) == {"Mine"}


#: A result of 10,000 rows may have 700 kB in AWX, which empties a larger one. So many rows may have as much less.
ROWS = 150
MOST = 700_000 * ROWS // 10_000
#: What carries a result of every row, and may be emptied: nobody reads it, and the files have all of it.
BULKY = {
    *(
        "Read the variables",
        "Make the plan",
        "Check the approved plan",
        "Apply the plan",
        "Read the plan",
        "Read the plans",
    ),
    *("Read the undo", "Set the fact with the plan", "Set the facts about the plan", "Set the facts with the results"),
    *("Write the plan for people", "Write the checklist", "Write the report"),
    *("Audit the tenant", "Set the fact with the result, and make the files ready", "Write the files"),
}


def check_events(job: Job) -> list[str]:
    """Check that no event is larger than AWX keeps, and that what a person reads is whole; return the lines of the last report."""
    assert max(job.sizes) < MOST, "AWX has no other limit for its database and its pages"
    results = [data for data in (event.get("event_data") or {} for event in job.events) if "res" in data]
    assert {data["task"] for data in results if data["res"] == {}} <= BULKY
    return [line for data in results if data["task_action"] == "ansible.builtin.debug" for line in data["res"]["msg"]]


def test_what_a_person_reads_of_10000_rows_is_in_events_that_awx_keeps(tmp_path: Path) -> None:
    lines = [f"p{number}@example.org,Given,Family{number},p{number}@example.org,Analyst" for number in range(ROWS)]
    files = {"roster.csv": "\n".join([JOINERS.splitlines()[0], *lines, ""])}
    kept = {"roster_artifact": "digest", "roster_plan_dir": str(tmp_path / "plans")}
    with Emulator([{"user_name": NOBODY, "given_name": "N", "family_name": "B"}]) as tenant:
        environ = {**environment(credential(tenant)), "MAX_EVENT_RES": str(MOST)}
        playbook, variables = template("8x8 roster plan", {"roster_limits": f"create={ROWS}"})
        plan = run(tmp_path, playbook, {**variables, **kept}, environ, files=files)
        told = check_events(done(plan))
        assert f"... {ROWS - 10} more: would create" in told
        assert any("digest: sha256:" in line for line in told)
        playbook, variables = template("8x8 roster apply", {"roster_limits": f"create={ROWS}"})
        told = check_events(done(run(tmp_path, playbook, {**variables, **plan.artifacts, **kept}, environ)))
        assert f"... {ROWS - 10} more: created" in told
        (report,) = (tmp_path / "plans").glob("*.report.csv")
        in_files = report.read_text(encoding="utf-8")
        assert all(f"p{number}@example.org" in in_files for number in range(ROWS)), "the files have all of it"
        playbook, variables = template("8x8 audit")
        told = check_events(done(run(tmp_path, playbook, variables, environ)))
        assert any(str(ROWS + 1) in line for line in told)


def test_event_followup(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    project = {"event.yml": "- import_playbook: eightbyeight.scim.event_followup\n"}
    variables = {
        "event_user_name": NOBODY,
        "event_ledger": str(ledger),
        "event_tenant": "north",
        "event_type": "created",
    }
    done(run(tmp_path, "event.yml", variables, environment({}), files=project))
    assert len(ledger.read_text(encoding="utf-8").splitlines()) == 4
    survey = {
        **variables,
        "event_ledger": "ledger.jsonl",
        "event_actions": "assign_license, order a desk",
        "event_due": "",
    }
    job = done(run(tmp_path, "event.yml", survey, environment({}), files=project))
    says_what_goes(job, "event_ledger", "Open the follow-ups")
    assert "order a desk" in job.stdout
    assert "assign_phone_line" not in job.stdout
    job = run(
        tmp_path, "event.yml", {**survey, "event_user_name": " ", "event_type": "moved"}, environment({}), files=project
    )
    assert job.status == "failed"
    assert "event_user_name is missing, null or blank. event_type must be one of created, deactivated" in job.stdout


def test_event_alert(tmp_path: Path) -> None:
    project = {"event.yml": "- import_playbook: eightbyeight.scim.event_alert\n"}
    roster = tmp_path / "people.csv"
    roster.write_text(ROSTER, encoding="utf-8")
    variables = {"event_user_name": NOBODY, "event_roster": str(roster), "event_tenant": "north"}
    job = run(tmp_path, "event.yml", variables, environment({}), files=project)
    assert job.status == "failed", "the job that fails is the alert"
    assert NOBODY in job.stdout
    done(
        run(
            tmp_path, "event.yml", {**variables, "event_user_name": "maren@example.org"}, environment({}), files=project
        )
    )


def test_every_playbook_is_here() -> None:
    here = {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    tested = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert here <= tested | {"sync_roster", "demo", "emulator"}
