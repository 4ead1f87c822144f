# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The planner as tables: what is, what is wanted, and the one request that follows."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError, EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._plan import Change, digest, not_taken, plan
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import (
    ATTRIBUTES,
    CORE_URN,
    DEFAULT_EXTENSION_URN,
    ENTERPRISE_URN,
    KNOWN_EXTENSION_URNS,
    TEXT_ATTRIBUTES,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.user import VIEW_KEYS, User
from ansible_collections.eightbyeight.scim.plugins.module_utils._wanted import Wanted
from ansible_collections.eightbyeight.scim.tests.unit.helpers import resource, user

NEW: dict[str, Any] = {"given_name": "Ada", "family_name": "Lovelace", "email": "ada@example.org"}


def wanted(**options: Any) -> Wanted:
    return Wanted.from_options({"user_name": "ada@example.org", "state": "present", **options})


def body_of(change: Change) -> dict[str, Any]:
    assert change.body is not None
    return dict(change.body)


# -- The truth table of design.md ---------------------------------------------

MISSING = None
INACTIVE = {"active": False}
ACTIVE = {"active": True}

TRUTH = [
    # state, active, who is there, more options -> operation, method
    ("present", None, MISSING, NEW, "created", "POST"),
    ("present", True, MISSING, NEW, "created", "POST"),
    ("present", False, MISSING, NEW, "created", "POST"),
    ("absent", None, MISSING, {}, "unchanged", None),
    ("present", None, INACTIVE, {}, "unchanged", None),
    ("present", None, INACTIVE, {"title": "Boss"}, "updated", "PUT"),
    ("present", True, INACTIVE, {}, "activated", "PATCH"),
    ("present", True, INACTIVE, {"title": "Boss"}, "activated", "PUT"),
    ("present", False, INACTIVE, {}, "unchanged", None),
    ("present", False, INACTIVE, {"title": "Boss"}, "updated", "PUT"),
    ("absent", None, INACTIVE, {}, "unchanged", None),
    ("absent", None, INACTIVE, {"title": "Boss"}, "unchanged", None),
    ("present", None, ACTIVE, {}, "unchanged", None),
    ("present", None, ACTIVE, {"title": "Boss"}, "updated", "PUT"),
    ("present", True, ACTIVE, {}, "unchanged", None),
    ("present", True, ACTIVE, {"title": "Boss"}, "updated", "PUT"),
    ("present", False, ACTIVE, {}, "deactivated", "PATCH"),
    ("present", False, ACTIVE, {"title": "Boss"}, "deactivated", "PUT"),
    ("absent", None, ACTIVE, {}, "deactivated", "PATCH"),
    ("absent", None, ACTIVE, {"title": "Boss", "family_name": "", "site": "Paris"}, "deactivated", "PATCH"),
]


@pytest.mark.parametrize(("state", "active", "there", "more", "operation", "method"), TRUTH)
def test_state_and_active_decide_the_operation_and_its_verb(
    state: str,
    active: bool | None,
    there: dict[str, Any] | None,
    more: dict[str, Any],
    operation: str,
    method: str | None,
) -> None:
    current = None if there is None else user(**there)
    change = plan(current, wanted(state=state, active=active, **more))
    assert (change.operation, change.method) == (operation, method)
    assert change.changed is (method is not None)
    assert (change.body is None) is (method in (None, "PATCH"))
    was_active = there is None or there["active"]
    is_active = state == "present" and (was_active if active is None else active)
    if change.user is None:
        assert (there, state) == (None, "absent")
    else:
        assert list(change.user) == list(VIEW_KEYS)
        assert change.user["active"] is is_active
    if method in ("POST", "PUT"):
        assert body_of(change)["active"] is is_active
    if method == "PATCH":
        assert dict(change.before or {}) == {"active": not is_active}
        assert dict(change.after) == {"active": is_active}
    if method is None:
        assert change.before == change.after == {}
        assert change.user == (current.view if current else None)


@pytest.mark.parametrize("active", [True, False])
def test_absent_with_active_is_refused(active: bool) -> None:
    with pytest.raises(BadOptionError, match="active cannot be combined with state=absent"):
        wanted(state="absent", active=active)


# -- Each attribute: left alone, set, cleared ---------------------------------

PLACES = {
    "given_name": lambda raw: raw["name"].get("givenName"),
    "family_name": lambda raw: raw["name"].get("familyName"),
    "email": lambda raw: raw["emails"][0].get("value"),
    "external_id": lambda raw: raw.get("externalId"),
    "title": lambda raw: raw.get("title"),
    "department": lambda raw: raw.get(ENTERPRISE_URN, {}).get("department"),
    "site": lambda raw: raw.get(DEFAULT_EXTENSION_URN, {}).get("site"),
    "locale": lambda raw: raw.get("locale"),
    "timezone": lambda raw: raw.get("timezone"),
}
CLEARABLE = ("external_id", "title", "department", "locale", "timezone")


def test_the_table_of_places_has_every_attribute() -> None:
    assert tuple(PLACES) == TEXT_ATTRIBUTES
    assert (*PLACES, "phone_numbers") == ATTRIBUTES


@pytest.mark.parametrize("name", TEXT_ATTRIBUTES)
def test_an_attribute_that_is_set_goes_where_scim_keeps_it(name: str) -> None:
    value = {"email": "else@example.org", "timezone": "US/Pacific"}.get(name, "something else")
    current = user(**{DEFAULT_EXTENSION_URN: None})
    change = plan(current, wanted(**{name: value}))
    assert (change.operation, change.method) == ("updated", "PUT")
    assert dict(change.before or {}) == {name: current.view[name]}
    assert dict(change.after) == {name: value}
    assert change.user == {**current.view, name: value}
    assert PLACES[name](change.body) == value
    for other in set(PLACES) - {name}:
        assert PLACES[other](change.body) == current.view[other], other


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_that_is_already_so_changes_nothing(name: str) -> None:
    current = user(externalId="7", timezone="Europe/London", phoneNumbers=[{"type": "work", "value": "1"}])
    change = plan(current, wanted(**{name: current.view[name]}))
    assert (change.operation, change.method) == ("unchanged", None)


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_attribute_that_is_left_out_is_left_alone(name: str) -> None:
    current = user(externalId="7", timezone="Europe/London", phoneNumbers=[{"type": "work", "value": "1"}])
    for more in ({}, {name: None}):
        assert not wanted(**more).attributes
        assert not plan(current, wanted(**more)).changed


@pytest.mark.parametrize("name", CLEARABLE)
def test_an_attribute_that_is_cleared_leaves_the_body(name: str) -> None:
    current = user(externalId="7", timezone="Europe/London")
    change = plan(current, wanted(**{name: ""}))
    assert change.method == "PUT"
    assert dict(change.before or {}) == {name: current.view[name]}
    assert dict(change.after) == {name: None}
    assert change.user is not None
    assert change.user[name] is None
    assert PLACES[name](change.body) is None


@pytest.mark.parametrize("empty", [None, "", "absent"])
@pytest.mark.parametrize("name", CLEARABLE)
def test_null_absent_and_empty_are_one_state(name: str, empty: str | None) -> None:
    raw = resource(externalId="7", timezone="Europe/London")
    inner, key = {
        "external_id": (raw, "externalId"),
        "department": (raw[ENTERPRISE_URN], "department"),
    }.get(name, (raw, name))
    inner[key] = empty
    if empty == "absent":
        del inner[key]
    assert not plan(User(raw), wanted(**{name: ""})).changed


@pytest.mark.parametrize("empty", [None, [], "absent"])
def test_no_phone_numbers_are_one_state_too(empty: list[Any] | None) -> None:
    raw = {**resource(), "phoneNumbers": empty}
    if empty == "absent":
        del raw["phoneNumbers"]
    assert User(raw).view["phone_numbers"] == []
    assert not plan(User(raw), wanted(phone_numbers=[])).changed


def test_clearing_one_attribute_of_an_extension_keeps_the_others_in_it() -> None:
    current = user(**{ENTERPRISE_URN: {"department": "Engineering", "costCenter": "42"}})
    assert body_of(plan(current, wanted(department="")))[ENTERPRISE_URN] == {"costCenter": "42"}


# -- Required attributes ------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "given_name, family_name and email"),
        ({"given_name": "Ada"}, "family_name and email"),
        ({"given_name": "Ada", "email": "a@b.c"}, "family_name"),
    ],
)
def test_all_missing_attributes_of_a_creation_are_named_at_once(given: dict[str, str], missing: str) -> None:
    with pytest.raises(EightByEightError) as caught:
        plan(None, wanted(**given))
    assert caught.value.kind == "missing_attributes"
    assert f"requires {missing} too" in caught.value.message
    assert "ada@example.org" in caught.value.message


