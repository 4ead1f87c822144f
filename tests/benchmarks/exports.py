# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the filter ``roster_from`` costs for a large export: seconds, of the processor too, and the memory of the process."""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "tools"))

from matrix import collection_tree

sys.path.insert(0, str(collection_tree()))

from ansible_collections.eightbyeight.scim.plugins.module_utils._sources.read import roster_from
from ansible_collections.eightbyeight.scim.tests.unit.exports import ENTRA_HEADER, graph_user

ROW = (
    "user{0}@example.org,Ada Lovelace,Lovelace,user{0}@example.org,Ada,{0},Member,Analyst,Research,True,GB,1 Main Street,,"
    "United Kingdom,London,London,W1,+44 20 7946 0001,+44 7700 900001,,,,,Example,,True,,,8/19/2021 1:25:31 PM\n"
)


def export(source: str, people: int) -> bytes:
    """Return an export of so many people as a file."""
    if source == "entra_csv":
        return (f"{ENTRA_HEADER}\n" + "".join(ROW.format(number) for number in range(people))).encode("utf-16")
    users = [
        graph_user(
            userPrincipalName=f"user{number}@example.org", accountEnabled=True, employeeHireDate="2026-12-01T00:00:00Z"
        )
        for number in range(people)
    ]
    return json.dumps({"value": users}).encode()


def main() -> None:
    """Measure, and print a line for each source."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50_000)
    people = parser.parse_args().people
    for source in ("entra_csv", "entra_graph"):
        octets = export(source, people)
        began, used = time.monotonic(), time.process_time()
        result = roster_from(octets, source)
        seconds, processor = time.monotonic() - began, time.process_time() - used
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        assert len(result["users"]) == people
        print(
            f"{source:12} {people:>7} people, {len(octets) / 1e6:5.1f} MB: {seconds:5.2f} s ({processor:.2f} s of the processor), "
            f"{most:.0f} MB at most"
        )


if __name__ == "__main__":
    main()
