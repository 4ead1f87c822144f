# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What eightbyeight_tenant_info gathers, what that costs, and how large the pages are that are asked for."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.empty import TENANT
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError, EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._info.tenant import read_tenant
from ansible_collections.eightbyeight.scim.plugins.module_utils._info.users import read_users
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    HTML,
    TOKEN,
    Reply,
    Tenant,
    client_for,
    listing,
    refusal,
    resource,
)

KEYS = list(TENANT)


def crowd(number: int) -> list[dict[str, Any]]:
    return [resource(str(each), f"user{each}@example.org") for each in range(1, number + 1)]


@pytest.mark.parametrize("number", [0, 1, 2, 40, 1000])
def test_the_minimum_costs_two_requests_at_most(number: int) -> None:
    tenant = Tenant(*crowd(number))
    facts, _warnings = read_tenant(client_for(tenant), ["minimal"])
    assert len(tenant.log) <= 2
    assert (facts["reachable"], facts["authenticated"], facts["readable"]) == (True, True, True)
    assert facts["users"]["total"] == number
    assert list(facts) == KEYS
    for name in ("sites", "page_size", "versions", "extension_urns"):
        assert facts[name] is None
    unknown = ("active", "inactive", "complete", "whole")
    assert [facts["users"][name] for name in unknown] == [None] * 4
    assert facts["users"]["visible"] == (None if number else 0), "an empty first page tells that nobody is shown"
    assert {*facts["filters"].values(), *facts["discovery"].values()} == {None}


@pytest.mark.parametrize("subset", ["minimal", "all"])
def test_a_total_that_is_the_size_of_the_page_is_no_number_of_users(subset: str) -> None:
    tenant = Tenant(*crowd(250))
    everybody = crowd(250)

    def answer(request: requests.PreparedRequest) -> Reply:
        query = dict(parse_qsl(urlsplit(str(request.url)).query))
        start = int(query["startIndex"]) - 1
        part = everybody[start : start + int(query["count"])]
        return Reply(200, listing(*part, total=len(part)))

    tenant.before = lambda request: (
        None if "filter=" in str(request.url) or "startIndex" not in str(request.url) else answer(request)
    )
    facts, _warnings = read_tenant(client_for(tenant), [subset])
    assert facts["users"]["total"] is None
    assert not facts["users"]["complete"]
    result, _warnings = read_users(client_for(tenant), {})
    assert (result["total"], len(result["users"]), result["complete"]) == (250, 250, False)


@pytest.mark.parametrize(
    ("subsets", "gathered"),
    [
        (["users"], {"sites", "page_size", "versions", "extension_urns"}),
        (["filters"], {"filters"}),
        (["discovery"], {"discovery"}),
        (["minimal", "discovery", "filters"], {"discovery", "filters"}),
        (["all"], {"sites", "page_size", "versions", "extension_urns", "filters", "discovery"}),
        (["minimal", "all"], {"sites", "page_size", "versions", "extension_urns", "filters", "discovery"}),
    ],
)
def test_what_is_gathered_is_what_was_asked_for(subsets: list[str], gathered: set[str]) -> None:
    facts, warnings = read_tenant(client_for(Tenant(*crowd(40))), subsets)
    assert (facts["users"]["total"], warnings) == (40, [])
    known = {
        name
        for name in ("sites", "page_size", "versions", "extension_urns", "filters", "discovery")
        if facts[name] is not None and (not isinstance(facts[name], dict) or set(facts[name].values()) != {None})
    }
    assert known == gathered


@pytest.mark.parametrize("subsets", [["all"], ["minimal"], ["filters"]])
def test_a_tenant_that_shows_nobody_says_which_setting_hides_people(subsets: list[str]) -> None:
    facts, (warning,) = read_tenant(client_for(Tenant()), subsets)
    assert facts["problem"] is None, "a new tenant has no users"
    for words in ("shows no users", "User Advanced settings", "users created by your identity provider", "All users"):
        assert words in warning


