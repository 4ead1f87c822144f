# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The client that reads: people by id, by login name or all together, and what the server says of itself. It sends GET alone.

It speaks what 8x8 documents (fact sheet 2.1) and knows nothing of Ansible or of plans. The client that also writes is
:class:`_write.client.WritingClient`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from ._base.clock import Clock
from ._errors import EightByEightError, NotFoundError, RefusedError
from ._find.absence import check_absence, is_unlisted
from ._find.external import find_by_external_id
from ._find.lookup import LookUps
from ._find.state import LookupState
from ._http.connection import Connection
from ._http.exchange import Exchange
from ._http.listing import Listing, Page
from ._http.pages import PageReader
from ._http.paging import Totals, read_pages, read_pages_together
from ._http.request import Answer, user_path
from ._http.session import HttpSession
from ._resource.user import User

if TYPE_CHECKING:
    from ._http.pacing import Pace
    from ._http.session import Http

_Client = TypeVar("_Client", bound="ScimClient")


class Session(HttpSession):
    """What the calls of one loop to one tenant share, with what is known about looking people up there."""

    def __init__(self, http: Http | None = None, pace: Pace | None = None) -> None:
        super().__init__(http, pace)
        self.lookups = LookupState()


class ScimClient:
    """A client of one tenant that only reads, for one call.

    :param connection: Where and how.
    :param clock: Time; tests bring their own.
    :param session: A session to use, and to leave open; by default a new one.
    """

    def __init__(self, connection: Connection, *, clock: Clock | None = None, session: Session | None = None) -> None:
        self.connection = connection
        self._borrowed = session is not None
        self._session = session or Session()
        self._exchange = Exchange(connection, clock or Clock(), self._session)
        #: Time, which stops for everybody when the run ends.
        self.clock = self._exchange.clock
        #: How many requests were sent on this session, by verb.
        self.sent: Mapping[str, int] = self._session.sent
        self._pages = PageReader(self._exchange, connection, self._session)
        #: What is known about looking people up in this tenant.
        self.known = self._session.lookups
        self._look_ups = LookUps(self, self.known, self.clock.steady)

    def close(self) -> None:
        """Close the connections, where they are this client's own."""
        if not self._borrowed:
            self._session.close()

    def __enter__(self: _Client) -> _Client:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    # -- People ---------------------------------------------------------------

    def get_user(self, user_id: str) -> User:
        """Read one user by id (RFC 7644 section 3.4.1).

        :raises NotFoundError: When there is none.
        """
        try:
            answer = self._exchange.get(user_path(user_id))
        except NotFoundError as error:
            check_absence(self, self.known, user_id, error, self._has_address)
            raise
        except RefusedError as refusal:
            # Some servers call an id that nobody has a wrong value (fact sheet 11.1). A refusal proves nothing, a listing does.
            if refusal.status not in (400, 422) or not is_unlisted(self, self.known, user_id):
                raise
            raise refusal.about(f"8x8 has no such user. {refusal.message}", family=NotFoundError) from None
        user = User(answer.data or {}, self.connection.extension_urn, answer.etag)
        answer.check_id(user_id, user.id)
        self.known.note_found(user)
        self.known.addresses_work = True
        return user

    def _has_address(self, user_id: str) -> bool:
        try:
            self._exchange.get(user_path(user_id))
        except (NotFoundError, RefusedError):
            return False
        return True

    def find_user(self, user_name: str, *, by_listing: bool = False) -> tuple[User | None, bool]:
        """Look a user up by login name, without case, as :mod:`_find.lookup` does.

        :param by_listing: Look in the listing of everybody too where the filter shows nobody.
        :returns: The user or None, and whether a None is proven.
        :raises EightByEightError: When two different users answer to the name (kind ``ambiguous``).
        """
        user, proven = self._look_ups.find(user_name, by_listing=by_listing)
        if user is not None:
            self.known.note_found(user)
        return user, proven

    def find_by_external_id(self, external_ids: Collection[str], *, most: int) -> list[User] | None:
        """Find users by external id, as :mod:`_find.external` does.

        :param most: How many requests reading everybody takes.
        :returns: The users, or None where the server does not filter by external id in a way that can be believed.
        """
        return find_by_external_id(self, self.known, external_ids, most)

    def filter_works(self) -> bool | None:
        """Say whether the filter by login name can be relied on; None where nobody is seen who could prove it."""
        return self._look_ups.filter_works()

    def first_page(self) -> Page:
        """Read the first page of everybody. Its users serve to prove the filter."""
        page = self._pages.at(1)
        self.known.note_users(page.users)
        self._session.totals.note_first_page(page)
        return page

    def list_users(
        self,
        expression: str | None = None,
        *,
        workers: int = 1,
        first: Page | None = None,
        believe_total: bool = False,
    ) -> Listing:
        """Read every user, or every user that a filter matches, over all pages.

        :param first: The first page, where it was read just now.
        :param workers: How many pages may be read at a time, once the first one has told how many there are. Where these do
            not add up, everything is read again, page after page.
        :param believe_total: Whether to believe a total that nothing has proven or refuted yet.
        :raises RefusedError: When the server refuses the filter.
        """
        count, totals, everybody = self._pages.size, self._session.totals, expression is None
        if believe_total and totals.trusted is not False:
            totals = Totals(trusted=True)
        read = [] if first is None else [first]

        def fetch(start: int, *, patient: bool = True, count: int = self._pages.size) -> Page:
            if start == 1 and read:
                return read.pop()
            return self._pages.at(start, expression, count, patient=patient)

        listing = None
        if workers > 1:
            listing = Listing.of(
                read_pages_together(fetch, count, totals, everybody=everybody, workers=workers, stop=self.interrupt)
            )
        if listing is None or not listing.complete:
            listing = Listing.of(list(read_pages(fetch, count, totals, everybody=everybody)))
        return self.known.checked(listing) if everybody else listing

    def pages(self, expression: str | None = None, count: int | None = None, *, patient: bool = True) -> Iterator[Page]:
        """Read a listing page by page, and believe its total, as those do who look for somebody; see :func:`paging.read_pages`.

        :param patient: As for :meth:`Exchange.get`.
        """
        size, waits = count or self._pages.size, patient

        def fetch(start: int, *, patient: bool = True, count: int = size) -> Page:
            return self._pages.at(start, expression, count, patient=patient and waits)

        return read_pages(fetch, size, Totals(trusted=True))

    def page_at(
        self, start: int, expression: str | None = None, count: int | None = None, *, patient: bool = True
    ) -> Page:
        """Read one page of a listing, see :meth:`PageReader.at`."""
        return self._pages.at(start, expression, count, patient=patient)

    def read(self, path: str) -> Answer:
        """Read what the server says of itself."""
        return self._exchange.get(path)

    # -- What is known of the tenant ------------------------------------------

    @property
    def held_for(self) -> float:
        """Seconds until anything goes out again, because the server asked for a pause."""
        return self._session.pace.held_for if self._session.pace is not None else 0.0

    @property
    def refused(self) -> EightByEightError | None:
        """The refusal after which nothing more is sent on this session; None as long as there is none."""
        return None if self._session.pace is None else self._session.pace.refusals.final

    def check_token(self) -> None:
        """Where something was refused that may be about the token, ask for one user: the answer to that tells."""
        if self._session.pace is not None and self._session.pace.refusals.in_doubt:
            with contextlib.suppress(EightByEightError):
                self._pages.at(1, None, 1, patient=False)

    def interrupt(self) -> None:
        """Let nobody on this session wait any longer, and send nothing any more."""
        if self._session.pace is not None:
            self._session.pace.stop()

    def filter_is_proven(self) -> bool:
        """Say whether an empty answer of the filter by login name can be believed; the first time by asking for somebody."""
        return self._look_ups.filter_is_believed()

    def refuses_the_filter(self, refusal: EightByEightError) -> bool:
        """Say whether a listing was refused because of its filter; where that could be meant otherwise, by asking without one."""
        return self._look_ups.is_about_the_filter(refusal)

    @property
    def page_size(self) -> int:
        """How many users a page of a listing is asked for."""
        return self._pages.size

    def wait_at_most(self, seconds: float) -> None:
        """Let no more than so many seconds go into waiting for a server in trouble from now on."""
        self._exchange.budget.cap(seconds)
