# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: roster_text
short_description: Tell people what the role roster plans or did
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Writes the texts of the role P(eightbyeight.scim.roster#role), from the same dictionary as
    P(eightbyeight.scim.roster_report#filter). No value becomes markup or a command for a terminal.
  - It is made for that role.
positional: kind
options:
  _input:
    description: The results of the tasks.
    type: dict
    required: true
  kind:
    description:
      - V(plan_lines) and V(report_lines) are for the screen, and V(failure) is why the role fails, or empty.
      - The others are for files. V(plan_html) and V(report_html) are self-contained pages like those of
        P(eightbyeight.scim.audit_html#filter), V(plan_csv) and V(report_csv) tables for spreadsheets with a byte-order mark,
        and V(report_json) is the record of the run, and V(report_html) shows its SHA-256.
    type: str
    choices:
      - plan_lines
      - plan_markdown
      - plan_html
      - plan_csv
      - report_lines
      - report_markdown
      - report_html
      - report_csv
      - report_json
      - failure
    required: true
"""

EXAMPLES = r"""
- name: Make a plan
  eightbyeight.scim.eightbyeight_roster:
    users: "{{ people }}"
  check_mode: true
  register: planned

- name: Show it
  ansible.builtin.debug:
    msg: "{{ {'check_mode': true, 'planned': planned} | eightbyeight.scim.roster_text('plan_lines') }}"
"""

RETURN = r"""
_value:
  description: A list of lines, or a text.
  type: raw
"""

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.markdown import page_markdown
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.record import record_json, results_csv
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.run_page import plan_page, result_page
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.screen import (
    failure,
    plan_lines,
    report_lines,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.steps import RosterSteps, read_steps
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._page import page_html
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._run_facts import run_facts

_KINDS: Mapping[str, Callable[[RosterSteps], Any]] = {
    "plan_lines": plan_lines,
    "plan_markdown": lambda steps: page_markdown(plan_page(steps)),
    "plan_html": lambda steps: page_html(plan_page(steps)),
    "plan_csv": lambda steps: results_csv(steps.planned_results),
    "report_lines": report_lines,
    "report_markdown": lambda steps: page_markdown(result_page(steps)),
    "report_html": lambda steps: page_html(result_page(steps)),
    "report_csv": lambda steps: results_csv(steps.results),
    "report_json": record_json,
    "failure": failure,
}


def roster_text(variables: Mapping[str, Any], kind: str) -> Any:
    """Return one text of a role."""
    if kind not in _KINDS:
        raise AnsibleFilterError(f"roster_text: {kind!r} is not one of the kinds of text: {', '.join(_KINDS)}.")
    return _KINDS[kind](read_steps({**variables, "run": run_facts(variables.get("run") or {})}))


class FilterModule:
    """The filter roster_text."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"roster_text": roster_text}
