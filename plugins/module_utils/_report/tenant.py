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


def tenant_problem(tenant: Mapping[str, Any]) -> str:
    """Return why a role must stop before its first write, or nothing.

    :param tenant: What ``eightbyeight_tenant_info`` returned.
    """
    if not tenant.get("readable"):
        problem = (tenant.get("problem") or {}).get("message") or tenant.get("msg") or "The tenant cannot be read."
        return one_line(problem)
    users = tenant.get("users") or {}
    if users.get("total") and users.get("visible") == 0:
        return f"8x8 announces {counted(users['total'], 'user')} and shows none of them. {HIDDEN_USERS}"
    return ""


def incomplete_problem(tenant: Mapping[str, Any], shown: int | None) -> str:
    """Return why the role roster stops at a list of users that does not add up.

    :param shown: How many users the list has.
    """
    announced = (tenant.get("users") or {}).get("total")
    numbers = (
        f"8x8 announces {counted(announced, 'user')} and shows {shown}." if announced and shown is not None else ""
    )
    return (
        f"{numbers or 'The list of users that 8x8 shows does not add up.'} With roster_allow_incomplete: true, people are "
        "created and updated all the same, and nobody is deactivated."
    )


def tenant_note(tenant: Mapping[str, Any]) -> str:
    """Return what a person should know of a tenant that shows nobody, or nothing."""
    users = tenant.get("users") or {}
    if not tenant.get("readable") or users.get("total") != 0:
        return ""
    return (
        "8x8 shows nobody in this tenant. That is right for the first import. If the tenant has users, creating them again is "
        f"refused for each of them. {HIDDEN_USERS}"
    )
