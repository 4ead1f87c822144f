# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads a text as a table: finds the delimiter and the header, and gives each row the number that a spreadsheet shows."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from .._base.text import abbreviated
from .._errors import BadOptionError

_DELIMITERS = (",", ";", "\t", "|")
#: Lines before the header: PowerShell 5 writes the type of its objects, the template for bulk creation of Entra ID writes its
#: version, and Excel reads the delimiter from such a line.
_BEFORE_HEADER = ("#type ", "version:")
_DELIMITER_LINE = "sep="
#: The longest cell, 40 times the default of Python.
_LONGEST_CELL = 5_000_000


class Table(NamedTuple):
    """A table.

    :param first: The number of the row after the header.
    :param rows: Yields the rows after the header.
    """

    header: list[str]
    first: int
    rows: Iterator[list[str]]


def read_table(text: str, delimiter: str | None, recognized: Callable[[Sequence[str]], int]) -> Table:
    """Read a text as a table.

    :param delimiter: The delimiter from the user, or None.
    :param recognized: Returns how many columns of a header are known.
    :raises BadOptionError: When it is not a table.
    """
    skipped, text, named = _before_header(text)
    if delimiter:
        delimiter = {"\\t": "\t", "tab": "\t"}.get(delimiter.lower(), delimiter)
        if len(delimiter) != 1 or delimiter in '\r\n"':
            raise BadOptionError(f"delimiter must be one character, such as ',', ';' or '\\t', not {delimiter!r}.")
    rows = _rows(text, delimiter or named or _delimiter_of(text, recognized), skipped)
    for number, header in enumerate(rows, start=skipped + 1):
        if any(cell.strip() for cell in header):
            return Table([cell.strip() for cell in header], number + 1, rows)
    raise BadOptionError("The export is empty: it has no line with column names.")


def _before_header(text: str) -> tuple[int, str, str | None]:
    """Return the number of lines before the header, the text after them, and the delimiter that they name, or None."""
    skipped, named = 0, None
    while True:
        line, end, rest = text.partition("\n")
        plain = line.strip().strip('"').lower()
        if plain.startswith(_DELIMITER_LINE) and len(line.strip().strip('"')) <= len(_DELIMITER_LINE) + 1:
            named = line.rstrip("\r").strip('"')[len(_DELIMITER_LINE) :] or None
        elif not plain.startswith(_BEFORE_HEADER) or not end:
            return skipped, text, named
        skipped, text = skipped + 1, rest


def _delimiter_of(text: str, recognized: Callable[[Sequence[str]], int]) -> str:
    """Find the delimiter that splits the header into the most known columns.

    :raises BadOptionError: When two are equally good.
    """
    found = []
    for delimiter in _DELIMITERS:
        header = _header(text, delimiter)
        found.append((recognized(header), len(header), delimiter))
    found.sort(key=lambda candidate: candidate[:2], reverse=True)
    (known, count, best), (known_next, count_next, second), *_others = found
    if known == known_next and count_next > 1 and (known or count == count_next):
        shown = [{"\t": "\\t"}.get(candidate, candidate) for candidate in (best, second)]
        raise BadOptionError(
            f"The delimiter of the export can be {shown[0]!r} or {shown[1]!r}. Set delimiter to one of them."
        )
    return best


def _header(text: str, delimiter: str) -> list[str]:
    """Return the first row that is not empty; an empty row when there is none or it cannot be read."""
    with contextlib.suppress(csv.Error):
        return next(filter(None, csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)), [])
    return []


def _rows(text: str, delimiter: str, skipped: int) -> Iterator[list[str]]:
    """Yield the rows of a text.

    :raises BadOptionError: When its quotes do not match. Otherwise the rest of the text could be lost silently.
    """
    # A carriage return alone also ends a line (old Macs). The csv module expects lines in this form (newline="").
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    limit = csv.field_size_limit(_LONGEST_CELL)
    try:
        for number in itertools.count(skipped + 1):
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise BadOptionError(
                    f"The export cannot be read from row {number} on: {abbreviated(error)}. Nothing of it was used. A cell "
                    'with a quotation mark must be in quotation marks, the inner one doubled (""). Each open quotation mark '
                    "must be closed. If the delimiter is another one, set delimiter."
                ) from None
            if row is None:
                return
            yield row
    finally:
        csv.field_size_limit(limit)
