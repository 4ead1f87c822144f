# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""People whose names are templates, orders to a terminal and formulas, through real playbooks and all roles."""

from __future__ import annotations

import csv
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from plays import run_playbook

from ansible_collections.eightbyeight.scim.plugins.module_utils import _client
from ansible_collections.eightbyeight.scim.tests.unit.helpers import TOKEN, Tenant, resource

#: What would show that one of them was taken for more than a text: files that it makes beside the playbook.
TRACES = ("j1", "j2", "j3", "b1", "b2", "b3")


def evil(number: int) -> str:
    """Return a text that is a template twice over, moves the cursor, and looks like a value that is not to be a template.

    The first template is as long as a family name may be, 30 characters.
    """
    call = f"={{{{lookup('pipe','touch j{number}')}}}}"
    block = f"{{% if lookup('pipe', 'touch b{number}') %}}{{% endif %}}"
    return f"{call}{block}!unsafe {{# x #}}\x1b[2J\r\x9b2J\u202eend"


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP for a tenant in memory."""

    protocol_version = "HTTP/1.1"
    tenant: Tenant

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        size = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(size)) if size else None
        path = unquote(url.path.removeprefix("/scim"))
        reply = self.tenant._answer(self.command, path, dict(parse_qsl(url.query)), body, {})
        content = b"" if reply.body is None else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/scim+json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def tenant() -> Iterator[tuple[Tenant, str]]:
    """A tenant over HTTP, in which every text of everybody is evil."""
    people = []
    for number in range(1, 4):
        text = evil(number)
        person = resource(f"id{number}", f"{text}{number}@example.org", title=text, externalId=f"{text}{number}")
        person["name"] = {"givenName": text, "familyName": text}
        person["emails"][0]["value"] = f"{text}@example.org"
        people.append(person)
    made = Tenant(*people)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"tenant": made}))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made, f"http://127.0.0.1:{server.server_port}/scim"
    server.shutdown()
    thread.join()
    server.server_close()


#: Files are named after the host, which is one tenant.
HOST = "../../../evil host"

PLAY = """
- hosts: all
  gather_facts: false
  module_defaults:
    group/eightbyeight.scim.eightbyeight:
      api_url: "{{ url }}"
      api_token: "{{ token }}"
  tasks:
    - eightbyeight.scim.eightbyeight_user_info:
      register: info
    - ansible.builtin.copy:
        content: "{{ info.users | to_json }}"
        dest: "{{ out }}/info.json"
        mode: "0600"
    - eightbyeight.scim.eightbyeight_user:
        user_id: "{{ info.users[0].id }}"
        department: "{{ info.users[1].title[:90] }}"
      register: one
    - ansible.builtin.copy:
        content: "{{ one.user | to_json }}"
        dest: "{{ out }}/one.json"
        mode: "0600"
    - eightbyeight.scim.eightbyeight_user:
        user_name: "{{ info.users[0].title[:30] }}"
        user_id: "{{ info.users[1].id }}"
      register: refused
      failed_when: refused is not failed
    - eightbyeight.scim.eightbyeight_roster:
        users:
          - {user_id: "{{ info.users[0].id }}", title: "{{ info.users[0].title }} more"}
          - {user_id: "{{ info.users[1].id }}", site: Paris}
        undo_file: "{{ out }}/undo.json"
        journal_file: "{{ out }}/journal"
        failed_file: "{{ out }}/failed.csv"
      diff: true
      register: list
      failed_when: list is not failed
    - ansible.builtin.include_role:
        name: eightbyeight.scim.onboarding
      vars:
        onboarding_api_url: "{{ url }}"
        onboarding_api_token: "{{ token }}"
        onboarding_users:
          - user_name: "{{ info.users[0].title[:30] }}new"
            given_name: "{{ info.users[0].title }}"
            family_name: "{{ info.users[0].title[:30] }}"
            email: e@example.org
            title: "{{ info.users[0].title }}"
        onboarding_checklist_dir: "{{ out }}/onboarding"
        onboarding_followup_tasks: "{{ out }}/followup.yml"
    - ansible.builtin.include_role:
        name: eightbyeight.scim.offboarding
      vars:
        offboarding_api_url: "{{ url }}"
        offboarding_api_token: "{{ token }}"
        offboarding_users: [{user_id: "{{ info.users[2].id }}"}]
        offboarding_checklist_dir: "{{ out }}/offboarding"
        offboarding_evidence_dir: "{{ out }}/evidence"
        offboarding_followup_tasks: "{{ out }}/followup.yml"
    - block:
        - ansible.builtin.include_role:
            name: eightbyeight.scim.roster
          vars:
            roster_api_url: "{{ url }}"
            roster_api_token: "{{ token }}"
            roster_users:
              - {user_id: "{{ info.users[0].id }}", title: "{{ info.users[1].title }}"}
              - {user_id: "{{ info.users[1].id }}", site: Paris}
            roster_plan_dir: "{{ out }}/roster"
            roster_unlisted: report
            roster_followup_tasks: "{{ out }}/followup.yml"
        - ansible.builtin.fail:
            msg: The site cannot be changed, and nobody said so.
      rescue:
        - ansible.builtin.assert:
            that: roster_failed | length == 1
