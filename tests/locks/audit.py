# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask a package index and a vulnerability service about every pin of the locks. Standard library only; needs uv and pip-audit.

What could not be asked is told in lines that start with NOT RUN, which the summary of make test repeats; what programs say about
addresses stays unsaid, for it goes to logs.
"""

from __future__ import annotations

import collections
import concurrent.futures
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from locks import Pin, bare, compiled, lock, pins, wanted

# What pip-audit and the libraries below it say where a service is not to be had.
UNREACHABLE = re.compile(r"ConnectionError|ServiceError|Timeout|Could not connect|Max retries")
COMPLAINT = re.compile(r"^ERROR:pip_audit\S*?:(.*)$", re.MULTILINE)
YANKED = re.compile(r"^warning: `([^`]+)` is yanked", re.MULTILINE)

Release = tuple[str, str]


def indexed(name: str) -> tuple[list[str], list[str]]:
    """Return what the index says against the pins of a lock, or the name of the lock if it does not answer.

    Every file that the lock would take has to be there still, with the same hash, and its release must not be withdrawn.
    """
    locked = pins(lock(name).read_text(encoding="utf-8"))
    answer = compiled(name, bare(name))
    if answer.returncode == 1:  # 2 means that nobody answered
        return [f"{name}: the index lacks a release or a wheel of it"], []
    if answer.returncode:
        return [], [name]
    found = {(pin.name, pin.version): pin.hashes for pin in pins(answer.stdout)}
    wrong = [f"{name}: {release} was withdrawn (yanked)" for release in YANKED.findall(answer.stderr)]
    for pin in locked:
        gone = pin.hashes - found.get((pin.name, pin.version), frozenset())
        if gone:
            wrong.append(f"{name}: {pin.name} {pin.version}: the index has no file with {len(gone)} of its hashes")
    return wrong, []


def _ask(service: str, releases: list[Release]) -> list[dict[str, Any]]:
    """Return what pip-audit tells of releases: nothing if the service does not answer."""
    command = ["pip-audit", *"--disable-pip --no-deps --progress-spinner off --timeout 5 --format json".split()]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pins.txt")
        path.write_text("".join(f"{name}=={version}\n" for name, version in releases), encoding="utf-8")
        command += ["--vulnerability-service", service, "--requirement", str(path)]
        answer = subprocess.run(command, check=False, capture_output=True, text=True)
    if answer.stdout:
        return list(json.loads(answer.stdout)["dependencies"])
    if UNREACHABLE.search(answer.stderr):
        return []
    raise RuntimeError(f"pip-audit failed: {' '.join(COMPLAINT.findall(answer.stderr))}")


def vulnerable(releases: set[Release]) -> tuple[list[str], list[str]]:
    """Return known vulnerabilities of releases, and what could not be asked.

    Of a lock pip-audit would look only at the pins for the Python it runs on, so it gets bare pins. It wants no package twice;
    the versions of one are neighbors in order and go to different runs of it.
    """
    ordered = sorted(releases)
    count = max(collections.Counter(name for name, _version in releases).values())
    reasons = []
    for service in ("pypi", "osv"):
        told: list[dict[str, Any]] = []
        for run in range(count):
            told += _ask(service, ordered[run::count])
            # A service for others, or a mirror without one: no need to ask on.
            if not any("vulns" in package for package in told):
                reasons.append(f"{service} {f'knows none of {len(told)}' if told else 'does not answer'}")
                break
        else:
            known = {(package["name"], package["version"]): package["vulns"] for package in told if "vulns" in package}
            wrong = [
                f"{name} {version}: {flaw['id']} {' '.join(flaw['aliases'])}; "
                f"fixed in {', '.join(flaw['fix_versions']) or 'no release'}"
                for (name, version), flaws in known.items()
                for flaw in flaws
            ]
            unknown = ", ".join(f"{name} {version}" for name, version in sorted(releases - known.keys()))
            return wrong, [f"vulnerabilities of {unknown}: {service} told nothing of them"] if unknown else []
    return [], [f"vulnerabilities of {len(releases)} releases: {'; '.join(reasons)}"]


def main() -> int:
    """Ask everybody and tell; return the exit status."""
    names = wanted()
    every: set[Pin] = {pin for name in names for pin in pins(lock(name).read_text(encoding="utf-8"))}
    releases = {(pin.name, pin.version) for pin in every}
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(indexed, names))
    flaws, unasked = vulnerable(releases)
    wrong = [line for verdict in verdicts for line in verdict[0]] + flaws
    if unanswered := [name for verdict in verdicts for name in verdict[1]]:
        which = f"{len(unanswered)} of {len(names)} locks"
        unasked.append(f"hashes and withdrawn releases of {which}: the package index does not answer")
    files = len(set().union(*(pin.hashes for pin in every)))
    print(f"{len(names)} locks, {len(releases)} releases, {files} files; {len(wrong)} complaints")
    print("\n".join([*wrong, *(f"NOT RUN  audit: {line}" for line in unasked)]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
