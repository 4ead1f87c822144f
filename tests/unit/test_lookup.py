# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An empty answer is believed only from a filter that was proven, and what a proof costs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._find.state import PROVEN, UNPROVEN, USELESS
from ansible_collections.eightbyeight.scim.plugins.module_utils._info.users import read_users
from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import DEFAULT_EXTENSION_URN
from ansible_collections.eightbyeight.scim.plugins.module_utils._user import ensure_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._wanted import Wanted
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.progress import Task
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    ALL_BUT_NAMES,
    BASE,
    FakeTime,
    ReadOnly,
    Reply,
    Tenant,
    client_for,
    listing,
    refusal,
    resource,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import roster

ADA = "ada@example.org"


def people(*names: str) -> list[dict[str, Any]]:
    return [resource(str(number), name) for number, name in enumerate(names, start=1)]


def crowd(number: int) -> list[dict[str, Any]]:
    return people(*(f"user{each}@example.org" for each in range(number)))


Finds = Callable[[Mapping[str, Any], str], bool]

#: How a server compares the name that is asked for with the one of a user.
SERVERS: dict[str, Finds] = {
    "by case": lambda raw, name: raw["userName"] == name,
    "only the question in lower case": lambda raw, name: raw["userName"] == name.lower(),
    "only the active": lambda raw, name: raw["userName"].lower() == name.lower() and raw["active"],
    "nobody": lambda _raw, _name: False,
    "everybody": lambda _raw, _name: True,
    "whoever begins alike": lambda raw, name: raw["userName"].lower()[:1] == name.lower()[:1],
}


def filtering(tenant: Tenant, finds: Finds) -> None:
    """Let a tenant compare login names in its own way."""

    def answer(request: requests.PreparedRequest) -> Reply | None:
        query = dict(parse_qsl(urlsplit(str(request.url)).query))
        if "filter" not in query:
            return None
        name = json.loads(query["filter"].split(" ", 2)[2])
        found = [raw for raw in tenant.users.values() if finds(raw, name)]
        start = int(query["startIndex"]) - 1
        return Reply(200, listing(*found[start : start + 100], total=len(found)))

    tenant.before = answer


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("name", ["GRACE@example.org", "grace@EXAMPLE.ORG", "gRACE@example.org"])
def test_somebody_who_is_there_is_found_whatever_the_filter_does(server: str, name: str) -> None:
    everybody = [*crowd(3), resource("g", "Grace@example.org", active=False), resource("z", "Zoe@example.org")]
    everybody[1]["active"] = False
    tenant = Tenant(*everybody)
    filtering(tenant, SERVERS[server])
    found, _proven = client_for(tenant).find_user(name)
    assert found is not None
    assert found.id == "g"


@pytest.mark.parametrize("server", SERVERS)
def test_somebody_who_is_not_there_is_proven_not_to_be_there(server: str) -> None:
    tenant = Tenant(*crowd(30))
    filtering(tenant, SERVERS[server])
    assert client_for(tenant).find_user("grace@example.org") == (None, True)


def test_a_loop_over_people_who_are_there_costs_one_request_each() -> None:
    tenant = Tenant(*crowd(30))
    client = client_for(tenant)
    for number in range(30):
        assert client.find_user(f"USER{number}@example.org")[0] is not None
    assert len(tenant.log) == 30


def test_a_proof_costs_two_requests_a_session() -> None:
    tenant = Tenant(*crowd(300))
    client = client_for(tenant)
    for number in range(20):
        assert client.find_user(f"joiner{number}@example.org") == (None, True)
    assert len(tenant.log) == 20 + 2
    assert client.lookups.filter == PROVEN


def test_a_proof_needs_no_sample_where_somebody_was_found() -> None:
    tenant = Tenant(*crowd(300))
    client = client_for(tenant)
    client.find_user("user7@example.org")
    assert client.find_user(ADA) == (None, True)
    assert len(tenant.log) == 3


def test_a_filter_that_fails_is_replaced_by_one_listing_a_session() -> None:
    tenant = Tenant(*crowd(250))
    filtering(tenant, SERVERS["by case"])
    client = client_for(tenant)
    for number in range(20):
        assert client.find_user(f"joiner{number}@example.org") == (None, True)
    assert len(tenant.log) == 1 + 2 + 3, "one search, the proof, and three pages"
    assert client.lookups.filter_refused
    found, _proven = client.find_user("User77@example.org")
    assert found is not None
    assert found.user_name == "user77@example.org"
    assert len(tenant.log) == 7, "and the user as it is now"


