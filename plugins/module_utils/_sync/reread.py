# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The users of a plan from a file are read again before they are written to; one who has moved since is refused, alone."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from .._errors import EightByEightError, NotFoundError
from .._resource.user import User
from .._write.lookup import plan_again
from .._write.progress import Progress, Task
from .entries import Entry
from .record import Record


def read_start(task: Task, record: Record, entry: Entry) -> Progress:
    """Return where to start from; for a row of a plan the user is read again, and who is as planned is planned already.

    :raises EightByEightError: ``row_moved`` where the user has changed since the plan was made.
    """
    row, proven = entry.planned, record.complete
    if row is None:
        return Progress(entry.current, proven=proven)
    user: User | None
    if row["id"]:
        try:
            user = task.client.get_user(str(row["id"]))
        except NotFoundError:
            user = None
    else:
        user, proven = task.client.find_user(str(row["user_name"]))
    if user is None:
        # Not there yet; or, in an undo, never made.
        if row["before"] is None or (entry.wanted.absent and not row["id"]):
            return Progress(proven=proven)
        raise _has_moved(record, entry, "the user is gone")
    entry.current = user
    at = Progress(user, proven=proven, fresh=bool(row["id"]))
    with contextlib.suppress(EightByEightError):
        at = plan_again(task, at)
        if not at.to_do.changed:
            return at._replace(fresh=True)
    if row["before"] is None:
        raise _has_moved(record, entry, "there is such a user now")
    now: dict[str, Any] = {name: user.active if name == "active" else user.view[name] for name in row["before"]}
    if any((now[name] or None) != (value or None) for name, value in row["before"].items()):
        raise _has_moved(record, entry, f"planned from {json.dumps(row['before'])}, now {json.dumps(now)}")
    seen = user.view["last_modified"]
    if row.get("last_modified") not in (None, seen) and not task.memory.is_ours(user.id, seen):
        # Something else of this user was changed.
        record.note_changed_before(entry)
    return at


def _has_moved(record: Record, entry: Entry, how: str) -> EightByEightError:
    record.note_changed_before(entry)
    return EightByEightError(
        f"{entry.who} was left alone, because the user has changed since the plan was made: {how}. Make a new plan.",
        kind="row_moved",
    )
