# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Large tenants on a clock that nobody waits for: what rosters of any size cost there, in requests and in seconds."""

from __future__ import annotations

import collections
import copy
import functools
import math
from collections.abc import Mapping
from typing import Any

from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    FakeTime,
    Reply,
    Tenant,
    listing,
    parse_filter,
    refusal,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import newcomer, person

#: Rows of a roster, users of a tenant, and requests a minute that are allowed (None for any number).
ROWS = (1, 3, 30, 300, 10_000)
SIZES = (100, 10_000, 50_000)
RATES = (10, 600, None)
#: Seconds that each request takes.
TRIP = 0.2


@functools.cache
def _everybody(size: int) -> dict[str, dict[str, Any]]:
    return {str(number): person(number) for number in range(1, size + 1)}


class BigTenant(Tenant):
    """A tenant that finds a login name at once, and whose every request takes its time on a clock.

    :param touched: The people who may be changed; the others are shared with every tenant of that size.
    :param limit: Requests that it takes in a minute, however fast they come; it refuses more, and says how long to wait.
    """

    def __init__(self, size: int, time: FakeTime, touched: int = 0, limit: int | None = None) -> None:
        super().__init__()
        self._limit = limit
        self._taken: collections.deque[float] = collections.deque()
        self.users = dict(_everybody(size))
        for number in range(1, min(size, touched) + 1):
            self.users[str(number)] = copy.deepcopy(self.users[str(number)])
        self._ids = {raw["userName"].lower(): key for key, raw in self.users.items()}
        self._time = time
        #: Requests before the first write, and when the last of them was answered.
        self.reads, self.reading = 0, 0.0
        self._written = False

    def _answer(self, verb: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, Any]) -> Reply:
        self._time.now += TRIP
        self._written = self._written or verb != "GET"
        if not self._written:
            self.reads, self.reading = self.reads + 1, self._time.now
        now = self._time.now
        if self._limit is not None:
            # In windows as short as they can be, so that ten a second does not mean six hundred at once.
            most, window = (self._limit, 60.0) if self._limit < 60 else (self._limit // 60, 1.0)
            while self._taken and self._taken[0] <= now - window:
                self._taken.popleft()
            if len(self._taken) >= most:
                return refusal(429, "too many requests", Retry_After=str(math.ceil(self._taken[0] + window - now)))
            self._taken.append(now)
        return super()._answer(verb, path, query, body, headers)

    def _list(self, query: Mapping[str, str]) -> Reply:
        if "filter" not in query:
            return super()._list(query)
        try:
            attribute, value = parse_filter(query["filter"])
        except ValueError:
            return refusal(400, "too difficult", "invalidFilter")
        if attribute != "userName":
            return super()._list(query)
        key = self._ids.get(value.lower())
        return Reply(200, listing(*([self.users[key]] if key else [])))

    def _create(self, body: dict[str, Any]) -> Reply:
        login = body["userName"].lower()
        if login in self._ids:
            return refusal(409, "userName is taken", "uniqueness")
        key = f"new-{len(self.users)}"
        self._ids[login] = key
        self.users[key] = {"id": key, "meta": {"created": "2026-03-01T00:00:00Z"}}
        return self._store(self.users[key], body, 201)


def joiners(count: int) -> list[dict[str, Any]]:
    """Rows of people who are new to every tenant."""
    return [newcomer(100_000 + number) for number in range(count)]
