# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads all rows of a roster and reports all of their faults at once.

A roster with unknown keys, wrong types or duplicates is refused as a whole. If a user cannot be created, only that row fails,
later in the run.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .._base.csv_table import unescape_formula
from .._base.names import login_key, nfc
from .._base.text import abbreviated, place_of, type_of
from .._errors import BadOptionError, EightByEightError
from .._resource.user import User
from .._wanted import Wanted
from .cells import IDENTITY, PHONE_COLUMNS, Fault, read_cells
from .dates import Calendar, apply_dates, dates_as_text

#: The most problems in a message, and in a result. A roster of a million rows can have a million problems.
_MOST_SHOWN = 20
MOST_PROBLEMS = 1000
#: If so many rows have the same problem in a column, the message has it once.
_FEWEST_GROUPED = 3


@dataclass(frozen=True)
class Row:
    """One person of a roster.

    :param number: Its position, from 1.
    :param wanted: What the row asks for.
    :param given: The row as given, for the file of failed rows.
    :param waits: Whether the row has not begun. Until then, it creates, activates and deactivates nobody.
    :param ended: When it ended, according to its dates; None if it has not.
    """

    number: int
    wanted: Wanted
    given: Mapping[str, Any]
    waits: bool = False
    ended: dt.datetime | None = None

    def is_deferred(self, user: User | None) -> bool:
        """Say whether its change (to create, activate or deactivate) has to wait until the row begins.

        :param user: The user of the row; None when there is none yet.
        """
        if not self.waits:
            return False
        if self.wanted.absent:
            return user is not None and user.active
        return user is None or (bool(self.wanted.active) and not user.active)


class InvalidRow(NamedTuple):
    """A row that cannot be read.

    :param number: Its position, from 1.
    :param names: The columns that identify the person and can be read -> value.
    :param faults: The faults, each as column and message.
    :param duplicate_of: The numbers of earlier rows with the same value in one of these columns.
    """

    number: int
    names: Mapping[str, str]
    faults: Sequence[Fault]
    duplicate_of: Sequence[int] = ()

    @property
    def problems(self) -> list[dict[str, Any]]:
        """The faults as entries of ``problems`` in a result."""
        return [{"row": self.number, "column": column, "message": message} for column, message in self.faults]

    @property
    def is_only_duplicate(self) -> bool:
        """Whether its only fault is that an earlier row is about the same person."""
        return len(self.duplicate_of) == len(self.faults)


class RosterError(EightByEightError):
    """The roster cannot be read.

    :param invalid: The rows that cannot be read.
    :ivar problems: The faults, at most a thousand: ``row``, ``column`` and ``message`` of each.
    """

    kind = "bad_roster"

    def __init__(self, invalid: Sequence[InvalidRow]) -> None:
        alike = Counter(fault for row in invalid for fault in row.faults)
        messages = [
            (f"column {column} ({number} rows): {message}" if column != "row" else f"{number} rows: {message}", number)
            for (column, message), number in alike.items()
            if number >= _FEWEST_GROUPED
        ]
        messages += [
            (f"{place_of(row.number, fault[0])}: {fault[1]}", 1)
            for row in invalid
            for fault in row.faults
            if alike[fault] < _FEWEST_GROUPED
        ]
        shown = [text for text, _number in messages[:_MOST_SHOWN]]
        if more := sum(number for _text, number in messages[_MOST_SHOWN:]):
            shown.append(f"and {more} more")
        end = "" if shown[-1].endswith("?") else "."
        super().__init__(f"The roster cannot be used, and nothing was changed. {'; '.join(shown)}{end}")
        self.problems = [problem for row in invalid[:MOST_PROBLEMS] for problem in row.problems][:MOST_PROBLEMS]


class Roster(NamedTuple):
    """A roster as given.

    :param users: The rows.
    :param partial: Why the rows are not everybody; None if they may be.
    :param problems: What could not be read from the export: ``row``, ``column`` and ``message`` of each.
    """

    users: Sequence[Any]
    partial: str | None = None
    problems: Sequence[Mapping[str, Any]] = ()


def read_roster(users: Any) -> Roster:
    """Return the roster in the option ``users``: a list, a result of the filter roster_from, or one of them as JSON.

    :raises BadOptionError: When it is something else.
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
        found = [item for item in problems if isinstance(item, Mapping)] if isinstance(problems, (list, tuple)) else []
        roster = Roster(users["users"], str(partial) if partial else None, found)
    if not isinstance(roster.users, (list, tuple)):
        raise BadOptionError(
            f"users must be a list of dictionaries, not {type_of(roster.users)}. For nobody, give an empty list ([]). Nothing "
            "was changed."
        )
    return roster


def read_rows(users: Iterable[Any], calendar: Calendar) -> list[Row]:
    """Read a roster, and apply its dates.

    :raises RosterError: With all faults of all rows.
    """
    rows, invalid = scan_rows(users, calendar)
    if invalid:
        raise RosterError(invalid)
    return rows


def scan_rows(users: Iterable[Any], calendar: Calendar) -> tuple[list[Row], list[InvalidRow]]:
    """Read a roster, and apply its dates.

    :returns: The rows that can be read, and those that cannot.
    """
    rows: list[Row] = []
    invalid: list[InvalidRow] = []
    first: dict[tuple[str, str], int] = {}
    for number, given in enumerate(users, start=1):
        if isinstance(given, Mapping) and "reason" in given:
            given = {key: unescape_formula(value) for key, value in given.items()}
        given = dates_as_text(given)
        cells, faults = read_cells(given)
        judged = apply_dates(cells, calendar)
        options = judged.options
        faults += judged.faults
        try:
            wanted = _wanted(options)
        except BadOptionError:
            faults += _value_faults(options)
        names = {name: str(options[name]) for name in (*IDENTITY, "external_id") if options.get(name)}
        if not names and not faults:
            faults.append(("user_name", "is missing, and no other column identifies the person"))
        duplicate_of = []
        for column, value in names.items():
            before = first.setdefault((column, login_key(value) if column == "user_name" else nfc(value)), number)
            if before != number:
                faults.append((column, f"the same as in row {before} ({abbreviated(value)})"))
                duplicate_of.append(before)
        if faults:
            invalid.append(InvalidRow(number, names, faults, duplicate_of))
            continue
        rows.append(Row(number, wanted, given, judged.waits, judged.ended))
    return rows, invalid


def _value_faults(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the faults of all values. Each value is checked alone, because a check of all values stops at the first fault."""
    columns = {column: {column: value} for column, value in options.items() if column != "phones"}
    phones = options.get("phones", {})
    columns.update(
        {column: {"phones": {kind: phones[kind]}} for column, kind in PHONE_COLUMNS.items() if kind in phones}
    )
    faults = []
    for column, single in columns.items():
        try:
            _wanted(single)
        except BadOptionError as error:
            faults.append((column, error.message.rstrip(".")))
    return faults


def _wanted(options: Mapping[str, Any]) -> Wanted:
    """Return what a row asks for. Without ``active``, the user stays active or inactive.

    :raises BadOptionError: When a value is wrong.
    """
    phones: Mapping[str, str | None] = options.get("phones") or {}
    if not phones:
        return Wanted.from_options(options)
    numbers = [{"type": kind, "value": value} for kind, value in phones.items() if value]
    wanted = Wanted.from_options({**options, "phone_numbers": numbers})
    return wanted if wanted.absent else wanted._replace(phones=phones)
