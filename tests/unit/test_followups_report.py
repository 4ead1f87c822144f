# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role followups writes and shows of a ledger: Markdown and CSV for a help desk, hostile names in them."""

from __future__ import annotations

import csv
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.filter.followups_report import FilterModule

REPORT = FilterModule().filters()["followups_report"]


def followup(user_name: str | None, action: str, **more: Any) -> dict[str, Any]:
    names = ("user_id", "due", "owner", "note", "where", "told", "closed")
    fields: dict[str, Any] = {**dict.fromkeys(names), "tenant": "C1", "user_name": user_name, "action": action}
    return {
        **fields,
        "occurrence": 1,
        "opened": "2026-01-02T08:00:00Z",
        "reason": "SCIM cannot.",
        "overdue": False,
        "to_tell": True,
        **more,
    }


OPEN = [
    followup("zoe@example.org", "assign_license"),
    followup("=ada|*x*@example.org\n# y", "assign_license", note="<b>", owner="desk"),
    followup("ada@example.org", "order a headset", due="2026-01-03", overdue=True, reason=None),
    followup(None, "assign_license", user_id="17", due="2026-02-01"),
]


def test_the_checklist_is_by_action_with_one_line_a_person_and_overdue_ones_first() -> None:
    told = REPORT({"read": {"followups": OPEN, "counts": {"open": 4}}, "host": "south", "by": "action"})
    assert told["markdown"].splitlines() == [
        "# What is left to do in Admin Console for south",
        "",
        "## order a headset: 1 person",
        "",
        "- [ ] ada@example.org: due 2026-01-03 **overdue**",
        "",
        "## assign license: 3 people",
        "",
        "SCIM cannot.",
        "",
        "- [ ] 17: due 2026-02-01",
        "- [ ] =ada\\|\\*x\\*@example.org # y: desk, \\<b>",
        "- [ ] zoe@example.org",
    ]
    assert told["lines"] == ["4 follow-ups open, 1 of them overdue", "overdue: order a headset for ada@example.org"]
    assert told["failure"] == ""


def test_the_table_opens_in_a_spreadsheet_and_computes_nothing() -> None:
    text = REPORT({"read": {"followups": OPEN}, "by": "action"})["csv"]
    assert text.startswith("\ufeffdone,action,user_name,"), "Excel takes UTF-8 for something else without the mark"
    rows = list(csv.DictReader(text[1:].splitlines(keepends=True)))
    assert [row["user_name"] for row in rows] == [
        "ada@example.org",
        "",
        "'=ada|*x*@example.org\n# y",
        "zoe@example.org",
    ]


def test_what_failed_is_told_and_an_evidence_that_could_not_be_read_too() -> None:
    closed = {"error": {"kind": "forbidden"}, "msg": "The key is refused."}
    told = REPORT(
        {
            "read": {"followups": OPEN},
            "closed": closed,
            "failed": [{"label": "a for b", "msg": "no\ndesk"}],
            "by": "person",
        }
    )
    assert (
        told["failure"]
        == "The key is refused. No notification was possible for a for b, and the next run tries again: no desk"
    )
    assert [group["label"] for group in told["groups"]] == [
        "ada@example.org",
        "17",
        "=ada|*x*@example.org # y",
        "zoe@example.org",
    ]
