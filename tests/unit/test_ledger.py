# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger of follow-ups as a value: what opens, what closes, when it is due, and how it is written and merged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError, EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._ledger.due import Due, oldest_kept
from ansible_collections.eightbyeight.scim.plugins.module_utils._ledger.followup import Followup
from ansible_collections.eightbyeight.scim.plugins.module_utils._ledger.jsonl import read, reconciled, write
from ansible_collections.eightbyeight.scim.plugins.module_utils._ledger.merge import (
    FollowupChange,
    Ledger,
    counts,
    merge,
    without_old,
)

DAY = 86_400.0
#: Fri, 15 Jan 2027 08:00:00 UTC.
NOW = 1_800_000_000.0
OPENED = "2027-01-15T08:00:00Z"


def change(action: str = "assign_license", user_name: str | None = "ada@example.org", **more: Any) -> FollowupChange:
    return FollowupChange(**{"tenant": "C1", "action": action, "user_name": user_name, "user_id": "1", **more})


def merged(*changes: FollowupChange, ledger: Ledger = (), days: float = 0, due: Any = None) -> Ledger:
    return merge(ledger, changes, NOW + days * DAY, Due(due))


def states(ledger: Ledger) -> list[tuple[str, int, str]]:
    return [(each.action, each.occurrence, each.state) for each in ledger]


# -- Opening and closing ------------------------------------------------------


def test_what_is_open_is_never_opened_twice() -> None:
    once = merged(change())
    assert merged(change(), change(), ledger=once, days=3) == once
    assert states(once) == [("assign_license", 1, "open")]


@pytest.mark.parametrize(
    ("first", "second", "people"),
    [
        ({"user_id": "1"}, {"user_id": "1", "user_name": "renamed@example.org"}, 1),
        ({"user_id": None}, {"user_id": None, "user_name": "ADA@example.org"}, 1),
        ({"user_id": None}, {"user_id": "1"}, 1),
        ({"user_id": "1"}, {"user_id": None}, 1),
        ({"user_id": "1"}, {"user_id": "2"}, 2),
        ({"user_id": None}, {"user_id": None, "user_name": "bob@example.org"}, 2),
        ({}, {"tenant": "C2"}, 2),
        ({}, {"action": "assign_profile"}, 2),
    ],
)
def test_a_follow_up_is_one_by_tenant_user_and_action(
    first: dict[str, Any], second: dict[str, Any], people: int
) -> None:
    assert len(merged(change(**first), change(**second))) == people


def test_an_id_that_becomes_known_is_kept() -> None:
    (only,) = merged(change(), ledger=merged(change(user_id=None)))
    assert only.user_id == "1"


def test_closing_names_who_and_when_and_happens_once() -> None:
    done = merged(change(state="done", closed_by="maria", note="by phone"), ledger=merged(change()), days=1)
    (only,) = done
    assert (only.state, only.closed, only.closed_by, only.note) == ("done", "2027-01-16T08:00:00Z", "maria", "by phone")
    assert merged(change(state="done", closed_by="eve"), ledger=done, days=2) == done
    assert merged(change(state="withdrawn"), ledger=done, days=2) == done
    assert merged(change(state="done")) == ()


def test_reopening_begins_a_new_occurrence_and_keeps_the_old_one() -> None:
    done = merged(change(state="done"), ledger=merged(change(reason="first")))
    again = merged(change(reason="second"), ledger=done, days=9)
    assert states(again) == [("assign_license", 1, "done"), ("assign_license", 2, "open")]
    assert again[0] == done[0]
    assert (again[1].reason, again[1].opened[:10]) == ("second", "2027-01-24")


def test_an_owner_a_note_and_a_date_change_what_is_open_and_a_number_of_days_does_not() -> None:
    once = merged(change(owner="desk"), due="+5d")
    assert once[0].due == "2027-01-20"
    assert merged(change(), ledger=once, days=4, due="+9d") == once
    (later,) = merged(change(owner="maria", note="asked"), ledger=once, days=4, due="2027-02-01")
    assert (later.owner, later.note, later.due, later.opened) == ("maria", "asked", "2027-02-01", OPENED)
    assert [change["at"] for change in later.history] == ["2027-01-19T08:00:00Z"]
    (first,) = merged(change(), ledger=merged(change()), days=3, due="+5d")
    assert first.due == "2027-01-20", "what had no last day gets one from the day it was opened"


