# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What new people cost, few and many, in small tenants and large ones, under three limits: a loop of uri, our loop, a roster.

Each request takes 0.2 s, and the tenant gives 100 users a page. What takes less than a minute by calculation is measured by
ansible-playbook against an emulator. The rest is played in memory, by a clock that nobody waits for, and marked with ~.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from loops import PLAY, URI_CREATE, URI_READ
from matrix import collection_tree
from rosters import person

from playbooks import TOKEN, Bench, Emulator, machine, sys

sys.path.insert(0, str(collection_tree()))

from ansible_collections.eightbyeight.scim.plugins.module_utils._client import ScimClient
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.runtime import Runtime
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.user_entry import manage_user
from ansible_collections.eightbyeight.scim.tests.unit.big_tenants import RATES, ROWS, SIZES, TRIP, BigTenant, joiners
from ansible_collections.eightbyeight.scim.tests.unit.helpers import BASE, FakeTime, session_over
from ansible_collections.eightbyeight.scim.tests.unit.helpers import TOKEN as ANY
from ansible_collections.eightbyeight.scim.tests.unit.rosters import roster

Client = TypeVar("Client", bound=ScimClient)

HEAD = """
- name: Benchmark
  hosts: localhost
  connection: local
  gather_facts: false
  tasks:
"""
OUR_LOOP = """
    - name: Our loop
      eightbyeight.scim.eightbyeight_user:
        api_url: "{{ url }}"
        api_token: "{{ token }}"
        retry_budget: 600
        user_name: "{{ prefix }}{{ person }}@example.org"
        given_name: Bench
        family_name: Mark
        email: "{{ prefix }}{{ person }}@example.org"
"""
OUR_ROSTER = """
    - name: A roster
      eightbyeight.scim.eightbyeight_roster:
        api_url: "{{ url }}"
        api_token: "{{ token }}"
        retry_budget: 600
        requests_per_minute: "{{ rate or omit }}"
        users: "{{ people }}"
        limits: {create: 1000000}
"""
#: What somebody writes who wants no duplicate and gets an answer of 429 now and then.
URI_TASKS = "".join(
    f"{task}      register: answer\n      until: answer.status != 429\n      retries: 100\n      delay: {{delay}}\n"
    "      failed_when: answer.status not in (200, 201)\n"
    "      loop: \"{{{{ range(items | int) | list }}}}\"\n      loop_control: {{loop_var: person, label: ''}}\n"
    for task in (
        URI_READ.replace("{", "{{").replace("}", "}}"),
        URI_CREATE.replace("{", "{{").replace("}", "}}").replace("        status_code: 201\n", ""),
    )
)
NAMES = {10: "10 a minute", 600: "10 a second", None: "unlimited"}
LIMITS = {10: "10/60s", 600: "10/1s", None: None}


class Cost(NamedTuple):
    """What a cell of the table says."""

    requests: int
    seconds: float
    measured: bool = False

    def __str__(self) -> str:
        """Return it as the table shows it."""
        return f"{self.requests:,} in {'' if self.measured else '~'}{duration(self.seconds)}"


def duration(seconds: float) -> str:
    """Return seconds as people say them."""
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def uri_in_memory(rows: int, _size: int, rate: int | None) -> Cost:
    """Count a look and a creation for each, as fast as is allowed."""
    requests = 2 * rows
    return Cost(requests, max(requests * TRIP, max(0, requests - (rate or 0)) * 60 / rate if rate else 0.0))


def loop_in_memory(rows: int, size: int, rate: int | None) -> Cost:
    """Play the module's loop."""
    time = FakeTime()
    tenant = BigTenant(size, time, limit=rate)
    session = session_over(tenant)

    runtime = Runtime(lambda _connection: session, clock=time.clock)
    defaults = {name: option.get("default") for name, option in argspec.USER.argument_spec.items()}
    for row in joiners(rows):
        told = manage_user(
            {**defaults, "api_url": BASE, "api_token": ANY, "retry_budget": 600.0, **row}, False, runtime
        )
        assert told.result["operation"] == "created", told
    return Cost(len(tenant.log), time.now)


def roster_in_memory(rows: int, size: int, rate: int | None) -> Cost:
    """Play a roster that knows the limit; without one, its eight workers share the time."""
    time = FakeTime()
    tenant = BigTenant(size, time, limit=rate)
    told = roster(
        tenant, joiners(rows), time=time, limits={"create": 1_000_000}, retry_budget=600, requests_per_minute=rate
    )
    assert told.summary == {"created": rows}, told.message
    return Cost(len(tenant.log), time.now if rate else time.now / 8)


def _people(rows: int) -> list[dict[str, Any]]:
    return [{key: row[key] for key in ("user_name", "given_name", "family_name", "email")} for row in joiners(rows)]


def measured(task: str, rows: int, size: int, rate: int | None, folder: Path) -> Cost:
    """Run a playbook against an emulator, and subtract what the same playbook takes without the task."""
    switches = {"latency_ms": TRIP * 1000, **({"rate_limit": LIMITS[rate]} if rate else {})}
    variables = {"items": rows, "prefix": "joiner", "rate": rate, "people": _people(rows)}
    with Emulator(people=[person(number) for number in range(size)], token=TOKEN, switches=switches) as tenant:
        bench = Bench(tenant, folder)
        start = bench.start(variables)
        done = bench.play(task, variables)
    return Cost(sum(done.verbs.values()), max(0.0, done.seconds - start), True)


def uri_playbook(rate: int | None) -> str:
    """Return the two loops of uri."""
    return HEAD + URI_TASKS.format(delay=6 if rate == 10 else 1)


CONTENDERS: dict[str, tuple[Callable[[int, int, int | None], Cost], Callable[[int | None], str]]] = {
    "a loop of uri": (uri_in_memory, uri_playbook),
    "a loop of eightbyeight_user": (loop_in_memory, lambda _rate: PLAY.format(task=OUR_LOOP)),
    "eightbyeight_roster": (roster_in_memory, lambda _rate: HEAD + OUR_ROSTER),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=float, default=60.0, help="seconds of a cell that is measured; default 60")
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    given = parser.parse_args()
    print(machine())
    print(f"New people: requests and seconds, {TRIP:g} s a request; ~ by calculation in memory, the rest measured.")
    with tempfile.TemporaryDirectory() as folder:
        for rate in RATES:
            print(f"\n{NAMES[rate]}:\n  {'rows':>6} {'tenant':>7}" + "".join(f"  {name:>28}" for name in CONTENDERS))
            for rows in given.rows:
                for size in given.sizes:
                    cells = []
                    for in_memory, playbook in CONTENDERS.values():
                        cost = in_memory(rows, size, rate)
                        if cost.seconds < given.most:
                            cost = measured(playbook(rate), rows, size, rate, Path(folder))
                        cells.append(f"  {cost!s:>28}")
                    print(f"  {rows:>6,} {size:>7,}{''.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
