# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Turns one record of an export into one row of a roster, or says everything that is wrong with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.names import login_key
from .._rows.cells import DATES, PHONE_COLUMNS, Fault
from .._rows.dates import Calendar, apply_dates
from .cell import CellError, as_list, as_text, whole_number
from .columns import Column
from .preset import Exclusion, Status
from .settings import Settings
from .status import is_active

#: Attributes whose problems are reported without leaving out the person.
_PHONES = frozenset((*PHONE_COLUMNS, "phone_numbers"))
_DISTANT_PAST = Calendar(dt.datetime.min.replace(tzinfo=dt.timezone.utc))


class Cell(NamedTuple):
    """Where the value of an attribute is.

    :param columns: The first one with a value is used; with the function that reads its cells, see :mod:`_sources.cell`.
    :param clear: Whether an empty cell clears the attribute.
    """

    columns: Sequence[tuple[Column, Callable[[Any], Any]]]
    clear: bool


class Layout(NamedTuple):
    """How to read the records of an export.

    :param cells: Attribute -> its columns.
    :param statuses: The columns that say whether somebody is active.
    :param exclusions: The columns with rules for rows that are not people of the company.
    :param only: Columns with the values of the rows to keep.
    """

    settings: Settings
    cells: Mapping[str, Cell]
    statuses: Sequence[tuple[Column, Status]]
    exclusions: Sequence[tuple[Column, Exclusion]]
    only: Sequence[tuple[Column, frozenset[str]]]

    @property
    def used(self) -> set[str]:
        """The names of the columns that are read."""
        columns = [column for cell in self.cells.values() for column, _read in cell.columns]
        columns += [column for column, _rule in (*self.statuses, *self.exclusions, *self.only)]
        return {column.name for column in columns}


class Outcome(NamedTuple):
    """The result of a record.

    :param row: The row; None when it is left out.
    :param faults: Column and message of each problem.
    :param may_be_person: Whether a row that is left out may be a person.
    :param word: The value of the first status column.
    """

    row: dict[str, Any] | None
    faults: Sequence[Fault] = ()
    may_be_person: bool = False
    word: str = ""


def read_record(record: Any, layout: Layout) -> Outcome:
    """Read one record, or a text that says why it is none."""
    if isinstance(record, str):
        return Outcome(None, [("row", f"{record}. It is left out")], may_be_person=True)
    for column, wanted in layout.only:
        excluded = _excluded_by_only(record, column, wanted)
        if excluded is not None:
            return excluded
    for column, exclusion in layout.exclusions:
        if _is_excluded(column.get(record), exclusion):
            return Outcome(None, [(column.name, f"{exclusion.why}, so the row is left out")])
    row: dict[str, Any] = {}
    faults: list[Fault] = []
    notes: list[Fault] = []
    for attribute, cell in layout.cells.items():
        faults_of_cell = notes if attribute in _PHONES else faults
        value = _read_cell(record, cell, layout.settings.preset.leave_alone, faults_of_cell)
        if value is not None:
            row[attribute] = value
    active, wrong, word = is_active(record, layout.statuses, all_needed=layout.settings.preset.all_statuses)
    faults += wrong
    if active is not None:
        row["active"] = active
    for attribute, value in layout.settings.defaults.items():
        if row.get(attribute) in (None, ""):
            row[attribute] = value
    faults += [*_missing(row, layout.cells, faults), *_contradictions(row)]
    if faults:
        return Outcome(None, [*faults, *notes], may_be_person=True, word=word)
    return Outcome(row, notes, word=word)


def _excluded_by_only(record: Any, column: Column, wanted: frozenset[str]) -> Outcome | None:
    """Return the result of a row that ``only`` leaves out; None for other rows.

    A row with an empty column may belong to either, so it is reported.
    """
    try:
        text = as_text(column.get(record))
    except CellError as error:
        return Outcome(None, [(column.name, str(error))], may_be_person=True)
    if login_key(text) in wanted:
        return None
    message = "is empty, so it is not known whether only includes this row. It is left out"
    return Outcome(None) if text else Outcome(None, [(column.name, message)], may_be_person=True)


def _is_excluded(value: Any, exclusion: Exclusion) -> bool:
    for entry in as_list(value):
        text = str(entry).strip().lower()
        if exclusion.bits & (whole_number(text) or 0) or (exclusion.pattern and re.search(exclusion.pattern, text)):
            return True
    return False


def _read_cell(record: Any, cell: Cell, leave_alone: str, faults: list[Fault]) -> Any:
    """Return the value of the first column that has one; None when the attribute is left alone or cannot be read.

    :param leave_alone: A value that means "do not change".
    """
    for column, read in cell.columns:
        given = column.get(record)
        if leave_alone and str(given).strip() == leave_alone:
            return None
        try:
            value = read(given)
        except CellError as error:
            faults.append((column.name, str(error)))
            return None
        if value:
            return value
    return "" if cell.clear else None


def _missing(row: Mapping[str, Any], cells: Mapping[str, Cell], faults: Sequence[Fault]) -> Iterator[Fault]:
    """Yield problems about missing values that identify a person, or that 8x8 needs to create one."""
    needed = [name for name in ("given_name", "family_name") if name in cells and not row.get(name)]
    if not (row.get("user_name") or row.get("user_id") or row.get("external_id")):
        needed.append("user_name")
    for attribute in needed:
        columns = [column.name for column, _read in cells[attribute].columns] if attribute in cells else [attribute]
        if not any(column in columns for column, _message in faults):
            why = "a login name is needed" if attribute == "user_name" else f"8x8 needs a {attribute.replace('_', ' ')}"
            yield columns[0], f"is empty, but {why}"


def _contradictions(row: dict[str, Any]) -> list[Fault]:
    if "starts" in row and "ends" in row:
        return list(apply_dates({name: row[name] for name in DATES}, _DISTANT_PAST).faults)
    if row.get("state") == "absent" and row.get("active"):
        return [("active", "says that the user is active, but state is absent")]
    return []
