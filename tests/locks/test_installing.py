# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lock installs tomorrow too: with the pip of each Python, and with newer releases of everything in sight (law 13).

Each lock is played with packages that are made up: its names, releases and markers, wheels of nothing, and what "via" says of who
asks for whom. Each package asks for the others with an extra, because pip looks at the newest release of such a requirement before
it looks at the pin, and then asks for a hash of that. So this takes no network, and seconds.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import locks
import pytest
from matrix import CORES, ROOT, interpreter

#: The supported Pythons that are here, each with the pip that it brings along.
PYTHONS = sorted(
    {version for versions in CORES.values() for version in versions if interpreter(version)}, key=locks.number
)
INSTALLED = [name for name in locks.wanted() if not name.startswith("target-")]
#: What pip installs, and not uv.
BY_MAKE = sorted(set(re.findall(r"\$\(BUILD\)/([\w-]+)/installed", (ROOT / "Makefile").read_text(encoding="utf-8"))))


def wheel(folder: Path, name: str, version: str, needed: list[str]) -> str:
    """Make a wheel of nothing, and return its SHA-256."""
    stem = f"{name.replace('-', '_')}-{version}"
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", "Provides-Extra: more"]
    lines += [f"Requires-Dist: {other}[more]" for other in needed]
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{stem}.dist-info/METADATA", "\n".join([*lines, ""]))
        archive.writestr(f"{stem}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{stem}.dist-info/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def played(name: str, folder: Path) -> Path:
    """Make wheels of all that a lock holds, and newer ones, and return the lock with their hashes."""
    text = locks.lock(name).read_text(encoding="utf-8")
    pins = locks.pins(text)

    def with_hash(match: re.Match[str]) -> str:
        # What only some environments get may not be asked for by the others.
        needed = sorted({pin.name for pin in pins if match["name"] in pin.via and not pin.marker})
        made = wheel(folder, match["name"], match["version"], needed)
        wheel(folder, match["name"], f"{int(re.findall(r'[0-9]+', match['version'])[0]) + 1000}.0", needed)
        return match[0].replace(match["hashes"], f" \\\n    --hash=sha256:{made}")

    path = folder / "lock.txt"
    path.write_text(locks.EXCEPTION.sub("", locks.REQUIREMENT.sub(with_hash, text)), encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=PYTHONS[:1] + PYTHONS[1:][-1:])
def python(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python of an environment as make makes it."""
    path = tmp_path_factory.mktemp(request.param)
    subprocess.run([str(interpreter(request.param)), "-m", "venv", str(path)], check=True)
    return str(path / "bin" / "python")


def by_make() -> list[list[str]]:
    """Return how make installs and checks, as arguments of a Python."""
    command = ["make", "--always-make", "--dry-run", "build/demo/installed"]
    shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [line.split() for line in re.findall(r'"build/demo/bin/python" (-m pip .*?);', shown)]


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    settings = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(folder),
        "UV_NO_INDEX": "1",
        "UV_OFFLINE": "1",
        "UV_FIND_LINKS": str(folder),
        "UV_CACHE_DIR": str(folder / "cache"),
    }
    return subprocess.run(command, env=settings, cwd=folder, check=False, capture_output=True, text=True)


@pytest.mark.parametrize("name", BY_MAKE)
def test_pip_installs_a_lock_as_make_does_whatever_is_released_meanwhile(
    python: str, name: str, tmp_path: Path
) -> None:
    path = played(name, tmp_path)
    installing, checking = by_make()
    assert checking[-2:] == ["check", "-qq"]
    done = run([python, *installing[:-1], str(path), "--dry-run", "--ignore-installed"], tmp_path)
    assert done.returncode == 0, done.stderr


def test_the_oldest_pip_would_trip_over_a_newer_release(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What the other tests would look like without --no-deps: a proof that they see it."""
    path = tmp_path_factory.mktemp("oldest")
    subprocess.run([str(interpreter(PYTHONS[0])), "-m", "venv", str(path)], check=True)
    (installing, _checking) = by_make()
    command = [str(path / "bin" / "python"), *(word for word in installing[:-1] if word != "--no-deps")]
    done = run([*command, str(played("demo", tmp_path)), "--dry-run", "--ignore-installed"], tmp_path)
    assert done.returncode != 0
    assert "In --require-hashes mode" in done.stderr


@pytest.mark.parametrize("name", INSTALLED)
def test_nox_installs_a_lock_whatever_is_released_meanwhile_and_checks_it(name: str, tmp_path: Path) -> None:
    python = interpreter(locks.oldest_python(name)) or sys.executable
    path, environment = played(name, tmp_path), str(tmp_path / "environment")
    subprocess.run([python, "-m", "venv", "--without-pip", environment], check=True)
    install, check = locks.installing(environment, str(path))
    # The sessions of antsibull-nox let uv resolve what is in a lock.
    for command in ([word for word in install if word != "--no-deps"], install):
        done = run(command, tmp_path)
        assert done.returncode == 0, done.stderr
    assert run(check, tmp_path).returncode == 0
    # One that somebody needs is gone, and the check tells.
    names = [pin.name for pin in locks.pins(path.read_text(encoding="utf-8")) if not pin.marker and len(pin.via) > 1]
    if names:
        uninstall = [locks.UV, "pip", "uninstall", "--quiet", "--python", environment, names[0]]
        assert run(uninstall, tmp_path).returncode == 0
        assert run(check, tmp_path).returncode != 0
