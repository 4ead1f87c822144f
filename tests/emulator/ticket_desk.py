# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for Jira, ServiceNow and a webhook, and the task files of the guide on follow-ups that open tickets there."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import sys
import textwrap
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from plays import run_playbook

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_followups.rst"
USER, PASSWORD = "robot", "a-password"
LOGIN = f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"


def task_file(first_task: str) -> str:
    """Return the task file of the guide that begins with a task of this name."""
    blocks = re.findall(
        r"^\.\. code-block:: yaml\n\n((?:    .*\n|\n)+)", GUIDE.read_text(encoding="utf-8"), re.MULTILINE
    )
    (found,) = [block for block in map(textwrap.dedent, blocks) if block.startswith(f"- name: {first_task}\n")]
    return found


class Desk(ThreadingHTTPServer):
    """Where tickets are opened.

    :param lost: How many tickets are opened and then answered with an error.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.tickets: list[dict[str, Any]] = []
        self.searches: list[str] = []
        self.lost = 0

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Desk

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query, strict_parsing=True).items()}
        if self.headers.get("Authorization") != LOGIN:
            self._answer(401, {})
        elif parts.path in ("/rest/api/2/search", "/rest/api/3/search/jql"):
            self.server.searches.append(asked["jql"])
            match = re.fullmatch(r'project = "HELP" AND labels = "([\w-]+)" AND statusCategory != Done', asked["jql"])
            assert match, asked
            self._answer(200, {"issues": [one for one in self.server.tickets if match[1] in one["fields"]["labels"]]})
        elif parts.path == "/api/now/table/incident":
            self.server.searches.append(asked["sysparm_query"])
            key = asked["sysparm_query"].removeprefix("active=true^correlation_id=")
            self._answer(200, {"result": [one for one in self.server.tickets if one["correlation_id"] == key]})
        else:
            self._answer(404, {})

    def do_POST(self) -> None:
        ticket = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/hook" and self.headers.get("Authorization") != LOGIN:
            self._answer(401, {})
            return
        assert self.path in ("/hook", "/rest/api/2/issue/", "/api/now/table/incident"), self.path
        self.server.tickets.append(ticket)
        if self.server.lost:
            self.server.lost -= 1
            self._answer(503, {})
        else:
            self._answer(200 if self.path == "/hook" else 201, {"key": "HELP-1"})

    def _answer(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        pass


@contextlib.contextmanager
def open_desk() -> Iterator[Desk]:
    """Run a desk."""
    desk = Desk()
    thread = Thread(target=desk.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield desk
    finally:
        desk.shutdown()
        thread.join()
        desk.server_close()


def run_followups(desk: Desk, folder: Path, tree: str, tasks: str, **variables: Any) -> tuple[int, str]:
    """Run the role followups with a task file and a ledger of two follow-ups of one person; return its status and output."""
    ledger = folder / "followups.jsonl"
    if not ledger.exists():
        both = ("assign_license", "assign_profile")
        lines = [
            {
                "format": 1,
                "tenant": "C1",
                "user_name": "ada@example.org",
                "action": action,
                "occurrence": 1,
                "state": "open",
            }
            for action in both
        ]
        more = {
            "opened": "2026-01-02T08:00:00Z",
            "reason": 'SCIM cannot, "really".',
            "where": "Admin Console > Home > Users",
        }
        ledger.write_text("".join(json.dumps({**line, **more}) + "\n" for line in lines), encoding="utf-8")
    (folder / "ticket.yml").write_text(tasks, encoding="utf-8")
    given = {
        "followups_ledger": str(ledger),
        "followups_tasks": str(folder / "ticket.yml"),
        "followups_evidence": False,
        "followups_followup_by": "person",
        "followups_customer_id": "C1",
        "webhook_url": f"{desk.url}/hook",
        "jira_url": desk.url,
        "jira_project": "HELP",
        "jira_user": USER,
        "jira_password": PASSWORD,
        "servicenow_url": desk.url,
        "servicenow_user": USER,
        "servicenow_password": PASSWORD,
        **variables,
    }
    settings = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("EIGHTBYEIGHT_", "ANSIBLE_"))},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": tree,
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "1",
        "HOME": str(folder),
        "no_proxy": "127.0.0.1",
    }
    command = ["ansible-playbook", "eightbyeight.scim.followups", "-e", json.dumps(given)]
    done = run_playbook(command, folder, settings)
    return done.returncode, done.stdout + done.stderr


def is_opened_once(desk: Desk, folder: Path, tree: str, tasks: str, **variables: Any) -> list[dict[str, Any]]:
    """See that a ticket whose reply was lost is found by the next run, and return the tickets."""
    desk.lost = 1
    status, output = run_followups(desk, folder, tree, tasks, **variables)
    assert status != 0, output
    assert "No notification was possible for ada@example.org, and the next run tries again" in output
    assert len(desk.tickets) == 1, output
    status, output = run_followups(desk, folder, tree, tasks, **variables)
    assert status == 0, output
    assert "WARNING" not in output
    lines = (folder / "followups.jsonl").read_text(encoding="utf-8").splitlines()
    assert all(json.loads(line)["told"] for line in lines), output
    assert len(desk.searches) == 2
    return desk.tickets
