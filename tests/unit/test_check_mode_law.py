# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Law 2: check mode tells the truth. Every scenario is run for real, and replayed over a transport that only lets GET out."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from requests.adapters import BaseAdapter

from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import STATE_DIR_VARIABLE
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.runtime import Runtime
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.user_entry import manage_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import DEFAULT_EXTENSION_URN
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    TOKEN,
    FakeTime,
    ReadOnly,
    Tenant,
    WriteError,
    client_for,
    resource,
    session_over,
)

NEW: dict[str, Any] = {"given_name": "Ada", "family_name": "Lovelace", "email": "ada@example.org"}
ADA = resource(meta={"created": "2026-01-01T00:00:00Z"})
OFF = {**ADA, "active": False}
NO_SITE = {**ADA, DEFAULT_EXTENSION_URN: {}}
NO_MAIL = {**ADA, "emails": []}
OTHERS = [resource(f"o{number}", f"o{number}@example.org") for number in range(5)]


@dataclass
class Scenario:
    """A tenant, and a task.

    :param switches: How the tenant behaves, by attribute of :class:`Tenant`.
    :param only_real: Kind of an error that can only be known by writing.
    """

    there: dict[str, Any] | None
    options: dict[str, Any]
    expected: str
    kind: str | None = None
    switches: dict[str, Any] = field(default_factory=dict)
    only_real: str | None = None


SCENARIOS = {
    "create": Scenario(None, NEW, "created"),
    "create with everything": Scenario(
        None,
        {
            **NEW,
            "external_id": "7",
            "title": "T",
            "department": "D",
            "site": "Paris",
            "locale": "fr-FR",
            "timezone": "Europe/Paris",
            "phone_numbers": [{"type": "work", "value": "1"}, {"type": "mobile", "value": "2"}],
        },
        "created",
    ),
    "create inactive": Scenario(None, {**NEW, "active": False}, "created"),
    "create with something to clear": Scenario(None, {**NEW, "title": "", "phone_numbers": []}, "created"),
    "create without what is required": Scenario(None, {"title": "T"}, "unchanged", "missing_attributes"),
    "create with something required cleared": Scenario(None, {**NEW, "email": ""}, "unchanged", "missing_attributes"),
    "create by id": Scenario(None, {**NEW, "user_id": "1"}, "unchanged", "user_not_found"),
    "create at an unknown site": Scenario(None, {**NEW, "site": "Rome"}, "created", only_real="unknown_site"),
    "create a name that is taken elsewhere": Scenario(
        None, NEW, "created", switches={"taken_elsewhere": {"ada@example.org"}}, only_real="user_name_taken_elsewhere"
    ),
    "nothing": Scenario(ADA, {}, "unchanged"),
    "nothing, by another case": Scenario(ADA, {"user_name": "ADA@EXAMPLE.ORG"}, "unchanged"),
    "nothing, by id": Scenario(ADA, {"user_name": None, "user_id": "1"}, "unchanged"),
    "nothing for somebody inactive": Scenario(OFF, {"active": False}, "unchanged"),
    "update": Scenario(ADA, {"title": "Boss"}, "updated"),
    "update by id": Scenario(ADA, {"user_name": None, "user_id": "1", "title": "Boss"}, "updated"),
    "update and clear": Scenario(ADA, {"title": "", "department": "D", "phone_numbers": []}, "updated"),
    "update phone numbers": Scenario(
        {**ADA, "phoneNumbers": [{"type": "home", "value": "1"}, {"type": "work", "value": "2"}]},
        {"phone_numbers": [{"type": "mobile", "value": "3"}]},
        "updated",
    ),
    "update somebody inactive": Scenario(OFF, {"active": False, "title": "Boss"}, "updated"),
    "update without an address": Scenario(NO_MAIL, {"title": "Boss"}, "unchanged", "missing_attributes"),
    "set the site": Scenario(NO_SITE, {"site": "Paris"}, "updated"),
    "set an unknown site": Scenario(NO_SITE, {"site": "Rome"}, "updated", only_real="unknown_site"),
    "change the site": Scenario(ADA, {"site": "Paris", "title": "Boss"}, "unchanged", "site_fixed"),
    "clear the site": Scenario(ADA, {"site": ""}, "unchanged", "site_fixed"),
    "rename": Scenario(ADA, {"user_name": "eve@example.org", "user_id": "1"}, "unchanged", "user_name_fixed"),
    "clear what is required": Scenario(ADA, {"family_name": ""}, "unchanged", "bad_option"),
    "activate": Scenario(OFF, {"active": True}, "activated"),
    "activate and update": Scenario(OFF, {"active": True, "title": "Boss"}, "activated"),
    "leave somebody inactive": Scenario(OFF, {}, "unchanged"),
    "update somebody inactive without a word of it": Scenario(OFF, {"title": "Boss"}, "updated"),
    "deactivate": Scenario(ADA, {"active": False}, "deactivated"),
    "deactivate and update": Scenario(ADA, {"active": False, "title": "Boss"}, "deactivated"),
    "absent": Scenario(ADA, {"state": "absent"}, "deactivated"),
    "absent by id": Scenario(ADA, {"state": "absent", "user_name": None, "user_id": "1"}, "deactivated"),
    "absent with attributes": Scenario(ADA, {"state": "absent", "title": "x", "site": "Rome"}, "deactivated"),
    "absent already": Scenario(OFF, {"state": "absent"}, "unchanged"),
    "absent and unknown": Scenario(None, {"state": "absent"}, "unchanged"),
    "absent by an unknown id": Scenario(ADA, {"state": "absent", "user_name": None, "user_id": "9"}, "unchanged"),
    "absent by an unknown id and a known name": Scenario(
        ADA, {"state": "absent", "user_id": "9"}, "unchanged", "user_name_fixed"
    ),
    "absent and active": Scenario(ADA, {"state": "absent", "active": True}, "unchanged", "bad_option"),
    "absent without PATCH": Scenario(ADA, {"state": "absent"}, "deactivated", switches={"patch": False}),
    "activate without PATCH": Scenario(OFF, {"active": True}, "activated", switches={"patch": False}),
    "deactivate without PATCH": Scenario(ADA, {"active": False}, "deactivated", switches={"patch": False}),
    "update with versions": Scenario(
        {**ADA, "meta": {"version": 'W/"4"'}}, {"title": "Boss"}, "updated", switches={"versions": True}
    ),
    "update where the filter is refused": Scenario(ADA, {"title": "Boss"}, "updated", switches={"filters": "refused"}),
    "update where the filter is ignored": Scenario(
        ADA, {"title": "Boss"}, "updated", switches={"filters": "ignored", "page_size": 2}
    ),
    "create where the filter is ignored": Scenario(
        None, NEW, "created", switches={"filters": "ignored", "page_size": 2}
    ),
    "no login name": Scenario(ADA, {"user_name": ""}, "unchanged", "bad_option"),
}


