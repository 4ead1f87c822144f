# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: roster_csv
short_description: Users as CSV, in the form that rosters take
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Turns the users that M(eightbyeight.scim.eightbyeight_user_info) returns into a CSV that
    M(eightbyeight.scim.eightbyeight_roster) takes back without changing anything.
  - An attribute that a user does not have is V(~), which leaves it alone. An empty cell would clear it.
  - A text that looks like a formula gets an apostrophe in front. Then the table begins with an empty column C(reason), which
    tells the roster to remove the apostrophes.
options:
  _input:
    description:
      - The users.
    type: list
    elements: dict
    required: true
seealso:
  - module: eightbyeight.scim.eightbyeight_user_info
  - module: eightbyeight.scim.eightbyeight_roster
"""

EXAMPLES = r"""
- name: Read everybody
  eightbyeight.scim.eightbyeight_user_info:
  register: everybody

- name: Write them as a roster
  ansible.builtin.copy:
    content: "{{ everybody.users | eightbyeight.scim.roster_csv }}"
    dest: /tmp/roster.csv
    mode: "0600"
"""

RETURN = r"""
_value:
  description: The table, with one line for the names of the columns and one for each user.
  type: str
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.plugin_utils._roster_csv import users_csv


def roster_csv(users: Any) -> str:
    """Return users as CSV."""
    if not isinstance(users, Sequence) or not all(isinstance(user, Mapping) for user in users):
        raise AnsibleFilterError("roster_csv needs the list of users that eightbyeight_user_info returns.")
    return users_csv(users)


class FilterModule:
    """The filter roster_csv."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"roster_csv": roster_csv}
