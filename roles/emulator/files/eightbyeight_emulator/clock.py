# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The clock of the tenant, which need not agree with the clock of its clients."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from .switches import Switches


def server_time(switches: Switches) -> float:
    """Return the Unix time that the tenant believes in."""
    return time.time() + float(switches.clock_skew)


def server_now(switches: Switches) -> datetime:
    """Return the date and time that the tenant believes in."""
    return datetime.fromtimestamp(server_time(switches), UTC)
