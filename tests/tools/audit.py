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
import functools
import itertools
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from locks import Pin, bare, compiled, lock, pins, wanted

# uv's exit status where it found no answer to what was asked, unlike where nobody answered.
UNSOLVABLE = 1
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
    if answer.returncode == UNSOLVABLE:
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
    """Return what pip-audit tells of releases: nothing if the service does not answer.

    Raises:
        RuntimeError: pip-audit failed for another reason.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "pins.txt")
        path.write_text("".join(f"{name}=={version}\n" for name, version in releases), encoding="utf-8")
        answer = subprocess.run(
            [
                *("pip-audit", "--disable-pip", "--no-deps", "--progress-spinner", "off", "--timeout", "5"),
                *("--format", "json", "--vulnerability-service", service, "--requirement", str(path)),
            ],
            check=False,
            capture_output=True,
            text=True,
        )
    try:
        return list(json.loads(answer.stdout)["dependencies"])
    except ValueError:
        if UNREACHABLE.search(answer.stderr):
            return []
        raise RuntimeError(f"pip-audit failed: {' '.join(COMPLAINT.findall(answer.stderr))}") from None


def vulnerable(releases: set[Release]) -> tuple[list[str], list[str]]:
    """Return known vulnerabilities of releases, and what could not be asked.

    Of a lock pip-audit would look only at the pins for the Python it runs on, so it gets bare pins. It wants no package twice;
    the versions of one are neighbors in order and go to different runs of it.
    """
    ordered = sorted(releases)
    count = max(4, *collections.Counter(name for name, _version in releases).values())
    parts = [part for run in range(count) if (part := ordered[run::count])]
    reasons = []
    for service in ("pypi", "osv"):
        try:
            told = _ask(service, parts[0])
            # A service for others, or a mirror without one: no need to ask on.
            if any("vulns" in package for package in told):
                with concurrent.futures.ThreadPoolExecutor(4) as pool:
                    told += itertools.chain(*pool.map(functools.partial(_ask, service), parts[1:]))
        except RuntimeError as error:
            return [str(error)], []
        known = [package for package in told if "vulns" in package]
        if not known:
            reasons.append(f"{service} {f'knows none of {len(told)}' if told else 'does not answer'}")
            continue
        wrong = [
            f"{package['name']} {package['version']}: {flaw['id']} {' '.join(flaw['aliases'])}; "
            f"fixed in {', '.join(flaw['fix_versions']) or 'no release'}"
            for package in known
            for flaw in package["vulns"]
        ]
        unknown = sorted(releases - {(package["name"], package["version"]) for package in known})
        names = ", ".join(f"{name} {version}" for name, version in unknown)
        return wrong, [f"vulnerabilities of {names}: {service} told nothing of them"] if unknown else []
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
    unanswered = [name for verdict in verdicts for name in verdict[1]]
    if unanswered:
        which = f"{len(unanswered)} of {len(names)} locks"
        unasked.append(f"hashes and withdrawn releases of {which}: the package index does not answer")
    files = len(set().union(*(pin.hashes for pin in every)))
    print(
        f"{len(names)} locks, {len(releases)} releases, {files} files; {len(wrong)} complaints, {len(unasked)} questions not asked"
    )
    for line in wrong:
        print(line)
    for line in unasked:
        print(f"NOT RUN  audit: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
