# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan foretells of requests and seconds is what is sent, for few rows and for many, in small tenants and in large ones."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import STATE_DIR_VARIABLE
from ansible_collections.eightbyeight.scim.tests.unit.big_tenants import RATES, ROWS, SIZES, BigTenant, joiners
from ansible_collections.eightbyeight.scim.tests.unit.helpers import FakeTime
from ansible_collections.eightbyeight.scim.tests.unit.rosters import ALL, Told, roster, row

OPTIONS: dict[str, Any] = {"limits": {**ALL, "create": 100_000}}


def updates(count: int) -> list[dict[str, Any]]:
    return [row(number, title="Chief") for number in range(1, count + 1)]


def leavers(count: int) -> list[dict[str, Any]]:
    return [row(number, state="absent") for number in range(1, count + 1)]


def everything(count: int) -> list[dict[str, Any]]:
    part = count // 3
    gone = [row(number, state="absent") for number in range(part + 1, 2 * part + 1)]
    return [*updates(part), *gone, *joiners(count - 2 * part)]


Kind = Callable[[int], "list[dict[str, Any]]"]


@pytest.fixture(autouse=True)
def _remember_nothing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Thousands of small files say nothing about requests, and looking for garbage among 50,000 users takes half of the time."""
    monkeypatch.setenv(STATE_DIR_VARIABLE, "/dev/null/nowhere")
    gc.disable()
    yield
    gc.enable()


def agrees(foretold: dict[str, Any], requests: int, seconds: float) -> None:
    """What was foretold is within a tenth of what came of it."""
    assert foretold["requests"] == pytest.approx(requests, rel=0.1)
    assert foretold["seconds"] == pytest.approx(seconds, rel=0.1)


def run(size: int, rows: list[dict[str, Any]], **options: Any) -> tuple[Told, int, float]:
    """Run a roster in a tenant of a size, and return what it told, sent and took."""
    time = FakeTime()
    tenant = BigTenant(size, time, touched=len(rows))
    told = roster(tenant, rows, time=time, **OPTIONS, **options)
    assert told.error is None, told.message
    return told, len(tenant.log), time.now


def forecast_of(size: int, rows: list[dict[str, Any]], rate: int | None) -> None:
    """What a run foretells once it has read the tenant is what it sends from there on."""
    _told, reads, reading = run(size, rows, check=True, requests_per_minute=rate)
    told, sent, took = run(size, rows, requests_per_minute=rate)
    agrees(told.result["plan"]["forecast"], sent - reads, took - reading)
    assert sent == sum(told.result["requests"].values())


@pytest.mark.parametrize("rate", RATES, ids=["10 a minute", "10 a second", "unlimited"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rows", [rows for rows in ROWS if rows < 100])
def test_a_few_joiners_cost_what_was_foretold(rows: int, size: int, rate: int | None) -> None:
    forecast_of(size, joiners(rows), rate)


@pytest.mark.parametrize(
    ("rows", "size", "rate"),
    # Of the longest rosters, each size and each rate once.
    [*itertools.product([300], SIZES, RATES), *((10_000, *pair) for pair in zip(SIZES, RATES, strict=True))],
)
def test_many_joiners_cost_what_was_foretold(rows: int, size: int, rate: int | None) -> None:
    """What precedes the first creation is what check mode sends, as the test above shows; here it is not played twice."""
    time = FakeTime()
    tenant = BigTenant(size, time)
    told = roster(tenant, joiners(rows), time=time, **OPTIONS, requests_per_minute=rate)
    assert told.error is None, told.message
    agrees(told.result["plan"]["forecast"], len(tenant.log) - tenant.reads, time.now - tenant.reading)


@pytest.mark.parametrize("kind", [updates, leavers, everything])
@pytest.mark.parametrize(("rows", "size"), [(1, 100), (3, 10_000), (30, 100), (30, 10_000), (100, 10_000)])
def test_any_change_costs_what_was_foretold(kind: Kind, rows: int, size: int) -> None:
    forecast_of(size, kind(rows), 600)


@pytest.mark.parametrize("kind", [joiners, updates, leavers, everything])
@pytest.mark.parametrize(("rows", "size"), [(1, 100), (3, 10_000), (30, 100), (30, 10_000), (100, 10_000)])
def test_a_plan_file_foretells_what_applying_it_costs(kind: Kind, rows: int, size: int, tmp_path: Path) -> None:
    file = str(tmp_path / "plan")
    time = FakeTime()
    tenant = BigTenant(size, time, touched=rows)
    told = roster(tenant, kind(rows), time=time, check=True, plan_file=file, requests_per_minute=600, **OPTIONS)
    tenant.log.clear()
    began = time.now
    applied = roster(tenant, time=time, apply_plan=file, requests_per_minute=600, **OPTIONS)
    assert applied.error is None, applied.message
    agrees(told.result["plan"]["forecast"], len(tenant.log), time.now - began)


@pytest.mark.parametrize("canary", [1, 3])
def test_a_canary_is_foretold(canary: int) -> None:
    _told, reads, _reading = run(10_000, joiners(30), check=True)
    told, sent, _took = run(10_000, joiners(30), canary=canary)
    assert told.result["plan"]["forecast"]["requests"] == pytest.approx(sent - reads, rel=0.1)
