# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The arguments of the event source ``user_changes``, checked. They come through Jinja, so each may be text."""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._admin.address import connection_of
from .._base.names import customer_in
from .._base.text import abbreviated, finite, is_blank
from .._errors import BadOptionError
from .._http.connection import Connection
from .._http.limits import DEFAULT_PAGE_SIZE
from .._resource.names import DEFAULT_EXTENSION_URN
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

#: Where the source says what is no event.
LOG = logging.getLogger("eightbyeight.scim.user_changes")

#: How ansible-rulebook hands over its queue of acknowledgements.
FEEDBACK_QUEUE = "eda_feedback_queue"

_SHORTEST, _LONGEST = 0.1, 86_400.0
#: Seconds that a poll may spend on repeating requests, where the arguments do not say, and the interval is not shorter.
_RETRY_BUDGET = 120.0


class Argument(NamedTuple):
    """One argument.

    :param kind: ``text``, ``boolean``, ``number``, ``integer`` or ``list``.
    :param default: What counts where nothing gives it.
    :param variable: The environment variable that counts where the argument is not given.
    """

    kind: str
    default: Any = None
    variable: str = ""


#: All arguments. The connection options are those of the modules, with the same defaults.
ARGUMENTS: Mapping[str, Argument] = {
    "api_url": Argument("text", variable="EIGHTBYEIGHT_API_URL"),
    "customer_id": Argument("text", variable="EIGHTBYEIGHT_CUSTOMER_ID"),
    "api_token": Argument("text", variable="EIGHTBYEIGHT_API_TOKEN"),
    "validate_certs": Argument("boolean", True),
    "ca_path": Argument("text"),
    "timeout": Argument("number", 30),
    "retry_budget": Argument("number", _RETRY_BUDGET),
    "extension_urn": Argument("text", DEFAULT_EXTENSION_URN),
    "page_size": Argument("integer", DEFAULT_PAGE_SIZE),
    "admin_api_key": Argument("text", variable="EIGHTBYEIGHT_ADMIN_API_KEY"),
    "admin_api_url": Argument("text", variable="EIGHTBYEIGHT_ADMIN_API_URL"),
    "content_type": Argument("text", "auto"),
    "interval": Argument("number", 60),
    "state_file": Argument("text"),
    "only": Argument("list"),
    "host": Argument("text"),
    "feedback": Argument("boolean", False),
}


class Options(NamedTuple):
    """What the source was asked to do.

    :param connection: The SCIM API of the tenant.
    :param admin: The Administration API, or None without a key.
    :param customer: The customer id; None where the address names none.
    :param tenant: The customer id, or else the address.
    :param interval: Seconds between two polls, about.
    :param state_file: Where the last snapshot is kept; empty for nowhere.
    :param only: The types of events that are wanted.
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

    :param environment: The environment variables. An empty one is one that is not set, as AWX injects those.
    :raises BadOptionError: When one cannot be right. Nothing has been sent then.
    """
    given = {name: value for name, value in arguments.items() if name != FEEDBACK_QUEUE}
    for name in given:
        if name not in ARGUMENTS:
            near = difflib.get_close_matches(str(name), ARGUMENTS, 1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise BadOptionError(
                f"user_changes has no argument {abbreviated(name)}.{hint} It has {', '.join(sorted(ARGUMENTS))}."
            )
    values = {name: _value(name, argument, given.get(name), environment) for name, argument in ARGUMENTS.items()}
    interval = values["interval"]
    if not _SHORTEST <= interval <= _LONGEST:
        raise BadOptionError(f"interval must be from {_SHORTEST:g} to {_LONGEST:g} seconds, not {interval:g}.")
    if is_blank(given.get("retry_budget")):
        # A poll that goes on repeating while the next ones are due tells later that nobody answers.
        values["retry_budget"] = min(_RETRY_BUDGET, interval)
    if values["content_type"] not in ("auto", "scim", "json"):
        raise BadOptionError(f"content_type must be auto, scim or json, not {abbreviated(values['content_type'])}.")
    connection = Connection.from_options(values)
    customer = customer_in(connection.base_url, None)
    return Options(
        connection=connection,
        admin=connection_of(values),
        customer=customer,
        tenant=customer or connection.base_url.partition("://")[2],
        interval=interval,
        state_file=os.path.expanduser(values["state_file"] or ""),
        only=values["only"] or frozenset(TYPES),
        host=values["host"] or "",
        feedback=values["feedback"],
    )


def _value(name: str, argument: Argument, given: Any, environment: Mapping[str, str]) -> Any:
    if is_blank(given):
        given = environment.get(argument.variable)
    if is_blank(given):
        return argument.default
    if argument.kind == "list":
        return _types(given.split(",") if isinstance(given, str) else given)
    if argument.kind == "boolean":
        return _boolean(name, given)
    if argument.kind in ("number", "integer"):
        return _number(name, argument.kind, given)
    if isinstance(given, (bool, Mapping, list)):
        raise BadOptionError(f"{name} must be text.")
    return str(given).strip()


def _boolean(name: str, given: Any) -> bool:
    value = TRUTH.get(str(given).strip().lower())
    if value is None:
        raise BadOptionError(f"{name} must be true or false, not {abbreviated(given)}.")
    return value


def _number(name: str, kind: str, given: Any) -> float:
    value = finite(given)
    if value is None or (kind == "integer" and not value.is_integer()):
        what = "a whole number" if kind == "integer" else "a number"
        raise BadOptionError(f"{name} must be {what}, not {abbreviated(given)}.")
    return value


def _types(given: Any) -> frozenset[str]:
    if not isinstance(given, (list, tuple)):
        raise BadOptionError("only must be a list of types of events.")
    wanted = [str(each).strip() for each in given if not is_blank(each)]
    for each in wanted:
        if each not in TYPES:
            raise BadOptionError(f"only: {abbreviated(each)} is not a type of event. The types are {', '.join(TYPES)}.")
    return frozenset(wanted)
