# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: followup_groups
short_description: Group the follow-ups that a role notifies somebody of
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Returns what a role gives to the task file in C(ROLE_followup_tasks), one entry for each run of the file.
  - With a ledger, these are the follow-ups that this run opened, and those of earlier runs that nobody was notified of.
    Without a ledger, these are the manual actions of this run.
  - It is made for the roles of this collection.
positional: role, by, actions
options:
  _input:
    description:
      - The results of the tasks. C(ledger) is a path or empty; C(resumed), C(opened) and C(read) are registered results of
        M(eightbyeight.scim.eightbyeight_followup) and M(eightbyeight.scim.eightbyeight_followup_info).
    type: dict
    required: true
  role:
    description: The name of the role.
    type: str
    choices: [onboarding, offboarding, roster]
    required: true
  by:
    description: Whether there is one notification for each follow-up, or one for each person.
    type: str
    choices: [action, person]
    required: true
  actions:
    description: The manual actions of this run.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show whom to notify of what
  ansible.builtin.debug:
    msg: "{{ {} | eightbyeight.scim.followup_groups('onboarding', 'person', ada.manual_actions) }}"
"""

RETURN = r"""
_value:
  description:
    - One dictionary for each run of the task file, with the keys of the first follow-up or manual action in it, such as C(action)
      and C(user_name), and these.
  type: list
  elements: dict
  contains:
    label:
      description: Its name in a line on the screen.
      type: str
    tenant:
      description: The tenant of the follow-ups, or V(null) without a ledger.
      type: str
    key:
      description: A word that stays the same for the same notification, to search for a ticket before one is opened.
      type: str
    actions:
      description: All follow-ups or manual actions in it.
      type: list
      elements: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.tickets import role_groups


class FilterModule:
    """The filter followup_groups."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"followup_groups": role_groups}
