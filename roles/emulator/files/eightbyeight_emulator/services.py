# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SCIM does not show of a user: licenses, line, profile, Company Directory. Set in Admin Console alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .entries import Entry
from .seed import SeedError

LICENSE = "X Series X2"
"""What everybody has who was there before."""

NUMBER_LICENSE = "DID - Local Number"
"""A license that comes by itself with a phone number (Administration API fact sheet, 3)."""


@dataclass(frozen=True)
class Services:
    """The services of one user."""

    licenses: tuple[str, ...] = ()
    extension: str | None = None
    phone_number: str | None = None
    displayed_in_directory: bool = False
    profile_policy: str | None = None

    @property
    def all_licenses(self) -> tuple[str, ...]:
        """The licenses, with the one that comes with the phone number."""
        return (*self.licenses, NUMBER_LICENSE) if self.phone_number else self.licenses


class ServiceDesk:
    """The services of everybody: those of the seed are set up, and who is created through SCIM has none."""

    def __init__(self) -> None:
        self._known: dict[str, Services] = {}

    def reset(self, entries: Iterable[Entry], people: Iterable[Mapping[str, Any]]) -> None:
        """Go back to the seed. ``services`` of a person says what that person has."""
        self._known = {}
        for number, (entry, person) in enumerate(zip(entries, people, strict=True)):
            usual = Services((LICENSE,), str(1000 + number), f"+1408555{number % 10_000:04}", True, "Everybody")
            self._known[entry.id] = changed(usual, person["services"]) if "services" in person else usual

    def of(self, user_id: str) -> Services:
        """Return what somebody has."""
        return self._known.get(user_id, Services())

    def edit(self, user_id: str, changes: Any) -> None:
        """Set what somebody has, as a person does in Admin Console.

        :raises SeedError: When there is no such thing to set.
        """
        self._known[user_id] = changed(self.of(user_id), changes)

    def forget(self, user_id: str) -> None:
        """Forget somebody who was deleted."""
        self._known.pop(user_id, None)


def changed(services: Services, changes: Any) -> Services:
    """Return services with some of them set anew.

    :raises SeedError: When there is no such thing to set.
    """
    if not isinstance(changes, dict):
        raise SeedError("services are a JSON object")
    unknown = sorted(set(changes) - set(Services.__dataclass_fields__))
    if unknown:
        raise SeedError(f"services: unknown key {unknown[0]!r}; known are {', '.join(Services.__dataclass_fields__)}")
    values = dict(changes)
    if "licenses" in values:
        licenses = values["licenses"] or []
        if not isinstance(licenses, list) or not all(isinstance(name, str) for name in licenses):
            raise SeedError("services: licenses is a list of names")
        values["licenses"] = tuple(licenses)
    return replace(services, **values)
