# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-playbook writes: standard output belongs to the callback, which may be read by a program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from matrix import collection_tree
from tenant_client import API, TOKEN

#: As ansible.posix.json, which is not there: one document at the end.
CALLBACK = """
import json
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = "{name: document, type: stdout, short_description: one document at the end, description: For a program.}"


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "document"

    def v2_playbook_on_stats(self, stats):
        self._display.display(json.dumps({"changed": stats.changed}))
"""


def test_progress_leaves_standard_output_to_the_callback(start: Callable[..., API], tmp_path: Path) -> None:
    api = start(latency_ms=1500)
    person = {"user_name": "new@example.org", "given_name": "New", "family_name": "Comer", "site": "London"}
    task = {
        "eightbyeight.scim.eightbyeight_roster": {
            "api_url": api.tenant.url,
            "api_token": TOKEN,
            "users": [{**person, "email": person["user_name"]}],
        }
    }
    (tmp_path / "play.json").write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    (tmp_path / "document.py").write_text(CALLBACK, encoding="utf-8")
    done = subprocess.run(
        ["ansible-playbook", "-i", "localhost,", "-c", "local", "play.json"],
        cwd=tmp_path,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            "ANSIBLE_HOME": str(tmp_path / "home"),
            "ANSIBLE_CALLBACK_PLUGINS": str(tmp_path),
            "ANSIBLE_STDOUT_CALLBACK": "document",
            "ANSIBLE_COLLECTIONS_PATH": str(collection_tree()),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        },
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"changed": {"localhost": 1}}
    assert "eightbyeight_roster: " in done.stderr
