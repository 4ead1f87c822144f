# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide to the first hour, command by command, in an empty folder."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from pathlib import Path

from plays import run_playbook

ROOT = Path(__file__).resolve().parents[2]
TREE = next(path for path in sys.path if (Path(path) / "ansible_collections" / "eightbyeight" / "scim").exists())
GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_first_hour.rst"


def blocks(kind: str) -> list[str]:
    """Return the code blocks of a kind that stand between the installation and the reader's own tenant."""
    text = GUIDE.read_text(encoding="utf-8").split("\nStart a tenant\n")[1].split("\nOn your own tenant\n")[0]
    found = re.findall(rf"^\.\. code-block:: {kind}\n\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    return [re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in found]


def test_the_first_hour_goes_as_the_guide_says(tmp_path: Path) -> None:
    settings = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": TREE,
        "ANSIBLE_NOCOLOR": "1",
        "EIGHTBYEIGHT_STATE_DIR": str(tmp_path / "state"),
        "TMPDIR": str(tmp_path),
    }
    (people,) = blocks("yaml")
    (tmp_path / "people.yml").write_text(people, encoding="utf-8")
    commands = [line[2:] for block in blocks("console") for line in block.splitlines() if line]
    outputs: list[str] = []
    try:
        for command in commands:
            words = shlex.split(command)
            words[0] = str(Path(sys.executable).parent / words[0])
            done = run_playbook(words, tmp_path, settings)
            assert done.returncode == 0, done.stdout + done.stderr
            assert "WARNING" not in done.stdout + done.stderr
            outputs.append(done.stdout)
            # The lines that the reader pastes.
            pasted = re.findall(r'"(export .*)"', done.stdout)
            settings.update(
                shlex.split(json.loads(f'"{line}"'))[1].partition("=")[::2] for line in pasted if "EIGHTBYEIGHT" in line
            )
    finally:
        stop = [str(Path(sys.executable).parent / "ansible-playbook"), "-i", "localhost,", "eightbyeight.scim.emulator"]
        run_playbook([*stop, "-e", "emulator_state=stopped"], tmp_path, settings)
    _start, check, rehearsed, created, again, leaving, left, _stop = outputs
    assert "40 visible" in check
    assert "would create 1" in rehearsed
    assert "1 created" in created
    assert "assign license" in next((tmp_path / "checklists").glob("*.md")).read_text(encoding="utf-8").lower()
    assert "nothing to do" in again
    assert "would deactivate" in leaving
    assert "1 deactivated" in left
    assert settings["EIGHTBYEIGHT_API_TOKEN"] not in "".join(outputs[1:])


def test_the_guide_is_read_by_this_file() -> None:
    assert len(blocks("yaml")) == 1
    assert sum(block.count("$ ansible-playbook") for block in blocks("console")) == 8
