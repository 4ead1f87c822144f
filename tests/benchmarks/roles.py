# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What roles take to start, against a play that does nothing: somebody new, the same once more, a leaver, a roster of three."""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path
from typing import Any

from rosters import person

from playbooks import NOTHING, TOKEN, Bench, Emulator, Measured, machine

ROLE = """
- name: Benchmark
  hosts: localhost
  connection: local
  gather_facts: false
  roles:
    - role: eightbyeight.scim.{role}
      vars:
        {role}_api_url: "{{{{ url }}}}"
        {role}_api_token: "{{{{ token }}}}"
        {role}_users: "{{{{ people }}}}"
"""
#: Seconds that onboarding may take beyond the empty play, on two processors with nothing else to do.
MOST = 1.5
CASES: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "onboarding, somebody new": ("onboarding", [person(1000)]),
    "onboarding, nothing to do": ("onboarding", [person(1000)]),
    "offboarding": ("offboarding", [{"user_name": person(7)["user_name"]}]),
    "roster, three new": ("roster", [person(2000 + number) for number in range(3)]),
}


def main() -> None:
    """Measure by turns, so that all have the same company."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of each")
    arguments = parser.parse_args()
    print(f"\n{machine()}\nRoles, in a tenant of 100:")
    empty: list[Measured] = []
    measured: dict[str, list[Measured]] = {name: [] for name in CASES}
    with tempfile.TemporaryDirectory() as folder:
        for _run in range(arguments.runs):
            with Emulator(people=[person(number) for number in range(100)], token=TOKEN) as tenant:
                bench = Bench(tenant, Path(folder))
                empty.append(bench.play(NOTHING, {}))
                for name, (role, people) in CASES.items():
                    measured[name].append(bench.play(ROLE.format(role=role), {"people": people}))
    nothing = statistics.median(run.seconds for run in empty), statistics.median(run.processor for run in empty)
    print(f"  an empty play              {nothing[0]:5.2f} s, {nothing[1]:5.2f} s of a processor; beyond it:")
    for name, runs in measured.items():
        seconds = statistics.median(run.seconds for run in runs) - nothing[0]
        processor = statistics.median(run.processor for run in runs) - nothing[1]
        requests = ", ".join(f"{count} {verb}" for verb, count in sorted(runs[0].verbs.items()))
        print(f"  {name:<26} {seconds:5.2f} s, {processor:5.2f} s of a processor; {requests}")
    print(f"  onboarding is to take {MOST:g} s at most, with nothing else to do for the processors")


if __name__ == "__main__":
    main()
