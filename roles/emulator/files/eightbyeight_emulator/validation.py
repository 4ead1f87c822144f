# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tenant checks in a user before it keeps it."""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from pydantic import ValidationError
from scim2_models import Context, InvalidSyntaxException, InvalidValueException, SCIMException
from scim2_server.service import scim_exception_of

from .documents import SITE_KEY, Document
from .refusals import refusal
from .schemas import CORE, DOCUMENTED, ENTERPRISE, LOCALES, TOLERANT
from .switches import EXTENSION_URN, OTHER_EXTENSION_URN, Switches

LANGUAGES = frozenset(tag.partition("-")[0] for tag in LOCALES)
"""The two-letter form that the older page speaks of (fact sheet, K15)."""

SHAPE_OF_A_ZONE = re.compile(r"(?:UTC|GMT|[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z0-9_+\-]*){1,2})")
"""Names such as Europe/London. EST, CET and the like are abbreviations, not names of places."""

OLD_ZONES = frozenset(
    f"US/{place}"
    for place in (
        "Alaska Aleutian Arizona Central East-Indiana Eastern Hawaii Indiana-Starke Michigan Mountain Pacific Samoa"
    ).split()
)
"""Names of the kind of the seed example (fact sheet, section 3), which some systems ship in a package of their own."""

USER_NAME = re.compile(r"[A-Za-z0-9.@\-_/]{3,70}")
"""The pattern of the Administration API (fact sheet, section 3)."""

LENGTHS = {
    "userName": (3, 70),
    "name.givenName": (2, 128),
    "name.familyName": (2, 30),
    "emails.value": (5, 128),
    "title": (1, 254),
    f"{ENTERPRISE}:department": (1, 100),
}
"""The smallest and largest number of characters that the Administration API accepts (fact sheet, section 3)."""


def check_schemas(payload: Document, wanted: str = CORE) -> None:
    """Refuse ``schemas`` that are not those of a user, or of another message. They may be missing (fact sheet, 2.11)."""
    named = next((value for key, value in payload.items() if str(key).lower() == "schemas"), None)
    if named is None or named == []:
        return
    if not isinstance(named, list) or wanted.lower() not in [str(urn).lower() for urn in named]:
        raise InvalidValueException(detail=f"schemas does not hold {wanted}")


def check_required(document: Document, switches: Switches) -> None:
    """Name every missing mandatory attribute in one answer (fact sheet, section 3)."""
    name = document.get("name")
    parts = name if isinstance(name, dict) else {}
    found = {
        "userName": document.get("userName"),
        "name.givenName": parts.get("givenName"),
        "name.familyName": parts.get("familyName"),
    }
    missing = [path for path, value in found.items() if value is None or str(value).strip() == ""]
    if missing:
        raise refusal(switches.missing_attribute, f"Missing mandatory attributes: {', '.join(missing)}")


def check_singular(sent: Document) -> None:
    """Refuse an empty list or object where one value belongs: only a list may be unassigned by being empty (RFC 7643 2.5)."""
    for name in ("userName", "externalId", "title", "locale", "timezone", "active"):
        if sent.get(name) in ([], {}):
            raise InvalidValueException(detail=f"{name} is not a single value")


def check_types(document: Document, model: Callable[[], Any]) -> Document:
    """Check the documented attributes with the published model, and return the document with ``active`` as a boolean."""
    checked = {**document}
    extension = checked.pop(SITE_KEY, None)
    for plural in ("emails", "phoneNumbers"):
        if isinstance(checked.get(plural), list):
            # Entries of plain text are no entries for the model. Tenants that hold some take them back.
            checked[plural] = [entry for entry in checked[plural] if not isinstance(entry, str)]
    try:
        model().model_validate(
            {"schemas": [CORE], **checked}, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=TOLERANT
        )
    except ValidationError as exception:
        raise scim_exception_of(exception) from exception
    if extension is not None and not isinstance(extension, dict):
        raise InvalidSyntaxException(detail="The 8x8 extension is not a JSON object")
    if extension is not None and not isinstance(extension.get("site", ""), str):
        raise InvalidValueException(detail="site is not a string")
    if "active" in document:
        document = {**document, "active": read_boolean(document["active"], "active")}
    return document


def read_boolean(value: Any, name: str) -> bool:
    """Read a boolean that may come as text; its text form is what counts, not its truth (fact sheet, 9.1)."""
    text = str(value).strip().lower()
    if text not in ("true", "false"):
        raise InvalidValueException(detail=f"{name} is neither true nor false")
    return text == "true"


