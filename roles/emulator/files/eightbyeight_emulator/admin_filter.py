# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""RSQL, the filters of the Administration API (its fact sheet, 2.7): ``a==b;(c!=d,e==f*)``."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

MOST_CHARACTERS = 2000
Match = Callable[[dict[str, Any]], bool]
_COMPARISON = re.compile(r"""([A-Za-z][A-Za-z.]*)(==|!=|>=|<=|>|<)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^;,()"'\s]+)""")
_NAMES = ("basicInfo.", "directoryInfo.")


class FilterError(ValueError):
    """A filter that cannot be read."""


def parse(text: str) -> Match:
    """Return a function that tells whether a user matches.

    :raises FilterError: When it cannot be read.
    """
    if len(text) > MOST_CHARACTERS:
        raise FilterError("filter is too long")
    match, rest = _alternatives(text)
    if rest:
        raise FilterError(f"filter cannot be read at {rest[:20]!r}")
    return match


def _alternatives(text: str) -> tuple[Match, str]:
    found, rest = _conjunction(text)
    matches = [found]
    while rest.startswith(","):
        found, rest = _conjunction(rest[1:])
        matches.append(found)
    return lambda user: any(match(user) for match in matches), rest


def _conjunction(text: str) -> tuple[Match, str]:
    found, rest = _one(text)
    matches = [found]
    while rest.startswith(";"):
        found, rest = _one(rest[1:])
        matches.append(found)
    return lambda user: all(match(user) for match in matches), rest


def _one(text: str) -> tuple[Match, str]:
    if text.startswith("("):
        match, rest = _alternatives(text[1:])
        if not rest.startswith(")"):
            raise FilterError("a parenthesis is not closed")
        return match, rest[1:]
    found = _COMPARISON.match(text)
    if found is None or not found[1].startswith(_NAMES):
        raise FilterError(f"filter cannot be read at {text[:20]!r}")
    name, operator, value = found.groups()
    if value[0] in "\"'":
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    return _compared(name.split("."), operator, value.lower()), text[found.end() :]


def _compared(path: list[str], operator: str, wanted: str) -> Match:
    def match(user: dict[str, Any]) -> bool:
        value: Any = user
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        text = "" if value is None else str(value).lower()
        # Only the asterisk is a wildcard here.
        same = fnmatchcase(text, re.sub(r"([\[?])", r"[\1]", wanted))
        return {
            "==": same,
            "!=": not same,
            ">": text > wanted,
            "<": text < wanted,
            ">=": text >= wanted,
            "<=": text <= wanted,
        }[operator]

    return match
