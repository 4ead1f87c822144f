# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading users leniently: nobody publishes what 8x8 really sends."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource import user as user_module
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.filters import user_name_is
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import (
    DEFAULT_EXTENSION_URN,
    ENTERPRISE_URN,
    KNOWN_EXTENSION_URNS,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.payload import without_nulls
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.user import VIEW_KEYS, User, sorted_phones
from ansible_collections.eightbyeight.scim.tests.unit.helpers import TOKEN, resource, user


def test_the_view_is_flat_and_whole() -> None:
    current = user(
        externalId="7",
        timezone="Europe/London",
        phoneNumbers=[{"type": "work", "value": "2"}, {"type": "mobile", "value": "1"}],
    )
    assert current.view == {
        "id": "1",
        "user_name": "ada@example.org",
        "external_id": "7",
        "given_name": "Ada",
        "family_name": "Lovelace",
        "email": "ada@example.org",
        "active": True,
        "title": "Analyst",
        "department": "Engineering",
        "site": "London",
        "locale": "en-GB",
        "timezone": "Europe/London",
        "phone_numbers": [{"type": "mobile", "value": "1"}, {"type": "work", "value": "2"}],
        "created": "2026-01-01T00:00:00Z",
        "last_modified": "2026-01-02T00:00:00Z",
    }
    assert tuple(current.view) == VIEW_KEYS
    assert (current.id, current.user_name, current.active, current.version) == ("1", "ada@example.org", True, None)


@pytest.mark.parametrize("nothing", [{}, dict.fromkeys(resource())])
def test_a_user_of_whom_only_the_id_is_known(nothing: dict[str, Any]) -> None:
    current = User({**nothing, "id": "1"})
    assert current.view == {**dict.fromkeys(VIEW_KEYS), "id": "1", "phone_numbers": []}
    assert current.active, "a server that does not say so is taken to mean yes"


@pytest.mark.parametrize(
    ("sent", "read", "active"),
    [
        (True, True, True),
        (False, False, False),
        ("True", True, True),
        ("False", False, False),
        (" false ", False, False),
        ("FALSE", False, False),
        ("", None, True),
        ("no idea", None, True),
        (None, None, True),
        ([], None, True),
    ],
)
def test_booleans_may_come_as_text(sent: Any, read: bool | None, active: bool) -> None:
    current = User({**resource(), "active": sent})
    assert current.view["active"] is read
    assert current.active is active


@pytest.mark.parametrize(
    ("odd", "key", "value"),
    [
        ({"title": 5}, "title", "5"),
        ({"title": ""}, "title", None),
        ({"externalId": 4711}, "external_id", "4711"),
        ({"locale": 1.5}, "locale", "1.5"),
        ({"id": 12}, "id", "12"),
        ({"name": None}, "given_name", None),
        ({"name": "Ada Lovelace"}, "given_name", None),
        ({"name": {"givenName": 7}}, "given_name", "7"),
        ({"name": {"givenName": "Ada", "familyName": None}}, "family_name", None),
        ({"meta": None}, "created", None),
        ({"meta": "x"}, "created", None),
        ({"meta": {"created": 1700000000}}, "created", "1700000000"),
        ({"emails": None}, "email", None),
        ({"emails": {}}, "email", None),
        ({"emails": [None, "x", {"value": "a@b.c"}]}, "email", "a@b.c"),
        ({"emails": [{"value": "h@b.c", "type": "home"}]}, "email", None),
        ({"emails": [{"value": "n@b.c"}, {"value": "w@b.c", "type": "Work"}]}, "email", "w@b.c"),
        ({"emails": [{"value": "n@b.c", "type": None}]}, "email", "n@b.c"),
        ({"emails": [{"type": "work"}]}, "email", None),
        ({"emails": [{"type": "work", "value": 7}]}, "email", "7"),
        ({"phoneNumbers": None}, "phone_numbers", []),
        ({"phoneNumbers": "123"}, "phone_numbers", []),
        ({"phoneNumbers": [None, "1", {"value": "1"}, {"type": "work"}]}, "phone_numbers", []),
        ({"phoneNumbers": [{"type": "WORK", "value": 12}]}, "phone_numbers", [{"type": "work", "value": "12"}]),
        ({"phoneNumbers": [{"type": "fax", "value": "1"}]}, "phone_numbers", []),
        ({ENTERPRISE_URN: None}, "department", None),
        ({ENTERPRISE_URN: "x"}, "department", None),
        ({ENTERPRISE_URN: {"department": 5}}, "department", "5"),
        ({DEFAULT_EXTENSION_URN: None}, "site", None),
        ({DEFAULT_EXTENSION_URN: "London"}, "site", None),
        ({DEFAULT_EXTENSION_URN: {"site": ""}}, "site", None),
        ({DEFAULT_EXTENSION_URN: {"site": 5}}, "site", "5"),
    ],
)
def test_what_a_server_may_send(odd: dict[str, Any], key: str, value: Any) -> None:
    assert User({**resource(), **odd}).view[key] == value


def test_the_site_under_another_urn_is_seen_and_not_mistaken_for_ours() -> None:
    current = user(**{DEFAULT_EXTENSION_URN: None, KNOWN_EXTENSION_URNS[1]: {"site": "Paris"}})
    assert current.view["site"] is None

    assert User(current.raw, KNOWN_EXTENSION_URNS[1]).view["site"] == "Paris"
    assert User({**current.raw, "urn:own:User": {"site": "Rome"}}, "urn:own:User").view["site"] == "Rome"


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        ({}, "id"),
        ({"id": None}, "id"),
        ({"id": ""}, "id"),
        ({"id": ["x"]}, "id"),
        ({"id": "1", "title": [TOKEN], "userName": {"a": TOKEN}}, "title, userName"),
        ({"id": "1", "emails": [{"value": {"x": TOKEN}}]}, "emails.0.value"),
    ],
)
def test_what_is_no_user_is_an_error_that_names_places_and_never_values(raw: dict[str, Any], where: str) -> None:
    with pytest.raises(EightByEightError) as caught:
        User(raw)
    assert caught.value.kind == "bad_answer"
    assert f"cannot be read: {where} is missing" in caught.value.message
    assert TOKEN not in caught.value.message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_reading_does_not_touch_what_was_read() -> None:
    raw = resource()
    current = User(raw)
    current.raw["title"] = "other"
    assert raw == resource()


