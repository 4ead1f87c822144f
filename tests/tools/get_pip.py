# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand in for the script that ansible-test downloads to put pip into an empty environment, and for the pip that it puts there.

ansible-test makes an environment for almost every sanity test; uv fills one in less than a second, pip in six. This file is found
in ansible-test's cache, with ``uv.json`` beside it, which says where uv is and how it reaches the package index.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

here = Path(__file__).parent
if here.name != "pip":
    package = Path(sysconfig.get_path("purelib"), "pip")
    package.mkdir()
    shutil.copy(__file__, package / "__main__.py")
    shutil.copy(here / "uv.json", package)
    # ansible-test asks for pip itself here, and sometimes for what pip needs to build; no test needs that.
    sys.exit(0)

settings = json.loads((here / "uv.json").read_text(encoding="utf-8"))
command, *arguments = sys.argv[1:]
if command == "uninstall":
    # What ansible-test takes out when all is installed is pip and what belongs to it: this.
    shutil.rmtree(here)
    sys.exit(0)
# Compiled as pip does it: a warning of the compiler would else come in the middle of a test, which fails for it.
line = [settings["command"], "pip", command, "--quiet", "--compile-bytecode", "--python", sys.executable, *arguments]
sys.exit(subprocess.run(line, env={**os.environ, **settings["env"]}, check=False).returncode)
