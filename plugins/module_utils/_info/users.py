# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads the users that match the options of a task."""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from typing import Any

from .._base.names import login_key, same_login
from .._base.sample import read_by_id
from .._base.text import server_said
from .._client import ScimClient
from .._errors import (
    BadOptionError,
    NotFoundError,
    NotSupportedError,
    RefusedError,
    UnreliableNotFoundError,
)
from .._find.external import find_by_external_id, requests_for
from .._find.state import UNPROVEN, WHOLE_SAMPLE_SIZE, shows_more
from .._http.listing import Listing
from .._http.request import LIST
from .._resource.filters import KNOWN_FILTER, invented_name, user_name_is
from .._resource.names import OPTIONAL_IN_LISTINGS
from .._resource.user import User
from .._resource.values import check_identity, check_text

#: Options of ``eightbyeight_user_info`` that are compared here, because the filters of 8x8 are unknown (fact sheet
#: 4.6).
_COMPARED = ("external_id", "active", "site", "department")


def read_users(client: ScimClient, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return ``users``, ``total`` and ``complete`` for the options of ``eightbyeight_user_info``, and warnings.

    Several options narrow the result together. An unknown user is an empty list.

    :raises EightByEightError: When the tenant cannot be read, or refuses or ignores a raw filter.
    """
    for name in ("user_name", "user_id", "external_id", "site", "department", "filter"):
        if options.get(name) is not None:
            # An empty external id or site asks for users who have none.
            named = name in ("user_name", "user_id") or (name in ("external_id", "site") and options[name])
            (check_identity if named else check_text)(name, options[name])
    if options.get("filter") is not None and not options["filter"].strip():
        raise BadOptionError("filter is empty. Leave it out to read everybody.")
    listing = _candidates(client, options)
    wanted = {name: options[name] for name in _COMPARED if options.get(name) is not None}
    warnings = []
    if options.get("user_id") or options.get("user_name"):
        pass  # Already fully read.
    elif asked := [name for name in wanted if name in OPTIONAL_IN_LISTINGS]:
        listing = _with_missing_attributes(client, listing, asked)
    elif shows_partial_users(client, listing.users):
        warnings.append(
            "The listing of 8x8 does not show users whole: what is empty here may be set. Ask by user_name or user_id to see "
            "a whole user."
        )
    matching = [user for user in listing.users if _matches(user, wanted)]
    total = len(matching) if wanted else max(listing.announced or 0, len(matching))
    shown = [user.view for user in sorted(matching, key=lambda user: login_key(user.user_name or ""))]
    return {"users": shown, "total": total, "complete": listing.complete}, warnings


def _read_whole(client: ScimClient, shown: User) -> User | None:
    """Read a user alone; None if the address of the user shows nobody, for example because the user was deleted."""
    try:
        own = client.get_user(shown.id)
    except (NotFoundError, UnreliableNotFoundError):
        return None
    client.lookups.note_read_by_id(shown, own)
    return own


def _with_missing_attributes(client: ScimClient, listing: Listing, asked: Collection[str]) -> Listing:
    """Return users with the attributes that a listing may leave out (fact sheet 2.7a), as far as they are asked for.

    It is more likely that nobody has a title than that a listing leaves titles out. So a few users are read alone
    first, and all of them only if these show more than the listing. Users who cannot be read alone stay as listed. Then
    the result is not complete.
    """
    users = listing.users
    if client.lookups.shows_whole or all(any(user.view[name] for user in users) for name in asked):
        return listing
    listed = {user.id: user for user in users}
    own = read_by_id(listed, WHOLE_SAMPLE_SIZE, functools.partial(_read_whole, client), shows_more)
    whole = [own.get(user.id) or user for user in users]
    return listing._replace(users=whole, complete=listing.complete and None not in own.values())


def shows_partial_users(client: ScimClient, users: list[User]) -> bool:
    """Return whether a listing leaves out attributes. It lists all users in the same way, so one is read alone."""
    if not users or not client.lookups.may_hide(users[0]):
        return False
    own = _read_whole(client, users[0])
    return own is not None and shows_more(users[0], own)


def _candidates(client: ScimClient, options: Mapping[str, Any]) -> Listing:
    if options.get("user_id") or options.get("user_name"):
        return _by_identity(client, options.get("user_id"), options.get("user_name"))
    if options.get("filter"):
        return _filtered(client, options["filter"])
    return _with_external_id(client, options["external_id"]) if options.get("external_id") else client.list_users()


def _by_identity(client: ScimClient, user_id: str | None, user_name: str | None) -> Listing:
    """Return the user with an id or a login name; complete if that is proven and the user was fully read."""
    user, proven = client.find(user_id, user_name)
    if user is not None and user_name and not same_login(user.user_name, user_name):
        user = None
    if user is not None and not user_id and client.lookups.may_hide(user):
        own = _read_whole(client, user)
        user, proven = own or user, own is not None
    return _listing_of([] if user is None else [user], complete=proven)


def _with_external_id(client: ScimClient, external_id: str) -> Listing:
    """Read the users with an external id by the filter if it is proven and takes fewer requests; else all users."""
    first = client.page_at(1) if client.lookups.external_filter == UNPROVEN else None
    if first is None or first.pages > 1 + requests_for(1):
        users = find_by_external_id(client, [external_id], most=0)
        if users is not None:
            return _listing_of(users, complete=True)
    return client.list_users(first=first)


def _listing_of(users: list[User], *, complete: bool) -> Listing:
    return Listing(users, len(users), complete=complete, page_size=0, seconds=0.0)


def _filtered(client: ScimClient, expression: str) -> Listing:
    """Read the users that a raw filter matches, and check that the server did filter."""
    try:
        listing = client.list_users(expression)
    except (RefusedError, NotSupportedError) as refusal:
        raise refusal.about(
            f"8x8 refuses the filter {expression!r}.{server_said(refusal.detail)} Only {KNOWN_FILTER} is known to work; the "
            "other options of this module are compared on this side, and always work.",
            kind="filter_refused",
        ) from refusal
    if listing.users and client.page_at(1, None, 1).announced == listing.announced:
        # All users match, or the server ignores filters (fact sheet 9.6). A search for an unknown name shows which.
        of_unknown = client.page_at(1, user_name_is(invented_name()), 1)
        if of_unknown.received:
            raise LIST.error(
                f"8x8 ignores the filter {expression!r}: it returned everybody. Use the other options of this module, which "
                "are compared on this side.",
                kind="filter_ignored",
            )
    return listing


def _matches(user: User, wanted: Mapping[str, Any]) -> bool:
    # An empty text matches users without a value.
    return all((user.active if name == "active" else user.view[name] or "") == value for name, value in wanted.items())
