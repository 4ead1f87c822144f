# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``eightbyeight_roster`` costs: requests, time and memory by size, latency hidden, and a rate limit used.

Everything is measured in one run, each figure beside what it is a ratio of, against emulators of its own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playbooks import NOTHING, ROSTER, TOKEN, Bench, Emulator, Measured, machine

HAND_OVER = """
- name: Benchmark
  hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - name: Nothing
      hand_over:
        users: "{{ people }}"
"""
PAGE = 100


def person(number: int, **more: Any) -> dict[str, Any]:
    """Return somebody, by number."""
    login = f"person{number}@example.org"
    return {
        "user_name": login,
        "external_id": f"HR-{number}",
        "given_name": "Pat",
        "family_name": f"Number {number}",
        "email": login,
        "title": "Analyst",
        "department": "Operations",
        "site": "London",
        **more,
    }


def _told(measured: Measured) -> str:
    return ", ".join(f"{count} {verb}" for verb, count in sorted(measured.verbs.items()))


def requests_of_each_kind(folder: Path) -> None:
    """Count what each kind of change costs, in a tenant of a thousand."""
    print("\nRequests, in a tenant of 1,000 on pages of 100:")
    start = [person(number, active=number % 100 != 0) for number in range(1000)]
    everybody = [person(number, active=True) for number in range(1000)]
    cases: list[tuple[str, list[dict[str, Any]], str]] = [
        ("nothing to change", start, "11 to list"),
        ("5 new", [*start, *(person(2000 + number) for number in range(5))], "11 to list, 5 POST, 1 to verify"),
        ("10 activated", everybody, "11 to list, 10 PATCH, 10 to verify"),
        (
            "5 titles",
            [{**row, "title": "Boss"} if 0 < number < 6 else row for number, row in enumerate(start)],
            "11 to list, 5 reads, 5 PUT, 5 to verify",
        ),
    ]
    for name, rows, expected in cases:
        with Emulator(people=start, token=TOKEN) as tenant:
            measured = Bench(tenant, folder).play(ROSTER, {"people": rows})
        print(f"  {name:<20} {_told(measured):<30} ({expected})")


def unchanged(folder: Path, sizes: list[int], latency_ms: int = 0) -> None:
    """Compare with a bare script, and show that time and memory grow in proportion.

    What Ansible itself takes to hand the list over is shown by a task that does nothing with it.
    """
    print(f"\nNobody to change, a server that takes {latency_ms} ms for each request:")
    print(
        "  people     roster   handing over   bare script   ratio   ratio to both   requests   memory   of it Ansible   ms a person"
    )
    for size in sizes:
        rows = [person(number) for number in range(size)]
        with Emulator(people=rows, token=TOKEN, switches={"latency_ms": latency_ms}) as tenant:
            bench = Bench(tenant, folder)
            variables = {"people": rows}
            bares, tasks, handed, memory, verbs = [], [], [], 0.0, {}
            for _run in range(3 if size <= 10_000 else 1):
                start = bench.start(variables)
                bares.append(bench.script("bare_listing.py").seconds)
                handed.append(bench.play(HAND_OVER, variables).seconds - start)
                measured = bench.play(ROSTER, variables)
                tasks.append(measured.seconds - start)
                memory, verbs = measured.megabytes, measured.verbs
            # The same variables, and nothing done with them.
            ansible = bench.play(NOTHING, variables).megabytes
        bare, task, floor = statistics.median(bares), statistics.median(tasks), statistics.median(handed)
        # Where the last page is full, the one behind it is asked for.
        assert verbs == {"GET": size // PAGE + 1}, verbs
        print(
            f"  {size:<8} {task:7.2f} s {floor:12.2f} s {bare:11.2f} s {task / bare:7.2f} "
            f"{task / (floor + bare):15.2f} {verbs['GET']:10} {memory:5.0f} MB {ansible:12.0f} MB "
            f"{task * 1000 / size:13.3f}",
            flush=True,
        )


def latency(folder: Path, items: int) -> None:
    """Compare with the same requests one after the other, at 20 ms each."""
    rows = [person(number) for number in range(items)]
    roster = folder / "roster.json"
    roster.write_text(json.dumps(rows), encoding="utf-8")
    with Emulator(people=[], token=TOKEN, switches={"latency_ms": 20}) as tenant:
        bench = Bench(tenant, folder)
        serial = bench.script("serial_creations.py", str(roster))
    with Emulator(people=[], token=TOKEN, switches={"latency_ms": 20}) as tenant:
        bench = Bench(tenant, folder)
        task = bench.play(ROSTER, {"people": rows})
        seconds = task.seconds - bench.start({"people": rows})
    print(f"\n{items} creations, a server that takes 20 ms for each request:")
    print(f"  one after the other  {serial.seconds:7.2f} s   {_told(serial)}")
    print(f"  eightbyeight_roster  {seconds:7.2f} s   {_told(task)}   {serial.seconds / seconds:.1f} times as fast")


def limited(folder: Path, items: int) -> None:
    """Show how much of a rate limit is used, and how often it is run into."""
    rows = [person(number) for number in range(items)]
    with Emulator(people=[], token=TOKEN, switches={"rate_limit": "10/1s"}) as tenant:
        bench = Bench(tenant, folder)
        start = bench.start({"people": rows})
        task = bench.play(ROSTER, {"people": rows})
        sent, refused = sum(task.verbs.values()), task.statuses.get(429, 0)
    rate = (sent - refused) / (task.seconds - start)
    print(f"\n{items} creations, a server that allows 10 requests a second:")
    print(
        f"  {rate:.2f} a second got through ({rate / 10:.0%}), {refused} of {sent} were answered 429 ({refused / sent:.1%})"
    )


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,50000", help="people in the unchanged rosters")
    parser.add_argument("--creations", type=int, default=1000, help="people who are created")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(machine())
        print("The start of a playbook with the same variables is subtracted; so is the start of a script.")
        requests_of_each_kind(Path(folder))
        sizes = [int(size) for size in arguments.sizes.split(",")]
        unchanged(Path(folder), sizes)
        unchanged(Path(folder), [size for size in sizes if size == 10_000], latency_ms=20)
        latency(Path(folder), arguments.creations)
        limited(Path(folder), arguments.creations)


if __name__ == "__main__":
    main()
