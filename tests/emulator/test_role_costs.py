# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role costs follows the people whom it is about: few tasks, and few requests in a tenant of thousands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from eightbyeight_emulator import Emulator
from role_plays import Played, play_role

#: Thirty pages.
THOUSANDS = 3000


@pytest.fixture(scope="module")
def crowd() -> Iterator[Emulator]:
    """Start a tenant of thousands that gives a hundred users a page."""
    people = [
        {"user_name": f"user{number}@example.org", "given_name": "User", "family_name": f"Number {number}"}
        for number in range(THOUSANDS)
    ]
    with Emulator(people, switches={"max_page": 100}) as tenant:
        yield tenant


def newcomers(*names: str) -> list[dict[str, str]]:
    return [
        {"user_name": f"{name}@example.org", "given_name": name, "family_name": "C", "email": f"{name}@example.org"}
        for name in names
    ]


class Costs:
    """Runs roles against one tenant, and counts."""

    def __init__(self, tenant: Emulator, folder: Path) -> None:
        self.tenant = tenant
        self.folder = folder

    def play(self, role: str, *arguments: str, **variables: Any) -> tuple[Played, list[str]]:
        """Run a role; return what it did, and the verbs of its requests."""
        self.tenant.clear_log()
        played = play_role(self.folder, role, variables, self.tenant, arguments)
        assert played.status == 0, played.output
        return played, [str(entry["method"]) for entry in self.tenant.log]


@pytest.fixture
def costs(crowd: Emulator, tmp_path: Path) -> Costs:
    return Costs(crowd, tmp_path)


def test_onboarding_one_person(costs: Costs) -> None:
    given = {"onboarding_users": newcomers("one"), "onboarding_checklist_dir": "lists"}
    rehearsed, reads = costs.play("onboarding", "--check", **given)
    assert set(reads) == {"GET"} and len(reads) <= 5
    played, requests = costs.play("onboarding", **given)
    assert len(played.tasks) <= 11, played.tasks
    assert [task for task in played.tasks if task not in rehearsed.tasks] == ["Write the checklist"]
    assert len(requests) <= 8 and requests.count("POST") == 1
    again, requests = costs.play("onboarding", **given)
    assert set(requests) == {"GET"} and len(requests) <= 5
    assert "localhost: nothing to do (1 unchanged)" in again.output


def test_offboarding_one_person(costs: Costs) -> None:
    given = {"offboarding_users": "user7@example.org", "offboarding_evidence_dir": "evidence"}
    _rehearsed, reads = costs.play("offboarding", "--check", **given)
    assert set(reads) == {"GET"} and len(reads) <= 6
    played, requests = costs.play("offboarding", **given)
    assert len(requests) <= 10 and requests.count("PATCH") == 1
    assert len(played.tasks) <= 15, played.tasks
    _again, requests = costs.play("offboarding", **given)
    assert set(requests) == {"GET"} and len(requests) <= 6


def test_a_roster_of_three(costs: Costs) -> None:
    given = {"roster_users": newcomers("ida", "una", "eve")}
    _rehearsed, reads = costs.play("roster", "--check", **given)
    assert set(reads) == {"GET"} and len(reads) <= 7
    played, requests = costs.play("roster", **given)
    assert requests.count("POST") == 3
    # Two to look at the tenant, five to plan, and to apply: each row and the filter again, three creations, one to verify.
    assert len(requests) <= 15, costs.tenant.log
    assert len(played.tasks) <= 32, played.tasks
    _again, requests = costs.play("roster", **given)
    assert set(requests) == {"GET"} and len(requests) <= 7


@pytest.mark.parametrize("switches", [{"filter_external_id": "accept"}, {"filter": "all"}])
@pytest.mark.parametrize("page", [100, 500])
def test_people_with_external_ids(tmp_path: Path, switches: dict[str, Any], page: int) -> None:
    """Servers that take one filter at a time, and those that take several at once."""
    there = [
        {
            "user_name": f"user{number}@example.org",
            "given_name": "User",
            "family_name": "E",
            "external_id": f"e{number}",
        }
        for number in range(THOUSANDS)
    ]
    with Emulator(there, switches={"max_page": page, **switches}) as tenant:
        costs = Costs(tenant, tmp_path)
        joiner = {**newcomers("exa")[0], "external_id": "new"}
        _played, requests = costs.play("onboarding", onboarding_users=[joiner])
        assert len(requests) <= 8 and requests.count("POST") == 1, tenant.log
        _played, requests = costs.play("offboarding", offboarding_users=[{"external_id": "e2000"}])
        assert len(requests) <= 10 and requests.count("PATCH") == 1, tenant.log


def test_a_group_of_two_tenants_each_costs_its_own_people(costs: Costs) -> None:
    with Emulator(customer_id="0012J00000000000S1") as south:
        lines = [
            f"{name} ansible_connection=local eightbyeight_api_url={tenant.url} eightbyeight_api_token={tenant.token}"
            for name, tenant in (("north", costs.tenant), ("south", south))
        ]
        costs.tenant.clear_log()
        given = {"onboarding_users": newcomers("both")}
        played = play_role(costs.folder, "onboarding", given, inventory="\n".join(lines))
        assert played.status == 0, played.output
        for tenant in (costs.tenant, south):
            assert [entry["method"] for entry in tenant.log].count("POST") == 1
            assert len(tenant.log) <= 8
