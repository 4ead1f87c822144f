# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: artifact_plan
short_description: Read the plan that an earlier job passed on
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Reads the artifact of a tenant, which AWX gives to a job as the variable C(eightbyeight_plan_HOST), and says which plan is
    applied.
  - It is made for the role P(eightbyeight.scim.roster#role).
positional: host, approved, plan_only
options:
  _input:
    description: The artifact, a dictionary or the same as JSON. Blank if there is none.
    type: raw
    required: true
  host:
    description: The inventory name of the tenant.
    type: str
    required: true
  approved:
    description: The approved digests. V(artifact) among them is the digest of the artifact.
    type: list
    elements: str
    default: []
  plan_only:
    description: Whether a new plan is made even if there is an artifact.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what an earlier job passed on
  ansible.builtin.debug:
    msg: "{{ (eightbyeight_plan_localhost | default('') | eightbyeight.scim.artifact_plan('localhost')).digests }}"
"""

RETURN = r"""
_value:
  description: The plan that was passed on.
  type: dict
  contains:
    digests:
      description: The digests of which one is applied, empty if a new plan is made.
      type: list
      elements: str
    content:
      description: The plan as JSON, empty if it must be read from a file.
      type: str
    digest:
      description: Its digest.
      type: str
    problem:
      description: Why the artifact cannot be used, or an empty text.
      type: str
"""

from collections.abc import Callable, Sequence
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.artifact import received_plan
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._compat import untemplated
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_values import plain


def artifact_plan(given: Any, host: str, approved: Sequence[str] = (), plan_only: Any = False) -> Any:
    """Return the plan from an earlier job."""
    read = received_plan(plain(given), host, list(approved), plan_only=plan_only is True or str(plan_only) == "True")
    return untemplated(read._asdict())


class FilterModule:
    """The filter artifact_plan."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"artifact_plan": artifact_plan}
