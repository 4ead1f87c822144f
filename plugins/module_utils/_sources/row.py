# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Turns one record of an export into one row of a roster, or says everything that is wrong with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.names import login_key
from .._base.text import abbreviated
from .._errors import BadOptionError
from .._resource.values import check_identity, check_text, flaw_of
from .._rows.cells import DATES, PHONE_COLUMNS, phones_of
from .._rows.dates import Calendar, apply_dates
from .cell import CellError, control_fault, in_one_line, phone_fault, plain
from .columns import Column
from .dates import Reading, read_date
from .preset import Stranger
from .status import Judge, is_active

#: 8x8's Administration API accepts 3 to 70 of these characters (fact sheet section 3).
_LOGIN = re.compile(r"[A-Za-z0-9.@_/-]{3,70}")
_EMAIL = re.compile(r"[!-?A-Z^-~]+@[!-?A-Z^-~]+")
_IDENTIFIERS = frozenset(("user_name", "user_id", "external_id", "email"))
_NAMES = ("given_name", "family_name")
#: A problem in these is reported, but the person stays in the roster.
_LEFT_ALONE = frozenset((*PHONE_COLUMNS, "phone_numbers"))
#: Every attribute may have this length. Longer values are compared with the limit of their attribute.
_SHORT = 30
_LONGEST_EMAIL = 128
_FAR = Calendar(dt.datetime.min.replace(tzinfo=dt.timezone.utc))

Fault = tuple[str, str]


class Cell(NamedTuple):
    """An attribute and its columns.

    :param columns: The first one with a value is used.
    :param clear: Whether an empty cell clears the attribute.
    :param readings: How to read the dates of each column.
    """

    attribute: str
    columns: Sequence[Column]
    clear: bool = False
    readings: Sequence[Reading] = ()


class Test(NamedTuple):
    """A column with a rule for rows that are not people of the company."""

    column: Column
    stranger: Stranger


class Layout(NamedTuple):
    """How to read the records of an export.

    :param cells: The attributes with their columns.
    :param defaults: Attribute -> value for rows without one.
    :param judges: The columns that say whether somebody is active.
    :param all_judges: Whether all of them must say so.
    :param tests: The rules for rows that are not people of the company.
    :param only: Columns with the values of the rows to keep.
    :param of_table: Whether a spreadsheet may have changed values.
    :param leave_alone: A value that means "do not change".
    """

    cells: Sequence[Cell]
    defaults: Mapping[str, Any]
    judges: Sequence[Judge]
    all_judges: bool
    tests: Sequence[Test]
    only: Sequence[tuple[Column, frozenset[str]]]
    of_table: bool
    leave_alone: str


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


_SKIPPED = Outcome(None)


def read_record(record: Any, layout: Layout) -> Outcome:
    """Read one record."""
    if layout.only:
        skipped = _is_for_others(record, layout.only)
        if skipped is not None:
            return skipped
    for test in layout.tests:
        if _is_stranger(test.column.get(record), test.stranger):
            return Outcome(None, [(test.column.name, f"{test.stranger.why}, so the row is left out")])
    row: dict[str, Any] = {}
    faults: list[Fault] = []
    notes: list[Fault] = []
    for cell in layout.cells:
        _READERS.get(cell.attribute, _read_text)(
            record, cell, layout, row, notes if cell.attribute in _LEFT_ALONE else faults
        )
    active, wrong, word = is_active(record, layout.judges, all_needed=layout.all_judges)
    faults += wrong
    if active is not None:
        row["active"] = active
    for attribute, value in layout.defaults.items():
        if row.get(attribute) in (None, ""):
            row[attribute] = value
    faults += _missing(row, layout.cells, faults)
    faults += _contradictions(row)
    if faults:
        return Outcome(None, [*faults, *notes], may_be_person=True, word=word)
    return Outcome(row, notes, word=word)


def _is_for_others(record: Any, only: Sequence[tuple[Column, frozenset[str]]]) -> Outcome | None:
    """Return the result of a row that ``only`` leaves out; None for other rows.

    A row with an empty column may belong to either, so it is reported.
    """
    for column, wanted in only:
        try:
            text = plain(column.get(record))
        except CellError as error:
            return Outcome(None, [(column.name, str(error))], may_be_person=True)
        if login_key(text) in wanted:
            continue
        if not text:
            message = "is empty, so it is not known whether only includes this row. It is left out"
            return Outcome(None, [(column.name, message)], may_be_person=True)
        return _SKIPPED
    return None


def _is_stranger(value: Any, stranger: Stranger) -> bool:
    if value is None or value == "":
        return False
    for each in value if isinstance(value, (list, tuple)) else (value,):
        text = str(each).strip().lower()
        if text in stranger.equals or (stranger.contains and stranger.contains in text):
            return True
        if stranger.ends_with and text.endswith(stranger.ends_with):
            return True
        if stranger.bits and text.isdigit() and len(text) < 20 and int(text) & stranger.bits:
            return True
    return False


def _first(record: Any, cell: Cell, layout: Layout, faults: list[Fault]) -> tuple[str, int]:
    """Return the first value in the columns of an attribute and the index of its column; -1 for no value or a wrong one."""
    for index, column in enumerate(cell.columns):
        try:
            text = plain(column.get(record))
        except CellError as error:
            faults.append((column.name, str(error)))
            return "", -1
        if text == layout.leave_alone and text:
            return "", -1
        if text:
            return text, index
    return "", -1


