# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What each preset reads of an export as its system writes it, and why that may not be everybody."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.filter.roster_from import FilterModule, roster_from
from ansible_collections.eightbyeight.scim.plugins.module_utils._sources.catalog import PRESETS
from ansible_collections.eightbyeight.scim.tests.unit.exports import (
    ENTRA_CSV,
    GOOGLE_CSV,
    graph_user,
    okta_user,
    only_row,
    person,
    scim_user,
    told,
)


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"roster_from": roster_from}


def test_there_is_a_preset_for_each_source_that_the_documentation_names() -> None:
    from ansible_collections.eightbyeight.scim.plugins.filter import roster_from as plugin

    for name in PRESETS:
        assert f"\n      - {name}\n" in plugin.DOCUMENTATION


def test_the_download_of_entra_id() -> None:
    result = roster_from(ENTRA_CSV, "entra_csv")
    assert result["users"] == [
        person(
            title="Analyst",
            department="Research",
            work_phone="+44 20 7946 0001",
            mobile="+44 7700 900001",
            active=True,
        ),
        {
            "user_name": "grace@example.org",
            "given_name": "Grace",
            "family_name": "Hopper",
            "email": "grace@example.org",
            "title": "Admiral",
            "department": "Computing, Navy",
            "active": False,
        },
    ]
    # A guest is no person of ours: left out and told, and no reason to doubt the rest.
    assert told(result) == [(4, "userPrincipalName")]
    assert "guest" in result["problems"][0]["message"]
    assert result["partial"] is None
    assert "officeLocation" in result["ignored"]
    assert set(result["used"]) & set(result["ignored"]) == set()


def test_the_older_names_of_entra_id() -> None:
    header = (
        "userPrincipalName,surname,mail,givenName,objectId,userType,accountEnabled,physicalDeliveryOfficeName,mobile"
    )
    row = "ada@example.org,Lovelace,,Ada,0a1b,Member,True,London,+44 7700 900001"
    assert only_row(f"{header}\n{row}\n", "entra_csv", {"site": "physicalDeliveryOfficeName"}) == person(
        site="London", mobile="+44 7700 900001", active=True
    )


def test_powershell_writes_types_and_lists() -> None:
    text = (
        "#TYPE Microsoft.Graph.PowerShell.Models.MicrosoftGraphUser\r\n"
        '"UserPrincipalName";"GivenName";"Surname";"Mail";"AccountEnabled";"BusinessPhones";"MobilePhone"\r\n'
        '"ada@example.org";"Ada";"Lovelace";"ada@example.org";"True";"System.String[]";"+44 7700 900001"\r\n'
        '"bob@example.org";"Bob";"";"bob@example.org";"True";"";""\r\n'
    )
    result = roster_from(text, "entra_csv")
    assert result["users"] == [person(active=True, mobile="+44 7700 900001")]
    assert told(result) == [(4, "Surname")], "the line of the type counts in a spreadsheet"


@pytest.mark.parametrize(("word", "active"), [("False", True), ("True", False), ("Yes", False), ("", None)])
@pytest.mark.parametrize("column", ["Block credential", "Block sign in (Yes/No) [accountEnabled] Required"])
def test_microsoft_blocks_where_others_enable(column: str, word: str, active: bool | None) -> None:
    text = f"version:v1.0\nUser principal name,First name,Last name,{column}\nada@example.org,Ada,Lovelace,{word}\n"
    (row,) = roster_from(text, "entra_csv")["users"]
    assert row.get("active") == active


