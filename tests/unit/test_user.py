# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One user, end to end: every way that a write can go, against an ordered conversation."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from requests import exceptions as wire

from ansible_collections.eightbyeight.scim.plugins.module_utils._client import ScimClient
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError, EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._plan import Wanted
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.models import DEFAULT_EXTENSION_URN
from ansible_collections.eightbyeight.scim.plugins.module_utils._user import UserRun
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    HTML,
    Call,
    FakeTime,
    Reply,
    TalkingClient,
    Tenant,
    client_for,
    listing,
    page,
    refusal,
    resource,
    scim_error,
    search,
)

ADA = "ada@example.org"
NEW: dict[str, Any] = {"given_name": "Ada", "family_name": "Lovelace", "email": ADA}
KEYS = ["changed", "user", "operation", "diff", "manual_actions"]

FIND_NOBODY = Call(search(ADA), Reply(200, listing()))
LIST_NOBODY = Call(page(), Reply(200, listing()))
LOST = wire.ReadTimeout("Read timed out.")
#: What a listing leaves out that does not show users whole (2.7a).
TERSE = {name: None for name in resource() if name not in ("id", "userName", "name", "emails", "active", "meta")}
LEAVER = ["end_sessions", "reclaim_license", "delete_record"]
DEACTIVATE = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "value": {"active": False}}],
}


def there(**more: Any) -> Call:
    """The look-up finds Ada."""
    return Call(search(ADA), Reply(200, listing(resource(**more))))


def read(**more: Any) -> Call:
    """Ada, read by her id."""
    return Call("GET /Users/1", Reply(200, resource(**more)))


def patched(answer: Any) -> Call:
    return Call("PATCH /Users/1", answer)


def put(answer: Any) -> Call:
    return Call("PUT /Users/1", answer)


def post(answer: Any) -> Call:
    return Call("POST /Users", answer)


def without_site() -> dict[str, Any]:
    extension: dict[str, Any] = {DEFAULT_EXTENSION_URN: None}
    return resource(**extension)


def last_body(client: TalkingClient) -> Any:
    return json.loads(client.transcript.sent[-1].body or "null")


class Told:
    """What a run came to."""

    def __init__(self, client: ScimClient, memory: Memory, check_mode: bool = False, **options: Any) -> None:
        wanted = Wanted.from_options({"user_name": ADA, "state": "present", **options})
        run = UserRun(client, wanted, memory, check_mode=check_mode)
        self.error: EightByEightError | None = None
        try:
            run.run()
        except EightByEightError as error:
            self.error = error
        self.result = run.result(self.error)
        self.warnings = run.warnings
        assert list(self.result) == KEYS
        assert list(self.result["diff"]) == ["before_header", "after_header", "before", "after"]
        json.dumps(self.result)

    @property
    def kind(self) -> str | None:
        return self.error.kind if self.error else None

    @property
    def message(self) -> str:
        return self.error.message if self.error else ""

    @property
    def operation(self) -> tuple[bool, str]:
        return self.result["changed"], self.result["operation"]

    @property
    def actions(self) -> list[str]:
        return [entry["action"] for entry in self.result["manual_actions"]]


UNTOUCHED = (False, "unchanged")

# -- Nothing to do ------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "options"),
    [
        (there(), {}),
        (there(), {"title": "Analyst", "site": "London"}),
        (there(active=False), {"active": False}),
        (there(active=False), {"state": "absent"}),
        (FIND_NOBODY, {"state": "absent"}),
    ],
)
def test_a_user_who_is_as_wanted_costs_one_read(
    talk: Talk, memory: Memory, call: Call, options: dict[str, Any]
) -> None:
    told = Told(talk(call), memory, **options)
    assert (told.error, told.operation, told.warnings, told.actions) == (None, UNTOUCHED, [], [])
    assert told.result["diff"]["before"] == told.result["diff"]["after"] == {}


def test_an_id_is_read_and_not_searched(talk: Talk, memory: Memory) -> None:
    told = Told(talk(read()), memory, user_name=None, user_id="1")
    assert told.result["user"]["user_name"] == ADA


def test_an_id_that_nobody_has_is_told_and_nobody_is_created(talk: Talk, memory: Memory) -> None:
    client = talk(Call("GET /Users/1", refusal(404)), Call(page(count=1), Reply(200, listing())))
    told = Told(client, memory, user_id="1", **NEW)
    assert told.kind == "user_not_found"
    assert "no user with the id 1. To create a user, leave user_id out" in told.message


@pytest.mark.parametrize(
    ("more", "calls", "kind"),
    [
        # Absent: nobody has the id, and nobody else was named.
        ({"user_name": None}, [], None),
        # The name is looked up too: a mistyped id must not let somebody keep access.
        ({}, [FIND_NOBODY], None),
        ({}, [Call(search(ADA), Reply(200, listing(resource("2"))))], "user_name_fixed"),
        ({}, [Call(search(ADA), Reply(200, listing(total=4)))], "incomplete_listing"),
    ],
)
def test_absent_by_an_id_that_nobody_has(
    talk: Talk, memory: Memory, more: dict[str, Any], calls: list[Call], kind: str | None
) -> None:
    client = talk(Call("GET /Users/1", refusal(404)), Call(page(count=1), Reply(200, listing())), *calls)
    told = Told(client, memory, user_id="1", state="absent", **more)
    assert (told.kind, told.operation) == (kind, UNTOUCHED)


