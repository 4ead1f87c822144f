# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The journal: one line an operation. It holds no secret, but people's data."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Callable, Collection
from typing import Any

from .._base.clock import stamp
from .._base.files import open_journal, reason_of
from .._errors import BadOptionError, EightByEightError


class Journal:
    """One line an operation: intended, sent, confirmed or failed. Only ever added to.

    :param path: The file, or None for no journal.
    :param redact: Strikes out of a line what must not be kept.
    :param events: The events that are noted; None for all.
    """

    def __init__(
        self, path: str | None, redact: Callable[[str], str] = str, events: Collection[str] | None = None
    ) -> None:
        self._path = path
        self._events = events
        self._redact = redact
        self._lock = threading.Lock()
        self._line_ended = True

    def note(self, now: float, event: str, **facts: Any) -> None:
        """Add a line. The system has it before this returns.

        :raises EightByEightError: When it cannot be written; nothing must go on that would not be in the journal.
        """
        if self._path is None or (self._events is not None and event not in self._events):
            return
        line = self._redact(json.dumps({"time": stamp(now), "event": event, **facts}))
        try:
            with self._lock, open(open_journal(self._path), "ab") as file:
                ended, self._line_ended = self._line_ended, False
                file.write((f"{line}\n" if ended else f"\n{line}\n").encode())
                file.flush()
                self._line_ended = True
        except OSError as error:
            raise EightByEightError(
                f"The journal {self._path} cannot be written any more ({reason_of(error)}).", kind="bad_option"
            ) from None

    def last_seen(self) -> dict[str, str]:
        """Return when users were last changed, as the last run saw it: id -> ``lastModified``.

        Each run adds what differs from the runs before. Whom a run wrote to without seeing what became of it, because it was
        killed, is left out.

        :raises BadOptionError: When the journal cannot be read.
        """
        if self._path is None or not os.path.exists(self._path):
            return {}
        seen: dict[str, str] = {}
        line = "\n"
        try:
            with open(self._path, encoding="utf-8", errors="replace") as file:
                for line in file:
                    if '"event": "seen"' in line or '"event": "sent"' in line:
                        _remember(seen, line)
        except OSError as error:
            raise BadOptionError(f"journal_file: {self._path} cannot be read ({error.strerror}).") from None
        # A run that was killed may have left half a line.
        self._line_ended = line.endswith("\n")
        return seen


def _remember(seen: dict[str, str], line: str) -> None:
    # A run that was killed may have left half a line, and somebody may have edited it.
    with contextlib.suppress(ValueError, RecursionError, AttributeError):
        entry = json.loads(line)
        if isinstance(entry.get("users"), dict):
            seen.update({key: at for key, at in entry["users"].items() if isinstance(at, str)})
        elif isinstance(entry.get("id"), str):
            seen.pop(entry["id"], None)
