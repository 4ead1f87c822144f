# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: audit_html
short_description: Write an audit as one HTML page for people
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Turns what M(eightbyeight.scim.eightbyeight_audit_info) returns into one self-contained page. Its first screen has the
    figures, a bar of all situations, what changed since the last audit, and what the audit cannot see. Below are tables that
    sort and filter, with the people behind each figure, by site, by department, and the drift by attribute.
  - The page loads nothing and sends nothing. Its policy allows only its own style and script, and no value becomes markup.
    The page can be read without scripts.
  - Given and family name, site and department of an account are shown if the account has RV(ignore:given_name),
    RV(ignore:family_name), RV(ignore:site) and RV(ignore:department). RV(ignore:stale), a boolean, puts an account into the
    table of accounts without a change for a long time. RV(ignore:left_days) is the number of days since the person left.
options:
  _input:
    description: The result of M(eightbyeight.scim.eightbyeight_audit_info), or the JSON file of the role
      P(eightbyeight.scim.audit#role).
    type: dict
    required: true
  host:
    description: The inventory name of the tenant.
    type: str
    default: ""
  tenant:
    description: The SCIM address of the tenant, or its customer. By default RV(ignore:tenant) of the result.
    type: str
    default: ""
  title:
    description: The heading of the page. If it is empty, the page has a standard heading.
    type: str
    default: ""
  generated:
    description: When the audit was made, in UTC, such as V(2026-11-26T03:50:00Z). By default now.
    type: str
    default: ""
  currency:
    description: The currency of amounts, such as V(USD). By default RV(ignore:currency) of the result.
    type: str
    default: ""
  since:
    description: When the earlier audit was made, in the form of O(generated). By default RV(ignore:compared_with) of the
      result.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Audit the tenant
  eightbyeight.scim.eightbyeight_audit_info:
    users: "{{ lookup('ansible.builtin.file', 'roster.csv') | community.general.from_csv }}"
  register: audit

- name: Write the page
  ansible.builtin.copy:
    content: "{{ audit | eightbyeight.scim.audit_html(host=inventory_hostname, currency='USD') }}"
    dest: /tmp/audit.html
    mode: "0600"
"""

RETURN = r"""
_value:
  description: The page, one HTML document.
  type: str
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.clock import stamp_of
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.audit_page import About, audit_page
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._page import page_html


def audit_html(
    result: Any,
    host: str = "",
    tenant: str = "",
    title: str = "",
    generated: str = "",
    currency: str = "",
    since: str = "",
) -> str:
    """Return an audit as HTML."""
    if not isinstance(result, Mapping) or "situations" not in result:
        raise AnsibleFilterError(
            "audit_html needs the result of eightbyeight_audit_info, a dictionary with situations."
        )
    made = generated or stamp_of(datetime.now(timezone.utc))
    facts = {"tenant": tenant, "currency": currency, "since": since}
    names = {"tenant": "tenant", "currency": "currency", "since": "compared_with"}
    facts = {name: str(text or result.get(names[name]) or "") for name, text in facts.items()}
    return page_html(audit_page(result, About(host=host, title=title, generated=made, **facts)))


class FilterModule:
    """The filter audit_html."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"audit_html": audit_html}
