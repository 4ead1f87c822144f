# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows of an export: dates, what a mapping says, what is wrong with a row, and what nobody could believe."""

from __future__ import annotations

from typing import Any

import pytest

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.filter.roster_from import roster_from
from ansible_collections.eightbyeight.scim.tests.unit.exports import graph_user, only_row, person, told


def dated(value: Any, **kwargs: Any) -> dict[str, Any]:
    return roster_from([{"user_name": "ada", "starts": value}], "csv", **kwargs)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-12-01", "2026-12-01"),
        ("20261201", "2026-12-01"),
        ("2026-12-01T00:00:00Z", "2026-12-01"),
        ("2026-12-01 08:30", "2026-12-01"),
        ("2020-01-13T09:03:22.0000000Z", "2020-01-13"),
        ("1953-03-16T00:00:00+01:00", "1953-03-16"),
        ("2026-12-01T00:00:00-0800", "2026-12-01"),
        ("20200201000000.0Z", "2020-02-01"),
        *[
            (nothing, None)
            for nothing in ("", None, "0000-00-00", "0", 0, "9223372036854775807", "0001-01-01T00:00:00Z")
        ],
    ],
)
def test_a_day_is_that_of_its_place(value: Any, day: str | None) -> None:
    result = dated(value)
    assert result["problems"] == []
    assert result["users"][0].get("starts") == day


def test_a_time_in_utc_is_converted() -> None:
    assert dated("2026-11-30T23:30:00Z", dates_timezone="Europe/Berlin")["users"][0]["starts"] == "2026-12-01"
    assert dated("2026-12-01T02:00:00Z", dates_timezone="America/New_York")["users"][0]["starts"] == "2026-11-30"
    assert dated("2026-12-01T02:00:00+02:00", dates_timezone="America/New_York")["users"][0]["starts"] == "2026-12-01"
    with pytest.raises(AnsibleFilterError, match="dates_timezone: this machine knows no time zone 'Mars/Base'"):
        dated("2026-12-01", dates_timezone="Mars/Base")


@pytest.mark.parametrize(
    ("value", "zone", "ends"),
    [
        ("2026-12-31", "UTC", "2026-12-31"),
        ("2026-12-31T00:00:00Z", "UTC", "2026-12-31"),
        ("2026-12-31T00:00:00Z", "Europe/Berlin", "2026-12-31"),
        ("2026-12-30T23:00:00Z", "Europe/Berlin", "2026-12-31"),
        ("2026-12-31T17:00:00Z", "Europe/Berlin", "2026-12-31T17:00:00Z"),
        ("2026-12-31T17:00:00+01:00", "UTC", "2026-12-31T17:00:00+01:00"),
        ("2026-12-31T17:00", "UTC", "2026-12-31T17:00:00"),
        ("2026-12-31T00:00:00+01:00", "UTC", "2026-12-31"),
    ],
)
def test_a_midnight_ends_with_its_day_and_another_time_at_once(value: str, zone: str, ends: str) -> None:
    assert only_row([{"user_name": "ada", "ends": value}], "csv", dates_timezone=zone)["ends"] == ends


@pytest.mark.parametrize(
    "value", ["01/02/2026", "1/2/26", "13/04/2026", "31.12.2026", "01-02-2026", "8/19/2021 1:25:31 PM"]
)
def test_a_date_that_may_be_another_one_is_refused_until_its_form_is_named(value: str) -> None:
    result = dated(value)
    assert result["users"] == []
    assert told(result) == [(1, "starts")]
    assert "date_format" in result["problems"][0]["message"]
    assert "row 1" in result["partial"]


@pytest.mark.parametrize(
    ("value", "form", "day"),
    [
        ("01/02/2026", "%d/%m/%Y", "2026-02-01"),
        ("01/02/2026", "d/m/y", "2026-02-01"),
        ("01/02/2026", "mm/dd/yyyy", "2026-01-02"),
        ("1/2/26", "d/m/yy", "2026-02-01"),
        ("31.12.2026", "DD.MM.YYYY", "2026-12-31"),
        ("8/19/2021 1:25:31 PM", ["%d.%m.%Y", "%m/%d/%Y %I:%M:%S %p"], "2021-08-19"),
        ("2026-12-01", "%d/%m/%Y", "2026-12-01"),
        ("20261201", "%d/%m/%Y", "2026-12-01"),
    ],
)
def test_the_form_of_dates_can_be_named(value: str, form: Any, day: str) -> None:
    assert dated(value, date_format=form)["users"][0]["starts"] == day
    mapping = {"starts": {"column": "starts", "format": form}}
    assert dated(value, mapping=mapping, date_format="%Y.%m.%d")["users"][0]["starts"] == day


