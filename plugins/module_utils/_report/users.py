# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Names, departments and sites of users, from the results of a run. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .._base.names import login_key
from .text import one_line

User = Mapping[str, Any]


class Users(NamedTuple):
    """Users by id and by login name."""

    by_id: Mapping[str, User]
    by_login: Mapping[str, User]

    @classmethod
    def among(cls, entries: Iterable[Mapping[str, Any]]) -> Users:
        """Return the users in ``users`` or ``results`` of a module, or in the results of a role."""
        by_id: dict[str, User] = {}
        by_login: dict[str, User] = {}
        for entry in entries:
            user = user_of(entry)
            by_id.update({str(user[name]): user for name in ("id", "user_id") if user.get(name)})
            if user.get("user_name"):
                by_login[login_key(str(user["user_name"]))] = user
        return cls(by_id, by_login)

    def of(self, action: Mapping[str, Any]) -> User:
        """Return the user of a manual action; empty when not known."""
        found = self.by_id.get(str(action.get("user_id") or ""))
        return found or self.by_login.get(login_key(str(action.get("user_name") or ""))) or {}


def user_of(entry: Mapping[str, Any]) -> User:
    """Return the user in an entry of results: after the change, or else before it, or else as planned."""
    planned = (entry.get("changes") or {}).get("after")
    sources = [entry.get("user"), entry.get("after"), entry.get("before"), planned]
    known = next((source for source in sources if isinstance(source, Mapping) and source), entry)
    return {**{name: entry[name] for name in ("user_name", "id", "user_id") if entry.get(name)}, **known}


def full_name(user: User) -> str:
    """Return the given and family name, if known."""
    return one_line(" ".join(str(user[name]) for name in ("given_name", "family_name") if user.get(name)))
