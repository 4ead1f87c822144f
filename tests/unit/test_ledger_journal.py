# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Follow-ups of a run that was killed: what its journal tells is opened by the next one, once."""

from __future__ import annotations

import fcntl
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._ledger.task import change_ledger, read_ledger
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.tests.unit.helpers import BASE, FakeTime, Tenant
from ansible_collections.eightbyeight.scim.tests.unit.rosters import ALL, login, newcomer, people, roster, row
from ansible_collections.eightbyeight.scim.tests.unit.users import LEAVER

JOINER = [
    "assign_license",
    "assign_phone_line",
    "assign_profile",
    "enable_directory_visibility",
    "set_cost_center",
    "set_profile_picture",
]


def joiner(number: int, **more: Any) -> dict[str, Any]:
    return newcomer(number, **{"site": "London", **more})


class Account:
    """A ledger and a journal beside it."""

    def __init__(self, folder: Path, time: FakeTime) -> None:
        self.ledger, self.journal, self.time = folder / "followups.jsonl", folder / "journal.jsonl", time

    def change(self, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        defaults = {name: option.get("default") for name, option in argspec.FOLLOWUP.argument_spec.items()}
        given = {**defaults, "path": str(self.ledger), "api_url": BASE, "journal_file": str(self.journal), **options}
        self.time.now += 60
        report = change_ledger(given, lambda: pytest.fail("nobody is asked"), self.time.clock, check_mode=check_mode)
        assert report.warnings == []
        return report.result

    def run(self, tenant: Tenant, *rows: dict[str, Any]) -> list[dict[str, Any]]:
        self.time.now += 60
        told = roster(tenant, list(rows), time=self.time, limits=ALL, journal_file=str(self.journal))
        actions: list[dict[str, Any]] = told.result["manual_actions"]
        return actions

    def kill(self, after: str, user_name: str | None = None) -> None:
        """Cut the journal behind the last line with an event, as a run leaves it that is killed there."""
        lines = self.journal.read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines]
        last = max(
            number
            for number, entry in enumerate(entries, start=1)
            if entry["event"] == after and (user_name is None or entry["user_name"] == user_name)
        )
        self.journal.write_text("".join(f"{line}\n" for line in lines[:last]), encoding="utf-8")

    def found(self, user_name: str, state: str = "open") -> list[str]:
        told = read_ledger({"path": str(self.ledger), "state": state, "user_name": user_name}, self.time.clock).result
        return sorted(each["action"] for each in told["followups"])


@pytest.fixture
def account(tmp_path: Path, time: FakeTime) -> Account:
    return Account(tmp_path, time)


@pytest.fixture
def tenant() -> Tenant:
    return Tenant(*people(3))


def test_what_a_killed_run_had_done_is_opened_by_the_next_one_and_once(account: Account, tenant: Tenant) -> None:
    account.change()
    assert stat.S_IMODE(account.journal.stat().st_mode) == 0o600
    account.run(tenant, joiner(8), joiner(9), row(1, state="absent"))
    account.kill("confirmed")
    assert not account.ledger.exists()
    foretold = account.change(check_mode=True)
    assert not account.ledger.exists()
    done = account.change()
    assert [each["action"] for each in foretold["followups"]] == [each["action"] for each in done["followups"]]
    assert (account.found(login(8)), account.found(login(9))) == (JOINER, JOINER)
    assert account.found(login(1)) == sorted(LEAVER)
    lines = [json.loads(line) for line in account.ledger.read_text(encoding="utf-8").splitlines()]
    assert all(line["user_id"] and line["reason"] and line["where"].endswith(line["user_name"]) for line in lines)
    # Repeated, the run finds everybody as they should be, and leaves nothing of its own.
    assert account.run(tenant, joiner(8), joiner(9), row(1, state="absent")) == []
    assert account.change(actions=[])["changed"] is False
    assert account.change()["changed"] is False
    assert len(account.ledger.read_text(encoding="utf-8").splitlines()) == len(lines)


def test_what_was_sent_and_not_answered_is_opened_with_a_note(account: Account, tenant: Tenant) -> None:
    account.change()
    account.run(tenant, joiner(8))
    account.kill("sent")
    opened = account.change()["followups"]
    assert [each["action"] for each in opened] == JOINER
    assert all("Check first" in each["note"] for each in opened)
    again = Tenant(*people(3))
    actions = account.run(again, joiner(8))
    assert len(actions) == len(JOINER)
    account.change(actions=actions)
    assert account.found(login(8)) == JOINER
    assert len(account.ledger.read_text(encoding="utf-8").splitlines()) == len(JOINER), "with and without the id"


