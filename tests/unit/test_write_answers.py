# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers to a write that do not say what they mean: an error behind a status that says yes, and a status that the data refutes."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.answers import is_failure, is_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import DEFAULT_EXTENSION_URN
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    ERROR_URN,
    HTML,
    Call,
    FakeTime,
    Reply,
    Tenant,
    client_for,
    listing,
    page,
    refusal,
    resource,
    session_over,
)
from ansible_collections.eightbyeight.scim.tests.unit.users import (
    ADA,
    FIND_NOBODY,
    NEW,
    UNTOUCHED,
    Told,
    last_body,
    patched,
    post,
    put,
    read,
    there,
    without_site,
)

NO_USER: list[Any] = [
    {"success": False, "message": "backend down"},
    {"Success": False},
    {"success": "false"},
    {"id": "1", "userName": ADA, "success": "No"},
    {"id": "1", "status": 400, "detail": "backend down"},
    {"type": "about:blank", "title": "Bad", "status": 400, "detail": "backend down"},
    {"status": "400", "detail": "backend down"},
    {"errors": [{"message": "backend down"}]},
    {"errors": ["backend down"]},
    {"error": {"code": 7, "message": "backend down"}},
    {"error": "backend down"},
    {"schemas": [ERROR_URN], "status": "200"},
    {"message": "ok"},
    {"success": True},
    {"result": resource()},
    {},
    '{"id": "1", "userNa',
    "plain text",
]
#: Users, but not the one who was written.
OTHERS: list[Any] = [resource("2"), {"id": "2", "userName": ADA, "active": False}, {"userName": "eve@example.org"}]


# -- An error inside a 2xx ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [*NO_USER, *OTHERS])
@pytest.mark.parametrize(
    ("options", "calls", "verb"),
    [
        ({"title": "Boss"}, [there(), read()], "PUT"),
        ({"state": "absent"}, [there()], "PATCH"),
        ({"active": False}, [there()], "PATCH"),
    ],
)
def test_an_answer_that_is_not_this_user_is_no_success(
    talk: Talk, memory: Memory, body: Any, options: dict[str, Any], calls: list[Call], verb: str
) -> None:
    told = Told(talk(*calls, Call(f"{verb} /Users/1", Reply(200, body)), read()), memory, **options)
    assert (told.kind, told.operation, told.warnings) == ("bad_answer", UNTOUCHED, [])
    assert told.message.startswith(f"{ADA} was not changed: {verb} was answered with 200")
    if "backend down" in str(body):
        assert "backend down" in told.message
    assert memory.recall("1") == {}, "nothing is concluded from it"


@pytest.mark.parametrize("body", [*NO_USER, *OTHERS])
@pytest.mark.parametrize(
    ("options", "calls", "after", "operation"),
    [
        ({"title": "Boss"}, [there(), read(), put], {"title": "Boss"}, "updated"),
        ({"state": "absent"}, [there(), patched], {"active": False}, "deactivated"),
    ],
)
def test_what_was_done_behind_such_an_answer_is_told_as_done(
    talk: Talk,
    memory: Memory,
    body: Any,
    options: dict[str, Any],
    calls: list[Any],
    after: dict[str, Any],
    operation: str,
) -> None:
    *before, write = calls
    told = Told(talk(*before, write(Reply(200, body)), read(**after)), memory, **options)
    assert (told.error, told.operation, told.warnings) == (None, (True, operation), [])


def test_what_was_done_in_part_is_told_with_what_was_not(talk: Talk, memory: Memory) -> None:
    newer: dict[str, Any] = {"meta": {"lastModified": "2026-01-03T00:00:00Z"}}
    client = talk(there(), read(), put(Reply(200, {})), read(**newer), read(**newer))
    told = Told(client, memory, title="Boss")
    assert (told.error, told.operation) == (None, (True, "updated"))
    assert "title is 'Analyst', asked for 'Boss'" in told.warnings[0]


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("body", [*NO_USER, {"userName": "eve@example.org"}, resource("9", "eve@example.org")])
@pytest.mark.parametrize("there_now", [True, False])
def test_a_creation_that_answers_with_no_user_is_looked_up(
    talk: Talk, memory: Memory, body: Any, status: int, there_now: bool
) -> None:
    seen = listing(resource("n")) if there_now else listing()
    client = talk(FIND_NOBODY, post(Reply(status, body)), Call(FIND_NOBODY.target, Reply(200, seen)))
    told = Told(client, memory, **NEW)
    if there_now:
        assert (told.error, told.operation) == (None, (True, "created"))
        return
    assert (told.kind, told.operation) == ("bad_answer", UNTOUCHED)
    assert ADA in told.message


