# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Runs a module of this collection inside the worker process of the controller, if that gives the same result.

Without this, a loop starts a process for each item, which costs a hundred times as much as the request. Here Ansible's
own validator checks the arguments, the same operation runs, and all items of the loop share one HTTP session. This
happens only with the connection ``local``, without ``become`` and ``async``, and when this Python has the libraries;
otherwise the module runs like any module.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, ClassVar

from ansible import constants
from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.eightbyeight.scim.plugins.module_utils._client import Session
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.refusals import LOOP_TOKEN_ERRORS
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import ArgumentSpec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.libraries import unsuitable_libraries
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.masking import (
    SECRET_OPTIONS,
    secrets_in,
    shown_arguments,
    shown_warnings,
    without_secrets,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.runtime import Operation, Runtime
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._arguments import fault_in, without_nulls
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._compat import as_module_result, as_module_sees, mask
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._no_log import hidden, without_warnings

#: The variables that turn this off: one of the host or play, and one in the environment of ansible-playbook.
SWITCH_VARIABLE = "ansible_eightbyeight_direct"
SWITCH_ENVIRONMENT = "ANSIBLE_EIGHTBYEIGHT_DIRECT"

#: The most tenants of a loop whose connections are kept.
_MAX_SESSIONS = 8

#: While a task runs, Python collects garbage after so many new objects; its default is some hundreds.
_MANY_OBJECTS = 100_000

display = Display()

# Ansible loads this before it forks the workers. Objects that are loaded by then are never garbage. Without this,
# Python would check all of them many times, which is a seventh of the work of an audit of many tenants.
gc.freeze()


class Sessions:
    """HTTP sessions of this process, one for each connection.

    The key is a salted fingerprint of everything that defines the connection, and the session itself does not know the
    token, so no secret is left when a task has ended. A worker runs one task, and its sessions end with it.
    """

    def __init__(self) -> None:
        self._salt = os.urandom(16)
        self._owner = os.getpid()
        self._kept: dict[str, Session] = {}
        #: The texts in the results of this process, without duplicates.
        self.texts: dict[str, str] = {}

    def of(self, connection: Connection) -> Session:
        """Return the session of a connection, which is kept for the next call."""
        if self._owner != os.getpid():
            # A forked process must not use the sockets of its parent.
            self.__init__()  # type: ignore[misc]
        key = self._fingerprint(connection)
        session = self._kept.pop(key, None) or Session()
        session.refusals.kinds = LOOP_TOKEN_ERRORS
        self._kept[key] = session
        while len(self._kept) > _MAX_SESSIONS:
            self._kept.pop(next(iter(self._kept))).close()
        return session

    def forget(self) -> None:
        """Close all sessions. A task that is tried again must not fail because of what its last try remembers."""
        while self._kept:
            self._kept.popitem()[1].close()

    def _fingerprint(self, connection: Connection) -> str:
        parts = (connection.base_url, connection.token, str(connection.verify), connection.extension_urn)
        return hashlib.sha256(b"\0".join([self._salt, *(part.encode() for part in parts)])).hexdigest()


_sessions = Sessions()


class DirectAction(ActionBase):
    """The base of all action plugins. A subclass has the options and the operation of its module."""

    SPEC: ClassVar[ArgumentSpec]
    OPERATION: ClassVar[Operation]

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the task, here or as a module."""
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        obstacle = self._obstacle(task_vars)
        host = task_vars.get("inventory_hostname")
        arguments = without_nulls(self._task.args)
        if fault := fault_in(self.SPEC, self._task.args):
            # The author did not mean this, so the task does not run.
            refused = {**self.OPERATION.refused(fault), "failed": True}
            result.update(self._shown(refused, as_module_sees(arguments), task_vars))
            return result
        if obstacle:
            display.vvv(f"{self._task.action}: as a module, because {obstacle}", host=host)
            result.update(self._as_module(arguments, task_vars))
            return result
        display.vvv(f"{self._task.action}: direct, in the process of the controller", host=host)
        with _rare_garbage_collection():
            result.update(self._direct(arguments, task_vars))
        again = self._task.until or self._task.retries or self._task.debugger
        if again and result.get("failed"):
            _sessions.forget()
        if not again and not result.get("failed"):
            # The parent process would get the arguments with the result. For a roster, that takes longer than reading
            # the tenant.
            self._task.args = shown_arguments(self._task.args)
        return result

    def _obstacle(self, task_vars: Mapping[str, Any]) -> str | None:
        """Return why the task cannot run in this process, or None."""
        if not _switched_on(task_vars):
            return f"{SWITCH_VARIABLE} or {SWITCH_ENVIRONMENT} says so"
        if self._connection.transport != "local":
            return f"the connection is {self._connection.transport}, not local"
        if self._connection.become is not None:
            return "become is used"
        if self._task.async_val:
            return "async is used"
        if faults := unsuitable_libraries():
            return f"in the controller's Python {' and '.join(faults)}"
        return None

    def _as_module(self, arguments: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        environment = {**os.environ, **self._task_environment()}
        inherited = {
            name: environment[variable]
            for name in SECRET_OPTIONS
            for variable in self.SPEC.argument_spec[name]["fallback"][1]
            if variable in environment
        }
        given = {name: str(arguments[name]) for name in SECRET_OPTIONS if arguments.get(name)}
        mask({*secrets_in(inherited), *secrets_in(given)})
        if given and constants.config.get_config_value("DEFAULT_DEBUG"):
            # Then Ansible prints the arguments of each module with their secrets.
            arguments = _with_hidden({**arguments, **given}, given.values())
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
        """Read the output of the module, without the warnings of a task with ``no_log``."""
        if self._task.no_log:
            res = {**res, "stdout": without_warnings(str(res.get("stdout") or ""))}
        parse: Callable[..., Any] = super()._parse_returned_data
        return parse(res, *more)

    def _shown(
        self, result: dict[str, Any], parameters: Mapping[str, Any], task_vars: dict[str, Any]
    ) -> dict[str, Any]:
        """Return a result as the module would, without the secrets of its parameters."""
        internal: dict[str, Any] = {}
        self._update_module_args(self._task.action, internal, task_vars)
        if internal.get("_ansible_inject_invocation", True):
            result = {**result, "invocation": {"module_args": shown_arguments(parameters)}}
        return as_module_result(without_secrets(result, parameters), _sessions.texts)

    def _direct(self, given: Mapping[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        arguments = as_module_sees(given)

        validator = ArgumentSpecValidator(**self.SPEC._asdict())
        with _environment(self._task_environment()), _directory(self._loader.get_basedir()):
            checked = validator.validate(arguments)
            parameters: dict[str, Any] = {**arguments, **checked.validated_parameters}
            if checked.error_messages:
                first = checked.errors[0]
                message = first.msg
                if isinstance(first, UnsupportedError):
                    message = f"Unsupported parameters for ({self._task.action}) module: {message}"
                result: dict[str, Any] = {**self.OPERATION.refused(message), "failed": True}
            else:
                runtime = Runtime(_sessions.of, None if self._task.no_log else _show_progress)
                outcome = self.OPERATION(parameters, bool(self._task.check_mode), runtime)
                result = dict(outcome.result)
                if outcome.failed:
                    result["failed"] = True
                if outcome.warnings:
                    warnings = shown_warnings(outcome.warnings, parameters)
                    result["warnings"] = hidden(warnings) if self._task.no_log else warnings
        return self._shown(result, parameters, task_vars)


class _Hidden(str):
    """A text that the module gets like any other, and that Ansible hides in the output of ANSIBLE_DEBUG."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'********'"


def _with_hidden(value: Any, secrets: Collection[str]) -> Any:
    """Return the arguments with each text hidden that contains a secret."""
    if isinstance(value, str):
        return _Hidden(value) if any(secret in value for secret in secrets) else value
    if isinstance(value, Mapping):
        return {name: _with_hidden(part, secrets) for name, part in value.items()}
    return [_with_hidden(part, secrets) for part in value] if isinstance(value, list) else value


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
    """Show a line on standard error, because standard output belongs to the callback and may have to be JSON."""
    display.display(line, stderr=True)


@contextlib.contextmanager
def _rare_garbage_collection() -> Iterator[None]:
    """Let Python collect garbage rarely, and only among new objects.

    A worker shares the memory of Ansible until it writes to it, and checks of thousands of people find no garbage. This
    makes a roster a tenth faster.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_MANY_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


@contextlib.contextmanager
def _directory(path: str) -> Iterator[None]:
    """Run in the folder of the playbook, as local modules do, so that relative paths have the same meaning."""
    before = os.open(".", os.O_RDONLY)
    try:
        os.chdir(path)
        yield
    finally:
        os.fchdir(before)
        os.close(before)


@contextlib.contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    """Apply the ``environment`` of a task, as for the process of a module."""
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
