# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Beside an identity provider: its requests, what an audit and a roster then say, and why our writes are refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from eightbyeight_emulator.seed import SeedError
from tenant_client import Tasks

from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.audit_entry import audit_info

Start = Callable[..., Tasks]

ADA, BO, CY, EVE = "ada@example.org", "bo@example.org", "cy@example.org", "eve@example.org"
DESK = "desk@example.org"
NEW = {"name": {"givenName": "Eve", "familyName": "Moss"}, "emails": [{"value": EVE, "type": "work"}]}
ROWS: list[dict[str, Any]] = [
    {
        "user_name": ADA,
        "given_name": "Ada",
        "family_name": "Marlowe",
        "email": ADA,
        "title": "Engineer",
        "active": True,
    },
    {"user_name": EVE, "given_name": "Eve", "family_name": "Moss", "email": EVE, "active": True},
    {"user_name": CY, "state": "absent"},
]


def audit(tenant: Tasks, users: Any) -> dict[str, str]:
    """Return the situation of everybody."""
    given = {name: option.get("default") for name, option in argspec.AUDIT_INFO.argument_spec.items()}
    outcome = audit_info(
        {**given, "api_url": tenant.api.tenant.url, "api_token": tenant.api.tenant.token, "users": users}, False
    )
    assert not outcome.failed, outcome.result
    return {account["user_name"]: account["situation"] for account in outcome.result["accounts"]}


def requests_of(tenant: Tasks, writer: str) -> list[tuple[str, Any]]:
    return [(entry["method"], entry["body"]) for entry in tenant.api.tenant.log if entry["user_agent"] == writer]


@pytest.mark.parametrize("writer", ["entra", "okta", "onelogin"])
def test_beside_the_one_writing_client_we_read_and_are_told_why_we_may_not_write(tasks: Start, writer: str) -> None:
    tenant = tasks(other_writer=writer)
    provider = tenant.api.tenant
    assert provider.provision("create", EVE, **NEW) == [200, 201]
    assert provider.provision("deactivate", CY) == [200, 200]
    # What the provider did is what the audit finds: everybody is as the roster wants.
    assert audit(tenant, ROWS) == {ADA: "in_sync", BO: "inactive", EVE: "in_sync", CY: "in_sync"}
    refused = tenant.roster([{**ROWS[0], "title": "Boss"}])
    assert refused["error"]["kind"] == "not_write_client"
    assert "Only one client may write: where Entra ID or Okta provisions this customer" in refused["msg"]
    assert "about every 40 minutes" in refused["msg"], "whoever makes the change there has to wait"
    assert refused["summary"]["failed"] == 1
    assert not refused["changed"]


@pytest.mark.parametrize("writer", ["entra", "okta", "onelogin"])
def test_a_whole_roster_stops_at_the_first_refusal(tasks: Start, writer: str) -> None:
    people = [
        {"user_name": f"p{number}@example.org", "given_name": "P", "family_name": "Person"} for number in range(40)
    ]
    tenant = tasks(people=people, other_writer=writer)
    told = tenant.roster([{"user_name": person["user_name"], "title": "Boss"} for person in people])
    assert told["error"]["kind"] == "not_write_client"
    assert told["summary"]["skipped"] > 30
    writes = [entry for entry in tenant.api.tenant.log if entry["method"] != "GET"]
    assert len(writes) <= 10, "nobody asks forty times for what is refused to all"


def test_entra_id_replaces_single_attributes_with_booleans_as_text(tasks: Start) -> None:
    tenant = tasks(other_writer="entra")
    tenant.api.tenant.provision("deactivate", ADA)
    look_up, patch = requests_of(tenant, "entra")
    assert look_up == ("GET", None)
    assert patch[1]["Operations"] == [{"op": "Replace", "path": "active", "value": "False"}]
    # It has left there, and our list does not know it yet.
    assert audit(tenant, ROWS[:1])[ADA] == "drifted"
    info = tenant.user_info(user_name=ADA)
    assert info["users"][0]["active"] is False, "the text False is not true"
    tenant.api.tenant.provision("activate", ADA)
    assert audit(tenant, ROWS[:1])[ADA] == "in_sync"


