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


class Figure(NamedTuple):
    """How a page shows a figure on its first screen.

    :param note: The text below it.
    :param unknown: The text below it when it is not known.
    :param tone: Its tone when it is not zero.
    """

    label: str
    note: str
    unknown: str
    tone: str


#: Named as in eightbyeight_audit_info, and as the tables that have their rows.
FIGURES: Mapping[str, Figure] = MappingProxyType(
    {
        "left_but_active": Figure("Left and still active", "the roster says they are gone", "needs a roster", "bad"),
        "orphaned": Figure("Orphaned accounts", "active, and in no row of the roster", "needs a roster", "warn"),
        "licenses_unused": Figure("Unused licenses", "", "SCIM does not show licenses", "warn"),
        "drifted": Figure("Differ from the roster", "values differ from the roster", "needs a roster", "change"),
        "missing": Figure("In the roster, no account", "in the roster, without an account", "needs a roster", "info"),
        "active_without_license": Figure(
            "Active without a license", "cannot make calls", "SCIM does not show licenses", "change"
        ),
        "stale": Figure("Stale", "by last change, not by activity", "needs stale_days", "quiet"),
        "manual_actions_overdue": Figure("Manual actions overdue", "", "needs a ledger", "bad"),
    }
)

_UNKNOWN = Situation(
    "Unknown", "warn", True, "This release of the collection does not know the situation of these accounts."
)


def known_name(name: Any) -> str:
    """Return the name of a situation, or ``unknown``."""
    return str(name) if name in SITUATIONS else "unknown"


def situation_of(name: str) -> Situation:
    """Return how a page shows a situation."""
    return SITUATIONS.get(name, _UNKNOWN)


def by_urgency(counts: Mapping[str, int]) -> list[str]:
    """Return the situations with a count, the most urgent first."""
    return [name for name in (*SITUATIONS, "unknown") if counts.get(name)]
