# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reading one page of a listing of users (RFC 7644 section 3.4.2)."""

from __future__ import annotations

from collections.abc import Mapping

from .._base.text import server_said
from .._errors import EightByEightError
from .._resource.answers import list_query, login_name_in, read_list
from .._resource.user import User
from .connection import Connection
from .exchange import Exchange
from .limits import MAX_PAGE_ENTRIES, SMALL_PAGE_SIZE
from .listing import Page
from .request import LIST, Answer
from .session import HttpSession

#: Bytes that an entry takes as a user, or as the error in its place, besides the JSON that it was read from.
_ENTRY = 2000
#: Statuses by which a server refuses the number of users that a page is asked for.
_REFUSES_THE_NUMBER = (400, 413)
#: The status by which a gateway tells that a page takes its server too long.
_TAKES_TOO_LONG = 504


class PageReader:
    """Reads pages of listings.

    :param exchange: Sends the requests.
    :param connection: How many users a page is asked for, and where users have their site.
    :param session: What is known of how the server takes that number.
    """

    def __init__(self, exchange: Exchange, connection: Connection, session: HttpSession) -> None:
        self._exchange = exchange
        self._connection = connection
        self._session = session

    @property
    def size(self) -> int:
        """How many users a page is asked for."""
        return min(self._connection.page_size, self._session.max_page_size or MAX_PAGE_ENTRIES)

    def at(self, start: int, expression: str | None = None, count: int | None = None, *, patient: bool = True) -> Page:
        """Read one page of a listing; a smaller one where the server refuses the number, or takes too long.

        :param start: Its first user, counted from 1.
        :param expression: A filter.
        :param count: How many to ask for; by default a whole page.
        :param patient: As for :meth:`Exchange.get`.
        """
        size = min(count or self.size, self._session.max_page_size or MAX_PAGE_ENTRIES)
        # The later pages start where pages of this size end, so only the first page may become smaller.
        may_shrink = size > SMALL_PAGE_SIZE and start == 1
        try:
            return self._read(start, expression, size, patient=patient and not may_shrink)
        except EightByEightError as refusal:
            status = refusal.status or 0
            if size <= SMALL_PAGE_SIZE or not (status in _REFUSES_THE_NUMBER or (may_shrink and status >= 500)):
                raise
        page = self._read(start, expression, SMALL_PAGE_SIZE, patient=patient)
        if status in _REFUSES_THE_NUMBER or status == _TAKES_TOO_LONG:
            self._session.max_page_size = SMALL_PAGE_SIZE
        return page

    def _read(self, start: int, expression: str | None, count: int, *, patient: bool) -> Page:
        answer = self._exchange.get("/Users", list_query(start, count, expression), patient=patient)
        return page_of(answer, self._connection, first=start == 1)


def page_of(answer: Answer, connection: Connection, *, first: bool) -> Page:
    """Return the page that an answer holds.

    :param first: Whether it was to be the first one.
    :raises EightByEightError: When it holds none, or too many users.
    """
    found = read_list(answer.data, first=first)
    if found is None:
        from .failures import reason_in  # noqa: PLC0415 - seldom needed

        detail = reason_in(answer.data, connection.redact).detail
        raise LIST.error(
            f"8x8 answered a listing with something that is not a SCIM list. See what answers at api_url.{server_said(detail)}",
            kind="bad_answer",
            status=answer.status,
            detail=detail,
        )
    if len(found.entries) > MAX_PAGE_ENTRIES:
        raise LIST.error(
            f"8x8 answered with a page of {len(found.entries)} users, and {MAX_PAGE_ENTRIES} are the most that is taken. "
            "See what answers at api_url.",
            kind="too_large",
            status=answer.status,
        )
    users: list[User] = []
    unreadable: list[tuple[str, EightByEightError]] = []
    for entry in found.entries:
        raw = entry if isinstance(entry, Mapping) else {}
        try:
            users.append(User(raw, connection.extension_urn))
        except EightByEightError as error:
            if error.kind == "missing_library":
                raise
            # One user that cannot be read does not hide the others (law 10); the list then does not add up.
            unreadable.append((login_name_in(raw), error))
    return Page(
        users=users,
        unreadable=unreadable,
        announced=found.total,
        received=len(found.entries),
        seconds=answer.seconds,
        memory=answer.memory + _ENTRY * len(found.entries),
        per_page=found.per_page,
    )
