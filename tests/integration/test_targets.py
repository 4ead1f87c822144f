# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run each target of tests/integration/targets as ansible-test does, one pytest test a target.

ansible-test itself runs them too; but it keeps no coverage of what Ansible does in its own
process, and a warning does not fail it. Here any warning fails, unless the target's file
``expected_warnings.txt`` has a regular expression for it (one a line, each must match).
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from matrix import CORES, ROOT, UNEXPECTED, collection_tree, python_for
from plays import run_playbook

import ansible.release

TARGETS = ROOT / "tests" / "integration" / "targets"
SETTINGS = ROOT / "tests" / "integration" / "integration_config.yml"
WARNING = re.compile(r"^.*\[(?:WARNING|DEPRECATION WARNING)\].*$", re.MULTILINE)


def targets() -> list[str]:
    """Name the targets that stand for themselves; setup_* and the like run as their dependencies."""
    names = []
    for target in sorted(TARGETS.iterdir()) if TARGETS.is_dir() else []:
        aliases = target / "aliases"
        words = aliases.read_text(encoding="utf-8").split() if aliases.is_file() else []
        if target.is_dir() and not target.name.startswith(("setup_", "prepare_")) and "hidden" not in words:
            names.append(target.name)
    return names


#: How a target runs on the newest of the cores, on those in the middle, on the oldest and on a pre-release. A module costs a
#: process each time, so most targets run both ways on the newest core only; ``both_ways`` is about the two ways.
BOTH, DIRECT = ("direct", "module"), ("direct",)
WAYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "both_ways": (BOTH, BOTH, BOTH, BOTH),
    # 500 tasks, most of them not ours. How a role hands its variables to modules: tests/emulator/test_role_variables.py.
    "roles": (DIRECT, (), DIRECT, ()),
    # A role stops where its filters say so, which the unit tests show on each core.
    "role_refusals": (DIRECT, (), (), ()),
    # What the server does, which the engine alone meets, and what the documentation shows.
    "check_mode": (DIRECT, (), (), ()),
    "faults": (DIRECT, (), (), ()),
    "examples": (DIRECT, (), (), ()),
    # Releases of ansible-core differ in what becomes of the defaults of an action group.
    "module_defaults": (BOTH, (), DIRECT, ()),
    # No role of the target "roles" runs these.
    "eightbyeight_followup": (BOTH, (), DIRECT, ()),
    "eightbyeight_service_info": (BOTH, (), DIRECT, ()),
    # What a module does on each core, both_ways and roles show as well.
    "*": (BOTH, (), (), ()),
}


def ways(name: str) -> tuple[str, ...]:
    """Return how the target runs on the ansible-core that is here."""
    here = ".".join(ansible.release.__version__.split(".")[:2])
    cores = [core for core in CORES if python_for(core)]
    place = 3 if here not in CORES else 0 if here == cores[0] else 2 if here == cores[-1] else 1
    return WAYS.get(name, WAYS["*"])[place]


def command(target: Path, work: Path, *, direct: bool) -> list[str]:
    """Write playbook and inventory for a role; a script runs as it is."""
    inventory = work / "inventory"
    # What is not ours may be a fork, as the play is. As modules, ours are processes as on a target.
    python = '"{{ ansible_playbook_python }}"' if direct else json.dumps(sys.executable)
    inventory.write_text(
        f"[testgroup]\ntesthost ansible_connection=local ansible_python_interpreter={python}\n", encoding="utf-8"
    )
    if (target / "runme.sh").is_file():
        return ["./runme.sh"]
    play = {"hosts": "testhost", "gather_facts": False, "roles": [target.name]}
    playbook = work / "playbook.yml"
    playbook.write_text(json.dumps([play]), encoding="utf-8")
    extra = ["-e", f"@{SETTINGS}"] if SETTINGS.is_file() else []
    return ["ansible-playbook", "-i", str(inventory), *extra, str(playbook)]


def run(name: str, work: Path, *, direct: bool) -> tuple[str, list[Any]]:
    """Run a target one way; return its output, and what every task of this collection returned."""
    target = TARGETS / name
    record = work / "record"
    work.mkdir()
    env = os.environ | {
        "ANSIBLE_COLLECTIONS_PATH": str(collection_tree()),
        "ANSIBLE_ROLES_PATH": str(TARGETS),
        "ANSIBLE_RETRY_FILES_ENABLED": "false",
        "ANSIBLE_FORCE_COLOR": "false",
        "ANSIBLE_EIGHTBYEIGHT_DIRECT": str(direct).lower(),
        "ANSIBLE_CALLBACK_PLUGINS": str(ROOT / "tests" / "tools" / "callbacks"),
        "ANSIBLE_CALLBACKS_ENABLED": "recorder",
        "EIGHTBYEIGHT_RECORD": str(record),
        "INVENTORY_PATH": str(work / "inventory"),
        "OUTPUT_DIR": str(work),
    }
    process = run_playbook(command(target, work, direct=direct), target, env, subprocess.STDOUT)
    print(process.stdout)
    if process.returncode:
        pytest.fail(f"{name} ended with {process.returncode}:\n{what_failed(process.stdout)}", pytrace=False)
    results = [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()] if record.exists() else []
    return process.stdout, [comparable(result) for result in results]


