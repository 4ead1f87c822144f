# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Pages of a listing, and the listing that they make. Values."""

from __future__ import annotations

from typing import NamedTuple

from .._errors import EightByEightError
from .._resource.user import User


class Page(NamedTuple):
    """One page of a listing.

    :param users: The users that can be read.
    :param unreadable: The login names of those that cannot, with the reason.
    :param announced: ``totalResults``, or None where the server did not say.
    :param received: How many entries arrived, readable or not, repeated or not.
    :param seconds: How long it took.
    :param memory: About how many bytes it takes.
    :param per_page: ``itemsPerPage``, or None where the server did not say.
    """

    users: list[User]
    unreadable: list[tuple[str, EightByEightError]]
    announced: int | None
    received: int
    seconds: float
    memory: int = 0
    per_page: int | None = None


class Listing(NamedTuple):
    """Users read over as many pages as it took.

    :param users: Every user once.
    :param announced: What the server says there are.
    :param complete: Whether they add up, on every page; nothing may be removed because of a listing that does not.
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
            # A page behind the last one may announce nobody.
            announced=max((page.announced for page in pages if page.announced is not None), default=None),
            complete={page.announced for page in pages} == {len(users)},
            page_size=max(page.received for page in pages),
            seconds=pages[0].seconds,
            unreadable=tuple(entry for page in pages for entry in page.unreadable),
        )
