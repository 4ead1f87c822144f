# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``eightbyeight.scim.awx`` with the modules of awx.awx against a stand-in for the REST API."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from controller import Controller, served
from objects import MODULES, ROOT, lists, plain_lists, tree
from plays import run_playbook

PLAYBOOKS = sorted(path.name for path in (ROOT / "examples/awx").glob("*.yml"))
COUNT = sum(len(one) for one in lists().values())


@pytest.fixture
def controller() -> Iterator[Controller]:
    with served(PLAYBOOKS) as running:
        yield running


def play(controller: Controller, folder: Path, *arguments: str, **environment: str) -> str:
    """Run the playbook as somebody does who may do everything; return what it printed."""
    done = _play(controller, folder, *arguments, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    warnings = [line for line in (done.stdout + done.stderr).splitlines() if "[WARNING]" in line]
    # What the module says of any secret that it is to write again.
    assert not [line for line in warnings if "may inaccurately report task is changed" not in line]
    return done.stdout


def only(folder: Path, *names: str) -> list[str]:
    """Return the arguments that leave so much of our lists as the names say; each object costs a process."""
    kept = {variable: [one for one in objects if one["name"] in names] for variable, objects in plain_lists().items()}
    (folder / "own.yml").write_text(json.dumps(kept).replace('"{{ ', '!unsafe "{{ '), encoding="utf-8")
    return ["-e", "@own.yml"]


def _play(
    controller: Controller, folder: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    controller.log.clear()
    settings = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("EIGHTBYEIGHT_", "ANSIBLE_"))},
        "ANSIBLE_COLLECTIONS_PATH": tree(),
        "ANSIBLE_NOCOLOR": "1",
        "HOME": str(folder),
        "CONTROLLER_HOST": controller.url,
        "CONTROLLER_OAUTH_TOKEN": "made-up",
        **environment,
    }
    program = str(Path(sys.executable).parent / "ansible-playbook")
    command = [program, "-i", "localhost,", "eightbyeight.scim.awx", *arguments]
    return run_playbook(command, folder, settings)


def test_everything_is_put_in_place_once(controller: Controller, tmp_path: Path) -> None:
    told = play(controller, tmp_path, "--check")
    assert f"{COUNT} to be created, 0 to be updated, 0 unchanged" in told
    assert "changed=1 " in told, "check mode says that there is something to do"
    assert controller.writes == [], "check mode only reads"
    told = play(controller, tmp_path)
    assert f"{COUNT} to be created" in told
    assert "Give awx_project_url." in told
    for variable, objects in lists().items():
        endpoint = {"job_template": "job_templates", "inventory": "inventories"}.get(
            MODULES[variable], f"{MODULES[variable]}s"
        )
        assert {one["name"] for one in objects} <= set(controller.all(endpoint)), variable
    assert (
        controller.all("credential_types")["8x8 SCIM"]["injectors"]["env"]["EIGHTBYEIGHT_API_TOKEN"]
        == "{{ api_token }}"
    )
    assert controller.linked("job_templates", "8x8 roster plan", "credentials") == ["8x8 tenant"]
    assert controller.linked("job_templates", "8x8 roster plan", "notification_templates_success") == ["8x8 plan ready"]
    assert controller.linked("workflow_job_template_nodes", "plan", "success_nodes") == ["approve"]
    assert controller.linked("workflow_job_template_nodes", "approve", "success_nodes") == ["apply"]
    assert controller.linked("workflow_job_template_nodes", "approve", "failure_nodes") == ["audit"]
    assert controller.linked("workflow_job_template_nodes", "apply", "always_nodes") == ["audit"]
    assert len(controller.surveys) == 5
    approvals = list(controller.tables["workflow_approval_templates"])
    for arguments in ((), ("--check",)):
        told = play(controller, tmp_path, *arguments)
        assert f"0 to be created, 0 to be updated, {COUNT} unchanged" in told
        assert "changed=0 " in told
        assert controller.writes == []
    assert list(controller.tables["workflow_approval_templates"]) == approvals


def test_a_run_that_broke_off_is_completed_by_the_next_one(controller: Controller, tmp_path: Path) -> None:
    controller.fail_on = "POST /api/v2/workflow_job_template_nodes/"
    names = ["8x8 SCIM", "8x8 tenant", "8x8 tenants", "8x8 roster plan", "8x8 roster apply", "8x8 audit"]
    names += ["8x8 plan ready", "8x8 job failed", "8x8 approval", "8x8 roster with approval", "8x8 weekly roster"]
    some = only(tmp_path, *names)
    done = _play(controller, tmp_path, *some)
    assert done.returncode != 0
    assert "8x8 roster with approval" in controller.all("workflow_job_templates"), "it is there, and has no node"
    controller.fail_on = ""
    told = play(controller, tmp_path, *some)
    assert "workflow job template 8x8 roster with approval: to be updated" in told
    assert "schedule 8x8 weekly roster: to be created" in told
    assert set(controller.all("workflow_job_template_nodes")) == {"plan", "approve", "apply", "audit"}


