# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads licenses, lines, profiles and directory visibility, which SCIM does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Optional

from .._admin.client import AdminClient
from .._admin.people import by_login, check_customer, everybody
from .._admin.users import AdminUser
from .._base.names import login_key
from .._resource.values import check_identity

#: Returns the login name of the user with a SCIM id, or None.
LoginOf = Callable[[str], Optional[str]]


def read_services(
    client: AdminClient, options: Mapping[str, Any], customer: str | None, login_of: LoginOf
) -> dict[str, Any]:
    """Return ``users``, ``total`` and ``complete`` for the options of ``eightbyeight_service_info``.

    :param customer: The customer in the SCIM address, if there is one.
    :param login_of: Looks ids up in SCIM that the Administration API does not have.
    :raises EightByEightError: When users cannot be read, or belong to another customer.
    """
    for name in ("user_name", "user_id"):
        for value in options.get(name) or ():
            check_identity(name, value)
    names, ids = options.get("user_name"), options.get("user_id")
    if names is None and ids is None:
        users = everybody(client)
    else:
        users = _requested(client, names or (), ids or (), login_of)
    check_customer(users, customer)
    unique = {user.user_id: user for user in users}.values()
    found = [user.view() for user in sorted(unique, key=lambda user: (login_key(user.user_name), user.user_id))]
    return {"users": found, "total": len(found), "complete": True}


def _requested(client: AdminClient, names: Iterable[str], ids: Iterable[str], login_of: LoginOf) -> list[AdminUser]:
    """Return users by login name and by id. An id that only SCIM has is looked up there, and its login name is used."""
    users = []
    logins: list[tuple[str | None, str]] = [(None, name) for name in dict.fromkeys(names)]
    for user_id in dict.fromkeys(ids):
        user = client.get_user(user_id)
        if user is not None:
            users.append(user)
        elif login := login_of(user_id):
            logins.append((user_id, login))
    found = by_login(client, [login for _user_id, login in logins])
    for asked_id, login in logins:
        if (user := found.of(login)) is not None:
            # The id of the request, so that the caller can join by it.
            users.append(user._replace(user_id=asked_id or user.user_id))
    return users