def test_an_id_and_a_name_of_two_people_are_refused(talk: Talk, memory: Memory) -> None:
    told = Told(talk(read(user_name="eve@example.org")), memory, user_id="1", title="Boss")
    assert (told.kind, told.operation) == ("user_name_fixed", UNTOUCHED)
    assert told.actions == ["rename_user"]


def test_nobody_is_declared_absent_by_a_listing_that_does_not_add_up(talk: Talk, memory: Memory) -> None:
    told = Told(talk(Call(search(ADA), Reply(200, listing(total=1)))), memory, state="absent")
    assert (told.kind, told.operation) == ("incomplete_listing", UNTOUCHED)
    assert ADA in told.message


# -- Create -------------------------------------------------------------------


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
    assert "Run again to update that user" in told.message


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
    told = Told(talk(FIND_NOBODY, post(refusal(409)), FIND_NOBODY, shown), memory, **NEW)
    assert (told.kind, told.operation) == ("user_name_taken", UNTOUCHED)
    assert "id 7" in told.message
    assert "another tenant" not in told.message


def test_our_own_conflict_after_a_lost_reply_is_no_failure(talk: Talk, memory: Memory) -> None:
    told = Told(talk(FIND_NOBODY, post(LOST), FIND_NOBODY, post(refusal(409)), there()), memory, **NEW)
    assert (told.error, told.operation) == (None, (True, "created"))


def test_our_own_conflict_that_does_not_show_yet_is_told_as_that(talk: Talk, memory: Memory) -> None:
    told = Told(talk(FIND_NOBODY, post(LOST), FIND_NOBODY, post(refusal(409)), FIND_NOBODY, LIST_NOBODY), memory, **NEW)
    assert told.kind == "user_name_taken_elsewhere"
    assert "An earlier try of this task may have created it" in told.message


# -- Activate and deactivate --------------------------------------------------

OFF = resource(active=False)


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
    assert told.actions == ["end_sessions", "reclaim_license", "delete_record"]
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
        [f"{verb}_user", *LEAVER[: 3 * state]],
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


# -- A server that does not show whether somebody is active -------------------

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
        assert "does not show whether ada@example.org is active" in warning
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


# -- Verbs that the server does not have --------------------------------------


@pytest.mark.parametrize("refused", [405, 501])
def test_absent_falls_back_to_put_where_there_is_no_delete_either(talk: Talk, memory: Memory, refused: int) -> None:
    """Who must lose access must not keep it for want of a verb: a PUT of the fresh read does what active=false does."""
    client = talk(
        there(),
        patched(refusal(501)),
        Call("DELETE /Users/1", refusal(refused)),
        read(shoeSize=38, meta={"version": "v1"}),
        Call("PUT /Users/1", Reply(200, OFF), headers={"If-Match": "v1"}),
    )
    told = Told(client, memory, state="absent")
    assert (told.error, told.operation) == (None, (True, "deactivated"))
    assert (last_body(client)["active"], last_body(client)["shoeSize"]) == (False, 38)


def test_a_lost_delete_is_not_forgotten_where_the_put_in_its_place_is_refused(talk: Talk, memory: Memory) -> None:
    """The DELETE was carried out, and its repetition refused by something in between."""
    client = talk(
        there(),
        patched(refusal(501)),
        Call("DELETE /Users/1", LOST),
        Call("DELETE /Users/1", refusal(405)),
        read(active=False),
        put(refusal(501)),
        read(active=False),
    )
    told = Told(client, memory, state="absent")
    assert (told.error, told.operation) == (None, (True, "deactivated"))


@pytest.mark.parametrize(
    ("options", "calls", "words"),
    [
        (
            {"state": "absent"},
            [there(), patched(refusal(405)), Call("DELETE /Users/1", refusal(405)), read(), put(refusal(501))],
            "deactivate",
        ),
        ({"active": False}, [there(), patched(refusal(405)), read(), put(refusal(405))], "deactivate"),
        (
            {"active": True},
            [there(active=False), patched(refusal(405)), read(active=False), put(refusal(405))],
            "activate",
        ),
        ({"title": "Boss"}, [there(), read(), put(refusal(501))], "update"),
        (NEW, [FIND_NOBODY, post(refusal(405))], "create"),
    ],
)
def test_a_server_without_the_verbs_says_what_to_do(
    talk: Talk, memory: Memory, options: dict[str, Any], calls: list[Call], words: str
) -> None:
    told = Told(talk(*calls), memory, **options)
    assert (told.kind, told.operation) == ("not_supported", UNTOUCHED)
    assert f"{words} {ADA}" in told.message
    assert "Admin Console > Home > Users" in told.message


