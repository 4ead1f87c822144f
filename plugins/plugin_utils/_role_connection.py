# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Reads the connection of a role, and prevents that a play for a group of hosts mixes up two tenants.

A connection option comes from the variable of the role (``roster_api_url``), or else from that of the host
(``eightbyeight_api_url``), from ``module_defaults`` (which a role cannot see) or from the environment. Each host other
than localhost must name its customer. If the environment is for another customer, its variables are hidden.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.names import customer_in
from ansible_collections.eightbyeight.scim.plugins.module_utils._base.text import is_blank
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import VARIABLES, is_loopback
from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import STATE_DIR_VARIABLE
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.argspec import CONNECTION
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_values import (
    Option,
    Place,
    WrongValueError,
    quoted,
    read,
)

#: The only host that may get its customer from the environment or ``module_defaults``.
LOCALHOST = "localhost"
#: The prefix of the variables of a host.
HOST_PREFIX = "eightbyeight"
#: The fact of a role with the results of its first task.
_FACT = "__{role}"

_KINDS = {"str": "text", "bool": "boolean", "path": "path", "float": "number", "int": "integer"}
#: The options that name the tenant. If the role gives one of them, the other one of the host is not used.
_IDENTITY = ("api_url", "customer_id")

#: option -> its variable.
SETTINGS: Mapping[str, Option] = {
    **{
        name: Option(
            "identifier" if name == "customer_id" or option.get("no_log") else _KINDS[option["type"]],
            choices=tuple(option.get("choices", ())),
        )
        for name, option in CONNECTION.items()
    },
    "state_dir": Option("path"),
}
_SECRETS = frozenset(name for name, option in CONNECTION.items() if option.get("no_log"))
#: The environment variables that the modules read.
_ENVIRONMENT = tuple(VARIABLES.values())


class Customer(NamedTuple):
    """The tenant that an address is for.

    :param id: The customer id, or an address without one.
    :param port: Host and port of an address on this machine, where several emulators may have the same customer id.
    """

    id: str
    port: str = ""

    def is_same(self, other: Customer) -> bool:
        """Say whether two addresses are for the same tenant."""
        ports = {self.port, other.port} - {""}
        return self.id.lower() == other.id.lower() and len(ports) < 2


def customer_of(api_url: Any, customer_id: Any) -> Customer | None:
    """Return the tenant of an address or a customer id; None when both are blank."""
    if is_blank(api_url):
        return None if is_blank(customer_id) else Customer(str(customer_id).strip())
    url = str(api_url).strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return Customer(url)
    return Customer(customer_in(url, None) or url, f"{port or parts.scheme}" if is_loopback(host) else "")


def read_connection(values: Mapping[str, Any], role: str, host: str) -> dict[str, Any]:
    """Read the connection variables of a role and its host.

    :param values: variable -> value, of those whose names begin with the name of the role or with ``eightbyeight_``.
    :param role: The name of the role.
    :param host: ``inventory_hostname``.
    :returns: ``options`` for the modules, ``environment`` for their tasks, ``customer`` (what tells this tenant from
        others, or an empty text), ``problems``, and ``hidden``, a sentence about what the environment has and was not
        used, or an empty text.
    """
    variables = _variables(values, role)
    options, problems = _read_all(values, variables)
    state_dir = options.pop("state_dir", "")
    environment = {STATE_DIR_VARIABLE: state_dir} if state_dir else {}
    hidden = ""
    customer = customer_of(options.get("api_url"), options.get("customer_id"))
    if customer is not None:
        if "/customers/" in options.get("api_url", ""):
            # Otherwise the module could use another one from the environment.
            other = options.setdefault("customer_id", customer.id)
            if other != customer.id:
                problems.append(
                    f"{variables['api_url']} names the customer {quoted(customer.id)}, and {variables['customer_id']} is "
                    f"{quoted(other)}. Give only one of them, or the same customer in both."
                )
        hidden = "" if host == LOCALHOST else _hidden(customer, host)
        environment.update(dict.fromkeys(_ENVIRONMENT, "") if hidden else {})
    elif host != LOCALHOST and not problems:
        problems.append(
            f"{host} does not say which customer it is. Set {HOST_PREFIX}_api_url or {HOST_PREFIX}_customer_id for it in the "
            f"inventory. Only {LOCALHOST} takes its customer from the environment or from module_defaults."
        )
    return {
        "options": options,
        "environment": environment,
        "customer": "" if customer is None else "@".join(customer).rstrip("@"),
        "problems": problems,
        "hidden": hidden,
    }


