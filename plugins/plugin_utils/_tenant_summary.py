# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""The result of ``eightbyeight_tenant_info`` as lines for the screen. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.text import visible

#: The most sites that are listed by name.
_MOST_SITES = 10

#: What cannot be read with the SCIM API (fact sheet 1.11, 4.8, and section 3).
CANNOT_BE_KNOWN = (
    "whether this client may write: 8x8 lets one client write, and only a write shows which",
    "users that the setting 'Only users created by your identity provider' hides",
    "licenses, extensions and who is shown in the directory: SCIM does not have them",
)


def summary_lines(tenant: Mapping[str, Any]) -> list[str]:
    """Return the lines.

    :param tenant: The result of ``eightbyeight_tenant_info``, also one that failed.
    """
    if "readable" not in tenant or tenant.get("error"):
        return [_line("problem", str(tenant.get("msg") or "eightbyeight_tenant_info returned nothing."))]
    lines = [_line("tenant", str(tenant.get("tenant") or "unknown")), _line("reachable", _reachable(tenant))]
    lines.append(_line("token", {True: "accepted", False: "refused"}.get(tenant["authenticated"], "unknown")))
    if not tenant["readable"]:
        problem = tenant.get("problem") or {}
        return [*lines, _line("problem", str(problem.get("message") or "The tenant cannot be read."))]
    lines.append(_line("users", _users(tenant["users"])))
    lines.append(_line("sites", _sites(tenant["sites"] or {})))
    size = tenant["page_size"]
    lines.append(_line("page size", "unknown" if size is None else f"{size} users a page"))
    lines.append(_line("filters", _listed(tenant["filters"])))
    lines.append(_line("discovery", _listed(tenant["discovery"])))
    versions = {True: "users have one", False: "users have none"}.get(tenant["versions"], "unknown")
    lines.append(_line("versions", versions))
    lines.append(_line("extension", ", ".join(tenant["extension_urns"] or []) or "no visible user has one"))
    return [*lines, *(_line("" if number else "not known", text) for number, text in enumerate(CANNOT_BE_KNOWN))]


def _line(name: str, text: str) -> str:
    return visible(f"{name:<10} {text}")


def _reachable(tenant: Mapping[str, Any]) -> str:
    trip = tenant.get("round_trip_ms")
    return "no" if not tenant["reachable"] else "yes" if trip is None else f"yes, {trip:g} ms for the first request"


def _users(users: Mapping[str, Any]) -> str:
    announced = "an unknown number" if users["total"] is None else users["total"]
    counts = [f"{users[name]} {name}" for name in ("active", "inactive") if users[name] is not None]
    text = f"{users['visible']} visible, {announced} announced" + (f": {', '.join(counts)}" if counts else "")
    if users["complete"] is False:
        text += ". The list does not add up, so nobody is deactivated because of it"
    return text


def _sites(sites: Mapping[str, int]) -> str:
    largest = sorted(sites.items(), key=lambda site: (-site[1], site[0]))
    more = [f"and {len(largest) - _MOST_SITES} more"] if len(largest) > _MOST_SITES else []
    return ", ".join([f"{name!r} {count}" for name, count in largest[:_MOST_SITES]] + more) or "none of a visible user"


def _listed(answers: Mapping[str, Any]) -> str:
    words = {True: "answers", False: "does not answer", None: "unknown"}
    return ", ".join(f"{name} {words.get(answer, answer)}" for name, answer in answers.items())
