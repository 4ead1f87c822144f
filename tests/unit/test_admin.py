# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client of the Administration API against ordered conversations: scrolls, limits, refusals, answers that are none."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import exceptions as network

from ansible_collections.eightbyeight.scim.plugins.module_utils._admin import people
from ansible_collections.eightbyeight.scim.plugins.module_utils._admin.address import BASE_URL, connection_of
from ansible_collections.eightbyeight.scim.plugins.module_utils._admin.client import AdminClient, Throttle
from ansible_collections.eightbyeight.scim.plugins.module_utils._admin.people import by_login, everybody
from ansible_collections.eightbyeight.scim.plugins.module_utils._admin.rsql import filters_for, quoted
from ansible_collections.eightbyeight.scim.plugins.module_utils._admin.users import license_counts, read_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError, EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._http import paging
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.session import HttpSession
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    HTML,
    NOW,
    TOKEN,
    Call,
    FakeTime,
    Reply,
    Transcript,
)

KEY = "a-key/that-must+never=leak"
FIRST = "GET /users?pageSize=1000"
Talk = Callable[..., AdminClient]


def options(**more: Any) -> dict[str, Any]:
    defaults = {name: option.get("default") for name, option in argspec.CONNECTION.items()}
    return {**defaults, "admin_api_key": KEY, **more}


def raw_user(number: int = 1, **parts: Any) -> dict[str, Any]:
    """Return a user as the API shows it; None takes a part out."""
    user = {
        "basicInfo": {
            "userId": f"u{number}",
            "customerId": "C1",
            "userName": f"p{number}@example.org",
            "firstName": "P",
            "lastName": "N",
            "status": "ACTIVE",
            "site": {"id": "s", "name": "London", "pbxName": "main"},
        },
        "directoryInfo": {"displayInDirectory": False},
        "serviceInfo": {
            "licenses": [{"id": "l", "name": "X Series X2", "country": "US"}],
            "extensions": [
                {
                    "id": "e",
                    "extensionType": "UC",
                    "extensionNumber": "1001",
                    "primaryPhoneNumber": None,
                    "devices": [{"macAddress": "00:00:5e:00:53:01", "activationCode": "activate-me"}],
                }
            ],
        },
        "assignmentInfo": {"profilePolicy": {"name": "Everybody"}},
        **parts,
    }
    return {name: part for name, part in user.items() if part is not None}


def page(*users: dict[str, Any], scroll: str | None = None, **headers: str) -> Reply:
    body = {
        "data": list(users),
        "pagination": {"pageSize": 1000, "hasMore": scroll is not None, "nextScrollId": scroll},
    }
    return Reply(200, body, {name.replace("_", "-"): value for name, value in headers.items()})


def problem(status: int, code: str = "UNKNOWN", **headers: str) -> Reply:
    body = {"status": status, "title": "T", "detail": f"{code} of {KEY}", "errors": [{"code": code, "message": code}]}
    return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
def talk(time: FakeTime) -> Iterator[Talk]:
    """Make a client out of a conversation, and see at the end that all of it took place."""
    transcripts: list[Transcript] = []

    def start(*calls: Call, **more: Any) -> AdminClient:
        transcripts.append(Transcript(calls, time, BASE_URL))
        session = HttpSession()
        session.http.mount("https://", transcripts[-1])
        connection = connection_of(options(**more))
        assert connection is not None
        return AdminClient(connection, clock=time.clock, session=session)

    yield start
    for transcript in transcripts:
        transcript.finished()
        assert all(request.headers["x-api-key"] == KEY for request in transcript.sent)
        assert all("Authorization" not in request.headers for request in transcript.sent)
        assert {request.headers["Accept"] for request in transcript.sent} <= {"application/vnd.users.v1+json"}
        assert {request.method for request in transcript.sent} <= {"GET"}


def names(users: Any) -> list[str]:
    return [user.user_name.partition("@")[0] for user in users]


# -- Scrolls ------------------------------------------------------------------


