# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads attributes that a listing leaves out, with a GET for each user.

Otherwise a plan would have needless changes, would miss attributes to be cleared, and an undo would not have the old values. A
listing has the same attributes for all users (fact sheet 2.7a), so an attribute of one user is not left out for others.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._base.parallel import in_parallel
from .._client import ScimClient
from .._errors import EightByEightError
from .._find.state import WHOLE_SAMPLE_SIZE
from .._http.listing import Listing
from .._resource.names import ATTRIBUTES
from .._resource.user import User
from .._rows.reader import Row
from .breaker import ends_all_reads
from .match import Index


def with_hidden_attributes(
    client: ScimClient, listing: Listing, rows: Sequence[Row], workers: int
) -> tuple[Listing, dict[str, EightByEightError]]:
    """Read the users for whom rows set attributes that the listing does not show.

    :returns: The listing with these users, and why some of them could not be read, by id.
    :raises EightByEightError: When no user can be read any more.
    """
    index = Index(listing.users)
    # Hidden attribute -> the ids of users for whom rows set it, in the order of the rows.
    hidden: dict[str, list[str]] = {name: [] for name in ATTRIBUTES if name not in client.lookups.shown}
    for row in rows:
        attributes = hidden.keys() & row.wanted.attributes.keys()
        found = index.candidates(row.wanted) if attributes else ()
        for name in attributes:
            hidden[name] += found
    sample = {user_id for ids in hidden.values() for user_id in ids[:WHOLE_SAMPLE_SIZE]}
    complete: dict[str, User] = {}
    unread: dict[str, EightByEightError] = {}

    def read(user_id: str) -> None:
        try:
            complete[user_id] = client.get_user(user_id)
        except EightByEightError as error:
            if ends_all_reads(error, client.token_refusal):
                raise
            unread[user_id] = error

    # It is more likely that nobody has a title than that the listing leaves titles out, so a sample is read first.
    for user_ids in (sample, sample.union(*hidden.values())):
        in_parallel(read, sorted(user_ids - complete.keys() - unread.keys()), workers, client.interrupt)
        if unread:
            client.check_token()
            if client.token_refusal is not None:
                raise client.token_refusal
        elif not any(user.view[name] for user in complete.values() for name in hidden):
            break
    return listing._replace(users=[complete.get(user.id, user) for user in listing.users]), unread
