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

from .._base.text import named
from .lines import OPERATIONS, Record
from .page import Page, Panel, Segment, Tile, count_of, moment, number, with_positions
from .record import record_hash
from .run_facts import RunFacts
from .run_tables import (
    KINDS,
    OTHERS,
    actions_table,
    cause_table,
    change_tables,
    changes_text,
    elsewhere_table,
    left_out_table,
    other_tables,
    site_table,
)
from .screen import duration
from .steps import BAD, RosterSteps, is_planned_change
from .text import one_line, role_terms, shown_value

_MOST_PROTECTED = 10
#: What stands below the figures of the first screen.
_NOTES = {
    "activated": "get access again",
    "deactivated": "lose access",
    "created": "get an account",
    "updated": "get other values",
    "skipped": "the run ended before them",
    "unlisted": "active, not in the roster",
    "protected": "not changed",
    "waiting": "start or leave later",
}
_UNLISTED = {"ignore": "not changed", "report": "reported but not changed", "deactivate": "deactivated"}


def plan_page(steps: RosterSteps) -> Page:
    """Return the page of a plan."""
    results = list(steps.planned.get("results") or [])
    planned = [row for row in results if is_planned_change(row)]
    others = [row for row in results if not is_planned_change(row)]
    counts = Counter(str(row.get("operation")) for row in planned)
    tables = [site_table(planned, planned=True), *change_tables(planned, planned=True)]
    tables += other_tables(others, ("failed", "refused", "unlisted", "protected", "waiting"))
    tables.append(left_out_table(steps.planned.get("problems") or [] if steps.is_planned else []))
    tables.append(elsewhere_table(steps.planned.get("changed_elsewhere") or [], results))
    tables = [table for table in tables if table.rows]
    names = {table.name for table in tables}
    alarm = f"This plan cannot be applied. {role_terms(steps.refusal)}" if not steps.is_planned else ""
    risky = counts["activated"] + counts["deactivated"]
    text = changes_text(counts, planned=True) or "There is nothing to change"
    return Page(
        kind="Plan",
        title=f"Plan for the 8x8 users of {one_line(steps.host)}",
        facts=_about(steps, ("Digest", steps.plan.get("digest"))),
        verdict=f"{text}. Nothing was changed yet." if planned else f"{text}.",
        tone="bad" if alarm else "warn" if risky else "good",
        alarm=alarm,
        tiles=[*_kind_tiles(counts, names, planned=True), *_other_tiles(others, names)],
        bar_title="All rows and accounts by planned change",
        segments=_bar(counts, steps.planned.get("summary") or {}, names, planned=True),
        panels=[_approval(steps, bool(planned)), _in_force(steps, counts)],
        tables=tables,
    )


def result_page(steps: RosterSteps) -> Page:
    """Return the page of a run."""
    results, outcome = steps.results, steps.outcome()
    done = [row for row in results if row.get("status") == "done"]
    counts = Counter(str(row.get("operation")) for row in done)
    bad = [row for row in results if row.get("status") in BAD]
    tables = [cause_table(bad), *other_tables(results, (*BAD, "skipped")), site_table(done, planned=False)]
    tables += change_tables(done, planned=False)
    tables += [actions_table(steps), elsewhere_table(outcome["changed_elsewhere"], results)]
    tables += other_tables(results, ("unlisted", "protected", "waiting"))
    tables = [table for table in tables if table.rows]
    names = {table.name for table in tables}
    text = changes_text(counts, planned=False) or "Nobody was changed"
    failed = (
        f"; {count_of(len(bad), 'person', 'people')} failed or {'was' if len(bad) == 1 else 'were'} refused"
        if bad
        else ""
    )
    return Page(
        kind="Result",
        title=f"Result of the roster of {one_line(steps.host)}",
        facts=_about(steps, ("Plan", steps.plan.get("digest"))),
        verdict=f"{text}{failed}.",
        tone="bad" if bad or steps.trouble else "good",
        alarm=role_terms(steps.trouble),
        tiles=[
            *_kind_tiles(counts, names, planned=False),
            *_other_tiles(results, names)[:3],
            _action_tile(steps, names),
        ],
        bar_title="All rows and accounts by result",
        segments=_bar(counts, outcome["summary"], names, planned=False),
        panels=[_run(steps), _evidence(steps), *_undo(steps), _in_force(steps, counts)],
        tables=tables,
    )


