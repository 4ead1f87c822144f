# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Checks the arguments of the event source ``user_changes``. Each may be text, because they come through Jinja."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._admin.address import connection_of
from .._base.names import customer_in
from .._base.text import abbreviated, did_you_mean, finite_number, is_blank
from .._errors import BadOptionError
from .._http.connection import OPTIONS, VARIABLES, Connection
from .._rows.cells import TRUTH

#: The types of events, in the order in which the documentation lists them.
TYPES = (
    "created",
    "updated",
    "activated",
    "deactivated",
    "removed",
    "license_changed",
    "tenant_unreachable",
    "tenant_back",
)

#: The log, for everything that is not an event.
LOG = logging.getLogger("eightbyeight.scim.user_changes")

#: The argument in which ansible-rulebook passes its queue of acknowledgements.
FEEDBACK_QUEUE = "eda_feedback_queue"

_MIN_INTERVAL, _MAX_INTERVAL = 0.1, 86_400.0

#: All arguments, in the form of an argument specification of Ansible.
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    **OPTIONS,
    "interval": {"type": "float", "default": 60},
    "state_file": {"type": "path"},
    "only": {"type": "list", "elements": "str", "choices": list(TYPES)},
    "host": {"type": "str"},
    "feedback": {"type": "bool", "default": False},
}


class Options(NamedTuple):
    """The checked arguments of the source.

    :param connection: The SCIM API of the tenant.
    :param admin: The Administration API, or None without a key.
    :param customer: The customer id; None when the address has none.
    :param tenant: The customer id, or else the address.
    :param interval: About how many seconds are between two polls.
    :param state_file: The file for the last snapshot; empty when it is not kept.
    :param only: The types of events to send.
    :param host: The inventory host that the events are about; empty for none.
    :param feedback: Whether acknowledgements were asked for.
    """

    connection: Connection
    admin: Connection | None
    customer: str | None
    tenant: str
    interval: float
    state_file: str
    only: frozenset[str]
    host: str
    feedback: bool


def read_options(arguments: Mapping[str, Any], environment: Mapping[str, str]) -> Options:
    """Check the arguments of the source.

    :param environment: The environment variables. An empty one counts as not set, because AWX sets empty ones.
    :raises BadOptionError: When one is wrong. No request was sent before.
    """
    given = {name: value for name, value in arguments.items() if name != FEEDBACK_QUEUE}
    for name in given:
        if name not in ARGUMENTS:
            hint = did_you_mean(name, ARGUMENTS, f"It has {', '.join(sorted(ARGUMENTS))}.")
            raise BadOptionError(f"user_changes has no argument {abbreviated(name)}. {hint}")
    values: dict[str, Any] = {}
    for name, argument in ARGUMENTS.items():
        value = given.get(name)
        if is_blank(value) and name in VARIABLES:
            value = environment.get(VARIABLES[name])
        values[name] = argument.get("default") if is_blank(value) else _value(name, argument, value)
    interval = values["interval"]
    if not _MIN_INTERVAL <= interval <= _MAX_INTERVAL:
        raise BadOptionError(f"interval must be from {_MIN_INTERVAL:g} to {_MAX_INTERVAL:g} seconds, not {interval:g}.")
    if is_blank(given.get("retry_budget")):
        # If a poll retried for longer than the interval, the event tenant_unreachable would be late.
        values["retry_budget"] = min(values["retry_budget"], interval)
    connection = Connection.from_options(values)
    customer = customer_in(connection.base_url, None)
    return Options(
        connection=connection,
        admin=connection_of(values),
        customer=customer,
        tenant=customer or connection.base_url.partition("://")[2],
        interval=interval,
        state_file=values["state_file"] or "",
        only=values["only"] or frozenset(TYPES),
        host=values["host"] or "",
        feedback=values["feedback"],
    )


def _value(name: str, argument: Mapping[str, Any], given: Any) -> Any:
    kind = argument["type"]
    if kind == "list":
        return _types(given.split(",") if isinstance(given, str) else given)
    if kind == "bool":
        return _boolean(name, given)
    if kind in ("float", "int"):
        return _number(name, kind, given)
    if isinstance(given, (bool, Mapping, list)):
        raise BadOptionError(f"{name} must be text.")
    text = str(given).strip()
    choices = argument.get("choices", [text])
    if text not in choices:
        raise BadOptionError(f"{name} must be one of {', '.join(choices)}, not {abbreviated(text)}.")
    return os.path.expanduser(text) if kind == "path" else text


def _boolean(name: str, given: Any) -> bool:
    value = TRUTH.get(str(given).strip().lower())
    if value is None:
        raise BadOptionError(f"{name} must be true or false, not {abbreviated(given)}.")
    return value


def _number(name: str, kind: str, given: Any) -> float:
    value = finite_number(given)
    if value is None or (kind == "int" and not value.is_integer()):
        what = "a whole number" if kind == "int" else "a number"
        raise BadOptionError(f"{name} must be {what}, not {abbreviated(given)}.")
    return value


def _types(given: Any) -> frozenset[str]:
    if not isinstance(given, (list, tuple)):
        raise BadOptionError("only must be a list of types of events.")
    wanted = [str(name).strip() for name in given if not is_blank(name)]
    for name in wanted:
        if name not in TYPES:
            raise BadOptionError(f"only: {abbreviated(name)} is not a type of event. The types are {', '.join(TYPES)}.")
    return frozenset(wanted)
