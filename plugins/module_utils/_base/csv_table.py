# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Tables as CSV, and the one guard against cells that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

#: What a spreadsheet takes for a formula, in the wide forms too; and what looks like one that was guarded already.
_FORMULA = re.compile(r"[\s']*[=+@\t\r\uff1d\uff0b\uff20\uff0d-]")


def escape_formula(text: str) -> str:
    """Return a text with an apostrophe in front where a spreadsheet would compute it. :func:`unescape_formula` takes it off."""
    return f"'{text}" if _FORMULA.match(text) else text


def unescape_formula(value: Any) -> Any:
    """Return a cell as it was before :func:`escape_formula`."""
    return value[1:] if isinstance(value, str) and value.startswith("'") and _FORMULA.match(value) else value


def spreadsheet(columns: Sequence[str], records: Iterable[Mapping[str, Any]]) -> str:
    """Return records as CSV for a spreadsheet: with the byte-order mark without which Excel takes UTF-8 for something else."""
    rows = (["" if record.get(name) is None else str(record[name]) for name in columns] for record in records)
    return f"\ufeff{table(columns, rows)}"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as CSV (RFC 4180), each cell guarded against formulas."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    # Up to Python 3.12 a carriage return alone is written as it is, and read as the end of a row.
    quoting = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(columns)
    for row in rows:
        cells = [escape_formula(cell) for cell in row]
        (quoting if any("\r" in cell for cell in cells) else writer).writerow(cells)
    return text.getvalue()
