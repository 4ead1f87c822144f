# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a role takes to start: one person onboarded, and the same person once more, against a play that does nothing."""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from rosters import person

from playbooks import TOKEN, Bench, Emulator, machine

ONBOARDING = """
- name: Benchmark
  hosts: localhost
  connection: local
  gather_facts: false
  roles:
    - role: eightbyeight.scim.onboarding
      vars:
        onboarding_api_url: "{{ url }}"
        onboarding_api_token: "{{ token }}"
        onboarding_users: "{{ people }}"
"""
#: Seconds that the role may take beyond the empty play, on two processors with nothing else to do.
MOST = 1.5


def main() -> None:
    """Measure by turns, so that both have the same company."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="of each")
    arguments = parser.parse_args()
    print(f"\n{machine()}\nRole onboarding, one person, in a tenant of 100:")
    variables = {"people": [person(1000)]}
    empty, first, second, verbs = [], [], [], {}
    with tempfile.TemporaryDirectory() as folder:
        for _run in range(arguments.runs):
            with Emulator(people=[person(number) for number in range(100)], token=TOKEN) as tenant:
                bench = Bench(tenant, Path(folder))
                empty.append(bench.start(variables))
                measured = bench.play(ONBOARDING, variables)
                first.append(measured.seconds)
                second.append(bench.play(ONBOARDING, variables).seconds)
                verbs = measured.verbs
    nothing = statistics.median(empty)
    for name, seconds in (("somebody new", first), ("nothing to change", second)):
        beyond = statistics.median(seconds) - nothing
        print(f"  {name:<18} {beyond:5.2f} s beyond an empty play of {nothing:.2f} s (at most {MOST:g} s is wanted)")
    print(f"  requests: {', '.join(f'{count} {verb}' for verb, count in sorted(verbs.items()))}")


if __name__ == "__main__":
    main()
