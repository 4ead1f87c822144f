# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches for how something is said."""

from __future__ import annotations

from collections.abc import Mapping

from . import types

ANSWERS: Mapping[str, types.Switch] = {
    "extension_urn": types.Switch(
        types.EXTENSION_URN,
        (types.EXTENSION_URN, types.OTHER_EXTENSION_URN),
        "the URN of the 8x8 extension that is emitted",
        "K1",
    ),
    "extension_urn_input": types.Switch(
        "emitted",
        ("emitted", "both"),
        "which 8x8 URN is understood in a request: the emitted one (the other is stored as a stranger's, and "
        "sets no site), or both",
        "K1, 11.13",
    ),
    "extension_in_schemas": types.Switch(
        False, (False, True), "whether `schemas` of a user lists the 8x8 extension it carries", "11.13"
    ),
    "nulls": types.Switch(False, (False, True), "whether unset attributes are answered as null", "2.7, 9.9"),
    "etags": types.Switch(False, (False, True), "meta.version, ETag, If-Match and 412", "11.6"),
    "media_type": types.Switch(
        "application/scim+json",
        ("application/scim+json", "application/json", "application/scim+json; charset=utf-8"),
        "the Content-Type of answers",
        "1.14, 11.7",
    ),
    "error_status_type": types.Switch(
        "string",
        ("string", "number", "missing"),
        "how `status` is written in an error body (RFC 7644 3.12 wants a string)",
        "8 (Errors), 11.1",
    ),
    "error_detail": types.Switch(
        "explained",
        ("explained", "phrase", "missing"),
        "the text of an error: what is wrong, the words of the status such as Bad Request, or none",
        "5.1, 11.1",
    ),
    "unknown_id": types.Switch(
        404,
        (404, "404 empty", "404 html", 400),
        "what an id that nobody has answers: a SCIM error, no body, a web page, or 400 invalidValue",
        "11.1",
    ),
    "wrong_customer": types.Switch(404, (404, 403), "what a wrong customer id in the URL answers", "11.1"),
    "bad_token": types.Switch(401, (401, 403), "what a missing or wrong token answers", "5.7, 11.1"),
    "second_client": types.Switch(
        "refuse",
        ("refuse", "allow"),
        "writes with the read-only token of a second client: 403, or done",
        "1.10, 1.11, 11.12",
    ),
    "other_writer": types.Switch(
        "none",
        ("none", "entra", "okta", "onelogin", "google"),
        "who else provisions this tenant, see `writer` of the control endpoint: Entra ID, Okta and OneLogin leave our token only "
        "reading (`second_client`), Google brings people when they sign in, and nobody leaves",
        "1.10, 1.11, 9.1, 9.2, 9.4",
    ),
    "drop_attributes": types.Switch(
        [],
        (),
        "SCIM paths that are silently dropped from every write",
        "2.8, 11.16",
        check=types.paths,
        form='list of paths, e.g. ["title", "name.middleName"]',
    ),
    "normalize": types.Switch(
        {},
        (),
        "SCIM paths whose values are silently rewritten on every write",
        "9.8",
        check=types.normalizers,
        form='map of path to strip | upper | lower | digits | nfc | nfd, e.g. {"phoneNumbers": "digits"}',
    ),
    "version_place": types.Switch(
        "both",
        ("both", "header", "body"),
        "with etags: the version stands in the ETag header and in meta.version, or in one of them only",
        "11.6",
    ),
    "if_match": types.Switch(
        "weak",
        ("weak", "strong"),
        "with etags: whether If-Match takes the weak versions that the tenant hands out (RFC 7644 3.14), or never matches "
        "them, as RFC 9110 13.1.1 demands",
        "11.6",
    ),
    "missing_if_match": types.Switch(
        "accept", ("accept", 428), "with etags: a PUT, PATCH or DELETE without If-Match is done, or 428", "11.6"
    ),
    "request_media_type": types.Switch(
        "any",
        ("any", "application/json", "application/scim+json"),
        "the Content-Type that a request must have; any other is 415",
        "1.14, 11.7",
    ),
    "refused_as": types.Switch(
        "status",
        ("status", "success_false", "problem", "errors", "empty_object"),
        'how a write that breaks a rule is refused: with an HTTP status above 400, or with 200 and {"success": false}, a problem '
        'of RFC 7807, {"errors": [...]} or {}',
        "5.1, 5.6, 11.1",
    ),
}
