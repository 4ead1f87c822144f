# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Decides whether somebody is active, from all status columns of an export. Without a status, that is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._base.text import abbreviated
from .cell import CellError, plain
from .columns import Column, Columns
from .preset import BOOLEANS, Preset, Status
from .settings import Wish


class Judge(NamedTuple):
    """One status column and how to read it.

    :param words: Value in lower case -> active; None for a value that says nothing.
    :param bits: If the value is a number: each of these bits disables the account.
    """

    column: Column
    words: Mapping[str, bool | None]
    bits: int


def judges(preset: Preset, columns: Columns, wish: Wish | None) -> list[Judge]:
    """Return the columns of an export that say whether somebody is active.

    :param wish: The mapping of ``active``.
    """
    if wish is None:
        statuses: Sequence[Status] = preset.statuses
    elif wish.columns is None:
        statuses = [
            each._replace(words={**each.words, **wish.words}) if not each.disabling_bits else each
            for each in preset.statuses
        ]
    else:
        statuses = [_mapped(preset, name, columns, wish) for name in wish.columns]
    return [
        Judge(column, status.words, status.disabling_bits)
        for status in statuses
        for column in columns.find(*status.columns)
    ]


def _mapped(preset: Preset, name: str, columns: Columns, wish: Wish) -> Status:
    """Return how to read the column in a mapping: as in the preset if the preset knows it, or else by its words."""
    named = {column.name for column in columns.find(name)}
    known = next(
        (each for each in preset.statuses if named & {found.name for found in columns.find(*each.columns)}), None
    )
    if known is not None:
        return Status((name,), {**known.words, **wish.words}, 0 if wish.words else known.disabling_bits)
    base = preset.statuses[0].words if preset.statuses and (preset.needs_mapping or preset.is_table) else BOOLEANS
    return Status((name,), {**BOOLEANS, **base, **wish.words})


def is_active(
    record: Any, judges: Sequence[Judge], *, all_needed: bool
) -> tuple[bool | None, list[tuple[str, str]], str]:
    """Return whether somebody is active (None when not known), the problems, and the first value in lower case.

    :param all_needed: Whether all columns must say so.
    """
    said: list[bool | None] = []
    faults: list[tuple[str, str]] = []
    first = ""
    for column, words, bits in judges:
        try:
            text = plain(column.get(record))
        except CellError as error:
            faults.append((column.name, str(error)))
            continue
        word = text.lower()
        first = first or word
        if not word:
            said.append(None)
        elif bits:
            if word.isdigit() and len(word) < 20:
                said.append(not int(word) & bits)
            else:
                faults.append((column.name, f"{abbreviated(text)!r} is not a number"))
        elif word in words:
            said.append(words[word])
        else:
            faults.append((column.name, _unknown(text)))
    if False in said:
        return False, faults, first
    known = True in said and not (all_needed and (None in said or len(said) < 2))
    return (True if known else None), faults, first


def _unknown(text: str) -> str:
    return (
        f"{abbreviated(text)!r} is unknown: does it mean active or inactive? Add it to the mapping of active, under "
        "true or false"
    )