def known_attributes(document: Document, current: Document, switches: Switches) -> Document:
    """Return a document with nothing in it that the schemas do not list, under the switch unknown_attributes.

    What the user has already is known: the tenant sent it, and takes it back.
    """
    kept: Document = {}
    for key, value in document.items():
        if key.lower() in (EXTENSION_URN.lower(), OTHER_EXTENSION_URN.lower()):
            # The 8x8 extension under the URN that this tenant does not understand sets no site, and is never echoed.
            _unknown(key, switches)
        elif key.startswith("urn:") and not isinstance(value, dict):
            raise InvalidSyntaxException(detail=f"The extension {key} is not a JSON object")
        elif switches.unknown_attributes == "keep":
            kept[key] = value
        elif key in _PARTS and isinstance(value, dict):
            kept[key] = _known_parts(key, value, current.get(key, {}), switches)
        elif key in DOCUMENTED or key == "externalId" or key in current or _is_whole_name(key, switches):
            kept[key] = value
        else:
            _unknown(key, switches)
    return {key: value for key, value in kept.items() if value != {}}


_PARTS = {"name": {"givenName", "familyName"}, ENTERPRISE: {"department"}, SITE_KEY: {"site"}}


def _known_parts(key: str, value: Document, current: Any, switches: Switches) -> Document:
    kept = {}
    for part, item in value.items():
        if part in _PARTS[key] or part in current or (key == "name" and _is_whole_name(part, switches)):
            kept[part] = item
        else:
            _unknown(f"{key}.{part}" if key == "name" else part, switches)
    return kept


def _is_whole_name(name: str, switches: Switches) -> bool:
    return name in ("formatted", "displayName") and switches.whole_names != "none"


def _unknown(name: str, switches: Switches) -> None:
    if switches.unknown_attributes == "refuse":
        raise refusal(switches.unsupported_value, f"Unknown attribute {name}")


def settle_names(document: Document, switches: Switches) -> None:
    """Apply the rules for the login name and the name (fact sheet, 3, 11.17)."""
    if switches.user_name_pattern == "admin_api" and not USER_NAME.fullmatch(document["userName"]):
        raise _unsupported("userName has characters or a length that are not supported", switches)
    if switches.names == "any":
        return
    name = document.get("name", {})
    for part in ("givenName", "familyName"):
        if name.get(part, "").isascii():
            continue
        if switches.names == "ascii_only":
            raise _unsupported(f"name.{part} has characters that are not supported", switches)
        decomposed = unicodedata.normalize("NFKD", name[part])
        name = {**name, part: decomposed.encode("ascii", "ignore").decode() or "?"}
    document["name"] = name


def settle_lengths(document: Document, switches: Switches) -> None:
    """Apply the rule for values that are too short or too long (fact sheet, section 3)."""
    if switches.lengths == "any":
        return
    name, department = dict(document.get("name", {})), document.get(ENTERPRISE, {}).get("department")
    emails = document.get("emails", [])
    document["name"] = name
    values: list[tuple[str, Document, str]] = [
        ("userName", document, "userName"),
        ("name.givenName", name, "givenName"),
        ("name.familyName", name, "familyName"),
        ("title", document, "title"),
        *(("emails.value", entry, "value") for entry in emails),
    ]
    if department is not None:
        document[ENTERPRISE] = dict(document[ENTERPRISE])
        values.append((f"{ENTERPRISE}:department", document[ENTERPRISE], "department"))
    for path, holder, key in values:
        least, most = LENGTHS[path]
        value = holder.get(key)
        if not isinstance(value, str) or least <= len(value) <= most:
            continue
        if switches.lengths == "admin_api" or (switches.lengths == "longest" and len(value) > most):
            raise _unsupported(f"{path} has {len(value)} characters; it takes {least} to {most}", switches)
        if switches.lengths == "truncate":
            holder[key] = value[:most]


def settle_locale(document: Document, switches: Switches) -> str | None:
    """Return the locale that was sent, if the tenant takes it."""
    locale: str | None = document.get("locale")
    if locale and locale not in LOCALES and locale not in LANGUAGES:
        return _other("locale", locale, str(switches.unknown_locale), switches)
    return locale


def settle_timezone(document: Document, switches: Switches) -> str | None:
    """Return the time zone that was sent, if the tenant takes it."""
    zone: str | None = document.get("timezone")
    if zone and not is_zone(zone):
        return _other("timezone", zone, str(switches.unknown_timezone), switches)
    return zone


def is_zone(name: str) -> bool:
    """Tell whether a time zone exists. Where the system has no list of them, only the shape of the name tells."""
    return SHAPE_OF_A_ZONE.fullmatch(name) is not None and (not _zones() or name in _zones() or name in OLD_ZONES)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _other(name: str, value: str, rule: str, switches: Switches) -> str | None:
    if rule == "refuse":
        raise _unsupported(f"{name} {value!r} is not supported", switches)
    return value if rule == "accept" else None


def _unsupported(detail: str, switches: Switches) -> SCIMException:
    return refusal(switches.unsupported_value, detail)
