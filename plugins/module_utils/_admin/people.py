# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Users of the Administration API: everybody, or people by id and login, each with the parts that are asked for.

A list may show less of a user than a request for that user alone does (fact A2.8). So what no user in a list shows is looked for
in users who are read by id: in all of them, or in many of a long list. Where these show it, everybody is read by id; where they
do not, it is not known of the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from .._base.names import login_key
from .._base.sample import read_by_id
from .._errors import EightByEightError
from .client import AdminClient
from .rsql import filters_for, quoted
from .users import AdminUser

#: Parts of a user that a list may leave out.
_OPTIONAL_PARTS = ("licenses", "extensions", "displayed_in_directory", "profile_policy")
#: Users who are read by id to see whether a list leaves something out: as many as one minute allows.
_SAMPLE_SIZE = 100


_Key = TypeVar("_Key", bound="tuple[str | None, str | None]")


class UsersByLogin(NamedTuple):
    """People who were looked for by login.

    :param users: Login, in the form in which logins are compared -> the users who have it.
    :param by_id: The same users by id.
    """

    users: Mapping[str, Sequence[AdminUser]]
    by_id: Mapping[str, AdminUser]

    @classmethod
    def among(cls, users: Iterable[AdminUser]) -> UsersByLogin:
        """Return users by login."""
        by_id = {user.user_id: user for user in users}
        found: dict[str, list[AdminUser]] = {}
        for user in by_id.values():
            found.setdefault(login_key(user.user_name), []).append(user)
        return cls(found, by_id)

    def named(self, user_name: str | None) -> Sequence[AdminUser]:
        """Return all who have a login."""
        return self.users.get(login_key(user_name or ""), ())

    def of(self, user_name: str | None) -> AdminUser | None:
        """Return who has a login.

        :raises EightByEightError: ``ambiguous`` when several have it.
        """
        users = self.named(user_name)
        if len(users) > 1:
            ids = ", ".join(user.user_id for user in users)
            raise EightByEightError(
                f"The Administration API shows {len(users)} users with the login {user_name}: {ids}. Give user_id.",
                kind="ambiguous",
            )
        return users[0] if users else None

    def join(self, people: Iterable[_Key]) -> tuple[dict[_Key, AdminUser | None], list[str]]:
        """Find users whom SCIM knows: by id when both APIs know it, and by login otherwise.

        8x8 does not document whether both use the same id (``docs/facts/8x8-administration-api.md``, section 3).

        :param people: The id and the login of each user.
        :returns: Who they are here, None for those who are not shown; and why it is not known of others: several have the login.
        """
        found: dict[_Key, AdminUser | None] = {}
        faults: dict[str, None] = {}
        for person in people:
            user_id, user_name = person
            try:
                found[person] = self.by_id.get(user_id or "") or self.of(user_name)
            except EightByEightError as error:
                faults[error.message] = None
        return found, list(faults)


def everybody(client: AdminClient, names: Sequence[str] = _OPTIONAL_PARTS) -> list[AdminUser]:
    """Return all users, whole.

    :param names: The parts that matter; others are not looked for where the list leaves them out.
    :raises EightByEightError: When they cannot be read.
    """
    return whole(client, client.list_users(), names)


def check_customer(users: Iterable[AdminUser], customer: str | None) -> None:
    """Refuse users of another customer than the one whom the SCIM address names.

    :raises EightByEightError: ``wrong_customer``.
    """
    for user in users:
        if customer and user.customer_id and user.customer_id.lower() != customer.lower():
            raise EightByEightError(
                f"The key in admin_api_key belongs to the customer {user.customer_id}, and api_url or customer_id names "
                f"{customer}. Give the key of that customer.",
                kind="wrong_customer",
            )


def by_login(client: AdminClient, user_names: Iterable[str], parts: Sequence[str] = _OPTIONAL_PARTS) -> UsersByLogin:
    """Look for people by login, many with one request. Where the server does not filter, everybody is read.

    :param parts: The parts that matter.
    :raises EightByEightError: When they cannot be read.
    """
    names = list(user_names)
    listed = None if all(map(quoted, names)) else client.list_users()
    shown = listed or []
    try:
        for expression in filters_for(names) if listed is None else ():
            shown += client.list_users(expression)
    except EightByEightError as refusal:
        if refusal.status != 400:
            raise
        shown = listed = client.list_users()
    # An asterisk in a login is a wildcard, and a filter may be ignored: only who was asked for counts.
    wanted = {login_key(name) for name in names}
    users = {user.user_id: user for user in shown if login_key(user.user_name) in wanted}
    return UsersByLogin.among(whole(client, list(users.values()), parts, listed))


def whole(
    client: AdminClient,
    users: Sequence[AdminUser],
    names: Sequence[str],
    listed: Sequence[AdminUser] | None = None,
) -> list[AdminUser]:
    """Return users of a list with what the list may have left out.

    :param names: The parts that matter.
    :param listed: The whole list, where the users are a part of it.
    """
    shown = users if listed is None else listed
    unseen = [name for name in names if users and not any(_shows(user, name) for user in shown)]
    if not unseen:
        return [user.whole() for user in users]
    listed_by_id = {user.user_id: user for user in users}
    alone = read_by_id(
        listed_by_id,
        _SAMPLE_SIZE,
        lambda user: client.get_user(user.user_id),
        lambda _shown, own: any(_shows(own, name) for name in unseen),
    )
    # For users who were not read by id, the parts that no list shows stay unknown.
    read = (alone[user.user_id] if user.user_id in alone else user.whole(unseen) for user in users)
    # Users who are gone by now are left out.
    return [user for user in read if user is not None]


def _shows(user: AdminUser, name: str) -> bool:
    return getattr(user, name) not in (None, ())
