# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Time."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Callable
from typing import NamedTuple


class Clock(NamedTuple):
    """Time as the client sees it; tests bring their own.

    :param wall: Seconds since the epoch, to read dates that a server gives.
    :param steady: Seconds on a clock that never jumps, to measure.
    :param sleep: Wait that many seconds.
    """

    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


_STAMP = "%Y-%m-%dT%H:%M:%SZ"


def stamp(seconds: float) -> str:
    """Return a time as text, in UTC."""
    return stamp_of(dt.datetime.fromtimestamp(seconds, dt.timezone.utc))


def stamp_of(moment: dt.datetime) -> str:
    """Return a moment in UTC as text."""
    return moment.strftime(_STAMP)


def read_stamp(text: str) -> dt.datetime | None:
    """Return the time that :func:`stamp` wrote; None where the text is no such time."""
    with contextlib.suppress(ValueError):
        moment = dt.datetime.strptime(text, _STAMP).replace(tzinfo=dt.timezone.utc)
        if moment.strftime(_STAMP) == text:
            return moment
    return None
