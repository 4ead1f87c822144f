# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Audits of an emulated tenant: both doors on every switch, what they cost, and the role with its files and its gate."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import json_schema
import pytest
from role_plays import Played, play_role
from tenant_client import API, TOKEN
from test_services import SWITCHES

from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.audit_entry import audit_info
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.runtime import Outcome

Start = Callable[..., API]
DEFAULTS = {name: option.get("default") for name, option in argspec.AUDIT_INFO.argument_spec.items()}
ROSTER = [
    {"user_name": "ADA@example.org", "title": "Director"},
    {"user_name": "cy@example.org", "ends": "2024-01-01"},
    {"user_name": "new@example.org", "given_name": "N", "family_name": "C", "email": "new@example.org"},
]
MESSAGES = {
    "token": "8x8 does not accept the API token",
    "key": "The Administration API does not accept the key",
    "off": "The API is in beta: only participants have keys",
}


def run(api: API, *, admin: bool = True, **options: Any) -> Outcome:
    """Audit a tenant, and see that only GET is sent, and nothing that the description does not have."""
    given = {**DEFAULTS, "api_url": api.tenant.url, "api_token": TOKEN, "retry_budget": 1.0}
    if admin:
        given |= {"admin_api_url": api.tenant.admin_url, "admin_api_key": api.tenant.admin_api_key}
    api.tenant.clear_log()
    outcome = audit_info({**given, **options}, False)
    for entry in api.tenant.log:
        assert entry["method"] == "GET"
        if entry["path"] == "/admin-provisioning/users":
            schema = "scroll" if "scrollId" in entry["query"] else "query"
            assert json_schema.faults(schema, entry["query"]) == []
    assert TOKEN not in str(outcome.result) and api.tenant.admin_api_key not in str(outcome.result)
    return outcome


@pytest.mark.parametrize("switches", SWITCHES)
def test_an_audit_says_the_same_on_every_switch_of_the_administration_api(
    start: Start, switches: dict[str, Any]
) -> None:
    done = run(start(**switches), users=ROSTER, license_cost=10.0)
    result = done.result
    assert not done.failed and result["complete"] and result["evidence"] == "scim+administration"
    assert {entry["user_name"]: entry["situation"] for entry in result["accounts"]} == {
        "ada@example.org": "drifted",
        "bo@example.org": "inactive",
        "cy@example.org": "left_but_active",
        "new@example.org": "missing",
    }
    figures = result["figures"]
    assert (figures["licenses_assigned"], figures["licenses_unused"], figures["unused_cost_per_year"]) == (3, 1, 120)
    assert [text for text in result["limitations"] if "1 user whom SCIM does not show (desk@example.org)" in text]


def test_a_license_that_is_reclaimed_in_the_console_is_unused_no_more(api: API) -> None:
    assert run(api).result["figures"]["licenses_unused"] == 1
    api.tenant.edit_services("bo@example.org", licenses=["DID - Local Number"])
    after = run(api).result
    assert (after["figures"]["licenses_unused"], after["figures"]["active_without_license"]) == (0, 0)


def test_five_thousand_accounts_cost_few_requests(start: Start) -> None:
    people = [
        {"user_name": f"p{n:04}@example.org", "given_name": "P", "family_name": "N", "title": "T"} for n in range(5000)
    ]
    api = start(people=people, max_page=500)
    rows = [{"user_name": person["user_name"], "title": "T"} for person in people[:4990]]
    result = run(api, users=rows).result
    assert (result["situations"]["in_sync"], result["situations"]["orphaned"]) == (4990, 10)
    paths = [entry["path"] for entry in api.tenant.log]
    assert paths.count("/Users") == len(paths) - 5 <= 11
    assert result["requests"] == {"GET": len(paths)}


@pytest.mark.parametrize(
    ("options", "switches", "kind", "message"),
    [
        ({"api_token": "another"}, {}, "token_rejected", MESSAGES["token"]),
        ({"admin_api_key": "another-key"}, {}, "key_rejected", MESSAGES["key"]),
        ({}, {"admin_api": "off"}, "forbidden", MESSAGES["off"]),
        ({"api_url": "http://127.0.0.1:9/udi/customers/C1/scim/v2"}, {}, "unreachable", "127.0.0.1:9"),
    ],
)
def test_what_cannot_be_read_fails_with_one_message_and_the_keys_of_every_outcome(
    start: Start, options: dict[str, Any], switches: dict[str, Any], kind: str, message: str
) -> None:
    done = run(start(**switches), **options)
    assert done.failed and message in done.result["msg"] and done.result["error"]["kind"] == kind
    assert done.result["accounts"] == [] and set(done.result["figures"].values()) == {None}


