# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_facts
short_description: Remove what Ansible adds to the result of an audit
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Returns the keys that M(eightbyeight.scim.eightbyeight_audit_info) documents, without C(failed), C(invocation) and the like.
  - It is made for the roles of this collection.
options:
  _input:
    description: A registered result of M(eightbyeight.scim.eightbyeight_audit_info).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Keep an audit
  ansible.builtin.set_fact:
    audit_result: "{{ audit | eightbyeight.scim.audit_facts }}"
"""

RETURN = r"""
_value:
  description: The audit.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._audit.document import facts_of
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._compat import as_stored


def audit_facts(result: Any) -> dict[str, Any]:
    """Return an audit without the keys that Ansible adds."""
    return facts_of(as_stored(result))


class FilterModule:
    """The filter audit_facts."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"audit_facts": audit_facts}
