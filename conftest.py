# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make ``ansible_collections.eightbyeight.scim`` importable, whatever the checkout is called."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(ROOT / "tests" / "tools"), str(ROOT / "tests" / "plays")]

from matrix import collection_tree  # noqa: E402 - the line above makes it findable

sys.path.insert(0, str(collection_tree()))
