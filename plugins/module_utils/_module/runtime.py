# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What the doors of the engine share: validated options in, a result out. Whoever opens one needs no AnsibleModule.

Each module has a door of its own in a file of its own, so that none carries and loads what only another needs.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ansible.module_utils.basic import AnsibleModule

from .. import _client
from .._base.text import redact, redact_all, visible
from .._client import Connection, ScimClient
from .._errors import BadOptionError
from .libraries import Unsuitable, unsuitable


class Outcome(NamedTuple):
    """What a module exits with.

    :param result: The keys of the result; the same ones whether it failed or not.
    :param failed: Whether to fail.
    :param warnings: Lines for the user.
    """

    result: dict[str, Any]
    failed: bool = False
    warnings: Sequence[str] = ()


Connect = Callable[[Connection], ScimClient]


class Surroundings(NamedTuple):
    """What whoever runs an operation offers it.

    :param connect: Makes a client for a connection.
    :param tell: Shows a line to the person who waits, while the task runs; None where that is not possible.
    """

    connect: Connect = ScimClient
    tell: Callable[[str], None] | None = None


ALONE = Surroundings()

#: The options that are ``no_log``.
SECRET_OPTIONS = ("api_token",)
#: What stands in a result for the value of a secret option, as in the results of Ansible's own modules.
NOT_SHOWN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


class Operation(Protocol):
    """One thing that a module does: validated options in, an outcome out; it never raises for a failure."""

    def __call__(self, options: Mapping[str, Any], check_mode: bool, surroundings: Surroundings = ALONE) -> Outcome:
        """Do it."""
        raise NotImplementedError


def refused_options(msg: str, nothing: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of a task whose options Ansible itself refuses: the keys of every other outcome."""
    return {**nothing, **BadOptionError(msg).to_result(), "msg": msg}


class Module(AnsibleModule):
    """An AnsibleModule that never shows the token, and that fails with the keys of every other outcome.

    AnsibleModule forgets every ``no_log`` value when it cannot read a sub-option (a phone number given as text, say), and
    its failure then shows all arguments as they came. It looks for the token as it was given, which may have a line break
    at its end; a server repeats it as it was sent. From ansible-core 2.22 on, it leaves the result as it is, and Ansible masks
    what it shows; but what a playbook registers, caches or writes into a file has to be without the token as well.

    :param nothing: The result of a task that did nothing.
    :param kwargs: As AnsibleModule takes them.
    """

    def __init__(self, nothing: Mapping[str, Any], **kwargs: Any) -> None:
        self._nothing = nothing
        super().__init__(**kwargs)  # type: ignore[no-untyped-call,unused-ignore]

    def exit_json(self, **kwargs: Any) -> Any:
        """End, with the token struck out."""
        # What it would look for itself is struck out; and a token of blanks would leave no message that can be read.
        self.no_log_values = set()
        super().exit_json(**without_secrets(kwargs, self.params))

    def fail_json(self, msg: str, **kwargs: Any) -> Any:
        """Fail, with the token struck out."""
        self.no_log_values = set()
        result = {**refused_options(msg, self._nothing), "invocation": {"module_args": told_arguments(self.params)}}
        super().fail_json(**without_secrets({**result, **kwargs}, self.params))


def told_arguments(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a task as its result repeats them.

    A roster is told by its length: it is as long as everything else together, and what Ansible logs and AWX keeps needs not
    hold everybody's data once more.
    """
    told = dict(parameters)
    told.update((name, NOT_SHOWN) for name in SECRET_OPTIONS if told.get(name))
    if isinstance(told.get("users"), list):
        told["users"] = f"{len(told['users'])} rows"
    elif isinstance(told.get("users"), (str, dict)):
        told["users"] = "no list"
    if isinstance(told.get("api_url"), str):
        # No place for a secret, and refused; but those who put one there are not to read it in their logs.
        url = re.sub(r"//.*@", "//********@", told["api_url"], flags=re.DOTALL)
        told["api_url"] = re.sub(r"[?#].*", "?********", url, flags=re.DOTALL)
    return told


def secrets_of(parameters: Mapping[str, Any]) -> set[str]:
    """Return what must not be shown of the arguments: each secret as it was given, as it is sent, and as messages quote it.

    The latter differ for a token with quotes or backslashes in it, which Ansible would not find. What is blank is no secret.
    """
    given = {str(parameters.get(name) or "") for name in SECRET_OPTIONS}
    sent = {secret.strip() for secret in given} - {""}
    quoted = {form(secret)[1:-1] for secret in sent for form in (json.dumps, repr)}
    return {secret for secret in given if secret.strip()} | sent | quoted


def without_secrets(result: dict[str, Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result without its secrets, in whatever spelling they got there."""
    for secret in sorted(secrets_of(parameters), key=len, reverse=True):
        result = redact_all(result, secret)
    return result


def told_warnings(outcome: Outcome, parameters: Mapping[str, Any]) -> list[str]:
    """Return the warnings of an outcome as they can be shown: no part of them moves a terminal, and the token is not in them.

    Ansible-core 2.19 and newer do not look for it there.
    """
    warnings = [visible(warning) for warning in outcome.warnings]
    for secret in secrets_of(parameters):
        warnings = [redact(warning, secret) for warning in warnings]
    return warnings


def unsuitable_libraries() -> Unsuitable:
    """Return what is wrong with the libraries of this Python."""
    trouble = (_client.REQUESTS_IMPORT_ERROR or "").strip().rpartition("\n")[2]
    return unsuitable(_client.REQUESTS_VERSION if _client.HAS_REQUESTS else None, trouble)


def run_module(module: Module, operation: Operation) -> None:
    """Run one operation of the engine for an AnsibleModule, and end it."""
    # What was imported stays until the process ends; taking it apart then would cost a tenth of the whole task.
    gc.freeze()
    libraries = unsuitable_libraries()
    if libraries.faults:
        traceback = _client.REQUESTS_IMPORT_ERROR
        module.fail_json(**libraries.error().to_result(), **({"exception": traceback} if traceback else {}))
    outcome = operation(module.params, module.check_mode)
    for warning in told_warnings(outcome, module.params):
        module.warn(warning)
    result = {**outcome.result, "invocation": {"module_args": told_arguments(module.params)}}
    if outcome.failed:
        module.fail_json(**result)
    module.exit_json(**result)
