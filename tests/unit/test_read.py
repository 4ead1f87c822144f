# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looking without touching: users that match, and the tenant itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest
import requests
from requests import exceptions as wire

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError, EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._info.tenant import read_tenant
from ansible_collections.eightbyeight.scim.plugins.module_utils._info.users import read_users
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import (
    DEFAULT_EXTENSION_URN,
    ENTERPRISE_URN,
    KNOWN_EXTENSION_URNS,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    ALL_BUT_NAMES,
    BASE,
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
    scim_error,
    search,
)

PEOPLE = [
    resource("1", "zoe@example.org", externalId="7"),
    resource("2", "ada@example.org", active=False),
    resource("3", "Bob@example.org", **{DEFAULT_EXTENSION_URN: {"site": "Paris"}}),
    resource("4", "cy@example.org", **{DEFAULT_EXTENSION_URN: None, ENTERPRISE_URN: {"department": "R&D"}}),
]


def read(client: WritingClient, options: dict[str, Any]) -> dict[str, Any]:
    """Read where nothing is to be warned of."""
    found, warnings = read_users(client, options)
    assert warnings == []
    return found


def names(found: dict[str, Any]) -> list[str]:
    return [user["user_name"].split("@")[0] for user in found["users"]]


@pytest.mark.parametrize(
    ("options", "who"),
    [
        ({}, ["ada", "Bob", "cy", "zoe"]),
        ({"user_name": "ADA@example.org"}, ["ada"]),
        ({"user_name": "nobody@example.org"}, []),
        ({"user_id": "3"}, ["Bob"]),
        ({"user_id": "99"}, []),
        ({"user_id": "3", "user_name": "bob@example.org"}, ["Bob"]),
        ({"user_id": "3", "user_name": "zoe@example.org"}, []),
        ({"external_id": "7"}, ["zoe"]),
        ({"external_id": ""}, ["ada", "Bob", "cy"]),
        ({"active": True}, ["Bob", "cy", "zoe"]),
        ({"active": False}, ["ada"]),
        ({"site": "London"}, ["ada", "zoe"]),
        ({"site": "london"}, []),
        ({"site": ""}, ["cy"]),
        ({"department": "R&D"}, ["cy"]),
        ({"department": ""}, []),
        ({"site": "London", "active": False}, ["ada"]),
        ({"site": "Paris", "department": "R&D"}, []),
        ({"user_name": "ada@example.org", "active": True}, []),
        ({"user_id": "1", "site": "Paris"}, []),
        ({"filter": 'userName eq "bob@example.org"'}, ["Bob"]),
        ({"filter": 'userName eq "bob@example.org"', "site": "London"}, []),
        ({"filter": 'userName eq "x"'}, []),
    ],
)
@pytest.mark.parametrize("page_size", [100, 1])
def test_options_narrow_the_result_together(options: dict[str, Any], who: list[str], page_size: int) -> None:
    tenant = Tenant(*PEOPLE)
    tenant.page_size = page_size
    found = read(client_for(tenant), options)
    assert names(found) == who
    assert (found["total"], found["complete"]) == (len(who), True)
    assert list(found) == ["users", "total", "complete"]
    assert tenant.writes == []


@pytest.mark.parametrize("filters", ["refused", "ignored"])
def test_what_the_server_cannot_filter_is_filtered_here(filters: str) -> None:
    tenant = Tenant(*PEOPLE)
    tenant.filters = filters
    found = read(client_for(tenant), {"user_name": "bob@example.org"})
    assert (names(found), found["total"], found["complete"]) == (["Bob"], 1, True)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_users_are_sorted_by_the_login_name_however_its_accents_are_written(form: str) -> None:
    tenant = Tenant(
        *(resource(str(n), unicodedata.normalize(form, name)) for n, name in enumerate(("Émile", "zoe", "Ada")))
    )
    found = names(read(client_for(tenant), {}))
    assert [unicodedata.normalize("NFC", name) for name in found] == ["Ada", "zoe", "Émile"]


def test_the_total_is_what_the_server_announces_where_it_did_the_filtering(talk: Talk) -> None:
    client = talk(Call(page(), Reply(200, listing(*PEOPLE, total=9))), Call(page(5), Reply(200, listing(total=9))))
    found = read(client, {})
    assert (len(found["users"]), found["total"], found["complete"]) == (4, 9, False)


