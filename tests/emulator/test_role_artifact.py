# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role roster in two jobs that share nothing but what the first one hands on."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from eightbyeight_emulator import Emulator
from role_plays import Played, play_role

JOINER = {
    "user_name": "ines@example.org",
    "given_name": "Ines",
    "family_name": "C",
    "email": "ines@example.org",
}


def artifacts_of(played: Played) -> dict[str, Any]:
    """Return the artifacts of a job, which are its custom statistics."""
    found = re.search(r"^\s*RUN: (\{.*\})\s*$", played.output, re.MULTILINE)
    return json.loads(found[1]) if found else {}


def resources(tenant: Emulator) -> list[dict[str, Any]]:
    return [user["resource"] for user in tenant.users()]


@pytest.fixture(autouse=True)
def _shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_SHOW_CUSTOM_STATS", "true")


def test_each_tenant_finds_the_plan_that_it_handed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWX_PRIVATE_DATA_DIR", str(tmp_path / "job"))
    with Emulator(customer_id="0012J00000000000N1") as north, Emulator(customer_id="0012J00000000000S1") as south:
        inventory = "\n".join(
            f"{name} ansible_connection=local eightbyeight_api_url={tenant.url} eightbyeight_api_token={tenant.token}"
            for name, tenant in (("north", north), ("south-2", south))
        )
        plans = {"roster_artifact": "plan", "roster_plan_dir": str(tmp_path / "job/plans")}
        job = {**plans, "roster_users": [JOINER], "roster_plan_only": "true"}
        planned = play_role(tmp_path, "roster", job, inventory=inventory)
        assert planned.status == 0, planned.output
        artifacts = artifacts_of(planned)
        assert set(artifacts) == {"eightbyeight_plan_north", "eightbyeight_plan_south_2"}
        assert artifacts["eightbyeight_plan_north"]["counts"] == {"created": 1}
        assert "also in the artifact eightbyeight_plan_south_2" in planned.output
        assert {entry["method"] for entry in north.log} == {"GET"}
        shutil.rmtree(tmp_path / "job")  # As AWX does.
        approved = {**plans, **artifacts, "roster_approved_digest": "artifact"}
        applied = play_role(tmp_path, "roster", approved, inventory=inventory)
        assert applied.status == 0, applied.output
        assert "is deleted with it, with the undo plan, journal, evidence, report and checklists" in applied.output
        for tenant in (north, south):
            (ines,) = [user for user in resources(tenant) if user["userName"] == JOINER["user_name"]]
            assert ines["name"]["givenName"] == "Ines"
        after = artifacts_of(applied)
        assert after["eightbyeight_plan_north"]["state"] == "applied"
        shutil.rmtree(tmp_path / "job")
        digests = [artifact["undo_digest"] for artifact in after.values()]
        undone = play_role(
            tmp_path, "roster", {**plans, **after, "roster_approved_digest": digests}, inventory=inventory
        )
        assert undone.status == 0, undone.output
        for tenant in (north, south):
            assert not [
                user for user in resources(tenant) if user["userName"] == JOINER["user_name"] and user["active"]
            ]


def test_a_job_that_was_handed_nothing_makes_no_plan_of_its_own(tmp_path: Path) -> None:
    with Emulator() as tenant:
        variables = {"roster_approved_digest": "artifact", "roster_users": [JOINER]}
        played = play_role(tmp_path, "roster", variables, tenant)
        assert played.status != 0
        assert "the variable eightbyeight_plan_localhost is not defined" in played.output
        assert not [entry for entry in tenant.log if entry["method"] != "GET"]


def test_a_changed_artifact_is_refused(tmp_path: Path) -> None:
    from ansible_collections.eightbyeight.scim.plugins.module_utils._report.artifact import packed, unpacked

    with Emulator() as tenant:
        job = {"roster_artifact": "plan", "roster_users": [JOINER], "roster_plan_only": True, "roster_plan_dir": "a"}
        artifacts = artifacts_of(play_role(tmp_path, "roster", job, tenant))
        artifact = artifacts["eightbyeight_plan_localhost"]
        plan = unpacked(artifact["plan"])
        plan["rows"][0]["after"]["given_name"] = "Mallory"
        artifact["plan"] = packed(plan)
        played = play_role(tmp_path, "roster", {**artifacts, "roster_plan_dir": "b"}, tenant)
        assert played.status != 0
        assert "was changed after it was made" in played.output
        assert not [entry for entry in tenant.log if entry["method"] != "GET"]


def test_a_plan_that_is_too_large_fails_before_anybody_approves_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [
        {
            **JOINER,
            "user_name": f"p{number}@example.org",
            "email": f"p{number}@example.org",
            # What hardly shrinks.
            **{name: hashlib.sha256(f"{name}{number}".encode()).hexdigest() for name in ("title", "department")},
        }
        for number in range(1000)
    ]
    job = {
        "roster_artifact": "plan",
        "roster_users": people,
        "roster_plan_only": True,
        "roster_limits": {"create": 1000},
    }
    with Emulator([]) as tenant:
        played = play_role(tmp_path, "roster", job, tenant)
        assert played.status == 0, played.output
        artifact = artifacts_of(played)["eightbyeight_plan_localhost"]
        assert "too large for an artifact" in artifact["problem"]
        assert "plan" not in artifact
        assert artifact["digest"]
        monkeypatch.setenv("AWX_PRIVATE_DATA_DIR", str(tmp_path))
        played = play_role(tmp_path, "roster", job, tenant)
    assert played.status != 0
    assert "too large for an artifact" in played.output
    assert artifacts_of(played) == {}
