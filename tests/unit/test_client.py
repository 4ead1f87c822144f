# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client against an ordered conversation: a request too many, or one too few, fails. Time passes only where told."""

from __future__ import annotations

import contextlib
import http.server
import json
import pickle
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from requests import exceptions as wire

from ansible_collections.eightbyeight.scim.plugins.module_utils import _client
from ansible_collections.eightbyeight.scim.plugins.module_utils._client import (
    Connection,
    ScimClient,
    Session,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import (
    BadOptionError,
    ConflictError,
    EightByEightError,
    NotFoundError,
    NotSupportedError,
    RefusedError,
    TransientError,
    VersionConflictError,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.paging import PAGE_SIZE
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.retry import RetryBudget
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.models import (
    DEFAULT_EXTENSION_URN,
    patch_active,
)
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    HTML,
    NOW,
    TOKEN,
    Call,
    FakeTime,
    Reply,
    Tenant,
    client_for,
    http_date,
    listing,
    page,
    refusal,
    resource,
    scim_error,
    search,
    session_over,
)

ADA = Call("GET /Users/1", Reply(200, resource()))
OPTIONS: dict[str, Any] = {
    "api_url": BASE,
    "customer_id": None,
    "api_token": TOKEN,
    "validate_certs": True,
    "ca_path": None,
    "timeout": 30,
    "retry_budget": 120,
    "extension_urn": DEFAULT_EXTENSION_URN,
}


# -- Retries ------------------------------------------------------------------

#: Retry-After, x-ratelimit-reset and Date as a server gives them; the pause that follows (a pair: between).
WISHES: list[tuple[dict[str, str], Any]] = [
    ({"Retry-After": "7"}, 7),
    ({"Retry-After": " 2.5 "}, 2.5),
    ({"Retry-After": "0"}, 0.1),
    ({"Retry-After": http_date(NOW + 9)}, 9),
    ({"Retry-After": http_date(NOW - 9)}, 0.1),
    # The server's clock is an hour off; what counts is the distance on its own.
    ({"Retry-After": http_date(NOW + 3609), "Date": http_date(NOW + 3600)}, 9),
    ({"Retry-After": http_date(NOW + 9), "Date": "yesterday"}, 9),
    ({"X-RateLimit-Reset": str(int(NOW) + 12)}, 12),
    ({"X-RateLimit-Reset": str(int(NOW) - 12)}, 0.1),
    ({"X-RateLimit-Reset": "15"}, 15),
    # Judged by the server's clock too.
    ({"X-RateLimit-Reset": str(int(NOW) + 3612), "Date": http_date(NOW + 3600)}, 12),
    ({"X-RateLimit-Reset": str(int(NOW) - 3588), "Date": http_date(NOW - 3600)}, 12),
    ({"X-RateLimit-Reset": "15", "Date": http_date(NOW + 3600)}, 15),
    ({"X-RateLimit-Reset": f"{int(NOW) + 3612}500", "Date": http_date(NOW + 3600)}, 12.5),
    ({"X-Rate-Limit-Reset": str(int(NOW) + 3612), "Date": http_date(NOW + 3600)}, 12),
    ({"RateLimit-Reset": "15"}, 15),
    ({"Retry-After": "4", "X-RateLimit-Reset": "15"}, 4),
    ({"Retry-After": "soon", "X-RateLimit-Reset": "15"}, 15),
    ({"Retry-After": "-3"}, (0.8, 1.0)),
    ({"Retry-After": "Mon, 99 Foo 2026 99:99:99 GMT"}, (0.8, 1.0)),
    ({"X-RateLimit-Reset": "later"}, (0.8, 1.0)),
    ({}, (0.8, 1.0)),
]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
@pytest.mark.parametrize(("headers", "pause"), WISHES)
def test_a_server_in_trouble_is_given_the_time_that_it_asks_for(
    talk: Talk, time: FakeTime, status: int, headers: dict[str, str], pause: Any
) -> None:
    client = talk(Call("GET /Users/1", Reply(status, None, headers)), ADA)
    assert client.get_user("1").user_name == "ada@example.org"
    least, most = pause if isinstance(pause, tuple) else (pause, pause)
    assert len(time.naps) == 1
    assert least - 1e-6 <= time.naps[0] <= most + 1e-6


LOST: list[tuple[str, Reply | Exception]] = [
    ("rate_limited", Reply(429, HTML)),
    ("gateway", Reply(408, HTML)),
    ("server_error", Reply(408)),
    ("server_error", refusal(500, "oops")),
    ("gateway", Reply(502, HTML)),
    ("gateway", Reply(503, HTML)),
    ("connection_lost", wire.ConnectionError("Connection aborted.", ConnectionResetError(104, "reset by peer"))),
    ("connection_lost", wire.ChunkedEncodingError("IncompleteRead(10 bytes read)")),
    ("connection_lost", wire.SSLError("EOF occurred in violation of protocol")),
    # Should requests ever let one of these through as it is, it is still no mistake in the options.
    ("connection_lost", ConnectionResetError(104, "reset by peer")),
    ("connection_lost", BrokenPipeError(32, "broken pipe")),
    ("timeout", TimeoutError("timed out")),
    ("timeout", wire.ReadTimeout("Read timed out.")),
    ("timeout", wire.ConnectTimeout("timed out")),
    ("unreachable", wire.ConnectionError("NewConnectionError: Failed to establish a new connection")),
    ("unreachable", wire.ConnectionError("NameResolutionError(...)")),
    ("proxy", wire.ProxyError("Cannot connect to proxy.")),
    ("bad_answer", Reply(200, '{"id": "1", "userNa')),
    ("bad_answer", Reply(200, "")),
]


@pytest.mark.parametrize(("kind", "trouble"), LOST)
@pytest.mark.parametrize(
    ("verb", "send"),
    [
        ("GET", lambda client: client.get_user("1")),
        ("PUT", lambda client: client.replace_user("1", {}, None)),
        ("PATCH", lambda client: client.set_active("1", False)),
        ("DELETE", lambda client: client.delete_user("1")),
    ],
)
def test_what_can_be_sent_again_is_sent_again(
    talk: Talk, time: FakeTime, kind: str, trouble: Any, verb: str, send: Callable[[ScimClient], object]
) -> None:
    if isinstance(trouble, Reply) and trouble.status == 200 and verb != "GET":
        # It is not sent again; what became of it is for the caller to read.
        client = talk(Call(f"{verb} /Users/1", trouble))
        if not trouble.body:
            assert send(client).data is None  # type: ignore[attr-defined]
            return
        with pytest.raises(EightByEightError) as caught:
            send(client)
        assert (caught.value.kind, caught.value.in_doubt) == (kind, True)
        return
    client = talk(Call(f"{verb} /Users/1", trouble), Call(f"{verb} /Users/1", Reply(200, resource())))
    send(client)
    assert len(time.naps) == 1


@pytest.mark.parametrize(("kind", "trouble"), LOST)
def test_a_creation_is_sent_once_whatever_happens(talk: Talk, time: FakeTime, kind: str, trouble: Any) -> None:
    client = talk(Call("POST /Users", trouble))
    if isinstance(trouble, Reply) and trouble.status == 200 and not trouble.body:
        assert client.create_user({}).data is None
        return
    family = EightByEightError if isinstance(trouble, Reply) and trouble.status == 200 else TransientError
    with pytest.raises(family) as caught:
        client.create_user({})
    assert caught.value.kind == kind
    assert time.naps == []


@pytest.mark.parametrize(("kind", "trouble"), LOST)
def test_no_budget_means_one_try_and_no_pause(talk: Talk, time: FakeTime, kind: str, trouble: Any) -> None:
    client = talk(Call("GET /Users/1", trouble), retry_budget=0.0)
    with pytest.raises(EightByEightError, match="Gave up after 1 try") as caught:
        client.get_user("1")
    assert (caught.value.kind, caught.value.method, caught.value.path) == (kind, "GET", "/Users/1")
    assert time.naps == []


def test_a_wish_beyond_the_budget_fails_at_once(talk: Talk, time: FakeTime) -> None:
    client = talk(Call("GET /Users/1", refusal(429, Retry_After="121")))
    with pytest.raises(EightByEightError, match="the server asks to wait 121 s, and of retry_budget") as caught:
        client.get_user("1")
    assert caught.value.kind == "rate_limited"
    assert time.naps == []


def test_a_wish_that_is_all_of_the_budget_is_granted(talk: Talk, time: FakeTime) -> None:
    talk(Call("GET /Users/1", refusal(429, Retry_After="120")), ADA).get_user("1")
    assert time.naps == [120]


def test_a_wish_without_end_fails_at_once(talk: Talk, time: FakeTime) -> None:
    client = talk(Call("GET /Users/1", refusal(429, Retry_After="9" * 400)))
    with pytest.raises(EightByEightError, match="Gave up"):
        client.get_user("1")
    assert time.naps == []


def test_the_budget_serves_all_requests_together(talk: Talk, time: FakeTime) -> None:
    busy = refusal(429, Retry_After="50")
    client = talk(Call("GET /Users/1", busy), ADA, Call("GET /Users/1", busy), ADA, Call("GET /Users/1", busy))
    client.get_user("1")
    client.get_user("1")
    with pytest.raises(EightByEightError, match="20 s are left"):
        client.get_user("1")
    assert time.naps == [50, 50]


def test_waiting_for_an_answer_that_never_comes_is_waiting_too(talk: Talk, time: FakeTime) -> None:
    lost = Call("GET /Users/1", wire.ReadTimeout(), seconds=30)
    client = talk(lost, lost, lost, lost)
    with pytest.raises(EightByEightError, match="Gave up after 4 tries") as caught:
        client.get_user("1")
    assert caught.value.kind == "timeout"
    assert time.now < 120 + 30, "nothing but the last answer may take longer than the budget"


def test_a_server_that_asks_for_no_pause_at_all_is_not_hammered(talk: Talk, time: FakeTime) -> None:
    tenant = Tenant()
    tenant.before = lambda _request: refusal(429, Retry_After="0")
    with pytest.raises(EightByEightError, match="Gave up"):
        client_for(tenant, time).get_user("1")
    assert len(tenant.log) < 20
    assert sum(time.naps) <= 120


def test_pauses_double_up_to_half_a_minute_with_jitter(time: FakeTime) -> None:
    budget = RetryBudget(1000, time.clock)
    for repeats in range(8):
        budget.wait(TransientError("x"), repeats)
    for nap, whole in zip(time.naps, (1, 2, 4, 8, 16, 30, 30, 30), strict=True):
        assert 0.8 * whole <= nap <= whole
    assert len(set(time.naps)) == len(time.naps)
    assert budget.left == pytest.approx(1000 - sum(time.naps))


@pytest.mark.parametrize(
    "trouble",
    [
        wire.ConnectTimeout("timed out"),
        wire.ConnectionError("Failed to resolve '8x8.test'"),
        wire.ProxyError("Cannot connect to proxy."),
    ],
)
def test_an_address_where_nobody_ever_answered_is_given_up_early(
    talk: Talk, time: FakeTime, trouble: Exception
) -> None:
    client = talk(*[Call("GET /Users/1", trouble)] * 3)
    with pytest.raises(EightByEightError, match=r"Gave up after 3 tries\.$"):
        client.get_user("1")
    assert sum(time.naps) <= 3


@pytest.mark.parametrize("trouble", [wire.ConnectTimeout("timed out"), wire.ConnectionError("Failed to resolve")])
def test_an_address_that_answered_before_is_not_given_up_early(talk: Talk, time: FakeTime, trouble: Exception) -> None:
    client = talk(ADA, *[Call("GET /Users/1", trouble)] * 5, ADA)
    client.get_user("1")
    client.get_user("1")
    assert len(time.naps) == 5


@pytest.mark.parametrize(
    "url",
    [
        # requests finds these out before it sends anything; waiting cannot help.
        "https://*.example.org",
        "https://[::1].example.org",
        "https://.example.org",
    ],
)
def test_an_address_that_can_never_work_is_not_tried_again(url: str, time: FakeTime) -> None:
    try:
        built = Connection.from_options({**OPTIONS, "api_url": url})
    except BadOptionError:
        return
    with ScimClient(built, clock=time.clock) as client, pytest.raises(EightByEightError, match="api_url"):
        client.get_user("1")
    assert time.naps == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 412, 413, 422, 501, 301, 307])
