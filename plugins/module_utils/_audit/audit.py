# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""An audit: the stages in a row. Everybody is read, compared with the roster, counted, and compared with the audit before."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from .._admin.client import AdminClient
from .._admin.people import check_customer, everybody
from .._base.clock import Clock
from .._base.console import ACTIONS
from .._base.names import customer_in, login_key
from .._base.text import abbreviated
from .._client import ScimClient
from .._http.listing import Listing
from .._ledger.merge import Ledger, counts
from .._ledger.store import load
from .._ledger.task import named_tenant
from .._memory import Memory
from .._plan import differences
from .._resource.user import User
from .._rows.reader import MOST_PROBLEMS, RosterError, scan_rows
from .._sync.completing import complete
from .._wanted import Wanted
from .document import Previous, changes_since, read_previous, why_not_compared
from .facts import Facts
from .figures import figures_of, is_stale
from .licenses import Licenses, licenses_of
from .limitations import limitations_of
from .options import AuditOptions
from .people import Accounts, Person, Rows, compared, situations_of, without_roster

#: Requests at a time, of those that do not wait for each other.
_WORKERS = 8
#: What a row about somebody shows, where there is no account to show it.
_SHOWN = ("external_id", "given_name", "family_name", "title", "department", "site")
#: An action that a user has put into own words may name people, and figures name nobody.
_OTHER = "other"


class AuditReport(NamedTuple):
    """What an audit came to: the keys of its result, and lines for the user."""

    result: dict[str, Any]
    warnings: Sequence[str]


class Doors(NamedTuple):
    """The clients of a tenant.

    :param admin: None without a key.
    """

    scim: ScimClient
    admin: AdminClient | None


class Given(NamedTuple):
    """What was read before anything is sent.

    :param rows: None without a roster.
    :param ledger: None without one, and where it is not there.
    """

    options: AuditOptions
    tenant: str | None
    customer: str | None
    rows: Rows | None
    previous: Previous | None
    ledger: Ledger | None

    @classmethod
    def read(cls, options: Mapping[str, Any], clock: Clock) -> Given:
        """Read the options of ``eightbyeight_audit_info``, the roster, and the files.

        :raises EightByEightError: When one of them is not as it must be.
        """
        read = AuditOptions.read(options, clock.wall())
        rows = None if read.roster is None else _rows(read)
        tenant = named_tenant({**options, "tenant": None})
        previous = None if read.previous is None else read_previous(read.previous)
        if previous is not None:
            why_not_compared(previous, tenant, with_roster=rows is not None, complete=True)
        ledger = None if read.ledger is None else load(read.ledger)
        if read.ledger is not None and not os.path.lexists(read.ledger):
            ledger = None
        customer = customer_in(options.get("api_url"), options.get("customer_id"))
        return cls(read, tenant, customer, rows, previous, ledger)


def _rows(options: AuditOptions) -> Rows:
    """Read the rows of the roster.

    :raises RosterError: When none of them can be read, so that it is no roster.
    """
    users = () if options.roster is None else options.roster.users
    rows = Rows(*scan_rows(users, options.calendar))
    if rows.wrong and not any(row.is_only_repeated for row in rows.wrong) and not rows.read:
        raise RosterError.of(rows.wrong)
    return rows


def audit(doors: Doors, given: Given, memory: Memory, clock: Clock) -> AuditReport:
    """Audit a tenant. It only reads.

    :raises EightByEightError: When the tenant cannot be read.
    """
    began = clock.steady()
    accounts, listing = _accounts(doors.scim, given.rows)
    licenses = None
    if doors.admin is not None:
        shown = everybody(doors.admin, ("licenses",))
        check_customer(shown, given.customer)
        licenses = licenses_of(accounts.users, shown, given.options.license_ignore)
    comparing = _Differences(memory)
    people = (
        without_roster(accounts)
        if given.rows is None
        else compared(accounts, given.rows, given.options.protected, given.options.calendar, comparing.of)
    )
    hidden = {login_key(name) for name in (() if licenses is None else licenses.hidden)}
    people = [_with_hidden(person, hidden) for person in people]
    facts = _facts(given, accounts, listing, licenses, people, len(comparing.declined))
    requests = dict(doors.scim.sent)
    for verb, number in ({} if doors.admin is None else doors.admin.sent).items():
        requests[verb] = requests.get(verb, 0) + number
    result = _result(given, facts, requests, round(clock.steady() - began, 3))
    return AuditReport(result, _warnings(given, accounts, complete=facts.complete))


