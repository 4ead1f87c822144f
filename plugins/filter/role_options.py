# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: role_options
short_description: Read the variables of a role of this collection
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Surveys, C(-e key=value) and credential injectors give every value as text. This filter turns the variables of a role of
    this collection into values of the type that each one has, and reports those that have no such value.
  - It is made for the roles of this collection.
positional: role, playbook_dir, connection
options:
  _input:
    description:
      - The variables, by their names without the name of the role. A variable that is missing, null or blank gets its
        default.
    type: dict
    required: true
  role:
    description: The name of the role.
    type: str
    required: true
  playbook_dir:
    description: The first folder to search for the user's own task file. The second is where Ansible was started.
    type: str
    default: ""
  connection:
    description:
      - The connection of the host, as in C(ansible_connection). With V(local), relative paths start where Ansible was started.
    type: str
    default: local
"""

EXAMPLES = r"""
- name: Read two variables
  ansible.builtin.debug:
    msg: "{{ given | eightbyeight.scim.role_options('roster') }}"
  vars:
    given:
      plan_only: "false"
      protected: "admin@example.org, *.service@example.org"
"""

RETURN = r"""
_value:
  description: A dictionary of three keys.
  type: dict
  contains:
    options:
      description: Every variable of the role, by its name without the name of the role, with a value of its type.
      type: dict
    problems:
      description: One sentence for each variable that cannot be read, by its whole name.
      type: list
      elements: str
    notes:
      description: One sentence for each place whose files are lost when this job of AWX ends, by the variable that names it.
      type: list
      elements: str
"""

from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_options import read_options


def role_options(given: Any, role: str, playbook_dir: str = "", connection: str = "local") -> dict[str, Any]:
    """Read the variables of a role."""
    try:
        return read_options(given, role, playbook_dir, connection)
    except KeyError as error:
        raise AnsibleFilterError(f"role_options: {error}") from error


class FilterModule:
    """The filter role_options."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"role_options": role_options}
