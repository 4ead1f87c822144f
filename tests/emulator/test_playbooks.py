# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks that somebody runs in the first hour: ``emulator``, ``check`` and ``export``."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from eightbyeight_emulator import Emulator
from plays import run_playbook

ROOT = Path(__file__).resolve().parents[2]
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
    return run_playbook(command, folder, settings)


def test_the_emulator_is_started_checked_and_stopped_from_the_shell(tmp_path: Path) -> None:
    try:
        started = play(tmp_path, "emulator")
        assert started.returncode == 0, started.stdout + started.stderr
        exports = dict(re.findall(r'"export (EIGHTBYEIGHT_\w+)=\'(.*?)\'"', started.stdout))
        doors = {"EIGHTBYEIGHT_ADMIN_API_URL", "EIGHTBYEIGHT_ADMIN_API_KEY"}
        assert set(exports) == {"EIGHTBYEIGHT_API_URL", "EIGHTBYEIGHT_API_TOKEN", *doors}
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


def test_what_was_exported_is_a_roster_that_changes_nothing(tmp_path: Path) -> None:
    odd = {"email": "odd@example.org", "given_name": "Zoe\u0308", "family_name": 'O\'Neil, "Z"'}
    people = [
        {"user_name": "odd@example.org", **odd, "title": "=SUM(A1)", "active": False},
        {"user_name": "second@example.org", "given_name": "Second", "family_name": "One", "department": "+1"},
    ]
    file = tmp_path / "users.csv"
    with Emulator(people) as tenant:
        connection = {"EIGHTBYEIGHT_API_URL": tenant.url, "EIGHTBYEIGHT_API_TOKEN": tenant.token}
        before = tenant.users()
        done = play(tmp_path, "export", "-e", "export_file=users.csv", **connection)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"localhost: 2 users -> {file}" in done.stdout
        assert file.stat().st_mode & 0o777 == 0o600
        with file.open(encoding="utf-8", newline="") as text:
            rows = list(csv.DictReader(text))
        (tmp_path / "roster.yml").write_text(json.dumps({"roster_users": rows, "roster_plan_dir": str(tmp_path)}))
        synced = play(tmp_path, "sync_roster", "-e", "@roster.yml", **connection)
        assert synced.returncode == 0, synced.stdout + synced.stderr
        assert tenant.users() == before
        assert {entry["method"] for entry in tenant.log} == {"GET"}


def test_a_tenant_that_does_not_add_up_is_not_exported(tmp_path: Path) -> None:
    with Emulator(switches={"total_off": 3}) as tenant:
        connection = {"EIGHTBYEIGHT_API_URL": tenant.url, "EIGHTBYEIGHT_API_TOKEN": tenant.token}
        done = play(tmp_path, "export", **connection)
    assert done.returncode != 0
    assert "Nothing was written. 8x8 announces" in done.stdout + done.stderr
    assert not list(tmp_path.glob("*.csv"))


def test_the_demo_fits_on_a_few_screens_and_ends_with_its_table(tmp_path: Path) -> None:
    recipe = re.search(r"^demo:.*?(?=^\S)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert recipe is not None
    assert recipe[0].rstrip().endswith("@cat $(BUILD)/demo.txt"), "the table is the last that make shows"
    settings = dict(re.findall(r"(ANSIBLE_\w+)=(\w+)", recipe[0]))
    assert settings["ANSIBLE_DISPLAY_SKIPPED_HOSTS"] == "false"
    table = tmp_path / "demo.txt"
    done = play(tmp_path, "demo", "-e", f"demo_summary_file={table}", **settings)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = done.stdout + done.stderr + table.read_text(encoding="utf-8")
    assert len(shown.splitlines()) <= 150
    assert "[WARNING]" not in shown
    assert "[DEPRECATION WARNING]" not in shown
    assert re.search(r"^leave +casimir\.holloway@example\.org +deactivated$", shown, re.MULTILINE)


def test_the_playbook_for_awx_says_which_collection_is_missing(tmp_path: Path) -> None:
    done = play(tmp_path, "awx")
    assert done.returncode != 0
    assert "ansible-galaxy collection install 'awx.awx:>=24.6.1'" in done.stdout + done.stderr
    assert "Nothing was changed." in done.stdout + done.stderr
