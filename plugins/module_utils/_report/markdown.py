# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The plan and the report of the role roster as Markdown, for a change request and an archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from os.path import basename

from .._base.console import OTHER_WRITERS
from .._base.text import counted
from .left_out import left_out_markdown
from .lines import OPERATIONS, Record
from .screen import duration
from .steps import BAD, RosterSteps, in_order, is_planned_change
from .text import markdown, markdown_value, reason_of, role_terms

_TITLES = {
    "failed": "Failed",
    "refused": "Refused",
    "skipped": "Not tried",
    "protected": "Protected, and left alone",
    "waiting": "Not started yet",
    "unlisted": "Active, and not in the roster",
}
#: Columns of the table of changes.
_CHANGES = ("operation", "user", "attribute", "before", "after")


def plan_markdown(steps: RosterSteps) -> str:
    """Return the plan for its approver."""
    results = list(steps.planned.get("results") or [])
    planned = in_order([row for row in results if is_planned_change(row)])
    refused = [row for row in results if row.get("status") in BAD and not is_planned_change(row)]
    lines = [f"# Plan for the 8x8 users of {markdown(steps.host)}", *_facts(_plan_facts(steps, planned, refused))]
    if not steps.is_planned:
        lines += ["", f"**Refused as a whole, nothing can be applied:** {markdown(role_terms(steps.refusal))}"]
    lines += _changes("Changes", planned) + _users("Refused", refused)
    for status in ("protected", "waiting", "unlisted"):
        lines += _users(_TITLES[status], [row for row in results if row.get("status") == status])
    lines += left_out_markdown(steps.planned.get("problems") or [] if steps.is_planned else [])
    lines += _elsewhere("Changed since the last run", steps.planned.get("changed_elsewhere") or [])
    if steps.is_planned and planned:
        apply = (
            f"Run the same with `roster_approved_digest: {steps.plan.get('digest')}`, and without `roster_plan_only`."
        )
        lines += ["", "## To apply exactly this", "", apply]
    return "\n".join(lines) + "\n"


def report_markdown(steps: RosterSteps, now: datetime | None = None) -> str:
    """Return the report of a run."""
    results = steps.results
    lines = [f"# Result of the roster of {markdown(steps.host)}", *_facts(_run_facts(steps, now))]
    if steps.trouble:
        lines += ["", f"**{markdown(role_terms(steps.trouble))}**"]
    lines += _changes("Changed", in_order([row for row in results if row.get("status") == "done"]))
    for status, title in _TITLES.items():
        lines += _users(title, [row for row in results if row.get("status") == status])
    lines += _elsewhere("Changed outside of this run", steps.outcome()["changed_elsewhere"])
    actions = len(steps.manual_actions)
    if actions:
        names = ", ".join(basename(str(path)) for path in steps.files.get("checklists") or [])
        where = f", see {markdown(names)}" if names else ""
        lines += ["", "## What is left to do in Admin Console", "", f"{counted(actions, 'manual action')}{where}."]
    if steps.undo_digest:
        undo = (
            f"Run the same with `roster_approved_digest: {steps.undo_digest}`, before it expires at "
            f"{markdown(steps.undo.get('expires'))}. Created users are deactivated, and a site that was set stays."
        )
        lines += ["", "## To undo", "", undo]
    return "\n".join(lines) + "\n"


def _plan_facts(steps: RosterSteps, planned: Sequence[Record], refused: Sequence[Record]) -> dict[str, str]:
    summary, plan = steps.planned.get("summary") or {}, steps.plan
    forecast = (steps.planned.get("plan") or {}).get("forecast") or {}
    changes = [
        f"{sum(row.get('operation') == operation for row in planned)} to {verb}"
        for operation, verb in OPERATIONS.items()
    ]
    left = {"unchanged": "unchanged", "inactive": "left inactive", "waiting": "not started yet"}
    left.update(protected="protected", unlisted="not in the roster")
    alone = [f"{summary[name]} {text}" for name, text in left.items() if name in summary]
    facts = {
        "tenant": markdown(plan.get("tenant")),
        "digest": markdown(plan.get("digest") or "none: the plan is refused"),
        "made": markdown(plan.get("created")),
        "expires": markdown(plan.get("expires")),
        **({"dates judged at": markdown(plan["as_of"])} if plan.get("as_of") else {}),
        "changes": ", ".join(changes),
        "left alone": ", ".join([*alone, f"{len(refused)} refused"]),
        "forecast": f"{counted(forecast.get('requests', 0), 'request')}, {duration(forecast.get('seconds', 0))}",
    }
    limits = plan.get("limits")
    if limits:
        facts["limits"] = ", ".join(f"{markdown(kind)} {markdown_value(limit)}" for kind, limit in limits.items())
    return facts


def _run_facts(steps: RosterSteps, now: datetime | None) -> dict[str, str]:
    outcome = steps.outcome()
    return {
        "tenant": markdown(steps.plan.get("tenant")),
        "plan": markdown(steps.plan.get("digest")),
        "applied": (now or datetime.now(timezone.utc)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "result": ", ".join(f"{count} {name}" for name, count in outcome["summary"].items() if count),
        "verified": "yes, changed users were read again" if outcome["verified"] else "no",
        "requests": ", ".join(f"{count} {verb}" for verb, count in outcome["requests"].items()),
        "undo": outcome["undo_digest"] or "none",
    }


def _facts(facts: dict[str, str]) -> list[str]:
    return ["", "| | |", "|---|---|", *(f"| {name} | {text} |" for name, text in facts.items())]


def _changes(title: str, rows: Sequence[Record]) -> list[str]:
    """Return a table of changes with a line for each attribute. Only the first line of a user has the name."""
    lines = []
    for row in rows:
        changes = row.get("changes") or {}
        before, after = changes.get("before"), changes.get("after") or {}
        first = (markdown(row.get("operation")), markdown(row.get("user_name")))
        for name, value in after.items():
            was = markdown_value(before.get(name)) if before else ""
            lines.append(f"| {first[0]} | {first[1]} | {markdown(name)} | {was} | {markdown_value(value)} |")
            first = ("", "")
    head = f"| {' | '.join(_CHANGES)} |"
    return ["", f"## {title}", "", head, "|---" * len(_CHANGES) + "|", *lines] if lines else []


def _users(title: str, rows: Sequence[Record]) -> list[str]:
    return ["", f"## {title}", "", *(f"- {_user(row)}" for row in rows)] if rows else []


def _user(row: Record) -> str:
    """Return a user with the number of the row and the reason, if there are any."""
    name, reason = markdown(row.get("user_name") or "?"), markdown(reason_of(row))
    who = f"{name} (row {row['row']})" if row.get("row") else name
    if reason.startswith(name):
        return f"{who}{reason[len(name) :]}"
    return f"{who}: {reason}" if reason else who


def _elsewhere(title: str, names: Sequence[str]) -> list[str]:
    return ["", f"## {title}", "", OTHER_WRITERS, "", *(f"- {markdown(name)}" for name in names)] if names else []
