# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: checklist
short_description: Write manual actions as a checklist in Markdown and in CSV
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Turns the C(manual_actions) that the modules of this collection return into a checklist and into a table.
  - The checklist is made for a help desk. It is sorted by action. Actions for exactly the same people share one list of
    people, and each reason is there once. The table has a line for each action, sorted by action, and a byte-order mark for
    spreadsheets.
  - No value becomes markup. A cell that looks like a formula gets an apostrophe in front.
  - The role P(eightbyeight.scim.checklist#role) writes both into files.
positional: title
options:
  _input:
    description: The manual actions, each with RV(ignore:action), RV(ignore:user_name), RV(ignore:user_id), RV(ignore:reason) and
      RV(ignore:where).
    type: list
    elements: dict
    required: true
  title:
    description: The heading of the Markdown.
    type: str
    default: Manual actions
  people:
    description:
      - The source of names, departments and sites -
        RV(eightbyeight.scim.eightbyeight_user_info#module:users) or
        RV(eightbyeight.scim.eightbyeight_roster#module:results) of a module, or the results of a role.
    type: list
    elements: dict
    default: []
  tenant:
    description: The tenant of the people.
    type: str
    default: ""
  date:
    description: When the checklist is written, in UTC.
    type: str
    default: ""
  run:
    description: The run that the actions come from, such as the number of a job.
    type: str
    default: ""
seealso:
  - plugin: eightbyeight.scim.checklist
    plugin_type: role
"""

EXAMPLES = r"""
- name: Send what is left to do
  community.general.mail:
    subject: 8x8
    body: "{{ (created.manual_actions | eightbyeight.scim.checklist('8x8')).markdown }}"
"""

RETURN = r"""
_value:
  description: The checklist in two forms.
  type: dict
  contains:
    markdown:
      description: The task list as Markdown.
      type: str
    csv:
      description: The table, with an empty column V(done).
      type: str
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.checklist import (
    About,
    checklist_csv,
    checklist_markdown,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.users import Users


def checklist(
    actions: Iterable[Mapping[str, Any]],
    title: str = "Manual actions",
    people: Iterable[Mapping[str, Any]] = (),
    tenant: str = "",
    date: str = "",
    run: str = "",
) -> dict[str, str]:
    """Return manual actions as Markdown and as CSV."""
    entries, users, about = list(actions), Users.among(people), About(title, tenant, date, str(run))
    return {"markdown": checklist_markdown(entries, users, about), "csv": checklist_csv(entries, users, about)}


class FilterModule:
    """The filter checklist."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"checklist": checklist}
