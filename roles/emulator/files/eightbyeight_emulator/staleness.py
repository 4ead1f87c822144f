# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What lists and reads still show of users that were written a moment ago (fact sheet, 11.19)."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from .entries import Entry
from .switches import Switches


@dataclass
class _Shown:
    """An earlier state of a user, and how long it is shown: for a number of reads, or until a time."""

    entry: Entry | None
    """None: the user is not shown at all."""

    reads: int
    until: float

    def over(self, now: float) -> bool:
        return self.reads <= 0 and now >= self.until


class Staleness:
    """The users that are shown as they were, until the switches let their new state be seen."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._listed: dict[str, list[_Shown]] = {}
        """By id, the states that lists show, oldest first."""
        self._read: dict[str, _Shown] = {}
        """By id, the state that GET by id shows."""

    def __bool__(self) -> bool:
        """Whether lists show anybody other than as it is."""
        if self._listed:
            self._drop()
        return bool(self._listed)

    def created(self, entry: Entry) -> None:
        """Remember that somebody is new."""
        self._list(entry.id, None, self._switches.consistency_delay)

    def changed(self, entry: Entry) -> None:
        """Remember a user as it is, right before it is changed."""
        old = replace(entry)
        self._list(entry.id, old, self._switches.change_delay)
        if self._switches.read_delay:
            earlier = self._read.get(entry.id)
            shown = old if earlier is None else earlier.entry
            self._read[entry.id] = _Shown(shown, self._switches.read_delay, 0.0)

    def removed(self, identifier: str) -> None:
        """Forget somebody who is gone."""
        self._listed.pop(identifier, None)
        self._read.pop(identifier, None)

    def clear(self) -> None:
        """Forget everything."""
        self._listed.clear()
        self._read.clear()

    def as_listed(self, entry: Entry) -> Entry | None:
        """Return a user as lists show it, or None where they do not."""
        states = self._listed.get(entry.id)
        return states[0].entry if states else entry

    def as_read(self, entry: Entry) -> Entry:
        """Return a user as GET by id shows it, and count that read."""
        shown = self._read.get(entry.id)
        if shown is None or shown.entry is None:
            return entry
        shown.reads -= 1
        if shown.reads <= 0:
            del self._read[entry.id]
        return shown.entry

    def count_list(self) -> None:
        """Count a list or filter, after it was served."""
        for states in self._listed.values():
            for state in states:
                state.reads -= 1
        self._drop()

    def _list(self, identifier: str, entry: Entry | None, reads: int) -> None:
        lag = float(self._switches.list_lag)
        if not reads and not lag:
            return
        states = self._listed.setdefault(identifier, [])
        until = time.monotonic() + lag if lag else 0.0
        if states and states[-1].entry is not None and not lag:
            # Counted in reads: the state that is shown already is shown for longer.
            states[-1].reads = reads
        else:
            states.append(_Shown(entry, reads, until))

    def _drop(self) -> None:
        """Drop what was shown for long enough."""
        now = time.monotonic()
        for identifier, states in list(self._listed.items()):
            left = [state for state in states if not state.over(now)]
            if left:
                self._listed[identifier] = left
            else:
                del self._listed[identifier]
