# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where 8x8 is not what RFC 7643 and RFC 7644 describe, check by check of scim2-tester.

Each entry names its source in the project's fact sheet about the 8x8 SCIM API, and the switches that make the
tenant follow the RFC; an entry without switches is a deviation that 8x8 documents, with no other reading. A source in
section 11 is no document: nobody knows, and the tenant deviates because that is what hurts a careless client most.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
EXTENSION = "urn:ietf:params:scim:schemas:extension:8x8:1.1:User"


@dataclass(frozen=True)
class Deviation:
    """One check that fails, and why that is right."""

    check: str
    attribute: str | None
    source: str
    why: str
    switches: dict[str, Any] = field(default_factory=dict, hash=False)


PATCH_SWITCHES = {"patch_other": "apply", "answers": "full", "extension_in_schemas": True}

PATCHED = {
    "check_add_attribute": [
        "externalId",
        "title",
        "locale",
        "timezone",
        "active",
        "emails",
        "phoneNumbers",
        ENTERPRISE,
        f"{ENTERPRISE}:department",
        EXTENSION,
        f"{EXTENSION}:site",
    ],
    "check_replace_attribute": [
        "externalId",
        "userName",
        "name",
        "title",
        "locale",
        "timezone",
        "active",
        "emails",
        "phoneNumbers",
        ENTERPRISE,
        f"{ENTERPRISE}:department",
        EXTENSION,
    ],
    "check_remove_attribute": [
        "externalId",
        "title",
        "emails",
        "phoneNumbers",
        ENTERPRISE,
        f"{ENTERPRISE}:department",
    ],
}
"""What PATCH does not do: it changes ``active`` only, and answers {id, userName, active}, no SCIM resource."""

DEVIATIONS = (
    Deviation(
        "object_deletion",
        None,
        "2.3, K7",
        "DELETE deactivates, and the user can still be read",
        {"delete": "remove"},
    ),
    Deviation(
        "object_query_with_attributes",
        None,
        "11.5",
        "unknown: no source says whether 8x8 reads excludedAttributes; ignoring it is the dangerous value",
        {"attributes_parameter": "applied"},
    ),
    Deviation(
        "object_list_with_attributes",
        None,
        "11.5",
        "unknown, in lists as well; ignoring it is the dangerous value",
        {"attributes_parameter": "applied"},
    ),
    *(
        Deviation(check, attribute, "2.8, 2.10, K9", "PATCH changes active only and answers in part", PATCH_SWITCHES)
        for check, attributes in PATCHED.items()
        for attribute in attributes
    ),
    # -- What no switch changes ----------------------------------------------------------------------
    Deviation("search_with_attributes", None, "2.2", "there is no .search; only /Users is documented"),
    Deviation("check_remove_attribute", "locale", "3 (locale)", "locale falls back to the site's, or to en-US"),
    Deviation("check_remove_attribute", "timezone", "3 (timezone)", "timezone falls back to the site's"),
    Deviation("check_remove_attribute", "active", "3 (active)", "a user is active or not, never neither"),
    Deviation("check_remove_attribute", EXTENSION, "3 (site), K10", "site cannot be changed once it is set"),
)

CONFORMING = {
    "attributes_parameter": "applied",
    "delete": "remove",
    "etags": True,
    "filter": "all",
    "missing_email": "refuse",
    "other_emails": "keep",
    "other_phones": "keep",
    "primary": "as_sent",
    "put_without_active": "keep",
    "sort": "applied",
    "unknown_locale": "accept",
    "unknown_timezone": "accept",
    **PATCH_SWITCHES,
}
"""The positions that the RFCs ask for or that come closest to them."""
