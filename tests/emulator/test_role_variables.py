# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every variable of a role that stands for an option of a module reaches the module."""

from __future__ import annotations

from typing import Any

import pytest
from eightbyeight_emulator import Emulator
from role_plays import Played, play_role

from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_connection import SETTINGS
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_options import ROLES

NEWCOMERS = [
    {"user_name": f"{name}@example.org", "given_name": name, "family_name": "Comer", "email": f"{name}@example.org"}
    for name in ("Ida", "Una", "Eve")
]
PEOPLE = [
    {"user_name": f"user{number}@example.org", "given_name": "User", "family_name": str(number)} for number in range(6)
]
ROSTER = "eightbyeight_roster"
IGNORED = ["set_profile_picture", "end_sessions"]

#: What a person gives for the variables of a role: none of it is a default.
GIVEN: dict[str, dict[str, Any]] = {
    "onboarding": {"users": NEWCOMERS, "limit": "33% or 44", "ignored_actions": IGNORED},
    "offboarding": {
        "users": "user1@example.org, user4@example.org",
        "protected": ["user2@example.org"],
        "limit": "34% or 45",
        "ignored_actions": IGNORED,
    },
    "roster": {
        "users": NEWCOMERS,
        "as_of": "2026-11-26T12:00:00Z",
        "dates_timezone": "Europe/Berlin",
        "unlisted": "report",
        "allow_partial": True,
        "protected": ["user3@example.org"],
        "limits": {"create": 46},
        "plan_file": "given.json",
        "plan_valid_for": "36h",
        "on_error": "stop",
        "max_failures": 47,
        "canary": 1,
        "concurrency": 3,
        "requests_per_minute": 60000,
        "progress": False,
        "ignored_actions": IGNORED,
    },
}
#: variable -> the option of eightbyeight_roster that it stands for, and the value that arrives, where that differs; of
#: a list of people Ansible shows the length alone.
REACHES: dict[str, dict[str, tuple[str, Any]]] = {
    "onboarding": {
        "limit": ("limits", {"create": "33% or 44", "reactivate": "33% or 44"}),
        "users": ("users", "3 rows"),
    },
    "offboarding": {"limit": ("limits", {"deactivate": "34% or 45"}), "users": ("users", "2 rows")},
    "roster": {"users": ("users", "3 rows")},
}
#: Variables of roster that give its rows from an export, see tests/unit/test_role_export.py.
EXPORT = ("source", "export", "mapping", "defaults", "only", "date_format", "delimiter", "encoding")
#: Variables that no option stands behind: what becomes of them is tested with the files, the reports and the refusals.
FOLLOWUPS = {"ledger", "followup_owner", "followup_due", "followup_tasks", "followup_by"}
OF_THE_ROLE = {
    "onboarding": {"checklist_dir", *FOLLOWUPS},
    "offboarding": {"missing", "evidence_dir", "checklist_dir", *FOLLOWUPS},
    "roster": {"plan_dir", "plan_only", "approved_digest", "allow_incomplete", "artifact", *EXPORT, *FOLLOWUPS},
}
#: The options of roster that a step does not take: the plan has what making it was told, and a plan changes nothing.
NOT_WHEN_APPLIED = {"users", "as_of", "dates_timezone", "unlisted", "allow_partial", "plan_file", "plan_valid_for"}
NOT_WHEN_PLANNED = {"on_error"}
CONNECTION: dict[str, Any] = {
    "validate_certs": False,
    "timeout": 31.5,
    "retry_budget": 78.5,
    "page_size": 79,
    "extension_urn": "urn:ietf:params:scim:schemas:extension:8x8:9.9:User",
    "content_type": "json",
    "admin_api_url": "https://127.0.0.1:9/admin-provisioning",
}
SECRETS = ("api_token", "admin_api_key")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Played]:
    """Run each role once, with every variable given, and each task in a process: what is in its environment counts as well."""
    done = {}
    for role, given in GIVEN.items():
        folder = tmp_path_factory.mktemp(role)
        with Emulator(PEOPLE, customer_id="0012J00000000000N1") as tenant:
            identity = {"api_url": tenant.url, "customer_id": "0012J00000000000N1", "api_token": tenant.token}
            identity["admin_api_key"] = "a-key-of-the-other-api"
            connection = {**CONNECTION, **identity, "ca_path": "", "state_dir": str(folder / "other-state")}
            variables = {f"{role}_{name}": value for name, value in {**given, **connection}.items()}
            done[role] = play_role(folder, role, variables, direct=False)
        assert done[role].status == 0, done[role].output
        assert (folder / "other-state").is_dir(), "what a tenant does not take is remembered where the role was told"
    return done


@pytest.mark.parametrize("role", GIVEN)
def test_every_variable_is_known_here(role: str) -> None:
    assert set(GIVEN[role]) | OF_THE_ROLE[role] == set(ROLES[role])
    for name, value in GIVEN[role].items():
        assert value != ROLES[role][name].default, name


@pytest.mark.parametrize(("role", "name"), [(role, name) for role, given in GIVEN.items() for name in given])
def test_a_variable_reaches_the_module(role: str, name: str, runs: dict[str, Played]) -> None:
    option, value = REACHES[role].get(name, (name, GIVEN[role][name]))
    steps = runs[role].options(ROSTER)
    assert len(steps) == (2 if role == "roster" else 1)
    if role == "roster":
        steps = [step for step in steps if name not in (NOT_WHEN_APPLIED if step["apply_plan"] else NOT_WHEN_PLANNED)]
    assert steps
    for step in steps:
        told = step[option]
        assert told == value or (name == "plan_file" and told.endswith(f"/{value}")), step


@pytest.mark.parametrize("role", GIVEN)
def test_the_connection_of_the_role_reaches_each_module(role: str, runs: dict[str, Played]) -> None:
    assert set(SETTINGS) == {*CONNECTION, *SECRETS, "api_url", "customer_id", "ca_path", "state_dir"}
    assert len(runs[role].given) >= 2
    for module, arguments in runs[role].given:
        assert {name: arguments[name] for name in CONNECTION} == CONNECTION, module
        assert arguments["customer_id"] == "0012J00000000000N1", module
        # Ansible shows of a secret that it was given, and an option that was not given as null.
        assert all(arguments[name] for name in SECRETS), module
    assert "a-key-of-the-other-api" not in runs[role].output