def _about(steps: RosterSteps, which: tuple[str, object]) -> list[tuple[str, str]]:
    run = RunFacts.of(steps.run)
    made = steps.plan.get("created") if which[0] == "Digest" else run.finished
    facts = [
        ("Tenant", steps.plan.get("tenant")),
        ("Host", steps.host),
        ("Made", made and f"{moment(made)} UTC"),
        which,
    ]
    return [(name, one_line(text)) for name, text in facts if text]


def _kind_tiles(counts: Mapping[str, int], names: set[str], *, planned: bool) -> list[Tile]:
    tiles = []
    for operation, (plan, done, _note, tone) in KINDS.items():
        count, href = counts.get(operation, 0), operation if operation in names else ""
        tiles.append(
            Tile(plan if planned else done, number(count), _NOTES[operation], href, tone if count else "quiet")
        )
    return tiles


def _other_tiles(results: Sequence[Record], names: set[str]) -> list[Tile]:
    counts = Counter(str(row.get("status")) for row in results)
    bad = counts["failed"] + counts["refused"]
    href = next((name for name in ("causes", *BAD) if name in names), "")
    tiles = [Tile("Failed or refused", number(bad), "not changed", href, "bad" if bad else "good")]
    for status in ("skipped", "unlisted", "protected", "waiting"):
        title, _note, tone, _folded = OTHERS[status]
        if counts[status]:
            tiles.append(Tile(title, number(counts[status]), _NOTES[status], status if status in names else "", tone))
    return tiles[:4]


def _action_tile(steps: RosterSteps, names: set[str]) -> Tile:
    left = len(steps.manual_actions)
    return Tile(
        "Manual actions", number(left), "", "actions" if "actions" in names else "", "change" if left else "good"
    )


def _bar(counts: Mapping[str, int], summary: Mapping[str, int], names: set[str], *, planned: bool) -> list[Segment]:
    def link(name: str) -> str:
        return name if name in names else "people"

    parts = [
        Segment(title[0 if planned else 1], counts.get(operation, 0), title[3], link(operation))
        for operation, title in KINDS.items()
    ]
    parts += [
        Segment(title[0], int(summary.get(status, 0)), title[2], link(status)) for status, title in OTHERS.items()
    ]
    return with_positions([*parts, Segment("Unchanged", int(summary.get("unchanged", 0)), "good", "people")])


def _approval(steps: RosterSteps, changes: bool) -> Panel:
    forecast = (steps.planned.get("plan") or {}).get("forecast") or {}
    run = RunFacts.of(steps.run)
    requests = f"{count_of(forecast.get('requests', 0), 'request')}, {duration(forecast.get('seconds', 0))}"
    facts = [
        ("Digest", steps.plan.get("digest") or "none: the plan is refused"),
        ("Expires", _utc(steps.plan.get("expires"))),
        ("Dates judged at", _utc(steps.plan.get("as_of"))),
        ("Forecast", requests),
        ("Planned by", _by(run)),
        ("Versions", _versions(run)),
    ]
    command = _command(steps, steps.plan.get("digest")) if steps.is_planned and changes else ""
    lines = ["To apply exactly this plan, approve the digest and run:"] if command else []
    return Panel("To approve", [(name, one_line(text)) for name, text in facts if text], (), lines, command)


