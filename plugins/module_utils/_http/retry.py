# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""How long to wait before a request is sent again, and for how long in all."""

from __future__ import annotations

import email.utils
import random
import re
from collections.abc import Mapping

from .._base.clock import Clock
from .._errors import GaveUpError, TransientError

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0
_SHORTEST_PAUSE = 0.1
#: Repeats before the server has answered anything: enough for a short outage, few for a wrong address.
_FIRST_CONTACT_REPEATS = 2
#: The header that says when a rate limit ends, where there is no Retry-After (fact sheet 5.3).
_RESET = "x-ratelimit-reset"
#: A larger number is a time in seconds since 1970, not a number of seconds from now.
_MIN_TIMESTAMP = 1_000_000_000


class RetryBudget:
    """The seconds that may still go into waiting. One budget serves all requests of a call.

    :param seconds: The whole budget.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self.total = seconds
        self.left = seconds
        self._clock = clock

    def cap(self, seconds: float) -> None:
        """Limit the seconds that may still go into waiting."""
        self.left = max(0.0, min(self.left, seconds))

    def wait(self, failure: TransientError, repeats: int) -> None:
        """Wait before a request is sent again.

        :param failure: Why it must be sent again.
        :param repeats: How often it has been sent again so far.
        :raises EightByEightError: The failure, where the budget does not last for the pause.
        """
        self.left = max(0.0, self.left - failure.seconds)
        asked = failure.retry_after
        backoff = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**repeats) * random.uniform(0.8, 1.0)  # noqa: S311
        # There is a shortest pause, even where the server asks for none.
        pause = max(backoff if asked is None else asked, min(_LONGEST_PAUSE, _SHORTEST_PAUSE * 2.0**repeats))
        tries = f"{repeats + 1} tr{'ies' if repeats else 'y'}"
        if failure.first_contact and repeats >= _FIRST_CONTACT_REPEATS:
            raise failure.about(f"{failure.message} Gave up after {tries}.", family=GaveUpError)
        if pause > self.left:
            # Our backoff differs each time, and a message that does too would look like another failure.
            why = (
                "the next pause is longer than the rest"
                if asked is None
                else f"the server asks to wait {_seconds(pause)}"
            )
            left = f"of retry_budget ({self.total:g} s) {_seconds(self.left)} are left"
            raise failure.about(
                f"{failure.message} Gave up after {tries}: {why}, and {left}. Run again later, or raise retry_budget.",
                family=GaveUpError,
            )
        self.left -= pause
        self._clock.sleep(pause)


def _seconds(time: float) -> str:
    """Return a time for a message. Short times have more digits, so that two of them do not look the same."""
    return f"{time:.0f} s" if time >= 100 else f"{time:.3g} s"


def retry_after(headers: Mapping[str, str], clock: Clock) -> float | None:
    """Return the seconds a server asks to wait (RFC 9110 section 10.2.3), or None where it asks for nothing.

    Dates are compared with the server's own clock, where it sends a Date header: ours may be wrong by hours.
    """
    header = (headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", header):
        return float(header)
    server_time = _date(headers.get("Date") or "")
    now = clock.wall() if server_time is None else server_time
    at = _date(header) if header else None
    if at is not None:
        return max(0.0, at - now)
    reset = (headers.get(_RESET) or "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", reset):
        value = float(reset)
        return max(0.0, value - now) if value > _MIN_TIMESTAMP else value
    return None


def next_after(headers: Mapping[str, str], clock: Clock) -> float:
    """Return the seconds before which a server takes no further request, where it says that this was the last one."""
    left = (headers.get("x-ratelimit-remaining") or "").strip()
    return (retry_after(headers, clock) or 0.0) if left == "0" else 0.0


def _date(text: str) -> float | None:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
