# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""A report of Workday as a service. Only its outer key is the same for all customers.

Sources: several public fixtures with ``"Report_Entry": [``, silinternational/personnel-sync: each report has its own column
names, so a mapping is needed; numbers and booleans are texts.
"""

from __future__ import annotations

from ..preset import BOOLEANS, Preset, Status

PRESET = Preset(
    name="workday_raas",
    fields={},
    statuses=(Status((), {**BOOLEANS, "active": True, "inactive": False, "terminated": False}),),
    envelopes=("Report_Entry",),
)
