# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SCIM cannot see, read and believed: ``eightbyeight_service_info`` and evidence for follow-ups, on every switch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import json_schema
import pytest
from eightbyeight_emulator import Emulator
from tenant_client import API, TOKEN

from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.followup_entry import followup
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.service_entry import service_info

Start = Callable[..., API]
SWITCHES: list[dict[str, Any]] = [
    {},
    {"admin_ids": "same"},
    {"admin_list": "no_services"},
    {"admin_filter": "ignored"},
    {"admin_filter": "refused"},
    {"admin_nulls": "absent"},
    {"admin_scroll": "repeats"},
    {"admin_rate_limit": None},
]
MANY = [{"user_name": f"p{number:03}@example.org", "given_name": "P", "family_name": "N"} for number in range(1, 301)]


def run(api: API, operation: Any, spec: Any, **options: Any) -> dict[str, Any]:
    """Run a module against both doors, and see that every request is one that the description has."""
    given = {name: option.get("default") for name, option in spec.argument_spec.items()}
    doors = {"api_url": api.tenant.url, "admin_api_url": api.tenant.admin_url}
    secrets = {"api_token": TOKEN, "admin_api_key": api.tenant.admin_api_key}
    api.tenant.clear_log()
    outcome = operation({**given, **doors, **secrets, **options}, False)
    for entry in api.tenant.log:
        assert entry["method"] == "GET"
        if entry["path"] == "/admin-provisioning/users":
            schema = "scroll" if "scrollId" in entry["query"] else "query"
            assert json_schema.faults(schema, entry["query"]) == []
    result = {**outcome.result, "warnings": list(outcome.warnings)}
    assert api.tenant.admin_api_key not in str(result)
    return result


def services(api: API, **options: Any) -> dict[str, Any]:
    return run(api, service_info, argspec.SERVICE_INFO, **options)


def names(result: dict[str, Any]) -> list[str]:
    assert "error" not in result, result
    return [user["user_name"].partition("@")[0] for user in result["users"]]


def asked(api: API) -> list[str]:
    """Return the requests for the Administration API."""
    paths = [entry["path"] for entry in api.tenant.log]
    return [path.removeprefix("/admin-provisioning") for path in paths if path.startswith("/admin-provisioning")]


# -- Reading ------------------------------------------------------------------


@pytest.mark.parametrize("switches", SWITCHES)
def test_everybody_is_read_on_every_switch(start: Start, switches: dict[str, Any]) -> None:
    api = start(**switches)
    api.tenant.edit_services("cy@example.org", licenses=[], phone_number=None, extension=None, profile_policy=None)
    result = services(api)
    assert (names(result), result["total"], result["complete"]) == (["ada", "bo", "cy", "desk"], 4, True)
    ada, _bo, cy, desk = result["users"]
    assert ada["licenses"] == [{"name": name, "country": "US"} for name in ("X Series X2", "DID - Local Number")]
    assert ada["extensions"] == [{"type": "UC", "extension_number": "1000", "phone_number": "+14085550000"}]
    assert (ada["displayed_in_directory"], ada["profile_policy"], ada["site"]) == (True, "Everybody", "London")
    assert (cy["licenses"], cy["extensions"], cy["profile_policy"]) == ([], [], None)
    assert (ada["scim_provider"], desk["scim_provider"], result["users"][1]["status"]) == ("scim", None, "INACTIVE")
    assert "activate" not in str(result) and "00:00" not in str(result)


@pytest.mark.parametrize("switches", SWITCHES)
def test_people_are_read_by_login_and_by_the_id_of_scim_on_every_switch(start: Start, switches: dict[str, Any]) -> None:
    api = start(**switches)
    ada = api.id("ada@example.org")
    assert names(services(api, user_name=["ADA@example.org", "nobody@example.org", "bo@example.org"])) == ["ada", "bo"]
    by_id = services(api, user_id=[ada, "nobody"])
    assert (names(by_id), by_id["users"][0]["user_id"]) == (["ada"], ada)
    assert names(services(api, user_name=[], user_id=[])) == []