def test_what_was_refused_is_not_taken_for_done(account: Account, tenant: Tenant) -> None:
    account.change()
    account.run(tenant, joiner(9, site="Rome"))
    assert '"failed"' in account.journal.read_text(encoding="utf-8")
    account.change()
    assert not account.ledger.exists()


def test_a_run_that_ended_before_the_ledger_was_kept_is_not_opened_and_a_killed_one_is(
    account: Account, tenant: Tenant
) -> None:
    account.run(tenant, joiner(7))
    account.run(tenant, joiner(8))
    account.kill("confirmed")
    account.change(actions=[])
    assert (account.found(login(7)), account.found(login(8))) == ([], JOINER)


def test_a_run_whose_result_nobody_wrote_down_is_opened_too(account: Account, tenant: Tenant) -> None:
    """The run ended, and the play was killed before the task on the ledger."""
    account.change()
    account.run(tenant, joiner(8))
    assert account.journal.read_text(encoding="utf-8").count('"ended"') == 1
    account.change()
    assert account.found(login(8)) == JOINER


def test_what_is_closed_already_is_not_opened_again_where_the_journal_could_not_note_it(
    account: Account, tenant: Tenant
) -> None:
    account.change()
    account.run(tenant, joiner(8))
    before = account.journal.read_text(encoding="utf-8")
    account.change()
    account.change(action="assign_license", user_name=login(8), state="done", journal_file=None)
    account.journal.write_text(before, encoding="utf-8")
    assert account.change()["changed"] is False
    assert account.found(login(8)) == [action for action in JOINER if action != "assign_license"]


def test_who_was_deactivated_needs_no_license_and_who_is_back_keeps_it(account: Account, tenant: Tenant) -> None:
    account.change(actions=account.run(tenant, joiner(8)))
    account.change(action="order_headset", user_name=login(8), journal_file=None)
    actions = account.run(tenant, joiner(8, state="absent"))
    account.change(actions=[], ignored_actions=LEAVER)
    assert account.found(login(8), "withdrawn") == JOINER, "with no action of leavers that a team does"
    account.change(actions=actions)
    assert account.found(login(8)) == sorted([*LEAVER, "order_headset"])
    assert account.run(tenant, joiner(8, active=True)) == []
    account.change(actions=[])
    assert account.found(login(8)) == ["order_headset"]
    told = read_ledger({"path": str(account.ledger), "state": "withdrawn"}, account.time.clock).result["followups"]
    assert {each["note"] for each in told} == {
        "The user was deactivated before this was done.",
        "The user was activated again before this was done.",
    }


def test_what_is_ignored_is_not_opened_in_any_way(account: Account, tenant: Tenant) -> None:
    actions = account.run(tenant, joiner(8))
    account.change(actions=actions, ignored_actions=JOINER[1:])
    assert account.found(login(8)) == ["assign_license"]


def test_a_journal_that_is_being_written_is_waited_for(account: Account, tenant: Tenant) -> None:
    account.change()
    account.run(tenant, joiner(8))
    with account.journal.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(EightByEightError, match="still writing to the journal"):
            account.change(timeout=0.2)
    assert not account.ledger.exists()
    account.change()
    assert account.found(login(8)) == JOINER


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"event": "confirmed"}', '{"time": 1}', "\0", '{"time": "2027-01-15T08:00:00Z", "event": ["sent"]}'],
)
def test_a_line_that_is_none_changes_nothing(account: Account, tenant: Tenant, line: str) -> None:
    account.change()
    account.run(tenant, joiner(8))
    text = account.journal.read_text(encoding="utf-8")
    account.journal.write_text(f"{line}\n{text}{line}", encoding="utf-8")
    account.change()
    assert account.found(login(8)) == JOINER
    assert account.change()["changed"] is False
    assert json.loads(account.journal.read_text(encoding="utf-8").splitlines()[-1])["event"] == "followed_up"


def test_a_journal_is_begun_before_a_roster_and_not_after_it(account: Account) -> None:
    account.change(actions=[])
    assert not account.journal.exists()
