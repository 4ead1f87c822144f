# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The title and note of each audit situation, the label of each figure, and their order on a page."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple


class Situation(NamedTuple):
    """How a page shows a situation.

    :param needs_action: Whether a person has to decide or do something.
    :param note: What it means and what to do.
    """

    title: str
    tone: str
    needs_action: bool
    note: str


#: In the order of urgency. The names are those of eightbyeight_audit_info.
SITUATIONS: Mapping[str, Situation] = MappingProxyType(
    {
        "left_but_active": Situation(
            "Left and still active",
            "bad",
            True,
            "The roster says that these people left, but their accounts are still active. Deactivate them with the role "
            "offboarding, or run the roster.",
        ),
        "orphaned": Situation(
            "Orphaned",
            "warn",
            True,
            "These accounts are active, but no row of the roster names them. Find their owners, then add them to the roster, "
            "protect them or deactivate them.",
        ),
        "drifted": Situation(
            "Drifted",
            "change",
            True,
            "The values in 8x8 differ from the roster. Run the roster to correct them.",
        ),
        "missing": Situation(
            "Missing",
            "info",
            True,
            "The roster names these people, but they have no account. Run the roster to create them.",
        ),
        "duplicate": Situation(
            "Duplicate",
            "odd",
            True,
            "Several accounts have the same login name. Decide in Admin Console which one to keep.",
        ),
        "ambiguous": Situation(
            "Ambiguous",
            "odd",
            True,
            "A row of the roster matches several accounts. Add user_id to the row to say which one it means.",
        ),
        "unreadable": Situation(
            "Unreadable",
            "odd",
            True,
            "These accounts or rows cannot be read. The column Why says what is wrong.",
        ),
        "waiting": Situation(
            "Waiting", "quiet", False, "These people start or leave later. There is nothing to do yet."
        ),
        "protected": Situation("Protected", "quiet", False, "The protected option names these accounts."),
        "inactive": Situation("Inactive", "quiet", False, "These accounts are deactivated, and no row names them."),
        "active": Situation(
            "Active", "good", False, "These accounts are active. No roster was given to compare them with."
        ),
        "in_sync": Situation("In sync", "good", False, "These accounts match the roster."),
    }
)

#: How the page calls each figure of the first screen, and the table that has its rows.
FIGURES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "left_but_active": ("Left and still active", "left_but_active"),
        "orphaned": ("Orphaned accounts", "orphaned"),
        "licenses_unused": ("Unused licenses", "licenses_unused"),
        "drifted": ("Differ from the roster", "drifted"),
        "missing": ("In the roster, no account", "missing"),
        "active_without_license": ("Active without a license", "active_without_license"),
        "stale": ("Stale", "stale"),
        "manual_actions_overdue": ("Manual actions overdue", ""),
    }
)

_UNKNOWN = Situation(
    "Unknown", "warn", True, "This release of the collection does not know the situation of these accounts."
)


def known(name: Any) -> str:
    """Return the name of a situation, or ``unknown``."""
    return str(name) if name in SITUATIONS else "unknown"


def of(name: str) -> Situation:
    """Return how a page shows a situation."""
    return SITUATIONS.get(name, _UNKNOWN)


def needs_action(name: str) -> bool:
    """Return whether a person has to do something."""
    return of(name).needs_action


def ordered(counts: Mapping[str, int]) -> list[str]:
    """Return the situations with a count, the most urgent first."""
    return [name for name in (*SITUATIONS, "unknown") if counts.get(name)]
