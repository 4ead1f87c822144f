# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What the steps of the role roster came to, taken together: preflight, plan, apply."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .._base.names import login_key
from .lines import OPERATIONS, Record
from .obstacles import file_problems, incomplete_problem, written_files
from .text import one_line
from .tickets import Tickets, read_tickets

BAD = ("failed", "refused")


@dataclass(frozen=True)
class RosterSteps:
    """The results of the module in each step of the role.

    :param host: The inventory name of the tenant.
    :param check_mode: Whether the role runs in check mode.
    :param plan_only: Whether it ends with the plan.
    :param allow_incomplete: Whether it goes on with a list of users that does not add up.
    :param approved: Whether an approved plan is applied, and no new one made.
    :param tenant: What the look at the tenant returned.
    :param planned: What making or judging the plan returned.
    :param plan: The plan itself, as its file holds it.
    :param applied: What applying it returned; empty where it was not applied.
    :param undo: The content of the undo file, likewise.
    :param plan_file: Where the plan is.
    :param plan_file_is_ours: Whether the role itself chose that name.
    :param journal: Where the journal is.
    :param found: The registered result of ``ansible.builtin.find`` for what the module wrote.
    :param plan_written: The registered loop of the task that wrote the plan for people.
    :param report_written: The same of the report.
    :param checklist_written: The same of the checklist.
    :param followups: What became of the ledger, and of telling somebody, as ``read_tickets`` takes it.
    :param run: Who runs it, when and with what, see :meth:`run_facts.RunFacts.of`.
    :param rows: How many rows the list has; None where an approved plan is applied.
    :param source: The file that the rows come from, where there is one.
    :param protected: Login names that are never touched.
    :param unlisted: What becomes of users whom the list does not name.
    :param record_file: Where the record of the run is written for machines.
    """

    host: str = "localhost"
    check_mode: bool = False
    plan_only: bool = False
    allow_incomplete: bool = False
    approved: bool = False
    tenant: Record = field(default_factory=dict)
    planned: Record = field(default_factory=dict)
    plan: Record = field(default_factory=dict)
    applied: Record = field(default_factory=dict)
    undo: Record = field(default_factory=dict)
    plan_file: str = ""
    plan_file_is_ours: bool = True
    journal: str = ""
    found: Record = field(default_factory=dict)
    plan_written: Record = field(default_factory=dict)
    report_written: Record = field(default_factory=dict)
    checklist_written: Record = field(default_factory=dict)
    followups: Record = field(default_factory=dict)
    run: Record = field(default_factory=dict)
    rows: int | None = None
    source: str = ""
    protected: Sequence[str] = ()
    unlisted: str = ""
    record_file: str = ""

    @property
    def only_tells(self) -> bool:
        """Whether nothing is to be changed, whatever the plan."""
        return self.check_mode or self.plan_only

    @property
    def has_digest(self) -> bool:
        """Whether the module made or accepted a plan, be it without some of the rows."""
        return bool((self.planned.get("plan") or {}).get("digest")) and _kind(self.planned) == "rows_failed"

    @property
    def is_planned(self) -> bool:
        """Whether there is a plan that may be applied."""
        return self.has_digest and not self.refusal

    @cached_property
    def refusal(self) -> str:
        """Why there is no plan that may be applied, or an empty text."""
        if not self.has_digest:
            return one_line(self.planned.get("msg") or "The module failed without a message.")
        problems = file_problems(self.plan_written)[:1]
        if not (self.planned.get("complete", True) or self.allow_incomplete):
            problems.insert(0, incomplete_problem(self.tenant, self.plan.get("users")))
        return f"Nothing was changed. {' '.join(problems)}" if problems else ""

    @property
    def is_worth_telling(self) -> bool:
        """Whether the plan says anything of anybody."""
        return bool(self.planned.get("results"))

    @property
    def keeps_plan(self) -> bool:
        """Whether the file of a plan that was made is worth keeping."""
        return self.is_planned and (self.is_worth_telling or self.only_tells)

    @property
    def goes_on(self) -> bool:
        """Whether the plan is applied."""
        return self.is_planned and not self.only_tells and bool(self.plan.get("rows"))

    @property
    def is_applied(self) -> bool:
        """Whether applying the plan came as far as a result."""
        return "results" in self.applied

    @cached_property
    def results(self) -> list[Record]:
        """Every user who is told of: left alone or refused by the plan, and then what was applied of it."""
        planned = list(self.planned.get("results") or [])
        if not self.is_applied:
            return planned
        told_again = ("planned", "protected") if self.approved else ("planned",)
        return [row for row in planned if row.get("status") not in told_again] + list(self.applied["results"])

    @cached_property
    def failed(self) -> list[Record]:
        """Who failed or was refused."""
        return [row for row in self.results if row.get("status") in BAD]

    @property
    def manual_actions(self) -> list[Record]:
        """What a person must do: in the place of what the plan refuses, and because of what was applied."""
        planned = list(self.planned.get("manual_actions") or [])
        if not self.is_applied:
            return planned
        refused = _names(row for row in self.planned.get("results") or [] if row.get("status") == "refused")
        kept = [action for action in planned if login_key(str(action.get("user_name") or "")) in refused]
        return kept + list(self.applied.get("manual_actions") or [])

    @property
    def to_do(self) -> list[Record]:
        """What goes into the checklist; of a plan only what it leaves to do whether it is ever applied or not."""
        if not self.plan_only:
            return self.manual_actions
        failed = _names(self.failed)
        return [action for action in self.manual_actions if login_key(str(action.get("user_name") or "")) in failed]

    @property
    def changed(self) -> bool:
        """Whether the tenant was changed, or would be in check mode."""
        return bool(self.applied.get("changed", self.check_mode and self.planned.get("changed", False)))

    @property
    def leaves_files(self) -> bool:
        """Whether there is something to write down about what was done."""
        return self.is_planned and not self.check_mode and bool(self.failed or (self.changed and not self.plan_only))

    @property
    def undo_digest(self) -> str:
        """The digest of the plan that puts everything back, or nothing where there is nothing to put back."""
        return str(self.undo.get("digest") or "") if self.undo.get("rows") else ""

    @property
    def summary(self) -> dict[str, int]:
        """The counts of all steps together."""
        planned, applied = self.planned.get("summary") or {}, self.applied.get("summary") or {}
        counts = {}
        for name, count in planned.items():
            if not applied:
                counts[name] = 0 if self.goes_on and name in OPERATIONS else count
            elif self.approved or name in OPERATIONS:
                counts[name] = applied.get(name, 0)
            else:
                counts[name] = count + applied.get(name, 0)
        return counts

    @property
    def requests(self) -> dict[str, int]:
        """The requests of all steps together, by verb."""
        sent: dict[str, int] = {}
        for step in (self.planned, self.applied):
            for verb, count in (step.get("requests") or {}).items():
                sent[verb] = sent.get(verb, 0) + count
        return sent

    @property
    def trouble(self) -> str:
        """What went wrong that is nobody's own trouble."""
        if self.goes_on and ("summary" not in self.applied or _kind(self.applied) != "rows_failed"):
            message = one_line(self.applied.get("msg") or "The module failed without a message.")
            safe = self.applied.get("changed", True) or "othing was changed" in message
            return message if safe else f"Nothing was changed. {message}"
        return ""

    @cached_property
    def files(self) -> dict[str, Any]:
        """Return the fact ``roster_files``: the paths of what was written."""
        found = [str(entry.get("path")) for entry in self.found.get("files") or []]
        kept = self.is_planned and (self.keeps_plan or not self.plan_file_is_ours)
        return {
            "plan": self.plan_file if kept else "",
            "plan_markdown": _file(self.plan_written, ".md"),
            "plan_html": _file(self.plan_written, ".html"),
            "plan_csv": _file(self.plan_written, ".csv"),
            "undo": next((path for path in found if path.endswith(".undo.json")), ""),
            "journal": self.journal if self.is_applied else "",
            "failed": next((path for path in found if path.endswith(".failed.csv")), ""),
            "report": _file(self.report_written, ".md"),
            "report_html": _file(self.report_written, ".html"),
            "report_csv": _file(self.report_written, ".csv"),
            "report_json": _file(self.report_written, ".json"),
            "checklists": written_files(self.checklist_written),
        }

    @property
    def tickets(self) -> Tickets:
        """What became of the ledger, and of telling somebody."""
        return read_tickets(self.followups)

    @property
    def unwritten(self) -> list[str]:
        """Why files could not be written, a sentence for the checklist and one for the report."""
        return file_problems(self.checklist_written)[:1] + file_problems(self.report_written)[:1]

    def outcome(self) -> dict[str, Any]:
        """Return the fact ``roster_result``."""
        elsewhere = [*(self.planned.get("changed_elsewhere") or []), *(self.applied.get("changed_elsewhere") or [])]
        return {
            "changed": self.changed,
            "applied": self.is_applied,
            "verified": bool(self.applied.get("changed")) and not self.trouble,
            "summary": self.summary,
            "results": self.results,
            "requests": self.requests,
            "complete": bool(self.planned.get("complete")),
            "changed_elsewhere": list(dict.fromkeys(elsewhere)),
            "problems": list(self.planned.get("problems") or []),
            "error": self.applied.get("error", self.planned.get("error")),
            "undo_digest": self.undo_digest,
        }