@pytest.mark.parametrize("look", [refusal(403), refusal(404)])
def test_where_the_look_fails_the_answer_is_told(talk: Talk, memory: Memory, look: Reply) -> None:
    after = [Call(page(count=1), Reply(200, listing(resource())))] if look.status == 404 else []
    client = talk(there(), read(), put(Reply(200, {"success": False})), Call("GET /Users/1", look), *after)
    told = Told(client, memory, title="Boss")
    assert (told.kind, told.operation) == ("bad_answer", UNTOUCHED)
    assert "answered 200 with an error inside" in told.message


def test_a_read_with_an_error_inside_is_none_either(talk: Talk, memory: Memory) -> None:
    told = Told(
        talk(there(), Call("GET /Users/1", Reply(200, {"success": False, "message": "later"}))), memory, title="B"
    )
    assert (told.kind, told.operation) == ("bad_answer", UNTOUCHED)
    assert "later" in told.message


@pytest.mark.parametrize(
    "body",
    [
        resource(),
        {"id": "1"},
        {"ID": "1", "status": 700},
        {"id": "1", "status": "400"},
        {"id": "1", "errors": [], "error": None},
        {"id": "1", "success": True},
        {"schemas": "x", "userName": ADA},
    ],
)
def test_a_user_is_no_failure(body: dict[str, Any]) -> None:
    assert not is_failure(body)


@pytest.mark.parametrize(
    ("body", "user_id", "about"),
    [
        ({"id": "1"}, "1", True),
        ({"id": 1}, "1", True),
        ({"id": "2"}, "1", False),
        ({"userName": "ADA@example.org"}, "1", True),
        ({"userName": 5}, "1", False),
        ({"active": False}, "1", True),
        ({"active": "False"}, "1", True),
        ({"active": None}, "1", False),
        ({"active": True}, None, False),
        ({"id": "n"}, None, True),
        ({"id": "n", "userName": "eve"}, None, False),
        ({"title": "Boss"}, "1", False),
        ({}, "1", False),
    ],
)
def test_what_is_about_somebody(body: dict[str, Any], user_id: str | None, about: bool) -> None:
    assert is_user(body, user_id, ADA) is about


# -- 412 where nobody wrote ------------------------------------------------------------------------------------------------

V1: dict[str, Any] = {"meta": {"version": 'W/"1"', "lastModified": "2026-01-02T00:00:00Z"}}


def put_if(version: str | None, answer: Any) -> Call:
    return Call("PUT /Users/1", answer, headers={"If-Match": version})


def test_a_server_that_does_not_match_its_own_versions_is_written_to_without(talk: Talk, memory: Memory) -> None:
    done = Reply(200, resource(title="Boss", **V1))
    client = talk(there(), read(**V1), put_if('W/"1"', refusal(412)), read(**V1), put_if(None, done))
    told = Told(client, memory, title="Boss")
    assert (told.error, told.operation) == (None, (True, "updated"))
    (warning,) = told.warnings
    assert "does not match the versions that it gives itself" in warning
    assert "somebody else, or" not in warning


def test_what_was_learned_of_versions_counts_for_the_session(memory: Memory) -> None:
    tenant = Tenant(resource("1", ADA, **V1), resource("2", "eve@example.org", **V1))
    tenant.versions = True

    def weak(request: requests.PreparedRequest) -> Reply | None:
        return refusal(412) if request.headers.get("If-Match") else None

    tenant.before = weak
    session = session_over(tenant)
    from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
    from ansible_collections.eightbyeight.scim.tests.unit.helpers import connection

    warnings = []
    for name in (ADA, "eve@example.org"):
        client = WritingClient(connection(), clock=FakeTime().clock, session=session)
        told = Told(client, memory, user_name=name, title="Boss")
        assert (told.error, told.operation) == (None, (True, "updated"))
        warnings += told.warnings
    assert tenant.writes == ["PUT", "PUT", "PUT"]
    assert len(warnings) == 1


