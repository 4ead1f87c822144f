# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The figures of an audit, each with a sentence: how it was counted, or why it is not known. Pure."""

from __future__ import annotations

import datetime as dt

from .._base.empty import AUDIT_FIGURES
from .._base.text import counted
from .._errors import BadOptionError
from .._ledger.merge import counts
from .._resource.user import User
from .._rows.dates import read_moment
from .findings import Findings


def figures_of(findings: Findings) -> tuple[dict[str, float | None], dict[str, str]]:
    """Return the figures by name, None where one is not known, and how each is counted, or why it is not known."""
    values, reasons, formulas = _values(findings), _reasons(findings), _formulas(findings)
    figures = {name: None if reasons.get(name) else values[name] for name in formulas}
    unknown = {name: f"{formulas[name]} Not known, because {reason}." for name, reason in reasons.items() if reason}
    return figures, {**formulas, **unknown}


def is_stale(user: User | None, now: dt.datetime, days: int | None) -> bool | None:
    """Return whether an active account was not changed for more than this number of days; None when not known."""
    if days is None or user is None:
        return None
    if not user.active:
        return False
    try:
        changed = read_moment(user.view["last_modified"], dt.timezone.utc)
    except BadOptionError:
        return None
    return None if changed is None else now - changed > dt.timedelta(days=days)


def _values(findings: Findings) -> dict[str, float]:
    inputs, accounts = findings.inputs, findings.listing.users
    held = {} if findings.licenses is None else findings.licenses.counted
    unused = sum(held.get(user.id, 0) for user in accounts if not user.active)
    ledger = counts(inputs.ledger or (), inputs.calendar.now.strftime("%Y-%m-%d"))
    active = sum(user.active for user in accounts)
    return {
        **dict.fromkeys(AUDIT_FIGURES, 0),
        **findings.situations,
        "accounts": len(accounts) + len(findings.listing.unreadable),
        "active": active,
        "inactive": len(accounts) - active,
        "stale": sum(person.stale is True for person in findings.people),
        "active_without_license": sum(user.active and held.get(user.id) == 0 for user in accounts),
        "licenses_assigned": sum(held.get(user.id, 0) for user in accounts),
        "licenses_unused": unused,
        "unused_cost_per_year": round(unused * (inputs.license_cost or 0) * 12, 2),
        "manual_actions_open": ledger["open"],
        "manual_actions_overdue": ledger["overdue"],
    }


def _reasons(findings: Findings) -> dict[str, str | None]:
    """Return why figures are not known. Known figures have None or no entry."""
    inputs, accounts = findings.inputs, findings.listing.users
    unknown = None if findings.complete else "8x8 did not list all of its users"
    of_roster = unknown or ("no roster was given" if inputs.roster is None else None)
    of_licenses = unknown
    if findings.licenses is None:
        of_licenses = "SCIM does not show licenses, and no admin_api_key was given"
    elif accounts and not any(user.id in findings.licenses.counted for user in accounts):
        of_licenses = unknown or "the Administration API shows none of these accounts"
    of_stale = unknown
    if inputs.stale_days is None:
        of_stale = "stale_days was not given"
    elif accounts and all(person.stale is None for person in findings.people):
        of_stale = unknown or "8x8 does not show when accounts were last changed"
    of_ledger = "there is no ledger" if inputs.ledger is None else None
    return {
        **dict.fromkeys(("accounts", "active", "inactive"), unknown),
        **dict.fromkeys(("left_but_active", "missing", "drifted"), of_roster),
        "orphaned": of_roster or (f"the roster is partial: {inputs.partial}" if inputs.partial else None),
        "stale": of_stale,
        **dict.fromkeys(("active_without_license", "licenses_assigned", "licenses_unused"), of_licenses),
        "unused_cost_per_year": of_licenses or ("license_cost was not given" if inputs.license_cost is None else None),
        **dict.fromkeys(("manual_actions_open", "manual_actions_overdue"), of_ledger),
    }


def _formulas(findings: Findings) -> dict[str, str]:
    """Return how each figure is counted."""
    inputs, as_of = findings.inputs, findings.as_of
    days = "stale_days" if inputs.stale_days is None else counted(inputs.stale_days, "day")
    ignored = f" that match none of {', '.join(inputs.license_ignore)}" if inputs.license_ignore else ""
    cost = "license_cost"
    if inputs.license_cost is not None:
        amount = f"{inputs.license_cost:g} {inputs.currency}".strip()
        cost = f"{amount} (license_cost, a month)"
    return {
        "accounts": "Accounts that 8x8 shows over SCIM, including those that cannot be read.",
        "active": "Accounts that are active.",
        "inactive": "Accounts that are deactivated.",
        "orphaned": "Active accounts that no row of the roster names, without the protected accounts.",
        "left_but_active": "Active accounts whose row in the roster says to deactivate them, without the protected accounts.",
        "missing": "Rows of people who should have an account by now but do not.",
        "drifted": "Accounts with a value that differs from their row in the roster.",
        "stale": f"Active accounts that were last changed more than {days} before {as_of}.",
        "active_without_license": f"Active accounts without licenses{ignored}.",
        "licenses_assigned": f"Licenses of all accounts{ignored}.",
        "licenses_unused": f"Licenses of deactivated accounts{ignored}.",
        "unused_cost_per_year": f"licenses_unused times {cost} times 12 months.",
        "manual_actions_open": "Follow-ups of this tenant in the ledger that are open.",
        "manual_actions_overdue": f"Open follow-ups with a due date before {as_of[:10]}.",
    }
