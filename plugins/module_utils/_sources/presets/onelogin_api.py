# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""OneLogin's user API, versions 1 and 2.

Sources: onelogin-go-sdk ``models/user.go`` (keys), terraform-provider-onelogin ``onelogin_users.md`` (codes; status 6 is not
used). ``status`` and ``state`` are independent: a person is active only if both say so. We decided that a person with an
expired password still works here, because the sources do not say. Version 1 has its records in ``data`` and the next page in
``pagination``. It has no hire date and no leave date.
"""

from __future__ import annotations

from ..preset import Preset, Status

_STATUSES = {
    **dict.fromkeys(("1", "active"), True),
    **dict.fromkeys(("3", "locked", "4", "password expired", "5", "awaiting password reset"), True),
    **dict.fromkeys(("7", "password pending", "8", "security questions required"), True),
    **dict.fromkeys(("0", "unactivated", "2", "suspended"), False),
}
_STATES = {
    **dict.fromkeys(("1", "approved"), True),
    **dict.fromkeys(("0", "unapproved", "2", "rejected", "3", "unlicensed"), False),
}

PRESET = Preset(
    name="onelogin_api",
    fields={
        "user_name": ("username", "email"),
        "email": ("email",),
        "given_name": ("firstname",),
        "family_name": ("lastname",),
        "title": ("title",),
        "department": ("department",),
    },
    statuses=(Status(("status",), _STATUSES), Status(("state",), _STATES)),
    all_statuses=True,
    expects_status="It does not have both status and state, so it does not show who has left.",
    envelopes=("data", "users"),
    next_page=("pagination.after_cursor", "pagination.next_link"),
)
