# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads the users for a roster: all users, or only those whom rows name, whichever takes fewer requests.

The first page shows how many users and pages there are, so both costs are known. One of its users is also searched for in
another case, which proves that the filter by login name works. If lookups are not possible, all users are listed after all,
beginning with that page.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from .._base.names import login_key, same_login
from .._base.parallel import in_parallel
from .._base.text import counted
from .._client import ScimClient
from .._errors import EightByEightError, NotFoundError
from .._find.external import find_by_external_id, requests_for
from .._find.lookup import filter_is_believed
from .._http.listing import Listing, Page
from .._resource.filters import user_name_is
from .._resource.user import User
from .._rows.reader import Row
from .._wanted import Wanted

#: The time of a request, as long as none was measured.
_ASSUMED_SECONDS = 0.2


class Reading(NamedTuple):
    """The users that were read.

    :param listing: The users. After lookups, only those who were found, and ``announced`` is the size of the tenant.
    :param scope: Who was read: ``everybody``, those whom ``rows`` name, ``nobody`` yet, or nobody because a ``plan`` is applied.
    :param why: How they were read and why, for the result; None if nothing was read.
    :param faults: Number of a row -> why it cannot be looked up.
    :param first: The first page, if it was read before lookups.
    """

    listing: Listing
    scope: str
    why: str | None
    faults: Mapping[int, EightByEightError] = MappingProxyType({})
    first: Page | None = None

    @property
    def sites(self) -> set[str]:
        """The sites of all users who were read."""
        users = self.listing.users if self.first is None else [*self.first.users, *self.listing.users]
        return {user.view["site"] for user in users if user.view["site"]}

    @property
    def size(self) -> int | None:
        """How many users the tenant has; None if that is not known."""
        return len(self.listing.users) if self.scope == "everybody" else self.listing.announced


def empty_listing(users: int | None, *, complete: bool) -> Listing:
    """Return a listing without users.

    :param users: How many users the tenant had when the plan was made.
    """
    return Listing([], users, complete, page_size=0, seconds=_ASSUMED_SECONDS)


NOTHING_READ = Reading(empty_listing(None, complete=False), "nobody", None)


_NO_FILTER = "8x8 does not filter by login name reliably"


class _NotPossibleError(Exception):
    """Lookups do not work at this server."""


def read_for(client: ScimClient, rows: Sequence[Row], *, everybody: bool, workers: int) -> Reading:
    """Read the users that a roster needs.

    :param everybody: Whether the task needs all users, not only those whom rows name.
    """
    if everybody or not rows:
        reason = "the task asks about users whom no row names" if everybody else "there are no rows"
        return Reading(client.list_users(workers=workers), "everybody", f"listing, because {reason}")
    first = client.page_at(1)
    requests = lookup_requests(rows)
    if requests >= first.pages - 1:
        why = (
            f"listing, because {counted(len(rows), 'row takes', 'rows take')} no fewer requests than "
            f"{counted(first.pages, 'page')}"
        )
        # If the first page shows everybody whom the rows name, other users do not matter.
        listing = client.list_users(workers=workers, first=first, believe_total=_shows_all(first, rows))
        return Reading(listing, "everybody", why)
    try:
        return _look_up(client, rows, first, workers)
    except _NotPossibleError as obstacle:
        return Reading(client.list_users(workers=workers, first=first), "everybody", f"listing, because {obstacle}")


def _shows_all(page: Page, rows: Sequence[Row]) -> bool:
    """Say whether a page has all users whom rows name, by each id and name in the rows."""
    ids = {user.id for user in page.users}
    logins = {login_key(user.user_name) for user in page.users if user.user_name}
    externals = {user.view["external_id"] for user in page.users}
    return all(
        (row.wanted.user_id is None or row.wanted.user_id in ids)
        and (row.wanted.user_name is None or login_key(row.wanted.user_name) in logins)
        and (row.wanted.external_id is None or row.wanted.external_id in externals)
        for row in rows
    )


def lookup_requests(rows: Sequence[Row]) -> int:
    """Return how many requests lookups of rows take, including those that prove the filters, if nothing fails."""
    externals = sum(row.wanted.external_id is not None for row in rows)
    by_name = sum(bool(row.wanted.user_name or row.wanted.user_id) for row in rows)
    return 1 + by_name + requests_for(externals)


