# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make and read the locks in tests/requirements: what each environment installs, down to the bytes. Standard library only.

``NAME.in`` says what the environment NAME wants, ``NAME.txt`` is what pip installs for it on every Python and platform. A file
that others include starts with ``_``. As a program: make the locks with the given names anew, or all of them.
"""

from __future__ import annotations

import configparser
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from matrix import BUILD, CORES, OLDEST_TARGET, ROOT


def number(version: str) -> int:
    """Return what Pythons are sorted by."""
    return int(version[2:])


ROOM = ROOT / "tests" / "requirements"
# It stands beside nox; the sessions tell what they start.
UV = os.environ.get("UV") or shutil.which("uv", path=Path(sys.executable).parent) or str(BUILD / "tools/bin/uv")
# Settings without which a package index may be out of reach.
ON_THE_WAY = re.compile(r"UV_\w+|SSL_CERT_(FILE|DIR)|(https?|all|no)_proxy", re.IGNORECASE)
# The oldest Python of the demo and of the tools.
OLDEST_PYTHON = "3.11"
# These lack wheels for newer Pythons.
OLD = ("events", "oldest", f"target-{OLDEST_TARGET}")
NEWEST_PYTHON = max((version for versions in CORES.values() for version in versions), key=number)

# As uv calls them. There are no wheels of cryptography for Intel Macs any more.
PLATFORMS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "aarch64-apple-darwin")
# Wheels only: building one runs what its sources say. The exceptions are in the .in files, and come after this.
OPTIONS = ("--require-hashes", "--only-binary :all:")
HEADER = """\
# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Made by "make lock" from {name}.in; sha256 of that: {digest}
"""
REQUIREMENT = re.compile(
    r"^(?P<name>[a-z0-9.-]+)(?:\[[a-z0-9,-]+\])?==(?P<version>[a-z0-9.+!]+)(?: ; (?P<marker>[^\\\n]+?))?"
    r"(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n(?:    # via (?P<via>[a-zA-Z0-9\[\],./ _-]+)\n)?",
    re.MULTILINE,
)
EXCEPTION = re.compile(r"^--no-binary [a-z0-9-]+$", re.MULTILINE)
INCLUDE = re.compile(r"^-r (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Pin:
    """One release that a lock holds, for the environments its marker is true of."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]
    via: tuple[str, ...]


def wanted(room: Path = ROOM) -> list[str]:
    """Return the names of the environments."""
    return sorted(path.stem for path in room.glob("*.in") if not path.stem.startswith("_"))


def lock(name: str, room: Path = ROOM) -> Path:
    """Return the path of the lock of an environment."""
    return room / f"{name}.txt"


def oldest_python(name: str) -> str:
    """Return the oldest Python that the lock of an environment serves."""
    if name == f"target-{OLDEST_TARGET}":
        return OLDEST_TARGET
    return min(CORES.get(name.removeprefix("core-"), (OLDEST_PYTHON,)), key=number)


def _sources(path: Path) -> Iterator[str]:
    """Yield the text of a file and of what it includes."""
    text = path.read_text(encoding="utf-8")
    yield text
    for name in INCLUDE.findall(text):
        yield from _sources(path.parent / name)


def digest(name: str, room: Path = ROOM) -> str:
    """Return the SHA-256 of what a lock is made from, comments aside."""
    lines = "\n".join(_sources(room / f"{name}.in")).splitlines()
    return hashlib.sha256("\n".join(line for line in lines if line and line[0] != "#").encode()).hexdigest()


def options(name: str, room: Path = ROOM) -> list[str]:
    """Return the options a lock gives to pip; their order counts."""
    return [*OPTIONS, *EXCEPTION.findall("\n".join(_sources(room / f"{name}.in")))]


def pins(text: str) -> list[Pin]:
    """Return what a lock holds."""
    return [
        Pin(
            name=match["name"],
            version=match["version"],
            marker=match["marker"] or "",
            hashes=frozenset(re.findall(r"sha256:([0-9a-f]{64})", match["hashes"])),
            via=tuple((match["via"] or "").split(", ")),
        )
        for match in REQUIREMENT.finditer(text)
    ]


