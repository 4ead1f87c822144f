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
        "a real limiter over a sliding window; null is no limit",
        "5.2, 5.3, 11.2",
        check=types.rate,
        form='null or "REQUESTS/SECONDSs", e.g. "10/1s"',
    ),
    "rate_limit_form": types.Switch(
        "retry_after_seconds",
        ("retry_after_seconds", "retry_after_date", "x_ratelimit_reset", "none", "http_500"),
        "how the limiter says no: 429 with a Retry-After in seconds or as a date, with x-ratelimit-reset "
        "only, with nothing, or a 500",
        "5.3, 5.4, 11.2",
    ),
    "latency_ms": types.Switch(
        0.0, (), "milliseconds added to every request", "11.2", check=types.number(0, 600_000), form="number, 0 or more"
    ),
    "clock_skew": types.Switch(
        0,
        (),
        "seconds that the clock of the tenant is ahead of the right one: Date, x-ratelimit-reset, Retry-After as a date, "
        "created and lastModified",
        "5.3, 11.2",
        check=types.integer(None),
        form="seconds, negative for behind",
    ),
    "token_dies_after": types.Switch(
        None,
        (),
        "how many requests the token is good for, counted since this switch was moved; null is for ever",
        "1.7, 1.8",
        check=types.optional_integer(0),
        form="null, or integer, 0 or more",
    ),
    "write_rights": types.Switch(
        "full", ("full", "none"), "whether the token may write; without the right every write is 403", "1.10, 11.12"
    ),
    "writes_until_503": types.Switch(
        None,
        (),
        "how many writes are taken before every further one is 503, counted since this switch was moved: one number for all, "
        "or a number for each HTTP method; null is for ever",
        "5.1, 11.2",
        check=types.writes,
        form='null, integer, or map of method to integer, e.g. {"PUT": 1}',
    ),
}