def test_the_total_is_counted_where_the_server_does_not_say(talk: Talk) -> None:
    silent = {"Resources": PEOPLE}
    found = read(talk(Call(page(), Reply(200, silent)), Call(page(5), Reply(200, {}))), {})
    assert (found["total"], found["complete"]) == (4, False)


def test_a_user_who_is_not_proven_missing_is_not_complete(talk: Talk) -> None:
    found = read(talk(Call(search("x@y.z"), Reply(200, listing(total=1)))), {"user_name": "x@y.z"})
    assert found == {"users": [], "total": 0, "complete": False}


@pytest.mark.parametrize("name", ["user_name", "user_id", "filter"])
@pytest.mark.parametrize("value", ["", " ", "\ud800"])
def test_an_option_that_cannot_be_right_is_refused_before_anything_is_sent(talk: Talk, name: str, value: str) -> None:
    with pytest.raises(BadOptionError, match=name):
        read(talk(), {name: value})


RAW = "&filter=title%20pr"


@pytest.mark.parametrize("answer", [refusal(400, "no such filter", "invalidFilter"), refusal(501), refusal(405)])
def test_a_refused_filter_is_a_failure_and_no_empty_list(talk: Talk, answer: Reply) -> None:
    with pytest.raises(EightByEightError, match="refuses the filter 'title pr'") as caught:
        read(talk(Call(page() + RAW, answer)), {"filter": "title pr"})
    assert caught.value.kind == "filter_refused"
    assert caught.value.status == answer.status


@pytest.mark.parametrize("total", [4, "absent"])
def test_an_ignored_filter_is_a_failure_and_not_everybody(total: Any) -> None:
    tenant = Tenant(*PEOPLE)
    tenant.filters = "ignored"
    if total == "absent":
        whole = tenant._list

        def silent(query: Any) -> Reply:
            answer = whole(query)
            del answer.body["totalResults"]
            return answer

        tenant._list = silent  # type: ignore[method-assign]
    with pytest.raises(EightByEightError, match="ignores the filter") as caught:
        read(client_for(tenant), {"filter": "title pr"})
    assert caught.value.kind == "filter_ignored"


@pytest.mark.parametrize("options", [{}, {"filter": "title pr"}, {"user_name": "x@y.z"}, {"site": "London"}])
@pytest.mark.parametrize("body", [{}, {"message": "maintenance"}, scim_error(503)])
def test_what_is_no_list_is_a_failure_and_nobody_s_absence(body: dict[str, Any], options: dict[str, Any]) -> None:
    tenant = Tenant(*PEOPLE)
    tenant.before = lambda _request: Reply(200, body)
    with pytest.raises(EightByEightError) as caught:
        read(client_for(tenant), options)
    assert caught.value.kind == "bad_answer"


def test_a_filter_that_everybody_matches_is_no_ignored_filter(talk: Talk) -> None:
    tenant = Tenant(resource("1", "ada@example.org"))
    assert names(read(client_for(tenant), {"filter": 'userName eq "ada@example.org"'})) == ["ada"]


def test_a_filter_that_some_match_needs_no_second_thought(talk: Talk) -> None:
    client = talk(
        Call(page() + RAW, Reply(200, listing(*PEOPLE[:2]))),
        Call(page(3) + RAW, Reply(200, listing(total=2))),
        Call(page(count=1), Reply(200, listing(*PEOPLE[:1], total=4))),
    )
    assert read(client, {"filter": "title pr"})["total"] == 2


def test_another_trouble_with_a_filter_stays_what_it_is(talk: Talk) -> None:
    with pytest.raises(EightByEightError) as caught:
        read(talk(Call(page() + RAW, refusal(401))), {"filter": "title pr"})
    assert caught.value.kind == "token_rejected"


# -- The tenant ---------------------------------------------------------------

KEYS = [
    "tenant",
    "reachable",
    "authenticated",
    "readable",
    "problem",
    "users",
    "sites",
    "page_size",
    "filters",
    "discovery",
    "versions",
    "extension_urns",
    "round_trip_ms",
]


