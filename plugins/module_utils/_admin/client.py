# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The client of 8x8's Administration API. It sends GET alone.

**Scrolls** (``docs/facts/8x8-administration-api.md``, section 2): a list goes on with ``scrollId`` alone. A scroll that has
expired begins again, and so does one whose page was lost on the way: sent a second time, its ``scrollId`` may give the page
after, and there is no total by which that would be noticed.

**Limits** (section 5): 100 requests a minute and bursts of 20 in 10 seconds are kept from the start, and after
``x-ratelimit-remaining: 0`` nothing is sent until the limit is reset.
"""

from __future__ import annotations

from collections import deque

from .._base.clock import Clock
from .._errors import EightByEightError, TransientError
from .._http.connection import Connection
from .._http.exchange import Client
from .._http.paging import ListingCost
from .._http.request import Answer, Request, user_path
from .._http.session import HttpSession
from .explain import explained
from .users import LIST, AdminUser, malformed_answer, member, read_user

#: The most users that a page may hold (fact A2.1), and what is asked for where such a page is too large to be taken.
PAGE_SIZE, SMALL_PAGE_SIZE = 1000, 100
#: How often a list is read again from its start.
_MAX_RESTARTS = 3
#: (requests, seconds): the limits that 8x8 publishes.
_RATE_LIMITS = ((20, 10.0), (100, 60.0))
#: What a server may answer to a scroll that has expired; which of them 8x8 does is not documented.
_EXPIRED = (400, 404, 410)


class _ScrollLostError(EightByEightError):
    """A page of a list that cannot be asked for again, so that the list must be read from its start."""


class Throttle:
    """Keeps the published rate limits, and those that the server announces.

    :param clock: Time; tests bring their own.
    :param most: The longest pause that the server may ask for, in seconds.
    """

    def __init__(self, clock: Clock, most: float) -> None:
        self._clock = clock
        self._max_pause = most
        self._sent: deque[float] = deque(maxlen=max(most for most, _seconds in _RATE_LIMITS))
        self._not_before = 0.0

    def wait(self) -> None:
        """Wait until a request may be sent, and count it.

        :raises EightByEightError: When the server asks for a longer pause (kind ``rate_limited``).
        """
        now = self._clock.steady()
        if self._not_before - now > self._max_pause:
            raise LIST.error(
                f"The Administration API takes no further request for {self._not_before - now:.0f} s, and retry_budget is "
                f"{self._max_pause:g} s. Run again later, or raise retry_budget.",
                kind="rate_limited",
            )
        free = [self._sent[-most] + seconds for most, seconds in _RATE_LIMITS if len(self._sent) >= most]
        due = max([now, self._not_before, *free])
        if due > now:
            self._clock.sleep(due - now)
        self._sent.append(max(due, now))

    def hold(self, seconds: float) -> None:
        """Send nothing for so long."""
        self._not_before = self._clock.steady() + seconds


class AdminClient(Client):
    """A client of the Administration API, for one call.

    :param connection: Where and how.
    :param clock: Time; tests bring their own.
    :param session: A session to use, and to leave open; by default a new one.
    """

    def __init__(
        self, connection: Connection, *, clock: Clock | None = None, session: HttpSession | None = None
    ) -> None:
        super().__init__(connection, clock, session or HttpSession(), is_own=session is None)
        self._throttle = Throttle(self.clock, connection.retry_budget)

    def get_user(self, user_id: str) -> AdminUser | None:
        """Read one user by id, whole; None where there is none.

        :raises EightByEightError: When it cannot be read.
        """
        try:
            answer = self._read(Request("GET", user_path(user_id, "/users")))
        except EightByEightError as error:
            if error.status == 404 and error.kind != "gateway":
                return None
            raise
        user = read_user(answer.data)
        answer.check_id(user_id, user.user_id)
        return user.whole()

    def list_users(self, expression: str | None = None) -> list[AdminUser]:
        """Read everybody, or everybody whom a filter matches, as lists show them.

        :param expression: In RSQL.
        :raises EightByEightError: When they cannot be read.
        """
        size, restarts = PAGE_SIZE, 0
        while True:
            try:
                return self._read_scroll(expression, size)
            except _ScrollLostError:
                restarts += 1
                if restarts > _MAX_RESTARTS:
                    raise
            except EightByEightError as error:
                if error.kind != "too_large" or error.status is None or size == SMALL_PAGE_SIZE:
                    raise
                # With a status, one page was too large; without one, the whole list was.
                size = SMALL_PAGE_SIZE

    def _read_scroll(self, expression: str | None, size: int) -> list[AdminUser]:
        first = {"pageSize": size} if expression is None else {"pageSize": size, "filter": expression}
        answer = self._read(LIST._replace(params=first))
        users: dict[str, AdminUser] = {}
        cost = ListingCost(LIST, "The Administration API", "admin_api_url")
        while True:
            page, known = _page_of(answer), len(users)
            # A page with few users costs a whole request too.
            cost.add(max(len(page), SMALL_PAGE_SIZE), answer.memory, answer.seconds)
            for user in page:
                users.setdefault(user.user_id, user)
            scroll = _next_scroll(answer)
            if scroll is None:
                return list(users.values())
            if len(users) == known:
                raise malformed_answer("a list goes on without end: a page has nobody new")
            try:
                answer = self._read(LIST._replace(params={"scrollId": scroll}), retry_lost=False)
            except EightByEightError as error:
                if isinstance(error, TransientError):
                    self.pause(error, 0)
                elif error.status not in _EXPIRED:
                    raise
                raise error.about(error.message, family=_ScrollLostError) from None

    def _read(self, request: Request, *, retry_lost: bool = True) -> Answer:
        """Send a request, and keep the limits.

        :param retry_lost: As for :meth:`Client._send`.
        """
        try:
            self._throttle.wait()
            answer = self._send(request, retry_lost=retry_lost)
        except EightByEightError as error:
            raise explained(error) from None
        self._throttle.hold(answer.next_after)
        return answer


def _page_of(answer: Answer) -> list[AdminUser]:
    data = (answer.data or {}).get("data")
    if not isinstance(data, list):
        raise malformed_answer("data is not a list")
    return [read_user(raw) for raw in data]


def _next_scroll(answer: Answer) -> str | None:
    """Return where a list goes on, or None at its end."""
    pagination = member(answer.data or {}, "pagination", dict) or {}
    more, scroll = member(pagination, "hasMore", bool), member(pagination, "nextScrollId")
    if more is None:
        raise malformed_answer("pagination does not say whether there is more")
    if more and scroll is None:
        raise malformed_answer("there is more, and nextScrollId is missing")
    return scroll if more else None
