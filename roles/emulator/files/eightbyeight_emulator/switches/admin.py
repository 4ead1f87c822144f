# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for the Administration API, which is read beside SCIM. "A" points into the fact sheet about that API."""

from __future__ import annotations

from collections.abc import Mapping

from . import types

ADMIN: Mapping[str, types.Switch] = {
    "admin_api": types.Switch(
        "on",
        ("on", "off"),
        "Whether the key may read users and sites. `on`: yes. `off`: no, each request is refused with 403, because"
        " the API is in beta",
        "A1.1",
    ),
    "admin_ids": types.Switch(
        "other",
        ("other", "same"),
        "The id of a user in the Administration API. `other`: not the id in SCIM. `same`: the id in SCIM",
        "A3",
    ),
    "admin_list": types.Switch(
        "full",
        ("full", "no_services"),
        "The attributes of each user in its lists. `full`: all. `no_services`: all except serviceInfo and "
        "assignmentInfo, which only a GET by id shows",
        "A2.8",
    ),
    # Somebody of every tenant would show in no list, and nothing tells who, so this is not the default.
    "admin_list_loses": types.Switch(
        False, (False, True), "Whether a list without a filter leaves out its last user, without any sign of it", "A2.8"
    ),
    "admin_filter": types.Switch(
        "honored",
        ("honored", "ignored", "refused"),
        "Whether an RSQL filter works. `honored`: yes. `ignored`: no, it has no effect. `refused`: no, 400 "
        "VALIDATION_ERROR",
        "A2.7",
    ),
    "admin_nulls": types.Switch(
        "null",
        ("null", "absent"),
        "How an attribute without a value is shown. `null`: as null. `absent`: not at all",
        "A3",
    ),
    "admin_scroll": types.Switch(
        "advances",
        ("advances", "repeats"),
        "The answer to a scrollId that is sent a second time. `advances`: the page after the last one. `repeats`: "
        "the same page again",
        "A2.3, A2.5",
    ),
    "admin_scroll_expires": types.Switch(
        None,
        (),
        "After how many pages the first scroll expires, counted since this switch was set. Later scrolls do not "
        "expire. null: never",
        "A2.4",
        check=types.optional_integer(1),
        form="null, or integer, 1 or more",
    ),
    "admin_expired_scroll": types.Switch(400, (400, 404, 410), "The status for a scrollId that has expired", "A2.4"),
    "admin_rate_limit": types.Switch(
        "100/60s",
        (),
        "How many requests a key may send, with at most 20 of them in 10 seconds. null: no limit",
        "A5",
        check=types.rate,
        form='null or "REQUESTS/SECONDSs", e.g. "10/1s"',
    ),
}
