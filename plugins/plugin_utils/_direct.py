# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Run a module of this collection inside the controller's worker process, where that is the same thing.

A loop of modules starts a process for each item, which costs a hundred times what the request costs. Here the arguments go
through Ansible's own validator and on to the same engine, and one HTTP session serves all items of the loop. It is taken
only for connection ``local`` without ``become`` and ``async``, when this Python has the libraries; otherwise the module
runs like any module.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.eightbyeight.scim.plugins.module_utils._client import Connection, ScimClient, Session
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import ArgumentSpec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.runtime import (
    Operation,
    Surroundings,
    refused_options,
    secrets_of,
    told_arguments,
    told_warnings,
    unsuitable_libraries,
    without_secrets,
)
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._arguments import fault_in, without_nulls
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._compat import as_module_result, as_module_sees, mask
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._no_log import hidden, without_warnings

#: Switches this way off, as a variable of the host or play, or in the environment of ansible-playbook.
SWITCH_VARIABLE = "ansible_eightbyeight_direct"
SWITCH_ENVIRONMENT = "ANSIBLE_EIGHTBYEIGHT_DIRECT"

#: Tenants that one loop may alternate between without connecting anew.
_MOST_SESSIONS = 8

display = Display()


class Sessions:
    """HTTP sessions of this process, one for each connection.

    The key is a salted fingerprint of everything that defines the connection, and the session itself does not know the
    token, so nothing secret stays behind when a task is over. A worker lives for one task and takes its sessions with it.
    """

    def __init__(self) -> None:
        self._salt = os.urandom(16)
        self._owner = os.getpid()
        self._kept: dict[str, Session] = {}

    def connect(self, connection: Connection) -> ScimClient:
        """Return a client for one call, on a session that is kept for the next one."""
        if self._owner != os.getpid():
            # A fork must not talk on the sockets of its parent.
            self.__init__()  # type: ignore[misc]
        key = self._fingerprint(connection)
        session = self._kept.pop(key, None) or Session()
        client = ScimClient(connection, session=session)
        self._kept[key] = session
        while len(self._kept) > _MOST_SESSIONS:
            self._kept.pop(next(iter(self._kept))).http.close()
        return client

    def _fingerprint(self, connection: Connection) -> str:
        parts = (connection.base_url, connection.token, str(connection.verify), connection.extension_urn)
        return hashlib.sha256(b"\0".join([self._salt, *(part.encode() for part in parts)])).hexdigest()


_sessions = Sessions()