def _with_hidden(person: Person, hidden: Collection[str]) -> Person:
    """Return a person who is missing with the remark that there is an account all the same, where only SCIM does not show it.

    :param hidden: The login names of such accounts, as they are compared.
    """
    if person.situation != "missing" or login_key(person.user_name or "") not in hidden:
        return person
    return person._replace(
        problem="The Administration API shows an account with this login name, and SCIM does not: a setting of the tenant hides "
        "it, and to create it again would be refused."
    )


def _accounts(client: ScimClient, rows: Rows | None) -> tuple[Accounts, Listing]:
    """Read everybody, as whole as the rows ask for."""
    listing = client.list_users(workers=_WORKERS)
    users, unread = listing.users, {}
    if rows is not None and rows.read:
        whole = complete(client, listing, rows.read, workers=_WORKERS, interrupt=client.interrupt)
        users, unread = whole.listing.users, whole.unread
    return Accounts(users, unread, listing.unreadable), listing


class _Differences:
    """Compares accounts with what is asked for, as a roster would.

    :ivar declined: The ids of accounts with values that the tenant is known not to store as asked for.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.declined: set[str] = set()

    def of(self, user: User, wanted: Wanted) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return the attributes that are not as asked for, as they are and as asked for."""
        before, after = differences(user, wanted)
        if not after:
            return before, after
        # Only accounts that differ cost a look at what the tenant is known not to take.
        declined = self._memory.recall(user.id, user.view["last_modified"])
        left = differences(user, wanted, declined)
        if len(left[1]) < len(after):
            self.declined.add(user.id)
        return left


def _facts(
    given: Given,
    accounts: Accounts,
    listing: Listing,
    licenses: Licenses | None,
    people: Sequence[Person],
    declined: int,
) -> Facts:
    options, rows = given.options, given.rows
    roster = options.roster
    # Who cannot be read is seen all the same, and has a situation.
    seen = len(listing.users) + len(listing.unreadable)
    is_complete = listing.complete or (bool(listing.unreadable) and listing.announced == seen)
    no_ledger = None
    if options.ledger is not None and given.ledger is None:
        no_ledger = f"there is no ledger {options.ledger}"
    not_compared = None
    if given.previous is None and options.previous is not None:
        not_compared = f"There is no audit {options.previous} yet, so what changed since cannot be seen."
    elif given.previous is not None:
        not_compared = why_not_compared(
            given.previous, given.tenant, with_roster=rows is not None, complete=is_complete
        )
    return Facts(
        people=people,
        complete=is_complete,
        announced=listing.announced,
        unreadable=len(accounts.unreadable),
        now=options.calendar.now,
        with_roster=rows is not None,
        rows=0 if rows is None else len(rows.read) + len(rows.wrong),
        partial=_partial(given),
        export_problems=0 if roster is None else len(roster.problems),
        unsure=_unsure(rows, people),
        declined=declined,
        stale_days=options.stale_days,
        license_cost=options.license_cost,
        license_ignore=options.license_ignore,
        currency=options.currency,
        licenses=licenses,
        ledger=None if given.ledger is None else _counts(given.ledger, given),
        no_ledger=no_ledger,
        not_compared=not_compared,
    )


def _partial(given: Given) -> str | None:
    """Return why the roster may not name everybody whom it means to name."""
    if given.options.roster is None or given.rows is None:
        return None
    if given.options.roster.partial:
        return given.options.roster.partial.rstrip(".")
    nameless = [row.number for row in given.rows.wrong if not row.named]
    return f"row {nameless[0]} cannot be read, and does not say whom it is about" if nameless else None


