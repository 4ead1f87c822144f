# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Install Debian's Chromium where it is missing and may be installed, and say where nothing could run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from chromium import program


def pytest_configure() -> None:
    """Install Chromium."""
    if program() or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    settings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get -qq update", "apt-get -qq install -y --no-install-recommends chromium"):
        done = subprocess.run(command.split(), env=settings, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{command}: {done.stderr.strip()}", file=sys.stderr)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say that nothing could run."""
    if not program():
        terminalreporter.write_line("NOT RUN  browser: there is no Chromium, and apt-get could not install it")
