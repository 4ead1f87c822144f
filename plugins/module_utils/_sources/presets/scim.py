# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""A SCIM 2.0 ListResponse of any server.

Sources: RFC 7643 (``active`` has no default, department is in the enterprise extension), RFC 7644 section 3.4.2
(``totalResults``; some servers write it as text, support.huaweicloud.com SCIMListUsers). The extension of Entra has the hire
date, the leave date and the office.
"""

from __future__ import annotations

from ..._resource.names import ENTERPRISE_URN, KNOWN_EXTENSION_URNS
from ..preset import Preset, Status

_ENTRA_URN = "urn:ietf:params:scim:schemas:extension:Microsoft:Entra:2.0:User"

PRESET = Preset(
    name="scim",
    fields={
        "user_name": ("userName",),
        "external_id": ("externalId",),
        "email": ("emails[type=work].value", "emails[primary].value", "emails[].value"),
        "given_name": ("name.givenName",),
        "family_name": ("name.familyName",),
        "title": ("title",),
        "department": (f"{ENTERPRISE_URN}:department",),
        "site": tuple(f"{urn}:site" for urn in KNOWN_EXTENSION_URNS),
        "locale": ("locale",),
        "timezone": ("timezone",),
        "work_phone": ("phoneNumbers[type=work].value",),
        "mobile": ("phoneNumbers[type=mobile].value",),
        "starts": (f"{_ENTRA_URN}:employeeHireDate",),
        "ends": (f"{_ENTRA_URN}:employeeLeaveDateTime",),
    },
    statuses=(Status(("active",)),),
    envelopes=("Resources",),
    totals=("totalResults",),
)