class DirectAction(ActionBase):
    """Base of the action plugins: one for each module, with its specification, its operation, and the result of doing nothing."""

    SPEC: ClassVar[ArgumentSpec]
    OPERATION: ClassVar[Operation]
    NOTHING: ClassVar[Mapping[str, Any]]

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task, one way or the other."""
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        obstacle = self._obstacle(task_vars)
        host = task_vars.get("inventory_hostname")
        arguments = without_nulls(self._task.args)
        if fault := fault_in(self.SPEC, self._task.args):
            result.update(self._refused(fault, arguments, task_vars))
            return result
        if obstacle:
            display.vvv(f"{self._task.action}: as a module, because {obstacle}", host=host)
            result.update(self._as_module(arguments, task_vars))
            return result
        display.vvv(f"{self._task.action}: direct, in the process of the controller", host=host)
        result.update(self._direct(arguments, task_vars))
        again = self._task.until or self._task.retries or self._task.debugger
        if not again and not result.get("failed"):
            # The parent gets the arguments back with the result, which for a roster takes longer than reading the tenant.
            self._task.args = told_arguments(self._task.args)
        return result

    def _obstacle(self, task_vars: Mapping[str, Any]) -> str | None:
        """Say why the task cannot run in this process, or None."""
        if not _switched_on(task_vars):
            return f"{SWITCH_VARIABLE} or {SWITCH_ENVIRONMENT} says so"
        if self._connection.transport != "local":
            return f"the connection is {self._connection.transport}, not local"
        if self._connection.become is not None:
            return "become is used"
        if self._task.async_val:
            return "async is used"
        faults = unsuitable_libraries().faults
        if faults:
            return f"in the controller's Python {' and '.join(faults)}"
        return None

    def _as_module(self, arguments: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        token = str(arguments.get("api_token") or "")
        inherited = {**os.environ, **self._task_environment()}.get("EIGHTBYEIGHT_API_TOKEN")
        mask(secret for given in (token, inherited) for secret in secrets_of({"api_token": given}))
        if token and constants.config.get_config_value("DEFAULT_DEBUG"):
            # Ansible then writes the arguments of every module down as they are.
            arguments = _not_shown({**arguments, "api_token": token}, token)
        done: dict[str, Any] = self._execute_module(
            module_args=arguments, task_vars=task_vars, wrap_async=self._task.async_val
        )
        return done

    def _task_environment(self) -> dict[str, str]:
        environment: dict[str, str] = {}
        compute: Callable[..., str] = self._compute_environment_string
        compute(environment)
        return environment

    def _parse_returned_data(self, res: Any, *more: Any) -> Any:  # type: ignore[override,unused-ignore]
        """Read what the module printed, without the warnings of a task with ``no_log``."""
        if self._task.no_log:
            res = {**res, "stdout": without_warnings(str(res.get("stdout") or ""))}
        parse: Callable[..., Any] = super()._parse_returned_data
        return parse(res, *more)

    def _refused(self, fault: str, arguments: Mapping[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """Return the result of a task whose arguments are not what their author meant; it does not run either way."""
        seen = as_module_sees(arguments)
        result: dict[str, Any] = {**refused_options(fault, type(self).NOTHING), "failed": True}
        if self._shows_invocation(task_vars):
            result["invocation"] = {"module_args": told_arguments(seen)}
        return as_module_result(without_secrets(result, seen))

    def _shows_invocation(self, task_vars: dict[str, Any]) -> bool:
        internal: dict[str, Any] = {}
        self._update_module_args(self._task.action, internal, task_vars)
        return bool(internal.get("_ansible_inject_invocation", True))

    def _direct(self, given: Mapping[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        arguments = as_module_sees(given)

        validator = ArgumentSpecValidator(**self.SPEC.to_validator())
        with _environment(self._task_environment()), _directory(self._loader.get_basedir()):
            checked = validator.validate(arguments)
            parameters: dict[str, Any] = {**arguments, **checked.validated_parameters}
            if checked.error_messages:
                first = checked.errors[0]
                message = first.msg
                if isinstance(first, UnsupportedError):
                    message = f"Unsupported parameters for ({self._task.action}) module: {message}"
                result: dict[str, Any] = {**refused_options(message, type(self).NOTHING), "failed": True}
            else:
                outcome = type(self).OPERATION(
                    parameters,
                    bool(self._task.check_mode),
                    Surroundings(_sessions.connect, None if self._task.no_log else _show_progress),
                )
                result = dict(outcome.result)
                if outcome.failed:
                    result["failed"] = True
                if outcome.warnings:
                    warnings = told_warnings(outcome, parameters)
                    result["warnings"] = hidden(warnings) if self._task.no_log else warnings
        if self._shows_invocation(task_vars):
            result["invocation"] = {"module_args": told_arguments(parameters)}
        return as_module_result(without_secrets(result, parameters))


class _NotShown(str):
    """A secret that goes to the module as any text, and does not show in what Ansible writes down with ANSIBLE_DEBUG."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'********'"


def _not_shown(value: Any, token: str) -> Any:
    """Return arguments that are the same, and do not show the token, wherever it was put."""
    if isinstance(value, str):
        return _NotShown(value) if token in value else value
    if isinstance(value, Mapping):
        return {name: _not_shown(part, token) for name, part in value.items()}
    return [_not_shown(part, token) for part in value] if isinstance(value, list) else value


def _switched_on(task_vars: Mapping[str, Any]) -> bool:
    for source, value in (
        (SWITCH_VARIABLE, task_vars.get(SWITCH_VARIABLE)),
        (SWITCH_ENVIRONMENT, os.environ.get(SWITCH_ENVIRONMENT)),
    ):
        if value not in (None, ""):
            try:
                return bool(boolean(value))
            except TypeError:
                raise AnsibleError(f"{source} must be true or false, not {value!r}") from None
    return True


def _show_progress(line: str) -> None:
    """Show a line on standard error: standard output belongs to the callback, and with some of them has to be JSON."""
    display.display(line, stderr=True)


@contextlib.contextmanager
def _directory(path: str) -> Iterator[None]:
    """Start where Ansible starts the modules of this machine, beside the playbook, so that relative paths mean the same."""
    before = os.open(".", os.O_RDONLY)
    try:
        os.chdir(path)
        yield
    finally:
        os.fchdir(before)
        os.close(before)


@contextlib.contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    """Let a task's ``environment`` count, as it would for the process of a module."""
    before = dict(os.environ)
    os.environ.update({name: str(value) for name, value in changes.items()})
    try:
        yield
    finally:
        for name in changes:
            if name in before:
                os.environ[name] = before[name]
            else:
                os.environ.pop(name, None)
