# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A roster against a tenant in memory: what its tests share."""

from __future__ import annotations

import copy
import datetime as dt
import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from requests.adapters import BaseAdapter

from ansible_collections.eightbyeight.scim.plugins.module_utils._base import empty
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.pacing import Pace
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.refusals import Refusals
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import DEFAULT_EXTENSION_URN
from ansible_collections.eightbyeight.scim.plugins.module_utils._roster import run_roster
from ansible_collections.eightbyeight.scim.plugins.module_utils._rows import reader
from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.dates import Calendar
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    FakeTime,
    ReadOnly,
    Reply,
    Tenant,
    connection,
    listing,
    refusal,
    resource,
    session_over,
)

DEFAULTS = {name: option.get("default") for name, option in argspec.ROSTER.argument_spec.items()}
#: No limit, for tests about something else.
ALL = {"create": 1000, "deactivate": "100%", "reactivate": "100%", "clear": "100%"}


#: The moment that rows are judged at, where a test does not say.
CALENDAR = Calendar(dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC))


def read_rows(users: Iterable[Any], calendar: Calendar = CALENDAR) -> list[reader.Row]:
    return reader.read_rows(users, calendar)


def login(number: int) -> str:
    return f"u{number}@example.org"


def person(number: int, **more: Any) -> dict[str, Any]:
    """A user of a tenant; the same as ``resource``, with a name of their own."""
    mail = {"value": login(number), "type": "work", "primary": True}
    return resource(str(number), login(number), emails=[mail], **more)


def people(count: int) -> list[dict[str, Any]]:
    return [person(number) for number in range(1, count + 1)]


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"user_name": login(number), **more}


def newcomer(number: int, **more: Any) -> dict[str, Any]:
    return row(number, given_name="New", family_name="Comer", email=login(number), **more)


class Locked(BaseAdapter):
    """Several workers at one tenant, one request at a time; counts how many are under way."""

    def __init__(self, inner: BaseAdapter, meanwhile: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._inner = inner
        self._meanwhile = meanwhile
        self._lock = threading.Lock()
        self._under_way = 0
        self.most = 0

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:  # type: ignore[override]
        with self._lock:
            self._under_way += 1
            self.most = max(self.most, self._under_way)
        try:
            self._meanwhile()
            with self._lock:
                return self._inner.send(request, **settings)
        finally:
            with self._lock:
                self._under_way -= 1

    def close(self) -> None:
        pass


@dataclass
class Told:
    """What a run came to."""

    result: dict[str, Any]
    error: EightByEightError | None
    warnings: list[str]
    lines: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str | None:
        return self.error.kind if self.error else None

    @property
    def message(self) -> str:
        return self.error.message if self.error else ""

    @property
    def summary(self) -> dict[str, int]:
        """The counts that are not zero."""
        return {name: count for name, count in self.result["summary"].items() if count}

    @property
    def statuses(self) -> dict[str, str]:
        return {entry["user_name"]: entry["status"] for entry in self.result["results"]}

    def of(self, user_name: str) -> dict[str, Any]:
        (entry,) = [entry for entry in self.result["results"] if entry["user_name"] == user_name]
        return dict(entry)

    def kind_of(self, user_name: str) -> str | None:
        error = self.of(user_name)["error"]
        return error["kind"] if error else None


def roster(
    adapter: BaseAdapter,
    users: Sequence[Any] | None = None,
    *,
    check: bool = False,
    time: FakeTime | None = None,
    paced: bool = True,
    **options: Any,
) -> Told:
    """Run a roster; options are those of the module, one worker and one try unless given."""
    clock = (time or FakeTime()).clock
    session = session_over(adapter)
    given = {**DEFAULTS, "concurrency": 1, "retry_budget": 0, "users": copy.deepcopy(users), **options}
    per_minute = given["requests_per_minute"]
    if paced:
        session.pace, session.refusals = Pace(clock, per_minute / 60 if per_minute else None), Refusals()
    lines: list[str] = []

    to = connection(retry_budget=float(given["retry_budget"]))

    def connect() -> WritingClient:
        return WritingClient(to, clock=clock, session=session)

    try:
        told = run_roster(connect, given, check_mode=check, tell=lines.append)
    except EightByEightError as error:
        return Told(dict(empty.ROSTER), error, [])
    json.dumps(told.result)
    return Told(dict(told.result), told.error, told.warnings, lines)


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def journal(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def managed(users: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What counts of a tenant when two states of it are compared."""
    return {key: {name: value for name, value in raw.items() if name != "meta"} for key, raw in users.items()}


OFF = {"active": False}


def no_site(number: int) -> dict[str, Any]:
    extension: dict[str, Any] = {DEFAULT_EXTENSION_URN: None}
    return person(number, **extension)


def verbs(tenant: Tenant) -> dict[str, int]:
    sent = [verb for verb, _path in tenant.log]
    return {verb: sent.count(verb) for verb in sorted(set(sent))}


def hiding(tenant: Tenant, filters: bool = True) -> Tenant:
    """Hide the first user from every listing."""

    def hide(request: requests.PreparedRequest) -> Reply | None:
        if request.method == "GET" and "/Users?" in str(request.url):
            if "filter" not in str(request.url):
                return Reply(200, listing(*list(tenant.users.values())[1:], total=len(tenant.users)))
            return None if filters else refusal(400, "no filters", "invalidFilter")
        return None

    tenant.before = hide
    return tenant


def planned(tenant: Tenant, path: Path, rows: list[Any] | None = None, **options: Any) -> Any:
    rows = rows or [row(1, title="A"), row(2, active=False), newcomer(9, site="Paris"), row(3)]
    told = roster(ReadOnly(tenant), rows, check=True, plan_file=str(path), limits=ALL, **options)
    plan = read(path)
    assert told.result["plan"]["digest"] == plan["digest"]
    return plan


def failing(*numbers: int) -> Tenant:
    """A tenant of ten that refuses some of them."""
    tenant = Tenant(*people(10))

    def refuse(request: requests.PreparedRequest) -> Reply | None:
        number = str(request.url).rsplit("/", 1)[-1]
        return refusal(400, "no") if request.method == "PUT" and number in map(str, numbers) else None

    tenant.before = refuse
    return tenant


TEN = [row(number, title="A") for number in range(1, 11)]
