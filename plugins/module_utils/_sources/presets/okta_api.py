# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Okta ``GET /api/v1/users``, and CSV with the names of profile attributes or their labels.

Sources: okta-sdk-golang, management API 2026-04: the statuses, and that ``DEPROVISIONED`` is left out unless ``filter`` or
``search`` is used; the person is under ``profile``; the header ``Link`` has the next page. The sources do not say which
statuses need a phone. We decided that a ``LOCKED_OUT`` person still works here, and that a ``STAGED`` one has not begun.
``SUSPENDED`` can also mean unpaid leave, so a mapping can change it. CSV: the template of usgp-import-users-csv has the names
of attributes, the browser tool rockstar their labels. An Okta profile has no site, no hire date and no leave date. 8x8's own
Okta application uses only the mobile number (KB-OKTA-AddingAdditional).
"""

from __future__ import annotations

from ..preset import Preset, Status

_STATUSES: dict[str, bool | None] = {
    **dict.fromkeys(("active", "recovery", "provisioned"), True),
    **dict.fromkeys(("password_expired", "password expired", "locked_out", "locked out"), True),
    **dict.fromkeys(("staged", "suspended", "deprovisioned", "deactivated"), False),
    "activating": None,
}

PRESET = Preset(
    name="okta_api",
    fields={
        "user_name": ("profile.login", "login", "Username"),
        "email": ("profile.email", "email", "Primary email"),
        "given_name": ("profile.firstName", "firstName", "First name"),
        "family_name": ("profile.lastName", "lastName", "Last name"),
        "title": ("profile.title", "title"),
        "department": ("profile.department", "department"),
        "mobile": ("profile.mobilePhone", "mobilePhone", "Mobile phone"),
    },
    by_presence=("user_name",),
    statuses=(Status(("status",), _STATUSES),),
    expects_status="It has no status, so it does not show who has left.",
    expects_word=(
        "deprovisioned",
        "Nobody in it is DEPROVISIONED: Okta leaves such users out of GET /api/v1/users unless filter or search asks for them.",
    ),
    scopes=(("scope", "These are the users of one application of Okta (each has a scope), not everybody."),),
)