def test_somebody_is_told_once_and_once_more_when_the_last_day_is_over() -> None:
    once = merged(change(), due="+5d")
    assert once[0].needs_notification("2027-01-15")
    told = merged(change(told=True), ledger=once, days=1)
    assert told[0].told == "2027-01-16T08:00:00Z"
    assert not told[0].needs_notification("2027-01-20")
    assert merged(change(told=True), ledger=told, days=3) == told
    assert told[0].needs_notification("2027-01-21")
    again = merged(change(told=True), ledger=told, days=6)
    assert not again[0].needs_notification("2027-02-20")
    assert merged(change(told=True), ledger=again, days=90) == again
    assert not merged(change(state="done"), ledger=once)[0].needs_notification("2027-02-20")


def test_what_a_deactivation_makes_moot_is_withdrawn() -> None:
    joined = merged(
        change(), change("set_site"), change("assign_license", "bob@example.org", user_id="2"), change("my own")
    )
    left = merged(change("reclaim_license"), change("end_sessions"), ledger=joined, days=1)
    found = {(each.user_name, each.action): each.state for each in left}
    assert found == {
        ("ada@example.org", "assign_license"): "withdrawn",
        ("ada@example.org", "set_site"): "withdrawn",
        ("ada@example.org", "my own"): "open",
        ("ada@example.org", "reclaim_license"): "open",
        ("ada@example.org", "end_sessions"): "open",
        ("bob@example.org", "assign_license"): "open",
    }
    assert merged(change("reclaim_license"), change("end_sessions"), ledger=left, days=2) == left


def test_a_user_who_was_renamed_and_is_known_by_both_names_stays_two_lines() -> None:
    ledger = merged(change(user_id="2"), change(user_name="zoe@example.org", user_id=None))
    again = merged(change(user_name="zoe@example.org", user_id="2", note="asked"), ledger=ledger, days=1)
    assert [(each.user_name, each.user_id, each.note) for each in again] == [
        ("ada@example.org", "2", "asked"),
        ("zoe@example.org", None, "asked"),
    ]
    assert read(write(again).encode(), "x") == again


def test_what_was_closed_while_somebody_was_told_of_it_stays_closed() -> None:
    closed = merged(change(state="done"), ledger=merged(change()), days=1)
    assert merged(change(told=True), ledger=closed, days=2) == closed


def test_what_was_closed_long_ago_is_dropped_and_only_that_of_this_tenant() -> None:
    ledger = merged(change(), change("a"), change("b"), change("b", tenant="C2"))
    ledger = merged(change("b", state="done"), change("b", tenant="C2", state="done"), ledger=ledger)
    assert len(without_old(ledger, "C1", oldest_kept("400d", NOW + 400 * DAY))) == 4
    left = without_old(ledger, "C1", oldest_kept("400d", NOW + 401 * DAY))
    assert [(each.tenant, each.action) for each in left] == [("C1", "a"), ("C1", "assign_license"), ("C2", "b")]


def test_follow_ups_are_counted_by_state_and_overdue_after_their_due_date() -> None:
    ledger = merged(
        change(), change("a"), change("b"), change("c"), due={"assign_license": "+1d", "a": "+2d", "b": "+1d"}
    )
    ledger = merged(change("b", state="done"), change("c", state="withdrawn"), ledger=ledger)
    assert counts(ledger, "2027-01-16") == {"open": 2, "done": 1, "withdrawn": 1, "overdue": 0}
    assert counts(ledger, "2027-01-17") == {"open": 2, "done": 1, "withdrawn": 1, "overdue": 1}


# -- When it is due -----------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (None, None),
        ("", None),
        ("2027-03-01", "2027-03-01"),
        ("+5d", "2027-01-20"),
        ("+ 2W", "2027-01-29"),
        ({"assign_license": "+1d", "other": "2027-03-01"}, "2027-01-16"),
        ({"other": "+1d"}, None),
    ],
)
def test_due_is_a_date_a_number_of_days_or_both_by_action(rule: Any, expected: str | None) -> None:
    assert Due(rule).of("assign_license", OPENED) == expected