def read_steps(steps: Record) -> RosterSteps:
    """Read what the role collected; a step that was left out says so with ``skipped``."""
    flags = ("check_mode", "plan_only", "allow_incomplete", "approved", "plan_file_is_ours")
    results = ("tenant", "planned", "plan", "applied", "found", "plan_written", "report_written", "checklist_written")
    given: dict[str, Any] = {name: value for name, value in steps.items() if value is not None}
    given.update({name: _flag(given[name]) for name in flags if name in given})
    given.update({name: _result(given[name]) for name in results if name in given})
    # Likewise a number. Where an approved plan is applied, the rows of the list are not looked at.
    rows = given.get("rows")
    given["rows"] = None if rows is None or given.get("approved") else int(rows)
    return RosterSteps(**{**given, "undo": slurped(steps.get("undo"))})


def in_order(rows: Sequence[Record]) -> list[Record]:
    """Return rows in the order of reports."""
    order = list(OPERATIONS)
    return sorted(rows, key=lambda row: order.index(str(row.get("operation"))) if row.get("operation") in order else 9)


def was_planned(row: Record) -> bool:
    """Say whether a row is one that the plan wants to change, be it beyond the limits."""
    error = row.get("error")
    beyond = isinstance(error, Mapping) and error.get("kind") == "limit_exceeded"
    return row.get("status") == "planned" or beyond


def slurped(result: Any) -> Record:
    """Return the JSON object that ``ansible.builtin.slurp`` read; an empty one where there is none."""
    content = result.get("content") if isinstance(result, Mapping) else None
    if not content:
        return {}
    try:
        document = json.loads(base64.b64decode(str(content)))
    except (ValueError, RecursionError, binascii.Error):
        return {}
    return document if isinstance(document, Mapping) else {}


def _result(result: Any) -> Record:
    """Return the result of a step, or an empty one where the step was left out."""
    return result if isinstance(result, Mapping) and not result.get("skipped") else {}


def _file(written: Record, ending: str) -> str:
    """Return the path of a file of one form."""
    return next((path for path in written_files(written) if path.endswith(ending)), "")


def _flag(value: Any) -> bool:
    """Read a truth that a template of ansible-core 2.16 may have made text of."""
    return value is True or str(value) == "True"


def _kind(result: Record) -> str:
    error = result.get("error")
    return str(error.get("kind")) if isinstance(error, Mapping) else "rows_failed"


def _names(rows: Any) -> set[str]:
    return {login_key(str(row.get("user_name") or "")) for row in rows}
