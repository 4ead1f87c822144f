# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drive the collection, by ansible-playbook, against SCIM servers that other people wrote, and tell what is in them afterwards.

``make servers`` does it with all of them; ``make servers SERVERS="scimmy --keep"`` with those whose name begins so.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tools")]

from matrix import BUILD, collection_tree
from programs import PROGRAMS, Program, Server, install_node
from steps import STEPS, Drive

OK = "ok"
#: What a server cannot do, and what the collection says of it as it should.
TOLD = "told: "


def environment() -> dict[str, str]:
    """Return what ansible-playbook needs."""
    home = BUILD / "home" / "servers"
    home.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_HOME": str(home),
        "ANSIBLE_COLLECTIONS_PATH": str(collection_tree()),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
        "ANSIBLE_NOCOLOR": "1",
    }


def driven(program: Program, folder: Path) -> list[str]:
    """Return what became of each step."""
    if program.python is None:
        try:
            install_node()
        except (OSError, subprocess.CalledProcessError) as error:
            return [f"not tried: {error}" for _step in STEPS]
    told = []
    with Server(program, folder) as server:
        drive = Drive(server, environment())
        for name, step in STEPS:
            try:
                step(drive)
            except AssertionError as error:
                told.append(" ".join(str(error).split()))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is one cell of the table
                traceback.print_exc()
                told.append(f"{type(error).__name__}: {error}")
            else:
                told.append(OK)
            expected = program.told.get(name)
            if expected is not None:
                told[-1] = f"{TOLD}{told[-1]}" if expected in told[-1] else f"{told[-1]}, and not: {expected}"
            print(f"{program.name}: {name}: {told[-1]}", flush=True)
    return told


def table(columns: dict[str, list[str]]) -> str:
    """Return server x step, as a table in reStructuredText."""
    lines = [".. list-table::", "   :header-rows: 1", "", "   * - Step"]
    lines += [f"     - {name}" for name in columns]
    for number, (step, _function) in enumerate(STEPS):
        lines.append(f"   * - {step}")
        lines += [f"     - {told[number]}" for told in columns.values()]
    return "\n".join(lines)


def main() -> int:
    """Drive, print the table, and return 1 where a step neither went well nor ended as it must with that server."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="how the names of the servers begin; default all")
    parser.add_argument("--keep", action="store_true", help="keep logs and results, and say where")
    given = parser.parse_args()
    for name in list(os.environ):
        if name.startswith(("EIGHTBYEIGHT_", "ANSIBLE_")) or name.lower().endswith("_proxy"):
            del os.environ[name]
    chosen = [each for each in PROGRAMS if not given.names or each.name.startswith(tuple(given.names))]
    folder = Path(tempfile.mkdtemp(prefix="servers-"))
    columns = {}
    for number, program in enumerate(chosen):
        told = driven(program, folder / str(number))
        columns[f"{program.name} ({program.version()})"] = told
    core = importlib.metadata.version("ansible-core")
    print(f"\n{datetime.now(UTC).date()}, ansible-core {core}\n\n{table(columns)}")
    if given.keep:
        print(f"\nKept in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return int(any(cell != OK and not cell.startswith(TOLD) for told in columns.values() for cell in told))


if __name__ == "__main__":
    sys.exit(main())
