# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: people_report
short_description: Report the results of an onboarding or offboarding
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Turns what M(eightbyeight.scim.eightbyeight_roster) returned into the facts of the roles
    P(eightbyeight.scim.onboarding#role) and P(eightbyeight.scim.offboarding#role), into lines for the screen, and into the
    message that the role fails with.
  - It is made for the roles of this collection.
positional: role
options:
  _input:
    description:
      - What the role collected, first of all C(users), the list, and C(run), the registered result.
      - For V(offboarding) also C(missing) (V(fail) or V(report)), C(before) and C(after), the registered loops of
        M(eightbyeight.scim.eightbyeight_user_info), C(evidence), the registered result of the task that wrote it, and
        C(wants_evidence), whether there is a directory for it.
    type: dict
    required: true
  role:
    description: The name of the role.
    type: str
    choices: [onboarding, offboarding]
    required: true
"""

EXAMPLES = r"""
- name: Show what happened
  ansible.builtin.debug:
    msg: "{{ (steps | eightbyeight.scim.people_report('onboarding')).lines }}"
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
      description: One dictionary a person, in the order of the list; the fact C(ROLE_results) of the role.
      type: list
      elements: dict
    failed:
      description: The results that failed.
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
    evidence:
      description: Path of the evidence that was written, or an empty text; only for V(offboarding).
      type: str
    unclear:
      description: Who must be read once more, because the person failed and the state is not known; only for V(offboarding).
      type: list
      elements: dict
    is_about_variables:
      description: Whether nothing was done because of the variables of the role; only for V(offboarding).
      type: bool
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.offboarding import offboarding_report
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.onboarding import onboarding_report

_REPORTS = {"onboarding": onboarding_report, "offboarding": offboarding_report}


def people_report(steps: Mapping[str, Any], role: str) -> dict[str, Any]:
    """Return the result of the role."""
    if role not in _REPORTS:
        raise AnsibleFilterError(f"people_report: role must be one of {', '.join(_REPORTS)}, not {role!r}.")
    return _REPORTS[role](steps)


class FilterModule:
    """The filter people_report."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"people_report": people_report}
