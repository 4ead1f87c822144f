# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: file_problems
short_description: Say why a task could not write files
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Reads the reasons, such as a full disk or a missing permission, from the result of the task that wrote the files of a role.
  - It is made for the roles of this collection.
options:
  _input:
    description: The registered result of C(write_files.py) of the role P(eightbyeight.scim.checklist#role).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Say why a file is missing
  ansible.builtin.debug:
    msg: "{{ written | eightbyeight.scim.file_problems }}"
"""

RETURN = r"""
_value:
  description: One sentence for each file that could not be written.
  type: list
  elements: str
  sample: ["/srv/report.md cannot be written (No space left on device)."]
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.obstacles import file_problems


class FilterModule:
    """The filter file_problems."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"file_problems": file_problems}
