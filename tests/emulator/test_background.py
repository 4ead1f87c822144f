# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role says when the emulator cannot start, and when one runs already."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from eightbyeight_emulator.seed import Seed, SeedError

ROLE = Path(__file__).resolve().parents[2] / "roles" / "emulator"
BACKGROUND = ROLE / "files" / "background.py"


def run(command: str, **wishes: Any) -> subprocess.CompletedProcess[str]:
    """Start or stop an emulator as the role does."""
    asked = {
        **{name.removeprefix("emulator_"): value for name, value in defaults().items()},
        "temporary": False,
        "idle_timeout": 60,
        **wishes,
    }
    return subprocess.run(
        [sys.executable, str(BACKGROUND), command], input=json.dumps(asked), check=False, capture_output=True, text=True
    )


def defaults() -> dict[str, Any]:
    values: dict[str, Any] = yaml.safe_load((ROLE / "defaults" / "main.yml").read_text(encoding="utf-8"))
    return values | {"emulator_people": str(ROLE / "files" / "people.json")}


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[str]:
    yield str(tmp_path / "tenant")
    run("stop", directory=str(tmp_path / "tenant"))


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ("not json", "is not JSON: line 1"),
        ('{"sites": "London"}', "sites must be a list"),
        ('{"sites": [{"title": "London"}]}', "sites, entry 1: must be an object with name"),
        ('{"persons": []}', "unknown key 'persons'; known are sites, people and other_tenants"),
        ('[{"user_name": "ada@example.org"}]', "people, entry 1: given_name, family_name is missing"),
        (
            '[{"user_name": "a", "given_name": "A", "family_name": "B", "titel": "C"}]',
            "people, entry 1: unknown key 'titel'; known are user_name",
        ),
        ('[{"user_name": "a", "given_name": 1, "family_name": "B"}]', "people, entry 1: given_name must be text"),
        ("[3]", "people, entry 1: must be an object with user_name"),
        ("3", "a seed is an object with sites and people, or a list of people"),
    ],
)
def test_a_broken_file_of_people_is_told_as_that(tmp_path: Path, people: str, told: str) -> None:
    file = tmp_path / "people.json"
    file.write_text(people, encoding="utf-8")
    with pytest.raises(SeedError) as raised:
        Seed.read(file)
    assert str(raised.value).startswith(f"the file of people {file}")
    assert told in str(raised.value)


def test_an_emulator_with_a_broken_file_of_people_does_not_start_and_says_why(tmp_path: Path, directory: str) -> None:
    file = tmp_path / "people.json"
    file.write_text('{"persons": []}', encoding="utf-8")
    done = run("start", directory=directory, people=str(file))
    assert done.returncode != 0
    assert done.stderr.startswith(
        f"The emulator did not start: the file of people {file} cannot be used: unknown key 'persons'"
    )
    assert len(done.stderr.splitlines()) == 1


def test_a_file_of_people_that_is_not_there(directory: str) -> None:
    done = run("start", directory=directory, people="/nowhere/people.json")
    assert done.stderr.strip().endswith("/nowhere/people.json cannot be read: No such file or directory")


def test_a_port_that_somebody_else_has(directory: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("start", directory=directory, port=port)
    assert done.stderr.strip() == (
        f"The emulator did not start: port {port} is in use by another program; choose another one, or 0 for any that is free"
    )


def test_a_directory_that_cannot_be_made() -> None:
    assert run("start", directory="/proc/tenant").stderr.startswith("emulator_directory: /proc/tenant cannot be made (")


@pytest.mark.parametrize("port", [70_000, -1])
def test_a_port_that_there_cannot_be(directory: str, port: int) -> None:
    assert f"cannot listen on port {port}: " in run("start", directory=directory, port=port).stderr


def test_one_that_runs_is_used_as_it_is_and_not_as_another_one(directory: str, tmp_path: Path) -> None:
    others = tmp_path / "others.json"
    others.write_text("[]", encoding="utf-8")
    first = run("start", directory=directory, token="secret-of-the-first")
    assert first.returncode == 0, first.stderr
    assert json.loads(run("start", directory=directory).stdout) == json.loads(first.stdout) | {"started": False}
    for name, value in {
        "port": 1,
        "token": "secret-of-the-second",
        "customer_id": "another",
        "people": str(others),
        "switches": {"patch": "405"},
        "faults": [{"do": "scim_error"}],
    }.items():
        done = run("start", directory=directory, **{name: value})
        assert done.returncode != 0, name
        assert f"with another emulator_{name}. Stop it first (emulator_state: stopped)" in done.stderr
        assert "secret" not in done.stderr


def test_what_nobody_asks_for_is_the_default_of_the_role() -> None:
    sys.path.insert(0, str(BACKGROUND.parent))
    import background

    role = defaults()
    assert {name: role[f"emulator_{name}"] for name in background.UNASKED} == background.UNASKED
