# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe of the guide on follow-ups, as it stands there, against a bare repository: two pipelines at the same time."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from matrix import ROOT, collection_tree

GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_followups.rst"


def recipe() -> list[str]:
    """Return the lines of the recipe."""
    text = GUIDE.read_text(encoding="utf-8")
    (block,) = re.findall(r"\.\. code-block:: bash\n\n((?:    .*\n)+)", text)
    return [line.strip() for line in block.splitlines()]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_two_pipelines_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    bare, playbook = tmp_path / "ledger.git", tmp_path / "followups.yml"
    task = {
        "path": "{{ ledger }}",
        "tenant": "C1",
        "action": "assign_license",
        "user_name": "{{ lookup('env', 'WHO') }}",
    }
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [{"eightbyeight.scim.eightbyeight_followup": task}]}
    playbook.write_text(json.dumps([play]), encoding="utf-8")
    settings = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("EIGHTBYEIGHT_", "GIT_"))},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": str(collection_tree()),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "LEDGER_REPOSITORY": str(bare),
        "PLAYBOOK": str(playbook),
        "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    (tmp_path / "gitconfig").write_text(
        "[user]\nname = x\nemail = x@example.org\n[init]\ndefaultBranch = main\n", encoding="utf-8"
    )

    def run(lines: list[str], folder: str, who: str) -> None:
        (tmp_path / folder).mkdir(exist_ok=True)
        script = "\n".join(["set -eu", *lines])
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path / folder,
            env={**settings, "WHO": f"{who}@example.org"},
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def ledger() -> list[str]:
        shown = subprocess.run(
            ["git", "-C", str(bare), "show", "main:followups.jsonl"], check=True, capture_output=True, text=True
        )
        return [json.loads(line)["user_name"].partition("@")[0] for line in shown.stdout.splitlines()]

    run([f"git init -q --bare {bare}"], "first", "nobody")
    lines = recipe()
    run(lines, "first", "ada")
    assert ledger() == ["ada"]
    # The second pipeline has cloned, and a third one is through before it has pushed.
    run(lines[:2], "second", "zoe")
    run(lines, "third", "bob")
    run(lines[1:], "second", "zoe")
    assert sorted(ledger()) == ["ada", "bob", "zoe"]
    run(lines, "fourth", "ada")
    assert sorted(ledger()) == ["ada", "bob", "zoe"], "what is open already makes no commit"
