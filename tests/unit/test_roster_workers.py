# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workers, pauses, interrupts and progress of a roster."""

from __future__ import annotations

import math
import threading
import time as real_time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from requests.structures import CaseInsensitiveDict

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.parallel import in_parallel
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import progress
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.breaker import Breaker
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.journal import Journal
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.record import Record
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    TOKEN,
    FakeTime,
    Reply,
    Tenant,
    connection,
    refusal,
    session_over,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    TEN,
    Locked,
    login,
    newcomer,
    people,
    read,
    roster,
    row,
    verbs,
)

# -- Waiting, workers, and being interrupted ----------------------------------------------------------------------------------


def test_a_storm_of_refusals_fails_nobody_who_has_a_budget() -> None:
    time = FakeTime()
    tenant = Tenant(*people(40))
    taken: list[float] = []

    def limited(request: requests.PreparedRequest) -> Reply | None:
        recent = [at for at in taken if at > time.now - 60]
        if len(recent) >= 10:
            return refusal(429, Retry_After=str(math.ceil(60 - (time.now - recent[0]))))
        taken.append(time.now)
        return None

    tenant.before = limited
    rows = [row(number, title="A") for number in range(1, 41)]
    told = roster(Locked(tenant), rows, time=time, retry_budget=65)
    assert told.error is None, told.message
    assert told.summary == {"updated": 40}
    assert 82 / 10 * 60 * 0.8 < time.now < 82 / 10 * 60 * 1.3


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize(("status", "verb"), [(429, "POST"), (503, "POST"), (429, "PUT"), (503, "PUT"), (429, "GET")])
def test_nobody_waits_for_a_pause_that_is_longer_than_the_budget(workers: int, status: int, verb: str) -> None:
    """Not for the look-up after a lost creation either, and not with the other workers: the run would take a day."""
    time = FakeTime()
    tenant = Tenant(*people(20))
    refused: list[str] = []

    def limited(request: requests.PreparedRequest) -> Reply | None:
        if refused or (request.method == verb and len(tenant.log) > 8):
            refused.append(str(request.method))
            return refusal(status, Retry_After="86400")
        return None

    tenant.before = limited
    rows = [*(row(number, title="A") for number in range(1, 21)), *(newcomer(number) for number in range(21, 41))]
    told = roster(Locked(tenant), rows, time=time, retry_budget=20, concurrency=workers, limits=ALL)
    assert "accepts no request for" in told.message
    assert time.now <= 30
    assert len(refused) <= workers + 1
    assert told.summary["skipped"] >= 10


def test_a_pause_that_holds_everybody_costs_nobody_s_budget() -> None:
    time = FakeTime()
    tenant = Tenant(*people(1))
    refusals = [0]

    def twice(request: requests.PreparedRequest) -> Reply | None:
        if request.method == "PUT" and refusals[0] < 2:
            refusals[0] += 1
            return refusal(429, Retry_After="40")
        return None

    tenant.before = twice
    assert roster(tenant, [row(1, title="A")], time=time, retry_budget=65).summary == {"updated": 1}
    assert time.now >= 80


def test_a_client_on_a_session_in_use_leaves_its_headers_alone() -> None:
    class Steady(CaseInsensitiveDict[str | bytes]):
        def clear(self) -> None:
            pytest.fail("somebody is sending with these")

    session = session_over(Tenant())
    WritingClient(connection(), session=session)
    session.http.headers = Steady(session.http.headers)
    WritingClient(connection(), session=session)


def test_a_server_that_takes_nothing_any_more_is_given_up() -> None:
    time = FakeTime()
    tenant = Tenant(*people(3))
    tenant.before = lambda request: refusal(429) if request.method == "PUT" else None
    told = roster(tenant, TEN[:3], time=time, retry_budget=60)
    assert told.summary == {"failed": 1, "skipped": 2}
    assert (told.kind_of(login(1)), told.kind) == ("rate_limited", "rate_limited")
    assert time.now < 130


def test_one_user_who_always_fails_slows_the_others_little() -> None:
    time = FakeTime()
    tenant = Tenant(*people(50))
    tenant.before = lambda request: (
        refusal(500) if request.method == "PUT" and str(request.url).endswith("/7") else None
    )
    told = roster(tenant, [row(number, title="A") for number in range(1, 51)], time=time, retry_budget=10)
    assert told.summary == {"updated": 49, "failed": 1}
    assert time.now < 60


def test_workers_share_one_count_and_stay_within_their_number() -> None:
    tenant = Tenant(*people(150))
    adapter = Locked(tenant, lambda: real_time.sleep(0.001))
    tenant.page_size = 10
    told = roster(adapter, [row(number, title="A") for number in range(1, 151)], concurrency=6)
    assert told.summary == {"updated": 150}
    assert told.result["requests"] == verbs(tenant) == {"GET": 16 + 150 + 15, "PUT": 150}
    assert 2 <= adapter.most <= 6


