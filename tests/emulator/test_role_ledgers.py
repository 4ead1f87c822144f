# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledgers of the roles onboarding, offboarding and roster: what they open, withdraw, tell, and take over from a killed run."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from eightbyeight_emulator import Emulator
from role_plays import Played, play_role, start_role

CUSTOMER = "0012J00000000000N1"
JOINER = ["assign_license", "assign_phone_line", "assign_profile", "enable_directory_visibility", "set_cost_center"]
LEAVER = ["decide_phone_number", "delete_record", "end_sessions", "reclaim_license", "save_voicemail"]
ADA = {"user_name": "ada@example.org", "given_name": "Ada", "family_name": "Lovelace", "site": "London"}


def joiner(name: str) -> dict[str, Any]:
    login = f"{name}@example.org"
    return {"user_name": login, "given_name": name, "family_name": "Comer", "email": login, "site": "London"}


class Desk:
    """Runs roles with a ledger, and a task file that notes each ticket, and refuses some."""

    def __init__(self, folder: Path, tenant: Emulator) -> None:
        self.folder, self.tenant = folder, tenant
        self.ledger, self.tickets = folder / "followups.jsonl", folder / "tickets"
        self.refuse("nothing")

    def refuse(self, action: str) -> None:
        line = "{{ followups_person | map(attribute='action') | join(',') }} {{ followups_followup.user_name }}"
        note = {"path": str(self.tickets), "line": line, "create": True, "mode": "0600"}
        refusal = {"that": f"followups_followup.action != '{action}'", "fail_msg": "no desk", "quiet": True}
        tasks = [
            {"name": "Refuse some", "ansible.builtin.assert": refusal},
            {"name": "Note the others", "ansible.builtin.lineinfile": note},
        ]
        (self.folder / "ticket.yml").write_text(yaml.safe_dump(tasks), encoding="utf-8")

    def variables(self, role: str, **given: Any) -> dict[str, Any]:
        chosen = {
            "ledger": str(self.ledger),
            "followup_tasks": str(self.folder / "ticket.yml"),
            "ignored_actions": "set_profile_picture",
            **({"plan_dir": str(self.folder / "plans"), "progress": False} if role == "roster" else {}),
            **given,
        }
        return {f"{role}_{name}": value for name, value in chosen.items() if value is not None}

    def play(self, role: str, *arguments: str, failed: bool = False, **given: Any) -> Played:
        played = play_role(self.folder, role, self.variables(role, **given), self.tenant, arguments)
        assert (played.status != 0) is failed, played.output
        assert "WARNING" not in played.output
        return played

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.ledger.read_text(encoding="utf-8").splitlines()]

    def found(self, name: str, state: str = "open") -> list[str]:
        return [
            line["action"]
            for line in self.lines()
            if (line["user_name"], line["state"]) == (f"{name}@example.org", state)
        ]

    def told(self) -> list[str]:
        """Return the tickets since the last look."""
        lines = self.tickets.read_text(encoding="utf-8").splitlines() if self.tickets.exists() else []
        self.tickets.unlink(missing_ok=True)
        return lines

    def left(self) -> set[str]:
        """Return the files beside the ledger that a role left."""
        return {path.name for path in self.folder.iterdir() if path.name.startswith(self.ledger.name)}


@pytest.fixture
def desk(tmp_path: Path) -> Any:
    with Emulator([ADA], customer_id=CUSTOMER) as tenant:
        yield Desk(tmp_path, tenant)


def test_a_joiner_a_leaver_and_tickets_that_fail_once(desk: Desk) -> None:
    people = [joiner("ida")]
    told = desk.play("onboarding", "--check", users=people)
    assert "ledger: 5 follow-ups would be opened" in told.output
    assert not desk.ledger.exists()
    desk.told()

    desk.refuse("assign_profile")
    told = desk.play("onboarding", users=people, followup_due="assign_license=+2d", followup_owner="desk", failed=True)
    assert (
        "No notification was possible for assign_profile for ida@example.org, and the next run tries again: no desk"
        in told.output
    )
    assert desk.told() == [f"{action} ida@example.org" for action in JOINER if action != "assign_profile"]
    assert desk.found("ida") == JOINER
    assert {line["owner"] for line in desk.lines()} == {"desk"}
    assert [line["action"] for line in desk.lines() if "due" in line] == ["assign_license"]
    assert desk.left() == {desk.ledger.name}, "the journal is removed"

    # Whoever is onboarded next, what failed is told now, and what was told is not told twice.
    desk.refuse("nothing")
    told = desk.play("onboarding", users=people)
    assert "ledger: nothing new" in told.output
    assert desk.told() == ["assign_profile ida@example.org"]
    told = desk.play("offboarding", users="ida@example.org", protected=[], limit="100%")
    assert "ledger: 5 follow-ups opened, 5 follow-ups withdrawn" in told.output
    assert (desk.found("ida"), desk.found("ida", "withdrawn")) == (LEAVER, JOINER)
    assert sorted(desk.told()) == [f"{action} ida@example.org" for action in LEAVER]

    # Who is back keeps the license and the record.
    desk.play("onboarding", users=[{**people[0], "active": True}])
    assert (desk.found("ida"), desk.told()) == ([], [])


