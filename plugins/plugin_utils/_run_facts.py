# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Adds facts of the controller to those of a run: who is logged in, and the installed versions."""

from __future__ import annotations

import contextlib
import getpass
import json
import platform
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.release import __version__ as ansible_version

_COLLECTION = Path(__file__).resolve().parents[2]


def run_facts(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that a role gives, with the user and the versions added."""
    versions = {
        "eightbyeight.scim": collection_version(),
        "ansible-core": ansible_version,
        "Python": platform.python_version(),
    }
    return {"user": operator(), "versions": versions, **given}


def operator() -> str:
    """Return who is logged in; empty in a container in which the user has no name."""
    with contextlib.suppress(OSError, KeyError, ImportError):
        return getpass.getuser()
    return ""


def collection_version() -> str:
    """Return the version of this collection; empty if it is not known."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        manifest = json.loads((_COLLECTION / "MANIFEST.json").read_text(encoding="utf-8"))
        return str(manifest["collection_info"]["version"])
    with contextlib.suppress(OSError):
        found = re.search(r"^version: *(\S+)", (_COLLECTION / "galaxy.yml").read_text(encoding="utf-8"), re.MULTILINE)
        return found[1] if found else ""
    return ""
