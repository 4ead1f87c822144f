# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a roster costs in requests, and in which order they are sent."""

from __future__ import annotations

import itertools
import math
import threading
import time as real_time
from pathlib import Path

import pytest

from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    ALL_BUT_NAMES,
    FakeTime,
    Tenant,
    refusal,
    resource,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    Locked,
    login,
    newcomer,
    people,
    person,
    roster,
    row,
    verbs,
)


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("size", [100, 30, 7])
def test_unchanged_users_cost_their_pages_and_nothing_else(workers: int, size: int) -> None:
    tenant = Tenant(*people(250))
    tenant.page_size = size
    told = roster(Locked(tenant), [row(number, title="Analyst") for number in range(1, 251)], concurrency=workers)
    assert verbs(tenant) == {"GET": math.ceil(250 / size)} == told.result["requests"]
    assert told.summary == {"unchanged": 250}
    assert told.result["plan"]["forecast"]["requests"] == 0
    assert told.result["complete"] is True


@pytest.mark.parametrize("workers", [1, 4])
def test_changes_cost_what_was_forecast(workers: int) -> None:
    tenant = Tenant(*people(20), person(21, active=False))
    tenant.page_size = 10
    rows = [
        newcomer(30),
        newcomer(31),
        row(1, title="x"),
        row(2, title="y"),
        row(3, active=False),
        row(21, active=True),
    ]
    told = roster(Locked(tenant), rows, concurrency=workers)
    assert told.error is None
    # Three pages before and after, one GET for each PUT.
    assert verbs(tenant) == {"GET": 3 + 2 + 3, "PATCH": 2, "POST": 2, "PUT": 2} == told.result["requests"]
    forecast = told.result["plan"]["forecast"]
    assert forecast["by_verb"] == {"GET": 5, "PATCH": 2, "POST": 2, "PUT": 2}
    assert forecast["requests"] == 11
    assert roster(Locked(tenant), rows).result["requests"] == {"GET": 3}


def test_a_plan_costs_what_was_forecast(tmp_path: Path) -> None:
    tenant = Tenant(*people(20))
    path = str(tmp_path / "plan")
    roster(tenant, [newcomer(30), row(1, title="x"), row(2, active=False)], check=True, plan_file=path, limits=ALL)
    tenant.log.clear()
    told = roster(tenant, apply_plan=path, limits=ALL, canary=1)
    assert told.result["requests"] == told.result["plan"]["forecast"]["by_verb"]
    # Three rows, the proof of the filter, the canary, and the listing that verifies.
    assert told.result["requests"] == {"GET": 3 + 2 + 1 + 1, "PATCH": 1, "POST": 1, "PUT": 1}


def test_a_plan_that_is_made_foretells_what_its_apply_will_cost(tmp_path: Path) -> None:
    tenant = Tenant(*people(20))
    path = str(tmp_path / "plan")
    rows = [newcomer(30), row(1, title="x"), row(2, active=False)]
    made = roster(tenant, rows, check=True, plan_file=path, limits=ALL)
    tenant.log.clear()
    assert roster(tenant, apply_plan=path, limits=ALL).result["requests"] == made.result["plan"]["forecast"]["by_verb"]


@pytest.mark.parametrize(("seconds", "at_once"), [(0.0, 1), (0.004, 1), (0.012, 3), (1.0, 4)])
def test_pages_are_read_together_where_the_server_is_what_is_waited_for(seconds: float, at_once: int) -> None:
    tenant, time = Tenant(*people(90)), FakeTime()
    tenant.page_size = 10
    gate = threading.Barrier(at_once, timeout=5)
    numbers = itertools.count()

    def meanwhile() -> None:
        number = next(numbers)
        if number == 0:
            time.now += seconds
        elif number <= at_once:
            gate.wait()  # Nobody gets on before that many are under way.

    adapter = Locked(tenant, meanwhile)
    told = roster(adapter, [row(number) for number in range(1, 91)], concurrency=4, time=time)
    assert told.summary == {"unchanged": 90}
    assert adapter.most == at_once


