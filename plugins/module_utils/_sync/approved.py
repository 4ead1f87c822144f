# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""A plan from a file: its rows as they are to be applied.

The users are read again before they are written to. One who has changed since the plan was made is refused, alone.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any

from .._errors import EightByEightError
from .._plan import Change, comparable
from .._rows.failed import refused_rows
from .._wanted import Wanted
from .._write.lookup import plan_again
from .._write.progress import Progress, Task
from . import planfile
from .planfile import RosterPlan
from .reading import Reading, empty_listing
from .record import Context, Entry, Record


def read_approved(context: Context, record: Record) -> None:
    """Read the plan that is to be applied.

    :raises EightByEightError: When it cannot be read, or is not the approved one.
    """
    given = context.options.given
    document = planfile.load(
        given["apply_plan"], context.connection.base_url, given.get("plan_digest"), context.clock.wall()
    )
    record.plan = RosterPlan.of(document)
    listing = empty_listing(record.plan.users, complete=record.plan.complete)
    record.reading = Reading(listing, "plan", "plan, because each row of it is read again")
    for row in record.plan.rows:
        record.entries.append(_entry(row))
    if path := context.options.path("failed_file"):
        record.refused_before = refused_rows(path, record.plan.created, record.plan.rows)


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
    change = Change(row["operation"], before, dict(after), None)
    return Entry(wanted, planned=row, change=change, status="planned")


def read_start(task: Task, record: Record, entry: Entry) -> Progress:
    """Return where the write of a user starts. For a row of a plan from a file, the user is read again and planned anew.

    :raises EightByEightError: ``row_moved`` where the user has changed since the plan was made.
    """
    row = entry.planned
    if row is None:
        return Progress(entry.current, proven=record.complete, planned=entry.change)
    user, proven = task.client.find(row["id"], row["user_name"])
    if user is None:
        # Not there yet; or, in an undo, never made.
        if row["before"] is None or (entry.wanted.absent and not row["id"]):
            return Progress(proven=proven)
        raise _has_moved(record, entry, "the user is gone")
    entry.current = user
    at = Progress(user, proven=proven, fresh=bool(row["id"]))
    with contextlib.suppress(EightByEightError):
        at = plan_again(task, at)
        if not at.planned.changed:
            return at._replace(fresh=True)
    if row["before"] is None:
        raise _has_moved(record, entry, "there is such a user now")
    now: dict[str, Any] = {name: user.active if name == "active" else user.view[name] for name in row["before"]}
    if any(comparable(now[name]) != comparable(value) for name, value in row["before"].items()):
        raise _has_moved(record, entry, f"planned from {json.dumps(row['before'])}, now {json.dumps(now)}")
    seen = user.view["last_modified"]
    if row.get("last_modified") not in (None, seen) and not task.memory.is_ours(user.id, seen):
        # Something else of this user was changed.
        record.changed_before.append(entry.who)
    return at


def _has_moved(record: Record, entry: Entry, how: str) -> EightByEightError:
    record.changed_before.append(entry.who)
    return EightByEightError(
        f"{entry.who} was left alone, because the user has changed since the plan was made: {how}. Make a new plan.",
        kind="row_moved",
    )