def test_a_refusal_is_final(talk: Talk, time: FakeTime, status: int) -> None:
    with pytest.raises(EightByEightError) as caught:
        talk(Call("PUT /Users/1", refusal(status))).replace_user("1", {}, None)
    assert caught.value.status == status
    assert time.naps == []


@pytest.mark.parametrize("repeated", [True, False])
def test_a_version_conflict_says_whether_the_newer_version_may_be_our_own(talk: Talk, repeated: bool) -> None:
    calls = [Call("PUT /Users/1", wire.ReadTimeout())] * repeated + [Call("PUT /Users/1", refusal(412))]
    with pytest.raises(VersionConflictError) as caught:
        talk(*calls).replace_user("1", {}, 'W/"1"')
    assert caught.value.repeated is repeated


# -- What is sent -------------------------------------------------------------


def test_a_read_carries_the_token_and_no_body(talk: Talk) -> None:
    client = talk(ADA)
    client.get_user("1")
    (sent,) = client.transcript.sent
    assert dict(sent.headers) == {
        "User-Agent": "ansible-collection eightbyeight.scim",
        "Accept": "application/scim+json, application/json",
        "Accept-Encoding": "gzip, deflate",
        "Authorization": f"Bearer {TOKEN}",
    }
    assert sent.body is None
    (settings,) = client.transcript.settings
    assert settings["timeout"] == 30
    assert settings["verify"] is True


