# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Lines for the screen that all roles print in the same way.

A line about a user begins with the login name. When the same happened to many users, the first ones have a line each and the
others share one line. A reason that several users share is printed once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._base.text import about, named
from .text import one_line

Record = Mapping[str, Any]

#: Operation in a result -> verb in a plan. Reports have this order, because who gets access again matters most.
OPERATIONS = {"activated": "reactivate", "deactivated": "deactivate", "created": "create", "updated": "update"}
#: How a count in the summary is named, if not by its key.
_COUNTS = {
    "activated": "reactivated",
    "unlisted": "not in the roster",
    "inactive": "left inactive",
    "skipped": "not tried",
}
#: The most lines for users to whom the same happened, reasons in a message, and names in a line.
_MOST_LINES = 10
_MOST_REASONS = 5
_MOST_NAMES = 10


def who(row: Record) -> str:
    """Return the login name of a user, or else the id."""
    return one_line(row.get("user_name") or row.get("user_id")) or "?"


def count_name(name: str) -> str:
    """Return how an operation or status in the summary is named in a sentence."""
    return _COUNTS.get(name, name)


def grouped_lines(
    rows: Iterable[Record], event: Callable[[Record], str], detail: Callable[[Record], str] = lambda _row: ""
) -> list[str]:
    """Return a line for each user. When the same happened to more than eleven users, all after the tenth share one line.

    :param event: Returns what happened to a user.
    :param detail: Returns text for the line of this user alone.
    """
    groups: dict[str, list[Record]] = {}
    for row in rows:
        groups.setdefault(event(row), []).append(row)
    lines = []
    for what, group in groups.items():
        few = group if len(group) <= _MOST_LINES + 1 else group[:_MOST_LINES]
        lines += [f"{who(row)}: {what}{detail(row)}" for row in few]
        if len(few) < len(group):
            lines.append(f"... {len(group) - len(few)} more: {what}")
    return lines


def to_do(actions: Iterable[Record], checklists: Iterable[str]) -> list[str]:
    """Return a line for each checklist, or without one for each kind of manual action."""
    kinds: dict[str, list[str]] = {}
    for action in actions:
        names = kinds.setdefault(one_line(action.get("action")).replace("_", " "), [])
        if who(action) not in names:
            names.append(who(action))
    lines = [f"to do: {kind}: {named(names, _MOST_NAMES)}" for kind, names in kinds.items()]
    return [f"checklist: {one_line(path)}" for path in checklists] or lines


def reasons(failed: Iterable[tuple[str, str]], fact: str) -> list[str]:
    """Return why users failed, each reason once.

    :param failed: The name and the reason of each user.
    :param fact: The name of the fact with all failed users.
    """
    groups: dict[str, tuple[str, list[str]]] = {}
    for name, reason in failed:
        groups.setdefault(in_common(name, reason), (reason, []))[1].append(name)
    alike = list(groups.values())
    lines = [
        about(names[0], reason) + (f" The same for {len(names) - 1} more: {named(names[1:])}." if names[1:] else "")
        for reason, names in alike[:_MOST_REASONS]
    ]
    rest = sum(len(names) for _reason, names in alike[_MOST_REASONS:])
    return lines + ([f"and {rest} more, see {fact}"] if rest else [])


def in_common(name: str, reason: str) -> str:
    """Return a reason without the name of the user, to find users who failed for the same reason."""
    return reason.replace(name, "*")
