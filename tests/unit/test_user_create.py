# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One user: created, and what may go wrong with it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from requests import exceptions as wire

from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import DEFAULT_EXTENSION_URN
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    HTML,
    Call,
    FakeTime,
    Reply,
    listing,
    page,
    refusal,
    resource,
    scim_error,
    search,
)
from ansible_collections.eightbyeight.scim.tests.unit.users import (
    ADA,
    FIND_NOBODY,
    LIST_NOBODY,
    LOST,
    NEW,
    UNTOUCHED,
    Told,
    patched,
    post,
    read,
    there,
    without_site,
)


def test_a_creation_is_a_look_and_a_post(talk: Talk, memory: Memory) -> None:
    body = {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", DEFAULT_EXTENSION_URN],
        "userName": ADA,
        "active": True,
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"value": ADA, "type": "work", "primary": True}],
        DEFAULT_EXTENSION_URN: {"site": "London"},
    }
    told = Told(
        talk(FIND_NOBODY, Call("POST /Users", Reply(201, resource("n")), body=body)), memory, site="London", **NEW
    )
    assert (told.error, told.operation, told.warnings) == (None, (True, "created"), [])
    assert told.result["user"]["id"] == "n"
    assert told.result["diff"]["before"] is None
    assert told.actions == [
        "assign_license",
        "assign_phone_line",
        "assign_profile",
        "set_cost_center",
        "set_profile_picture",
        "enable_directory_visibility",
    ]
    assert {entry["user_id"] for entry in told.result["manual_actions"]} == {"n"}
    assert {entry["user_name"] for entry in told.result["manual_actions"]} == {ADA}
    assert all("Admin Console" in entry["where"] and entry["reason"] for entry in told.result["manual_actions"])


def test_a_user_without_a_site_needs_one_first(talk: Talk, memory: Memory) -> None:
    without = without_site()
    told = Told(talk(FIND_NOBODY, post(Reply(201, without))), memory, **NEW)
    assert told.actions[0] == "set_site"


def test_a_user_whose_site_was_dropped_needs_one_too(talk: Talk, memory: Memory) -> None:
    """Law 8: what counts is the user as 8x8 made it, not as it was asked for."""
    without = without_site()
    hidden: dict[str, Any] = {DEFAULT_EXTENSION_URN: None}
    calls = [FIND_NOBODY, post(Reply(201, without)), read(**hidden), read(**hidden)]
    told = Told(talk(*calls), memory, site="London", **NEW)
    assert len(told.warnings) == 1
    assert told.actions[0] == "set_site"


@pytest.mark.parametrize(
    "answer",
    [
        {"id": "1"},
        {"id": "1", "userName": ADA, "active": True},
        resource(active=None),
        resource(emails=None),
        resource(active=False),
    ],
)
def test_an_answer_that_says_too_little_is_completed_by_reading(talk: Talk, memory: Memory, answer: Any) -> None:
    told = Told(talk(FIND_NOBODY, post(Reply(201, answer)), read()), memory, **NEW)
    assert (told.error, told.operation) == (None, (True, "created"))
    assert told.result["user"]["email"] == ADA


@pytest.mark.parametrize("answer", [None, {}, {"userName": ADA}, resource(id=None)])
def test_an_answer_without_an_id_is_completed_by_looking(talk: Talk, memory: Memory, answer: Any) -> None:
    told = Told(talk(FIND_NOBODY, post(Reply(201, answer)), there()), memory, **NEW)
    assert (told.error, told.operation) == (None, (True, "created"))
    assert told.result["user"]["id"] == "1", "an id is never made up"


@pytest.mark.parametrize("status", [200, 202, 204, 206])
def test_a_creation_without_201_and_without_a_body_is_looked_for(talk: Talk, memory: Memory, status: int) -> None:
    """What a gateway leaves of an answer says nothing."""
    told = Told(talk(FIND_NOBODY, post(Reply(status)), FIND_NOBODY), memory, **NEW)
    assert (told.kind, told.operation) == ("bad_answer", UNTOUCHED)
    assert f"answered {status} with no body" in told.message
    told = Told(talk(FIND_NOBODY, post(Reply(status)), there()), memory, **NEW)
    assert (told.error, told.operation) == (None, (True, "created"))


def test_a_creation_that_does_not_show_yet_is_an_error_that_says_it_was_done(talk: Talk, memory: Memory) -> None:
    told = Told(talk(FIND_NOBODY, post(Reply(201)), FIND_NOBODY), memory, **NEW)
    assert (told.kind, told.operation) == ("not_applied", (True, "created"))
    assert "accepted the creation" in told.message


def test_a_created_user_who_cannot_be_read_yet_is_told_as_created(talk: Talk, memory: Memory) -> None:
    calls = [
        post(Reply(201, {"id": "1"})),
        Call("GET /Users/1", refusal(404)),
        Call(page(count=1), Reply(200, listing())),
    ]
    told = Told(talk(FIND_NOBODY, *calls), memory, **NEW)
    assert told.operation == (True, "created")
    assert told.error is not None
    assert "creat" in told.message, "'no such user' right after a creation helps nobody"


