# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The output of the role roster on the screen: a plan, its result, a total, and a failure message.

A refusal is printed once: in the plan if the role ends there, or else in the failure message.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._base.empty import OPERATIONS
from .._base.text import counted, place_of
from .lines import Record, count_name, grouped_lines, in_common, reasons, to_do, who
from .obstacles import tenant_note
from .steps import FAILED_STATUSES, RosterSteps, in_order
from .text import one_line, reason_of, role_terms

#: The most problems of an export that are printed.
_MOST_PROBLEMS = 10
#: Counts that the total leaves out if something was done.
_MINOR_COUNTS = ("unchanged", "unlisted", "inactive", "protected", "waiting")


def plan_lines(steps: RosterSteps) -> list[str]:
    """Return the lines of the plan."""
    would = "would " if steps.is_preview or not steps.is_planned else ""
    note = tenant_note(steps.tenant)
    lines = [note] if note else []
    lines += grouped_lines(steps.planned_changes, lambda row: f"{would}{OPERATIONS[row['operation']]}", _attributes)
    if steps.plan_only and steps.is_planned:
        lines += _reasons([row for row in steps.planned_results if row.get("status") in FAILED_STATUSES])
    if not steps.is_planned:
        # The failure message of the role says why.
        return [*lines, f"{one_line(steps.host)}: there is no plan, and nothing was changed"]
    lines += _problem_lines(steps.planned.get("problems") or [])
    if not steps.plan.get("rows"):
        return [*lines, "There is nothing to change."]
    digest = steps.plan.get("digest")
    lines += [
        f"forecast: {forecast_text(steps)}",
        f"digest: {digest}",
        f"expires: {steps.plan.get('expires')}",
    ]
    if steps.is_preview and not steps.approved:
        without = ", and without roster_plan_only" if steps.plan_only else ""
        lines.append(f"to apply it: run the same with roster_approved_digest={digest}{without}")
    return lines + [f"plan: {one_line(path)}" for path in _paths(steps, "plan", "plan_markdown")]


def _problem_lines(problems: Sequence[Record]) -> list[str]:
    """Return lines for the first problems of an export, and one line for the rest.

    :param problems: ``problems`` in the result of ``eightbyeight_roster``. When there is a plan, these are the problems that the
        filter ``roster_from`` found.
    """
    texts = [
        [one_line(problem.get(name)) for name in ("row", "column", "message")] for problem in problems[:_MOST_PROBLEMS]
    ]
    lines = [f"export, {place_of(row, column)}: {message}" for row, column, message in texts]
    more = len(problems) - len(lines)
    return [*lines, f"export: {counted(more, 'more problem')} in roster_result.problems"] if more > 0 else lines


def plan_changes(steps: RosterSteps) -> list[str]:
    """Return a line for each user whom the plan changes."""
    return [f"{who(row)}: {OPERATIONS[row['operation']]}{_attributes(row)}" for row in steps.planned_changes]


def report_lines(steps: RosterSteps) -> list[str]:
    """Return the lines of the result; the last is the total."""
    lines: list[str] = []
    if steps.is_preview:
        lines.append(f"{'Check mode' if steps.check_mode else 'Plan only'}: nothing was changed.")
    else:
        done = in_order([row for row in steps.results if row.get("status") == "done"])
        lines += grouped_lines(done, lambda row: count_name(row["operation"]), _attributes)
        left = [row for row in steps.results if row.get("status") in ("planned", "skipped")]
        lines += grouped_lines(left if steps.is_applied or steps.will_apply else [], lambda _row: "not tried")
    for name in ("report", "undo", "failed"):
        lines += [f"{name}: {one_line(path)}" for path in _paths(steps, name)]
    lines += to_do(steps.manual_actions if steps.is_applied else [], steps.files["checklists"])
    lines += steps.tickets.lines(check_mode=steps.check_mode)
    return [*lines, total(steps)]


def total(steps: RosterSteps) -> str:
    """Return the total in one line, such as ``south: 3 created, 1 failed, 19 to do -> FILE``."""
    actions = f", {len(steps.to_do)} to do" if steps.to_do else ""
    files = [*steps.files["checklists"], *_paths(steps, "report", "plan_markdown", "plan")]
    next_file = f" -> {one_line(files[0])}" if files else ""
    return f"{one_line(steps.host)}: {counts_text(steps)}{actions}{next_file}"


def counts_text(steps: RosterSteps) -> str:
    """Return what was done, or would be, such as ``3 created, 1 failed``."""
    summary = {name: count for name, count in steps.summary.items() if count}
    named_counts = {name: f"{count} {count_name(name)}" for name, count in summary.items()}
    parts = []
    if steps.is_preview:
        would = [f"{verb} {summary[name]}" for name, verb in OPERATIONS.items() if name in summary]
        parts += [f"would {', '.join(would)}"] if would else []
    else:
        parts += [named_counts[name] for name in OPERATIONS if name in summary]
    parts += [text for name, text in named_counts.items() if name not in (*OPERATIONS, *_MINOR_COUNTS)]
    if parts:
        return ", ".join(parts)
    minor = ", ".join(named_counts.values())
    return f"nothing to do ({minor})" if minor else "nothing to do"


def failure(steps: RosterSteps) -> str:
    """Return the failure message of the role; empty when it does not fail."""
    if not steps.is_planned:
        return role_terms(steps.refusal)
    parts = [steps.trouble] if steps.trouble else []
    # With plan_only, failed rows are part of the plan, and the role must not fail before the approver sees it.
    failed = [] if steps.plan_only else steps.failed
    known = {_kind(row) for row in failed if _reason(row) in steps.trouble}
    news = [row for row in failed if _kind(row) not in known]
    if failed:
        others = ", all others are done" if not steps.trouble and steps.will_apply else ""
        parts.append(
            f"{counted(len(failed), 'user')} failed or {'was' if len(failed) == 1 else 'were'} refused{others}"
        )
        parts += _reasons(news)
    parts += [*steps.unwritten, *steps.tickets.failures()]
    return role_terms(" | ".join(parts))


def forecast_text(steps: RosterSteps) -> str:
    """Return what a plan will cost: requests and time."""
    forecast = steps.plan.get("forecast") or {}
    return f"{counted(forecast.get('requests', 0), 'request')}, {duration(forecast.get('seconds', 0))}"


def duration(seconds: float) -> str:
    """Return a duration in words."""
    if seconds < 1:
        return "less than a second"
    if seconds < 120:
        return f"about {counted(round(seconds), 'second')}"
    return f"about {counted(round(seconds / 60), 'minute')}"


def _reasons(rows: Sequence[Record]) -> list[str]:
    return reasons(rows, _reason, "roster_failed")


def _reason(row: Record) -> str:
    return one_line(reason_of(row) or "no reason was given")


def _kind(row: Record) -> str:
    return in_common(who(row), _reason(row))


def _attributes(row: Record) -> str:
    """Return the names of the attributes that change; empty for created users, because all of theirs do."""
    after = (row.get("changes") or {}).get("after") or {}
    names = [one_line(name) for name in after if name != "active"]
    return f" ({', '.join(names)})" if names and row.get("operation") != "created" else ""


def _paths(steps: RosterSteps, *names: str) -> list[str]:
    return [str(steps.files[name]) for name in names if steps.files.get(name)]
