# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The tables of the pages of a plan and of a run: who gets access again and who loses it first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from .._base.console import OTHER_WRITERS
from .lines import OPERATIONS, Record, in_common, who
from .page import Cell, Column, Table, cell, counted_up, number, person
from .steps import RosterSteps
from .text import one_line, reason_of, role_words
from .users import Users, user_of

_PEOPLE = (Column("Person"), Column("Site", filter="site"), Column("Department", filter="department"))
_NO_SITE = "(none)"
#: What the table of people who are created shows in columns of its own, and what every one of them is.
_OWN_COLUMNS = ("user_name", "given_name", "family_name", "site", "department", "active")
_MOST_NAMES = 3

#: Operation -> its heading in a plan, in a result, what it means, and its tone.
KINDS: Mapping[str, tuple[str, str, str, str]] = MappingProxyType(
    {
        "activated": ("Reactivate", "Reactivated", "These people get access again.", "warn"),
        "deactivated": ("Deactivate", "Deactivated", "These people lose access.", "bad"),
        "created": ("Create", "Created", "These people get an account.", "good"),
        "updated": ("Update", "Updated", "These people get other values.", "change"),
    }
)
#: Status -> the heading, what it means, its tone, and whether its rows show on request only.
OTHERS: Mapping[str, tuple[str, str, str, bool]] = MappingProxyType(
    {
        "failed": ("Failed", "The changes of these people failed. Correct the rows, and run again.", "bad", False),
        "refused": (
            "Refused",
            "These people were refused and not changed. Correct the rows, and run again.",
            "bad",
            False,
        ),
        "skipped": ("Not tried", "These people were not reached before the run ended.", "warn", False),
        "protected": ("Protected", "These people are left alone, because roster_protected names them.", "quiet", True),
        "waiting": ("Waiting", "These people start or leave later.", "quiet", True),
        "unlisted": ("Not in the roster", "These people are active and in no row.", "warn", True),
    }
)


def change_tables(rows: Sequence[Record], *, planned: bool) -> list[Table]:
    """Return a table for each kind of change, with before and after of each attribute.

    :param planned: Whether the changes are to come.
    """
    tables = []
    for operation, (plan, done, note, tone) in KINDS.items():
        own = [row for row in rows if row.get("operation") == operation]
        title = plan if planned else done
        columns = [*_PEOPLE, Column("Row", "number")]
        if operation == "updated":
            columns += [Column("Attribute"), Column("Before"), Column("After")]
            shown = [line for row in own for line in _changes(row)]
        else:
            columns += [Column("Values")]
            shown = [[*_who(row), _row(row), Cell(_values(row))] for row in own]
        tables.append(
            Table(operation, title, note, columns, shown, tone=tone, size=counted_up(len(own), "person", "people"))
        )
    return [table for table in tables if table.rows]


def other_tables(results: Iterable[Record], statuses: Sequence[str]) -> list[Table]:
    """Return a table for each status of people who are not changed."""
    rows = list(results)
    tables = []
    for status in statuses:
        title, note, tone, folded = OTHERS[status]
        own = [row for row in rows if row.get("status") == status]
        shown = [[*_who(row), _row(row), Cell(one_line(role_words(reason_of(row))))] for row in own]
        columns = [*_PEOPLE, Column("Row", "number"), Column("Why")]
        tables.append(Table(status, title, note, columns, shown, tone=tone, folded=folded))
    return [table for table in tables if table.rows]


def cause_table(failed: Sequence[Record]) -> Table:
    """Return why people failed, each cause once, the most frequent first."""
    groups: dict[str, list[Record]] = {}
    for row in failed:
        groups.setdefault(in_common(who(row), one_line(reason_of(row))), []).append(row)
    rows = []
    for own in sorted(groups.values(), key=len, reverse=True):
        error = own[0].get("error")
        kind = error.get("kind") if isinstance(error, Mapping) else ""
        names = ", ".join(who(row) for row in own[:_MOST_NAMES])
        more = f" and {len(own) - _MOST_NAMES} more" if len(own) > _MOST_NAMES else ""
        reason = one_line(role_words(reason_of(own[0]))) or "no reason was given"
        rows.append(
            [
                Cell(one_line(kind).replace("_", " ") or "unknown"),
                Cell(number(len(own))),
                Cell(reason),
                Cell(names + more),
            ]
        )
    columns = [Column("Cause"), Column("People", "number"), Column("What happened"), Column("Who")]
    note = "People who failed or were refused in the same way are one line, with the message of the first of them."
    return Table("causes", "Failures by cause", note, columns, rows, tone="bad", size=counted_up(len(rows), "cause"))


