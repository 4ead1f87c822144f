# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a list of people costs: a loop of ours (direct, and as a plain module), a roster, and what else there is.

Everything is measured in one run against one emulator, with the start of an empty playbook subtracted, and printed as a
table with ratios to ``uri``. Run it with ``make bench``; it takes some minutes, because the loops it is compared with do.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from playbooks import ROSTER, TOKEN, Bench, Emulator, Measured, machine

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
NOTHING = """
    - name: As little as a task can do
      ansible.builtin.debug:
        msg: "{{ prefix }}{{ person }}@example.org"
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


def people(items: int, prefix: str) -> list[dict[str, str]]:
    """Return a roster."""
    logins = [f"{prefix}{number}@example.org" for number in range(items)]
    return [
        {"user_name": login, "given_name": "Bench", "family_name": "Mark", "email": login, "title": "Analyst"}
        for login in logins
    ]


class Table:
    """Measures a line after the other, and prints it.

    :param start: Seconds of an empty playbook, which are subtracted.
    """

    def __init__(self, bench: Bench, start: float) -> None:
        self.bench = bench
        self.start = start

    def loop(self, name: str, task: str, items: int, prefix: str, *, direct: bool = True) -> dict[str, Any]:
        """Measure a task that loops."""
        variables = {"items": items, "prefix": prefix}
        return self._line(name, self.bench.play(PLAY.format(task=task), variables, direct=direct), self.start, items)

    def roster(self, name: str, items: int, prefix: str) -> dict[str, Any]:
        """Measure a task that takes all of them."""
        return self._line(name, self.bench.play(ROSTER, {"people": people(items, prefix)}), self.start, items)

    def script(self, name: str, script: str, items: int, prefix: str) -> dict[str, Any]:
        """Measure a script, which tells itself what it took without its start."""
        roster = self.bench.folder / "roster.json"
        roster.write_text(json.dumps(people(items, prefix)), encoding="utf-8")
        return self._line(name, self.bench.script(script, str(roster)), 0.0, items)

    @staticmethod
    def _line(name: str, measured: Measured, start: float, items: int) -> dict[str, Any]:
        each = (measured.seconds - start) / items
        sent = ", ".join(f"{count / items:g} {verb}" for verb, count in sorted(measured.verbs.items()))
        print(f"  {name:<36} {each * 1000:8.1f} ms an item {measured.megabytes:6.0f} MB   {sent} an item", flush=True)
        return {"each": each, "megabytes": measured.megabytes, "verbs": measured.verbs}


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=300, help="people in a loop")
    parser.add_argument("--many", type=int, default=3000, help="people in the loop that shows memory")
    arguments = parser.parse_args()
    items = arguments.items
    with tempfile.TemporaryDirectory() as folder, Emulator(people=[], token=TOKEN) as tenant:
        bench = Bench(tenant, Path(folder))
        table = Table(bench, bench.start())
        print(machine())
        print(f"An empty playbook takes {table.start:.2f} s, which is subtracted below; so is the start of a script.")

        print(f"\n{items} people who are created:")
        created = {
            "direct": table.loop("eightbyeight_user", OURS, items, "direct"),
            "module": table.loop("eightbyeight_user, as a plain module", OURS, items, "module", direct=False),
            "roster": table.roster("eightbyeight_roster", items, "roster"),
            "fetch_url": table.loop("a module on fetch_url", BASELINE, items, "baseline"),
            "scim2-client": table.script("a script on scim2-client", "scim2_client_sync.py", items, "script"),
            "uri": table.loop("ansible.builtin.uri, blindly", URI_CREATE, items, "uri"),
        }
        print(f"\n{items} people who are unchanged:")
        same = {
            "direct": table.loop("eightbyeight_user", OURS, items, "direct"),
            "module": table.loop("eightbyeight_user, as a plain module", OURS, items, "direct", direct=False),
            "roster": table.roster("eightbyeight_roster", items, "direct"),
            "fetch_url": table.loop("a module on fetch_url", BASELINE, items, "direct"),
            "scim2-client": table.script("a script on scim2-client", "scim2_client_sync.py", items, "direct"),
            "uri": table.loop("ansible.builtin.uri, reading only", URI_READ, items, "direct"),
        }
        print("\nMemory of the controller, which keeps the result of every item, whatever the task:")
        table.loop(f"eightbyeight_user, {arguments.many} created", OURS, arguments.many, "many")
        growth = {}
        for name, task in (("ansible.builtin.debug", NOTHING), ("eightbyeight_user", OURS)):
            few = table.loop(f"{name}, {items}", task, items, "many")
            many = table.loop(f"{name}, {arguments.many}", task, arguments.many, "many")
            growth[name] = (many["megabytes"] - few["megabytes"]) * 1024 / (arguments.many - items)

    print("\nTimes as fast as ansible.builtin.uri:")
    for title, figures in (("created", created), ("unchanged", same)):
        ratios = {name: figures["uri"]["each"] / figure["each"] for name, figure in figures.items() if name != "uri"}
        print(f"  {title}: {', '.join(f'{name} {ratio:.1f}' for name, ratio in ratios.items())}")
    print(f"Kilobytes an item: {', '.join(f'{name} {kilobytes:.1f}' for name, kilobytes in growth.items())}")
    print(f"Requests for {items} people who are unchanged: {same['direct']['verbs']}")


if __name__ == "__main__":
    main()