def test_a_tenant_that_is_well() -> None:
    tenant = Tenant(*PEOPLE)
    tenant.page_size = 3
    found = read_tenant(client_for(tenant))[0]
    assert found.pop("round_trip_ms") == 0.0
    assert found == {
        "tenant": BASE,
        "reachable": True,
        "authenticated": True,
        "readable": True,
        "problem": None,
        "users": {"total": 4, "visible": 4, "active": 3, "inactive": 1, "complete": True, "whole": True},
        "sites": {"London": 2, "Paris": 1},
        "page_size": 3,
        "filters": {"user_name": "honored", "external_id": "honored", "active": "refused"},
        "discovery": {"service_provider_config": False, "resource_types": False, "schemas": False},
        "versions": False,
        "extension_urns": [DEFAULT_EXTENSION_URN],
    }
    assert tenant.writes == []


def asked(request: requests.PreparedRequest) -> str:
    return str(request.url)


def extracts() -> Tenant:
    """Return a tenant whose listings show less of users than their own addresses do (fact sheet 2.7a)."""
    tenant = Tenant(*PEOPLE)
    tenant.held_back = ALL_BUT_NAMES
    return tenant


@pytest.mark.parametrize(
    ("options", "who"),
    [
        ({"site": "London"}, ["ada", "zoe"]),
        ({"site": ""}, ["cy"]),
        ({"external_id": "7"}, ["zoe"]),
        ({"department": "R&D"}, ["cy"]),
        ({"site": "London", "active": False}, ["ada"]),
        ({"user_name": "bob@example.org", "site": "Paris"}, ["Bob"]),
    ],
)
def test_what_a_listing_does_not_show_is_read_before_it_is_compared(options: dict[str, Any], who: list[str]) -> None:
    found = read(client_for(extracts()), options)
    assert (names(found), found["complete"]) == (who, True)
    assert [user["title"] for user in found["users"]] == ["Analyst"] * len(who)


def test_somebody_who_is_looked_up_is_shown_whole() -> None:
    (ada,) = read(client_for(extracts()), {"user_name": "ada@example.org"})["users"]
    assert (ada["site"], ada["title"]) == ("London", "Analyst")


def test_somebody_who_leaves_between_two_reads_is_nobody() -> None:
    tenant = extracts()
    tenant.before = lambda request: refusal(404) if asked(request).endswith("/Users/2") else None
    assert names(read(client_for(tenant), {"site": "London"})) == ["zoe"]


@pytest.mark.parametrize("body", [refusal(404), Reply(404, HTML)])
@pytest.mark.parametrize("options", [{"site": ""}, {"user_name": "cy@example.org"}])
def test_who_is_shown_and_has_no_address_is_told_as_shown(options: dict[str, Any], body: Reply) -> None:
    """A 404 to the address of somebody who is in the listing does not make that person one who is not there."""
    tenant = extracts()
    tenant.before = lambda request: body if asked(request).endswith("/Users/4") else None
    found = read(client_for(tenant), options)
    assert ("cy" in names(found), found["complete"]) == (True, False)


def test_nobody_who_could_tell_is_no_extract() -> None:
    """Whoever vanishes before the second read says nothing about the listing."""
    tenant = extracts()
    tenant.before = lambda request: refusal(404) if "/Users/" in asked(request) else None
    assert len(read(client_for(tenant), {})["users"]) == 4


@pytest.mark.parametrize("name", ["user_name", "user_id", "external_id", "site", "department"])
def test_a_list_or_a_dictionary_is_no_answer_of_nobody(talk: Talk, name: str) -> None:
    for value in ({"user_name": "ada@example.org"}, ["ada@example.org"]):
        with pytest.raises(BadOptionError, match=f"{name} must be text, not a list or a dictionary"):
            read(talk(), {name: str(value)})


@pytest.mark.parametrize("options", [{}, {"active": True}])
def test_a_listing_of_extracts_is_told_as_one(options: dict[str, Any]) -> None:
    found, warnings = read_users(client_for(extracts()), options)
    assert len(found["users"]) == 4 - len(options)
    (warning,) = warnings
    assert "does not show users whole" in warning


