# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: roster_artifact
short_description: Make what a job of the role roster passes on to the next job
version_added: 0.1.0
author:
  - eightbyeight.scim contributors (@ansible-collections)
description:
  - Makes the artifact of a tenant, for M(ansible.builtin.set_stats), from the same dictionary as
    P(eightbyeight.scim.roster_report#filter), and says what is lost when the job of AWX ends.
  - It is made for the role P(eightbyeight.scim.roster#role).
positional: kind, directory
options:
  _input:
    description: The results of the tasks.
    type: dict
    required: true
  kind:
    description: V(digest), or V(plan) with the plan itself and names of people. Blank for no artifact.
    type: str
    default: ""
  directory:
    description: The directory that the role writes to. Blank if it is on another machine.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show what would be passed on
  ansible.builtin.debug:
    msg: "{{ ({'host': inventory_hostname} | eightbyeight.scim.roster_artifact('digest')).data }}"
"""

RETURN = r"""
_value:
  description: What is passed on.
  type: dict
  contains:
    data:
      description: The data for M(ansible.builtin.set_stats), with one key for the tenant, or nothing.
      type: dict
    notes:
      description: Lines that say what is lost with the job, or nothing.
      type: list
      elements: str
    problem:
      description: Why the job that applies the plan could not get it, or an empty text.
      type: str
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.artifact import (
    artifact_of,
    job_directory_notes,
    name_for,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.steps import read_steps
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._compat import untemplated
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._job import job_directory
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_values import plain


def roster_artifact(variables: Mapping[str, Any], kind: str = "", directory: str = "") -> Any:
    """Return the artifact, and warnings about files that are deleted with the job."""
    steps = read_steps(variables)
    steps = replace(steps, plan=plain(steps.plan), undo=plain(steps.undo))
    artifact = artifact_of(steps, kind) if kind else {}
    job = job_directory(directory) if directory else ""
    notes, problem = job_directory_notes(steps, kind, artifact, directory, job)
    data = {name_for(steps.host): artifact} if artifact else {}
    return untemplated({"data": data, "notes": notes, "problem": problem})


class FilterModule:
    """The filter roster_artifact."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Return the filter by its name."""
        return {"roster_artifact": roster_artifact}
