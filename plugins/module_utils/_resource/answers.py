# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What the body of an answer is: a list of users, an error, the user who was written, or something else.

Gateways and servers answer 200 with an error inside: ``{"success": false}``, RFC 7807, a list of errors, an empty object. Such an
answer to a write is no success, and no proof of a failure either. The caller reads the user, and reports what it found.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._base.names import same_login
from .._base.text import finite_number
from .._errors import EightByEightError
from .names import ERROR_URN, MESSAGE_TYPES
from .spelling import spelled
from .user import entries_of

#: Members by which a body says that something went wrong, whatever else it holds.
_FLAGS = ("success", "succeeded", "ok")
_REASONS = ("error", "errors")
_NO = ("false", "no", "0")


class ListResponse(NamedTuple):
    """One page of a list of users (RFC 7644 section 3.4.2).

    :param entries: What it lists.
    :param total: How many users there are in all; None where it does not say.
    """

    entries: list[Any]
    total: int | None


class ErrorMessage(NamedTuple):
    """An error as a server words it.

    :param status: The HTTP status that it repeats.
    :param scim_type: The kind of error (RFC 7644 section 3.12).
    :param reasons: What went wrong, in the words of the server.
    """

    status: int | None = None
    scim_type: str | None = None
    reasons: tuple[str, ...] = ()


def list_query(start: int, count: int, expression: str | None) -> dict[str, Any]:
    """Return the parameters of a request for one page of a list.

    :param start: The first user of the page, counted from 1.
    :param count: How many users it may hold.
    :param expression: A filter.
    """
    return {"startIndex": start, "count": count, **({} if expression is None else {"filter": expression})}


def read_list(data: Any, *, first: bool) -> ListResponse | None:
    """Read a page of a list; return None where it is none.

    A list of nobody may leave out its entries, and none may leave out its total (RFC 7644 section 3.4.2); some servers do all the
    same. What has neither must not be taken for a tenant without users; after the first page it makes the listing incomplete.

    :param first: Whether it is the first page.
    """
    data = _spelled(data)
    entries = data.get("Resources")
    neither = entries is None and data.get("totalResults") is None
    if not isinstance(entries, (list, type(None))) or (first and neither):
        return None
    return ListResponse(entries or [], _number(data.get("totalResults")))


def read_error(data: Any) -> ErrorMessage:
    """Read what a server says went wrong: RFC 7644 section 3.12, or RFC 7807 as another API of 8x8 does (fact sheet 5.6)."""
    data = _spelled(data)
    scim_type = data.get("scimType")
    # The title of a user is no reason, and nothing for a message.
    reasons = _texts(data, "detail", *(() if login_name_in(data) else ("title",)), "message")[:1]
    for fault in entries_of(data.get("errors") or data.get("error")):
        if isinstance(fault, dict):
            reasons.append(": ".join(_texts(fault, "field", "message", "detail", "description")))
        elif isinstance(fault, str):
            reasons.append(fault)
    return ErrorMessage(
        status=_number(data.get("status")),
        scim_type=scim_type if isinstance(scim_type, str) and scim_type else None,
        reasons=tuple(reason for reason in reasons if reason),
    )


def is_failure(data: Mapping[str, Any]) -> bool:
    """Say whether a body reports a failure, in any of the forms that are known (RFC 7644 section 3.12, RFC 7807, others)."""
    lower = {name.lower(): value for name, value in data.items()}
    if ERROR_URN.lower() in (str(urn).lower() for urn in entries_of(lower.get("schemas"))):
        return True
    if any(str(lower.get(name)).lower() in _NO for name in _FLAGS) or any(lower.get(name) for name in _REASONS):
        return True
    return ("id" not in lower or "detail" in lower) and 400 <= (_number(lower.get("status")) or 0) <= 999


def is_user(data: Mapping[str, Any], user_id: str | None, user_name: str | None) -> bool:
    """Say whether a body that reports no failure is the user who was written, or a part of that user.

    :param user_id: The id; None at a creation, where the server makes it.
    :param user_name: The login name, where it is known.
    """
    found_id, found_name = data.get("id"), data.get("userName")
    if found_id and user_id is not None:
        return str(found_id) == user_id
    if found_name and user_name:
        return isinstance(found_name, str) and same_login(found_name, user_name)
    # A part of a user, such as an answer to a PATCH (fact sheet 2.10). Nothing else has a member called active.
    return bool(found_id) or isinstance(data.get("active"), (bool, str)) and user_id is not None


def login_name_in(raw: Mapping[str, Any]) -> str:
    """Return the login name of a user who cannot be read otherwise, or an empty text."""
    return next((str(value) for name, value in raw.items() if name.lower() == "username" and value), "")


def _spelled(data: Any) -> dict[str, Any]:
    """Return a list or an error with its names spelled right; nothing where it is neither, or can be read in two ways."""
    if isinstance(data, dict):
        with contextlib.suppress(EightByEightError):
            return spelled(data, MESSAGE_TYPES)
    return {}


def _texts(data: Mapping[str, Any], *names: str) -> list[str]:
    return [text for text in map(data.get, names) if text and isinstance(text, str)]


def _number(value: Any) -> int | None:
    """Return a number that a server gives, as a number or as text; None where it gives none that can be."""
    number = finite_number(value)
    return int(number) if number is not None and number.is_integer() and 0 <= number < 10**12 else None
