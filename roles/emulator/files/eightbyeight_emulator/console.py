# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an administrator sees and does in Admin Console, where neither the rules nor the switches of SCIM hold."""

from __future__ import annotations

from typing import Any

from .documents import SITE_KEY, prune
from .entries import stamp
from .seed import SeedError
from .tenant import Tenant


def edit(tenant: Tenant, user: str, changes: dict[str, Any]) -> None:
    """Change a user.

    :param user: The id or the login name.
    :param changes: Top-level attributes, None to remove one, and ``site`` for the site (fact sheet, K10).
    :raises SeedError: When there is no such user or site, or no change.
    :raises UniquenessException: When the new login name is taken.
    """
    if not isinstance(changes, dict) or not changes.get("userName", user):
        raise SeedError("the changes are a JSON object, and everybody has a userName")
    with tenant.operation():
        entry = tenant.entry_of(user)
        if entry is None:
            raise SeedError(f"there is no user {user!r}")
        document = {**entry.document, **changes}
        site = document.pop("site", None)
        if "site" in changes:
            if site is not None and site not in tenant.sites:
                raise SeedError(f"there is no site {site!r}")
            document[SITE_KEY] = {**entry.document.get(SITE_KEY, {}), "site": site}
        tenant.store(entry, prune(document))
        if "site" in changes:
            entry.first_site = entry.site


def delete(tenant: Tenant, user: str) -> str:
    """Delete a user for good, and return the id.

    :raises SeedError: When there is no such user.
    """
    with tenant.operation():
        entry = tenant.entry_of(user)
        if entry is None:
            raise SeedError(f"there is no user {user!r}")
        tenant.remove(entry)
        return entry.id


def users(tenant: Tenant) -> list[dict[str, Any]]:
    """Return every user with everything about it, hidden ones included."""
    with tenant.lock:
        return [
            {
                "id": entry.id,
                "origin": entry.origin,
                "visible": tenant.is_visible(entry),
                "site": entry.site,
                "created": stamp(entry.created),
                "last_modified": stamp(entry.last_modified),
                "version": entry.meta.version,
                "resource": {
                    (tenant.switches.extension_urn if key == SITE_KEY else key): value
                    for key, value in entry.document.items()
                },
            }
            for entry in tenant.entries.values()
        ]
