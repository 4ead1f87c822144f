# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for who can be created, and with which values."""

from __future__ import annotations

from collections.abc import Mapping

from . import types

USERS: Mapping[str, types.Switch] = {
    "missing_email": types.Switch(
        "noreply",
        ("noreply", "refuse"),
        "POST or PUT without an e-mail: it becomes noreply@8x8.com, or 400 invalidValue",
        "3, K4, 11.10",
    ),
    "other_emails": types.Switch(
        "drop",
        ("drop", "keep"),
        "a second e-mail address is dropped without a word (only one is supported), or kept",
        "3",
    ),
    "other_phones": types.Switch(
        "drop",
        ("drop", "keep"),
        "phone numbers beyond one mobile and one work number are dropped without a word, or kept",
        "3, 11.18",
    ),
    "primary": types.Switch(
        "forced",
        ("forced", "as_sent"),
        "`primary` is always true on e-mail and mobile and false on work phone, or kept as sent",
        "3",
    ),
    "user_name_case": types.Switch(
        "insensitive",
        ("insensitive", "exact"),
        "whether Ada and ada are the same login name",
        "11.15",
    ),
    "user_name_pattern": types.Switch(
        "any",
        ("any", "admin_api"),
        "any userName, or only what the Administration API takes (3-70 characters, no +, no space)",
        "3 (userName limits)",
    ),
    "names": types.Switch(
        "any",
        ("any", "ascii_only", "folded"),
        "names outside ASCII are kept, refused with 400, or silently lose their accents",
        "11.17",
    ),
    "work_phone": types.Switch(
        "keep",
        ("keep", "drop", "refuse"),
        "a phone number of type work: kept, dropped without a word, or 400 invalidValue",
        "3, K3",
    ),
    "missing_attribute": types.Switch(
        "400 invalidValue",
        ("400 invalidValue", "400 invalidSyntax", 400, 422),
        "how a POST or PUT without a mandatory attribute is refused; a number alone comes without scimType",
        "3, 11.1",
    ),
    "unsupported_value": types.Switch(
        "400 invalidValue",
        ("400 invalidValue", 400, 422),
        "how a locale, time zone, name, userName, e-mail address or phone number that the tenant does not take is refused; "
        "a number alone comes without scimType",
        "11.1, 11.16",
    ),
    "unknown_site": types.Switch(
        "400 invalidValue",
        ("400 invalidValue", 400, 404, 409, "ignore"),
        "a site that does not exist: refused (a number alone comes without scimType), or everything but the site is done",
        "3 (site renamed in console), 11.1",
    ),
    "duplicate": types.Switch(
        409,
        (409, 400),
        "a taken userName answers 409 uniqueness, or 400 in the form of the sister API",
        "K8, 5.6, 11.1",
    ),
    "create_inactive_duplicate": types.Switch(
        "conflict",
        ("conflict", "reactivate"),
        "POST with a deactivated user's userName is a conflict, or brings that user back",
        "2.13, 11.14",
    ),
    "all_users": types.Switch(
        False,
        (False, True),
        "whether users made in Admin Console can be seen (their login names conflict either way)",
        "4.8, 4.9",
    ),
    "unknown_locale": types.Switch(
        "refuse",
        ("refuse", "accept", "site_default"),
        "a locale that 8x8 does not list: refused, kept, or silently replaced by the default",
        "K15, 11.16",
    ),
    "unknown_timezone": types.Switch(
        "refuse",
        ("refuse", "accept", "site_default"),
        "a time zone that is no Olson name: refused, kept, or silently replaced by the default",
        "11.16",
    ),
    "unknown_attributes": types.Switch(
        "drop",
        ("drop", "keep", "refuse"),
        "an attribute that the schemas of the tenant do not list, and that the user does not have already: dropped without a "
        "word, stored and answered, or 400 invalidValue",
        "3, 11.1",
    ),
    "duplicate_external_id": types.Switch(
        "refuse",
        ("refuse", "accept"),
        "an externalId that somebody else has: 409 uniqueness, or accepted",
        "3, 11.1",
    ),
    "whole_names": types.Switch(
        "none",
        ("none", "stored", "derived", "leading"),
        "name.formatted and displayName: the tenant has none of its own; it keeps what is sent, and makes them from the parts "
        "where nothing is sent; it always makes them from the parts; or it takes the parts from name.formatted where it is sent",
        "3, 9.8",
    ),
    "lengths": types.Switch(
        "longest",
        ("longest", "admin_api", "any", "truncate"),
        "the lengths of the Administration API (userName 3-70 characters, givenName 2-128, familyName 2-30, e-mail 5-128, title "
        "1-254, department 1-100): longer values are refused; shorter ones too; all are kept; or longer ones are cut off without "
        "a word",
        "3",
    ),
}