# -- The two forms of the PATCH -----------------------------------------------

WITH_PATH = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "path": "active", "value": False}],
}


@pytest.mark.parametrize(
    "refused",
    [
        refusal(400, "path is required", "invalidPath"),
        refusal(400, "", "invalidPath"),
        refusal(400, "no target", "noTarget"),
        refusal(400, "Operations[0].path may not be null", "invalidSyntax"),
    ],
)
def test_a_patch_that_lacks_a_path_is_sent_once_more_with_one(talk: Talk, memory: Memory, refused: Reply) -> None:
    """The fact sheet (11.8) leaves open which form 8x8 takes; what was refused was not applied (RFC 7644 section 3.5.2)."""
    again = Call("PATCH /Users/1", Reply(200, OFF), body=WITH_PATH)
    told = Told(talk(there(), Call("PATCH /Users/1", refused, body=DEACTIVATE), again), memory, state="absent")
    assert (told.error, told.operation, told.warnings) == (None, (True, "deactivated"), [])


def test_a_patch_that_is_refused_in_both_forms_is_a_failure(talk: Talk, memory: Memory) -> None:
    calls = [patched(refusal(400, "path is required", "invalidPath")), patched(refusal(400, "no path please"))]
    told = Told(talk(there(), *calls), memory, state="absent")
    assert (told.kind, told.operation) == ("refused", UNTOUCHED)


@pytest.mark.parametrize(
    "answer",
    [
        refusal(400, "User has no site"),
        refusal(400, "London is closed"),
        refusal(400, "title is required"),
        refusal(400, "a mandatory attribute is missing", "invalidValue"),
        refusal(400, "userName is immutable", "mutability"),
        refusal(400, "the last administrator stays"),
    ],
)
def test_a_refused_patch_is_not_explained_by_what_it_did_not_carry(talk: Talk, memory: Memory, answer: Reply) -> None:
    told = Told(talk(there(), patched(answer)), memory, state="absent")
    assert (told.kind, told.operation, told.actions) == ("refused", UNTOUCHED, ["deactivate_user", *LEAVER])
    assert f"refuses to deactivate {ADA}" in told.message
    assert answer.body["detail"] in told.message
    assert "Admin Console > Home > Users" in told.message


@pytest.mark.parametrize(("wish", "operation"), [(True, "activated"), (False, "deactivated")])
@pytest.mark.parametrize("refused", [405, 501])
def test_present_falls_back_to_put(talk: Talk, memory: Memory, refused: int, wish: bool, operation: str) -> None:
    told = Told(
        talk(
            there(active=not wish),
            patched(refusal(refused)),
            read(active=not wish, shoeSize=38, meta={"version": "v1"}),
            Call("PUT /Users/1", Reply(200, resource(active=wish)), headers={"If-Match": "v1"}),
        ),
        memory,
        active=wish,
    )
    assert (told.error, told.operation) == (None, (True, operation))
    assert told.result["diff"]["after"] == {"active": wish}


def test_the_put_in_the_place_of_a_patch_keeps_everything(talk: Talk, memory: Memory) -> None:
    client = talk(there(), patched(refusal(501)), read(shoeSize=38, gone=None), put(Reply(200, OFF)))
    Told(client, memory, active=False)
    body = last_body(client)
    expected = {key: value for key, value in resource(shoeSize=38, active=False).items() if key not in ("id", "meta")}
    assert body == expected


def test_the_put_in_the_place_of_a_patch_does_no_damage(talk: Talk, memory: Memory) -> None:
    client = talk(there(), patched(refusal(501)), read(emails=None))
    told = Told(client, memory, active=False)
    assert (told.kind, told.operation) == ("missing_attributes", UNTOUCHED)


# -- Update -------------------------------------------------------------------


def test_an_update_is_a_put_of_a_fresh_read(talk: Talk, memory: Memory) -> None:
    """A listing may hold less of a user than its own address."""
    client = talk(there(locale=None), read(shoeSize=38), put(Reply(200, resource(title="Boss", shoeSize=38))))
    told = Told(client, memory, title="Boss")
    assert (told.error, told.operation, told.warnings) == (None, (True, "updated"), [])
    body = last_body(client)
    assert (body["shoeSize"], body["locale"], body["title"], body["active"]) == (38, "en-GB", "Boss", True)
    assert told.result["diff"]["before"] == {"title": "Analyst"}
    assert told.result["diff"]["after"] == {"title": "Boss"}


def test_an_update_by_id_reads_once(talk: Talk, memory: Memory) -> None:
    told = Told(talk(read(), put(Reply(200, resource(title="Boss")))), memory, user_id="1", title="Boss")
    assert told.operation == (True, "updated")


def test_an_update_that_the_fresh_read_makes_needless_is_none(talk: Talk, memory: Memory) -> None:
    told = Told(talk(there(title=None), read()), memory, title="Analyst")
    assert (told.error, told.operation) == (None, UNTOUCHED)


