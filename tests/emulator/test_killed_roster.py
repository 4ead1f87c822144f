# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A roster whose process is killed, and run again: nobody twice, and everything can be undone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tenant_client import API, TOKEN

# As a module runs it: a process of its own, with nothing but the engine.
PROGRAM = """
import json, sys
from ansible_collections.eightbyeight.scim.plugins.module_utils import _argspec
from ansible_collections.eightbyeight.scim.plugins.module_utils._roster_entry import manage_roster

options = {name: option.get("default") for name, option in _argspec.ROSTER.options.items()}
outcome = manage_roster({**options, **json.load(open(sys.argv[1]))}, False)
print(json.dumps(outcome.result))
"""
PEOPLE = 40


class Runs:
    """Runs of one roster, each in a process of its own."""

    def __init__(self, api: API, folder: Path) -> None:
        self._folder = folder
        self.journal = folder / "journal"
        self.undo = folder / "undo"
        self._options = {
            "api_url": api.tenant.url,
            "api_token": TOKEN,
            "limits": {"deactivate": "100%"},
            "concurrency": 4,
        }

    def start(self, **options: Any) -> subprocess.Popen[str]:
        """Start a run."""
        given = self._folder / "options.json"
        given.write_text(json.dumps({**self._options, **options}), encoding="utf-8")
        settings = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "EIGHTBYEIGHT_STATE_DIR": str(self._folder / "state"),
        }
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(given)], env=settings, stdout=subprocess.PIPE, text=True
        )

    def finish(self, **options: Any) -> dict[str, Any]:
        """Run it to its end."""
        output, _errors = self.start(**options).communicate(timeout=60)
        result: dict[str, Any] = json.loads(output)
        return result

    def sync(self) -> dict[str, Any]:
        """Return the options of the roster."""
        logins = [f"new{number}@example.org" for number in range(PEOPLE)]
        newcomers = [
            {"user_name": login, "given_name": "New", "family_name": "Comer", "email": login, "site": "London"}
            for login in logins
        ]
        everybody = [{"user_name": "ada@example.org", "title": "Boss"}, *newcomers]
        return {"users": everybody, "journal_file": str(self.journal), "undo_file": str(self.undo)}


@pytest.mark.parametrize("lines", [1, 12, 60])
def test_killed_and_run_again(start: Callable[..., API], tmp_path: Path, lines: int) -> None:
    """The second run does what is left; both undo plans together take all of it back."""
    api = start(latency_ms=10)
    before = {raw["resource"]["userName"]: raw["resource"]["active"] for raw in api.tenant.users()}
    runs = Runs(api, tmp_path)
    process = runs.start(**runs.sync())
    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        if runs.journal.exists() and runs.journal.read_bytes().count(b"\n") >= lines:
            break
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "it was killed on its way"

    again = runs.finish(**runs.sync())
    assert "error" not in again, again.get("msg")
    assert again["summary"]["created"] <= PEOPLE
    names = [raw["resource"]["userName"] for raw in api.tenant.users()]
    assert len(names) == len(set(names)) == len(before) + PEOPLE
    created = [entry for entry in api.tenant.log if entry["method"] == "POST" and entry["status"] == 201]
    assert len(created) == PEOPLE, "each was created once"
    assert runs.finish(**{**runs.sync(), "undo_file": None})["changed"] is False

    for undo in sorted(tmp_path.glob("undo*"), reverse=True):
        assert "error" not in runs.finish(apply_plan=str(undo))
    after = {raw["resource"]["userName"]: raw["resource"]["active"] for raw in api.tenant.users()}
    assert after == {**dict.fromkeys(after, False), **before}