def site_table(rows: Sequence[Record], *, planned: bool) -> Table:
    """Return how many people of each site are changed in which way."""
    groups: dict[str, Counter[str]] = {}
    for row in rows:
        groups.setdefault(one_line(user_of(row).get("site")), Counter())[str(row.get("operation"))] += 1
    total: Counter[str] = Counter()
    for group in groups.values():
        total += group
    kinds = [operation for operation in KINDS if total[operation]]
    titles = [KINDS[operation][0 if planned else 1] for operation in kinds]
    shown = [
        [
            Cell(site or _NO_SITE, href="people" if site else "", pick=("site", site) if site else None),
            *(
                Cell(number(group[operation]) if group[operation] else "", tone=KINDS[operation][3])
                for operation in kinds
            ),
            Cell(number(sum(group.values()))),
        ]
        for site, group in sorted(groups.items(), key=lambda item: (-sum(item[1].values()), item[0].lower()))
    ]
    columns = [Column("Site"), *(Column(title, "number") for title in titles), Column("All", "number")]
    told = f"{counted_up(len(groups), 'site')}, {counted_up(sum(total.values()), 'change')}"
    note = "Changes by kind and site. A click on a site shows its people in all tables below."
    return Table("sites", "By site", note, columns, shown, size=told)


def elsewhere_table(names: Sequence[str], results: Iterable[Record]) -> Table:
    """Return who was changed by somebody else.

    :param results: Where their names and places may be found.
    """
    users = Users.among(results)
    rows = [_who({"user": {"user_name": name, **users.of({"user_name": name})}}) for name in names]
    return Table("elsewhere", "Changed outside of this run", OTHER_WRITERS, _PEOPLE, rows, tone="warn")


def left_out_table(problems: Sequence[Record]) -> Table:
    """Return what an export had that is not in the roster, by its own rows and columns."""
    rows = [[Cell(one_line(problem.get(name))) for name in ("row", "column", "message")] for problem in problems]
    columns = [Column("Row", "number"), Column("Column"), Column("Why")]
    note = "These rows of the export, or values in them, were not read. Correct the export, or check that nobody is missing."
    return Table("left_out", "Not read in the export", note, columns, rows, tone="warn")


def actions_table(steps: RosterSteps) -> Table:
    """Return how many people each manual action is for."""
    counts = Counter(one_line(action.get("action")).replace("_", " ") for action in steps.manual_actions)
    reasons = {
        one_line(action.get("action")).replace("_", " "): action.get("reason") for action in steps.manual_actions
    }
    rows = [[Cell(kind), Cell(number(count)), Cell(one_line(reasons[kind]))] for kind, count in counts.most_common()]
    columns = [Column("Action"), Column("People", "number"), Column("Why")]
    note = "What SCIM cannot do. The checklist has the people."
    return Table(
        "actions", "Left to do in Admin Console", note, columns, rows, size=counted_up(sum(counts.values()), "action")
    )


def in_words(counts: Mapping[str, int], *, planned: bool) -> str:
    """Return counts of changes as part of a sentence: ``2 to deactivate, 3 to create``."""
    told = [
        f"{number(counts[operation])} {f'to {OPERATIONS[operation]}' if planned else KINDS[operation][1].lower()}"
        for operation in KINDS
        if counts.get(operation)
    ]
    return ", ".join(told)


def _changes(row: Record) -> list[list[Cell]]:
    changes = row.get("changes") or {}
    before, after = changes.get("before"), changes.get("after") or {}
    return [
        [*_who(row), _row(row), Cell(one_line(name)), cell(before.get(name)) if before else Cell(""), cell(value)]
        for name, value in after.items()
    ]


def _values(row: Record) -> str:
    """Return what changes of somebody, besides what stands in columns of its own: a line for each person."""
    changes = row.get("changes") or {}
    before, after = changes.get("before"), changes.get("after") or {}
    names = [name for name in after if before or name not in _OWN_COLUMNS]
    was = {name: f"{cell(before.get(name)).text} \u2192 " if before else "" for name in names}
    return ", ".join(f"{one_line(name)}: {was[name]}{cell(after[name]).text}" for name in names)


def _who(row: Record) -> list[Cell]:
    user = user_of(row)
    return [person(user), Cell(one_line(user.get("site"))), Cell(one_line(user.get("department")))]


def _row(row: Record) -> Cell:
    return Cell(number(row["row"]) if row.get("row") else "")
