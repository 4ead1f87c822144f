# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The client that reads: users by id, by login name or all together, and the discovery endpoints. It sends only GET requests.

It speaks what 8x8 documents (fact sheet 2.1) and knows nothing of Ansible or of plans. The client that also writes is
:class:`_write.client.WritingClient`.
"""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING

from ._base.clock import Clock
from ._errors import EightByEightError, NotFoundError, RefusedError
from ._find.absence import check_absence, is_unlisted
from ._find.lookup import find_by_login
from ._find.state import LookupState
from ._http.connection import Connection
from ._http.exchange import Client
from ._http.limits import SMALL_PAGE_SIZE
from ._http.listing import Listing, Page
from ._http.paging import Totals, read_pages
from ._http.request import user_path
from ._http.session import HttpSession
from ._resource.answers import list_query
from ._resource.user import User

if TYPE_CHECKING:
    from ._http.pacing import Pace

#: Statuses by which a server refuses the number of users that a page is asked for.
_REFUSES_THE_NUMBER = (400, 413)
#: The status by which a gateway reports that its server took too long.
_TAKES_TOO_LONG = 504


class Session(HttpSession):
    """What the calls of one loop to one tenant share, with what is known about looking people up there."""

    def __init__(self, pace: Pace | None = None) -> None:
        super().__init__(pace)
        self.lookups = LookupState()


class ScimClient(Client):
    """A client of one tenant that only reads, for one call.

    :param connection: Where and how.
    :param clock: Time; tests bring their own.
    :param session: A session to use, and to leave open; by default a new one.
    """

    def __init__(self, connection: Connection, *, clock: Clock | None = None, session: Session | None = None) -> None:
        used = session or Session()
        super().__init__(connection, clock, used, is_own=session is None)
        #: What is known about looking people up in this tenant.
        self.lookups = used.lookups

    # -- People ---------------------------------------------------------------

    def get_user(self, user_id: str) -> User:
        """Read one user by id (RFC 7644 section 3.4.1).

        :raises NotFoundError: When there is none.
        """
        try:
            answer = self.get(user_path(user_id))
        except NotFoundError as error:
            check_absence(self, user_id, error)
            raise
        except RefusedError as refusal:
            # Some servers call an id that nobody has a wrong value (fact sheet 11.1). A refusal proves nothing, a listing does.
            if refusal.status not in (400, 422) or not is_unlisted(self, user_id):
                raise
            raise refusal.about(f"8x8 has no such user. {refusal.message}", family=NotFoundError) from None
        user = User(answer.data or {}, self.connection.extension_urn, answer.etag)
        answer.check_id(user_id, user.id)
        self.lookups.note_found(user)
        self.lookups.readable_by_id = True
        return user

    def find_by_id(self, user_id: str) -> User | None:
        """Read one user by id; None when there is none."""
        try:
            return self.get_user(user_id)
        except NotFoundError:
            return None

    def is_readable(self, user_id: str) -> bool:
        """Say whether a user can be read by id."""
        try:
            self.get(user_path(user_id))
        except (NotFoundError, RefusedError):
            return False
        return True

    def find_user(self, user_name: str, *, by_listing: bool = False) -> tuple[User | None, bool]:
        """Look a user up by login name, in any case, as :mod:`_find.lookup` does.

        :param by_listing: Look in the listing of everybody too where the filter shows nobody.
        :returns: The user or None, and whether a None is proven.
        :raises EightByEightError: When two different users answer to the name (kind ``ambiguous``).
        """
        user, proven = find_by_login(self, user_name, by_listing=by_listing)
        if user is not None:
            self.lookups.note_found(user)
        return user, proven

    def find(self, user_id: str | None, user_name: str | None) -> tuple[User | None, bool]:
        """Look a user up by id, or by login name where there is no id.

        :returns: As :meth:`find_user` does.
        """
        return (self.find_by_id(user_id), True) if user_id else self.find_user(user_name or "")

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
        :param workers: How many pages may be read at a time, once the first one shows how many there are. Where these do
            not add up, everything is read again, page after page.
        :param believe_total: Whether to believe a total that nothing has proven or refuted yet.
        :raises RefusedError: When the server refuses the filter.
        """
        totals, everybody = self._session.totals, expression is None
        if believe_total and totals.trusted is not False:
            totals = Totals(trusted=True)
        fetch = functools.partial(self.page_at, expression=expression)
        read = functools.partial(read_pages, fetch, totals, everybody=everybody)
        listing = Listing.of(list(read(first=first, workers=workers, stop=self.interrupt)))
        if workers > 1 and not listing.complete and listing.announced is not None:
            listing = Listing.of(list(read()))
        return self.lookups.checked(listing) if everybody else listing

    def page_at(
        self, start: int, expression: str | None = None, count: int | None = None, *, keep_retrying: bool = True
    ) -> Page:
        """Read one page of a listing; a smaller one where the server refuses the number, or takes too long.

        :param start: Its first user, counted from 1.
        :param expression: A filter.
        :param count: How many to ask for; by default a whole page.
        :param keep_retrying: As for :meth:`Client.get`.
        """
        size = min(count or self.page_size, self._session.max_page_size)
        # The later pages start where pages of this size end, so only the first page may become smaller.
        may_shrink = size > SMALL_PAGE_SIZE and start == 1

        def read(number: int, *, keep_retrying: bool) -> Page:
            answer = self.get("/Users", list_query(start, number, expression), keep_retrying=keep_retrying)
            page = Page.of(answer, self.connection, first=start == 1)
            if expression is None:
                self.lookups.note_users(page.users)
            return page

        try:
            return read(size, keep_retrying=keep_retrying and not may_shrink)
        except EightByEightError as refusal:
            status = refusal.status or 0
            if size <= SMALL_PAGE_SIZE or not (status in _REFUSES_THE_NUMBER or (may_shrink and status >= 500)):
                raise
        page = read(SMALL_PAGE_SIZE, keep_retrying=keep_retrying)
        if status in _REFUSES_THE_NUMBER or status == _TAKES_TOO_LONG:
            self._session.max_page_size = SMALL_PAGE_SIZE
        return page

    # -- What is known of the tenant ------------------------------------------

    @property
    def pause_left(self) -> float:
        """Seconds until the next request may be sent, because the server asked for a pause."""
        return self._session.pace.pause_left if self._session.pace is not None else 0.0

    @property
    def token_refusal(self) -> EightByEightError | None:
        """The refusal after which nothing more is sent on this session; None as long as there is none."""
        return self._session.refusals.fatal

    def check_token(self) -> None:
        """Where the last refusal may be about the token, read one user: the answer to that shows whether it is."""
        if self._session.refusals.may_be_token:
            with contextlib.suppress(EightByEightError):
                self.page_at(1, None, 1, keep_retrying=False)

    def interrupt(self) -> None:
        """End all waiting on this session, and send nothing more."""
        if self._session.pace is not None:
            self._session.pace.stop()

    @property
    def page_size(self) -> int:
        """How many users a page of a listing is asked for."""
        return min(self.connection.page_size, self._session.max_page_size)
