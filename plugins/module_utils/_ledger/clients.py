# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads the users of open follow-ups from SCIM and the Administration API, with GET only, and joins them.

8x8 does not document whether both APIs use the same id for a user. So users are joined by id when both APIs know it, and by
login name otherwise.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from .._admin.address import connection_of
from .._admin.client import AdminClient
from .._admin.people import UsersByLogin, by_login, check_customer, whole
from .._admin.users import AdminUser
from .._base.names import customer_in, login_key
from .._client import ScimClient
from .._errors import EightByEightError
from .evidence import BY_ADMINISTRATION, BY_SCIM, PARTS, Seen, SeenServices
from .followup import Followup
from .look import Person, people_of, read_people

#: The most people in one filter of the Administration API. For more, the list of all users is read.
_MOST_BY_LOGIN = 25
#: Actions that are proven when a user does not exist any more, which only a list of all users can show.
_BY_ABSENCE = "delete_record"


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


class View(NamedTuple):
    """What the APIs show about users, and a line for each user who cannot be read."""

    seen: Mapping[Person, Seen]
    services: Mapping[Person, SeenServices]
    faults: Sequence[str]

    def of(self, followup: Followup) -> tuple[Seen, SeenServices]:
        """Return what the APIs show about the user of a follow-up."""
        person = Person(followup.user_id, followup.user_name)
        return self.seen.get(person, Seen()), self.services.get(person, SeenServices())


def look(clients: Clients, followups: Collection[Followup]) -> View:
    """Read what can prove that these follow-ups are done. Without follow-ups that can be proven, read nothing.

    :raises EightByEightError: When the tenant cannot be read. ``wrong_customer`` when the key belongs to another customer: then
        all users would look deleted.
    """
    scim, admin = clients.scim, clients.admin
    by_scim = people_of(each for each in followups if each.action in BY_SCIM or each.action == _BY_ABSENCE)
    seen, faults = read_people(scim, by_scim) if by_scim else ({}, [])
    by_admin = people_of(each for each in followups if each.action in BY_ADMINISTRATION)
    if admin is None or not by_admin:
        return View(seen, {}, faults)
    all_of_them = len(by_admin) > _MOST_BY_LOGIN or any(
        each.action == _BY_ABSENCE or not each.user_name for each in followups if each.action in BY_ADMINISTRATION
    )
    parts = sorted({PARTS[each.action] for each in followups if each.action in PARTS})
    services, more = (
        _everybody(clients, admin, by_admin, seen, parts) if all_of_them else _by_login(clients, admin, by_admin, parts)
    )
    return View(seen, services, [*faults, *more])


def _by_login(
    clients: Clients, admin: AdminClient, people: Iterable[Person], parts: Sequence[str]
) -> tuple[dict[Person, SeenServices], list[str]]:
    found = by_login(admin, dict.fromkeys(person.user_name for person in people if person.user_name), parts)
    check_customer((user for users in found.users.values() for user in users), clients.customer)
    return _joined(found, {}, people)


def _everybody(
    clients: Clients,
    admin: AdminClient,
    people: Sequence[Person],
    seen: Mapping[Person, Seen],
    parts: Sequence[str],
) -> tuple[dict[Person, SeenServices], list[str]]:
    users = admin.list_users()
    check_customer(users, clients.customer)
    ids, logins = {person.user_id for person in people}, {login_key(person.user_name or "") for person in people}
    meant = [user for user in users if user.user_id in ids or login_key(user.user_name) in logins]
    own = {user.user_id: user for user in whole(admin, meant, parts, users)}
    found = UsersByLogin.among(own.get(user.user_id, user) for user in users)
    services, faults = _joined(found, own, people)
    absent: dict[Person, list[str]] = {}
    for person in people:
        # A user who was renamed in Admin Console has the login name that SCIM shows.
        names = [name for name in (person.user_name, seen.get(person, Seen()).user_name) if name]
        if users and names and person not in services and not any(map(found.named, names)):
            absent[person] = names
    # The list may be cut off, so users who are not in it are also read by name.
    again = by_login(admin, dict.fromkeys(name for names in absent.values() for name in names), ()) if absent else found
    gone = [person for person, names in absent.items() if not any(map(again.named, names))]
    return {**services, **dict.fromkeys(gone, SeenServices(gone=True))}, faults


def _joined(
    found: UsersByLogin, by_id: Mapping[str, AdminUser], people: Iterable[Person]
) -> tuple[dict[Person, SeenServices], list[str]]:
    services: dict[Person, SeenServices] = {}
    faults: list[str] = []
    for person in people:
        try:
            user = by_id.get(person.user_id or "") or found.of(person.user_name)
        except EightByEightError as error:
            faults.append(error.message)
            continue
        if user is not None:
            services[person] = SeenServices(
                has_license=user.has_license,
                has_line=user.has_line,
                has_profile=user.profile_policy is not None,
                displayed_in_directory=user.displayed_in_directory,
            )
    return services, faults
