# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_report
short_description: Report the result of an audit
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Turns the outputs of an audit, and the results of writing its files, into the lines that the role
    P(eightbyeight.scim.audit#role) shows and the message that it fails with.
  - It is made for the roles of this collection.
options:
  _input:
    description:
      - The results of the tasks. C(outputs) is the result of P(eightbyeight.scim.audit_outputs#filter), and C(written) the
        registered task that wrote the files.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the result
  ansible.builtin.debug:
    msg: "{{ ({'outputs': outputs} | eightbyeight.scim.audit_report).lines }}"
"""

RETURN = r"""
_value:
  description: The result.
  type: dict
  contains:
    files:
      description: The paths of the files that were written, by format.
      type: dict
    lines:
      description: The result, as lines for the screen.
      type: list
      elements: str
    failure:
      description: The failure message of the role. It is empty if the role does not fail.
      type: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._audit.report import audit_report


class FilterModule:
    """The filter audit_report."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"audit_report": audit_report}