def test_a_write_says_what_it_carries(talk: Talk) -> None:
    client = talk(Call("PUT /Users/1", Reply(200, resource()), body={"title": "Bößß"}))
    client.replace_user("1", {"title": "Bößß"}, None)
    assert client.transcript.sent[0].headers["Content-Type"] == "application/scim+json"


def test_the_form_of_patch_that_a_server_takes_is_known_the_second_time(talk: Talk) -> None:
    without, by_path = patch_active(False), patch_active(False, by_path=True)
    refused = refusal(400, "path is required", "invalidPath")
    client = talk(
        Call("PATCH /Users/1", refused, body=without),
        Call("PATCH /Users/1", refused, body=by_path),
        # That proved nothing; this does.
        Call("PATCH /Users/1", refused, body=without),
        Call("PATCH /Users/1", Reply(204), body=by_path),
        Call("PATCH /Users/2", Reply(204), body=by_path),
        Call("PATCH /Users/3", refused, body=by_path),
    )
    for user_id, taken in (("1", False), ("1", True), ("2", True), ("3", False)):
        if taken:
            assert client.set_active(user_id, False).status == 204
        else:
            with pytest.raises(RefusedError):
                client.set_active(user_id, False)


@pytest.mark.parametrize(
    "answers",
    [
        [wire.ReadTimeout(), refusal(400, "", "invalidPath"), refusal(501)],
        [refusal(400, "", "invalidPath"), wire.ReadTimeout(), refusal(501)],
    ],
)
def test_a_try_in_either_form_that_was_lost_is_not_forgotten(talk: Talk, answers: list[Any]) -> None:
    with pytest.raises(NotSupportedError) as caught:
        talk(*(Call("PATCH /Users/1", answer) for answer in answers)).set_active("1", False)
    assert caught.value.in_doubt


@pytest.mark.parametrize("answer", [refusal(400, "the pathology department"), refusal(409, "path"), refusal(404)])
def test_another_refusal_is_no_reason_for_the_other_form(talk: Talk, answer: Reply) -> None:
    with pytest.raises(EightByEightError):
        talk(Call("PATCH /Users/1", answer)).set_active("1", False)


@pytest.mark.parametrize("version", ['W/"3"', None, ""])
def test_if_match_is_sent_only_where_the_server_gave_a_version(talk: Talk, version: str | None) -> None:
    call = Call("PUT /Users/1", Reply(200, resource()), headers={"If-Match": version or None})
    talk(call).replace_user("1", {}, version)


@pytest.mark.parametrize("version", ['W/"\u2014"', 'W/"1"\r\nX-Injected: 1', ' W/"1"'])
def test_a_version_that_no_header_can_carry_is_no_reason_to_wait_or_to_crash(
    ear: Any, time: FakeTime, version: str
) -> None:
    with ScimClient(Connection(f"http://127.0.0.1:{ear.server_port}", TOKEN), clock=time.clock) as client:
        with contextlib.suppress(EightByEightError):
            client.replace_user("1", {}, version)
    assert time.naps == [], "it never left, so waiting cannot help"


@pytest.mark.parametrize(
    ("user_id", "path"),
    [
        ("a-b_C", "/Users/a-b_C"),
        ("a/b", "/Users/a%2Fb"),
        ("../x", "/Users/..%2Fx"),
        ("a?b#c", "/Users/a%3Fb%23c"),
        ("a+b c%41", "/Users/a%2Bb%20c%2541"),
        ("ä", "/Users/%C3%A4"),
    ],
)
def test_an_id_stays_one_part_of_the_path(talk: Talk, user_id: str, path: str) -> None:
    talk(Call(f"GET {path}", Reply(200, resource(user_id)))).get_user(user_id)


@pytest.mark.parametrize("user_id", ["", " ", ".", "..", " .. "])
def test_an_id_that_would_name_another_place_is_refused(talk: Talk, user_id: str) -> None:
    with pytest.raises(BadOptionError, match="user_id must be the id of a user"):
        talk().get_user(user_id)


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("ada+x@example.org", "ada%2Bx%40example.org"),
        ('a"b', "a%5C%22b"),
        ("a\\b", "a%5C%5Cb"),
        ('x" or userName pr or "', "x%5C%22%20or%20userName%20pr%20or%20%5C%22"),
        ("ä&ö=1#?%20", "%C3%A4%26%C3%B6%3D1%23%3F%2520"),
        ("😀", "%F0%9F%98%80"),
    ],
)
def test_a_login_name_is_quoted_and_encoded(talk: Talk, name: str, encoded: str) -> None:
    target = f"GET /Users?startIndex=1&count=100&filter=userName%20eq%20%22{encoded}%22"
    found, proven = talk(Call(target, Reply(200, listing(resource(user_name=name))))).find_user(name)
    assert found is not None
    assert (found.user_name, proven) == (name, True)


@pytest.mark.parametrize("certificate", [True, False, "/etc/ssl/ca.pem"])
def test_certificates_are_checked_as_asked(talk: Talk, certificate: bool | str) -> None:
    client = talk(ADA, verify=certificate)
    client.get_user("1")
    assert client.transcript.settings[0]["verify"] == certificate


# -- Reading pages ------------------------------------------------------------


def everybody(first: int, last: int) -> list[dict[str, Any]]:
    return [resource(str(number), f"u{number}@example.org") for number in range(first, last + 1)]


#: What each page brings and announces; who is read, whether it adds up; where the pages begin.
PAGING: dict[str, tuple[list[tuple[list[Any], Any]], int, bool, list[int]]] = {
    "one page": ([(everybody(1, 3), 3)], 3, True, [1]),
    "nobody": ([([], 0)], 0, True, [1]),
    "as asked": ([(everybody(1, 100), 150), (everybody(101, 150), 150)], 150, True, [1, 101]),
    "fewer than asked": (
        [(everybody(1, 40), 100), (everybody(41, 80), 100), (everybody(81, 100), 100)],
        100,
        True,
        [1, 41, 81],
    ),
    "a repeat at the border": (
        [(everybody(1, 5), 9), (everybody(5, 8), 9), (everybody(9, 9), 9)],
        9,
        True,
        [1, 6, 10],
    ),
    "a repeat that hides somebody": ([(everybody(1, 5), 9), (everybody(5, 8), 9), ([], 9)], 8, False, [1, 6, 10]),
    "the same page for ever": ([(everybody(1, 5), 9), (everybody(1, 5), 9)], 5, False, [1, 6]),
    "an empty page too early": ([(everybody(1, 5), 9), ([], 9)], 5, False, [1, 6]),
    "more than announced": ([(everybody(1, 5), 4)], 5, False, [1]),
    "announced as text": ([(everybody(1, 5), "5")], 5, True, [1]),
    "announced nothing": ([(everybody(1, 5), "absent"), ([], "absent")], 5, False, [1, 6]),
    "announced null": ([(everybody(1, 5), None), ([], None)], 5, False, [1, 6]),
    "announced nonsense": ([(everybody(1, 5), "many"), ([], [])], 5, False, [1, 6]),
    "announced without end": ([(everybody(1, 5), float("inf")), ([], float("inf"))], 5, False, [1, 6]),
    "a total that grows": ([(everybody(1, 5), 9), (everybody(6, 10), 10)], 10, False, [1, 6]),
    "a total that shrinks": ([(everybody(1, 5), 9), (everybody(6, 8), 8)], 8, False, [1, 6]),
    "somebody without an id": ([([*everybody(1, 2), {"userName": "x"}], 3), ([], 3)], 2, False, [1, 4]),
    "something that is nobody": ([([*everybody(1, 2), "x", None], 4), ([], 4)], 2, False, [1, 5]),
}


