# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Microsoft Entra ID as CSV: the portal's "Download users", ``Get-MgUser | Export-Csv``, Microsoft 365's "Export users".

Sources: entra-docs ``users-bulk-download.md`` lists the columns of the portal; a real file of 2021 has ``id``,
``officeLocation`` and ``mobilePhone`` in the place of ``objectId``, ``physicalDeliveryOfficeName`` and ``mobile``
(y-security.de, 2021-12-06), and guests with ``#EXT#`` whose ``userType`` is ``Member``. PowerShell writes the names of
Microsoft Graph in Pascal case (``Update-MgUser``). ``Block credential`` of the admin center and ``Block sign in`` of the
template for bulk creation are inverted. No source shows the German headers of the admin center. An office location is read as
site only with a mapping.
"""

from __future__ import annotations

from ..preset import INVERTED, Exclusion, Preset, Status

EXCLUSIONS = (
    Exclusion(("userPrincipalName", "User name"), "is a guest of another tenant (#EXT#)", "#ext#"),
    Exclusion(("userType",), "is a guest of another tenant", "^(guest|gast|invité|invitado)$"),
)

PRESET = Preset(
    name="entra_csv",
    fields={
        "user_name": ("userPrincipalName", "User name", "Benutzerprinzipalname"),
        "email": ("mail", "Primary email", "userPrincipalName", "User name", "Benutzerprinzipalname"),
        "given_name": ("givenName", "First name", "Vorname"),
        "family_name": ("surname", "Last name", "Nachname"),
        "title": ("jobTitle", "Title", "Job title"),
        "department": ("department", "Abteilung"),
        "work_phone": ("telephoneNumber", "businessPhones", "Phone number", "Office phone"),
        "mobile": ("mobile", "mobilePhone", "Mobile phone"),
        "starts": ("employeeHireDate",),
        "ends": ("employeeLeaveDateTime",),
    },
    by_presence=("user_name",),
    statuses=(
        Status(("accountEnabled",)),
        Status(("Block credential", "Block sign in"), INVERTED),
    ),
    expects_status="It has no column accountEnabled, so it does not show who has left.",
    is_table=True,
    short_rows=True,
    exclusions=EXCLUSIONS,
)