def test_a_user_who_vanishes_between_two_reads(talk: Talk, memory: Memory) -> None:
    calls = [there(), Call("GET /Users/1", refusal(404)), Call(page(count=1), Reply(200, listing()))]
    told = Told(talk(*calls), memory, title="Boss")
    assert (told.kind, told.operation) == ("user_not_found", UNTOUCHED)
    assert "vanished between two reads" in told.message


def test_a_user_who_vanishes_before_the_write(talk: Talk, memory: Memory) -> None:
    told = Told(talk(there(), read(), put(refusal(404))), memory, title="Boss")
    assert (told.kind, told.operation) == ("user_not_found", UNTOUCHED)
    assert ADA in told.message


@pytest.mark.parametrize("answer", [Reply(204), Reply(200, {"id": "1"}), Reply(200, resource(active=None))])
def test_an_answer_to_an_update_that_says_too_little_is_completed_by_reading(
    talk: Talk, memory: Memory, answer: Reply
) -> None:
    told = Told(talk(there(), read(), put(answer), read(title="Boss")), memory, title="Boss")
    assert (told.error, told.operation) == (None, (True, "updated"))
    assert told.result["user"]["title"] == "Boss"


def test_an_answer_that_holds_just_what_changed_does_not_make_the_rest_disappear(talk: Talk, memory: Memory) -> None:
    """``user`` is the user after the task: whoever has an e-mail address before has one after."""
    tenant = Tenant(resource())
    client = client_for(tenant)
    stored = tenant._store

    def terse(current: dict[str, Any], body: Any, status: int) -> Reply:
        stored(current, body, status)
        return Reply(status, {key: current[key] for key in ("id", "userName", "active", "title")})

    tenant._store = terse  # type: ignore[method-assign]
    told = Told(client, memory, title="Boss")
    assert (told.error, told.operation) == (None, (True, "updated"))
    assert told.result["user"]["title"] == "Boss"
    assert told.result["user"]["email"] == ADA


def test_an_update_that_leaves_active_as_it_was_is_told_as_far_as_it_went(talk: Talk, memory: Memory) -> None:
    client = talk(there(), read(), put(Reply(200, resource(title="Boss"))), read(title="Boss"))
    told = Told(client, memory, title="Boss", active=False)
    assert (told.kind, told.operation) == ("not_applied", (True, "updated"))
    assert told.actions == ["deactivate_user", *LEAVER]
    assert told.result["user"]["active"] is True


def test_a_listing_that_leaves_active_out_does_not_make_anybody_active(talk: Talk, memory: Memory) -> None:
    """It may hold less of a user than its own address; what it does not say is read there."""
    client = talk(there(active=None), read(active=False), patched(Reply(200, {"active": True})))
    told = Told(client, memory, active=True)
    assert (told.error, told.operation) == (None, (True, "activated"))


def test_a_listing_that_leaves_active_out_does_not_make_a_second_run_write(talk: Talk, memory: Memory) -> None:
    told = Told(talk(there(active=None), read(active=False)), memory, state="absent")
    assert (told.error, told.operation) == (None, UNTOUCHED)


class Forgetful(Tenant):
    """Does what it is told, or not, and loses the reply."""

    applies = True

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:  # type: ignore[override]
        if request.method == "GET":
            return super().send(request, **settings)
        if self.applies:
            super().send(request, **settings)
        raise LOST


@pytest.mark.parametrize("applies", [True, False])
@pytest.mark.parametrize(
    ("options", "operation"),
    [({"state": "absent"}, "deactivated"), ({"active": False}, "deactivated"), ({"title": "Boss"}, "updated")],
)
def test_a_write_whose_reply_was_lost_for_good_is_looked_at_before_it_is_called_a_failure(
    memory: Memory, applies: bool, options: dict[str, Any], operation: str
) -> None:
    """Laws 5 and 7: no false alarm, and what was applied is in the result."""
    tenant = Forgetful(resource())
    tenant.applies = applies
    told = Told(client_for(tenant, retry_budget=0.0), memory, **options)
    assert len([verb for verb, _path in tenant.log if verb != "GET"]) <= 1
    if applies:
        assert (told.error, told.operation) == (None, (True, operation))
    else:
        assert (told.kind, told.operation) == ("timeout", UNTOUCHED)


@pytest.mark.parametrize("status", [400, 403, 404, 429])
def test_a_refusal_says_nothing_about_a_try_before_it_that_was_lost(talk: Talk, memory: Memory, status: int) -> None:
    """A 502 for a PUT that was carried out, then a gateway's 403 for its repetition: it was done."""
    tries = [put(Reply(502, HTML)), put(refusal(status, Retry_After="500"))]
    told = Told(talk(there(), read(), *tries, read(title="Boss")), memory, title="Boss")
    assert (told.error, told.operation) == (None, (True, "updated"))