def test_a_list_goes_on_by_scroll_id_alone(talk: Talk) -> None:
    client = talk(
        Call(FIRST, page(raw_user(1), raw_user(2), scroll="a/b")),
        Call("GET /users?scrollId=a%2Fb", page(raw_user(3), scroll="c")),
        Call("GET /users?scrollId=c", page(raw_user(4))),
    )
    assert names(client.list_users()) == ["p1", "p2", "p3", "p4"]


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_scroll_that_has_expired_begins_again(talk: Talk, status: int) -> None:
    client = talk(
        Call(FIRST, page(raw_user(1), scroll="a")),
        Call("GET /users?scrollId=a", problem(status)),
        Call(FIRST, page(raw_user(1), scroll="b")),
        Call("GET /users?scrollId=b", page(raw_user(2))),
    )
    assert names(client.list_users()) == ["p1", "p2"]


@pytest.mark.parametrize("lost", [network.ConnectionError("x"), problem(503), problem(424), Reply(200, '{"data": [')])
def test_a_page_that_was_lost_begins_the_list_again_because_the_scroll_may_have_moved(talk: Talk, lost: Any) -> None:
    client = talk(
        Call(FIRST, page(raw_user(1), scroll="a")),
        Call("GET /users?scrollId=a", lost),
        Call(FIRST, page(raw_user(1), scroll="b")),
        Call("GET /users?scrollId=b", page(raw_user(2))),
    )
    assert names(client.list_users()) == ["p1", "p2"]


def test_a_page_that_came_too_early_is_asked_for_again(talk: Talk, time: FakeTime) -> None:
    client = talk(
        Call(FIRST, page(raw_user(1), scroll="a")),
        Call("GET /users?scrollId=a", problem(429, x_ratelimit_reset=str(int(NOW) + 7))),
        Call("GET /users?scrollId=a", page(raw_user(2))),
    )
    assert names(client.list_users()) == ["p1", "p2"]
    assert time.naps == [7]


def test_a_list_does_not_begin_again_for_ever(talk: Talk) -> None:
    again = [Call(FIRST, page(raw_user(1), scroll="a")), Call("GET /users?scrollId=a", problem(410))]
    with pytest.raises(EightByEightError, match=r"GET /users.* 410"):
        talk(*again * 4).list_users()


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([page(raw_user(1), scroll="a"), page(raw_user(1), scroll="a")], "goes on without end"),
        ([Reply(200, {"data": {}, "pagination": {"hasMore": False}})], "data is not a list"),
        ([Reply(200, {"data": []})], "does not say whether there is more"),
        ([Reply(200, {"data": [], "pagination": {"hasMore": True, "nextScrollId": ""}})], "nextScrollId is missing"),
        ([Reply(200, {"data": [3], "pagination": {"hasMore": False}})], "user is not an object"),
    ],
)
def test_a_list_that_is_none_is_told(talk: Talk, answers: list[Reply], words: str) -> None:
    calls = [Call(FIRST if not n else "GET /users?scrollId=a", answer) for n, answer in enumerate(answers)]
    with pytest.raises(EightByEightError, match=words) as caught:
        talk(*calls).list_users()
    assert caught.value.kind == "bad_answer"


@pytest.mark.parametrize(
    ("name", "most", "words", "kind"),
    [
        ("MAX_USERS", 1, "more than 1 entries", "too_large"),
        ("MAX_USERS", 250, "more than 250 entries", "too_large"),
        ("MAX_LISTING_MEMORY", 1000, "MiB in memory", "too_large"),
        ("MAX_LISTING_SECONDS", 5, "5 s of waiting for its pages", "timeout"),
    ],
)
def test_a_server_that_never_comes_to_an_end_is_left(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, name: str, most: int, words: str, kind: str
) -> None:
    monkeypatch.setattr(paging, name, most)
    pages = {1: 1, 250: 3, 1000: 1, 5: 3}[most]
    calls = [
        Call(
            FIRST if not n else "GET /users?scrollId=a",
            page(raw_user(2 * n), raw_user(2 * n + 1), scroll="a"),
            seconds=2,
        )
        for n in range(pages)
    ]
    with pytest.raises(EightByEightError, match=words) as caught:
        talk(*calls).list_users()
    assert caught.value.kind == kind


