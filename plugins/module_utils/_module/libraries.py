# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Which libraries the engine needs, which releases of them were tested, and what to say where they are missing.

The bounds stand here; ``meta/ee-requirements.txt``, the README and the emulator repeat them, and a test compares.
"""

from __future__ import annotations

import importlib.util
import os
import re
import sys
from collections.abc import Sequence
from typing import NamedTuple

from .._errors import EightByEightError
from .._http import transport

_TOO_OLD, _TOO_NEW = "is too old", "is too new"


class Library(NamedTuple):
    """A library and its releases that were tested: from the oldest on, and below the first that is not known yet."""

    name: str
    oldest: str
    below: str

    def __str__(self) -> str:
        """Return it as a requirement for pip."""
        return f"{self.name}>={self.oldest},<{self.below}"

    def fault_of(self, version: str | None) -> str | None:
        """Say what is wrong with a release, or return None. One whose number cannot be read is accepted."""
        found = _numbers(version or "")
        if found and found < _numbers(self.oldest):
            return f"{self.name} {version} {_TOO_OLD}"
        if found and found >= _numbers(self.below):
            return f"{self.name} {version} {_TOO_NEW}"
        return None


#: The release of RHEL 9.
REQUESTS = Library("requests", "2.25.1", "3")
#: The first release that accepts a number for a text.
PYDANTIC = Library("pydantic", "2.4", "3")


class Unsuitable(NamedTuple):
    """What is wrong with the libraries of a Python.

    :param faults: One for each library, such as "requests is missing".
    :param traceback: How the import of one failed.
    """

    faults: Sequence[str] = ()
    traceback: str | None = None

    def error(self) -> EightByEightError:
        """Return the failure of a task that needs them."""
        names = " and ".join(self.faults)
        wanted = " ".join(f"'{library}'" for library in (REQUESTS, PYDANTIC))
        of_another_release = all(fault.endswith((_TOO_OLD, _TOO_NEW)) for fault in self.faults)
        return EightByEightError(
            f"The Python of this task, {sys.executable} on {os.uname().nodename}, cannot run it: {names}. "
            f"Run: {sys.executable} -m pip install {wanted}. "
            "If another Python has them, set ansible_python_interpreter to it.",
            kind="wrong_library" if of_another_release else "missing_library",
        )


def unsuitable_libraries() -> Unsuitable:
    """Return what is wrong with the libraries of this Python."""
    return unsuitable(transport.REQUESTS_VERSION if transport.HAS_REQUESTS else None, transport.REQUESTS_IMPORT_ERROR)


def unsuitable(requests_version: str | None, traceback: str | None) -> Unsuitable:
    """Return what is wrong with a release of requests, and with the pydantic of this Python.

    :param requests_version: The release of requests that was imported, or None where it could not be.
    :param traceback: Why not.
    """
    if requests_version is None:
        reason = (traceback or "").strip().rpartition("\n")[2]
        there = importlib.util.find_spec("requests") is not None
        faults = [f"requests cannot be imported ({reason})" if there else "requests is missing"]
    else:
        faults = [REQUESTS.fault_of(requests_version) or ""]
    # Pydantic is looked for and not imported, which would take a tenth of a second: most tasks never need it.
    place = _place("pydantic")
    if place is None:
        faults.append("pydantic is missing")
    else:
        core = "" if _place("pydantic_core") else "pydantic_core, which belongs to pydantic, is missing"
        faults.append(PYDANTIC.fault_of(_pydantic_version(place)) or core)
    return Unsuitable([fault for fault in faults if fault], traceback)


def _place(package: str) -> str | None:
    """Return the folder of a package, or None where it cannot be imported."""
    spec = importlib.util.find_spec(package)
    return os.path.dirname(spec.origin) if spec and spec.origin else None


def _pydantic_version(place: str) -> str | None:
    """Read the version from the source. To import pydantic or importlib.metadata would take longer than most tasks."""
    try:
        with open(os.path.join(place, "version.py"), encoding="utf-8") as file:
            found = re.search(r"^VERSION\b[^=]*=\s*['\"]([^'\"]+)", file.read(), re.MULTILINE)
    except OSError:
        return None
    return found[1] if found else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version.split("+", maxsplit=1)[0])[:3])
