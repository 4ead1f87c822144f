# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: approved_plan
short_description: Find the approved plan of a tenant
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Selects the file with the plan whose digest was approved. The digests may be those of many tenants; each tenant uses its
    own.
  - It is made for the role P(eightbyeight.scim.roster#role).
positional: digests, directory, given
options:
  _input:
    description: The results of M(ansible.builtin.slurp), one for each file.
    type: list
    elements: dict
    required: true
  digests:
    description: The approved digests.
    type: list
    elements: str
    required: true
  directory:
    description: The directory of the files, for the message.
    type: str
    required: true
  given:
    description: The file that was given instead.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Read a plan
  ansible.builtin.slurp:
    src: /srv/plans/south.json
  register: plan

- name: See whether it is the approved one
  ansible.builtin.debug:
    msg: "{{ [plan] | eightbyeight.scim.approved_plan(['sha256:9f2c0b6e'], '/srv/plans') }}"
"""

RETURN = r"""
_value:
  description: The plan that was found.
  type: dict
  contains:
    path:
      description: Its file, or an empty text if there is none.
      type: str
    digest:
      description: Its digest, or an empty text if there is none.
      type: str
    problem:
      description: Why there is none, or an empty text.
      type: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.variables import approved_plan


class FilterModule:
    """The filter approved_plan."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"approved_plan": approved_plan}
