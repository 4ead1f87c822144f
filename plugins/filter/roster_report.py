# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: roster_report
short_description: Combine the steps of the role roster
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Takes what M(eightbyeight.scim.eightbyeight_roster) returned when the plan was made, when it was applied and when it was
    verified, and reports the result of all steps.
  - It is made for the role P(eightbyeight.scim.roster#role).
options:
  _input:
    description:
      - What the role collected - RV(ignore:host), RV(ignore:check_mode), RV(ignore:plan_only), RV(ignore:approved),
        RV(ignore:tenant), RV(ignore:planned), RV(ignore:plan), RV(ignore:applied), RV(ignore:undo), RV(ignore:found) and so on.
        A step that is missing was not done.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Make a plan
  eightbyeight.scim.eightbyeight_roster:
    users: "{{ people }}"
  check_mode: true
  register: planned

- name: Show who is refused
  ansible.builtin.debug:
    msg: "{{ ({'check_mode': true, 'planned': planned} | eightbyeight.scim.roster_report).failed }}"
"""

RETURN = r"""
_value:
  description: The result.
  type: dict
  contains:
    has_digest:
      description: Whether the module made or accepted a plan.
      type: bool
    is_planned:
      description: Whether there is a plan that can be applied.
      type: bool
    will_apply:
      description: Whether the role continues and applies the plan.
      type: bool
    has_results:
      description: Whether the plan has anything to show.
      type: bool
    keeps_plan:
      description: Whether to keep the file of the plan.
      type: bool
    leaves_files:
      description: Whether there is something to write.
      type: bool
    files:
      description: The fact C(roster_files) of the role.
      type: dict
    result:
      description: The fact C(roster_result) of the role.
      type: dict
    manual_actions:
      description: The fact C(roster_manual_actions) of the role.
      type: list
      elements: dict
    to_do:
      description: The manual actions that go into the checklist.
      type: list
      elements: dict
    failed:
      description: The fact C(roster_failed) of the role.
      type: list
      elements: dict
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.steps import read_steps


def roster_report(variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what came of the steps of a role."""
    steps = read_steps(variables)
    return {
        "has_digest": steps.has_digest,
        "is_planned": steps.is_planned,
        "will_apply": steps.will_apply,
        "has_results": bool(steps.planned_results),
        "keeps_plan": steps.keeps_plan,
        "leaves_files": steps.leaves_files,
        "files": steps.files,
        "result": steps.outcome(),
        "manual_actions": steps.manual_actions,
        "to_do": steps.to_do,
        "failed": steps.failed,
    }


class FilterModule:
    """The filter roster_report."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"roster_report": roster_report}
