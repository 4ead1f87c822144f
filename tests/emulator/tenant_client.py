# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the emulated tenant, the tasks of the collection against it, and the users the tests start with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import requests
from eightbyeight_emulator import Emulator

from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.read_entry import tenant_info, user_info
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.roster_entry import manage_roster
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.runtime import Outcome
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.user_entry import manage_user

EXTENSION = "urn:ietf:params:scim:schemas:extension:8x8:1.1:User"
OTHER_EXTENSION = "urn:8x8:scim:schemas:extension:8x8user:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
STRANGER = "urn:example:params:scim:schemas:extension:badge:1.0:User"
TOKEN = "test-token-9f2c"
READ_ONLY_TOKEN = "reader-token-51aa"

SEED = {
    "sites": [
        {"name": "London", "locale": "en-GB", "timezone": "Europe/London"},
        {"name": "Paris", "locale": "fr-FR", "timezone": "Europe/Paris"},
    ],
    "people": [
        {
            "user_name": "ada@example.org",
            "given_name": "Ada",
            "family_name": "Marlowe",
            "title": "Engineer",
            "department": "IT",
            "site": "London",
            "external_id": "HR-1",
            "phone_numbers": [{"type": "mobile", "value": "+44 7700 900001"}],
        },
        {"user_name": "bo@example.org", "given_name": "Bo", "family_name": "Quill", "active": False},
        {"user_name": "cy@example.org", "given_name": "Cy", "family_name": "Rook", "extra": {"nickName": "C"}},
        {"user_name": "desk@example.org", "given_name": "Desk", "family_name": "Phone", "origin": "console"},
    ],
    "other_tenants": ["taken@example.com"],
}


class API:
    """A client of one tenant, with one connection."""

    def __init__(self, tenant: Emulator, token: str | None = TOKEN) -> None:
        self.tenant = tenant
        self.session = requests.Session()
        self.session.trust_env = False
        if token is not None:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        options.setdefault("allow_redirects", False)
        return self.session.request(method, self.tenant.url + path, json=body, timeout=10, **options)

    def get(self, path: str, **query: Any) -> requests.Response:
        return self("GET", path, params=query)

    def page(self, **query: Any) -> dict[str, Any]:
        answer = self.get("/Users", **query)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def names(self, **query: Any) -> list[str]:
        return [user["userName"] for user in self.page(**query).get("Resources", [])]

    def find(self, user_name: str) -> dict[str, Any] | None:
        """Return the stored state of a user, whatever SCIM shows of it."""
        for user in self.tenant.users():
            if user["resource"]["userName"].lower() == user_name.lower():
                return user
        return None

    def id(self, user_name: str) -> str:
        user = self.find(user_name)
        assert user is not None
        return str(user["id"])

    def post(self, **attributes: Any) -> requests.Response:
        return self("POST", "/Users", person(**attributes))

    def put(self, user_name: str, **changes: Any) -> requests.Response:
        """Read a user, change it and put it back; None removes an attribute."""
        body = self.get(f"/Users/{self.id(user_name)}").json()
        return self("PUT", f"/Users/{body['id']}", without_nothing({**body, **changes}))

    def patch(self, user_name: str, *operations: dict[str, Any]) -> requests.Response:
        return self(
            "PATCH",
            f"/Users/{self.id(user_name)}",
            {
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": list(operations),
            },
        )

    def deactivate(self, user_name: str) -> requests.Response:
        return self.patch(user_name, {"op": "replace", "value": {"active": False}})


def without_nothing(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value is not None}


def person(**attributes: Any) -> dict[str, Any]:
    """Return a body for POST, with what is mandatory filled in; None leaves something out."""
    return without_nothing(
        {
            "userName": "new@example.org",
            "name": {"givenName": "New", "familyName": "Comer"},
            "emails": [{"value": "new@example.org", "type": "work"}],
            **attributes,
        }
    )


class Tasks:
    """The modules as a playbook runs them, against one tenant; options are those of the module.

    :param folder: Where the processes keep their options.
    """

    def __init__(self, api: API, folder: Path) -> None:
        self.api = api
        self._folder = folder
        self._started = 0

    def user(self, *, check: bool = False, **options: Any) -> dict[str, Any]:
        return self._run(manage_user, argspec.USER, check, options)

    def roster(self, users: list[Any] | None = None, *, check: bool = False, **options: Any) -> dict[str, Any]:
        return self._run(manage_roster, argspec.ROSTER, check, {"users": users, **options})

    def user_info(self, **options: Any) -> dict[str, Any]:
        return self._run(user_info, argspec.USER_INFO, False, options)

    def tenant_info(self, **options: Any) -> dict[str, Any]:
        return self._run(tenant_info, argspec.TENANT_INFO, False, options)

    def _options(self, spec: argspec.ArgumentSpec, options: dict[str, Any]) -> dict[str, Any]:
        given = {name: option.get("default") for name, option in spec.argument_spec.items()}
        return {**given, "api_url": self.api.tenant.url, "api_token": TOKEN, **options}

    def _run(
        self,
        operation: Callable[..., Outcome],
        spec: argspec.ArgumentSpec,
        check: bool,
        options: dict[str, Any],
    ) -> dict[str, Any]:
        outcome = operation(self._options(spec, options), check)
        assert outcome.failed is ("error" in outcome.result)
        return {**outcome.result, "warnings": list(outcome.warnings)}

    def start_user(self, **options: Any) -> subprocess.Popen[str]:
        """Start ``eightbyeight_user`` in a process of its own."""
        return self._start("_module.user_entry", "manage_user", self._options(argspec.USER, options))

    def start_roster(self, users: list[Any], **options: Any) -> subprocess.Popen[str]:
        """Start ``eightbyeight_roster`` in a process of its own."""
        return self._start(
            "_module.roster_entry", "manage_roster", self._options(argspec.ROSTER, {"users": users, **options})
        )

    def _start(self, module: str, operation: str, options: dict[str, Any]) -> subprocess.Popen[str]:
        self._started += 1
        given = self._folder / f"options{self._started}.json"
        given.write_text(json.dumps(options), encoding="utf-8")
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, module, operation, str(given)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


# As a module runs it: a process of its own, with nothing but the engine. It says when it is ready, and waits to be let go.
PROGRAM = """
import importlib, json, sys
name = "ansible_collections.eightbyeight.scim.plugins.module_utils." + sys.argv[1]
operation = getattr(importlib.import_module(name), sys.argv[2])
options = json.load(open(sys.argv[3]))
print("ready", flush=True)
sys.stdin.readline()
outcome = operation(options, False)
print(json.dumps({**outcome.result, "warnings": list(outcome.warnings)}))
"""


def just_before(api: API, method: str, path: str, do: Callable[[], object], *, times: int = 1, skip: int = 0) -> None:
    """Do something right before the next requests of a kind are carried out."""
    faults = api.tenant.application.faults
    pick, left = faults.pick, [*[False] * skip, *[True] * times]

    def picked(verb: str, where: str, filter_text: str) -> Any:
        if verb == method and fnmatchcase(where, path) and left and left.pop(0):
            do()
        return pick(verb, where, filter_text)

    setattr(faults, "pick", picked)  # noqa: B010 - a method, for the type checker


def let_go(*processes: subprocess.Popen[str]) -> None:
    """Let processes go at the same moment."""
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()


def together(*processes: subprocess.Popen[str]) -> list[dict[str, Any]]:
    """Let processes go at the same moment, and return what each came to."""
    let_go(*processes)
    results = []
    for process in processes:
        output, _errors = process.communicate(timeout=60)
        assert process.returncode == 0
        results.append(json.loads(output))
    return results
