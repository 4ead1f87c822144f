# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for the form of answers and errors, for versions, and for who may write."""

from __future__ import annotations

from collections.abc import Mapping

from . import types

ANSWERS: Mapping[str, types.Switch] = {
    "extension_urn": types.Switch(
        types.EXTENSION_URN,
        (types.EXTENSION_URN, types.OTHER_EXTENSION_URN),
        "The URN of the 8x8 extension in answers",
        "K1",
    ),
    "extension_urn_input": types.Switch(
        "emitted",
        ("emitted", "both"),
        "The URN of the 8x8 extension that is understood in requests. `emitted`: only the one in answers; the "
        "other one is stored as an unknown extension, and sets no site. `both`: both",
        "K1, 11.13",
    ),
    "extension_in_schemas": types.Switch(
        False, (False, True), "Whether `schemas` of a user names the 8x8 extension if the user has it", "11.13"
    ),
    "nulls": types.Switch(False, (False, True), "Whether attributes without a value are shown as null", "2.7, 9.9"),
    "etags": types.Switch(
        False, (False, True), "Whether users have versions (meta.version, ETag, If-Match, 412)", "11.6"
    ),
    "media_type": types.Switch(
        "application/scim+json",
        ("application/scim+json", "application/json", "application/scim+json; charset=utf-8"),
        "The Content-Type of answers",
        "1.14, 11.7",
    ),
    "error_status_type": types.Switch(
        "string",
        ("string", "number", "missing"),
        "How `status` is written in the body of an error. `string`: as text, as RFC 7644 3.12 requires. `number`: "
        "as a number. `missing`: not at all",
        "8 (Errors), 11.1",
    ),
    "error_detail": types.Switch(
        "explained",
        ("explained", "phrase", "missing"),
        "The text of an error. `explained`: what is wrong. `phrase`: the name of the status, such as Bad Request. "
        "`missing`: none",
        "5.1, 11.1",
    ),
    "unknown_id": types.Switch(
        404,
        (404, "404 empty", "404 html", 400),
        "The answer to an id that nobody has. `404`: an error of SCIM. `404 empty`: no body. `404 html`: a web "
        "page. `400`: 400 invalidValue",
        "11.1",
    ),
    "wrong_customer": types.Switch(404, (404, 403), "The status for a wrong customer id in the URL", "11.1"),
    "bad_token": types.Switch(401, (401, 403), "The status for a missing or wrong token", "5.7, 11.1"),
    "second_client": types.Switch(
        "refuse",
        ("refuse", "allow"),
        "A write with the read-only token of a second client. `refuse`: 403. `allow`: it is done",
        "1.10, 1.11, 11.12",
    ),
    "other_writer": types.Switch(
        "none",
        ("none", "entra", "okta", "onelogin", "google"),
        "The identity provider that provisions this tenant; see `writer` of the control endpoint. `entra`, `okta`,"
        " `onelogin`: our token may only read, unless `second_client` is `allow`. `google`: users are created at "
        "their first sign-in, and nobody is deactivated",
        "1.10, 1.11, 9.1, 9.2, 9.4",
    ),
    "drop_attributes": types.Switch(
        [],
        (),
        "SCIM paths that every write loses, although the answer is a success",
        "2.8, 11.16",
        check=types.paths,
        form='list of paths, e.g. ["title", "name.middleName"]',
    ),
    "normalize": types.Switch(
        {},
        (),
        "SCIM paths whose values every write changes, although the answer is a success",
        "9.8",
        check=types.normalizers,
        form='map of path to strip | upper | lower | digits | nfc | nfd, e.g. {"phoneNumbers": "digits"}',
    ),
    # Most users could not be updated without their number, so this is not the default.
    "masked_phones": types.Switch(
        False,
        (False, True),
        "Whether answers show phone numbers masked, such as +44****. The tenant stores what was sent",
        "9.8, 11.18",
    ),
    "version_place": types.Switch(
        "both",
        ("both", "header", "body"),
        "With `etags`: where the version is. `both`: in the header ETag and in meta.version. `header`: only in "
        "ETag. `body`: only in meta.version",
        "11.6",
    ),
    "if_match": types.Switch(
        "weak",
        ("weak", "strong"),
        "With `etags`: whether If-Match accepts the weak versions that the tenant gives. `weak`: yes (RFC 7644 "
        "3.14). `strong`: no, it never matches (RFC 9110 13.1.1)",
        "11.6",
    ),
    "missing_if_match": types.Switch(
        "accept",
        ("accept", 428),
        "With `etags`: a PUT, PATCH or DELETE without If-Match. "
        "`accept`: it is done. `428`: it is refused with this status",
        "11.6",
    ),
    "request_media_type": types.Switch(
        "any",
        ("any", "application/json", "application/scim+json"),
        "The Content-Type that a request must have. Any other one is refused with 415",
        "1.14, 11.7",
    ),
    "refused_as": types.Switch(
        "status",
        ("status", "success_false", "problem", "errors", "empty_object"),
        "How a write is refused that breaks a rule. `status`: with an HTTP status of 400 or higher. With all other"
        ' values the status is 200, and the body is: `success_false`: {"success": false}. `problem`: a problem of '
        'RFC 7807. `errors`: {"errors": [...]}. `empty_object`: {}',
        "5.1, 5.6, 11.1",
    ),
}
