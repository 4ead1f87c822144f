# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names mean the same in any case: those of attributes (RFC 7643 section 2.1), and URNs (RFC 7644 section 3.10)."""

from __future__ import annotations

import copy
import io
import json
import random
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import requests
import urllib3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests.adapters import BaseAdapter

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._info.tenant import read_tenant
from ansible_collections.eightbyeight.scim.plugins.module_utils._info.users import read_users
from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._plan import plan
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource import user as user_module
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import (
    CORE_URN,
    DEFAULT_EXTENSION_URN,
    ENTERPRISE_URN,
    KNOWN_EXTENSION_URNS,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.payload import put_body
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.user import User
from ansible_collections.eightbyeight.scim.plugins.module_utils._user import ensure_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._wanted import Wanted
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.progress import Task
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    ERROR_URN,
    Call,
    Reply,
    Tenant,
    client_for,
    listing,
    page,
    resource,
    scim_error,
    search,
)

ADA = "ada@example.org"
steady = settings(
    derandomize=True, max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)

#: What is known of a user, and of what holds users or tells of an error. Written anew here: a name that the engine forgets must
#: be missed.
VALUES = ("value", "type", "primary", "display")
INSIDE: dict[str, tuple[str, ...]] = {
    "name": ("givenName", "familyName"),
    "meta": ("created", "lastModified", "version"),
    "emails": VALUES,
    "phoneNumbers": VALUES,
    ENTERPRISE_URN: ("department",),
    DEFAULT_EXTENSION_URN: ("site",),
}
KNOWN = {*INSIDE, "schemas", "id", "userName", "externalId", "active", "title", "locale", "timezone", "groups"}
ENVELOPE = {"schemas", "Resources", "totalResults", "itemsPerPage", "startIndex", "status", "scimType", "detail"}

Spell = Callable[[str], str]


def renamed(values: Any, known: Any, spell: Spell) -> Any:
    return {spell(name) if name in known else name: value for name, value in values.items()}


