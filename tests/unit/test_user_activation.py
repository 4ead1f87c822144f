# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One user: activated and deactivated, shown or not."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    Call,
    Reply,
    Tenant,
    client_for,
    listing,
    page,
    refusal,
    resource,
    search,
)
from ansible_collections.eightbyeight.scim.tests.unit.users import (
    ADA,
    DEACTIVATE,
    FIND_NOBODY,
    LEAVER,
    LOST,
    NEW,
    OFF,
    UNTOUCHED,
    Told,
    last_body,
    patched,
    post,
    put,
    read,
    there,
)


@pytest.mark.parametrize(
    ("answer", "more"),
    [
        (Reply(200, OFF), []),
        (Reply(200, {"id": "1", "userName": ADA, "active": False}), []),
        (Reply(200, {"active": "False"}), []),
        # Nothing in the answer, or nothing of interest: it is read again.
        (Reply(204), [read(active=False)]),
        (Reply(200, {"id": "1"}), [read(active=False)]),
        (Reply(200, resource()), [read(active=False)]),
    ],
)
@pytest.mark.parametrize("options", [{"state": "absent"}, {"active": False}])
def test_a_deactivation_is_a_patch_that_is_confirmed(
    talk: Talk, memory: Memory, answer: Reply, more: list[Call], options: dict[str, Any]
) -> None:
    told = Told(talk(there(), Call("PATCH /Users/1", answer, body=DEACTIVATE), *more), memory, **options)
    assert (told.error, told.operation) == (None, (True, "deactivated"))
    assert told.result["user"]["active"] is False
    assert told.result["user"]["email"] == ADA, "what the answer left out is still there"
    assert told.actions == LEAVER
    assert told.result["diff"]["before"] == {"active": True}
    assert told.result["diff"]["after"] == {"active": False}


def test_a_reactivation_is_a_patch(talk: Talk, memory: Memory) -> None:
    told = Told(talk(there(active=False), patched(Reply(200, {"active": True}))), memory, active=True)
    assert (told.error, told.operation, told.actions) == (None, (True, "activated"), [])
    assert told.warnings == []


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("options", "calls", "operation"),
    [
        ({}, [there(active=False)], UNTOUCHED),
        ({"title": "Analyst"}, [there(active=False)], UNTOUCHED),
        (
            {"title": "Boss"},
            [there(active=False), read(active=False), put(Reply(200, resource(active=False, title="Boss")))],
            (True, "updated"),
        ),
    ],
)
def test_who_was_deactivated_stays_so_where_a_task_does_not_give_active(
    talk: Talk,
    memory: Memory,
    options: dict[str, Any],
    calls: list[Call],
    operation: tuple[bool, str],
    check_mode: bool,
) -> None:
    client = talk(*(calls[:2] if check_mode else calls))
    told = Told(client, memory, check_mode, **options)
    assert (told.error, told.operation, told.actions) == (None, operation, [])
    assert told.result["user"]["active"] is False
    (warning,) = told.warnings
    assert warning.startswith(f"{ADA} is inactive and stays inactive")
    assert "active: true" in warning
    if operation[0] and not check_mode:
        assert last_body(client)["active"] is False


@pytest.mark.parametrize("options", [{"state": "absent"}, {"active": False}])
def test_who_is_meant_to_be_inactive_is_not_warned_of(talk: Talk, memory: Memory, options: dict[str, Any]) -> None:
    assert Told(talk(there(active=False)), memory, **options).warnings == []


@pytest.mark.parametrize(("options", "state"), [({"state": "absent"}, True), ({"active": True}, False)])
def test_a_patch_that_changed_nothing_is_a_failure(
    talk: Talk, memory: Memory, options: dict[str, Any], state: bool
) -> None:
    told = Told(talk(there(active=state), patched(Reply(204)), read(active=state)), memory, **options)
    verb = "deactivate" if state else "activate"
    assert (told.kind, told.operation, told.actions) == (
        "not_applied",
        UNTOUCHED,
        [f"{verb}_user", *LEAVER[: len(LEAVER) * state]],
    )
    assert told.result["user"]["active"] is state
    assert "Admin Console" in told.message


def test_what_was_applied_is_told_whatever_happens_after_it(talk: Talk, memory: Memory) -> None:
    client = talk(there(), patched(Reply(204)), Call("GET /Users/1", refusal(403)))
    told = Told(client, memory, state="absent")
    assert (told.kind, told.operation) == ("forbidden", (True, "deactivated"))
    assert "end_sessions" in told.actions


@pytest.mark.parametrize("refused", [405, 501])
@pytest.mark.parametrize(
    ("after", "user"),
    [
        ([read(active=False)], False),
        # A server of the RFC really deletes.
        ([Call("GET /Users/1", refusal(404)), Call(page(count=1), Reply(200, listing()))], None),
    ],
)
def test_absent_falls_back_to_delete(
    talk: Talk, memory: Memory, refused: int, after: list[Call], user: bool | None
) -> None:
    client = talk(there(), patched(refusal(refused)), Call("DELETE /Users/1", Reply(204)), *after)
    told = Told(client, memory, state="absent")
    assert (told.error, told.operation) == (None, (True, "deactivated"))
    assert (told.result["user"] or {"active": None})["active"] is user


