# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One user: updated."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    HTML,
    Call,
    Reply,
    Tenant,
    client_for,
    listing,
    page,
    refusal,
    resource,
)
from ansible_collections.eightbyeight.scim.tests.unit.users import (
    ADA,
    LEAVER,
    LOST,
    UNTOUCHED,
    Told,
    last_body,
    patched,
    put,
    read,
    there,
)

#: What a listing leaves out that does not show users whole (2.7a).
TERSE = {name: None for name in resource() if name not in ("id", "userName", "name", "emails", "active", "meta")}


def test_an_update_is_a_put_of_a_fresh_read(talk: Talk, memory: Memory) -> None:
    """A listing may hold less of a user than its own address."""
    client = talk(there(locale=None), read(shoeSize=38), put(Reply(200, resource(title="Boss", shoeSize=38))))
    told = Told(client, memory, title="Boss")
    assert (told.error, told.operation, told.warnings) == (None, (True, "updated"), [])
    body = last_body(client)
    assert (body["shoeSize"], body["locale"], body["title"], body["active"]) == (38, "en-GB", "Boss", True)
    assert told.result["diff"]["before"] == {"title": "Analyst"}
    assert told.result["diff"]["after"] == {"title": "Boss"}


def of_version(version: str | None) -> dict[str, Any]:
    """What a user's ``meta`` holds; the time is in whole seconds, so that two writes may have the same."""
    meta = {"resourceType": "User", "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-02T00:00:00Z"}
    return {**meta, "version": version} if version else meta


def test_what_only_the_search_showed_goes_back_with_an_update(talk: Talk, memory: Memory) -> None:
    """Also where the server shows less of a user at the user's own address (law 3)."""
    same = of_version('W/"1"')
    client = talk(
        there(externalId="E1", meta=same), read(meta=same), put(Reply(200, resource(title="Boss", externalId="E1")))
    )
    told = Told(client, memory, title="Boss")
    assert (told.operation, told.warnings) == ((True, "updated"), [])
    assert last_body(client)["externalId"] == "E1"


@pytest.mark.parametrize(("shown", "now"), [('W/"1"', 'W/"2"'), (None, None), (None, 'W/"2"')])
def test_what_a_late_search_showed_does_not_go_back(
    talk: Talk, memory: Memory, shown: str | None, now: str | None
) -> None:
    """A value that was cleared in the same second must not come back."""
    client = talk(
        there(externalId="E1", meta=of_version(shown)),
        read(meta=of_version(now)),
        put(Reply(200, resource(title="Boss"))),
    )
    assert Told(client, memory, title="Boss").operation == (True, "updated")
    assert "externalId" not in last_body(client)


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
    gone = [Call("GET /Users/1", refusal(404)), Call(page(count=1), Reply(200, listing()))]
    told = Told(talk(there(), read(), put(refusal(404)), *gone), memory, title="Boss")
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


@pytest.mark.parametrize(
    ("given", "other"),
    [
        ({"external_id": "2", "given_name": "Bo", "family_name": "Quill"}, True),
        ({"external_id": "2", "given_name": "Bo", "family_name": "Quill", "user_id": "1"}, False),
        ({"external_id": "2", "given_name": "Bo", "family_name": "Lovelace"}, False),
        ({"external_id": "2", "given_name": "ADA", "family_name": "Quill"}, False),
        ({"given_name": "Bo", "family_name": "Quill"}, False),
    ],
)
def test_an_account_is_not_taken_over_for_another_person_without_its_id(
    memory: Memory, given: dict[str, Any], other: bool
) -> None:
    tenant = Tenant(resource(externalId="1"))
    told = Told(client_for(tenant), memory, **given)
    if not other:
        assert (told.kind, told.operation) == (None, (True, "updated"))
        return
    assert (told.kind, told.operation, tenant.writes) == ("ambiguous", (False, "unchanged"), [])
    assert told.message == (
        f"{ADA} is Ada Lovelace (external id 1) in 8x8, and the task is about Bo Quill (external id 2). Nothing was changed. If the "
        "login name was given to another person and the account is to be taken over, with its license, number and voicemail, give "
        "user_id: 1 in the task."
    )