def test_a_creation_needs_a_login_name_as_well() -> None:
    with pytest.raises(EightByEightError, match="requires user_name and email too"):
        plan(None, Wanted(None, "id-1", True, {"given_name": "Ada", "family_name": "Lovelace"}))


def test_required_attributes_cannot_be_cleared_and_are_named_at_once() -> None:
    with pytest.raises(BadOptionError, match="given_name, family_name and email cannot be cleared") as caught:
        plan(user(), wanted(given_name="", family_name="", email=""))
    assert caught.value.kind == "bad_option"


def test_required_attributes_that_are_empty_are_missing_for_somebody_new() -> None:
    with pytest.raises(EightByEightError, match="8x8 requires given_name and email too") as caught:
        plan(None, wanted(family_name="Lovelace", email=""))
    assert caught.value.kind == "missing_attributes"


@pytest.mark.parametrize("name", ["user_name", "user_id", "title", "email"])
@pytest.mark.parametrize("value", [{"user_name": "ada@example.org"}, ["ada@example.org"], [{"a": 1}], [], {"it's": 1}])
def test_a_list_or_a_dictionary_is_nobody(name: str, value: Any) -> None:
    """Ansible makes text of them, and nobody is called that: absent would have nothing to do."""
    with pytest.raises(BadOptionError, match=f"{name} must be text, not a list or a dictionary"):
        Wanted.from_options({"user_name": "ada@example.org", name: str(value)})


