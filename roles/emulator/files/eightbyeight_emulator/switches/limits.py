# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for speed, limits, and what stops working in the middle of a run."""

from __future__ import annotations

from collections.abc import Mapping

from . import types

LIMITS: Mapping[str, types.Switch] = {
    "rate_limit": types.Switch(
        None,
        (),
        "How many requests are allowed in a sliding window of seconds. null: no limit",
        "5.2, 5.3, 11.2",
        check=types.rate,
        form='null or "REQUESTS/SECONDSs", e.g. "10/1s"',
    ),
    "rate_limit_form": types.Switch(
        "retry_after_seconds",
        ("retry_after_seconds", "retry_after_date", "x_ratelimit_reset", "none", "http_500"),
        "How a request above the limit is refused. `retry_after_seconds`: 429 with Retry-After in seconds. "
        "`retry_after_date`: 429 with Retry-After as a date. `x_ratelimit_reset`: 429 with only x-ratelimit-reset."
        " `none`: 429 without such a header. `http_500`: 500",
        "5.3, 5.4, 11.2",
    ),
    "latency_ms": types.Switch(
        0.0,
        (),
        "Milliseconds that are added to every request",
        "11.2",
        check=types.number(0, 600_000),
        form="number, 0 or more",
    ),
    "clock_skew": types.Switch(
        0,
        (),
        "How many seconds the clock of the tenant is ahead. It is used in Date, in x-ratelimit-reset, in Retry-"
        "After as a date, and in created and lastModified",
        "5.3, 11.2",
        check=types.integer(None),
        form="seconds, negative for behind",
    ),
    "token_dies_after": types.Switch(
        None,
        (),
        "After how many requests the token stops working, counted since this switch was set. null: never",
        "1.7, 1.8",
        check=types.optional_integer(0),
        form="null, or integer, 0 or more",
    ),
    "write_rights": types.Switch(
        "full",
        ("full", "none"),
        "Whether the token may write. `full`: yes. `none`: every write is refused with 403",
        "1.10, 11.12",
    ),
    "writes_until_503": types.Switch(
        None,
        (),
        "After how many writes every further write is answered with 503, counted since this switch was set. One "
        "number for all writes, or one for each HTTP method. null: never",
        "5.1, 11.2",
        check=types.writes,
        form='null, integer, or map of method to integer, e.g. {"PUT": 1}',
    ),
}
