# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them: by ansible-runner, from a private directory that is removed afterwards.

What AWX 24.6.1 puts there: the project, an inventory script, extra variables in a file, the environment of the job and what the type
of the credential injects, the command line, settings. What it reads back: the events, and of the last one the artifacts.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import ansible_runner  # type: ignore[import-not-found,unused-ignore]
from eightbyeight_emulator import Emulator
from jinja2.sandbox import ImmutableSandboxedEnvironment
from objects import ROOT, lists, tree

LISTS = lists()


class Job(NamedTuple):
    """What AWX has of a job when its directory is gone."""

    status: str
    stdout: str
    events: list[dict[str, Any]]
    artifacts: dict[str, Any]
    sizes: list[int]
    files: list[str]


def environment(inputs: Mapping[str, str]) -> dict[str, str]:
    """Return what the type of our credential injects; an input that was left empty is there, and empty."""
    (kind,) = LISTS["controller_credential_types"]
    fields = {one["id"]: inputs.get(one["id"], "") for one in kind["inputs"]["fields"]}
    return {
        str(name): ImmutableSandboxedEnvironment().from_string(str(template)).render(**fields)
        for name, template in kind["injectors"]["env"].items()
    }


def credential(tenant: Emulator) -> dict[str, str]:
    """Return the inputs of a credential for a tenant, without what is optional."""
    return {"api_url": tenant.url, "api_token": tenant.token}


def template(name: str, answers: Mapping[str, Any] | None = None) -> tuple[str, dict[str, Any]]:
    """Return the playbook and the extra variables of a job template: its own, then the survey with its defaults and answers."""
    one = next(one for one in LISTS["controller_templates"] if one["name"] == name)
    spec = one.get("survey_spec", {}).get("spec", [])
    defaults = {question["variable"]: question["default"] for question in spec if "default" in question}
    return str(one["playbook"]), {**one["extra_vars"], **defaults, **(answers or {})}


def run(
    folder: Path,
    playbook: str,
    variables: Mapping[str, Any],
    environ: Mapping[str, str],
    *,
    hosts: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
    check: bool = False,
    number: int = 1,
) -> Job:
    """Run a playbook as a job, and remove its directory.

    :param variables: Extra variables, in the order in which AWX merges them.
    :param environ: What credentials inject.
    :param hosts: The hosts of the inventory with their variables.
    :param files: What the project holds beside the files of examples/awx.
    :param check: Whether the template is of the type check.
    """
    private = folder / f"awx_{number}_abc"
    _lay_out(
        private, variables, environ, hosts or {"localhost": {"ansible_connection": "local"}}, check=check, number=number
    )
    for name, text in (files or {}).items():
        (private / "project" / name).write_text(text, encoding="utf-8")
    runner = ansible_runner.run(private_data_dir=str(private), playbook=playbook, ident=str(number), quiet=True)
    with runner.stdout as stdout:
        text = stdout.read()
    events = list(runner.events)
    stats = [event["event_data"] for event in events if event["event"] == "playbook_on_stats"]
    artifacts = dict(stats[-1].get("artifact_data") or {}) if stats else {}
    written = [str(path.relative_to(private)) for path in private.rglob("*") if path.is_file()]
    sizes = [path.stat().st_size for path in (private / "artifacts" / str(number) / "job_events").glob("*.json")]
    shutil.rmtree(private)
    return Job(str(runner.status), text, events, artifacts, sizes, written)


def _lay_out(
    private: Path,
    variables: Mapping[str, Any],
    environ: Mapping[str, str],
    hosts: Mapping[str, Any],
    *,
    check: bool,
    number: int,
) -> None:
    shutil.copytree(ROOT / "examples/awx", private / "project")
    (private / "requirements_collections").symlink_to(tree())
    (private / "env").mkdir()
    always = {f"{prefix}_{name}": value for prefix in ("awx", "tower") for name, value in _ALWAYS.items()}
    job = {
        "JOB_ID": str(number),
        "INVENTORY_ID": "2",
        "PROJECT_REVISION": "0" * 40,
        "AWX_HOST": "https://awx.example.com",
        "AWX_PRIVATE_DATA_DIR": str(private),
        "MAX_EVENT_RES": "700000",
        "ANSIBLE_FORCE_COLOR": "True",
        "ANSIBLE_HOST_KEY_CHECKING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "ANSIBLE_COLLECTIONS_PATH": f"{private}/requirements_collections",
        "ANSIBLE_HOME": str(private / "home"),
        # Less than half of the time, and no result differs: see there.
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests/tools/callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "warm",
        "ANSIBLE_PIPELINING": "True",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    # What the test itself was started with is not in a container.
    cleared = {name: "" for name in os.environ if name.startswith("EIGHTBYEIGHT_")}
    _write(private / "env/envvars", {**cleared, **job, **environ})
    _write(private / "env/extravars", {**always, **variables})
    _write(private / "env/settings", {"idle_timeout": 0, "job_timeout": 0, "suppress_ansible_output": True})
    _write(private / "env/passwords", {})
    (private / "env/cmdline").write_text("-u root" + (" --check" if check else ""), encoding="utf-8")
    added = {"remote_tower_id": 1, "remote_tower_enabled": "true"}
    (inventory,) = LISTS["controller_inventories"]
    listing = {
        "all": {"hosts": list(hosts), "vars": inventory["variables"]},
        "_meta": {"hostvars": {name: {**values, **added} for name, values in hosts.items()}},
    }
    script = private / "inventory/hosts"
    script.parent.mkdir()
    script.write_text(f"#!{sys.executable}\nprint(r'''{json.dumps(listing)}''')\n", encoding="utf-8")
    script.chmod(0o700)


_ALWAYS = {
    "job_id": 1,
    "job_launch_type": "workflow",
    "job_template_id": 7,
    "job_template_name": "8x8",
    "user_id": 1,
    "user_name": "admin",
    "inventory_id": 2,
    "inventory_name": "8x8 tenants",
    "project_revision": "0" * 40,
    "execution_node": "awx_1",
}


def _write(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, default=str), encoding="utf-8")
