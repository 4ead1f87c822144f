# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What a page says of each situation of an audit and of each figure, and the order of situations."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class Situation(NamedTuple):
    """How a situation is told.

    :param needs_somebody: Whether a person has to decide or do something.
    :param note: What it means, and what to do.
    """

    title: str
    tone: str
    needs_somebody: bool
    note: str


#: In the order of urgency. The names are those of eightbyeight_audit_info.
SITUATIONS: Mapping[str, Situation] = MappingProxyType(
    {
        "left_but_active": Situation(
            "Left and still active",
            "bad",
            True,
            "The roster says that these people are gone, and their accounts still work. Deactivate them with the "
            "role offboarding, or with the next run of the roster.",
        ),
        "orphaned": Situation(
            "Orphaned",
            "warn",
            True,
            "These accounts are active, and no row of the roster names them. Find their owners: add them to the roster, "
            "protect them, or deactivate them.",
        ),
        "drifted": Situation(
            "Drifted",
            "change",
            True,
            "8x8 has other values than the roster. The next run of the roster corrects them.",
        ),
        "missing": Situation(
            "Missing",
            "info",
            True,
            "The roster names these people, and they have no account. The next run of the roster creates them.",
        ),
        "duplicate": Situation(
            "Duplicate",
            "odd",
            True,
            "Two accounts have the same login name. Keep one of them, in Admin Console.",
        ),
        "ambiguous": Situation(
            "Ambiguous",
            "odd",
            True,
            "A row of the roster matches several accounts. Name the account by user_id in the roster.",
        ),
        "unreadable": Situation(
            "Unreadable",
            "odd",
            True,
            "8x8 answered with something that is not a user, so nothing is known about these accounts.",
        ),
        "waiting": Situation(
            "Waiting", "quiet", False, "These people start later, or leave later, and nothing is to be done yet."
        ),
        "protected": Situation("Protected", "quiet", False, "The list of protected accounts names them."),
        "inactive": Situation("Inactive", "quiet", False, "These accounts are deactivated and in no row."),
        "active": Situation("Active", "good", False, "No roster was given to compare these accounts with."),
        "in_sync": Situation("In sync", "good", False, "These accounts are as the roster says."),
    }
)

#: How the page calls each figure of the first screen, and the table that has its rows.
FIGURES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "left_but_active": ("Left and still active", "left_but_active"),
        "orphaned": ("Orphaned accounts", "orphaned"),
        "licenses_unused": ("Licenses nobody uses", "licenses_unused"),
        "drifted": ("Differ from the roster", "drifted"),
        "missing": ("In the roster, no account", "missing"),
        "active_without_license": ("Active without a license", "active_without_license"),
        "stale": ("Not changed for long", "stale"),
        "manual_actions_overdue": ("Manual actions overdue", ""),
    }
)

_UNKNOWN = Situation("Unknown", "warn", True, "This page does not know the situation of these accounts.")


def known(name: Any) -> str:
    """Return the name of a situation, or ``unknown``."""
    return str(name) if name in SITUATIONS else "unknown"


def of(name: str) -> Situation:
    """Return how a situation is told."""
    return SITUATIONS.get(name, _UNKNOWN)


def acts(name: str) -> bool:
    """Say whether somebody has to act."""
    return of(name).needs_somebody


def ordered(counts: Mapping[str, int]) -> list[str]:
    """Return the situations that there are, the most urgent first."""
    return [name for name in (*SITUATIONS, "unknown") if counts.get(name)]
