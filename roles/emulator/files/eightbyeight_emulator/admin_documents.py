# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Users and sites as the Administration API shows them (its fact sheet, section 3)."""

from __future__ import annotations

import hashlib
from typing import Any

from .additions import id_text
from .entries import Entry, stamp
from .schemas import ENTERPRISE, Site
from .services import Services
from .switches import Switches

Document = dict[str, Any]


def derived_id(kind: str, text: str) -> str:
    """Return an id in 8x8's form that is always the same for a text."""
    return id_text(hashlib.sha256(f"{kind} {text}".encode()).digest()[:16])


def admin_id(entry: Entry, switches: Switches) -> str:
    """Return the id of a user there."""
    return entry.id if switches.admin_ids == "same" else derived_id("user", entry.id)


def site_document(site: Site, customer_id: str) -> Document:
    """Return a site."""
    return {
        "id": derived_id("site", site.name),
        "customerId": customer_id,
        "name": site.name,
        "pbxName": "main",
        "locale": site.locale,
        "timezone": site.timezone,
    }


def user_document(entry: Entry, services: Services, customer_id: str, switches: Switches) -> Document:
    """Return a user with everything that there is."""
    user: Document = {
        "basicInfo": _basic(entry, customer_id, switches),
        "directoryInfo": _directory(entry, services),
        "serviceInfo": _services(entry, services),
        "assignmentInfo": {
            "profilePolicy": {"name": services.profile_policy} if services.profile_policy else None,
            "ringGroups": None,
            "ucCallQueues": None,
            "userGroups": None,
        },
    }
    return _without_nulls(user) if switches.admin_nulls == "absent" else user


def extract(user: Document, switches: Switches) -> Document:
    """Return of a user what a list holds (fact sheet, 2.8)."""
    if switches.admin_list == "full":
        return user
    hidden = ("serviceInfo", "assignmentInfo")
    if switches.admin_nulls == "absent":
        return {name: part for name, part in user.items() if name not in hidden}
    return {**user, **dict.fromkeys(hidden)}


def _basic(entry: Entry, customer_id: str, switches: Switches) -> Document:
    document = entry.document
    name = document.get("name") or {}
    emails = document.get("emails") or [{}]
    site = {"id": derived_id("site", entry.site), "name": entry.site, "pbxName": "main"} if entry.site else None
    return {
        "userId": admin_id(entry, switches),
        "customerId": customer_id,
        "createdTime": stamp(entry.created),
        "lastUpdatedTime": stamp(entry.last_modified),
        "scimProvider": "scim" if entry.origin == "scim" else None,
        "ssoProvider": "saml" if entry.origin == "scim" else None,
        "ssoFederationId": entry.user_name if entry.origin == "scim" else None,
        "userName": entry.user_name,
        "firstName": name.get("givenName") or "",
        "lastName": name.get("familyName") or "",
        "status": "ACTIVE" if entry.active else "INACTIVE",
        "locale": document.get("locale"),
        "timezone": document.get("timezone"),
        "primaryEmail": emails[0].get("value"),
        "site": site,
    }


def _directory(entry: Entry, services: Services) -> Document:
    document = entry.document
    numbers = [
        {"number": phone["value"], "type": phone["type"].upper()}
        for phone in document.get("phoneNumbers") or []
        if phone.get("type") in ("work", "mobile")
    ]
    return {
        "department": (document.get(ENTERPRISE) or {}).get("department"),
        "jobTitle": document.get("title"),
        "directoryScope": "CUSTOMER",
        "displayInDirectory": services.displayed_in_directory,
        "personalPhoneNumbers": numbers or None,
    }


def _services(entry: Entry, services: Services) -> Document:
    licenses = [
        {"id": derived_id("license", f"{entry.id} {name}"), "name": name, "country": "US"}
        for name in services.all_licenses
    ]
    extensions = []
    if services.extension or services.phone_number:
        number = services.phone_number
        extensions.append(
            {
                "id": derived_id("extension", entry.id),
                "extensionType": "UC",
                "extensionNumber": services.extension,
                "fqExtensionNumber": f"555{services.extension}" if services.extension else None,
                "primaryPhoneNumber": number,
                "phoneNumbers": [{"phoneNumber": number, "country": "US", "primary": True, "origin": "8x8"}]
                if number
                else None,
                "licenseId": licenses[0]["id"] if licenses else None,
                "displayInDirectory": services.displayed_in_directory,
                "devices": [
                    {
                        "model": "Softphone",
                        "macAddress": "00:00:5e:00:53:01",
                        "status": "ACTIVE",
                        "activationCode": "activate-me-4711",
                    }
                ],
                "emergencyAddressInheritFromSite": True,
            }
        )
    return {"licenses": licenses or None, "extensions": extensions or None}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(part) for name, part in value.items() if part is not None}
    return [_without_nulls(part) for part in value] if isinstance(value, list) else value
