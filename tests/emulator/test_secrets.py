# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The token is nowhere (law 6): all that a run of ansible-playbook writes is searched for it, in every spelling.

The server here repeats the token wherever it can: in reasons, headers, web pages, and as the title, name and id of people. Both
ways of running are searched, at ``-vvvv`` with ``ANSIBLE_DEBUG``, with every module, two roles and each way to fail.
"""

from __future__ import annotations

import base64
import contextlib
import html
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from matrix import ROOT, collection_tree

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
EXTENSION = "urn:ietf:params:scim:schemas:extension:8x8:1.1:User"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

#: Whatever a header can carry, and more of it than a token has.
TOKEN = "aZ9+/=%&\"'\\`~{}[]<>|^$#@!?;:,.()-_=" + "".join(f"{number:x}Q+" for number in range(0x100, 0x130)) + "=="


def spellings(token: str) -> set[bytes]:
    """Spell the token in every way that it may have got somewhere."""
    raw = token.encode()
    found = {
        raw,
        raw[:24],
        raw[-24:],
        quote(token).encode(),
        quote(token, safe="").encode(),
        quote_plus(token).encode(),
        json.dumps(token)[1:-1].encode(),
        repr(token)[1:-1].encode(),
        html.escape(token).encode(),
        raw.hex().encode(),
        raw.hex().upper().encode(),
    }
    for before in ("", "B", "Be", "Bearer ", "Authorization: Bearer "):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            # What is around it in base64 depends on its neighbors.
            found.add(encode(before.encode() + raw)[len(before) * 4 // 3 + 4 : -8])
    return found


SPELLINGS = spellings(TOKEN)


def traces(content: bytes) -> list[bytes]:
    """Return the spellings of the token that are in a text."""
    return [spelled for spelled in SPELLINGS if spelled in content]


class _Echo(BaseHTTPRequestHandler):
    """Repeats the token wherever it can. The first part of the path says how."""

    protocol_version = "HTTP/1.1"

    def _person(self, number: int, token: str) -> dict[str, Any]:
        login = "ada@example.org" if number == 1 else f"{token}@example.org"
        stored = self.server.stored if number == 1 else {}  # type: ignore[attr-defined]
        return {
            "schemas": [CORE],
            "id": str(number) if number == 1 else f"{number}{token}",
            "userName": login,
            "name": {"givenName": token, "familyName": f"Bearer {token}"},
            "emails": [{"value": login, "type": "work", "primary": True}],
            "active": True,
            "title": f"Bearer {token}",
            "displayName": token,
            EXTENSION: {"site": token},
            "meta": {"location": f"https://example.org/{token}", "lastModified": token, "version": token},
            **stored,
        }

    def _service(self, key: str) -> dict[str, Any]:
        """Return a user of the Administration API."""
        names = dict.fromkeys(("customerId", "firstName", "lastName", "status", "scimProvider", "ssoProvider"), key)
        return {
            "basicInfo": {"userId": "1", "userName": f"{key}@example.org", "site": {"name": key}, **names},
            "serviceInfo": {"licenses": [{"name": f"License {key}", "country": key}]},
            "assignmentInfo": {"profilePolicy": {"name": key}},
        }

    def _answer(self) -> None:
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ") or self.headers.get("x-api-key") or ""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mode = self.path.split("/")[1]
        self.server.seen.add((mode, token))  # type: ignore[attr-defined]
        status, kind, content, length = 200, "application/scim+json", b"", None
        if mode.isdigit():
            status = int(mode)
            error = {
                "schemas": [ERROR],
                "status": mode,
                "scimType": token,
                "detail": f"Authorization: Bearer {token} {quote(token)}",
            }
            content = json.dumps(error).encode()
        elif mode in ("html200", "html500"):
            status, kind = int(mode[4:]), "text/html"
            content = f"<html><body>Authorization: Bearer {token}</body></html>".encode()
        elif mode == "garbled":
            content = f'{{"detail": "{token}'.encode()
        elif mode == "truncated":
            content, length = json.dumps({"detail": token}).encode(), 5000
        elif mode == "slow":
            time.sleep(0.4)
        elif mode == "people":
            ada, other = self._person(1, token), self._person(2, token)
            answer: Any = {"totalResults": 2, "Resources": [ada, other], "detail": token}
            if "filter=" in self.path:
                answer = {"totalResults": 1, "Resources": [ada]}
            elif "/Users/" in self.path:
                answer = ada
            elif "/admin/" in self.path:
                answer = {"data": [self._service(token)], "pagination": {"hasMore": False, "sort": token}}
            if self.command in ("PUT", "PATCH"):
                sent = json.loads(body)
                # All is stored but the title, in which it has its own will.
                self.server.stored.update(sent if self.command == "PUT" else sent["Operations"][0]["value"])  # type: ignore[attr-defined]
                self.server.stored.update(title=f"Bearer {token}")  # type: ignore[attr-defined]
                answer = self._person(1, token)
            content = json.dumps(answer).encode()
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(length or len(content)))
            for name in ("Location", "WWW-Authenticate", "X-Echo", "ETag", "Set-Cookie"):
                self.send_header(name, token)
            if status == 429:
                self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(content)
        self.close_connection = length is not None

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _answer

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def echo() -> Iterator[Any]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    server.seen = set()  # type: ignore[attr-defined]
    server.stored = {}  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


ANSWERS = [
    *("401", "403", "404", "405", "409", "412", "429", "307", "500"),
    *("html200", "html500", "garbled", "truncated", "slow", "people"),
]  # fmt: skip
#: A module of its own costs a process each time, and has the same engine.
FEW = ("401", "429", "html500", "people")


def playbook(folder: Path, base: str, modes: list[str]) -> list[dict[str, Any]]:
    """Return plays that go every way there is."""
    secret = "{{ lookup('ansible.builtin.env', 'SECRET_OF_THIS_TEST') }}"
    here = {"api_url": f"{base}/{{{{ item }}}}/v2", "api_token": secret, "timeout": 0.2, "retry_budget": 0.3}
    modules: dict[str, dict[str, Any]] = {
        "user": {"user_name": "ada@example.org", "title": "Boss"},
        "user_info": {"user_name": "ada@example.org"},
        "tenant_info": {},
        "roster": {
            "users": [{"user_name": "ada@example.org", "given_name": "Ada"}, {"user_name": "new@example.org", "given_name": "N"}],
            "unlisted": "report",
            **{name: str(folder / f"{{{{ item }}}}.{name}") for name in ("plan_file", "undo_file", "journal_file", "failed_file")},
        },
    }  # fmt: skip
    ledger = str(folder / "{{ item }}.followups.jsonl")
    modules["followup"] = {
        "path": ledger,
        "actions": [{"action": "set_site", "user_id": "1", "user_name": "ada@example.org"}],
    }
    common = {"ignore_errors": True, "register": "told"}
    tasks: list[dict[str, Any]] = [
        {
            f"eightbyeight.scim.eightbyeight_{name}": {**here, **options},
            "loop": modes if name == "user" else list(FEW if name == "roster" else FEW[-1:]),
            **common,
        }
        for name, options in modules.items()
    ]
    tasks.append(
        {
            "eightbyeight.scim.eightbyeight_followup": {**here, "path": ledger, "close_on_evidence": True},
            "loop": list(FEW[-1:]),
            **common,
        }
    )
    door = {"admin_api_url": f"{base}/{{{{ item }}}}/admin", "admin_api_key": secret, "api_token": ""}
    tasks.append(
        {
            "eightbyeight.scim.eightbyeight_service_info": {**door, "timeout": 0.2, "retry_budget": 0.3},
            "loop": modes,
            **common,
        }
    )
    audit = {
        **door,
        "api_url": here["api_url"],
        "api_token": here["api_token"],
        "users": [{"user_name": "ada@example.org"}],
    }
    tasks.append(
        {
            "eightbyeight.scim.eightbyeight_audit_info": {**audit, "timeout": 0.2, "retry_budget": 0.3},
            "loop": list(FEW),
            **common,
        }
    )
    tasks.append({"ansible.builtin.set_fact": {"kept": "{{ told }}", "cacheable": True}})
    good = {
        "api_url": f"{base}/people/v2",
        "api_token": secret,
        "user_name": "ada@example.org",
        "timeout": 0.2,
        "retry_budget": 0,
    }
    wrong: list[dict[str, Any]] = [
        {"api_url": f"https://user:{secret}@example.org/v2"},
        {"api_url": f"{base}/people/v2?token={secret}"},
        {"api_url": f"{base}/{secret}/v2"},
        {"api_url": base.replace("http:", "https:")},
        {"api_url": "http://127.0.0.1:9"},
        {"api_token": f"{secret}\nX-Injected: yes"},
        {"api_token": f"{secret}\u2603"},
        {"api_token": f" {secret}\n"},
        {"api_token": f"Bearer {secret}"},
        {"user_name": secret},
        {"title": f"x{secret}x"},
        {"extension_urn": f"urn:{secret}"},
        {"phone_numbers": [{"type": "work", "value": secret}]},
        {"phone_numbers": ["5"]},
        {"timeout": "soon"},
        {"no_such_option": 5},
        {"ca_path": f"/no/such/{secret}"},
    ]
    if modes != ANSWERS:
        wrong = [options for options in wrong if {*options} & {"api_url", "phone_numbers", "no_such_option"}][1:]
    tasks += [{"eightbyeight.scim.eightbyeight_user": {**good, **options}, **common} for options in wrong]
    rows = {
        "users": [{"user_name": "x", "title": secret}, {secret: 1}],
        **{name: value for name, value in good.items() if name != "user_name"},
    }
    tasks.append({"eightbyeight.scim.eightbyeight_roster": rows, **common})
    person = {"user_name": "ada@example.org", "family_name": "Marlowe"}
    connection = {"api_url": f"{base}/people/v2", "timeout": 1}
    roles = [
        ("roster", {"roster_users": [person], "roster_unlisted": "report", "roster_plan_dir": str(folder / "plans")}),
        (
            "onboarding",
            {
                "onboarding_users": [{**person, "given_name": "Ida"}],
                "onboarding_checklist_dir": str(folder / "checklists"),
            },
        ),
        (
            "offboarding",
            {
                "offboarding_users": [{"user_name": "ada@example.org"}],
                "offboarding_checklist_dir": str(folder / "checklists"),
                "offboarding_evidence_dir": str(folder / "evidence"),
            },
        ),
    ]
    if modes != ANSWERS:
        roles = roles[:1]
    # Once with the token of the environment, once as a variable of the role; and with a variable that is wrong.
    for name, variables in roles:
        given = {f"{name}_{option}": value for option, value in connection.items()}
        for more in ({}, {f"{name}_api_token": secret, f"{name}_users": [5]}):
            role = {"name": f"eightbyeight.scim.{name}"}
            tasks.append(
                {
                    "block": [{"ansible.builtin.include_role": role, "vars": {**given, **variables, **more}}],
                    "rescue": [{"ansible.builtin.debug": {"var": "ansible_failed_result"}}],
                }
            )
    return [{"hosts": "tenant", "gather_facts": False, "tasks": tasks}]


class ProcessList:
    """Looks at the command lines of all processes while something runs, and counts the modules that lie in a folder."""

    def __init__(self, folder: str) -> None:
        self.module = re.compile(re.escape(f"{folder}/".encode()) + rb"[^\0]*/AnsiballZ_eightbyeight")
        self.found: list[bytes] = []
        self.modules = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> ProcessList:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    line = path.read_bytes()
                    self.found += traces(line)
                    self.modules += bool(self.module.search(line))


@pytest.mark.parametrize("direct", [True, False], ids=["direct", "module"])
def test_the_token_is_nowhere(tmp_path: Path, echo: Any, direct: bool) -> None:
    """Nothing that a run shows, keeps or leaves behind has it, but what Ansible is told to leave behind."""
    base = f"http://127.0.0.1:{echo.server_port}"
    modes = ANSWERS if direct else [*FEW, "truncated"]
    files = tmp_path / "files"
    files.mkdir()
    (tmp_path / "play.json").write_text(json.dumps(playbook(files, base, modes)), encoding="utf-8")
    inventory = tmp_path / "inventory"
    inventory.write_text(
        f"tenant ansible_connection=local ansible_python_interpreter={json.dumps(sys.executable)}\n", encoding="utf-8"
    )
    kept = {name: str(tmp_path / name) for name in ("home", "local", "remote", "cache", "state", "tree", "junit")}
    settings = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "EIGHTBYEIGHT_"))},
        "HOME": kept["home"],
        "ANSIBLE_HOME": kept["home"],
        "ANSIBLE_LOCAL_TEMP": kept["local"],
        "ANSIBLE_REMOTE_TMP": kept["remote"],
        "ANSIBLE_KEEP_REMOTE_FILES": "true",
        "ANSIBLE_CACHE_PLUGIN": "ansible.builtin.jsonfile",
        "ANSIBLE_CACHE_PLUGIN_CONNECTION": kept["cache"],
        "ANSIBLE_COLLECTIONS_PATH": str(collection_tree()),
        "ANSIBLE_DEBUG": "true",
        "ANSIBLE_LOG_PATH": str(tmp_path / "log"),
        "ANSIBLE_DISPLAY_TRACEBACK": "always",
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "tools" / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "recorder,warm,ansible.builtin.tree,ansible.builtin.junit",
        "ANSIBLE_CALLBACK_TREE_DIR": kept["tree"],
        "JUNIT_OUTPUT_DIR": kept["junit"],
        "EIGHTBYEIGHT_RECORD": str(tmp_path / "record"),
        "EIGHTBYEIGHT_STATE_DIR": kept["state"],
        "EIGHTBYEIGHT_API_TOKEN": TOKEN,
        "ANSIBLE_EIGHTBYEIGHT_DIRECT": str(direct).lower(),
        "SECRET_OF_THIS_TEST": TOKEN,
    }
    with ProcessList(kept["remote"]) as processes, (tmp_path / "stdout").open("wb") as output:
        told = subprocess.run(
            ["ansible-playbook", "-vvvv", "--diff", "-i", str(inventory), str(tmp_path / "play.json")],
            cwd=tmp_path,
            env={**settings, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
            check=False,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
    # It got to the end, and the server was reached every way.
    assert told.returncode == 0, (tmp_path / "stdout").read_text(encoding="utf-8")[-5000:]
    assert {mode for mode, token in echo.seen if token == TOKEN} >= set(modes)
    assert not {token for _mode, token in echo.seen} - {TOKEN, ""}
    assert (processes.modules > 0) is not direct

    assert processes.found == []
    found, searched = {}, set()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            searched.add(path.relative_to(tmp_path).parts[0])
            if traces(path.read_bytes()):
                found[path.name] = traces(path.read_bytes())
    # With ANSIBLE_KEEP_REMOTE_FILES Ansible leaves the module with its arguments in its folder below ANSIBLE_REMOTE_TMP.
    payloads = {name for name in found if name.startswith("AnsiballZ_eightbyeight_")}
    assert (payloads == set()) is direct
    assert set(found) - payloads == set()
    assert searched >= {"stdout", "log", "record", "files", "cache", "state", "tree", "junit"}
    written = {path.suffix for path in files.rglob("*") if path.is_file()}
    assert written >= {".plan_file", ".undo_file", ".journal_file", ".failed_file", ".json", ".jsonl", ".md", ".csv"}
