# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The role onboarding: its facts, its lines for the screen and its failure message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._rows.cells import PHONE_COLUMNS
from .lines import Record, grouped_lines
from .people import PeopleRun, PersonOutcome, given, report_of


def onboarding_report(steps: Record) -> dict[str, Any]:
    """Return the result of the role.

    :param steps: The fields of PeopleRun.
    """
    run = PeopleRun(role="onboarding", done="onboarded", limits=("create", "reactivate"), **steps)
    outcomes = run.outcomes()
    results = [_result(outcome) for outcome in outcomes]
    waiting = [row for outcome, row in zip(outcomes, results) if outcome.entry["status"] == "waiting"]
    return report_of(
        run,
        results,
        [*grouped_lines(waiting, lambda _row: "not created or activated before the start date"), *_notes(results)],
    )


def _result(outcome: PersonOutcome) -> dict[str, Any]:
    row, entry, result = outcome
    user = entry.get("user")
    # The attributes that 8x8 did not store as given.
    differences = [
        {"attribute": name, "asked": _asked(row, name), "stored": (user or {}).get(name)}
        for name in entry.get("not_stored") or []
    ]
    user_name = given(row, "user_name") or result["user_name"]
    return {**result, "user_name": user_name, "differences": differences, "user": user}


def _asked(row: Mapping[str, Any], attribute: str) -> Any:
    if attribute == "phone_numbers" and attribute not in row:
        return [{"type": kind, "value": row[column]} for column, kind in PHONE_COLUMNS.items() if row.get(column)]
    return row.get(attribute)


def _notes(results: Sequence[Record]) -> list[str]:
    noted = [row for row in results if row["differences"] and not row["failed"]]
    return grouped_lines(
        noted,
        lambda row: (
            f"8x8 does not store {', '.join(difference['attribute'] for difference in row['differences'])} as given"
        ),
    )
