# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes back with a changed name, and with a changed e-mail address: nothing old, and nothing lost."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.payload import put_body
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.user import User
from ansible_collections.eightbyeight.scim.tests.unit.helpers import resource, user

HOME = {"value": "ada@home.example", "type": "home"}


def sent(raw: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return the body of the PUT for a user that was read."""
    return put_body(User(resource(**raw)), True, changes)


# -- Names that are made of names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formatted", "changes", "fresh"),
    [
        ("Ada Lovelace", {"family_name": "King"}, "Ada King"),
        ("Ada Lovelace", {"given_name": "Augusta", "family_name": "King"}, "Augusta King"),
        ("Lovelace, Ada", {"family_name": "King"}, "King, Ada"),
        ("Dr. Ada B. Lovelace PhD", {"family_name": "King-Noel"}, "Dr. Ada B. King-Noel PhD"),
        # The new given name is the old family name, and so on.
        ("Ada Lovelace", {"given_name": "Lovelace", "family_name": "Ada"}, "Lovelace Ada"),
        # What cannot be made is left out: the server makes it, or has none.
        ("The Countess", {"family_name": "King"}, None),
        ("Lovelace Lovelace", {"family_name": "King"}, None),
        ("Lovelaces Ada", {"family_name": "King"}, None),
        ("", {"family_name": "King"}, None),
        (5, {"family_name": "King"}, None),
        # Nothing of it changes.
        ("The Countess", {"title": "Boss"}, "The Countess"),
        ("The Countess", {"family_name": "Lovelace"}, "The Countess"),
    ],
)
def test_the_full_name_changes_with_its_parts(formatted: Any, changes: dict[str, Any], fresh: str | None) -> None:
    name = {"givenName": "Ada", "familyName": "Lovelace", "formatted": formatted, "middleName": "B."}
    body = sent({"name": name}, **changes)
    assert body["name"].get("formatted") == fresh
    assert ("formatted" in body["name"]) is (fresh is not None)
    assert body["name"]["middleName"] == "B.", "nothing else of the name goes away"


@pytest.mark.parametrize(
    ("shown", "formatted", "fresh"),
    [
        ("Ada Lovelace", None, "Ada King"),
        ("Lovelace Ada", None, "King Ada"),
        ("Lovelace, Ada", None, "King, Ada"),
        ("Dr. Ada Lovelace", "Dr. Ada Lovelace", "Dr. Ada King"),
        # Whatever else it holds, and in whatever case: the old name must not stay.
        ("Ada B. Lovelace", None, "Ada B. King"),
        ("Dr. Ada Lovelace (Sales)", None, "Dr. Ada King (Sales)"),
        ("ADA LOVELACE", "Ada Lovelace", "ADA King"),
        (" Ada  Lovelace", None, " Ada  King"),
        # Not made of the name: whoever gave it keeps it.
        ("Lady Lovelace", None, "Lady Lovelace"),
        ("Enchantress of Numbers", None, "Enchantress of Numbers"),
        ("", None, ""),
        (5, None, 5),
    ],
)
def test_a_display_name_that_equals_the_old_name_changes_with_it(shown: Any, formatted: Any, fresh: Any) -> None:
    name = {"givenName": "Ada", "familyName": "Lovelace", **({"formatted": formatted} if formatted else {})}
    assert sent({"name": name, "displayName": shown}, family_name="King")["displayName"] == fresh
    assert sent({"name": name, "displayName": shown}, title="Boss")["displayName"] == shown


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_full_name_changes_in_whatever_way_its_accents_are_written(form: str) -> None:
    shown = unicodedata.normalize(form, "Ren\u00e9 Noll")
    name = {"givenName": "Ren\u00e9", "familyName": "Noll", "formatted": shown}
    body = sent({"name": name, "displayName": shown}, given_name="Ana")
    assert (body["name"]["formatted"], body["displayName"]) == ("Ana Noll", "Ana Noll")


def test_a_display_name_in_which_the_part_is_twice_is_left_out() -> None:
    name = {"givenName": "Ada", "familyName": "Ada"}
    assert "displayName" not in sent({"name": name, "displayName": "Ada Ada"}, family_name="King")


def test_a_name_that_is_only_made_now_needs_no_full_one() -> None:
    body = sent({"name": {"formatted": "Ada Lovelace"}}, given_name="Ada", family_name="King")
    assert body["name"] == {"givenName": "Ada", "familyName": "King"}


# -- E-mail addresses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("emails", "shown", "after"),
    [
        # Two of type work: the primary one is the user's.
        (
            [{"value": "a", "type": "work"}, {"value": "b", "type": "work", "primary": True}],
            "b",
            [{"value": "a", "type": "work"}, {"value": "new", "type": "work", "primary": True}],
        ),
        (
            [{"value": "a", "type": "work"}, {"value": "b", "type": "WORK", "primary": "true"}],
            "b",
            [{"value": "a", "type": "work"}, {"value": "new", "type": "work", "primary": True}],
        ),
        (
            [{"value": "a", "type": "work", "display": "A"}, {"value": "b", "type": "work"}],
            "a",
            [{"value": "new", "type": "work", "primary": True}, {"value": "b", "type": "work"}],
        ),
        # Without types, the primary one.
        (
            [{"value": "a"}, {"value": "b", "primary": True}],
            "b",
            [{"value": "a"}, {"value": "new", "type": "work", "primary": True}],
        ),
        ([{"value": "a"}, {"value": "b"}], "a", [{"value": "new", "type": "work", "primary": True}, {"value": "b"}]),
        # Work without primary counts before another type that is primary, which stays primary.
        (
            [{**HOME, "primary": True}, {"value": "a", "type": "work"}],
            "a",
            [{**HOME, "primary": True}, {"value": "new", "type": "work"}],
        ),
        # Plain text.
        (["a", HOME], "a", [{"value": "new", "type": "work", "primary": True}, HOME]),
        (
            ["a", {"value": "b", "type": "work"}, "c"],
            "b",
            ["a", {"value": "new", "type": "work", "primary": True}, "c"],
        ),
        ("a", "a", [{"value": "new", "type": "work", "primary": True}]),
        ({"value": "a"}, "a", [{"value": "new", "type": "work", "primary": True}]),
        # Nobody's work address yet.
        ([HOME], None, [{"value": "new", "type": "work", "primary": True}, HOME]),
        ([HOME, 5], None, [{"value": "new", "type": "work", "primary": True}, HOME, 5]),
        ([], None, [{"value": "new", "type": "work", "primary": True}]),
    ],
)
def test_the_address_that_is_shown_is_the_one_that_changes_and_no_other_is_lost(
    emails: Any, shown: str | None, after: list[Any]
) -> None:
    assert user(emails=emails).view["email"] == shown
    body = sent({"emails": emails}, email="new")
    assert body["emails"] == after
    assert user(emails=body["emails"]).view["email"] == "new"
    assert sent({"emails": emails}, title="Boss").get("emails") == emails


def test_phone_numbers_of_plain_text_are_not_lost() -> None:
    phones = ["1", {"type": "mobile", "value": "2"}, {"type": "home", "value": "3"}]
    body = sent({"phoneNumbers": phones}, phone_numbers=[{"type": "work", "value": "4"}])
    assert body["phoneNumbers"] == [{"type": "work", "value": "4"}, "1", {"type": "home", "value": "3"}]