@pytest.mark.parametrize("rule", ["soon", "5d", "+5h", "2027-02-30", "20270301", 5, ["+5d"], {"a": "soon"}, "{", True])
def test_other_dues_are_refused(rule: Any) -> None:
    with pytest.raises(BadOptionError, match=r"due.* must be a date such as"):
        Due(rule)


@pytest.mark.parametrize("keep", ["", "400", "0d", "-1d", "1y", "400 days"])
def test_other_durations_are_refused(keep: str) -> None:
    with pytest.raises(BadOptionError, match="keep must be a number of days or weeks"):
        oldest_kept(keep, NOW)
    assert oldest_kept("999999w", NOW) == "0001-01-01"


# -- As text ------------------------------------------------------------------


def test_one_follow_up_is_one_line_in_an_order_that_nothing_moves() -> None:
    names = ["zoe@example.org", "Ada@example.org", "bob@example.org"]
    changes = [change(action, name, user_id=None) for name in names for action in ("b", "a")]
    text = write(merged(*changes))
    assert text == write(merged(*reversed(changes)))
    told = [json.loads(line) for line in text.splitlines()]
    assert [(each["user_name"], each["action"]) for each in told] == [
        (name, action) for name in ("Ada@example.org", "bob@example.org", "zoe@example.org") for action in ("a", "b")
    ]
    assert list(told[0]) == ["format", "tenant", "user_name", "action", "occurrence", "state", "opened"]
    assert write(()) == ""


TEXTS = st.text(min_size=1, max_size=20)
WISHES = st.builds(
    FollowupChange,
    tenant=st.sampled_from(["C1", "C\u2028\n"]),
    action=st.sampled_from(["assign_license", "reclaim_license", "order a\nheadset"]),
    user_name=st.sampled_from(["ada@example.org", "ADA@example.org", "Zo\u00eb", "\u202ebob", "\ud800"]),
    user_id=st.sampled_from([None, "1", "2"]),
    state=st.sampled_from(["open", "done", "withdrawn"]),
    reason=st.none() | TEXTS,
    where=st.none(),
    owner=st.none() | TEXTS,
    closed_by=st.none() | TEXTS,
    note=st.none() | TEXTS,
    told=st.booleans(),
)


@given(st.lists(WISHES, max_size=12), st.sampled_from([None, "+1d", "2027-02-01"]))
def test_any_ledger_is_read_as_it_was_written_and_a_second_merge_changes_nothing(
    changes: list[FollowupChange], due: str | None
) -> None:
    ledger: Ledger = ()
    for number, each in enumerate(changes):
        ledger = merged(each, ledger=ledger, days=number, due=due)
        # A day later somebody may have to be told once more, because the last day is over.
        later = number if each.told else number + 1
        assert merged(each, ledger=ledger, days=later, due=due) == ledger
    text = write(ledger)
    assert read(text.encode(), "x") == ledger
    assert text.replace("\n", "").isprintable()
    assert text.count("\n") == len(ledger)


GOOD = '{"format": 1, "tenant": "C1", "user_name": "a", "action": "b", "occurrence": 1, "state": "open", "opened": "2027-01-15T08:00:00Z"}'


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "it is not a JSON object"),
        ("[1]", "it is not a JSON object"),
        ("[" * 100_000, "it is not a JSON object"),
        ("<<<<<<< HEAD", "it is a conflict marker"),
        (
            GOOD.replace('"format": 1', '"format": 2'),
            "it has format 2, and this release of the collection only knows format 1. If a newer",
        ),
        (GOOD.replace('"format": 1, ', ""), "it has format None, and this release"),
        (GOOD.replace('"C1"', "1"), "its tenant is not text"),
        (GOOD.replace('"action": "b", ', ""), "its action is missing"),
        (GOOD.replace('"user_name": "a", ', ""), "it has neither user_name nor user_id"),
        (GOOD.replace('"open"', '"closed"'), "its state is closed, and not one of open, done, withdrawn"),
        (GOOD.replace('"open"', '"done"'), "it is not open but closed is missing"),
        (GOOD.replace('"occurrence": 1', '"occurrence": 0'), "its occurrence is not a number of 1 or more"),
        (GOOD.replace("08:00:00Z", "8 o'clock"), "its opened is not a time such as"),
        (GOOD.replace("}", ', "due": "soon"}'), "its due is not a date such as 2026-12-01"),
        (GOOD.replace("}", ', "closed": "2027-01-15T08:00:00Z"}'), "it is open but has closed"),
        (GOOD.replace("}", ', "ticket": "1"}'), "it has the unknown key ticket"),
        (GOOD.replace("}", ', "state": "open"}'), "it has the same key twice"),
        (GOOD.replace("}", ', "history": [{"at": "x"}]}'), "its history has a wrong entry"),
        (GOOD.replace("}", ', "history": {}}'), "its history is not a list"),
    ],
)
def test_a_broken_line_is_named_by_its_number(line: str, fault: str) -> None:
    with pytest.raises(EightByEightError) as caught:
        read(f"{GOOD}\n{line}\n".encode(), "followups.jsonl")
    assert caught.value.message.startswith(f"followups.jsonl, line 2: {fault}")
    assert caught.value.message.endswith("Nothing was written.")
    assert caught.value.kind == "bad_ledger"


