# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads a tenant for an event source, with GET only and as few requests as possible.

A tenant of several pages is asked for changed users with a filter by ``meta.lastModified``. It is not documented whether 8x8
supports that filter (fact sheet 4.6), so each answer is checked: it must contain the user with the newest known change, and the
tenant must have the expected number of users. In all other cases, all users are listed.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

from .._admin.client import AdminClient
from .._admin.people import UsersByLogin, check_customer, everybody
from .._base.clock import Clock, stamp_of
from .._base.text import named
from .._client import ScimClient, Session
from .._errors import EightByEightError, NotSupportedError, RefusedError
from .._http.connection import Connection
from .._http.session import HttpSession
from .._resource.filters import modified_since
from .options import Options
from .snapshot import Person, is_older, moment_of

#: With fewer pages, a listing costs no more than the filter and the request that checks it.
_MIN_PAGES_FOR_FILTER = 3
#: Every so many polls, all users are listed, even if the filter works.
_FULL_LISTING_EVERY = 50
#: A server may show a change late, and its clock may be ahead. The filter begins so much earlier than the newest known change.
_OVERLAP = dt.timedelta(seconds=120)
#: The most users missing from a listing who are looked up by id. If more are missing, these are a sample.
_MAX_CONFIRMED = 25

People = Mapping[str, Person]


class IncompleteError(EightByEightError):
    """A listing does not add up, so it cannot be used."""

    kind = "incomplete_listing"


class Tenant:
    """The tenant of a source, over all its polls.

    :param options: The arguments of the source.
    :param clock: The clock. Its ``sleep`` raises when the source ends.
    """

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._session = Session()
        self._admin_session = HttpSession()
        self._filter_works = True
        self._pages = 0
        self._polls = 0

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
        self._admin_session.close()

    def people(self, before: People | None) -> dict[str, Person]:
        """Return all users as the tenant shows them now, with the licenses that were known before.

        :param before: The users that were known; None at the first poll.
        :raises IncompleteError: When the listing does not add up.
        :raises EightByEightError: When the tenant cannot be read.
        """
        self._polls += 1
        with ScimClient(self._options.connection, clock=self._clock, session=self._session) as client:
            if before is not None and self._may_filter():
                people = self._changed(client, before)
                if people is not None:
                    return people
            return self._everybody(client, before)

    def licenses(self, admin: Connection, people: People) -> dict[str, list[str]]:
        """Return id -> names of licenses, for the users whom the Administration API shows.

        :raises EightByEightError: When they cannot be read.
        """
        client = AdminClient(admin, clock=self._clock, session=self._admin_session)
        users = everybody(client, ("licenses",))
        check_customer(users, self._options.customer)
        # Two users with the same login cannot be told apart, so neither gets licenses.
        joined, _faults = UsersByLogin.among(users).join(
            (user_id, person.user_name) for user_id, person in people.items()
        )
        return {
            user_id: [entry["name"] or "" for entry in user.licenses]
            for (user_id, _login), user in joined.items()
            if user is not None and user.licenses is not None
        }

    # -- Everybody ------------------------------------------------------------

    def _everybody(self, client: ScimClient, before: People | None) -> dict[str, Person]:
        listing = client.list_users()
        if not listing.complete:
            unreadable = named([name or "somebody without a login" for name, _error in listing.unreadable])
            why = f"These users cannot be read: {unreadable}." if unreadable else "Its pages do not add up."
            raise IncompleteError(f"The listing is not complete: {listing.mismatch}. {why} No events are sent for it.")
        self._pages = math.ceil(len(listing.users) / max(listing.page_size, 1))
        people = {user.id: Person.of(user) for user in listing.users}
        if before is None:
            return people
        missing = [user_id for user_id in before if user_id not in people]
        # A missing user who can be read by id was not removed: the listing hides users, or is old.
        there = [user_id for user_id in missing[:_MAX_CONFIRMED] if client.find_by_id(user_id) is not None]
        hidden = missing if there and len(missing) > _MAX_CONFIRMED else there
        people |= {user_id: before[user_id] for user_id in hidden}
        return _merge(before, people, self._utc_now())

    # -- What changed ---------------------------------------------------------

    def _may_filter(self) -> bool:
        return self._filter_works and self._pages >= _MIN_PAGES_FOR_FILTER and self._polls % _FULL_LISTING_EVERY != 0

    def _changed(self, client: ScimClient, before: People) -> dict[str, Person] | None:
        """Return all users, by reading only the changed ones; None when the answer cannot be trusted."""
        since, witnesses = self._ask_since(before)
        if since is None:
            return None
        try:
            listing = client.list_users(modified_since(stamp_of(since)))
        except (RefusedError, NotSupportedError):
            self._filter_works = False
            return None
        changed = {user.id: Person.of(user) for user in listing.users}
        if not listing.complete:
            return None
        total = client.page_at(1, None, 1).announced
        if total != len({*before, *changed}):
            # A user was removed, or a new user has an old time of change.
            return None
        early = any((moment_of(person.last_modified) or since) < since for person in changed.values())
        if early or not witnesses <= changed.keys():
            # The server ignores the filter, or leaves out users who match it.
            self._filter_works = False
            return None
        return _merge(before, {**before, **changed}, self._utc_now())

    def _utc_now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self._clock.wall(), dt.timezone.utc)

    def _ask_since(self, before: People) -> tuple[dt.datetime | None, frozenset[str]]:
        """Return the start time for the filter, a bit before the newest known change, and the users who must be in the answer.

        Times are those of the server. A time that is later than this machine's clock is ignored: until then, the filter would
        show nobody.
        """
        now = self._utc_now()
        known = {user_id: moment_of(person.last_modified) for user_id, person in before.items()}
        times = [moment for moment in known.values() if moment is not None and moment <= now]
        if not times:
            return None, frozenset()
        newest = max(times)
        # The filter is written without fractions of a second.
        since = (newest - _OVERLAP).astimezone(dt.timezone.utc).replace(microsecond=0)
        return since, frozenset(user_id for user_id, moment in known.items() if moment == newest)


def _merge(before: People, seen: People, now: dt.datetime) -> dict[str, Person]:
    """Return users as the tenant shows them now, with their known licenses. Old data does not replace newer data.

    A time of change in the future is ignored: otherwise later changes of this user would never be seen.
    """
    merged = {}
    for user_id, person in seen.items():
        old = before.get(user_id)
        if old is not None:
            changed = moment_of(old.last_modified)
            behind = changed is not None and changed <= now + _OVERLAP and is_older(person, old)
            person = old if behind else person._replace(licenses=old.licenses)
        merged[user_id] = person
    return merged
