# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""LDAP through ``community.general.ldap_search``.

Sources: ``plugins/modules/ldap_search.py`` of community.general: ``results``, a dictionary with ``dn`` for each entry; one
value is a text, several values are a list of texts, attributes without a value are left out, and numbers are texts. With the
default ``page_size`` of 0, Active Directory stops at its limit, 1,000 by default. ``userPrincipalName`` shows that it is Active
Directory; if no entry has one, ``mail`` is the login name. The end of an account is read as in the preset ``active_directory``.
"""

from __future__ import annotations

from ..preset import Preset
from .active_directory import AFTER_END, EXCLUSIONS, FIELDS, STATUSES

PRESET = Preset(
    name="ldap",
    fields={**FIELDS, "user_name": ("userPrincipalName", "mail"), "site": ("physicalDeliveryOfficeName", "l")},
    by_presence=("user_name", "site", "ends"),
    statuses=STATUSES,
    expects_status="userAccountControl is in no entry, so nothing shows who has left.",
    envelopes=("results",),
    exclusions=EXCLUSIONS,
    after_end=AFTER_END,
    cut_at=(1000, "Active Directory stops there unless page_size is given."),
)
