# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: awx_changes
short_description: Find the objects of AWX that are missing or differ
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Compares the requested objects with those of AWX, by the digest at the end of their descriptions.
  - It is made for the playbook C(eightbyeight.scim.awx).
positional: found, update_secrets
options:
  _input:
    description: The RV(eightbyeight.scim.awx_objects#filter:_value.objects) of P(eightbyeight.scim.awx_objects#filter).
    type: list
    elements: dict
    required: true
  found:
    description: For each kind, the objects of AWX with these names.
    type: dict
    required: true
  update_secrets:
    description: Whether secrets that AWX has are written again.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Say what would be created in an AWX that has nothing yet
  ansible.builtin.debug:
    msg: "{{ (objects | eightbyeight.scim.awx_changes({})).operations }}"
  vars:
    objects: []
"""

RETURN = r"""
_value:
  description: The changes, by the keys of the objects that are missing or differ.
  type: dict
  contains:
    by_kind:
      description: For each kind the keys of its objects.
      type: dict
    operations:
      description: For each key V(created) or V(updated).
      type: dict
    arguments:
      description: For each key the arguments of the module.
      type: dict
    seals:
      description: For each key the arguments of the call that adds the digest when everything else is done.
      type: dict
    lines:
      description: Lines for the screen, which count the objects and name those that differ.
      type: list
      elements: str
    summary:
      description: What a person must do next.
      type: list
      elements: str
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.plugin_utils._awx import changes, lines, next_steps
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._compat import untemplated
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_values import plain


def awx_changes(
    objects: Sequence[Mapping[str, Any]], found: Mapping[str, Sequence[Mapping[str, Any]]], update_secrets: Any = False
) -> Any:
    """Return the changes to make. Their templates are for AWX, so they are not evaluated here."""
    wanted = str(update_secrets).strip().lower() in ("true", "yes", "on", "1")
    objects, found = plain(objects), plain(found)
    todo = changes(objects, found, update_secrets=wanted)
    by_kind: dict[str, list[str]] = {}
    for change in todo:
        by_kind.setdefault(change.kind, []).append(change.key)
    return untemplated(
        {
            "by_kind": by_kind,
            "operations": {change.key: change.operation for change in todo},
            "arguments": {change.key: change.arguments for change in todo},
            "seals": {change.key: change.seal for change in todo},
            "lines": lines(objects, todo),
            "summary": next_steps(objects, found),
        }
    )


class FilterModule:
    """The filter awx_changes."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"awx_changes": awx_changes}
