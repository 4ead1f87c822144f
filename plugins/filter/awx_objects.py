# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: awx_objects
short_description: Read the objects for AWX
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Reads lists of objects that are named as C(infra.aap_configuration) names them, with the options of the modules of C(awx.awx).
  - It is made for the playbook C(eightbyeight.scim.awx).
positional: settings
options:
  _input:
    description:
      - The lists by their names - C(controller_credential_types), C(controller_credentials), C(controller_projects),
        C(controller_inventories), C(controller_hosts), C(controller_notifications), C(controller_templates),
        C(controller_workflows) and C(controller_schedules).
    type: dict
    required: true
  settings:
    description:
      - The settings of your own AWX. A blank setting does not change the objects.
    type: dict
    default: {}
    suboptions:
      organization:
        description: The organization of all objects.
        type: str
      project_url:
        description: The address of the repository.
        type: str
      project_branch:
        description: Its branch.
        type: str
      execution_environment:
        description: The execution environment of job templates that name none.
        type: str
      webhook_url:
        description: The address that notification templates send to.
        type: str
      credential_inputs:
        description: Inputs of the credentials.
        type: dict
"""

EXAMPLES = r"""
- name: Read the objects for AWX
  ansible.builtin.debug:
    msg: "{{ (lists | eightbyeight.scim.awx_objects({'organization': 'Telephony'})).objects | map(attribute='key') }}"
  vars:
    lists:
      controller_inventories:
        - name: 8x8 tenants
          organization: Default
"""

RETURN = r"""
_value:
  description: What was read.
  type: dict
  contains:
    problems:
      description: Why the lists cannot be used, or an empty list.
      type: list
      elements: str
    objects:
      description: The objects in the order of their dependencies, each with a digest of its data.
      type: list
      elements: dict
    questions:
      description: What to ask AWX, for each kind of object an C(endpoint) and its C(query_params).
      type: list
      elements: dict
"""

import importlib.util
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.plugin_utils._awx import problems_of, questions, wanted_objects
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._compat import untemplated
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_values import plain

#: The collection that knows AWX, and how to get it.
_NEEDED = "awx.awx"
_MISSING = (
    f"The collection {_NEEDED} is missing, whose modules put the objects in place. Install it: "
    f"ansible-galaxy collection install '{_NEEDED}:>=24.6.1'"
)


def _is_installed() -> bool:
    try:
        return importlib.util.find_spec(f"ansible_collections.{_NEEDED}") is not None
    except ImportError:
        return False


def awx_objects(lists: Mapping[str, Any], settings: Mapping[str, Any] | None = None) -> Any:
    """Return the wanted objects, or the problems with the lists."""
    lists, settings = plain(lists), plain(settings or {})
    problems = problems_of(lists) + ([] if _is_installed() else [_MISSING])
    objects = [] if problems else wanted_objects(lists, settings)
    return untemplated({"problems": problems, "objects": objects, "questions": questions(objects)})


class FilterModule:
    """The filter awx_objects."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"awx_objects": awx_objects}
