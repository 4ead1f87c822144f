# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""An audit, stage by stage: read all users, compare them with the roster, count, and compare with the previous audit."""

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
from .facts import Facts
from .figures import figures_of, is_stale
from .given import Given
from .licenses import Licenses, licenses_of
from .limitations import limitations_of
from .people import Comparison, Person, without_roster

#: How many requests are sent at the same time.
_WORKERS = 8
#: Attributes that come from the row when there is no account.
_SHOWN = ("external_id", "given_name", "family_name", "title", "department", "site")
#: Metrics must not name people. Actions with free text may do so, so they are counted under this name.
_OTHER = "other"


def audit(clients: Clients, given: Given, memory: Memory, clock: Clock) -> Report:
    """Audit a tenant, without writing to it.

    :raises EightByEightError: When the tenant cannot be read.
    """
    began = clock.steady()
    scim, admin = clients.scim, clients.admin
    listing, unread = with_hidden_attributes(scim, scim.list_users(workers=_WORKERS), given.rows, _WORKERS)
    licenses = None
    if admin is not None:
        shown = everybody(admin, ("licenses",))
        check_customer(shown, clients.customer)
        licenses = licenses_of(listing.users, shown, given.license_ignore)
    if given.roster is None:
        people, declined = without_roster(listing), 0
    else:
        comparison = Comparison(listing, unread, given, memory.recall)
        people, declined = comparison.people(), comparison.declined
    if listing.complete and _overlooks_somebody(scim, people):
        listing = listing._replace(complete=False)
    hidden = {login_key(name) for name in (() if licenses is None else licenses.hidden)}
    people = [_completed(person, given, hidden) for person in people]
    facts = Facts(given, people, listing, licenses, declined)
    requests = Counter(scim.sent) + Counter({} if admin is None else admin.sent)
    return Report(_result(facts, requests, round(clock.steady() - began, 3)), _warnings(facts))


def _overlooks_somebody(client: ScimClient, people: Iterable[Person]) -> bool:
    """Return whether a filter finds a user who is not in the listing. Asks for one of the missing people: one request."""
    name = next((each.user_name for each in people if each.situation == "missing" and each.user_name), None)
    if name is None:
        return False
    try:
        return client.page_at(1, user_name_is(name), SMALL_PAGE_SIZE, keep_retrying=False).shows(name)
    except EightByEightError:
        return False


def _completed(person: Person, given: Given, hidden: Collection[str]) -> Person:
    """Return a person with details that the situation does not include.

    :param hidden: The normalized login names of accounts that SCIM does not show.
    """
    if person.situation == "missing" and login_key(person.user_name or "") in hidden:
        person = person._replace(
            problem="The Administration API shows an account with this login name, but SCIM does not: a setting of the tenant "
            "hides it. 8x8 would refuse to create it again."
        )
    return person._replace(stale=is_stale(person.user, given.calendar.now, given.stale_days))


def _by_action(ledger: Iterable[Followup]) -> dict[str, int]:
    """Return the number of open follow-ups by action."""
    found = Counter(each.action if each.action in ACTIONS else _OTHER for each in ledger if each.is_open)
    return dict(sorted(found.items()))


def _result(facts: Facts, requests: Mapping[str, int], seconds: float) -> dict[str, Any]:
    given = facts.given
    previous = None if facts.not_compared else given.previous
    accounts = [_view(person, facts.licenses) for person in facts.people]
    figures, formulas = figures_of(facts)
    return {
        "changed": False,
        "tenant": given.tenant,
        "as_of": facts.as_of,
        "accounts": accounts,
        "situations": facts.situations,
        "figures": figures,
        "formulas": formulas,
        "manual_actions": _by_action(given.ledger or ()),
        "changes": [] if previous is None else changes_since(previous["accounts"], accounts),
        "compared_with": None if previous is None else previous["as_of"],
        "complete": facts.complete,
        "evidence": "scim" if facts.licenses is None else "scim+administration",
        "limitations": limitations_of(facts),
        "problems": _problems(given),
        "roster_rows": None if given.roster is None else len(given.roster.users),
        "stale_days": given.stale_days,
        "license_cost": given.license_cost,
        "license_ignore": list(given.license_ignore),
        "currency": given.currency or None,
        "requests": dict(requests),
        "seconds": seconds,
    }


def _problems(given: Given) -> list[dict[str, Any]]:
    problems = [] if given.roster is None else [dict(problem) for problem in given.roster.problems]
    problems += [problem for row in given.wrong for problem in row.problems]
    return problems[:MOST_PROBLEMS]


def _view(person: Person, licenses: Licenses | None) -> dict[str, Any]:
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


def _warnings(facts: Facts) -> list[str]:
    """Return warnings about possible mistakes in the task."""
    given = facts.given
    if given.roster is None or not facts.complete:
        return []
    names = [user.user_name for user in facts.listing.users if user.user_name]
    names += [row.wanted.user_name for row in given.rows if row.wanted.user_name]
    return given.protected.warnings(names)