@pytest.mark.parametrize("name", PAGING)
def test_pages_advance_by_what_arrived_and_must_add_up(talk: Talk, name: str) -> None:
    pages, count, complete, starts = PAGING[name]
    calls = []
    for start, (arrived, total) in zip(starts, pages, strict=True):
        body = {**listing(*arrived), "totalResults": total}
        if total == "absent":
            del body["totalResults"]
        calls.append(Call(page(start), Reply(200, body)))
    found = talk(*calls).list_users()
    assert len(found.users) == count
    assert len({user.id for user in found.users}) == count
    assert found.complete is complete
    assert found.page_size == max(len(arrived) for arrived, _total in pages)


@pytest.mark.parametrize("body", [{"totalResults": 0}, {"totalResults": 0, "Resources": None}])
def test_a_list_of_nobody_needs_no_resources(talk: Talk, body: dict[str, Any]) -> None:
    found = talk(Call(page(), Reply(200, body))).list_users()
    assert (found.users, found.announced, found.complete) == ([], 0, True)


def test_resources_that_are_missing_although_announced_do_not_add_up(talk: Talk) -> None:
    assert talk(Call(page(), Reply(200, {"totalResults": 3}))).list_users().complete is False


@pytest.mark.parametrize("body", [{"Resources": "x"}, {"Resources": {"id": "1"}}])
def test_a_listing_that_is_no_list_is_an_error(talk: Talk, body: dict[str, Any]) -> None:
    with pytest.raises(EightByEightError, match="no SCIM list") as caught:
        talk(Call(page(), Reply(200, body))).list_users()
    assert (caught.value.kind, caught.value.path) == ("bad_answer", "/Users")


#: Objects with a 200 that are no listing (RFC 7644 section 3.4.2: totalResults is required), and what they say went wrong.
NO_LISTS: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"message": "maintenance"}, "maintenance"),
    ({"totalResults": None, "Resources": None}, None),
    (resource(), "Analyst"),
    (scim_error(503, "backend down"), "backend down"),
    ({**scim_error(429, "slower"), "status": 429}, "slower"),
    ({**listing(), **scim_error(500)}, None),
    ({**listing(resource()), "schemas": "urn:ietf:params:scim:api:messages:2.0:error"}, None),
]


@pytest.mark.parametrize(("body", "detail"), NO_LISTS)
def test_an_object_that_is_no_list_is_no_tenant_without_users(
    talk: Talk, time: FakeTime, body: dict[str, Any], detail: str | None
) -> None:
    for target, ask in (
        (page(), lambda client: client.list_users()),
        (page(), lambda client: client.list_users(workers=4)),
        (search("ada@example.org"), lambda client: client.find_user("ada@example.org")),
    ):
        with pytest.raises(EightByEightError) as caught:
            ask(talk(Call(target, Reply(200, body))))
        error = caught.value
        assert (type(error), error.kind, error.status) == (EightByEightError, "bad_answer", 200)
        assert (error.method, error.path, error.detail) == ("GET", "/Users", detail)
        assert "api_url" in error.message
        assert detail is None or f"The server said: {detail}" in error.message
    assert time.naps == []


@pytest.mark.parametrize("body", [{}, {"message": "maintenance"}])
def test_an_object_that_is_no_list_behind_a_page_does_not_add_up(talk: Talk, body: dict[str, Any]) -> None:
    first = Call(page(), Reply(200, listing(*everybody(1, 2), total=4)))
    found = talk(first, Call(page(3), Reply(200, body))).list_users()
    assert (len(found.users), found.complete) == (2, False)


def test_an_error_behind_a_page_ends_the_listing(talk: Talk) -> None:
    first = Call(page(), Reply(200, listing(*everybody(1, 2), total=4)))
    with pytest.raises(EightByEightError, match="answered 200 with an error inside \\(503\\)") as caught:
        talk(first, Call(page(3), Reply(200, scim_error(503)))).list_users()
    assert caught.value.kind == "bad_answer"


def test_an_error_inside_the_answer_about_one_user_is_told(talk: Talk) -> None:
    answer = Reply(200, {**resource(), **scim_error(400, "no", "invalidValue")})
    with pytest.raises(EightByEightError, match="with an error inside") as caught:
        talk(Call("GET /Users/1", answer)).get_user("1")
    assert (caught.value.kind, caught.value.scim_type) == ("bad_answer", "invalidValue")


@pytest.mark.parametrize(
    ("target", "write"),
    [
        ("POST /Users", lambda client: client.create_user({})),
        ("PUT /Users/1", lambda client: client.replace_user("1", {}, None)),
        ("PATCH /Users/1", lambda client: client.set_active("1", False)),
    ],
)
def test_an_error_inside_the_answer_to_a_write_says_neither_yes_nor_no(
    talk: Talk, target: str, write: Callable[[ScimClient], Any]
) -> None:
    client = talk(Call(target, Reply(200, scim_error(503, "backend down"))))
    with pytest.raises(EightByEightError, match="backend down") as caught:
        write(client)
    assert (type(caught.value), caught.value.kind, caught.value.in_doubt) == (EightByEightError, "bad_answer", True)


def test_a_server_that_never_ends_its_list_does_not_hold_us() -> None:
    tenant = Tenant(*everybody(1, 250))
    tenant.before = lambda request: Reply(200, listing(*everybody(1, 7), total=10**9))
    found = client_for(tenant).list_users()
    assert (len(found.users), found.complete) == (7, False)
    assert len(tenant.log) == 2


def test_one_user_that_cannot_be_read_does_not_hide_the_others(talk: Talk) -> None:
    """Law 10; and Page says of itself that it holds the users that can be read."""
    odd = resource("2", "odd@example.org", title={"en": "Boss"})
    # The odd one arrived: whether the list then counts as complete is another question.
    client = talk(Call(search("ada@example.org"), Reply(200, listing(odd, resource(), total=2))))
    found, _proven = client.find_user("ada@example.org")
    assert found is not None
    assert found.id == "1"


