# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The filter ``roster_from``, stage by stage: an export of another system becomes the rows of a roster.

bytes -> text -> table or records -> columns -> rows -> result. It uses neither the network nor files.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.names import login_key
from .._base.text import abbreviated, counted
from .._errors import BadOptionError
from .catalog import PRESETS
from .columns import Columns, column_key, columns_of_records, columns_of_table
from .documents import parse_json, records_of
from .gam import is_flattened, rebuilt
from .layout import layout_of
from .row import Layout, Outcome, read_record
from .settings import Settings, read_settings
from .table import read_table
from .text import check_text, decoded, unpacked

#: The most row numbers in a sentence.
_MOST_ROWS = 5


class _Input(NamedTuple):
    """The records of the export.

    :param columns: Its columns.
    :param records: The number of each record, and the record, or a text that says what is wrong with it.
    :param of_table: Whether a spreadsheet may have changed values.
    :param reasons: Why these cannot be all people.
    """

    columns: Columns
    records: Iterable[tuple[int, Any]]
    of_table: bool
    reasons: Sequence[str] = ()


def roster_from(
    export: Any,
    source: str,
    mapping: Any = None,
    defaults: Any = None,
    only: Any = None,
    dates_timezone: str | None = "UTC",
    date_format: Any = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> dict[str, Any]:
    """Return the result of the filter ``roster_from``. Its documentation has the parameters.

    :raises BadOptionError: When the export cannot be read at all, or a parameter is wrong.
    """
    preset = PRESETS.get(str(source).strip())
    if preset is None:
        raise BadOptionError(f"source: {abbreviated(source)!r} is unknown. Use one of {', '.join(PRESETS)}.")
    settings = read_settings(preset, mapping, defaults, only, dates_timezone, date_format)
    given = _input(export, settings, delimiter, encoding)
    layout = layout_of(settings, given.columns, of_table=given.of_table)
    found = _Results({}, [], set(), set())
    for number, record in given.records:
        _add(found, number, read_record(record, layout))
    _drop_repeated(found)
    names, used = given.columns.getters, layout.used
    reasons = [*given.reasons, *(why for name, why in preset.scopes if name in names), *_partial_reasons(layout, found)]
    return {
        "users": list(found.users.values()),
        "used": [name for name in names if name in used],
        "ignored": [name for name in names if name not in used],
        "problems": [
            {"row": row, "column": column, "message": message} for row, column, message in sorted(found.problems)
        ],
        "partial": " ".join(reasons) or None,
    }


def _input(export: Any, settings: Settings, delimiter: str | None, encoding: str | None) -> _Input:
    export = unpacked(export)
    if isinstance(export, (bytes, bytearray)):
        export = decoded(bytes(export), encoding)
    if isinstance(export, Mapping) and "stdout" in export and "rc" in export:
        export = export["stdout"]  # a result of ansible.builtin.command
    if isinstance(export, str):
        text = check_text(export)
        if not text.lstrip().startswith(("[", "{")):
            return _table(text, settings, delimiter)
        export = parse_json(text)
    preset = settings.preset
    records, reasons = records_of(export, preset)
    if preset.reshape is not None:
        records = [preset.reshape(record) if isinstance(record, Mapping) else record for record in records]
    cut = preset.short_rows and _looks_cut(records)
    return _Input(columns_of_records(records), _checked(records, cut=cut), preset.is_table, reasons)


def _table(text: str, settings: Settings, delimiter: str | None) -> _Input:
    known = set(map(column_key, settings.all_columns))
    table = read_table(text, delimiter, lambda header: len(known.intersection(map(column_key, header))))
    rows = _numbered(table.header, table.rows, table.first)
    if settings.preset.reshape is not rebuilt or not is_flattened(table.header):
        return _Input(columns_of_table(table.header), rows, of_table=True)
    users = [(number, row if isinstance(row, str) else rebuilt(dict(zip(table.header, row)))) for number, row in rows]
    return _Input(columns_of_records(user for _number, user in users), users, of_table=True)


def _numbered(header: Sequence[str], rows: Iterator[list[str]], first: int) -> Iterator[tuple[int, Any]]:
    """Yield the numbers and rows of a table without empty rows."""
    width = max((index for index, name in enumerate(header, start=1) if name), default=0)
    for number, row in enumerate(rows, start=first):
        if not "".join(row).strip():
            continue
        if width <= len(row) and not "".join(row[len(header) :]).strip():
            yield number, row
        else:
            yield number, f"has {counted(len(row), 'cell')}, but the header has {len(header)}"


def _checked(found: Sequence[Any], *, cut: bool) -> Iterator[tuple[int, Any]]:
    for number, record in enumerate(found, start=1):
        if not isinstance(record, Mapping):
            yield number, f"must be a dictionary, not {abbreviated(record)!r}"
        elif None in record:
            yield number, f"has more cells than the header: {abbreviated(record[None])}"
        elif cut and None in record.values():
            yield number, "has fewer cells than the header"
        elif any(value not in (None, "") for value in record.values()):
            yield number, record


def _looks_cut(found: Sequence[Any]) -> bool:
    """Return whether None in a record is a cell that its row did not have.

    ``csv.DictReader`` (``community.general.read_csv``) fills short rows with None, and all other cells are text.
    """
    rows = [list(record.values()) for record in found if isinstance(record, Mapping)]
    return any(None not in row for row in rows) and all(map(_is_filled_up, rows))


def _is_filled_up(row: list[Any]) -> bool:
    cells = [cell for cell in row if cell is not None]
    return row[: len(cells)] == cells and all(isinstance(cell, (str, list)) for cell in cells)


class _Results(NamedTuple):
    """The results of all records.

    :param users: The row of each user, by its number.
    :param problems: Number, column and message.
    :param left_out: The numbers of rows that may be people but are left out.
    :param words: The values of the first status column.
    """

    users: dict[int, dict[str, Any]]
    problems: list[tuple[int, str, str]]
    left_out: set[int]
    words: set[str]


def _add(found: _Results, number: int, outcome: Outcome) -> None:
    if outcome.row is not None:
        found.users[number] = outcome.row
    elif outcome.may_be_person:
        found.left_out.add(number)
    found.problems.extend((number, column, message) for column, message in outcome.faults)
    if outcome.word:
        found.words.add(outcome.word)


def _drop_repeated(found: _Results) -> None:
    """Leave out repeated rows.

    Equal rows count once. Different rows with the same login name or id are all left out, because any of them may be wrong:
    a person who left and came back may be in an export twice, and one of the rows would deactivate this person.
    """
    for attribute in ("user_name", "user_id", "external_id"):
        holders: dict[str, list[int]] = {}
        for number, row in found.users.items():
            if value := row.get(attribute):
                holders.setdefault(login_key(value) if attribute == "user_name" else value, []).append(number)
        for numbers in holders.values():
            if len(numbers) > 1:
                _drop(found, attribute, numbers)


def _drop(found: _Results, attribute: str, numbers: Sequence[int]) -> None:
    """Leave out rows that are about one person."""
    kept = _comparable(found.users[numbers[0]])
    if all(_comparable(found.users[number]) == kept for number in numbers):
        dropped = numbers[1:]
        where = f"also in {_listed(numbers[:1])}, with the same values. This row is left out"
    else:
        dropped = numbers
        where = f"in {_listed(numbers)}, with different values. All of these rows are left out"
        found.left_out.update(numbers)
    for number in dropped:
        row = found.users.pop(number)
        found.problems.append((number, attribute, f"{abbreviated(row[attribute])!r} is {where}"))


def _comparable(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "user_name": login_key(row.get("user_name") or ""), "email": login_key(str(row.get("email") or ""))}


def _partial_reasons(layout: Layout, found: _Results) -> Iterator[str]:
    """Yield why the rows cannot be all people."""
    preset = layout.settings.preset
    needed = 2 if preset.all_statuses else 1
    is_known = len(layout.statuses) >= needed and found.words
    if preset.expects_status and (found.users or found.left_out) and not is_known:
        yield preset.expects_status
    word, why = preset.expects_word
    if word and found.words and word not in found.words:
        yield why
    if found.left_out:
        many = (
            "1 row that may be a person is"
            if len(found.left_out) == 1
            else f"{len(found.left_out)} rows that may be people are"
        )
        yield f"{many} left out ({_listed(sorted(found.left_out))}); problems says why."
    elif not found.users:
        yield "No row names a person."


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:_MOST_ROWS])
    more = f" and {len(numbers) - _MOST_ROWS} more" if len(numbers) > _MOST_ROWS else ""
    return f"row{'' if len(numbers) == 1 else 's'} {shown}{more}"
