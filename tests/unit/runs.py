# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the role roster for the tests of its pages, as the role collects them."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.filter.roster_text import roster_text
from ansible_collections.eightbyeight.scim.tests.unit.pages import DEPARTMENTS, HOSTILE, SITES

DIGEST, UNDO = (f"sha256:{hashlib.sha256(name).hexdigest()}" for name in (b"plan", b"undo"))
TENANT = "https://platform-cloud.8x8.com/udi/customers/acme/scim/v2"
PAGE = "Admin Console > Home > Users > "
FAULT = "8x8 does not know the site 'Atlantis'. Site names must match exactly, with case."
#: What happens to every tenth of the people.
KINDS = (
    "activated",
    "deactivated",
    "created",
    "created",
    "updated",
    "updated",
    "updated",
    "unlisted",
    "protected",
    "waiting",
)


def entry(number: int, kind: str, status: str = "planned") -> dict[str, Any]:
    """Return one entry of ``results``."""
    name = f"person{number}@example.com"
    user = {
        "id": f"id-{number}",
        "user_name": name,
        "given_name": "Ada",
        "family_name": f"Lovelace {number}",
        "site": SITES[number % len(SITES)],
        "department": DEPARTMENTS[number % 4],
        "title": "Analyst",
    }
    changes: dict[str, dict[str, Any]] = {
        "activated": {"before": {"active": False}, "after": {"active": True}},
        "deactivated": {"before": {"active": True}, "after": {"active": False}},
        "updated": {"before": {"title": "Agent"}, "after": {"title": "Analyst"}},
        "created": {"before": {}, "after": {key: value for key, value in user.items() if key != "id"}},
    }
    changed = kind in changes
    change: dict[str, Any] = changes.get(kind, {})
    if kind == "created":
        change = {**change, "before": None}
    return {
        "row": number + 1,
        "user_name": name,
        "id": None if kind == "created" and status == "planned" else user["id"],
        "operation": kind if changed else "unchanged",
        "status": status if changed else kind,
        "changes": change,
        "user": user,
        "not_stored": [],
        "error": None,
    }


def failed(row: dict[str, Any], status: str = "failed", reason: str = FAULT) -> dict[str, Any]:
    """Return an entry of somebody who was not changed."""
    return {**row, "status": status, "error": {"kind": "unknown_site", "message": f"{row['user_name']}: {reason}"}}


def counts(results: list[dict[str, Any]]) -> dict[str, int]:
    """Return the summary of results."""
    told = Counter(row["operation"] if row["status"] in ("planned", "done") else row["status"] for row in results)
    return {
        **dict.fromkeys(("created", "updated", "activated", "deactivated", "unchanged", "failed", "refused"), 0),
        **told,
        "unchanged": 340,
    }


def planned_steps(size: int = 40, *, hostile: bool = False, **more: Any) -> dict[str, Any]:
    """Return what the role collected when the plan was made."""
    results = [entry(number, KINDS[number % len(KINDS)]) for number in range(size)]
    results += [failed(entry(900, "created"), "refused", HOSTILE[0] if hostile else FAULT)]
    if hostile:
        for place, text in enumerate(HOSTILE):
            results[place]["user"].update(given_name=text, site=text, department=text)
            results[place]["changes"] = {"before": {text: text}, "after": {text: text}}
    plan = {"digest": DIGEST, "expires": "2026-11-27T03:50:00Z", "forecast": {"requests": 71, "seconds": 8.5}}
    planned = {
        "changed": True,
        "summary": counts(results),
        "results": results,
        "plan": plan,
        "requests": {"GET": 5},
        "complete": True,
        "manual_actions": [],
        "changed_elsewhere": [],
    }
    document = {
        **plan,
        "created": "2026-11-26T03:50:00Z",
        "tenant": TENANT,
        "as_of": "2026-11-26T03:49:58Z",
        "users": 412,
        "complete": True,
        "limits": {"create": "25% or 25", "deactivate": "10% or 2"},
        "rows": [row for row in results if row["status"] == "planned"],
    }
    return {
        "host": "south",
        "planned": planned,
        "plan": document,
        "plan_file": "/plans/roster-south.plan.json",
        "journal": "/plans/roster-south.journal.jsonl",
        "rows": str(size),
        "source": "/exports/people.csv",
        "protected": ["adm-*", "*.service@example.com"],
        "unlisted": "report",
        "run": {
            "started": "20261126T035000.000000Z",
            "finished": "20261126T035112.500000Z",
            "user": "ops",
            "job": {
                "awx_job_id": 17,
                "tower_job_id": 17,
                "awx_job_template_name": "Roster",
                "awx_user_name": "ada.admin",
            },
        },
        **more,
    }


def done_steps(size: int = 40, *, hostile: bool = False, **more: Any) -> dict[str, Any]:
    """Return what the role collected when an approved plan was applied."""
    steps = planned_steps(size, hostile=hostile)
    results = [{**row, "status": "done"} for row in steps["planned"]["results"] if row["status"] == "planned"]
    results[2:5] = [failed(row) for row in results[2:5]]
    results[5] = failed(results[5], reason=HOSTILE[1] if hostile else "8x8 answered 500.")
    results[6] = {**results[6], "status": "skipped"}
    undo = {"digest": UNDO, "expires": "2026-12-26T03:50:00Z", "rows": [1]}
    actions = [
        {
            "action": kind,
            "user_name": row["user_name"],
            "user_id": row["id"],
            "reason": "SCIM cannot.",
            "where": PAGE + row["user_name"],
        }
        for row in results
        if row["operation"] == "created" and row["status"] == "done"
        for kind in ("assign_license", "assign_phone_line")
    ]
    workflow = {"awx_workflow_job_id": 12, "awx_workflow_job_name": "Weekly roster"}
    steps["run"]["job"].update(workflow)
    base = "/plans/roster-south"
    return {
        **steps,
        "approved": True,
        "applied": {
            "changed": True,
            "failed": True,
            "msg": "5 rows failed.",
            "error": {"kind": "rows_failed"},
            "summary": counts(results),
            "results": results,
            "requests": {"GET": 30, "POST": 8, "PATCH": 7},
            "manual_actions": actions,
            "changed_elsewhere": ["person4@example.com", "somebody@example.com"],
        },
        "undo": {"content": base64.b64encode(json.dumps(undo).encode()).decode()},
        "found": {"files": [{"path": f"{base}.undo.json"}, {"path": f"{base}.failed.csv"}]},
        "checklist_written": {
            "stdout": json.dumps([{"item": f"/plans/checklist.{end}", "failed": False} for end in ("md", "csv")])
        },
        "record_file": f"{base}.report.json",
        **more,
    }


def text_of(steps: dict[str, Any], kind: str) -> Any:
    """Return a text of the role roster, or the content of one of its files, such as ``plan_html``."""
    step, _sign, form = kind.partition("_")
    ending = {"markdown": "md", "html": "html", "csv": "csv", "json": "json"}.get(form)
    if ending is None:
        return roster_text(steps, kind)
    written = json.loads(roster_text(steps, f"{step}_files", "/x"))
    return {file["path"]: file["text"] for file in written}[f"/x.{ending}"]
