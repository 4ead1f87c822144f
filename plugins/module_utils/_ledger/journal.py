# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads follow-ups from a journal of ``eightbyeight_roster`` that no task opened yet, for example after a run was killed."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.clock import Clock, read_stamp, stamp
from .._base.files import lock_on, open_journal, reason_of
from .._errors import BadOptionError
from .._files import holding
from .._manual_actions import follow_from
from .merge import Wish, moot_after

#: The event that a task on the ledger adds after it opened all follow-ups before it.
_OPENED = "followed_up"
#: The event at the end of a run, with or without failures. A run that was killed does not have it.
_ENDED = "ended"
_ANSWERED = ("confirmed", "failed", "skipped")
_UNCERTAIN = "A run was stopped before 8x8 had answered. Check first whether this was done."


class Done(NamedTuple):
    """One operation in a journal.

    :param at: When it was confirmed, or else when it was sent.
    :param actions: Its manual actions; None when no answer came.
    """

    at: str
    operation: str
    user_name: str | None
    user_id: str | None
    actions: tuple[str, ...] | None

    def wishes(self, tenant: str) -> Iterator[Wish]:
        """Return the follow-ups to open and to withdraw because of it."""
        user_name, user_id = self.user_name, self.user_id
        note = _UNCERTAIN if self.actions is None else None
        for action in follow_from(self.operation, user_name, user_id, self.actions):
            yield Wish(tenant=tenant, **action, since=self.at, note=note)
        if self.actions is not None:
            yield from moot_after(self.operation, tenant, user_name, user_id, until=self.at)


class Journal:
    """A journal from which follow-ups are opened.

    :param path: The file. If it does not exist, the journal is empty.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._whole = True

    def unopened(self) -> list[Done]:
        """Return the operations since a task on the ledger last read the journal; before the first time, of a killed run.

        :raises BadOptionError: When it cannot be read.
        """
        try:
            with open(self._path, encoding="utf-8", errors="replace") as file:
                return self._read(file)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise BadOptionError(f"journal_file: {self._path} cannot be read ({reason_of(error)}).") from None

    def _read(self, lines: Iterable[str]) -> list[Done]:
        done: list[Done] = []
        sent: dict[tuple[str, str], Done] = {}
        was_opened, line = False, "\n"
        for line in lines:
            entry = _entry(line)
            event = entry.get("event")
            was_opened = was_opened or event == _OPENED
            if event == _OPENED or (event == _ENDED and not was_opened):
                done.clear()
                sent.clear()
            elif event in ("sent", *_ANSWERED):
                row = (str(entry.get("row")), str(entry.get("user_name")))
                sent.pop(row, None)
                if event == "sent":
                    sent[row] = _done(entry, None)
                elif isinstance(entry.get("actions"), list):
                    done.append(_done(entry, entry["actions"]))
        self._whole = line.endswith("\n")
        return [each for each in (*done, *sent.values()) if each.user_id or each.user_name]

    def note_opened(self, now: float, *, begin: bool) -> None:
        """Add the event that says that all follow-ups are opened.

        :param now: Seconds since the epoch.
        :param begin: Whether to create the journal if it does not exist.
        :raises BadOptionError: When it cannot be written.
        """
        if not begin and not os.path.exists(self._path):
            return
        line = json.dumps({"time": stamp(now), "event": _OPENED})
        try:
            with open(open_journal(self._path), "ab") as file:
                file.write(f"{line}\n".encode() if self._whole else f"\n{line}\n".encode())
        except OSError as error:
            raise BadOptionError(f"journal_file: {self._path} cannot be written ({reason_of(error)}).") from None


def reserved_journal(path: str | None, wait: float, clock: Clock) -> contextlib.AbstractContextManager[object]:
    """Lock a journal against runs that write to it. Waits until such a run ends.

    :param wait: Seconds to wait.
    :raises EightByEightError: ``locked`` when a run still writes to it, ``bad_option`` when it cannot be locked.
    """
    if path is None or not os.path.exists(path):
        return contextlib.nullcontext()
    busy = (
        f"A run is still writing to the journal {path}, so its follow-ups are not known yet. Nothing was written. Run again "
        "when it has ended."
    )
    return holding("journal_file", path, lock_on(path, open_journal, lambda _handle: False, wait, clock), busy)


def _entry(line: str) -> Mapping[str, Any]:
    """Return an entry of a journal; empty when the line is not valid, such as the last line of a run that was killed."""
    with contextlib.suppress(ValueError, RecursionError):
        entry = json.loads(line)
        if isinstance(entry, dict) and read_stamp(str(entry.get("time"))):
            return entry
    return {}


def _done(entry: Mapping[str, Any], actions: Sequence[Any] | None) -> Done:
    user_name, user_id = entry.get("login", entry.get("user_name")), entry.get("id")
    return Done(
        at=str(entry["time"]),
        operation=str(entry.get("operation")),
        user_name=user_name if isinstance(user_name, str) and user_name else None,
        user_id=user_id if isinstance(user_id, str) and user_id else None,
        actions=None if actions is None else tuple(map(str, actions)),
    )
