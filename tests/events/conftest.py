# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install Debian's Java where it is missing and may be installed, and say where nothing could run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

#: What the rule engine of ansible-rulebook needs.
OLDEST_JAVA = 17


def has_java() -> bool:
    """Say whether there is a Java that is new enough."""
    if not shutil.which("java"):
        return False
    told = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', told)
    return version is not None and int(version[1]) >= OLDEST_JAVA


def pytest_configure() -> None:
    """Install Java."""
    if has_java() or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    settings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get -qq update", "apt-get -qq install -y --no-install-recommends openjdk-17-jre-headless"):
        done = subprocess.run(command.split(), env=settings, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{command}: {done.stderr.strip()}", file=sys.stderr)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip everything where there is none."""
    if not has_java():
        for item in items:
            item.add_marker(pytest.mark.skip(reason="no Java"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say that nothing could run."""
    if not has_java():
        terminalreporter.write_line(
            f"NOT RUN  events: there is no Java {OLDEST_JAVA}, and apt-get could not install it"
        )
