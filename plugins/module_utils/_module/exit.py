# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Runs an operation as an Ansible module. Besides argspec, only this file imports Ansible."""

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

    If AnsibleModule cannot read a suboption, such as a phone number given as text, it forgets every ``no_log`` value,
    and its failure shows all arguments. It also only finds a secret as it was given, maybe with a line break at its
    end, but a server repeats it as it was sent. From ansible-core 2.22 on, it does not mask the result, and Ansible
    masks only what it shows; but a registered or cached result, or one in a file, must have no secret either.
    """

    def __init__(self, spec: ArgumentSpec, operation: Operation) -> None:
        self._operation = operation
        super().__init__(**spec._asdict(), supports_check_mode=True)  # type: ignore[no-untyped-call,unused-ignore]

    def exit_json(self, **kwargs: Any) -> Any:
        super().exit_json(**self._shown(kwargs))

    def fail_json(self, msg: str, **kwargs: Any) -> Any:
        super().fail_json(**self._shown({**self._operation.refused(msg), **kwargs}))

    def _shown(self, result: dict[str, Any]) -> dict[str, Any]:
        # The secrets are masked here. AnsibleModule would also mask a token of one blank, in every message.
        self.no_log_values.clear()
        return without_secrets({**result, "invocation": {"module_args": shown_arguments(self.params)}}, self.params)


def run_module(spec: ArgumentSpec, operation: Operation) -> None:
    """Run an operation as the module with these options."""
    # Imported objects are kept until the process ends. To collect them then would take a tenth of the whole task.
    gc.freeze()
    run(_Module(spec, operation), operation)


def run(module: AnsibleModule, operation: Operation) -> None:
    """Run an operation for a module, and end the module."""
    if faults := unsuitable_libraries():
        module.fail_json(**library_error(faults).to_result())
    outcome = operation(module.params, module.check_mode)
    for warning in shown_warnings(outcome.warnings, module.params):
        module.warn(warning)
    if outcome.failed:
        module.fail_json(**outcome.result)
    module.exit_json(**outcome.result)
