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
positional: kind, base
options:
  _input:
    description: The results of the tasks.
    type: dict
    required: true
  kind:
    description:
      - V(plan_lines) and V(report_lines) are for the screen, and V(failure) is why the role fails, or empty.
      - V(plan_files) and V(report_files) are for files - a self-contained page like that of
        P(eightbyeight.scim.audit_html#filter), the same as Markdown, and a table for spreadsheets with a byte-order mark. With
        V(report_files) also the record of the run as JSON, of which the page shows the SHA-256.
    type: str
    choices:
      - plan_lines
      - plan_files
      - report_lines
      - report_files
      - failure
    required: true
  base:
    description: The path of the files without the ends of their names, such as C(.html).
    type: str
    default: ""
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
  description: A list of lines, or a text. For files it is what to write, as JSON - a list of C(path), C(mode) and C(text).
  type: raw
"""

import json
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


def _plan_files(steps: RosterSteps) -> dict[str, str]:
    page = plan_page(steps)
    return {"md": page_markdown(page), "html": page_html(page), "csv": results_csv(steps.planned_results)}


def _report_files(steps: RosterSteps) -> dict[str, str]:
    record = record_json(steps)
    page = result_page(steps, record)
    table = results_csv(steps.results)
    return {"md": page_markdown(page), "html": page_html(page), "csv": table, "json": record}


_TEXTS: Mapping[str, Callable[[RosterSteps], Any]] = {
    "plan_lines": plan_lines,
    "report_lines": report_lines,
    "failure": failure,
}
_FILES: Mapping[str, Callable[[RosterSteps], Mapping[str, str]]] = {
    "plan_files": _plan_files,
    "report_files": _report_files,
}


def roster_text(variables: Mapping[str, Any], kind: str, base: str = "") -> Any:
    """Return one text of a role, or all files of a step."""
    steps = read_steps({**variables, "run": run_facts(variables.get("run") or {})})
    if kind in _TEXTS:
        return _TEXTS[kind](steps)
    if kind not in _FILES:
        kinds = ", ".join((*_TEXTS, *_FILES))
        raise AnsibleFilterError(f"roster_text: {kind!r} is not one of the kinds of text: {kinds}.")
    texts = _FILES[kind](steps).items()
    # Without the line break, ansible-core 2.16 would turn the text into a list.
    return "\n" + json.dumps([{"path": f"{base}.{ending}", "mode": "0600", "text": text} for ending, text in texts])


class FilterModule:
    """The filter roster_text."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"roster_text": roster_text}
