# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads the users of open follow-ups from SCIM, with GET only and as few requests as possible."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .._base.names import login_key
from .._client import ScimClient
from .._errors import EightByEightError, NotFoundError
from .._resource.user import User
from .evidence import Seen
from .followup import Followup

#: Up to so many users are looked up one by one without asking for the size of the tenant.
_FEW = 3


class Person(NamedTuple):
    """The user of a follow-up."""

    user_id: str | None
    user_name: str | None


def people_of(followups: Iterable[Followup]) -> list[Person]:
    """Return the users of follow-ups without duplicates."""
    return list(dict.fromkeys(Person(each.user_id, each.user_name) for each in followups))


def read_people(client: ScimClient, people: Sequence[Person]) -> tuple[dict[Person, Seen], list[str]]:
    """Read users one by one, or the list of all users if that takes no more requests.

    :returns: What SCIM shows about users who exist, and a line for each user who cannot be read.
    :raises EightByEightError: When the tenant cannot be read.
    """
    if len(people) > _FEW:
        first = client.first_page()
        pages = math.ceil((first.announced or 0) / first.received) if first.received else 1
        if len(people) >= pages - 1:
            return _listed(client.list_users(first=first).users, people), []
    seen: dict[Person, Seen] = {}
    faults = []
    for person in people:
        try:
            user = _look_up(client, person)
        except EightByEightError as error:
            # An unreadable user concerns one follow-up. All other errors concern the tenant.
            if error.kind not in ("bad_answer", "ambiguous"):
                raise
            faults.append(error.message)
            continue
        if user is not None:
            seen[person] = _seen(user)
    return seen, faults


def _look_up(client: ScimClient, person: Person) -> User | None:
    if person.user_id:
        try:
            return client.get_user(person.user_id)
        except NotFoundError:
            return None
    return client.find_user(person.user_name or "")[0]


def _listed(users: Iterable[User], people: Iterable[Person]) -> dict[Person, Seen]:
    by_id: dict[str, User] = {}
    by_login: dict[str, list[User]] = {}
    for user in users:
        by_id[user.id] = user
        by_login.setdefault(login_key(user.user_name or ""), []).append(user)
    seen = {}
    for person in people:
        found = [by_id[person.user_id]] if person.user_id in by_id else []
        if not person.user_id:
            found = by_login.get(login_key(person.user_name or ""), [])
        # Two users with one login name prove nothing.
        if len(found) == 1:
            seen[person] = _seen(found[0])
    return seen


def _seen(user: User) -> Seen:
    return Seen(user.user_name, user.view["active"], user.view["site"])
