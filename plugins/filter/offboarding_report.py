# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: offboarding_report
short_description: Say what became of people who were offboarded
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Turns what M(eightbyeight.scim.eightbyeight_roster) returned into the facts of the role P(eightbyeight.scim.offboarding#role),
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
    msg: "{{ (steps | eightbyeight.scim.offboarding_report).lines }}"
  vars:
    steps:
      host: "{{ inventory_hostname }}"
      users: "{{ people }}"
      check_mode: false
      run: "{{ registered }}"
      missing: fail
      before: {}
      after: {}
      evidence: ""
      evidence_written: {}
      wants_evidence: false
"""

RETURN = r"""
_value:
  description: A dictionary of what the role needs.
  type: dict
  contains:
    results:
      description: One dictionary a person, in the order of the list; the fact C(offboarding_results) of the role.
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
    unwritten:
      description: A sentence for each file that could not be written.
      type: list
      elements: str
    checklists:
      description: Paths of the checklist that was written.
      type: list
      elements: str
    evidence:
      description: Path of the evidence that was written, or an empty text.
      type: str
    unclear:
      description: Whom to read once more, because they failed and their state is not known.
      type: list
      elements: dict
    is_about_variables:
      description: Whether nothing was done because the list itself is wrong.
      type: bool
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.offboarding import offboarding_report


class FilterModule:
    """The filter offboarding_report."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"offboarding_report": offboarding_report}
