# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads the users of open follow-ups from SCIM, with GET only and as few requests as possible."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .._base.names import user_keys
from .._client import ScimClient
from .._errors import EightByEightError
from .._resource.user import User
from .followup import Person

#: The most users that are read one by one without asking for the size of the tenant.
_MOST_READ_ALONE = 3


def read_people(client: ScimClient, people: Sequence[Person]) -> tuple[dict[Person, User], list[str]]:
    """Read users one by one, or the list of all users if that takes no more requests.

    :returns: The users who exist, and a line for each user who cannot be read.
    :raises EightByEightError: When the tenant cannot be read.
    """
    if len(people) > _MOST_READ_ALONE:
        first = client.page_at(1)
        if len(people) >= first.pages - 1:
            return _from_listing(client.list_users(first=first).users, people), []
    found: dict[Person, User] = {}
    faults = []
    for person in people:
        try:
            user, _proven = client.find(*person)
        except EightByEightError as error:
            # An unreadable user concerns one follow-up. All other errors concern the tenant.
            if error.kind not in ("bad_answer", "ambiguous"):
                raise
            faults.append(error.message)
            continue
        if user is not None:
            found[person] = user
    return found, faults


def _from_listing(users: Iterable[User], people: Iterable[Person]) -> dict[Person, User]:
    known: dict[str, list[User]] = {}
    for user in users:
        for key in user_keys(user.id, user.user_name):
            known.setdefault(key, []).append(user)
    found = {person: known.get(user_keys(*person)[0], []) for person in people}
    # Two users with one login name prove nothing.
    return {person: same[0] for person, same in found.items() if len(same) == 1}
