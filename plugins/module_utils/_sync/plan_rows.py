# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Rows and the tenant make a plan: whom each row means, what is to be done, and which rows are refused. Only reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import _manual_actions
from .._base.clock import stamp_of
from .._base.text import abbreviated, about, place_of
from .._errors import BadOptionError, EightByEightError
from .._find.lookup import not_proven_absent
from .._plan import UNCHANGED, plan
from .._resource.user import User
from .._rows.dates import Calendar
from .._rows.reader import Roster, RosterError, Row, read_roster, read_rows
from .._wanted import Wanted
from .breaker import ends_all_reads
from .hidden_attributes import with_hidden_attributes
from .match import Index
from .reading import check_site, read_for
from .record import Context, Entry, Record


def plan_roster(context: Context, record: Record) -> None:
    """Read the rows and what they need of the tenant, and plan each row.

    :raises EightByEightError: When the rows cannot be read, or the tenant cannot.
    """
    options = context.options
    rows = _rows(context, record)
    context.say(f"Reading the tenant for a roster of {len(rows)}")
    record.phase = "reading the tenant"
    reading = read_for(context.client, rows, everybody=options.unlisted != "ignore", workers=options.workers)
    record.reading = reading
    listing, unread = with_hidden_attributes(context.client, reading.listing, rows, options.workers)
    record.reading = reading._replace(listing=listing)
    planner = _Planner(context, record, Index(listing.users), unread)
    for row in rows:
        planner.plan(row)
    if options.unlisted != "ignore":
        planner.plan_unlisted(deactivate=options.unlisted == "deactivate")
    # Whoever gets access back comes first, in the plan and in every report.
    record.entries.sort(key=lambda entry: entry.operation != "activated")


def _rows(context: Context, record: Record) -> Sequence[Row]:
    calendar = Calendar.of(context.options.given, context.clock.wall())
    record.as_of = stamp_of(calendar.now)
    roster = read_roster(context.options.given["users"])
    record.problems = [dict(problem) for problem in roster.problems]
    try:
        rows = read_rows(roster.users, calendar)
    except RosterError as error:
        record.problems = error.problems
        raise
    _check_export(context, record, roster)
    if not rows and context.options.unlisted == "deactivate":
        raise BadOptionError(
            "users is empty, and unlisted=deactivate would deactivate everybody. Nothing was changed. Check the source of "
            "the roster."
        )
    return rows


def _check_export(context: Context, record: Record, roster: Roster) -> None:
    """Say why an export is not everybody, and refuse to switch those off whom it does not name.

    :raises EightByEightError: ``bad_roster``.
    """
    if roster.partial is None:
        return
    first = next((f" {_told(problem)}" for problem in roster.problems), "")
    if context.options.unlisted == "deactivate" and not context.options.given.get("allow_partial"):
        raise EightByEightError(
            "unlisted=deactivate would deactivate everybody who is not in the export, and the export may not contain everybody. "
            f"{roster.partial}{first} Nothing was changed. Correct the export, or give allow_partial=true if the people "
            "who are missing in it have really left.",
            kind="bad_roster",
        )
    record.warnings.append(f"The export may not contain everybody. {roster.partial}{first}")


def _told(problem: Mapping[str, Any]) -> str:
    row, column, message = (abbreviated(problem.get(name)) for name in ("row", "column", "message"))
    return f"The first problem is {place_of(row, column)}: {message.rstrip('.')}."


