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
        "A POST or PUT without a work e-mail address. `noreply`: the address becomes noreply@8x8.com. `refuse`: it"
        " is refused, in the form of `missing_attribute`",
        "3, K4, 11.10",
    ),
    "other_emails": types.Switch(
        "drop",
        ("drop", "keep"),
        "E-mail addresses after the first one; only one is supported. `drop`: they are not stored, and the answer "
        "is a success. `keep`: they are stored",
        "3",
    ),
    "other_phones": types.Switch(
        "drop",
        ("drop", "keep"),
        "Phone numbers after one mobile and one work number. `drop`: they are not stored, and the answer is a "
        "success. `keep`: they are stored",
        "3, 11.18",
    ),
    "primary": types.Switch(
        "forced",
        ("forced", "as_sent"),
        "The value of `primary` in e-mail addresses and phone numbers. `forced`: always true for the e-mail "
        "address and the mobile number, and false for the work number. `as_sent`: as the client sent it",
        "3",
    ),
    "user_name_case": types.Switch(
        "insensitive",
        ("insensitive", "exact"),
        "Login names that differ only in case, such as Ada and ada. `insensitive`: they are the same login name. "
        "`exact`: they are two login names",
        "11.15",
    ),
    "user_name_pattern": types.Switch(
        "any",
        ("any", "admin_api"),
        "The login names that are accepted. `any`: all. `admin_api`: those that the Administration API accepts (3 "
        "to 70 characters, no plus sign, no blank)",
        "3 (userName limits)",
    ),
    "names": types.Switch(
        "any",
        ("any", "ascii_only", "folded"),
        "A given or family name with characters that are not ASCII. `any`: it is stored as sent. `ascii_only`: it "
        "is refused, in the form of `unsupported_value`. `folded`: it is stored without its accents, and the "
        "answer is a success",
        "11.17",
    ),
    "work_phone": types.Switch(
        "keep",
        ("keep", "drop", "refuse"),
        "A phone number of type work. `keep`: it is stored. `drop`: it is not stored, and the answer is a success."
        " `refuse`: it is refused, in the form of `unsupported_value`",
        "3, K3",
    ),
    "missing_attribute": types.Switch(
        "400 invalidValue",
        ("400 invalidValue", "400 invalidSyntax", 400, 422),
        "How a POST or PUT without a mandatory attribute is refused: the status and the scimType; a number alone: "
        "that status without a scimType",
        "3, 11.1",
    ),
    "unsupported_value": types.Switch(
        "400 invalidValue",
        ("400 invalidValue", 400, 422),
        "How a locale, time zone, name, login name, e-mail address or phone number is refused that the tenant does"
        " not accept: the status and the scimType; a number alone: that status without a scimType",
        "11.1, 11.16",
    ),
    "unknown_site": types.Switch(
        "400 invalidValue",
        ("400 invalidValue", 400, 404, 409, "ignore"),
        "A write with a site that does not exist. A status: it is refused with this status and scimType; a number "
        "alone: that status without a scimType. `ignore`: everything except the site is written",
        "3 (site renamed in console), 11.1",
    ),
    "duplicate": types.Switch(
        409,
        (409, 400),
        "How a creation is refused if the login name is taken. `409`: with the scimType uniqueness. `400`: in the "
        "form of the Administration API",
        "K8, 5.6, 11.1",
    ),
    "create_inactive_duplicate": types.Switch(
        "conflict",
        ("conflict", "reactivate"),
        "A POST with the login name of a deactivated user. `conflict`: it is refused, in the form of `duplicate`. "
        "`reactivate`: the user gets the new values and is activated if the POST says so",
        "2.13, 11.14",
    ),
    "all_users": types.Switch(
        False,
        (False, True),
        "The setting *User Advanced settings* of the tenant: whether SCIM shows users who were created in Admin "
        "Console. Their login names are taken with both values",
        "4.8, 4.9",
    ),
    "unknown_locale": types.Switch(
        "refuse",
        ("refuse", "accept", "site_default"),
        "A locale that 8x8 does not list. `refuse`: it is refused, in the form of `unsupported_value`. `accept`: "
        "it is stored. `site_default`: the default is stored instead, and the answer is a success",
        "K15, 11.16",
    ),
    "unknown_timezone": types.Switch(
        "refuse",
        ("refuse", "accept", "site_default"),
        "A time zone that does not exist. `refuse`: it is refused, in the form of `unsupported_value`. `accept`: "
        "it is stored. `site_default`: the default is stored instead, and the answer is a success",
        "11.16",
    ),
    "unknown_attributes": types.Switch(
        "drop",
        ("drop", "keep", "refuse"),
        "An attribute that is not in the schemas of the tenant and that the user does not have yet. `drop`: it is "
        "not stored, and the answer is a success. `keep`: it is stored and shown. `refuse`: 400 invalidValue",
        "3, 11.1",
    ),
    "duplicate_external_id": types.Switch(
        "refuse",
        ("refuse", "accept"),
        "An externalId that another user has. `refuse`: 409 uniqueness. `accept`: it is stored",
        "3, 11.1",
    ),
    "whole_names": types.Switch(
        "none",
        ("none", "stored", "derived", "leading"),
        "The attributes name.formatted and displayName. `none`: they are not stored or shown. `stored`: they are "
        "stored as sent, and made from the given and family name if they are not sent. `derived`: they are always "
        "made from the given and family name. `leading`: as `stored`, and a name.formatted that is sent replaces "
        "the given and family name",
        "3, 9.8",
    ),
    "lengths": types.Switch(
        "longest",
        ("longest", "admin_api", "any", "truncate"),
        "Values that are shorter or longer than the Administration API allows (login name 3 to 70 characters, "
        "givenName 2 to 128, familyName 2 to 30, e-mail address 5 to 128, title 1 to 254, department 1 to 100). "
        "`longest`: longer ones are refused, in the form of `unsupported_value`. `admin_api`: shorter ones are "
        "refused too. `any`: all are stored. `truncate`: longer ones are cut, and the answer is a success",
        "3",
    ),
}
