# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The state machine of a write: a table of steps, and counts that fall, so that every write ends. Pure."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from .._plan import Change


class Step(Enum):
    """What is done next."""

    CREATE = auto()
    FIND_CREATED = auto()
    SET_ACTIVE = auto()
    #: The same for ``state: absent``, where DELETE does it too.
    DEACTIVATE = auto()
    DELETE = auto()
    READ = auto()
    REPLACE = auto()
    REPLACE_ANY_VERSION = auto()
    #: Plan again from a fresh read, because somebody else changed the user.
    PLAN_AGAIN = auto()
    #: A second PUT, with null for what leaving it out did not clear.
    CLEAR = auto()
    CONFIRM = auto()
    COMPARE = auto()
    #: See whether a write whose answer was lost took effect.
    LOOK = auto()
    DONE = auto()
    FAILED = auto()


class Event(Enum):
    """How a step went."""

    ACCEPTED = auto()
    REFUSED = auto()
    #: The server does not offer the verb (405, 501).
    NO_VERB = auto()
    #: 412, and the user has not changed since it was read.
    SAME_VERSION = auto()
    #: 412, and the user has changed.
    CHANGED = auto()
    #: There is no answer, or an unclear one.
    LOST = auto()
    FOUND = auto()
    NOBODY = auto()
    PLANNED = auto()
    #: The same, and only ``active`` is left to change.
    PLANNED_SWITCH = auto()
    NOTHING_LEFT = auto()
    #: An update was accepted, and something that it left out to clear it is still there.
    NOT_CLEARED = auto()


WRITES = frozenset(
    (Step.CREATE, Step.SET_ACTIVE, Step.DEACTIVATE, Step.DELETE, Step.REPLACE, Step.REPLACE_ANY_VERSION, Step.CLEAR)
)
ENDS = frozenset((Step.DONE, Step.FAILED))
#: The most requests that write one user who is there. :class:`RetryBudget` ends repeated creations long before theirs.
MOST_UPDATES, MOST_CREATIONS = 7, 1000

#: Every other pair leads to FAILED.
_NEXT: dict[tuple[Step, Event], Step] = {
    (Step.CREATE, Event.ACCEPTED): Step.CONFIRM,
    (Step.CREATE, Event.LOST): Step.FIND_CREATED,
    (Step.FIND_CREATED, Event.FOUND): Step.COMPARE,
    (Step.FIND_CREATED, Event.NOBODY): Step.CREATE,
    (Step.SET_ACTIVE, Event.ACCEPTED): Step.CONFIRM,
    (Step.SET_ACTIVE, Event.NO_VERB): Step.READ,
    (Step.DEACTIVATE, Event.ACCEPTED): Step.CONFIRM,
    (Step.DEACTIVATE, Event.NO_VERB): Step.DELETE,
    (Step.DELETE, Event.ACCEPTED): Step.CONFIRM,
    (Step.DELETE, Event.NO_VERB): Step.READ,
    (Step.READ, Event.FOUND): Step.REPLACE,
    (Step.REPLACE, Event.ACCEPTED): Step.CONFIRM,
    (Step.REPLACE, Event.SAME_VERSION): Step.REPLACE_ANY_VERSION,
    (Step.REPLACE, Event.CHANGED): Step.PLAN_AGAIN,
    (Step.REPLACE_ANY_VERSION, Event.ACCEPTED): Step.CONFIRM,
    (Step.REPLACE_ANY_VERSION, Event.CHANGED): Step.PLAN_AGAIN,
    (Step.PLAN_AGAIN, Event.PLANNED): Step.REPLACE,
    (Step.PLAN_AGAIN, Event.PLANNED_SWITCH): Step.SET_ACTIVE,
    (Step.PLAN_AGAIN, Event.NOTHING_LEFT): Step.DONE,
    (Step.PLAN_AGAIN, Event.ACCEPTED): Step.COMPARE,
    (Step.CONFIRM, Event.FOUND): Step.COMPARE,
    (Step.CONFIRM, Event.NOT_CLEARED): Step.CLEAR,
    (Step.CLEAR, Event.FOUND): Step.COMPARE,
    (Step.LOOK, Event.FOUND): Step.COMPARE,
    (Step.COMPARE, Event.FOUND): Step.DONE,
}


class State(NamedTuple):
    """Where a write is.

    :param writes_left: How many more requests may write.
    :param plans_left: How often it is planned again: once, and who is changed by somebody else twice is left alone.
    :param looks_left: How often a failure that may have taken effect is looked at.
    :param has_patch: Whether the server is not known to have no PATCH.
    """

    step: Step
    writes_left: int
    plans_left: int = 1
    looks_left: int = 1
    has_patch: bool = True

    @classmethod
    def first(cls, change: Change, *, absent: bool) -> State:
        """Return where the write of a change begins."""
        if change.method == "POST":
            return cls(Step.CREATE, MOST_CREATIONS, looks_left=0)
        if change.method == "PATCH":
            return cls(Step.DEACTIVATE if absent else Step.SET_ACTIVE, MOST_UPDATES)
        return cls(Step.REPLACE, MOST_UPDATES)

    def after(self, event: Event, *, in_doubt: bool = False) -> State:
        """Return where it is after an event.

        :param in_doubt: Whether a write may have taken effect that was not accepted: a failure is then looked at first.
        """
        state = self._replace(
            writes_left=self.writes_left - (self.step in WRITES),
            plans_left=self.plans_left - (self.step is Step.PLAN_AGAIN),
            looks_left=self.looks_left - (self.step is Step.LOOK),
            has_patch=self.has_patch and event is not Event.NO_VERB,
        )
        step = _NEXT.get((self.step, event), Step.FAILED)
        if step is Step.SET_ACTIVE and not state.has_patch:
            step = Step.REPLACE
        if (step in WRITES and not state.writes_left) or (step is Step.PLAN_AGAIN and not state.plans_left):
            step = Step.FAILED
        if step is Step.FAILED and in_doubt and state.looks_left:
            step = Step.LOOK
        return state._replace(step=step)