def test_what_a_terse_listing_leaves_out_can_be_cleared(talk: Talk, memory: Memory) -> None:
    """A listing may hold less of a user than its own address (2.7a), and nothing looks like cleared."""
    told = Told(talk(there(**TERSE), read(), put(Reply(200, resource(title=None)))), memory, title="")
    assert (told.error, told.operation) == (None, (True, "updated"))


@pytest.mark.parametrize("wish", [{"given_name": "Ada"}, {}, {"title": "Analyst"}])
def test_whoever_is_returned_is_whole_where_a_listing_is_terse(
    talk: Talk, memory: Memory, wish: dict[str, Any]
) -> None:
    told = Told(talk(there(**TERSE), read()), memory, **wish)
    assert told.operation == UNTOUCHED
    assert (told.result["user"]["title"], told.result["user"]["site"]) == ("Analyst", "London")


@pytest.mark.parametrize("active", [True, False])
def test_whoever_leaves_is_returned_whole_where_a_listing_is_terse(talk: Talk, memory: Memory, active: bool) -> None:
    calls = [patched(Reply(200, {"active": False}))] if active else []
    told = Told(talk(there(**TERSE, active=active), read(active=active), *calls), memory, state="absent")
    assert told.operation == ((True, "deactivated") if active else UNTOUCHED)
    assert (told.result["user"]["title"], told.result["user"]["active"]) == ("Analyst", False)


def test_a_listing_may_leave_out_one_attribute_that_is_to_be_cleared(talk: Talk, memory: Memory) -> None:
    client = talk(there(title=None), read(), put(Reply(200, resource(title=None))))
    assert Told(client, memory, title="").operation == (True, "updated")


def test_a_listing_that_has_shown_an_attribute_does_not_leave_it_out(talk: Talk, memory: Memory) -> None:
    client = talk(there(), there(title=None))
    assert Told(client, memory).operation == UNTOUCHED
    assert Told(client, memory, title="").operation == UNTOUCHED


@pytest.mark.parametrize("options", [{"title": "Boss"}, {"state": "absent"}])
def test_a_write_that_came_too_often_was_not_carried_out_and_needs_no_look(
    talk: Talk, memory: Memory, options: dict[str, Any]
) -> None:
    busy = refusal(429, Retry_After="500")
    calls = [read(), put(busy)] if "title" in options else [patched(busy)]
    told = Told(talk(there(), *calls), memory, **options)
    assert (told.kind, told.operation) == ("rate_limited", UNTOUCHED)


def test_when_the_look_after_a_lost_write_fails_as_well_the_first_failure_is_told(talk: Talk, memory: Memory) -> None:
    client = talk(there(), patched(LOST), Call("GET /Users/1", refusal(403)), retry_budget=0.0)
    told = Told(client, memory, state="absent")
    assert (told.kind, told.operation) == ("timeout", UNTOUCHED)


# -- The user changed in between ----------------------------------------------

V1 = {"meta": {"version": "v1"}}
V2 = {"meta": {"version": "v2"}}


def put_if(version: str, answer: Any) -> Call:
    return Call("PUT /Users/1", answer, headers={"If-Match": version})


def test_after_a_version_conflict_the_update_is_made_anew(talk: Talk, memory: Memory) -> None:
    client = talk(
        there(),
        read(**V1),
        put_if("v1", refusal(412)),
        read(**V2, locale="fr-FR"),
        put_if("v2", Reply(200, resource(title="Boss", locale="fr-FR"))),
    )
    told = Told(client, memory, title="Boss")
    assert (told.error, told.operation) == (None, (True, "updated"))
    assert last_body(client)["locale"] == "fr-FR"


def test_a_second_version_conflict_is_a_failure_that_says_why(memory: Memory) -> None:
    tenant = Tenant(resource())

    def busy(request: requests.PreparedRequest) -> Reply | None:
        if request.method != "PUT":
            return None
        tenant.users["1"]["locale"] = f"l{len(tenant.log)}"
        return refusal(412)

    tenant.before = busy
    told = Told(client_for(tenant), memory, title="Boss")
    assert (told.kind, told.operation) == ("changed_meanwhile", UNTOUCHED)
    assert tenant.writes == ["PUT"] * 2
    assert "ada@example.org was changed by somebody else 2 times while this task was writing" in told.message
    assert "left alone" in told.message


