# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Who is never touched."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable

from ._errors import BadOptionError
from ._names import login_key

_MOST_PATTERN = 500


class Protected:
    """Who is never touched: login names, with wildcards, without case.

    Each pattern is made ready once: ``fnmatch`` forgets those of a long list, and would make them anew for every user. Its
    patterns do not backtrack, so no pattern takes long.

    :raises BadOptionError: For a pattern that is empty or white space, which protects nobody and was meant for somebody.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._names: set[str] = set()
        self._wild: list[re.Pattern[str]] = []
        for number, pattern in enumerate(patterns, start=1):
            if not pattern.strip():
                raise BadOptionError(f"protected: entry {number} is empty, and protects nobody.")
            if len(pattern) > _MOST_PATTERN:
                raise BadOptionError(f"protected: entry {number} has more than {_MOST_PATTERN} characters.")
            plain = login_key(pattern)
            if any(char in plain for char in "*?["):
                self._wild.append(re.compile(fnmatch.translate(plain)))
            else:
                self._names.add(plain)

    def covers(self, name: str) -> bool:
        """Say whether somebody is protected."""
        plain = login_key(name)
        return plain in self._names or any(pattern.match(plain) for pattern in self._wild)

    def covers_all(self, names: Iterable[str]) -> bool:
        """Say whether the wildcards leave nobody to be touched; a list that names each one means it."""
        plain = [login_key(name) for name in names]
        return (
            bool(self._wild and plain)
            and not all(name in self._names for name in plain)
            and all(self.covers(name) for name in plain)
        )
