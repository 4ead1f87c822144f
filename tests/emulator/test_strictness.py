# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mistake of a user does not pass a rehearsal: what 8x8 does not take, the tenant does not take either."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from eightbyeight_emulator.validation import is_zone
from scim2_client.engines.wsgi import WSGISCIMClient
from tenant_client import API, ENTERPRISE, EXTENSION, OTHER_EXTENSION, STRANGER, TOKEN, person

Start = Callable[..., API]
VALUE = (400, "invalidValue")


def refused(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("scimType")


# -- Attributes -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "urn", [OTHER_EXTENSION, EXTENSION.replace("1.1", "1.0"), EXTENSION.replace("8x8", "8\u00d78")]
)
@pytest.mark.parametrize("unknown", ["drop", "keep"])
def test_a_site_under_another_urn_is_not_echoed(start: Start, urn: str, unknown: str) -> None:
    """Who sends the site under a URN that the tenant does not know must not see it come back (K1)."""
    api = start(unknown_attributes=unknown)
    user = api.post(**{urn: {"site": "Paris"}}).json()
    changed = api.put("cy@example.org", **{urn: {"site": "Paris"}}).json()
    for each in (user, changed):
        assert EXTENSION not in each and each.get("timezone") is None
        if unknown == "drop" or urn == OTHER_EXTENSION:
            assert urn not in each


def test_unknown_attributes_are_not_stored(api: API) -> None:
    """What the schemas of the tenant do not list is not answered, at any level, by POST, PUT, GET or a list."""
    extras: dict[str, Any] = {
        "displayName": "N",
        "costCenter": "7",
        "urn:x:y": {"z": 1},
        "password": "secret",
        ENTERPRISE: {"department": "IT", "costCenter": "7", "manager": {"value": "m"}},
        EXTENSION: {"site": "Paris", "license": "X6"},
        "name": {"givenName": "New", "familyName": "Comer", "middleName": "M", "formatted": "N C"},
    }
    created = api.post(**extras).json()
    changed = api.put("cy@example.org", **extras).json()
    for user in (created, changed, api.page()["Resources"][-1], api.get(f"/Users/{created['id']}").json()):
        assert {"displayName", "costCenter", "urn:x:y", "password"}.isdisjoint(user), user
        assert (user[ENTERPRISE], user[EXTENSION]) == ({"department": "IT"}, {"site": "Paris"})
        assert user["name"] == {"givenName": "New", "familyName": "Comer"}
    assert changed["nickName"] == "C", "what somebody has already comes back as it was sent"


