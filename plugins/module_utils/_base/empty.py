# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What each module returns when it does nothing: the keys of every outcome. Readable for any Python, see _old_python."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict  # noqa: F401 - an old Python may not have it

#: Operation in a result -> verb in a plan, a limit and a message. Reports have this order: who gets access again matters most.
OPERATIONS = {"activated": "reactivate", "deactivated": "deactivate", "created": "create", "updated": "update"}

#: Counts of a roster.
COUNTS = (
    "created",
    "updated",
    "activated",
    "deactivated",
    "unchanged",
    "inactive",
    "waiting",
    "unlisted",
    "protected",
    "failed",
    "refused",
    "skipped",
)

USER = {  # type: Dict[str, Any]
    "changed": False,
    "user": None,
    "operation": "unchanged",
    "diff": {"before": {}, "after": {}},
    "manual_actions": [],
}

USER_INFO = {"changed": False, "users": [], "total": 0, "complete": False}  # type: Dict[str, Any]

#: What is known of a tenant before it was asked.
TENANT = {  # type: Dict[str, Any]
    "tenant": None,
    "reachable": False,
    "authenticated": False,
    "readable": False,
    "problem": None,
    "users": {"total": None, "visible": None, "active": None, "inactive": None, "complete": False, "whole": None},
    "sites": {},
    "page_size": None,
    "filters": {"user_name": None, "external_id": None, "active": None},
    "discovery": {"service_provider_config": None, "resource_types": None, "schemas": None},
    "versions": None,
    "extension_urns": [],
    "round_trip_ms": None,
}
TENANT_INFO = dict(TENANT, changed=False, check_mode=None)

SERVICE_INFO = USER_INFO

ROSTER = {  # type: Dict[str, Any]
    "changed": False,
    "summary": dict.fromkeys(COUNTS, 0),
    "results": [],
    "plan": {"digest": None, "expires": None, "forecast": {"requests": 0, "seconds": 0.0, "by_verb": {}}},
    "requests": {},
    "read": None,
    "complete": False,
    "manual_actions": [],
    "diff": [],
    "problems": [],
    "changed_elsewhere": [],
}

FOLLOWUP_INFO = {  # type: Dict[str, Any]
    "changed": False,
    "followups": [],
    "counts": dict.fromkeys(("open", "done", "withdrawn", "overdue"), 0),
}
FOLLOWUP = dict(FOLLOWUP_INFO, diff={"before": "", "after": ""})

#: The figures of an audit; None is not known.
AUDIT_FIGURES = (
    "accounts",
    "active",
    "inactive",
    "orphaned",
    "left_but_active",
    "missing",
    "drifted",
    "stale",
    "active_without_license",
    "licenses_assigned",
    "licenses_unused",
    "unused_cost_per_year",
    "manual_actions_open",
    "manual_actions_overdue",
)
#: Situations, the first that fits: of an audit with a roster, and of one without.
AUDIT_SITUATIONS = (
    "unreadable",
    "duplicate",
    "ambiguous",
    "protected",
    "left_but_active",
    "waiting",
    "missing",
    "drifted",
    "in_sync",
    "inactive",
    "orphaned",
)
AUDIT_SITUATIONS_WITHOUT_ROSTER = ("unreadable", "active", "inactive")
AUDIT_INFO = {  # type: Dict[str, Any]
    "changed": False,
    "tenant": None,
    "as_of": None,
    "accounts": [],
    "situations": {},
    "figures": dict.fromkeys(AUDIT_FIGURES),
    "formulas": {},
    "manual_actions": {},
    "changes": [],
    "compared_with": None,
    "complete": False,
    "evidence": None,
    "limitations": [],
    "problems": [],
    "roster_rows": None,
    "stale_days": None,
    "license_cost": None,
    "license_ignore": [],
    "currency": None,
    "requests": {},
    "seconds": None,
}
