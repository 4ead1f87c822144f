# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The tables on the pages of a plan and of a run. People who get access again or lose it come first. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from .._base.console import OTHER_WRITERS
from .._base.empty import OPERATIONS
from .._base.text import named
from .lines import Record, action_name, by_reason, count_name, grouped, who
from .page import PERSON, Cell, Column, Count, Table, count_of, number, person_cells, place_table, value_text
from .steps import RosterSteps
from .text import changes_of, kind_of, one_line, reason_of, role_terms
from .users import Users, user_of

#: Attributes that the table of created people already shows in columns.
_OWN_COLUMNS = ("user_name", "given_name", "family_name", "site", "department")


class Style(NamedTuple):
    """How a page shows the people with one operation or status.

    :param caption: The text below their number.
    :param note: The note above their table.
    :param folded: Whether the table is folded.
    """

    caption: str
    note: str
    tone: str
    folded: bool = False


#: Operation or status -> how a page shows it, in the order of the bar.
STYLES: Mapping[str, Style] = MappingProxyType(
    {
        "activated": Style("get access again", "These people get access again.", "warn"),
        "deactivated": Style("lose access", "These people lose access.", "bad"),
        "created": Style("get an account", "These people get an account.", "good"),
        "updated": Style("get other values", "Values of these people change.", "change"),
        "failed": Style("not changed", "The changes to these people failed. Correct the rows and run again.", "bad"),
        "refused": Style(
            "not changed", "These people were refused and not changed. Correct the rows and run again.", "bad"
        ),
        "skipped": Style(
            "the run ended before them", "The run ended before it came to these people. Run again.", "warn"
        ),
        "protected": Style(
            "not changed", "These people are never changed, because roster_protected names them.", "quiet", folded=True
        ),
        "waiting": Style("start or leave later", "These people start or leave later.", "quiet", folded=True),
        "unlisted": Style(
            "active, not in the roster",
            "These people are active, but no row of the roster names them.",
            "warn",
            folded=True,
        ),
    }
)


def title_of(name: str, *, planned: bool) -> str:
    """Return the title of an operation or a status."""
    return (OPERATIONS[name] if planned and name in OPERATIONS else count_name(name)).capitalize()


def change_tables(rows: Sequence[Record], *, planned: bool) -> list[Table]:
    """Return a table for each kind of change, with each attribute before and after.

    :param planned: Whether the changes are planned, not done.
    """
    tables = []
    for operation in OPERATIONS:
        own = [row for row in rows if row.get("operation") == operation]
        title = title_of(operation, planned=planned)
        if operation == "updated":
            columns = [Column("Attribute"), Column("Before"), Column("After")]
            table = _table(operation, title, columns, [line for row in own for line in _change_lines(row)])
        else:
            lines = [[*_row_cells(row), Cell(_values(row))] for row in own]
            table = _table(operation, title, [Column("Values")], lines)
        tables.append(table._replace(size=count_of(len(own), "person", "people")))
    return tables


def other_tables(results: Sequence[Record], statuses: Sequence[str]) -> list[Table]:
    """Return a table for each of these statuses of people who are not changed."""
    tables = []
    for status in statuses:
        own = [row for row in results if row.get("status") == status]
        rows = [[*_row_cells(row), Cell(one_line(role_terms(reason_of(row))))] for row in own]
        tables.append(_table(status, title_of(status, planned=False), [Column("Why")], rows))
    return tables


