# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The HTML page of a plan, for its approver, and of a run, for auditors. Pure."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from os.path import abspath, basename, dirname

from .._base.empty import OPERATIONS
from .._base.text import named
from .lines import Record
from .page import Page, Panel, Segment, Tile, count_of, known_facts, moment, number, with_positions
from .record import record_hash
from .run_facts import RunFacts
from .run_tables import (
    STYLES,
    actions_table,
    cause_table,
    change_tables,
    changes_text,
    elsewhere_table,
    left_out_table,
    other_tables,
    site_table,
    title_of,
)
from .screen import duration, forecast_text
from .steps import FAILED_STATUSES, RosterSteps, is_planned_change
from .text import one_line, role_terms, shown_value

_MOST_PROTECTED = 10
_UNLISTED = {"ignore": "not changed", "report": "reported but not changed", "deactivate": "deactivated"}


def plan_page(steps: RosterSteps) -> Page:
    """Return the page of a plan."""
    results, planned = steps.planned_results, steps.planned_changes
    others = [row for row in results if not is_planned_change(row)]
    counts = _counts(planned, others)
    tables = [site_table(planned, planned=True), *change_tables(planned, planned=True)]
    tables += other_tables(others, ("failed", "refused", "unlisted", "protected", "waiting"))
    tables.append(left_out_table(steps.planned.get("problems") or [] if steps.is_planned else []))
    tables.append(elsewhere_table(steps.planned.get("changed_elsewhere") or [], results))
    alarm = f"This plan cannot be applied. {role_terms(steps.refusal)}" if not steps.is_planned else ""
    risky = counts["activated"] + counts["deactivated"]
    text = changes_text(counts, planned=True) or "There is nothing to change"
    return Page(
        kind="Plan",
        title=f"Plan for the 8x8 users of {one_line(steps.host)}",
        facts=_head_facts(steps, "Digest", steps.plan.get("created")),
        verdict=f"{text}. Nothing was changed yet." if planned else f"{text}.",
        tone="bad" if alarm else "warn" if risky else "good",
        alarm=alarm,
        tiles=_tiles(counts, planned=True)[:8],
        bar_title="All rows and accounts by planned change",
        segments=_bar_segments(counts, steps.planned.get("summary") or {}, planned=True),
        panels=[_approval_panel(steps, bool(planned)), _limits_panel(steps, counts)],
        tables=[table for table in tables if table.rows],
    )


def result_page(steps: RosterSteps, record: str) -> Page:
    """Return the page of a run.

    :param record: The record of the run.
    """
    results, outcome = steps.results, steps.outcome()
    done = [row for row in results if row.get("status") == "done"]
    counts = _counts(done, results)
    bad = steps.failed
    tables = [cause_table(bad), *other_tables(results, (*FAILED_STATUSES, "skipped")), site_table(done, planned=False)]
    tables += change_tables(done, planned=False)
    tables += [actions_table(steps), elsewhere_table(outcome["changed_elsewhere"], results)]
    tables += other_tables(results, ("unlisted", "protected", "waiting"))
    text = changes_text(counts, planned=False) or "Nobody was changed"
    failed = f"; {count_of(len(bad), 'person', 'people')} failed or {'was' if len(bad) == 1 else 'were'} refused"
    return Page(
        kind="Result",
        title=f"Result of the roster of {one_line(steps.host)}",
        facts=_head_facts(steps, "Plan", steps.run.finished),
        verdict=f"{text}{failed if bad else ''}.",
        tone="bad" if bad or steps.trouble else "good",
        alarm=role_terms(steps.trouble),
        tiles=[*_tiles(counts, planned=False)[:7], _action_tile(steps)],
        bar_title="All rows and accounts by result",
        segments=_bar_segments(counts, outcome["summary"], planned=False),
        panels=[_run_panel(steps), _evidence_panel(steps, record), *_undo_panels(steps), _limits_panel(steps, counts)],
        tables=[table for table in tables if table.rows],
    )


def _head_facts(steps: RosterSteps, name: str, made: object) -> list[tuple[str, str]]:
    plan = steps.plan
    return known_facts(
        [("Tenant", plan.get("tenant")), ("Host", steps.host), ("Made", _in_utc(made)), (name, plan.get("digest"))]
    )


def _counts(changed: Sequence[Record], others: Sequence[Record]) -> Counter[str]:
    """Return how many people have each operation, of those who are changed, and each status, of the others."""
    return Counter([*(str(row.get("operation")) for row in changed), *(str(row.get("status")) for row in others)])


def _tiles(counts: Mapping[str, int], *, planned: bool) -> list[Tile]:
    def tile(name: str) -> Tile:
        style, count = STYLES[name], counts[name]
        title = title_of(name, planned=planned)
        return Tile(title, number(count), style.caption, name, style.tone if count else "quiet")

    bad = sum(counts[status] for status in FAILED_STATUSES)
    # A plan has no table of causes.
    href = "causes" if not planned else "failed" if counts["failed"] else "refused"
    others = [tile(name) for name in ("skipped", "unlisted", "protected", "waiting") if counts[name]]
    failed = Tile("Failed or refused", number(bad), "not changed", href, "bad" if bad else "good")
    return [*(tile(name) for name in OPERATIONS), failed, *others]


