# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tenant publishes about itself when its discovery endpoints are on.

The RFC 7643 User schema is cut down to the attributes that 8x8 documents (fact sheet, section 3), and their
characteristics are changed to what the switches make true. The tenant stores attributes beyond these; it
does not promise to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scim2_models import ResourceType, Schema, ScimPolicy, ScimProvider, ServiceProviderConfig
from scim2_models import User as RFCUser
from scim2_server.testserver.application import BEARER_TOKEN_SCHEME

from .switches import Switches

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

DOCUMENTED = ("userName", "name", "title", "locale", "timezone", "active", "emails", "phoneNumbers")
"""The core attributes of the fact sheet, section 3. externalId belongs to all resources, to no schema."""

LOCALES = frozenset(
    "da-DK de-DE en-AU en-GB en-US es-ES fi-FI fr-BE fr-CA fr-CH fr-FR it-IT ja-JP nl-BE nl-NL no-NO pl-PL "
    "pt-BR pt-PT sv-SE zh-CN".split()
)
"""The enumeration of the Administration API (fact sheet, section 3)."""

TOLERANT = ScimPolicy(unknown=ScimPolicy.Unknown.keep)
"""Unknown attributes are accepted and kept: a client must be able to show that it does not lose them."""


@dataclass(frozen=True)
class Site:
    """A site of the tenant, with what its users inherit."""

    name: str
    locale: str | None = None
    timezone: str | None = None


@dataclass(frozen=True)
class Facts:
    """What the switches and the tenant decide about the published description."""

    rename: bool
    email_required: bool
    urn: str
    patch: bool
    searchable: bool
    etag: bool
    sort: bool
    page: int
    sites: tuple[str, ...]
    locales: tuple[str, ...]
    timezones: tuple[str, ...]


def _attribute(name: str, description: str, **characteristics: Any) -> dict[str, Any]:
    return {
        "name": name,
        "type": "string",
        "multiValued": False,
        "description": description,
        "required": False,
        "caseExact": False,
        "mutability": "readWrite",
        "returned": "default",
        "uniqueness": "none",
        **characteristics,
    }


def _user_schema(facts: Facts) -> Schema:
    """Return the core schema, cut down to what 8x8 documents."""
    attributes = []
    for attribute in RFCUser.to_schema().model_dump()["attributes"]:
        name = attribute["name"]
        if name not in DOCUMENTED:
            continue
        if name == "userName":
            # Unique in all of 8x8, not just in the tenant (fact sheet, section 3).
            attribute["uniqueness"] = "global"
            if not facts.rename:
                attribute["mutability"] = "immutable"
        elif name == "name":
            attribute["required"] = True
            attribute["subAttributes"] = [
                {**sub, "required": True}
                for sub in attribute["subAttributes"]
                if sub["name"] in ("givenName", "familyName")
            ]
        elif name == "locale" and facts.locales:
            attribute["canonicalValues"] = list(facts.locales)
        elif name == "timezone" and facts.timezones:
            attribute["canonicalValues"] = list(facts.timezones)
        elif name in ("emails", "phoneNumbers"):
            kinds = ["work"] if name == "emails" else ["work", "mobile"]
            attribute["subAttributes"] = [
                {**sub, "canonicalValues": kinds} if sub["name"] == "type" else sub
                for sub in attribute["subAttributes"]
                if sub["name"] in ("value", "type", "primary")  # value is the first of them
            ]
            if name == "emails" and facts.email_required:
                attribute["required"] = True
                attribute["subAttributes"][0]["required"] = True
        attributes.append(attribute)
    schema: Schema = Schema.model_validate(
        {
            "id": CORE,
            "name": "User",
            "description": "A user of an 8x8 tenant",
            "attributes": attributes,
        }
    )
    return schema


def _extension_schema(urn: str, name: str, attribute: dict[str, Any]) -> Schema:
    schema: Schema = Schema.model_validate({"id": urn, "name": name, "description": name, "attributes": [attribute]})
    return schema


@lru_cache(maxsize=64)
def _build(facts: Facts) -> ScimProvider:
    config = ServiceProviderConfig.model_validate(
        {
            "patch": {"supported": facts.patch},
            "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
            "filter": {"supported": facts.searchable, "maxResults": facts.page},
            "changePassword": {"supported": False},
            "sort": {"supported": facts.sort},
            "etag": {"supported": facts.etag},
            "authenticationSchemes": [BEARER_TOKEN_SCHEME.model_dump()],
        }
    )
    site = _attribute(
        "site",
        "Name of the user's site, as in Admin Console",
        caseExact=True,
        mutability="immutable",
        canonicalValues=list(facts.sites),
    )
    schemas = [
        _user_schema(facts),
        _extension_schema(ENTERPRISE, "EnterpriseUser", _attribute("department", "Name of the user's department")),
        _extension_schema(facts.urn, "EightByEightUser", site),
    ]
    resource_type = ResourceType.model_validate(
        {
            "id": "User",
            "name": "User",
            "endpoint": "/Users",
            "description": "User Account",
            "schema": CORE,
            "schemaExtensions": [
                {"schema": ENTERPRISE, "required": False},
                {"schema": facts.urn, "required": False},
            ],
        }
    )
    return ScimProvider.from_discovery(schemas, [resource_type], config=config, policy=TOLERANT)


def provider_of(switches: Switches, sites: Mapping[str, Site]) -> ScimProvider:
    """Return the description of the service that is true for these switches and sites.

    Where only some values are accepted they are published as canonical values, so that a client that reads
    the description knows what to send. Time zones are too many to list: those of the sites are examples.
    """
    zones = sorted({site.timezone for site in sites.values() if site.timezone})
    return _build(
        Facts(
            rename=switches.put_rename == "accept",
            email_required=switches.missing_email == "refuse",
            urn=switches.extension_urn,
            patch=switches.patch in (200, 204),
            searchable=switches.filter in ("user_name_only", "all"),
            etag=switches.etags,
            sort=switches.sort == "applied",
            page=switches.max_page,
            sites=tuple(sites),
            locales=tuple(sorted(LOCALES)) if switches.unknown_locale != "accept" else (),
            timezones=tuple(zones) if switches.unknown_timezone != "accept" else (),
        )
    )