def test_the_one_who_is_looked_for_and_cannot_be_read_is_not_declared_missing(talk: Talk) -> None:
    """Else check mode foretells a creation, and the real run meets a login name that is taken."""
    odd = resource("2", "odd@example.org", title={"en": "Boss"})
    with pytest.raises(EightByEightError, match="cannot be read") as caught:
        talk(Call(search("odd@example.org"), Reply(200, listing(odd)))).find_user("odd@example.org")
    assert caught.value.kind == "bad_answer"


def test_a_filter_travels_with_every_page(talk: Talk) -> None:
    query = "&filter=title%20pr"
    talk(
        Call(page() + query, Reply(200, listing(*everybody(1, 5), total=6))),
        Call(page(6) + query, Reply(200, listing(*everybody(6, 6), total=6))),
    ).list_users("title pr")


# -- Looking somebody up ------------------------------------------------------

NOBODY = Reply(200, listing())
REFUSALS = [refusal(400, "no", "invalidFilter"), refusal(400), refusal(501), refusal(405)]


def test_a_name_that_nobody_has_is_proven_by_an_empty_list(talk: Talk) -> None:
    assert talk(Call(search("x@y.z"), NOBODY)).find_user("x@y.z") == (None, True)


@pytest.mark.parametrize("total", [1, None])
def test_a_name_that_is_not_in_a_list_that_does_not_add_up_is_not_proven(talk: Talk, total: int | None) -> None:
    answer = Reply(200, {"Resources": [], "totalResults": total})
    assert talk(Call(search("x@y.z"), answer)).find_user("x@y.z") == (None, False)


@pytest.mark.parametrize("refused", REFUSALS)
def test_a_refused_filter_is_no_empty_answer_but_a_reason_to_read_everybody(talk: Talk, refused: Reply) -> None:
    client = talk(
        Call(search("u7@example.org"), refused),
        Call(page(), Reply(200, listing(*everybody(1, 5), total=8))),
        Call(page(6), Reply(200, listing(*everybody(6, 8), total=8))),
        # The second time the listing is known.
    )
    found, proven = client.find_user("U7@example.org".lower())
    assert found is not None
    assert (found.id, proven) == ("7", True)
    assert client.find_user("u9@example.org") == (None, True)


IN_TWO_WAYS = [
    (refusal(403), "forbidden"),
    (refusal(404), "wrong_customer"),
    (refusal(413), "refused"),
    (refusal(422), "refused"),
    (Reply(400, HTML), "gateway"),
    (Reply(403, HTML), "gateway"),
]


@pytest.mark.parametrize(("answer", "kind"), IN_TWO_WAYS)
@pytest.mark.parametrize("probe", [None, refusal(401), refusal(500), Reply(200, {"message": "maintenance"})])
def test_another_trouble_is_no_refused_filter(talk: Talk, answer: Reply, kind: str, probe: Reply | None) -> None:
    """One question without the filter tells the two apart."""
    client = talk(Call(search("x@y.z"), answer), Call(page(count=1), probe or answer), retry_budget=0.0)
    with pytest.raises(EightByEightError) as caught:
        client.find_user("x@y.z")
    assert (caught.value.kind, client.filter_refused) == (kind, False)


def test_a_dead_token_is_no_refused_filter(talk: Talk) -> None:
    with pytest.raises(EightByEightError) as caught:
        talk(Call(search("x@y.z"), refusal(401))).find_user("x@y.z")
    assert caught.value.kind == "token_rejected"


@pytest.mark.parametrize(("answer", "_kind"), IN_TWO_WAYS)
def test_what_refuses_the_filter_and_answers_without_it_is_read_page_by_page(
    talk: Talk, answer: Reply, _kind: str
) -> None:
    """A gateway that takes a quotation mark for an attack, or a server that has its own status for it."""
    client = talk(
        Call(search("x@y.z"), answer),
        Call(page(count=1), Reply(200, listing(resource(), total=2))),
        Call(page(), Reply(200, listing(resource(), resource("2", "x@y.z")))),
        # The second time the listing is known, and the user is read as it is then.
        Call("GET /Users/2", Reply(200, resource("2", "x@y.z"))),
    )
    for _time in range(2):
        found, proven = client.find_user("x@y.z")
        assert (found.id if found else None, proven) == ("2", True)


def test_a_tenant_that_refuses_to_be_listed_at_all_is_an_error(talk: Talk) -> None:
    client = talk(Call(search("x@y.z"), refusal(400)), Call(page(), refusal(400, "never")))
    with pytest.raises(RefusedError, match="never"):
        client.find_user("x@y.z")


def test_an_ignored_filter_is_replaced_by_the_listing(talk: Talk) -> None:
    client = talk(
        Call(search("u7@example.org"), Reply(200, listing(*everybody(1, 5), total=8))),
        Call(page(), Reply(200, listing(*everybody(1, 5), total=8))),
        Call(page(6), Reply(200, listing(*everybody(6, 8), total=8))),
    )
    found, _proven = client.find_user("u7@example.org")
    assert found is not None
    assert found.id == "7"
    assert client.find_user("u9@example.org") == (None, True), "without another request"


def test_a_server_that_ignores_the_filter_never_passes_off_somebody_else(talk: Talk) -> None:
    answer = Reply(200, listing(resource(user_name="eve@example.org")))
    client = talk(Call(search("ada@example.org"), answer), Call(page(), answer))
    assert client.find_user("ada@example.org") == (None, True)


def test_two_users_of_one_name_are_an_error_that_names_both(talk: Talk) -> None:
    both = listing(resource("1", "ADA@example.org"), resource("2", "Ada@example.org"))
    with pytest.raises(EightByEightError, match=r"2 different users .*ids 1, 2.*user_id") as caught:
        talk(Call(search("ada@example.org"), Reply(200, both))).find_user("ada@example.org")
    assert caught.value.kind == "ambiguous"


def test_the_one_that_is_spelled_the_same_wins(talk: Talk) -> None:
    both = listing(resource("1", "ADA@example.org"), resource("2"))
    found, _proven = talk(Call(search("ada@example.org"), Reply(200, both))).find_user("ada@example.org")
    assert found is not None
    assert found.id == "2"


def test_the_one_that_is_spelled_the_same_wins_on_a_later_page_too(talk: Talk) -> None:
    """Where the filter is refused, the variants need not come on one page."""
    client = talk(
        Call(search("ada@example.org"), refusal(400)),
        Call(page(), Reply(200, listing(resource("1", "ADA@example.org"), total=2))),
        Call(page(2), Reply(200, listing(resource("2"), total=2))),
    )
    found, _proven = client.find_user("ada@example.org")
    assert found is not None
    assert found.id == "2"


def test_a_repeated_user_is_one_user(talk: Talk) -> None:
    found, _proven = talk(Call(search("ada@example.org"), Reply(200, listing(resource(), resource())))).find_user(
        "ada@example.org"
    )
    assert found is not None


