# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The state file of an event source: the last snapshot, and the events that were not acknowledged yet.

It is JSON Lines. The first line holds everything and is written as a whole, before any of its events is sent. Each line after it
names one event that was acknowledged, so that an acknowledgement costs a few bytes in a tenant of any size. After a process
was killed, the next one continues from the file: it sends all events that were found, and no event that was acknowledged. Only
the owner can read the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .._base.files import replace_file
from .._errors import BadOptionError
from .._files import read_regular_file
from .options import LOG
from .snapshot import Snapshot

_FORMAT = 1
#: Bytes. A snapshot of 100,000 users is a tenth of that.
_MAX_BYTES = 512 * 1024 * 1024


class State(NamedTuple):
    """The state of a source.

    :param snapshot: The last known users of the tenant.
    :param pending: The events that were not acknowledged, oldest first.
    """

    snapshot: Snapshot = Snapshot()
    pending: tuple[Mapping[str, Any], ...] = ()


class StateFile:
    """Keeps the state; does nothing without a path.

    :param path: The file, or an empty text.
    :param tenant: The tenant whose state it is.
    """

    def __init__(self, path: str, tenant: str) -> None:
        self.path = path
        self._tenant = tenant

    def load(self) -> State:
        """Return the saved state; an empty one when there is no file yet.

        :raises BadOptionError: When the file cannot be read, is not a state file, or belongs to another tenant.
        """
        content = read_regular_file("state_file", self.path, _MAX_BYTES) if self.path else None
        if content is None:
            return State()
        try:
            return self._parse(content)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise BadOptionError(
                f"state_file: {self.path} is not a state file of user_changes, or is damaged. Move it away. The source then "
                "starts over, and sends no events for what changed since its last poll."
            ) from None

    def _parse(self, content: bytes) -> State:
        first, *lines = content.decode("utf-8").split("\n")
        document = json.loads(first)
        if document["form"] != _FORMAT:
            raise ValueError("another form")
        if document["tenant"] != self._tenant:
            raise BadOptionError(
                f"state_file: {self.path} is that of the tenant {document['tenant']}, and this source watches {self._tenant}. "
                "Give each source a state_file of its own."
            )
        # After a power failure the last line may be incomplete. Then its event is sent again.
        done = {line for line in lines if line}
        pending = tuple(event for event in document["pending"] if event["meta"]["uuid"] not in done)
        return State(Snapshot.from_json(document["snapshot"]), pending)

    def save(self, state: State) -> None:
        """Write a state. If that fails, the file is unchanged, and the log says so."""
        document = {
            "form": _FORMAT,
            "tenant": self._tenant,
            "snapshot": state.snapshot.as_json(),
            "pending": state.pending,
        }
        self._write(lambda: replace_file(self.path, f"{json.dumps(document)}\n".encode("ascii")))

    def acknowledge(self, event: Mapping[str, Any]) -> None:
        """Note that an event was acknowledged. If that fails, the log says so."""
        self._write(lambda: _append(self.path, f"{event['meta']['uuid']}\n".encode()))

    def _write(self, write: Callable[[], None]) -> None:
        """Write to the file, if there is one. Events are sent even if the disk is full."""
        if not self.path:
            return
        try:
            write()
        except OSError as error:
            LOG.warning(
                "state_file %s cannot be written: %s. After a restart, events may come twice.",
                self.path,
                error.strerror,
            )


def _append(path: str, line: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW), "ab", buffering=0) as file:
        file.write(line)
        os.fsync(file.fileno())
