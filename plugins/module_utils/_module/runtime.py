# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""How the operations of the modules are run: validated options in, an outcome out. Needs no Ansible.

A module, an action plugin and any other program run the same operations. Each module that writes has its operation in a
file of its own, so that no module loads what only another one needs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.clock import Clock
from .._client import ScimClient, Session
from .._errors import BadOptionError, EightByEightError
from .._http.connection import Connection


class Outcome(NamedTuple):
    """What a module exits with.

    :param result: The keys of the result. Missing keys are taken from the empty result of the operation.
    :param error: The error that ended it, or None.
    :param warnings: Warnings for the user.
    """

    result: dict[str, Any]
    error: EightByEightError | None = None
    warnings: Sequence[str] = ()

    @property
    def failed(self) -> bool:
        """Whether to fail."""
        return self.error is not None


class Runtime(NamedTuple):
    """What the program that runs an operation provides.

    :param session: Returns the HTTP session that the calls over a connection share; None for a new one for each call.
    :param show_progress: Shows a line to the user while the task runs; None where that is not possible.
    :param clock: The clock; tests use their own.
    """

    session: Callable[[Connection], Session | None] = lambda _connection: None
    show_progress: Callable[[str], None] | None = None
    clock: Clock = Clock()

    def reading_client(self, options: Mapping[str, Any]) -> ScimClient:
        """Return a client that only reads, for the connection of a task."""
        connection = Connection.from_options(options)
        return ScimClient(connection, session=self.session(connection), clock=self.clock)


DEFAULT_RUNTIME = Runtime()

_Run = Callable[[Mapping[str, Any], bool, Runtime], Outcome]


class Operation(NamedTuple):
    """What a module does. An :class:`EightByEightError` becomes an outcome.

    :param run: The function, which gets the validated options and whether check mode is on.
    :param empty_result: The result of a task that did nothing. Every outcome has these keys.
    """

    run: _Run
    empty_result: Mapping[str, Any]

    def __call__(self, options: Mapping[str, Any], check_mode: bool, runtime: Runtime = DEFAULT_RUNTIME) -> Outcome:
        try:
            outcome = self.run(options, check_mode, runtime)
        except EightByEightError as error:
            outcome = Outcome({}, error)
        failure = {} if outcome.error is None else outcome.error.to_result()
        return outcome._replace(result={**self.empty_result, **outcome.result, **failure})

    def refused(self, msg: str) -> dict[str, Any]:
        """Return the result of a task whose options Ansible itself refuses."""
        return {**self.empty_result, **BadOptionError(msg).to_result(), "msg": msg}


def operation(empty_result: Mapping[str, Any]) -> Callable[[_Run], Operation]:
    """Return a decorator that makes a function an operation."""
    return functools.partial(Operation, empty_result=empty_result)
