# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rulebooks by ansible-rulebook itself, with its rule engine in Java, against an emulated tenant."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from ansible_collections.eightbyeight.scim.tests.unit.guide_blocks import Block, each, loaded, of_kind, sort_of

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "roles" / "emulator" / "files"))

from eightbyeight_emulator import Emulator

TREE = next(path for path in sys.path if (Path(path) / "ansible_collections" / "eightbyeight" / "scim").exists())
#: Seconds between two polls; more than ansible-playbook needs to start on a busy machine.
INTERVAL = 10.0
LONG = 120.0
ADA = "ada@example.org"
PEOPLE = [
    {"user_name": ADA, "given_name": "Ada", "family_name": "A"},
    {"user_name": "bo@example.org", "given_name": "Bo", "family_name": "B"},
]


def wait(what: str, condition: Callable[[], object], seconds: float = LONG) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {seconds:g} s"
        time.sleep(0.05)


class Rulebook:
    """A running ansible-rulebook."""

    def __init__(self, folder: Path, rulebook: str, tenant: Emulator, variables: dict[str, Any], *more: str) -> None:
        (folder / "vars.json").write_text(json.dumps(variables), encoding="utf-8")
        (folder / "inventory.yml").write_text(json.dumps({"all": {"hosts": {"localhost": {}}}}), encoding="utf-8")
        self.log = folder / "rulebook.log"
        settings = {
            **{name: value for name, value in os.environ.items() if not name.startswith("EIGHTBYEIGHT_")},
            "ANSIBLE_COLLECTIONS_PATH": TREE,
            "ANSIBLE_NOCOLOR": "1",
            "EIGHTBYEIGHT_API_URL": tenant.url,
            "EIGHTBYEIGHT_API_TOKEN": tenant.token,
            "EIGHTBYEIGHT_STATE_DIR": str(folder / "state"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
        }
        command = ["ansible-rulebook", "--rulebook", rulebook, "-i", "inventory.yml", "--vars", "vars.json", *more]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=folder, env=settings, stdout=log, stderr=log, start_new_session=True
            )

    def text(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def kill(self) -> None:
        """End it without a warning, with what it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(LONG)


@pytest.fixture
def tenant() -> Iterator[Emulator]:
    with Emulator(PEOPLE) as running:
        yield running


@pytest.fixture
def start(tmp_path: Path, tenant: Emulator) -> Iterator[Callable[..., Rulebook]]:
    running: list[Rulebook] = []

    def run(rulebook: str, *more: str, **variables: Any) -> Rulebook:
        before = len(tenant.log)
        running.append(Rulebook(tmp_path, rulebook, tenant, {"eightbyeight_interval": INTERVAL, **variables}, *more))
        # It is a listing, and a look behind its last page. What changes before that is no event.
        wait("the first poll", lambda: len(tenant.log) > before + 1 or running[-1].process.poll() is not None)
        assert running[-1].process.poll() is None, running[-1].text()
        return running[-1]

    yield run
    for one in running:
        one.kill()


def create(tenant: Emulator, name: str) -> None:
    import requests

    body = {
        "userName": name,
        "name": {"givenName": "N", "familyName": "C"},
        "emails": [{"value": name, "type": "work"}],
    }
    headers = {"Authorization": f"Bearer {tenant.token}"}
    assert requests.post(f"{tenant.url}/Users", json=body, headers=headers, timeout=10).status_code == 201


def test_a_new_user_has_follow_ups_within_two_intervals(
    tmp_path: Path, tenant: Emulator, start: Callable[..., Rulebook]
) -> None:
    ledger = tmp_path / "followups.jsonl"
    rulebook = start("eightbyeight.scim.new_user", eightbyeight_ledger=str(ledger))
    create(tenant, "cy@example.org")
    wait("the ledger", lambda: ledger.exists() and ledger.read_text("utf-8").count("\n") == 4, 2 * INTERVAL)
    entries = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
    assert {each["user_name"] for each in entries} == {"cy@example.org"}
    assert {"assign_license", "assign_phone_line"} < {each["action"] for each in entries}
    assert {each["tenant"] for each in entries} == {tenant.url.split("/")[-3]}
    assert "[WARNING]" not in rulebook.text()
    assert tenant.token not in rulebook.text()


class _Chat(BaseHTTPRequestHandler):
    """Takes alerts."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.alerts.append(json.loads(body))  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


def test_only_an_account_that_is_in_no_roster_is_told(
    tmp_path: Path, tenant: Emulator, start: Callable[..., Rulebook]
) -> None:
    roster = tmp_path / "people.csv"
    roster.write_text("user_name,given_name\nada@example.org,Ada\nCy@example.org,Cy\n", encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Chat) as chat:
        chat.alerts = []  # type: ignore[attr-defined]
        thread = Thread(target=chat.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        rulebook = start(
            "eightbyeight.scim.unknown_account",
            eightbyeight_roster=str(roster),
            eightbyeight_alert_url=f"http://127.0.0.1:{chat.server_port}/hook",
        )
        create(tenant, "cy@example.org")
        create(tenant, "y@example.org")
        wait("both playbooks", lambda: len(re.findall(r"PLAY RECAP", rulebook.text())) == 2)
        chat.shutdown()
        thread.join()
    (alert,) = chat.alerts  # type: ignore[attr-defined]
    assert alert["user_name"] == "y@example.org"
    assert "y@example.org was created or activated in the 8x8 tenant" in alert["text"]


def test_a_deactivation_in_the_console_is_finished(
    tmp_path: Path, tenant: Emulator, start: Callable[..., Rulebook]
) -> None:
    evidence, ledger = tmp_path / "evidence", tmp_path / "followups.jsonl"
    start("eightbyeight.scim.deactivated", eightbyeight_evidence_dir=str(evidence), eightbyeight_ledger=str(ledger))
    tenant.edit_user(ADA, active=False)
    wait("the evidence", lambda: list(evidence.glob("*.json")))
    wait("the follow-ups", lambda: ledger.exists() and "reclaim_license" in ledger.read_text("utf-8"))
    assert ADA in ledger.read_text("utf-8")
    assert {entry["method"] for entry in tenant.log} == {"GET"}, "it was deactivated before"


RULES: list[Any] = [
    {
        "name": "Everything",
        "hosts": "all",
        "sources": [
            {
                "name": "users",
                "eightbyeight.scim.user_changes": {
                    "interval": 0.5,
                    "state_file": "{{ state }}",
                    "feedback": True,
                    "host": "localhost",
                },
            }
        ],
        "rules": [
            {
                "name": "tell",
                "condition": 'event.type == "deactivated"',
                "action": {"debug": {"msg": "got {{ event.user_name }} as {{ event.meta.uuid }}"}},
            }
        ],
    }
]


def test_200_changes_a_kill_and_a_restart(tmp_path: Path) -> None:
    """With feedback and a store of the engine: nothing is lost, and what was acknowledged is not sent again."""
    people = [{**PEOPLE[0], "user_name": f"user{number:03}@example.org"} for number in range(200)]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump(RULES), encoding="utf-8")
    state = tmp_path / "state.json"
    variables = {"state": str(state), "drools_db_file_path": str(tmp_path / "engine")}
    store = ("--persistence-id", "1", "--id", "1", "--print-events")

    def received(log: Path) -> list[str]:
        return re.findall(r"'uuid': '([0-9a-f-]{36})'", log.read_text("utf-8"))

    with Emulator(people) as tenant:
        first = Rulebook(tmp_path, "rules.yml", tenant, variables, *store)
        try:
            wait("the first poll", lambda: state.exists() or first.process.poll() is not None)
            assert first.process.poll() is None, first.text()
            for person in people:
                tenant.edit_user(person["user_name"], active=False)
            wait("some events", lambda: len(set(received(first.log))) >= 20)
        finally:
            first.kill()
        lines = state.read_text("utf-8").splitlines()
        acknowledged = set(lines[1:])
        of_first = set(received(first.log))
        assert acknowledged <= of_first
        assert len(of_first) < len(people), "it was killed in the middle"
        first.log.rename(tmp_path / "first.log")
        second = Rulebook(tmp_path, "rules.yml", tenant, variables, *store)
        try:
            left = len(people) - len(acknowledged)
            wait("the others", lambda: len(set(received(second.log))) >= left or second.process.poll() is not None)
            time.sleep(2)
        finally:
            second.kill()
    of_second = received(second.log)
    assert not acknowledged & set(of_second), "an acknowledged event was sent again"
    named = re.findall(
        r"'user_name': '(user\d+@example.org)'", (tmp_path / "first.log").read_text("utf-8") + second.text()
    )
    assert set(named) == {person["user_name"] for person in people}
    # Sent twice is at most the one that was on its way when it was killed.
    assert len(of_first & set(of_second)) <= 1


@each([block for block in of_kind("yaml", "yaml+jinja") if sort_of(block) == "rulebook"])
def test_rulebooks_of_the_guides_are_those_of_ansible_rulebook(block: Block) -> None:
    """Its own schema takes them, and its own parser reads the conditions."""
    importlib.import_module("ansible_rulebook.validators").Validate.rulebook(loaded(block))
    assert importlib.import_module("ansible_rulebook.rules_parser").parse_rule_sets(loaded(block)), block.place
