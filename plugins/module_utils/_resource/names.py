# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The names that SCIM gives to things, and the names that the modules give to them. Constants only."""

from __future__ import annotations

from typing import Any

CORE_URN = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE_URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_URN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR_URN = "urn:ietf:params:scim:api:messages:2.0:Error"

#: The URN of the 8x8 extension, which holds the site, as Microsoft and JumpCloud give it; 8x8 itself gives another too (K1).
DEFAULT_EXTENSION_URN = "urn:ietf:params:scim:schemas:extension:8x8:1.1:User"
KNOWN_EXTENSION_URNS = (DEFAULT_EXTENSION_URN, "urn:8x8:scim:schemas:extension:8x8user:2.0:User")

#: Where SCIM keeps each attribute of a user that is one text, besides the login name. They are the options of the modules, in the
#: order in which documentation and messages list them. Of the e-mail addresses one is meant, see :mod:`user`, and the site may be
#: in another extension, which is an option of the connection.
SCIM_PATHS: dict[str, tuple[str, ...]] = {
    "given_name": ("name", "givenName"),
    "family_name": ("name", "familyName"),
    "email": ("emails",),
    "external_id": ("externalId",),
    "title": ("title",),
    "department": (ENTERPRISE_URN, "department"),
    "site": (DEFAULT_EXTENSION_URN, "site"),
    "locale": ("locale",),
    "timezone": ("timezone",),
}
TEXT_ATTRIBUTES = tuple(SCIM_PATHS)
#: All attributes that a task can set, besides ``active``.
ATTRIBUTES = (*TEXT_ATTRIBUTES, "phone_numbers")

#: What 8x8 requires of every user (fact sheet section 3). The e-mail address is among them, because 8x8 sets noreply@8x8.com
#: where it is missing (K4).
REQUIRED_ATTRIBUTES = ("given_name", "family_name", "email")

#: What a listing may leave out of each user (fact sheet 2.7a): all but name, work e-mail address and ``active``.
OPTIONAL_IN_LISTINGS = tuple(name for name in ATTRIBUTES if name not in REQUIRED_ATTRIBUTES)

#: The types of phone numbers that 8x8 stores. They are personal contact numbers, not the 8x8 line (fact sheet K3).
PHONE_TYPES = ("work", "mobile")

#: Top-level attributes that only the server sets (RFC 7643 sections 3.1 and 4.1.2).
READ_ONLY = frozenset(("id", "meta", "groups"))

#: The names that an object may hold, each with the type of its value: a type, ``object`` for any value, a dictionary for an
#: object with these names, or a list with one dictionary for a list of such objects.
Types = dict[str, Any]

_MULTI_VALUED: Types = {"value": str, "type": str, "primary": object, "display": object, "$ref": object}
#: What a user may hold (RFC 7643 sections 3.1, 4.1 and 4.3).
USER_TYPES: Types = {
    "schemas": object,
    "id": str,
    "userName": str,
    "externalId": str,
    "name": {
        "givenName": str,
        "familyName": str,
        **dict.fromkeys(("formatted", "middleName", "honorificPrefix", "honorificSuffix"), object),
    },
    "emails": [_MULTI_VALUED],
    "phoneNumbers": [_MULTI_VALUED],
    "active": bool,
    "title": str,
    "locale": str,
    "timezone": str,
    "meta": {"created": str, "lastModified": str, "version": str, "resourceType": object, "location": object},
    ENTERPRISE_URN: {
        "department": str,
        "site": object,
        **dict.fromkeys(("employeeNumber", "costCenter", "organization", "division", "manager"), object),
    },
    **dict.fromkeys(("displayName", "nickName", "profileUrl", "userType", "preferredLanguage", "password"), object),
    **dict.fromkeys(("ims", "photos", "addresses", "groups", "entitlements", "roles", "x509Certificates"), object),
}
#: What a list of users (RFC 7644 section 3.4.2), an error (3.12) or an error of RFC 7807 (fact sheet 5.6) may hold.
MESSAGE_TYPES: Types = dict.fromkeys(
    "schemas totalResults startIndex itemsPerPage Resources status scimType detail title message error errors".split(),
    object,
)