@pytest.mark.parametrize("text", ["[]x", "{x}", "{{ title }}", "[1]", "{}", "[Head of] IT", "'a'", "{%raw%}"])
def test_brackets_may_stand_in_a_text(text: str) -> None:
    assert Wanted.from_options({"user_name": "ada@example.org", "title": text}).attributes == {"title": text}


@pytest.mark.parametrize(
    ("gap", "missing"),
    [
        ({"emails": None}, "email"),
        ({"emails": [{"type": "home", "value": "ada@home.example"}]}, "email"),
        ({"emails": [{"type": "work", "value": None}]}, "email"),
        ({"name": {"familyName": "Lovelace"}}, "given_name"),
        ({"name": None, "emails": []}, "given_name, family_name and email"),
    ],
)
def test_a_put_that_would_damage_the_user_is_refused(gap: dict[str, Any], missing: str) -> None:
    with pytest.raises(EightByEightError, match=f"does not show {missing} of this user") as caught:
        plan(user(**gap), wanted(title="Boss"))
    assert caught.value.kind == "missing_attributes"
    # What a PATCH changes does not need them, and what the task gives is not missing.
    assert plan(user(**gap), wanted(active=False)).method == "PATCH"
    assert plan(user(**gap), wanted(title="Boss", **NEW)).method == "PUT"


# -- Who it is ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "asked", "same"),
    [
        ("ada@example.org", "ADA@Example.org", True),
        ("ÄDA@example.org", "äda@example.org", True),
        ("straße@example.org", "strasse@example.org", False),
        ("ada@example.org", "ada@example.com", False),
        (None, "ada@example.org", False),
    ],
)
@pytest.mark.parametrize("state", ["present", "absent"])
def test_login_names_are_compared_without_case(there: str | None, asked: str, same: bool, state: str) -> None:
    wish = wanted(user_name=asked, user_id="1", state=state)
    current = User({**resource(), "userName": there})
    if same:
        assert plan(current, wish).operation == ("unchanged" if state == "present" else "deactivated")
        return
    with pytest.raises(EightByEightError) as caught:
        plan(current, wish)
    assert caught.value.kind == "user_name_fixed"


