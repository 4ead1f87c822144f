# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""A plan from a file: read, and its rows as they are to be applied."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._plan import Change, verb_for
from .._wanted import Wanted
from . import planfile
from .entries import Entry
from .plan_rows import protect
from .planfile import RosterPlan
from .reading import Reading
from .record import Context, Record


def read_approved(context: Context, record: Record) -> None:
    """Read the plan that is to be applied.

    :raises EightByEightError: When it cannot be read, or is not the approved one.
    """
    given = context.options.given
    document = planfile.load(
        given["apply_plan"], context.connection.base_url, given.get("plan_digest"), context.clock.wall()
    )
    record.plan = RosterPlan.of(document)
    record.reading = Reading.of_plan(record.plan.users, complete=record.plan.complete)
    for row in record.plan.rows:
        entry = _entry(row)
        protect(context, entry)
        record.entries.append(entry)


def _entry(row: Mapping[str, Any]) -> Entry:
    after = row["after"]
    gone = row["operation"] == "deactivated" and list(after) == ["active"]
    attributes = {name: value or None for name, value in after.items() if name not in ("active", "user_name")}
    before = None if row["before"] is None else dict(row["before"])
    wanted = Wanted(
        row["user_name"],
        row["id"],
        active=after.get("active"),
        absent=gone,
        attributes=attributes,
        # An undo puts back what the tenant held, and creates nobody.
        is_checked=before is None,
    )
    change = Change(row["operation"], before, dict(after), None, verb_for(before, after))
    return Entry(wanted, planned=row, change=change, status="planned")
