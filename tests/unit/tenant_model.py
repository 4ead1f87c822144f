# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A model of a tenant that knows nothing of our code: what tasks must come to.

The model is a dictionary of people. What a task makes of it is read off the table of states that the modules document, so
that a mistake of the engine is not repeated here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible_collections.eightbyeight.scim.tests.faults.user_documents import ENTERPRISE, EXTENSION, view, wish

Facts = dict[str, Any]
REQUIRED = ("given_name", "family_name", "email")
PLAIN = ("external_id", "title", "locale", "timezone")


def facts(raw: Mapping[str, Any]) -> Facts:
    """Return what counts of a user; ``others`` is what no task can name."""
    name, mails, numbers = raw.get("name") or {}, raw.get("emails") or [], raw.get("phoneNumbers") or []
    return {
        "user_name": raw["userName"],
        **{attribute: value or None for attribute, value in view(raw).items()},
        "active": raw["active"],
        "others": {
            "nickName": raw.get("nickName"),
            "middleName": name.get("middleName"),
            "costCenter": (raw.get(ENTERPRISE) or {}).get("costCenter"),
            "badge": (raw.get(EXTENSION) or {}).get("badge"),
            "urn:elsewhere:1.0:User": raw.get("urn:elsewhere:1.0:User"),
            "emails": [entry for entry in mails if entry["type"] != "work"],
            "phoneNumbers": [entry for entry in numbers if entry["type"] == "fax"],
        },
    }


def wanted(options: Mapping[str, Any]) -> Facts:
    """Return the attributes that a task or row sets; empty ones clear."""
    names = (*REQUIRED, *PLAIN, "department", "site", "phone_numbers")
    return {name: wish(options, name) for name in names if name in options}


class Expected(NamedTuple):
    """What a task must come to.

    :param operation: What must happen, where nothing is in the way.
    :param after: The user then; None where there is none.
    :param kind: Of the failure, where it must fail; nothing happens then.
    :param named: The attributes that change.
    """

    operation: str
    after: Facts | None
    kind: str | None = None
    named: frozenset[str] = frozenset()


#: What each of some people is asked for, and what must come of it; by number, as text.
Tasks = Mapping[str, tuple[Mapping[str, Any], Expected]]


class Model:
    """The tenant as it must be: id -> facts, and what makes tasks come out differently."""

    def __init__(self) -> None:
        self.people: dict[str, Facts] = {}
        #: Login names that exist where nobody can see them.
        self.taken: set[str] = set()
        #: Whether the server drops every title that is written.
        self.drops = False
        #: Whether it has PATCH; else a PUT activates and deactivates, and DELETE takes away.
        self.patch = True
        #: What it was seen to drop: id -> (title asked for, title stored). That is not asked for again.
        self.declined: dict[str, tuple[str | None, str | None]] = {}

    def find(self, user_name: str) -> str | None:
        return next((key for key, who in self.people.items() if who["user_name"].lower() == user_name.lower()), None)

    def stored(self, after: Facts) -> Facts:
        return {**after, "title": None} if self.drops else after

    def present(self, key: str | None, user_name: str | None, options: Mapping[str, Any]) -> Expected:
        """Return what ``state=present`` must come to for the user with an id, or a new one."""
        wishes, active = wanted(options), options.get("active")
        current = self.people.get(key or "")
        if current is not None and any(name in wishes and not wishes[name] for name in REQUIRED):
            return Expected("unchanged", current, "bad_option")
        if current is None:
            if any(not wishes.get(name) for name in REQUIRED):
                return Expected("unchanged", None, "missing_attributes")
            if str(user_name).lower() in self.taken:
                return Expected("unchanged", None, "user_name_taken_elsewhere")
            new: Facts = {
                **dict.fromkeys((*REQUIRED, *PLAIN, "department", "site", "phone_numbers")),
                **wishes,
                "user_name": user_name,
                "active": active is not False,
                "others": facts({"userName": "", "active": True, "emails": [{"type": "work", "value": ""}]})["others"],
            }
            return Expected("created", self.stored(new), None, frozenset(wishes))
        return self.update(str(key), wishes, current["active"] if active is None else active)

    def update(self, key: str, wishes: Facts, active: bool) -> Expected:
        current = self.people[key]
        differ = {name: value for name, value in wishes.items() if current[name] != value}
        if "title" in differ and self.declined.get(key) == (differ["title"], current["title"]):
            del differ["title"]
        if "site" in differ and current["site"]:
            return Expected("unchanged", current, "site_fixed")
        flips = current["active"] is not active
        after = {**current, **differ, "active": active}
        if differ or (flips and not self.patch):
            after = self.stored(after)
        operation = ("activated" if active else "deactivated") if flips else "updated" if differ else "unchanged"
        return Expected(operation, after, None, frozenset(differ))

    def absent(self, key: str | None) -> Expected:
        current = self.people.get(key or "")
        if current is None or not current["active"]:
            return Expected("unchanged", current)
        return Expected("deactivated", {**current, "active": False})

    def task(self, options: Mapping[str, Any]) -> Expected:
        """Return what ``eightbyeight_user`` must come to."""
        user_id, user_name = options.get("user_id"), options.get("user_name")
        present = options["state"] == "present"
        key = user_id or self.find(user_name)
        if user_id and user_id not in self.people:
            if present:
                return Expected("unchanged", None, "user_not_found")
            other = self.find(user_name) if user_name else None
            return Expected("unchanged", None, "user_name_fixed" if other else None)
        if user_id and user_name and self.people[user_id]["user_name"].lower() != user_name.lower():
            return Expected("unchanged", self.people[user_id], "user_name_fixed")
        return self.present(key, user_name, options) if present else self.absent(key)

    def learn(self, key: str, expected: Expected, title: str | None) -> None:
        """Take note of what the server made of a title, as a task that succeeded was told."""
        if "title" in expected.named:
            self.declined.pop(key, None)
            if (expected.after or {})["title"] != title:
                self.declined[key] = (title, (expected.after or {})["title"])
