# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: role_obstacle
short_description: Find out why a role cannot begin to write
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Checks the variables of a role, the result of M(eightbyeight.scim.eightbyeight_tenant_info), and whether the directories
    of the role can be written to.
  - It is made for the roles of this collection.
positional: note, looked, made, problems
options:
  _input:
    description: The registered result of M(eightbyeight.scim.eightbyeight_tenant_info); empty or skipped if it did not run.
    type: dict
    required: true
  note:
    description: A sentence to add if the tenant cannot be read.
    type: str
    default: ""
  looked:
    description: The registered loop of M(ansible.builtin.stat) over the directories.
    type: dict
    default: {}
  made:
    description: The registered loop of M(ansible.builtin.file) over the results of the first one, which creates missing
      directories.
    type: dict
    default: {}
  problems:
    description: What is wrong with the variables of the role. If there is a problem, nothing else is reported.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Stop before the first write if anything is wrong
  ansible.builtin.assert:
    that: tenant | eightbyeight.scim.role_obstacle == ""
    fail_msg: "{{ tenant | eightbyeight.scim.role_obstacle }}"
"""

RETURN = r"""
_value:
  description: Why nothing may be written now, or an empty text.
  type: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.obstacles import role_obstacle


class FilterModule:
    """The filter role_obstacle."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"role_obstacle": role_obstacle}