def test_every_request_of_every_worker_has_its_headers() -> None:
    tenant = Tenant(*people(100))
    headers: set[tuple[str | None, ...]] = set()

    def look(request: requests.PreparedRequest) -> None:
        headers.add(tuple(request.headers.get(name) for name in ("Accept", "User-Agent", "Authorization")))

    tenant.before = look
    roster(Locked(tenant), [row(number, title="A") for number in range(1, 101)], concurrency=16)
    assert headers == {
        ("application/scim+json, application/json", "ansible-collection eightbyeight.scim", f"Bearer {TOKEN}")
    }


@pytest.mark.parametrize("waiting", [False, True])
def test_an_interrupt_ends_the_workers(waiting: bool, tmp_path: Path) -> None:
    tenant = Tenant(*people(60))
    sent = threading.Event()

    def interrupt(request: requests.PreparedRequest) -> Reply | None:
        if request.method == "PUT" and not sent.is_set():
            sent.set()
            raise KeyboardInterrupt
        if waiting and sent.is_set():
            return refusal(429, Retry_After="100")
        return None

    tenant.before = interrupt
    began = real_time.monotonic()
    undo = tmp_path / "undo"
    with pytest.raises(KeyboardInterrupt):
        roster(
            Locked(tenant, lambda: real_time.sleep(0.002)),
            [row(number, title="A") for number in range(1, 61)],
            concurrency=4,
            retry_budget=1000,
            undo_file=str(undo),
        )
    assert real_time.monotonic() - began < 5
    assert tenant.writes.count("PUT") < 20
    assert 1 <= len(read(undo)["rows"]) < 20
    assert threading.active_count() < 4


def test_the_first_failure_is_told_and_not_who_was_interrupted_because_of_it() -> None:
    failed = threading.Event()

    def do(number: int) -> None:
        if number == 0:
            assert failed.wait(5)
            raise KeyboardInterrupt
        threading.Timer(0.05, failed.set).start()
        raise ValueError(number)

    with pytest.raises(ValueError, match="1"):
        in_parallel(do, range(10), 2, lambda: None)


def test_a_journal_that_breaks_ends_the_run_and_tells_what_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = Tenant(*people(20))
    from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError

    note, lock, count = Journal.note, threading.Lock(), [0]

    def full(self: Any, now: float, event: str, **facts: Any) -> None:
        with lock:
            count[0] += 1
            if count[0] > 10:
                raise EightByEightError("disk full", kind="bad_option")
        note(self, now, event, **facts)

    monkeypatch.setattr(Journal, "note", full)
    undo = tmp_path / "undo"
    told = roster(
        Locked(tenant),
        [row(number, title="A") for number in range(1, 21)],
        journal_file=str(tmp_path / "journal"),
        undo_file=str(undo),
        concurrency=3,
    )
    assert (told.kind, told.message) == ("bad_option", "disk full")
    changed = {raw["userName"] for raw in tenant.users.values() if raw["title"] == "A"}
    assert changed
    assert changed <= {entry["user_name"] for entry in read(undo)["rows"]}
    assert told.result["changed"] is True


# -- Progress -----------------------------------------------------------------------------------------------------------


def test_progress_is_told_in_lines_and_silenced_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PROGRESS_EVERY", 0.02)
    rows = [row(number, title="A") for number in range(1, 21)]

    def slow() -> Locked:
        return Locked(Tenant(*people(20)), lambda: real_time.sleep(0.004))

    began = real_time.monotonic()
    lines = roster(slow(), rows).lines
    took = real_time.monotonic() - began
    assert all(line.startswith("eightbyeight_roster: ") and "\n" not in line for line in lines)
    assert any("of 20 done, 0 failed, " in line and "s left" in line for line in lines)
    assert 3 < len(lines) <= 5 + took / progress.PROGRESS_EVERY
    assert roster(slow(), rows, progress=False).lines == []


def test_progress_comes_at_most_every_few_seconds() -> None:
    assert progress.PROGRESS_EVERY >= 3
    began = threading.active_count()
    lines = roster(Tenant(*people(20)), [row(number, title="A") for number in range(1, 21)]).lines
    assert len(lines) == 3
    assert threading.active_count() == began


def test_a_long_wait_says_why() -> None:
    context = SimpleNamespace(client=SimpleNamespace(sent={"GET": 3}, pause_left=42.0))
    record = Record(Breaker(0), phase="reading the tenant")
    assert progress.progress_line(context, record) == (
        "reading the tenant, 3 requests so far, waiting 42 s because 8x8 asks for it (too many requests)"
    )
