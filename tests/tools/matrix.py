# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which ansible-core is tested on which Python, and where things are. Standard library only."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
# Whatever is started from here keeps what Python compiled, outside of the checkout: without it, ansible-playbook needs three
# times as long to start, and an environment forbids it easily.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PYTHONPYCACHEPREFIX"] = str(BUILD / "cache" / "bytecode")

# Newest first. The Pythons are those the ansible-core release supports on a
# controller, from 3.11 on (scim2-server's oldest), in order of preference.
CORES: dict[str, tuple[str, ...]] = {
    "2.21": ("3.13", "3.12", "3.14"),
    "2.19": ("3.11", "3.12", "3.13"),
    "2.16": ("3.11", "3.12"),
}
# How a test calls a warning that it did not expect, the one failure on a pre-release that counts.
UNEXPECTED = "unexpected warnings"
# Where modules still run; pydantic 2 goes no further down.
OLDEST_TARGET = "3.9"


def collection_tree() -> Path:
    """Return a folder that holds this checkout as ansible_collections/eightbyeight/scim."""
    tree = BUILD / "collections"
    link = in_tree(tree)
    link.parent.mkdir(parents=True, exist_ok=True)
    # Relative, so that the checkout can be moved. Two sessions may come here at the same time.
    target = os.path.relpath(ROOT, link.parent)
    if not link.is_symlink() or str(link.readlink()) != target:
        new = link.with_name(f"scim.{os.getpid()}")
        new.symlink_to(target, target_is_directory=True)
        new.replace(link)
    return tree


def in_tree(tree: Path) -> Path:
    """Return where a tree of collections has this one."""
    return tree / "ansible_collections" / "eightbyeight" / "scim"


@functools.cache
def _works(command: str, version: str) -> str | None:
    """Return the real path of an interpreter that has this version and can make virtual environments."""
    code = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2], sys.executable)"
    try:
        answer = subprocess.run([command, "-c", code], check=False, capture_output=True, text=True, timeout=30)
    except OSError:
        return None
    words = answer.stdout.strip().split(" ", 1)
    return words[1] if answer.returncode == 0 and words[0] == version else None


def pyenv() -> Path:
    """Return where pyenv has its Pythons, if there are any."""
    return Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")


@functools.cache
def interpreter(version: str) -> str | None:
    """Find a Python; a pyenv shim answers only for selected versions, so look behind it too."""
    candidates = [shutil.which(f"python{version}"), shutil.which("python3")]
    versions = pyenv() / "versions"
    candidates += sorted(map(str, versions.glob(f"{version}.*/bin/python{version}")), reverse=True)
    return next((path for candidate in filter(None, candidates) if (path := _works(candidate, version))), None)


def python_for(core: str) -> tuple[str, str] | None:
    """Return version and path of the first Python that suits this ansible-core, or of this Python."""
    return next(((version, path) for version in CORES.get(core, (core,)) if (path := interpreter(version))), None)


def newest() -> str:
    """Return the newest ansible-core that has its Python here."""
    if not (core := next(filter(python_for, CORES), None)):
        raise SystemExit("No Python 3.11 or newer with its venv module was found; install one of them.")
    return core


def working_pythons(folder: Path) -> str:
    """Return a PATH without the shims of pyenv, some of which do not run: ansible-test trusts each Python that it finds.

    The folder gets a link to each one that does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for version in [f"3.{minor}" for minor in range(8, 16)]:
        (folder / f"python{version}").unlink(missing_ok=True)
        if path := interpreter(version):
            (folder / f"python{version}").symlink_to(path)
    others = [entry for entry in os.environ["PATH"].split(os.pathsep) if Path(entry) != pyenv() / "shims"]
    return os.pathsep.join([str(folder), *others])