@pytest.mark.parametrize("version", [V1, {}])
def test_a_412_that_stays_without_a_version_is_told_as_what_it_is(
    talk: Talk, memory: Memory, version: dict[str, Any]
) -> None:
    again = [put_if(None, refusal(412)), read(**version)] if version else []
    client = talk(there(), read(**version), put(refusal(412)), read(**version), *again)
    told = Told(client, memory, title="Boss")
    assert (told.kind, told.operation, told.warnings) == ("changed_meanwhile", UNTOUCHED, [])
    assert "the user is the same before and after" in told.message
    assert "by somebody else" not in told.message


def test_the_etag_is_the_version_where_the_user_has_none(talk: Talk, memory: Memory) -> None:
    fresh = Call("GET /Users/1", Reply(200, resource(), {"ETag": '"e1"'}))
    told = Told(talk(there(), fresh, put_if('"e1"', Reply(200, resource(title="Boss")))), memory, title="Boss")
    assert told.operation == (True, "updated")


def test_the_version_of_the_user_counts_before_the_etag(talk: Talk, memory: Memory) -> None:
    fresh = Call("GET /Users/1", Reply(200, resource(**V1), {"ETag": '"gzip"'}))
    told = Told(talk(there(), fresh, put_if('W/"1"', Reply(200, resource(title="Boss")))), memory, title="Boss")
    assert told.operation == (True, "updated")


# -- 415 and 428 --------------------------------------------------------------------------------------------------------------

SCIM, JSON = "application/scim+json", "application/json"
REFUSED_415 = refusal(415, "Content-Type is required to be application/json, mandatory")


def as_type(call: Call, kind: str) -> Call:
    return Call(call.target, call.answer, headers={"Content-Type": kind})


@pytest.mark.parametrize("refused", [REFUSED_415, Reply(415, HTML), Reply(415)])
def test_a_content_type_that_is_refused_is_replaced_by_the_other_for_the_session(
    talk: Talk, memory: Memory, refused: Reply
) -> None:
    client = talk(
        FIND_NOBODY,
        as_type(post(refused), SCIM),
        as_type(post(Reply(201, resource("n"))), JSON),
        there(),
        as_type(patched(Reply(200, {"id": "1", "active": False})), JSON),
    )
    assert Told(client, memory, **NEW).operation == (True, "created")
    assert Told(client, memory, state="absent").operation == (True, "deactivated")


@pytest.mark.parametrize("content_type", ["scim", "json", "auto"])
def test_a_415_is_told_as_what_it_is(talk: Talk, memory: Memory, content_type: str) -> None:
    kinds = {"scim": [SCIM], "json": [JSON], "auto": [SCIM, JSON]}[content_type]
    client = talk(there(), read(), *(as_type(put(REFUSED_415), kind) for kind in kinds), content_type=content_type)
    told = Told(client, memory, title="Boss")
    assert (told.kind, told.operation) == ("refused", UNTOUCHED)
    assert "content type" in told.message
    assert "required attribute" not in told.message
    if content_type == "auto":
        again = talk(there(), read(), as_type(put(Reply(200, resource(title="Boss"))), SCIM))
        assert Told(again, memory, title="Boss").operation == (True, "updated")


def test_a_server_that_demands_a_version_and_gives_none_gets_any(talk: Talk, memory: Memory) -> None:
    client = talk(
        there(),
        read(),
        put_if(None, refusal(428, "required")),
        put_if("*", Reply(200, resource(title="Boss"))),
        # The time of the last change is still that of before the update, so this may be an old search.
        there(),
        read(),
        Call("PATCH /Users/1", Reply(200, {"id": "1", "active": False}), headers={"If-Match": "*"}),
        there(),
        read(**V1),
        put_if('W/"1"', Reply(200, resource(title="Chief", **V1))),
    )
    assert Told(client, memory, title="Boss").operation == (True, "updated")
    assert Told(client, memory, state="absent").operation == (True, "deactivated")
    assert Told(client, memory, title="Chief").operation == (True, "updated")


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_deactivation_gets_past_a_server_that_demands_a_version(talk: Talk, memory: Memory, method: str) -> None:
    before = [patched(refusal(501))] if method == "DELETE" else []
    client = talk(
        there(),
        *before,
        Call(f"{method} /Users/1", refusal(428), headers={"If-Match": None}),
        Call(f"{method} /Users/1", Reply(204), headers={"If-Match": "*"}),
        read(active=False),
    )
    assert Told(client, memory, state="absent").operation == (True, "deactivated")