def test_a_login_name_in_another_case_is_not_sent() -> None:
    change = plan(user(), wanted(user_name="ADA@EXAMPLE.ORG", title="Boss"))
    assert body_of(change)["userName"] == "ada@example.org"
    assert "user_name" not in change.after


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"user_name": ""}, "user_name is empty"),
        ({"user_id": ""}, "user_id is empty"),
        ({"user_name": " ada"}, "begins or ends with white space"),
        ({"user_id": "1\n"}, "begins or ends with white space"),
        ({"user_name": "ada\udc80"}, "user_name contains characters that are not valid Unicode"),
        ({"title": "\ud800"}, "title contains characters that are not valid Unicode"),
        (
            {"phone_numbers": [{"type": "work", "value": "\ud800"}]},
            "phone_numbers contains characters that are not valid",
        ),
        ({"phone_numbers": [{"type": "work", "value": " "}]}, "each entry needs a type"),
    ],
)
def test_options_that_cannot_be_right_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(BadOptionError, match=message):
        wanted(**options)


@pytest.mark.parametrize(("options", "who"), [({}, "ada@example.org"), ({"user_name": None, "user_id": "9"}, "id 9")])
def test_messages_name_the_user(options: dict[str, Any], who: str) -> None:
    assert wanted(**options).who == who


# -- The site -----------------------------------------------------------------


def test_a_site_that_is_set_cannot_be_changed_and_nothing_else_is() -> None:
    with pytest.raises(EightByEightError, match="the site is 'London' and cannot be changed to 'Paris'") as caught:
        plan(user(), wanted(site="Paris", title="Boss", active=False))
    assert caught.value.kind == "site_fixed"
    assert "Admin Console" in caught.value.message


def test_a_site_that_is_set_cannot_be_cleared() -> None:
    with pytest.raises(EightByEightError, match="cannot be changed to empty"):
        plan(user(), wanted(site=""))


def test_site_names_are_compared_with_case() -> None:
    with pytest.raises(EightByEightError) as caught:
        plan(user(), wanted(site="london"))
    assert caught.value.kind == "site_fixed"


@pytest.mark.parametrize("before", [None, {}, {"site": None}, {"site": ""}])
def test_a_site_can_be_set_once(before: dict[str, Any] | None) -> None:
    change = plan(user(**{DEFAULT_EXTENSION_URN: before}), wanted(site="Paris"))
    assert body_of(change)[DEFAULT_EXTENSION_URN] == {"site": "Paris"}
    assert dict(change.before or {}) == {"site": None}


def test_the_site_goes_into_the_extension_of_this_tenant() -> None:
    urn = KNOWN_EXTENSION_URNS[1]
    created = body_of(plan(None, wanted(site="Paris", **NEW), extension_urn=urn))
    assert created[urn] == {"site": "Paris"}
    assert DEFAULT_EXTENSION_URN not in created
    extensions: dict[str, Any] = {urn: {"site": "London"}, DEFAULT_EXTENSION_URN: None}
    current = User(resource(**extensions), urn)
    assert current.view["site"] == "London"
    assert body_of(plan(current, wanted(title="Boss")))[urn] == {"site": "London"}


# -- Phone numbers ------------------------------------------------------------

HOME = {"type": "home", "value": "5"}
WORK = {"type": "work", "value": "1", "primary": False, "display": "one"}
MOBILE = {"type": "Mobile", "value": "2", "primary": True}


