# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What the clients of one session know about looking people up. See :mod:`_find.lookup`, which uses it."""

from __future__ import annotations

import operator
import re
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from .._base.console import CONSOLE_USERS
from .._base.names import login_key, plain_key
from .._base.text import abbreviated
from .._errors import EightByEightError
from .._http.listing import Listing
from .._resource.answers import login_name_in
from .._resource.names import ATTRIBUTES, OPTIONAL_IN_LISTINGS
from .._resource.user import User

#: Whether a filter can be relied on.
UNPROVEN, PROVEN, USELESS = "unproven", "proven", "useless"

#: Login names as 8x8's Administration API documents them (fact sheet section 3, userName limits).
PLAIN = re.compile(r"[A-Za-z0-9.@_/-]+")
_NOBODY = ("", 0)
#: Users who are read by id to see whether that shows more of them than a listing does.
WHOLE_SAMPLE_SIZE = 3


class LoginIndex:
    """Users by login name, also by what a login name looks like without invisible characters."""

    def __init__(self, users: Iterable[User]) -> None:
        #: By login key: how each user spells the login name, by id.
        self._spellings: dict[str, dict[str, str]] = {}
        self._look_alikes: dict[str, tuple[str, str]] = {}
        for user in users:
            self.add(user.id, user.user_name)

    def add(self, user_id: str, user_name: str | None) -> None:
        """Take note of a user."""
        if user_name:
            key, plain = login_key(user_name), plain_key(user_name)
            self._spellings.setdefault(key, {})[user_id] = user_name
            if plain != key:
                self._look_alikes[plain] = (user_id, user_name)

    def of(self, user_name: str) -> Mapping[str, str]:
        """Return how the users with a login name spell it, by id; who spells it exactly so counts alone."""
        found = self._spellings.get(login_key(user_name), {})
        exact = [user_id for user_id, spelled in found.items() if spelled == user_name]
        return {exact[0]: user_name} if len(exact) == 1 else found

    def look_alike(self, user_name: str) -> tuple[str, str] | None:
        """Return the id and the login name of a user whose login name looks the same."""
        return self._look_alikes.get(login_key(user_name))


class ListingIndex(LoginIndex):
    """A listing, as far as look-ups need it: who is there, by login name.

    :param listing: What was read.
    :param read_at: When, on a steady clock.
    """

    def __init__(self, listing: Listing, read_at: float) -> None:
        super().__init__(listing.users)
        self.complete = listing.complete
        self.read_at = read_at
        self._unreadable = {login_key(login): error for login, error in listing.unreadable if login}

    def find(self, user_name: str) -> str | None:
        """Return the id of the user with a login name.

        :raises EightByEightError: When several answer to the name, or the one who does cannot be read.
        """
        found = self.of(user_name)
        if not found and (error := self._unreadable.get(login_key(user_name))):
            raise error
        if not found and (other := self.look_alike(user_name)):
            raise look_alike_error(user_name, *other)
        return single_match(found, user_name)