def test_a_tenant_that_lists_extracts_says_so() -> None:
    found = read_tenant(client_for(extracts()))[0]
    assert (found["users"]["whole"], found["sites"]) == (False, {})


@pytest.mark.parametrize("name", ["user_name", "user_id"])
@pytest.mark.parametrize("value", ["ada@example.org\n", " 2", "2 "])
def test_white_space_around_a_name_is_no_answer_of_nobody(talk: Talk, name: str, value: str) -> None:
    with pytest.raises(BadOptionError, match="begins or ends with white space"):
        read(talk(), {name: value})


def test_the_time_of_the_first_answer_is_told(time: FakeTime) -> None:
    tenant = Tenant(*PEOPLE)

    def slow(_request: requests.PreparedRequest) -> None:
        time.now += 0.08347

    tenant.before = slow
    assert read_tenant(client_for(tenant, time))[0]["round_trip_ms"] == 83.5


@pytest.mark.parametrize(("filters", "verdict"), [("refused", "refused"), ("ignored", "ignored")])
def test_what_becomes_of_filters(filters: str, verdict: str) -> None:
    tenant = Tenant(*PEOPLE)
    tenant.filters = filters
    assert read_tenant(client_for(tenant))[0]["filters"] == dict.fromkeys(
        ("user_name", "external_id", "active"), verdict
    )


def test_each_filter_is_tried_by_itself_and_matches_nobody() -> None:
    tenant = Tenant(*PEOPLE)
    seen: list[str] = []

    def judge(request: requests.PreparedRequest) -> Reply | None:
        url = asked(request)
        if "filter=" not in url:
            return None
        seen.append(unquote(url.split("filter=")[1]))
        return Reply(200, listing())

    tenant.before = judge
    verdicts = read_tenant(client_for(tenant))[0]["filters"]
    assert verdicts == {"user_name": "unreliable", "external_id": "honored", "active": "honored"}, (
        "it finds nobody at all"
    )
    (by_name, by_id, by_active, proof) = seen
    assert proof.startswith('userName eq "')
    assert by_name.startswith('userName eq "')
    assert by_id.startswith('externalId eq "')
    # Somebody is inactive, so a server that only minds the first half would show the active ones.
    assert by_active.startswith('active eq true and userName eq "')


def test_a_filter_on_active_asks_for_what_somebody_is() -> None:
    tenant = Tenant(resource())
    seen: list[str] = []
    tenant.before = lambda request: seen.append(asked(request))
    tenant.filters = "ignored"
    read_tenant(client_for(tenant))[0]
    assert any("active%20eq%20false" in url for url in seen)


@pytest.mark.parametrize("trouble", [refusal(500), wire.ReadTimeout(), refusal(429), refusal(403)])
def test_a_filter_that_meets_trouble_is_unknown(trouble: Any) -> None:
    tenant = Tenant(*PEOPLE)
    tenant.before = lambda request: trouble if "filter=" in asked(request) else None
    found = read_tenant(client_for(tenant, retry_budget=0.0))[0]
    assert found["readable"]
    assert set(found["filters"].values()) == {None}


def test_nobody_to_try_a_filter_on() -> None:
    found = read_tenant(client_for(Tenant()))[0]
    assert set(found["filters"].values()) == {None}
    assert (found["users"]["complete"], found["versions"], found["extension_urns"]) == (True, None, [])


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (Reply(200, {"schemas": []}), True),
        (refusal(404), False),
        (refusal(403), False),
        (Reply(200, HTML), False),
        (refusal(500), None),
        (wire.ReadTimeout(), None),
        # Too many requests says nothing about the endpoint.
        (refusal(429), None),
    ],
)
def test_what_becomes_of_discovery(answer: Any, verdict: bool | None) -> None:
    tenant = Tenant(*PEOPLE)
    tenant.before = lambda request: None if "/Users" in asked(request) else answer
    found = read_tenant(client_for(tenant, retry_budget=0.0))[0]
    assert found["discovery"] == dict.fromkeys(("service_provider_config", "resource_types", "schemas"), verdict)