def test_pages_that_are_too_large_are_asked_for_smaller(talk: Talk) -> None:
    huge = Reply(200, b"[" + b"1," * 5_000_000 + b"1]")
    client = talk(Call(FIRST, huge), Call("GET /users?pageSize=100", page(raw_user(1))))
    assert names(client.list_users()) == ["p1"]


# -- Limits -------------------------------------------------------------------


def test_what_the_server_says_is_left_is_believed_before_it_is_429(talk: Talk, time: FakeTime) -> None:
    reset = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW) + 40)}
    client = talk(Call(FIRST, page(raw_user(1), scroll="a", **reset)), Call("GET /users?scrollId=a", page(raw_user(2))))
    client.list_users()
    assert time.naps == [40]


def test_a_server_that_wants_to_be_left_alone_for_long_is_not_waited_for(talk: Talk, time: FakeTime) -> None:
    reset = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW) + 10**6)}
    with pytest.raises(EightByEightError, match="takes no further request for 1000000 s, and retry_budget is 120 s"):
        talk(Call(FIRST, page(raw_user(1), scroll="a", **reset))).list_users()
    assert time.naps == []


def test_the_last_page_is_read_whatever_the_server_says_of_the_next_request(talk: Talk, time: FakeTime) -> None:
    reset = {"x_ratelimit_remaining": "0", "x_ratelimit_reset": str(int(NOW) + 10**6)}
    assert names(talk(Call(FIRST, page(raw_user(1), **reset))).list_users()) == ["p1"]
    assert time.naps == []


@given(st.lists(st.floats(0, 30), max_size=150))
def test_the_published_limits_are_kept_whenever_requests_come(pauses: list[float]) -> None:
    time = FakeTime()
    throttle, sent = Throttle(time.clock, 120), []
    for pause in pauses:
        time.now += pause
        throttle.wait()
        sent.append(time.now)
    for most, seconds in ((20, 10), (100, 60)):
        assert all(later - earlier >= seconds - 1e-6 for earlier, later in zip(sent, sent[most:], strict=False))


def test_a_few_requests_wait_for_nothing(time: FakeTime) -> None:
    throttle = Throttle(time.clock, 120)
    for _number in range(20):
        throttle.wait()
    assert time.naps == []
    throttle.wait()
    assert time.naps == [10]


# -- Refusals -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (
            problem(401),
            "key_rejected",
            "does not accept the key .GET /users answered 401.. Copy the key again from Admin",
        ),
        (problem(403, "FORBIDDEN"), "forbidden", "The API is in beta: only participants have keys, and the key needs"),
        (problem(404), "not_supported", "There is no Administration API at admin_api_url"),
        (problem(400, "VALIDATION_ERROR"), "refused", "Administration API: 8x8 refused GET /users with 400"),
        (Reply(200, HTML), "gateway", "admin_api_url is not its address"),
        (Reply(302, None, {"Location": "https://elsewhere"}), "redirect_refused", "Set admin_api_url"),
    ],
)
def test_refusals_say_what_to_do_and_never_the_key(talk: Talk, answer: Reply, kind: str, words: str) -> None:
    with pytest.raises(EightByEightError, match=words) as caught:
        talk(Call(FIRST, answer)).list_users()
    assert caught.value.kind == kind
    assert KEY not in json.dumps(caught.value.to_result())


@pytest.mark.parametrize("status", [408, 424, 500, 503])
def test_trouble_behind_the_api_passes(talk: Talk, status: int) -> None:
    client = talk(Call("GET /users/u1", problem(status)), Call("GET /users/u1", Reply(200, raw_user(1))))
    assert names([client.get_user("u1")]) == ["p1"]


def test_trouble_that_stays_is_told(talk: Talk) -> None:
    with pytest.raises(
        EightByEightError, match="Administration API: GET /users answered 503: the server is in trouble"
    ):
        talk(Call(FIRST, problem(503)), retry_budget=0).list_users()


