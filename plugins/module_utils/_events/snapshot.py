# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The last known users of a tenant, as a value that can be written to a file. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._resource.user import VIEW_KEYS, User

#: The attributes whose changes give the event ``updated``. The server sets the others, or they have their own type of event.
WATCHED = tuple(name for name in VIEW_KEYS if name not in ("id", "active", "created", "last_modified"))

#: The APIs of a tenant.
SCIM, ADMINISTRATION = "scim", "administration"


class Person(NamedTuple):
    """What events need of one user.

    :param values: Attribute -> value, without empty values.
    :param active: Whether the user may log in: yes if the server does not show it; None when there is no user.
    :param last_modified: The time of the last change, according to the server.
    :param licenses: The names of the licenses, sorted; None when they were never read.
    """

    values: Mapping[str, Any]
    active: bool | None
    last_modified: str | None
    licenses: tuple[str, ...] | None = None

    @classmethod
    def of(cls, user: User) -> Person:
        """Return what events need of a user."""
        values = {name: user.view[name] for name in WATCHED if user.view[name]}
        return cls(values, user.active, user.view["last_modified"])

    @property
    def user_name(self) -> str | None:
        """The login name."""
        name: str | None = self.values.get("user_name")
        return name


class Snapshot(NamedTuple):
    """What is known of a tenant.

    :param people: Users by id; None before the first complete listing.
    :param down: The APIs that do not answer, according to the last event about them.
    """

    people: Mapping[str, Person] | None = None
    down: frozenset[str] = frozenset()

    def as_json(self) -> dict[str, Any]:
        """Return the snapshot for a file. In JSON, a user is a list."""
        return {"people": self.people, "down": sorted(self.down)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Snapshot:
        """Return the snapshot that :meth:`as_json` returned.

        :raises ValueError: When it is not a snapshot; ``TypeError`` and ``KeyError`` mean the same.
        """
        people = content["people"]
        if people is not None:
            people = {user_id: _person(*parts) for user_id, parts in people.items()}
        return cls(people, frozenset(content["down"]))


def _person(values: Any, active: Any, last_modified: Any, licenses: Any) -> Person:
    if not isinstance(values, dict) or not isinstance(active, bool) or not isinstance(last_modified, (str, type(None))):
        raise ValueError("a user is not as it was written")
    return Person(values, active, last_modified, None if licenses is None else tuple(map(str, licenses)))


def moment_of(text: str | None) -> dt.datetime | None:
    """Return a time from a server (RFC 7643 section 2.3.5); None when it is not a time, or has no offset."""
    try:
        # Python before 3.11 does not accept Z.
        moment = dt.datetime.fromisoformat((text or "").strip().replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def is_older(left: Person, right: Person) -> bool:
    """Say whether the first is certainly older than the second: then it is from a server with old data."""
    first, second = moment_of(left.last_modified), moment_of(right.last_modified)
    return first is not None and second is not None and first < second


def with_licenses(
    people: Mapping[str, Person], licenses: Mapping[str, Sequence[str]], before: Mapping[str, Person] | None
) -> dict[str, Person]:
    """Return users with their known licenses.

    :param licenses: Id -> names. Users who are not in it keep the licenses that were known before.
    :param before: The users at the last poll. New users had no licenses.
    """
    known = {}
    for user_id, person in people.items():
        if user_id in licenses:
            person = person._replace(licenses=tuple(sorted(licenses[user_id])))
        elif person.licenses is None and before is not None and user_id not in before:
            person = person._replace(licenses=())
        known[user_id] = person
    return known
