# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The HTML page of an audit, from the result of ``eightbyeight_audit_info``. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .audit_tables import audit_tables
from .page import Page, Panel, Segment, Tile, count_of, known_facts, moment, number, with_positions
from .situations import FIGURES, by_urgency, known_name, situation_of
from .text import one_line

#: Shown when the audit is incomplete.
_INCOMPLETE = (
    "8x8 did not list all of its users, so this audit is incomplete. Do not treat anybody as missing or orphaned because of "
    "this page. Run the audit again."
)


class About(NamedTuple):
    """The facts on the page that are not part of the audit.

    :param host: The inventory name of the tenant.
    :param tenant: The SCIM address or the customer.
    :param generated: When the audit was made, in UTC.
    :param currency: Written before each amount of money.
    :param since: When the earlier audit was made, in UTC.
    """

    host: str = ""
    tenant: str = ""
    title: str = ""
    generated: str = ""
    currency: str = ""
    since: str = ""


def audit_page(result: Mapping[str, Any], about: About) -> Page:
    """Return the page of an audit.

    :param result: The result of ``eightbyeight_audit_info``, or the content of ``audit.json``.
    """
    accounts = list(result.get("accounts") or [])
    counts: Counter[str] = Counter()
    for name, count in (result.get("situations") or {}).items():
        counts[known_name(name)] += count
    figures, changes = result.get("figures") or {}, result.get("changes")
    tables = audit_tables(accounts, counts, changes or [], result)
    urgent = [name for name in by_urgency(counts) if situation_of(name).needs_action]
    tone = situation_of(urgent[0]).tone if urgent else "good"
    return Page(
        kind="Audit",
        title=about.title or "Audit of the 8x8 phone system",
        facts=_facts(result, about),
        verdict=_verdict(urgent, figures, counts, has_roster=result.get("roster_rows") is not None),
        tone="bad" if not result.get("complete", True) else tone,
        alarm="" if result.get("complete", True) else _INCOMPLETE,
        tiles=[_tile(name, figures, about.currency) for name in FIGURES],
        bar_title=f"All {number(sum(counts.values()))} accounts and rows by situation",
        segments=with_positions(
            Segment(situation_of(name).title, counts[name], situation_of(name).tone, name)
            for name in by_urgency(counts)
        ),
        panels=[_changes_panel(changes, about), _limitations(result)],
        tables=tables,
    )


def _facts(result: Mapping[str, Any], about: About) -> list[tuple[str, str]]:
    evidence = {
        "scim": "SCIM: accounts without their licenses",
        "scim+administration": "SCIM and Administration API: accounts and licenses",
    }
    read = one_line(result.get("evidence"))
    rows = result.get("roster_rows")
    facts = [
        ("Tenant", about.tenant),
        ("Host", about.host),
        ("Made", f"{moment(about.generated)} UTC"),
        ("Roster", "none" if rows is None else count_of(rows, "row")),
        ("Read from", evidence.get(read, read)),
    ]
    return known_facts(facts)


def _verdict(urgent: Sequence[str], figures: Mapping[str, Any], counts: Mapping[str, int], *, has_roster: bool) -> str:
    total, active = figures.get("accounts"), figures.get("active")
    size = f"{count_of(total, 'account')}, {number(active)} active. " if total is not None else ""
    if urgent:
        named = ", ".join(f"{number(counts[name])} {situation_of(name).title.lower()}" for name in urgent)
        return f"{size}{count_of(sum(counts[name] for name in urgent), 'needs', 'need')} attention: {named}."
    if has_roster:
        return f"{size}No account needs attention."
    return f"{size}No roster was given, so nothing was compared."


def _tile(name: str, figures: Mapping[str, Any], currency: str) -> Tile:
    figure, value = FIGURES[name], figures.get(name)
    if value is None:
        return Tile(figure.label, "", figure.unknown, name)
    label, shown, note, cost = figure.label, number(value), figure.note, figures.get("unused_cost_per_year")
    if name == "manual_actions_overdue":
        note = f"of {number(figures.get('manual_actions_open'))} open"
    elif name == "licenses_unused":
        note = f"of {number(figures.get('licenses_assigned'))} assigned"
        if cost is not None:
            label, note = "Unused licenses, a year", f"{count_of(value, 'license')} {note}"
            shown = f"{one_line(currency)} {number(cost)}".strip()
    return Tile(label, shown, note, name, figure.tone if value else "good")


def _changes_panel(changes: Any, about: About) -> Panel:
    title = f"Since the audit of {moment(about.since)} UTC" if about.since else "Since the last audit"
    if not (about.since or changes):
        return Panel(title, lines=["There is no earlier audit to compare with."])
    if not changes:
        return Panel(title, lines=["No situation changed."])
    arrived = Counter(known_name(change["to"]) if change.get("to") else "" for change in changes)
    lines = [
        f"{count_of(arrived[name], 'is', 'are')} now {situation_of(name).title.lower()}" for name in by_urgency(arrived)
    ]
    gone = arrived.get("", 0)
    lines += [f"{count_of(gone, 'does', 'do')} not exist any more"] if gone else []
    return Panel(title, lines=lines, href="changes", link=f"{count_of(len(changes), 'change')} with names")


def _limitations(result: Mapping[str, Any]) -> Panel:
    lines = [one_line(sentence) for sentence in result.get("limitations") or []]
    return Panel("What this audit cannot see", lines=lines or ["No limitation is known."])
