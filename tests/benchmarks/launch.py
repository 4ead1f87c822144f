# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command, and write its seconds, its peak kilobytes and the seconds of its processor to a file.

A process counts the memory of the one that forked it as its own; this one is small.
"""

import resource
import subprocess
import sys
import time
from pathlib import Path

began = time.monotonic()
status = subprocess.call(sys.argv[2:])
seconds = time.monotonic() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
Path(sys.argv[1]).write_text(f"{seconds} {used.ru_maxrss} {used.ru_utime + used.ru_stime}", encoding="utf-8")
sys.exit(status)