def test_a_partial_answer_is_laid_over_what_was_known() -> None:
    after = user().with_answer({"id": "1", "active": False})
    assert (after.active, after.view["email"]) == (False, "ada@example.org")


@pytest.mark.parametrize(
    ("value", "literal"), [("a", '"a"'), ('a"b', '"a\\"b"'), ("a\\", '"a\\\\"'), ("ä\n", '"ä\\n"'), ("", '""')]
)
def test_a_login_name_is_escaped_in_a_filter(value: str, literal: str) -> None:
    assert user_name_is(value) == f"userName eq {literal}"


def test_phones_are_sorted_and_each_is_there_once() -> None:
    numbers: list[dict[str, Any]] = [
        {"type": "work", "value": "2"},
        {"type": "mobile", "value": "9"},
        {"type": "work", "value": "2", "x": 1},
    ]
    assert sorted_phones(numbers) == [{"type": "mobile", "value": "9"}, {"type": "work", "value": "2"}]


def test_nulls_are_dropped_at_every_depth_and_nothing_else() -> None:
    deep = {"a": None, "b": [None, {"c": None, "d": 0}], "e": "", "f": False, "g": [], "h": ({"i": None},)}
    assert without_nulls(deep) == {"b": [{"d": 0}], "e": "", "f": False, "g": [], "h": [{}]}


odd = st.sampled_from(["", "x", None, 5, True, 0, [], {}, ["x"], {"x": 1}, 1.5, "true"])
odd_entries = st.lists(odd | st.fixed_dictionaries({}, optional={"value": odd, "type": odd}), max_size=2)


@settings(derandomize=True, max_examples=400, deadline=None, database=None)
@given(
    st.fixed_dictionaries(
        {"id": st.just("1") | odd},
        optional={
            **dict.fromkeys(("userName", "externalId", "title", "locale", "timezone", "active"), odd),
            "name": odd | st.fixed_dictionaries({}, optional={"givenName": odd, "familyName": odd}),
            "meta": odd | st.fixed_dictionaries({}, optional={"created": odd, "version": odd}),
            ENTERPRISE_URN: odd | st.fixed_dictionaries({}, optional={"department": odd}),
            "emails": odd | odd_entries,
            "phoneNumbers": odd | odd_entries,
        },
    )
)
def test_a_well_formed_user_is_read_as_validation_would_read_it(raw: dict[str, Any]) -> None:
    def seen() -> Any:
        try:
            user = User(raw)
        except EightByEightError as error:
            return error.message
        return user.view, user.version

    quickly = seen()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(user_module, "is_well_formed", lambda *_: False)
        assert seen() == quickly
