# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the emulator needs: looked at before it is imported, to say in one sentence what is wrong."""

from __future__ import annotations

import importlib.metadata
import re
import sys

OLDEST_PYTHON = (3, 11)
#: Libraries with the oldest release that was tested, and the first that is not known yet.
LIBRARIES = {"scim2-server": ("0.8", "0.9"), "scim2-models": ("0.12", "0.13")}


def requirements() -> list[str]:
    """Return the libraries as requirements for pip."""
    return [f"{name}>={oldest},<{below}" for name, (oldest, below) in LIBRARIES.items()]


def fault() -> str | None:
    """Say why the emulator cannot run on this Python, all of it, or return None."""
    faults = []
    if sys.version_info < OLDEST_PYTHON:
        faults.append(f"this is Python {sys.version_info[0]}.{sys.version_info[1]}")
    for name, (oldest, below) in LIBRARIES.items():
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            faults.append(f"{name} is missing")
            continue
        if _numbers(version) < _numbers(oldest):
            faults.append(f"{name} {version} is too old")
        elif _numbers(version) >= _numbers(below):
            faults.append(f"{name} {version} is too new")
    if not faults:
        return None
    wanted = " ".join(f"'{requirement}'" for requirement in requirements())
    return (
        f"The emulator needs Python 3.11 or newer with {' and '.join(requirements())}, and in {sys.executable} "
        f"{' and '.join(faults)}. Run: {sys.executable} -m pip install {wanted}"
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])
