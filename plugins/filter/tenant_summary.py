# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: tenant_summary
short_description: What a tenant can do, as lines for one screen
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Turns the result of M(eightbyeight.scim.eightbyeight_tenant_info) into lines for people. The last lines say what cannot
    be known from reading. The playbook C(eightbyeight.scim.check) shows them.
options:
  _input:
    description:
      - The registered result, also one that failed.
    type: dict
    required: true
seealso:
  - module: eightbyeight.scim.eightbyeight_tenant_info
"""

EXAMPLES = r"""
- name: Look at the tenant
  eightbyeight.scim.eightbyeight_tenant_info:
  register: tenant

- name: Show what it can do
  ansible.builtin.debug:
    msg: "{{ tenant | eightbyeight.scim.tenant_summary }}"
"""

RETURN = r"""
_value:
  description: One text a line.
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.plugin_utils._tenant_summary import summary_lines


def tenant_summary(tenant: Any) -> list[str]:
    """Return the lines of a result of ``eightbyeight_tenant_info``."""
    if not isinstance(tenant, Mapping):
        raise AnsibleFilterError("tenant_summary needs the registered result of eightbyeight_tenant_info.")
    return summary_lines(tenant)


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return them by name."""
        return {"tenant_summary": tenant_summary}