def test_somebody_who_is_not_there_is_nobody_and_an_id_stays_on_its_path(talk: Talk) -> None:
    client = talk(Call("GET /users/a%2F..%2Fb", problem(404, "NOT_FOUND")))
    assert client.get_user("a/../b") is None
    for odd in ("", "..", "\ud800", "x" * 2000):
        with pytest.raises(BadOptionError):
            client.get_user(odd)


def test_an_answer_about_somebody_else_is_refused(talk: Talk) -> None:
    with pytest.raises(EightByEightError, match="8x8 was asked for the user u1, and answered with u2"):
        talk(Call("GET /users/u1", Reply(200, raw_user(2)))).get_user("u1")


# -- Users --------------------------------------------------------------------


def test_a_user_has_no_more_than_is_asked_for() -> None:
    user = read_user(raw_user())
    assert user.view() == {
        "user_id": "u1",
        "user_name": "p1@example.org",
        "status": "ACTIVE",
        "site": "London",
        "scim_provider": None,
        "sso_provider": None,
        "licenses": [{"name": "X Series X2", "country": "US"}],
        "extensions": [{"type": "UC", "extension_number": "1001", "phone_number": None}],
        "displayed_in_directory": False,
        "profile_policy": "Everybody",
    }
    assert (user.active, user.has_license, user.has_line) == (True, True, True)
    assert "activate-me" not in str(user) and "00:00" not in str(user)


@pytest.mark.parametrize(("name", "counted"), [("X Series X2", True), ("DID - Local", False), ("Global did", False)])
def test_a_license_that_comes_with_a_number_does_not_count(name: str, counted: bool) -> None:
    assert license_counts(name) is counted


@pytest.mark.parametrize(
    "parts",
    [
        {"basicInfo": None},
        {"basicInfo": {"userId": "1"}},
        {"basicInfo": {"userId": 1, "userName": "a"}},
        {"serviceInfo": []},
        {"serviceInfo": {"licenses": "many"}},
        {"serviceInfo": {"licenses": ["X2"]}},
        {"directoryInfo": {"displayInDirectory": "yes"}},
        {"assignmentInfo": {"profilePolicy": "Everybody"}},
    ],
)
def test_what_is_no_user_is_told(parts: dict[str, Any]) -> None:
    with pytest.raises(EightByEightError) as caught:
        read_user(raw_user(**parts))
    assert caught.value.kind == "bad_answer"


@pytest.mark.parametrize("shown", [True, False])
def test_what_a_list_holds_back_is_read_from_each_of_a_few(talk: Talk, shown: bool) -> None:
    bare = [raw_user(number, serviceInfo=None, assignmentInfo=None) for number in range(1, 9)]
    whole = [raw_user(number) if shown and number == 7 else bare[number - 1] for number in range(1, 9)]
    calls = [Call(f"GET /users/u{number}", Reply(200, whole[number - 1])) for number in range(1, 9)]
    users = everybody(talk(Call(FIRST, page(*bare)), *calls))
    assert [user.has_license for user in users] == [shown and number == 7 for number in range(1, 9)]


@pytest.mark.parametrize("shown", [True, False])
def test_of_many_a_sample_is_read_and_what_it_does_not_show_is_not_known_of_the_others(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, shown: bool
) -> None:
    monkeypatch.setattr(people, "_SAMPLE_SIZE", 5)
    bare = [raw_user(number, serviceInfo=None, assignmentInfo=None) for number in range(1, 9)]
    read = [*(sampled := [1, 3, 5, 6, 8]), *([2, 4, 7] if shown else [])]
    calls = [
        Call(f"GET /users/u{number}", Reply(200, raw_user(number) if shown else bare[number - 1])) for number in read
    ]
    users = everybody(talk(Call(FIRST, page(*bare)), *calls))
    known = [True] * 8 if shown else [False if number in sampled else None for number in range(1, 9)]
    assert [user.has_license for user in users] == known
    assert [user.licenses is None for user in users] == [each is None for each in known]


