# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The rows of a roster: read all of them, and say everything that is wrong with them at once.

A roster that cannot be read, with unknown keys, wrong types or duplicates, is refused whole. A person who cannot be made is
that row's trouble alone, and found out later.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .._base.csv_table import without_guard
from .._base.names import composed, login_key
from .._base.text import abbreviated, place_of, type_of
from .._errors import BadOptionError, EightByEightError
from .._resource.user import User
from .._wanted import Wanted
from .cells import IDENTITY, PHONE_COLUMNS, Fault, read_cells
from .dates import Calendar, apply_dates, as_written

#: How many problems a message tells, and how many a result: a roster of a million rows can have a million.
_MOST_TOLD = 20
MOST_PROBLEMS = 1000
#: With this many rows or more, the same problem of a column is told once.
_A_COLUMN = 3


@dataclass(frozen=True)
class Row:
    """One person of a roster.

    :param number: Its position, from 1.
    :param wanted: What is asked for.
    :param given: The row as it came, to hand it back when it failed.
    :param waits: Whether its time has not come: nobody is created or activated then, and nobody leaves.
    :param ended: Since when it is over, where its dates say so.
    """

    number: int
    wanted: Wanted
    given: Mapping[str, Any]
    waits: bool = False
    ended: dt.datetime | None = None

    def is_deferred(self, user: User | None) -> bool:
        """Say whether it waits for its time with what it asks for: to create, to activate, or to deactivate who leaves.

        :param user: Whom it means; None where there is nobody yet.
        """
        if not self.waits:
            return False
        if self.wanted.absent:
            return user is not None and user.active
        return user is None or (bool(self.wanted.active) and not user.active)


class WrongRow(NamedTuple):
    """A row that cannot be read.

    :param number: Its position, from 1.
    :param named: What it says of whom it is about, as far as that can be read.
    :param faults: What is wrong with it, as column and message.
    :param repeats: The numbers of rows before it that name the same person by the same column.
    """

    number: int
    named: Mapping[str, str]
    faults: Sequence[Fault]
    repeats: Sequence[int] = ()

    @property
    def problems(self) -> list[dict[str, Any]]:
        """What is wrong with it, as results tell it."""
        return [{"row": self.number, "column": column, "message": message} for column, message in self.faults]

    @property
    def is_only_repeated(self) -> bool:
        """Whether nothing else is wrong with it than that a row before it is about the same person."""
        return len(self.repeats) == len(self.faults)


class RosterError(EightByEightError):
    """The roster cannot be read.

    :param wrong: The rows that are to blame.
    :ivar problems: Everything that is wrong, or the first thousand: ``row``, ``column`` and ``message`` of each.
    """

    kind = "bad_roster"

    def __init__(self, wrong: Sequence[WrongRow]) -> None:
        alike = Counter(fault for row in wrong for fault in row.faults)
        told = [
            (f"column {column} ({number} rows): {message}" if column != "row" else f"{number} rows: {message}", number)
            for (column, message), number in alike.items()
            if number >= _A_COLUMN
        ]
        told += [
            (f"{place_of(row.number, fault[0])}: {fault[1]}", 1)
            for row in wrong
            for fault in row.faults
            if alike[fault] < _A_COLUMN
        ]
        shown = [text for text, _number in told[:_MOST_TOLD]]
        if more := sum(number for _text, number in told[_MOST_TOLD:]):
            shown.append(f"and {more} more")
        end = "" if shown[-1].endswith("?") else "."
        super().__init__(f"The roster cannot be used, and nothing was changed. {'; '.join(shown)}{end}")
        self.problems = [problem for row in wrong[:MOST_PROBLEMS] for problem in row.problems][:MOST_PROBLEMS]


class Roster(NamedTuple):
    """A roster as it was given.

    :param users: The rows.
    :param partial: Why they cannot be everybody; None where nothing says so.
    :param problems: What could not be read of the export that they come from: ``row``, ``column`` and ``message`` of each.
    """

    users: Sequence[Any]
    partial: str | None = None
    problems: Sequence[Mapping[str, Any]] = ()


