# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: file_problem
short_description: Say why a task could not write a file
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Takes from the result of M(ansible.builtin.copy) or M(ansible.builtin.file) why the system refused, such as a full disk or a
    missing permission.
  - It is made for the roles of this collection.
positional: path
options:
  _input:
    description: The registered result.
    type: dict
    required: true
  path:
    description: The path that was to be written.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Say why a file is missing
  ansible.builtin.debug:
    msg: "{{ written | eightbyeight.scim.file_problem('/srv/report.md') }}"
"""

RETURN = r"""
_value:
  description: One sentence, or an empty text where the task did not fail.
  type: str
  sample: /srv/report.md cannot be written (No space left on device).
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.files import file_problem


class FilterModule:
    """The filter file_problem."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"file_problem": file_problem}
