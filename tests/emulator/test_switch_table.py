# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README of the role lists every switch and fault as it is. Run this file to write the table of switches again."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROLE = Path(__file__).resolve().parents[2] / "roles" / "emulator"
sys.path.insert(0, str(ROLE / "files"))

from eightbyeight_emulator import SWITCHES
from eightbyeight_emulator.faults import FAULTS

HEAD = "| switch | default | values | meaning | facts |\n|---|---|---|---|---|\n"
TABLE = re.compile(re.escape(HEAD) + r"(?:\|.*\n)*")


def table() -> str:
    """Return the table that the README must have."""
    rows = []
    for name, switch in SWITCHES.items():
        allowed = switch.allowed().replace(" | ", ", ")
        default = json.dumps(switch.default).strip('"')
        rows.append(f"| `{name}` | `{default}` | {allowed} | {switch.meaning} | {switch.source} |\n")
    return HEAD + "".join(rows)


def test_the_readme_lists_every_switch_as_it_is() -> None:
    found = TABLE.findall((ROLE / "README.md").read_text(encoding="utf-8"))
    assert found == [table()]
    assert all(row.count("|") == 6 for row in found[0].splitlines()), "no cell holds a bar"


def test_the_readme_lists_every_fault_with_its_parameters() -> None:
    text = (ROLE / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ((?:none|`\w+`: [^|]+)) \|", text.partition("| fault |")[2], re.MULTILINE)
    told = {}
    for name, parameters in rows[: len(FAULTS)]:
        given = re.findall(r"`(\w+)`: (.+?)(?=, `|$)", parameters)
        told[name] = dict(given)
    assert told == {
        name: {key: value if isinstance(value, str) else json.dumps(value) for key, value in parameters.items()}
        for name, parameters in FAULTS.items()
    }


if __name__ == "__main__":
    text = (ROLE / "README.md").read_text(encoding="utf-8")
    (ROLE / "README.md").write_text(TABLE.sub(lambda _match: table(), text), encoding="utf-8")