@pytest.mark.parametrize(
    ("there", "asked", "sent"),
    [
        # Order and repetition make no difference, nor does the case of a type.
        ([WORK, MOBILE], [("mobile", "2"), ("work", "1")], None),
        ([MOBILE, WORK, WORK], [("work", "1"), ("work", "1"), ("mobile", "2")], None),
        ([HOME, WORK], [("work", "1")], None),
        # An entry that stays keeps what the server put in it, and other types stay.
        ([HOME, WORK, MOBILE], [("work", "1")], [WORK, HOME]),
        ([WORK], [("work", "1"), ("mobile", "3")], [{"type": "mobile", "value": "3"}, WORK]),
        ([HOME, WORK], [("work", "9")], [{"type": "work", "value": "9"}, HOME]),
        ([HOME, WORK], [], [HOME]),
        ([WORK], [], "absent"),
        # The same number under another type is another number.
        ([WORK], [("mobile", "1")], [{"type": "mobile", "value": "1"}]),
        # A number without a type, or that is not an object, is none of ours.
        ([{"value": "7"}, WORK], [], [{"value": "7"}]),
    ],
)
def test_phone_numbers_are_replaced_as_a_whole_list_or_not_sent(
    there: list[Any], asked: list[tuple[str, str]], sent: Any
) -> None:
    current = user(phoneNumbers=there)
    change = plan(current, wanted(phone_numbers=[{"type": kind, "value": value} for kind, value in asked]))
    if sent is None:
        assert not change.changed
        return
    assert change.method == "PUT"
    assert body_of(change).get("phoneNumbers", "absent") == sent
    shown = [{"type": kind, "value": value} for kind, value in sorted(asked)]
    assert dict(change.after) == {"phone_numbers": shown}
    assert change.user is not None
    assert change.user["phone_numbers"] == shown
    assert dict(change.before or {}) == {"phone_numbers": current.view["phone_numbers"]}


# -- The body of a POST -------------------------------------------------------


def test_a_creation_sends_what_was_given_and_nothing_else() -> None:
    change = plan(
        None, wanted(**NEW, title="Analyst", locale="", site="London", department="R&D", external_id="7", active=False)
    )
    assert body_of(change) == {
        "schemas": [CORE_URN, ENTERPRISE_URN, DEFAULT_EXTENSION_URN],
        "userName": "ada@example.org",
        "active": False,
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"value": "ada@example.org", "type": "work", "primary": True}],
        "externalId": "7",
        "title": "Analyst",
        ENTERPRISE_URN: {"department": "R&D"},
        DEFAULT_EXTENSION_URN: {"site": "London"},
    }
    assert change.before is None
    assert "locale" not in change.after


def test_a_creation_shows_the_user_who_will_be() -> None:
    change = plan(None, wanted(**NEW))
    assert change.user == {
        **dict.fromkeys(VIEW_KEYS),
        "user_name": "ada@example.org",
        **NEW,
        "active": True,
        "phone_numbers": [],
    }
    assert list(change.after) == ["user_name", "given_name", "family_name", "email", "active"]
    assert change.diff("ada") == {
        "before_header": "user ada",
        "after_header": "user ada",
        "before": None,
        "after": {"user_name": "ada@example.org", **NEW, "active": True},
    }
    assert body_of(change)["schemas"] == [CORE_URN]


# -- The body of a PUT --------------------------------------------------------

STRANGE: dict[str, Any] = {
    "schemas": [CORE_URN, ENTERPRISE_URN, DEFAULT_EXTENSION_URN, "urn:other:1.0:User"],
    "name": {
        "givenName": "Ada",
        "familyName": "Lovelace",
        "middleName": "King",
        "honorificPrefix": None,
        "formatted": "A. L.",
    },
    "emails": [
        {"value": "ada@home.example", "type": "home"},
        {"value": "ada@example.org", "type": "work", "primary": True, "display": "Ada"},
    ],
    "nickName": "Countess",
    "shoeSize": 38,
    "preferences": {"music": None, "lights": ["low", None, {"at": None}]},
    "nothing": None,
    "photos": [],
    "groups": [{"value": "g1"}],
    "meta": {"version": 'W/"3"', "location": "https://elsewhere/"},
    ENTERPRISE_URN: {"department": "Engineering", "manager": {"value": "9", "displayName": "Boss"}, "division": None},
    DEFAULT_EXTENSION_URN: {"site": "London", "extra": {"deep": [1, 2]}},
    "urn:other:1.0:User": {"badge": 7},
}