def test_a_form_that_is_none_and_a_date_of_another_form_are_told() -> None:
    for wrong in ("d/m", "%H:%M", "whatever"):
        with pytest.raises(AnsibleFilterError, match="date_format: .* is not a date format"):
            dated("01/02/2026", date_format=wrong)
    for value, form in (
        ("01/02/2026", "'%d/%m/%Y' or '%m/%d/%Y'"),
        ("1.2.26 17:45", "'%d.%m.%y %H:%M' or '%m.%d.%y %H:%M'"),
        ("8/9/2021 1:25:31 pm", "'%d/%m/%Y %I:%M:%S %p' or '%m/%d/%Y %I:%M:%S %p'"),
    ):
        assert f"to a format such as {form}" in dated(value)["problems"][0]["message"]
    assert "in the format %d/%m/%Y" in dated("31.12.2026", date_format="%d/%m/%Y")["problems"][0]["message"]
    for value, word in (
        ("46023", "Excel"),
        ("2026-02-30", "does not exist"),
        ("soon", "cannot be read as a date"),
        ("4.6E+4", "digits are lost"),
    ):
        assert word in dated(value)["problems"][0]["message"]


@pytest.mark.parametrize(
    ("values", "column", "word"),
    [
        ({"surname": "Wolfeschlegelsteinhausenbergerdorff"}, "surname", "30"),
        ({"givenName": "A" * 129}, "givenName", "128"),
        ({"jobTitle": "x" * 255}, "jobTitle", "254"),
        ({"department": "x" * 101}, "department", "100"),
        ({"surname": ""}, "surname", "family name"),
        ({"userPrincipalName": ""}, "userPrincipalName", "empty"),
        ({"userPrincipalName": "ada+x@example.org"}, "userPrincipalName", "'+'"),
        ({"userPrincipalName": "o'neil@example.org"}, "userPrincipalName", '"\'"'),
        ({"userPrincipalName": "ada\u200b@example.org"}, "userPrincipalName", "invisible"),
        ({"userPrincipalName": "ab"}, "userPrincipalName", "at least 3"),
        ({"userPrincipalName": ["a@example.org", "b@example.org"]}, "userPrincipalName", "2 values"),
        ({"mail": "ada"}, "mail", "e-mail"),
        ({"surname": "L\ufffdvelace"}, "surname", "lost a letter"),
        ({"surname": "Love\x07lace"}, "surname", "U+0007"),
        ({"jobTitle": "\u202eabc"}, "jobTitle", "U+202E"),
        ({"accountEnabled": "maybe"}, "accountEnabled", "mapping of active"),
    ],
)
def test_who_cannot_be_read_is_left_out_whole_and_told(values: dict[str, Any], column: str, word: str) -> None:
    users = [graph_user(accountEnabled=True), graph_user(userPrincipalName="eve@example.org", accountEnabled=True)]
    users[0].update(values)
    result = roster_from(users, "entra_graph")
    assert [row["user_name"] for row in result["users"]] == ["eve@example.org"]
    assert told(result) == [(1, column)]
    assert word in result["problems"][0]["message"]
    assert "row 1" in result["partial"]


def test_everything_is_told_at_once() -> None:
    user = graph_user(accountEnabled="maybe", surname="x" * 31, employeeHireDate="01/02/2026", mail="ada")
    assert told(roster_from([user], "entra_graph")) == [
        (1, column) for column in ("accountEnabled", "employeeHireDate", "mail", "surname")
    ]


def test_of_two_rows_about_one_login_neither_is_believed() -> None:
    rows = [
        {"user_name": "ada@example.org", "active": "yes"},
        {"user_name": "bob@example.org", "active": "yes"},
        {"user_name": "ADA@example.org", "active": "no"},
        {"user_name": "Bob@example.org", "active": "yes"},
    ]
    result = roster_from(rows, "csv")
    assert result["users"] == [{"user_name": "bob@example.org", "active": True}]
    assert told(result) == [(1, "user_name"), (3, "user_name"), (4, "user_name")]
    assert "rows 1, 3" in result["partial"]
    same_id = [{"user_name": "ada", "external_id": "1"}, {"user_name": "bob", "external_id": "1"}]
    assert told(roster_from(same_id, "csv")) == [(1, "external_id"), (2, "external_id")]


def test_a_mapping_overrules_attribute_by_attribute() -> None:
    user = graph_user(accountEnabled=True, employeeId="E1", onPremises={"site": "Paris"})
    assert only_row(
        [user], "entra_graph", {"external_id": "employeeId", "site": "", "title": ["missing", "displayName"]}
    ) == person(external_id="E1", title="Ada Lovelace", work_phone="+44 20 7946 0001", active=True)
    assert only_row([user], "entra_graph", {"site": "onPremises.site"})["site"] == "Paris"
    row = only_row([user], "entra_graph", {"external_id": "EMPLOYEE ID", "active": None})
    assert "active" not in row
    assert row["external_id"] == "E1"


