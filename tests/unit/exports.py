# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exports as the systems write them, with invented people: what the tests of the filter roster_from share."""

from __future__ import annotations

import base64
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.filter.roster_from import roster_from

#: Entra ID, Users > All users > Download users, as a real file of 2021 has it.
ENTRA_HEADER = (
    "userPrincipalName,displayName,surname,mail,givenName,id,userType,jobTitle,department,accountEnabled,usageLocation,"
    "streetAddress,state,country,officeLocation,city,postalCode,telephoneNumber,mobilePhone,alternateEmailAddress,ageGroup,"
    "consentProvidedForMinor,legalAgeGroupClassification,companyName,creationType,directorySynced,invitationState,"
    "identityIssuer,createdDateTime"
)
ENTRA_CSV = (
    f"{ENTRA_HEADER}\n"
    "ada@example.org,Ada Lovelace,Lovelace,ada@example.org,Ada,0a1b,Member,Analyst,Research,True,GB,,,United Kingdom,"
    "London,London,,+44 20 7946 0001,+44 7700 900001,,,,,Example,,True,,example.onmicrosoft.com,8/19/2021 1:25:31 PM\n"
    'grace@example.org,Grace Hopper,Hopper,,Grace,0a1c,Member,Admiral,"Computing, Navy",False,US,"1 Main St\nFloor 2",,,'
    ",,,,,,,,,Example,,True,,example.onmicrosoft.com,8/20/2021 9:05:00 AM\n"
    "ann_partner.example#EXT#@example.onmicrosoft.com,Ann Guest,Guest,ann@partner.example,Ann,0a1d,Member,,,True"
    ",,,,,,,,,,,,,,,Invitation,,Accepted,,8/21/2021 9:05:00 AM\n"
)

GOOGLE_HEADER = (
    "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],"
    "Password Hash Function [UPLOAD ONLY],Org Unit Path [Required],New Primary Email [UPLOAD ONLY],Status [READ ONLY],"
    "Last Sign In [READ ONLY],Recovery Email,Home Secondary Email,Work Secondary Email,"
    "Recovery Phone [MUST BE IN THE E.164 FORMAT],Work Phone,Home Phone,Mobile Phone,Work Address,Home Address,Employee ID,"
    "Employee Type,Employee Title,Manager Email,Department,Cost Center,2sv Enrolled [READ ONLY],2sv Enforced [READ ONLY],"
    "Building ID,Floor Name,Floor Section,Email Usage [READ ONLY],Drive Usage [READ ONLY],Photos Usage [READ ONLY],"
    "Storage limit [READ ONLY],Storage Used [READ ONLY],Change Password at Next Sign-In,New Status [UPLOAD ONLY]"
)
GOOGLE_CSV = (
    f"{GOOGLE_HEADER}\n"
    "Ada,Lovelace,ada@example.org,****,,/Research,,Active,Never logged in,,,,,+442079460001,,+447700900001,,,E1,,Analyst,,"
    "Research,CC1,False,False,LON,,,0.0GB,0.0GB,0.0GB,Unlimited,0.0GB,True,\n"
    "Grace,Hopper,grace@example.org,****,,/Navy,,Suspended,2026/01/02 10:11:12,,,,,,,,,,E2,,,,,,False,False,,,,0.0GB,0.0GB,"
    "0.0GB,Unlimited,0.0GB,False,\n"
)


def graph_user(**values: Any) -> dict[str, Any]:
    """Return a user with the default set of Microsoft Graph."""
    return {
        "businessPhones": ["+44 20 7946 0001"],
        "displayName": "Ada Lovelace",
        "givenName": "Ada",
        "id": "0a1b",
        "jobTitle": "Analyst",
        "mail": "ada@example.org",
        "mobilePhone": None,
        "officeLocation": "London",
        "preferredLanguage": "en-GB",
        "surname": "Lovelace",
        "userPrincipalName": "ada@example.org",
        **values,
    }


def okta_user(status: str = "ACTIVE", login: str = "ada@example.org", **profile: Any) -> dict[str, Any]:
    """Return a user as Okta's API has it."""
    return {
        "id": f"00u-{login}",
        "status": status,
        "created": "2026-01-02T03:04:05.000Z",
        "activated": None,
        "statusChanged": None,
        "lastLogin": None,
        "lastUpdated": "2026-01-02T03:04:05.000Z",
        "passwordChanged": None,
        "type": {"id": "otyx"},
        "profile": {
            "firstName": "Ada",
            "lastName": "Lovelace",
            "mobilePhone": "+447700900001",
            "secondEmail": None,
            "login": login,
            "email": login,
            **profile,
        },
        "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}},
        "_links": {"self": {"href": "https://example.okta.com/api/v1/users/00u"}},
    }


def scim_user(**values: Any) -> dict[str, Any]:
    """Return a user of a SCIM server."""
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "1",
        "externalId": "e-1",
        "userName": "ada@example.org",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [
            {"value": "home@example.net", "type": "home"},
            {"value": "ada@example.org", "type": "work", "primary": True},
        ],
        "phoneNumbers": [{"value": "+447700900001", "type": "mobile"}],
        "title": "Analyst",
        "active": True,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Research"},
        "urn:ietf:params:scim:schemas:extension:8x8:1.1:User": {"site": "London"},
        **values,
    }


def person(**values: Any) -> dict[str, Any]:
    """Return the row of Ada."""
    return {
        "user_name": "ada@example.org",
        "given_name": "Ada",
        "family_name": "Lovelace",
        "email": "ada@example.org",
        **values,
    }


def slurped(octets: bytes) -> dict[str, Any]:
    """Return a file as ansible.builtin.slurp does."""
    return {
        "changed": False,
        "content": base64.b64encode(octets).decode(),
        "encoding": "base64",
        "source": "/tmp/users.csv",
        "failed": False,
    }


def told(result: dict[str, Any]) -> list[tuple[int, str]]:
    """Return the rows and columns that have a problem."""
    return [(problem["row"], problem["column"]) for problem in result["problems"]]


def only_row(export: Any, source: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Return the one row of an export that has no problem."""
    result = roster_from(export, source, *args, **kwargs)
    assert result["problems"] == []
    (row,) = result["users"]
    return dict(row)