class _Planner:
    """Plans one row after the other.

    :param index: The users who were read.
    :param unread: Why some users could not be read whole, by id.
    """

    def __init__(self, context: Context, record: Record, index: Index, unread: Mapping[str, EightByEightError]) -> None:
        self._context = context
        self._record = record
        self._index = index
        self._unread = unread
        self._sites = record.reading.sites
        self._named: set[str] = set()
        self._claims: dict[str, Entry] = {}

    def plan(self, row: Row) -> None:
        """Plan a row, or refuse it.

        :raises EightByEightError: When nothing more can be read of anybody.
        """
        entry = Entry(row.wanted, row)
        self._record.entries.append(entry)
        found = self._index.candidates(row.wanted)
        self._named.update(found)
        try:
            if row.number in self._record.reading.faults:
                raise self._record.reading.faults[row.number]
            entry.current = self._index.match(row.wanted, found) or self._look_for(row)
            self._refuse_repeated(entry)
            self._check_return(entry)
            if entry.current is not None and entry.current.id in self._unread:
                raise self._unread[entry.current.id]
            self._plan_entry(entry)
        except EightByEightError as error:
            if ends_all_reads(error, self._context.client.token_refusal):
                for each in self._record.entries:
                    each.status = "skipped" if each.status in ("planned", "unchanged") else each.status
                raise
            self._refuse(entry, error)

    def plan_unlisted(self, *, deactivate: bool) -> None:
        """Plan for active users whom no row names."""
        for user in self._index.users:
            if user.id in self._named or not user.active:
                continue
            entry = Entry(Wanted(user.user_name, user.id, absent=True), current=user)
            self._record.entries.append(entry)
            if deactivate:
                entry.change, entry.status = plan(user, entry.wanted), "planned"
            else:
                entry.status = "unlisted"

    def _look_for(self, row: Row) -> User | None:
        """Look up somebody who does not show in a list that does not add up, and may be there all the same."""
        if self._record.complete:
            return None
        client = self._context.client
        user, proven = None, False
        if row.wanted.user_name and not client.lookups.filter_refused:
            user, proven = client.find_user(row.wanted.user_name)
        if user is None and row.wanted.absent and not proven:
            raise not_proven_absent()
        return user

    def _refuse_repeated(self, entry: Entry) -> None:
        if entry.current is None:
            return
        other = self._claims.setdefault(entry.current.id, entry)
        if other is not entry:
            rows = " and ".join(str(each.row.number) for each in (other, entry) if each.row is not None)
            message = f"Rows {rows} both mean this user (id {entry.current.id}). Nothing was changed."
            error = EightByEightError(message, kind="ambiguous")
            self._refuse(other, error)
            raise error

    def _check_return(self, entry: Entry) -> None:
        """Refuse a row of somebody inactive that does not say what is to become of that, where the task wants it said."""
        on_inactive = self._context.options.given.get("on_inactive")
        if on_inactive == "refuse" and entry.stays_inactive:
            raise EightByEightError(
                f"{entry.who} is deactivated, and the row does not say whether this person is back. Nothing was changed. Give "
                "active: true to activate the user again, or active: false to update somebody who stays deactivated.",
                kind="inactive_user",
            )

    def _refuse(self, entry: Entry, error: EightByEightError) -> None:
        """Note that a row cannot be planned; a user who is protected is left alone, and no trouble."""
        if self._context.protects(entry):
            entry.status = "protected"
            return
        entry.change = UNCHANGED
        entry.refuse(error.about(about(entry.who, error.message)))
        user = None if entry.current is None else entry.current.view
        entry.actions = _manual_actions.instead_of(error, entry.wanted, user)

    def _plan_entry(self, entry: Entry) -> None:
        if entry.current is not None and not entry.wanted.user_name:
            # Found by something else: messages name the user by the login name all the same.
            entry.wanted = entry.wanted._replace(user_name=entry.current.user_name, user_id=entry.current.id)
        if entry.row is not None and entry.row.is_deferred(entry.current):
            entry.status = "waiting"
            if entry.current is None or entry.wanted.absent:
                return
            # What else the row asks for of somebody who is there does not wait.
            entry.wanted = entry.wanted._replace(active=None)
        urn = self._context.connection.extension_urn
        try:
            change = plan(entry.current, entry.wanted, extension_urn=urn)
            again = change.method == "PUT"
        except EightByEightError as error:
            if error.kind not in ("site_fixed", "missing_attributes") or entry.current is None:
                raise
            if error.kind == "missing_attributes":
                # A listing may leave out what the user's own address shows.
                entry.current = self._context.client.get_user(entry.current.id)
            again = True
        if again and entry.current is not None:
            # Only users that differ cost a look at what the tenant is known not to take.
            declined = self._context.memory.recall(entry.current.id, entry.current.view["last_modified"])
            change = plan(entry.current, entry.wanted, declined=declined, extension_urn=urn)
        if change.changed:
            entry.change, entry.status = change, "planned"
            check_site(entry.who, change.after.get("site"), self._sites)
