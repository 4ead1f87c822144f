# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads the users of open follow-ups from SCIM and the Administration API, with GET only, and joins them.

8x8 does not document whether both APIs use the same id for a user. So users are joined by id when both APIs know it,
and by login name otherwise.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from .._admin.address import connection_of
from .._admin.client import AdminClient
from .._admin.people import UsersByLogin, by_login, check_customer, whole
from .._base.names import customer_in, login_key
from .._client import ScimClient
from .._resource.user import User
from .evidence import BY_ABSENCE, BY_ADMINISTRATION, BY_SCIM, Evidence, parts_for
from .followup import Followup, Person
from .scim_users import read_people

#: The most people in one filter of the Administration API. For more, the list of all users is read.
_MAX_LOGINS = 25


class Clients(NamedTuple):
    """The clients of a tenant.

    :param admin: None without a key.
    :param customer: The customer in the SCIM address, if there is one.
    """

    scim: ScimClient
    admin: AdminClient | None
    customer: str | None = None

    @classmethod
    @contextlib.contextmanager
    def opened(cls, scim: ScimClient, options: Mapping[str, Any]) -> Iterator[Clients]:
        """Open a SCIM client, and a client of the Administration API if the task has a key.

        :raises BadOptionError: When an option of the Administration API is wrong.
        """
        key = connection_of(options)
        with contextlib.ExitStack() as opened:
            admin = None if key is None else opened.enter_context(AdminClient(key))
            customer = customer_in(options.get("api_url"), options.get("customer_id"))
            yield cls(opened.enter_context(scim), admin, customer)


def read_evidence(clients: Clients, followups: Collection[Followup]) -> Evidence:
    """Read what can prove that these follow-ups are done. Without follow-ups that can be proven, read nothing.

    :raises EightByEightError: When the tenant cannot be read. ``wrong_customer`` when the key belongs to another
        customer: then all users would look deleted.
    """
    admin = clients.admin
    by_scim = BY_SCIM if admin is None else BY_SCIM | {BY_ABSENCE}
    users, faults = read_people(clients.scim, _people(entry for entry in followups if entry.action in by_scim))
    of_admin = [entry for entry in followups if entry.action in BY_ADMINISTRATION]
    if admin is None or not of_admin:
        return Evidence(users, {}, (), faults)
    people = _people(of_admin)
    by_name = len(people) <= _MAX_LOGINS and all(entry.action != BY_ABSENCE and entry.user_name for entry in of_admin)
    parts = parts_for({entry.action for entry in of_admin})
    found = by_login(admin, _names(people), parts) if by_name else _everybody(admin, people, parts)
    check_customer(found.by_id.values(), clients.customer)
    services, more = found.join(people)
    gone = () if by_name else _gone(admin, found, [person for person in people if services.get(person) is None], users)
    return Evidence(users, services, gone, [*faults, *more])


def _people(followups: Iterable[Followup]) -> list[Person]:
    """Return the users of follow-ups without duplicates."""
    return list(dict.fromkeys(followup.person for followup in followups))


def _names(people: Iterable[Person]) -> list[str]:
    """Return the login names of people without duplicates."""
    return list(dict.fromkeys(person.user_name for person in people if person.user_name))


def _everybody(admin: AdminClient, people: Iterable[Person], parts: Sequence[str]) -> UsersByLogin:
    """Return all users, and these people as whole as possible."""
    users = admin.list_users()
    ids, logins = {person.user_id for person in people}, set(map(login_key, _names(people)))
    meant = [user for user in users if user.user_id in ids or login_key(user.user_name) in logins]
    own = {user.user_id: user for user in whole(admin, meant, parts, users)}
    return UsersByLogin.among(own.get(user.user_id, user) for user in users)


def _gone(
    admin: AdminClient, found: UsersByLogin, unknown: Iterable[Person], users: Mapping[Person, User]
) -> set[Person]:
    """Return which people 8x8 does not show any more.

    :param unknown: People who are not found among all users.
    :param users: The users in SCIM.
    """
    absent: dict[Person, list[str]] = {}
    for person in unknown:
        # A user who was renamed in Admin Console has the login name that SCIM shows.
        user = users.get(person)
        names = [name for name in (person.user_name, user and user.user_name) if name]
        if found.by_id and names and not any(map(found.named, names)):
            absent[person] = names
    # The list may be cut off, so users who are not in it are also read by name.
    again = by_login(admin, dict.fromkeys(chain.from_iterable(absent.values())), ()) if absent else found
    return {person for person, names in absent.items() if not any(map(again.named, names))}