def what_failed(output: str) -> str:
    """Take from the output of a run the tasks that failed, or its end: who reads a log that was cut needs it first."""
    tasks = re.split(r"\n(?=TASK \[|PLAY RECAP )", output)
    failed = [task for task in tasks if re.search(r"^(fatal|failed): \[", task, re.MULTILINE)]
    return "\n".join(failed or tasks[-3:])


def comparable(result: Any) -> Any:
    """Take out of a result what differs from run to run: made-up ids, times, ports and folders."""
    text = json.dumps(without_internals(result), sort_keys=True)
    names: dict[str, str] = {}
    for pattern in (
        r"127\.0\.0\.1:\d+",
        r"port=\d+",
        r"\bj\d+\.\d+",
        r"\d{4}-\d\d-\d\dT[\d:.]+Z",
        r"sha256:[0-9a-f]{64}",
        r'/[^" ]*/pytest-[^" ]*',
        r'/tmp/[^" ]*',
    ):
        text = re.sub(pattern, "-", text)
    for made_up in re.findall(r"(?<![\w-])[\w-]{22}(?![\w-])", text):
        # Where nothing else says that it is an id, its letters do; one id in 60,000 has capitals only, or none.
        if f'id": "{made_up}"' in text or (re.search(r"[A-Z]", made_up) and re.search(r"[a-z]", made_up)):
            text = text.replace(made_up, names.setdefault(made_up, f"<{len(names)}>"))
    return json.loads(re.sub(r'"(round_trip_ms|seconds)": [\d.]+', r'"\1": 0', text))


def without_internals(value: Any) -> Any:
    """Drop what ansible-core adds for itself, and the order of requests."""
    if isinstance(value, dict):
        # ansible-core 2.22 calls one of its own ansible_parsed.
        told = {
            key: entry for key, entry in value.items() if not key.startswith("_ansible") and key != "ansible_parsed"
        }
        kept = {key: without_internals(entry) for key, entry in told.items()}
        if isinstance(kept.get("requests"), list):
            # Of what runs side by side, the order is no promise; the targets judge it where it is.
            kept["requests"].sort()
        return kept
    return [without_internals(entry) for entry in value] if isinstance(value, list) else value


def differences(one: Any, other: Any, where: str = "results") -> list[str]:
    """Name each place where two results differ, with both values: who reads the log of a rare failure has nothing else."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return [line for key in one for line in differences(one[key], other[key], f"{where}.{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = enumerate(zip(one, other, strict=True))
        return [line for number, pair in pairs for line in differences(*pair, f"{where}[{number}]")]
    return [] if one == other else [f"{where}: {json.dumps(one)[:2000]}\n  but {json.dumps(other)[:2000]}"]


@pytest.mark.parametrize("name", targets())
def test_target(name: str, tmp_path: Path) -> None:
    """Run the target inside the controller, as modules, or both; both must tell the same, and let no unexpected warning pass."""
    if not ways(name):
        pytest.skip("another ansible-core runs it")
    outputs, results = zip(*(run(name, tmp_path / way, direct=way == "direct") for way in ways(name)), strict=True)
    different = [line for result in results[1:] for line in differences(results[0], result)]
    assert not different, "the two ways tell something else:\n" + "\n".join(different[:20])
    file = TARGETS / name / "expected_warnings.txt"
    expected = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    warnings = WARNING.findall("".join(outputs))
    unexpected = [warning for warning in warnings if not any(re.search(line, warning) for line in expected)]
    assert not unexpected, f"{UNEXPECTED}: {unexpected}"
    missing = [line for line in expected if not any(re.search(line, warning) for warning in warnings)]
    assert not missing, f"no warning matched: {missing}"


def in_part() -> list[str]:
    """Return a line for each kind of target that does not run both ways here."""
    names: dict[tuple[str, ...], list[str]] = {}
    for name in targets():
        names.setdefault(ways(name), []).append(name)
    told = {
        (): "not at all, as the newest ansible-core runs it",
        ("direct",): "inside the controller only",
    }
    return [f"{', '.join(names[way])}: {what}" for way, what in told.items() if way in names]


if __name__ == "__main__":
    print("\n".join(in_part()))
