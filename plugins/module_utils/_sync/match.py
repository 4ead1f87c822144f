# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Finds the user of a row: by id, external id or login name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .._base.names import nfc
from .._errors import EightByEightError
from .._find.state import LoginIndex, look_alike_error
from .._resource.user import User
from .._wanted import Wanted, check_person

_LOOKS_THE_SAME = "a login name that looks the same"


class Index:
    """The users of a tenant by id, external id and login name."""

    def __init__(self, users: Sequence[User]) -> None:
        self.users = users
        self._ids = {user.id: user for user in users}
        self._logins = LoginIndex(users)
        self._externals: dict[str, list[User]] = {}
        for user in users:
            if external := user.view["external_id"]:
                self._externals.setdefault(nfc(external), []).append(user)

    def candidates(self, wanted: Wanted) -> dict[str, tuple[str, User]]:
        """Return the users whom a row may mean: id -> the option that matches, and the user."""
        found: dict[str, tuple[str, User]] = {}
        if wanted.user_id and wanted.user_id in self._ids:
            found[wanted.user_id] = ("user_id", self._ids[wanted.user_id])
        for user in self._externals.get(nfc(wanted.external_id or ""), []):
            found.setdefault(user.id, ("external_id", user))
        login = wanted.user_name or ""
        for user_id in self._logins.of(login):
            found.setdefault(user_id, ("user_name", self._ids[user_id]))
        if not found and (other := self._logins.look_alike(login)):
            found[other[0]] = (_LOOKS_THE_SAME, self._ids[other[0]])
        return found

    def match(self, wanted: Wanted, found: Mapping[str, tuple[str, User]]) -> User | None:
        """Return the user of a row, or None for a new user.

        :param found: The candidates.
        :raises EightByEightError: ``ambiguous`` for several candidates, ``user_not_found`` for an id that no user has, unless
            the row has ``state: absent``.
        """
        if wanted.absent and not found:
            return None
        if wanted.user_id and wanted.user_id not in self._ids:
            raise EightByEightError(
                f"{wanted.who}: no visible user has the id {wanted.user_id}. To create a user, leave user_id out.",
                kind="user_not_found",
            )
        if len(found) > 1:
            users = ", ".join(f"{user.user_name} (id {user.id}) by {by}" for by, user in found.values())
            raise EightByEightError(
                f"{wanted.who} may be several users: {users}. Nothing was changed; correct the row, or name the one by "
                "user_id.",
                kind="ambiguous",
            )
        if found:
            by, user = next(iter(found.values()))
            if by == _LOOKS_THE_SAME:
                raise look_alike_error(wanted.who, user.id, user.user_name)
            if by == "user_name" and not wanted.user_id:
                check_person(wanted, user, "row")
            return user
        if not wanted.user_name:
            raise EightByEightError(
                f"{wanted.who}: no visible user has this external id. To create a user, give user_name.",
                kind="user_not_found",
            )
        return None
