# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The gate of the role audit: which figures may be how high. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._base.empty import AUDIT_FIGURES, AUDIT_SITUATIONS, AUDIT_SITUATIONS_WITHOUT_ROSTER

#: What a gate can look at: every figure, and how many are in a situation that has no figure of its own.
NAMES = (
    *AUDIT_FIGURES,
    *(name for name in (*AUDIT_SITUATIONS, *AUDIT_SITUATIONS_WITHOUT_ROSTER) if name not in AUDIT_FIGURES),
)


def gate_failures(result: Mapping[str, Any], limits: Mapping[str, float]) -> list[str]:
    """Return why an audit does not pass, a sentence each; nothing where it does.

    What is not known does not pass, and neither does an audit that did not see everybody.

    :param limits: Figure or situation -> the most that it may be.
    """
    if not limits:
        return []
    failures = [] if result["complete"] else ["The audit is incomplete, so it fails audit_fail_on for any figures."]
    for name, most in limits.items():
        known = name in result["figures"] or result["complete"]
        value = result["figures"].get(name, result["situations"].get(name)) if known else None
        if value is None:
            formula = result["formulas"].get(name) or "This audit does not have that situation."
            failures.append(f"{name} is not known. {formula}")
        elif value > most:
            failures.append(f"{name} is {value:g}, and may be {most:g} at most.")
    return failures