# -- Nobody, or the wrong customer --------------------------------------------


def test_a_missing_user_is_told_from_a_wrong_customer(talk: Talk) -> None:
    probe = Call(page(count=1), Reply(200, listing(resource(), total=9)))
    with pytest.raises(NotFoundError) as caught:
        talk(Call("GET /Users/x", refusal(404)), probe).get_user("x")
    assert caught.value.kind == "user_not_found"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(404), "wrong_customer"),
        (refusal(401), "token_rejected"),
        (Reply(200, {}), "bad_answer"),
        (Reply(200, scim_error(503)), "bad_answer"),
    ],
)
def test_a_wrong_customer_is_told_from_a_missing_user(talk: Talk, answer: Reply, kind: str) -> None:
    with pytest.raises(EightByEightError) as caught:
        talk(Call("GET /Users/x", refusal(404)), Call(page(count=1), answer)).get_user("x")
    assert caught.value.kind == kind


def test_an_answer_about_somebody_else_is_not_taken(talk: Talk) -> None:
    """A cache or a gateway that mixes answers up must not make us deactivate the wrong person."""
    with pytest.raises(EightByEightError) as caught:
        talk(Call("GET /Users/1", Reply(200, resource("2", "eve@example.org")))).get_user("1")
    assert caught.value.kind == "bad_answer"


# -- What an answer means -----------------------------------------------------

MEANINGS = [
    # verb, answer -> class, kind, words that must be in the message
    ("GET", refusal(401), EightByEightError, "token_rejected", ["single sign-on", "SCIM switch", "Admin Console"]),
    ("GET", Reply(401, HTML), EightByEightError, "token_rejected", ["API token"]),
    ("GET", refusal(403), EightByEightError, "forbidden", ["another customer"]),
    ("PUT", refusal(403), EightByEightError, "not_write_client", ["Only one client may write", "Entra ID"]),
    ("PUT", refusal(404), NotFoundError, "user_not_found", ["no such user"]),
    ("PUT", refusal(405), NotSupportedError, "not_supported", ["does not offer PUT /Users/1", "proxy", "8x8 URL"]),
    ("PUT", refusal(501), NotSupportedError, "not_supported", []),
    ("PUT", refusal(409, "taken"), ConflictError, "conflict", ["taken"]),
    ("PUT", refusal(400, "x", "uniqueness"), ConflictError, "conflict", []),
    ("PUT", refusal(400, "User already exists"), ConflictError, "conflict", []),
    ("PUT", refusal(400, "userName must be unique"), ConflictError, "conflict", []),
    ("PUT", refusal(412), VersionConflictError, "changed_meanwhile", ["Run again"]),
    ("PUT", refusal(400, "bad locale", "invalidValue"), RefusedError, "refused", ["bad locale"]),
    ("PUT", Reply(422), RefusedError, "refused", ["It gave no reason"]),
    (
        "PUT",
        Reply(302, None, {"Location": "https://evil.test/"}),
        EightByEightError,
        "redirect_refused",
        ["not followed"],
    ),
    ("PUT", Reply(308), EightByEightError, "redirect_refused", []),
    ("PUT", Reply(400, HTML), EightByEightError, "gateway", ["web page", "8x8 URL"]),
    ("PUT", Reply(200, HTML), EightByEightError, "gateway", ["web page"]),
    ("PUT", Reply(200, "[]"), EightByEightError, "bad_answer", ["no SCIM object"]),
    ("PUT", Reply(200, "5"), EightByEightError, "bad_answer", []),
]


@pytest.mark.parametrize(("verb", "answer", "family", "kind", "words"), MEANINGS)
def test_what_an_answer_means(
    talk: Talk, verb: str, answer: Reply, family: type[EightByEightError], kind: str, words: list[str]
) -> None:
    client = talk(Call(f"{verb} /Users/1", answer))
    with pytest.raises(family) as caught:
        client.request(verb, "/Users/1")
    error = caught.value.to_result()
    assert caught.value.__class__ is family
    assert error["error"]["kind"] == kind
    assert (error["error"]["status"], error["error"]["method"], error["error"]["path"]) == (
        answer.status,
        verb,
        "/Users/1",
    )
    for word in words:
        assert word in error["msg"]


@pytest.mark.parametrize("status", [405, 501])
def test_a_verb_that_a_web_server_refuses_with_a_page_of_its_own_is_not_offered_either(talk: Talk, status: int) -> None:
    """Tomcat, nginx and others answer 405 with HTML. The fall-back from PATCH to DELETE must work there, too."""
    with pytest.raises(NotSupportedError):
        talk(Call("PATCH /Users/1", Reply(status, HTML))).set_active("1", False)


@pytest.mark.parametrize(
    ("body", "detail", "scim_type"),
    [
        ({"detail": "no", "scimType": "invalidValue", "status": 400}, "no", "invalidValue"),
        ({"title": "Bad", "detail": "Worse"}, "Worse", None),
        (
            {"title": "Bad", "errors": [{"field": "userName", "code": "X", "message": "too short"}]},
            "Bad; userName: too short",
            None,
        ),
        ({"message": "hm", "errors": "x"}, "hm; x", None),
        ({"error": {"message": "no", "code": 5}}, "no", None),
        ({"error": "no"}, "no", None),
        ({"errors": [{"message": "a"}, "b", {}, 5]}, "a; b", None),
        ({"detail": "two\nlines\tand \x1b[31mred\x00"}, "two lines and [31mred", None),
        (
            {"detail": 'Traceback (most recent call last):\n  File "/app/a.py", line 5, in f\n    g()\nValueError: no'},
            "ValueError: no",
            None,
        ),
        (
            {"detail": "java.lang.NullPointerException: x\n\tat com.a.B(B.java:5)\n\tat com.a.C"},
            "java.lang.NullPointerException: x",
            None,
        ),
        ({"detail": "x" * 500}, "x" * 297 + "...", None),
        ({"detail": ""}, None, None),
        ({"detail": {"a": 1}, "title": "Bad", "scimType": ["x"]}, "Bad", None),
        ([], None, None),
        ("5", None, None),
    ],
)
def test_the_server_is_quoted_in_one_short_line(
    talk: Talk, body: Any, detail: str | None, scim_type: str | None
) -> None:
    with pytest.raises(RefusedError) as caught:
        talk(Call("GET /Users/1", Reply(400, body))).request("GET", "/Users/1")
    assert caught.value.detail == detail
    assert caught.value.scim_type == scim_type


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        # One plain line says something, as JSON or not; a page, and what is left of an object, does not.
        ("plain text", "plain text"),
        (" with \x1b[31mred\x00 and \u202e \r\n", "with [31mred and"),
        (json.dumps("as JSON"), "as JSON"),
        (json.dumps("<b>as JSON</b>"), None),
        ("x" * 300, "x" * 300),
        ("x" * 301, None),
        (json.dumps("x" * 301), None),
        ("two\nlines", None),
        ("a <b>page</b>", None),
        ('{"detail": "cut o', None),
        (' ["cut o', None),
        (b"\xff\xfe broken", None),
        ("5", None),
        ({"detail": "no"}, None),
    ],
)
def test_a_line_of_text_is_understood_and_never_repeated(talk: Talk, body: Any, hint: str | None) -> None:
    with pytest.raises(RefusedError) as caught:
        talk(Call("GET /Users/1", Reply(400, body))).request("GET", "/Users/1")
    error = caught.value
    assert error.hint == error.about("Told anew.").hint == hint
    assert hint is None or hint not in json.dumps(error.to_result(), ensure_ascii=False)
    assert ("such texts are not repeated" in error.message) is (hint is not None)


