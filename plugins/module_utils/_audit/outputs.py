# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The files of the role audit, all from the same result: JSON, CSV, and metrics for Prometheus. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from .._base.clock import read_stamp
from .._base.csv_table import spreadsheet
from .._report.page import value_text
from .document import document

COLUMNS = (
    "user_name",
    "given_name",
    "family_name",
    "situation",
    "active",
    "department",
    "site",
    "title",
    "differences",
    "licenses",
    "stale",
    "last_modified",
    "left_days",
    "problem",
    "row",
    "id",
    "external_id",
)

_Result = Mapping[str, Any]


def as_json(result: _Result) -> str:
    """Return an audit as JSON.

    It begins with a line break. Without it, ansible-core 2.16 would turn the text into a dictionary.
    """
    return "\n" + json.dumps(document(result), indent=1, ensure_ascii=False) + "\n"


def as_csv(result: _Result) -> str:
    """Return the people of an audit as CSV. Cells that a spreadsheet would run as formulas are made harmless."""
    return spreadsheet(COLUMNS, ({name: _cell(account, name) for name in COLUMNS} for account in result["accounts"]))


def _cell(account: Mapping[str, Any], name: str) -> str:
    value = account.get(name)
    if value is None:
        return ""
    if name == "differences":
        changes = [f"{key}: {value_text(pair['before'])} -> {value_text(pair['after'])}" for key, pair in value.items()]
        return "; ".join(changes)
    if name == "licenses" and value:
        return ", ".join(map(str, value))
    # Text is written as it is, so that other programs find it.
    return value if isinstance(value, str) and value else value_text(value)


def as_metrics(result: _Result, finished: str) -> str:
    """Return the figures of an audit in the text format of Prometheus, for the textfile collector of node_exporter.

    They do not name people, have no time stamps, and leave out unknown values. ``eightbyeight_audit_complete`` and the
    time of the last run are always there, so that an alert can tell an unknown value from a missing audit.

    :param finished: When the audit ended, in UTC, such as ``2026-12-01T08:30:00Z``.
    """
    tenant = str(result.get("tenant") or "")
    lines = []
    for name, text, label, values in _metrics(result, finished):
        known = {key: value for key, value in values.items() if value is not None}
        lines += [f"# HELP {name} {text}\n", f"# TYPE {name} gauge\n"] if known else []
        for key, value in known.items():
            labels = f'tenant="{_label(tenant)}"' + (f',{label}="{_label(key)}"' if label else "")
            lines.append(f"{name}{{{labels}}} {_number(value)}\n")
    return "".join(lines)


def _metrics(result: _Result, finished: str) -> Iterator[tuple[str, str, str, Mapping[str, float | None]]]:
    """Yield metrics: name, description, the name of a second label (or none), and label value -> measurement."""
    figures, end = result["figures"], read_stamp(finished)
    yield "eightbyeight_audit_complete", "Whether 8x8 listed all of its users.", "", {"": result["complete"]}
    ended = None if end is None else end.timestamp()
    yield "eightbyeight_audit_last_run_timestamp_seconds", "When the last audit ended.", "", {"": ended}
    seconds = result.get("seconds")
    yield "eightbyeight_audit_duration_seconds", "How long the audit took.", "", {"": seconds}
    users = {"true": figures["active"], "false": figures["inactive"]}
    yield "eightbyeight_users", "Accounts that can be read.", "active", users
    situations = result["situations"] if result["complete"] else {}
    yield "eightbyeight_audit_situation", "Accounts and rows of the roster in each situation.", "situation", situations
    yield "eightbyeight_audit_figure", "Figures of the audit that are known.", "figure", figures
    yield "eightbyeight_followups_open", "Open follow-ups by action.", "action", result["manual_actions"]
    overdue = figures["manual_actions_overdue"]
    yield "eightbyeight_followups_overdue", "Open follow-ups whose due date has passed.", "", {"": overdue}


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