def test_a_listing_answers_for_five_minutes(time: FakeTime) -> None:
    tenant = Tenant(*crowd(3))
    tenant.filters = "refused"
    client = client_for(tenant, time)
    client.find_user(ADA)
    tenant.users["9"] = resource("9", ADA)
    assert client.find_user(ADA) == (None, True)
    time.now += 301
    found, _proven = client.find_user(ADA)
    assert found is not None


def test_who_was_created_here_is_in_the_listing_of_the_session() -> None:
    tenant = Tenant(*crowd(3))
    tenant.filters = "refused"
    client = client_for(tenant)
    assert client.find_user(ADA) == (None, True)
    client.create_user({"userName": ADA, "name": {}, "active": True})
    before = len(tenant.log)
    found, _proven = client.find_user(ADA.upper())
    assert found is not None
    assert len(tenant.log) == before + 1


@pytest.mark.parametrize("lost", [requests.ConnectionError("reset"), Reply(503), Reply(201, "[]")])
def test_after_a_creation_that_may_have_taken_place_the_listing_is_read_again(lost: Any) -> None:
    tenant = Tenant(*crowd(3))
    tenant.filters = "refused"
    client = client_for(tenant)
    client.find_user(ADA)
    tenant.before = lambda request: lost if request.method == "POST" else None
    with pytest.raises(EightByEightError):
        client.create_user({"userName": ADA})
    tenant.users["9"] = resource("9", ADA)
    assert client.find_user(ADA)[0] is not None


def test_who_left_the_listing_is_looked_for_again() -> None:
    tenant = Tenant(*crowd(3))
    tenant.filters = "refused"
    client = client_for(tenant)
    assert client.find_user("user0@example.org")[0] is not None
    del tenant.users["1"]
    assert client.find_user("user0@example.org") == (None, True)


def test_an_empty_tenant_is_proof_enough_and_the_filter_is_proven_later() -> None:
    tenant = Tenant()
    client = client_for(tenant)
    assert client.find_user(ADA) == (None, True)
    assert client.lookups.filter == UNPROVEN
    for number in range(10):
        assert client.find_user(f"joiner{number}@example.org") == (None, True)
        client.create_user({"userName": f"joiner{number}@example.org", "active": True})
    assert client.lookups.filter == PROVEN
    assert len(tenant.log) == 2 + 10 * 2 + 3, "the proof of the second joiner is the last one"


@pytest.mark.parametrize("server", ["by case", "nobody"])
def test_names_without_letters_are_no_proof(server: str) -> None:
    tenant = Tenant(*people(*(str(number) for number in range(1000, 1040)), "Grace@example.org"))
    filtering(tenant, SERVERS[server])
    client = client_for(tenant)
    found, _proven = client.find_user("grace@example.org")
    assert found is not None
    assert client.find_user(ADA) == (None, True)


def test_a_tenant_of_names_without_letters_costs_one_listing_a_session() -> None:
    tenant = Tenant(*people(*(str(number) for number in range(1000, 1040))))
    client = client_for(tenant)
    for number in range(2000, 2010):
        assert client.find_user(str(number)) == (None, True)
    assert [path for _verb, path in tenant.log] == ["/Users"] * (10 + 3), "a search each, one sample, one listing"


@pytest.mark.parametrize("name", ['o"hara@example.org', "back\\slash", "o'hara@example.org", "ada+1@example.org", "Ж"])
def test_a_refusal_of_one_odd_name_is_about_that_name(name: str) -> None:
    tenant = Tenant(*crowd(150), resource("odd", name))
    tenant.before = lambda request: (
        refusal(400, "bad filter", "invalidFilter")
        if "filter=" in str(request.url) and "user" not in str(request.url).split("eq", 1)[1]
        else None
    )
    client = client_for(tenant)
    for _again in range(3):
        found, _proven = client.find_user(name)
        assert found is not None
        assert found.id == "odd"
    assert not client.lookups.filter_refused
    assert len(tenant.log) == 3 + 2 + 2, "three refusals, the listing once, and the user as it is now twice"
    for number in range(10):
        assert client.find_user(f"user{number}@example.org")[0] is not None
    assert len(tenant.log) == 7 + 10


