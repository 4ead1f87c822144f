# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads follow-ups that no task opened yet from a journal of ``eightbyeight_roster``, such as after a killed run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Any

from .._base.clock import Clock, read_stamp
from .._base.json_text import read_object
from .._files import JournalFile, file_lock
from .._manual_actions import follow_from
from .._resource.user import text_of
from .merge import FollowupChange, withdrawals_after

#: The event that a task on the ledger adds after it opened all follow-ups before it.
_OPENED = "followed_up"
#: The event at the end of a run, with or without failures. A run that was killed does not have it.
_ENDED = "ended"
_UNCERTAIN = "A run was stopped before 8x8 had answered. Check first whether this was done."


class Journal(JournalFile):
    """A journal from which follow-ups are opened. If it does not exist, it is empty."""

    def locked(self, wait: float, clock: Clock) -> contextlib.AbstractContextManager[object]:
        """Lock the journal. Waits until a run that writes to it ends.

        :param wait: Seconds to wait.
        :raises EightByEightError: ``locked`` when a run still writes to it, ``bad_option`` when it cannot be locked.
        """
        path = self._path
        if path is None or not os.path.exists(path):
            return contextlib.nullcontext()
        busy = (
            f"A run is still writing to the journal {path}, so its follow-ups are not known yet. Nothing was written. Run again "
            "when it has ended."
        )
        return file_lock("journal_file", path, wait, clock, busy, beside=False)

    def unopened(self, tenant: str) -> list[FollowupChange]:
        """Return the changes that follow from the operations since a task on the ledger last read the journal.

        Before the first time, these are the operations of a run that was killed.

        :raises BadOptionError: When it cannot be read.
        """
        answered: list[Mapping[str, Any]] = []
        sent: dict[tuple[str, str], Mapping[str, Any]] = {}
        was_opened = False
        for entry in map(_entry, self.lines()):
            event = entry.get("event")
            was_opened = was_opened or event == _OPENED
            if event == _OPENED or (event == _ENDED and not was_opened):
                answered.clear()
                sent.clear()
            elif event in ("sent", "confirmed", "failed", "skipped"):
                row = (str(entry.get("row")), str(entry.get("user_name")))
                sent.pop(row, None)
                if event == "sent":
                    sent[row] = entry
                elif isinstance(entry.get("actions"), list):
                    answered.append(entry)
        found = [change for entry in answered for change in _changes(entry, tenant, entry["actions"])]
        return found + [change for entry in sent.values() for change in _changes(entry, tenant, None)]

    def note_opened(self, now: float, *, begin: bool) -> None:
        """Add the event that says that all follow-ups are opened.

        :param now: Seconds since the epoch.
        :param begin: Whether to create the journal if it does not exist.
        :raises EightByEightError: When it cannot be written.
        """
        if begin or (self._path and os.path.exists(self._path)):
            self.note(now, _OPENED)


def _entry(line: str) -> Mapping[str, Any]:
    """Return an entry of a journal; empty when the line is not valid, such as the last line of a killed run."""
    entry = read_object(line)
    return entry if read_stamp(str(entry.get("time"))) else {}


def _changes(entry: Mapping[str, Any], tenant: str, actions: list[Any] | None) -> Iterator[FollowupChange]:
    """Return the follow-ups to open and to withdraw because of an operation.

    :param actions: Its manual actions; None when no answer came.
    """
    operation, at = str(entry.get("operation")), str(entry["time"])
    user_name, user_id = text_of(entry.get("login", entry.get("user_name"))), text_of(entry.get("id"))
    if not (user_name or user_id):
        return
    note = _UNCERTAIN if actions is None else None
    for action in follow_from(operation, user_name, user_id, actions):
        yield FollowupChange(tenant=tenant, **action, since=at, note=note)
    if actions is not None:
        yield from withdrawals_after(operation, tenant, user_name, user_id, until=at)
