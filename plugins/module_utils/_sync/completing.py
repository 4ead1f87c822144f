# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What a listing leaves out: users of whom it shows too little for a plan are read from their own addresses.

Else a plan would tell of changes that nobody needs, see none where an attribute is to be cleared, and an undo would not know
what to put back. A listing shows everybody alike (fact sheet 2.7a), so an attribute that it shows of one user is not left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._base.parallel import in_parallel
from .._client import ScimClient
from .._errors import EightByEightError
from .._find.state import SAMPLE_OF_WHOLE
from .._http.listing import Listing
from .._resource.names import ATTRIBUTES
from .._resource.user import User
from .._rows.reader import Row
from .breaker import ends_all_reads
from .match import Index


def with_hidden_attributes(
    client: ScimClient, listing: Listing, rows: Sequence[Row], workers: int
) -> tuple[Listing, dict[str, EightByEightError]]:
    """Read the users of a listing whole, as far as rows set what it does not show of anybody.

    :returns: The listing with these users, and why some of them could not be read, by id.
    :raises EightByEightError: When nothing more can be read of anybody.
    """
    index = Index(listing.users)
    # By hidden attribute the users whom it is set of, in the order of the rows.
    touched: dict[str, list[str]] = {name: [] for name in ATTRIBUTES if name not in client.known.shown}
    for row in rows:
        names = touched.keys() & row.wanted.attributes.keys()
        found = index.candidates(row.wanted) if names else ()
        for name in names:
            touched[name] += found
    sample = {user_id for ids in touched.values() for user_id in ids[:SAMPLE_OF_WHOLE]}
    whole: dict[str, User] = {}
    unread: dict[str, EightByEightError] = {}

    def read(user_id: str) -> None:
        try:
            whole[user_id] = client.get_user(user_id)
        except EightByEightError as error:
            if ends_all_reads(error, client.refused):
                raise
            unread[user_id] = error

    # That nobody has a title is more likely than a listing that leaves titles out, so a sample decides.
    for user_ids in (sample, sample.union(*touched.values())):
        in_parallel(read, sorted(user_ids - whole.keys() - unread.keys()), workers, client.interrupt)
        if unread:
            client.check_token()
            if client.refused is not None:
                raise client.refused
        elif not any(user.view[name] for user in whole.values() for name in touched):
            break
    return listing._replace(users=[whole.get(user.id, user) for user in listing.users]), unread
