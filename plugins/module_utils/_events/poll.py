# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""One poll of an event source: compares what is known with what the tenant shows now, and returns the new state and the events.

Only a bug makes it fail: all other failures are events or lines of the log.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from .._base.clock import Clock, stamp
from .._errors import EightByEightError
from .compare import Event, back_event, compare, unreachable_event
from .options import LOG, Options
from .snapshot import ADMINISTRATION, SCIM, Snapshot, with_licenses
from .state import State
from .tenant import IncompleteError, Tenant

#: A server that answers 429 (try again later) counts as unreachable after so many polls in a row.
_MAX_DEFERRALS = 3
_TOO_MANY = 429

_Answer = TypeVar("_Answer")


class Poller:
    """Polls one tenant.

    :param options: The arguments of the source.
    :param tenant: Reads the tenant.
    :param clock: The clock.
    """

    def __init__(self, options: Options, tenant: Tenant, clock: Clock) -> None:
        self._options = options
        self._tenant = tenant
        self._clock = clock
        #: For each API: how many polls failed in a row, and the message of the last poll.
        self._failures = {SCIM: 0, ADMINISTRATION: 0}
        self._last_message = {SCIM: "", ADMINISTRATION: ""}

    def poll(self, state: State) -> State:
        """Return the state after one poll, with its events after those that are still to be sent."""
        before, admin, tenant = state.snapshot.people, self._options.admin, self._options.tenant
        seen_at = stamp(self._clock.wall())
        down = set(state.snapshot.down)
        events: list[Event] = []
        people = self._read(SCIM, partial(self._tenant.people, before), seen_at, down, events)
        if people is not None:
            read = admin and partial(self._tenant.licenses, admin, people)
            licenses = read and self._read(ADMINISTRATION, read, seen_at, down, events)
            people = with_licenses(people, licenses or {}, before)
            events += [] if before is None else compare(before, people, tenant, seen_at)
        wanted = [event.as_dict(self._options.host) for event in events if event.type in self._options.only]
        snapshot = Snapshot(before if people is None else people, frozenset(down))
        return State(snapshot, (*state.pending, *wanted))

    def _read(
        self, api: str, read: Callable[[], _Answer], seen_at: str, down: set[str], events: list[Event]
    ) -> _Answer | None:
        """Return what an API shows; None when it cannot be read or shows an incomplete listing.

        :param down: The APIs that do not answer, according to the last event about them. This method changes it, with an event.
        """
        answer = None
        try:
            answer = read()
            self._last_message[api] = ""
        except EightByEightError as error:
            # A message that stays the same is logged once.
            if error.message != self._last_message[api]:
                LOG.warning("%s: %s", self._options.tenant, error.message)
            self._last_message[api] = error.message
            # An incomplete listing is an answer.
            if not isinstance(error, IncompleteError):
                self._failures[api] += 1
                if api not in down and (error.status != _TOO_MANY or self._failures[api] >= _MAX_DEFERRALS):
                    down.add(api)
                    events.append(unreachable_event(self._options.tenant, seen_at, api, error))
                return None
        self._failures[api] = 0
        if api in down:
            down.remove(api)
            events.append(back_event(self._options.tenant, seen_at, api))
        return answer