LATER = {"created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-03T00:00:00Z"}


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("found", "fresh", "told"),
    [
        ({}, {"meta": LATER, "title": "Chief"}, "title was 'Analyst', then 'Chief'"),
        ({"title": None}, {"meta": LATER, "title": "Chief"}, "title was empty, then 'Chief'"),
        ({}, {"meta": LATER, "active": False, "locale": "fr-FR"}, "locale was 'en-GB', then 'fr-FR'; active was True"),
        # Without times only what both reads show tells of a change: a listing may hold less.
        ({"meta": None}, {"meta": None, "title": "Chief"}, "title was 'Analyst', then 'Chief'"),
        ({"meta": None, "title": None}, {"meta": None}, None),
        ({"meta": None}, {"title": None, "meta": None}, None),
        ({"title": None}, {}, None),
        ({}, {"meta": LATER}, None),
        ({}, {}, None),
    ],
)
def test_somebody_else_who_writes_between_two_reads_is_told_of(
    talk: Talk, memory: Memory, found: dict[str, Any], fresh: dict[str, Any], told: str | None, check: bool
) -> None:
    answer = Reply(200, resource(**{**fresh, "externalId": "7", "active": True}))
    client = talk(there(**found), read(**fresh), *([] if check else [put(answer)]))
    run = Told(client, memory, check_mode=check, external_id="7", active=True)
    assert run.error is None
    if told is None:
        assert run.warnings == []
        return
    (warning,) = run.warnings
    assert told in warning
    assert "was changed while this task was at it" in warning


def test_a_version_conflict_tells_what_somebody_else_changed(talk: Talk, memory: Memory) -> None:
    client = talk(
        there(),
        read(**V1),
        put_if("v1", refusal(412)),
        read(meta={"version": "v2", **LATER}, locale="fr-FR"),
        put_if("v2", Reply(200, resource(title="Boss", locale="fr-FR"))),
    )
    (warning,) = Told(client, memory, title="Boss").warnings
    assert "locale was 'en-GB', then 'fr-FR'), by somebody else." in warning


def test_our_own_newer_version_is_nobody_else_s(talk: Talk, memory: Memory) -> None:
    client = talk(there(), read(), put(LOST), put(refusal(412)), read(title="Boss", meta=LATER))
    assert Told(client, memory, title="Boss").warnings == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"title": "Chief"}, "title was 'Analyst', is 'Chief'"),
        ({"locale": "fr-FR", "title": "Chief"}, "title was 'Analyst', is 'Chief'; locale was 'en-GB', is 'fr-FR'"),
        ({"timezone": "Europe/Paris"}, None),
        ({}, None),
    ],
)
def test_what_comes_out_of_an_update_different_although_it_was_not_set_is_told(
    talk: Talk, memory: Memory, answer: dict[str, Any], told: str | None
) -> None:
    """Without versions nothing keeps somebody else from writing at the same moment; what shows of it is told."""
    client = talk(there(), read(), put(Reply(200, resource(externalId="7", **answer))))
    run = Told(client, memory, external_id="7")
    assert (run.error, run.operation) == (None, (True, "updated"))
    if told is None:
        assert run.warnings == []
        return
    (warning,) = run.warnings
    assert told in warning


def test_a_server_without_patch_whose_versions_never_match_does_not_hold_us(memory: Memory) -> None:
    tenant = Tenant(resource())
    tenant.patch = False
    tenant.before = lambda request: refusal(412) if request.method == "PUT" else None
    told = Told(client_for(tenant), memory, active=False)
    assert (told.kind, told.operation) == ("changed_meanwhile", UNTOUCHED)
    assert len(tenant.writes) < 10


def test_somebody_else_made_the_change_meanwhile(talk: Talk, memory: Memory) -> None:
    told = Told(talk(there(), read(), put(refusal(412)), read(title="Boss")), memory, title="Boss")
    assert (told.error, told.operation) == (None, UNTOUCHED)
    assert told.result["user"]["title"] == "Boss"


def test_our_own_write_whose_reply_was_lost_is_told_as_ours(talk: Talk, memory: Memory) -> None:
    told = Told(talk(there(), read(), put(LOST), put(refusal(412)), read(title="Boss")), memory, title="Boss")
    assert (told.error, told.operation) == (None, (True, "updated"))


def test_what_a_lost_try_did_and_what_is_left_of_it_are_told_together(talk: Talk, memory: Memory) -> None:
    """The first PUT was carried out, all but the title, and its answer was lost: this task deactivated the user all the same."""
    done: dict[str, Any] = {"title": None, "active": False, "externalId": "7", **V2}
    client = talk(
        there(),
        read(**V1),
        put_if("v1", LOST),
        put_if("v1", refusal(412)),
        read(**done),
        put_if("v2", Reply(200, resource(**done))),
        read(**done),
        read(**done),
    )
    told = Told(client, memory, title="Boss", external_id="7", active=False)
    assert (told.error, told.operation) == (None, (True, "deactivated"))
    assert told.result["diff"]["before"] == {"external_id": None, "active": True, "title": "Analyst"}
    assert told.result["diff"]["after"] == {"external_id": "7", "active": False, "title": "Boss"}


def test_after_a_version_conflict_only_active_may_be_left(talk: Talk, memory: Memory) -> None:
    fresh = read(title="Boss", locale="fr-FR", meta=LATER)
    client = talk(there(), read(), put(refusal(412)), fresh, patched(Reply(200, {"active": False})))
    told = Told(client, memory, title="Boss", active=False)
    assert (told.error, told.operation) == (None, (True, "deactivated"))
    assert ["by somebody else." in warning for warning in told.warnings] == [True], "and nothing came out different"
    assert told.result["diff"]["after"] == {"active": False}