@pytest.mark.parametrize("subsets", [["all"], ["minimal"]])
def test_a_tenant_that_announces_users_and_shows_none_is_a_problem(subsets: list[str]) -> None:
    tenant = Tenant()
    tenant.before = lambda request: Reply(200, listing(total=40))
    facts, (warning,) = read_tenant(client_for(tenant), subsets)
    assert facts["problem"]["kind"] == "incomplete_listing"
    assert (facts["users"]["total"], facts["users"]["visible"]) == (40, 0), "the roles stop because of it"
    assert facts["problem"]["message"] == warning
    assert "announces 40 users and shows none" in warning
    assert "User Advanced settings" in warning


def test_a_filter_that_minds_case_is_unreliable() -> None:
    tenant = Tenant(*crowd(40))
    tenant.before = lambda request: Reply(200, listing()) if "USER" in str(request.url) else None
    facts, _warnings = read_tenant(client_for(tenant))
    assert facts["filters"]["user_name"] == "unreliable"


# -- How many are asked for ---------------------------------------------------


def counts(tenant: Tenant) -> list[str]:
    """Let a tenant note what it was asked for."""
    seen: list[str] = []
    before = tenant.before

    def note(request: requests.PreparedRequest) -> Any:
        seen.append(dict(parse_qsl(urlsplit(str(request.url)).query))["count"])
        return before(request)

    tenant.before = note
    return seen


def test_five_hundred_are_asked_for_and_what_comes_is_taken() -> None:
    tenant = Tenant(*crowd(250))
    seen = counts(tenant)
    found = client_for(tenant, page_size=500).list_users()
    assert (len(found.users), found.complete, found.page_size) == (250, True, 100)
    assert seen == ["500"] * 3
    assert Connection(BASE, TOKEN).page_size == 500


@pytest.mark.parametrize("status", [400, 413])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_number_that_is_refused_is_a_hundred_from_then_on(status: int, workers: int) -> None:
    tenant = Tenant(*crowd(250))
    tenant.before = lambda request: refusal(status, "count is too large") if "count=500" in str(request.url) else None
    seen = counts(tenant)
    client = client_for(tenant, page_size=500)
    for _time in range(2):
        found = client.list_users(workers=workers)
        assert (len(found.users), found.complete) == (250, True)
    assert seen == ["500", *["100"] * 6]


@pytest.mark.parametrize("workers", [1, 4])
def test_a_page_that_takes_too_long_is_a_hundred_from_then_on(workers: int) -> None:
    tenant = Tenant(*crowd(250))
    tenant.before = lambda request: Reply(504, HTML) if "count=500" in str(request.url) else None
    seen = counts(tenant)
    client = client_for(tenant, page_size=500, retry_budget=120)
    for _time in range(2):
        found = client.list_users(workers=workers)
        assert (len(found.users), found.complete) == (250, True)
    assert seen == ["500", "500", *["100"] * 6]


def test_a_server_in_trouble_is_waited_for_as_long_as_before() -> None:
    tenant = Tenant(*crowd(3))
    troubles = iter([Reply(503, HTML)] * 5)
    tenant.before = lambda request: next(troubles, None)
    seen = counts(tenant)
    client = client_for(tenant, page_size=500, retry_budget=120)
    assert client.list_users().complete
    assert seen == ["500", "500", "100", "100", "100", "100", "500"]
    assert client.page_size == 500


def test_what_is_refused_with_a_hundred_too_is_refused() -> None:
    tenant = Tenant(*crowd(3))
    tenant.before = lambda request: refusal(400, "never")
    client = client_for(tenant, page_size=500)
    with pytest.raises(EightByEightError, match="never"):
        client.list_users()
    assert client.page_size == 500


@pytest.mark.parametrize("size", [-1, 10_001])
def test_a_page_size_that_cannot_be_right_is_refused(size: int) -> None:
    options = {"api_url": BASE, "api_token": TOKEN, "timeout": 1, "retry_budget": 0, "validate_certs": True}
    with pytest.raises(BadOptionError, match="page_size must be"):
        Connection.from_options({**options, "extension_urn": "urn:x", "page_size": size})
