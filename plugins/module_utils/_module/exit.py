# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The operation of a module, run as a module: the one file besides argspec that knows Ansible."""

from __future__ import annotations

import gc
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from .argspec import ArgumentSpec
from .libraries import library_error, unsuitable_libraries
from .masking import shown_arguments, shown_warnings, without_secrets
from .runtime import Operation


class _Module(AnsibleModule):
    """An AnsibleModule that never shows a secret, and that fails with the keys of every other outcome.

    AnsibleModule forgets every ``no_log`` value when it cannot read a suboption (a phone number given as text, say), and then
    its failure shows all arguments as they came. It looks for a secret as it was given, which may have a line break at its end;
    a server repeats it as it was sent. From ansible-core 2.22 on it leaves the result as it is, and Ansible masks what it shows;
    but what a playbook registers, caches or writes into a file must not hold a secret either.
    """

    def __init__(self, spec: ArgumentSpec, operation: Operation) -> None:
        self._operation = operation
        super().__init__(**spec._asdict(), supports_check_mode=True)  # type: ignore[no-untyped-call,unused-ignore]

    def exit_json(self, **kwargs: Any) -> Any:
        super().exit_json(**self._shown(kwargs))

    def fail_json(self, msg: str, **kwargs: Any) -> Any:
        super().fail_json(**self._shown({**self._operation.refused(msg), **kwargs}))

    def _shown(self, result: dict[str, Any]) -> dict[str, Any]:
        # What AnsibleModule would look for is struck out here. A token of a single blank would leave no message readable.
        self.no_log_values.clear()
        return without_secrets({**result, "invocation": {"module_args": shown_arguments(self.params)}}, self.params)


def run_module(spec: ArgumentSpec, operation: Operation) -> None:
    """Run as the module that has these options."""
    # What was imported stays until the process ends. To take it apart then would cost a tenth of the whole task.
    gc.freeze()
    run(_Module(spec, operation), operation)


def run(module: AnsibleModule, operation: Operation) -> None:
    """Run an operation for a module, and end it."""
    if faults := unsuitable_libraries():
        module.fail_json(**library_error(faults).to_result())
    outcome = operation(module.params, module.check_mode)
    for warning in shown_warnings(outcome.warnings, module.params):
        module.warn(warning)
    if outcome.failed:
        module.fail_json(**outcome.result)
    module.exit_json(**outcome.result)
