# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A user as the tenant keeps it, and a search as it was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scim2_models import NotFoundException

from .documents import SITE_KEY, Document


class UnknownUserException(NotFoundException):
    """Nobody has an id; how that is said is a matter of a switch (fact sheet, 11.1)."""


@dataclass
class EntryMeta:
    """The part of ``meta`` that scim2-server reads."""

    version: str


@dataclass
class Entry:
    """One user. Its document is replaced, never changed, so entries can be handed out without copying."""

    id: str
    document: Document
    origin: str
    created: datetime
    last_modified: datetime
    meta: EntryMeta
    first_site: str | None = field(default=None)
    """The first site of the user. In Admin Console the site can still be changed."""

    def __post_init__(self) -> None:
        self.first_site = self.first_site or self.site

    @property
    def user_name(self) -> str:
        """The login name."""
        return str(self.document["userName"])

    @property
    def site(self) -> str | None:
        """The name of the site."""
        site: str | None = self.document.get(SITE_KEY, {}).get("site")
        return site

    @property
    def active(self) -> bool:
        """Whether the user can log in."""
        return bool(self.document.get("active"))


@dataclass
class Listing:
    """A search that was read and checked."""

    start_index: int
    count: int
    user_name: str | None = None
    """The login name of a ``userName eq`` filter, which an index answers."""

    match: Any = None
    """A function that tells whether an entry matches any other filter."""

    sort_key: Any = None
    descending: bool = False
    parameters: Any = None
    """The attributes and excludedAttributes of the request, if the tenant applies them."""


def stamp(when: datetime) -> str:
    """Return a date as SCIM writes it."""
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
