# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Looking without touching: users that match, and the tenant itself."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping
from typing import Any

from ._client import ScimClient
from ._errors import (
    BadOptionError,
    EightByEightError,
    NotFoundError,
    NotSupportedError,
    RefusedError,
    server_said,
)
from ._models import (
    HELD_BACK,
    KNOWN_EXTENSION_URNS,
    User,
    check_identity,
    check_text,
    quoted,
)
from ._names import same_login
from ._paging import Listing

#: Options of ``eightbyeight_user_info`` that are compared here, because 8x8's filters are unknown (fact sheet 4.6).
_COMPARED = ("external_id", "active", "site", "department")

_DISCOVERY = {
    "service_provider_config": "/ServiceProviderConfig",
    "resource_types": "/ResourceTypes",
    "schemas": "/Schemas",
}


def read_users(client: ScimClient, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return ``users``, ``total`` and ``complete`` for the options of ``eightbyeight_user_info``, and warnings.

    Several options narrow the result together. An unknown user is an empty list.

    :raises EightByEightError: When the tenant cannot be read, or refuses or ignores a raw filter.
    """
    for name in ("user_name", "user_id", "external_id", "site", "department", "filter"):
        if options.get(name) is not None:
            (check_identity if name in ("user_name", "user_id") else check_text)(name, options[name])
    if options.get("filter") is not None and not options["filter"].strip():
        raise BadOptionError("filter is empty. Leave it out to read everybody.")
    users, announced, complete = _candidates(client, options)
    warnings = []
    if options.get("user_id") or options.get("user_name"):
        pass  # Read whole already.
    elif any(options.get(name) is not None for name in _COMPARED if name in HELD_BACK):
        users = _whole(client, users)
    elif _shows_extracts(client, users):
        warnings.append(
            "The listing of 8x8 does not show users whole: what is empty here may be set. Ask by user_name or user_id to see "
            "somebody whole."
        )
    matching = [user for user in users if _matches(user, options)]
    narrowed = any(options.get(name) is not None for name in _COMPARED)
    result = {
        "users": [user.view for user in sorted(matching, key=lambda user: (user.user_name or "").lower())],
        "total": len(matching) if narrowed or announced is None else announced,
        "complete": complete,
    }
    return result, warnings


def _whole(client: ScimClient, users: list[User]) -> list[User]:
    """Read those again whom a listing does not show whole (fact sheet 2.7a), each from its own address."""
    whole = []
    for user in users:
        if not user.terse:
            whole.append(user)
            continue
        # Whoever is gone by now is no part of the answer.
        with contextlib.suppress(NotFoundError):
            whole.append(client.get_user(user.id))
    return whole


def _shows_extracts(client: ScimClient, users: list[User]) -> bool:
    """Say whether a listing shows less of users than their own addresses do. It shows everybody alike."""
    first = users[:1]
    return any(user.terse for user in first) and any(not user.terse for user in _whole(client, first))


def _candidates(client: ScimClient, options: Mapping[str, Any]) -> tuple[list[User], int | None, bool]:
    if options.get("user_id"):
        try:
            user: User | None = client.get_user(options["user_id"])
        except NotFoundError:
            user = None
        complete = True
        if user is not None and options.get("user_name") and not same_login(user.user_name, options["user_name"]):
            user = None
    elif options.get("user_name"):
        user, complete = client.find_user(options["user_name"])
        if user is not None:
            user = next(iter(_whole(client, [user])), None)
    elif options.get("filter"):
        listing = _filtered(client, options["filter"])
        return listing.users, listing.announced, listing.complete
    else:
        listing = client.list_users()
        return listing.users, listing.announced, listing.complete
    found = [] if user is None else [user]
    return found, len(found), complete


def _filtered(client: ScimClient, expression: str) -> Listing:
    """Read what a raw filter matches, and make sure that the server did filter."""
    try:
        listing = client.list_users(expression)
    except (RefusedError, NotSupportedError) as refusal:
        raise refusal.about(
            f"8x8 refuses the filter {expression!r}.{server_said(refusal.detail)} "
            'Only userName eq "..." is known to work; the other options of this module are compared on this side, and always '
            "work.",
            kind="filter_refused",
        ) from refusal
    if listing.users and next(client.pages(count=1)).announced == listing.announced:
        # Everybody matched. Either they do, or the server ignores filters (fact sheet 9.6): ask for somebody impossible.
        nobody = next(client.pages(f"userName eq {quoted(uuid.uuid4().hex)}", count=1))
        if nobody.received:
            raise EightByEightError(
                f"8x8 ignores the filter {expression!r}: it returned everybody. Use the other options of this module, which "
                "are compared on this side.",
                kind="filter_ignored",
                method="GET",
                path="/Users",
            )
    return listing


def _matches(user: User, options: Mapping[str, Any]) -> bool:
    for name in _COMPARED:
        wish = options.get(name)
        # An empty text asks for users who have no such value.
        if wish is not None and (user.active if name == "active" else user.view[name] or "") != wish:
            return False
    return True


def unknown_tenant(url: str | None) -> dict[str, Any]:
    """Return what is known of a tenant before it was asked."""
    return {
        "tenant": url,
        "reachable": False,
        "authenticated": False,
        "readable": False,
        "problem": None,
        "users": {"total": None, "visible": None, "active": None, "inactive": None, "complete": False, "whole": None},
        "sites": {},
        "page_size": None,
        "filters": {"user_name": None, "external_id": None, "active": None},
        "discovery": dict.fromkeys(_DISCOVERY),
        "versions": None,
        "extension_urns": [],
        "round_trip_ms": None,
    }


def read_tenant(client: ScimClient) -> dict[str, Any]:
    """Return what a preflight wants to know. A tenant in trouble is an answer here, not an error."""
    facts = unknown_tenant(client.connection.base_url)
    try:
        listing = client.list_users()
    except EightByEightError as error:
        facts["problem"] = {**error.to_result()["error"], "message": error.message}
        facts["reachable"] = error.status is not None
        facts["authenticated"] = False if error.kind == "token_rejected" else None
        return facts
    facts.update(reachable=True, authenticated=True, readable=True, round_trip_ms=round(listing.seconds * 1000, 1))
    users = listing.users
    active = sum(user.active for user in users)
    facts["users"] = {
        "total": listing.announced,
        "visible": len(users),
        "active": active,
        "inactive": len(users) - active,
        "complete": listing.complete,
        "whole": _shows_whole(client, users),
    }
    facts["page_size"] = listing.page_size
    for user in users:
        site = user.view["site"]
        if site:
            facts["sites"][site] = facts["sites"].get(site, 0) + 1
    facts["sites"] = dict(sorted(facts["sites"].items()))
    facts["versions"] = any(user.version for user in users)
    facts["extension_urns"] = sorted(
        {urn for user in users for urn in user.raw if urn in {*KNOWN_EXTENSION_URNS, client.connection.extension_urn}}
    )
    facts["filters"] = _filters(client, users)
    facts["discovery"] = {name: _answers(client, path) for name, path in _DISCOVERY.items()}
    return facts


def _shows_whole(client: ScimClient, users: list[User]) -> bool | None:
    try:
        return not _shows_extracts(client, users) if users else None
    except EightByEightError:
        return None


def _filters(client: ScimClient, users: list[User]) -> dict[str, str | None]:
    """Say of each filter whether it is ``honored``, ``ignored`` or ``refused``; null where nobody is there to try it on."""
    nobody = quoted(uuid.uuid4().hex)
    return {
        name: _filter_verdict(client, expression, len(users))
        for name, expression in (
            ("user_name", f"userName eq {nobody}"),
            ("external_id", f"externalId eq {nobody}"),
            (
                "active",
                f"active eq {'false' if all(user.active for user in users) else 'true'} and userName eq {nobody}",
            ),
        )
    }


def _filter_verdict(client: ScimClient, expression: str, visible: int) -> str | None:
    if not visible:
        return None
    try:
        page = next(client.pages(expression, count=1))
    except (RefusedError, NotSupportedError):
        return "refused"
    except EightByEightError:
        return None
    return "ignored" if page.received else "honored"


def _answers(client: ScimClient, path: str) -> bool | None:
    try:
        client.request("GET", path)
    except EightByEightError as error:
        # Too many requests, or a server in trouble, says nothing about the endpoint.
        return None if error.status is None or error.status == 429 or error.status >= 500 else False
    return True
