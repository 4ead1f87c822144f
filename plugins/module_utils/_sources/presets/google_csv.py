# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Google Workspace, "Download users" of the Admin console.

Sources: three public files with the header ``Org Unit Path [Required]``: names are in English and have tags in brackets, which
were different in other years; ``Status [READ ONLY]`` is ``Active``. ``Suspended`` and ``Archived`` follow from the product; no
source shows their exact spelling, so any other word is a problem of its row. Several values of one cell are joined by commas
(answer 40057 of Google's help). The file has no hire date and no leave date, and a site only with a mapping.
"""

from __future__ import annotations

from ..preset import Preset, Status

_STATUSES = {
    "active": True,
    **dict.fromkeys(("suspended", "archived", "suspended (archived)", "deleted"), False),
}

PRESET = Preset(
    name="google_csv",
    fields={
        "user_name": ("Email Address",),
        "email": ("Email Address",),
        "given_name": ("First Name",),
        "family_name": ("Last Name",),
        "title": ("Employee Title",),
        "department": ("Department",),
        "work_phone": ("Work Phone",),
        "mobile": ("Mobile Phone",),
    },
    statuses=(Status(("Status",), _STATUSES),),
    expects_status="It has no column Status, so it does not show who has left.",
    is_table=True,
    short_rows=True,
)
