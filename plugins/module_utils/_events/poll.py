# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""One poll of an event source: what is known and what the tenant shows now -> what is known then, and the events to send.

It fails only where a bug does: whatever else goes wrong is an event or a line of the log.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from .._base.clock import Clock, stamp
from .._errors import EightByEightError
from .compare import Event, back, compare, unreachable
from .options import LOG, Options
from .snapshot import ADMINISTRATION, SCIM, Snapshot, with_licenses
from .state import State
from .tenant import IncompleteError, Tenant

#: So many polls in a row a server may ask to come back later (429), before it counts as unreachable. It answers, after all.
_PATIENCE = 3
_TOO_MANY = 429

_Answer = TypeVar("_Answer")


class Poller:
    """Polls one tenant.

    :param options: What the source was asked to do.
    :param tenant: Reads it.
    :param clock: Time.
    """

    def __init__(self, options: Options, tenant: Tenant, clock: Clock) -> None:
        self._options = options
        self._tenant = tenant
        self._clock = clock
        #: How often a door said "later" in a row, and what the last poll complained of.
        self._put_off = {SCIM: 0, ADMINISTRATION: 0}
        self._told = {SCIM: "", ADMINISTRATION: ""}

    def next(self, state: State) -> State:
        """Return the state after one poll, with its events behind those that are still to be sent."""
        before, admin, tenant = state.snapshot.people, self._options.admin, self._options.tenant
        seen_at = stamp(self._clock.wall())
        down = set(state.snapshot.down)
        events: list[Event] = []
        people = self._ask(SCIM, partial(self._tenant.people, before), seen_at, down, events)
        if people is not None:
            read = admin and partial(self._tenant.licenses, admin, people)
            held = read and self._ask(ADMINISTRATION, read, seen_at, down, events)
            people = with_licenses(people, held or {}, before)
            events += [] if before is None else compare(before, people, tenant, seen_at)
        wanted = [event.as_dict(self._options.host) for event in events if event.type in self._options.only]
        snapshot = Snapshot(before if people is None else people, frozenset(down))
        return State(snapshot, (*state.pending, *wanted))

    def _ask(
        self, door: str, read: Callable[[], _Answer], seen_at: str, down: set[str], events: list[Event]
    ) -> _Answer | None:
        """Return what a door shows; None where it shows nothing that can be believed.

        :param down: The doors of which an event has told that they do not answer. That changes here, with an event.
        """
        answer = None
        try:
            answer = read()
            self._told[door] = ""
        except EightByEightError as error:
            # Once for as long as that stays the same.
            if error.message != self._told[door]:
                LOG.warning("%s: %s", self._options.tenant, error.message)
            self._told[door] = error.message
            # Who shows an incomplete listing does answer.
            if not isinstance(error, IncompleteError):
                self._put_off[door] += 1
                if door not in down and (error.status != _TOO_MANY or self._put_off[door] >= _PATIENCE):
                    down.add(door)
                    events.append(unreachable(self._options.tenant, seen_at, door, error))
                return None
        self._put_off[door] = 0
        if door in down:
            down.remove(door)
            events.append(back(self._options.tenant, seen_at, door))
        return answer
