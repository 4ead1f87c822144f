# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks that somebody runs in the first hour: ``emulator`` and ``check``."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from eightbyeight_emulator import Emulator

TREE = next(path for path in sys.path if (Path(path) / "ansible_collections" / "eightbyeight" / "scim").exists())


def play(folder: Path, name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a playbook of the collection as a user does, from a folder of their own."""
    settings = {
        **{key: value for key, value in os.environ.items() if not key.startswith("EIGHTBYEIGHT_API")},
        "ANSIBLE_COLLECTIONS_PATH": TREE,
        "ANSIBLE_NOCOLOR": "1",
        "HOME": str(folder),
        "EIGHTBYEIGHT_STATE_DIR": str(folder / "state"),
        **environment,
    }
    command = [str(Path(sys.executable).parent / "ansible-playbook"), f"eightbyeight.scim.{name}", *arguments]
    if "-i" not in arguments:
        command[1:1] = ["-i", "localhost,"]
    return subprocess.run(command, cwd=folder, env=settings, check=False, capture_output=True, text=True)


def test_the_emulator_is_started_checked_and_stopped_from_the_shell(tmp_path: Path) -> None:
    try:
        started = play(tmp_path, "emulator")
        assert started.returncode == 0, started.stdout + started.stderr
        exports = dict(re.findall(r'"export (EIGHTBYEIGHT_\w+)=\'(.*?)\'"', started.stdout))
        assert set(exports) == {"EIGHTBYEIGHT_API_URL", "EIGHTBYEIGHT_API_TOKEN"}
        checked = play(tmp_path, "check", **exports)
        assert checked.returncode == 0, checked.stdout + checked.stderr
        assert "40 visible, 40 announced: 35 active, 5 inactive" in checked.stdout
        assert exports["EIGHTBYEIGHT_API_TOKEN"] not in checked.stdout
        again = play(tmp_path, "emulator")
        assert exports["EIGHTBYEIGHT_API_URL"] in again.stdout, "the one that runs is used"
        other = play(tmp_path, "emulator", "-e", "emulator_port=1")
        assert other.returncode != 0
        assert "with another emulator_port. Stop it first" in other.stdout + other.stderr
    finally:
        stopped = play(tmp_path, "emulator", "-e", "emulator_state=stopped")
    assert stopped.returncode == 0, stopped.stdout + stopped.stderr
    assert "EIGHTBYEIGHT_API_TOKEN" not in stopped.stdout
    assert play(tmp_path, "check", **exports).returncode != 0, "nobody answers any more"
    assert "WARNING" not in started.stdout + started.stderr + checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "EIGHTBYEIGHT_API_TOKEN"),
        ({"EIGHTBYEIGHT_API_TOKEN": "not-the-one"}, "8x8 does not accept the API token"),
    ],
)
def test_a_connection_that_does_not_work_fails_and_says_why(
    tmp_path: Path, environment: dict[str, str], told: str
) -> None:
    with Emulator() as tenant:
        done = play(tmp_path, "check", EIGHTBYEIGHT_API_URL=tenant.url, **environment)
        assert {entry["method"] for entry in tenant.log} <= {"GET"}
    assert done.returncode != 0
    assert told in done.stdout
    assert "The connection does not work" in done.stdout + done.stderr


def test_a_group_is_checked_tenant_by_tenant(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory.ini"
    with Emulator(customer_id="0012J00000000000N1") as north, Emulator(customer_id="0012J00000000000S1") as south:
        lines = [
            f"{name} eightbyeight_api_url={tenant.url} eightbyeight_api_token={tenant.token}"
            for name, tenant in (("north", north), ("south", south))
        ]
        inventory.write_text("\n".join(["[tenants]", *lines]), encoding="utf-8")
        done = play(tmp_path, "check", "-i", str(inventory), "-e", "eightbyeight_hosts=tenants")
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("40 visible") == 2
        inventory.write_text("\n".join(["[tenants]", lines[0], lines[0].replace("north", "east", 1)]), encoding="utf-8")
        north.clear_log()
        twice = play(tmp_path, "check", "-i", str(inventory), "-e", "eightbyeight_hosts=tenants")
        assert twice.returncode != 0
        assert "east and north are both the customer" in twice.stdout + twice.stderr
        assert not north.log, "a tenant that is named twice is not asked"
