# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Looks users up by login name, and decides when an empty answer proves that nobody has the name.

A filter that minds case, that is ignored, or that is broken answers "nobody" about somebody who is there: a leaver keeps access,
or a second account is tried. So a filter is proven before its first empty answer is believed, once a session: somebody who is
there is asked for in another case. A filter that does not find that person is replaced by the listing, read once a session.
A loop over people who are all there costs one request a person, as before.

There are two kinds of names. Where a filter with a *plain* name (the characters that 8x8's login names have) is refused, the
server refuses every filter; where another name is refused, it may be because of that name alone. The proof is with a plain name,
so an empty answer is believed only for plain names; for others (accents, quotes, a plus) the listing is read.
"""

from __future__ import annotations

from typing import Protocol

from .._base.clock import Clock
from .._base.console import CONSOLE_USERS
from .._base.names import same_login
from .._errors import EightByEightError, NotSupportedError, RefusedError
from .._http.limits import SMALL_PAGE_SIZE
from .._http.listing import Listing, Page
from .._http.request import LIST
from .._resource.filters import user_name_is
from .._resource.user import User
from .state import PLAIN, PROVEN, UNPROVEN, USELESS, ListingIndex, LookupState, single_match

#: How many users are asked for to find one for the proof.
SAMPLE_SIZE = 10
#: Requests that a proof takes: the sample, and the look-up in another case.
PROOF_REQUESTS = 2
#: Seconds for which a listing answers look-ups. A loop can last for hours.
_LISTING_MAX_AGE = 300.0
#: Statuses by which a server, or a gateway in front of it, may refuse a query that is too long or complex, or has no result.
_REFUSES_A_FILTER = (204, 400, 403, 404, 413, 414, 422, 431)


class Reader(Protocol):
    """What a look-up needs of the client."""

    clock: Clock
    lookups: LookupState

    def find_by_id(self, user_id: str) -> User | None:
        """Read one user by id; None when there is none."""

    def is_readable(self, user_id: str) -> bool:
        """Say whether a user can be read by id."""

    def list_users(self) -> Listing:
        """Read everybody."""

    def page_at(
        self, start: int, expression: str | None = None, count: int | None = None, *, keep_retrying: bool = True
    ) -> Page:
        """Read one page."""


def not_proven_absent() -> EightByEightError:
    """Explain a search that shows nobody, and is no proof that nobody is there."""
    return LIST.error(
        "8x8 does not show this user, but its listing does not add up to the number it announces, so the user may be there all "
        f"the same. Nothing was changed. Run again, or look in {CONSOLE_USERS}.",
        kind="incomplete_listing",
    )


def find_by_login(reader: Reader, name: str, *, by_listing: bool) -> tuple[User | None, bool]:
    """Find a user by login name.

    :param by_listing: Look in the listing too where the filter shows nobody, however well it was proven.
    :returns: The user or None, and whether a None is proven.
    :raises EightByEightError: When two different users answer to the name (kind ``ambiguous``).
    """
    state = reader.lookups
    if state.filter == USELESS:
        return _in_listing(reader, name)
    user, adds_up = _by_filter(reader, name)
    if user is not None and adds_up:
        return user, True
    covered = bool(adds_up and PLAIN.fullmatch(name))
    if not by_listing:
        if adds_up is False and user is None:
            return None, False
        if covered and filter_is_believed(reader, name):
            return None, True
    user, proven = _in_listing(reader, name)
    if user is not None and covered:
        state.filter = USELESS  # it did not find this user
    return user, proven


# -- By the filter ------------------------------------------------------------


def filter_is_believed(reader: Reader, name: str = "") -> bool:
    """Say whether an empty answer of the filter proves that nobody is there; the first time by looking up a known user."""
    state = reader.lookups
    with state.lock:
        # Of several threads the first one proves it.
        return state.filter == PROVEN or (state.filter == UNPROVEN and _prove(reader, name))


def is_filter_refusal(reader: Reader, refusal: EightByEightError, name: str = "") -> bool:
    """Say whether a look-up was refused because of its filter; where that could be meant otherwise, by asking without one."""
    if isinstance(refusal, (RefusedError, NotSupportedError)) and refusal.status in (400, 405, 501, None):
        return True
    # Some servers fail on a quote, and answer 500.
    fails_on_a_quote = (refusal.status or 0) >= 500 and not PLAIN.fullmatch(name)
    if refusal.status not in _REFUSES_A_FILTER and not fails_on_a_quote:
        return False
    try:
        with reader.lookups.lock:  # where the token is refused, one of several threads finds it out
            reader.page_at(1, None, 1)
    except EightByEightError:
        return False
    return True


def _ask(reader: Reader, name: str) -> Page | None:
    """Ask with the filter, and note whether it is refused or ignored; None where it is refused."""
    plain = PLAIN.fullmatch(name) is not None
    try:
        page = reader.page_at(1, user_name_is(name), SMALL_PAGE_SIZE, keep_retrying=plain)
    except EightByEightError as refusal:
        if not is_filter_refusal(reader, refusal, name):
            raise
        if plain:
            reader.lookups.filter = USELESS
        return None
    folded = name.casefold()
    # A server that answers with others ignores it, and the listing takes fewer requests. It may take ß and ss for equal.
    if not all(same_login(user.user_name, name) or (user.user_name or "").casefold() == folded for user in page.users):
        reader.lookups.filter = USELESS
    return page


def _by_filter(reader: Reader, name: str) -> tuple[User | None, bool | None]:
    """Look a user up with the filter.

    :returns: The user or None, and whether the answer adds up; None where the filter is refused or ignored.
    """
    state, page = reader.lookups, _ask(reader, name)
    if page is None:
        return None, None
    matches = {user.id: user for user in page.users if same_login(user.user_name, name)}
    state.note_users(matches.values())
    # A user with exactly this spelling counts alone.
    exact = [user for user in matches.values() if user.user_name == name]
    if len(exact) == 1:
        return exact[0], True
    for login, error in page.unreadable:
        if same_login(login, name):
            raise error
    if state.filter == USELESS:
        return None, None
    found = single_match({user.id: user.user_name or "" for user in matches.values()}, name)
    return (matches[found] if found else None), page.adds_up


def _prove(reader: Reader, name: str) -> bool:
    """Look up a user who is there, in another case, and note what that says about the filter.

    :returns: Whether the user who was not found is proven not to be there. An empty tenant proves that too, and nothing
        about the filter.
    """
    state = reader.lookups
    if not state.login_probe[0] and state.index is None:
        sample = reader.page_at(1, None, SAMPLE_SIZE)
        if not sample.received and sample.announced == 0:
            return True
        if sample.shows(name):
            state.filter = USELESS  # it did not find this user
            return False
    other_case = state.login_probe[0].swapcase()
    if not other_case:
        return False
    page = _ask(reader, other_case)
    finds = page is not None and page.shows(other_case)
    state.filter = PROVEN if finds and state.filter != USELESS else USELESS
    return state.filter == PROVEN


# -- In the listing -----------------------------------------------------------


def _in_listing(reader: Reader, name: str) -> tuple[User | None, bool]:
    state, now = reader.lookups, reader.clock.steady
    with state.lock:
        index = state.index
        if index is not None and now() - index.read_at < _LISTING_MAX_AGE:
            user = _read_again(reader, index, name)
            if user is not None or state.index is not None:
                return user, index.complete
        listing = reader.list_users()
        index = state.index = ListingIndex(listing, now())
        user_id = index.find(name)
        return next((user for user in listing.users if user.id == user_id), None), index.complete


def _read_again(reader: Reader, index: ListingIndex, name: str) -> User | None:
    """Read a user whom the listing showed a while ago; drop the listing where it is out of date."""
    user_id = index.find(name)
    if user_id is None:
        return None
    user = reader.find_by_id(user_id)
    if user is not None and same_login(user.user_name, name):
        return user
    reader.lookups.index = None
    return None
