# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run nox sessions, two at a time, and say at the end what ran, what failed, what could not run and what ran in part only."""

from __future__ import annotations

import argparse
import concurrent.futures
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from matrix import BUILD, CORES, OLDEST_TARGET, PRERELEASE, ROOT, interpreter, newest, python_for

KINDS = ("sanity", "units", "integration", "molecule")
# What runs on one ansible-core, and why that will do.
ON_NEWEST = {"molecule": "the integration targets drive the same roles on every core"}
# Longest first, so that no long one is left over for the end.
GENERAL = (
    PRERELEASE,
    "oldest",
    "content",
    "build",
    "code",
    "docs-check",
    "audit",
    "yamllint",
    "extra-checks",
    "license-check",
    "antsibull-nox-config",
)
PYTEST = re.compile(r"^=+ (?:\d+ \w+|no tests ran).* in [\d.]+s.*=+$")
# What a session could not do for want of something here, and what it leaves to another one on purpose.
UNDONE = re.compile(r"^(?:NOT RUN|IN PART)  .*$", re.MULTILINE)
SCREEN = threading.Lock()


def plan(part: str) -> tuple[list[str], list[str], list[str]]:
    """Return what to run side by side, what to run after that, and a line for each thing that is left out."""
    first = newest()
    if part == "check":
        return ["quick", "code"], [], []
    wanted = [f"{kind}-{core}" for kind in KINDS for core in CORES if kind not in ON_NEWEST or core == first]
    absent = [f"IN PART  {kind}: on ansible-core {first} only; {why}" for kind, why in ON_NEWEST.items()]
    absent += [
        f"NOT RUN  {session}: ansible-core {core} needs Python {' or '.join(CORES[core])}, and there is none here"
        for session in wanted
        for core in [session.split("-")[1]]
        if not python_for(core)
    ]
    # One environment a core: neighbors in this order do not wait for the same one. The longest session of all goes first.
    sessions = [session for session in wanted if python_for(session.split("-")[1])] + list(GENERAL)
    sessions.sort(key=lambda session: session != f"integration-{first}")
    oldest = f"target-{OLDEST_TARGET}"
    if interpreter(OLDEST_TARGET):
        sessions.append(oldest)
    else:
        absent.append(f"NOT RUN  {oldest}: needs Python {OLDEST_TARGET}, and there is none here")
    return sessions, ["coverage"], absent


def run(session: str) -> tuple[str, bool, float, list[str], list[str]]:
    """Run one session; its output appears in one piece when it is done, and stays in build/logs.

    Return its name, whether it passed, the seconds, the closing lines of pytest, and the lines about what it left out.
    """
    with SCREEN:
        print(f"######## {session} ...", flush=True)
    start = time.monotonic()
    log = BUILD / "logs" / f"{session}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    env = os.environ | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1"}
    command = [sys.executable, "-m", "nox", "--non-interactive", "--session", session]
    with log.open("wb") as file:
        process = subprocess.run(
            command, cwd=ROOT, env=env, check=False, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )
    seconds = time.monotonic() - start
    text = log.read_text(encoding="utf-8", errors="replace")
    with SCREEN:
        print(f"\n######## {session} ({seconds:.0f} s)\n{text}", flush=True)
    closing = [line for line in text.splitlines() if PYTEST.match(line)]
    return session, process.returncode == 0, seconds, closing, UNDONE.findall(text)


def main() -> int:
    """Run a part and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=["check", "test"])
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    side_by_side, after, absent = plan(arguments.part)
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        results = list(pool.map(run, side_by_side))
    results += [run(session) for session in after]

    print(f"\n######## summary ({time.monotonic() - start:.0f} s)")
    for session, passed, seconds, closing, undone in results:
        absent += undone
        print(f"{'passed' if passed else 'FAILED'}  {seconds:5.0f} s  {session}")
        for line in closing:
            print(f"    {line}")
    for line in sorted(absent):
        print(line)
    failed = [result[0] for result in results if not result[1]]
    if failed:
        print(f"Failed: {', '.join(failed)}; logs in {Path(BUILD / 'logs').relative_to(ROOT)}/")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
