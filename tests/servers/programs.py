# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers: what they are, what they store, how they are started and what they hold."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build"
TOKEN = "Some+token/of-a.test=="
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

ALL = frozenset(
    "given_name family_name email external_id title department locale timezone phone_numbers nick_name".split()
)


@dataclass(frozen=True)
class Program:
    """A server that somebody else wrote.

    :param python: The environment in build/ that it runs in, None for Node.
    :param package: What its version is read of; of several, separated by commas, in Node.
    :param stores: The attributes that it has a place for.
    :param told: What a step cannot do with it, and how the collection tells that: part of the message. Such a step must not
        go well either.
    """

    name: str
    python: str | None
    package: str
    script: str
    path: str
    stores: frozenset[str] = ALL
    arguments: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)

    def version(self) -> str:
        """Return the name and the version that runs."""
        if self.python is None:
            packages = json.loads((HERE / "node" / "package.json").read_text(encoding="utf-8"))["dependencies"]
            return " and ".join(f"{name} {packages[name]}" for name in self.package.split(","))
        code = f"import importlib.metadata as m; print(m.version({self.package!r}))"
        answer = subprocess.run([self._python, "-c", code], check=True, capture_output=True, text=True)
        return f"{self.package} {answer.stdout.strip()}"

    @property
    def _python(self) -> str:
        return str(BUILD / str(self.python) / "bin" / "python")

    def command(self, port: int) -> list[str]:
        """Return what starts it."""
        if self.python is not None:
            return [self._python, str(HERE / self.script), str(port), TOKEN, *self.arguments]
        return ["node", str(BUILD / "servers" / "node" / Path(self.script).name), str(port), TOKEN, *self.arguments]


PROGRAMS = (
    Program("scim2-server", "demo", "scim2-server", "serve_scim2.py", "/v2"),
    Program(
        "scim2-server, its first",
        "server-scim2-first",
        "scim2-server",
        "serve_scim2.py",
        "/v2",
        # It announces the length of each page as that of the list.
        told={"250 people": "nobody is removed because of a list that does not add up"},
    ),
    Program("scimmy", None, "scimmy,scimmy-routers", "node/serve_scimmy.js", "/scim/v2"),
    Program(
        "scimmy that merges",
        None,
        "scimmy,scimmy-routers",
        "node/serve_scimmy.js",
        "/scim/v2",
        arguments=("merge",),
        # It takes neither null nor an empty text for a title.
        told={"clear": "is 'Analyst' in the server, not ''; the task says so"},
    ),
    Program(
        "django-scim2",
        "server-django",
        "django-scim2",
        "django/serve_django_scim2.py",
        "/scim/v2",
        frozenset({"given_name", "family_name", "email", "external_id"}),
    ),
    Program(
        "better-auth",
        None,
        "better-auth,@better-auth/scim",
        "node/serve_better_auth.js",
        "/api/auth/scim/v2",
        ALL - {"nick_name"},
    ),
)


def install_node() -> None:
    """Install what package-lock.json names into build/."""
    room = BUILD / "servers" / "node"
    room.mkdir(parents=True, exist_ok=True)
    lock = (HERE / "node" / "package-lock.json").read_bytes()
    done = room / "installed"
    if not done.exists() or done.read_bytes() != lock:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / "node" / name, room)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=room, check=True)
        done.write_bytes(lock)
    for script in (HERE / "node").glob("*.js"):
        shutil.copy(script, room)


@dataclass
class Server:
    """One that runs."""

    program: Program
    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    heard: int = field(default=0, init=False)

    def __enter__(self) -> Server:
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            self.port = door.getsockname()[1]
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "DATABASE": str(self.folder / "database.sqlite3")}
        with (self.folder / "server.log").open("wb") as log:
            self.process = subprocess.Popen(self.program.command(self.port), env=environment, stdout=log, stderr=log)
        until = time.monotonic() + 30
        while True:
            try:
                self.state()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.1)
            else:
                return self

    def __exit__(self, *_error: object) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)

    @property
    def url(self) -> str:
        """The address that goes into ``api_url``."""
        return f"http://127.0.0.1:{self.port}{self.program.path}"

    def state(self) -> dict[str, Any]:
        """Return what it holds and heard, which it tells beside SCIM."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/state", timeout=10) as answer:
            told: dict[str, Any] = json.load(answer)
        return told

    def writes(self) -> list[str]:
        """Return the verbs of the writes since this was asked last."""
        heard = self.state()["heard"]
        news, self.heard = heard[self.heard :], len(heard)
        return [verb for verb in news if verb != "GET"]

    def users(self) -> dict[str, dict[str, Any]]:
        """Return everybody by login name as it is stored; a list that holds one twice is an error."""
        found: dict[str, dict[str, Any]] = {}
        for raw in self.state()["users"]:
            if raw["userName"] in found:
                raise AssertionError(f"{raw['userName']} is there twice")
            found[raw["userName"]] = _view(raw)
        return found

    def seed(self, body: dict[str, Any]) -> None:
        """Create somebody without the collection."""
        request = urllib.request.Request(
            f"{self.url}/Users",
            json.dumps({"schemas": [CORE, *(name for name in body if name.startswith("urn:"))], **body}).encode(),
            {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"},
        )
        try:
            urllib.request.urlopen(request, timeout=10).close()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"the server takes nobody: {error.read().decode()}") from error


def _view(raw: dict[str, Any]) -> dict[str, Any]:
    """Return a stored user in the words of the collection."""
    name, mails = raw.get("name") or {}, raw.get("emails") or []
    return {
        "given_name": name.get("givenName"),
        "family_name": name.get("familyName"),
        "email": mails[0].get("value") if mails else None,
        "emails": sorted(mail.get("value") for mail in mails),
        "external_id": raw.get("externalId") or None,
        "title": raw.get("title"),
        "nick_name": raw.get("nickName"),
        "department": (raw.get(ENTERPRISE) or {}).get("department"),
        "locale": raw.get("locale"),
        "timezone": raw.get("timezone"),
        "phone_numbers": sorted((entry["type"], entry["value"]) for entry in raw.get("phoneNumbers") or []),
        "formatted": name.get("formatted"),
        "active": raw.get("active"),
    }