def test_an_id_of_scim_takes_the_token_where_ids_differ(api: API) -> None:
    assert names(services(api, user_id=[api.id("ada@example.org")], api_token=None)) == []
    everybody = services(api, api_token=None, api_url=None)
    assert names(everybody) == ["ada", "bo", "cy", "desk"]
    assert names(services(api, user_id=[everybody["users"][0]["user_id"]], api_token=None)) == ["ada"]


@pytest.mark.parametrize("scroll", ["advances", "repeats"])
@pytest.mark.parametrize("expires", [None, 1, 2])
def test_hundreds_are_read_with_few_requests(
    start: Start, monkeypatch: pytest.MonkeyPatch, scroll: str, expires: int | None
) -> None:
    monkeypatch.setattr("ansible_collections.eightbyeight.scim.plugins.module_utils._admin.client.PAGE_SIZE", 100)
    api = start(people=MANY, admin_scroll=scroll, admin_scroll_expires=expires)
    assert services(api)["total"] == 300
    assert len(asked(api)) == 3 + (expires + 1 if expires else 0)
    names_of_40 = [person["user_name"] for person in MANY[:40]]
    assert services(api, user_name=names_of_40)["total"] == 40
    assert len(asked(api)) == 2


@pytest.mark.parametrize("fault", ["reset_after", "truncated_json"])
def test_a_page_that_is_lost_loses_nobody(start: Start, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    monkeypatch.setattr("ansible_collections.eightbyeight.scim.plugins.module_utils._admin.client.PAGE_SIZE", 100)
    rule = {"do": fault, "on": {"method": "GET", "path": "/admin-provisioning/users"}, "skip": 1, "times": 1}
    assert services(start(people=MANY, faults=[rule]))["total"] == 300


@pytest.mark.parametrize(
    ("switches", "options", "kind", "words"),
    [
        (
            {},
            {"admin_api_key": None},
            "bad_option",
            "shown by 8x8's Administration API alone, not by SCIM. That API is in beta",
        ),
        ({}, {"admin_api_key": "another-key"}, "key_rejected", "does not accept the key"),
        ({"admin_api": "off"}, {}, "forbidden", "The API is in beta: only participants have keys"),
        ({}, {"api_url": None, "customer_id": "0012X00042NkZQIQA3"}, "wrong_customer", "Give the key of that customer"),
        ({}, {"user_name": [" ada"]}, "bad_option", "begins or ends with white space"),
    ],
)
def test_what_stands_in_the_way_is_told(
    start: Start, switches: dict[str, Any], options: dict[str, Any], kind: str, words: str
) -> None:
    result = services(start(**switches), **options)
    assert (result["error"]["kind"], result["users"], result["complete"]) == (kind, [], False)
    assert words in result["msg"]


# -- Evidence -----------------------------------------------------------------


class Ledger:
    """A ledger of the tenant."""

    def __init__(self, api: API, folder: Path) -> None:
        self.api = api
        self._path = str(folder / "followups.jsonl")

    def __call__(self, **options: Any) -> dict[str, Any]:
        result = run(self.api, followup, argspec.FOLLOWUP, path=self._path, **options)
        assert "error" not in result, result
        return result

    def open(self, user_name: str, *actions: str, user_id: str | None = None) -> None:
        entries = [{"action": action, "user_name": user_name, "user_id": user_id} for action in actions]
        self(actions=entries)

    def proven(self, **options: Any) -> list[str]:
        return [each["action"] for each in self(close_on_evidence=True, **options)["followups"]]


@pytest.mark.parametrize("switches", SWITCHES)
def test_what_a_person_does_in_admin_console_is_seen_to_be_done(
    start: Start, tmp_path: Path, switches: dict[str, Any]
) -> None:
    api = start(**switches)
    ledger = Ledger(api, tmp_path)
    user_id = api.post(userName="new@example.org").json()["id"]
    todo = ("assign_license", "assign_phone_line", "assign_profile", "enable_directory_visibility", "set_cost_center")
    ledger.open("new@example.org", *todo, user_id=user_id)
    assert ledger.proven() == []
    api.tenant.edit_services("new@example.org", phone_number="+14085550199")
    assert ledger.proven() == ["assign_phone_line"], "a license that comes with the number is no license"
    api.tenant.edit_services("new@example.org", licenses=["X Series X4"], profile_policy="Sales")
    assert ledger.proven() == ["assign_license", "assign_profile"]
    api.tenant.edit_services("new@example.org", displayed_in_directory=True)
    done = ledger(close_on_evidence=True)
    assert [each["note"] for each in done["followups"]] == ["8x8 shows the user in the Company Directory."]
    assert done["counts"] == {"open": 1, "done": 4, "withdrawn": 0, "overdue": 0}


@pytest.mark.parametrize("switches", SWITCHES)
def test_what_is_taken_from_a_leaver_is_seen_to_be_gone(start: Start, tmp_path: Path, switches: dict[str, Any]) -> None:
    api = start(**switches)
    ledger = Ledger(api, tmp_path)
    ledger.open(
        "ada@example.org", "reclaim_license", "delete_record", "end_sessions", user_id=api.id("ada@example.org")
    )
    ledger.open("cy@example.org", "reclaim_license", "delete_record", user_id=api.id("cy@example.org"))
    assert ledger.proven() == []
    api.tenant.edit_services("ada@example.org", licenses=[])
    assert ledger.proven() == ["reclaim_license"]
    api.tenant.edit_user("cy@example.org", userName="renamed@example.org")
    assert ledger.proven() == [], "who was renamed is still there"
    api.tenant.delete_user("ada@example.org")
    api.tenant.delete_user("renamed@example.org")
    done = ledger(close_on_evidence=True)
    assert [(each["user_name"][:3], each["action"]) for each in done["followups"]] == [
        ("ada", "delete_record"),
        ("cy@", "delete_record"),
        ("cy@", "reclaim_license"),
    ]
    assert done["counts"]["open"] == 1


@pytest.mark.parametrize("switches", [each for each in SWITCHES if "admin_filter" not in each])
def test_who_is_missing_in_a_list_alone_is_not_gone(start: Start, tmp_path: Path, switches: dict[str, Any]) -> None:
    api = start(**switches, admin_list_loses=True)
    ledger = Ledger(api, tmp_path)
    for name in ("ada@example.org", "bo@example.org", "cy@example.org", "desk@example.org"):
        ledger.open(name, "delete_record", user_id=api.id(name))
    assert ledger.proven() == []
    api.tenant.delete_user("bo@example.org")
    assert [each["user_name"] for each in ledger(close_on_evidence=True)["followups"]] == ["bo@example.org"]


def test_evidence_without_a_key_asks_scim_alone_and_with_one_asks_little(start: Start, tmp_path: Path) -> None:
    api = start(people=MANY)
    ledger = Ledger(api, tmp_path)
    ledger.open("p001@example.org", "assign_license")
    assert ledger.proven(admin_api_key=None) == []
    assert api.tenant.log == []
    for person in MANY[1:20]:
        ledger.open(person["user_name"], "assign_license")
    assert len(ledger.proven()) == 20
    assert len(api.tenant.log) == 1


def test_the_key_of_another_customer_proves_nothing(start: Start, tmp_path: Path) -> None:
    api = start()
    with Emulator(
        [{"user_name": "ada@elsewhere.example", "given_name": "A", "family_name": "B"}], customer_id="C2"
    ) as other:
        keys = {"admin_api_url": other.admin_url, "admin_api_key": other.admin_api_key, "close_on_evidence": True}
        ledger = Ledger(api, tmp_path)
        # Nobody of this name is there, which would prove that the record is deleted and the license is free.
        ledger.open("ada@example.org", "delete_record", "reclaim_license", user_id=api.id("ada@example.org"))
        refused = run(api, followup, argspec.FOLLOWUP, path=str(tmp_path / "followups.jsonl"), **keys)
        assert (refused["error"]["kind"], refused["followups"]) == ("wrong_customer", [])


def test_a_key_that_is_refused_closes_nothing(start: Start, tmp_path: Path) -> None:
    api = start(admin_api="off")
    ledger = Ledger(api, tmp_path)
    ledger.open("ada@example.org", "assign_license", "set_site", user_id=api.id("ada@example.org"))
    result = run(api, followup, argspec.FOLLOWUP, path=str(tmp_path / "followups.jsonl"), close_on_evidence=True)
    assert (result["error"]["kind"], result["followups"]) == ("forbidden", [])