"""

FOLLOWUP = """
- ansible.builtin.copy:
    content: "{{ (offboarding_followup | default(onboarding_followup) | default(roster_followup)) | to_json }}"
    dest: "{{ out }}/followup.json"
    mode: "0600"
  when: not (out ~ '/followup.json') is exists
- ansible.builtin.debug:
    msg: "{{ offboarding_followup | default(onboarding_followup) | default(roster_followup) }}"
"""


def test_no_text_of_anybody_is_ever_more_than_a_text(tenant: tuple[Tenant, str], tmp_path: Path) -> None:
    made, url = tenant
    before = json.loads(json.dumps(made.users))
    out = tmp_path / "out"
    out.mkdir()
    (out / "followup.yml").write_text(FOLLOWUP, encoding="utf-8")
    (tmp_path / "play.yml").write_text(PLAY, encoding="utf-8")
    local = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    done = run_playbook(
        [
            *("ansible-playbook", str(tmp_path / "play.yml"), "-vv"),
            *("-i", f"{HOST},", "-e", json.dumps({"url": url, "token": TOKEN, "out": str(out), **local})),
        ],
        tmp_path,
        {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(Path(_client.__file__).parents[5]),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "no_proxy": "127.0.0.1",
        },
    )
    output = done.stdout + done.stderr
    print(output.encode("unicode_escape").decode().replace("\\n", "\n"))
    assert done.returncode == 0
    traces = [path.name for path in tmp_path.iterdir() if path.name.startswith(TRACES)]
    assert traces == [], "a text was taken for a template"
    # What the roles and modules say themselves. Ansible writes results as JSON, which leaves what is not ASCII as it is.
    assert "\x1b" not in output and "\r" not in output

    named = [path for path in tmp_path.parent.rglob("*") if "evil" in path.name]
    assert len(named) > 5
    assert all(path.is_relative_to(out) for path in named), "a file left the directory that it was meant for"

    modes = {
        path.name: path.stat().st_mode & 0o777 for path in out.rglob("*") if path.is_file() and path.suffix != ".yml"
    }
    assert set(modes.values()) == {0o600}, modes

    text = before["id1"]["title"]
    info = json.loads((out / "info.json").read_text(encoding="utf-8"))
    assert sorted(user["title"] for user in info) == sorted(raw["title"] for raw in before.values())
    assert sorted(user["user_name"] for user in info) == sorted(raw["userName"] for raw in before.values())
    one = json.loads((out / "one.json").read_text(encoding="utf-8"))
    assert one["title"] == before[one["id"]]["title"]
    newcomer = next(raw for key, raw in made.users.items() if key.startswith("new"))
    assert newcomer["title"] in [raw["title"] for raw in before.values()]
    assert newcomer["name"]["givenName"] == newcomer["title"]
    assert json.loads((out / "followup.json").read_text(encoding="utf-8"))["user_name"]
    assert text
    tables = sorted(out.rglob("*.csv"))
    assert {path.parent.name for path in tables} >= {"onboarding", "offboarding", "out", "roster"}
    for path in tables:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                assert not [cell for cell in row if cell.lstrip()[:1] in tuple("=+-@")], path