BEFORE, AFTER = "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z"


@pytest.mark.parametrize("told_after", [AFTER, None])
def test_a_search_that_lags_behind_our_own_write_is_not_believed(
    talk: Talk, memory: Memory, told_after: str | None
) -> None:
    """Else somebody who was activated a moment ago keeps access, and who was deactivated is told as deactivated again."""
    memory.note_write("1", told_after, BEFORE)
    now = {"meta": {"lastModified": AFTER}}
    leaver = talk(there(active=False), read(**now), patched(Reply(200, OFF)))
    assert Told(leaver, memory, state="absent").operation == (True, "deactivated")
    memory.note_write("1", told_after, BEFORE)
    again = talk(there(), read(active=False, **now))
    assert Told(again, memory, state="absent").operation == UNTOUCHED
    # A server that does not change the time with a write is asked once.
    memory.note_write("1", told_after, BEFORE)
    same = talk(there(active=False), read(active=False), there(active=False))
    for _time in range(2):
        assert Told(same, memory, state="absent").operation == UNTOUCHED
    # Who shows the newer time, or was never written to, costs nothing more.
    assert Told(talk(there(active=False, **now)), memory, state="absent").operation == UNTOUCHED
    memory.note_write("1", None, None)
    assert Told(talk(there(active=False)), memory, state="absent").operation == UNTOUCHED


@pytest.mark.parametrize("options", [{"state": "absent"}, {"active": False}, {"title": "Boss"}])
def test_a_login_name_that_went_to_somebody_else_is_not_switched_off(
    talk: Talk, memory: Memory, options: dict[str, Any]
) -> None:
    given = {"external_id": "E2", "given_name": "Bo", "family_name": "Quill", **options}
    told = Told(talk(there(externalId="E1")), memory, **given)
    assert (told.kind, told.operation) == ("ambiguous", UNTOUCHED)


def test_a_delete_that_changed_nothing_is_a_failure(talk: Talk, memory: Memory) -> None:
    client = talk(there(), patched(refusal(501)), Call("DELETE /Users/1", Reply(204)), read())
    told = Told(client, memory, state="absent")
    assert (told.kind, told.operation) == ("not_applied", UNTOUCHED)


def test_a_lost_reply_to_a_delete_that_took_place_is_no_failure(talk: Talk, memory: Memory) -> None:
    """Law 5: sent again, it finds nobody, and that is what was wanted."""
    gone = refusal(404)
    client = talk(
        there(),
        patched(refusal(501)),
        Call("DELETE /Users/1", LOST),
        Call("DELETE /Users/1", gone),
        Call("GET /Users/1", gone),
        Call(page(count=1), Reply(200, listing())),
    )
    told = Told(client, memory, state="absent")
    assert (told.error, told.operation) == (None, (True, "deactivated"))


@pytest.mark.parametrize(
    ("options", "calls", "named"),
    [
        ({"state": "absent"}, [there(), patched(Reply(204)), read()], ("PATCH", "/Users/1", 204)),
        ({"active": False}, [there(), patched(Reply(200, {"id": "1"})), read()], ("PATCH", "/Users/1", 200)),
        (
            {"state": "absent"},
            [there(), patched(refusal(501)), Call("DELETE /Users/1", Reply(204)), read()],
            ("DELETE", "/Users/1", 204),
        ),
        (
            {"active": False},
            [there(), patched(refusal(501)), read(), put(Reply(200, resource())), read()],
            ("PUT", "/Users/1", 200),
        ),
        (
            {"active": False, "title": "Boss"},
            [there(), read(), put(Reply(204)), read(title="Boss")],
            ("PUT", "/Users/1", 204),
        ),
        (NEW, [FIND_NOBODY, post(Reply(201, resource(active=False))), read(active=False)], ("POST", "/Users", 201)),
        ({"active": False, **NEW}, [FIND_NOBODY, post(Reply(201)), there()], ("POST", "/Users", 201)),
        ({"active": False, **NEW}, [FIND_NOBODY, post(LOST), there()], ("POST", "/Users", None)),
    ],
)
def test_what_was_not_applied_names_the_request_that_was_accepted(
    talk: Talk, memory: Memory, options: dict[str, Any], calls: list[Call], named: tuple[str, str, int | None]
) -> None:
    told = Told(talk(*calls), memory, **options)
    assert told.error is not None
    assert (told.kind, told.error.method, told.error.path, told.error.status) == ("not_applied", *named)


SHOWS_NOTHING = [resource(active=None), {**resource(), "active": None}]