def test_a_creation_that_comes_out_inactive_is_told_and_stays_created(talk: Talk, memory: Memory) -> None:
    told = Told(talk(FIND_NOBODY, post(Reply(201, resource(active=False))), read(active=False)), memory, **NEW)
    assert (told.kind, told.operation) == ("not_applied", (True, "created"))
    assert told.result["user"]["active"] is False


@pytest.mark.parametrize(
    "loss", [LOST, wire.ConnectionError("reset"), Reply(502, HTML), Reply(201, '{"id'), refusal(500)]
)
def test_a_lost_reply_to_a_creation_that_took_place_is_no_failure(talk: Talk, memory: Memory, loss: Any) -> None:
    told = Told(talk(FIND_NOBODY, post(loss), there()), memory, **NEW)
    assert (told.error, told.operation) == (None, (True, "created"))
    assert told.result["user"]["id"] == "1"


def test_a_lost_reply_is_no_reason_to_send_again_before_looking(talk: Talk, memory: Memory, time: FakeTime) -> None:
    calls = [
        FIND_NOBODY,
        post(LOST),
        FIND_NOBODY,
        post(refusal(429, Retry_After="9")),
        FIND_NOBODY,
        post(Reply(201, resource())),
    ]
    told = Told(talk(*calls), memory, **NEW)
    assert (told.error, told.operation) == (None, (True, "created"))
    assert len(time.naps) == 2
    assert time.naps[1] == 9


HIDDEN = Call(search(ADA), Reply(200, listing(total=1)))


@pytest.mark.parametrize("answers", [[LOST], [refusal(429), refusal(409)]])
def test_somebody_whom_the_first_search_hid_is_not_told_as_created(
    talk: Talk, memory: Memory, answers: list[Any]
) -> None:
    """What is found after a lost creation is ours only where the first search proved that nobody was there."""
    calls = [HIDDEN, *(call for answer in answers for call in (post(answer), HIDDEN))]
    calls[-1] = there()
    told = Told(talk(*calls), memory, **NEW, title="Boss")
    assert (told.kind, told.operation) == ("user_name_taken", UNTOUCHED)
    assert "Run again to update the user" in told.message


def test_somebody_whom_the_first_search_hid_and_who_is_as_wanted_is_no_failure(talk: Talk, memory: Memory) -> None:
    told = Told(talk(HIDDEN, post(LOST), there()), memory, **NEW)
    assert (told.error, told.operation) == (None, (True, "created"))


@pytest.mark.parametrize(("seen", "kind"), [(there(), None), (FIND_NOBODY, "timeout")])
def test_without_a_budget_it_still_looks_what_became_of_it(
    talk: Talk, memory: Memory, time: FakeTime, seen: Call, kind: str | None
) -> None:
    told = Told(talk(FIND_NOBODY, post(LOST), seen, retry_budget=0.0), memory, **NEW)
    assert told.kind == kind
    assert told.operation == (UNTOUCHED if kind else (True, "created"))
    assert time.naps == []


def test_when_looking_fails_as_well_it_says_that_nothing_is_known(talk: Talk, memory: Memory) -> None:
    told = Told(talk(FIND_NOBODY, post(LOST), Call(search(ADA), refusal(401, "invalid token"))), memory, **NEW)
    assert told.kind == "timeout"
    assert "is not known, because looking failed as well: " in told.message
    assert told.message.endswith(
        " The server said: invalid token. Run again: it looks first, and creates nobody twice."
    )


PROVES_NOTHING = [
    Reply(200, listing(total=1)),
    Reply(200, {"Resources": []}),
    Reply(200, {"message": "maintenance"}),
    Reply(200, scim_error(503, "backend down")),
]


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize("look", [Reply(200, {}), *PROVES_NOTHING[2:]])
def test_what_is_no_list_says_of_nobody_that_she_is_not_there(
    talk: Talk, memory: Memory, look: Reply, state: str
) -> None:
    options = NEW if state == "present" else {"state": "absent"}
    told = Told(talk(Call(search(ADA), look)), memory, **options)
    assert (told.kind, told.operation) == ("bad_answer", UNTOUCHED)
    assert ADA in told.message


@pytest.mark.parametrize("look", PROVES_NOTHING)
@pytest.mark.parametrize("tries", [[LOST], [LOST, refusal(429)]])
def test_a_look_that_proves_nothing_is_no_reason_to_send_again(
    talk: Talk, memory: Memory, look: Reply, tries: list[Any]
) -> None:
    """Law 5: a server that keeps no login name unique would have her twice."""
    calls = [call for answer in tries for call in (post(answer), FIND_NOBODY)]
    calls[-1] = Call(search(ADA), look)
    told = Told(talk(FIND_NOBODY, *calls), memory, **NEW)
    assert (told.kind, told.operation) == ("timeout" if len(tries) == 1 else "rate_limited", UNTOUCHED)
    assert "is not known" in told.message
    assert ADA in told.message
    assert told.error is not None
    assert told.error.in_doubt, "an undo must not forget her"


