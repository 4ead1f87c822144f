# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What the roles onboarding and offboarding have in common: the result of ``eightbyeight_roster`` for each person in a list.

Each role turns this into its facts, its lines for the screen (the last one is the total) and its failure message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._base.names import same_login
from .._rows.cells import LEAVE_ALONE
from .lines import OPERATIONS, Record, grouped_lines, reasons, to_do, who
from .obstacles import file_problems, written_files
from .text import one_line
from .tickets import Tickets, read_tickets

#: The kind of error when only rows failed. All other kinds are about the run as a whole.
_ROWS_FAILED = "rows_failed"
#: The kinds of error about variables of the role.
_OF_VARIABLES = ("bad_roster", "bad_option")
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
        kind = (self.run.get("error") or {}).get("kind")
        if kind in (None, _ROWS_FAILED) and not (self.run.get("failed") and "results" not in self.run):
            return ""
        return self._words(one_line(self.run.get("msg") or "The module failed without a message."))

    @property
    def unwritten(self) -> list[str]:
        """Why files could not be written: one sentence for the checklist, and one for each other file."""
        return [*file_problems(self.written)[:1], *self.others]

    @property
    def kept(self) -> list[str]:
        """The paths of the checklist; empty when it could not be written."""
        return written_files(self.written)

    @property
    def is_about_variables(self) -> bool:
        """Whether the run was refused because of the variables of the role."""
        return (self.run.get("error") or {}).get("kind") in _OF_VARIABLES

    def _words(self, message: str) -> str:
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
        actions = list(self.run.get("manual_actions") or [])
        return [
            self._fate(row if isinstance(row, Mapping) else {}, by_row.get(number), actions)
            for number, row in enumerate(self.users, start=1)
        ]

    def _fate(self, row: Record, entry: Record | None, actions: Sequence[Record]) -> PersonOutcome:
        entry = entry or {"operation": "unchanged", "status": "skipped" if self.trouble else "unchanged"}
        status, error = str(entry["status"]), entry.get("error") or None
        planned = status == "planned" and self.check_mode and not self.trouble
        changed = status == "done" or planned
        reason = ""
        if status in ("failed", "refused"):
            reason = self._words(one_line((error or {}).get("message") or "no reason was given"))
        elif status in ("planned", "skipped") and not changed:
            reason = self.trouble or "The run stopped before this person was tried."
            error = self.error or self.run.get("error")
        who = PersonOutcome(
            row=row,
            entry=entry,
            asked=_cell(row, "user_name"),
            user_id=entry.get("id") or _cell(row, "user_id"),
            operation=str(entry["operation"]) if changed else "unchanged",
            changed=changed,
            reason=reason,
            error=error,
        )
        who.manual_actions.extend(action for action in actions if who.is_subject_of(action))
        return who


@dataclass(frozen=True)
class PersonOutcome:
    """The result of one person.

    :param row: The person in the list.
    :param entry: The person in ``results`` of the module.
    :param asked: The login name in the list.
    :param reason: Why the person failed; empty when that did not happen.
    """

    row: Record
    entry: Record
    asked: str | None
    user_id: str | None
    operation: str
    changed: bool
    reason: str
    error: Record | None
    manual_actions: list[Record] = field(default_factory=list)

    @property
    def status(self) -> str:
        """The status that the module gave."""
        return str(self.entry["status"])

    @property
    def user(self) -> Record | None:
        """The user after the run, or in check mode the expected one; None when it is not known."""
        user: Record | None = self.entry.get("user")
        return user

    @property
    def stored(self) -> str | None:
        """The login name in the tenant, if it is known."""
        name = (self.user or {}).get("user_name")
        return str(name) if name else None

    @property
    def user_name(self) -> str | None:
        """The login name in the tenant, or else in the list, or else in the result."""
        if self.stored or self.asked:
            return self.stored or self.asked
        name = self.entry.get("user_name")
        # For a user without a known name, the result has a text with the id.
        return str(name) if name and str(self.user_id) not in str(name) else None

    def is_subject_of(self, action: Record) -> bool:
        """Return whether a manual action is for this person."""
        if self.user_id and action.get("user_id"):
            return bool(self.user_id == action["user_id"])
        return same_login(self.user_name, action.get("user_name"))


def _cell(row: Record, column: str) -> str | None:
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
        "unwritten": run.unwritten,
        "checklists": run.kept,
    }


def _lines_of(run: PeopleRun, results: Sequence[Record], notes: Iterable[str]) -> list[str]:
    """Return the lines for the screen; the last is the total. Only the failure message says why people failed."""
    would = "would " if run.check_mode else ""
    lines = grouped_lines(
        [row for row in results if row["changed"] and not row["failed"]],
        lambda row: f"{would}{OPERATIONS.get(row['operation'], row['operation'])}" if would else str(row["operation"]),
    )
    lines += notes
    actions = [action for row in results for action in row["manual_actions"]]
    lines += [] if run.kept else to_do(actions)
    lines += [f"checklist: {one_line(path)}" for path in run.kept]
    lines += run.tickets.lines(check_mode=run.check_mode)
    if run.check_mode:
        lines.append("Check mode: nothing was changed.")
    return [*lines, _total(run, results, len(actions)) + (f" -> {one_line(run.kept[0])}" if run.kept else "")]


def _total(run: PeopleRun, results: Sequence[Record], actions: int) -> str:
    counts: dict[str, int] = {}
    for row in results:
        fate = "failed" if row["failed"] else row["operation"] if row["changed"] else "unchanged"
        if fate == "unchanged" and row.get("outcome") in ("protected", "missing"):
            fate = str(row["outcome"])
        counts[fate] = counts.get(fate, 0) + 1
    waiting = sum(entry["status"] == "waiting" for entry in run.run.get("results") or [])
    quiet = counts.pop("unchanged", 0) - waiting
    if run.check_mode:
        parts = [f"would {OPERATIONS[name]} {count}" for name, count in counts.items() if name in OPERATIONS]
        parts += [f"{counts['failed']} would fail"] if "failed" in counts else []
        parts += [f"{counts[name]} {name}" for name in ("protected", "missing") if name in counts]
    else:
        parts = [f"{count} {'reactivated' if name == 'activated' else name}" for name, count in counts.items()]
    parts += [f"{waiting} waiting"] if waiting else []
    if not results:
        parts.append("nothing to do, because the list is empty")
    elif not parts:
        parts.append(f"nothing to do ({quiet} unchanged)")
    elif quiet:
        parts.append(f"{quiet} unchanged")
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
        parts += reasons([(who(row), row["reason"]) for row in failed], f"{run.role}_failed")
    parts += [*run.unwritten, *run.tickets.troubles()]
    if len(parts) > 1 and not run.trouble and failed:
        return f"{parts[0]}: {' | '.join(parts[1:])}"
    return " | ".join(parts)
