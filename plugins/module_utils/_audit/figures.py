# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The figures of an audit, each with the sentence that says how it was counted, or why it is not known. Pure."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import NamedTuple

from .._base.empty import AUDIT_FIGURES
from .._base.text import counted
from .._errors import BadOptionError
from .._ledger.merge import counts
from .._resource.user import User
from .._rows.dates import read_moment
from .facts import Facts
from .given import Given

_INCOMPLETE = "the list of users that 8x8 shows does not add up"
_NO_ROSTER = "no roster was given"
_NO_KEY = "SCIM does not show licenses, and no admin_api_key was given"
_NOT_JOINED = "the Administration API shows none of these accounts"
_NO_LEDGER = "no ledger was given"


class Figure(NamedTuple):
    """One figure.

    :param value: None where it is not known.
    :param formula: How it is counted.
    """

    value: float | None
    formula: str


def figures_of(facts: Facts) -> dict[str, Figure]:
    """Return the figures by name, in order."""
    unknown = None if facts.complete else _INCOMPLETE
    accounts = facts.accounts
    found = {
        "accounts": _figure(
            len(accounts) + len(facts.listing.unreadable),
            "Accounts that 8x8 shows over SCIM, those that cannot be read included.",
            unknown,
        ),
        "active": _figure(sum(user.active for user in accounts), "Accounts that are active.", unknown),
        "inactive": _figure(sum(not user.active for user in accounts), "Accounts that are deactivated.", unknown),
        **_of_roster(facts, unknown),
        "stale": _of_stale(facts, unknown),
        **_of_licenses(facts, unknown),
        **_of_ledger(facts),
    }
    return {name: found[name] for name in AUDIT_FIGURES}


def _figure(value: float, formula: str, unknown: str | None) -> Figure:
    return Figure(value, formula) if unknown is None else Figure(None, f"{formula} Not known, because {unknown}.")


def _of_roster(facts: Facts, unknown: str | None) -> dict[str, Figure]:
    unknown = unknown or (_NO_ROSTER if facts.given.rows is None else None)
    count = Counter(person.situation for person in facts.people)
    partial = f"the roster is partial: {facts.given.partial}" if facts.given.partial else None
    return {
        "orphaned": _figure(
            count["orphaned"],
            "Active accounts that no row of the roster names, without the protected ones.",
            unknown or partial,
        ),
        "left_but_active": _figure(
            count["left_but_active"],
            "Active accounts whose row of the roster says that they are to be deactivated, without the protected ones.",
            unknown,
        ),
        "missing": _figure(
            count["missing"], "Rows of people who are to have an account by now, and have none.", unknown
        ),
        "drifted": _figure(
            count["drifted"], "Accounts with a value that is not as their row of the roster has it.", unknown
        ),
    }


def is_stale(user: User | None, now: dt.datetime, days: int | None) -> bool | None:
    """Say whether an account is active and has not been changed for longer than so many days; None where it is not known."""
    if days is None or user is None:
        return None
    if not user.active:
        return False
    try:
        changed = read_moment(user.view["last_modified"], dt.timezone.utc)
    except BadOptionError:
        return None
    return None if changed is None else now - changed > dt.timedelta(days=days)


def _of_stale(facts: Facts, unknown: str | None) -> Figure:
    days = facts.given.stale_days
    if days is None:
        return _figure(0, "Active accounts that were not changed for stale_days.", "stale_days was not given")
    found = [person.stale for person in facts.people if person.user is not None]
    if found and all(each is None for each in found):
        unknown = unknown or "8x8 does not show when accounts were last changed"
    formula = f"Active accounts that were last changed more than {counted(days, 'day')} before {facts.as_of}."
    return _figure(sum(each is True for each in found), formula, unknown)


def _of_licenses(facts: Facts, unknown: str | None) -> dict[str, Figure]:
    given, held = facts.given, {} if facts.licenses is None else facts.licenses.counted
    accounts = [user for user in facts.accounts if user.id in held]
    if facts.licenses is None:
        unknown = _NO_KEY
    elif facts.accounts and not accounts:
        unknown = unknown or _NOT_JOINED
    ignored = f" that match none of {', '.join(given.license_ignore)}" if given.license_ignore else ""
    unused = sum(held[user.id] for user in accounts if not user.active)
    return {
        "active_without_license": _figure(
            sum(user.active and not held[user.id] for user in accounts),
            f"Active accounts without licenses{ignored}.",
            unknown,
        ),
        "licenses_assigned": _figure(
            sum(held[user.id] for user in accounts), f"Licenses of all accounts{ignored}.", unknown
        ),
        "licenses_unused": _figure(unused, f"Licenses of deactivated accounts{ignored}.", unknown),
        "unused_cost_per_year": _of_cost(given, unused, unknown),
    }


def _of_cost(given: Given, unused: int, unknown: str | None) -> Figure:
    if given.license_cost is None:
        return _figure(
            0, "licenses_unused times license_cost times 12 months.", unknown or "license_cost was not given"
        )
    cost = f"{given.license_cost:g}{f' {given.currency}' if given.currency else ''}"
    formula = f"licenses_unused times {cost} (license_cost, a month) times 12 months."
    return _figure(round(unused * given.license_cost * 12, 2), formula, unknown)


def _of_ledger(facts: Facts) -> dict[str, Figure]:
    given, today = facts.given, facts.given.calendar.now.strftime("%Y-%m-%d")
    found = counts(given.ledger or (), today)
    unknown = given.no_ledger or (_NO_LEDGER if given.ledger is None else None)
    return {
        "manual_actions_open": _figure(
            found["open"], "Follow-ups of this tenant in the ledger that are open.", unknown
        ),
        "manual_actions_overdue": _figure(
            found["overdue"], f"Open follow-ups whose last day was before {facts.as_of[:10]}.", unknown
        ),
    }
