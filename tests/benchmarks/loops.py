# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a loop over people costs: ours direct, ours as a plain module, ``uri``, and a module on ``fetch_url``.

Everything is measured in one run against one emulator, with the start of an empty playbook subtracted, and printed as a
table with ratios to ``uri``. Run it with ``make bench``; it takes some minutes, because the loops it is compared with do.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "roles" / "emulator" / "files"))
sys.path.insert(0, str(ROOT / "tests" / "tools"))

from eightbyeight_emulator import Emulator
from matrix import collection_tree

TOKEN = "a-token-of-the-benchmark"

OURS = """
    - name: Ours
      eightbyeight.scim.eightbyeight_user:
        api_url: "{{ url }}"
        api_token: "{{ token }}"
        user_name: "{{ prefix }}{{ person }}@example.org"
        given_name: Bench
        family_name: Mark
        email: "{{ prefix }}{{ person }}@example.org"
        title: Analyst
"""
BASELINE = """
    - name: A module on fetch_url
      baseline_user:
        api_url: "{{ url }}"
        api_token: "{{ token }}"
        body:
          userName: "{{ prefix }}{{ person }}@example.org"
          name: {givenName: Bench, familyName: Mark}
          emails: [{type: work, value: "{{ prefix }}{{ person }}@example.org", primary: true}]
          title: Analyst
          active: true
"""
URI_READ = """
    - name: A loop of uri that reads
      ansible.builtin.uri:
        url: "{{ url }}/Users?filter={{ ('userName eq \\"' ~ prefix ~ person ~ '@example.org\\"') | urlencode }}"
        headers: {Authorization: "Bearer {{ token }}"}
        return_content: true
"""
URI_CREATE = """
    - name: A loop of uri that creates
      ansible.builtin.uri:
        url: "{{ url }}/Users"
        method: POST
        status_code: 201
        headers: {Authorization: "Bearer {{ token }}", Content-Type: application/scim+json}
        body_format: json
        body:
          userName: "{{ prefix }}{{ person }}@example.org"
          name: {givenName: Bench, familyName: Mark}
          emails: [{type: work, value: "{{ prefix }}{{ person }}@example.org", primary: true}]
          title: Analyst
          active: true
"""
PLAY = """
- name: Benchmark
  hosts: localhost
  connection: local
  gather_facts: false
  tasks:{task}
      loop: "{{{{ range(items | int) | list }}}}"
      loop_control:
        loop_var: person
        label: ""
"""


class Bench:
    """Playbooks against one emulator, each in a process of its own."""

    def __init__(self, tenant: Emulator, folder: Path) -> None:
        self.tenant = tenant
        self.folder = folder
        self.start = 0.0

    def play(self, text: str, items: int, prefix: str, *, direct: bool = True) -> tuple[float, float, dict[str, int]]:
        """Return the seconds and the peak megabytes of a playbook, and the requests it sent by verb."""
        playbook = self.folder / "bench.yml"
        playbook.write_text(text, encoding="utf-8")
        settings = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")},
            "ANSIBLE_COLLECTIONS_PATH": str(collection_tree()),
            "ANSIBLE_LIBRARY": str(Path(__file__).parent / "library"),
            "ANSIBLE_EIGHTBYEIGHT_DIRECT": str(direct).lower(),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "EIGHTBYEIGHT_STATE_DIR": str(self.folder / "state"),
        }
        variables = json.dumps({"url": self.tenant.url, "token": TOKEN, "items": items, "prefix": prefix})
        command = [str(Path(sys.executable).parent / "ansible-playbook"), str(playbook), "-e", variables]
        self.tenant.clear_log()
        began = time.monotonic()
        process = subprocess.Popen(command, env=settings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert process.stdout is not None
        output = process.stdout.read()
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - began
        if status:
            raise SystemExit(f"The playbook failed:\n{output[-3000:]}")
        verbs: dict[str, int] = {}
        for entry in self.tenant.log:
            verbs[entry["method"]] = verbs.get(entry["method"], 0) + 1
        return seconds, usage.ru_maxrss / 1024, verbs

    def loop(self, name: str, task: str, items: int, prefix: str, *, direct: bool = True) -> dict[str, Any]:
        """Measure one loop, and print it."""
        seconds, megabytes, verbs = self.play(PLAY.format(task=task), items, prefix, direct=direct)
        each = (seconds - self.start) / items
        sent = ", ".join(f"{count / items:g} {verb}" for verb, count in sorted(verbs.items()))
        print(f"  {name:<34} {each * 1000:9.1f} ms an item {megabytes:7.0f} MB   {sent} an item", flush=True)
        return {"each": each, "megabytes": megabytes, "verbs": verbs}


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=300, help="people in a loop")
    parser.add_argument("--many", type=int, default=3000, help="people in the loop that shows memory")
    arguments = parser.parse_args()
    items = arguments.items
    with tempfile.TemporaryDirectory() as folder, Emulator(people=[], token=TOKEN) as tenant:
        bench = Bench(tenant, Path(folder))
        nothing = "- name: Nothing\n  hosts: localhost\n  connection: local\n  gather_facts: false\n"
        bench.start = min(bench.play(nothing, 0, "")[0] for run in range(3))
        print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
        print(f"An empty playbook takes {bench.start:.2f} s, which is subtracted below.\n")

        print(f"{items} people who are created:")
        created = {
            "direct": bench.loop("eightbyeight_user", OURS, items, "direct"),
            "module": bench.loop("eightbyeight_user as a plain module", OURS, items, "module", direct=False),
            "baseline": bench.loop("a module on fetch_url", BASELINE, items, "baseline"),
            "uri": bench.loop("ansible.builtin.uri, blindly", URI_CREATE, items, "uri"),
        }
        print(f"\n{items} people who are as wanted:")
        same = {
            "direct": bench.loop("eightbyeight_user", OURS, items, "direct"),
            "module": bench.loop("eightbyeight_user as a plain module", OURS, items, "direct", direct=False),
            "baseline": bench.loop("a module on fetch_url", BASELINE, items, "direct"),
            "uri": bench.loop("ansible.builtin.uri, reading only", URI_READ, items, "direct"),
        }
        print(f"\n{arguments.many} people, for the memory of the controller:")
        many = bench.loop("eightbyeight_user", OURS, arguments.many, "many")

    print("\nRatios to ansible.builtin.uri (higher is faster):")
    for title, figures in (("created", created), ("as wanted", same)):
        line = ", ".join(
            f"{name} {figures['uri']['each'] / figures[name]['each']:.1f}" for name in ("direct", "module", "baseline")
        )
        print(f"  {title}: {line}")
    print(f"Memory, {arguments.many} items to {items}: {many['megabytes'] / created['direct']['megabytes']:.2f}")
    print(f"Requests for {items} people as wanted: {same['direct']['verbs']}")


if __name__ == "__main__":
    main()
