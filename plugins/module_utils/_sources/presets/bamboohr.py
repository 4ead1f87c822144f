# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""BambooHR's employees.

Sources: four public fixtures with ``"terminationDate": "0000-00-00"``: ``employees``, values are texts or null, dates are
``YYYY-MM-DD``, ``0000-00-00`` means no date, and a person with a future termination is ``Active``. Department and location are
names.
"""

from __future__ import annotations

from ..preset import Preset, Status

PRESET = Preset(
    name="bamboohr",
    fields={
        "user_name": ("workEmail",),
        "email": ("workEmail",),
        "given_name": ("firstName",),
        "family_name": ("lastName",),
        "title": ("jobTitle",),
        "department": ("department",),
        "site": ("location",),
        "work_phone": ("workPhone",),
        "mobile": ("mobilePhone",),
        "starts": ("hireDate",),
        "ends": ("terminationDate",),
    },
    statuses=(Status(("status",), {"active": True, "inactive": False}),),
    expects_status="It has no status, so it does not show who has left.",
    whole_records=True,
    envelopes=("employees",),
)
