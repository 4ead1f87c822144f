# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: onboarding_report
short_description: Say what became of people who were onboarded
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Turns what M(eightbyeight.scim.eightbyeight_roster) returned into the facts of the role P(eightbyeight.scim.onboarding#role),
    into lines for the screen, and into the message that the role fails with.
  - It is made for the roles of this collection.
options:
  _input:
    description: What the role collected, first of all C(users), the list, and C(run), the registered result.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what happened
  ansible.builtin.debug:
    msg: "{{ (steps | eightbyeight.scim.onboarding_report).lines }}"
  vars:
    steps:
      host: "{{ inventory_hostname }}"
      users: "{{ people }}"
      check_mode: false
      run: "{{ registered }}"
"""

RETURN = r"""
_value:
  description: A dictionary of what the role needs.
  type: dict
  contains:
    results:
      description: One dictionary a person, in the order of the list; the fact C(onboarding_results) of the role.
      type: list
      elements: dict
    failed:
      description: Those of them that failed.
      type: list
      elements: dict
    manual_actions:
      description: What a person must still do in Admin Console.
      type: list
      elements: dict
    lines:
      description: What happened, a line each; the last is the total.
      type: list
      elements: str
    failure:
      description: Why the role fails, or an empty text.
      type: str
    checklists:
      description: Paths of the checklist that was written.
      type: list
      elements: str
    unwritten:
      description: A sentence for each file that could not be written.
      type: list
      elements: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.onboarding import onboarding_report


class FilterModule:
    """The filter onboarding_report."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"onboarding_report": onboarding_report}
