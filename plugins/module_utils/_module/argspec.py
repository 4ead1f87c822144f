# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The options of every module: types, defaults, environment variables, and which exclude or require each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ansible.module_utils.common.parameters import env_fallback

from .._base.console import ACTIONS
from .._http.connection import OPTIONS, VARIABLES
from .._resource.names import PHONE_TYPES, TEXT_ATTRIBUTES


class ArgumentSpec(NamedTuple):
    """An argument specification together with its constraints, as AnsibleModule and ArgumentSpecValidator take them."""

    argument_spec: Mapping[str, dict[str, Any]]
    required_one_of: Sequence[Sequence[str]] = ()
    mutually_exclusive: Sequence[Sequence[str]] = ()


CONNECTION: dict[str, dict[str, Any]] = {
    name: {**option, **({"fallback": (env_fallback, [VARIABLES[name]])} if name in VARIABLES else {})}
    for name, option in OPTIONS.items()
}


def _options(kind: str, *names: str) -> dict[str, dict[str, Any]]:
    return {name: {"type": kind} for name in names}


_IDENTITY = _options("str", "user_name", "user_id")

#: The attributes of a user. They have no defaults: what is left out is not changed.
ATTRIBUTES: dict[str, dict[str, Any]] = {
    **_options("str", *TEXT_ATTRIBUTES),
    "phone_numbers": {
        "type": "list",
        "elements": "dict",
        "options": {
            "type": {"type": "str", "choices": list(PHONE_TYPES), "required": True},
            "value": {"type": "str", "required": True},
        },
    },
    "active": {"type": "bool"},
}

_IGNORED_ACTIONS: dict[str, dict[str, Any]] = {
    "ignored_actions": {"type": "list", "elements": "str", "choices": list(ACTIONS), "default": []}
}

USER = ArgumentSpec(
    {
        **CONNECTION,
        **_IDENTITY,
        **ATTRIBUTES,
        **_IGNORED_ACTIONS,
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    required_one_of=(("user_name", "user_id"),),
)

USER_INFO = ArgumentSpec(
    {
        **CONNECTION,
        **_IDENTITY,
        **_options("str", "external_id", "site", "department", "filter"),
        "active": {"type": "bool"},
    },
    mutually_exclusive=(("filter", "user_name"), ("filter", "user_id")),
)

_SUBSETS = ["all", "minimal", "users", "filters", "discovery"]
TENANT_INFO = ArgumentSpec(
    {**CONNECTION, "gather_subset": {"type": "list", "elements": "str", "choices": _SUBSETS, "default": ["all"]}}
)

#: The options that the roster and the audit share.
_ROWS: dict[str, dict[str, Any]] = {
    # A list, a result of the filter roster_from, or the JSON text of one. Not a list of dictionaries: Ansible would
    # split a text at its commas. The operation reports errors by row and column.
    "users": {"type": "raw"},
    "as_of": {"type": "str"},
    "dates_timezone": {"type": "str", "default": "UTC"},
    "protected": {"type": "list", "elements": "str", "default": []},
}

ROSTER = ArgumentSpec(
    {
        **CONNECTION,
        **_ROWS,
        **_options("path", "plan_file", "apply_plan", "undo_file", "journal_file", "failed_file"),
        **_options("int", "max_failures", "canary", "requests_per_minute"),
        **_IGNORED_ACTIONS,
        "unlisted": {"type": "str", "choices": ["ignore", "report", "deactivate"], "default": "ignore"},
        "allow_partial": {"type": "bool", "default": False},
        "limits": {"type": "dict", "default": {}},
        "plan_digest": {"type": "str"},
        "plan_valid_for": {"type": "str", "default": "24h"},
        "on_inactive": {"type": "str", "choices": ["leave", "refuse"], "default": "leave"},
        "on_error": {"type": "str", "choices": ["continue", "stop"], "default": "continue"},
        "concurrency": {"type": "int", "default": 8},
        "progress": {"type": "bool", "default": True},
        "return_unchanged": {"type": "bool", "default": False},
    },
    required_one_of=(("users", "apply_plan"),),
    mutually_exclusive=(("users", "apply_plan"), ("plan_file", "apply_plan")),
)

SERVICE_INFO = ArgumentSpec(
    {**CONNECTION, "user_name": {"type": "list", "elements": "str"}, "user_id": {"type": "list", "elements": "str"}}
)

AUDIT_INFO = ArgumentSpec(
    {
        **CONNECTION,
        **_ROWS,
        **_options("path", "ledger", "previous"),
        "stale_days": {"type": "int"},
        "license_cost": {"type": "float"},
        "license_ignore": {"type": "list", "elements": "str", "default": ["*DID*"]},
        "currency": {"type": "str", "default": "USD"},
    }
)

_STATES = ["open", "done", "withdrawn"]

FOLLOWUP = ArgumentSpec(
    {
        **CONNECTION,
        "path": {"type": "path", "required": True},
        # Not a list of dictionaries: Ansible would split a text at its commas.
        "actions": {"type": "raw"},
        **_IDENTITY,
        **_options("str", "action", "reason", "where", "tenant", "owner", "closed_by", "note"),
        "state": {"type": "str", "choices": _STATES, "default": "open"},
        "told": {"type": "bool", "default": False},
        # A date, a number of days, or a dictionary of these.
        "due": {"type": "raw"},
        "journal_file": {"type": "path"},
        **_IGNORED_ACTIONS,
        "close_on_evidence": {"type": "bool", "default": False},
        "keep": {"type": "str", "default": "400d"},
    },
    mutually_exclusive=(("actions", "action"),),
)

FOLLOWUP_INFO = ArgumentSpec(
    {
        **CONNECTION,
        "path": {"type": "path", "required": True},
        **_options("str", "tenant", "owner", "user_name"),
        "state": {"type": "str", "choices": _STATES},
        "overdue": {"type": "bool"},
    }
)
