# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What the roles onboarding and offboarding have in common.

They turn the result of ``eightbyeight_roster`` for each person in a list into facts, lines for the screen (the last one is the
total) and a failure message.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .._base.empty import OPERATIONS
from .._base.names import same_user
from .._rows.cells import LEAVE_ALONE
from .lines import Record, count_name, grouped_lines, reasons, to_do
from .obstacles import file_problems, written_files
from .text import ROW_ERRORS_ONLY, kind_of, message_of, one_line, reason_of
from .tickets import Tickets, read_tickets

#: The kinds of error about variables of the role.
_VARIABLE_ERRORS = ("bad_roster", "bad_option")
_LIMITS = re.compile(r"run again with limits \{([^}]*)\} \(roster_limits of the role roster\)")


@dataclass(frozen=True)
class PeopleRun:
    """The results of the tasks of a role.

    :param role: The name of the role.
    :param done: A participle for messages, such as "onboarded" in "could not be onboarded".
    :param host: The inventory name of the tenant.
    :param users: The list.
    :param check_mode: Whether the role runs in check mode.
    :param run: The result of ``eightbyeight_roster``; empty when it did not run.
    :param obstacle: Why it did not run; empty when it did.
    :param error: The error behind the obstacle, as modules return it.
    :param written: The result of the task that wrote the checklist.
    :param others: One sentence for each other file that could not be written.
    :param limits: The kinds of change that ``ROLE_limit`` limits.
    :param followups: The results about the ledger and notifications, for ``read_tickets``.
    """

    role: str
    done: str
    host: str
    users: Sequence[Any]
    check_mode: bool = False
    run: Record = field(default_factory=dict)
    obstacle: str = ""
    error: Record | None = None
    written: Record = field(default_factory=dict)
    others: Sequence[str] = ()
    limits: Sequence[str] = ()
    followups: Record = field(default_factory=dict)

    @property
    def tickets(self) -> Tickets:
        """The results about the ledger and notifications."""
        return read_tickets(self.followups)

    @property
    def trouble(self) -> str:
        """Why the whole run failed; empty when it did not."""
        if self.obstacle:
            return one_line(self.obstacle)
        if kind_of(self.run) in ROW_ERRORS_ONLY and not (self.run.get("failed") and "results" not in self.run):
            return ""
        return self._role_terms(message_of(self.run))

    @property
    def unwritten(self) -> list[str]:
        """Why files could not be written: one sentence for the checklist, and one for each other file."""
        return [*file_problems(self.written)[:1], *self.others]

    @property
    def files(self) -> list[str]:
        """The paths of the checklist; empty when it could not be written."""
        return written_files(self.written)

    @property
    def is_about_variables(self) -> bool:
        """Whether the run was refused because of the variables of the role."""
        return kind_of(self.run) in _VARIABLE_ERRORS

    def _role_terms(self, message: str) -> str:
        """Return a message of the module with the names of the variables of the role."""
        message = message.replace("The roster cannot be used", f"{self.role}_users cannot be used", 1)

        def limit(match: re.Match[str]) -> str:
            kinds = dict(part.split(": ", 1) for part in match[1].split(", "))
            if not set(kinds) <= set(self.limits):
                return match[0]
            return f"run again with {self.role}_limit: {max(map(int, kinds.values()))}"

        return _LIMITS.sub(limit, message)

    def outcomes(self) -> list[PersonOutcome]:
        """Return the result of each person, in the order of the list."""
        by_row = {entry.get("row"): entry for entry in self.run.get("results") or []}
        missing = {"operation": "unchanged", "status": "skipped" if self.trouble else "unchanged"}
        return [
            self._outcome(row if isinstance(row, Mapping) else {}, by_row.get(number, missing))
            for number, row in enumerate(self.users, start=1)
        ]

    def _outcome(self, row: Record, entry: Record) -> PersonOutcome:
        status, error = entry["status"], entry.get("error") or None
        planned = status == "planned" and self.check_mode and not self.trouble
        changed = status == "done" or planned
        reason = ""
        if status in ("failed", "refused"):
            reason = self._role_terms(one_line(reason_of(entry) or "no reason was given"))
        elif status in ("planned", "skipped") and not changed:
            reason = self.trouble or "The run stopped before this person was tried."
            error = self.error or self.run.get("error")
        user_id = entry.get("id") or given(row, "user_id")
        user_name = (entry.get("user") or {}).get("user_name") or given(row, "user_name")
        # For a user without a known name, the entry has a text with the id.
        if not user_name and str(user_id) not in str(entry.get("user_name")):
            user_name = entry.get("user_name")
        result = {
            "user_name": user_name,
            "user_id": user_id,
            "operation": entry["operation"] if changed else "unchanged",
            "changed": changed,
            "failed": bool(reason),
            "reason": reason,
            "error": error,
            "manual_actions": [
                action
                for action in self.run.get("manual_actions") or []
                if same_user((user_id, user_name), (action.get("user_id"), action.get("user_name")))
            ],
        }
        return PersonOutcome(row, entry, result)