def test_a_428_is_told_as_what_it_is(talk: Talk, memory: Memory) -> None:
    demanded = refusal(428, "If-Match is required, and missing")
    told = Told(talk(there(), read(), put_if(None, demanded), put_if("*", demanded)), memory, title="Boss")
    assert (told.kind, told.operation) == ("refused", UNTOUCHED)
    assert "with a version of the user (If-Match)" in told.message


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_412_to_a_request_that_named_no_version_is_no_change_by_somebody_else(
    talk: Talk, memory: Memory, method: str
) -> None:
    before = [patched(refusal(501))] if method == "DELETE" else []
    refused = [Call(f"{method} /Users/1", refusal(412), headers={"If-Match": version}) for version in (None, "*")]
    told = Told(talk(there(), *before, *refused), memory, state="absent")
    assert (told.kind, told.operation) == ("refused", UNTOUCHED)
    assert "with 412: it says that a condition is not met, and none was sent" in told.message
    assert "changed while" not in told.message
    assert "deactivate_user" in str(told.actions)


@pytest.mark.parametrize("status", [402, 406, 410, 411, 413, 414, 415, 416, 418, 421, 428, 431, 451])
@pytest.mark.parametrize(
    "words", ["title is required", "site London is unknown", "userName is immutable", "already exists"]
)
def test_a_status_that_says_what_is_wrong_counts_more_than_words(
    talk: Talk, memory: Memory, status: int, words: str
) -> None:
    told = Told(
        talk(there(), read(), *[put(refusal(status, words))] * (2 if status in (415, 428) else 1)), memory, title="B"
    )
    assert (told.kind, told.operation, told.actions) == ("refused", UNTOUCHED, [])
    assert f"with {status}" in told.message


# -- A page of a gateway for an id ----------------------------------------------------------------------------------------


def test_a_page_in_the_place_of_a_404_does_not_let_a_leaver_stay(talk: Talk, memory: Memory) -> None:
    client = talk(
        Call("GET /Users/9", Reply(404, HTML)),
        Call(page(count=1), Reply(200, listing(resource()))),
        Call("GET /Users/1", Reply(200, resource())),
        there(),
    )
    told = Told(client, memory, user_id="9", state="absent")
    assert (told.kind, told.operation) == ("user_name_fixed", UNTOUCHED)
    assert "has the id 1, not 9" in told.message


def test_a_page_for_everything_is_a_gateway(talk: Talk, memory: Memory) -> None:
    client = talk(Call("GET /Users/9", Reply(404, HTML)), Call(page(count=1), Reply(404, HTML)))
    assert Told(client, memory, user_id="9", state="absent").kind == "gateway"


# -- A URN that is echoed ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("detail", "kind"),
    [
        (f"Unknown schema {DEFAULT_EXTENSION_URN}", "refused"),
        (f"Unknown attribute {DEFAULT_EXTENSION_URN}:site", "refused"),
        (f"The extension '{DEFAULT_EXTENSION_URN}' with site is not supported", "refused"),
        (f"Attribute {DEFAULT_EXTENSION_URN}:site is not defined", "refused"),
        (f"Invalid value for {DEFAULT_EXTENSION_URN}:site", "unknown_site"),
        (f"{DEFAULT_EXTENSION_URN}: no site of this name", "unknown_site"),
        (f"Paris is not known in {DEFAULT_EXTENSION_URN}", "unknown_site"),
        ("Invalid value in urn:acme:site:User", "refused"),
    ],
)
def test_an_echoed_urn_is_no_word_about_the_site(talk: Talk, memory: Memory, detail: str, kind: str) -> None:
    bare = without_site()
    calls = [Call(there().target, Reply(200, listing(bare))), Call("GET /Users/1", Reply(200, bare))]
    told = Told(talk(*calls, put(refusal(400, detail))), memory, site="Paris")
    assert told.kind == kind
    assert ("extension_urn" in told.message) is (kind == "refused" and DEFAULT_EXTENSION_URN in detail)


