# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client: looking somebody up, and a wrong customer."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import (
    EightByEightError,
    NotFoundError,
    RefusedError,
)
from ansible_collections.eightbyeight.scim.tests.unit.clients import everybody
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    HTML,
    Call,
    Reply,
    listing,
    page,
    refusal,
    resource,
    scim_error,
    search,
)

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
    # What some servers answer where they have nothing to list.
    (Reply(204), "bad_answer"),
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
    assert (caught.value.kind, client.lookups.filter_refused) == (kind, False)


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
        Call(page(3), Reply(200, listing(total=2))),
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
    answer, behind = Reply(200, listing(resource(user_name="eve@example.org"))), Reply(200, listing(total=1))
    client = talk(Call(search("ada@example.org"), answer), Call(page(), answer), Call(page(2), behind))
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
        # The last page was as full as the first, so that the total may be a limit.
        Call(page(3), Reply(200, listing(total=2))),
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
    first, witness = Reply(200, listing(resource(), total=9)), Call("GET /Users/1", Reply(200, resource()))
    client = talk(
        Call("GET /Users/x", refusal(404)),
        Call(page(count=1), first),
        witness,
        # The second time it is known that users have addresses.
        Call("GET /Users/y", refusal(404)),
        Call(page(count=1), first),
    )
    for user_id in "xy":
        with pytest.raises(NotFoundError) as caught:
            client.get_user(user_id)
        assert caught.value.kind == "user_not_found"


@pytest.mark.parametrize("answer", [refusal(404), Reply(404, HTML), Reply(404)])
@pytest.mark.parametrize(
    ("witness", "everybody_there", "kind"),
    [
        # Nobody can be read by id, so only the listing tells.
        ("1", listing(*everybody(1, 3)), "user_not_found"),
        ("1", listing(*everybody(1, 7)), "bad_answer"),
        ("1", listing(*everybody(1, 3), total=9), "bad_answer"),
        # The first user who is listed is the one who was asked for.
        ("7", listing(*everybody(7, 9)), "bad_answer"),
    ],
)
def test_a_404_to_the_address_of_somebody_who_is_listed_proves_nothing(
    talk: Talk, answer: Reply, witness: str, everybody_there: dict[str, Any], kind: str
) -> None:
    """Else a leaver who is named by id keeps access, and the task says that there was nothing to do."""
    asked = [] if witness == "7" else [Call(f"GET /Users/{witness}", answer)]
    some = len(everybody_there["Resources"])
    client = talk(
        Call("GET /Users/7", answer),
        Call(page(count=1), Reply(200, listing(resource(witness), total=9))),
        *asked,
        Call(page(), Reply(200, everybody_there)),
        Call(page(some + 1), Reply(200, listing(total=everybody_there["totalResults"]))),
    )
    with pytest.raises(EightByEightError) as caught:
        client.get_user("7")
    assert caught.value.kind == kind


def test_an_empty_tenant_has_no_user_by_any_id(talk: Talk) -> None:
    with pytest.raises(NotFoundError):
        talk(Call("GET /Users/x", refusal(404)), Call(page(count=1), NOBODY)).get_user("x")


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
