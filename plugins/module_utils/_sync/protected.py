# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Login names that are never touched."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable

from .._base.names import invisible_character, login_key, plain_key
from .._base.text import abbreviated, counted, named
from .._errors import BadOptionError

_MOST_PATTERN = 500
#: Between the entries of a list that was given as one text; a comma inside brackets belongs to the pattern.
_SEPARATOR = re.compile(r",(?![^\[\]]*\])|[\r\n]+(?=.*\S)")


def _trimmed(entry: str) -> str:
    return entry.strip("".join({char for char in entry if char.isspace() or invisible_character(char)}))


class Protected:
    """Who is never touched: login names, with wildcards, without case.

    Each pattern is made ready once: ``fnmatch`` forgets those of a long list, and would make them anew for every user. Its
    patterns do not backtrack, so no pattern takes long.

    :raises BadOptionError: For a pattern that is empty or white space, which protects nobody and was meant for somebody.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        #: The entries as they were given, by what they are compared as.
        self._given: dict[str, str] = {}
        self._wild: dict[str, re.Pattern[str]] = {}
        for number, entry in enumerate(patterns, start=1):
            for part in _SEPARATOR.split(entry):
                self._add(number, part)

    def _add(self, number: int, entry: str) -> None:
        pattern = _trimmed(entry)
        if not pattern:
            raise BadOptionError(f"protected: entry {number} is empty, and protects nobody.")
        if len(pattern) > _MOST_PATTERN:
            raise BadOptionError(f"protected: entry {number} has more than {_MOST_PATTERN} characters.")
        if odd := invisible_character(pattern):
            raise BadOptionError(
                f"protected: entry {number}, {abbreviated(pattern)!r}, contains the invisible character {odd}, and would protect "
                "nobody. Remove it."
            )
        plain = login_key(pattern)
        self._given[plain] = pattern
        if any(char in plain for char in "*?["):
            self._wild[plain] = re.compile(fnmatch.translate(plain))

    def warnings(self, names: Iterable[str]) -> list[str]:
        """Warn of entries that match none of the login names of everybody: they protect nobody, and were meant for somebody."""
        plain = {plain_key(name) for name in names}
        idle = [
            repr(abbreviated(given))
            for key, given in self._given.items()
            if key not in plain and not (key in self._wild and any(map(self._wild[key].match, plain)))
        ]
        if not idle:
            return []
        told = counted(len(idle), "entry matches", "entries match")
        return [f"protected: {told} nobody in this tenant or roster ({named(idle, 5)}). Check the spelling."]

    def covers(self, *names: str | None) -> bool:
        """Say whether one of the login names of somebody is protected; None is no name."""
        keys = {plain_key(name) for name in names if name}
        return not keys.isdisjoint(self._given) or any(
            pattern.match(key) for key in keys for pattern in self._wild.values()
        )

    def covers_all(self, names: Iterable[str]) -> bool:
        """Say whether wildcards protect everybody. A list that names each user one by one is meant so."""
        plain = [plain_key(name) for name in names]
        return (
            bool(self._wild and plain)
            and not all(name in self._given for name in plain)
            and all(map(self.covers, plain))
        )