def test_versions_and_extension_urns_are_found_in_users() -> None:
    other = KNOWN_EXTENSION_URNS[1]
    tenant = Tenant(*PEOPLE, resource("5", "e@x", meta={"version": "v1"}, **{other: {}, "urn:unknown": {}}))
    found = read_tenant(client_for(tenant))[0]
    assert found["versions"] is True
    assert found["extension_urns"] == sorted([DEFAULT_EXTENSION_URN, other])


NOBODY = {"total": None, "visible": None, "active": None, "inactive": None, "complete": False, "whole": None}


@pytest.mark.parametrize(
    ("trouble", "reachable", "authenticated", "kind"),
    [
        (refusal(401), True, False, "token_rejected"),
        (refusal(403), True, None, "forbidden"),
        (refusal(404), True, None, "wrong_customer"),
        (Reply(200, HTML), True, None, "gateway"),
        (Reply(200, {}), True, None, "bad_answer"),
        (Reply(200, {"message": "maintenance"}), True, None, "bad_answer"),
        (Reply(200, scim_error(503)), True, None, "bad_answer"),
        (refusal(503), True, None, "server_error"),
        (wire.ConnectionError("Failed to resolve"), False, None, "unreachable"),
        (wire.SSLError("certificate verify failed"), False, None, "tls"),
        (wire.ReadTimeout(), False, None, "timeout"),
    ],
)
def test_a_tenant_in_trouble_is_an_answer(trouble: Any, reachable: bool, authenticated: bool | None, kind: str) -> None:
    tenant = Tenant(*PEOPLE)
    tenant.before = lambda _request: trouble
    found = read_tenant(client_for(tenant, retry_budget=0.0))[0]
    assert list(found) == KEYS
    assert (found["reachable"], found["authenticated"], found["readable"]) == (reachable, authenticated, False)
    assert found["problem"]["kind"] == kind
    assert found["problem"]["message"]
    assert set(found["problem"]) == {"kind", "status", "scim_type", "detail", "method", "path", "message"}
    assert found["users"] == NOBODY
    assert found["filters"] == {"user_name": None, "external_id": None, "active": None}


def test_a_tenant_whose_listing_breaks_after_the_first_page(talk: Talk) -> None:
    client = talk(Call(page(), Reply(200, listing(*PEOPLE, total=9))), Call(page(5), refusal(403)))
    found = read_tenant(client)[0]
    assert (found["reachable"], found["readable"]) == (True, False)
    assert found["problem"]["kind"] == "forbidden"
    assert found["users"] == NOBODY


def test_both_kinds_of_reading_keep_their_keys(talk: Talk) -> None:
    makers: list[Callable[[], dict[str, Any]]] = [
        lambda: read_tenant(client_for(Tenant(*PEOPLE)))[0],
        lambda: read_tenant(client_for(Tenant()))[0],
    ]
    for make in makers:
        assert list(make()) == KEYS


def tenant_of_pages(filters: str = "honored") -> Tenant:
    tenant = Tenant(*[resource(str(n), f"u{n}@example.org", externalId=f"e{n}") for n in range(1, 60)])
    tenant.page_size, tenant.filters = 10, filters
    return tenant


def by_external_id(tenant: Tenant, *external_ids: str) -> list[list[str]]:
    """Ask for each as a loop does, on one session."""
    client = client_for(tenant)
    return [names(read(client, {"external_id": each})) for each in external_ids]


def test_an_external_id_is_asked_for_by_the_filter_once_that_is_proven() -> None:
    tenant = tenant_of_pages()
    assert by_external_id(tenant, "e55", "e56", "nobody's") == [["u55"], ["u56"], []]
    assert len(tenant.log) == 2 + 3


@pytest.mark.parametrize("filters", ["refused", "ignored"])
def test_where_that_filter_cannot_be_believed_everybody_is_read(filters: str) -> None:
    tenant = tenant_of_pages(filters)
    assert by_external_id(tenant, "e55") == [["u55"]]
    assert len(tenant.log) <= 6 + 1 + 6


def test_an_answer_without_anybody_proves_nothing() -> None:
    tenant = tenant_of_pages()
    tenant.before = lambda request: Reply(200, listing(total=0)) if "filter" in str(request.url) else None
    assert by_external_id(tenant, "e55") == [["u55"]]
