# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Turns rows and accounts into people, each in exactly one situation. Only this file decides which. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .._base.names import login_key
from .._errors import EightByEightError
from .._http.listing import Listing
from .._plan import differences
from .._resource.user import User
from .._rows.reader import InvalidRow, Row
from .._sync.match import Index
from .._wanted import Wanted
from .inputs import Inputs

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_Found = Mapping[str, "tuple[str, User]"]


class Person(NamedTuple):
    """An account, a row, or an account with its row.

    :param user: The account; None when there is none or it cannot be read.
    :param row: The number of the row; None when no row matches this account alone.
    :param differences: The attributes that differ from the row, each with ``before`` (in 8x8) and ``after`` (in the
        row).
    :param left_days: Whole days that the account has been active since the leaving date, if the row has it.
    :param stale: Whether the account is active and was not changed for a long time; None when not known.
    :param problem: A sentence for the reader of the audit.
    :param about: The attributes from the row of a person without an account.
    """

    situation: str
    user_name: str | None
    user: User | None = None
    row: int | None = None
    differences: Mapping[str, Mapping[str, Any]] = _NOTHING
    left_days: int | None = None
    stale: bool | None = None
    problem: str | None = None
    about: Mapping[str, Any] = _NOTHING


def without_roster(listing: Listing) -> list[Person]:
    """Return the people of an audit without a roster."""
    people = [Person("active" if user.active else "inactive", user.user_name, user) for user in listing.users]
    return _in_order(people, listing.unreadable)


