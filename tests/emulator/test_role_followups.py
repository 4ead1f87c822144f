# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role followups as a play runs it: evidence, the checklist, and tasks of the user's own, of which some fail."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from matrix import collection_tree
from plays import run_playbook
from tenant_client import API, TOKEN


class _Tickets(BaseHTTPRequestHandler):
    """A service for tickets that refuses some of them."""

    def do_POST(self) -> None:
        ticket = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        refused = ticket in self.server.refused  # type: ignore[attr-defined]
        self.server.seen.append((ticket, refused))  # type: ignore[attr-defined]
        self.send_response(500 if refused else 201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def tickets() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Tickets)
    server.seen, server.refused = [], []  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class Play:
    """Runs the playbook of the collection."""

    def __init__(self, api: API, folder: Path, tickets: Any) -> None:
        self.folder = folder
        self.ledger = folder / "followups.jsonl"
        url = f"http://127.0.0.1:{tickets.server_port}"
        body = (
            "{{ followups_person | map(attribute='action') | map('string') | list + [followups_followup.user_name] }}"
        )
        uri = {"url": url, "method": "POST", "body_format": "json", "body": body, "status_code": 201}
        task = {"name": "Open a ticket", "ansible.builtin.uri": uri, "check_mode": False}
        (folder / "ticket.yml").write_text(yaml.safe_dump([task]), encoding="utf-8")
        self._settings = {
            **{name: value for name, value in os.environ.items() if not name.startswith("EIGHTBYEIGHT_")},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": str(collection_tree()),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "EIGHTBYEIGHT_API_URL": api.tenant.url,
            "EIGHTBYEIGHT_API_TOKEN": TOKEN,
            "EIGHTBYEIGHT_ADMIN_API_URL": api.tenant.admin_url,
            "EIGHTBYEIGHT_ADMIN_API_KEY": api.tenant.admin_api_key,
            "no_proxy": "127.0.0.1",
        }

    def __call__(self, *arguments: str, failed: bool = False, **variables: Any) -> str:
        given = {"followups_ledger": str(self.ledger), "followups_tasks": str(self.folder / "ticket.yml"), **variables}
        done = run_playbook(
            ["ansible-playbook", "eightbyeight.scim.followups", "-e", json.dumps(given), *arguments],
            self.folder,
            self._settings,
        )
        assert (done.returncode != 0) is failed, done.stdout + done.stderr
        assert "WARNING" not in done.stdout + done.stderr
        return done.stdout

    def open(self, user_name: str, *actions: str, due: str | None = None) -> None:
        lines = self.ledger.read_text(encoding="utf-8") if self.ledger.exists() else ""
        for action in actions:
            fields = {
                "format": 1,
                "tenant": "0012J00042NkZQIQA3",
                "user_name": user_name,
                "action": action,
                "occurrence": 1,
            }
            fields.update(
                state="open",
                opened="2026-01-02T08:00:00Z",
                reason="SCIM cannot do it.",
                **({"due": due} if due else {}),
            )
            lines += json.dumps(fields) + "\n"
        self.ledger.write_text(lines, encoding="utf-8")

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.ledger.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def play(api: API, tmp_path: Path, tickets: Any) -> Play:
    return Play(api, tmp_path, tickets)


def test_a_failure_is_told_and_tried_again_and_what_went_through_is_not_told_twice(
    api: API, play: Play, tickets: Any
) -> None:
    play.open("ada@example.org", "assign_license", "set_cost_center")
    play.open("cy@example.org", "set_cost_center", due="2026-01-05")
    tickets.refused = [["set_cost_center", "ada@example.org"]]
    told = play("--check", failed=True)
    assert all("told" not in line for line in play.lines()), "check mode writes nothing"
    tickets.seen.clear()
    told = play(failed=True, followups_checklist_dir=str(play.folder / "lists"))
    assert "done, as 8x8 shows: assign_license for ada@example.org" in told
    assert "overdue: set_cost_center for cy@example.org" in told
    assert (
        "No notification was possible for set_cost_center for ada@example.org, and the next run tries again: " in told
    )
    assert sorted(tickets.seen) == [
        (["set_cost_center", "ada@example.org"], True),
        (["set_cost_center", "cy@example.org"], False),
    ]
    (markdown,) = (play.folder / "lists").glob("*.md")
    assert markdown.read_text(encoding="utf-8").splitlines()[2:] == [
        "## set cost center: 2 people",
        "",
        "SCIM cannot do it.",
        "",
        "- [ ] cy@example.org: due 2026-01-05 **overdue**",
        "- [ ] ada@example.org",
    ]
    assert [path.stat().st_mode & 0o777 for path in (play.folder / "lists").iterdir()] == [0o600, 0o600]
    tickets.seen.clear()
    tickets.refused = []
    play()
    assert tickets.seen == [(["set_cost_center", "ada@example.org"], False)]
    tickets.seen.clear()
    assert "changed=0" in play()
    assert tickets.seen == []
    assert {line["action"]: line["state"] for line in play.lines()} == {
        "assign_license": "done",
        "set_cost_center": "open",
    }


def test_a_person_is_told_of_once(play: Play, tickets: Any) -> None:
    play.open("cy@example.org", "set_cost_center", "end_sessions")
    play.open("ada@example.org", "end_sessions")
    play(followups_followup_by="person")
    assert sorted(tickets.seen) == [
        (["end_sessions", "ada@example.org"], False),
        (["set_cost_center", "end_sessions", "cy@example.org"], False),
    ] or sorted(tickets.seen) == [
        (["end_sessions", "ada@example.org"], False),
        (["end_sessions", "set_cost_center", "cy@example.org"], False),
    ]
    assert all(line["told"] for line in play.lines())


def test_what_stands_in_the_way_is_told(api: API, play: Play, tickets: Any) -> None:
    assert "followups_followup_by must be" in play(failed=True, followups_followup_by="team")
    api.tenant.set_switches(admin_api="off")
    play.open("ada@example.org", "assign_license")
    told = play(failed=True)
    assert "The API is in beta" in told
    assert tickets.seen == [(["assign_license", "ada@example.org"], False)], "what is open is told all the same"