def test_graph_with_everything_asked_for() -> None:
    user = graph_user(
        accountEnabled=True,
        department="Research",
        employeeHireDate="2026-12-01T00:00:00Z",
        employeeLeaveDateTime="2027-03-31T17:00:00Z",
    )
    result = roster_from(
        {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#users", "value": [user]}, "entra_graph"
    )
    assert result == {
        "users": [
            person(
                title="Analyst",
                department="Research",
                site="London",
                work_phone="+44 20 7946 0001",
                active=True,
                starts="2026-12-01",
                ends="2027-03-31T17:00:00Z",
            )
        ],
        "used": [
            *("businessPhones", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation", "surname"),
            *("userPrincipalName", "accountEnabled", "department", "employeeHireDate", "employeeLeaveDateTime"),
        ],
        "ignored": ["displayName", "id", "preferredLanguage"],
        "problems": [],
        "partial": None,
    }


@pytest.mark.parametrize("as_text", [False, True])
def test_the_default_set_of_graph_says_nothing_of_who_left(as_text: bool) -> None:
    users: Any = [graph_user(), graph_user(userPrincipalName="bob@example.org", mail=None, businessPhones=[])]
    result = roster_from(json.dumps(users) if as_text else users, "entra_graph")
    assert ["active" in row for row in result["users"]] == [False, False]
    assert result["users"][1]["email"] == "bob@example.org", "mail may be null for an account that works"
    assert "accountEnabled" in result["partial"]


def test_a_page_of_graph_is_not_everybody() -> None:
    page = {
        "value": [graph_user(accountEnabled=True)],
        "@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=x",
    }
    assert "@odata.nextLink" in roster_from(page, "entra_graph")["partial"]
    last = {"value": [graph_user(accountEnabled=False, userPrincipalName="bob@example.org")]}
    both = roster_from([page, last], "entra_graph")
    assert len(both["users"]) == 2
    assert both["partial"] is None


def test_a_room_has_no_names() -> None:
    room = graph_user(userPrincipalName="adams@example.org", givenName=None, surname=None, accountEnabled=True)
    result = roster_from([graph_user(accountEnabled=True), room], "entra_graph")
    assert [row["user_name"] for row in result["users"]] == ["ada@example.org"]
    assert told(result) == [(2, "givenName"), (2, "surname")]
    assert "row 2" in result["partial"]


@pytest.mark.parametrize(
    ("status", "active"),
    [
        *[(word, True) for word in ("ACTIVE", "RECOVERY", "PASSWORD_EXPIRED", "LOCKED_OUT", "PROVISIONED")],
        *[(word, False) for word in ("SUSPENDED", "DEPROVISIONED", "STAGED")],
        ("ACTIVATING", None),
    ],
)
def test_the_statuses_of_okta(status: str, active: bool | None) -> None:
    assert only_row([okta_user(status)], "okta_api").get("active") == active


def test_okta_without_those_who_left_is_not_everybody() -> None:
    assert "DEPROVISIONED" in roster_from([okta_user()], "okta_api")["partial"]
    both = roster_from([okta_user(), okta_user("DEPROVISIONED", "grace@example.org")], "okta_api")
    assert both["partial"] is None
    assert both["users"][0] == person(mobile="+447700900001", active=True)
    assert "profile.login" in both["used"]
    assert "profile.secondEmail" in both["ignored"]


def test_a_page_of_okta_by_uri_has_its_link() -> None:
    page = {
        "json": [okta_user()],
        "status": 200,
        "url": "x",
        "link": '<https://example.okta.com/api/v1/users?after=1>; rel="next"',
    }
    last = {
        "json": [okta_user("DEPROVISIONED", "grace@example.org")],
        "status": 200,
        "url": "x",
        "link": '<x>; rel="self"',
    }
    assert "Link" in roster_from([page], "okta_api")["partial"]
    assert roster_from([page, last], "okta_api")["partial"] is None
    assert roster_from({"results": [page, last]}, "okta_api")["partial"] is None
    assert "Link" in roster_from(page, "okta_api")["partial"]


def test_users_of_one_okta_application_are_not_everybody() -> None:
    result = roster_from([{**okta_user("DEPROVISIONED"), "scope": "USER"}], "okta_api")
    assert "one application" in result["partial"]


@pytest.mark.parametrize(
    "header", ["login,firstName,lastName,email,status", "Username,First name,Last name,Primary email,Status"]
)
def test_okta_as_a_table(header: str) -> None:
    text = f"{header}\nada@example.org,Ada,Lovelace,ada@example.org,PASSWORD_EXPIRED\n"
    assert only_row(text, "okta_api") == person(active=True)


def test_unpaid_leave_is_suspended_in_okta() -> None:
    wish = {"active": {"true": ["SUSPENDED"]}}
    assert only_row([okta_user("SUSPENDED")], "okta_api", wish)["active"] is True
    assert only_row([okta_user("DEPROVISIONED")], "okta_api", wish)["active"] is False
    assert only_row([okta_user("ACTIVE")], "okta_api", {"active": {True: [], False: "active"}})["active"] is False


def test_the_download_of_google() -> None:
    result = roster_from(GOOGLE_CSV, "google_csv")
    assert result["problems"] == []
    assert result["partial"] is None
    assert result["users"] == [
        person(title="Analyst", department="Research", work_phone="+442079460001", mobile="+447700900001", active=True),
        {
            "user_name": "grace@example.org",
            "given_name": "Grace",
            "family_name": "Hopper",
            "email": "grace@example.org",
            "active": False,
        },
    ]


def test_a_word_of_google_that_nobody_has_seen_is_no_guess() -> None:
    result = roster_from(GOOGLE_CSV.replace("Suspended", "Dormant"), "google_csv")
    assert told(result) == [(3, "Status [READ ONLY]")]
    assert len(result["users"]) == 1
    assert "row 3" in result["partial"]


GOOGLE_USER = {
    "kind": "admin#directory#user",
    "primaryEmail": "ada@example.org",
    "name": {"givenName": "Ada", "familyName": "Lovelace", "fullName": "Ada Lovelace"},
    "suspended": False,
    "archived": False,
    "orgUnitPath": "/",
    "organizations": [{"title": "Analyst", "department": "Research", "primary": True}, {"title": "Old"}],
    "phones": [{"value": "+442079460001", "type": "work"}, {"value": "+447700900001", "type": "mobile"}],
    "locations": [{"type": "desk", "buildingId": "LON"}],
}


@pytest.mark.parametrize(
    ("suspended", "archived", "active"),
    [(False, False, True), (True, False, False), (False, True, False), (True, True, False)],
)
def test_googles_directory(suspended: bool, archived: bool, active: bool) -> None:
    body = {"kind": "admin#directory#users", "users": [{**GOOGLE_USER, "suspended": suspended, "archived": archived}]}
    assert only_row(body, "google_api") == person(
        title="Analyst",
        department="Research",
        site="LON",
        work_phone="+442079460001",
        mobile="+447700900001",
        active=active,
    )
    assert "nextPageToken" in roster_from({**body, "nextPageToken": "x"}, "google_api")["partial"]
    named = {**GOOGLE_USER, "locations": [{"type": "desk", "buildingName": "London", "buildingId": "LON"}]}
    assert only_row({"users": [named]}, "google_api")["site"] == "London", "a building is its name, or else its id"


def test_google_through_gam() -> None:
    header = (
        "primaryEmail,name.givenName,name.familyName,suspended,archived,organizations,organizations.0.title,"
        "organizations.0.department,organizations.0.primary,phones,phones.0.value,phones.0.type,phones.1.value,phones.1.type"
    )
    row = "ada@example.org,Ada,Lovelace,False,False,1,Analyst,Research,True,2,+442079460001,work,+447700900001,mobile"
    wanted = person(
        title="Analyst", department="Research", work_phone="+442079460001", mobile="+447700900001", active=True
    )
    assert only_row(f"{header}\n{row}\n", "google_api") == wanted
    table = [dict(zip(header.split(","), row.split(","), strict=True))]
    assert only_row({"list": table, "dict": {}}, "google_api") == wanted, "as community.general.read_csv returns it"
    whole = json.dumps({key: value for key, value in GOOGLE_USER.items() if key != "locations"}).replace('"', '""')
    assert only_row(f'primaryEmail,JSON\nada@example.org,"{whole}"\n', "google_api") == wanted
    text = f"{header}\n\n{row}\n{row},\n{row},x\n,{row}\n"
    result = roster_from(text, "google_api")
    assert result["users"] == [wanted]
    assert told(result) == [(4, "user_name"), (5, "row"), (6, "row")], "rows are numbered as a spreadsheet does"
    alone = roster_from("primaryEmail\nada@example.org\n", "google_api")
    assert alone["users"] == [{"user_name": "ada@example.org", "email": "ada@example.org"}]
    assert "suspended" in alone["partial"]


@pytest.mark.parametrize(
    ("status", "state", "active"),
    [
        (1, 1, True),
        (5, 1, True),
        (8, 1, True),
        (2, 1, False),
        (0, 1, False),
        (1, 3, False),
        (1, 0, False),
        (1, None, None),
    ],
)
def test_onelogin_has_two_axes(status: int, state: int | None, active: bool | None) -> None:
    user = {
        "id": 1,
        "username": "ada@example.org",
        "email": "ada@example.org",
        "firstname": "Ada",
        "lastname": "Lovelace",
    }
    row = only_row([{**user, "status": status, "state": state, "title": "Analyst", "department": None}], "onelogin_api")
    assert row == person(title="Analyst", **({} if active is None else {"active": active}))
    assert told(roster_from([{**user, "status": 6, "state": 1}], "onelogin_api")) == [(1, "status")]
    assert "state" in roster_from([{**user, "status": 1}], "onelogin_api")["partial"]
    assert (
        only_row([{**user, "username": None, "status": 1, "state": 1}], "onelogin_api")["user_name"]
        == "ada@example.org"
    )


def test_a_scim_list() -> None:
    body = {"schemas": [], "totalResults": 1, "startIndex": 1, "itemsPerPage": 1, "Resources": [scim_user()]}
    assert only_row(body, "scim") == person(
        external_id="e-1", title="Analyst", department="Research", site="London", mobile="+447700900001", active=True
    )
    assert roster_from(body, "scim")["partial"] is None
    assert "totalResults is 2" in roster_from({**body, "totalResults": "2"}, "scim")["partial"]
    nobody = roster_from({"totalResults": 0, "schemas": []}, "scim")
    assert nobody["partial"] == "No row names a person."
    twice = roster_from([{**body, "totalResults": 2}, {**body, "totalResults": 2}], "scim")
    assert "it has 1" in twice["partial"], "a page that came twice is not two people"


def test_the_work_address_is_taken_before_the_primary_one() -> None:
    home = {"value": "home@example.net", "type": "home", "primary": True}
    work = {"value": "ada@example.org", "type": "work"}
    for emails, email in (([home, work], "ada@example.org"), ([home], "home@example.net")):
        assert only_row([scim_user(emails=emails)], "scim")["email"] == email


def test_scim_has_no_default_for_active() -> None:
    user = scim_user()
    del user["active"]
    assert "active" not in only_row([user], "scim")


AD_USER = {
    "DistinguishedName": "CN=Ada,OU=People,DC=example,DC=org",
    "Name": "Ada",
    "ObjectClass": "user",
    "ObjectGUID": "0a1b",
    "mail": "ada@example.org",
    "givenName": "Ada",
    "sn": "Lovelace",
    "title": "Analyst",
    "department": None,
    "telephoneNumber": None,
    "mobile": "+447700900001",
    "physicalDeliveryOfficeName": "London",
    "userPrincipalName": "ada@example.org",
    "sAMAccountName": "ada",
    "userAccountControl": 512,
    "userAccountControl_AnsibleFlags": ["ADS_UF_NORMAL_ACCOUNT"],
    "accountExpires": 0,
}


@pytest.mark.parametrize(
    ("values", "wanted"),
    [
        ({}, {"active": True}),
        ({"userAccountControl": 514}, {"active": False}),
        ({"userAccountControl": 512 + 16}, {"active": True}),
        ({"accountExpires": 9223372036854775807}, {"active": True}),
        # AD shows the day before the stored midnight, as "end of".
        ({"accountExpires": 448921440000000000}, {"active": True, "ends": "3023-07-30"}),
        ({"accountExpires": 448921440000000000 + 36_000_000_000}, {"active": True, "ends": "3023-07-31T01:00:00Z"}),
        ({"accountExpires": "2026-12-31T17:00:00+01:00"}, {"active": True, "ends": "2026-12-31T17:00:00+01:00"}),
    ],
)
def test_active_directory(values: dict[str, Any], wanted: dict[str, Any]) -> None:
    expected = person(title="Analyst", site="London", mobile="+447700900001", **wanted)
    assert only_row({"changed": False, "objects": [{**AD_USER, **values}]}, "active_directory") == expected
    entry: dict[str, Any] = {
        key: str(value)
        for key, value in {**AD_USER, **values}.items()
        if value is not None and not isinstance(value, list)
    }
    entry.update(dn=entry.pop("DistinguishedName"), objectClass=["top", "person", "organizationalPerson", "user"])
    del entry["ObjectClass"]
    assert only_row({"results": [entry], "changed": False}, "ldap") == expected


def test_the_day_an_account_ends_is_that_of_the_place() -> None:
    # 2026-12-31T23:00:00Z is midnight in Berlin.
    users = [{**AD_USER, "accountExpires": 134_432_316_000_000_000}]
    moment = roster_from(users, "active_directory")["users"][0]["ends"]
    assert moment == "2026-12-31T23:00:00Z"
    day = roster_from(users, "active_directory", dates_timezone="Europe/Berlin")["users"][0]["ends"]
    assert day == "2026-12-31"


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"userAccountControl": 4096, "sAMAccountName": "PC1$"}, "userAccountControl"),
        ({"sAMAccountName": "PC1$"}, "sAMAccountName"),
        ({"sAMAccountName": "krbtgt", "userPrincipalName": None, "sn": None}, "sAMAccountName"),
        ({"ObjectClass": "computer"}, "ObjectClass"),
        ({"ObjectClass": ["top", "person", "computer"]}, "ObjectClass"),
    ],
)
def test_computers_are_no_people(values: dict[str, Any], column: str) -> None:
    result = roster_from([AD_USER, {**AD_USER, **values}], "active_directory")
    assert len(result["users"]) == 1
    assert told(result) == [(2, column)]
    assert result["partial"] is None


