# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The required libraries, their tested releases, and the error if one is missing.

``meta/ee-requirements.txt``, the README and the emulator repeat these releases, and a test compares them.
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
    """A library and its tested releases: at least ``oldest``, and less than ``below``."""

    name: str
    oldest: str
    below: str

    def __str__(self) -> str:
        """Return it as a requirement for pip."""
        return f"{self.name}>={self.oldest},<{self.below}"

    def fault_of(self, version: str | None) -> str | None:
        """Return what is wrong with a release, or None. A version that cannot be parsed is accepted."""
        found = _numbers(version or "")
        if not found or _numbers(self.oldest) <= found < _numbers(self.below):
            return None
        return f"{self.name} {version} {_TOO_OLD if found < _numbers(self.oldest) else _TOO_NEW}"


#: RHEL 9 has 2.25.1.
REQUESTS = Library("requests", "2.25.1", "3")
#: 2.4 is the first release that accepts a number where a text is expected.
PYDANTIC = Library("pydantic", "2.4", "3")


def unsuitable_libraries() -> list[str]:
    """Return what is wrong with the libraries of this Python, such as "requests is missing"."""
    return [fault for fault in (_fault_of_requests(), _fault_of_pydantic()) if fault]


def library_error(faults: Sequence[str]) -> EightByEightError:
    """Return the error of a task without the required libraries."""
    required = " ".join(f"'{library}'" for library in (REQUESTS, PYDANTIC))
    of_another_release = all(fault.endswith((_TOO_OLD, _TOO_NEW)) for fault in faults)
    return EightByEightError(
        f"The Python of this task, {sys.executable} on {os.uname().nodename}, cannot run it: {' and '.join(faults)}. "
        f"Run: {sys.executable} -m pip install {required}. "
        "If another Python has them, set ansible_python_interpreter to it.",
        kind="wrong_library" if of_another_release else "missing_library",
    )


def _fault_of_requests() -> str | None:
    if transport.REQUESTS_VERSION is not None:
        return REQUESTS.fault_of(transport.REQUESTS_VERSION)
    return (
        f"requests cannot be imported ({transport.REQUESTS_TROUBLE})" if _folder("requests") else "requests is missing"
    )


def _fault_of_pydantic() -> str | None:
    """Check pydantic without importing it, which would take a tenth of a second, and most tasks do not need it."""
    folder = _folder("pydantic")
    if folder is None:
        return "pydantic is missing"
    core = None if _folder("pydantic_core") else "pydantic_core, which belongs to pydantic, is missing"
    return PYDANTIC.fault_of(_pydantic_version(folder)) or core


def _folder(package: str) -> str | None:
    """Return the folder of a package, or None if it cannot be imported."""
    spec = importlib.util.find_spec(package)
    return os.path.dirname(spec.origin) if spec and spec.origin else None


def _pydantic_version(folder: str) -> str | None:
    """Read the version from the source code. Importing pydantic or importlib.metadata takes longer than most tasks."""
    try:
        with open(os.path.join(folder, "version.py"), encoding="utf-8") as file:
            found = re.search(r"^VERSION\b[^=]*=\s*['\"]([^'\"]+)", file.read(), re.MULTILINE)
    except OSError:
        return None
    return found[1] if found else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version.split("+", maxsplit=1)[0])[:3])
