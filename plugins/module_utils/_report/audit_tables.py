# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The tables of an audit page: by site, by department, the drift, and the people in each situation. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._admin.users import NUMBER_LICENSES, license_counts
from .lines import grouped
from .page import (
    PERSON,
    Cell,
    Column,
    Count,
    Table,
    count_of,
    moment,
    number,
    person,
    person_cells,
    place_table,
    value_text,
)
from .situations import SITUATIONS, Situation, by_urgency, known_name, situation_of
from .text import one_line
from .users import full_name

Account = Mapping[str, Any]

#: A table with more sites or departments than this is folded.
_MOST_PLACES = 25


def audit_tables(
    accounts: Sequence[Account], counts: Mapping[str, int], changes: Sequence[Account], result: Mapping[str, Any]
) -> list[Table]:
    """Return the tables that are not empty.

    :param counts: How many people are in each situation.
    :param changes: The accounts whose situation changed since the earlier audit.
    :param result: The result of ``eightbyeight_audit_info``.
    """
    counter = _LicenseCounter.of(result)
    by_situation = grouped(accounts, lambda account: known_name(account.get("situation")))
    people = {name: _situation_table(name, by_situation[name]) for name in by_urgency(counts) if name in by_situation}
    tables = [
        _place_table("site", accounts, counter),
        _place_table("department", accounts, counter),
        _drift_table(by_situation.get("drifted", [])),
        *(table for name, table in people.items() if situation_of(name).needs_action),
        *_license_tables(accounts, counter),
        _changes_table(changes),
        *(table for name, table in people.items() if not situation_of(name).needs_action),
        _formulas_table(result),
    ]
    return [table for table in tables if table.rows]


def _situation_table(name: str, accounts: Sequence[Account]) -> Table:
    situation = situation_of(name)
    if name == "drifted":
        return _drifted_table(situation, accounts)
    folded = not situation.needs_action
    return _accounts_table(name, situation.title, situation.note, accounts, tone=situation.tone, folded=folded)


def _accounts_table(
    name: str, title: str, note: str, accounts: Sequence[Account], *, tone: str = "", folded: bool = False
) -> Table:
    """Return a table of accounts, with the columns that have a value for at least one of them."""
    optional: list[tuple[Column, Callable[[Account], Cell]]] = [
        (Column("Days since", "number"), lambda account: Cell(number(account.get("left_days")))),
        (Column("Licenses"), lambda account: Cell(", ".join(one_line(name) for name in account.get("licenses") or []))),
        (Column("Last change"), lambda account: Cell(moment(account.get("last_modified")))),
        (Column("Row", "number"), lambda account: Cell(number(account.get("row")))),
        (Column("Why"), lambda account: Cell(one_line(account.get("problem")))),
    ]
    shown = [(column, show) for column, show in optional if any(show(account).text for account in accounts)]
    rows = [[*person_cells(account), *(show(account) for _column, show in shown)] for account in _by_name(accounts)]
    columns = [*PERSON, *(column for column, _show in shown)]
    return Table(name, title, note, columns, rows, tone=tone, folded=folded)


def _by_name(accounts: Iterable[Account]) -> list[Account]:
    return sorted(accounts, key=lambda account: (full_name(account) or str(account.get("user_name") or "")).lower())


def _drifted_table(situation: Situation, accounts: Sequence[Account]) -> Table:
    rows = [
        [
            *person_cells(account),
            Cell(one_line(name)),
            Cell(value_text(values.get("before"))),
            Cell(value_text(values.get("after"))),
        ]
        for account in _by_name(accounts)
        for name, values in (account.get("differences") or {}).items()
    ]
    columns = [*PERSON, Column("Attribute"), Column("In 8x8"), Column("In the roster")]
    size = f"{count_of(len(accounts), 'account')}, {count_of(len(rows), 'difference')}"
    return Table("drifted", situation.title, situation.note, columns, rows, tone=situation.tone, size=size)


