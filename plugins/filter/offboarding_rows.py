# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: offboarding_rows
short_description: Turn people who leave into rows of a roster
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Adds C(state=absent) to each row, and finds out how M(eightbyeight.scim.eightbyeight_user_info) reads each person.
  - It is made for the roles of this collection.
options:
  _input:
    description: The people, as rows of a roster.
    type: list
    required: true
"""

EXAMPLES = r"""
- name: Deactivate everybody in a list
  eightbyeight.scim.eightbyeight_roster:
    users: "{{ (people | eightbyeight.scim.offboarding_rows).rows }}"
"""

RETURN = r"""
_value:
  description: A dictionary of lists.
  type: dict
  contains:
    rows:
      description: The rows for M(eightbyeight.scim.eightbyeight_roster).
      type: list
      elements: dict
    lookups:
      description: How each person is found, C(row) and one of C(user_id), C(external_id) and C(user_name).
      type: list
      elements: dict
    reads:
      description: The same, or one entry to read everybody where the list is long.
      type: list
      elements: dict
    problems:
      description: One sentence for each contradiction.
      type: list
      elements: str
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.offboarding import offboarding_rows


class FilterModule:
    """The filter offboarding_rows."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"offboarding_rows": offboarding_rows}