def _in_force(steps: RosterSteps, counts: Mapping[str, int]) -> Panel:
    """Return the limits of a plan and how much of them is used, the protected users, and the source of the rows."""
    used = {verb: counts.get(operation, 0) for operation, verb in OPERATIONS.items()}
    limits = steps.plan.get("limits") or {}
    facts = [
        (f"Limit to {kind}", f"{shown_value(limit)}" + (f", {used[kind]} planned" if kind in used else ""))
        for kind, limit in limits.items()
    ]
    protected = list(steps.protected)
    facts += [("Protected", named(protected, _MOST_PROTECTED) if protected else "nobody")]
    facts += [("Not in the roster", _UNLISTED.get(steps.unlisted, steps.unlisted))] if steps.unlisted else []
    source = [basename(steps.source)] if steps.source else []
    source += [count_of(steps.rows, "row")] if steps.rows is not None else []
    facts += [("Source", ", ".join(source) if source else "an approved plan")]
    inactive = (steps.planned.get("summary") or {}).get("inactive")
    facts += [("Left inactive", count_of(inactive, "person", "people"))] if inactive else []
    users = steps.plan.get("users")
    facts += [("Tenant", count_of(users, "user"))] if users is not None else []
    return Panel("In force", [(one_line(name), one_line(text)) for name, text in facts])


def _run(steps: RosterSteps) -> Panel:
    run, outcome = RunFacts.of(steps.run), steps.outcome()
    if steps.approved:
        approved = f"in workflow job {run.workflow}" if run.workflow else "by its digest"
    else:
        approved = "no: planned and applied in one run"
    took = "" if run.seconds is None else duration(run.seconds)
    facts = [
        ("Run by", _by(run)),
        ("Approved", approved),
        ("Started", _utc(run.started)),
        ("Took", took),
        ("Verified", "yes, changed users were read again" if outcome["verified"] else "no"),
        ("Requests", ", ".join(f"{count} {verb}" for verb, count in outcome["requests"].items())),
        ("Versions", _versions(run)),
    ]
    return Panel("This run", [(name, one_line(text)) for name, text in facts if text])


def _evidence(steps: RosterSteps) -> Panel:
    files, record = steps.files, _name(steps.record_file)
    facts = [("SHA-256 of the record", record_hash(steps))] if record else []
    beside = [
        ("Record", record),
        ("Plan", _name(files.get("plan"))),
        ("Journal", _name(files.get("journal"))),
        ("Failed rows", _name(files.get("failed"))),
        *(("Checklist", _name(path)) for path in files.get("checklists") or []),
    ]
    lines = [
        "The tables below show each changed attribute before and after. All times are UTC. The files are next to this page."
    ]
    return Panel("Evidence", facts, [(name, file) for name, file in beside if file], lines)


def _undo(steps: RosterSteps) -> list[Panel]:
    if not steps.undo_digest:
        return []
    undo = _name(steps.files.get("undo"))
    facts = [
        ("Digest", steps.undo_digest),
        ("Expires", _utc(steps.undo.get("expires"))),
    ]
    lines = ["This deactivates users whom the run created. A site that was set is not removed. To undo the run:"]
    files = [("Undo", undo)] if undo else []
    shown = [(name, one_line(text)) for name, text in facts if text]
    return [Panel("To undo", shown, files, lines, _command(steps, steps.undo_digest))]


def _command(steps: RosterSteps, digest: object) -> str:
    """Return the shell command that applies a plan."""
    words = ["ansible-playbook", "eightbyeight.scim.sync_roster"]
    if steps.host != "localhost":
        words += ["-e", f"eightbyeight_hosts={steps.host}"]
    words += ["-e", f"roster_plan_dir={abspath(dirname(steps.journal))}"] if steps.journal else []
    return shlex.join([*words, "-e", f"roster_approved_digest={digest}"])


def _name(path: object) -> str:
    return basename(str(path or ""))


def _by(run: RunFacts) -> str:
    parts = [run.user, f"job {run.job}" if run.job else "", f"workflow job {run.workflow}" if run.workflow else ""]
    return ", ".join(part for part in parts if part)


def _versions(run: RunFacts) -> str:
    return ", ".join(f"{name} {version}" for name, version in run.versions.items())


def _utc(stamp: object) -> str:
    return f"{moment(stamp)} UTC" if stamp else ""
