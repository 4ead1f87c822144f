# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Talk to the control endpoint of the emulated tenant, without the price of a process each time."""

from __future__ import annotations

import json
import re
import urllib.request

from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.control = str(variables["emulator_control_url"])
        return [getattr(self, term)(**kwargs) for term in terms]

    def arrange(self, switches=None, faults=None):
        """Back to the seed, then these switches and faults; forget the requests."""
        self.ask("POST", "reset")
        self.ask("PUT", "switches", switches or {})
        self.ask("PUT", "faults", faults or [])
        self.ask("DELETE", "log")
        return "arranged"

    def take(self):
        """Return the requests since the last time, with ID in the place of ids, and forget them."""
        requests = [
            f"{entry['method']} {re.sub('^/Users/[^/]+$', '/Users/ID', entry['path'])}"
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

    def ask(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.control}/{path}", data=data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.load(answer)