def test_a_server_that_stumbles_over_one_odd_name_costs_one_try_more() -> None:
    tenant = Tenant(*crowd(150), resource("odd", 'o"hara@example.org'))
    tenant.before = lambda request: refusal(500, "Parsing error") if "hara" in str(request.url) else None
    client = client_for(tenant, retry_budget=120)
    found, _proven = client.find_user('o"hara@example.org')
    assert found is not None
    assert found.id == "odd"
    assert not client.lookups.filter_refused
    assert len(tenant.log) == 2 + 1 + 2, "two tries, the question whether it is the filter, and the listing"


@pytest.mark.parametrize("name", ["Zoë@example.org", "zoe\u0308@example.org", "ada+1@example.org"])
def test_what_a_proof_does_not_cover_is_looked_for_in_the_listing(name: str) -> None:
    """SQLite compares ASCII without case and nothing else; some servers read a plus as a blank."""
    tenant = Tenant(*crowd(3), resource("z", "ZOË@example.org"), resource("p", "ADA+1@example.org"))
    filtering(
        tenant, lambda raw, wanted: raw["userName"].isascii() and raw["userName"].lower() == wanted.lower() != name
    )
    found, _proven = client_for(tenant).find_user(name)
    assert found is not None
    assert found.id in ("z", "p")


def test_two_who_differ_by_a_sharp_s_do_not_make_a_filter_useless() -> None:
    tenant = Tenant(*crowd(3), resource("s", "straße@example.org"))
    filtering(tenant, lambda raw, name: raw["userName"].casefold() == name.casefold())
    client = client_for(tenant)
    assert client.find_user("strasse@example.org") == (None, True)
    assert client.lookups.filter == PROVEN


def test_a_proven_filter_that_overlooks_somebody_is_not_proven_any_more() -> None:
    tenant = Tenant(*crowd(30))
    client = client_for(tenant)
    assert client.find_user(ADA) == (None, True)
    tenant.users["9"] = resource("9", ADA)
    filtering(tenant, lambda raw, name: raw["userName"] == name != ADA)
    assert client.find_user(ADA) == (None, True)
    found, _proven = client.find_user(ADA, by_listing=True)
    assert found is not None
    assert client.lookups.filter == USELESS


def test_a_refusal_of_the_proof_is_the_servers() -> None:
    tenant = Tenant(*crowd(30), resource("g", "Grace@example.org"))
    tenant.before = lambda request: refusal(400, "no", "invalidFilter") if "USER" in str(request.url) else None
    client = client_for(tenant)
    assert client.find_user(ADA) == (None, True)
    assert client.lookups.filter_refused


# -- A listing that is refuted ------------------------------------------------


def only_these(*resources: dict[str, Any]) -> Callable[[Any], Reply | None]:
    """Answer every listing with these users on its first page, and with nobody behind it."""

    def answer(request: Any) -> Reply | None:
        url = str(request.url)
        if not url.endswith("count=100"):
            return None
        return Reply(200, listing(*(resources if "startIndex=1&" in url else ()), total=len(resources)))

    return answer


@pytest.mark.parametrize("by", ["name", "id"])
def test_who_was_found_and_is_not_listed_proves_a_listing_incomplete(by: str) -> None:
    tenant = Tenant(*crowd(30), resource("hidden", ADA))
    tenant.before = only_these(*crowd(30))
    client = client_for(tenant)
    assert client.list_users().complete
    if by == "name":
        client.find_user(ADA)
    else:
        client.get_user("hidden")
    assert not client.list_users().complete


def test_who_was_created_here_may_be_missing_in_a_listing() -> None:
    tenant = Tenant(*crowd(30))
    client = client_for(tenant)
    answer = client.create_user({"userName": ADA, "active": True})
    client.get_user(str((answer.data or {})["id"]))
    tenant.before = only_these(*crowd(30))
    assert client.list_users().complete


# -- A total that is the size of a page ---------------------------------------


@pytest.mark.parametrize("size", [1, 3, 7, 10, 16, 37, 50, 83, 100])
@pytest.mark.parametrize("total", ["of the page", "so far"])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_total_that_is_the_size_of_a_page_hides_nobody(size: int, total: str, workers: int) -> None:
    everybody = crowd(250)
    tenant = Tenant(*everybody)

    def answer(request: requests.PreparedRequest) -> Reply:
        start = int(dict(parse_qsl(urlsplit(str(request.url)).query))["startIndex"]) - 1
        part = everybody[start : start + size]
        return Reply(200, listing(*part, total=len(part) + (start if total == "so far" else 0)))

    tenant.before = answer
    found = client_for(tenant).list_users(workers=workers)
    assert len(found.users) == 250
    assert not found.complete, "nobody may be removed because of it"


