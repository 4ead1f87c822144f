# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The results of the steps of the role roster taken together: preflight, plan, apply."""

from __future__ import annotations

import base64
import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .._base.empty import OPERATIONS
from .._base.json_text import read_object
from .._base.names import login_key
from .lines import Record
from .obstacles import file_problems, incomplete_problem, written_files
from .run_facts import RunFacts
from .text import ROW_ERRORS_ONLY, kind_of, message_of
from .tickets import Tickets, read_tickets

FAILED_STATUSES = ("failed", "refused")


@dataclass(frozen=True)
class RosterSteps:
    """The results of the steps of the role, and its settings.

    :param host: The inventory name of the tenant.
    :param plan_only: Whether the role ends with the plan.
    :param allow_incomplete: Whether it continues with an incomplete list of users.
    :param approved: Whether it applies an approved plan, not a new one.
    :param tenant: The result of ``eightbyeight_tenant_info``.
    :param planned: The result of ``eightbyeight_roster`` when it made or checked the plan.
    :param plan: The content of the plan file.
    :param applied: The result of ``eightbyeight_roster`` when it applied the plan; empty when it did not.
    :param undo: The content of the undo file; empty when there is none.
    :param plan_file: The path of the plan file.
    :param plan_file_is_ours: Whether the role chose that path.
    :param journal: The path of the journal.
    :param found: The result of ``ansible.builtin.find`` for the files that the module wrote.
    :param plan_written: The result of the task that wrote the plan for people.
    :param report_written: The result of the task that wrote the report.
    :param checklist_written: The result of the task that wrote the checklist.
    :param followups: The results about the ledger and notifications, for ``read_tickets``.
    :param run: Who ran it, when and where.
    :param rows: How many rows the list has; None when an approved plan is applied.
    :param source: The file with the rows, if there is one.
    :param protected: Login names that are never changed.
    :param unlisted: What happens to users who are not in the list.
    :param record_file: The path of the record of the run.
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
    run: RunFacts = field(default_factory=RunFacts)
    rows: int | None = None
    source: str = ""
    protected: Sequence[str] = ()
    unlisted: str = ""
    record_file: str = ""

    @cached_property
    def planned_results(self) -> list[Record]:
        """The results of all users in the plan."""
        return list(self.planned.get("results") or [])

    @cached_property
    def planned_changes(self) -> list[Record]:
        """The users whom the plan changes, or would without the limits, in the order for reports."""
        return in_order([row for row in self.planned_results if is_planned_change(row)])

    @property
    def is_preview(self) -> bool:
        """Whether this run changes nothing: check mode, or only a plan."""
        return self.check_mode or self.plan_only

    @property
    def has_digest(self) -> bool:
        """Whether the module made or accepted a plan, with or without some refused rows."""
        return bool((self.planned.get("plan") or {}).get("digest")) and kind_of(self.planned) in ROW_ERRORS_ONLY

    @property
    def is_planned(self) -> bool:
        """Whether there is a plan that can be applied."""
        return self.has_digest and not self.refusal

    @cached_property
    def refusal(self) -> str:
        """Why there is no plan that can be applied; empty when there is one."""
        if not self.has_digest:
            return message_of(self.planned)
        problems = file_problems(self.plan_written)[:1]
        if not (self.planned.get("complete", True) or self.allow_incomplete):
            problems.insert(0, incomplete_problem(self.tenant, self.plan.get("users")))
        return f"Nothing was changed. {' '.join(problems)}" if problems else ""

    @property
    def keeps_plan(self) -> bool:
        """Whether to keep the plan file."""
        return self.is_planned and bool(self.planned_results or self.is_preview)

    @property
    def will_apply(self) -> bool:
        """Whether the role applies the plan."""
        return self.is_planned and not self.is_preview and bool(self.plan.get("rows"))

    @property
    def is_applied(self) -> bool:
        """Whether applying the plan returned a result for each user."""
        return "results" in self.applied

    @cached_property
    def results(self) -> list[Record]:
        """The results of all users: those whom the plan refused or left alone, then those to whom it was applied."""
        if not self.is_applied:
            return self.planned_results
        repeated = ("planned", "protected") if self.approved else ("planned",)
        return [row for row in self.planned_results if row.get("status") not in repeated] + list(
            self.applied["results"]
        )

    @cached_property
    def failed(self) -> list[Record]:
        """The results of users who failed or were refused."""
        return [row for row in self.results if row.get("status") in FAILED_STATUSES]

    @property
    def manual_actions(self) -> list[Record]:
        """The manual actions for refused users and for changes that were applied."""
        planned = list(self.planned.get("manual_actions") or [])
        if not self.is_applied:
            return planned
        refused = [row for row in self.planned_results if row.get("status") == "refused"]
        return _actions_for(refused, planned) + list(self.applied.get("manual_actions") or [])

    @property
    def to_do(self) -> list[Record]:
        """The manual actions for the checklist. With ``plan_only``, only those for failed users."""
        return _actions_for(self.failed, self.manual_actions) if self.plan_only else self.manual_actions

    @property
    def changed(self) -> bool:
        """Whether the tenant was changed, or in check mode would be."""
        return bool(self.applied.get("changed", self.check_mode and self.planned.get("changed", False)))

    @property
    def leaves_files(self) -> bool:
        """Whether to write a report."""
        return self.is_planned and not self.check_mode and bool(self.failed or (self.changed and not self.plan_only))

    @property
    def undo_digest(self) -> str:
        """The digest of the undo plan; empty when there is nothing to undo."""
        return str(self.undo.get("digest") or "") if self.undo.get("rows") else ""

    @property
    def summary(self) -> dict[str, int]:
        """The counts of all steps together."""
        planned, applied = self.planned.get("summary") or {}, self.applied.get("summary") or {}
        # The second step counts the planned changes again, and with an approved plan it counts everybody again.
        again = planned if applied and self.approved else OPERATIONS if applied or self.will_apply else ()
        return {name: (0 if name in again else count) + applied.get(name, 0) for name, count in planned.items()}

    @property
    def requests(self) -> dict[str, int]:
        """The requests of all steps together, by verb."""
        sent: Counter[str] = Counter(self.planned.get("requests"))
        sent.update(self.applied.get("requests") or {})
        return dict(sent)

    @property
    def trouble(self) -> str:
        """The failure of the run as a whole; empty when only single users failed, or nobody."""
        if self.will_apply and ("summary" not in self.applied or kind_of(self.applied) not in ROW_ERRORS_ONLY):
            message = message_of(self.applied)
            safe = self.applied.get("changed", True) or "othing was changed" in message
            return message if safe else f"Nothing was changed. {message}"
        return ""

    @cached_property
    def files(self) -> dict[str, Any]:
        """The fact ``roster_files``: the paths of the files that were written."""
        found = [str(entry.get("path")) for entry in self.found.get("files") or []]
        plans, reports = written_files(self.plan_written), written_files(self.report_written)
        kept = self.is_planned and (self.keeps_plan or not self.plan_file_is_ours)
        return {
            "plan": self.plan_file if kept else "",
            "plan_markdown": _file(plans, ".md"),
            "plan_html": _file(plans, ".html"),
            "plan_csv": _file(plans, ".csv"),
            "undo": _file(found, ".undo.json"),
            "journal": self.journal if self.is_applied else "",
            "failed": _file(found, ".failed.csv"),
            "report": _file(reports, ".md"),
            "report_html": _file(reports, ".html"),
            "report_csv": _file(reports, ".csv"),
            "report_json": _file(reports, ".json"),
            "checklists": written_files(self.checklist_written),
        }

    @property
    def tickets(self) -> Tickets:
        """The results about the ledger and notifications."""
        return read_tickets(self.followups)

    @property
    def unwritten(self) -> list[str]:
        """Why files could not be written: one sentence for the checklist, and one for the report."""
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
    """Read the results of the tasks."""
    given: dict[str, Any] = {name: _read(value) for name, value in steps.items() if value is not None}
    # On ansible-core 2.16 a number can be text. When an approved plan is applied, the list is ignored.
    rows = given.get("rows")
    given["rows"] = None if rows is None or given.get("approved") else int(rows)
    given["run"] = RunFacts.of(given.get("run", {}))
    given["undo"] = slurped(given.get("undo", {}))
    return RosterSteps(**given)


def _read(value: Any) -> Any:
    """Return what a task returned, empty when it was skipped, or a boolean, which ansible-core 2.16 may have turned into text."""
    if isinstance(value, Mapping):
        return {} if value.get("skipped") else value
    return {"True": True, "False": False}.get(value, value) if isinstance(value, str) else value


def in_order(rows: Sequence[Record]) -> list[Record]:
    """Return the rows of changes in the order for reports."""
    return [row for operation in OPERATIONS for row in rows if row.get("operation") == operation]


def is_planned_change(row: Record) -> bool:
    """Return whether the plan changes this row, or would without the limits."""
    return row.get("status") == "planned" or kind_of(row) == "limit_exceeded"


def slurped(result: Record) -> Record:
    """Return the JSON object that ``ansible.builtin.slurp`` read; empty when there is none."""
    with contextlib.suppress(ValueError):
        return read_object(base64.b64decode(str(result.get("content") or "")))
    return {}


def _file(paths: Sequence[str], ending: str) -> str:
    """Return the path with this ending; empty when there is none."""
    return next((path for path in paths if path.endswith(ending)), "")


def _actions_for(rows: Sequence[Record], actions: Sequence[Record]) -> list[Record]:
    """Return the manual actions for the users in these rows."""
    names = {login_key(str(row.get("user_name") or "")) for row in rows}
    return [action for action in actions if login_key(str(action.get("user_name") or "")) in names]