def _variables(values: Mapping[str, Any], role: str) -> dict[str, str]:
    """Return option -> the variable that gives it."""
    found = {
        name: variable
        for name in SETTINGS
        for variable in (f"{HOST_PREFIX}_{name}", f"{role}_{name}")
        if not is_blank(values.get(variable))
    }
    of_role = [name for name in _IDENTITY if found.get(name) == f"{role}_{name}"]
    return {
        name: variable for name, variable in found.items() if not of_role or name not in _IDENTITY or name in of_role
    }


def _read_all(values: Mapping[str, Any], variables: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    options: dict[str, Any] = {}
    problems: list[str] = []
    for name, variable in variables.items():
        try:
            options[name] = read(values[variable], SETTINGS[name], Place(here=os.getcwd()))
        except WrongValueError as error:
            problems.append(f"{variable} {'must be text' if name in _SECRETS else error}.")
    return options, problems


def _environment_customers() -> list[Customer]:
    named = [customer_of(os.environ.get("EIGHTBYEIGHT_API_URL"), None)]
    named.append(customer_of(None, os.environ.get("EIGHTBYEIGHT_CUSTOMER_ID")))
    return [customer for customer in named if customer is not None]


def _hidden(customer: Customer, host: str) -> str:
    """Return a note if the environment is for another customer; empty otherwise."""
    others = [other for other in _environment_customers() if not Customer(customer.id).is_same(Customer(other.id))]
    if not others:
        return ""
    return (
        f"{host} is the customer {quoted(customer.id)}, and the environment is for {quoted(others[0].id)}, so nothing of the "
        f"environment was used for {host}. Set {HOST_PREFIX}_api_token for this host."
    )


def same_customer(host: str, customer: str, hosts: Iterable[str], hostvars: Mapping[str, Any], role: str) -> list[str]:
    """Return a problem if other hosts of the play have the same customer.

    :param customer: The customer of this host, from ``read_connection``.
    :param hosts: All hosts of the play.
    :param hostvars: The variables of each host.
    :returns: The problem, or an empty list.
    """
    own = Customer(*customer.split("@", 1)) if customer else _default_customer(host)
    if own is None:
        return []
    others = [other for other in hosts if other != host and own.is_same(_customer_of_host(other, hostvars, role))]
    if not others:
        return []
    names = sorted([host, *others])
    who = f"{', '.join(names[:-1])} and {names[-1]} are {'both' if len(names) == 2 else 'all'}"
    return [
        f"{who} the customer {quoted(own.id)}. Each host of a play must be another customer; else one tenant is changed several "
        f"times. Correct {HOST_PREFIX}_api_url or {HOST_PREFIX}_customer_id of the wrong ones, or leave them out with --limit."
    ]


_NO_CUSTOMER = Customer("\0")


def _default_customer(host: str) -> Customer | None:
    return next(iter(_environment_customers()), None) if host == LOCALHOST else None


def _customer_of_host(host: str, hostvars: Mapping[str, Any], role: str) -> Customer:
    """Return the customer of another host: from its fact if it has run in this play, or else from its variables."""
    try:
        variables = hostvars[host]
        fact = variables.get(_FACT.format(role=role))
        if isinstance(fact, Mapping) and fact.get("customer"):
            return Customer(*str(fact["customer"]).split("@", 1))
        for prefix in (role, HOST_PREFIX):
            customer = customer_of(*(variables.get(f"{prefix}_{name}") for name in _IDENTITY))
            if customer is not None:
                return customer
    except Exception:  # noqa: BLE001 - that host itself reports a variable that cannot be resolved
        return _NO_CUSTOMER
    return _default_customer(host) or _NO_CUSTOMER
