# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Where things are in 8x8's Admin Console, as messages name it."""

from __future__ import annotations

CONSOLE_SCIM = "Admin Console > Home > Identity and Security > User Provisioning Integration (SCIM)"
CONSOLE_USERS = "Admin Console > Home > Users"
CONSOLE_SITES = "Admin Console > Home > Sites"

#: The setting of a tenant that hides users from SCIM, and what to do about it (fact sheet 4.8).
HIDDEN_USERS = (
    'The setting "Only users created by your identity provider" hides users who were created in Admin Console. To see them, '
    f'choose "All users" under "User Advanced settings" in {CONSOLE_SCIM}.'
)

#: What to do where somebody else changes users, too.
ONE_WRITER = "If Entra ID or Okta still provisions this tenant, stop one of the two: 8x8 supports one writing client."
#: The same on a page or in a report.
OTHER_WRITERS = (
    f"By another client, by a person in Admin Console, or by a run whose changes 8x8 was slow to show. {ONE_WRITER}"
)

#: What a person may have to do in Admin Console, as tasks name it.
ACTIONS = (
    "assign_license",
    "assign_phone_line",
    "assign_profile",
    "set_cost_center",
    "set_profile_picture",
    "enable_directory_visibility",
    "set_site",
    "change_site",
    "check_site",
    "rename_user",
    "delete_record",
    "deactivate_user",
    "activate_user",
    "reclaim_license",
    "end_sessions",
    "confirm_return",
    "save_voicemail",
    "decide_phone_number",
)