def test_nobody_can_break_a_typed_client_for_everybody(start: Start) -> None:
    """Whatever one client sends, scim2-client reads the list of the tenant."""
    api = start(people=[], discovery=True)
    for number, extras in enumerate(({"urn:x:y": {"z": 1}}, {"urn:x:y": 1}, {"displayName": ["x"]}, {"groups": "x"})):
        api.post(userName=f"n{number}@example.org", **extras)
    client: Any = WSGISCIMClient(
        api.tenant.application,
        base_url=f"http://localhost{api.tenant.application.base_path}",
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    client.discover()
    provider = client.provider
    users = client.query(provider.model_for(provider.resource_types[0]))
    assert len(users.resources) == api.page()["totalResults"] >= 2


def test_an_extension_is_an_object(start: Start) -> None:
    """Also where unknown attributes are kept."""
    api = start(unknown_attributes="keep")
    assert api.post(**{"urn:x:y": 1}).status_code == 400
    assert api.post(**{STRANGER: {"badge": 1}}).json()[STRANGER] == {"badge": 1}


# -- Values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["Europe/Londn", "EST", "CET", "europe/london", "London", "Etc/Nowhere", "UTC+1"])
def test_a_time_zone_that_does_not_exist_is_refused(api: API, zone: str) -> None:
    assert not is_zone(zone)
    assert refused(api.post(timezone=zone)) == VALUE


@pytest.mark.parametrize("zone", ["Europe/London", "America/Argentina/Buenos_Aires", "UTC", "GMT", "US/Pacific"])
def test_a_time_zone_that_exists_is_taken(api: API, zone: str) -> None:
    """US/Pacific is the example of a source, and the time zone of other systems (fact sheet, 3)."""
    assert api.post(timezone=zone).json()["timezone"] == zone


def test_an_address_of_type_home_is_not_the_mandatory_one(start: Start) -> None:
    home = [{"value": "me@home.example.net", "type": "home"}]
    api = start()
    assert api.post(emails=home).json()["emails"] == [{"value": "noreply@8x8.com", "type": "work", "primary": True}]
    api = start(other_emails="keep")
    assert [entry["value"] for entry in api.post(emails=home).json()["emails"]] == [
        "noreply@8x8.com",
        "me@home.example.net",
    ]
    api = start(missing_email="refuse")
    assert refused(api.post(emails=home)) == VALUE
    assert api.post(emails=[*home, {"value": "a@x.org"}]).json()["emails"][0]["value"] == "a@x.org"


@pytest.mark.parametrize(
    "entry", [{"type": "mobile"}, {"type": "work", "value": None}, {"type": "mobile", "value": " "}]
)
def test_a_phone_number_has_a_value(api: API, entry: dict[str, Any]) -> None:
    assert refused(api.post(phoneNumbers=[entry])) == VALUE
    assert refused(api.put("ada@example.org", phoneNumbers=[{"type": "work", "value": "1"}, entry])) == VALUE


@pytest.mark.parametrize("active", ["no", "yes", "on", "0", 0, 1, "perhaps", [], {}, [True], {"value": True}])
def test_active_is_a_boolean(api: API, active: Any) -> None:
    assert refused(api.post(active=active)) in (VALUE, (400, "invalidSyntax"))
    assert refused(api.put("ada@example.org", active=active)) in (VALUE, (400, "invalidSyntax"))
    assert api.post(userName="null@example.org", active=None).json()["active"] is True, "null is nothing (RFC 7643 2.5)"
    assert api.post(userName="text@example.org", active="False").json()["active"] is False


@pytest.mark.parametrize("name", ["userName", "externalId", "title", "locale", "timezone"])
@pytest.mark.parametrize("value", [[], {}, ["x"], {"value": "x"}])
def test_a_single_value_is_no_list_and_no_object(api: API, name: str, value: Any) -> None:
    assert refused(api.post(**{name: value})) in (VALUE, (400, "invalidSyntax"))
    assert refused(api.put("ada@example.org", **{name: value})) in (VALUE, (400, "invalidSyntax"))


@pytest.mark.parametrize("schemas", [["urn:wrong"], "urn:wrong", [EXTENSION], [1]])
def test_schemas_are_those_of_a_user(api: API, schemas: Any) -> None:
    """They may be missing (fact sheet, 2.11), and not be wrong."""
    assert refused(api.post(schemas=schemas)) == VALUE
    assert refused(api.put("ada@example.org", schemas=schemas)) == VALUE
    assert api.post(schemas=["URN:ietf:params:scim:schemas:core:2.0:User", "urn:wrong"]).status_code == 201


def test_schemas_of_a_patch_are_those_of_a_patch(api: API) -> None:
    operations = [{"op": "replace", "value": {"active": False}}]
    path = f"/Users/{api.id('ada@example.org')}"
    for schemas in (["urn:wrong"], [EXTENSION], "urn:ietf:params:scim:schemas:core:2.0:User"):
        assert refused(api("PATCH", path, {"schemas": schemas, "Operations": operations})) == VALUE
    assert api("PATCH", path, {"Operations": operations}).ok


def test_the_415_says_what_is_taken(api: API) -> None:
    """The text is true: application/json is taken, too."""
    answer = api("POST", "/Users", data=json.dumps(person()), headers={"Content-Type": "text/csv; header=present"})
    assert (answer.status_code, answer.json()["detail"]) == (
        415,
        "The request body must be application/scim+json or application/json, not text/csv",
    )


# -- E-mail entries that a tenant may hold ----------------------------------------------------------------------------


def test_plain_text_addresses_are_answered_and_taken_back(start: Start) -> None:
    """Entries of plain text, entries without a type and two of type work can be in a tenant, and come back with a PUT."""
    two = [
        {"value": "old@example.org", "type": "work"},
        {"value": "new@example.org", "type": "work", "primary": True},
    ]
    people: list[dict[str, Any]] = [
        {"user_name": f"{name}@example.org", "given_name": "Pat", "family_name": "Doe", "extra": {"emails": emails}}
        for name, emails in (("text", ["t@example.org"]), ("bare", [{"value": "b@example.org"}]), ("two", two))
    ]
    api = start(people=people, other_emails="keep", primary="as_sent")
    read = {user["userName"]: user["emails"] for user in api.page()["Resources"]}
    assert (read["text@example.org"], read["two@example.org"]) == (["t@example.org"], two)
    for name in ("text", "bare", "two"):
        answer = api.put(f"{name}@example.org", title="Boss")
        assert answer.status_code == 200, answer.text
        kept = [entry["value"] for entry in answer.json()["emails"]]
        assert kept == [entry if isinstance(entry, str) else entry["value"] for entry in read[f"{name}@example.org"]]


# -- Discovery --------------------------------------------------------------------------------------------------------


def test_schemas_have_names_that_generators_can_use(start: Start) -> None:
    """scim2-cli makes an option of each; a blank in a name ends it with a traceback."""
    api = start(discovery=True)
    names = [schema["name"] for schema in api.get("/Schemas").json()["Resources"]]
    assert len(names) == 3 and all(name.isidentifier() for name in names)
