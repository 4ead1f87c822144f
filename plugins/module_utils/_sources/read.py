# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The filter ``roster_from``, stage by stage: an export of another system becomes the rows of a roster.

bytes -> text -> table or records -> columns -> rows -> result. It uses neither the network nor files.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.names import login_key
from .._base.text import abbreviated, counted
from .._errors import BadOptionError
from .catalog import PRESETS
from .columns import Columns, columns_of_records, columns_of_table
from .documents import parsed, records_of, unwrapped
from .gam import is_flattened, rebuilt
from .layout import layout_of
from .preset import Preset
from .row import Layout, Outcome, read_record
from .settings import Settings, read_settings
from .table import read_table
from .text import check_text, decoded, is_slurped, unpacked

#: The most row numbers in a sentence.
_MOST_ROWS = 5


class _Input(NamedTuple):
    """The records of the export.

    :param columns: Its columns.
    :param records: The number of each record, and the record, or a text that says what is wrong with it.
    :param reasons: Why these cannot be all people.
    :param of_table: Whether a spreadsheet may have changed values.
    """

    columns: Columns
    records: Iterable[tuple[int, Any]]
    reasons: tuple[str, ...]
    of_table: bool


def roster_from(
    export: Any,
    source: str,
    mapping: Any = None,
    defaults: Any = None,
    only: Any = None,
    zone: Any = None,
    date_format: Any = None,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> dict[str, Any]:
    """Return the result of the filter ``roster_from``. Its documentation has the parameters.

    :param zone: The time zone ``dates_timezone``.
    :raises BadOptionError: When the export cannot be read at all, or a parameter is wrong.
    """
    preset = PRESETS.get(str(source).strip())
    if preset is None:
        raise BadOptionError(f"source: {abbreviated(source)!r} is unknown. Use one of {', '.join(PRESETS)}.")
    settings = read_settings(mapping, defaults, only)
    given = _input(export, preset, settings, delimiter, encoding)
    layout, used = layout_of(preset, settings, given.columns, zone, date_format, of_table=given.of_table)
    found = _Found([], [], [], set())
    for number, record in given.records:
        if isinstance(record, str):
            outcome = Outcome(None, [("row", f"{record}. It is left out")], may_be_person=True)
        else:
            outcome = read_record(record, layout)
        _note(found, number, outcome)
    users = _without_repeated(found)
    reasons = [*given.reasons, *(why for name, why in preset.scopes if name in given.columns.getters)]
    reasons += _reasons(preset, layout, found, users)
    problems = [{"row": row, "column": column, "message": message} for row, column, message in sorted(found.problems)]
    return {
        "users": [row for _number, row in users],
        "used": [name for name in given.columns.getters if name in used],
        "ignored": [name for name in given.columns.getters if name not in used],
        "problems": problems,
        "partial": " ".join(reasons) or None,
    }


def _input(export: Any, preset: Preset, settings: Settings, delimiter: str | None, encoding: str | None) -> _Input:
    if is_slurped(export):
        export = unpacked(export)
    if isinstance(export, (bytes, bytearray)):
        export = decoded(bytes(export), encoding)
    if isinstance(export, Mapping) and "stdout" in export and "rc" in export:
        export = export["stdout"]  # a result of ansible.builtin.command
    if isinstance(export, str):
        text = check_text(export)
        if not text.lstrip().startswith(("[", "{")):
            return _table(text, preset, settings, delimiter)
        export = parsed(text)
    records = records_of(export, preset)
    return _records(records.found, preset, records.reasons, of_table=preset.is_table)


def _table(text: str, preset: Preset, settings: Settings, delimiter: str | None) -> _Input:
    if not text.strip():
        raise BadOptionError("The export is empty.")

    def recognized(header: Sequence[str]) -> int:
        return len(layout_of(preset, settings, columns_of_table(header), None, None, of_table=True, lenient=True)[1])

    table = read_table(text, delimiter, recognized)
    columns = columns_of_table(table.header)
    if preset.name == "google_api" and is_flattened(table.header):
        rows = ({name: cell for name, cell in zip(table.header, row) if name} for row in table.rows)
        return _records([rebuilt(row) for row in rows if any(row.values())], preset, (), of_table=True)
    return _Input(columns, _numbered(table.header, table.rows, table.first), (), of_table=True)


def _numbered(header: Sequence[str], rows: Iterator[list[str]], first: int) -> Iterator[tuple[int, Any]]:
    """Yield the numbers and rows of a table without empty rows."""
    width = max((index for index, name in enumerate(header, start=1) if name), default=0)
    for number, row in enumerate(rows, start=first):
        if len(row) == len(header):
            if any(row) and any(not cell.isspace() for cell in row if cell):
                yield number, row
        elif any(cell.strip() for cell in row):
            if width <= len(row) and not any(cell.strip() for cell in row[len(header) :]):
                yield number, row
            else:
                yield number, f"has {counted(len(row), 'cell')}, but the header has {len(header)}"


def _records(found: Sequence[Any], preset: Preset, reasons: tuple[str, ...], *, of_table: bool) -> _Input:
    if preset.unwrap:
        found = [unwrapped(record, preset.unwrap) for record in found]
    if preset.name == "google_api":
        found = [
            rebuilt(record) if isinstance(record, Mapping) and is_flattened([str(key) for key in record]) else record
            for record in found
        ]
    columns = columns_of_records(found)
    cut = preset.short_rows and _looks_cut(found)
    return _Input(columns, _checked(found, cut=cut), reasons, of_table)


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
    if not any(isinstance(record, Mapping) and None not in record.values() for record in found):
        return False
    for record in found:
        if isinstance(record, Mapping):
            values = list(record.values())
            rest = list(itertools.dropwhile(lambda value: value is not None, values))
            if any(value is not None for value in rest) or not all(
                isinstance(value, (str, list)) for value in values if value is not None
            ):
                return False
    return True


class _Found(NamedTuple):
    """The results of all records.

    :param users: The number and the row of each user.
    :param problems: Number, column and message.
    :param lost: The numbers of rows that may be people but are left out.
    :param words: The values of the first status column.
    """

    users: list[tuple[int, dict[str, Any]]]
    problems: list[tuple[int, str, str]]
    lost: list[int]
    words: set[str]


def _note(found: _Found, number: int, outcome: Outcome) -> None:
    if outcome.row is not None:
        found.users.append((number, outcome.row))
    elif outcome.may_be_person:
        found.lost.append(number)
    found.problems.extend((number, column, message) for column, message in outcome.faults)
    if outcome.word:
        found.words.add(outcome.word)


def _without_repeated(found: _Found) -> list[tuple[int, dict[str, Any]]]:
    """Return the users without repeated rows.

    Equal rows count once. Different rows with the same login name or id are all left out, because any of them may be wrong:
    a person who left and came back may be in an export twice, and one of the rows would deactivate this person.
    """
    dropped: set[int] = set()
    for attribute in ("user_name", "user_id", "external_id"):
        holders: dict[str, list[tuple[int, dict[str, Any]]]] = {}
        for number, row in found.users:
            value = row.get(attribute)
            if value and number not in dropped:
                holders.setdefault(login_key(value) if attribute == "user_name" else value, []).append((number, row))
        for rows in holders.values():
            if len(rows) > 1:
                dropped |= _repeated(found, attribute, rows)
    return [(number, row) for number, row in found.users if number not in dropped]


def _repeated(found: _Found, attribute: str, rows: Sequence[tuple[int, dict[str, Any]]]) -> set[int]:
    (first, kept), others = rows[0], rows[1:]
    if all(_folded(row) == _folded(kept) for _number, row in others):
        for number, row in others:
            found.problems.append(
                (
                    number,
                    attribute,
                    f"{row[attribute]!r} is also in row {first}, with the same values. This row is left out",
                )
            )
        return {number for number, _row in others}
    numbers = [number for number, _row in rows]
    for number, row in rows:
        where = _listed([other for other in numbers if other != number])
        found.problems.append(
            (
                number,
                attribute,
                f"{abbreviated(row[attribute])!r} is also in {where}, with different values. All of these rows are left out",
            )
        )
    found.lost.extend(numbers)
    return set(numbers)


def _folded(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "user_name": login_key(row.get("user_name") or ""), "email": login_key(str(row.get("email") or ""))}


def _reasons(preset: Preset, layout: Layout, found: _Found, users: Sequence[Any]) -> list[str]:
    """Return why the rows cannot be all people."""
    reasons = []
    everything = users or found.lost
    known = len(layout.judges) > 1 if preset.all_statuses else bool(layout.judges)
    if preset.expects_status and everything and not (known and found.words):
        reasons.append(preset.expects_status)
    word, why = preset.expects_word
    if word and found.words and word not in found.words:
        reasons.append(why)
    if found.lost:
        lost = sorted(set(found.lost))
        many = "1 row that may be a person is" if len(lost) == 1 else f"{len(lost)} rows that may be people are"
        reasons.append(f"{many} left out ({_listed(lost)}); problems says why.")
    if not everything:
        reasons.append("No row names a person.")
    return reasons


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:_MOST_ROWS])
    more = f" and {len(numbers) - _MOST_ROWS} more" if len(numbers) > _MOST_ROWS else ""
    return f"row{'' if len(numbers) == 1 else 's'} {shown}{more}"
