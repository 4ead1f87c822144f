# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The output of the role followups: open follow-ups by action, notifications, and what failed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._base.csv_table import spreadsheet
from .._base.text import counted, named
from .lines import action_name, grouped, who
from .obstacles import file_problems, written_files
from .text import markdown
from .tickets import groups, label, notification_failures

Followup = Mapping[str, Any]

#: The column ``done`` is empty.
COLUMNS = ("done", "action", "user_name", "user_id", "due", "owner", "opened", "note", "reason", "where")
#: This column depends on the action, not on the person. When all are equal, it is written once.
_SHARED = "reason"


def followups_report(steps: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of the role, its lines for the screen, the content of its files, and its failure message.

    :param steps: The results of the tasks: ``closed`` and ``read`` of the modules, ``written`` of the loop that writes files.
    """
    read, closed = steps.get("read") or {}, steps.get("closed") or {}
    still_open = sorted(read.get("followups") or [], key=_urgency)
    done = list(closed.get("followups") or [])
    files = written_files(steps.get("written") or {})
    failed = list(steps.get("failed") or [])
    failures = [closed["msg"]] if closed.get("error") else []
    failures += file_problems(steps.get("written") or {})
    failures += notification_failures(failed, again=True)
    return {
        "open": still_open,
        "closed": done,
        "counts": dict(read.get("counts") or {}),
        "checklists": files,
        "groups": groups([followup for followup in still_open if followup["to_tell"]], str(steps.get("by"))),
        "markdown": followups_markdown(still_open, str(steps.get("host"))),
        "csv": spreadsheet(COLUMNS, still_open),
        "lines": _lines(still_open, done, files),
        "failure": " ".join(str(message) for message in failures),
    }


def followups_markdown(still_open: Sequence[Followup], host: str) -> str:
    """Return the open follow-ups as a Markdown task list: by action, then by person."""
    lines = [f"# What is left to do in Admin Console for {markdown(host)}"]
    for action, followups in grouped(still_open, action_name).items():
        lines += ["", f"## {markdown(action)}: {counted(len(followups), 'person', 'people')}", ""]
        reasons = list(dict.fromkeys(str(followup[_SHARED]) for followup in followups if followup[_SHARED]))
        if len(reasons) == 1:
            lines += [markdown(reasons[0]), ""]
        for followup in followups:
            own = [followup[_SHARED]] if len(reasons) > 1 else []
            facts = [f"due {followup['due']}" if followup["due"] else None, followup["owner"], followup["note"], *own]
            details = ", ".join(markdown(fact) for fact in facts if fact)
            late = " **overdue**" if followup["overdue"] else ""
            lines.append(f"- [ ] {markdown(who(followup))}{': ' if details else ''}{details}{late}")
    return "\n".join(lines) + "\n"


def _lines(still_open: Sequence[Followup], done: Sequence[Followup], files: Sequence[str]) -> list[str]:
    late = [followup for followup in still_open if followup["overdue"]]
    lines = [f"{counted(len(still_open), 'follow-up')} open, {len(late)} of them overdue"]
    if late:
        lines.append(f"overdue: {named([label(followup) for followup in late])}")
    if done:
        lines.append(f"done, as 8x8 shows: {named([label(followup) for followup in done])}")
    return [*lines, *(f"checklist: {path}" for path in files)]


def _urgency(followup: Followup) -> tuple[bool, str, str]:
    """Return the key to sort by: overdue first, then by due date."""
    return not followup["overdue"], followup["due"] or "9999", who(followup)
