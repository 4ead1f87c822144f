# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Rows that failed, as CSV in the form of the roster, to be mended and fed back."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._base.clock import stamp
from .._base.csv_table import table, without_guard
from .._base.names import login_key
from .cells import KEYS, LEAVE_ALONE


def failed_csv(rows: Sequence[tuple[Mapping[str, Any], str]]) -> str:
    """Return failed rows in the roster's own format, with the reason in the first column, to be mended and fed back."""
    columns = [key for key in KEYS[:-1] if any(key in given for given, _reason in rows)]
    return table(
        ["reason", *columns],
        ([reason, *(cell(given.get(column)) for column in columns)] for given, reason in rows),
    )


def cell(value: Any) -> str:
    """Return the value of one column as a roster reads it back; nothing is what leaves alone."""
    if value is None:
        return LEAVE_ALONE
    if isinstance(value, (list, tuple)):
        return json.dumps(list(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def rows_of_plan(path: str, created: str, planned: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], str]]:
    """Return the rows that were refused when a plan was made, from the file that this run writes to as well.

    They are not in the plan, so applying it does not know of them. A file that is older than the plan is of another day.

    :param created: When the plan was made.
    :param planned: The rows of the plan, who are judged anew.
    """
    try:
        # Stamps are in the order of their times.
        if stamp(os.stat(path).st_mtime) < created:
            return []
        with open(path, encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error):
        return []
    again = {login_key(row["user_name"] or "") for row in planned} | {row["id"] for row in planned}
    kept: list[tuple[Mapping[str, Any], str]] = []
    for line in lines:
        given = {name: without_guard(cell) for name, cell in line.items() if name in KEYS and cell is not None}
        reason = str(given.pop("reason", ""))
        who = {login_key(given.get("user_name") or ""), given.get("user_id")} - {"", None}
        if who.isdisjoint(again):
            kept.append((given, reason))
    return kept
