# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that 8x8 cannot take: found before anything is sent, and only where they are to be sent."""

from __future__ import annotations

import zoneinfo
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError
from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._plan import plan
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource import values
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.values import flaw_of
from ansible_collections.eightbyeight.scim.plugins.module_utils._wanted import Wanted
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import Tenant, client_for, user
from ansible_collections.eightbyeight.scim.tests.unit.rosters import newcomer, people, roster, row
from ansible_collections.eightbyeight.scim.tests.unit.users import ADA, FIND_NOBODY, NEW, UNTOUCHED, Told, there

FLAWED = [
    ("email", "ada", "email 'ada' is not an e-mail address."),
    ("email", "@example.org", "not an e-mail address"),
    ("email", "ada@", "not an e-mail address"),
    ("email", "ada lovelace@example.org", "not an e-mail address"),
    ("email", "a" * 120 + "@example.org", "has 132 characters, and 8x8 takes at most 128"),
    ("timezone", "Europe/Londn", "timezone 'Europe/Londn' does not exist. Did you mean 'Europe/London'?"),
    ("timezone", "europe/london", "Did you mean 'Europe/London'?"),
    ("timezone", "America/New York", "Did you mean 'America/New_York'?"),
    ("timezone", "the moon", "Give a name such as 'Europe/London'"),
    ("timezone", "Europe", "does not exist"),
    ("timezone", "../../etc/passwd", "does not exist"),
    ("timezone", "/etc/passwd", "does not exist"),
    ("timezone", "UTC ", "timezone 'UTC ' does not exist. Did you mean"),
    ("timezone", "x" * 300, "does not exist"),
    ("timezone", "\x00", "does not exist"),
    ("family_name", "x" * 31, "has 31 characters, and 8x8 takes at most 30"),
    ("given_name", "x" * 129, "at most 128"),
    ("title", "x" * 255, "at most 254"),
    ("department", "x" * 101, "at most 100"),
    ("site", "Paris\u00a0", "contains the invisible character U+00A0"),
    ("site", "Pa\u200bris", "contains the invisible character U+200B"),
    ("phone_numbers", "\u202a+442079460000\u202c", "contains the invisible character U+202A"),
]
FINE = [
    ("email", "ada@example.org"),
    ("email", '"a@b"@example.org'),
    ("email", "ädä@bücher.example"),
    ("timezone", "Europe/London"),
    ("timezone", "US/Pacific"),
    ("timezone", "EST"),
    ("family_name", "x" * 30),
    ("title", "x" * 254),
    ("site", "New York"),
    ("locale", "anything"),
    ("external_id", "x" * 500),
]


@pytest.mark.parametrize(("name", "value", "words"), FLAWED)
def test_a_value_that_cannot_be_is_told_with_its_attribute(name: str, value: str, words: str) -> None:
    flaw = flaw_of(name, value)
    assert flaw is not None
    assert flaw.startswith(name)
    assert words in flaw


@pytest.mark.parametrize(("name", "value"), FINE)
def test_a_value_that_can_be_is_left_alone(name: str, value: str) -> None:
    assert flaw_of(name, value) is None


def test_where_there_is_no_data_nothing_is_said_of_time_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError

    monkeypatch.setattr(zoneinfo, "ZoneInfo", missing)
    values._flaw_of_timezone.cache_clear()
    try:
        assert flaw_of("timezone", "the moon") is None
    finally:
        values._flaw_of_timezone.cache_clear()


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(("name", "value", "words"), FLAWED[::4])
def test_a_task_is_refused_before_anything_is_sent(
    talk: Talk, memory: Memory, name: str, value: str, words: str, check_mode: bool
) -> None:
    for call in (FIND_NOBODY, there()):
        told = Told(talk(call), memory, check_mode, **{**NEW, "site": "London", name: value})
        assert (told.kind, told.operation) == ("bad_option", UNTOUCHED)
        assert told.message.startswith(f"{ADA}: {name}")
        assert words in told.message


@pytest.mark.parametrize(
    ("held", "options"),
    [
        ({"timezone": "Mars/Phobos"}, {"timezone": "Mars/Phobos"}),
        ({"emails": [{"value": "ada", "type": "work"}]}, {"email": "ada"}),
        ({"name": {"givenName": "Ada", "familyName": "L" * 40}}, {"family_name": "L" * 40}),
        ({"urn:ietf:params:scim:schemas:extension:8x8:1.1:User": {"site": " Paris"}}, {"site": " Paris"}),
    ],
)
def test_what_the_tenant_holds_already_is_no_error(held: dict[str, Any], options: dict[str, Any]) -> None:
    wanted = Wanted.from_options({"user_name": ADA, **options})
    assert not plan(user(**held), wanted).changed
    change = plan(user(**held), Wanted.from_options({"user_name": ADA, **options, "title": "Boss"}))
    assert dict(change.after) == {"title": "Boss"}