def _table(name: str, title: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> Table:
    style = STYLES[name]
    return Table(
        name, title, style.note, [*PERSON, Column("Row", "number"), *columns], rows, style.tone, folded=style.folded
    )


def cause_table(failed: Sequence[Record]) -> Table:
    """Return a table of the causes of failures, the most frequent first."""
    rows = []
    for own in sorted(by_reason(failed, lambda row: one_line(reason_of(row))), key=len, reverse=True):
        reason = one_line(role_terms(reason_of(own[0]))) or "no reason was given"
        rows.append(
            [
                Cell(one_line(kind_of(own[0])).replace("_", " ") or "unknown"),
                Cell(number(len(own))),
                Cell(reason),
                Cell(named([who(row) for row in own])),
            ]
        )
    columns = [Column("Cause"), Column("People", "number"), Column("What happened"), Column("Who")]
    note = "People with the same cause share a line, with the message of the first one."
    return Table("causes", "Failures by cause", note, columns, rows, tone="bad", size=count_of(len(rows), "cause"))


def site_table(rows: Sequence[Record], *, planned: bool) -> Table:
    """Return a table that counts the changes of each site."""
    counts = [Count(name, title_of(name, planned=planned), STYLES[name].tone, number) for name in OPERATIONS]
    table = place_table(
        "site",
        ((user_of(row).get("site"), {str(row.get("operation")): 1, "*": 1}) for row in rows),
        [*counts, Count("*", "All", "", number)],
        ("*",),
    )
    return table._replace(size=f"{table.size}, {count_of(len(rows), 'change')}")


def elsewhere_table(names: Sequence[str], results: Iterable[Record]) -> Table:
    """Return a table of the users whom somebody else changed.

    :param results: May have their names, sites and departments.
    """
    users = Users.among(results)
    rows = [person_cells({"user_name": name, **users.of({"user_name": name})}) for name in names]
    return Table("elsewhere", "Changed outside of this run", OTHER_WRITERS, PERSON, rows, tone="warn")


def left_out_table(problems: Sequence[Record]) -> Table:
    """Return a table of the rows and values of an export that are not in the roster."""
    rows = [[Cell(one_line(problem.get(name))) for name in ("row", "column", "message")] for problem in problems]
    columns = [Column("Row", "number"), Column("Column"), Column("Why")]
    note = "These rows or values of the export could not be read. Correct the export, or check that nobody is missing."
    return Table("left_out", "Not read from the export", note, columns, rows, tone="warn")


def actions_table(steps: RosterSteps) -> Table:
    """Return a table that counts the people for each manual action."""
    kinds = sorted(grouped(steps.manual_actions, action_name).items(), key=lambda kind: -len(kind[1]))
    rows = [[Cell(name), Cell(number(len(own))), Cell(one_line(own[-1].get("reason")))] for name, own in kinds]
    columns = [Column("Action"), Column("People", "number"), Column("Why")]
    note = "SCIM cannot do these. The checklist has the names."
    size = count_of(len(steps.manual_actions), "action")
    return Table("actions", "Left to do in Admin Console", note, columns, rows, size=size)


def changes_text(counts: Mapping[str, int], *, planned: bool) -> str:
    """Return counts of changes as part of a sentence: ``2 to deactivate, 3 to create``."""
    parts = [
        f"{number(counts[name])} {f'to {verb}' if planned else count_name(name)}"
        for name, verb in OPERATIONS.items()
        if counts.get(name)
    ]
    return ", ".join(parts)


def _change_lines(row: Record) -> list[list[Cell]]:
    return [
        [*_row_cells(row), Cell(one_line(name)), Cell(before), Cell(after)]
        for name, before, after in changes_of(row, value_text)
    ]


def _values(row: Record) -> str:
    """Return the changes of a person in one line, without attributes that have their own columns."""
    # The title of the table already says that a created user is active.
    return ", ".join(
        f"{one_line(name)}: {before} \u2192 {after}" if before else f"{one_line(name)}: {after}"
        for name, before, after in changes_of(row, value_text)
        if before or (name not in _OWN_COLUMNS and (name, after) != ("active", "true"))
    )


def _row_cells(row: Record) -> list[Cell]:
    """Return the cells of a person and of the row in the list."""
    return [*person_cells(user_of(row)), Cell(number(row["row"]) if row.get("row") else "")]