class PersonOutcome(NamedTuple):
    """The result of one person.

    :param row: The person in the list.
    :param entry: The person in ``results`` of the module.
    :param result: What all roles return: the login name in the tenant, or else in the list; what was done; why it failed.
    """

    row: Record
    entry: Record
    result: dict[str, Any]


def given(row: Record, column: str) -> str | None:
    """Return a cell that identifies a person; None when it is blank."""
    value = row.get(column)
    text = "" if value is None else str(value).strip()
    return text if text not in ("", LEAVE_ALONE) else None


def report_of(run: PeopleRun, results: Sequence[Record], notes: Iterable[str]) -> dict[str, Any]:
    """Return the parts of the result that all roles have.

    :param results: The fact ``ROLE_results``.
    :param notes: More lines for the screen.
    """
    return {
        "results": results,
        "failed": [row for row in results if row["failed"]],
        "manual_actions": [action for row in results for action in row["manual_actions"]],
        "lines": _lines_of(run, results, notes),
        "failure": _failure_of(run, results),
        "checklists": run.files,
    }


def _lines_of(run: PeopleRun, results: Sequence[Record], notes: Iterable[str]) -> list[str]:
    """Return the lines for the screen; the last is the total. Only the failure message says why people failed."""
    lines = grouped_lines(
        [row for row in results if row["changed"] and not row["failed"]],
        lambda row: f"would {OPERATIONS[row['operation']]}" if run.check_mode else str(row["operation"]),
    )
    lines += notes
    actions = [action for row in results for action in row["manual_actions"]]
    lines += to_do(actions, run.files)
    lines += run.tickets.lines(check_mode=run.check_mode)
    if run.check_mode:
        lines.append("Check mode: nothing was changed.")
    return [*lines, _total(run, results, len(actions)) + (f" -> {one_line(run.files[0])}" if run.files else "")]


def _total(run: PeopleRun, results: Sequence[Record], actions: int) -> str:
    counts: Counter[str] = Counter()
    for row in results:
        outcome = "failed" if row["failed"] else row["operation"] if row["changed"] else "unchanged"
        if outcome == "unchanged" and row.get("outcome") in ("protected", "missing"):
            outcome = str(row["outcome"])
        counts[outcome] += 1
    waiting = sum(entry["status"] == "waiting" for entry in run.run.get("results") or [])
    unchanged = counts.pop("unchanged", 0) - waiting
    if run.check_mode:
        parts = [f"would {OPERATIONS[name]} {count}" for name, count in counts.items() if name in OPERATIONS]
        parts += [f"{counts['failed']} would fail"] if "failed" in counts else []
        parts += [f"{counts[name]} {name}" for name in ("protected", "missing") if name in counts]
    else:
        parts = [f"{count} {count_name(name)}" for name, count in counts.items()]
    parts += [f"{waiting} waiting"] if waiting else []
    if not results:
        parts.append("nothing to do, because the list is empty")
    elif not parts:
        parts.append(f"nothing to do ({unchanged} unchanged)")
    elif unchanged:
        parts.append(f"{unchanged} unchanged")
    parts += [f"{actions} to do"] if actions else []
    return f"{one_line(run.host)}: {', '.join(parts)}"


def _failure_of(run: PeopleRun, results: Sequence[Record]) -> str:
    """Return the failure message of the role; empty when it does not fail."""
    parts = []
    failed = [row for row in results if row["failed"]]
    if run.trouble:
        parts.append(run.trouble)
        # People who were not tried have the reason of the whole run.
        failed = [row for row in failed if row["reason"] != run.trouble]
    if failed:
        others = f"all others {'would be' if run.check_mode else 'are'} done"
        parts.append(
            f"{len(failed)} of {len(results)} could not be {run.done}"
            + ("" if run.trouble or len(failed) == len(results) else f", {others}")
        )
        parts += reasons(failed, lambda row: str(row["reason"]), f"{run.role}_failed")
    parts += [*run.unwritten, *run.tickets.failures()]
    if len(parts) > 1 and not run.trouble and failed:
        return f"{parts[0]}: {' | '.join(parts[1:])}"
    return " | ".join(parts)
