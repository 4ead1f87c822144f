# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads a listing over all its pages (RFC 7644 section 3.4.2.4), and finds out whether it has everybody.

The next page starts after what arrived, never after what was asked for or announced. A total is not always believed: some
servers announce the size of the page in its place, and others count no further than some number. So the first listing of a
session that ends with its first page, or with a page as large as those before, is followed by one request more, for the page
after it. Where that is the same page again, the server ignores ``startIndex``: it shows everybody at once, or its other users
cannot be read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from typing import Any

from .._errors import EightByEightError
from .limits import MAX_LISTING_MEMORY, MAX_LISTING_SECONDS, MAX_USERS, MEBIBYTE
from .listing import Page
from .request import LIST, Request

#: The most pages that are read several at a time, because the server may announce any number. Further ones are read one
#: after the other.
_PAGES_AHEAD = 2500
#: Seconds of this process's own time that go into reading a page: receiving and parsing it.
_SECONDS_TO_PARSE = 0.005
#: Statuses by which a server refuses a page after the last one. There are no more users then.
_NO_SUCH_PAGE = (400, 404, 416, 422)


#: Reads the page that begins at a user, counted from 1. ``keep_retrying`` is as for :meth:`Client.get`, and ``count`` as in
#: RFC 7644 section 3.4.2.4, by default that of a whole page.
Fetch = Callable[..., Page]


class Totals:
    """What is known about the totals that a server announces. Shared by all listings of a session."""

    def __init__(self, *, trusted: bool | None = None) -> None:
        #: Whether they are the number of users (true) or the size of a page (false); None as long as it is not known.
        self.trusted = trusted
        #: Whether a listing of several pages, or of everybody, was seen to end where its total says.
        self.is_exact = trusted is True
        #: The largest page that was the last one. So the server allows pages of at least that many users.
        self.largest_last_page = 0

    def may_be_capped(self, page: Page, largest: int, pages: int) -> bool:
        """Say whether more pages may follow the one at which the total is reached, because servers may count only so far.

        Servers choose any size, so every first page may be full.

        :param largest: How many users came in the largest page.
        :param pages: How many pages there were; of several, the total was more than the size of one.
        """
        if pages > 1:
            return not self.is_exact and page.received >= largest
        return not self.trusted and page.received > self.largest_last_page

    def note_first_page(self, page: Page) -> None:
        """Take note of a first page. A total that is larger than the page is not the size of the page."""
        if self.trusted is None and (page.announced or 0) > page.received > 0:
            self.trusted = True

    def note_end(self, page: Page, pages: int, *, everybody: bool) -> None:
        """Take note that a page was the last one.

        :param pages: How many pages there were.
        :param everybody: Whether the listing has no filter. The few users that a filter finds fit into any page.
        """
        if self.trusted is None and everybody:
            self.trusted = True
        self.is_exact = self.is_exact or everybody or pages > 1
        self.largest_last_page = max(self.largest_last_page, page.received)


def read_pages(
    fetch: Fetch,
    totals: Totals,
    *,
    everybody: bool = True,
    first: Page | None = None,
    workers: int = 1,
    stop: Callable[[], None] | None = None,
) -> Iterator[Page]:
    """Read page after page, until everybody announced is here and nobody follows, or a page has nobody new.

    :param everybody: Whether the listing has no filter.
    :param first: The first page, where it was read just now.
    :param workers: How many of the pages that the first one announces may be read at a time.
    :param stop: Called when the user interrupts the run, to end all waiting.
    """
    seen: set[str] = set()
    fetch = _bounded(fetch)
    page = fetch(1) if first is None else first
    totals.note_first_page(page)
    if workers > 1 and stop is not None:
        fetch = _read_ahead(fetch, page, workers, stop)
    start, number, largest, believed = 1, 0, 0, True
    while True:
        fresh = {user.id for user in page.users} - seen
        seen |= fresh
        yield page
        number += 1
        start += page.received
        largest = max(largest, page.received)
        if not fresh or (not believed and page.received < largest):
            return
        if believed and page.announced is not None and len(seen) >= page.announced:
            # More than announced is no proof of an end: the total is wrong, and others may follow.
            if len(seen) == page.announced and not totals.may_be_capped(page, largest, number):
                return
            after = _page_after(fetch, start, page, number, seen, totals, everybody=everybody)
            if after is None:
                return
            # The total is wrong, so only the pages tell where the listing ends.
            page, believed = after, False
        else:
            page = fetch(start)


