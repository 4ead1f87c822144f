# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The record of a run of the role roster: as JSON for programs and auditors, and as CSV for spreadsheets. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from .._base.csv_table import spreadsheet
from .lines import Record
from .steps import RosterSteps
from .text import changes_of, reason_of, shown_value
from .users import full_name, user_of

FORMAT, VERSION = "eightbyeight.scim/roster-result", 1
_COLUMNS = (
    "status",
    "operation",
    "row",
    "name",
    "user_name",
    "id",
    "department",
    "site",
    "attribute",
    "before",
    "after",
    "reason",
)
_PLAN = ("digest", "created", "expires", "tenant", "as_of", "users", "complete", "limits")


def record_json(steps: RosterSteps) -> str:
    """Return the record of a run as JSON. The same run always gives the same text.

    It begins with a line break. Without it, ansible-core 2.16 would turn the text into a dictionary, and the file that it writes
    from that would have a different hash.
    """
    run = steps.run
    record = {
        "format": FORMAT,
        "version": VERSION,
        "host": steps.host,
        "run": {**run._asdict(), "versions": dict(run.versions), "seconds": run.seconds, "approved": steps.approved},
        "plan": {**{name: steps.plan.get(name) for name in _PLAN}, "source": steps.source or None, "rows": steps.rows},
        **steps.outcome(),
        "protected": list(steps.protected),
        "trouble": steps.trouble or None,
        "undo": {name: steps.undo.get(name) for name in ("digest", "expires")},
        "manual_actions": [dict(action) for action in steps.manual_actions],
    }
    return "\n" + json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n"


def record_hash(record: str) -> str:
    """Return the SHA-256 of a record, as ``sha256sum`` prints it for the file."""
    return hashlib.sha256(record.encode("utf-8", errors="surrogatepass")).hexdigest()


def results_csv(results: Iterable[Record]) -> str:
    """Return results as CSV: a line for each attribute that changes, or one line for a person without changes."""
    return spreadsheet(_COLUMNS, (line for row in results for line in _lines(row)))


def _lines(row: Record) -> list[Record]:
    user = user_of(row)
    own = {**row, "name": full_name(user), "reason": reason_of(row)}
    own.update(department=user.get("department"), site=user.get("site"))
    changes = changes_of(row, shown_value) or [("", "", "")]
    return [{**own, "attribute": name, "before": before, "after": after} for name, before, after in changes]
