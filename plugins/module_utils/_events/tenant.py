# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reading a tenant for an event source, with GET alone and as few requests as possible.

In a tenant of several pages, what changed is asked for by ``meta.lastModified``, where the server can filter by it. Whether 8x8
can is not documented (fact sheet 4.6), so no answer of that filter is believed by itself: it has to show the user whom it was
asked for, and the tenant has to have as many users as it should. Everything else is one listing.
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

#: With fewer pages a listing costs no more than the filter and the count that proves it.
_FEWEST_PAGES = 3
#: Every so often everybody is read, whatever the filter says.
_FULL_EVERY = 50
#: A server may show a change late, and its clock may be ahead. So much earlier than the newest change, what changed is asked for.
_OVERLAP = dt.timedelta(seconds=120)
#: So many people who are missing from a listing are looked for by id. Where more are missing, these stand for all of them.
_MOST_CONFIRMED = 25

People = Mapping[str, Person]


class IncompleteError(EightByEightError):
    """A listing does not add up, so that nothing follows from it."""

    kind = "incomplete_listing"


class Tenant:
    """The tenant of a source, over all its polls.

    :param options: Where it is.
    :param clock: Time. Its ``sleep`` raises when the source ends.
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
        """Return everybody as the tenant shows them now. Licenses are those of before.

        :param before: What was known; None at the first poll.
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
        """Return id -> the names of the licenses, of those users whom the Administration API shows.

        :raises EightByEightError: When they cannot be read.
        """
        client = AdminClient(admin, clock=self._clock, session=self._admin_session)
        users = everybody(client, ("licenses",))
        check_customer(users, self._options.customer)
        # Two users with one login show nothing of either.
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
            raise IncompleteError(f"The listing is not complete: {listing.counts}. {why} No events are sent for it.")
        self._pages = math.ceil(len(listing.users) / max(listing.page_size, 1))
        people = {user.id: Person.of(user) for user in listing.users}
        if before is None:
            return people
        missing = [user_id for user_id in before if user_id not in people]
        # Who has an address is hidden in the listing, or the listing is behind.
        there = [user_id for user_id in missing[:_MOST_CONFIRMED] if client.find_by_id(user_id) is not None]
        hidden = missing if there and len(missing) > _MOST_CONFIRMED else there
        people |= {user_id: before[user_id] for user_id in hidden}
        return _merged(before, people, self._now())

    # -- What changed ---------------------------------------------------------

    def _may_filter(self) -> bool:
        return self._filter_works and self._pages >= _FEWEST_PAGES and self._polls % _FULL_EVERY != 0

    def _changed(self, client: ScimClient, before: People) -> dict[str, Person] | None:
        """Return everybody, by reading only who changed; None where that proves nothing."""
        since, witnesses = self._since(before)
        if since is None:
            return None
        try:
            listing = client.list_users(modified_since(stamp_of(since)))
        except (RefusedError, NotSupportedError):
            self._filter_works = False
            return None
        fresh = {user.id: Person.of(user) for user in listing.users}
        if not listing.complete:
            return None
        total = client.page_at(1, None, 1).announced
        if total != len({*before, *fresh}):
            # Somebody was removed, or appeared with an old stamp.
            return None
        early = any((moment_of(person.last_modified) or since) < since for person in fresh.values())
        if early or not witnesses <= fresh.keys():
            # It does not filter, or overlooks people whom it was asked for.
            self._filter_works = False
            return None
        return _merged(before, {**before, **fresh}, self._now())

    def _now(self) -> dt.datetime:
        return dt.datetime.fromtimestamp(self._clock.wall(), dt.timezone.utc)

    def _since(self, before: People) -> tuple[dt.datetime | None, frozenset[str]]:
        """Return from when on to ask for changes, a bit before the newest one that is known, and who has to be in the answer.

        Times are the server's own. One that is later than this machine's clock does not count: the filter would show nothing
        until then.
        """
        now = self._now()
        known = {user_id: moment_of(person.last_modified) for user_id, person in before.items()}
        times = [moment for moment in known.values() if moment is not None and moment <= now]
        if not times:
            return None, frozenset()
        newest = max(times)
        # As it is written, which is without parts of a second.
        since = (newest - _OVERLAP).astimezone(dt.timezone.utc).replace(microsecond=0)
        return since, frozenset(user_id for user_id, moment in known.items() if moment == newest)


def _merged(before: People, seen: People, now: dt.datetime) -> dict[str, Person]:
    """Return users as they are seen now, with what else was known of them; a listing that is behind changes nothing.

    A time of the last change that is still to come proves nothing: whoever had one would never be seen to change again.
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