def test_all_that_is_wrong_with_somebody_is_told_at_once() -> None:
    with pytest.raises(BadOptionError) as caught:
        plan(None, Wanted.from_options({"user_name": "x" * 71, **NEW, "email": "x", "timezone": "x"}))
    for words in ("user_name", "email 'x'", "timezone 'x'"):
        assert words in caught.value.message


def test_a_login_name_that_is_there_may_be_as_long_as_it_is() -> None:
    name = "x" * 71
    assert plan(user(userName=name), Wanted.from_options({"user_name": name, "title": "Boss"})).changed


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_phone_number_with_an_invisible_character_is_refused_where_it_would_be_sent(
    talk: Talk, memory: Memory, check_mode: bool
) -> None:
    odd = [{"type": "mobile", "value": "\u202a+442079460000\u202c"}]
    told = Told(talk(there()), memory, check_mode, phone_numbers=odd)
    assert (told.kind, told.operation) == ("bad_option", UNTOUCHED)
    assert "phone_numbers" in told.message and "U+202A" in told.message
    more = [*odd, {"type": "work", "value": "+1"}]
    assert not plan(user(phoneNumbers=odd), Wanted.from_options({"user_name": ADA, "phone_numbers": odd})).changed
    assert plan(user(phoneNumbers=odd), Wanted.from_options({"user_name": ADA, "phone_numbers": more})).changed


@pytest.mark.parametrize("check", [True, False])
def test_a_row_is_refused_alone(check: bool) -> None:
    tenant = Tenant(*people(3))
    told = roster(tenant, [row(1, timezone="Europe/Londn"), row(2, title="A"), newcomer(9)], check=check)
    assert told.kind == "rows_failed"
    assert told.kind_of(row(1)["user_name"]) == "bad_option"
    assert told.summary == {"refused": 1, "updated": 1, "created": 1}
    assert "Did you mean 'Europe/London'?" in told.message


def test_what_an_undo_puts_back_is_not_judged(tmp_path: Any) -> None:
    tenant = Tenant(*people(1))
    tenant.users["1"]["timezone"] = "Mars/Phobos"
    undo = str(tmp_path / "undo")
    assert roster(tenant, [row(1, timezone="UTC")], undo_file=undo).error is None
    assert roster(tenant, apply_plan=undo).error is None
    assert tenant.users["1"]["timezone"] == "Mars/Phobos"


# -- Identifiers -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["email", "external_id", "user_id"])
@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("\ufeff7@example.org", "U+FEFF"),
        ("7\u200b@example.org", "U+200B"),
        ("7\u00a07@example.org", "U+00A0"),
        ("7\n7@example.org", "U+000A"),
        (" 7@example.org", "white space"),
    ],
)
def test_invisible_characters_in_identifiers_are_refused_by_name(name: str, value: str, words: str) -> None:
    with pytest.raises(BadOptionError) as caught:
        Wanted.from_options({"user_name": ADA, name: value})
    assert caught.value.message.startswith(name)
    assert words in caught.value.message


@pytest.mark.parametrize("leaves", [{"state": "absent"}, {"ends": "2020-01-31"}])
@pytest.mark.parametrize("value", ["1\u200b", "1\u00a0", "\ufeff1"])
def test_a_leaver_is_not_taken_for_nobody_because_of_an_invisible_character(value: str, leaves: dict[str, str]) -> None:
    tenant = Tenant({**people(1)[0], "externalId": "1"})
    told = roster(tenant, [{"external_id": value, **leaves}])
    assert told.kind == "bad_roster"
    assert "external_id" in told.message
    told = roster(tenant, [{"external_id": "1", **leaves}])
    assert told.summary == {"deactivated": 1}


def test_an_empty_identifier_that_can_be_cleared_is_no_fault() -> None:
    assert Wanted.from_options({"user_name": ADA, "external_id": ""}).attributes == {"external_id": None}


def test_client_of_a_tenant_is_asked_once_for_a_flawed_value(memory: Memory) -> None:
    tenant = Tenant(*people(1))
    told = Told(client_for(tenant), memory, user_name=row(1)["user_name"], email="x")
    assert told.kind == "bad_option"
    assert tenant.writes == []