# -- By login -----------------------------------------------------------------


def filtered(expression: str) -> str:
    return f"{FIRST}&filter={quote(expression, safe='')}"


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a@b", '"a@b"'), ("o'neil", '"o\'neil"'), ('a"b', "'a\"b'"), ("a\"b'c", None), ("a\\b", None), ("a\nb", None)],
)
def test_a_name_is_quoted_for_a_filter_or_cannot_be_asked_for(name: str, expected: str | None) -> None:
    assert quoted(name) == expected


@given(st.lists(st.text("abc,;()*@. '", min_size=1, max_size=70), max_size=80))
def test_filters_ask_for_everybody_once_and_are_never_too_long(logins: list[str]) -> None:
    filters = list(filters_for(logins))
    assert ",".join(filters) == ",".join(f"basicInfo.userName=={quoted(login)}" for login in logins)
    assert all(len(text) <= 2000 for text in filters)


def test_many_are_looked_for_with_one_request(talk: Talk) -> None:
    asked = ["P1@example.org", "p2@example.org", "nobody@example.org"]
    expression = ",".join(f'basicInfo.userName=="{name}"' for name in asked)
    found = by_login(talk(Call(filtered(expression), page(raw_user(1), raw_user(2)))), asked)
    assert [found.of(name) and found.of(name).user_id for name in asked] == ["u1", "u2", None]  # type: ignore[union-attr]


def test_a_filter_that_is_ignored_or_a_wildcard_finds_nobody_else(talk: Talk) -> None:
    found = by_login(talk(Call(filtered('basicInfo.userName=="p*"'), page(raw_user(1), raw_user(2)))), ["p*"])
    assert found.of("p*") is None
    assert not found.users


@pytest.mark.parametrize("name", ["p1@example.org", "a\"b'c"])
def test_where_the_server_does_not_filter_everybody_is_read(talk: Talk, name: str) -> None:
    refused = [Call(filtered(f'basicInfo.userName=="{name}"'), problem(400))] if quoted(name) else []
    found = by_login(talk(*refused, Call(FIRST, page(raw_user(1)))), [name])
    assert bool(found.named(name)) is (name == "p1@example.org")


def test_a_login_of_two_is_ambiguous(talk: Talk) -> None:
    twice = raw_user(2, basicInfo={**raw_user(1)["basicInfo"], "userId": "u2"})
    found = by_login(
        talk(Call(filtered('basicInfo.userName=="p1@example.org"'), page(raw_user(1), twice))), ["p1@example.org"]
    )
    with pytest.raises(EightByEightError, match="shows 2 users with the login p1@example.org: u1, u2") as caught:
        found.of("p1@example.org")
    assert caught.value.kind == "ambiguous"


# -- Options ------------------------------------------------------------------


def test_without_a_key_there_is_no_connection() -> None:
    assert connection_of(options(admin_api_key=" ")) is None
    connection = connection_of(options(admin_api_url="https://api.test/admin/"))
    assert connection is not None
    assert connection.base_url == "https://api.test/admin"
    assert KEY not in repr(connection)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"admin_api_url": "http://api.test"}, "admin_api_url must start with https://"),
        ({"admin_api_url": "https://u:p@api.test"}, "admin_api_url must not contain a user name or password"),
        ({"admin_api_url": "https://api.test/x?y"}, "admin_api_url must end before any"),
        ({"admin_api_url": "elsewhere"}, "admin_api_url must be a whole URL"),
        ({"admin_api_key": "a key of words"}, "admin_api_key contains white space"),
        ({"admin_api_url": f"https://api.test/{KEY}"}, "stands in admin_api_url"),
        ({"api_token": KEY}, "stands in api_token"),
        ({"timeout": 0}, "timeout must be"),
    ],
)
def test_what_cannot_be_right_is_refused_and_the_key_is_not_shown(more: dict[str, Any], words: str) -> None:
    with pytest.raises(BadOptionError, match=words) as caught:
        connection_of(options(**more))
    assert KEY not in caught.value.message
    assert TOKEN not in caught.value.message
