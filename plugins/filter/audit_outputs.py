# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_outputs
short_description: Write an audit as JSON, CSV, HTML and metrics
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Turns what M(eightbyeight.scim.eightbyeight_audit_info) returned into the files of the role P(eightbyeight.scim.audit#role).
  - It is made for the roles of this collection. For the HTML page alone, see P(eightbyeight.scim.audit_html#filter).
positional: base, formats, finished, limits, host
options:
  _input:
    description: What M(eightbyeight.scim.eightbyeight_audit_info) returned.
    type: dict
    required: true
  base:
    description: The path of the files, without an ending.
    type: str
    required: true
  formats:
    description: Which files to write, out of V(json), V(csv), V(html) and V(prom).
    type: list
    elements: str
    required: true
  finished:
    description: When the audit ended, in UTC, such as C(2026-12-01T08:30:00Z), for the metrics.
    type: str
    required: true
  limits:
    description: The highest allowed numbers of figures and situations, by name.
    type: dict
    default: {}
  host:
    description: The inventory name of the tenant, for the page.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: See whether an audit passes
  ansible.builtin.debug:
    msg: "{{ (audit | eightbyeight.scim.audit_outputs('/tmp/audit', [], '2026-12-01T08:30:00Z', {'orphaned': 5})).failures }}"
"""

RETURN = r"""
_value:
  description: What to write.
  type: dict
  contains:
    payload:
      description: What to write, as JSON. It is a list of C(path), C(mode) and C(text).
      type: str
    files:
      description: The files, each with C(format), C(path) and C(mode).
      type: list
      elements: dict
    lines:
      description: The result of the audit, as lines for the screen.
      type: list
      elements: str
    failures:
      description: One sentence for each limit that is exceeded.
      type: list
      elements: str
"""

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.filter.audit_html import audit_html
from ansible_collections.eightbyeight.scim.plugins.module_utils._audit.document import facts_of
from ansible_collections.eightbyeight.scim.plugins.module_utils._audit.gate import gate_failures
from ansible_collections.eightbyeight.scim.plugins.module_utils._audit.outputs import as_csv, as_json, as_metrics
from ansible_collections.eightbyeight.scim.plugins.module_utils._audit.report import audit_files, audit_lines
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._compat import as_stored


def audit_outputs(
    result: Any,
    base: str,
    formats: list[str],
    finished: str,
    limits: Mapping[str, float] | None = None,
    host: str = "",
) -> dict[str, Any]:
    """Return the files of an audit."""
    if not isinstance(result, Mapping) or "situations" not in result:
        raise AnsibleFilterError("audit_outputs needs the result of eightbyeight_audit_info.")
    facts = facts_of(as_stored(result))
    writers: dict[str, Callable[[Mapping[str, Any]], str]] = {
        "json": as_json,
        "csv": as_csv,
        "html": functools.partial(audit_html, host=host),
        "prom": functools.partial(as_metrics, finished=finished),
    }
    files = audit_files(facts, base, formats)
    payload = json.dumps([{**file, "text": writers[file["format"]](facts)} for file in files])
    return {
        # The content is text, because Ansible is slow with the hundred thousand values of a large audit. Without the line
        # break, ansible-core 2.16 would turn it into a list.
        "payload": f"\n{payload}",
        "files": files,
        "lines": audit_lines(facts),
        "failures": gate_failures(facts, limits or {}),
    }


class FilterModule:
    """The filter audit_outputs."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"audit_outputs": audit_outputs}
