# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant: its users, who can see them, and which login names are taken.

It is a storage of scim2-server whose resources are :class:`Entry` objects: a raw document with the few
attributes that :class:`scim2_server.handler.ScimHandler` looks at.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import RLock
from typing import Any

from scim2_models import InvalidValueException, PreconditionFailedException, UniquenessException
from scim2_server.storage import ScimStorage, SearchPage

from .additions import SEEDED_AT, id_text, random_id, seeded_id, with_telephony
from .clock import server_now
from .documents import Document, fold
from .entries import Entry, EntryMeta, Listing, UnknownUserException
from .refusals import refusal
from .schemas import Site
from .seed import Seed, SeedError, seeded_document
from .staleness import Staleness
from .switches import Switches

__all__ = ["Tenant", "id_text", "random_id"]


class Tenant(ScimStorage):
    """The users of one 8x8 customer, and the login names that other customers took.

    :param seed: What it starts with, and goes back to.
    :param switches: The unknowns; read at every request.
    """

    def __init__(self, seed: Seed, switches: Switches) -> None:
        self.seed = seed
        self.switches = switches
        self.lock = RLock()
        self.versions = itertools.count(1)
        self.sites: dict[str, Site] = {}
        self.entries: dict[str, Entry] = {}
        self.stale = Staleness(switches)
        self._taken: dict[str, str] = {}
        """Folded login name to id; the id is empty for another tenant's user."""
        self._folded = self._fold_key()
        self._listed: list[Entry] | None = None
        self._listed_for: Any = None
        self.reset()

    def reset(self) -> None:
        """Go back to the seed."""
        with self.lock:
            self.sites = {site.name: site for site in self.seed.sites}
            self.entries = {}
            self._listed = None
            self.stale.clear()
            for number, person in enumerate(self.seed.people):
                entry = self._seeded(number, person)
                if entry.id in self.entries:
                    raise SeedError(f"{entry.user_name} is in the seed twice")
                self.entries[entry.id] = entry
            self._index()

    def _seeded(self, number: int, person: dict[str, Any]) -> Entry:
        document = seeded_document(person, self.sites)
        if self.switches.telephony:
            document = with_telephony(document, number)
        origin = person.get("origin", "scim")
        if origin not in ("scim", "console"):
            raise SeedError(f"{person['user_name']}: origin is scim or console")
        when = SEEDED_AT + timedelta(minutes=number)
        return Entry(seeded_id(document["userName"]), document, origin, when, when, self._next_version())

    def _index(self) -> None:
        self._taken = {fold(name, self.switches): "" for name in self.seed.other_tenants}
        self._taken.update({fold(entry.user_name, self.switches): entry.id for entry in self.entries.values()})
        self._folded = self._fold_key()

    def _fold_key(self) -> str:
        return str(self.switches.user_name_case)

    def _next_version(self) -> EntryMeta:
        return EntryMeta(f'W/"{next(self.versions)}"')

    @contextmanager
    def operation(self) -> Iterator[None]:
        """Hold the lock for the whole of a request, as scim2-server's own storages do."""
        with self.lock:
            if self._folded != self._fold_key():
                self._index()
            yield

    def entry_of(self, user: str) -> Entry | None:
        """Return somebody by id or login name, whether SCIM shows them or not."""
        return self.entries.get(user) or self.entries.get(self._taken.get(fold(user, self.switches), ""))

    def is_visible(self, entry: Entry) -> bool:
        """Tell whether SCIM shows a user: console users only under "All users" (fact sheet, 4.8)."""
        return entry.origin == "scim" or bool(self.switches.all_users)

    def listed(self) -> list[Entry]:
        """Return the users of a list, in order; kept until something changes, so a page costs a slice."""
        key = (self.switches.all_users, self.switches.order)
        if self._listed is None or self._listed_for != key:
            self._listed = [entry for entry in self.entries.values() if self.is_visible(entry)]
            if self.switches.order == "newest_first":
                self._listed.reverse()
            self._listed_for = key
        if not self.stale:
            return self._listed
        return [shown for entry in self._listed if (shown := self.stale.as_listed(entry)) is not None]

    def get(self, resource_type: Any, resource_id: str, *, response_parameters: Any = None) -> Any:
        """Return a user by id."""
        entry = self.entries.get(resource_id)
        if entry is None or not self.is_visible(entry):
            raise UnknownUserException(detail=f"User {resource_id!r} not found")
        return entry

    def search(self, resource_types: Any, search_request: Any, *, position: Any = None) -> SearchPage:
        """Return one page."""
        listing: Listing = search_request
        found = self._found(listing)
        self.stale.count_list()
        total = len(found)
        if listing.start_index > max(total, 1) and self.switches.start_past_end == "refuse":
            raise InvalidValueException(detail="startIndex is behind the last result")
        start = offset_of(listing, self.switches)
        resources: Any = found[start : start + listing.count]
        if self.switches.total_results == "page":
            total = len(resources)
        elif self.switches.total_results == "capped":
            total = min(total, 2 * self.switches.max_page)
        return SearchPage(max(0, total + self.switches.total_off), resources)

    def _found(self, listing: Listing) -> list[Entry]:
        if listing.user_name is not None:
            return self._named(listing.user_name)
        found = self.listed()
        if listing.match is not None:
            found = [entry for entry in found if listing.match(entry)]
        if listing.sort_key is not None:
            found = sorted(found, key=listing.sort_key, reverse=listing.descending)
        return found

    def _named(self, user_name: str) -> list[Entry]:
        """Return who has a login name; filters may mind the case although uniqueness does not (fact sheet, 11.15)."""
        name = fold(user_name, self.switches)
        if self.stale:
            # The index knows the new login names only.
            found = [entry for entry in self.listed() if fold(entry.user_name, self.switches) == name]
        else:
            entry = self.entries.get(self._taken.get(name, ""))
            found = [entry] if entry is not None and self.is_visible(entry) else []
        if self.switches.filter_case == "exact":
            found = [entry for entry in found if entry.user_name == user_name]
        return found

    def create(self, resource_type: Any, resource: Any) -> Any:
        """Store a new user."""
        document: Document = resource
        name = fold(document["userName"], self.switches)
        owner = self._taken.get(name)
        if owner is not None:
            existing = self.entries.get(owner)
            if (
                existing is not None
                and not existing.active
                and self.is_visible(existing)
                and self.switches.create_inactive_duplicate == "reactivate"
            ):
                return self.store(existing, document)
            raise UniquenessException(detail=f"A user named {document['userName']!r} already exists")
        check_external_id(document, None, self.entries.values(), self.switches)
        if self.switches.telephony:
            document = with_telephony(document, len(self.entries))
        now = server_now(self.switches)
        entry = Entry(random_id(), document, "scim", now, now, self._next_version())
        self.entries[entry.id] = entry
        self._taken[name] = entry.id
        if self._listed is not None:
            # Appended rather than rebuilt: a roster of thousands is created one by one.
            if self.switches.order == "creation":
                self._listed.append(entry)
            else:
                self._listed = None
        self.stale.created(entry)
        return entry

    def update(self, resource_type: Any, resource: Any, *, expected_version: str | None = None) -> Any:
        """Store the new document of a user, under the version it was made from."""
        entry, document = resource
        if document.get("externalId") != entry.document.get("externalId"):
            check_external_id(document, entry, self.entries.values(), self.switches)
        if expected_version is not None and entry.meta.version != expected_version:
            raise PreconditionFailedException
        return self.store(entry, document)

    def store(self, entry: Entry, document: Document) -> Entry:
        """Keep the new document of a user."""
        old, new = fold(entry.user_name, self.switches), fold(document["userName"], self.switches)
        if old != new:
            if new in self._taken:
                raise UniquenessException(detail=f"A user named {document['userName']!r} already exists")
            del self._taken[old]
            self._taken[new] = entry.id
        self.stale.changed(entry)
        entry.document = document
        entry.last_modified = server_now(self.switches)
        entry.meta = self._next_version()
        entry.first_site = entry.first_site or entry.site
        return entry

    def delete(self, resource_type: Any, resource_id: str, *, expected_version: str | None = None) -> None:
        """Deactivate a user: 8x8 deletes nobody (fact sheet, 2.3). Once more changes nothing (11.11)."""
        entry: Entry = self.get(resource_type, resource_id)
        if self.switches.delete == "remove":
            self.remove(entry)
        elif entry.active:
            self.store(entry, {**entry.document, "active": False})
        elif self.switches.repeated_delete != 204:
            raise refusal(self.switches.repeated_delete, "The user is deactivated already")

    def remove(self, entry: Entry) -> None:
        """Remove a user, whose login name is free again (fact sheet, 2.13)."""
        del self.entries[entry.id]
        del self._taken[fold(entry.user_name, self.switches)]
        self.stale.removed(entry.id)
        self._listed = None


def offset_of(listing: Listing, switches: Switches) -> int:
    """Return where a page starts.

    For the switches that spoil paging, the page's number says how many boundaries lie before it. Both
    follow from startIndex alone, so pages may be asked for in any order and at the same time.
    """
    start = listing.start_index - 1
    if listing.count:
        boundaries = start // listing.count
        if switches.page_repeats:
            start -= boundaries
        if switches.page_loses:
            start += boundaries
    return start


def check_external_id(document: Document, own: Entry | None, entries: Iterable[Entry], switches: Switches) -> None:
    """Apply the rule of an externalId that somebody else has."""
    wanted = document.get("externalId")
    if wanted is None or switches.duplicate_external_id == "accept":
        return
    if any(entry is not own and entry.document.get("externalId") == wanted for entry in entries):
        raise UniquenessException(detail=f"A user with the externalId {wanted!r} already exists")
