# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A group of tenants in one play, side by side: what is wrong with some of them leaves the others alone."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from eightbyeight_emulator import Emulator
from role_plays import ROOT, Played, play_role

from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.followup_entry import followup

ADA = {"user_name": "ada@example.org", "given_name": "Ada", "family_name": "A", "email": "ada@example.org"}
BO = {"user_name": "bo@example.org", "given_name": "Bo", "family_name": "B", "email": "bo@example.org"}
NEW = {"user_name": "new@example.org", "given_name": "New", "family_name": "C", "email": "new@example.org"}
#: What each role is to do with every tenant, and the requests that change something.
WORK: dict[str, tuple[dict[str, Any], list[str]]] = {
    "onboarding": ({"onboarding_users": [NEW]}, ["POST"]),
    "offboarding": ({"offboarding_users": ["ada@example.org"], "offboarding_limit": "50%"}, ["PATCH"]),
    "roster": ({"roster_users": [NEW], "roster_plan_dir": "plans"}, ["POST"]),
    "followups": ({"followups_ledger": "followups.jsonl"}, []),
    "audit": ({"audit_users": [ADA], "audit_output_dir": "audits", "audit_formats": ["json"]}, []),
}
ROLES = [role for role in WORK if (ROOT / "roles" / role).exists()]
WELL = ("north", "south")
#: Host -> what its play has to say. Each is another trouble.
ILL = {
    "down": r"cannot be reached|refused the connection|[Cc]onnection refused|no answer",
    "throttled": r"429|[Tt]oo many requests|rate limit",
    "locked": r"does not accept the API token",
    "nameless": r"nameless does not say which customer it is",
}


class Group(NamedTuple):
    """Tenants by host, and the inventory."""

    tenants: dict[str, Emulator]
    inventory: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def group() -> Iterator[Group]:
    """Two tenants that are well, and one host for each trouble."""
    names = (*WELL, "throttled", "locked")
    tenants = {name: Emulator([ADA, BO], customer_id=f"0012J0000000000{name[:4]}") for name in names}
    tenants["throttled"].set_faults([{"do": "rate_limit", "wait": 60, "times": 1000}])
    for tenant in tenants.values():
        tenant.start()
    urls = {name: tenant.url for name, tenant in tenants.items()}
    urls["down"] = f"http://127.0.0.1:{free_port()}/udi/customers/0012J0000000000down/scim/v2"
    tokens = {name: tenant.token for name, tenant in tenants.items()} | {
        "locked": "not-the-token",
        "down": "a-token-00",
    }
    lines = [f"{name} eightbyeight_api_url={url} eightbyeight_api_token={tokens[name]}" for name, url in urls.items()]
    shared = ["ansible_connection=local", "eightbyeight_retry_budget=2", "eightbyeight_timeout=5"]
    yield Group(tenants, "\n".join([*lines, "nameless", "[all:vars]", *shared]))
    for tenant in tenants.values():
        tenant.stop()


def recap(output: str) -> dict[str, bool]:
    """Return host -> whether its play failed."""
    found = re.findall(r"^(\w+) +: ok=\d+.*failed=(\d+)", output, re.MULTILINE)
    return {host: failed != "0" for host, failed in found}


def told_of(output: str, host: str) -> str:
    """Return what the play says of a host."""
    return "\n".join(re.findall(rf"^\w+: \[{host}\].*?(?=^\w+: \[|^TASK |^PLAY |\Z)", output, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("role", ROLES)
def test_what_is_wrong_with_some_tenants_leaves_the_others_alone(role: str, group: Group, tmp_path: Path) -> None:
    variables, changes = WORK[role]
    if role == "followups":
        open_followups(tmp_path, group)
    played = play_role(tmp_path, role, variables, arguments=("--forks", "10"), inventory=group.inventory)
    assert recap(played.output) == {**dict.fromkeys(WELL, False), **dict.fromkeys(ILL, True)}, played.output
    for host, why in ILL.items():
        assert re.search(why, told_of(played.output, host)), told_of(played.output, host)
    for host in WELL:
        log = group.tenants[host].log
        assert [entry["method"] for entry in log if entry["method"] != "GET"] == changes
        assert {entry["status"] for entry in log} <= {200, 201, 204}, "its own token, and no other"
    assert all(entry["status"] == 401 for entry in group.tenants["locked"].log)
    results_a_host(role, played, tmp_path)


def open_followups(folder: Path, group: Group) -> None:
    """Write a ledger with one open follow-up a tenant, so that each has something to look for."""
    options = {name: option.get("default") for name, option in argspec.FOLLOWUP.argument_spec.items()}
    options |= {"path": str(folder / "followups.jsonl"), "action": "activate_user", "user_name": "ada@example.org"}
    for host in (*group.tenants, "down"):
        assert not followup({**options, "tenant": f"0012J0000000000{host[:4]}"}, False).failed


def results_a_host(role: str, played: Played, folder: Path) -> None:
    """See that what each host leaves is its own."""
    rooms = {"roster": "plans", "audit": "audits"}
    if role in rooms:
        files = [path for path in (folder / rooms[role]).rglob("*.json") if not path.is_dir()]
        for host in WELL:
            own = [path for path in files if host in str(path.relative_to(folder))]
            assert own, f"{host} has no file of its own in {files}"
        texts = {
            host: [path.read_text("utf-8") for path in files if host in str(path.relative_to(folder))] for host in WELL
        }
        assert not set(texts["north"]) & set(texts["south"])


def test_each_tenant_has_its_own_variables(group: Group, tmp_path: Path) -> None:
    people = {"north": [NEW], "south": [{**NEW, "user_name": "other@example.org", "email": "other@example.org"}]}
    variables = {"people": people, "onboarding_users": "{{ people[inventory_hostname] }}"}
    limit = ("--forks", "10", "--limit", "north,south")
    played = play_role(tmp_path, "onboarding", variables, arguments=limit, inventory=group.inventory)
    assert played.status == 0, played.output
    for host, rows in people.items():
        there = {user["resource"]["userName"] for user in group.tenants[host].users()}
        assert there == {"ada@example.org", "bo@example.org", rows[0]["user_name"]}
    assert json.dumps(people) not in played.output