def test_a_ledger_that_is_no_text_is_named_by_its_line() -> None:
    with pytest.raises(EightByEightError, match="x, line 2: it is not UTF-8 text"):
        read(f"{GOOD}\n".encode() + b"\xff\n", "x")


# -- Two copies of one follow-up ----------------------------------------------


def copies() -> dict[str, Followup]:
    (base,) = merged(change())
    changes: dict[str, dict[str, Any]] = {
        "owned": {"owner": "desk"},
        "owned by maria": {"owner": "maria"},
        "done": {"state": "done", "closed_by": "maria"},
        "done by evidence": {"state": "done", "closed_by": "evidence"},
        "withdrawn": {"state": "withdrawn"},
    }
    made = {
        name: merged(change(**more), ledger=(base,), days=1 + n)[0] for n, (name, more) in enumerate(changes.items())
    }
    return {"base": base, **made}


@pytest.mark.parametrize(
    ("one", "other", "comes_to"),
    [
        ("base", "base", "base"),
        ("base", "done", "done"),
        ("base", "owned", "owned"),
        ("done", "done by evidence", "done"),
        ("done", "withdrawn", None),
        ("owned", "owned by maria", None),
    ],
)
def test_two_copies_come_to_one_unless_people_disagree(one: str, other: str, comes_to: str | None) -> None:
    made = copies()
    for left, right in ((one, other), (other, one)):
        both = reconciled(made[left], made[right])
        if comes_to is None:
            assert both is None
        else:
            assert both is not None
            assert both._replace(history=()) == made[comes_to]._replace(history=())


def test_what_two_people_changed_of_different_things_is_kept_of_both() -> None:
    made = copies()
    both = reconciled(made["owned"], made["done"])
    assert both is not None
    assert (both.owner, both.state, both.closed_by) == ("desk", "done", "maria")
    assert both.history == (
        {"at": "2027-01-16T08:00:00Z", "owner": "desk"},
        {"at": "2027-01-18T08:00:00Z", "state": "done", "closed_by": "maria"},
    )


def test_lines_that_disagree_are_both_named() -> None:
    made = copies()
    text = write([made["done"]]) + "\n" + write([made["withdrawn"]])
    with pytest.raises(EightByEightError) as caught:
        read(text.encode(), "followups.jsonl")
    assert caught.value.message == (
        "followups.jsonl, lines 1 and 3: two people gave different values for assign_license of ada@example.org, which "
        "is done in one and "
        "withdrawn in the other. Keep one of the two lines. Nothing was written."
    )


def test_the_work_grows_with_what_is_wished_for_and_not_with_its_square(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[Followup] = []
    is_about = Followup.is_about

    def counted(self: Followup, user_id: str | None, user_name: str | None) -> bool:
        compared.append(self)
        return is_about(self, user_id, user_name)

    monkeypatch.setattr(Followup, "is_about", counted)
    changes = [change(user_name=f"p{number}@example.org", user_id=f"u{number}") for number in range(500)]
    ledger = merged(*changes)
    assert merged(*changes, ledger=ledger) == ledger
    assert len(compared) == len(changes), "each of what is open, with the one change that is about it"
