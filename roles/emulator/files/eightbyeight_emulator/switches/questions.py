# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for reading: filters, lists and discovery."""

from __future__ import annotations

from collections.abc import Mapping

from . import types

QUESTIONS: Mapping[str, types.Switch] = {
    "discovery": types.Switch(
        False,
        (False, True),
        "Whether ServiceProviderConfig, ResourceTypes and Schemas exist",
        "4.7, 11.5",
    ),
    "bulk": types.Switch(
        404,
        (404, 405, 501),
        "The status of a POST to Bulk, which is not among the operations that 8x8 lists",
        "2.2, 11.5",
    ),
    "filter": types.Switch(
        "user_name_only",
        ("user_name_only", "all", "refused", "ignored"),
        'The filters that work. `user_name_only`: only `userName eq "x"`; others are refused with 400 '
        "invalidFilter. `all`: every filter. `refused`: none; each is refused with 400 invalidFilter. `ignored`: "
        "none; each is answered with all users",
        "4.4-4.6, 9.6, 11.4",
    ),
    "attributes_parameter": types.Switch(
        "ignored",
        ("ignored", "applied"),
        "Whether the query parameters `attributes` and `excludedAttributes` have an effect",
        "11.5",
    ),
    "sort": types.Switch(
        "ignored",
        ("ignored", "applied"),
        "Whether the query parameters `sortBy` and `sortOrder` have an effect",
        "11.5",
    ),
    "order": types.Switch(
        "creation",
        ("creation", "newest_first"),
        "The order of a list. `creation`: the oldest user first. `newest_first`: the newest user first, so a user "
        "who is created between two pages moves all others down",
        "11.3",
    ),
    "max_page": types.Switch(
        100, (), "The largest number of users on a page", "4.3, 11.3", check=types.integer(1), form="integer, 1 or more"
    ),
    "default_page": types.Switch(
        100,
        (),
        "The number of users on a page if the request has no `count`",
        "4.3, 11.3",
        check=types.integer(1),
        form="integer, 1 or more",
    ),
    "list_payload": types.Switch(
        "full",
        ("full", "partial"),
        "The attributes of each user in a list. `full`: all. `partial`: id, userName, name, active and emails",
        "2.7a",
    ),
    "count_zero": types.Switch(
        "empty",
        ("empty", "default_page"),
        "The answer to count=0. `empty`: only the total (RFC 7644 3.4.2.4). `default_page`: a page of the default size",
        "11.3",
    ),
    "start_past_end": types.Switch(
        "empty",
        ("empty", "refuse"),
        "A startIndex after the last user. `empty`: an empty page. `refuse`: 400 invalidValue",
        "11.3",
    ),
    "empty_resources": types.Switch(
        "absent",
        ("absent", "array"),
        "The answer to a query that finds nobody. `absent`: without `Resources` (RFC 7644 3.4.2 allows it). "
        "`array`: `Resources` is []",
        "8 (Lists)",
    ),
    "page_repeats": types.Switch(
        False,
        (False, True),
        "Whether each page after the first one begins with the last user of the page before. totalResults is "
        "right, and a client that reads on until it has everybody gets everybody",
        "8 (no snapshot guarantee)",
    ),
    # Nobody behind the first page could be listed if it were ignored, so that is not the default.
    "start_index": types.Switch(
        "honored",
        ("honored", "ignored"),
        "Where a page begins. `honored`: at `startIndex`. `ignored`: always at the first user, so users after the "
        "first page are never shown",
        "4.1, 11.3",
    ),
    "page_loses": types.Switch(
        False,
        (False, True),
        "Whether one user is missing between each page and the next one",
        "8 (no snapshot guarantee)",
    ),
    "total_off": types.Switch(
        0,
        (),
        "A number that is added to totalResults",
        "8 (Lists)",
        check=types.integer(None),
        form="integer, negative too",
    ),
    "consistency_delay": types.Switch(
        0,
        (),
        "How many lists or filters leave out a new user. A GET by id shows the user immediately",
        "11.19",
        check=types.integer(0),
        form="integer, 0 or more",
    ),
    "change_delay": types.Switch(
        0,
        (),
        "How many lists or filters show a changed user as before the change. A GET by id shows the change immediately",
        "11.19",
        check=types.integer(0),
        form="integer, 0 or more",
    ),
    "filter_case": types.Switch(
        "insensitive",
        ("insensitive", "exact"),
        "Whether `userName eq` finds a login name that is written in another case. `insensitive`: yes. `exact`: "
        "no, whatever `user_name_case` says",
        "11.15",
    ),
    "filter_quotes": types.Switch(
        "refuse",
        ("refuse", "accept"),
        "A filter whose value has an escaped quote or backslash. `refuse`: 400 invalidFilter. `accept`: it works",
        "4.6, 11.4",
    ),
    "filter_id": types.Switch(
        "refuse",
        ("refuse", "accept"),
        "A filter with `id eq`, if `filter` is `user_name_only`. `refuse`: 400 invalidFilter. `accept`: it works too",
        "4.6, 11.4",
    ),
    "filter_external_id": types.Switch(
        "refuse",
        ("refuse", "accept"),
        "A filter with `externalId eq`, if `filter` is `user_name_only`. `refuse`: 400 invalidFilter. `accept`: it"
        " works too",
        "4.6, 11.4",
    ),
    "page_over_max": types.Switch(
        "cap",
        ("cap", "400 tooMany", 400, 413),
        "A `count` above `max_page`. `cap`: the page has fewer users than requested. A status: the request is "
        "refused with this status and scimType; a number alone: that status without a scimType",
        "4.3, 11.3",
    ),
    "slow_page": types.Switch(
        None,
        (),
        "A page with a larger `count` than this takes too long, and a gateway answers 504 instead. null: never",
        "4.3, 11.3",
        check=types.optional_integer(0),
        form="null, or integer, 0 or more",
    ),
    "total_results": types.Switch(
        "all",
        ("all", "page", "capped"),
        "What totalResults counts. `all`: all users that match. `page`: the users on this page. `capped`: all "
        "users that match, but at most twice `max_page`",
        "4.1, 8 (Lists)",
    ),
    "list_omits": types.Switch(
        [],
        (),
        "SCIM paths that lists leave out for every user. A GET by id shows them",
        "2.7a",
        check=types.paths,
        form='list of paths, e.g. ["title", "name.middleName"]',
    ),
    "list_lag": types.Switch(
        0.0,
        (),
        "For how many seconds lists and filters show everything as before a write. A GET by id shows the change "
        "immediately",
        "11.19",
        check=types.number(0, 86_400),
        form="seconds, 0 or more",
    ),
    "read_delay": types.Switch(
        0,
        (),
        "How many times a GET by id shows a changed user as before the change",
        "11.19",
        check=types.integer(0),
        form="integer, 0 or more",
    ),
    "telephony": types.Switch(
        False,
        (False, True),
        "Whether users have telephony attributes in the 8x8 extension, which are not documented. The switch takes "
        "effect when the tenant is started or reset, and for users who are created later",
        "13.4 (K16)",
    ),
}
