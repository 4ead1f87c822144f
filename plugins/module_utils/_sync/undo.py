# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The plan that puts back what a run changes."""

from __future__ import annotations

from typing import Any

from .._plan import operation_of
from .._resource.names import REQUIRED_ATTRIBUTES
from .planfile import UNDO_VALIDITY
from .record import Context, Entry, Record


def write_undo(context: Context, record: Record) -> None:
    """Write the undo of a run, where the task wants one.

    Before the first write it holds everything that is planned, so that it is complete whenever the run is killed: what was not
    done yet is found as it should be, and left alone, when the undo is applied. Afterwards it holds what may have been done.
    """
    if context.options.path("undo_file"):
        entries = [entry for entry in record.entries if entry.status == "planned" or may_have_taken_effect(entry)]
        rows = [row for row in map(undo_row, entries) if row is not None]
        size = record.reading.size
        users = None if size is None else size + sum(entry.operation == "created" for entry in entries)
        context.write_plan(record, "undo_file", rows, users=users, valid=UNDO_VALIDITY)


def may_have_taken_effect(entry: Entry) -> bool:
    """Say whether there may be something to undo. After a clear refusal there is nothing."""
    error = entry.error
    refused = (
        error is not None and 400 <= (error.status or 0) < 500 and error.kind != "not_applied" and not error.in_doubt
    )
    return entry.applied or (entry.sent and not refused)


def undo_row(entry: Entry) -> dict[str, Any] | None:
    """Return the row of a plan that puts a user back, or None where nothing can be.

    8x8 deletes nobody, lets SCIM set a site once, and demands some attributes of everybody.
    """
    row = entry.plan_row()
    row["row"] = None
    now = (entry.applied and entry.user) or {}
    # An answer without the new time shows the old one.
    seen = now.get("last_modified")
    row["last_modified"] = None if seen == row["last_modified"] else seen
    after = {name: now.get(name, value) for name, value in row["after"].items()}
    if after.get("active", True) is None:
        # Where the server does not show it, what was sent counts.
        after["active"] = row["after"]["active"]
    before = {"active": False} if row["before"] is None else row["before"]
    back = {
        name: value
        for name, value in before.items()
        if name != "site" and after[name] != value and (value or name not in REQUIRED_ATTRIBUTES)
    }
    if not back:
        return None
    before = {name: after[name] for name in back}
    return {**row, "operation": operation_of(before, back), "before": before, "after": back}
