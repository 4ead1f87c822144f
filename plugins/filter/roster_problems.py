# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: roster_problems
short_description: Check the variables of the role roster
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Checks that the variables of the role P(eightbyeight.scim.roster#role) fit together, as
    P(eightbyeight.scim.role_options#filter) read them.
  - It is made for that role.
positional: known
options:
  _input:
    description: The options of the role.
    type: dict
    required: true
  known:
    description: What is wrong with single variables. A list that cannot be read is then not also reported as empty.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Say that there is nothing to do
  ansible.builtin.debug:
    msg: "{{ {'users': [], 'approved_digest': []} | eightbyeight.scim.roster_problems }}"
"""

RETURN = r"""
_value:
  description: One sentence for each problem.
  type: list
  elements: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.variables import roster_problems


class FilterModule:
    """The filter roster_problems."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"roster_problems": roster_problems}
