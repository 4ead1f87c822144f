# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: followups_report
short_description: Report what is open in a ledger of follow-ups
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Turns what M(eightbyeight.scim.eightbyeight_followup) and M(eightbyeight.scim.eightbyeight_followup_info) returned into the
    facts of the role P(eightbyeight.scim.followups#role), into its checklist, into lines for the screen, and into the message
    that the role fails with.
  - It is made for the roles of this collection.
options:
  _input:
    description:
      - The results of the tasks. C(read) and C(closed) are registered results, C(written) is the registered loop that wrote the
        files, C(failed) a list of C(label) and C(msg), C(by) is V(action) or V(person), and C(host) the name of the host.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show what is open
  ansible.builtin.debug:
    msg: "{{ {'read': read, 'host': inventory_hostname} | eightbyeight.scim.followups_report }}"
"""

RETURN = r"""
_value:
  description: The result.
  type: dict
  contains:
    open:
      description: The follow-ups that are open, overdue ones first.
      type: list
      elements: dict
    closed:
      description: The follow-ups that 8x8 shows as done.
      type: list
      elements: dict
    counts:
      description: How many are in each state.
      type: dict
    checklists:
      description: The paths of the files that were written.
      type: list
      elements: str
    groups:
      description: The notifications, as the filter P(eightbyeight.scim.followup_groups#filter) returns them.
      type: list
      elements: dict
    markdown:
      description: The open follow-ups as a task list in Markdown.
      type: str
    csv:
      description: The same as a table.
      type: str
    lines:
      description: What happened, for the screen.
      type: list
      elements: str
    failure:
      description: The failure message of the role. It is empty if the role does not fail.
      type: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.followups import followups_report


class FilterModule:
    """The filter followups_report."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"followups_report": followups_report}
