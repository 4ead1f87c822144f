# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Messages of the module with the names of the role's variables: ``roster_limits`` was set, not ``limits``."""

from __future__ import annotations

import re

#: Option of the module -> variable of the role, where they differ by more than the name of the role.
_VARIABLES = {"apply_plan": "roster_plan_file", "plan_digest": "roster_approved_digest"}
#: Options that a message may name: words that are nothing else, and those that stand before a colon or in brackets.
_OPTIONS = (
    "apply_plan",
    "plan_file",
    "plan_digest",
    "plan_valid_for",
    "max_failures",
    "on_error",
    "requests_per_minute",
)
_WORDS = ("users", "unlisted", "protected", "limits", "canary", "concurrency", "progress")
_NAMED = re.compile(rf"(?<![\w.])(?:(?:{'|'.join(_OPTIONS)})\b|(?:{'|'.join(_WORDS)})(?=:| must be | is empty|=))")
#: Which limits would let a plan through, with the name that the role has for them.
_LIMITS = re.compile(r"\blimits (\{[^}]*\}) \(roster_limits of the role roster\)")


def role_words(message: str) -> str:
    """Return a message of the module ``eightbyeight_roster`` with the names that the role gives its options."""
    message = _LIMITS.sub(r"roster_limits \1", message)
    return _NAMED.sub(lambda match: _VARIABLES.get(match.group(), f"roster_{match.group()}"), message)
