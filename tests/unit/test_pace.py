# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pace of all workers, against servers that limit in every way, played through without waiting."""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.clock import Clock
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.pacing import Pace
from ansible_collections.eightbyeight.scim.tests.unit.helpers import FakeTime

NAP = 0.5


@dataclass
class Limiter:
    """A server that takes so many requests in any window.

    :param form: How it refuses: ``exact`` or ``whole`` seconds until it takes one again (Retry-After or x-ratelimit-reset), or
        ``none``.
    """

    limit: int | None
    window: float = 1.0
    form: str = "none"
    taken: deque[float] = field(default_factory=deque)

    def refuses(self, now: float) -> float | None:
        """Return the pause that a refusal asks for, -1 for none; None where the request is taken."""
        while self.taken and self.taken[0] <= now - self.window:
            self.taken.popleft()
        if self.limit is None or len(self.taken) < self.limit:
            self.taken.append(now)
            return None
        left = self.window - (now - self.taken[0])
        return {"exact": left, "whole": float(math.ceil(left)), "none": -1.0}[self.form]


@dataclass
class Played:
    seconds: float
    refused: int
    sent: list[float]


def play(
    server: Limiter,
    workers: int,
    count: int = 1000,
    latency: float = 0.05,
    ceiling: float | None = None,
    disguised: bool = False,
) -> Played:
    """Send so many requests that the server takes them, each worker one after the other."""
    now = [0.0]
    pace = Pace(Clock(wall=lambda: now[0], steady=lambda: now[0]), ceiling)
    events: list[tuple[float, int, str, Any]] = [(0.0, worker, "try_turn", None) for worker in range(workers)]
    number, done, refused, sent = workers, 0, 0, []
    while done < count:
        at, _number, what, about = heapq.heappop(events)
        now[0] = at
        if what == "try_turn":
            ticket, pause = pace.try_turn()
            if pause > 0:
                then: tuple[float, str, Any] = (at + min(NAP, pause), "try_turn", None)
            else:
                sent.append(at)
                then = (at + latency / 2, "arrive", ticket)
        elif what == "arrive":
            then = (at + latency / 2, "return", (about, server.refuses(at)))
        else:
            ticket, refusal = about
            then = (at, "try_turn", None)
            if refusal is None:
                done += 1
                pace.report(ticket, 200)
            else:
                refused += 1
                asked = None if refusal < 0 else refusal
                if disguised:
                    pace.report(ticket, 500, asked)
                    then = (at + 1.0, "try_turn", None)  # each worker has its own pause after a 500
                else:
                    pace.report(ticket, 429, asked)
        number += 1
        heapq.heappush(events, (then[0], number, then[1], then[2]))
    return Played(now[0], refused, sent)


