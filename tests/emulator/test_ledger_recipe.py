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
from tenant_client import API, TOKEN

GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_followups.rst"


def recipe() -> list[str]:
    """Return the lines of the recipe."""
    text = GUIDE.read_text(encoding="utf-8")
    (block,) = re.findall(r"\.\. code-block:: bash\n\n((?:    .*\n)+)", text)
    return [line.strip() for line in block.splitlines()]


@pytest.fixture
def pipeline(tmp_path: Path, api: API) -> Pipeline:
    return Pipeline(tmp_path, api)


class Pipeline:
    """A bare repository, and containers that have nothing but the recipe."""

    def __init__(self, folder: Path, api: API) -> None:
        self.folder, self.bare = folder, folder / "ledger.git"
        self._settings = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("EIGHTBYEIGHT_", "GIT_"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": str(collection_tree()),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "EIGHTBYEIGHT_API_URL": api.tenant.url,
            "EIGHTBYEIGHT_API_TOKEN": TOKEN,
            "EIGHTBYEIGHT_ADMIN_API_URL": api.tenant.admin_url,
            "EIGHTBYEIGHT_ADMIN_API_KEY": api.tenant.admin_api_key,
            "LEDGER_REPOSITORY": str(self.bare),
            "GIT_CONFIG_GLOBAL": str(folder / "gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "no_proxy": "127.0.0.1",
        }
        (folder / "gitconfig").write_text(
            "[user]\nname = x\nemail = x@example.org\n[init]\ndefaultBranch = main\n", encoding="utf-8"
        )
        self.run([f"git init -q --bare {self.bare}"], "first")

    def run(self, lines: list[str], name: str, status: int = 0, **settings: str) -> None:
        (self.folder / name).mkdir(exist_ok=True)
        done = subprocess.run(
            ["bash", "-c", "\n".join(lines)],
            cwd=self.folder / name,
            env={**self._settings, **settings},
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == status, done.stdout + done.stderr

    def open(self, name: str, *actions: str) -> None:
        """Let somebody open follow-ups of a user in a clone, and push them."""
        fields = {"format": 1, "tenant": "0012J00042NkZQIQA3", "user_name": f"{name}@example.org", "occurrence": 1}
        more = {"state": "open", "opened": "2026-01-02T08:00:00Z"}
        lines = [json.dumps({**fields, "action": action, **more}) for action in actions]
        text = "\n".join(lines)
        commands = [
            "set -eu",
            'git clone -q "$LEDGER_REPOSITORY" ledger',
            "cd ledger",
            f"echo '{text}' >> followups.jsonl",
        ]
        self.run([*commands, "git add followups.jsonl", "git commit -q -m Open", "git push -q"], f"of-{name}")

    def ledger(self) -> dict[str, str]:
        shown = subprocess.run(
            ["git", "-C", str(self.bare), "show", "main:followups.jsonl"], check=True, capture_output=True, text=True
        )
        lines = [json.loads(line) for line in shown.stdout.splitlines()]
        return {f"{line['user_name'].partition('@')[0]} {line['action']}": line["state"] for line in lines}

    def commits(self) -> int:
        command = ["git", "-C", str(self.bare), "rev-list", "--count", "main"]
        return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_two_pipelines_at_the_same_time_lose_nothing(api: API, pipeline: Pipeline) -> None:
    lines = recipe()
    before, after = lines[: lines.index("cd ledger")], lines[lines.index("cd ledger") :]
    pipeline.run(lines, "empty")
    pipeline.open("ada", "assign_license", "set_cost_center")
    api.tenant.edit_services("ada@example.org", licenses=["X Series X4"])
    # The second pipeline has cloned, and somebody has pushed before it does.
    pipeline.run(before, "second")
    pipeline.open("cy", "set_cost_center")
    pipeline.run(["set -eu", *after], "second")
    assert pipeline.ledger() == {
        "ada assign_license": "done",
        "ada set_cost_center": "open",
        "cy set_cost_center": "open",
    }
    count = pipeline.commits()
    pipeline.run(lines, "third")
    assert pipeline.commits() == count, "where nothing is new there is no commit"


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_what_was_done_is_pushed_where_a_ticket_fails(api: API, pipeline: Pipeline) -> None:
    lines = recipe()
    pipeline.run(lines, "empty")
    pipeline.open("ada", "assign_license", "set_cost_center")
    api.tenant.edit_services("ada@example.org", licenses=["X Series X4"])
    ticket = pipeline.folder / "ticket.yml"
    ticket.write_text('[{"name": "No desk", "ansible.builtin.fail": {"msg": "no desk"}}]', encoding="utf-8")
    told = [line.replace('.jsonl"', f'.jsonl" -e followups_tasks={ticket}') for line in lines]
    assert told != lines
    pipeline.run(told, "second", status=2)
    assert pipeline.ledger() == {"ada assign_license": "done", "ada set_cost_center": "open"}