# -- Refusals of 8x8, explained -----------------------------------------------

REFUSED = [
    # what is asked for, how she is, the answer -> kind, words, manual actions
    ({"site": "Paris"}, None, refusal(400, "no site Paris"), "unknown_site", "does not know the site Paris", ["check_site"]),
    ({"site": "Paris"}, None, refusal(400, "Invalid SITE", "invalidValue"), "unknown_site", "match exactly", ["check_site"]),
    ({"site": "Paris"}, None, refusal(400, "site", "mutability"), "site_fixed", "it can be set once", ["change_site"]),
    ({"title": "Boss"}, "London", refusal(400, "no site London"), "unknown_site", "probably renamed", ["check_site"]),
    ({"title": "Boss"}, "London", refusal(400, "userName is read-only", "mutability"), "user_name_fixed", "fixed at creation", ["rename_user"]),
    ({"title": "Boss"}, None, refusal(400, "locale is mandatory"), "missing_attributes", "required attribute", []),
    ({"site": "Paris"}, None, refusal(400, "site cannot be updated after user creation"), "site_fixed", "it can be set once", ["change_site"]),
    ({"site": "Paris"}, None, refusal(400, "Site is read-only", "invalidValue"), "site_fixed", "it can be set once", ["change_site"]),
    ({"site": "Paris"}, None, refusal(400, "site was already set"), "site_fixed", "it can be set once", ["change_site"]),
    ({"site": "Paris"}, None, refusal(400, "The site attribute is immutable"), "site_fixed", "it can be set once", ["change_site"]),
    ({"site": "Paris"}, None, refusal(400, "site can't be changed"), "site_fixed", "it can be set once", ["change_site"]),
    ({"title": "Boss"}, None, refusal(400, "userName cannot be modified"), "user_name_fixed", "fixed at creation", ["rename_user"]),
    ({"title": "Boss"}, None, refusal(400, "path is required", "invalidPath"), "refused", "path is required", []),
    ({"title": "Boss"}, None, refusal(400, "missing brace", "invalidSyntax"), "refused", "missing brace", []),
    ({"title": "Boss"}, None, refusal(400, "title too long"), "refused", "title too long", []),
    ({"title": "Boss"}, None, refusal(400), "refused", "gave no reason", []),
    ({"title": "Boss"}, None, refusal(403), "not_write_client", "Only one client may write", []),
    ({"title": "Boss"}, None, refusal(401), "token_rejected", "single sign-on", []),
    ({"external_id": "7"}, None, refusal(409, "externalId is taken"), "conflict", "externalId is taken", []),
]  # fmt: skip


@pytest.mark.parametrize(("options", "site", "answer", "kind", "words", "actions"), REFUSED)
def test_a_refused_update_is_explained(
    talk: Talk,
    memory: Memory,
    options: dict[str, Any],
    site: str | None,
    answer: Reply,
    kind: str,
    words: str,
    actions: list[str],
) -> None:
    extension = {DEFAULT_EXTENSION_URN: {"site": site} if site else None}
    told = Told(talk(there(**extension), read(**extension), put(answer)), memory, **options)
    assert (told.kind, told.operation, told.actions) == (kind, UNTOUCHED, actions)
    assert words in told.message
    assert ADA in told.message
    assert told.error is not None
    assert (told.error.status, told.error.method, told.error.path) == (answer.status, "PUT", "/Users/1")
    for entry in told.result["manual_actions"]:
        assert (entry["user_name"], entry["user_id"]) == (ADA, "1")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(400, "no site Rome", "invalidValue"), "unknown_site"),
        (refusal(400, "familyName is required"), "missing_attributes"),
        (refusal(403), "not_write_client"),
        (refusal(404), "wrong_customer"),
    ],
)
def test_a_refused_creation_is_explained(talk: Talk, memory: Memory, answer: Reply, kind: str) -> None:
    told = Told(talk(FIND_NOBODY, post(answer)), memory, site="Rome", **NEW)
    assert (told.kind, told.operation, told.result["user"]) == (kind, UNTOUCHED, None)
    assert ADA in told.message


@pytest.mark.parametrize("detail", ["userName must be shorter", "The user is locked", "must not contain a composite"])
def test_a_short_site_name_does_not_explain_every_refusal(talk: Talk, memory: Memory, detail: str) -> None:
    """A site called US is in the words "user" and "must", and "site" is in "composite"."""
    extension = {DEFAULT_EXTENSION_URN: {"site": "US"}}
    told = Told(talk(there(**extension), read(**extension), put(refusal(400, detail))), memory, title="Boss")
    assert (told.kind, told.actions) == ("refused", [])


def test_a_conflict_about_something_else_is_not_blamed_on_the_login_name(talk: Talk, memory: Memory) -> None:
    conflict = refusal(400, "externalId 7 already exists")
    told = Told(talk(FIND_NOBODY, post(conflict), FIND_NOBODY, LIST_NOBODY), memory, external_id="7", **NEW)
    assert "externalId 7 already exists" in told.message
    assert told.kind == "conflict"


