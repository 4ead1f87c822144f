# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A tenant in memory whose users change by every write, and a network with faults on the way to it."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import requests
from requests import exceptions as wire
from requests.adapters import BaseAdapter

from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    Reply,
    Tenant,
)


class Living(Tenant):
    """A tenant whose users have a time and, with versions, a number that every write moves."""

    def __init__(self, *people: Mapping[str, Any]) -> None:
        super().__init__(*people)
        self._writes = 0
        self.conflicts = 0

    def touch(self, raw: dict[str, Any]) -> None:
        self._writes += 1
        meta = {
            "lastModified": f"2026-06-01T{self._writes // 3600:02}:{self._writes // 60 % 60:02}:{self._writes % 60:02}Z"
        }
        raw["meta"] = {**raw["meta"], **meta, **({"version": f'W/"{self._writes}"'} if self.versions else {})}

    def _answer(self, verb: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, Any]) -> Reply:
        if verb == "GET":
            return super()._answer(verb, path, query, body, headers)
        before = copy.deepcopy(self.users)
        reply = super()._answer(verb, path, query, body, headers)
        self.conflicts += reply.status == 409
        for key, raw in self.users.items():
            if raw != before.get(key):
                self.touch(raw)
        return reply


class Fault(NamedTuple):
    """What happens to the next request of a kind."""

    verb: str
    what: str


#: ``hides``: one user is missing in a page that counts it. ``meanwhile``: the console writes just before a PUT does.
FAULTS = ("lost_before", "lost_after", "too_many", "error_before", "error_after", "cut", "hides", *["meanwhile"] * 3)


class Network(BaseAdapter):
    """The way to a tenant, with what goes wrong on it."""

    def __init__(self, tenant: Living) -> None:
        super().__init__()
        self.tenant = tenant
        self.faults: list[Fault] = []
        self.fired = 0
        #: When users were hidden: in the answer to a filter, in a listing before the first write, or in one after it.
        self.hidden: list[str] = []
        #: Ids of users whose nickname the console changed, and what to.
        self.edits: dict[str, str] = {}

    def close(self) -> None:
        pass

    def _next(self, verb: str, path: str) -> str | None:
        for fault in self.faults:
            fits = {"hides": path == "/Users" and verb == "GET", "meanwhile": verb == "PUT"}
            if fault.verb in (verb, "*", "GET" if verb == "GET" else "write") and fits.get(fault.what, True):
                self.faults.remove(fault)
                self.fired += 1
                return fault.what
        return None

    def send(self, request: requests.PreparedRequest, **more: Any) -> requests.Response:  # type: ignore[override]
        path = str(request.url).removeprefix(BASE).partition("?")[0]
        what = self._next(str(request.method), path)
        if what == "lost_before":
            raise wire.ConnectionError("Connection reset by peer")
        if what == "too_many":
            return Reply(429, headers={"Retry-After": "1"}).response(request)
        if what == "error_before":
            return Reply(500).response(request)
        if what == "meanwhile":
            raw = self.tenant.users[path.rsplit("/", 1)[1]]
            self.edits[raw["id"]] = raw["nickName"] = f"console {len(self.edits)}"
            self.tenant.touch(raw)
        response = self.tenant.send(request, **more)
        if what == "lost_after":
            raise wire.ConnectionError("Connection reset by peer")
        if what == "error_after":
            return Reply(500).response(request)
        content = response.content
        if what == "cut" and response.ok:
            return Reply(response.status_code, content[: len(content) // 2]).response(request)
        if what == "hides" and response.ok:
            body = json.loads(content)
            if body["Resources"]:
                self.hidden.append(
                    "filter" if "filter=" in str(request.url) else self.tenant.writes and "late" or "early"
                )
            return Reply(200, {**body, "Resources": body["Resources"][1:]}).response(request)
        return Reply(response.status_code, content, response.headers).response(request)