def test_json_that_breaks_the_parser_is_a_broken_answer(talk: Talk) -> None:
    with pytest.raises(EightByEightError) as caught:
        talk(Call("GET /Users/1", Reply(200, "[" * 200_000)), retry_budget=0.0).get_user("1")
    assert caught.value.kind == "bad_answer"


def test_a_certificate_that_is_not_trusted_is_not_tried_again(talk: Talk, time: FakeTime) -> None:
    reason = wire.SSLError("certificate verify failed: self-signed certificate")
    with pytest.raises(EightByEightError, match=r"self-signed certificate.*ca_path") as caught:
        talk(Call("GET /Users/1", reason)).get_user("1")
    assert caught.value.kind == "tls"
    assert time.naps == []


def test_the_innermost_reason_is_told(talk: Talk) -> None:
    inner = ConnectionRefusedError(111, "Connection refused")
    middle = Exception("<urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection")
    middle.reason = inner  # type: ignore[attr-defined]
    with pytest.raises(EightByEightError, match=r"\(\[Errno 111\] Connection refused\)"):
        talk(Call("GET /Users/1", wire.ConnectionError(middle)), retry_budget=0.0).get_user("1")
    with pytest.raises(EightByEightError, match=r"\(Failed to establish"):
        talk(Call("GET /Users/1", wire.ConnectionError(Exception(str(middle)))), retry_budget=0.0).get_user("1")
    with pytest.raises(EightByEightError, match=r"\(ConnectionError\)"):
        talk(Call("GET /Users/1", wire.ConnectionError()), retry_budget=0.0).get_user("1")


