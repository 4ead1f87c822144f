# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An audit of many tenants: side by side with Ansible's own forks, against one after another.

It is an audit through both doors: SCIM, which shows pages of 100, and the Administration API. Each answer takes 50 ms, and so does
each new connection, as over a network where it takes that long until a packet is answered; TLS would take it once or twice more.
The emulated tenants run on this machine too, which real ones do not. So they make each answer once, and then keep it.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from playbooks import TOKEN, Emulator, FarConnection, collection_tree, keep_answers, machine

KEY = "a-key-of-the-benchmark"
LATENCY = round(1000 * FarConnection.SECONDS)
#: What a page of the tenants holds.
PAGE = 100
#: So many times faster at least, on two processors with nothing else to do.
LEAST = 5.0
NOTHING = "- name: Nothing\n  hosts: all\n  connection: local\n  gather_facts: false\n"
AUDIT = """
- name: Audit
  hosts: all
  connection: local
  gather_facts: false
  tasks:
    - name: Audit
      eightbyeight.scim.eightbyeight_audit_info:
        api_url: "{{ eightbyeight_api_url }}"
        api_token: "{{ eightbyeight_api_token }}"
        admin_api_url: "{{ eightbyeight_admin_api_url }}"
        admin_api_key: "{{ eightbyeight_admin_api_key }}"
"""


def play(folder: Path, text: str, forks: int) -> float:
    """Run a playbook over all tenants, and return the seconds that it took."""
    (folder / "audit.yml").write_text(text, encoding="utf-8")
    settings: Mapping[str, str] = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "EIGHTBYEIGHT_"))},
        "ANSIBLE_COLLECTIONS_PATH": str(collection_tree()),
        "ANSIBLE_HOME": os.environ.get("ANSIBLE_HOME", str(folder / "home")),
        "EIGHTBYEIGHT_STATE_DIR": str(folder / "state"),
    }
    command = [
        str(Path(sys.executable).parent / "ansible-playbook"),
        "-i",
        "tenants.ini",
        "audit.yml",
        "-f",
        str(forks),
    ]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=settings, check=False, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if done.returncode or re.search(r"unreachable=[1-9]|failed=[1-9]", done.stdout):
        raise SystemExit(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return seconds


def worked() -> float:
    """Return the seconds that the processors have worked for this process, with its tenants, and for the plays that ended."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in both)


def inventory(tenants: Sequence[Emulator]) -> str:
    """Return an inventory in which each host is one tenant."""
    lines = [
        f"tenant{number:02} eightbyeight_api_url={tenant.url} eightbyeight_admin_api_url={tenant.admin_url}"
        for number, tenant in enumerate(tenants)
    ]
    variables = [
        f"eightbyeight_api_token={TOKEN}",
        f"eightbyeight_admin_api_key={KEY}",
        f"ansible_python_interpreter={sys.executable}",
    ]
    return "\n".join([*lines, "[all:vars]", *variables, ""])


def main() -> int:
    """Measure by turns, so that all have the same company; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenants", type=int, default=20)
    parser.add_argument("--users", type=int, default=500, help="of each tenant")
    parser.add_argument("--forks", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3, help="of each")
    given = parser.parse_args()
    people = [
        {"user_name": f"user{number}@example.org", "given_name": "U", "family_name": f"Number {number}", "title": "T"}
        for number in range(given.users)
    ]
    side_by_side, in_turn, empty, work = [], [], [], []
    with contextlib.ExitStack() as running, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tenants = [
            running.enter_context(
                Emulator(
                    people,
                    TOKEN,
                    {"latency_ms": LATENCY, "max_page": PAGE},
                    admin_api_key=KEY,
                    customer_id=f"0012J000000000{number:04}",
                )
            )
            for number in range(given.tenants)
        ]
        for tenant in tenants:
            tenant.server.RequestHandlerClass = FarConnection
            keep_answers(tenant)
        (folder / "tenants.ini").write_text(inventory(tenants), encoding="utf-8")
        play(folder, AUDIT, given.forks)
        for _run in range(given.runs):
            empty.append(play(folder, NOTHING, 1))
            before = worked()
            side_by_side.append(play(folder, AUDIT, given.forks))
            work.append(worked() - before)
            in_turn.append(play(folder, AUDIT, 1))
        requests = sum(len(tenant.log) for tenant in tenants) / ((2 * given.runs + 1) * given.tenants)
    start = min(empty)
    fast, slow = statistics.median(side_by_side), statistics.median(in_turn)
    print(
        f"\n{machine()}\n{given.tenants} tenants of {given.users}, {LATENCY} ms for each answer and each connection, pages of {PAGE}:"
    )
    print(f"  {requests:.0f} requests a tenant; a play over all of them that does nothing takes {start:.2f} s")
    print(
        f"  {given.forks} forks {fast:.2f} s, one after another {slow:.2f} s: {slow / fast:.1f} times (at least {LEAST:g} is wanted)"
    )
    print(
        f"  the processors work {min(work):.2f} s for it, so with {os.cpu_count()} of them {given.forks} forks take "
        f"{min(work) / (os.cpu_count() or 1):.2f} s at least"
    )
    print(f"  without the start of the play: {(slow - start) / (fast - start):.1f} times")
    return 0 if slow / fast >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
