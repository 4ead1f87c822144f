# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks and scripts against one emulator, each in a process of its own, with its time, memory and requests."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
for room in (ROOT / "roles" / "emulator" / "files", ROOT / "tests" / "tools"):
    sys.path.insert(0, str(room))

from eightbyeight_emulator import Emulator
from eightbyeight_emulator.responses import JSONResponse
from eightbyeight_emulator.server import Connection
from matrix import collection_tree
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

TOKEN = "a-token-of-the-benchmark"
NOTHING = "- name: Nothing\n  hosts: localhost\n  connection: local\n  gather_facts: false\n"

ROSTER = """
- name: Benchmark
  hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: All of them in one task
      eightbyeight.scim.eightbyeight_roster:
        api_url: "{{ url }}"
        api_token: "{{ token }}"
        users: "{{ people }}"
        limits: {create: 1000000, deactivate: 100%, reactivate: 100%, clear: 100%}
"""


class FarConnection(Connection):
    """A connection over a network where it takes so long until a packet is answered."""

    SECONDS = 0.05

    def setup(self) -> None:
        """Let the client wait as long as for the answer to its first packet."""
        time.sleep(self.SECONDS)
        super().setup()


def keep_answers(tenant: Emulator) -> None:
    """Let a tenant make each answer to a GET once. The tenants do not change, and a real one works on another machine."""
    carry_out = tenant.application._carry_out
    kept: dict[Any, JSONResponse] = {}

    def answer(request: ScimRequest, ours: bool) -> ScimResponse:
        key = (request.method, request.path, tuple(request.query.items()))
        if key not in kept:
            made = carry_out(request, ours)
            body = made.payload if isinstance(made, JSONResponse) else json.dumps(made.body).encode()
            kept[key] = JSONResponse(made.status, None, made.headers, body)
        return kept[key]

    tenant.application._carry_out = answer  # type: ignore[method-assign]


@dataclass
class Measured:
    """What a process cost.

    :param seconds: From its start to its end.
    :param megabytes: The most memory that it, or one of its children, ever held.
    :param verbs: The requests it sent.
    :param statuses: How they were answered.
    :param output: What it said.
    :param processor: Seconds that it and its children had a processor, which others who use it hardly change.
    """

    seconds: float
    megabytes: float
    verbs: dict[str, int]
    statuses: dict[int, int]
    output: str
    processor: float


def machine() -> str:
    """Describe the machine in a line."""
    model = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        model = f" ({names[0]})" if names else ""
    from ansible.release import __version__ as core

    return (
        f"{platform.machine()}, {os.cpu_count()} processors{model}, {platform.system()}, "
        f"Python {platform.python_version()}, ansible-core {core}"
    )


class Bench:
    """Runs processes against an emulator.

    :param folder: For the playbooks and whatever they leave.
    """

    def __init__(self, tenant: Emulator, folder: Path) -> None:
        self.tenant = tenant
        self.folder = folder

    def play(self, text: str, variables: dict[str, Any], *, direct: bool = True) -> Measured:
        """Run a playbook; its variables come from a file, beside ``url`` and ``token``."""
        playbook, given = self.folder / "bench.yml", self.folder / "variables.json"
        playbook.write_text(text, encoding="utf-8")
        given.write_text(json.dumps({"url": self.tenant.url, "token": TOKEN, **variables}), encoding="utf-8")
        settings = {
            "ANSIBLE_COLLECTIONS_PATH": str(collection_tree()),
            "ANSIBLE_ACTION_PLUGINS": str(Path(__file__).parent / "action"),
            "ANSIBLE_LIBRARY": str(Path(__file__).parent / "library"),
            "ANSIBLE_EIGHTBYEIGHT_DIRECT": str(direct).lower(),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "EIGHTBYEIGHT_STATE_DIR": str(self.folder / "state"),
        }
        program = str(Path(sys.executable).parent / "ansible-playbook")
        return self._run([program, str(playbook), "-e", f"@{given}"], settings)

    def script(self, name: str, *arguments: str) -> Measured:
        """Run one of the scripts beside this file; it prints the seconds that it counts for itself."""
        measured = self._run(
            [sys.executable, str(Path(__file__).parent / name), self.tenant.url, TOKEN, *arguments], {}
        )
        measured.seconds = float(measured.output.split()[-1])
        return measured

    def start(self, variables: dict[str, Any] | None = None) -> float:
        """Return the seconds of a playbook that does nothing with these variables."""
        return min(self.play(NOTHING, variables or {}).seconds for run in range(3))

    def _run(self, command: list[str], settings: dict[str, str]) -> Measured:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        home = {"ANSIBLE_HOME": os.environ["ANSIBLE_HOME"]} if "ANSIBLE_HOME" in os.environ else {}
        self.tenant.clear_log()
        with (self.folder / "output").open("w+", encoding="utf-8") as output:
            measured = self.folder / "measured"
            launcher = [sys.executable, "-S", str(Path(__file__).parent / "launch.py"), str(measured)]
            process = subprocess.run(
                [*launcher, *command],
                env={**inherited, **home, **settings},
                check=False,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            output.seek(0)
            told = output.read()
        if process.returncode:
            raise SystemExit(f"{command[1]} failed:\n{told[-3000:]}")
        verbs: dict[str, int] = {}
        statuses: dict[int, int] = {}
        for entry in self.tenant.log:
            verbs[entry["method"]] = verbs.get(entry["method"], 0) + 1
            statuses[entry["status"]] = statuses.get(entry["status"], 0) + 1
        seconds, kilobytes, processor = map(float, measured.read_text(encoding="utf-8").split())
        return Measured(seconds, kilobytes / 1024, verbs, statuses, told, processor)