def complaints(name: str, room: Path = ROOM) -> list[str]:
    """Return what is wrong with a lock, as far as it shows without a package index."""
    path = lock(name, room)
    if not path.exists():
        return [f"{path.name} is missing"]
    text = path.read_text(encoding="utf-8")
    header, _blank, body = text.partition("\n\n")
    found = []
    if header + "\n" != HEADER.format(name=name, digest=digest(name, room)):
        found.append(f"{path.name} was not made from {name}.in as it is now")
    given, _blank, body = body.partition("\n\n")
    if given.split("\n") != options(name, room):
        found.append(f"{path.name} does not start with {', '.join(options(name, room))}")
    # Whatever is no pin with hashes: an unpinned name, a missing hash, an index, an address, a path.
    found += [
        f"{path.name} has a line that is no pin with hashes: {line}"
        for line in REQUIREMENT.sub("", body).split("\n")
        if line
    ]
    named = {pin.name for pin in pins(body)}
    asked = re.findall(r"^[A-Za-z0-9][A-Za-z0-9._-]*", "\n".join(_sources(room / f"{name}.in")), re.MULTILINE)
    absent = sorted({re.sub(r"[._-]+", "-", word).lower() for word in asked} - named)
    found += [f"{path.name} lacks {word}" for word in absent]
    return found


def uv_settings() -> dict[str, str]:
    """Return how uv reaches the index that pip asks, for it reads nothing of pip's; without what is in the environment already."""
    file = os.environ.get("PIP_CONFIG_FILE")
    configured = configparser.RawConfigParser()
    configured.read([file] if file else [Path.home() / ".pip/pip.conf", Path.home() / ".config/pip/pip.conf"])
    settings = {"UV_SYSTEM_CERTS": "true", "UV_BUILD_CONSTRAINT": str(lock("backends"))}
    # Not below the checkout, where reuse trips over files that come and go.
    settings["UV_CACHE_DIR"] = str(Path.home() / ".cache" / "uv")
    for name, option in {"UV_DEFAULT_INDEX": "index-url", "SSL_CERT_FILE": "cert", "ALL_PROXY": "proxy"}.items():
        value = os.environ.get(f"PIP_{option.replace('-', '_').upper()}")
        if value := value or configured.get("global", option, fallback=""):
            settings[name] = value
    return {name: value for name, value in settings.items() if name not in os.environ}


def installing(environment: str, requirements: str) -> list[list[str]]:
    """Return the commands that install a lock into an environment and check that it is complete. Nothing is resolved."""
    install = [UV, "pip", "install", "--quiet", "--no-deps", "--python", environment, "-r", requirements]
    return [install, [UV, "pip", "check", "--quiet", "--python", environment]]


def strays(room: Path = ROOM) -> list[str]:
    """Return locks that no environment asks for."""
    return sorted(path.name for path in room.glob("*.txt") if path.stem not in wanted(room))


def bare(name: str) -> str:
    """Return the pins of a lock as requirements without hashes."""
    locked = pins(lock(name).read_text(encoding="utf-8"))
    return "\n".join(f"{pin.name}=={pin.version}{pin.marker and f' ; {pin.marker}'}" for pin in locked)


def compiled(
    name: str, requirements: str | None = None, *, python: str = "", platform: str = ""
) -> subprocess.CompletedProcess[str]:
    """Let uv make a lock, either of what its environment wants or of exactly these requirements; for one platform or for all."""
    source = [f"{name}.in"] if requirements is None else ["-", "--no-deps"]
    building = [word for option in options(name)[1:] for word in option.split()]
    # With the Python that is there: uv needs none, but would look for one of the version, and download it.
    where = ["--python", sys.executable, "--no-python-downloads", "--python-version", python or oldest_python(name)]
    where += ["--python-platform", platform] if platform else ["--universal"]
    command = [
        UV,
        "pip",
        "compile",
        *source,
        *where,
        *building,
        *"--generate-hashes --no-header --annotation-style line".split(),
    ]
    return subprocess.run(command, cwd=ROOM, check=False, input=requirements, capture_output=True, text=True)


def unusable(name: str) -> list[str]:
    """Return where the wheels of a lock cannot be installed: uv is content with a release that has any wheel for anything."""
    pythons = {oldest_python(name)} | ({NEWEST_PYTHON} if name not in OLD else set())
    return [
        f"{name}: not to be had on {platform} with Python {python}: {answer.stderr}"
        for platform in PLATFORMS
        for python in sorted(pythons)
        if (answer := compiled(name, bare(name), python=python, platform=platform)).returncode
    ]


def main() -> int:
    """Make locks anew; return the exit status."""
    for name in sys.argv[1:] or wanted():
        answer = compiled(name)
        if answer.returncode:
            print(answer.stderr, file=sys.stderr)
            return 1
        header = HEADER.format(name=name, digest=digest(name))
        lock(name).write_text("\n".join([header, *options(name), "", answer.stdout]), encoding="utf-8")
        print(f"{name}: {len(pins(answer.stdout))} pins")
    for stray in strays():
        (ROOM / stray).unlink()
        print(f"{stray} removed: no environment asks for it")
    wrong = [line for name in wanted() for line in complaints(name)]
    wrong += [line for name in sys.argv[1:] or wanted() for line in unusable(name)]
    print("".join(f"{line}\n" for line in wrong), end="", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
