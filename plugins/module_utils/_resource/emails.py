# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The e-mail addresses of a user: which entry is the one that 8x8 uses, and how it changes while the others stay. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def entries_of(value: Any) -> list[Any]:
    """Return the entries of ``emails``, whatever they are; some servers send a single one without its list."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, (str, dict)) and value else []


def position_of_work_email(entries: list[Any]) -> int | None:
    """Return which entry 8x8 uses: of type work, else without a type; the primary one of several, else the first."""
    best: tuple[int, int] | None = None
    for position, entry in enumerate(entries):
        rank = _rank(entry)
        if rank is not None and (best is None or rank < best[0]):
            best = (rank, position)
            if not rank:
                break
    return None if best is None else best[1]


def work_email(raw: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the entry that 8x8 uses. One of plain text is an address without a type."""
    entries = entries_of(raw.get("emails"))
    position = position_of_work_email(entries)
    if position is None:
        return None
    entry = entries[position]
    return {"value": entry} if isinstance(entry, str) else dict(entry)


def with_work_email(value: Any, address: str) -> list[Any]:
    """Return the entries with the address that 8x8 uses in its place, and all others as they were.

    8x8 takes the work address as primary anyway (fact sheet section 3).
    """
    entries = list(entries_of(value))
    position = position_of_work_email(entries)
    before = {} if position is None or isinstance(entries[position], str) else entries[position]
    others = entries if position is None else [*entries[:position], *entries[position + 1 :]]
    fresh = {**before, "value": address, "type": "work"}
    fresh.pop("display", None)
    # True may stand once (RFC 7643 section 2.4), and where another address has it, it is not ours to take away.
    if not any(isinstance(entry, dict) and entry.get("primary") is True for entry in others):
        fresh["primary"] = True
    if position is None:
        return [fresh, *entries]
    entries[position] = fresh
    return entries


def _rank(entry: Any) -> int | None:
    if isinstance(entry, str):
        return 4 if entry else None
    if not isinstance(entry, dict):
        return None
    kind = entry.get("type")
    primary = str(entry.get("primary")).lower() == "true"
    if isinstance(kind, str) and kind.lower() == "work":
        return 0 if primary else 1
    return None if kind else (2 if primary else 3)