class LookupState:
    """What the clients of one session know about looking people up. Holds no token, and is safe to share between threads."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.filter = UNPROVEN
        #: The same of the filter by external id, and the external id of a user to prove it with.
        self.external_filter = UNPROVEN
        self.external_id_probe: str | None = None
        #: Attributes that listings and searches have shown of anybody, so that they do not leave them out.
        self.shown: set[str] = set()
        #: How many users showed no more when read by id than in a listing or a search; None where one showed more.
        self.whole_samples: int | None = 0
        #: Whether users can be read by id, so that a 404 means that nobody has it; None as long as it is not known.
        self.readable_by_id: bool | None = None
        #: The login name to prove the filter with, and how much that proves; the name is empty as long as nobody was seen.
        self.login_probe = _NOBODY
        self.index: ListingIndex | None = None
        #: People who were found by name or id, by id, and those who were created here.
        self.found: set[str] = set()
        self.created: set[str] = set()
        #: The ids of the last listing of everybody that added up.
        self.listed: frozenset[str] | None = None

    def note_users(self, users: Iterable[User]) -> None:
        """Take note of users that a listing or a search showed: what it shows of them, and who proves the filter best."""
        for user in users:
            if len(self.shown) < len(ATTRIBUTES):
                self.shown.update(name for name in ATTRIBUTES if user.view[name])
            self.external_id_probe = self.external_id_probe or user.view["external_id"]
            if self.filter == UNPROVEN:
                self.login_probe = max(self.login_probe, _login_probe(user), key=operator.itemgetter(1))

    def note_read_by_id(self, shown: User, own: User) -> None:
        """Take note of a user who was read by id because a listing or a search showed so little.

        :param shown: As the listing or the search showed the user.
        :param own: As the user was read by id.
        """
        if shows_more(shown, own):
            self.whole_samples = None
        elif self.whole_samples is not None:
            self.whole_samples += 1

    @property
    def filter_refused(self) -> bool:
        """Whether the filter by login name is refused, ignored or wrong, so that a look-up means reading everybody."""
        return self.filter == USELESS

    @property
    def shows_whole(self) -> bool:
        """Whether listings and searches are known to show users whole. A few users prove it: they show everybody alike."""
        return self.whole_samples is not None and self.whole_samples >= WHOLE_SAMPLE_SIZE

    def may_hide(self, shown: User) -> bool:
        """Say whether nothing is shown of what a listing may leave out, so that reading this user alone may show more.

        At 8x8 everybody has a locale (fact sheet section 3), so somebody who shows none of this was most likely not shown whole.
        """
        return not self.shows_whole and not any(shown.view[name] for name in OPTIONAL_IN_LISTINGS)

    def note_found(self, user: User) -> None:
        """Take note of a user who was found by name or id. A listing without this user was not complete."""
        if user.id in self.created:
            return
        self.found.add(user.id)
        if self.listed is not None and user.id not in self.listed:
            self.listed = None
            if self.index is not None:
                self.index.complete = False

    def note_created(self, answer: Mapping[str, Any] | None) -> None:
        """Take note of a user who was created here.

        :param answer: The body of the answer; None where it is not known whether anybody was.
        """
        user_id, user_name = (answer or {}).get("id"), login_name_in(answer or {})
        if user_id and user_name:
            self.created.add(str(user_id))
            if self.index is not None:
                self.index.add(str(user_id), user_name)
            return
        self.index = None

    def checked(self, listing: Listing) -> Listing:
        """Return a listing of everybody; one without a user who was found otherwise does not count as complete."""
        ids = frozenset(user.id for user in listing.users)
        if listing.complete and not self.found <= ids:
            listing = listing._replace(complete=False)
        self.listed = ids if listing.complete else None
        return listing


def shows_more(shown: User, own: User) -> bool:
    """Say whether a user who was read by id shows something that a listing or a search left out."""
    return any(own.view[name] and not shown.view[name] for name in OPTIONAL_IN_LISTINGS)


def single_match(found: Mapping[str, str], user_name: str) -> str | None:
    """Return the id of the one user who was found, or None.

    :param found: Login names by id.
    :raises EightByEightError: When it cannot be told (kind ``ambiguous``).
    """
    if len(found) > 1:
        raise EightByEightError(
            f"{len(found)} different users of 8x8 answer to the login name {user_name} "
            f"(ids {', '.join(sorted(found))}). Name the one you mean by user_id.",
            kind="ambiguous",
        )
    return next(iter(found), None)


def look_alike_error(who: str, user_id: str, user_name: str | None) -> EightByEightError:
    """Return the error for a login name that nobody has, where a user has one that looks the same.

    :param who: Whom the task or row names.
    """
    return EightByEightError(
        f"{who} may be the user with the id {user_id}, whose login name {abbreviated(user_name)!a} has a character that "
        f"nobody sees, or a blank at an end. Nothing was changed. Correct the login name in {CONSOLE_USERS}, or give user_id "
        "in place of user_name.",
        kind="ambiguous",
    )


def _login_probe(user: User) -> tuple[str, int]:
    """Return the name of a user to prove the filter with, by a look-up in another case, and how much that proves.

    Some users prove more than others: capitals in the stored name find a server that makes only the question
    lower case, and an inactive user finds one that shows only the active.
    """
    name = user.user_name or ""
    if not PLAIN.fullmatch(name) or name.swapcase() == name:
        return _NOBODY
    return name, 1 + 2 * (name != name.lower()) + (user.view["active"] is False)
