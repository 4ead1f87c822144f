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
from typing import Any, TypeVar

from .._base.text import about, named
from .text import one_line

Record = Mapping[str, Any]
_Item = TypeVar("_Item")
_Key = TypeVar("_Key")

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


def action_name(action: Record) -> str:
    """Return how people call a manual action."""
    return one_line(action.get("action")).replace("_", " ")


def count_name(name: str) -> str:
    """Return how an operation or status in the summary is named in a sentence."""
    return _COUNTS.get(name, name)


def grouped(items: Iterable[_Item], key: Callable[[_Item], _Key]) -> dict[_Key, list[_Item]]:
    """Return items by their key, in the order in which the keys appear first."""
    groups: dict[_Key, list[_Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups


def grouped_lines(
    rows: Iterable[Record], event: Callable[[Record], str], detail: Callable[[Record], str] = lambda _row: ""
) -> list[str]:
    """Return a line for each user. When the same happened to more than eleven users, all after the tenth share one line.

    :param event: Returns what happened to a user.
    :param detail: Returns text for the line of this user alone.
    """
    lines = []
    for what, group in grouped(rows, event).items():
        few = group if len(group) <= _MOST_LINES + 1 else group[:_MOST_LINES]
        lines += [f"{who(row)}: {what}{detail(row)}" for row in few]
        if len(few) < len(group):
            lines.append(f"... {len(group) - len(few)} more: {what}")
    return lines


def to_do(actions: Iterable[Record], checklists: Iterable[str]) -> list[str]:
    """Return a line for each checklist, or without one for each kind of manual action."""
    kinds = grouped(actions, action_name)
    names = {kind: list(dict.fromkeys(who(action) for action in own)) for kind, own in kinds.items()}
    lines = [f"to do: {kind}: {named(own, _MOST_NAMES)}" for kind, own in names.items()]
    return [f"checklist: {one_line(path)}" for path in checklists] or lines


def reasons(failed: Iterable[Record], reason: Callable[[Record], str], fact: str) -> list[str]:
    """Return why users failed, each reason once.

    :param reason: Returns the reason of a user.
    :param fact: The name of the fact with all failed users.
    """
    alike = by_reason(failed, reason)
    lines = []
    for first, *others in alike[:_MOST_REASONS]:
        same = f" The same for {len(others)} more: {named([who(row) for row in others])}." if others else ""
        lines.append(about(who(first), reason(first)) + same)
    rest = sum(len(rows) for rows in alike[_MOST_REASONS:])
    return lines + ([f"and {rest} more, see {fact}"] if rest else [])


def by_reason(failed: Iterable[Record], reason: Callable[[Record], str]) -> list[list[Record]]:
    """Return users who failed for the same reason together."""
    return list(grouped(failed, lambda row: in_common(who(row), reason(row))).values())


def in_common(name: str, reason: str) -> str:
    """Return a reason without the name of the user, to find users who failed for the same reason."""
    return reason.replace(name, "*")