def test_directories_that_were_asked_for_too_little() -> None:
    user = {key: value for key, value in AD_USER.items() if not key.startswith("userAccount")}
    result = roster_from({"objects": [user]}, "active_directory")
    assert "active" not in result["users"][0]
    assert "userAccountControl" in result["partial"]
    entries = [{**AD_USER, "userPrincipalName": f"a{number}@example.org"} for number in range(1000)]
    assert "page_size" in roster_from({"results": entries}, "ldap")["partial"]
    assert roster_from({"results": entries[1:]}, "ldap")["partial"] is None


def test_a_directory_without_user_principal_names() -> None:
    entry = {
        "dn": "uid=ada,dc=example,dc=org",
        "uid": "ada",
        "mail": "ada@example.org",
        "givenName": "Ada",
        "sn": "Lovelace",
    }
    assert only_row({"results": [entry]}, "ldap") == person()


def test_the_date_an_account_expires_is_the_end_of_a_day_in_any_form() -> None:
    header = "UserPrincipalName,GivenName,Surname,Enabled,AccountExpirationDate"
    text = f"{header}\nada@example.org,Ada,Lovelace,True,01/02/2027 00:00:00\n"
    assert only_row(text, "active_directory", date_format="%m/%d/%Y %H:%M:%S")["ends"] == "2027-01-01"
    mapping = {"ends": {"column": "AccountExpirationDate", "format": "%d/%m/%Y %H:%M:%S"}}
    assert only_row(text, "active_directory", mapping)["ends"] == "2027-01-31"
    assert told(roster_from(text, "active_directory")) == [(2, "AccountExpirationDate")]
    first = roster_from([{**AD_USER, "accountExpires": "0001-01-01T00:00:00+01:00"}], "active_directory")
    assert "does not exist as a date" in first["problems"][0]["message"]


