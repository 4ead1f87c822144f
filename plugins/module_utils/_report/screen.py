# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What the role roster shows on the screen: a plan, what came of it, one total, and one message where it failed.

A refusal is told once: in the plan where the role ends with it, and else in the message that it fails with.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._base.text import counted
from .left_out import left_out_lines
from .lines import OPERATIONS, Record, by_fate, in_common, reasons, to_do, who
from .obstacles import tenant_note
from .steps import BAD, RosterSteps, in_order, was_planned
from .text import one_line, reason_of, role_words

#: How a count of the summary is told, where it is not an operation.
_COUNTS = {
    "activated": "reactivated",
    "unlisted": "not in the roster",
    "inactive": "left inactive",
    "skipped": "not tried",
}
#: What a total does not need to say where something was done.
_QUIET = ("unchanged", "unlisted", "inactive", "protected", "waiting")


def plan_lines(steps: RosterSteps) -> list[str]:
    """Return the plan, a line each."""
    would = "would " if steps.only_tells or not steps.is_planned else ""
    planned = in_order([row for row in steps.planned.get("results") or [] if was_planned(row)])
    note = tenant_note(steps.tenant)
    lines = [note] if note else []
    lines += by_fate(planned, lambda row: f"{would}{OPERATIONS.get(str(row.get('operation')), 'change')}", _attributes)
    if steps.plan_only and steps.is_planned:
        lines += _reasons([row for row in steps.planned["results"] if row.get("status") in BAD])
    if not steps.is_planned:
        # Why is in the message that the role fails with.
        return [*lines, f"{one_line(steps.host)}: there is no plan, and nothing was changed"]
    lines += left_out_lines(steps.planned.get("problems") or [])
    if not steps.plan.get("rows"):
        return [*lines, "There is nothing to change."]
    digest, forecast = steps.plan.get("digest"), steps.plan.get("forecast") or {}
    lines += [
        f"forecast: {counted(forecast.get('requests', 0), 'request')}, {duration(forecast.get('seconds', 0))}",
        f"digest: {digest}",
        f"expires: {steps.plan.get('expires')}",
    ]
    if steps.only_tells and not steps.approved:
        without = ", and without roster_plan_only" if steps.plan_only else ""
        lines.append(f"to apply it: run the same with roster_approved_digest={digest}{without}")
    return lines + [f"plan: {one_line(path)}" for path in _paths(steps, "plan", "plan_markdown")]


def plan_changes(steps: RosterSteps) -> list[str]:
    """Return a line for each user whom the plan changes, all of them."""
    planned = in_order([row for row in steps.planned.get("results") or [] if was_planned(row)])
    return [f"{who(row)}: {OPERATIONS.get(str(row.get('operation')), 'change')}{_attributes(row)}" for row in planned]


def report_lines(steps: RosterSteps) -> list[str]:
    """Return what came of the plan, a line each; the last is the total."""
    lines: list[str] = []
    if steps.only_tells:
        lines.append(f"{'Check mode' if steps.check_mode else 'Plan only'}: nothing was changed.")
    else:
        done = in_order([row for row in steps.results if row.get("status") == "done"])
        lines += by_fate(done, lambda row: _COUNTS.get(str(row["operation"]), str(row["operation"])), _attributes)
        left = [row for row in steps.results if row.get("status") in ("planned", "skipped")]
        lines += by_fate(left if steps.is_applied or steps.goes_on else [], lambda _row: "not tried")
    if not steps.files.get("checklists"):
        lines += to_do(steps.manual_actions if steps.is_applied else [])
    for name in ("report", "undo", "failed"):
        lines += [f"{name}: {one_line(path)}" for path in _paths(steps, name)]
    lines += [f"checklist: {one_line(path)}" for path in steps.files.get("checklists") or []]
    lines += steps.tickets.lines(check_mode=steps.check_mode)
    return [*lines, total(steps)]


def total(steps: RosterSteps) -> str:
    """Return one line that counts everybody, such as ``south: 3 created, 1 failed, 19 to do -> FILE``."""
    summary = {name: count for name, count in steps.summary.items() if count}
    told = []
    if steps.only_tells:
        would = [f"{verb} {summary[name]}" for name, verb in OPERATIONS.items() if name in summary]
        told += [f"would {', '.join(would)}"] if would else []
    else:
        told += [f"{summary[name]} {_COUNTS.get(name, name)}" for name in OPERATIONS if name in summary]
    others = [name for name in summary if name not in OPERATIONS]
    told += [f"{summary[name]} {_COUNTS.get(name, name)}" for name in others if name not in _QUIET]
    if not told:
        quiet = ", ".join(f"{summary[name]} {_COUNTS.get(name, name)}" for name in others)
        told.append("nothing to do" + (f" ({quiet})" if quiet else ""))
    if steps.to_do:
        told.append(f"{len(steps.to_do)} to do")
    files = [*(steps.files.get("checklists") or []), *_paths(steps, "report", "plan_markdown", "plan")]
    return f"{one_line(steps.host)}: {', '.join(told)}" + (f" -> {one_line(files[0])}" if files else "")


def failure(steps: RosterSteps) -> str:
    """Return why the role fails, or nothing where it does not."""
    if not steps.is_planned:
        return role_words(steps.refusal)
    told = [steps.trouble] if steps.trouble else []
    # A plan that tells of them is what was asked for, and must reach whoever approves it.
    failed = [] if steps.plan_only else steps.failed
    known = {_kind(row) for row in failed if _reason(row) in steps.trouble}
    news = [row for row in failed if _kind(row) not in known]
    if failed:
        others = ", all others are done" if not steps.trouble and steps.goes_on else ""
        told.append(f"{counted(len(failed), 'user')} failed or {'was' if len(failed) == 1 else 'were'} refused{others}")
        told += _reasons(news)
    told += [*steps.unwritten, *steps.tickets.troubles()]
    return role_words(" | ".join(told))


def duration(seconds: float) -> str:
    """Return a forecast as people say it."""
    if seconds < 1:
        return "less than a second"
    if seconds < 120:
        return f"about {counted(round(seconds), 'second')}"
    return f"about {counted(round(seconds / 60), 'minute')}"


def _reasons(rows: Sequence[Record]) -> list[str]:
    return reasons([(who(row), _reason(row)) for row in rows], "roster_failed")


def _reason(row: Record) -> str:
    return one_line(reason_of(row) or "no reason was given")


def _kind(row: Record) -> str:
    return in_common(who(row), _reason(row))


def _attributes(row: Record) -> str:
    """Return which attributes change, where the operation does not say it."""
    after = (row.get("changes") or {}).get("after") or {}
    names = [one_line(name) for name in after if name != "active"]
    return f" ({', '.join(names)})" if names and row.get("operation") != "created" else ""


def _paths(steps: RosterSteps, *names: str) -> list[str]:
    return [str(steps.files[name]) for name in names if steps.files.get(name)]
