# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Microsoft Graph ``GET /users``, ``az ad user list`` and ``Get-MgUser | ConvertTo-Json``.

Sources: microsoft-graph-docs-contrib ``api/user-list.md`` and ``resources/user.md``: without ``$select`` there is no
``accountEnabled``, ``department``, ``employeeHireDate`` or ``employeeLeaveDateTime`` (the last needs
``User-LifeCycleInfo.Read.All``), ``businessPhones`` is a list of at most one number, ``mail`` may be null for an account that
works, and ``@odata.nextLink`` means that there are more pages. ``az ad user list`` asks for the default set (azure-cli
``role/custom.py``, ``list_users``).
"""

from __future__ import annotations

from ..preset import INVERTED, Preset, Status
from .entra_csv import EXCLUSIONS

PRESET = Preset(
    name="entra_graph",
    fields={
        "user_name": ("userPrincipalName",),
        "email": ("mail", "userPrincipalName"),
        "given_name": ("givenName",),
        "family_name": ("surname",),
        "title": ("jobTitle",),
        "department": ("department",),
        "site": ("officeLocation", "physicalDeliveryOfficeName"),
        "work_phone": ("businessPhones", "telephoneNumber"),
        "mobile": ("mobilePhone", "mobile"),
        "starts": ("employeeHireDate",),
        "ends": ("employeeLeaveDateTime",),
    },
    by_presence=("user_name",),
    statuses=(Status(("accountEnabled",)), Status(("blockCredential",), INVERTED)),
    expects_status=(
        "accountEnabled is in no row: Microsoft Graph and az ad user list leave it out unless it is asked for with $select, so "
        "nothing shows who has left."
    ),
    envelopes=("value",),
    next_page=("@odata.nextLink",),
    totals=("@odata.count",),
    exclusions=EXCLUSIONS,
)
