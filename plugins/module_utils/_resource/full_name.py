# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Names that are made of other names: ``name.formatted`` and ``displayName``. Pure.

A PUT carries everything that was read. Where a part of a name changes, these must change with it: servers that store them would
show the old name, and servers that make the parts from them would lose the change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


def rename(body: dict[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Write a changed name into the names that are made of it; take out what cannot be made.

    :param body: The body of a PUT, with the new parts of the name in it already.
    :param before: The parts of the name as they were: ``given_name`` and ``family_name``.
    :param after: The same as they are to be.
    """
    parts = [(str(before[key] or ""), str(after[key] or "")) for key in ("given_name", "family_name")]
    changed = [(old, new) for old, new in parts if old != new]
    if not changed:
        return
    name = body.get("name")
    formatted = name.get("formatted") if isinstance(name, dict) else None
    shown = body.get("displayName")
    if isinstance(shown, str) and (shown == formatted or _is_made_of(shown, [old for old, _new in parts])):
        body["displayName"] = _renamed(shown, changed)
        if not body["displayName"]:
            del body["displayName"]
    if isinstance(name, dict) and "formatted" in name:
        fresh = _renamed(formatted, changed) if isinstance(formatted, str) else None
        if fresh:
            name["formatted"] = fresh
        else:
            del name["formatted"]


def _is_made_of(text: str, parts: list[str]) -> bool:
    given, family = parts
    return text in (f"{given} {family}", f"{family} {given}", f"{family}, {given}")


def _renamed(text: str, changed: list[tuple[str, str]]) -> str | None:
    """Return a full name with each changed part in it replaced, or None where a part is not in it exactly once."""
    spans: list[tuple[int, int, str]] = []
    for old, new in changed:
        found = [match.span() for match in re.finditer(rf"(?<!\w){re.escape(old)}(?!\w)", text)] if old else []
        if len(found) != 1 or any(start < found[0][1] and found[0][0] < end for start, end, _new in spans):
            return None
        spans.append((*found[0], new))
    for start, end, new in sorted(spans, reverse=True):
        text = f"{text[:start]}{new}{text[end:]}"
    return text
