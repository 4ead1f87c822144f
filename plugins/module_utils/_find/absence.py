# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Decides whether a 404 to the path of a user means that nobody has the id.

A wrong customer is a 404 too, and so is all that a gateway does not let through; a leaver who is named by id would keep access.
So before the first 404 of a session is believed, an existing user is read by id. Where that fails too, only a listing shows who
is there.
"""

from __future__ import annotations

from .._errors import NotFoundError, UnreliableNotFoundError
from .lookup import Reader


def check_absence(reader: Reader, user_id: str, error: NotFoundError) -> None:
    """Make sure that a 404 means that nobody has an id.

    :param error: The 404.
    :raises UnreliableNotFoundError: Where it does not mean that.
    """
    page, state = reader.page_at(1, None, 1), reader.lookups
    # Somebody who was found before and is gone by now does not prove a listing incomplete.
    state.found.discard(user_id)
    if state.readable_by_id is None and (page.received or page.announced):
        state.readable_by_id = any(reader.is_readable(user.id) for user in page.users if user.id != user_id)
    if state.readable_by_id is False and not is_unlisted(reader, user_id):
        raise error.about(
            "8x8 answers 404 to GET /Users/ID for users whom it lists, so it is not known whether it has a user with the id "
            f"{user_id}: the listing shows one, or does not add up. Name the user by user_name alone. If a gateway blocks "
            "requests to /Users/ID, let them through.",
            kind=UnreliableNotFoundError.kind,
            family=UnreliableNotFoundError,
        ) from error


def is_unlisted(reader: Reader, user_id: str) -> bool:
    """Say whether a listing of everybody adds up, and does not show an id."""
    reader.lookups.found.discard(user_id)
    listing = reader.list_users()
    return listing.complete and all(user.id != user_id for user in listing.users)
