# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Load what every task and module would load anew, once: they are forks of this process, modules by :mod:`plays`."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

sys.path.append(str(Path(__file__).resolve().parents[2] / "plays"))
import plays

DOCUMENTATION = """
name: warm
type: aggregate
short_description: Load what every task would load anew, once
description: Filters, tests, what a task on this machine needs, modules, and the libraries of this collection.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "warm"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """Load it, and let a fork run the modules; it ends when nothing that this process started has the pipe any more."""
        plays.load()
        folder = Path(tempfile.mkdtemp())
        python = plays.lay_out(folder)
        ended, self._alive = os.pipe()
        if not os.fork():
            os.close(self._alive)
            plays.serve(folder, ended)
            os._exit(0)
        os.close(ended)
        sys.executable = python