# -- What is left out and not cleared ----------------------------------------------------------------------------------------


class Merging(Tenant):
    """Keeps what a PUT leaves out, as if it were a PATCH; takes null and an empty list, or refuses them."""

    takes_null = True
    refuses_inside = False

    def _replace(self, current: dict[str, Any], body: dict[str, Any]) -> Reply:
        if not self.takes_null and (None in body.values() or [] in body.values()):
            refused = refusal(400, "null is not allowed", "invalidValue")
            return Reply(200, refused.body) if self.refuses_inside else refused
        return super()._replace(current, merged(current, body))


def merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    whole = {**old, **new}
    for name, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(name), dict):
            whole[name] = merged(old[name], value)
    return {name: value for name, value in whole.items() if value not in (None, [])}


FULL: dict[str, Any] = {
    "timezone": "Europe/London",
    "externalId": "7",
    "phoneNumbers": [{"type": "mobile", "value": "1"}, {"type": "home", "value": "2"}],
}


@pytest.mark.parametrize(
    "options", [{"title": ""}, {"department": ""}, {"timezone": "", "locale": ""}, {"external_id": "", "title": "Boss"}]
)
def test_what_a_server_that_merges_keeps_is_cleared_by_null(memory: Memory, options: dict[str, Any]) -> None:
    tenant = Merging(resource(**FULL))
    told = Told(client_for(tenant), memory, **options)
    assert (told.error, told.operation, told.warnings) == (None, (True, "updated"), [])
    assert {name: told.result["user"][name] or "" for name in options} == options
    assert tenant.writes == ["PUT", "PUT"]
    assert Told(client_for(tenant), memory, **options).operation == UNTOUCHED


def test_phone_numbers_are_cleared_by_an_empty_list(memory: Memory) -> None:
    tenant = Merging(resource(phoneNumbers=[{"type": "mobile", "value": "1"}]))
    told = Told(client_for(tenant), memory, phone_numbers=[])
    assert (told.operation, told.result["user"]["phone_numbers"], told.warnings) == ((True, "updated"), [], [])


def test_what_leaving_out_clears_costs_one_update(memory: Memory) -> None:
    tenant = Tenant(resource(**FULL))
    assert Told(client_for(tenant), memory, title="", phone_numbers=[]).operation == (True, "updated")
    assert tenant.writes == ["PUT"]


@pytest.mark.parametrize("inside", [False, True])
def test_where_null_is_refused_too_what_was_done_stays_done_and_the_rest_is_told(memory: Memory, inside: bool) -> None:
    tenant = Merging(resource(**FULL))
    tenant.takes_null = False
    tenant.refuses_inside = inside
    told = Told(client_for(tenant), memory, title="", locale="fr-FR")
    assert (told.error, told.operation) == (None, (True, "updated"))
    (warning,) = told.warnings
    assert "title is 'Analyst', asked for empty" in warning
    assert tenant.users["1"]["locale"] == "fr-FR"
    tenant.log.clear()
    assert Told(client_for(tenant), memory, title="", locale="fr-FR").operation == UNTOUCHED
    assert tenant.writes == []


def test_the_null_is_sent_with_what_the_first_update_left(talk: Talk, memory: Memory) -> None:
    kept = Reply(200, resource(**FULL))
    client = talk(there(**FULL), read(**FULL), put(kept), put(Reply(200, resource(**{**FULL, "title": None}))))
    told = Told(client, memory, title="")
    assert (told.operation, told.warnings) == ((True, "updated"), [])
    body = last_body(client)
    assert body["title"] is None
    assert body["phoneNumbers"] == FULL["phoneNumbers"]
    assert "id" not in body


