# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start the emulator, as a module or as a directory."""

import sys
from pathlib import Path

if not __package__:
    # Run as a directory, Python puts this directory on the path; the package is the one above it.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import needed

if __name__ == "__main__" and (trouble := needed.fault()):
    sys.exit(trouble)

from eightbyeight_emulator.cli import main

if __name__ == "__main__":
    sys.exit(main())
