# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine in a Python where nothing of Ansible can be imported, as a program of somebody else uses it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ansible_collections.eightbyeight.scim.tests.unit.helpers import TOKEN, resource

ENGINE = Path(__file__).parents[2] / "plugins" / "module_utils"
#: The edge to Ansible.
NEEDS_ANSIBLE = {"_module/exit.py", "_module/argspec.py"}

PROGRAM = """
import importlib, json, sys

class NoAnsible:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("ansible", "ansible_collections"):
            raise ImportError(f"{name} is not to be imported")

sys.meta_path.insert(0, NoAnsible())
for name in sys.argv[3:]:
    importlib.import_module(name)
from engine.plugins.module_utils._module.read_entry import user_info
options = {
    "api_url": sys.argv[1], "api_token": sys.argv[2], "timeout": 30, "retry_budget": 0, "validate_certs": True,
    "extension_urn": "urn:ietf:params:scim:schemas:extension:8x8:1.1:User",
}
outcome = user_info(options, False)
refused = user_info({**options, "api_url": "ftp://example.org"}, False)
print(json.dumps([outcome, refused.failed, sorted(refused.result)]))
"""


class _OneUser(BaseHTTPRequestHandler):
    """A tenant of one user."""

    def do_GET(self) -> None:
        there = self.headers["Authorization"] == f"Bearer {TOKEN}" and "startIndex=2" not in self.path
        users = [resource()] if there else []
        body = json.dumps({"totalResults": 1, "Resources": users}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/scim+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _OneUser) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_the_engine_reads_a_tenant_without_ansible(address: str, tmp_path: Path) -> None:
    shutil.copytree(ENGINE, tmp_path / "engine" / "plugins" / "module_utils")
    files = {path.relative_to(ENGINE).as_posix() for path in ENGINE.rglob("*.py")}
    assert files > NEEDS_ANSIBLE
    names = [f"engine.plugins.module_utils.{file[:-3].replace('/', '.')}" for file in sorted(files - NEEDS_ANSIBLE)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, address, TOKEN, *names],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    (result, error, warnings), refused, keys = json.loads(done.stdout)
    assert (error, warnings, result["total"]) == (None, [], 1)
    assert [user["user_name"] for user in result["users"]] == ["ada@example.org"]
    assert (refused, keys) == (True, sorted({*result, "msg", "error"}))
