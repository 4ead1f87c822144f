# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The checklist: what a person must still do in Admin Console, as Markdown and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from .._base.csv_table import table
from .text import markdown

COLUMNS = ("user_name", "user_id", "action", "reason", "where")


def checklist_markdown(actions: Iterable[Mapping[str, Any]], title: str) -> str:
    """Return manual actions as a list to tick off, grouped by person."""
    lines = [f"# {markdown(title)}"]
    for (name, user_id), group in groupby(
        actions, lambda action: (_text(action, "user_name"), _text(action, "user_id"))
    ):
        lines += ["", f"## {markdown(name or user_id or 'Nobody in particular')}", ""]
        lines += [
            f"- [ ] **{markdown(_text(action, 'action').replace('_', ' '))}**: {markdown(_text(action, 'reason'))} "
            f"Where: {markdown(_text(action, 'where'))}"
            for action in group
        ]
    return "\n".join(lines) + "\n"


def checklist_csv(actions: Iterable[Mapping[str, Any]]) -> str:
    """Return manual actions as CSV, with an empty column to mark what is done."""
    return table(("done", *COLUMNS), (("", *(_text(action, name) for name in COLUMNS)) for action in actions))


def _text(action: Mapping[str, Any], name: str) -> str:
    value = action.get(name)
    return "" if value is None else str(value)