def test_a_person_is_told_of_once_and_without_a_ledger_too(desk: Desk) -> None:
    desk.play("onboarding", users=[joiner("ida"), joiner("una")], followup_by="person")
    assert desk.told() == [f"{','.join(JOINER)} ida@example.org", f"{','.join(JOINER)} una@example.org"]
    desk.ledger.unlink()
    desk.refuse("save_voicemail")
    people = [{"user_name": f"{name}@example.org"} for name in ("ida", "una")]
    told = desk.play("offboarding", users=people, limit="100%", ledger=None, failed=True)
    assert (
        "No notification was possible for save_voicemail for ida@example.org, save_voicemail for una@example.org: no desk"
        in told.output
    )
    assert len(desk.told()) == 2 * (len(LEAVER) - 1), "one that fails does not stop the others"
    assert desk.left() == set()


def test_a_roster_opens_what_was_applied_and_a_plan_opens_nothing(desk: Desk) -> None:
    rows = [joiner("ida"), {**ADA, "site": "Paris"}]
    told = desk.play("roster", users=rows, plan_only=True)
    assert (desk.found("ida"), desk.found("ada")) == ([], ["change_site"]), "what a plan leaves to do in any case"
    assert desk.told() == []
    digest = told.output.partition("digest: ")[2].partition('"')[0]
    told = desk.play("roster", approved_digest=digest, followup_by="person")
    assert "ledger: 5 follow-ups opened" in told.output
    assert (desk.found("ida"), desk.found("ada")) == (JOINER, ["change_site"])
    assert desk.told() == ["change_site ada@example.org", f"{','.join(JOINER)} ida@example.org"]


@pytest.mark.parametrize("role", ["onboarding", "offboarding", "roster"])
def test_a_ledger_that_is_none_stops_a_role_before_anything_is_written(desk: Desk, role: str) -> None:
    desk.ledger.write_text('{"format": 1}\n', encoding="utf-8")
    users = [{"user_name": "ada@example.org", "state": "absent"}] if role != "onboarding" else [joiner("ida")]
    told = desk.play(role, users=users, failed=True)
    assert f"{desk.ledger}, line 1: its tenant is missing" in told.output
    assert {entry["method"] for entry in desk.tenant.log} <= {"GET"}
    assert desk.ledger.read_text(encoding="utf-8") == '{"format": 1}\n'


KILLED: list[tuple[str, Callable[[list[str]], dict[str, Any]]]] = [
    ("onboarding", lambda names: {"users": [joiner(name) for name in names]}),
    ("roster", lambda names: {"users": [joiner(name) for name in names], "concurrency": 2}),
    ("offboarding", lambda names: {"users": [f"{name}@example.org" for name in names], "limit": "100%"}),
]


@pytest.mark.parametrize(("role", "given"), KILLED, ids=[role for role, _given in KILLED])
def test_a_run_that_was_killed_and_repeated_loses_none(
    tmp_path: Path, role: str, given: Callable[[list[str]], dict[str, Any]]
) -> None:
    names = [f"new{number:02}" for number in range(24)]
    people = [ADA, *([joiner(name) for name in names] if role == "offboarding" else [])]
    with Emulator(people, customer_id=CUSTOMER, switches={"latency_ms": 60}) as tenant:
        desk = Desk(tmp_path, tenant)
        options = {**given(names), "followup_tasks": None}
        process = start_role(desk.folder, role, desk.variables(role, **options), desk.tenant)
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            journals = [*tmp_path.glob("*.journal.jsonl"), *tmp_path.glob("plans/*.journal.jsonl")]
            if any(path.read_bytes().count(b'"confirmed"') >= 4 for path in journals):
                break
            time.sleep(0.01)
        process.kill_all(signal.SIGKILL)
        assert not desk.ledger.exists(), "it was killed on its way"
        done = {entry["path"] for entry in tenant.log if entry["method"] in ("POST", "PATCH")}
        assert done
        desk.play(role, **options)
        wanted = LEAVER if role == "offboarding" else JOINER
        assert {name: desk.found(name) for name in names} == dict.fromkeys(names, wanted)
        before = desk.lines()
        desk.play(role, **options)
        assert desk.lines() == before
