# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: tenant_problem
short_description: Say why a tenant must not be changed now
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Judges what M(eightbyeight.scim.eightbyeight_tenant_info) returned. A tenant that cannot be read, that has users and shows
    none of them, or whose list of users does not add up is a problem.
positional: allow_incomplete, variable, note
options:
  _input:
    description: The registered result.
    type: dict
    required: true
  allow_incomplete:
    description: Whether a list of users that does not add up is accepted. When it is not given, nobody asks.
    type: bool
  variable:
    description: The variable with which a person accepts such a list, for the message.
    type: str
    default: ""
  note:
    description: What to add to a problem.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Look at the tenant
  eightbyeight.scim.eightbyeight_tenant_info:
  register: tenant

- name: Go on only if it can be changed
  ansible.builtin.assert:
    that: tenant | eightbyeight.scim.tenant_problem == ""
    fail_msg: "{{ tenant | eightbyeight.scim.tenant_problem }}"
"""

RETURN = r"""
_value:
  description: What is wrong and which setting to change, or an empty text.
  type: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.tenant import tenant_problem


class FilterModule:
    """The filter tenant_problem."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"tenant_problem": tenant_problem}