@pytest.mark.parametrize(
    ("mapping", "why"),
    [
        ({"mail": "E-Mail"}, "no attribute 'mail'. Did you mean 'email'"),
        ({"user_name": "E-Mial"}, "mapping of user_name: the export has no column 'E-Mial'. Did you mean 'E-Mail'"),
        (
            {"user_name": "E-Mail", "title": "Funktion"},
            "mapping of title: the export has no column 'Funktion'. It has 'E-Mail'",
        ),
        ({"user_name": {"col": "E-Mail"}}, "unknown key 'col'"),
        ({"user_name": {"column": "E-Mail", "empty": "clear"}}, "cannot be cleared"),
        ({"title": {"column": "E-Mail", "empty": "maybe"}}, "leave or clear"),
        ({"title": {"column": "E-Mail", "true": ["x"]}}, "are only for active"),
        ({"title": {"column": "E-Mail", "format": "%d/%m/%Y"}}, "format is only for starts and ends"),
        ({"active": {"column": "Status", "true": ["x"], "false": ["X"]}}, "in true and in false"),
        ({"active": {"true": [{}]}}, "mapping of active: a value is a dictionary"),
        ({"user_name": 1.5}, "must be the name of a column"),
        ([], "must be a dictionary"),
    ],
)
def test_a_mapping_that_cannot_be_right_is_refused(mapping: Any, why: str) -> None:
    with pytest.raises(AnsibleFilterError, match=why):
        roster_from("E-Mail;Status\nada@example.org;aktiv\n", "csv", mapping)


def test_an_empty_cell_is_left_alone_unless_it_is_to_clear() -> None:
    text = "user_name,title,department,mobile\nada,,,\nbob,~,x,~\n"
    assert roster_from(text, "csv")["users"] == [{"user_name": "ada"}, {"user_name": "bob", "department": "x"}]
    clear = {name: {"column": name, "empty": "clear"} for name in ("title", "mobile")}
    assert roster_from(text, "csv", clear)["users"] == [
        {"user_name": "ada", "title": "", "mobile": ""},
        {"user_name": "bob", "department": "x"},
    ]


def test_the_state_of_an_address_is_no_state_of_ours() -> None:
    text = "Login,State,Status\nada,CA,Active\n"
    assert only_row(text, "csv", {"user_name": "Login", "active": "Status"}) == {"user_name": "ada", "active": True}
    assert only_row("user_name,state\nada,absent\n", "csv") == {"user_name": "ada", "state": "absent"}
    assert told(roster_from("user_name,state\nada,gone\n", "csv")) == [(2, "state")]
    mapping = {"user_name": "Login", "active": {"column": "State", "true": ["CA"]}}
    assert only_row(text, "csv", mapping) == {"user_name": "ada", "active": True}


def test_defaults_fill_in() -> None:
    text = "user_name,site\nada,Paris\nbob,\n"
    rows = roster_from(text, "csv", defaults={"site": "London", "locale": "en-GB", "title": None})["users"]
    assert rows == [
        {"user_name": "ada", "site": "Paris", "locale": "en-GB"},
        {"user_name": "bob", "site": "London", "locale": "en-GB"},
    ]
    for wrong, why in (
        ({"sites": "x"}, "Did you mean 'site'"),
        ({"active": "maybe"}, "true or false"),
        ("x", "a dictionary"),
    ):
        with pytest.raises(AnsibleFilterError, match=why):
            roster_from(text, "csv", defaults=wrong)


def test_one_feed_serves_several_tenants() -> None:
    text = (
        "user_name,given_name,family_name,Company\n"
        "ada,Ada,Lovelace,North GmbH\n"
        "bob,Bob,,South Ltd\n"
        "eve,Eve,Eve,\n"
        "kim,Kim,Kim,NORTH GMBH\n"
    )
    north = roster_from(text, "csv", only={"company": "North GmbH"})
    assert [row["user_name"] for row in north["users"]] == ["ada", "kim"]
    # Whoever is nobody's may be ours; what is wrong with a row of others is not.
    assert told(north) == [(4, "Company")]
    assert "row 4" in north["partial"]
    both = roster_from(text, "csv", only={"Company": ["North GmbH", ""]})
    assert [row["user_name"] for row in both["users"]] == ["ada", "eve", "kim"]
    assert both["partial"] is None
    assert roster_from(text, "csv", only={"Company": ["West", ""]})["partial"] is None
    for wrong, why in (
        ({"Firm": "x"}, "only: the export has no column"),
        ({"Company": []}, "no values"),
        ("x", "dictionary"),
    ):
        with pytest.raises(AnsibleFilterError, match=why):
            roster_from(text, "csv", only=wrong)


def test_a_source_that_nobody_knows() -> None:
    with pytest.raises(AnsibleFilterError, match="source: 'entra' is unknown. Use one of entra_csv"):
        roster_from([], "entra")