def tenant_of(scenario: Scenario) -> Tenant:
    tenant = Tenant(*OTHERS, *([scenario.there] if scenario.there else []))
    for name, value in scenario.switches.items():
        assert hasattr(tenant, name)
        setattr(tenant, name, value)
    return tenant


def run(adapter: BaseAdapter, options: dict[str, Any], check_mode: bool) -> dict[str, Any]:
    given = {
        "api_url": BASE,
        "api_token": TOKEN,
        "validate_certs": True,
        "timeout": 30,
        "retry_budget": 0,
        "extension_urn": DEFAULT_EXTENSION_URN,
        "user_name": "ada@example.org",
        "state": "present",
        **copy.deepcopy(options),
    }
    outcome = manage_user(given, check_mode, Runtime(lambda _connection: session_over(adapter), clock=FakeTime().clock))
    assert outcome.failed is ("error" in outcome.result)
    return outcome.result


@pytest.mark.parametrize("name", SCENARIOS)
def test_check_mode_tells_what_the_real_run_does(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = SCENARIOS[name]
    monkeypatch.setenv(STATE_DIR_VARIABLE, str(tmp_path / "state"))
    tenant = tenant_of(scenario)
    before = copy.deepcopy(tenant.users)

    told = run(ReadOnly(tenant), scenario.options, check_mode=True)
    assert tenant.users == before
    assert not (tmp_path / "state").exists(), "check mode keeps nothing"
    assert told["operation"] == scenario.expected
    assert told["changed"] is (scenario.expected != "unchanged")
    assert told.get("error", {}).get("kind") == scenario.kind

    reads = list(tenant.log)
    assert run(ReadOnly(tenant), scenario.options, check_mode=True) == told

    tenant.log.clear()
    done = run(tenant, scenario.options, check_mode=False)
    assert tenant.log[: len(reads)] == reads, "both look at the same things before they decide"
    if scenario.only_real:
        assert (done["error"]["kind"], done["changed"]) == (scenario.only_real, False)
        assert tenant.users == before
        return
    for key in ("changed", "operation", "diff"):
        assert done[key] == told[key], key
    assert done.get("error") == told.get("error")
    assert done.get("msg") == told.get("msg")
    assert set(done) == set(told)
    todo = [[entry["action"] for entry in result["manual_actions"]] for result in (done, told)]
    assert todo[0] == todo[1]
    assert (tenant.users != before) is done["changed"]
    if scenario.kind is None and done["user"] is not None:
        server_owned = ("id", "created", "last_modified")
        seen = [
            {key: value for key, value in result["user"].items() if key not in server_owned} for result in (done, told)
        ]
        assert seen[0] == seen[1]


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_second_run_writes_nothing(name: str) -> None:
    """Law 1, over the same table."""
    scenario = SCENARIOS[name]
    tenant = tenant_of(scenario)
    run(tenant, scenario.options, check_mode=False)
    tenant.log.clear()
    if scenario.only_real:
        return
    second = run(tenant, scenario.options, check_mode=False)
    assert tenant.writes == []
    assert (second["changed"], second["operation"]) == (False, "unchanged")


def test_the_table_has_every_operation_and_every_refusal_known_before_a_write() -> None:
    assert {scenario.expected for scenario in SCENARIOS.values()} == {
        "created",
        "updated",
        "activated",
        "deactivated",
        "unchanged",
    }
    assert {scenario.kind for scenario in SCENARIOS.values()} >= {
        "bad_option",
        "missing_attributes",
        "site_fixed",
        "user_name_fixed",
        "user_not_found",
    }


def test_the_transport_of_check_mode_raises_on_a_write() -> None:
    client = client_for(ReadOnly(Tenant(ADA)))
    assert client.get_user("1").active
    for write in (
        lambda: client.set_active("1", False),
        lambda: client.delete_user("1"),
        lambda: client.create_user({}),
    ):
        with pytest.raises(WriteError):
            write()
