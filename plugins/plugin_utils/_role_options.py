# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Reads the variables of all roles, and of playbooks with their own variables, from one table."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.console import ACTIONS
from ansible_collections.eightbyeight.scim.plugins.module_utils._base.text import is_blank
from ansible_collections.eightbyeight.scim.plugins.module_utils._sources.catalog import PRESETS
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._job import lost_in_job
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_values import (
    Option,
    Place,
    WrongValueError,
    plain,
    read,
)

#: The variables for manual actions.
_FOLLOWUPS: Mapping[str, Option] = {
    "ignored_actions": Option("names", [], choices=ACTIONS),
    "ledger": Option("path", "", holds="what is left to do"),
    "followup_owner": Option("text", ""),
    "followup_due": Option("due", ""),
    "followup_tasks": Option("task_file", ""),
    "followup_by": Option("text", "action", choices=("action", "person")),
}

#: role -> option (the variable without the name of the role) -> its type and default. Connection options:
#: _role_connection.
ROLES: Mapping[str, Mapping[str, Option]] = {
    "onboarding": {
        "users": Option("people", [], required=True),
        "limit": Option("limit", "25% or 25"),
        "checklist_dir": Option("path", "", holds="the checklists"),
        **_FOLLOWUPS,
    },
    "offboarding": {
        "users": Option("leavers", [], required=True),
        "protected": Option("names", []),
        "limit": Option("limit", "10% or 5"),
        "missing": Option("text", "fail", choices=("fail", "report")),
        "evidence_dir": Option("path", "", holds="the evidence"),
        "checklist_dir": Option("path", "", holds="the checklists"),
        **_FOLLOWUPS,
    },
    "roster": {
        "users": Option("rows", []),
        "source": Option("text", "", choices=tuple(PRESETS)),
        "export": Option("text", ""),
        "mapping": Option("dictionary", {}),
        "defaults": Option("dictionary", {}),
        "only": Option("dictionary", {}),
        "date_format": Option("names", []),
        "delimiter": Option("text", ""),
        "encoding": Option("text", ""),
        "allow_partial": Option("boolean", False),
        "as_of": Option("text", ""),
        "dates_timezone": Option("text", "UTC"),
        "unlisted": Option("text", "ignore", choices=("ignore", "report", "deactivate")),
        "protected": Option("names", []),
        "limits": Option("dictionary", {}),
        "plan_dir": Option("path", "roster-plans"),
        "plan_file": Option("path", ""),
        "plan_only": Option("boolean", False),
        "plan_valid_for": Option("text", "24h"),
        "approved_digest": Option("names", []),
        "artifact": Option("text", "", choices=("digest", "plan")),
        "allow_incomplete": Option("boolean", False),
        "on_error": Option("text", "continue", choices=("continue", "stop")),
        "max_failures": Option("integer", least=1),
        "canary": Option("integer", least=1),
        "concurrency": Option("integer", 8, least=1),
        "requests_per_minute": Option("integer", least=1),
        "progress": Option("boolean", True),
        **_FOLLOWUPS,
    },
    "followups": {
        "ledger": Option("path", required=True, holds="what is closed in it"),
        "evidence": Option("boolean", True),
        "checklist_dir": Option("path", "", holds="the checklists"),
        "tasks": Option("task_file", ""),
        "followup_by": _FOLLOWUPS["followup_by"],
    },
    "audit": {
        "users": Option("rows"),
        "protected": Option("names", []),
        "stale_days": Option("integer", least=1),
        "license_cost": Option("number"),
        "license_ignore": Option("names", ["*DID*"]),
        "currency": Option("text", "USD"),
        "as_of": Option("text", ""),
        "dates_timezone": Option("text", "UTC"),
        "ledger": Option("path", ""),
        "previous": Option("path", ""),
        "output_dir": Option("path", "audit", holds="the reports, with what the next audit is compared with"),
        "formats": Option("names", ["json", "csv", "html", "prom"], choices=("json", "csv", "html", "prom")),
        "fail_on": Option("gate", {}),
    },
    "checklist": {
        "actions": Option("rows", required=True),
        "people": Option("rows", []),
        "dir": Option("path", required=True, holds="the checklists"),
        "name": Option("text", "checklist"),
        "title": Option("text", "Manual actions"),
    },
    "emulator": {
        "state": Option("text", "started", choices=("started", "stopped")),
        "directory": Option("path", ""),
        "port": Option("integer", 0),
        "customer_id": Option("identifier", "0012J00042NkZQIQA3"),
        "people": Option("path"),
        "switches": Option("dictionary", {}),
        "faults": Option("rows", []),
        "log": Option("path", ""),
        "idle_timeout": Option("integer", 900),
    },
    # The playbook export.
    "export": {
        "file": Option("path", required=True, holds="the roster"),
    },
    # The playbook event_followup.
    "event": {
        "user_name": Option("text", required=True),
        "ledger": Option("path", required=True, holds="what is left to do"),
        "type": Option("text", "created", choices=("created", "deactivated")),
        "user_id": Option("text", ""),
        "tenant": Option("text", ""),
        "actions": Option("names", []),
        "owner": Option("text", ""),
        "due": Option("due", ""),
    },
}


def read_options(
    given: Mapping[str, Any], role: str, playbook_dir: str = "", connection: str = "local"
) -> dict[str, Any]:
    """Read the variables of a role.

    :param given: option -> value of its variable. A missing option is not given.
    :param role: The name of the role, with which its variables begin.
    :param playbook_dir: The first place to search for task files of the user.
    :param connection: ``ansible_connection``. If it is local, relative paths become absolute.
    :returns: ``options``, where each one of the role has a value of its type, ``problems``, a sentence for each
        variable that has none, and ``notes``, a sentence for each place that goes when a job of AWX ends.
    """
    here = os.getcwd() if connection.rsplit(".", 1)[-1] == "local" else ""
    place = Place(here=here, playbook_dir=playbook_dir)
    known = ROLES[role]
    for name in given:
        if name not in known:
            raise KeyError(f"The role {role} has no option {name}.")
    options: dict[str, Any] = {}
    problems: list[str] = []
    for name, option in known.items():
        value = given.get(name)
        missing = is_blank(value)
        if missing and option.required:
            problems.append(f"{role}_{name} is missing, null or blank.")
        if missing:
            value = option.default
        try:
            options[name] = value if is_blank(value) else plain(read(value, option, place))
        except WrongValueError as error:
            options[name] = option.default
            problems.append(f"{role}_{name} {error}.")
    kept = {name: option.holds for name, option in known.items() if here and option.holds and options[name]}
    notes = [lost_in_job(f"{role}_{name}", options[name], what) for name, what in kept.items()]
    return {"options": options, "problems": problems, "notes": [note for note in notes if note]}
