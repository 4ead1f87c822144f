# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Talk to the control endpoint of the emulated tenant, without the price of a process each time.

Nor that of an HTTP library: each task is a fork, and would import it anew.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.control = str(variables["emulator_control_url"])
        self.memory = Path(str(variables["emulator_log_file"])).parent / "state"  # EIGHTBYEIGHT_STATE_DIR in target.yml
        return [getattr(self, term)(**kwargs) for term in terms]

    def arrange(self, switches=None, faults=None):
        """Back to the seed, then these switches and faults; forget the requests, and what modules remember of the tenant before."""
        shutil.rmtree(self.memory, ignore_errors=True)
        self.ask("POST", "reset")
        self.ask("PUT", "switches", switches or {})
        self.ask("PUT", "faults", faults or [])
        self.ask("DELETE", "log")
        return "arranged"

    def take(self):
        """Return the requests since the last time, with ID in the place of ids, and forget them."""
        requests = [
            f"{entry['method']} {re.sub('(?<=/[Uu]sers)/[^/]+$', '/ID', entry['path'])}"
            for entry in self.ask("GET", "log")
        ]
        self.ask("DELETE", "log")
        return requests

    def bodies(self, method):
        """Return what was sent with this verb since the last time."""
        return [entry["body"] for entry in self.ask("GET", "log") if entry["method"] == method]

    def users(self):
        """Return everybody, as the tenant keeps them."""
        return self.ask("GET", "users")

    def services(self, user, changes):
        """Set what somebody has, as a person does in Admin Console."""
        return self.ask("PATCH", f"services/{user}", changes)

    def ask(self, method, path, body=None):
        host, _slash, prefix = self.control.removeprefix("http://").partition("/")
        address, port = host.split(":")
        data = b"" if body is None else json.dumps(body).encode()
        head = f"{method} /{prefix}/{path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {len(data)}\r\n\r\n"
        with socket.create_connection((address, int(port)), timeout=30) as connection:
            connection.sendall(head.encode() + data)
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        status, _blank, content = answer.partition(b"\r\n\r\n")
        if status.split()[1] != b"200":
            raise AnsibleError(f"{method} {path}: {answer.decode(errors='replace')}")
        return json.loads(content)