def test_without_a_key_licenses_are_not_guessed(api: API) -> None:
    done = run(api, admin=False, license_cost=10.0)
    assert not done.failed and done.result["figures"]["licenses_unused"] is None
    assert "no admin_api_key was given" in done.result["formulas"]["licenses_unused"]


def test_a_list_that_does_not_add_up_is_incomplete(start: Start) -> None:
    done = run(start(total_off=2), users=ROSTER)
    assert not done.failed and not done.result["complete"] and done.result["figures"]["orphaned"] is None


# -- The role -----------------------------------------------------------------


def play(folder: Path, api: API, *arguments: str, **variables: Any) -> Played:
    door = {"audit_admin_api_url": api.tenant.admin_url, "audit_admin_api_key": api.tenant.admin_api_key}
    given = {"audit_users": json.dumps(ROSTER), "audit_license_cost": "10", **door, **variables}
    return play_role(folder, "audit", given, api.tenant, arguments=arguments)


def files(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Return the files of an audit: name -> rights, and what is in it."""
    found = sorted((folder / "audit").glob("*"))
    return {path.name: (oct(stat.S_IMODE(path.stat().st_mode)), path.read_bytes()) for path in found}


def test_the_role_writes_its_files_tells_what_changed_and_destroys_nothing(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = start()
    checked = play(tmp_path, api, "--check")
    assert checked.status == 0 and not (tmp_path / "audit").exists(), checked.output
    told = play(tmp_path, api)
    assert told.status == 0 and "left but active: cy@example.org" in told.output, told.output
    first = files(tmp_path)
    names = ("audit-localhost.csv", "audit-localhost.html", "audit-localhost.json", "audit-localhost.prom")
    assert {name: mode for name, (mode, _text) in first.items()} == dict(
        zip(names, ["0o600"] * 3 + ["0o644"], strict=True)
    )
    assert first["audit-localhost.csv"][1].startswith(b"\xef\xbb\xbfuser_name,")
    assert (
        b"@" not in first["audit-localhost.prom"][1]
        and b'figure="licenses_unused"} 1\n' in first["audit-localhost.prom"][1]
    )
    assert json.loads(first["audit-localhost.json"][1])["figures"]["unused_cost_per_year"] == 120

    # A gate fails after the files were written, and the next audit tells what changed.
    api.tenant.edit_services("bo@example.org", licenses=[])
    gate = play(tmp_path, api, audit_users=json.dumps(ROSTER[:2]), audit_fail_on="left_but_active, missing=0")
    assert gate.status == 2 and "left_but_active is 1, and the limit is 0." in gate.output, gate.output
    second = json.loads(files(tmp_path)["audit-localhost.json"][1])
    assert [(each["user_name"], each["from"], each["to"]) for each in second["changes"]] == [
        ("new@example.org", "missing", None)
    ]
    assert second["compared_with"] == json.loads(first["audit-localhost.json"][1])["as_of"]

    # Whatever fails, or does not add up, leaves the last audit as it is.
    before = files(tmp_path)
    failed = play(tmp_path, api, audit_api_token="another")
    assert failed.status == 2 and MESSAGES["token"] in " ".join(failed.output.split()), failed.output
    assert "the files of the last audit are as they were" in failed.output and '"figures"' not in failed.output
    assert files(tmp_path) == before

    half = play(tmp_path, start(total_off=2), audit_fail_on={"orphaned": 99})
    assert half.status == 2 and "an incomplete audit never passes audit_fail_on" in half.output, half.output
    after = files(tmp_path)
    kept = {name: after[name] for name in names[:3]}
    assert kept == {name: before[name] for name in names[:3]}
    assert {*after} - {*before} == {f"audit-localhost.incomplete.{ending}" for ending in ("csv", "html", "json")}
    assert b'eightbyeight_audit_complete{tenant="0012J00042NkZQIQA3"} 0\n' in after["audit-localhost.prom"][1]
