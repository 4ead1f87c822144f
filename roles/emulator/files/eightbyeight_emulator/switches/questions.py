# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for what a question is answered: filters, lists and discovery."""

from __future__ import annotations

from collections.abc import Mapping

from . import types

QUESTIONS: Mapping[str, types.Switch] = {
    "discovery": types.Switch(
        False,
        (False, True),
        "whether ServiceProviderConfig, ResourceTypes and Schemas exist",
        "4.7, 11.5",
    ),
    "bulk": types.Switch(404, (404, 405, 501), "what POST to Bulk answers, which 8x8 does not list", "2.2, 11.5"),
    "filter": types.Switch(
        "user_name_only",
        ("user_name_only", "all", "refused", "ignored"),
        'only `userName eq "x"` works, every filter works, every filter is 400 invalidFilter, or every '
        "filter is ignored and everybody comes back",
        "4.4-4.6, 9.6, 11.4",
    ),
    "attributes_parameter": types.Switch(
        "ignored",
        ("ignored", "applied"),
        "the `attributes` and `excludedAttributes` query parameters",
        "11.5",
    ),
    "sort": types.Switch("ignored", ("ignored", "applied"), "the `sortBy` and `sortOrder` query parameters", "11.5"),
    "order": types.Switch(
        "creation",
        ("creation", "newest_first"),
        "the order of a list; newest first moves everybody down when a user is created between two pages",
        "11.3",
    ),
    "max_page": types.Switch(
        100, (), "the most users one page holds", "4.3, 11.3", check=types.integer(1), form="integer, 1 or more"
    ),
    "default_page": types.Switch(
        100,
        (),
        "the users of a page when `count` is not sent",
        "4.3, 11.3",
        check=types.integer(1),
        form="integer, 1 or more",
    ),
    "list_payload": types.Switch(
        "full",
        ("full", "partial"),
        "what a list holds of each user: everything, or id, userName, name, active, emails",
        "2.7a",
    ),
    "count_zero": types.Switch(
        "empty",
        ("empty", "default_page"),
        "count=0 answers the total only (RFC 7644 3.4.2.4), or a page of the default size",
        "11.3",
    ),
    "start_past_end": types.Switch(
        "empty",
        ("empty", "refuse"),
        "startIndex behind the last user: an empty page, or 400 invalidValue",
        "11.3",
    ),
    "empty_resources": types.Switch(
        "absent",
        ("absent", "array"),
        "when nobody matches, `Resources` is left out (RFC 7644 3.4.2 allows it) or is []",
        "8 (Lists)",
    ),
    "page_repeats": types.Switch(
        False,
        (False, True),
        "each page after the first starts with the last user of the page before; totalResults is right, and "
        "a client that goes on until it has them all gets them all",
        "8 (no snapshot guarantee)",
    ),
    "start_index": types.Switch(
        "honored",
        ("honored", "ignored"),
        "a page begins where `startIndex` says, or always with the first user, so that who is behind the first page never shows",
        "4.1, 11.3",
    ),
    "page_loses": types.Switch(
        False, (False, True), "one user is missing at each page boundary", "8 (no snapshot guarantee)"
    ),
    "total_off": types.Switch(
        0, (), "added to totalResults", "8 (Lists)", check=types.integer(None), form="integer, negative too"
    ),
    "consistency_delay": types.Switch(
        0,
        (),
        "how many lists or filters miss a new user before they show it (GET by id shows it at once)",
        "11.19",
        check=types.integer(0),
        form="integer, 0 or more",
    ),
    "change_delay": types.Switch(
        0,
        (),
        "how many lists or filters show a changed user as before the change (GET by id shows it at once)",
        "11.19",
        check=types.integer(0),
        form="integer, 0 or more",
    ),
    "filter_case": types.Switch(
        "insensitive",
        ("insensitive", "exact"),
        "whether `userName eq` finds a login name that is written in another case, whatever user_name_case says of uniqueness",
        "11.15",
    ),
    "filter_quotes": types.Switch(
        "refuse",
        ("refuse", "accept"),
        "a filter whose value holds an escaped quote or backslash: 400 invalidFilter, or understood",
        "4.6, 11.4",
    ),
    "filter_id": types.Switch(
        "refuse", ("refuse", "accept"), "`id eq` where only `userName eq` is supported besides", "4.6, 11.4"
    ),
    "filter_external_id": types.Switch(
        "refuse",
        ("refuse", "accept"),
        "`externalId eq` where only `userName eq` is supported besides",
        "4.6, 11.4",
    ),
    "page_over_max": types.Switch(
        "cap",
        ("cap", "400 tooMany", 400, 413),
        "a `count` above max_page: fewer users come, or it is refused (a number alone comes without scimType)",
        "4.3, 11.3",
    ),
    "slow_page": types.Switch(
        None,
        (),
        "a page of more users than this takes too long, and a gateway answers 504 in its place; null is never",
        "4.3, 11.3",
        check=types.optional_integer(0),
        form="null, or integer, 0 or more",
    ),
    "total_results": types.Switch(
        "all",
        ("all", "page", "capped"),
        "totalResults is the number of all users that match, of those on the page, or of all up to two times max_page",
        "4.1, 8 (Lists)",
    ),
    "list_omits": types.Switch(
        [],
        (),
        "SCIM paths that lists leave out for everybody (GET by id has them)",
        "2.7a",
        check=types.paths,
        form='list of paths, e.g. ["title", "name.middleName"]',
    ),
    "list_lag": types.Switch(
        0.0,
        (),
        "for how many seconds lists and filters show everything as before a write (GET by id shows it at once)",
        "11.19",
        check=types.number(0, 86_400),
        form="seconds, 0 or more",
    ),
    "read_delay": types.Switch(
        0,
        (),
        "how many times GET by id shows a changed user as before the change",
        "11.19",
        check=types.integer(0),
        form="integer, 0 or more",
    ),
    "telephony": types.Switch(
        False,
        (False, True),
        "whether users carry telephony attributes in the 8x8 extension, which nobody documents. Read when the tenant starts, "
        "is reset, and creates somebody",
        "13.4 (K16)",
    ),
}
