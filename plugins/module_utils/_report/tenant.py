# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What the look at a tenant says before a role changes anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._base.console import HIDDEN_USERS
from .text import counted, one_line


def tenant_problem(
    tenant: Mapping[str, Any], allow_incomplete: bool | None = None, variable: str = "", note: str = ""
) -> str:
    """Return why a role must stop before its first write, or nothing.

    :param tenant: What ``eightbyeight_tenant_info`` returned.
    :param allow_incomplete: Whether the role goes on with a list of users that does not add up; None where it does not ask.
    :param variable: The name of the variable that says so.
    :param note: What else a person should know when there is a problem.
    """
    problem = _problem(tenant, allow_incomplete, variable)
    return f"{problem} {note}" if problem and note else problem


def _problem(tenant: Mapping[str, Any], allow_incomplete: bool | None, variable: str) -> str:
    if not tenant.get("readable"):
        problem = (tenant.get("problem") or {}).get("message") or tenant.get("msg") or "The tenant cannot be read."
        return one_line(problem)
    users = tenant.get("users") or {}
    total, visible = users.get("total"), users.get("visible")
    if total and visible == 0:
        return f"8x8 announces {counted(total, 'user')} and shows none of them. {HIDDEN_USERS}"
    if allow_incomplete is False and users.get("complete") is False:
        return (
            f"8x8 announces {counted(total or 0, 'user')} and shows {visible}. With {variable}: true, people are created and "
            "updated all the same, and nobody is deactivated."
        )
    return ""


def tenant_note(tenant: Mapping[str, Any]) -> str:
    """Return what a person should know of a tenant that shows nobody, or nothing."""
    users = tenant.get("users") or {}
    if not tenant.get("readable") or users.get("total") != 0:
        return ""
    return (
        "8x8 shows nobody in this tenant. That is right for the first import. If the tenant has users, creating them again is "
        f"refused for each of them. {HIDDEN_USERS}"
    )