def test_a_creation_that_came_too_often_was_not_carried_out_and_is_sent_again(talk: Talk, memory: Memory) -> None:
    told = Told(talk(FIND_NOBODY, post(refusal(429)), HIDDEN, post(Reply(201, resource()))), memory, **NEW)
    assert (told.error, told.operation) == (None, (True, "created"))


NOT_SAID = [Reply(200, HTML), Reply(201, "[]"), Reply(201, '"ok"')]


@pytest.mark.parametrize("answer", NOT_SAID)
def test_a_creation_that_a_page_answered_is_looked_for_and_never_sent_again(
    talk: Talk, memory: Memory, answer: Reply
) -> None:
    """A page of a gateway with 200, or what is no SCIM: it may have been carried out all the same (laws 5 and 7)."""
    told = Told(talk(FIND_NOBODY, post(answer), there()), memory, **NEW)
    assert (told.error, told.operation) == (None, (True, "created"))
    told = Told(talk(FIND_NOBODY, post(answer), FIND_NOBODY), memory, **NEW)
    assert (told.kind, told.operation) == ("gateway" if answer.body == HTML else "bad_answer", UNTOUCHED)
    told = Told(talk(FIND_NOBODY, post(answer), HIDDEN), memory, **NEW)
    assert "is not known" in told.message


@pytest.mark.parametrize("answer", NOT_SAID)
@pytest.mark.parametrize("applied", [True, False])
def test_another_write_that_a_page_answered_is_looked_at(
    talk: Talk, memory: Memory, answer: Reply, applied: bool
) -> None:
    told = Told(talk(there(), patched(answer), read(active=not applied)), memory, state="absent")
    if applied:
        assert (told.error, told.operation) == (None, (True, "deactivated"))
    else:
        assert (told.kind, told.operation) == ("gateway" if answer.body == HTML else "bad_answer", UNTOUCHED)


@pytest.mark.parametrize("body", [HTML, None])
def test_a_creation_that_came_too_late_for_the_server_is_a_lost_one(talk: Talk, memory: Memory, body: Any) -> None:
    """A 408 of something in between says nothing about what was carried out behind it."""
    told = Told(talk(FIND_NOBODY, post(Reply(408, body)), there()), memory, **NEW)
    assert (told.error, told.operation) == (None, (True, "created"))
    told = Told(talk(FIND_NOBODY, post(Reply(408, body)), FIND_NOBODY, post(Reply(201, resource()))), memory, **NEW)
    assert (told.error, told.operation) == (None, (True, "created"))


@pytest.mark.parametrize(
    "conflict",
    [
        refusal(409),
        refusal(400, "x", "uniqueness"),
        refusal(400, "User already exists"),
        Reply(400, "User ada@example.org already exists", {"Content-Type": "text/plain"}),
        Reply(400, json.dumps("User ada@example.org already exists")),
        refusal(400, "userName ada@example.org exists"),
        refusal(400, "Username is not available"),
        refusal(400, "This login name is in use"),
        refusal(409, "A user with the email ada@example.org exists"),
    ],
)
def test_a_name_that_is_taken_out_of_sight(talk: Talk, memory: Memory, conflict: Reply) -> None:
    told = Told(talk(FIND_NOBODY, post(conflict), FIND_NOBODY, LIST_NOBODY), memory, **NEW)
    assert (told.kind, told.operation) == ("user_name_taken_elsewhere", UNTOUCHED)
    for words in ("another tenant", "users created by your identity provider", ADA):
        assert words in told.message


def test_a_name_that_was_taken_meanwhile(talk: Talk, memory: Memory) -> None:
    told = Told(talk(FIND_NOBODY, post(refusal(409, "dup")), there()), memory, **NEW)
    assert (told.kind, told.operation) == ("user_name_taken", UNTOUCHED)
    assert "id 1" in told.message
    assert "dup" in told.message


def test_a_name_that_is_taken_by_somebody_whom_only_the_listing_shows(talk: Talk, memory: Memory) -> None:
    shown = Call(page(), Reply(200, listing(resource("7", ADA.upper()))))
    nobody_else = Call(page(2), Reply(200, listing(total=1)))
    told = Told(talk(FIND_NOBODY, post(refusal(409)), FIND_NOBODY, shown, nobody_else), memory, **NEW)
    assert (told.kind, told.operation) == ("user_name_taken", UNTOUCHED)
    assert "id 7" in told.message
    assert "another tenant" not in told.message


def test_our_own_conflict_after_a_lost_reply_is_no_failure(talk: Talk, memory: Memory) -> None:
    told = Told(talk(FIND_NOBODY, post(LOST), FIND_NOBODY, post(refusal(409)), there()), memory, **NEW)
    assert (told.error, told.operation) == (None, (True, "created"))


def test_our_own_conflict_that_does_not_show_yet_is_told_as_that(talk: Talk, memory: Memory) -> None:
    told = Told(talk(FIND_NOBODY, post(LOST), FIND_NOBODY, post(refusal(409)), FIND_NOBODY, LIST_NOBODY), memory, **NEW)
    assert told.kind == "user_name_taken_elsewhere"
    assert "An earlier try of this task may have created the user" in told.message
