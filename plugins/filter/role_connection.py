# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: role_connection
short_description: Read the connection of a role of this collection
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Each connection option of a role comes from the variable of the role (such as C(roster_api_url)), else from the variable of
    the host (C(eightbyeight_api_url)), else from C(module_defaults), else from the environment. This filter reads the variables.
  - A host other than C(localhost) must name its customer. If the environment names another customer, it is not used for that
    host.
  - Two hosts of one play with the same customer are a problem, because one tenant would be changed twice.
  - It is made for the roles of this collection.
positional: role, host, hosts, hostvars
options:
  _input:
    description:
      - The variables whose names begin with the name of the role or with C(eightbyeight_), by their whole names. Others are
        ignored.
    type: dict
    required: true
  role:
    description: The name of the role.
    type: str
    required: true
  host:
    description: The host, as in C(inventory_hostname).
    type: str
    required: true
  hosts:
    description:
      - All hosts of the play, as in C(ansible_play_hosts_all), to find hosts with the same customer.
    type: list
    elements: str
    default: []
  hostvars:
    description: The variables of all hosts, as in C(hostvars).
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Show where a role would connect to
  ansible.builtin.debug:
    msg: "{{ (given | eightbyeight.scim.role_connection('roster', inventory_hostname)).options.api_url }}"
  vars:
    given:
      roster_api_url: ""
      eightbyeight_api_url: https://platform-cloud.8x8.com/udi/customers/CUSTOMER_ID/scim/v2
"""

RETURN = r"""
_value:
  description: A dictionary. It has the token, if a variable has it.
  type: dict
  contains:
    options:
      description: The given options for the modules.
      type: dict
    environment:
      description: The environment for the tasks of the role, for the state directory, and to hide variables of another
        customer.
      type: dict
    customer:
      description: What identifies this tenant, or an empty text if the variables do not say it.
      type: str
    problems:
      description: One sentence for each problem.
      type: list
      elements: str
    hidden:
      description: A sentence about variables of the environment that were not used, or an empty text.
      type: str
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_connection import read_connection, same_customer


def role_connection(
    values: Mapping[str, Any],
    role: str,
    host: str,
    hosts: Iterable[str] = (),
    hostvars: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Read the connection of a role."""
    connection = read_connection(values, role, host)
    if hostvars is not None:
        connection["problems"] += same_customer(host, connection["customer"], hosts, hostvars, role)
    return connection


class FilterModule:
    """The filter role_connection."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"role_connection": role_connection}
