# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The output of the role audit: lines for the screen, files, and its failure message. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._base.text import counted, named
from .._report.obstacles import file_problems, written_files
from .._report.situations import SITUATIONS
from .._report.text import one_line


def audit_files(result: Mapping[str, Any], base: str, formats: Iterable[str]) -> list[dict[str, str]]:
    """Return the files of an audit, each with ``format``, ``path`` and ``mode``.

    :param result: The result of ``eightbyeight_audit_info``.
    :param base: The path of the files without a suffix.
    """
    # An incomplete audit does not replace the files of a complete one, except metrics, which are about the last run.
    stem = base if result["complete"] else f"{base}.incomplete"
    # Files that name people are for their owner only. Metrics are read by a collector that runs as another user.
    return [
        {"format": name, "path": f"{base}.prom", "mode": "0644"}
        if name == "prom"
        else {"format": name, "path": f"{stem}.{name}", "mode": "0600"}
        for name in formats
    ]


def audit_report(steps: Mapping[str, Any]) -> dict[str, Any]:
    """Return the files of the role, its lines for the screen and its failure message.

    :param steps: ``outputs`` is the result of the filter ``audit_outputs``, ``written`` that of the task that wrote the
        files.
    """
    outputs, result = steps["outputs"], steps.get("written") or {}
    paths, failures = written_files(result), outputs["failures"]
    files = {file["format"]: file["path"] for file in outputs["files"] if file["path"] in paths}
    gate = [f"The audit does not pass audit_fail_on: {' '.join(failures)}"] if failures else []
    return {
        "files": files,
        "lines": [*outputs["lines"], *(f"{name}: {path}" for name, path in files.items())],
        "failure": " ".join([*file_problems(result), *gate]),
    }


def audit_lines(result: Mapping[str, Any]) -> list[str]:
    """Return the result of ``eightbyeight_audit_info`` as lines for the screen."""
    figures = result["figures"]
    accounts = (
        "an unknown number of accounts" if figures["accounts"] is None else counted(figures["accounts"], "account")
    )
    apis = {"scim": "SCIM", "scim+administration": "SCIM and the Administration API"}[result["evidence"]]
    lines = [f"{one_line(result['tenant'])} at {result['as_of']}, read from {apis}: {accounts}"]
    if not result["complete"]:
        lines.append("INCOMPLETE: 8x8 did not list all of its users. The files of the last complete audit are kept.")
    counts = [f"{count} {name.replace('_', ' ')}" for name, count in result["situations"].items() if count]
    lines += [", ".join(counts)] if counts else []
    for situation in (name for name, shown in SITUATIONS.items() if shown.needs_action):
        found = [account for account in result["accounts"] if account["situation"] == situation]
        if found:
            lines.append(f"{situation.replace('_', ' ')}: {named(list(dict.fromkeys(map(_who, found))), 5)}")
    lines += _of_figures(figures, str(result.get("currency") or ""))
    if result["compared_with"]:
        lines.append(f"changed since {result['compared_with']}: {counted(len(result['changes']), 'person', 'people')}")
    return [*lines, *(f"not seen: {one_line(limitation)}" for limitation in result["limitations"])]


def _of_figures(figures: Mapping[str, Any], currency: str) -> Iterable[str]:
    if figures["licenses_unused"] is not None:
        cost = figures["unused_cost_per_year"]
        money = "" if cost is None else f", {currency} {cost:,.2f} a year".replace(",  ", ", ")
        unused = f"{figures['licenses_unused']} of them to deactivated users{money}"
        yield f"licenses: {figures['licenses_assigned']} assigned, {unused}"
    if figures["active_without_license"]:
        yield f"active without license: {figures['active_without_license']}"
    if figures["stale"] is not None:
        yield f"stale: {figures['stale']}"
    if figures["manual_actions_open"] is not None:
        yield f"manual actions: {figures['manual_actions_open']} open, {figures['manual_actions_overdue']} of them overdue"


def _who(account: Mapping[str, Any]) -> str:
    name = account["user_name"] or account["external_id"] or account["id"] or f"row {account['row']}"
    days = account["left_days"]
    return one_line(name) + ("" if days is None else f" ({counted(days, 'day')})")