def _unsure(rows: Rows | None, people: Sequence[Person]) -> list[str]:
    """Return who is deactivated, and in a row that does not say what is to become of that."""
    silent = {
        row.number for row in (() if rows is None else rows.read) if row.wanted.active is None and not row.wanted.absent
    }
    return [
        str(person.user_name or person.user.id)
        for person in people
        if person.user is not None
        and not person.user.active
        and person.row in silent
        and person.situation in ("drifted", "in_sync")
    ]


def _counts(ledger: Ledger, given: Given) -> Mapping[str, int]:
    return counts((each for each in ledger if each.tenant == given.tenant), _today(given))


def _today(given: Given) -> str:
    return given.options.calendar.now.strftime("%Y-%m-%d")


def _by_action(given: Given) -> dict[str, int]:
    """Return how many follow-ups are open, by action."""
    found: dict[str, int] = {}
    for each in given.ledger or ():
        if each.is_open and each.tenant == given.tenant:
            name = each.action if each.action in ACTIONS else _OTHER
            found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items()))


def _result(given: Given, facts: Facts, requests: Mapping[str, int], seconds: float) -> dict[str, Any]:
    options = given.options
    accounts = [_view(person, facts) for person in facts.people]
    figures = figures_of(facts)
    changes = []
    if given.previous is not None and facts.not_compared is None:
        changes = changes_since(given.previous.accounts, accounts)
    return {
        "changed": False,
        "tenant": given.tenant,
        "as_of": facts.as_of,
        "accounts": accounts,
        "situations": situations_of(facts.people, with_roster=facts.with_roster),
        "figures": {name: figure.value for name, figure in figures.items()},
        "formulas": {name: figure.formula for name, figure in figures.items()},
        "manual_actions": _by_action(given),
        "changes": changes,
        "compared_with": given.previous.as_of if given.previous is not None and facts.not_compared is None else None,
        "complete": facts.complete,
        "evidence": "scim" if facts.licenses is None else "scim+administration",
        "limitations": limitations_of(facts),
        "problems": _problems(given),
        "roster_rows": facts.rows if facts.with_roster else None,
        "stale_days": options.stale_days,
        "license_cost": options.license_cost,
        "license_ignore": list(options.license_ignore),
        "currency": options.currency or None,
        "requests": dict(requests),
        "seconds": seconds,
    }


def _problems(given: Given) -> list[dict[str, Any]]:
    told = [] if given.options.roster is None else [dict(problem) for problem in given.options.roster.problems]
    told += [problem for row in (() if given.rows is None else given.rows.wrong) for problem in row.problems]
    return told[:MOST_PROBLEMS]


def _view(person: Person, facts: Facts) -> dict[str, Any]:
    """Return a person as a result shows it."""
    user = person.user
    told: Mapping[str, Any] = person.about if user is None else user.view
    licenses = None if facts.licenses is None or user is None else facts.licenses.names.get(user.id)
    return {
        "user_name": person.user_name,
        "id": None if user is None else user.id,
        "situation": person.situation,
        "active": None if user is None else user.active,
        "differences": {
            name: {"before": person.before.get(name), "after": value} for name, value in person.after.items()
        },
        "licenses": None if licenses is None else list(licenses),
        "last_modified": None if user is None else user.view["last_modified"],
        "row": person.row,
        **{name: told.get(name) for name in _SHOWN},
        "stale": is_stale(person, facts.now, facts.stale_days),
        "left_days": person.left_days,
        "problem": person.problem,
    }


def _warnings(given: Given, accounts: Accounts, *, complete: bool) -> list[str]:
    """Return lines for the user about what may be a mistake of the task."""
    if given.rows is None or not complete:
        return []
    names = [user.user_name for user in accounts.users if user.user_name]
    names += [row.wanted.user_name for row in given.rows.read if row.wanted.user_name]
    unmatched = given.options.protected.unmatched(names)
    if not unmatched:
        return []
    return [f"protected: {', '.join(map(abbreviated, unmatched))} matches no user and no row, so it protects nobody."]
