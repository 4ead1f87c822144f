# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWX empties an event of more than 700 kB: what people read of a run of 10,000 stays far below."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.filter.roster_artifact import roster_artifact
from ansible_collections.eightbyeight.scim.plugins.filter.roster_text import roster_text
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.report import _limit_diff

LIMIT = 700_000
COUNT = 10_000


def rows(status: str, operation: str = "updated", **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "row": number,
            "user_name": f"person.with.a.long.name.{number}@example.org",
            "id": str(number),
            "operation": operation,
        }
        | {"status": status, "changes": {"before": {"title": "Analyst"}, "after": {"title": f"Boss {number}"}}, **more}
        for number in range(COUNT)
    ]


def steps(status: str, **more: Any) -> dict[str, Any]:
    error = {"kind": "not_found", "detail": "No such user."} if status == "failed" else None
    results = rows("planned")
    plan = {
        "digest": "sha256:1",
        "expires": "2027-01-01T00:00:00Z",
        "rows": results,
        "forecast": {"requests": 20000, "seconds": 900},
    }
    planned = {
        "plan": {"digest": "sha256:1"},
        "results": results,
        "summary": {"updated": COUNT},
        "complete": True,
        "changed": True,
    }
    done = rows(status, error=error)
    applied = {"results": done, "summary": {"updated": COUNT}, "changed": True} if status != "planned" else {}
    return {"host": "north", "planned": planned, "plan": plan, "applied": applied, **more}


@pytest.mark.parametrize("status", ["planned", "done", "failed"])
@pytest.mark.parametrize("kind", ["plan_lines", "report_lines", "failure"])
def test_what_a_person_reads_is_short_however_many_there_are(status: str, kind: str) -> None:
    collected = steps(status, plan_only=status == "planned")
    assert len(json.dumps(roster_text(collected, kind))) < 10_000


def test_what_is_handed_on_is_bounded() -> None:
    made = roster_artifact(steps("planned", plan_only=True), "plan")
    assert len(json.dumps(made)) < 51_000


def test_a_diff_of_10000_users_is_cut_and_counts_the_others() -> None:
    hunk = {
        "before_header": "user a",
        "after_header": "user a",
        "before": {"title": "x" * 50},
        "after": {"title": "y" * 50},
    }
    hunks = [dict(hunk) for _number in range(COUNT)]
    shown = _limit_diff(hunks)
    assert len(json.dumps(shown)) < LIMIT - 100_000
    assert shown[-1]["after_header"] == f"{COUNT - (len(shown) - 1)} more"
    assert "results" in shown[-1]["after"]
    assert _limit_diff(hunks[:100]) == hunks[:100]