def test_a_token_is_written_once_and_only_again_when_asked(controller: Controller, tmp_path: Path) -> None:
    some = only(tmp_path, "8x8 SCIM", "8x8 tenant")
    given = [*some, "-e", "eightbyeight_customer_id=0012J00000000000N1", "-e", "eightbyeight_api_token=first-secret"]
    told = play(controller, tmp_path, *given, "-vvv")
    assert "first-secret" not in told
    assert "has no token yet" not in told
    stored = controller.all("credentials")["8x8 tenant"]
    assert stored["inputs"] == {"customer_id": "0012J00000000000N1", "api_token": "first-secret"}
    stored["inputs"]["api_token"] = "typed in AWX"
    again = [*given[:5], "eightbyeight_api_token=second-secret"]
    assert "changed=0 " in play(controller, tmp_path, *again)
    assert stored["inputs"]["api_token"] == "typed in AWX"
    moved = [*some, "-e", "eightbyeight_customer_id=0012J00000000000S1", *again[4:]]
    assert "1 to be updated" in play(controller, tmp_path, *moved)
    assert stored["inputs"] == {"customer_id": "0012J00000000000S1", "api_token": "typed in AWX"}
    told = play(controller, tmp_path, *moved, "-e", "awx_update_secrets=true")
    assert stored["inputs"]["api_token"] == "second-secret"
    assert "second-secret" not in told


def test_a_secret_that_awx_does_not_have_is_added(controller: Controller, tmp_path: Path) -> None:
    some = only(tmp_path, "8x8 SCIM", "8x8 tenant")
    assert "has no token yet" in play(controller, tmp_path, *some)
    told = play(controller, tmp_path, *some, "-e", "eightbyeight_api_token=late-secret")
    assert "credential 8x8 tenant: to be updated" in told
    assert controller.all("credentials")["8x8 tenant"]["inputs"] == {"api_token": "late-secret"}
    told = play(controller, tmp_path, *some)
    assert "changed=0 " in told
    assert "has no token yet" not in told


def test_what_differs_from_place_to_place_is_a_variable(controller: Controller, tmp_path: Path) -> None:
    settings = {
        "awx_organization": "Telephony",
        "awx_project_url": "https://git.example.org/8x8.git",
        "awx_webhook_url": "https://hooks.example.org/8x8",
        "awx_execution_environment": "8x8 EE",
    }
    some = only(tmp_path, "8x8 SCIM", "8x8 tenant", "8x8 tenants", "8x8 plan ready", "8x8 job failed", "8x8 audit")
    told = play(
        controller,
        tmp_path,
        *some,
        *[word for name, value in settings.items() for word in ("-e", f'{{"{name}": "{value}"}}')],
    )
    assert "Give awx_" not in told
    telephony = controller.all("organizations")["Telephony"]["id"]
    for endpoint in ("credentials", "projects", "inventories", "job_templates", "notification_templates"):
        assert {one["organization"] for one in controller.tables[endpoint].values()} == {telephony}
    assert controller.all("projects")["8x8 SCIM"]["scm_url"] == "https://git.example.org/8x8.git"
    image = controller.all("execution_environments")["8x8 EE"]["id"]
    assert {one["execution_environment"] for one in controller.tables["job_templates"].values()} == {image}


def test_with_a_password_one_token_serves_the_run_and_goes(controller: Controller, tmp_path: Path) -> None:
    login = {"CONTROLLER_OAUTH_TOKEN": "", "CONTROLLER_USERNAME": "admin", "CONTROLLER_PASSWORD": "made-up-password"}
    told = play(controller, tmp_path, *only(tmp_path, "8x8 tenants"), "--check", "-vvv", **login)
    assert "made-up" not in told, "neither the password nor the token"
    assert controller.tables["tokens"] == {}
    # The module makes one of its own to be able to make the other, and removes it.
    assert len([path for method, path in controller.log if method == "POST"]) == 2
    assert controller.writes == []


def test_lists_that_cannot_be_used_are_told_before_awx_is_asked(controller: Controller, tmp_path: Path) -> None:
    done = _play(
        controller, tmp_path, "-e", '{"controller_projects": [{"scm_type": "git"}], "controller_hosts": "none"}'
    )
    assert done.returncode != 0
    assert "controller_projects has entries without a name: number 1." in done.stdout + done.stderr
    assert "controller_hosts must be a list of dictionaries." in done.stdout + done.stderr
    assert controller.log == []