@pytest.mark.parametrize("workers", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("latency", [0.01, 0.03, 0.05])
@pytest.mark.parametrize(
    ("limit", "window", "form"),
    [(10, 1, form) for form in ("exact", "whole", "none")]
    + [(100, 60, form) for form in ("exact", "whole", "none")]
    + [(10, 60, form) for form in ("whole", "none")],
)
def test_what_a_server_allows_is_used_and_seldom_exceeded(
    workers: int, latency: float, limit: int, window: float, form: str
) -> None:
    played = play(Limiter(limit, window, form), workers, latency=latency)
    possible = max(1000 * latency / workers, 1000 * window / limit)
    assert possible / played.seconds >= 0.9
    assert played.refused / (1000 + played.refused) <= 0.03


@pytest.mark.parametrize(("workers", "latency"), [(1, 0.1), (2, 0.15), (2, 0.2), (3, 0.3), (8, 0.3)])
@pytest.mark.parametrize("form", ["exact", "whole", "none"])
def test_slow_answers_that_just_reach_the_limit_cost_little(workers: int, latency: float, form: str) -> None:
    played = play(Limiter(10, 1, form), workers, latency=latency)
    assert 100 / played.seconds >= 0.8
    assert played.refused / (1000 + played.refused) <= 0.03


@pytest.mark.parametrize("workers", [1, 8, 16])
def test_a_server_that_never_limits_is_never_waited_for(workers: int) -> None:
    played = play(Limiter(None), workers)
    assert played.seconds == pytest.approx(1000 / workers * 0.05, rel=0.02)


@pytest.mark.parametrize("workers", [4, 16])
@pytest.mark.parametrize("form", ["none", "whole"])
def test_a_500_that_means_429_is_heeded(workers: int, form: str) -> None:
    played = play(Limiter(10, 1, form), workers, disguised=True)
    assert played.seconds < 130
    assert played.refused < 50


@pytest.mark.parametrize("workers", [1, 3, 16])
@pytest.mark.parametrize("per_minute", [1, 10, 60, 600, 6000])
@pytest.mark.parametrize("limit", [None, 10])
def test_the_ceiling_is_never_exceeded(workers: int, per_minute: int, limit: int | None) -> None:
    played = play(Limiter(limit, 1, "whole"), workers, count=200, ceiling=per_minute / 60)
    sent: deque[float] = deque()
    for at in played.sent:
        while sent and sent[0] <= at - 60 + 1e-6:
            sent.popleft()
        sent.append(at)
        assert len(sent) <= per_minute
    if limit is None:
        assert played.seconds == pytest.approx(
            max(199 * 60 / per_minute, 200 * 0.05 / workers), rel=0.15, abs=NAP + 0.1
        )


def test_a_limit_that_is_lifted_is_found_out() -> None:
    now = [0.0]
    pace = Pace(Clock(steady=lambda: now[0]))
    for _answer in range(10):
        pace.report(pace.try_turn()[0], 200)
        now[0] += 0.1
    pace.report(0, 429, 1.0)
    now[0] += 1.0
    pace.report(pace.try_turn()[0], 200)
    learned = pace.rate or 0.0
    for _answer in range(1500):
        ticket, pause = pace.try_turn()
        now[0] += pause
        pace.report(pace.try_turn()[0] if pause else ticket, 200)
    assert (pace.rate or 0.0) > 20 * learned


@pytest.fixture
def pace(time: FakeTime) -> Pace:
    return Pace(time.clock)


def test_a_pause_asked_of_one_holds_all(pace: Pace, time: FakeTime) -> None:
    one, other = pace.wait(), pace.wait()
    assert pace.pause_left == 0
    pace.report(one, 429, 30)
    assert pace.pause_left == 30
    pace.report(other, 429, 10)
    assert pace.pause_left == 30, "a shorter wish does not shorten the pause"
    pace.wait()
    assert time.now >= 30


def test_after_a_pause_one_goes_alone(pace: Pace, time: FakeTime) -> None:
    ticket = pace.wait()
    pace.report(ticket, 200)
    pace.report(ticket, 429, 5)
    time.now += 5
    first, pause = pace.try_turn()
    assert pause == 0
    assert pace.try_turn()[1] > 0
    pace.report(first, None)
    assert pace.try_turn() == (first, 0.0), "who got lost does not block the others"
    assert pace.try_turn()[1] > 0
    pace.report(first, 200)
    time.now += 60
    assert pace.try_turn()[1] == 0


def test_requests_under_way_when_it_slowed_down_say_nothing_new(pace: Pace, time: FakeTime) -> None:
    tickets = [pace.wait() for _worker in range(8)]
    for ticket in tickets[:4]:
        time.now += 0.1
        pace.report(ticket, 200)
    for ticket in tickets[4:]:
        pace.report(ticket, 429)
    assert pace.pause_left == pytest.approx(1.0)
    time.now += 1
    again, pause = pace.try_turn()
    assert pause == 0
    pace.report(again, 429)
    assert 1.0 < pace.pause_left < 2.0, "the pause grows with each round, not with each refusal"


def test_one_error_of_the_server_slows_nobody_and_two_in_a_row_do(pace: Pace) -> None:
    tickets = [pace.wait() for _worker in range(4)]
    pace.report(tickets[0], 500)
    assert pace.pause_left == 0
    pace.report(tickets[1], 200)
    pace.report(tickets[2], 500)
    assert pace.pause_left == 0
    pace.report(tickets[3], 500)
    assert pace.pause_left > 0


def test_an_error_that_asks_for_a_pause_gets_it(pace: Pace) -> None:
    pace.report(pace.wait(), 500, 12)
    assert pace.pause_left == 12


def test_silence_is_measured_from_the_last_answer(pace: Pace, time: FakeTime) -> None:
    assert pace.stalled_for(write=False) == 0
    ticket = pace.wait()
    time.now += 7
    assert pace.stalled_for(write=False) == 7
    pace.report(ticket, 429)
    assert pace.stalled_for(write=False) == 7
    pace.report(ticket, 200)
    assert pace.stalled_for(write=False) == 0


def test_reading_is_no_sign_that_the_server_takes_writes_again(pace: Pace, time: FakeTime) -> None:
    pace.report(pace.wait(), 429, 1.0, write=True)
    time.now += 30
    pace.report(pace.wait(), 200)
    pace.report(pace.wait(), 429, 1.0, write=True)
    time.now += 5
    assert (pace.stalled_for(write=False), pace.stalled_for(write=True)) == (5, 35)
    pace.report(pace.wait(), 429, 1.0)
    pace.report(pace.wait(), 200, write=True)
    assert pace.stalled_for(write=True) == 0


def test_whoever_waits_is_interrupted_when_everything_is_over(pace: Pace, time: FakeTime) -> None:
    ticket = pace.wait()
    pace.report(ticket, 429, 100)
    pace.stop()
    with pytest.raises(KeyboardInterrupt):
        pace.wait()
    with pytest.raises(KeyboardInterrupt):
        pace.sleep(5)
    assert time.now == 0


def test_nobody_sleeps_so_long_that_an_interrupt_comes_late(pace: Pace, time: FakeTime) -> None:
    pace.sleep(10)
    assert time.now == pytest.approx(10)
    assert max(time.naps) <= 1.0


def test_a_rate_that_nobody_reaches_does_not_grow(pace: Pace, time: FakeTime) -> None:
    for _answer in range(10):
        pace.report(pace.wait(), 200)
        time.now += 0.1
    pace.report(pace.try_turn()[0], 429, 1.0)
    time.now += 1.0
    pace.report(pace.wait(), 200)
    learned = pace.rate
    for _answer in range(100):
        time.now += 5
        pace.report(pace.wait(), 200)
    assert pace.rate == learned


def test_who_comes_late_does_not_break_the_ceiling(time: FakeTime) -> None:
    pace = Pace(time.clock, 1.0)
    assert pace.try_turn()[1] == 0
    time.now = 1.9
    assert pace.try_turn()[1] == 0
    time.now = 2.0
    assert pace.try_turn()[1] == pytest.approx(0.9)
