# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Failed rows, as CSV in the format of a roster, to correct them and run again."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._base.clock import stamp
from .._base.csv_table import table, unescape_formula
from .._base.names import login_key
from .cells import KEYS, LEAVE_ALONE


def failed_csv(rows: Sequence[tuple[Mapping[str, Any], str]]) -> str:
    """Return failed rows as CSV in the format of a roster, with the reason in the first column."""
    columns = [key for key in KEYS[:-1] if any(key in given for given, _reason in rows)]
    return table(
        ["reason", *columns],
        ([reason, *(cell(given.get(column)) for column in columns)] for given, reason in rows),
    )


def cell(value: Any) -> str:
    """Return the text for a value. A roster reads it as the same value. Without a value, the attribute is left alone."""
    if value is None:
        return LEAVE_ALONE
    if isinstance(value, (list, tuple)):
        return json.dumps(list(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def refused_rows(path: str, created: str, planned: Iterable[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], str]]:
    """Return the rows that were refused when a plan was made, from the file of failed rows, which this run replaces.

    They are not in the plan, so a run that applies the plan does not have them. A file older than the plan is of an earlier run.

    :param created: When the plan was made.
    :param planned: The rows of the plan. They are left out, because this run has a new result for them.
    """
    try:
        # Stamps sort by time.
        if stamp(os.stat(path).st_mtime) < created:
            return []
        with open(path, encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error):
        return []
    planned_names = {login_key(row["user_name"] or "") for row in planned} | {row["id"] for row in planned}
    kept: list[tuple[Mapping[str, Any], str]] = []
    for line in lines:
        given = {name: unescape_formula(cell) for name, cell in line.items() if name in KEYS and cell is not None}
        reason = str(given.pop("reason", ""))
        who = {login_key(given.get("user_name") or ""), given.get("user_id")} - {"", None}
        if who.isdisjoint(planned_names):
            kept.append((given, reason))
    return kept
