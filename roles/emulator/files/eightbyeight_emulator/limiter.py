# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs out: the rate of requests, the life of the token, and the writes that the tenant takes."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque

from scim2_models import ForbiddenException, SCIMException, UnauthorizedException

from .refusals import scim_error
from .switches import Switches, parse_rate

READ_METHODS = ("GET", "HEAD", "OPTIONS")


class RateLimitedError(Exception):
    """The limiter said no."""

    def __init__(self, wait: float) -> None:
        super().__init__("Rate limit exceeded")
        self.wait = wait


class RateLimiter:
    """A sliding window over the requests that were let through."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: deque[float] = deque()

    def check(self, rate: str) -> None:
        """Count a request.

        :raises RateLimitedError: When the window is full, with the seconds until there is room.
        """
        limit, window = parse_rate(rate)
        now = time.monotonic()
        with self._lock:
            while self._times and self._times[0] <= now - window:
                self._times.popleft()
            if len(self._times) >= limit:
                raise RateLimitedError(self._times[0] + window - now if self._times else window)
            self._times.append(now)

    def used(self, window: float) -> int:
        """Return how many requests were let through within so many seconds."""
        since = time.monotonic() - window
        with self._lock:
            return sum(at > since for at in self._times)

    def reset(self) -> None:
        """Forget everything."""
        with self._lock:
            self._times.clear()


class Wear:
    """Counts what the switches token_dies_after and writes_until_503 count."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._lock = threading.Lock()
        self._position = self._now()
        self._requests = 0
        self._writes: Counter[str] = Counter()

    def reset(self) -> None:
        """Count from the beginning."""
        self._position = self._now()
        self._requests = 0
        self._writes.clear()

    def _now(self) -> tuple[object, object]:
        return self._switches.token_dies_after, self._switches.writes_until_503

    def count(self, method: str) -> SCIMException | None:
        """Count a request of the token's owner, and return the refusal if something has run out."""
        with self._lock:
            if self._position != self._now():
                self.reset()
            self._requests += 1
            lives = self._switches.token_dies_after
            if lives is not None and self._requests > lives:
                return dead_token(self._switches)
            if method in READ_METHODS:
                return None
            if self._switches.write_rights == "none":
                return ForbiddenException(detail="This token has no right to write")
            return self._count_write(method)

    def _count_write(self, method: str) -> SCIMException | None:
        most = self._switches.writes_until_503
        if isinstance(most, dict):
            most = most.get(method)
            counted = method
        else:
            counted = ""
        self._writes[counted] += 1
        if most is not None and self._writes[counted] > most:
            return scim_error(503, None, "The service is not available")
        return None


def dead_token(switches: Switches) -> SCIMException:
    """Return the refusal of a token that is missing, wrong or no longer good (fact sheet, 11.1)."""
    if switches.bad_token == 403:
        return ForbiddenException(detail="The token is not valid")
    return UnauthorizedException(detail="The token is missing or not valid")