def test_a_put_carries_everything_that_is_not_ours_and_nothing_read_only_or_null() -> None:
    before = resource(**STRANGE)
    change = plan(User(before), wanted(title="Boss", email="countess@example.org"))
    assert body_of(change) == {
        "schemas": STRANGE["schemas"],
        "userName": "ada@example.org",
        "active": True,
        "name": {"givenName": "Ada", "familyName": "Lovelace", "middleName": "King", "formatted": "A. L."},
        "emails": [
            {"value": "ada@home.example", "type": "home"},
            {"value": "countess@example.org", "type": "work", "primary": True},
        ],
        "title": "Boss",
        "locale": "en-GB",
        "nickName": "Countess",
        "shoeSize": 38,
        "preferences": {"lights": ["low", {}]},
        "photos": [],
        ENTERPRISE_URN: {"department": "Engineering", "manager": {"value": "9", "displayName": "Boss"}},
        DEFAULT_EXTENSION_URN: {"site": "London", "extra": {"deep": [1, 2]}},
        "urn:other:1.0:User": {"badge": 7},
    }
    assert before == resource(**STRANGE), "planning must not touch what was read"


@pytest.mark.parametrize(
    ("there", "sent"),
    [
        # 8x8 uses the address of type work, else the one without a type.
        ([{"value": "a@b.c"}], [{"value": "new@b.c", "type": "work", "primary": True}]),
        (
            [{"value": "a@b.c"}, {"value": "w@b.c", "type": "WORK", "id": 1}],
            [{"value": "a@b.c"}, {"value": "new@b.c", "type": "work", "primary": True, "id": 1}],
        ),
        (
            [{"value": "h@b.c", "type": "home", "primary": True}],
            # True may stand once, and it is not ours to take away (RFC 7643 section 2.4).
            [{"value": "new@b.c", "type": "work"}, {"value": "h@b.c", "type": "home", "primary": True}],
        ),
        ([], [{"value": "new@b.c", "type": "work", "primary": True}]),
    ],
)
def test_a_new_work_address_takes_the_place_of_the_old_one(there: list[Any], sent: list[Any]) -> None:
    assert body_of(plan(user(emails=there), wanted(email="new@b.c")))["emails"] == sent


def test_primary_is_true_once_also_where_another_address_had_it() -> None:
    """RFC 7643 section 2.4: the primary attribute value true must appear no more than once."""
    there = [{"value": "h@b.c", "type": "home", "primary": True}, {"value": "w@b.c", "type": "work"}]
    sent = body_of(plan(user(emails=there), wanted(email="new@b.c")))["emails"]
    assert [entry["value"] for entry in sent] == ["h@b.c", "new@b.c"]
    assert sum(entry.get("primary") is True for entry in sent) == 1


@pytest.mark.parametrize(
    ("there", "sent"),
    [
        (None, [CORE_URN, ENTERPRISE_URN, DEFAULT_EXTENSION_URN]),
        ([], [CORE_URN, ENTERPRISE_URN, DEFAULT_EXTENSION_URN]),
        (CORE_URN, [CORE_URN, ENTERPRISE_URN, DEFAULT_EXTENSION_URN]),
        ([CORE_URN, "urn:x"], [CORE_URN, "urn:x", ENTERPRISE_URN, DEFAULT_EXTENSION_URN]),
        ([CORE_URN, CORE_URN, None, 5], [CORE_URN, ENTERPRISE_URN, DEFAULT_EXTENSION_URN]),
    ],
)
def test_the_schemas_of_what_is_sent_are_listed_once(there: Any, sent: list[str]) -> None:
    assert body_of(plan(user(schemas=there), wanted(title="Boss")))["schemas"] == sent


def test_the_schema_of_an_extension_that_is_gone_is_not_listed() -> None:
    assert body_of(plan(user(), wanted(department="")))["schemas"] == [CORE_URN, DEFAULT_EXTENSION_URN]


