# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module in check mode, for real, and once more, each time as a task does, and count the requests of each run.

Three tasks and what they need around them take half a second; this takes what the runs take.
"""

from __future__ import annotations

import contextlib
import json
import os

from ansible.plugins.action import ActionBase
from ansible.plugins.loader import lookup_loader

try:
    from ansible._internal._display_utils import DeferredWarningContext
except ImportError:  # ansible-core 2.16 leaves the warnings in the result
    DeferredWarningContext = None


class ActionModule(ActionBase):
    """Options: ``module``, ``args``, ``switches`` and ``faults`` of the tenant, and the ``runs`` that are wanted."""

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        wanted = self._task.args
        tenant = lookup_loader.get("tenant", loader=self._loader, templar=self._templar)
        tenant.run(["arrange"], task_vars, switches=wanted.get("switches"), faults=wanted.get("faults"))
        for name in wanted["runs"]:
            # What is predicted, and that nothing is left to do, is compared with what was done; the start of a module for it
            # would tell nothing more. Check mode reaches a module in eightbyeight_roster and in the unit tests of the modules.
            way = {} if name == "done" else {"ansible_eightbyeight_direct": True}
            result[name] = self._in_a_process(wanted, name == "predicted", {**task_vars, **way})
            (result[name]["requests"],) = tenant.run(["take"], task_vars)
        return result

    def _in_a_process(self, wanted, check_mode, task_vars):
        """Each task is a fork of its own, so that no connection and no rate is left from the one before."""
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.close(reader)
            try:
                answer = {"result": self._once(wanted, check_mode, task_vars)}
            except Exception as problem:  # noqa: BLE001 - told by whoever waits for it
                answer = {"crash": repr(problem)}
            with os.fdopen(writer, "w", encoding="utf-8") as file:
                json.dump(answer, file, default=str)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, encoding="utf-8") as file:
            answer = json.load(file)
        os.waitpid(child, 0)
        return answer

    def _once(self, wanted, check_mode, task_vars):
        task = self._task.copy()
        task.action = wanted["module"]
        task.args = {
            "api_url": str(task_vars["emulator_url"]),
            "api_token": str(task_vars["emulator_api_token"]),
            **wanted["args"],
        }
        task.check_mode = check_mode
        task.diff = True
        with (
            DeferredWarningContext(variables=task_vars) if DeferredWarningContext else contextlib.nullcontext() as told
        ):
            result = self._action(task).run(task_vars=task_vars)
        # A module's are in the result, as objects from ansible-core 2.19 on.
        warnings = (told.get_warnings() if told else []) or result.get("warnings") or []
        texts = [warning if isinstance(warning, str) else warning.event.msg for warning in warnings]
        return {**result, "warnings": texts}

    def _action(self, task):
        return self._shared_loader_obj.action_loader.get(
            task.action,
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
