# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reading one page of a listing of users (RFC 7644 section 3.4.2)."""

from __future__ import annotations

from collections.abc import Mapping

from .._base.text import server_said
from .._errors import EightByEightError
from .._resource.answers import login_name_in, read_list
from .._resource.user import User
from .connection import Connection
from .limits import MAX_PAGE_ENTRIES
from .listing import Page
from .request import LIST, Answer

#: Bytes that an entry takes as a user, or as the error in its place, besides the JSON that it was read from.
_ENTRY = 2000


def page_of(answer: Answer, connection: Connection, *, first: bool) -> Page:
    """Return the page that an answer holds.

    :param first: Whether it was to be the first one.
    :raises EightByEightError: When it holds none, or too many users.
    """
    found = read_list(answer.data, first=first)
    if found is None:
        from .failures import reason_in  # noqa: PLC0415 - seldom needed

        detail = reason_in(answer.data, connection.redact).detail
        raise LIST.error(
            f"8x8 answered a listing with something that is not a SCIM list. See what answers at api_url.{server_said(detail)}",
            kind="bad_answer",
            status=answer.status,
            detail=detail,
        )
    if len(found.entries) > MAX_PAGE_ENTRIES:
        raise LIST.error(
            f"8x8 answered with a page of {len(found.entries)} users, and {MAX_PAGE_ENTRIES} are the most that is taken. "
            "See what answers at api_url.",
            kind="too_large",
            status=answer.status,
        )
    users: list[User] = []
    unreadable: list[tuple[str, EightByEightError]] = []
    for entry in found.entries:
        raw = entry if isinstance(entry, Mapping) else {}
        try:
            users.append(User(raw, connection.extension_urn))
        except EightByEightError as error:
            if error.kind == "missing_library":
                raise
            # One user that cannot be read does not hide the others (law 10); the list then does not add up.
            unreadable.append((login_name_in(raw), error))
    return Page(
        users=users,
        unreadable=unreadable,
        announced=found.total,
        received=len(found.entries),
        seconds=answer.seconds,
        memory=answer.memory + _ENTRY * len(found.entries),
        per_page=found.per_page,
    )
