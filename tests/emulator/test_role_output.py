# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person reads of a role, and whom a role refuses to change."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from eightbyeight_emulator import Emulator
from role_plays import Played, play_role

ADA = {"user_name": "ada@example.org", "given_name": "Ada", "family_name": "Marlowe"}
BO = {"user_name": "bo@example.org", "given_name": "Bo", "family_name": "Quill"}
NEW = {"user_name": "new@example.org", "given_name": "New", "family_name": "Comer", "email": "new@example.org"}
#: What each role is given to do, with a checklist of it.
WORK: dict[str, dict[str, Any]] = {
    "onboarding": {"onboarding_users": [NEW], "onboarding_checklist_dir": "lists"},
    "offboarding": {
        "offboarding_users": ADA["user_name"],
        "offboarding_checklist_dir": "lists",
        "offboarding_evidence_dir": "lists",
    },
    "roster": {"roster_users": [NEW, {"user_name": ADA["user_name"], "active": False}], "roster_plan_dir": "lists"},
}


def lines_of(played: Played) -> list[str]:
    """Return the lines that the role tells, without Ansible's own."""
    return [
        line for text in re.findall(r'"msg": \[\n(.*?)\n    \]', played.output, re.DOTALL) for line in text.split("\n")
    ]


@pytest.mark.parametrize("role", WORK)
def test_what_is_told_with_diff(role: str, tmp_path: Path) -> None:
    """The changes of the users are shown and the checklist is not, and lines about somebody begin with the login name."""
    with Emulator([ADA, BO]) as tenant:
        played = play_role(tmp_path, role, WORK[role], tenant, ("--diff",))
    assert played.status == 0, played.output
    assert "--- before" in played.output, "the changes of the users are shown"
    listed = {
        line for file in (tmp_path / "lists").rglob("*.md") for line in file.read_text().splitlines() if "- [ ]" in line
    }
    assert listed, "there is a checklist"
    assert not [line for line in listed if line in played.output]
    told = [line for line in played.output.splitlines() if "assign license" in line or "end sessions" in line]
    assert not told, "what a person must do stands in the checklist, which the role names"
    assert len([line for line in lines_of(played) if "checklist: " in line]) == 2
    names = ("new@example.org", "ada@example.org")
    about = [line.strip().strip('",') for line in lines_of(played) if any(name in line for name in names)]
    assert about
    assert not [line for line in about if not line.startswith(names)]


@pytest.mark.parametrize("role", WORK)
def test_two_hosts_of_one_customer_are_refused(role: str, tmp_path: Path) -> None:
    with Emulator([ADA, BO]) as tenant:
        host = f"ansible_connection=local eightbyeight_api_url={tenant.url} eightbyeight_api_token={tenant.token}"
        played = play_role(tmp_path, role, WORK[role], inventory=f"north {host}\neast {host}")
        assert played.status != 0
        assert played.output.count("east and north are both the customer") >= 2, "on both hosts"
        assert not tenant.log, "a tenant that is named twice is not asked"
    assert not (tmp_path / "lists").exists()


@pytest.mark.parametrize("role", WORK)
def test_two_hosts_are_refused_by_what_each_was_given_in_the_play(role: str, tmp_path: Path) -> None:
    """The inventory does not say it: each host finds it out, and tells the others."""
    with Emulator([ADA, BO]) as tenant:
        connection = {f"{role}_api_url": "{{ urls[inventory_hostname] }}", f"{role}_api_token": tenant.token}
        variables = {**WORK[role], **connection, "urls": {"north": tenant.url, "east": f"{tenant.url}/"}}
        hosts = "\n".join(f"{name} ansible_connection=local" for name in ("north", "east"))
        played = play_role(tmp_path, role, variables, inventory=hosts)
        assert played.status != 0
        assert "east and north are both the customer" in played.output
        assert not tenant.log
