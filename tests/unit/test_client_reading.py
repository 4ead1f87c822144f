# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client that only reads, the forms of a request that servers want, and the history that an error holds."""

from __future__ import annotations

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._client import ScimClient
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import (
    EightByEightError,
    History,
    NotFoundError,
    RefusedError,
    TransientError,
    VersionConflictError,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    Answerable,
    Call,
    FakeTime,
    ReadOnly,
    Reply,
    Tenant,
    ask,
    client_for,
    connection,
    listing,
    refusal,
    resource,
    session_over,
)

WRITES = {"create_user", "replace_user", "set_active", "delete_user"}


def test_the_client_that_reads_has_no_method_that_writes() -> None:
    assert WRITES.isdisjoint(dir(ScimClient))
    assert set(dir(WritingClient)) >= WRITES


def test_the_client_that_reads_sends_get_alone() -> None:
    tenant = Tenant(resource(), resource("2", "BOB@example.org"))
    with ScimClient(connection(), clock=FakeTime().clock, session=session_over(ReadOnly(tenant))) as client:
        assert client.get_user("1").id == "1"
        assert client.find_user("bob@example.org")[0] is not None
        assert client.find_user("eve@example.org") == (None, True)
        assert client.page_at(1).received == 2
        assert len(client.list_users().users) == 2
        with pytest.raises(EightByEightError):
            client.get("/Schemas")
    assert {verb for verb, _path in tenant.log} == {"GET"}
    assert client.sent == {"GET": len(tenant.log)}


def test_a_server_that_wants_another_type_and_a_version_gets_both_and_is_asked_once(talk: Talk) -> None:
    def put(answer: Answerable, type_: str, version: str | None) -> Call:
        return Call("PUT /Users/1", answer, headers={"Content-Type": type_, "If-Match": version})

    scim, json = "application/scim+json", "application/json"
    client = talk(
        put(refusal(415), scim, None),
        put(refusal(428), json, None),
        put(refusal(409), json, "*"),
        put(refusal(409), json, None),
    )
    for _time in range(2):
        with pytest.raises(EightByEightError):
            client.replace_user("1", {"userName": "ada@example.org"}, None)


def test_an_error_never_changes() -> None:
    error = TransientError("late", retry_after=2.0)
    for name in ("message", "kind", "history", "retry_after", "seconds"):
        with pytest.raises(AttributeError):
            setattr(error, name, None)
    assert error.with_history(History()) is error


def test_an_error_holds_what_became_of_the_tries_before_it() -> None:
    first = VersionConflictError("changed", status=412)
    later = first.with_history(History(in_doubt=True)).with_history(History())
    assert not first.in_doubt
    assert (type(later), later.status, str(later)) == (VersionConflictError, 412, "changed")
    assert (later.history, later.in_doubt) == (History(in_doubt=True), True)
    assert later.about("told").in_doubt


@pytest.mark.parametrize(("verb", "status", "in_doubt"), [("PUT", 503, True), ("PUT", 429, False), ("GET", 503, False)])
def test_a_write_that_met_trouble_may_have_been_carried_out(talk: Talk, verb: str, status: int, in_doubt: bool) -> None:
    client = talk(Call(f"{verb} /Users/1", refusal(status)), retry_budget=0.0)
    with pytest.raises(EightByEightError) as caught:
        ask(client, verb, "/Users/1")
    assert caught.value.in_doubt is in_doubt


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    ("user_id", "total", "family"), [("9", 1, NotFoundError), ("9", 3, RefusedError), ("1", 1, RefusedError)]
)
def test_an_id_that_is_called_a_wrong_value_is_nobody_s_where_the_listing_proves_that(
    status: int, user_id: str, total: int, family: type[EightByEightError]
) -> None:
    tenant = Tenant()

    def answer(request: object) -> Answerable:
        url = str(getattr(request, "url", ""))
        if url.endswith(f"/Users/{user_id}"):
            return refusal(status, "no such id")
        return Reply(200, listing(*([resource()] if "startIndex=1&" in url else []), total=total))

    tenant.before = answer
    with pytest.raises(family):
        client_for(tenant).get_user(user_id)


def test_somebody_who_is_gone_for_good_is_not_found() -> None:
    tenant = Tenant(resource())
    tenant.before = lambda request: refusal(410) if str(request.url).endswith("/Users/9") else None
    with pytest.raises(NotFoundError, match="answered 410"):
        client_for(tenant).get_user("9")
