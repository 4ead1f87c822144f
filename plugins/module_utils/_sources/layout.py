# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Decides how to read an export, from the preset, the mapping and the columns of the export."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .._base.text import abbreviated
from .._errors import BadOptionError
from .._rows.cells import DATES, PHONE_COLUMNS
from .catalog import PRESETS
from .cell import as_text, read_phone, read_phones, read_state, read_text
from .columns import Column, Columns, column_key
from .dates import DateRules, read_date
from .row import Cell, Layout
from .settings import ATTRIBUTES, Settings
from .status import statuses_of


def layout_of(settings: Settings, columns: Columns, *, of_table: bool) -> Layout:
    """Return how to read an export.

    :param of_table: Whether a spreadsheet may have changed values.
    :raises BadOptionError: When a required column is missing, or a column is there twice.
    """
    cells = {}
    for attribute in ATTRIBUTES:
        found = _columns(settings, attribute, columns)
        if found and attribute != "active":
            readers = [(column, _reader(settings, attribute, column.name, of_table)) for column in found]
            cells[attribute] = Cell(readers, settings.mapping_of(attribute).clear)
    layout = Layout(
        settings,
        cells,
        statuses_of(settings.preset, columns, settings.mapping_of("active")),
        [(column, rule) for rule in settings.preset.exclusions for column in columns.find(*rule.columns)],
        [(_only(name, columns), values) for name, values in settings.only.items() if columns.getters],
    )
    _check(layout, columns)
    for name in settings.all_columns:
        same = columns.duplicates(name)
        if same:
            # The values of one column would be lost silently.
            raise BadOptionError(
                f"The export has the column {abbreviated(same[0])!r} more than once"
                f"{'' if len(set(same)) == 1 else f', also spelled {abbreviated(same[1])!r}'}. Rename or delete one of them."
            )
    return layout


def _reader(settings: Settings, attribute: str, column: str, of_table: bool) -> Callable[[Any], Any]:
    """Return the function that reads a cell of an attribute."""
    if attribute in DATES:
        forms = settings.mapping_of(attribute).forms or settings.forms
        ends = attribute == "ends"
        after_end = ends and column_key(column) in map(column_key, settings.preset.after_end)
        rules = DateRules(settings.zone, forms, ends, after_end)
        return lambda given: read_date(as_text(given), rules)
    if attribute in PHONE_COLUMNS:
        return functools.partial(read_phone, of_table)
    others = {"phone_numbers": read_phones, "state": read_state}
    return others.get(attribute, functools.partial(read_text, attribute))


def _columns(settings: Settings, attribute: str, columns: Columns) -> list[Column]:
    """Return the columns for an attribute.

    :raises BadOptionError: When the mapping names a column that is not there.
    """
    preset, names = settings.preset, settings.columns(attribute)
    if settings.mapping_of(attribute).columns is not None:
        absent = next((name for name in names if not columns.find(name)), None)
        if absent is not None and columns.getters:
            is_typo = columns.hint(absent).startswith("Did")
            if is_typo or attribute == "user_name" or preset.is_table or preset.whole_records:
                raise columns.missing(f"mapping of {attribute}", absent)
    elif attribute in preset.only_in_ours and "user_name" not in columns.getters:
        return []  # "State" can be part of an address, not the state of a row.
    elif attribute in preset.by_presence:
        names = [name for name in names if columns.find(name)][:1]
    return columns.find(*names)


def _only(name: str, columns: Columns) -> Column:
    found = columns.find(name)
    if not found:
        raise columns.missing("only", name)
    return found[0]


def _check(layout: Layout, columns: Columns) -> None:
    """Refuse an export in which no column identifies people.

    :raises BadOptionError: When there is no such column.
    """
    preset = layout.settings.preset
    if layout.cells.keys() & {"user_name", "user_id", "external_id"} or not columns.getters:
        return
    if not (preset.fields or layout.settings.mappings):
        raise BadOptionError(
            f"source {preset.name}: each customer has different column names, so it needs a mapping, such as "
            f"{{'user_name': COLUMN}}. {columns.hint('user_name')}"
        )
    wanted = preset.fields.get("user_name", ("user_name",))[0]
    others = [other.name for other in PRESETS.values() if columns.find(*other.fields.get("user_name", ())[:1])]
    hint = f" Or is the source {' or '.join(others)}?" if others else ""
    refusal = columns.missing(f"source {preset.name}: no column gives user_name; name it in mapping", wanted)
    raise BadOptionError(f"{refusal.message}{hint}")
