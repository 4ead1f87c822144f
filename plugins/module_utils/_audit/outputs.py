# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What the role audit writes, each from the same result: JSON, CSV, and metrics for Prometheus. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.clock import read_stamp
from .._base.csv_table import spreadsheet
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

    It begins with a line break: ansible-core 2.16 would make a dictionary of a template that gives a text in braces.
    """
    return "\n" + json.dumps(document(result), indent=1, ensure_ascii=False) + "\n"


def as_csv(result: _Result) -> str:
    """Return the people of an audit as CSV, each cell guarded against formulas."""
    return spreadsheet(COLUMNS, ([_cell(each, name) for name in COLUMNS] for each in result["accounts"]))


def _cell(account: Mapping[str, Any], name: str) -> str:
    value = account.get(name)
    if value is None:
        return ""
    if name == "differences":
        return "; ".join(f"{key}: {_text(pair['before'])} -> {_text(pair['after'])}" for key, pair in value.items())
    return _text(value)


def _text(value: Any) -> str:
    if value is None or value in ("", []):
        return "(empty)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return ", ".join(
            f"{each['type']} {each['value']}" if isinstance(each, Mapping) else str(each) for each in value
        )
    return str(value)


class _Family(NamedTuple):
    """Metrics with one name.

    :param samples: Label and its value, and what was measured; the tenant is a label of all of them.
    """

    name: str
    text: str
    samples: Sequence[tuple[Mapping[str, str], float]]


def as_metrics(result: _Result, finished: str) -> str:
    """Return the figures of an audit in the text format of Prometheus, for the textfile collector of node_exporter.

    They name nobody, carry no time stamps, and leave out what is not known. A series that is there says nothing of one that is
    not, so ``eightbyeight_audit_complete`` and the time of the last run are always there.

    :param finished: When the audit ended, in UTC, such as ``2026-12-01T08:30:00Z``.
    """
    tenant = str(result.get("tenant") or "")
    return "".join(line for family in _families(result, finished) for line in _lines(family, tenant))


def _families(result: _Result, finished: str) -> Iterable[_Family]:
    complete, figures = bool(result["complete"]), result["figures"]
    end = read_stamp(finished)
    yield _Family("eightbyeight_audit_complete", "Whether everybody whom 8x8 announces was seen.", [({}, complete)])
    if end is not None:
        yield _Family(
            "eightbyeight_audit_last_run_timestamp_seconds", "When the last audit ended.", [({}, end.timestamp())]
        )
    if result.get("seconds") is not None:
        yield _Family(
            "eightbyeight_audit_duration_seconds", "How long reading and comparing took.", [({}, result["seconds"])]
        )
    yield _Family(
        "eightbyeight_users",
        "Accounts that can be read.",
        _known([({"active": "true"}, figures["active"]), ({"active": "false"}, figures["inactive"])]),
    )
    yield _Family(
        "eightbyeight_audit_situation",
        "Accounts and rows of the roster in each situation.",
        [({"situation": name}, count) for name, count in result["situations"].items()] if complete else [],
    )
    yield _Family(
        "eightbyeight_audit_figure",
        "Figures of the audit, as far as they are known.",
        _known([({"figure": name}, value) for name, value in figures.items()]),
    )
    yield _Family(
        "eightbyeight_followups_open",
        "Open follow-ups by action.",
        [({"action": name}, count) for name, count in result["manual_actions"].items()],
    )
    yield _Family(
        "eightbyeight_followups_overdue",
        "Open follow-ups whose last day is over.",
        _known([({}, figures["manual_actions_overdue"])]),
    )


def _known(samples: Sequence[tuple[Mapping[str, str], float | None]]) -> list[tuple[Mapping[str, str], float]]:
    return [(labels, value) for labels, value in samples if value is not None]


def _lines(family: _Family, tenant: str) -> list[str]:
    if not family.samples:
        return []
    lines = [f"# HELP {family.name} {family.text}\n", f"# TYPE {family.name} gauge\n"]
    for labels, value in family.samples:
        told = ",".join(f'{name}="{_label(text)}"' for name, text in {"tenant": tenant, **labels}.items())
        lines.append(f"{family.name}{{{told}}} {_number(value)}\n")
    return lines


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))
