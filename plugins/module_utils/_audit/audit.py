# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The stages of an audit: read all users, compare them with the roster, count, compare with the previous audit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from .._admin.people import check_customer, everybody
from .._base.clock import Clock
from .._base.console import ACTIONS
from .._base.names import login_key
from .._client import ScimClient
from .._errors import EightByEightError
from .._http.limits import SMALL_PAGE_SIZE
from .._ledger.clients import Clients
from .._ledger.followup import Followup
from .._ledger.task import Report
from .._memory import Memory
from .._resource.filters import user_name_is
from .._rows.reader import MOST_PROBLEMS
from .._sync.hidden_attributes import with_hidden_attributes
from .document import changes_since
from .figures import figures_of, is_stale
from .findings import Findings
from .inputs import Inputs
from .licenses import Licenses, licenses_of
from .limitations import limitations_of
from .people import Comparison, Person, without_roster

#: How many requests are sent at the same time.
_WORKERS = 8
#: Attributes that come from the row when there is no account.
_SHOWN = ("external_id", "given_name", "family_name", "title", "department", "site")
#: Metrics must not name people. Actions with free text may do so, so they are counted under this name.
_OTHER = "other"


def audit(clients: Clients, inputs: Inputs, memory: Memory, clock: Clock) -> Report:
    """Audit a tenant, without writing to it.

    :raises EightByEightError: When the tenant cannot be read.
    """
    began = clock.steady()
    scim, admin = clients.scim, clients.admin
    listing, unread = with_hidden_attributes(scim, scim.list_users(workers=_WORKERS), inputs.rows, _WORKERS)
    licenses = None
    if admin is not None:
        shown = everybody(admin, ("licenses",))
        check_customer(shown, clients.customer)
        licenses = licenses_of(listing.users, shown, inputs.license_ignore)
    if inputs.roster is None:
        people, declined = without_roster(listing), 0
    else:
        comparison = Comparison(listing, unread, inputs, memory.recall)
        people, declined = comparison.people(), comparison.declined
    if listing.complete and _misses_somebody(scim, people):
        listing = listing._replace(complete=False)
    hidden = {login_key(name) for name in (() if licenses is None else licenses.hidden)}
    people = [_with_details(person, inputs, hidden) for person in people]
    findings = Findings(inputs, people, listing, licenses, declined)
    requests = Counter(scim.sent) + Counter({} if admin is None else admin.sent)
    return Report(_result(findings, requests, round(clock.steady() - began, 3)), _warnings(findings))


def _misses_somebody(client: ScimClient, people: Iterable[Person]) -> bool:
    """Return whether a filter finds one of the missing people, who then is not in the listing. One request."""
    name = next((person.user_name for person in people if person.situation == "missing" and person.user_name), None)
    if name is None:
        return False
    try:
        return client.page_at(1, user_name_is(name), SMALL_PAGE_SIZE, keep_retrying=False).shows(name)
    except EightByEightError:
        return False


def _with_details(person: Person, inputs: Inputs, hidden: Collection[str]) -> Person:
    """Return a person with details that the situation does not include.

    :param hidden: The normalized login names of accounts that SCIM does not show.
    """
    if person.situation == "missing" and login_key(person.user_name or "") in hidden:
        person = person._replace(
            problem="The Administration API shows an account with this login name, but SCIM does not: a setting of the tenant "
            "hides it. 8x8 would refuse to create it again."
        )
    return person._replace(stale=is_stale(person.user, inputs.calendar.now, inputs.stale_days))


def _by_action(ledger: Iterable[Followup]) -> dict[str, int]:
    """Return the number of open follow-ups by action."""
    found = Counter(entry.action if entry.action in ACTIONS else _OTHER for entry in ledger if entry.is_open)
    return dict(sorted(found.items()))


def _result(findings: Findings, requests: Mapping[str, int], seconds: float) -> dict[str, Any]:
    inputs = findings.inputs
    previous = None if findings.not_compared else inputs.previous
    accounts = [_as_result(person, findings.licenses) for person in findings.people]
    figures, formulas = figures_of(findings)
    return {
        "changed": False,
        "tenant": inputs.tenant,
        "as_of": findings.as_of,
        "accounts": accounts,
        "situations": findings.situations,
        "figures": figures,
        "formulas": formulas,
        "manual_actions": _by_action(inputs.ledger or ()),
        "changes": [] if previous is None else changes_since(previous["accounts"], accounts),
        "compared_with": None if previous is None else previous["as_of"],
        "complete": findings.complete,
        "evidence": "scim" if findings.licenses is None else "scim+administration",
        "limitations": limitations_of(findings),
        "problems": _problems(inputs),
        "roster_rows": None if inputs.roster is None else len(inputs.roster.users),
        "stale_days": inputs.stale_days,
        "license_cost": inputs.license_cost,
        "license_ignore": list(inputs.license_ignore),
        "currency": inputs.currency or None,
        "requests": dict(requests),
        "seconds": seconds,
    }


def _problems(inputs: Inputs) -> list[dict[str, Any]]:
    problems = [] if inputs.roster is None else [dict(problem) for problem in inputs.roster.problems]
    problems += [problem for row in inputs.invalid for problem in row.problems]
    return problems[:MOST_PROBLEMS]


def _as_result(person: Person, licenses: Licenses | None) -> dict[str, Any]:
    """Return a person in the form of the result."""
    user = person.user
    source: Mapping[str, Any] = person.about if user is None else user.view
    held = None if licenses is None else licenses.names.get(str(source.get("id")))
    return {
        "user_name": person.user_name,
        "id": source.get("id"),
        "situation": person.situation,
        "active": None if user is None else user.active,
        "differences": dict(person.differences),
        "licenses": None if held is None else list(held),
        "last_modified": source.get("last_modified"),
        "row": person.row,
        **{name: source.get(name) for name in _SHOWN},
        "stale": person.stale,
        "left_days": person.left_days,
        "problem": person.problem,
    }


def _warnings(findings: Findings) -> list[str]:
    """Return warnings about possible mistakes in the task."""
    inputs = findings.inputs
    if inputs.roster is None or not findings.complete:
        return []
    names = [user.user_name for user in findings.listing.users if user.user_name]
    names += [row.wanted.user_name for row in inputs.rows if row.wanted.user_name]
    return inputs.protected.warnings(names)
