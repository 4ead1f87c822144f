# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Decides how to read an export, from the preset, the mapping and the columns of the export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .._base.text import abbreviated
from .._errors import BadOptionError
from .._rows.cells import DATES
from .catalog import PRESETS
from .columns import Column, Columns, column_key
from .dates import Reading, read_form
from .preset import Preset
from .row import Cell, Layout, Test
from .settings import ATTRIBUTES, Settings, Wish
from .status import judges


def layout_of(
    preset: Preset,
    settings: Settings,
    columns: Columns,
    zone: Any,
    date_format: Any,
    *,
    of_table: bool,
    lenient: bool = False,
) -> tuple[Layout, set[str]]:
    """Return how to read an export, and the names of the columns that are used.

    :param zone: The time zone of the roster.
    :param date_format: The format of dates in columns without their own format.
    :param lenient: Accept missing columns, to find out whether a line is the header.
    :raises BadOptionError: When a required column is missing, or a column is there twice.
    """
    forms = {column_key(name): read_form(form, name) for name, form in preset.date_forms.items()}
    general = read_form(date_format, "date_format")
    cells = []
    for attribute in ATTRIBUTES:
        wish = settings.wishes.get(attribute)
        found = [] if attribute == "active" else _columns(preset, attribute, wish, columns, lenient=lenient)
        if found and attribute in DATES:
            own = wish.form if wish else ()
            readings = [
                Reading(zone, _form(own, forms.get(column_key(each.name), ()), general), attribute == "ends")
                for each in found
            ]
            cells.append(Cell(attribute, found, readings=readings))
        elif found:
            cells.append(Cell(attribute, found, clear=bool(wish and wish.clear)))
    wish = settings.wishes.get("active")
    if wish is not None and wish.columns:
        _columns(preset, "active", wish, columns, lenient=lenient)
    status = judges(preset, columns, wish)
    tests = [Test(each, stranger) for stranger in preset.strangers for each in columns.find(*stranger.columns)]
    only = [(each, values) for name, values in settings.only.items() for each in _only(name, columns, lenient=lenient)]
    used = {each.name for cell in cells for each in cell.columns} | {each.column.name for each in status}
    used |= {each.column.name for each in tests} | {each.name for each, _values in only}
    layout = Layout(cells, settings.defaults, status, preset.all_statuses, tests, only, of_table, preset.leave_alone)
    if not lenient:
        _check(preset, settings, layout, columns)
        for attribute in ATTRIBUTES:
            _check_twice(_names(preset, attribute, settings.wishes.get(attribute)), columns)
        _check_twice((name for each in preset.statuses for name in each.columns), columns)
    return layout, used


def _form(own: tuple[str, ...], known: tuple[str, ...], general: tuple[str, ...]) -> tuple[str, ...]:
    """Return the format of the dates of a column. FILETIME_END and END of the preset apply to every date format."""
    marks = tuple(form for form in known if not form.startswith("%"))
    return (*marks, *(own or tuple(form for form in known if form.startswith("%")) or general))


def _check_twice(names: Iterable[str], columns: Columns) -> None:
    """Refuse a table that has a used column twice: the values of one column would be lost silently.

    :param names: The names of the columns that are used.
    :raises BadOptionError: Names the columns.
    """
    for name in names:
        twice = columns.twice(name)
        if twice:
            raise BadOptionError(
                f"The export has the column {abbreviated(twice[0])!r} more than once"
                f"{'' if len(set(twice)) == 1 else f', also spelled {abbreviated(twice[1])!r}'}. Rename or delete one of them."
            )


def _names(preset: Preset, attribute: str, wish: Wish | None) -> Sequence[str]:
    """Return the names of the columns for an attribute."""
    return preset.fields.get(attribute, ()) if wish is None or wish.columns is None else wish.columns


def _columns(preset: Preset, attribute: str, wish: Wish | None, columns: Columns, *, lenient: bool) -> list[Column]:
    """Return the columns for an attribute without duplicates."""
    names = _names(preset, attribute, wish)
    if wish is None and attribute in preset.only_in_ours and not preset.is_ours(columns.getters):
        return []  # "State" can be part of an address, not the state of a row.
    if wish is not None and wish.columns is not None:
        absent = next((name for name in names if not columns.find(name)), None)
        if absent is not None and columns.getters and not lenient:
            tolerated = preset.sparse and attribute != "user_name" and not columns.hint(absent).startswith("Did")
            if not tolerated:
                raise columns.missing(f"mapping of {attribute}", absent)
    elif attribute in preset.by_presence:
        names = [name for name in names if columns.find(name)][:1]
    return columns.find(*names)


def _only(name: str, columns: Columns, *, lenient: bool) -> list[Column]:
    found = columns.find(name)
    if not found and not lenient and columns.getters:
        raise columns.missing("only", name)
    return found[:1]


def _check(preset: Preset, settings: Settings, layout: Layout, columns: Columns) -> None:
    """Refuse an export in which no column identifies people.

    :raises BadOptionError: When there is no such column.
    """
    attributes = {cell.attribute for cell in layout.cells}
    if attributes & {"user_name", "user_id", "external_id"} or not columns.getters:
        return
    if preset.needs_mapping and not settings.wishes:
        raise BadOptionError(
            f"source {preset.name}: each customer has different column names, so it needs a mapping, such as "
            "{'user_name': COLUMN}. " + columns.hint("user_name")
        )
    wanted = (preset.fields.get("user_name") or ("user_name",))[0]
    others = [
        other.name
        for other in PRESETS.values()
        if any(columns.find(name) for name in other.fields.get("user_name", ())[:1])
    ]
    hint = f" Or is the source {' or '.join(others)}?" if others else ""
    refusal = columns.missing(f"source {preset.name}: no column gives user_name; name it in mapping", wanted)
    raise BadOptionError(f"{refusal.message}{hint}")