def similar_site(site: str | None, known: Collection[str]) -> str | None:
    """Return the known site that differs from this one only in case or blanks; None if there is none, or this one is known."""
    if not site or site in known:
        return None
    plain = login_key("".join(site.split()))
    return min((other for other in known if login_key("".join(other.split())) == plain), default=None)


def check_site(who: str, site: str | None, known: Collection[str]) -> None:
    """Refuse a site that differs from a known one only in case or blanks, because 8x8 compares names of sites exactly.

    :raises EightByEightError: ``unknown_site``.
    """
    if near := similar_site(site, known):
        raise EightByEightError(
            f"{who}: no user of this tenant has the site {site!r}. Did you mean {near!r}? Names of sites must match exactly, "
            f"with case. Nothing was changed. If both are sites, put this user at {site!r} with eightbyeight_user first, which "
            "does not compare sites. As soon as one user has the site, rosters accept it.",
            kind="unknown_site",
        )


def _look_up(client: ScimClient, rows: Sequence[Row], first: Page, workers: int) -> Reading:
    """Look up the people whom rows name.

    :raises _NotPossibleError: When the answers to look-ups are not enough.
    """
    if any(row.wanted.user_name for row in rows) and not filter_is_believed(client):
        raise _NotPossibleError(_NO_FILTER)
    faults: dict[int, EightByEightError] = {}

    def find(row: Row) -> list[User]:
        try:
            return _find_by_row(client, row.wanted)
        except EightByEightError as error:
            # An unreadable user fails one row. All other errors end the run.
            if error.kind != "bad_answer":
                raise
            faults[row.number] = error
            return []

    found = in_parallel(find, rows, workers, client.interrupt)
    users = {user.id: user for users_of_row in found for user in users_of_row}
    # Another user than the one with the id or login name of the row may have its external id.
    unclear = {
        row.wanted.external_id
        for row, users_of_row in zip(rows, found)
        if row.wanted.external_id and row.wanted.external_id not in [user.view["external_id"] for user in users_of_row]
    }
    if unclear:
        users.update({user.id: user for user in _by_external_id(client, unclear, first.pages)})
    listing = Listing([*users.values()], first.announced, True, first.received, first.seconds)
    why = f"lookups, because {counted(len(rows), 'row takes', 'rows take')} fewer requests than {first.pages} pages"
    reading = Reading(listing, "rows", why, faults, first)
    sites = reading.sites
    if any(similar_site(row.wanted.attributes.get("site"), sites) for row in rows):
        raise _NotPossibleError(
            "only the sites of all users show whether a site that is spelled almost like another exists"
        )
    return reading


def _find_by_row(client: ScimClient, wanted: Wanted) -> list[User]:
    """Return the users with the id and with the login name of a row."""
    if client.lookups.filter_refused:
        raise _NotPossibleError(_NO_FILTER)
    users = []
    if wanted.user_id:
        with contextlib.suppress(NotFoundError):
            users.append(client.get_user(wanted.user_id))
    if wanted.user_name and not any(same_login(user.user_name, wanted.user_name) for user in users):
        users += _by_login(client, wanted.user_name)
    return users


def _by_login(client: ScimClient, user_name: str) -> list[User]:
    try:
        found, proven = client.find_user(user_name)
    except EightByEightError as error:
        if error.kind != "ambiguous":
            raise
        # It is decided later which of them the row means.
        answer = client.list_users(user_name_is(user_name))
        return [user for user in answer.users if same_login(user.user_name, user_name)]
    if found is None and not proven:
        raise _NotPossibleError("an answer of 8x8 to a filter does not add up")
    return [] if found is None else [found]


def _by_external_id(client: ScimClient, wanted: Collection[str], pages: int) -> list[User]:
    if client.lookups.external_id_probe is None:
        raise _NotPossibleError("no user shows an external id by which that filter could be proven")
    users = find_by_external_id(client, wanted, most=pages - 1)
    if users is None:
        raise _NotPossibleError("8x8 does not filter by external id")
    return users
