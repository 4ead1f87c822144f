# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Looking without touching: users that match, and the tenant itself."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._client import Listing, ScimClient
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import (
    BadOptionError,
    EightByEightError,
    NotFoundError,
    NotSupportedError,
    RefusedError,
    server_said,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._models import (
    KNOWN_EXTENSION_URNS,
    User,
    quoted,
    same_login,
)

#: Options of ``eightbyeight_user_info`` that are compared here, because 8x8's filters are unknown (fact sheet 4.6).
_COMPARED = ("external_id", "active", "site", "department")

_DISCOVERY = {
    "service_provider_config": "/ServiceProviderConfig",
    "resource_types": "/ResourceTypes",
    "schemas": "/Schemas",
}


def read_users(client: ScimClient, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``users``, ``total`` and ``complete`` for the options of ``eightbyeight_user_info``.

    Several options narrow the result together. An unknown user is an empty list.

    :raises EightByEightError: When the tenant cannot be read, or refuses or ignores a raw filter.
    """
    for name in ("user_name", "user_id", "filter"):
        if options.get(name) is not None and not options[name].strip():
            raise BadOptionError(f"{name} is empty. Leave it out to read everybody, or say whom you mean.")
        try:
            (options.get(name) or "").encode()
        except UnicodeEncodeError:
            raise BadOptionError(f"{name} contains characters that are no valid Unicode.") from None
    users, announced, complete = _candidates(client, options)
    matching = [user for user in users if _matches(user, options)]
    narrowed = any(options.get(name) is not None for name in _COMPARED)
    return {
        "users": [user.view for user in sorted(matching, key=lambda user: (user.user_name or "").lower())],
        "total": len(matching) if narrowed or announced is None else announced,
        "complete": complete,
    }


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


def read_tenant(client: ScimClient) -> dict[str, Any]:
    """Return what a preflight wants to know. A tenant in trouble is an answer here, not an error."""
    facts: dict[str, Any] = {
        "tenant": client.connection.base_url,
        "reachable": False,
        "authenticated": False,
        "readable": False,
        "problem": None,
        "users": {"total": None, "visible": 0, "active": 0, "inactive": 0, "complete": False},
        "sites": {},
        "page_size": None,
        "filters": {"user_name": None, "external_id": None, "active": None},
        "discovery": dict.fromkeys(_DISCOVERY),
        "versions": None,
        "extension_urns": [],
        "round_trip_ms": None,
    }
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
