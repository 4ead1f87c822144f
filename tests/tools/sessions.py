# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run nox sessions, some at a time, and say what ran, failed, could not run and ran in part: ``sessions.py check``, ``test`` or ``ci``."""

from __future__ import annotations

import concurrent.futures
import os
import re
import subprocess
import sys
import threading
import time

from matrix import BUILD, CORES, OLDEST_TARGET, ROOT, newest, python_for

KINDS = ("sanity", "units", "integration")
# On one ansible-core only. Longest first.
GENERAL = (
    "emulator",
    "long",
    "oldest",
    "awx",
    "molecule",
    "build",
    "prerelease",
    "browser",
    "content",
    "code",
    "docs-check",
    "docs",
    "events",
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
# Every session waits now and then: for a server, a process, the network.
AT_A_TIME = (os.cpu_count() or 2) + 1


def plan(part: str) -> tuple[list[str], list[str], list[str]]:
    """Return what to run side by side, what to run after that, and a line for each thing that is left out."""
    if part == "check":
        return ["quick-a-to-o", "quick-p-to-z", "code"], [], []
    wanted = {f"{kind}-{core}": core for kind in KINDS for core in CORES} | dict.fromkeys(GENERAL, newest())
    wanted[f"target-{OLDEST_TARGET}"] = OLDEST_TARGET
    lacking = {name: " or ".join(CORES.get(core, (core,))) for name, core in wanted.items() if not python_for(core)}
    absent = [f"NOT RUN  {name}: needs Python {versions}, and there is none here" for name, versions in lacking.items()]
    why = "the integration targets drive the same roles on every core"
    absent.append(f"IN PART  molecule: on ansible-core {newest()} only; {why}")
    if part == "test":
        # What is seldom broken in the time that it takes: see CONTRIBUTING.md.
        between = [core for core in CORES if core not in {newest(), list(CORES)[-1]}]
        left = {"awx", "events", *(f"{kind}-{core}" for kind in KINDS for core in between)} - lacking.keys()
        absent += [f"NOT RUN  {name}: make ci runs it" for name in left]
        lacking |= dict.fromkeys(left, "")
    # The longest sessions go first, so that none of them is left over for the end.
    sessions = [session for session in wanted if session not in lacking]
    first = (
        "emulator",
        "awx",
        f"integration-{newest()}",
        f"units-{newest()}",
        f"sanity-{newest()}",
        "long",
        "molecule",
    )
    sessions.sort(key=lambda session: first.index(session) if session in first else len(first))
    return sessions, ["coverage"], absent


def run(session: str) -> tuple[bool, str, list[str]]:
    """Run one session; its output appears in one piece when it is done, and stays in build/logs.

    Return whether it passed, its lines in the summary, and the lines about what it left out.
    """
    with SCREEN:
        print(f"######## {session} ...", flush=True)
    start = time.monotonic()
    log = BUILD / "logs" / f"{session}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    env = os.environ | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "THOROUGH": str(int(sys.argv[1:] == ["ci"]))}
    command = [sys.executable, "-m", "nox", "--non-interactive", "--session", session]
    with log.open("wb") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT
        )
    # With what all of its own processes used.
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds, cpu = time.monotonic() - start, used.ru_utime + used.ru_stime
    text = log.read_text(encoding="utf-8", errors="replace")
    with SCREEN:
        print(f"\n######## {session} ({seconds:.0f} s)\n{text}", flush=True)
    passed = process.returncode == 0
    lines = [f"{'passed' if passed else 'FAILED'}  {seconds:5.0f} s  {cpu:5.0f} s CPU  {session}"]
    lines += [f"    {line}" for line in text.splitlines() if PYTEST.match(line)]
    return passed, "\n".join(lines), UNDONE.findall(text)


def main() -> int:
    """Run a part and return the exit status."""
    side_by_side, after, absent = plan(sys.argv[1])
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        results = list(pool.map(run, side_by_side))
    results += [run(session) for session in after]
    print(f"\n######## summary ({time.monotonic() - start:.0f} s)")
    for _passed, lines, undone in results:
        print(lines)
        absent += undone
    print("\n".join(sorted(absent)))
    return 0 if all(passed for passed, _lines, _undone in results) else 1


if __name__ == "__main__":
    sys.exit(main())
