# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The doors of the engine: validated options in, a result out. Whoever opens them needs no AnsibleModule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.eightbyeight.scim.plugins.module_utils import _client, _models
from ansible_collections.eightbyeight.scim.plugins.module_utils._client import Connection, ScimClient
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._plan import Wanted
from ansible_collections.eightbyeight.scim.plugins.module_utils._read import read_tenant, read_users
from ansible_collections.eightbyeight.scim.plugins.module_utils._user import UserRun


@dataclass
class Outcome:
    """What a module exits with.

    :param result: The keys of the result; the same ones whether it failed or not.
    :param failed: Whether to fail.
    :param warnings: Lines for the user.
    """

    result: dict[str, Any]
    failed: bool = False
    warnings: list[str] = field(default_factory=list)


Connect = Callable[[Connection], ScimClient]


@dataclass(frozen=True)
class Surroundings:
    """What whoever runs an operation offers it.

    :param connect: Makes a client for a connection.
    :param tell: Shows a line to the person who waits, while the task runs; None where that is not possible.
    """

    connect: Connect = ScimClient
    tell: Callable[[str], None] | None = None


ALONE = Surroundings()


class Operation(Protocol):
    """One thing that a module does: validated options in, an outcome out; it never raises for a failure."""

    def __call__(self, options: Mapping[str, Any], check_mode: bool, surroundings: Surroundings = ALONE) -> Outcome:
        """Do it."""
        raise NotImplementedError


class Module(AnsibleModule):
    """An AnsibleModule that never shows the token.

    AnsibleModule forgets every ``no_log`` value when it cannot read a sub-option (a phone number given as text, say), and
    its failure then shows all arguments as they came.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)  # type: ignore[no-untyped-call,unused-ignore]

    def fail_json(self, msg: str, **kwargs: Any) -> Any:
        """Fail, with the token struck out."""
        token = self.params.get("api_token")
        if token:
            self.no_log_values.add(str(token))
        super().fail_json(msg, **kwargs)


def manage_user(options: Mapping[str, Any], check_mode: bool, surroundings: Surroundings = ALONE) -> Outcome:
    """Do what ``eightbyeight_user`` promises."""
    run: UserRun | None = None
    try:
        connection = Connection.from_options(options)
        wanted = Wanted.from_options(options)
        with surroundings.connect(connection) as client:
            run = UserRun(client, wanted, Memory(connection.base_url), check_mode=check_mode)
            run.run()
            return Outcome(run.result(), warnings=run.warnings)
    except EightByEightError as error:
        keys = _NOTHING_DONE if run is None else run.result(error)
        return Outcome({**keys, **error.to_result()}, failed=True, warnings=[] if run is None else run.warnings)


def user_info(
    options: Mapping[str, Any],
    check_mode: bool,  # noqa: ARG001 - one signature for all
    surroundings: Surroundings = ALONE,
) -> Outcome:
    """Do what ``eightbyeight_user_info`` promises."""
    try:
        with surroundings.connect(Connection.from_options(options)) as client:
            return Outcome({"changed": False, **read_users(client, options)})
    except EightByEightError as error:
        nobody: dict[str, Any] = {"changed": False, "users": [], "total": 0, "complete": False}
        return Outcome({**nobody, **error.to_result()}, failed=True)


def tenant_info(
    options: Mapping[str, Any],
    check_mode: bool,  # noqa: ARG001 - one signature for all
    surroundings: Surroundings = ALONE,
) -> Outcome:
    """Do what ``eightbyeight_tenant_info`` promises."""
    try:
        with surroundings.connect(Connection.from_options(options)) as client:
            return Outcome({"changed": False, **read_tenant(client)})
    except EightByEightError as error:
        return Outcome({"changed": False, **error.to_result()}, failed=True)


_NOTHING_DONE: dict[str, Any] = {
    "changed": False,
    "user": None,
    "operation": "unchanged",
    "diff": {"before": {}, "after": {}},
    "manual_actions": [],
}


def missing_libraries() -> dict[str, str | None]:
    """Return the libraries that this Python lacks, each with the traceback of its import."""
    libraries = (
        ("requests", _client.HAS_REQUESTS, _client.REQUESTS_IMPORT_ERROR),
        ("pydantic", _models.HAS_PYDANTIC, _models.PYDANTIC_IMPORT_ERROR),
    )
    return {name: traceback for name, present, traceback in libraries if not present}


def run_module(module: Module, operation: Operation) -> None:
    """Run one operation of the engine for an AnsibleModule, and end it."""
    for library, traceback in missing_libraries().items():
        module.fail_json(msg=missing_required_lib(library), exception=traceback)
    outcome = operation(module.params, module.check_mode)
    for warning in outcome.warnings:
        module.warn(warning)
    if outcome.failed:
        module.fail_json(**outcome.result)
    module.exit_json(**outcome.result)