def _read_ahead(fetch: Fetch, first: Page, workers: int, stop: Callable[[], None]) -> Fetch:
    """Read the pages that the first one announces, several at a time, and return a way to read pages that has them."""
    announced = first.announced or 0
    if not 0 < first.received < announced <= MAX_USERS:
        # There are no others, or the total cannot be right. Reading page after page shows what there really is.
        return fetch
    starts = range(1 + first.received, announced + 1, first.received)[:_PAGES_AHEAD]
    from .._base.parallel import in_parallel  # noqa: PLC0415 - only a roster has several workers

    # More threads help only while most of the time is spent waiting for the server; else they wait for each other.
    workers = min(workers, int(first.seconds / _SECONDS_TO_PARSE) + 1, len(starts))
    ahead = dict(zip(starts, in_parallel(fetch, starts, workers, stop)))

    def read(start: int, **more: Any) -> Page:
        return ahead.pop(start, None) or fetch(start, **more)

    return read


def _page_after(
    fetch: Fetch, start: int, last: Page, number: int, seen: Collection[str], totals: Totals, *, everybody: bool
) -> Page | None:
    """Read the page after the last one, and take note of what that says about totals.

    Where the total is the size of the page, the listing seems to end there, and everybody after it would be overlooked.

    :param last: The last page, and ``number`` is its number.
    :param seen: The ids of all users so far.
    :returns: The page, where it has new users or the server ignores ``startIndex``, without its total, so that the listing is not
        complete; None where it has nobody new, or where the server refuses that page or fails on it.
    """
    try:
        after = fetch(start, keep_retrying=False)
    except EightByEightError as refusal:
        if refusal.status not in _NO_SUCH_PAGE and (refusal.status or 0) < 500:
            raise
        after = None
    if after is not None and number == 1 and _ignores_start_index(fetch, last, after):
        return after._replace(announced=None)
    if after is None or all(user.id in seen for user in after.users):
        totals.note_end(last, number, everybody=everybody)
        return None
    totals.trusted = False
    # By chance they may be as many as announced, where pages overlap, and more may follow.
    return after._replace(announced=None)


def _ignores_start_index(fetch: Fetch, first: Page, after: Page) -> bool:
    """Say whether a server shows its first page whatever ``startIndex`` is, so that the users after it are never seen.

    Two other kinds of servers repeat a page. One repeats its last page for all later ones, but shows the second user where that
    one is asked for. One ignores ``count`` too, so it shows everybody at once.
    """
    ids = [user.id for user in first.users]
    if first.received < 2 or first.received != after.received or [user.id for user in after.users] != ids:
        return False
    second = fetch(2, keep_retrying=False, count=1)
    return [user.id for user in second.users[:1]] == ids[:1] and second.received < first.received


class ListingCost:
    """What a listing has cost so far, because a server may send pages without end. Several threads may add pages.

    :param request: What asks for a page.
    :param who: Who answers, as messages name it.
    :param option: The option that has the address.
    """

    def __init__(self, request: Request, who: str, option: str) -> None:
        self._request, self._who, self._option = request, who, option
        self._lock = threading.Lock()
        self._spent = [0.0, 0.0, 0.0]

    def add(self, entries: int, memory: int, seconds: float) -> None:
        """Count a page.

        :param memory: About how many bytes it takes.
        :raises EightByEightError: When the listing goes beyond a limit (kind ``too_large`` or ``timeout``).
        """
        with self._lock:
            self._spent = [before + more for before, more in zip(self._spent, (entries, memory, seconds))]
        limits = (
            (MAX_USERS, f"{MAX_USERS} entries", "too_large"),
            (MAX_LISTING_MEMORY, f"{MAX_LISTING_MEMORY // MEBIBYTE} MiB in memory", "too_large"),
            (MAX_LISTING_SECONDS, f"{MAX_LISTING_SECONDS:g} s of waiting for its pages", "timeout"),
        )
        for spent, (most, limit, kind) in zip(self._spent, limits):
            if spent > most:
                raise self._request.error(
                    f"{self._who} answers a listing of users with more than {limit}, the most that is taken. Nothing was changed "
                    f"because of it. See what answers at {self._option}.",
                    kind,
                )


def _bounded(fetch: Fetch) -> Fetch:
    """Return a way to read pages that raises an error where the listing goes beyond a limit."""
    cost = ListingCost(LIST, "8x8", "api_url")

    def read(start: int, **more: Any) -> Page:
        page = fetch(start, **more)
        cost.add(page.received, page.memory, page.seconds)
        return page

    return read