def _action_tile(steps: RosterSteps) -> Tile:
    left = len(steps.manual_actions)
    return Tile("Manual actions", number(left), "", "actions", "change" if left else "good")


def _bar_segments(counts: Mapping[str, int], summary: Mapping[str, int], *, planned: bool) -> list[Segment]:
    shown = {**summary, **{name: counts[name] for name in OPERATIONS}}
    parts = [
        Segment(title_of(name, planned=planned), int(shown.get(name, 0)), style.tone, name)
        for name, style in STYLES.items()
    ]
    return with_positions([*parts, Segment("Unchanged", int(shown.get("unchanged", 0)), "good", "people")])


def _approval_panel(steps: RosterSteps, changes: bool) -> Panel:
    facts = [
        ("Digest", steps.plan.get("digest") or "none: the plan is refused"),
        ("Expires", _in_utc(steps.plan.get("expires"))),
        ("Dates judged at", _in_utc(steps.plan.get("as_of"))),
        ("Forecast", forecast_text(steps)),
        ("Planned by", _run_by(steps.run)),
        ("Versions", _versions(steps.run)),
    ]
    command = _command(steps, steps.plan.get("digest")) if steps.is_planned and changes else ""
    lines = ["To apply exactly this plan, approve the digest and run:"] if command else []
    return Panel("To approve", known_facts(facts), (), lines, command)


def _limits_panel(steps: RosterSteps, counts: Mapping[str, int]) -> Panel:
    """Return the limits of a plan and how much of them is used, the protected users, and the source of the rows."""
    used = {verb: counts.get(operation, 0) for operation, verb in OPERATIONS.items()}
    limits = steps.plan.get("limits") or {}
    facts = [
        (f"Limit to {kind}", f"{shown_value(limit)}" + (f", {used[kind]} planned" if kind in used else ""))
        for kind, limit in limits.items()
    ]
    source = [basename(steps.source)] if steps.source else []
    source += [count_of(steps.rows, "row")] if steps.rows is not None else []
    inactive = (steps.planned.get("summary") or {}).get("inactive")
    users = steps.plan.get("users")
    facts += [
        ("Protected", named(steps.protected, _MOST_PROTECTED) or "nobody"),
        ("Not in the roster", _UNLISTED.get(steps.unlisted, steps.unlisted)),
        ("Source", ", ".join(source) or "an approved plan"),
        ("Left inactive", count_of(inactive, "person", "people") if inactive else ""),
        ("Tenant", "" if users is None else count_of(users, "user")),
    ]
    return Panel("In force", known_facts(facts))


def _run_panel(steps: RosterSteps) -> Panel:
    run, outcome = steps.run, steps.outcome()
    if steps.approved:
        approved = f"in workflow job {run.workflow}" if run.workflow else "by its digest"
    else:
        approved = "no: planned and applied in one run"
    took = "" if run.seconds is None else duration(run.seconds)
    facts = [
        ("Run by", _run_by(run)),
        ("Approved", approved),
        ("Started", _in_utc(run.started)),
        ("Took", took),
        ("Verified", "yes, changed users were read again" if outcome["verified"] else "no"),
        ("Requests", ", ".join(f"{count} {verb}" for verb, count in outcome["requests"].items())),
        ("Versions", _versions(run)),
    ]
    return Panel("This run", known_facts(facts))


def _evidence_panel(steps: RosterSteps, record: str) -> Panel:
    files = steps.files
    beside = [
        ("Record", steps.record_file),
        ("Plan", files["plan"]),
        ("Journal", files["journal"]),
        ("Failed rows", files["failed"]),
        *(("Checklist", path) for path in files["checklists"]),
    ]
    lines = [
        "The tables below show each changed attribute before and after. All times are UTC. The files are next to this page."
    ]
    return Panel("Evidence", [("SHA-256 of the record", record_hash(record))], _file_names(beside), lines)


def _undo_panels(steps: RosterSteps) -> list[Panel]:
    if not steps.undo_digest:
        return []
    facts = known_facts([("Digest", steps.undo_digest), ("Expires", _in_utc(steps.undo.get("expires")))])
    lines = ["This deactivates users whom the run created. A site that was set is not removed. To undo the run:"]
    files = _file_names([("Undo", steps.files["undo"])])
    return [Panel("To undo", facts, files, lines, _command(steps, steps.undo_digest))]


def _file_names(paths: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the names of files that are next to the page."""
    return [(name, basename(path)) for name, path in paths if path]


def _command(steps: RosterSteps, digest: object) -> str:
    """Return the shell command that applies a plan."""
    words = ["ansible-playbook", "eightbyeight.scim.sync_roster"]
    if steps.host != "localhost":
        words += ["-e", f"eightbyeight_hosts={steps.host}"]
    words += ["-e", f"roster_plan_dir={abspath(dirname(steps.journal))}"] if steps.journal else []
    return shlex.join([*words, "-e", f"roster_approved_digest={digest}"])


def _run_by(run: RunFacts) -> str:
    parts = [run.user, f"job {run.job}" if run.job else "", f"workflow job {run.workflow}" if run.workflow else ""]
    return ", ".join(part for part in parts if part)


def _versions(run: RunFacts) -> str:
    return ", ".join(f"{name} {version}" for name, version in run.versions.items())


def _in_utc(stamp: object) -> str:
    return f"{moment(stamp)} UTC" if stamp else ""
