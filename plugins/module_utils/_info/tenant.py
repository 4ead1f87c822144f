# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads the facts of a tenant for a preflight, without changes. None means not known."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection
from typing import Any

from .._base import empty
from .._base.console import HIDDEN_USERS
from .._client import ScimClient
from .._errors import EightByEightError, NotSupportedError, RefusedError
from .._find.lookup import SAMPLE_SIZE, filter_is_believed
from .._http.listing import Listing, Page
from .._http.request import LIST
from .._resource.filters import external_id_is_one_of, invented_name, user_name_and_active_are, user_name_is
from .._resource.names import KNOWN_EXTENSION_URNS
from .._resource.user import User
from .users import shows_partial_users

#: The subsets of facts besides ``minimal``, which is always gathered.
SUBSETS = ("users", "filters", "discovery")

_DISCOVERY = {
    "service_provider_config": "/ServiceProviderConfig",
    "resource_types": "/ResourceTypes",
    "schemas": "/Schemas",
}
_SETTING = f"If the tenant has users: {HIDDEN_USERS} The login names of hidden users are taken all the same."


def read_tenant(client: ScimClient, subsets: Collection[str] = ("all",)) -> tuple[dict[str, Any], list[str]]:
    """Return the facts of a tenant, and warnings. A tenant that cannot be read is a result, not an error.

    :param subsets: ``all``, or some of :data:`SUBSETS`. Without ``users``, reading users takes at most two requests.
    """
    gathered = {*SUBSETS} if "all" in subsets else {*subsets}
    facts: dict[str, Any] = {**empty.TENANT, "tenant": client.connection.base_url}
    try:
        shown = _read_users(client, facts, gathered)
    except EightByEightError as error:
        authenticated = False if error.kind == "token_rejected" else None
        facts.update(problem=_problem(error), reachable=error.status is not None, authenticated=authenticated)
        return facts, []
    if "filters" in gathered:
        facts["filters"] = _filters(client, shown.users)
    if "discovery" in gathered:
        facts["discovery"] = {name: _has_endpoint(client, path) for name, path in _DISCOVERY.items()}
    return facts, [] if shown.users or shown.unreadable else _warn_of_no_users(facts)


def _read_users(client: ScimClient, facts: dict[str, Any], gathered: Collection[str]) -> Listing | Page:
    """Read all users, or only one page to see whether users can be read, and return what was read."""
    shown: Listing | Page
    if "users" in gathered:
        shown = listing = client.list_users()
        facts.update(_facts_of(client, listing))
    else:
        shown = page = client.page_at(1, None, SAMPLE_SIZE if "filters" in gathered else 1)
        # A first page without users shows that none are visible. One with users does not show how many there are.
        seen = {"total": _total(client, page), "complete": None, "visible": None if page.received else 0}
        facts.update(users={**facts["users"], **seen}, sites=None, extension_urns=None)
    facts.update(reachable=True, authenticated=True, readable=True, round_trip_ms=round(shown.seconds * 1000, 1))
    return shown


def _total(client: ScimClient, page: Page) -> int | None:
    """Return how many users there are; None if the server announces the size of the page instead."""
    if not page.received or page.announced != page.received:
        return page.announced
    try:
        next_page = client.page_at(page.received + 1, None, 1)
    except EightByEightError:
        return page.announced
    seen = {user.id for user in page.users}
    return None if any(user.id not in seen for user in next_page.users) else page.announced


def _facts_of(client: ScimClient, listing: Listing) -> dict[str, Any]:
    users = listing.users
    active = sum(user.active for user in users)
    sites = Counter(user.view["site"] for user in users if user.view["site"])
    known = {*KNOWN_EXTENSION_URNS, client.connection.extension_urn}
    whole = None
    if users:
        with contextlib.suppress(EightByEightError):
            whole = not shows_partial_users(client, users)
    return {
        "users": {
            # A server that shows more than it announces does not say how many there are.
            "total": listing.announced if (listing.announced or 0) >= len(users) else None,
            "visible": len(users),
            "active": active,
            "inactive": len(users) - active,
            "complete": listing.complete,
            "whole": whole,
        },
        "sites": dict(sorted(sites.items())),
        "page_size": listing.page_size,
        "versions": any(user.version for user in users) if users else None,
        "extension_urns": sorted({urn for user in users for urn in user.raw if urn in known}),
    }


def _warn_of_no_users(facts: dict[str, Any]) -> list[str]:
    """Return the warning that no user is visible. If 8x8 announces users and shows none, that is also a problem."""
    total = facts["users"]["total"]
    if not total:
        return [f"8x8 shows no users of this tenant. {_SETTING}"]
    message = f"8x8 announces {total} users and shows none of them. {_SETTING}"
    facts["problem"] = _problem(LIST.error(message, kind="incomplete_listing"))
    return [message]


def _problem(error: EightByEightError) -> dict[str, Any]:
    return {**error.to_result()["error"], "message": error.message}


def _filters(client: ScimClient, users: list[User]) -> dict[str, str | None]:
    """Return whether each filter works; None if there is no user to try it on."""
    unknown_name = invented_name()
    rare_state = not all(user.active for user in users)
    filters = {
        "user_name": user_name_is(unknown_name),
        "external_id": external_id_is_one_of([unknown_name]),
        "active": user_name_and_active_are(unknown_name, rare_state),
    }
    verdicts = {name: _filter_verdict(client, expression) if users else None for name, expression in filters.items()}
    if verdicts["user_name"] == "honored":
        # It must find a known user, also in another case. If that cannot be tried, it counts as working.
        with contextlib.suppress(EightByEightError):
            filter_is_believed(client)
            if client.lookups.filter_refused:
                verdicts["user_name"] = "unreliable"
    return verdicts


def _filter_verdict(client: ScimClient, expression: str) -> str | None:
    try:
        page = client.page_at(1, expression, 1)
    except (RefusedError, NotSupportedError):
        return "refused"
    except EightByEightError:
        return None
    return "ignored" if page.received else "honored"


def _has_endpoint(client: ScimClient, path: str) -> bool | None:
    try:
        client.get(path)
    except EightByEightError as error:
        # Too many requests or a failure of the server says nothing about the endpoint.
        return None if error.status is None or error.status == 429 or error.status >= 500 else False
    return True
