# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""On-premises Active Directory: ``microsoft.ad.object_info``, or ``Get-ADUser | Export-Csv``.

Sources: microsoft.ad ``object_info.ps1`` and ``.yml`` (1.12.0): ``objects``, only four properties by default, null for a
property without a value, ``userAccountControl`` and ``accountExpires`` as numbers. Bit 0x2 of ``userAccountControl`` is a
disabled account, 0x800, 0x1000 and 0x2000 are accounts of domains and computers. ``accountExpires`` is a file time (100 ns
since 1601); 0 and 9223372036854775807 mean never. For a stored midnight, AD's own tools show the day before ("end of"), and
``ends`` gets that day, in ``dates_timezone``. Other times stay times. AD has no attribute for the first day of a person.
"""

from __future__ import annotations

from ..preset import Exclusion, Preset, Status

FIELDS = {
    "user_name": ("userPrincipalName",),
    "email": ("mail", "EmailAddress"),
    "given_name": ("givenName",),
    "family_name": ("sn", "surname"),
    "title": ("title",),
    "department": ("department",),
    "site": ("physicalDeliveryOfficeName", "Office", "l", "City"),
    "work_phone": ("telephoneNumber", "OfficePhone"),
    "mobile": ("mobile", "MobilePhone"),
    "ends": ("accountExpires", "AccountExpirationDate"),
}
STATUSES = (
    Status(("userAccountControl",), disabling_bits=0x2),
    Status(("Enabled",)),
)
EXCLUSIONS = (
    Exclusion(("userAccountControl",), "is the account of a computer or a domain", bits=0x800 | 0x1000 | 0x2000),
    Exclusion(
        ("objectClass",),
        "is not a user",
        "^(computer|msds-(group)?managedserviceaccount|group|contact|organizationalunit|container|trusteddomain|groupofnames"
        "|posixgroup|foreignsecurityprincipal)$",
    ),
    Exclusion(("sAMAccountName",), "is the account of a computer ($)", r"\$$"),
    Exclusion(
        ("sAMAccountName",),
        "is an account that Windows makes",
        "^(administrator|guest|krbtgt|defaultaccount|wdagutilityaccount)$",
    ),
    Exclusion(("userPrincipalName",), "is a guest of another tenant (#EXT#)", "#ext#"),
)
AFTER_END = ("accountExpires", "AccountExpirationDate")

PRESET = Preset(
    name="active_directory",
    fields=FIELDS,
    by_presence=("user_name", "site", "ends"),
    statuses=STATUSES,
    expects_status=(
        "userAccountControl is in no row: ask for it (properties of microsoft.ad.object_info), or nothing shows who has left."
    ),
    envelopes=("objects",),
    exclusions=EXCLUSIONS,
    after_end=AFTER_END,
)
