# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the README says works when pasted, in a clone and beside an archive."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from eightbyeight_emulator import Emulator
from plays import run_playbook

ROOT = Path(__file__).resolve().parents[2]
TREE = next(path for path in sys.path if (Path(path) / "ansible_collections" / "eightbyeight" / "scim").exists())


def test_the_first_play_of_the_readme_works_when_pasted(tmp_path: Path) -> None:
    block = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    play = tmp_path / "onboard.yml"
    play.write_text(block[1], encoding="utf-8")
    with Emulator() as tenant:
        settings = {
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": TREE,
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "EIGHTBYEIGHT_API_URL": tenant.url,
            "EIGHTBYEIGHT_API_TOKEN": tenant.token,
            "EIGHTBYEIGHT_STATE_DIR": str(tmp_path / "state"),
        }
        outputs = []
        for options in (["--check", "--diff"], ["--diff"], []):
            command = [str(Path(sys.executable).parent / "ansible-playbook"), *options, str(play)]
            done = run_playbook(command, tmp_path, settings)
            assert done.returncode == 0, done.stdout + done.stderr
            assert "WARNING" not in done.stdout + done.stderr
            outputs.append(done.stdout)
        assert ["changed=1" in output for output in outputs] == [True, True, False]
        assert "assign_license" in outputs[1]
        assert [entry["method"] for entry in tenant.log].count("POST") == 1
        assert tenant.token not in "".join(outputs)


def test_nothing_in_the_readme_needs_the_repository() -> None:
    """It is in the archive as well, where there is no Makefile."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert not re.search(r"`make |^\$ make ", text, re.MULTILINE)
    ignored = ["Makefile", "noxfile.py", "tests/", ".ci", "extensions/molecule"]
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert links
    assert [link for link in links if not (ROOT / link).exists() or link.startswith(tuple(ignored))] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150
