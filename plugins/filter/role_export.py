# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: role_export
short_description: Read the export of the role roster
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Finds the file, and reads it as P(eightbyeight.scim.roster_from#filter) does.
  - It is made for the role P(eightbyeight.scim.roster#role).
positional: role, playbook_dir
options:
  _input:
    description: The variables, as P(eightbyeight.scim.role_options#filter) returns them.
    type: dict
    required: true
  role:
    description: The name of the role.
    type: str
    required: true
  playbook_dir:
    description: The folder to search if the file is not where Ansible was started.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Read the export that the variables name
  ansible.builtin.debug:
    msg: "{{ given | eightbyeight.scim.role_options('roster') | eightbyeight.scim.role_export('roster', playbook_dir) }}"
  vars:
    given:
      source: entra_csv
      export: users.csv
"""

RETURN = r"""
_value:
  description:
    - The input; RV(ignore:options.users) is the roster, and RV(ignore:problems) also has the problems of the export.
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_export import with_export


class FilterModule:
    """The filter role_export."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"role_export": with_export}