def _drift_table(drifted: Sequence[Account]) -> Table:
    people: Counter[str] = Counter()
    cleared: Counter[str] = Counter()
    for account in drifted:
        for name, values in (account.get("differences") or {}).items():
            people[name] += 1
            cleared[name] += values.get("before") in (None, "", [])
    rows = [
        [Cell(one_line(name), href="drifted"), Cell(number(count)), Cell(number(cleared[name]))]
        for name, count in people.most_common()
    ]
    columns = [Column("Attribute"), Column("People", "number"), Column("Empty in 8x8", "number")]
    note = "For each attribute: how many people have a value in 8x8 that differs from the roster."
    return Table("drift", "Drift by attribute", note, columns, rows, size=count_of(len(rows), "attribute"))


def _place_table(attribute: str, accounts: Sequence[Account], counter: _LicenseCounter) -> Table:
    """Return a table that counts the accounts of each site or department by situation."""
    urgent = [name for name, situation in SITUATIONS.items() if situation.needs_action]
    counts = [Count("*", "All", "", number)]
    counts += [Count(name, SITUATIONS[name].title, SITUATIONS[name].tone, number) for name in urgent]
    counts.append(Count("!", "Unused licenses", "warn", number))
    if counter.cost:
        counts.append(Count("!", "Cost a year", "", counter.yearly_cost))
    people = (
        (account.get(attribute), {known_name(account.get("situation")): 1, "*": 1, "!": counter.unused(account)})
        for account in accounts
    )
    table = place_table(attribute, people, counts, urgent)
    note = f"The {attribute} with the most to do is first."
    return table._replace(note=note, folded=len(table.rows) > _MOST_PLACES)


class _LicenseCounter(NamedTuple):
    """Counts licenses in the same way as the figures of the audit.

    :param ignored: Wildcards for names of licenses that do not count.
    :param cost: The price of one license a month; None when it is not known.
    """

    ignored: Sequence[str]
    cost: float | None
    currency: str

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> _LicenseCounter:
        ignored = result.get("license_ignore", NUMBER_LICENSES)
        return cls(ignored, result.get("license_cost"), one_line(result.get("currency")))

    def assigned(self, account: Account) -> int:
        return sum(license_counts(str(name), self.ignored) for name in account.get("licenses") or [])

    def unused(self, account: Account) -> int:
        return self.assigned(account) if account.get("active") is False else 0

    def yearly_cost(self, licenses: int) -> str:
        return f"{self.currency} {number(12 * (self.cost or 0) * licenses)}".strip()


def _license_tables(accounts: Sequence[Account], counter: _LicenseCounter) -> list[Table]:
    active = [account for account in accounts if account.get("active") is True and account.get("licenses") is not None]
    return [
        _accounts_table(
            "licenses_unused",
            "Unused licenses",
            # The warning is fact 13.1 of the fact sheet.
            "These accounts are inactive and still have licenses. Removing a license in Admin Console deletes call history and "
            "voicemail. Save what you need first.",
            [account for account in accounts if counter.unused(account)],
            tone="warn",
        ),
        _accounts_table(
            "active_without_license",
            "Active without a license",
            "These people can log in but cannot make calls. Assign a license in Admin Console.",
            [account for account in active if not counter.assigned(account)],
            tone="change",
        ),
        _accounts_table(
            "stale",
            "Stale",
            "These accounts were not changed for a long time. They may still be in use: 8x8 does not show activity.",
            [account for account in accounts if account.get("stale")],
            folded=True,
        ),
    ]


def _changes_table(changes: Sequence[Account]) -> Table:
    def situation(name: Any) -> Cell:
        found = situation_of(known_name(name))
        return Cell(found.title, tone=found.tone) if name else Cell("no account")

    rows = [[person(change), situation(change.get("from")), situation(change.get("to"))] for change in changes]
    columns = [Column("Person"), Column("Before"), Column("Now")]
    return Table("changes", "Changed since the last audit", "The situation of these accounts changed.", columns, rows)


def _formulas_table(result: Mapping[str, Any]) -> Table:
    figures = result.get("figures") or {}
    rows = [
        [
            Cell(one_line(name).replace("_", " ")),
            Cell(number(figures.get(name)) or "not known"),
            Cell(one_line(sentence)),
        ]
        for name, sentence in (result.get("formulas") or {}).items()
    ]
    note = 'What each figure counts. "Not known" does not mean zero.'
    columns = [Column("Figure"), Column("Value", "number"), Column("What it counts")]
    return Table("formulas", "How the figures are counted", note, columns, rows)