@pytest.mark.parametrize(
    ("number", "requests_sent"), [(0, 1), (1, 2), (7, 2), (40, 2), (99, 2), (100, 2), (130, 2), (200, 3), (500, 6)]
)
@pytest.mark.parametrize("workers", [1, 4])
def test_one_page_more_is_asked_for_where_the_total_ends_with_a_full_page(
    number: int, requests_sent: int, workers: int
) -> None:
    tenant = Tenant(*crowd(number))
    client = client_for(tenant)
    found = client.list_users(workers=workers)
    assert (len(found.users), found.complete, len(tenant.log)) == (number, True, requests_sent)
    # Once a session: the second listing believes the total.
    tenant.log.clear()
    assert client.list_users(workers=workers).complete
    assert len(tenant.log) == max(1, math.ceil(number / 100))


@pytest.mark.parametrize("size", [10, 50, 100])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_total_that_stops_counting_behind_the_first_page_hides_nobody(size: int, workers: int) -> None:
    everybody = crowd(250)
    tenant = Tenant(*everybody)

    def answer(request: requests.PreparedRequest) -> Reply:
        start = int(dict(parse_qsl(urlsplit(str(request.url)).query))["startIndex"]) - 1
        return Reply(200, listing(*everybody[start : start + size], total=200))

    tenant.before = answer
    found = client_for(tenant).list_users(workers=workers)
    assert len(found.users) == 250
    assert not found.complete, "nobody may be removed because of it"


