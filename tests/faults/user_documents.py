# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user is, read off a SCIM document by hand: the state machine and the laws of the campaign judge by this.

Nothing here asks the engine, or the engine would judge itself. The second reading, leaf by leaf, is in test_properties.py.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
EXTENSION = "urn:ietf:params:scim:schemas:extension:8x8:1.1:User"


def folded(user_name: str | None) -> str:
    """Return a login name as it is compared: NFC, lower case, NFC (design: no case folding)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", user_name or "").lower())


def view(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is managed of a user, besides being active."""
    name, extension = raw.get("name") or {}, raw.get(EXTENSION) or {}
    mails = [entry if isinstance(entry, Mapping) else {"value": entry} for entry in raw.get("emails") or []]
    mails.sort(key=lambda entry: not entry.get("primary"))
    work = [mail for mail in mails if mail.get("type") == "work"] or [mail for mail in mails if not mail.get("type")]
    phones = [(str(entry.get("type")).lower(), entry["value"]) for entry in raw.get("phoneNumbers") or []]
    return {
        "given_name": name.get("givenName"),
        "family_name": name.get("familyName"),
        "email": work[0]["value"] if work else None,
        "external_id": raw.get("externalId"),
        "title": raw.get("title"),
        "department": (raw.get(ENTERPRISE) or {}).get("department"),
        "site": extension.get("site"),
        "locale": raw.get("locale"),
        "timezone": raw.get("timezone"),
        "phone_numbers": sorted({entry for entry in phones if entry[0] in ("work", "mobile")}),
    }


def wish(options: Mapping[str, Any], name: str) -> Any:
    """Return what a task or row wants of an attribute, None to clear it."""
    if name == "phone_numbers":
        return sorted({(entry["type"], entry["value"]) for entry in options[name]}) or None
    return options[name] or None