@pytest.mark.parametrize("seen", SHOWS_NOTHING)
@pytest.mark.parametrize(
    ("options", "write", "named"),
    [
        ({"state": "absent"}, [patched(Reply(204))], ("PATCH", 204)),
        ({"state": "absent"}, [patched(Reply(200, {"id": "1"}))], ("PATCH", 200)),
        ({"active": False}, [patched(Reply(204))], ("PATCH", 204)),
        ({"state": "absent"}, [patched(refusal(501)), Call("DELETE /Users/1", Reply(204))], ("DELETE", 204)),
        ({"active": False, "title": "Analyst", "external_id": "7"}, [put(Reply(204))], ("PUT", 204)),
    ],
)
def test_a_deactivation_that_nothing_shows_is_told_as_sent_and_not_as_done(
    talk: Talk,
    memory: Memory,
    seen: dict[str, Any],
    options: dict[str, Any],
    write: list[Call],
    named: tuple[str, int],
) -> None:
    """Unknown is no proof. What was sent is in the result all the same (law 7)."""
    look = Call("GET /Users/1", Reply(200, seen))
    again = [look] if "external_id" in options else []
    told = Told(talk(Call(search(ADA), Reply(200, listing(seen))), look, *write, look, *again), memory, **options)
    assert (told.kind, told.operation) == ("not_confirmed", (True, "deactivated"))
    assert "does not show whether" in told.message
    assert "Admin Console" in told.message
    assert ADA in told.message
    assert told.error is not None
    assert (told.error.method, told.error.path, told.error.status) == (named[0], "/Users/1", named[1])
    assert "end_sessions" in told.actions
    assert len(told.warnings) == ("external_id" in options), "what was not taken is told and remembered all the same"


@pytest.mark.parametrize("seen", SHOWS_NOTHING)
def test_an_activation_that_nothing_shows_is_not_told_as_done_either(
    talk: Talk, memory: Memory, seen: dict[str, Any]
) -> None:
    calls = [there(active=False), patched(Reply(204)), Call("GET /Users/1", Reply(200, seen))]
    told = Told(talk(*calls), memory, active=True)
    assert (told.kind, told.operation) == ("not_confirmed", (True, "activated"))


@pytest.mark.parametrize("seen", SHOWS_NOTHING)
@pytest.mark.parametrize(("active", "kind"), [(True, None), (False, "not_confirmed")])
def test_a_creation_whose_state_nothing_shows(
    talk: Talk, memory: Memory, seen: dict[str, Any], active: bool, kind: str | None
) -> None:
    """Who is created is active unless told otherwise; that somebody is not must be seen."""
    calls = [FIND_NOBODY, post(Reply(201, seen)), Call("GET /Users/1", Reply(200, seen))]
    told = Told(talk(*calls), memory, active=active, **NEW)
    assert (told.kind, told.operation) == (kind, (True, "created"))
    assert len(told.warnings) == (kind is None)


class Silent(Tenant):
    """Never shows whether anybody is active, but where a PATCH asks for it."""

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:  # type: ignore[override]
        response = super().send(request, **settings)
        if request.method == "PATCH" or not response.ok:
            return response
        body = response.json()
        for raw in body.get("Resources", [body]):
            raw.pop("active", None)
        return Reply(response.status_code, body).response(request)


def test_who_is_to_be_active_where_nothing_shows_it_can_be_updated_with_a_warning(memory: Memory) -> None:
    tenant = Silent(resource())
    for check_mode in (True, False):
        told = Told(client_for(tenant), memory, check_mode, title="Boss")
        assert (told.error, told.operation) == (None, (True, "updated"))
        (warning,) = told.warnings
        assert "does not show whether the user is active" in warning
    for active, warnings in ((None, 0), (True, 1)):
        again = Told(client_for(tenant), memory, title="Boss", active=active)
        assert (again.error, again.operation, len(again.warnings)) == (None, UNTOUCHED, warnings)
    assert tenant.writes == ["PUT"], "law 1"


@pytest.mark.parametrize("options", [{"state": "absent"}, {"active": False}])
def test_nothing_is_taken_to_be_active_where_that_is_not_wanted(memory: Memory, options: dict[str, Any]) -> None:
    told = Told(client_for(Silent(resource())), memory, True, **options)
    assert (told.error, told.operation, told.warnings) == (None, (True, "deactivated"), [])


def test_an_answer_that_shows_the_state_is_enough_where_reading_does_not(memory: Memory) -> None:
    tenant = Silent(resource())
    for _run in range(2):
        told = Told(client_for(tenant), memory, state="absent")
        # Each time: who must not have access is not left to what was seen at another time.
        assert (told.error, told.operation, told.warnings) == (None, (True, "deactivated"), [])
    assert tenant.writes == ["PATCH", "PATCH"]


def test_an_update_whose_reply_was_lost_is_no_false_alarm_where_nothing_shows_the_state(
    talk: Talk, memory: Memory
) -> None:
    hidden: dict[str, Any] = {"active": None}
    calls = [there(**hidden), read(**hidden), put(LOST), read(title="Boss", **hidden)]
    told = Told(talk(*calls, retry_budget=0.0), memory, title="Boss")
    assert (told.error, told.operation) == (None, (True, "updated"))