@pytest.mark.parametrize("workers", [1, 4])
def test_pages_that_overlap_add_up_to_no_total_that_stops_counting(workers: int) -> None:
    """Those behind the last page make good for those who came twice, so that the count is right by chance."""
    everybody = crowd(250)
    tenant = Tenant(*everybody)

    def answer(request: requests.PreparedRequest) -> Reply:
        start = int(dict(parse_qsl(urlsplit(str(request.url)).query))["startIndex"]) - 1
        start -= 50 * (start // 100)
        return Reply(200, listing(*everybody[start : start + 100], total=200))

    tenant.before = answer
    assert not client_for(tenant).list_users(workers=workers).complete


@pytest.mark.parametrize("behind", ["last page", "first page", 400, 404, 416, 500])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_server_that_has_no_page_behind_the_last_stays_usable(behind: str | int, workers: int) -> None:
    tenant = Tenant(*crowd(200))

    def answer(request: requests.PreparedRequest) -> Reply | None:
        if "startIndex=201" not in str(request.url):
            return None
        if isinstance(behind, int):
            return refusal(behind)
        return Reply(200, listing(*(crowd(200)[100:] if behind == "last page" else crowd(100)), total=200))

    tenant.before = answer
    client = client_for(tenant)
    assert [client.list_users(workers=workers).complete for _time in range(2)] == [True, True]
    # The second listing believes the total. A 500 is tried twice.
    assert len(tenant.log) == 2 + (2 if behind == 500 else 1) + 2


def test_the_size_that_was_asked_for_proves_nothing() -> None:
    """Some servers repeat it as itemsPerPage, whatever they hold, and their pages are smaller all the same."""
    everybody = crowd(60)
    tenant = Tenant(*everybody)
    tenant.before = lambda request: Reply(
        200,
        {**listing(*(everybody[30:] if "startIndex=31" in str(request.url) else everybody[:30])), "itemsPerPage": 100},
    )
    found = client_for(tenant).list_users()
    assert (len(found.users), found.complete) == (60, False)


def test_a_look_up_by_name_asks_for_no_page_more() -> None:
    tenant = Tenant(*people("ADA@example.org", "u2@example.org"))
    client = client_for(tenant)
    found, _proven = client.find_user("ada@example.org")
    assert found is not None
    assert len(tenant.log) == 1


def test_the_few_whom_a_filter_finds_do_not_prove_that_everybody_fits_into_a_page() -> None:
    everybody = crowd(60)
    tenant = Tenant(*everybody)

    def answer(request: requests.PreparedRequest) -> Reply | None:
        query = dict(parse_qsl(urlsplit(str(request.url)).query))
        start = int(query["startIndex"]) - 1
        return None if "filter" in query else Reply(200, listing(*everybody[start : start + 30]))

    tenant.before = answer
    client = client_for(tenant)
    expression = f'userName eq "{everybody[0]["userName"]}"'
    for requests_sent in (2, 1):
        tenant.log.clear()
        assert len(client.list_users(expression).users) == 1
        assert len(tenant.log) == requests_sent, "once for as many"
    assert len(client.list_users().users) == 60


def test_a_list_that_only_verifies_costs_no_page_more() -> None:
    tenant = Tenant(*crowd(40))
    client = client_for(tenant)
    assert client.list_users(believe_total=True).complete
    assert len(tenant.log) == 1
    assert client.list_users().complete
    assert len(tenant.log) == 3


@pytest.mark.parametrize(
    "answer", [refusal(400), refusal(404), refusal(416), Reply(500), listing(*crowd(100)), listing()]
)
def test_a_server_that_has_nothing_behind_its_last_page_is_believed(answer: Any) -> None:
    tenant = Tenant(*crowd(100))
    reply = answer if isinstance(answer, Reply) else Reply(200, {**answer, "totalResults": 0})
    tenant.before = lambda request: reply if "startIndex=101" in str(request.url) else None
    found = client_for(tenant).list_users()
    assert (len(found.users), found.complete) == (100, True)
    assert len(tenant.log) <= 3


# -- What a suspicion costs ---------------------------------------------------


def bare(number: int) -> list[dict[str, Any]]:
    """Return users of whom nobody has anything that a listing may hold back."""
    shown = ("id", "userName", "name", "emails", "active", "meta")
    return [{name: value for name, value in raw.items() if name in shown} for raw in crowd(number)]


def test_a_tenant_where_nobody_has_a_site_is_not_read_user_by_user() -> None:
    tenant = Tenant(*bare(30))
    client = client_for(tenant)
    for requests_sent in (2 + 3, 1):
        tenant.log.clear()
        result, _warnings = read_users(client, {"site": "London"})
        assert (result["users"], result["complete"], len(tenant.log)) == ([], True, requests_sent)


def test_a_roster_in_a_tenant_where_nobody_has_a_title_is_not_read_user_by_user() -> None:
    tenant = Tenant(*bare(30))
    rows = [{"user_name": f"user{number}@example.org", "title": "", "site": ""} for number in range(30)]
    told = roster(ReadOnly(tenant), rows)
    assert (told.error, told.result["changed"], len(tenant.log)) == (None, False, 1 + 3)


def test_a_listing_without_sites_is_read_user_by_user_where_a_sample_shows_one() -> None:
    everybody = bare(30)
    everybody[-1]["title"] = "Boss"
    everybody[10][DEFAULT_EXTENSION_URN] = {"site": "London"}
    tenant = Tenant(*everybody)
    tenant.held_back = ALL_BUT_NAMES
    result, _warnings = read_users(client_for(tenant), {"site": "London"})
    assert [user["user_name"] for user in result["users"]] == ["user10@example.org"]
    assert len(tenant.log) == 2 + 30


def test_a_loop_over_people_of_whom_nothing_shows_costs_one_request_each_after_a_few() -> None:
    tenant = Tenant(*bare(30))
    client = client_for(tenant)
    for number in range(30):
        options = {"user_name": f"user{number}@example.org", "title": "", "state": "present"}
        report = ensure_user(Task(client, Wanted.from_options(options), Memory(BASE)))
        assert report.result["operation"] == "unchanged"
    assert len(tenant.log) == 30 + 3
    for number in range(30):
        read_users(client, {"user_name": f"user{number}@example.org"})
    assert len(tenant.log) == 60 + 3


def test_an_address_that_a_listing_leaves_out_is_read_of_the_user() -> None:
    tenant = Tenant(*crowd(3))
    tenant.held_back = ("emails",)
    options = {"user_name": "user1@example.org", "title": "Boss", "state": "present"}
    told = ensure_user(Task(client_for(tenant), Wanted.from_options(options), Memory(BASE))).result
    assert told["operation"] == "updated"
    assert (told["user"]["title"], told["user"]["email"]) == ("Boss", "ada@example.org")
    assert tenant.users[told["user"]["id"]]["emails"]