BAMBOO = {
    "id": "1",
    "displayName": "Ada Lovelace",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "preferredName": None,
    "workEmail": "ada@example.org",
    "jobTitle": "Analyst",
    "department": "Research",
    "location": "London",
    "status": "Active",
    "hireDate": "2026-12-01",
    "terminationDate": "0000-00-00",
}


def test_bamboohr() -> None:
    wanted = person(title="Analyst", department="Research", site="London", active=True, starts="2026-12-01")
    assert only_row({"employees": [BAMBOO]}, "bamboohr") == wanted
    later = {**BAMBOO, "terminationDate": "2027-06-30"}
    assert only_row({"employees": [later]}, "bamboohr") == {**wanted, "ends": "2027-06-30"}
    again = {**BAMBOO, "terminationDate": "2020-06-30"}
    assert told(roster_from([again], "bamboohr")) == [(1, "starts")], "who came back, or left before beginning"
    assert only_row([{**BAMBOO, "status": "Inactive"}], "bamboohr")["active"] is False


def personio(**values: Any) -> dict[str, Any]:
    labels = {"first_name": "Vorname", "last_working_day": "Last day of work"}
    person = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.org", "status": "active", **values}
    return {
        "type": "Employee",
        "attributes": {key: {"label": labels.get(key, key), "value": value} for key, value in person.items()},
    }


