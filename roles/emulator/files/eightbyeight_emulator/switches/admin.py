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
        "whether the key may read users and sites, or is refused with 403: the API is in beta",
        "A1.1",
    ),
    "admin_ids": types.Switch(
        "other", ("other", "same"), "whether somebody has another id there than in SCIM, or the same", "A3"
    ),
    "admin_list": types.Switch(
        "full",
        ("full", "no_services"),
        "what its lists hold of each user: everything, or no serviceInfo and no assignmentInfo (a user read alone has them)",
        "A2.8",
    ),
    "admin_list_loses": types.Switch(
        False, (False, True), "a list without a filter lacks its last user, and does not say so", "A2.8"
    ),
    "admin_filter": types.Switch(
        "honored",
        ("honored", "ignored", "refused"),
        "an RSQL filter works, is ignored, or is 400 VALIDATION_ERROR",
        "A2.7",
    ),
    "admin_nulls": types.Switch(
        "null", ("null", "absent"), "whether what is not set is answered as null, or left out", "A3"
    ),
    "admin_scroll": types.Switch(
        "advances",
        ("advances", "repeats"),
        "what a scrollId gives that is sent a second time: the page after, or the same page again",
        "A2.3, A2.5",
    ),
    "admin_scroll_expires": types.Switch(
        None,
        (),
        "after how many pages the first scroll expires, counted since this switch was moved; later ones last. null is never",
        "A2.4",
        check=types.optional_integer(1),
        form="null, or integer, 1 or more",
    ),
    "admin_expired_scroll": types.Switch(400, (400, 404, 410), "what an expired scrollId answers", "A2.4"),
    "admin_rate_limit": types.Switch(
        "100/60s",
        (),
        "the limit for a key, with bursts of 20 in 10 seconds; null is no limit",
        "A5",
        check=types.rate,
        form='null or "REQUESTS/SECONDSs", e.g. "10/1s"',
    ),
}
