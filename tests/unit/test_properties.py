# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Laws that must hold for any user, any wish and any server: Hypothesis looks for the exception."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.names import invisible_character
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._plan import plan
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import (
    ATTRIBUTES,
    CORE_URN,
    DEFAULT_EXTENSION_URN,
    ENTERPRISE_URN,
    TEXT_ATTRIBUTES,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.payload import patch_body, without_nulls
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.user import User
from ansible_collections.eightbyeight.scim.plugins.module_utils._wanted import Wanted
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    Reply,
    Tenant,
    client_for,
    listing,
    parse_filter,
    resource,
)

steady = settings(
    derandomize=True, max_examples=100, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)

#: Any text that has a UTF-8 form: quotes, backslashes, control characters and all.
anything = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.sampled_from(
    ['"', "\\", '\\"', "a+b", "%22", "O'Neil", "straße", "İ", "\x00", "😀", '" or userName pr or "', "\u2028"]
)
maybe = st.none() | st.just("") | anything


def phones_of(texts: st.SearchStrategy[str]) -> st.SearchStrategy[list[dict[str, str]]]:
    """Phone numbers of these texts."""
    return st.lists(
        st.fixed_dictionaries({"type": st.sampled_from(["work", "mobile"]), "value": texts.filter(str.strip)}),
        max_size=4,
    )


scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | anything
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
    max_leaves=6,
)
#: Attributes nobody has heard of, at the top and as extensions.
unknown = st.dictionaries(
    st.one_of(
        st.text("abcXYZ", min_size=1, max_size=6).map(lambda name: f"x{name}"),
        st.sampled_from(["urn:a:1.0:User", "urn:b"]),
    ),
    trees,
    max_size=4,
)
#: What a person may give: identifiers have no odd characters, and what names something has its form.
plain = anything.filter(lambda text: text == text.strip() and invisible_character(text) is None)
addresses = plain.filter(lambda text: not re.search(r"\s", text)).map(lambda text: f"{text}@example.org")
given_texts = {"site": plain, "external_id": plain, "timezone": st.sampled_from(["UTC", "Europe/Paris", "US/Pacific"])}
entries = st.lists(
    st.fixed_dictionaries(
        {"value": anything},
        optional={
            "type": st.sampled_from(["home", "fax", "other", None]),
            "primary": st.just(False),
            "display": anything,
        },
    ),
    max_size=3,
)


@st.composite
def resources(draw: st.DrawFn) -> dict[str, Any]:
    """A user as a strange server might tell it, with what 8x8 requires of every user."""
    raw: dict[str, Any] = {
        **draw(unknown),
        "schemas": draw(st.none() | st.just([CORE_URN])),
        "id": "1",
        "meta": draw(st.fixed_dictionaries({}, optional={"version": anything, "created": anything})),
        "userName": "ada@example.org",
        "name": {**draw(unknown), "givenName": draw(anything), "familyName": draw(anything), "middleName": draw(maybe)},
        "emails": [*draw(entries), {"type": "work", "value": draw(anything)}],
        "phoneNumbers": [*draw(entries), *draw(phones_of(anything))],
        "active": draw(st.booleans()),
        "groups": [{"value": "g"}],
    }
    for name in ("externalId", "title", "locale", "timezone"):
        raw[name] = draw(maybe)
    raw[ENTERPRISE_URN] = draw(
        st.none() | st.fixed_dictionaries({"department": maybe, "costCenter": maybe, "division": trees})
    )
    raw[DEFAULT_EXTENSION_URN] = draw(st.none() | st.fixed_dictionaries({"site": maybe, "other": trees}))
    return raw


wishes = st.fixed_dictionaries(
    {"active": st.none() | st.booleans()},
    optional={
        **{
            name: st.just("") | given_texts.get(name, anything)
            for name in TEXT_ATTRIBUTES
            if name not in ("given_name", "family_name", "email")
        },
        **dict.fromkeys(("given_name", "family_name"), anything),
        "email": addresses,
        "phone_numbers": phones_of(plain),
    },
)


def wish_of(options: Mapping[str, Any]) -> Wanted:
    return Wanted.from_options({"user_name": "ada@example.org", "state": "present", **options})


def served(raw: dict[str, Any], method: str | None, body: Mapping[str, Any]) -> User:
    """What a perfect server makes of a request: PUT replaces all but what the server owns, PATCH knows active."""
    sent = json.loads(json.dumps(body))
    if method == "PATCH":
        return User({**raw, **sent["Operations"][0]["value"]})
    return User({**sent, "id": raw["id"], "meta": raw["meta"], "groups": raw["groups"]})


