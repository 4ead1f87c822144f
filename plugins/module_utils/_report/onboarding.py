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
from .people import PeopleRun, PersonOutcome, report_of


def onboarding_report(steps: Record) -> dict[str, Any]:
    """Return the result of the role.

    :param steps: The fields of PeopleRun.
    """
    run = PeopleRun(role="onboarding", done="onboarded", limits=("create", "reactivate"), **steps)
    outcomes = run.outcomes()
    results = [_result(fate) for fate in outcomes]
    waiting = [row for fate, row in zip(outcomes, results) if fate.status == "waiting"]
    return report_of(
        run,
        results,
        [*grouped_lines(waiting, lambda _row: "not created or activated before the start date"), *_notes(results)],
    )


def _result(fate: PersonOutcome) -> dict[str, Any]:
    return {
        "user_name": fate.asked or fate.user_name,
        "user_id": fate.user_id,
        "operation": fate.operation,
        "changed": fate.changed,
        "failed": bool(fate.reason),
        "reason": fate.reason,
        "error": fate.error,
        "differences": _differences(fate),
        "user": fate.user,
        "manual_actions": fate.manual_actions,
    }


def _differences(fate: PersonOutcome) -> list[dict[str, Any]]:
    """Return the attributes that 8x8 did not store as given."""
    stored = fate.user or {}
    return [
        {"attribute": name, "asked": _asked(fate.row, name), "stored": stored.get(name)}
        for name in fate.entry.get("not_stored") or []
    ]


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
