# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The page of an audit, from what ``eightbyeight_audit_info`` returns. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, NamedTuple

from .audit_tables import audit_tables
from .page import Page, Panel, Segment, Tile, counted_up, moment, number, placed
from .situations import FIGURES, acts, known, of, ordered
from .text import one_line

#: What to do with an audit that does not add up.
_INCOMPLETE = (
    "The list of users that 8x8 showed does not add up, so people may be missing here, and nobody should be called missing or "
    "orphaned because of this page alone. Run the audit again."
)
#: What stands below the figures.
_NOTES = {
    "left_but_active": "the roster says they are gone",
    "orphaned": "active, and in no row of the roster",
    "drifted": "other values than in the roster",
    "missing": "to be created",
    "active_without_license": "they cannot make calls",
    "stale": "the last change, not activity",
}
#: What stands below a figure that cannot be known.
_UNKNOWN = {
    "active_without_license": "SCIM does not show licenses",
    "stale": "needs a number of days",
    "manual_actions_overdue": "needs a ledger",
    **dict.fromkeys(("left_but_active", "orphaned", "drifted", "missing"), "needs a roster"),
}


class About(NamedTuple):
    """What the page of an audit says besides the audit.

    :param host: The inventory name of the tenant.
    :param tenant: The SCIM address or the customer.
    :param generated: When the audit was made, in UTC.
    :param currency: What stands before an amount of money.
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

    :param result: What ``eightbyeight_audit_info`` returned, or the content of ``audit.json``.
    """
    accounts = list(result.get("accounts") or [])
    counts: Counter[str] = Counter()
    for name, count in (result.get("situations") or {}).items():
        counts[known(name)] += count
    figures, changes = result.get("figures") or {}, result.get("changes")
    tables = audit_tables(accounts, counts, changes or [], result)
    names = {table.name for table in tables}
    busy = [name for name in ordered(counts) if acts(name)]
    tone = of(busy[0]).tone if busy else "good"
    return Page(
        kind="Audit",
        title=about.title or "Audit of the 8x8 phone system",
        facts=_facts(result, about),
        verdict=_verdict(sum(counts[name] for name in busy), figures, counts),
        tone="bad" if not result.get("complete", True) else tone,
        alarm="" if result.get("complete", True) else _INCOMPLETE,
        tiles=[_tile(name, figures, about.currency, names) for name in FIGURES],
        bar_title=f"All {number(sum(counts.values()))} accounts and rows by situation",
        segments=placed(
            Segment(of(name).title, counts[name], of(name).tone, _link(name, names)) for name in ordered(counts)
        ),
        panels=[_changes_panel(changes, about), _limitations(result)],
        tables=tables,
    )


def _link(name: str, tables: set[str]) -> str:
    return name if name in tables else "people"


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
        ("Roster", "none" if rows is None else counted_up(rows, "row")),
        ("Read from", evidence.get(read, read)),
    ]
    return [(name, one_line(text)) for name, text in facts if text]


def _verdict(busy: int, figures: Mapping[str, Any], counts: Mapping[str, int]) -> str:
    total, active = figures.get("accounts"), figures.get("active")
    size = f"{counted_up(total, 'account')}, {number(active)} active. " if total is not None else ""
    if busy:
        named = ", ".join(f"{number(counts[name])} {of(name).title.lower()}" for name in ordered(counts) if acts(name))
        return f"{size}{counted_up(busy, 'needs', 'need')} somebody to act: {named}."
    if counts.get("in_sync"):
        return f"{size}All accounts are as the roster says."
    return f"{size}No roster was given, so nothing is compared."


def _tile(name: str, figures: Mapping[str, Any], currency: str, tables: set[str]) -> Tile:
    label, href = FIGURES[name]
    value = figures.get(name)
    note = (_UNKNOWN if value is None else _NOTES).get(name, "")
    if name == "licenses_unused":
        cost = figures.get("unused_cost_per_year")
        held = figures.get("licenses_assigned")
        note = f"of {number(held)} assigned" if held is not None else "SCIM does not show licenses"
        if cost is not None and value is not None:
            note = f"{counted_up(value, 'license')} {note}".strip()
            shown = f"{one_line(currency)} {number(cost)}".strip()
            return Tile("Unused licenses, a year", shown, note, href if href in tables else "", _tone(name, value))
    elif name == "manual_actions_overdue":
        still_open = figures.get("manual_actions_open")
        note = f"of {number(still_open)} open" if still_open is not None else ""
    return Tile(label, number(value), note, href if href in tables else "", _tone(name, value))


def _tone(name: str, value: Any) -> str:
    if value is None:
        return "quiet"
    if not value:
        return "good"
    tones = {"licenses_unused": "warn", "active_without_license": "change", "stale": "quiet"}
    tones["manual_actions_overdue"] = "bad"
    return tones.get(name) or of(name).tone


def _changes_panel(changes: Any, about: About) -> Panel:
    title = f"Since the audit of {moment(about.since)} UTC" if about.since else "Since the last audit"
    if not (about.since or changes):
        return Panel(title, lines=["There is no earlier audit that this one is compared with."])
    if not changes:
        return Panel(title, lines=["Nobody changed situation."])
    arrived = Counter(known(change["to"]) if change.get("to") else "" for change in changes)
    lines = [
        f"{counted_up(arrived[name], 'is', 'are')} now {of(name).title.lower()}" for name in ordered(arrived) if name
    ]
    gone = arrived.get("", 0)
    lines += [f"{counted_up(gone, 'is', 'are')} not there any more"] if gone else []
    return Panel(title, lines=lines, href="changes", link=f"{counted_up(len(changes), 'change')} with names")


def _limitations(result: Mapping[str, Any]) -> Panel:
    lines = [one_line(sentence) for sentence in result.get("limitations") or []]
    return Panel("What this audit cannot see", lines=lines or ["There is no known limitation."])
