# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write down what every task of this collection returned, to compare two runs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: recorder
type: aggregate
short_description: Write down what every task of this collection returned
description: One JSON line a task goes to the file that E(EIGHTBYEIGHT_RECORD) names.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "recorder"
    CALLBACK_NEEDS_ENABLED = True

    def _record(self, answer: Any, outcome: str) -> None:
        task = answer.task if hasattr(answer, "task") else answer._task  # ansible-core 2.16 has the latter only
        result = answer.result if hasattr(answer, "result") else answer._result
        if "eightbyeight" in task.action or task.action == "scenario":
            line = {"task": task.get_name(), "action": task.action, "outcome": outcome, "result": dict(result)}
            with Path(os.environ["EIGHTBYEIGHT_RECORD"]).open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, default=str, sort_keys=True) + "\n")

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record(result, "ok")

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record(result, "failed")

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._record(result, "skipped")