def test_the_null_takes_back_nothing_that_a_late_read_does_not_show_yet(talk: Talk, memory: Memory) -> None:
    after = resource(**{**FULL, "title": None, "locale": "fr-FR"})
    client = talk(there(**FULL), read(**FULL), put(Reply(200, {"id": "1"})), read(**FULL), put(Reply(200, after)))
    told = Told(client, memory, title="", locale="fr-FR")
    assert (told.operation, told.warnings) == ((True, "updated"), [])
    body = last_body(client)
    assert (body["title"], body["locale"]) == (None, "fr-FR")


# -- A yes without a body ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202])
def test_an_update_that_was_answered_with_nothing_and_not_done_is_a_failure_and_not_remembered(
    memory: Memory, status: int
) -> None:
    tenant = Tenant(resource())
    tenant.before = lambda request: Reply(status) if request.method == "PUT" else None
    told = Told(client_for(tenant), memory, title="Boss")
    assert (told.kind, told.operation) == ("bad_answer", (False, "unchanged"))
    assert "a look at the user shows that nothing was done" in told.message
    tenant.before = lambda request: None
    told = Told(client_for(tenant), memory, title="Boss")
    assert (told.kind, told.operation) == (None, (True, "updated"))
    assert tenant.users["1"]["title"] == "Boss"


@pytest.mark.parametrize("drops", [True, False])
def test_an_update_that_was_answered_with_nothing_and_done_is_told_as_it_is(memory: Memory, drops: bool) -> None:
    tenant = Tenant(resource())
    if drops:
        tenant.rewrite = lambda raw: raw.update(title="Analyst")

    def emptied(request: requests.PreparedRequest) -> Any:
        if request.method != "PUT":
            return None
        tenant.before = lambda request: None
        tenant.send(request)
        tenant.before = emptied
        return Reply(200)

    tenant.before = emptied
    told = Told(client_for(tenant), memory, title="Boss")
    assert (told.kind, told.operation) == (None, (True, "updated"))
    assert len(told.warnings) == drops


def test_a_server_that_says_that_there_is_no_content_is_believed(memory: Memory) -> None:
    tenant = Tenant(resource())
    tenant.before = lambda request: Reply(204) if request.method == "PUT" else None
    told = Told(client_for(tenant), memory, title="Boss")
    assert (told.kind, told.operation) == (None, (True, "updated"))
    assert "did not store everything as given" in told.warnings[0]


# -- A 409 that means another version ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "detail", ["Version conflict", "ETag mismatch", "Resource was modified by another request", "concurrent update"]
)
@pytest.mark.parametrize("versions", [True, False])
@pytest.mark.parametrize("changed", [True, False])
def test_a_409_about_the_version_is_planned_again_or_sent_once_more(
    memory: Memory, detail: str, versions: bool, changed: bool
) -> None:
    tenant = Tenant(resource())
    tenant.versions = versions
    left = [refusal(409, detail)]

    def conflict(request: requests.PreparedRequest) -> Any:
        if request.method != "PUT" or not left:
            return None
        if changed:
            tenant.users["1"].update(nickName="Countess", locale="fr-FR", meta={"lastModified": "2026-05-05T00:00:00Z"})
        return left.pop()

    tenant.before = conflict
    told = Told(client_for(tenant), memory, title="Boss")
    assert (told.kind, told.operation, tenant.writes) == (None, (True, "updated"), ["PUT", "PUT"])
    assert tenant.users["1"]["title"] == "Boss"
    assert tenant.users["1"].get("nickName") == ("Countess" if changed else None)


@pytest.mark.parametrize("detail", ["externalId is taken", "", "the new version of the title is taken"])
def test_another_409_is_a_conflict(memory: Memory, detail: str) -> None:
    tenant = Tenant(resource())
    tenant.before = lambda request: refusal(409, detail, "uniqueness") if request.method == "PUT" else None
    told = Told(client_for(tenant), memory, title="Boss")
    assert (told.kind, tenant.writes) == ("conflict", ["PUT"])


def test_a_409_about_the_version_that_stays_ends_after_the_second(memory: Memory) -> None:
    tenant = Tenant(resource())
    tenant.before = lambda request: refusal(409, "Version conflict") if request.method == "PUT" else None
    told = Told(client_for(tenant), memory, title="Boss")
    assert (told.kind, tenant.writes) == ("changed_meanwhile", ["PUT", "PUT"])
    assert "PUT answered 409" in told.message