def test_a_name_that_is_no_object_is_replaced_by_one() -> None:
    body = body_of(plan(user(name="Ada Lovelace"), wanted(**NEW)))
    assert body["name"] == {"givenName": "Ada", "familyName": "Lovelace"}


# -- What the server declined before ------------------------------------------


def test_a_declined_value_is_not_sent_again_as_long_as_nothing_moves() -> None:
    declined = {"title": (digest("BOSS"), digest("Analyst"))}
    assert plan(user(), wanted(title="BOSS")).changed
    assert not plan(user(), wanted(title="BOSS"), declined=declined).changed
    assert plan(user(), wanted(title="Boss"), declined=declined).changed, "another wish"
    assert plan(user(title="Clerk"), wanted(title="BOSS"), declined=declined).changed, "another result"
    assert plan(user(), wanted(department="BOSS"), declined=declined).changed, "another attribute"


def test_a_declined_value_starts_no_write_and_travels_with_another_change() -> None:
    """What the server shows in its place may be masked or cut, and must not be written back."""
    declined = {"title": (digest("BOSS"), digest("Analyst"))}
    assert not plan(user(), wanted(title="BOSS"), declined=declined).changed
    change = plan(user(), wanted(title="BOSS", department="R&D"), declined=declined)
    assert dict(change.after) == {"department": "R&D"}
    assert body_of(change)["title"] == "BOSS"
    assert plan(user(), wanted(title="BOSS", active=False), declined=declined).method == "PATCH"


def test_what_is_declined_is_given_all_the_same() -> None:
    bare: dict[str, Any] = {"name": None}
    names = {"given_name": "Ada", "family_name": "Lovelace"}
    declined = {name: (digest(value), digest(None)) for name, value in names.items()}
    change = plan(user(**bare), wanted(**names, title="Boss"), declined=declined)
    assert dict(change.after) == {"title": "Boss"}
    assert body_of(change)["name"] == {"givenName": "Ada", "familyName": "Lovelace"}


def test_a_declined_site_is_not_sent_where_another_one_is_shown() -> None:
    declined = {"site": (digest("Paris"), digest("London"))}
    change = plan(user(), wanted(site="Paris", title="Boss"), declined=declined)
    assert body_of(change)[DEFAULT_EXTENSION_URN] == {"site": "London"}


def test_a_declined_site_is_not_a_site_that_cannot_be_changed() -> None:
    declined = {"site": (digest("Paris"), digest("London"))}
    assert not plan(user(), wanted(site="Paris"), declined=declined).changed


def test_digests_tell_values_apart_and_empty_ones_not() -> None:
    values = ["a", "A", "1", [{"type": "work", "value": "1"}], [{"type": "mobile", "value": "1"}], None]
    assert len({digest(value) for value in values}) == len(values)
    assert digest(None) == digest("") == digest([])
    assert digest([{"type": "work", "value": "1"}]) == digest([{"value": "1", "type": "work"}])
    assert len(digest("a")) == 32


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ({"title": "Boss", "timezone": "UTC"}, []),
        ({"title": "BOSS", "timezone": "UTC"}, ["title"]),
        ({"title": None, "timezone": None}, ["title", "timezone"]),
        ({"title": "Boss", "timezone": "UTC", "active": True, "userName": "other"}, []),
    ],
)
def test_what_was_not_taken_is_named_without_active_and_the_login_name(
    answer: dict[str, Any], names: list[str]
) -> None:
    change = plan(user(), wanted(title="Boss", timezone="UTC", active=False))
    assert not_taken(change, User(resource(**answer))) == names


def test_the_diff_holds_what_changes_and_only_that_in_the_order_people_read() -> None:
    change = plan(
        user(active=False),
        wanted(phone_numbers=[{"type": "work", "value": "1"}], title="Boss", given_name="Augusta", active=True),
    )
    diff = change.diff("ada@example.org")
    assert diff["before"] == {"given_name": "Ada", "active": False, "title": "Analyst", "phone_numbers": []}
    assert list(diff["after"]) == ["given_name", "active", "title", "phone_numbers"]
    assert diff["after"]["active"] is True
    assert diff["before_header"] == diff["after_header"] == "user ada@example.org"