def possible(raw: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """Take the one wish out that 8x8 refuses."""
    site = (raw[DEFAULT_EXTENSION_URN] or {}).get("site")
    return {name: value for name, value in options.items() if not (name == "site" and site)}


@steady
@given(resources(), wishes)
def test_after_the_change_there_is_nothing_left_to_change(raw: dict[str, Any], options: dict[str, Any]) -> None:
    wish = wish_of(possible(raw, options))
    change = plan(User(raw), wish)
    if change.method is None:
        assert change.operation == "unchanged"
        return
    after = served(raw, change.method, change.body or patch_body(bool(change.after["active"])))
    again = plan(after, wish)
    assert (again.operation, again.method) == ("unchanged", None)
    owned = ("created", "last_modified", "id")
    foretold = {name: value for name, value in dict(change.user or {}).items() if name not in owned}
    assert foretold == {name: value for name, value in after.view.items() if name not in owned}
    for name, value in change.after.items():
        assert (after.view[name] or None) == (value or None)


@steady
@given(wishes, st.tuples(anything, anything, addresses))
def test_after_a_creation_there_is_nothing_left_to_change(
    options: dict[str, Any], required: tuple[str, str, str]
) -> None:
    wish = wish_of({**options, **dict(zip(("given_name", "family_name", "email"), required, strict=True))})
    change = plan(None, wish)
    assert (change.operation, change.method) == ("created", "POST")
    after = User({**json.loads(json.dumps(change.body)), "id": "1"})
    assert not plan(after, wish).changed
    assert without_nulls(change.body) == change.body


@steady
@given(resources(), wishes)
def test_one_request_of_one_kind(raw: dict[str, Any], options: dict[str, Any]) -> None:
    current = User(raw)
    change = plan(current, wish_of(possible(raw, options)))
    attributes = set(change.after) - {"active"}
    if change.method == "PATCH":
        assert not attributes
        assert change.body is None
    elif change.method == "PUT":
        assert attributes, "a change of active alone is a PATCH"
        assert change.body is not None
        assert "Operations" not in change.body
    else:
        assert not change.after


def survivors(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Return every leaf that is not null, by path; a list is one leaf."""
    if isinstance(value, dict) and value:
        found: dict[tuple[str, ...], Any] = {}
        for key, inner in value.items():
            found.update(survivors(inner, (*path, key)))
        return found
    return {} if value is None else {path: value}


MANAGED = {
    "given_name": ("name", "givenName"),
    "family_name": ("name", "familyName"),
    "external_id": ("externalId",),
    "title": ("title",),
    "locale": ("locale",),
    "timezone": ("timezone",),
    "department": (ENTERPRISE_URN, "department"),
    "site": (DEFAULT_EXTENSION_URN, "site"),
    "email": ("emails",),
    "phone_numbers": ("phoneNumbers",),
}


def test_the_table_of_managed_paths_is_whole() -> None:
    assert set(MANAGED) == set(ATTRIBUTES)


@steady
@given(resources(), wishes)
def test_whatever_the_user_did_not_set_survives_a_put(raw: dict[str, Any], options: dict[str, Any]) -> None:
    pristine = copy.deepcopy(raw)
    change = plan(User(raw), wish_of(possible(raw, options)))
    assert raw == pristine
    if change.method != "PUT":
        return
    body = dict(change.body or {})
    text = json.dumps(body)
    sent = survivors(json.loads(text))
    ours = {MANAGED[name] for name in change.after if name in MANAGED} | {("active",), ("schemas",)}
    for path, value in survivors(without_nulls(pristine)).items():
        if path[0] in ("id", "meta", "groups") or path in ours:
            continue
        if value in ({}, []) and path not in sent:
            continue  # An extension that became empty is the same as none.
        assert sent[path] == value, path
    # Of lists that hold some of ours, the other entries survive as they are.
    for key, kinds in (("emails", ("work",)), ("phoneNumbers", ("work", "mobile"))):
        others = [entry for entry in without_nulls(pristine)[key] if entry.get("type") not in kinds]
        assert [entry for entry in body.get(key, []) if entry.get("type") not in kinds] == others
    assert not set(body) & {"id", "meta", "groups"}
    assert without_nulls(body) == body
    assert body["active"] is (pristine["active"] if options["active"] is None else options["active"])
    assert [entry["value"] for entry in body["emails"] if entry.get("type") == "work"] == [
        options.get("email") or pristine["emails"][-1]["value"]
    ]
    assert len(body["schemas"]) == len(set(body["schemas"]))
    for urn in (ENTERPRISE_URN, DEFAULT_EXTENSION_URN):
        assert (urn in body) == (urn in body["schemas"])


@steady
@given(resources(), st.none() | st.just("") | plain, st.booleans())
def test_a_site_is_set_once_or_refused(raw: dict[str, Any], site: str | None, active: bool) -> None:
    had = (raw[DEFAULT_EXTENSION_URN] or {}).get("site")
    wish = wish_of({"active": active, "site": site})
    if had and site is not None and site != had:
        with pytest.raises(EightByEightError) as caught:
            plan(User(raw), wish)
        assert caught.value.kind == "site_fixed"
        return
    change = plan(User(raw), wish)
    if change.method == "PUT":
        assert not had
        assert change.body is not None
        assert change.body[DEFAULT_EXTENSION_URN]["site"] == site


# -- What goes over the wire --------------------------------------------------


@steady
@given(anything)
def test_a_login_name_arrives_at_the_server_as_it_is(name: str) -> None:
    heard: list[str] = []

    def listen(request: requests.PreparedRequest) -> Reply:
        query = urlsplit(str(request.url)).query
        assert query.isascii()
        heard.append(dict(parse_qsl(query, strict_parsing=True))["filter"])
        return Reply(200, listing(resource(user_name=name)))

    tenant = Tenant()
    tenant.before = listen
    found, _proven = client_for(tenant).find_user(name)
    assert found is not None
    assert [parse_filter(expression) for expression in heard] == [("userName", name)]


@steady
@given(anything.filter(lambda value: value.strip() not in ("", ".", "..")))
def test_an_id_arrives_at_the_server_as_it_is(user_id: str) -> None:
    heard: list[str] = []

    def listen(request: requests.PreparedRequest) -> Reply:
        parts = urlsplit(str(request.url))
        assert not parts.query
        assert not parts.fragment
        heard.append(parts.path.rsplit("/Users/", 1)[1])
        return Reply(200, resource(user_id))

    tenant = Tenant()
    tenant.before = listen
    client_for(tenant).get_user(user_id)
    (last,) = heard
    assert "/" not in last
    assert unquote(last) == user_id


@steady
@given(
    st.fixed_dictionaries({}, optional={name: given_texts.get(name, anything) for name in TEXT_ATTRIBUTES}), addresses
)
def test_any_text_arrives_in_the_body_as_it_is(options: dict[str, str], address: str) -> None:
    options = {"given_name": "a", "family_name": "b", **options, "email": address}
    change = plan(None, wish_of(options))
    tenant = Tenant()
    tenant.sites.add(options.get("site", ""))
    client_for(tenant).create_user(change.body or {})
    (stored,) = tenant.users.values()
    view = User(stored).view
    assert {name: view[name] for name in options} == options


# -- Pages --------------------------------------------------------------------


@st.composite
def servers(draw: st.DrawFn) -> tuple[int, list[int], int, int]:
    """How many users there are, how many come in each page, how far a page reaches back, and what is announced too many."""
    return (
        draw(st.integers(0, 40)),
        draw(st.lists(st.integers(0, 9), min_size=1, max_size=30)),
        draw(st.sampled_from([0, 0, 1, 3])),
        draw(st.sampled_from([0, 0, 0, 2, -1])),
    )


@steady
@given(servers())
def test_a_listing_finds_everybody_or_says_that_it_does_not(server: tuple[int, list[int], int, int]) -> None:
    count, sizes, overlap, surplus = server
    people = [resource(str(number), f"u{number}@example.org") for number in range(count)]
    served_pages: list[int] = []

    def serve(request: requests.PreparedRequest) -> Reply:
        query = dict(parse_qsl(urlsplit(str(request.url)).query))
        size = sizes[len(served_pages) % len(sizes)]
        served_pages.append(size)
        assert len(served_pages) < 200, "endless"
        start = max(0, int(query["startIndex"]) - 1 - (overlap if served_pages[1:] else 0))
        return Reply(200, listing(*people[start : start + size], total=count + surplus))

    tenant = Tenant()
    tenant.before = serve
    found = client_for(tenant).list_users()
    ids = [user.id for user in found.users]
    assert len(ids) == len(set(ids))
    everybody = sorted(ids) == sorted(str(number) for number in range(count))
    if found.complete:
        assert everybody or surplus < 0, "a list that is not whole must not say so"
        assert len(ids) == found.announced
    elif surplus == 0 and overlap == 0 and 0 not in sizes:
        raise AssertionError("nothing was odd, and yet it does not add up")
