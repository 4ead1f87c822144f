# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: printable
short_description: Make a text of somebody else safe to show
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Returns a text as one line without control characters. Control characters and characters that change the direction of
    text are escaped. Use it in labels of loops, which Ansible shows as they are.
options:
  _input:
    description: The text.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Show the names of users
  ansible.builtin.debug:
    msg: "{{ item.user_name }}"
  loop: "{{ everybody.users }}"
  loop_control:
    label: "{{ item.user_name | eightbyeight.scim.printable }}"
"""

RETURN = r"""
_value:
  description: The line.
  type: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.text import one_line


class FilterModule:
    """The filter printable."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"printable": one_line}
