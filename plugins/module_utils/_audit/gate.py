# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The gate of the role audit: the highest allowed value of each figure. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._base.empty import AUDIT_FIGURES, AUDIT_SITUATIONS, AUDIT_SITUATIONS_WITHOUT_ROSTER

#: What a gate can check: all figures, and the counts of situations that have no figure.
NAMES = tuple(dict.fromkeys((*AUDIT_FIGURES, *AUDIT_SITUATIONS, *AUDIT_SITUATIONS_WITHOUT_ROSTER)))


def gate_failures(result: Mapping[str, Any], limits: Mapping[str, float]) -> list[str]:
    """Return why an audit does not pass, as sentences; empty when it passes.

    An unknown figure does not pass. An incomplete audit does not pass.

    :param limits: Figure or situation -> highest allowed value.
    """
    if not limits:
        return []
    failures = (
        [] if result["complete"] else ["The audit is incomplete, and an incomplete audit never passes audit_fail_on."]
    )
    for name, most in limits.items():
        known = name in result["figures"] or result["complete"]
        value = result["figures"].get(name, result["situations"].get(name)) if known else None
        if value is None:
            formula = result["formulas"].get(name) or "This audit does not have that situation."
            failures.append(f"{name} is not known. {formula}")
        elif value > most:
            failures.append(f"{name} is {value:g}, and the limit is {most:g}.")
    return failures
