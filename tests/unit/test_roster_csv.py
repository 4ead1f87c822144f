# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users as CSV are a roster that asks for just what these users are."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.filter.roster_csv import FilterModule, roster_csv
from ansible_collections.eightbyeight.scim.plugins.filter.roster_from import roster_from
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._roster_csv import users_csv
from ansible_collections.eightbyeight.scim.tests.unit.rosters import read_rows

#: Text that a cell can hold; what no attribute may hold is refused by the reader.
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=2, max_size=20).filter(
    lambda text: text[0] not in "[{"
)


def read_back(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def ada(**values: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "user_name": "ada@example.org",
        "given_name": "Ada",
        "family_name": "Lovelace",
        "email": "ada@example.org",
        "external_id": None,
        "title": None,
        "department": None,
        "site": None,
        "locale": None,
        "timezone": None,
        "phone_numbers": [],
        "active": True,
        **values,
    }


def test_what_a_user_does_not_have_is_left_alone() -> None:
    assert users_csv([ada()]) == (
        "user_name,given_name,family_name,email,external_id,title,department,site,locale,timezone,phone_numbers,active\n"
        "ada@example.org,Ada,Lovelace,ada@example.org,~,~,~,~,~,~,~,true\n"
    )


@given(title=TEXT, family=TEXT, active=st.booleans())
def test_a_roster_reads_what_was_written(title: str, family: str, active: bool) -> None:
    numbers = [{"type": "mobile", "value": "+44 7700 900123"}, {"type": "work", "value": "12,3"}]
    user = ada(title=title, family_name=family, active=active, phone_numbers=numbers)
    (row,) = read_rows(read_back(users_csv([user])))
    wanted = row.wanted
    assert (wanted.user_name, wanted.active) == ("ada@example.org", active)
    told = {name: user[name] for name in ("given_name", "family_name", "email", "phone_numbers")}
    assert dict(wanted.attributes) == told | ({} if title == "~" else {"title": title})


def test_an_export_of_a_tenant_is_a_source_of_rosters_and_asks_for_what_is_there() -> None:
    """As ``eightbyeight.scim.export`` writes it, and ``roster_source: csv`` reads it."""
    numbers = [{"type": "mobile", "value": "+44 7700 900123"}, {"type": "work", "value": "+44 20 7946 0000"}]
    users = [ada(phone_numbers=numbers, title="=1+1"), ada(user_name="bo@example.org", active=False, site="Café")]
    read = roster_from(users_csv(users), "csv")
    assert (read["partial"], read["problems"]) == (None, [])
    rows = read_rows(read["users"])
    assert [row.wanted.user_name for row in rows] == ["ada@example.org", "bo@example.org"]
    assert [row.wanted.active for row in rows] == [True, False]
    assert rows[0].wanted.attributes["phone_numbers"] == numbers
    assert rows[0].wanted.attributes["title"] == "=1+1"
    assert rows[1].wanted.attributes["site"] == "Café"


@pytest.mark.parametrize("numbers", ["[", '[{"type": "fax", "value": "1"}]', '{"type": "work"}'])
def test_phone_numbers_that_cannot_be_read_are_left_alone_and_told(numbers: str) -> None:
    read = roster_from(
        [{"user_name": "ada@example.org", "given_name": "Ada", "family_name": "L", "phone_numbers": numbers}], "csv"
    )
    assert [row.get("phone_numbers") for row in read["users"]] == [None]
    assert [problem["column"] for problem in read["problems"]] == ["phone_numbers"]


@pytest.mark.parametrize("title", ["=1+1", "+44", "-x", "@x", "\uff1dx", "'=x"])
def test_no_spreadsheet_computes_a_cell_and_the_roster_gets_the_text(title: str) -> None:
    text = users_csv([ada(title=title)])
    assert f"'{title}" in text
    (row,) = read_rows(read_back(text))
    assert row.wanted.attributes["title"] == title


def test_the_filter_wants_users() -> None:
    assert FilterModule().filters() == {"roster_csv": roster_csv}
    assert roster_csv([ada()]) == users_csv([ada()])
    wrongs: tuple[Any, ...] = ("text", {"users": []}, [1])
    for wrong in wrongs:
        with pytest.raises(AnsibleFilterError, match="list of users"):
            roster_csv(wrong)
