# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The option ``protected``: users who are never changed."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable

from .._base.names import invisible_character, login_key, plain_key
from .._base.text import abbreviated, counted, named
from .._errors import BadOptionError

_MOST_PATTERN = 500
#: Separates the entries of a list that is given as one text. A comma in brackets is part of a pattern.
_SEPARATOR = re.compile(r",(?![^\[\]]*\])|[\r\n]+(?=.*\S)")


def _trim(entry: str) -> str:
    return entry.strip("".join({char for char in entry if char.isspace() or invisible_character(char)}))


class Protected:
    """The users who are never changed: login names with wildcards. Case does not matter.

    Each pattern is compiled once, because the cache of ``fnmatch`` is too small for a long list. Its patterns do not backtrack,
    so none of them is slow.

    :raises BadOptionError: For an empty pattern, which would protect nobody.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        #: Normalized entry -> the entry as given.
        self._given: dict[str, str] = {}
        self._wild: dict[str, re.Pattern[str]] = {}
        for number, entry in enumerate(patterns, start=1):
            for part in _SEPARATOR.split(entry):
                self._add(number, part)

    def _add(self, number: int, entry: str) -> None:
        pattern = _trim(entry)
        if not pattern:
            raise BadOptionError(f"protected: entry {number} is empty, and protects nobody.")
        if len(pattern) > _MOST_PATTERN:
            raise BadOptionError(f"protected: entry {number} has more than {_MOST_PATTERN} characters.")
        if invisible := invisible_character(pattern):
            raise BadOptionError(
                f"protected: entry {number}, {abbreviated(pattern)!r}, contains the invisible character {invisible}, and would "
                "protect nobody. Remove it."
            )
        plain = login_key(pattern)
        self._given[plain] = pattern
        if any(char in plain for char in "*?["):
            self._wild[plain] = re.compile(fnmatch.translate(plain))

    def warnings(self, names: Iterable[str]) -> list[str]:
        """Return a warning about entries that match none of these login names, and so protect nobody."""
        plain = {plain_key(name) for name in names}
        unused = [
            repr(abbreviated(given))
            for key, given in self._given.items()
            if key not in plain and not (key in self._wild and any(map(self._wild[key].match, plain)))
        ]
        if not unused:
            return []
        count = counted(len(unused), "entry matches", "entries match")
        return [f"protected: {count} nobody in this tenant or roster ({named(unused, 5)}). Check the spelling."]

    def covers(self, *names: str | None) -> bool:
        """Say whether one of the login names of a user is protected; None is ignored."""
        keys = {plain_key(name) for name in names if name}
        return not keys.isdisjoint(self._given) or any(
            pattern.match(key) for key in keys for pattern in self._wild.values()
        )

    def covers_all(self, names: Iterable[str]) -> bool:
        """Say whether wildcards protect everybody. A list of all users by name does not count, because it is intended."""
        plain = [plain_key(name) for name in names]
        return (
            bool(self._wild and plain)
            and not all(name in self._given for name in plain)
            and all(map(self.covers, plain))
        )
