# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client: what is sent again, when, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from requests import exceptions as wire

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import (
    BadOptionError,
    EightByEightError,
    GaveUpError,
    TransientError,
    VersionConflictError,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.retry import RetryBudget
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.tests.unit.clients import ADA, OPTIONS
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    HTML,
    NOW,
    Call,
    FakeTime,
    Reply,
    Tenant,
    client_for,
    connection,
    http_date,
    refusal,
    resource,
    session_over,
)

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
    talk: Talk, time: FakeTime, kind: str, trouble: Any, verb: str, send: Callable[[WritingClient], object]
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
    family = EightByEightError if isinstance(trouble, Reply) and trouble.status == 200 else TransientError
    with pytest.raises(family) as caught:
        client.create_user({})
    assert caught.value.kind == kind
    assert (len(client.transcript.sent), len(time.naps)) == (1, int(family is TransientError)), (
        "one pause before the next try"
    )


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
    with WritingClient(built, clock=time.clock) as client, pytest.raises(EightByEightError, match="api_url"):
        client.get_user("1")
    assert time.naps == []


def test_items_of_a_loop_wait_together_for_a_server_that_takes_nothing(time: FakeTime) -> None:
    """Each with a budget of its own, a loop over a hundred people would last for hours."""
    down, tenant = [True], Tenant(resource())
    tenant.before = lambda request: refusal(503) if down[0] and request.method == "PUT" else None
    session = session_over(tenant)

    def update() -> float:
        before = time.now
        with WritingClient(connection(retry_budget=60.0), session=session, clock=time.clock) as client:
            client.get_user("1")
            if not down[0]:
                client.replace_user("1", resource(title="Boss"), None)
                return time.now - before
            with pytest.raises(GaveUpError):
                client.replace_user("1", resource(title="Boss"), None)
        return time.now - before

    waits = [update() for _item in range(20)]
    assert 20 < waits[0] <= sum(waits) <= 60
    assert waits[-1] == 0, "what is read in between does not show that it takes anything"
    down[0] = False
    assert update() == 0
    down[0] = True
    assert update() > 20, "it has taken something since"


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
    assert caught.value.in_doubt is repeated
