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
  - Turns the C(manual_actions) that the modules of this collection return into a checklist, grouped by person, and into a table.
  - No text of anybody becomes markup. A cell that a spreadsheet would take for a formula gets an apostrophe in front.
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
      description: The list to tick off.
      type: str
    csv:
      description: The table, with an empty column V(done).
      type: str
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.checklist import (
    checklist_csv,
    checklist_markdown,
)


def checklist(actions: Iterable[Mapping[str, Any]], title: str = "Manual actions") -> dict[str, str]:
    """Return manual actions as Markdown and as CSV."""
    entries = list(actions)
    return {"markdown": checklist_markdown(entries, title), "csv": checklist_csv(entries)}


class FilterModule:
    """The filter checklist."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"checklist": checklist}