def test_settings_of_the_machine_that_requests_chokes_on_are_an_error_of_the_family(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, time: FakeTime
) -> None:
    """A CA bundle from the environment that is not there is an OSError, not a RequestException."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    built = Connection.from_options({**OPTIONS, "api_url": "https://127.0.0.1:9/scim/v2"})
    with ScimClient(built, clock=time.clock) as client, pytest.raises(EightByEightError, match="missing.pem"):
        client.get_user("1")


# -- The token ----------------------------------------------------------------

ECHOES: list[Reply | Exception] = [
    *(refusal(status, f"bad token {TOKEN}", TOKEN) for status in (400, 401, 403, 405, 409, 412, 500)),
    Reply(429, {"message": f"Bearer {TOKEN}"}),
    Reply(400, {"title": TOKEN, "errors": [{"field": TOKEN, "message": TOKEN}]}),
    Reply(400, {"detail": "x" * 290 + TOKEN}),
    Reply(400, f"bad token {TOKEN}"),
    Reply(400, "x" * (299 - len(TOKEN)) + TOKEN),
    Reply(400, json.dumps(f"Authorization: Bearer {TOKEN}")),
    Reply(200, f"<html>{TOKEN}</html>"),
    Reply(200, f"{{{TOKEN}"),
    Reply(200, {"Resources": TOKEN}),
    Reply(302, None, {"Location": f"https://evil.test/{TOKEN}"}),
    wire.ConnectionError(f"header Authorization: Bearer {TOKEN}"),
    wire.SSLError(f"Bearer {TOKEN}"),
    wire.ProxyError(f"Bearer {TOKEN}"),
    wire.InvalidHeader(f"Bearer {TOKEN}"),
]


@pytest.mark.parametrize("echo", ECHOES)
def test_the_token_is_in_no_error_even_if_the_server_echoes_it(talk: Talk, echo: Any) -> None:
    client = talk(Call(page(), echo), retry_budget=0.0)
    with pytest.raises(EightByEightError) as caught:
        client.list_users()
    error = caught.value
    told = [str(error), repr(error), json.dumps(error.to_result()), repr(vars(error)), repr(error.args)]
    told += traceback.format_exception(error)
    for text in told:
        assert TOKEN not in text
        assert TOKEN[:12] not in text


def test_the_token_is_in_no_picture_of_the_connection_or_the_client() -> None:
    client = client_for(Tenant())
    for shown in (client, client.connection, client.budget, client.clock):
        assert TOKEN not in repr(shown)
        assert TOKEN not in str(shown)


class _Ear(http.server.BaseHTTPRequestHandler):
    """Answers anything with a redirect to itself, and remembers what it heard."""

    def do_GET(self) -> None:
        self.server.heard.append((self.path, self.headers.get("Authorization")))  # type: ignore[attr-defined]
        self.send_response(307)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PUT = do_GET

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def ear() -> Iterator[Any]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Ear)
    server.heard = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("scheme", ["http", "HTTP"])
def test_what_goes_to_this_machine_goes_past_the_proxy_and_netrc_and_no_redirect_is_followed(
    ear: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str
) -> None:
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Ear)
    proxy.heard = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password eve\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
    try:
        built = Connection.from_options({**OPTIONS, "api_url": f"{scheme}://127.0.0.1:{ear.server_port}/scim"})
        with ScimClient(built) as client, pytest.raises(EightByEightError) as caught:
            client.request("GET", "/Users/1")
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()
    assert proxy.heard == [], "the token went off this machine in the clear"  # type: ignore[attr-defined]
    assert ear.heard == [("/scim/Users/1", f"Bearer {TOKEN}")]
    assert caught.value.kind == "redirect_refused"


@pytest.mark.parametrize("base", [BASE, "http://127.0.0.1:9"])
def test_netrc_does_not_replace_the_token(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, base: str
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login eve password eve\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert requests.utils.get_netrc_auth(base) == ("eve", "eve"), "the trap is set"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    talk(Call("GET /Users/1", Reply(200, resource()), headers=headers), base=base).get_user("1")


def test_a_proxy_of_the_environment_is_used_for_https_only(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    monkeypatch.setenv("http_proxy", "http://proxy.test:3128")
    far, near = talk(ADA), talk(ADA, base="http://127.0.0.1:9")
    far.get_user("1")
    near.get_user("1")
    assert far.transcript.settings[0]["proxies"].get("https") == "http://proxy.test:3128"
    assert not near.transcript.settings[0]["proxies"]


@pytest.mark.parametrize("borrowed", [True, False])
def test_a_client_that_is_left_closes_the_connections_that_are_its_own(
    monkeypatch: pytest.MonkeyPatch, borrowed: bool
) -> None:
    closed: list[bool] = []
    session = Session()
    monkeypatch.setattr(requests.Session, "close", lambda _self: closed.append(True))
    with ScimClient(Connection(BASE, TOKEN), session=session if borrowed else None):
        pass
    assert closed == [True] * (not borrowed)


def test_clients_that_share_a_session_share_what_is_known_and_never_the_token(time: FakeTime) -> None:
    tenant = Tenant(resource())
    tenant.filters = "refused"
    session = session_over(tenant)
    heard: list[str] = []
    tenant.before = lambda request: heard.append(request.headers["Authorization"])
    for token in ("one", "two"):
        with ScimClient(Connection(BASE, token), clock=time.clock, session=session) as client:
            assert client.find_user("ada@example.org")[0] is not None
    assert heard == ["Bearer one", "Bearer one", "Bearer two"], "neither the filter nor the listing is asked for again"
    assert session.http.auth is None
    assert "Authorization" not in session.http.headers
    assert session.answered


def test_a_shared_session_goes_by_the_settings_of_the_machine_again_after_it_went_to_this_machine() -> None:
    session = session_over(Tenant())
    for base, trusted in ((BASE, True), ("http://127.0.0.1:9", False), (BASE, True)):
        ScimClient(Connection(base, TOKEN), session=session)
        assert session.http.trust_env is trusted


# -- Connection options -------------------------------------------------------


def test_good_options_make_a_connection(tmp_path: Path) -> None:
    built = Connection.from_options({**OPTIONS, "api_url": f" {BASE}/ ", "api_token": f" {TOKEN}\n"})
    assert built == Connection(BASE, TOKEN)
    assert built.verify is True
    ca_path = str(tmp_path)
    assert Connection.from_options({**OPTIONS, "ca_path": ca_path}).verify == ca_path
    assert Connection.from_options({**OPTIONS, "validate_certs": False}).verify is False
    assert Connection.from_options({**OPTIONS, "validate_certs": False, "ca_path": ca_path}).verify is False
    assert Connection.from_options({**OPTIONS, "extension_urn": " urn:x "}).extension_urn == "urn:x"
    assert Connection.from_options({**OPTIONS, "timeout": 0.5, "retry_budget": 0}).retry_budget == 0


@pytest.mark.parametrize("api_url", [None, ""])
def test_a_customer_makes_the_url(api_url: str | None) -> None:
    built = Connection.from_options({**OPTIONS, "api_url": api_url, "customer_id": " 0012J00042NkZQIQA3 "})
    assert built.base_url == "https://platform-cloud.8x8.com/udi/customers/0012J00042NkZQIQA3/scim/v2"


def test_a_url_counts_more_than_a_customer() -> None:
    assert Connection.from_options({**OPTIONS, "customer_id": "C1"}).base_url == BASE


def test_two_customers_in_one_task_are_refused() -> None:
    """The URL may come from the environment, forgotten, and would win over the customer that the task names."""
    with pytest.raises(BadOptionError, match="customer_id is other, and api_url names the customer C1"):
        Connection.from_options({**OPTIONS, "customer_id": "other"})


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8/x", "http://127.8.8.8", "http://localhost", "http://LOCALHOST:1", "http://[::1]:8/x"]
)
def test_plain_http_is_for_this_machine(url: str) -> None:
    assert Connection.from_options({**OPTIONS, "api_url": url}).base_url == url


BAD: list[tuple[dict[str, Any], str]] = [
    *(
        ({"api_url": url}, "api_url must start with https://")
        for url in (
            "http://example.org/scim",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://localhost.evil.test",
            "http://127.0.0.1.evil.test",
            "http://[2001:db8::1]/",
            "HTTP://example.org",
        )
    ),
    *(
        ({"api_url": url}, "api_url must be a whole URL")
        for url in ("example.org/scim", "ftp://example.org", "https://", "https:///x", "//example.org", " ", "https://a b", "https://a/\nb")
    ),
    *(
        ({"api_url": f"{scheme}@{host}"}, "must not contain a user name")
        for scheme, host in (
            ("https://u:p", "example.org"),
            ("https://u", "example.org"),
            ("http://127.0.0.1", "evil.test"),
            ("https://", "example.org"),
        )
    ),
    *(({"api_url": url}, "is not a URL") for url in ("https://[::1", "https://example.org:99999", "https://example.org:x")),
    *(({"api_url": url}, r"must end before any \? or #") for url in ("https://example.org/?a=b", "https://example.org/#x")),
    ({"api_url": f"{BASE}/Users"}, "without /Users at its end"),
    ({"api_url": f"{BASE}/users/"}, "without /users at its end"),
    *(
        ({"api_url": None, "customer_id": customer}, "customer_id must consist of letters and digits")
        for customer in ("a/b", "../x", "a?b", "ä", "a b", "https://x", "a\n.")
    ),
    *(({"api_url": None, "customer_id": customer}, "api_url is missing: give it, or customer_id") for customer in (None, "", " ")),
    *(({"api_token": token}, "api_token is missing or empty: give it, or set") for token in (None, "", " \n")),
    *(({"api_url": None, "api_token": token}, "api_url and api_token are missing or empty") for token in (None, "", " \n")),
    *(({"api_token": token}, "api_token contains white space") for token in (f"Bearer {TOKEN}", f"{TOKEN}\nX: y", f"{TOKEN}ä", f"\x00{TOKEN}")),
    *(({"timeout": value}, "timeout must be a number of seconds above 0") for value in (0, -1, float("nan"), float("inf"))),
    *(({"retry_budget": value}, "retry_budget must be a number of seconds") for value in (-1, float("nan"), float("inf"))),
    *(({"extension_urn": urn}, "extension_urn must be a URN") for urn in (None, "", "8x8", "http://x")),
    ({"ca_path": "/no/such/ca.pem"}, "there is no file or folder /no/such/ca.pem"),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "message"), BAD)
def test_options_that_cannot_be_right_are_told_in_one_message(bad: dict[str, Any], message: str) -> None:
    with pytest.raises(BadOptionError, match=message) as caught:
        Connection.from_options({**OPTIONS, **bad})
    assert TOKEN[:12] not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.to_result()["error"] == {
        "kind": "bad_option",
        "status": None,
        "scim_type": None,
        "detail": None,
        "method": None,
        "path": None,
    }


def test_the_page_size_is_what_clients_of_the_real_api_ask_for() -> None:
    assert PAGE_SIZE == 100
    assert _client.BASE_URL.startswith("https://")


def test_a_connection_cannot_be_pickled_into_a_file_by_accident_of_its_repr() -> None:
    # A copy for another process still works: section 4 of design.md keeps sessions in workers.
    assert pickle.loads(pickle.dumps(Connection(BASE, TOKEN))).token == TOKEN