def test_okta_switches_active_without_a_path_and_puts_back_the_whole_user(tasks: Start) -> None:
    tenant = tasks(other_writer="okta")
    assert tenant.api.tenant.provision("deactivate", ADA) == [200, 200]
    assert requests_of(tenant, "okta")[-1][1]["Operations"] == [{"op": "replace", "value": {"active": False}}]
    tenant.api.tenant.clear_log()
    assert tenant.api.tenant.provision("update", ADA, title="Boss") == [200, 200, 200]
    verbs = [method for method, _body in requests_of(tenant, "okta")]
    assert verbs == ["GET", "GET", "PUT"]
    put = requests_of(tenant, "okta")[-1][1]
    assert put["title"] == "Boss"
    assert put["active"] is False, "a user who left is not brought back by a new title"
    assert audit(tenant, ROWS[:1])[ADA] == "drifted"


def test_google_makes_users_at_their_first_sign_in_and_our_roster_closes_both_gaps(tasks: Start) -> None:
    tenant = tasks(other_writer="google", all_users=True)
    assert tenant.api.tenant.provision("sign_in", ADA) == [200], "who is there is only looked up"
    # Eve has never signed in, and Cy has left, which nobody told 8x8.
    assert audit(tenant, ROWS) == {
        ADA: "in_sync",
        BO: "inactive",
        CY: "left_but_active",
        EVE: "missing",
        DESK: "orphaned",
    }
    told = tenant.roster(ROWS, limits={"deactivate": "100%"})
    assert "error" not in told
    assert (told["summary"]["created"], told["summary"]["deactivated"]) == (1, 1)
    assert audit(tenant, ROWS) == {ADA: "in_sync", BO: "inactive", CY: "in_sync", EVE: "in_sync", DESK: "orphaned"}
    # Whoever signs in later finds the account that the roster made.
    assert tenant.api.tenant.provision("sign_in", EVE) == [200]


@pytest.mark.parametrize("visible", [True, False])
def test_who_came_by_signing_in_may_be_hidden_from_scim(tasks: Start, visible: bool) -> None:
    tenant = tasks(other_writer="google", all_users=visible)
    assert tenant.api.tenant.provision("sign_in", EVE, **NEW) == [200, 201]
    if visible:
        assert audit(tenant, ROWS)[EVE] == "in_sync"
        return
    assert audit(tenant, ROWS)[EVE] == "missing"
    told = tenant.roster([ROWS[1]])
    # The login name is taken all the same, and the message names the setting that shows such users.
    assert told["results"][0]["error"]["kind"] == "user_name_taken_elsewhere"
    assert "Only users created by your identity provider" in told["msg"]


@pytest.mark.parametrize(
    ("writer", "action", "user"),
    [
        ("none", "create", EVE),
        ("google", "deactivate", ADA),
        ("okta", "rename", ADA),
        ("okta", "deactivate", "nobody@example.org"),
    ],
)
def test_what_a_provider_does_not_do_is_refused(tasks: Start, writer: str, action: str, user: str) -> None:
    tenant = tasks(other_writer=writer)
    with pytest.raises(SeedError):
        tenant.api.tenant.provision(action, user)


def test_the_provider_can_be_played_through_the_control_endpoint(tasks: Start) -> None:
    tenant = tasks(other_writer="entra")
    url = f"{tenant.api.tenant.origin}/_emulator/writer"
    answer = tenant.api.session.post(url, json={"action": "deactivate", "user": ADA}, timeout=10)
    assert (answer.status_code, answer.json()) == (200, [200, 200])
    wrong: Any
    for wrong in (
        {"action": "deactivate"},
        [],
        {"action": "x", "user": ADA},
        {"action": "update", "user": ADA, "more": 1},
    ):
        assert tenant.api.session.post(url, json=wrong, timeout=10).status_code == 400
