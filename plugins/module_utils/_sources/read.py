# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""An export of another system -> the rows of a roster: the stages of the filter ``roster_from``, in their order.

octets -> text -> table or records -> columns -> rows, and what all of them together say. Nothing here knows a network or a file.
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

#: How many rows a sentence names.
_MOST_ROWS = 5


class _Input(NamedTuple):
    """What was given, with each record and its number.

    :param columns: Its columns.
    :param records: The records with the number of each; a text in the place of a record says what is wrong with it.
    :param reasons: Why it cannot be everybody.
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
    """Return the roster that an export stands for, as the filter ``roster_from`` documents it.

    :param zone: The time zone, as an object.
    :raises BadOptionError: When the export cannot be read at all, or a setting cannot be right.
    """
    preset = PRESETS.get(str(source).strip())
    if preset is None:
        raise BadOptionError(f"source: {abbreviated(source)!r} is unknown. Known are {', '.join(PRESETS)}.")
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
    """Yield the rows of a table with their numbers, without those that are empty."""
    width = max((index for index, name in enumerate(header, start=1) if name), default=0)
    for number, row in enumerate(rows, start=first):
        if len(row) == len(header):
            if any(row) and any(not cell.isspace() for cell in row if cell):
                yield number, row
        elif any(cell.strip() for cell in row):
            if width <= len(row) and not any(cell.strip() for cell in row[len(header) :]):
                yield number, row
            else:
                yield number, f"has {counted(len(row), 'cell')}, and the header has {len(header)}"


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
    """Say whether None in a record is a cell that its row did not have.

    ``csv.DictReader`` (``community.general.read_csv``) fills short rows with None, and every other cell is a text.
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
    """What the rows came to.

    :param users: The rows of a roster, with the number of each.
    :param problems: Number, column and message.
    :param lost: The numbers of rows that may be people and are left out.
    :param words: What the first column of the status said.
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
    """Return the users of whom one row alone tells.

    Rows that say the same are one. Of rows that say something else about one login, or one id, none can be believed: a person
    who left and came back may be in an export twice, and one of the rows would switch the phone off.
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
                (number, attribute, f"{row[attribute]!r} is in row {first} too, and says the same. It is left out")
            )
        return {number for number, _row in others}
    numbers = [number for number, _row in rows]
    for number, row in rows:
        where = _listed([other for other in numbers if other != number])
        found.problems.append(
            (
                number,
                attribute,
                f"{abbreviated(row[attribute])!r} is in {where} too, and says something else. Each is left out",
            )
        )
    found.lost.extend(numbers)
    return set(numbers)


def _folded(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "user_name": login_key(row.get("user_name") or ""), "email": login_key(str(row.get("email") or ""))}


def _reasons(preset: Preset, layout: Layout, found: _Found, users: Sequence[Any]) -> list[str]:
    """Say why rows are not everybody."""
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
        reasons.append(f"{many} left out ({_listed(lost)}); problems tells why.")
    if not everything:
        reasons.append("No row names anybody.")
    return reasons


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number) for number in numbers[:_MOST_ROWS])
    more = f" and {len(numbers) - _MOST_ROWS} more" if len(numbers) > _MOST_ROWS else ""
    return f"row{'' if len(numbers) == 1 else 's'} {shown}{more}"
