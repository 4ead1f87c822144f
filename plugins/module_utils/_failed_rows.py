# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Rows that failed, as CSV in the form of the roster, to be mended and fed back."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ._row_cells import KEYS, LEAVE_ALONE


def failed_csv(rows: Iterable[tuple[Mapping[str, Any], str]]) -> str:
    """Return failed rows in the roster's own format, with the reason in the first column, to be mended and fed back."""
    rows = list(rows)
    columns = [key for key in KEYS[:-1] if any(key in given for given, _reason in rows)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["reason", *columns])
    # Up to Python 3.12 a carriage return alone is written as it is, and read as the end of a row.
    quoting = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for given, reason in rows:
        cells = [_no_formula(reason), *(_cell(given.get(column)) for column in columns)]
        (quoting if any("\r" in cell for cell in cells) else writer).writerow(cells)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return LEAVE_ALONE
    if isinstance(value, (list, tuple)):
        return json.dumps(list(value))
    return _no_formula(str(value).lower() if isinstance(value, bool) else str(value))


#: What a spreadsheet takes for a formula, in the wide forms too; and what looks like one that was made harmless already.
_FORMULA = re.compile(r"[\s']*[=+@\t\r\uff1d\uff0b\uff20\uff0d-]")


def _no_formula(text: str) -> str:
    """Return a text with an apostrophe in front where a spreadsheet would compute it. :func:`as_it_was` takes it off."""
    return f"'{text}" if _FORMULA.match(text) else text


def as_it_was(value: Any) -> Any:
    """Return a cell of a file of failed rows, as the only ones with a reason are, without what was put in front of it."""
    return value[1:] if isinstance(value, str) and value.startswith("'") and _FORMULA.match(value) else value