def _read_text(record: Any, cell: Cell, layout: Layout, row: dict[str, Any], faults: list[Fault]) -> None:
    before = len(faults)
    text, index = _first(record, cell, layout, faults)
    if index < 0:
        if cell.clear and len(faults) == before and not _leaves_alone(record, cell, layout):
            row[cell.attribute] = ""
        return
    attribute = cell.attribute
    if attribute not in _IDENTIFIERS:
        text = in_one_line(text)
    message = _fault(attribute, text)
    if message:
        faults.append((cell.columns[index].name, message))
    else:
        row[attribute] = text


def _leaves_alone(record: Any, cell: Cell, layout: Layout) -> bool:
    return bool(layout.leave_alone) and any(column.get(record) == layout.leave_alone for column in cell.columns)


def _fault(attribute: str, text: str) -> str:
    """Return why a text cannot be the value of an attribute; empty when it can."""
    if attribute == "user_name":
        plainly = _LOGIN.fullmatch(text) is not None
    elif attribute == "email":
        plainly = len(text) <= _LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None
    else:
        plainly = len(text) <= _SHORT and text.isascii() and text.isprintable() and text[0] not in "[{"
    if plainly and attribute != "timezone":
        return ""
    if "\ufffd" in text:
        return (
            f"{abbreviated(text)!r} has lost a letter (U+FFFD), because the data was read with a wrong encoding before"
        )
    try:
        (check_identity if attribute in _IDENTIFIERS else check_text)(attribute, text)
    except BadOptionError as error:
        return error.message.rstrip(".")
    flaw = flaw_of(attribute, text) or (control_fault(text) if attribute not in _IDENTIFIERS else "")
    return flaw.rstrip(".") if flaw else _login_fault(text) if attribute == "user_name" else ""


def _login_fault(text: str) -> str:
    odd = next((char for char in text if not _LOGIN.fullmatch(char * 3)), None)
    if odd is not None:
        takes = "8x8 accepts letters without accents, digits, and . @ - _ / in a login name"
        return f"user_name {abbreviated(text)!r} has {odd!r}; {takes}"
    return f"user_name {abbreviated(text)!r} is too short: 8x8 requires at least 3 characters"


def _read_phone(record: Any, cell: Cell, layout: Layout, row: dict[str, Any], notes: list[Fault]) -> None:
    """Read a phone number. A wrong number is not changed at 8x8, but the person stays in the roster."""
    before = len(notes)
    text, index = _first(record, cell, layout, notes)
    if index < 0:
        if cell.clear and len(notes) == before and not _leaves_alone(record, cell, layout):
            row[cell.attribute] = ""
        return
    column = cell.columns[index]
    message = phone_fault(text, of_table=layout.of_table, given=column.get(record)) or _fault("phone_numbers", text)
    if message:
        notes.append((column.name, f"{message}. The number is not changed"))
    else:
        row[cell.attribute] = text


def _read_phones(record: Any, cell: Cell, layout: Layout, row: dict[str, Any], notes: list[Fault]) -> None:
    """Read all phone numbers of a person in the format of our own files. If they are wrong, they are not changed at 8x8."""
    for column in cell.columns:
        value = column.get(record)
        if value is None or value == "":
            continue
        if layout.leave_alone and value == layout.leave_alone:
            return
        numbers, message = phones_of(value)
        if message:
            notes.append((column.name, f"{message}. The numbers are not changed"))
        else:
            row[cell.attribute] = numbers
        return
    if cell.clear:
        row[cell.attribute] = []


def _read_date(record: Any, cell: Cell, layout: Layout, row: dict[str, Any], faults: list[Fault]) -> None:
    """Read a date. After a column that says "no date", the next column is read."""
    for column, reading in zip(cell.columns, cell.readings):
        try:
            text = plain(column.get(record))
            found = read_date(text, reading) if text and text != layout.leave_alone else ""
        except CellError as error:
            faults.append((column.name, str(error)))
            return
        if found:
            row[cell.attribute] = found
            return


def _read_state(record: Any, cell: Cell, layout: Layout, row: dict[str, Any], faults: list[Fault]) -> None:
    text, index = _first(record, cell, layout, faults)
    if index >= 0 and text.lower() in ("present", "absent"):
        row["state"] = text.lower()
    elif index >= 0:
        faults.append((cell.columns[index].name, f"must be present or absent, not {abbreviated(text)!r}"))


_READERS: Mapping[str, Callable[[Any, Cell, Layout, dict[str, Any], list[Fault]], None]] = {
    **dict.fromkeys(PHONE_COLUMNS, _read_phone),
    "phone_numbers": _read_phones,
    **dict.fromkeys(DATES, _read_date),
    "state": _read_state,
}


def _missing(row: Mapping[str, Any], cells: Sequence[Cell], faults: Sequence[Fault]) -> list[Fault]:
    """Return problems about missing values that identify a person, or that 8x8 needs to create one."""
    told = {column for column, _message in faults}
    missing: list[Fault] = []
    if not (row.get("user_name") or row.get("user_id") or row.get("external_id")):
        column = next((cell.columns[0].name for cell in cells if cell.attribute == "user_name"), "user_name")
        if column not in told:
            missing.append((column, "is empty, but a login name is needed"))
    nameless = [
        cell
        for cell in cells
        if cell.attribute in _NAMES and not row.get(cell.attribute) and not told & {each.name for each in cell.columns}
    ]
    missing += [
        (cell.columns[0].name, f"is empty, but 8x8 needs a {cell.attribute.replace('_', ' ')}") for cell in nameless
    ]
    return missing


def _contradictions(row: dict[str, Any]) -> list[Fault]:
    if "starts" in row and "ends" in row:
        return list(apply_dates({name: row[name] for name in DATES}, _FAR).faults)
    if row.get("state") == "absent" and row.get("active"):
        return [("active", "says that the user is active, but state is absent")]
    return []
