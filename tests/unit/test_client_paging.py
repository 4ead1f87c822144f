# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client: reading pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.tests.unit.clients import everybody
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    Call,
    FakeTime,
    Reply,
    Tenant,
    client_for,
    listing,
    page,
    resource,
    scim_error,
    search,
)

#: What each page brings and announces; who is read, whether it adds up; where the pages begin.
PAGING: dict[str, tuple[list[tuple[list[Any], Any]], int, bool, list[int]]] = {
    "one page": ([(everybody(1, 3), 3), ([], 3)], 3, True, [1, 4]),
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
    "more than announced": ([(everybody(1, 5), 4), ([], 4)], 5, False, [1, 6]),
    "more than announced, and others behind": (
        [(everybody(1, 5), 7), (everybody(5, 9), 7), (everybody(10, 12), 7)],
        12,
        False,
        [1, 6, 11],
    ),
    "announced as text": ([(everybody(1, 5), "5"), ([], "5")], 5, True, [1, 6]),
    "announced nothing": ([(everybody(1, 5), "absent"), ([], "absent")], 5, False, [1, 6]),
    "announced null": ([(everybody(1, 5), None), ([], None)], 5, False, [1, 6]),
    "announced nonsense": ([(everybody(1, 5), "many"), ([], [])], 5, False, [1, 6]),
    "announced without end": ([(everybody(1, 5), float("inf")), ([], float("inf"))], 5, False, [1, 6]),
    "a total that grows": ([(everybody(1, 5), 9), (everybody(6, 10), 10), ([], 10)], 10, False, [1, 6, 11]),
    "a total that stops counting": (
        [(everybody(1, 5), 10), (everybody(6, 10), 10), (everybody(11, 15), 10), (everybody(16, 17), 10)],
        17,
        False,
        [1, 6, 11, 16],
    ),
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


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize(("shown", "complete"), [((1, 1), False), ((1, 5), True), ((2, 2), True)])
def test_a_server_that_does_not_turn_pages_shows_everybody_or_hides_the_rest(
    talk: Talk, workers: int, shown: tuple[int, int], complete: bool
) -> None:
    """Its total is what it shows, so that everybody behind the first page would be overlooked, or taken for missing."""
    first = Reply(200, listing(*everybody(1, 5)))
    calls = [Call(page(), first), Call(page(6), first), Call(page(2, 1), Reply(200, listing(*everybody(*shown))))]
    # What does not add up is read again, page after page.
    found = talk(*(calls if complete or workers == 1 else [*calls, *calls])).list_users(workers=workers)
    assert (len(found.users), found.complete) == (5, complete)


@pytest.mark.parametrize("total", ["2", " 2 ", 2.0])
def test_a_total_counts_in_every_way_of_writing_it(talk: Talk, total: Any) -> None:
    body = {**listing(*everybody(1, 2)), "totalResults": total}
    end = Call(page(3), Reply(200, {**listing(), "totalResults": total}))
    assert talk(Call(page(), Reply(200, body)), end).list_users().complete


@pytest.mark.parametrize("body", [{"totalResults": 0}, {"totalResults": 0, "Resources": None}])
def test_a_list_of_nobody_needs_no_resources(talk: Talk, body: dict[str, Any]) -> None:
    found = talk(Call(page(), Reply(200, body))).list_users()
    assert (found.users, found.announced, found.complete) == ([], 0, True)


def test_resources_that_are_missing_although_announced_do_not_add_up(talk: Talk) -> None:
    assert talk(Call(page(), Reply(200, {"totalResults": 3}))).list_users().complete is False


@pytest.mark.parametrize("body", [{"Resources": "x"}, {"Resources": {"id": "1"}}])
def test_a_listing_that_is_no_list_is_an_error(talk: Talk, body: dict[str, Any]) -> None:
    with pytest.raises(EightByEightError, match="not a SCIM list") as caught:
        talk(Call(page(), Reply(200, body))).list_users()
    assert (caught.value.kind, caught.value.path) == ("bad_answer", "/Users")


#: Objects with a 200 that are no listing (RFC 7644 section 3.4.2: totalResults is required), and what they say went wrong.
NO_LISTS: list[tuple[dict[str, Any], str | None]] = [
    ({}, None),
    ({"message": "maintenance"}, "maintenance"),
    ({"totalResults": None, "Resources": None}, None),
    (resource(), None),
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
    talk: Talk, target: str, write: Callable[[WritingClient], Any]
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
