# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Be ``pip`` in an environment of ansible-test, and let uv do the work.

ansible-test makes an environment for almost every sanity test, and each takes pip six seconds, uv less than one.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

here = Path(__file__).parent
settings = json.loads((here / "uv.json").read_text(encoding="utf-8"))
command, *arguments = sys.argv[1:]
if command == "uninstall":
    # What ansible-test takes out when all is installed is pip and what belongs to it: this.
    shutil.rmtree(here)
    sys.exit(0)
# Compiled like pip does it: a warning of the compiler would else come in the middle of a test, which fails for it.
line = [settings["command"], "pip", command, "--quiet", "--compile-bytecode", "--python", sys.executable, *arguments]
sys.exit(subprocess.run(line, env={**os.environ, **settings["env"]}, check=False).returncode)
