# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a role of the collection with ansible-playbook against an emulated tenant, and see what it did."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eightbyeight_emulator import Emulator
from plays import run_playbook

ROOT = Path(__file__).resolve().parents[2]
TREE = next(path for path in sys.path if (Path(path) / "ansible_collections" / "eightbyeight" / "scim").exists())
#: What Ansible runs by itself before a role, from its argument_specs.yml.
_VALIDATION = "Validating arguments against arg spec"
#: A task that ran; below the header of one that did not stands nothing, or that it was skipped.
_RAN = re.compile(r"^TASK \[(?:eightbyeight\.scim\.\w+ : )?(.*?)\] \**\n(?!skipping: |\n|\Z)", re.MULTILINE)


@dataclass
class Played:
    """What a run of ansible-playbook did.

    :param output: What it printed, with standard error behind.
    :param tasks: The names of the tasks that ran, without Ansible's own validation.
    :param given: The arguments of each task of the collection, as the module got them.
    """

    status: int
    output: str
    tasks: list[str]
    given: list[tuple[str, dict[str, Any]]]

    def options(self, module: str) -> list[dict[str, Any]]:
        """Return the arguments of each task with this module."""
        return [arguments for name, arguments in self.given if name.endswith(f".{module}")]


class Running:
    """A run of ansible-playbook that is under way, in a process group of its own."""

    def __init__(self, command: list[str], folder: Path, settings: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=settings,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.poll = self._process.poll

    def kill_all(self, number: signal.Signals) -> None:
        """Send a signal to it and all that it started."""
        os.killpg(self._process.pid, number)
        self._process.wait()


def start_role(folder: Path, role: str, variables: dict[str, Any], tenant: Emulator) -> Running:
    """Begin to run a role as :func:`play_role` does."""
    return Running(*_prepared(folder, role, variables, tenant))


def play_role(
    folder: Path,
    role: str,
    variables: dict[str, Any],
    tenant: Emulator | None = None,
    arguments: tuple[str, ...] = (),
    inventory: str = "localhost ansible_connection=local",
    *,
    direct: bool = True,
) -> Played:
    """Run a role in a folder of its own, for a tenant that the environment names, or for those of an inventory.

    :param direct: Whether the tasks of the collection run inside the controller, or each in a process of its own.
    """
    command, _folder, settings = _prepared(folder, role, variables, tenant, arguments, inventory)
    settings["ANSIBLE_EIGHTBYEIGHT_DIRECT"] = str(direct).lower()
    done = run_playbook(command, folder, settings)
    record = Path(settings["EIGHTBYEIGHT_RECORD"])
    lines = record.read_text(encoding="utf-8").splitlines() if record.exists() else []
    results = [json.loads(line) for line in lines]
    return Played(
        status=done.returncode,
        output=done.stdout + done.stderr,
        tasks=[name for name in _RAN.findall(done.stdout) if not name.startswith(_VALIDATION)],
        given=[
            (line["action"], line["result"]["invocation"]["module_args"])
            for line in results
            if "invocation" in line["result"]
        ],
    )


def _prepared(
    folder: Path,
    role: str,
    variables: dict[str, Any],
    tenant: Emulator | None = None,
    arguments: tuple[str, ...] = (),
    inventory: str = "localhost ansible_connection=local",
) -> tuple[list[str], Path, dict[str, str]]:
    """Write what a run needs, and return its command, its folder and its environment."""
    record = folder / "record"
    record.unlink(missing_ok=True)
    play = {"hosts": "all", "gather_facts": False, "roles": [f"eightbyeight.scim.{role}"]}
    (folder / "play.json").write_text(json.dumps([play]), encoding="utf-8")
    (folder / "variables.json").write_text(json.dumps(variables), encoding="utf-8")
    (folder / "inventory.ini").write_text(
        f'{inventory}\n[all:vars]\nansible_python_interpreter="{{{{ ansible_playbook_python }}}}"\n', encoding="utf-8"
    )
    settings = {
        **{name: value for name, value in os.environ.items() if not name.startswith("EIGHTBYEIGHT_")},
        "ANSIBLE_COLLECTIONS_PATH": TREE,
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "tools" / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "recorder",
        "ANSIBLE_INJECT_INVOCATION": "true",
        "EIGHTBYEIGHT_RECORD": str(record),
        "EIGHTBYEIGHT_STATE_DIR": str(folder / "state"),
        "EIGHTBYEIGHT_API_URL": tenant.url if tenant else "",
        "EIGHTBYEIGHT_API_TOKEN": tenant.token if tenant else "",
    }
    program = str(Path(sys.executable).parent / "ansible-playbook")
    command = [program, "-i", "inventory.ini", "play.json", "-e", "@variables.json", *arguments]
    return command, folder, settings
