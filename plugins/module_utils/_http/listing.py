# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Pages of a listing of users (RFC 7644 section 3.4.2), and the listing that they are parts of. Values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from .._base.names import same_login
from .._errors import EightByEightError
from .._resource.answers import login_name_in, read_list
from .._resource.user import User
from .connection import Connection
from .limits import MAX_PAGE_ENTRIES
from .request import LIST, Answer

#: Bytes that an entry takes as a user, or as the error in its place, besides the JSON that it was read from.
_ENTRY_BYTES = 2000


class Page(NamedTuple):
    """One page of a listing.

    :param users: The users that can be read.
    :param unreadable: The login names of those that cannot, with the reason.
    :param announced: ``totalResults``, or None where the server did not say.
    :param received: How many entries arrived, readable or not, repeated or not.
    :param seconds: How long it took.
    :param memory: About how many bytes it takes.
    """

    users: list[User]
    unreadable: list[tuple[str, EightByEightError]]
    announced: int | None
    received: int
    seconds: float
    memory: int = 0

    @property
    def adds_up(self) -> bool:
        """Whether it holds as many users as were announced, so that no other page does."""
        return self.announced == len({user.id for user in self.users})

    def shows(self, user_name: str) -> bool:
        """Say whether it has a user with a login name."""
        return any(same_login(user.user_name, user_name) for user in self.users)

    @property
    def pages(self) -> int:
        """How many pages like this one hold as many users as were announced."""
        return math.ceil((self.announced or 0) / self.received) if self.received else 1

    @classmethod
    def of(cls, answer: Answer, connection: Connection, *, first: bool) -> Page:
        """Return the page that an answer holds.

        :param first: Whether it was to be the first one.
        :raises EightByEightError: When it holds none, or too many users.
        """
        found = read_list(answer.data, first=first)
        if found is None:
            from .failures import unexpected_answer  # noqa: PLC0415 - seldom needed

            raise unexpected_answer(
                "8x8 answered a listing with something that is not a SCIM list", answer, connection.redact
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
        return cls(
            users=users,
            unreadable=unreadable,
            announced=found.total,
            received=len(found.entries),
            seconds=answer.seconds,
            memory=answer.memory + _ENTRY_BYTES * len(found.entries),
        )


class Listing(NamedTuple):
    """Users read over as many pages as it took.

    :param users: Every user once.
    :param announced: The largest ``totalResults`` of its pages.
    :param complete: Whether their number is the total on every page; nothing may be removed because of an incomplete listing.
    :param page_size: The largest page that arrived.
    :param seconds: How long the first page took.
    :param unreadable: The login names of those that cannot be read, with the reason.
    """

    users: list[User]
    announced: int | None
    complete: bool
    page_size: int
    seconds: float
    unreadable: tuple[tuple[str, EightByEightError], ...] = ()

    @classmethod
    def of(cls, pages: list[Page]) -> Listing:
        """Put pages together."""
        users = {user.id: user for page in pages for user in page.users}
        return cls(
            users=list(users.values()),
            # A page after the last one may announce nobody.
            announced=max((page.announced for page in pages if page.announced is not None), default=None),
            complete={page.announced for page in pages} == {len(users)},
            page_size=max(page.received for page in pages),
            seconds=pages[0].seconds,
            unreadable=tuple(entry for page in pages for entry in page.unreadable),
        )

    @property
    def mismatch(self) -> str:
        """Why they do not add up, for a message."""
        shown = len(self.users)
        if self.announced is None:
            return f"8x8 does not say how many users it has, and showed {shown}"
        difference = (
            ", but not on each page, or not all users who were found in another way" if shown == self.announced else ""
        )
        return f"8x8 announces {self.announced} users and showed {shown}{difference}"