def test_personio() -> None:
    employee = personio(
        position="Analyst",
        department={"type": "Department", "attributes": {"id": 1, "name": "Research"}},
        office={"type": "Office", "attributes": {"id": 1, "name": "London"}},
        hire_date="2026-12-01T00:00:00+01:00",
        termination_date=None,
        last_working_day="2027-01-31T00:00:00+01:00",
        dynamic_12345="CC1",
    )
    row = only_row({"success": True, "data": [employee]}, "personio", {"external_id": "dynamic_12345"})
    assert row == person(
        external_id="CC1",
        title="Analyst",
        department="Research",
        site="London",
        active=True,
        starts="2026-12-01",
        ends="2027-01-31",
    )
    assert (
        "total_elements is 7"
        in roster_from({"data": [employee], "metadata": {"total_elements": 7}}, "personio")["partial"]
    )


def test_a_report_of_workday_needs_a_mapping() -> None:
    report = {
        "Report_Entry": [
            {"Work_Email": "ada@example.org", "First": "Ada", "Last": "Lovelace", "Status": "ACTIVE", "Exempt": "0"}
        ]
    }
    mapping = {
        "user_name": "Work_Email",
        "email": "Work_Email",
        "given_name": "First",
        "family_name": "Last",
        "active": "Status",
    }
    assert only_row(report, "workday_raas", mapping) == person(active=True)
    assert only_row(copy.deepcopy(report), "workday_raas", {**mapping, "active": "Exempt"})["active"] is False
    with pytest.raises(AnsibleFilterError, match="needs a mapping"):
        roster_from(report, "workday_raas")


def test_an_hr_export_of_a_german_company() -> None:
    text = (
        "Personalnr;Vorname;Nachname;E-Mail;Abteilung;Standort;Status;Eintritt;Austritt\r\n"
        "0042;Jürgen;Groß;jgross@example.org;Einkauf;München;aktiv;01.02.2020;31.12.2026\r\n"
        "0043;Zoë;Maier;zmaier@example.org;;;ausgetreten;01.02.2020;\r\n"
    )
    mapping = {
        "user_name": "E-Mail",
        "external_id": "Personalnr",
        "site": "Standort",
        "active": {"column": "Status", "false": ["ausgetreten"]},
        "starts": "Eintritt",
        "ends": "Austritt",
    }
    result = roster_from(text, "csv", mapping, date_format="%d.%m.%Y")
    assert result["problems"] == []
    assert result["users"][0] == {
        "user_name": "jgross@example.org",
        "external_id": "0042",
        "given_name": "Jürgen",
        "family_name": "Groß",
        "email": "jgross@example.org",
        "department": "Einkauf",
        "site": "München",
        "starts": "2020-02-01",
        "ends": "2026-12-31",
        "active": True,
    }
    assert result["users"][1]["active"] is False
    assert result["ignored"] == []
