# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README of the role lists every switch as it is. Run this file to write the table anew."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROLE = Path(__file__).resolve().parents[2] / "roles" / "emulator"
sys.path.insert(0, str(ROLE / "files"))

from eightbyeight_emulator import SWITCHES

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


if __name__ == "__main__":
    text = (ROLE / "README.md").read_text(encoding="utf-8")
    (ROLE / "README.md").write_text(TABLE.sub(lambda _match: table(), text), encoding="utf-8")
