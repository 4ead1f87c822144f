# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""One poll of an event source: what is known and what the tenant shows now -> what is known then, and the events to send.

It fails only where a bug does: whatever else goes wrong is an event or a line of the log.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import NamedTuple

from .._base.clock import Clock, stamp
from .._errors import EightByEightError
from .compare import Event, back, compare, unreachable
from .options import Options
from .snapshot import ADMINISTRATION, SCIM, Snapshot, with_licenses
from .state import State
from .tenant import IncompleteError, People, Tenant

#: So many polls in a row a server may ask to come back later (429), before it counts as unreachable. It answers, after all.
_PATIENCE = 3
_TOO_MANY = 429


class Poll(NamedTuple):
    """What a poll found.

    :param snapshot: What is known after it.
    :param events: What is to be told.
    """

    snapshot: Snapshot
    events: Sequence[Event]


class Poller:
    """Polls one tenant.

    :param options: What the source was asked to do.
    :param tenant: Reads it.
    :param clock: Time.
    :param log: Where it says what is no event.
    """

    def __init__(self, options: Options, tenant: Tenant, clock: Clock, log: logging.Logger) -> None:
        self._options = options
        self._tenant = tenant
        self._clock = clock
        self._log = log
        #: How often a door said "later" in a row, and what the last poll complained of.
        self._put_off = {SCIM: 0, ADMINISTRATION: 0}
        self._told = {SCIM: "", ADMINISTRATION: ""}

    def next(self, state: State) -> State:
        """Return the state after one poll, with its events behind those that are still to be sent."""
        poll = self._poll(state.snapshot)
        wanted = [event.as_dict(self._options.host) for event in poll.events if event.type in self._options.only]
        return State(poll.snapshot, (*state.pending, *wanted))

    def _poll(self, before: Snapshot) -> Poll:
        seen_at = stamp(self._clock.wall())
        try:
            people: People = self._tenant.people(before.people)
        except IncompleteError as error:
            # It does answer.
            self._complain(SCIM, error)
            down, events = self._up(before.down, SCIM, seen_at)
            return Poll(before._replace(down=down), events)
        except EightByEightError as error:
            down, events = self._failed(before.down, SCIM, seen_at, error)
            return Poll(before._replace(down=down), events)
        self._told[SCIM] = ""
        down, events = self._up(before.down, SCIM, seen_at)
        if self._options.admin is not None:
            try:
                people = with_licenses(people, self._tenant.licenses(people) or {})
            except EightByEightError as error:
                down, more = self._failed(down, ADMINISTRATION, seen_at, error)
            else:
                self._told[ADMINISTRATION] = ""
                down, more = self._up(down, ADMINISTRATION, seen_at)
            events = [*events, *more]
        if before.people is not None:
            events = [*events, *compare(before.people, people, self._options.tenant, seen_at)]
        return Poll(Snapshot(_based(people, before.people), down), events)

    def _failed(
        self, down: frozenset[str], door: str, seen_at: str, error: EightByEightError
    ) -> tuple[frozenset[str], list[Event]]:
        self._complain(door, error)
        self._put_off[door] += 1
        if door in down or (error.status == _TOO_MANY and self._put_off[door] < _PATIENCE):
            return down, []
        return down | {door}, [unreachable(self._options.tenant, seen_at, door, error)]

    def _up(self, down: frozenset[str], door: str, seen_at: str) -> tuple[frozenset[str], list[Event]]:
        self._put_off[door] = 0
        if door not in down:
            return down, []
        return down - {door}, [back(self._options.tenant, seen_at, door)]

    def _complain(self, door: str, error: EightByEightError) -> None:
        """Log why a door shows nothing, once for as long as that stays the same."""
        if error.message != self._told[door]:
            self._log.warning("%s: %s", self._options.tenant, error.message)
        self._told[door] = error.message


def _based(people: People, before: People | None) -> People:
    """Return users of whom the next poll knows that they had no licenses: those who were not there at the last one."""
    if before is None:
        return people
    return {
        user_id: each._replace(licenses=()) if each.licenses is None and user_id not in before else each
        for user_id, each in people.items()
    }