class Comparison:
    """Compares a roster with a tenant, in the same way as ``eightbyeight_roster``.

    An account and the row that matches it are one person. A row that matches several accounts, and each of these
    accounts, are separate people, all ``ambiguous``.

    :param unread: Id -> why this account could only be read in part.
    :param recall: Returns the values that the tenant is known not to store, by the id and the last change of a user.
    :ivar declined: How many accounts have such values.
    """

    def __init__(
        self,
        listing: Listing,
        unread: Mapping[str, EightByEightError],
        inputs: Inputs,
        recall: Callable[[str, Any], Mapping[str, Any]],
    ) -> None:
        self.declined = 0
        self._listing = listing
        self._unread = unread
        self._inputs = inputs
        self._recall = recall
        self._index = Index(listing.users)
        names = [*(user.user_name for user in listing.users), *(name for name, _error in listing.unreadable)]
        logins = Counter(login_key(name) for name in names if name)
        self._shared = {name for name, number in logins.items() if number > 1}
        self._unreadable: dict[str, list[EightByEightError]] = {}
        for name, error in listing.unreadable:
            self._unreadable.setdefault(login_key(name), []).append(error)

    def people(self) -> list[Person]:
        """Return all people."""
        matches = [self._match(row) for row in self._inputs.rows]
        repeated = {number for row in self._inputs.invalid for number in row.duplicate_of}
        candidates = {row.number: self._candidates(row) for row in self._inputs.invalid}
        claims = self._claims(matches, repeated, candidates)
        people: list[Person] = []
        matched: set[str] = set()
        ambiguous: dict[str, str] = {}
        for match in matches:
            is_shared = match.user is not None and claims[match.user.id] > 1
            if match.problem is None and not is_shared and match.row.number not in repeated:
                people.append(self._person(match.user, match.row))
                matched |= set() if match.user is None else {match.user.id}
                continue
            who = None if match.user is None else match.user.user_name
            problem = match.problem or f"Several rows are about the same person ({who or match.row.wanted.who})."
            name = match.row.wanted.user_name or who
            people.append(
                Person("ambiguous", name, row=match.row.number, problem=problem, about=match.row.wanted.person)
            )
            ambiguous.update(dict.fromkeys(match.found, problem))
        claimed = Counter(user_id for found in candidates.values() for user_id in found)
        claimed.update([*matched, *ambiguous])
        for row in self._inputs.invalid:
            found = candidates[row.number]
            # The account belongs to this row if no other row may match it.
            single = len(found) == 1 and not row.duplicate_of and row.number not in repeated
            own = next((user for _by, user in found.values() if single and claimed[user.id] == 1), None)
            person = self._invalid_person(row, own)
            people.append(person)
            matched |= set() if own is None else {own.id}
            ambiguous.update({user_id: str(person.problem) for user_id in found if user_id not in ambiguous})
        unmatched = (user for user in self._listing.users if user.id not in matched)
        people += [self._person(user, ambiguity=ambiguous.get(user.id)) for user in unmatched]
        rest = [(name, error) for name, errors in self._unreadable.items() for error in errors]
        return _in_order(people, rest)

    def _claims(self, matches: Iterable[_Match], repeated: set[int], candidates: Mapping[int, _Found]) -> Counter[str]:
        """Return id -> how many rows may match this account.

        When several rows name the same person, only the first is readable. All of them count for every account that
        they may match, so that the order of rows makes no difference.
        """
        claims: Counter[str] = Counter()
        for match in matches:
            if match.row.number in repeated:
                claims.update(list(match.found))
            elif match.user is not None:
                claims[match.user.id] += 1
        for row in self._inputs.invalid:
            if row.is_only_duplicate:
                claims.update(list(candidates[row.number]))
        return claims

    def _match(self, row: Row) -> _Match:
        found = self._index.candidates(row.wanted)
        try:
            return _Match(row, found, self._index.match(row.wanted, found))
        except EightByEightError as error:
            # No account has the id and no other account matches, so this person has no account.
            if error.kind == "user_not_found" and not found:
                return _Match(row, found)
            return _Match(row, found, problem=error.message)

    def _person(self, user: User | None, row: Row | None = None, ambiguity: str | None = None) -> Person:
        """Return the person of an account, a row, or an account with its row, in the first situation that fits.

        :param ambiguity: Why it is not clear which row an account belongs to, if it is not.
        """
        wanted = Wanted(None) if row is None else row.wanted
        name = wanted.user_name if user is None else user.user_name
        person = Person("", name, user, None if row is None else row.number, about=wanted.person)
        if fault := self._fault(user, wanted.user_name):
            return person._replace(situation=fault[0], problem=fault[1])
        if ambiguity is not None:
            return person._replace(situation="ambiguous", problem=ambiguity)
        differing = {} if user is None or row is None else self._differences(user, wanted)
        person = person._replace(differences=differing)
        if self._inputs.protected.covers(name, wanted.user_name):
            return person._replace(situation="protected")
        if row is None:
            return person._replace(situation="orphaned" if user is not None and user.active else "inactive")
        if row.is_deferred(user):
            # A change with a later date is no difference yet.
            differing.pop("active", None)
            return person._replace(situation="waiting")
        if user is None:
            # A row that asks for no active account is fulfilled.
            return person._replace(situation="in_sync" if wanted.absent else "missing")
        if user.active and differing.get("active", _NOTHING).get("after") is False:
            days = None if row.ended is None else max(0, (self._inputs.calendar.now - row.ended).days)
            return person._replace(situation="left_but_active", left_days=days)
        return person._replace(situation="drifted" if differing else "in_sync")

    def _fault(self, user: User | None, login: str | None) -> tuple[str, str] | None:
        """Return the situation of an account that is not fully readable or shares its login name, and why; or None.

        :param login: The login name of the row, to find an account that cannot be read at all.
        """
        if user is None:
            unreadable = self._unreadable.get(login_key(login)) if login else None
            return ("unreadable", unreadable.pop(0).message) if unreadable else None
        if user.id in self._unread:
            return "unreadable", self._unread[user.id].message
        if user.user_name and login_key(user.user_name) in self._shared:
            return "duplicate", f"Several accounts have the login name {user.user_name}. This one has the id {user.id}."
        return None

    def _differences(self, user: User, wanted: Wanted) -> dict[str, Mapping[str, Any]]:
        """Return the attributes that differ."""
        before, after = differences(user, wanted)
        if after:
            # The file with values that the tenant does not store is read only if an account differs.
            before, stored = differences(user, wanted, self._recall(user.id, user.view["last_modified"]))
            self.declined += len(stored) < len(after)
            after = stored
        return {name: {"before": before.get(name), "after": value} for name, value in after.items()}

    def _candidates(self, row: InvalidRow) -> _Found:
        """Return the accounts that an invalid row may match."""
        return self._index.candidates(Wanted(row.names.get("user_name"), row.names.get("user_id"), about=row.names))

    def _invalid_person(self, row: InvalidRow, user: User | None) -> Person:
        """Return the person of an invalid row.

        :param user: The account of this row, if no other row may match it.
        """
        name = row.names.get("user_name")
        faults = "; ".join(f"{column}: {message}" for column, message in row.faults)
        person = Person("unreadable", name if user is None else user.user_name, user, row.number, about=row.names)
        if row.is_only_duplicate:
            return person._replace(situation="ambiguous", problem=f"Row {row.number}: {faults}.")
        if user is None and name and self._unreadable.get(login_key(name)):
            self._unreadable[login_key(name)].pop()
        return person._replace(problem=f"Row {row.number} cannot be read. {faults}.")


class _Match(NamedTuple):
    """The accounts that a row may match.

    :param found: The accounts by id.
    :param problem: Why it is not clear which one; None when it is.
    """

    row: Row
    found: _Found
    user: User | None = None
    problem: str | None = None


def _in_order(people: Iterable[Person], unreadable: Iterable[tuple[str, EightByEightError]]) -> list[Person]:
    """Return people, and unreadable accounts, in an order that does not depend on the order of rows."""
    nameless = [Person("unreadable", name or None, problem=error.message) for name, error in unreadable]
    return sorted(
        [*people, *nameless],
        key=lambda person: (
            login_key(person.user_name or ""),
            "" if person.user is None else person.user.id,
            person.row or 0,
            person.problem or "",
        ),
    )
