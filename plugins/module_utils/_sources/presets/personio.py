# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Personio's employees, API version 1.

Source: a public fixture with ``"last_working_day": {``: each employee is ``{type, attributes: {first_name: {label, value}}}``,
labels may be in the customer's language, names are not; a date is a midnight with a local offset, and its local day is used. No
source shows ``hire_date``, ``termination_date`` and the values of ``status``. Without a termination date, the last working day
is used. The status ``leave`` (such as parental leave) does not decide whether the phone is needed; ``onboarding`` means that
the person has not begun.
"""

from __future__ import annotations

from ..documents import unwrapped
from ..preset import Preset, Status

_STATUSES: dict[str, bool | None] = {
    **dict.fromkeys(("active", "aktiv"), True),
    "leave": None,
    **dict.fromkeys(("inactive", "inaktiv", "onboarding"), False),
}

PRESET = Preset(
    name="personio",
    fields={
        "user_name": ("email",),
        "email": ("email",),
        "given_name": ("first_name",),
        "family_name": ("last_name",),
        "title": ("position",),
        "department": ("department",),
        "site": ("office",),
        "starts": ("hire_date",),
        "ends": ("termination_date", "last_working_day"),
    },
    statuses=(Status(("status",), _STATUSES),),
    expects_status="It has no status, so it does not show who has left.",
    envelopes=("data",),
    totals=("metadata.total_elements",),
    reshape=unwrapped,
)
