# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The journal: one line an operation. It holds no secret, but people's data."""

from __future__ import annotations

from .._base.json_text import read_object
from .._files import JournalFile


class Journal(JournalFile):
    """One line an operation: intended, sent, confirmed or failed."""

    def last_seen(self) -> dict[str, str]:
        """Return when users were last changed, as the last run saw it: id -> ``lastModified``.

        Each run adds what differs from the runs before. Whom a run wrote to without seeing what became of it, because it was
        killed, is left out.

        :raises BadOptionError: When the journal cannot be read.
        """
        seen: dict[str, str] = {}
        for line in self.lines():
            if '"event": "seen"' in line or '"event": "sent"' in line:
                _remember(seen, line)
        return seen


def _remember(seen: dict[str, str], line: str) -> None:
    # A run that was killed may have left half a line, and somebody may have edited it.
    entry = read_object(line)
    if isinstance(entry.get("users"), dict):
        seen.update({key: at for key, at in entry["users"].items() if isinstance(at, str)})
    elif isinstance(entry.get("id"), str):
        seen.pop(entry["id"], None)