def user_in(spell: Spell, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a user with its known names, and the URNs that it lists, spelled in another way."""
    told: dict[str, Any] = {}
    for name, value in raw.items():
        if name in INSIDE and isinstance(value, dict):
            value = renamed(value, INSIDE[name], spell)
        elif name in INSIDE and isinstance(value, list):
            value = [renamed(entry, INSIDE[name], spell) for entry in value]
        elif name == "schemas" and value:
            value = [spell(urn) for urn in value]
        told[name] = value
    return renamed(told, KNOWN, spell)


def answer_in(spell: Spell, data: Any) -> Any:
    """Return an answer of a tenant with all known names spelled in another way."""
    if "id" in data:
        return user_in(spell, data)
    if "Resources" in data:
        data = {**data, "Resources": [user_in(spell, raw) for raw in data["Resources"]]}
    return renamed(data, ENVELOPE, spell)


def any_case(seed: int) -> Spell:
    chance = random.Random(seed)
    return lambda name: "".join(chance.choice((char.lower(), char.upper())) for char in name)


spells = st.integers(0, 2**32).map(any_case) | st.sampled_from([str.lower, str.upper, str.swapcase, str.capitalize])
texts = st.none() | st.sampled_from(["", "x", "Boss", "London"])
wishes = st.fixed_dictionaries(
    {"active": st.booleans()},
    optional={
        **dict.fromkeys(("title", "department", "external_id"), st.sampled_from(["", "x", "Boss"])),
        "timezone": st.sampled_from(["", "UTC", "Europe/London"]),
        "email": st.sampled_from(["ada@example.org", "b@example.org"]),
        "phone_numbers": st.sampled_from([[], [{"type": "work", "value": "1"}], [{"type": "mobile", "value": "2"}]]),
    },
)


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    """A user with known names everywhere, and unknown ones that only look like them."""
    return resource(
        active=draw(st.booleans()),
        externalId=draw(texts),
        title=draw(texts),
        timezone=draw(texts),
        groups=[{"value": "g"}],
        emails=[
            {"value": "home@example.org", "type": "home", "Label": "x"},
            {"value": "ada@example.org", "type": "work", "primary": True, "display": "Ada"},
        ],
        phoneNumbers=draw(
            st.sampled_from([[], [{"type": "work", "value": "1", "display": "one"}], [{"type": "fax", "value": "9"}]])
        ),
        meta={"created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-02T00:00:00Z", "version": 'W/"1"'},
        FavouriteColour="blue",
        addresses=[{"Type": "work", "Locality": "Paris"}],
        **{"urn:x:Vendor:1.5:User": {"Active": 1, "userNAME": "x", "Schemas": [None]}},
    )


@steady
@given(people(), spells, wishes)
def test_a_user_in_any_case_is_the_same_user(raw: dict[str, Any], spell: Spell, wish: dict[str, Any]) -> None:
    right, odd = User(raw), User(user_in(spell, raw))
    assert odd.view == right.view
    assert odd.version == right.version
    wanted = Wanted.from_options({"user_name": ADA, "state": "present", **wish})
    assert plan(odd, wanted) == plan(right, wanted)
    assert put_body(odd, True, {"title": "New"}) == put_body(right, True, {"title": "New"})


class Odd(BaseAdapter):
    """A tenant that understands names in any case, as one must, and spells them in its own."""

    def __init__(self, inner: Tenant, spell: Spell) -> None:
        super().__init__()
        self._inner = inner
        self._spell = spell
        self.bodies: list[Any] = []

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:  # type: ignore[override]
        self.bodies.append(json.loads(request.body or "null"))
        response = self._inner.send(request, **settings)
        content = response.raw.read()
        if content:
            content = json.dumps(answer_in(self._spell, json.loads(content))).encode()
        response.raw = urllib3.HTTPResponse(io.BytesIO(content), preload_content=False)
        return response

    def close(self) -> None:
        pass


def outcome(tenant: Tenant, spell: Spell, options: Mapping[str, Any]) -> Any:
    """Return all that a task does with a user: requests, bodies, what is told, and the tenant as it is left."""
    adapter = Odd(tenant, spell)
    with tempfile.TemporaryDirectory() as folder, client_for(adapter) as client:
        wanted = Wanted.from_options({"user_name": ADA, "state": "present", **options})
        report = ensure_user(Task(client, wanted, Memory(BASE, folder)))
        told = report.error and report.error.to_result()["error"]
        return tenant.log, adapter.bodies, report.result, report.at.warnings, told, tenant.users


@steady
@given(people(), spells, wishes | st.just({"state": "absent"}), st.booleans(), st.sampled_from(["honored", "refused"]))
def test_a_task_does_the_same_whatever_the_case(
    raw: dict[str, Any], spell: Spell, wish: dict[str, Any], patch: bool, filters: str
) -> None:
    outcomes = []
    for each in (spell, str):
        tenant = Tenant(resource("2", "bob@example.org"), copy.deepcopy(raw))
        tenant.patch, tenant.filters, tenant.versions = patch, filters, True
        outcomes.append(outcome(tenant, each, wish))
    assert outcomes[0] == outcomes[1]


@steady
@given(spells, st.sampled_from([None, "taken", "site"]))
def test_a_creation_does_the_same_whatever_the_case(spell: Spell, trouble: str | None) -> None:
    outcomes = []
    for each in (spell, str):
        tenant = Tenant(resource("2", "bob@example.org"))
        tenant.taken_elsewhere = {ADA} if trouble == "taken" else set()
        site = "Atlantis" if trouble == "site" else "London"
        options = {"given_name": "Ada", "family_name": "Lovelace", "email": ADA, "site": site}
        outcomes.append(outcome(tenant, each, options))
    assert outcomes[0] == outcomes[1]
    kind = {"taken": "user_name_taken_elsewhere", "site": "unknown_site"}.get(str(trouble))
    assert (outcomes[0][4] or {}).get("kind") == kind


@steady
@given(spells)
def test_a_listing_in_any_case_is_the_same_listing(spell: Spell) -> None:
    def seen(each: Spell) -> Any:
        tenant = Tenant(*(resource(str(number), f"u{number}@example.org") for number in range(5)))
        tenant.page_size = 2
        client = client_for(Odd(tenant, each))
        return read_users(client, {})[0], {**read_tenant(client)[0], "round_trip_ms": 0}, tenant.log

    assert seen(spell) == seen(str)
    assert seen(spell)[0]["complete"]


# -- What stays as it is ------------------------------------------------------


def test_what_is_not_known_keeps_its_spelling() -> None:
    strangers: dict[str, Any] = {
        "FavouriteColour": "blue",
        "Status": "here",
        "addresses": [{"Type": "work", "Value": "x"}],
        "urn:x:Vendor:1.5:User": {"Active": 1, "active": 2, "UserName": "x"},
    }
    odd = user_in(str.upper, resource(**strangers))
    odd[ENTERPRISE_URN.upper()]["Cost_Center"] = "7"
    body = put_body(User(odd), True, {})
    assert {name: body[name] for name in strangers} == strangers
    assert body[ENTERPRISE_URN] == {"department": "Engineering", "Cost_Center": "7"}


def test_the_url_of_a_schema_is_listed_once() -> None:
    body = put_body(User(user_in(str.upper, resource())), True, {"title": "x"})
    assert body["schemas"] == [CORE_URN, ENTERPRISE_URN, DEFAULT_EXTENSION_URN]


def test_what_only_the_server_may_write_is_not_sent_back_in_any_case() -> None:
    body = put_body(User(user_in(str.upper, resource(groups=[{"value": "g"}]))), True, {})
    assert not {name.lower() for name in body} & {"id", "meta", "groups"}


@pytest.mark.parametrize("configured", [DEFAULT_EXTENSION_URN.lower(), KNOWN_EXTENSION_URNS[1].upper(), "urn:Own:User"])
def test_the_site_is_found_under_the_configured_urn_in_any_case(configured: str) -> None:
    raw = resource(**{DEFAULT_EXTENSION_URN: None, configured.swapcase(): {"SITE": "Rome"}})
    current = User(raw, configured)
    assert current.view["site"] == "Rome"
    assert put_body(current, True, {})[configured] == {"site": "Rome"}


def test_reading_in_another_case_does_not_touch_what_was_read() -> None:
    raw = user_in(str.upper, resource())
    pristine = copy.deepcopy(raw)
    put_body(User(raw), False, {"title": "x", "email": "b@example.org", "department": "y"})
    assert raw == pristine


def test_who_is_spelled_right_is_not_spelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """50,000 of them are read in one listing."""

    def never(*_arguments: Any) -> Any:
        raise AssertionError("spelled again")

    strangers = {"displayName": "Ada", "x-hobby": "chess", "urn:x:User": {"Title": 1}}
    raw = resource(phoneNumbers=[{"type": "work", "value": "1"}], title=None, **strangers)
    raw[DEFAULT_EXTENSION_URN]["value"] = "a name that has its place elsewhere"
    monkeypatch.setattr(user_module, "spelled", never)
    assert User(raw).view["site"] == "London"
    with pytest.raises(AssertionError):
        User(user_in(str.upper, raw))


# -- A name that stands there twice ---------------------------------------------


TWICE: dict[str, dict[str, Any]] = {
    "active": {**resource(), "Active": False},
    "userName": {**resource(), "username": "bob@example.org"},
    "givenName": resource(name={"givenName": "Ada", "givenname": "Eve"}),
    "site": resource(**{DEFAULT_EXTENSION_URN: {"site": "London", "Site": "Paris"}}),
    DEFAULT_EXTENSION_URN: {**resource(), DEFAULT_EXTENSION_URN.lower(): {"site": "Paris"}},
    "value": resource(emails=[{"type": "work", "value": "a@b.c", "Value": "d@e.f"}]),
}


@pytest.mark.parametrize("name", TWICE)
def test_a_name_that_stands_there_twice_is_refused(talk: Talk, name: str) -> None:
    """As where the case is the same: one reader sees somebody active, and another one does not."""
    with pytest.raises(EightByEightError, match=f"8x8 sent {name} twice in one object") as caught:
        talk(Call("GET /Users/1", Reply(200, TWICE[name]))).get_user("1")
    assert caught.value.kind == "bad_answer"


@pytest.mark.parametrize("name", TWICE)
def test_one_who_is_spelled_twice_hides_nobody_else(talk: Talk, name: str) -> None:
    answer = Reply(200, listing(TWICE[name], resource("2", "bob2@example.org")))
    found = talk(Call(page(), answer), Call(page(3), Reply(200, listing(total=2)))).list_users()
    assert ([user.id for user in found.users], found.complete) == (["2"], False)
    with pytest.raises(EightByEightError, match="twice in one object"):
        talk(Call(search(ADA), answer)).find_user(ADA)


def test_one_who_is_spelled_twice_is_found_by_a_login_name_in_any_case(talk: Talk) -> None:
    odd = user_in(str.upper, TWICE["givenName"])
    with pytest.raises(EightByEightError, match="twice in one object"):
        talk(Call(search(ADA), Reply(200, listing(odd)))).find_user(ADA)


@pytest.mark.parametrize("raw", [{**resource(), "Active": None}, {"Active": None, **resource()}])
def test_a_null_is_not_in_the_way(raw: dict[str, Any]) -> None:
    current = User(raw)
    assert current.view == User(resource()).view
    assert put_body(current, True, {}) == put_body(User(resource()), True, {})


def test_an_envelope_that_says_two_things_is_no_list(talk: Talk) -> None:
    with pytest.raises(EightByEightError, match="not a SCIM list") as caught:
        talk(Call(page(), Reply(200, {**listing(resource()), "resources": []}))).list_users()
    assert (caught.value.kind, caught.value.status) == ("bad_answer", 200)


def test_the_status_counts_where_the_error_says_two_things(talk: Talk) -> None:
    answer = Reply(400, {**scim_error(400, "no", "invalidValue"), "Detail": "yes"})
    with pytest.raises(EightByEightError) as caught:
        talk(Call("PUT /Users/1", answer)).replace_user("1", {}, None)
    assert (caught.value.status, caught.value.scim_type, caught.value.detail) == (400, None, None)


def test_an_answer_to_a_write_that_says_two_things_is_read_again(talk: Talk) -> None:
    answer = Reply(200, {"id": "1", "active": False, "ACTIVE": True})
    assert talk(Call("PATCH /Users/1", answer)).set_active("1", False).data is None


# -- An error in a case of its own -------------------------------------------------


@pytest.mark.parametrize("spell", [str, str.upper, str.lower])
def test_an_error_is_told_in_any_case(talk: Talk, spell: Spell) -> None:
    body = renamed(scim_error(400, "no such site", "invalidValue"), ENVELOPE, spell)
    with pytest.raises(EightByEightError, match="no such site") as caught:
        talk(Call("PUT /Users/1", Reply(400, body))).replace_user("1", {}, None)
    assert (caught.value.scim_type, caught.value.detail) == ("invalidValue", "no such site")


def test_an_error_inside_a_200_is_seen_in_any_case(talk: Talk) -> None:
    with pytest.raises(EightByEightError, match="with an error inside"):
        talk(Call(page(), Reply(200, {"SCHEMAS": [ERROR_URN.upper()], "resources": []}))).list_users()