@pytest.mark.parametrize("workers", [1, 8])
def test_nobody_loses_access_before_everything_else_is_done(workers: int) -> None:
    tenant = Tenant(*people(20), person(21, active=False))
    rows = [
        row(1, active=False),
        row(2, title="T", active=False),
        newcomer(40),
        row(3, title="x"),
        row(21),
        newcomer(41),
    ]
    told = roster(
        Locked(tenant, lambda: real_time.sleep(0.002)), rows, unlisted="deactivate", limits=ALL, concurrency=workers
    )
    assert told.error is None
    writes = [(verb, path) for verb, path in tenant.log if verb != "GET"]
    taking = {f"/Users/{number}" for number in range(1, 21)} - {"/Users/3"}
    order = [path in taking for _verb, path in writes]
    assert order == sorted(order)
    assert order.count(True) == 19


def test_the_forecast_knows_the_ceiling() -> None:
    rows = [newcomer(number) for number in range(10, 40)]
    told = roster(Tenant(*people(3)), rows, check=True, requests_per_minute=60, limits=ALL)
    assert told.result["plan"]["forecast"] == {"requests": 31, "seconds": 31.0, "by_verb": {"GET": 1, "POST": 30}}


def test_the_ceiling_holds() -> None:
    time = FakeTime()
    roster(Tenant(), [newcomer(number) for number in range(30)], time=time, requests_per_minute=60)
    assert time.now >= 31.0


@pytest.mark.parametrize("check", [True, False])
def test_a_terse_listing_is_no_reason_to_plan_what_nobody_needs_or_to_miss_what_is_to_be_cleared(check: bool) -> None:
    tenant = Tenant(*people(3))
    tenant.held_back = ALL_BUT_NAMES
    rows = [row(1, title="Analyst", site="London"), row(2, title=""), row(3, given_name="Ada")]
    told = roster(tenant, rows, check=check)
    assert told.summary == {"updated": 1, "unchanged": 2}
    assert told.of(login(2))["changes"] == {"before": {"title": "Analyst"}, "after": {"title": None}}


@pytest.mark.parametrize(("shown_of", "reads"), [(None, 5), ("3", 0)])
def test_a_listing_may_leave_out_one_attribute_that_is_to_be_cleared(shown_of: str | None, reads: int) -> None:
    """A few are read where nobody shows it, and all where one of those has it; none where a listing does show it."""
    tenant = Tenant(*people(5))
    tenant.held_back = ("title",) if shown_of is None else ()
    told = roster(tenant, [row(number, title="") for number in range(1, 6)], check=True)
    assert told.summary == {"updated": 5}
    assert sum(path.startswith("/Users/") for _verb, path in tenant.log) == reads


def test_that_nobody_has_what_is_to_be_cleared_costs_a_few_reads_and_not_one_each() -> None:
    tenant = Tenant(*(resource(str(number), login(number), title=None) for number in range(1, 31)))
    told = roster(tenant, [row(number, title="") for number in range(1, 31)])
    assert told.summary == {"unchanged": 30}
    assert len(tenant.log) == 1 + 3


def test_a_user_whom_a_terse_listing_hides_and_who_cannot_be_read_stops_nobody() -> None:
    tenant = Tenant(*people(2))
    tenant.held_back = ALL_BUT_NAMES
    tenant.before = lambda request: refusal(403) if str(request.url).endswith("/1") else None
    told = roster(tenant, [row(1, title="A"), row(2, title="B")])
    assert told.statuses == {login(1): "refused", login(2): "done"}
    assert told.kind_of(login(1)) == "forbidden"


@pytest.mark.parametrize("check", [True, False])
def test_an_address_that_a_listing_leaves_out_is_read_of_the_user(check: bool) -> None:
    tenant = Tenant(*people(2))
    tenant.held_back = ("emails",)
    told = roster(tenant, [row(1, title="A")], check=check)
    assert told.statuses == {login(1): "planned" if check else "done"}
    assert tenant.users["1"]["emails"]
