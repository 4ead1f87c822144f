# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documents of users: canonical in spelling, with nothing unassigned, as the tenant keeps them.

A user is kept as the JSON document of the client, without ``schemas``, ``id`` and ``meta``; the 8x8 extension
waits under :data:`SITE_KEY`, because its URN is a matter of a switch. Raw documents rather than models, because
an attribute that no model knows must come back as it was sent.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast

from .schemas import ENTERPRISE
from .switches import EXTENSION_URN, OTHER_EXTENSION_URN, Switches

Document = dict[str, Any]

SITE_KEY = "_8x8"
"""Where a stored document keeps the 8x8 extension, whatever its URN."""

SERVER_ATTRIBUTES = ("schemas", "id", "meta", "groups", "password")
"""Read-only attributes, ignored in a request (RFC 7644 3.3), and the password, which is never returned."""

SPELLINGS = {
    name.lower(): name
    for name in (
        "schemas id meta externalId userName name displayName nickName profileUrl title userType "
        "preferredLanguage locale timezone active password emails phoneNumbers ims photos addresses groups "
        "entitlements roles x509Certificates"
    ).split()
}
"""RFC 7643 2.1: attribute names are case-insensitive. Strangers keep the spelling of the client."""

PART_SPELLINGS = {
    name.lower(): name
    for name in (
        "formatted familyName givenName middleName honorificPrefix honorificSuffix value type primary display"
    ).split()
}


def unassigned(value: Any) -> bool:
    """Tell whether a value stands for "not set": null, [] and {} are one state (RFC 7643 2.5)."""
    return value is None or value == [] or value == {}


def prune(value: Any) -> Any:
    """Return a JSON value without anything unassigned in it."""
    if isinstance(value, dict):
        return {key: pruned for key, item in value.items() if not unassigned(pruned := prune(item))}
    if isinstance(value, list):
        return [pruned for item in value if not unassigned(pruned := prune(item))]
    return value


def fold(user_name: str, switches: Switches) -> str:
    """Return the form in which login names are compared (fact sheet, 11.15)."""
    return user_name if switches.user_name_case == "exact" else user_name.casefold()


def accepted_urns(switches: Switches) -> set[str]:
    """Return the URNs, in lower case, under which a request may carry the 8x8 extension (fact sheet, K1)."""
    if switches.extension_urn_input == "both":
        return {EXTENSION_URN.lower(), OTHER_EXTENSION_URN.lower()}
    return {switches.extension_urn.lower()}


def canonical(payload: Document, extension_urns: Collection[str]) -> Document:
    """Return the document of a request under canonical names, with what is null still in it."""
    document: Document = {}
    for key, value in payload.items():
        lowered = str(key).lower()
        if lowered in extension_urns:
            document[SITE_KEY] = _named(value, "site")
        elif lowered == ENTERPRISE.lower():
            document[ENTERPRISE] = _named(value, "department")
        else:
            name = SPELLINGS.get(lowered, str(key))
            if name not in SERVER_ATTRIBUTES and name != SITE_KEY:
                document[name] = _respell(value)
    return document


def _named(value: Any, attribute: str) -> Any:
    """Return an extension whose documented attribute has its canonical name."""
    if not isinstance(value, dict):
        return value
    return {(attribute if str(key).lower() == attribute else key): item for key, item in value.items()}


def _respell(value: Any) -> Any:
    """Return the parts of a complex attribute under their canonical names."""
    if isinstance(value, list):
        return [_respell(item) for item in value]
    if isinstance(value, dict):
        return {PART_SPELLINGS.get(str(key).lower(), key): item for key, item in value.items()}
    return value


def has_null(value: Any) -> bool:
    """Say whether there is a null anywhere in a document."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(map(has_null, parts))


def merged(current: Document, request: Document, nulls_clear: bool) -> Document:
    """Return what a server that merges keeps: what the request leaves out stays (the switch put_omitted)."""
    result = dict(current)
    for key, value in request.items():
        if unassigned(value):
            if nulls_clear:
                result.pop(key, None)
        elif isinstance(value, dict) and isinstance(current.get(key), dict):
            result[key] = merged(current[key], value, nulls_clear)
        else:
            result[key] = value
    return cast(Document, prune(result))
