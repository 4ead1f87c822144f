# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The journal: a line for each event of an operation. It contains data of people, but no secrets."""

from __future__ import annotations

from .._base.json_text import read_object
from .._files import JournalFile


class Journal(JournalFile):
    """A journal with a line for each operation that is intended, sent, confirmed or failed."""

    def last_seen(self) -> dict[str, str]:
        """Return the times of the last changes that earlier runs saw: id -> ``lastModified``.

        Each run adds what has changed since the run before. Users to whom a killed run wrote without reading the result are left
        out.

        :raises BadOptionError: When the journal cannot be read.
        """
        seen: dict[str, str] = {}
        for line in self.lines():
            if '"event": "seen"' in line or '"event": "sent"' in line:
                _remember(seen, line)
        return seen


def _remember(seen: dict[str, str], line: str) -> None:
    # A killed run may have left half a line, and people may have edited the file.
    entry = read_object(line)
    if isinstance(entry.get("users"), dict):
        seen.update({key: at for key, at in entry["users"].items() if isinstance(at, str)})
    elif isinstance(entry.get("id"), str):
        seen.pop(entry["id"], None)
