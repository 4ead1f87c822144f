# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Decides whether somebody is active, from all status columns of an export. Without a status, that is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._base.text import abbreviated
from .cell import CellError, as_text, whole_number
from .columns import Column, Columns
from .preset import BOOLEANS, Preset, Status
from .settings import FieldMapping


def statuses_of(preset: Preset, columns: Columns, mapping: FieldMapping) -> list[tuple[Column, Status]]:
    """Return the columns of an export that say whether somebody is active.

    :param mapping: The mapping of ``active``.
    """
    if mapping.columns is None:
        statuses = [
            status if status.disabling_bits else status._replace(words={**status.words, **mapping.words})
            for status in preset.statuses
        ]
    else:
        statuses = [_mapped(preset, name, columns, mapping) for name in mapping.columns]
    return [(column, status) for status in statuses for column in columns.find(*status.columns)]


def _mapped(preset: Preset, name: str, columns: Columns, mapping: FieldMapping) -> Status:
    """Return how to read the column in a mapping: as in the preset if the preset knows it, or else by its words."""
    named = {column.name for column in columns.find(name)}
    known = next(
        (status for status in preset.statuses if named & {found.name for found in columns.find(*status.columns)}), None
    )
    if known is not None:
        return Status((name,), {**known.words, **mapping.words}, 0 if mapping.words else known.disabling_bits)
    base = preset.statuses[0].words if preset.is_table or not preset.fields else BOOLEANS
    return Status((name,), {**BOOLEANS, **base, **mapping.words})


def is_active(
    record: Any, statuses: Sequence[tuple[Column, Status]], *, all_needed: bool
) -> tuple[bool | None, list[tuple[str, str]], str]:
    """Return whether somebody is active (None when not known), the problems, and the first value in lower case.

    :param all_needed: Whether all columns must say so.
    """
    answers: list[bool | None] = []
    faults: list[tuple[str, str]] = []
    first = ""
    for column, status in statuses:
        try:
            text = as_text(column.get(record))
            first = first or text.lower()
            answers.append(_meaning(text, status))
        except CellError as error:
            faults.append((column.name, str(error)))
    if False in answers:
        return False, faults, first
    known = True in answers and not (all_needed and (None in answers or len(answers) < 2))
    return (True if known else None), faults, first


def _meaning(text: str, status: Status) -> bool | None:
    """Return whether a cell means active or inactive; None when it means neither.

    :raises CellError: When its value is unknown.
    """
    if not text:
        return None
    if status.disabling_bits:
        number = whole_number(text)
        if number is None:
            raise CellError(f"{abbreviated(text)!r} is not a number")
        return not number & status.disabling_bits
    if text.lower() in status.words:
        return status.words[text.lower()]
    raise CellError(
        f"{abbreviated(text)!r} is unknown: does it mean active or inactive? Add it to the mapping of active, under "
        "true or false"
    )
