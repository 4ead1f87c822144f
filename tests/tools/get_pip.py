# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stand in for the script that ansible-test downloads to put pip into an empty environment.

Python brings pip along, and the configured package index has the rest, so nothing else
needs to be reachable. ansible-test finds this file in its cache and does not download.
Where the noxfile laid ``uv.json`` beside it, uv takes the place of pip: see uv_as_pip.py.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

settings = Path(__file__).with_name("uv.json")
if settings.exists():
    package = Path(sysconfig.get_path("purelib"), "pip")
    package.mkdir()
    shutil.copy(settings.with_name("uv_as_pip.py"), package / "__main__.py")
    shutil.copy(settings, package)
    # ansible-test asks for pip itself here, and sometimes for what pip needs to build; no test needs that.
    sys.exit(0)

# In a process of its own: ensurepip turns pip's configuration files off for the process it runs in.
subprocess.run([sys.executable, "-m", "ensurepip", "--default-pip"], check=True, stdout=subprocess.DEVNULL)

arguments = [argument for argument in sys.argv[1:] if argument not in {"--no-setuptools", "--no-wheel"}]
# Twice quiet: pip would else warn of each index location that lacks a package.
sys.exit(subprocess.run([sys.executable, "-m", "pip", "install", "-qq", *arguments], check=False).returncode)
