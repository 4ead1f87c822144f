# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What a run came to: the keys of the module's result, and the failure that sums it up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .._base.empty import COUNTS, ROSTER
from .._errors import EightByEightError
from .messages import rows_failed
from .options import RosterOptions
from .record import Record

#: The largest diff, in bytes of JSON. AWX empties an event of more than 700 kB.
_MOST_DIFF = 500_000
STATUSES = ("planned", "done", "failed", "refused", "protected", "unlisted", "unchanged", "waiting", "skipped")


def result_of(record: Record, options: RosterOptions, sent: Mapping[str, int]) -> dict[str, Any]:
    """Return the keys of the module's result; the same ones in every outcome.

    :param sent: The requests that were sent, by verb.
    """
    entries, plan = record.entries, record.plan
    counts = dict.fromkeys(COUNTS, 0)
    for entry in entries:
        # Changes that are still planned count in check mode only.
        done = entry.status == "done" or (options.check_mode and entry.status == "planned")
        counted = entry.operation if done else entry.status
        if counted in counts:
            counts[counted] += 1
    counts["inactive"] = sum(entry.stays_inactive for entry in entries)
    every = bool(options.given.get("return_unchanged"))
    told = [entry for entry in entries if every or entry.status != "unchanged" or entry.change.changed]
    changed = [
        entry for entry in entries if entry.outcome.applied or (options.check_mode and entry.status == "planned")
    ]
    return {
        **ROSTER,
        "changed": bool(changed),
        "summary": counts,
        "results": [entry.result() for entry in told],
        "plan": {
            "digest": None if plan is None else plan.digest,
            "expires": None if plan is None else plan.expires,
            "forecast": record.forecast._asdict(),
        },
        "requests": dict(sorted(sent.items())),
        "read": record.reading.why,
        "complete": record.complete,
        "manual_actions": [action for entry in entries for action in entry.outcome.actions],
        "diff": _bounded([entry.change.diff(entry.who) for entry in changed]),
        "problems": record.problems,
        "changed_elsewhere": sorted({*record.changed_before, *record.changed_during}),
    }


def _bounded(hunks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return as many hunks as an event of AWX holds beside everything else, and one that counts the others."""
    size = 0
    for number, hunk in enumerate(hunks):
        size += len(json.dumps(hunk))
        if size > _MOST_DIFF:
            header = f"{len(hunks) - number} more"
            told = {"before": "", "after": "The changes of all users are in results and in the plan.\n"}
            return [*hunks[:number], {"before_header": header, "after_header": header, **told}]
    return hunks


def failure_of(record: Record) -> EightByEightError | None:
    """Return what went wrong, or None where everything was done."""
    bad = [entry for entry in record.entries if entry.status in ("failed", "refused") and entry.error is not None]
    if bad:
        skipped = sum(entry.status == "skipped" for entry in record.entries)
        return rows_failed(bad, skipped, record.breaker)
    return next(iter(record.unfinished), None)