def test_a_conflict_about_an_e_mail_address_is_not_blamed_on_the_login_name(talk: Talk, memory: Memory) -> None:
    told = Told(
        talk(FIND_NOBODY, post(refusal(409, "email address already in use")), FIND_NOBODY, LIST_NOBODY), memory, **NEW
    )
    assert (told.kind, told.operation) == ("conflict", UNTOUCHED)
    assert "Another user has the email" in told.message


NO_SITE = [
    refusal(404, "Site London not found"),
    refusal(409, "Site London does not exist"),
    refusal(400, "London?", "invalidValue"),
    Reply(400, "unknown site", {"Content-Type": "text/plain"}),
]


@pytest.mark.parametrize("answer", NO_SITE)
def test_however_an_unknown_site_is_told_it_is_one_when_somebody_is_created(
    talk: Talk, memory: Memory, answer: Reply
) -> None:
    """Codes and texts of 8x8 are unknown (11.1)."""
    look = [FIND_NOBODY, LIST_NOBODY] if answer.status == 409 else []
    told = Told(talk(FIND_NOBODY, post(answer), *look), memory, site="London", **NEW)
    assert (told.kind, told.operation, told.actions) == ("unknown_site", UNTOUCHED, ["check_site"])
    assert "does not know the site London" in told.message


@pytest.mark.parametrize("answer", NO_SITE)
def test_however_an_unknown_site_is_told_it_is_one_when_it_is_set(talk: Talk, memory: Memory, answer: Reply) -> None:
    extension: dict[str, Any] = {DEFAULT_EXTENSION_URN: None}
    told = Told(talk(there(**extension), read(**extension), put(answer)), memory, site="London")
    assert (told.kind, told.operation, told.actions) == ("unknown_site", UNTOUCHED, ["check_site"])


def test_a_customer_or_a_user_who_is_not_there_is_no_unknown_site(talk: Talk, memory: Memory) -> None:
    assert Told(talk(FIND_NOBODY, post(refusal(404))), memory, site="London", **NEW).kind == "wrong_customer"
    assert Told(talk(there(), read(), put(refusal(404, "no such user"))), memory, title="Boss").kind == "user_not_found"


def test_a_line_of_text_explains_a_refusal_and_is_not_repeated(talk: Talk, memory: Memory) -> None:
    answer = Reply(400, "Rejected: site London; Cookie: SESSION=abc", {"Content-Type": "text/plain"})
    told = Told(talk(FIND_NOBODY, post(answer)), memory, site="London", **NEW)
    assert told.kind == "unknown_site"
    assert "SESSION" not in json.dumps(told.result) + told.message


def test_a_site_that_is_fixed_is_refused_before_anything_is_sent(talk: Talk, memory: Memory) -> None:
    told = Told(talk(there()), memory, site="Paris")
    assert (told.kind, told.operation, told.actions) == ("site_fixed", UNTOUCHED, ["change_site"])
    (entry,) = told.result["manual_actions"]
    assert "London" in entry["reason"]
    assert "Paris" in entry["reason"]
    assert "Admin Console" in entry["where"]


@pytest.mark.parametrize("options", [{"family_name": ""}, {"given_name": "", "email": ""}])
def test_a_wish_that_cannot_be_sent_is_refused(talk: Talk, memory: Memory, options: dict[str, Any]) -> None:
    told = Told(talk(there()), memory, **options)
    assert isinstance(told.error, BadOptionError)
    assert told.result["user"]["user_name"] == ADA


# -- Check mode ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("calls", "options", "operation", "user_id"),
    [
        ([FIND_NOBODY], NEW, (True, "created"), None),
        ([there(), read()], {"title": "Boss"}, (True, "updated"), "1"),
        ([there()], {"state": "absent"}, (True, "deactivated"), "1"),
        ([there(active=False)], {"active": True}, (True, "activated"), "1"),
        ([there()], {}, UNTOUCHED, "1"),
    ],
)
def test_check_mode_reads_and_tells(
    talk: Talk, memory: Memory, calls: list[Call], options: dict[str, Any], operation: Any, user_id: str | None
) -> None:
    told = Told(talk(*calls), memory, True, **options)
    assert (told.error, told.operation, told.result["user"]["id"]) == (None, operation, user_id)
    assert told.result["user"]["active"] is (options.get("state") != "absent")


def test_check_mode_shows_the_user_as_it_is_where_it_fails(talk: Talk, memory: Memory) -> None:
    told = Told(talk(there()), memory, True, site="Paris")
    assert told.result["user"]["site"] == "London"


def test_only_an_existing_user_is_updated(talk: Talk, memory: Memory) -> None:
    with pytest.raises(RuntimeError):
        UserRun(talk(), Wanted(ADA), memory)._existing  # noqa: B018 - reading it is the test