def read_roster(users: Any) -> Roster:
    """Return the roster that the option ``users`` stands for: a list, a result of the filter roster_from, or one of them as JSON.

    :raises BadOptionError: When it is none.
    """
    if isinstance(users, str):
        try:
            users = json.loads(users)
        except (ValueError, RecursionError):
            raise BadOptionError(
                "users is text, and not the JSON text of a list. Give a list of dictionaries, such as the result of "
                "community.general.read_csv, or the filter from_json, from_yaml or roster_from of the text."
            ) from None
    roster = Roster(users)
    if isinstance(users, Mapping) and "users" in users:
        partial, problems = users.get("partial"), users.get("problems")
        told = [each for each in problems if isinstance(each, Mapping)] if isinstance(problems, (list, tuple)) else []
        roster = Roster(users["users"], str(partial) if partial else None, told)
    if not isinstance(roster.users, (list, tuple)):
        raise BadOptionError(
            f"users must be a list of dictionaries, not {type_of(roster.users)}. For nobody, give an empty list ([]). Nothing "
            "was changed."
        )
    return roster


def read_rows(users: Iterable[Any], calendar: Calendar) -> list[Row]:
    """Read a roster, and apply its dates.

    :raises RosterError: With every problem of every row.
    """
    rows, wrong = scan_rows(users, calendar)
    if wrong:
        raise RosterError(wrong)
    return rows


def scan_rows(users: Iterable[Any], calendar: Calendar) -> tuple[list[Row], list[WrongRow]]:
    """Read a roster, and apply its dates.

    :returns: The rows that can be read, and those that cannot.
    """
    rows: list[Row] = []
    wrong: list[WrongRow] = []
    first: dict[tuple[str, str], int] = {}
    for number, given in enumerate(users, start=1):
        if isinstance(given, Mapping) and "reason" in given:
            given = {key: without_guard(value) for key, value in given.items()}
        given = as_written(given)
        cells, faults = read_cells(given)
        judged = apply_dates(cells, calendar)
        options = judged.options
        faults += judged.faults
        try:
            wanted = _wanted(options)
        except BadOptionError:
            faults += _all_faults(options)
        named = {name: str(options[name]) for name in (*IDENTITY, "external_id") if options.get(name)}
        if not named and not faults:
            faults.append(("user_name", "is missing, and without it nobody is named"))
        repeats = []
        for column, value in named.items():
            before = first.setdefault((column, login_key(value) if column == "user_name" else composed(value)), number)
            if before != number:
                faults.append((column, f"the same as in row {before} ({abbreviated(value)})"))
                repeats.append(before)
        if faults:
            wrong.append(WrongRow(number, named, faults, repeats))
            continue
        rows.append(Row(number, wanted, given, judged.waits, judged.ended))
    return rows, wrong


def _all_faults(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Ask for each value alone, because all of them together fail at the first."""
    columns = {column: {column: value} for column, value in options.items() if column != "phones"}
    phones = options.get("phones", {})
    columns.update(
        {column: {"phones": {kind: phones[kind]}} for column, kind in PHONE_COLUMNS.items() if kind in phones}
    )
    faults = []
    for column, alone in columns.items():
        try:
            _wanted(alone)
        except BadOptionError as error:
            faults.append((column, error.message.rstrip(".")))
    return faults


def _wanted(options: Mapping[str, Any]) -> Wanted:
    """Return what a row asks for. What it does not say of ``active`` stays as it is.

    :raises BadOptionError: When a value cannot be right.
    """
    phones: Mapping[str, str | None] = options.get("phones") or {}
    if not phones:
        return Wanted.from_options(options)
    numbers = [{"type": kind, "value": value} for kind, value in phones.items() if value]
    wanted = Wanted.from_options({**options, "phone_numbers": numbers})
    return wanted if wanted.absent else wanted._replace(phones=phones)
