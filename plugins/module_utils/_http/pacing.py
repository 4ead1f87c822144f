# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""One pace for all workers, learned from the server.

8x8 publishes no limit for SCIM (fact sheet 5.2), so the pace starts with what the workers manage and the caller allows.
The first refusal begins a pause that holds everybody: as long as the server asks, else a growing one. After it one request
goes out alone. The first answer ends the refusal. The answers since the beginning, divided by the time since then with the
pause, are the rate that the server accepts. From then on requests go out evenly, a little slower than that. Each answer raises
the rate by the same small step, and each refusal lowers it by a small part (additive increase, multiplicative decrease).
"""

from __future__ import annotations

import threading

from .._base.clock import Clock

#: What is left of a rate that was refused.
_DECREASE_FACTOR = 0.97
#: The lowest rate. A server that refuses only writes, for example, must not stop everything.
_SLOWEST = 0.05
#: How much the rate grows over as many answers as it was measured from, until a second refusal shows where the limit is.
_FIRST_GROWTH = 0.08
#: Answers until the rate that was refused is tried again.
_ANSWERS_TO_REGAIN = 480
#: Pause after a refusal without Retry-After, while no rate is known; it grows until something is answered.
_FIRST_PAUSE = 1.0
_SHORTEST_PAUSE = 0.2
_LONGEST_PAUSE = 30.0
_PAUSE_GROWTH = 1.3
#: The longest sleep at a time, so that a waiting worker soon notices a new rate, or the end of the run.
_LONGEST_SLEEP = 0.5
#: Seconds between two checks whether the single request after a pause was answered.
_PROBE_POLL = 0.05


class Pace:
    """When the next request may go out.

    A ticket is the number of refusals that were known when a request went out. The answer to a request that was sent before
    the pace slowed down says nothing about the new pace.

    :param clock: Time; tests bring their own.
    :param ceiling: Requests per second that are never exceeded, or None.
    """

    def __init__(self, clock: Clock, ceiling: float | None = None) -> None:
        self._clock = clock
        self._ceiling = ceiling
        self._stopped = False
        self._lock = threading.Lock()
        self._rate: float | None = None
        self._next = 0.0
        self._paused_until = 0.0
        self._refusals = 0
        self._probing = False
        self._probe_is_out = False
        self._pause = 0.0
        self._measured_since = 0.0
        self._answered = 0
        self._last_accepted: float | None = None
        self._writes_refused_since: float | None = None
        self._failures = 0
        self._growth_factor = 1.0
        self._increase = 0.0
        self._rate_is_used = False

    @property
    def rate(self) -> float | None:
        """Requests per second at present, or None while nothing limits them."""
        rates = [rate for rate in (self._rate, self._ceiling) if rate is not None]
        return min(rates) if rates else None

    @property
    def pause_left(self) -> float:
        """Seconds until the next request may be sent, because the server asked for a pause; 0 without a pause."""
        return max(0.0, self._paused_until - self._clock.steady())

    def stalled_for(self, *, write: bool) -> float:
        """Return the seconds since the server last took a request.

        :param write: Whether to count from when it began to refuse every write, whatever it answered to reading since.
        """
        times = (self._last_accepted, self._writes_refused_since if write else None)
        since = [time for time in times if time is not None]
        return self._clock.steady() - min(since) if since else 0.0

    def wait(self, most: float = float("inf")) -> int | None:
        """Wait for a turn.

        :param most: The seconds that the server may ask to wait, where that is longer than the pauses that are made anyway.
        :returns: The ticket of the request; None where the server asks for a longer pause.
        """
        while True:
            ticket, pause = self.try_turn()
            if self.pause_left > max(most, _LONGEST_PAUSE):
                return None
            self.sleep(min(_LONGEST_SLEEP, pause))
            if pause <= 0.0:
                return ticket

    def stop(self) -> None:
        """End all waiting: whoever waits is interrupted, and no further request is sent."""
        self._stopped = True

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds, as the sleep of a clock that can be stopped.

        :raises KeyboardInterrupt: When the run was interrupted.
        """
        until = self._clock.steady() + seconds
        while True:
            if self._stopped:
                raise KeyboardInterrupt
            left = until - self._clock.steady()
            if left <= 0.0:
                return
            self._clock.sleep(min(_LONGEST_SLEEP, left))

    def try_turn(self) -> tuple[int, float]:
        """Take a turn, if there is one now.

        :returns: The ticket of the request, and 0; or when to ask again, in seconds.
        """
        with self._lock:
            now = self._clock.steady()
            if self._last_accepted is None:
                self._measured_since = self._last_accepted = now
            rate = self.rate
            turn = max(self._paused_until, self._next)
            if turn > now:
                return self._refusals, turn - now
            if self._probing and self._probe_is_out:
                return self._refusals, _PROBE_POLL
            self._probe_is_out = True
            if rate is not None:
                # A rate that is not used up must not grow: the next refusal would say nothing about it.
                self._rate_is_used = now - turn <= 1.0 / rate
                # A worker that wakes up late must not delay the next ones. The ceiling still applies.
                self._next = max(turn, now - 1.0 / rate) + 1.0 / rate
            if self._ceiling is not None:
                self._next = max(self._next, now + 1.0 / self._ceiling)
            return self._refusals, 0.0

    def report(self, ticket: int, status: int | None, retry_after: float | None = None, *, write: bool = False) -> None:
        """Take note of the outcome of a request.

        A 5xx may be a rate limit in disguise. It counts as one if it asks for a pause, if it is the second in a row, or if the
        server has refused a request before.

        :param status: The status of the answer; None where none came, which says nothing about the pace.
        :param retry_after: Seconds that the server asked to wait, or None.
        """
        with self._lock:
            now = self._clock.steady()
            failed = status is not None and status >= 500 and status != 501  # 501: only the verb is not implemented
            self._failures += failed
            if status is None:
                self._probe_is_out = False
            elif failed or status == 429:
                if write and self._writes_refused_since is None:
                    self._writes_refused_since = now
                if failed and self._failures < 2 and retry_after is None and self._rate is None:
                    self._probe_is_out = False
                else:
                    self._slow_down(now, ticket, retry_after)
            else:
                self._note_accepted(now, ticket, write=write)

    def _note_accepted(self, now: float, ticket: int, *, write: bool) -> None:
        if write:
            self._writes_refused_since = None
        self._last_accepted = now
        self._failures = 0
        self._answered += 1
        if ticket != self._refusals:
            return
        if self._probing:
            self._set_rate(now)
        elif self._rate is not None and self._rate_is_used:
            self._rate = self._rate + self._increase if self._increase else self._rate * self._growth_factor

    def _slow_down(self, now: float, ticket: int, retry_after: float | None) -> None:
        if retry_after is not None:
            self._paused_until = max(self._paused_until, now + retry_after)
        if ticket != self._refusals:
            return
        if not self._probing:
            self._pause = max(_SHORTEST_PAUSE, 2.0 / self._rate) if self._rate is not None else _FIRST_PAUSE
        pause = self._pause if retry_after is None else _SHORTEST_PAUSE
        self._paused_until = max(self._paused_until, now + pause)
        self._pause = min(_LONGEST_PAUSE, self._pause * _PAUSE_GROWTH)
        self._refusals += 1
        self._probing, self._probe_is_out = True, False
        self._next = self._paused_until

    def _set_rate(self, now: float) -> None:
        """Set a new rate, once the server accepts requests again."""
        took = now - self._measured_since
        answers = self._answered - 1  # before the one that ended the refusal
        if self._rate is not None:
            self._increase = self._rate * (1.0 - _DECREASE_FACTOR) / _ANSWERS_TO_REGAIN
            self._rate = max(self._rate * _DECREASE_FACTOR, _SLOWEST)
        elif answers > 0 and took > 0:
            self._rate = max(_DECREASE_FACTOR * answers / took, _SLOWEST)
            # The pause may have been longer than needed, so try a higher rate. Few answers make the measured rate uncertain.
            self._growth_factor = 1.0 + _FIRST_GROWTH / answers
        self._probing = False
        self._measured_since, self._answered = now, 0
        if self._rate is not None:
            self._next = now + 1.0 / self._rate
