# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which step follows which when a user is written, and that every write ends, whatever the server answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.eightbyeight.scim.plugins.module_utils._plan import Change
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.execute import _ACTIONS
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.steps import (
    ENDS,
    MOST_CREATIONS,
    MOST_UPDATES,
    WRITES,
    Event,
    State,
    Step,
)

CHANGES = {
    "POST": Change("created", None, {"active": True}, None),
    "PATCH": Change("activated", {"active": False}, {"active": True}, None),
    "PUT": Change("updated", {"title": None}, {"title": "Chief"}, None),
}


def first(method: str, absent: bool = False) -> State:
    return State.first(CHANGES[method], absent=absent)


def walk(state: State, *events: Event, in_doubt: bool = False) -> list[str]:
    """Return the steps that follow, by name."""
    steps = []
    for event in events:
        state = state.after(event, in_doubt=in_doubt)
        steps.append(state.step.name)
    return steps


TABLE = [
    ("POST", False, [Event.ACCEPTED], "CONFIRM"),
    ("POST", False, [Event.NO_VERB], "FAILED"),
    ("POST", False, [Event.LOST, Event.FOUND], "COMPARE"),
    ("POST", False, [Event.LOST, Event.NOBODY], "CREATE"),
    ("POST", False, [Event.LOST, Event.REFUSED], "FAILED"),
    ("PATCH", False, [Event.ACCEPTED], "CONFIRM"),
    ("PATCH", False, [Event.NO_VERB, Event.FOUND], "REPLACE"),
    ("PATCH", True, [Event.NO_VERB], "DELETE"),
    ("PATCH", True, [Event.NO_VERB, Event.ACCEPTED], "CONFIRM"),
    ("PATCH", True, [Event.NO_VERB, Event.NO_VERB, Event.FOUND], "REPLACE"),
    ("PUT", False, [Event.NO_VERB], "FAILED"),
    ("PUT", False, [Event.SAME_VERSION], "REPLACE_ANY_VERSION"),
    ("PUT", False, [Event.SAME_VERSION, Event.SAME_VERSION], "FAILED"),
    ("PUT", False, [Event.CHANGED, Event.PLANNED], "REPLACE"),
    ("PUT", False, [Event.CHANGED, Event.PLANNED_SWITCH], "SET_ACTIVE"),
    ("PUT", False, [Event.CHANGED, Event.NOTHING_LEFT], "DONE"),
    ("PUT", False, [Event.CHANGED, Event.PLANNED, Event.CHANGED], "FAILED"),
    ("PUT", False, [Event.ACCEPTED, Event.NOT_CLEARED, Event.FOUND], "COMPARE"),
    ("PUT", False, [Event.ACCEPTED, Event.FOUND, Event.FOUND], "DONE"),
]


@pytest.mark.parametrize(("method", "absent", "events", "step"), TABLE)
def test_the_table_of_steps(method: str, absent: bool, events: list[Event], step: str) -> None:
    assert walk(first(method, absent), *events)[-1] == step


def test_who_has_no_patch_is_not_asked_for_it_again() -> None:
    events = [Event.NO_VERB, Event.FOUND, Event.CHANGED, Event.PLANNED_SWITCH]
    assert walk(first("PATCH"), *events) == ["READ", "REPLACE", "PLAN_AGAIN", "REPLACE"]


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_failure_that_may_have_taken_effect_is_looked_at_once(method: str) -> None:
    assert walk(first(method), Event.REFUSED, Event.FOUND, in_doubt=True) == ["LOOK", "COMPARE"]
    assert walk(first(method), Event.REFUSED, Event.REFUSED, in_doubt=True) == ["LOOK", "FAILED"]
    assert walk(first(method), Event.REFUSED) == ["FAILED"]


@given(
    st.sampled_from(["POST", "PATCH", "PUT"]),
    st.booleans(),
    st.lists(st.tuples(st.sampled_from(Event), st.booleans()), min_size=60, max_size=60),
)
def test_every_sequence_of_answers_ends_and_writes_a_few_times(
    method: str, absent: bool, events: list[tuple[Event, bool]]
) -> None:
    state, writes = first(method, absent), 0
    if method == "POST":
        state = state._replace(writes_left=10)
    for event, in_doubt in events:
        if state.step in ENDS:
            break
        writes += state.step in WRITES
        state = state.after(event, in_doubt=in_doubt)
    assert state.step in ENDS
    assert writes <= (10 if method == "POST" else MOST_UPDATES)


@given(st.lists(st.sampled_from(Event), min_size=MOST_UPDATES * 4, max_size=MOST_UPDATES * 4))
def test_the_worst_that_a_server_can_answer_stays_within_the_count(events: list[Event]) -> None:
    """Only answers that lead on, so that the counts have to end it."""
    for method, absent in (("PATCH", True), ("PATCH", False), ("PUT", False)):
        state, writes = first(method, absent), 0
        for event in events:
            onward = [each for each in (event, *Event) if state.after(each).step is not Step.FAILED]
            if state.step in ENDS or not onward:
                break
            writes += state.step in WRITES
            state = state.after(onward[0])
        assert writes <= MOST_UPDATES


def test_a_creation_is_not_repeated_for_ever() -> None:
    state = first("POST")
    for _number in range(MOST_CREATIONS):
        state = state.after(Event.LOST).after(Event.NOBODY)
    assert state.step is Step.FAILED


def test_every_step_that_does_something_has_an_action() -> None:
    assert set(_ACTIONS) == set(Step) - ENDS
