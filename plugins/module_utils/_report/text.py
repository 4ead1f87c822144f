# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Text for terminals and Markdown. Names and values from outside are escaped, so that they cannot act as markup."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from .._base.text import shortened, visible

#: The longest piece of a value in a report.
_LONGEST_VALUE = 500
_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<|~&])")
#: The kinds of error when only rows failed, or nothing. All other kinds are about the run as a whole.
ROW_ERRORS_ONLY = ("", "rows_failed")
#: Option of the module -> variable of the role, if it is not the option with the prefix ``roster_``.
_VARIABLES = {"apply_plan": "roster_plan_file", "plan_digest": "roster_approved_digest"}
#: Options that a message may name: words that can only be options, and words that are options before a colon or "must be".
_OPTION_NAMES = re.compile(
    r"(?<![\w.])(?:(?:apply_plan|plan_file|plan_digest|plan_valid_for|max_failures|on_error|requests_per_minute)\b"
    r"|(?:users|unlisted|protected|limits|canary|concurrency|progress)(?=:| must be | is empty|=))"
)
#: The part of a message that says which limits would allow a plan.
_LIMITS = re.compile(r"\blimits (\{[^}]*\}) \(roster_limits of the role roster\)")


def one_line(text: Any) -> str:
    """Return text as one line, with control characters escaped."""
    return visible(" ".join(str("" if text is None else text).split()))


def markdown(text: Any) -> str:
    """Return text escaped for Markdown, as one line."""
    return _MARKDOWN_SIGNS.sub(r"\\\1", one_line(text))


def shown_value(value: Any) -> str:
    """Return a value for people, in quotes when it has blanks or invisible characters that are easy to overlook."""
    if value is None or value in ("", []):
        return "(empty)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        hidden = value != value.strip() or "  " in value or not value.isprintable()
        text = json.dumps(value, ensure_ascii=not value.isprintable()) if hidden else value
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return shortened(text, _LONGEST_VALUE)


def changes_of(row: Mapping[str, Any], shown: Callable[[Any], str]) -> list[tuple[str, str, str]]:
    """Return the name of each attribute that changes, and its values before and after; "" before, when there was no user."""
    changes = row.get("changes") or {}
    before, after = changes.get("before") or {}, changes.get("after") or {}
    return [(name, shown(before.get(name)) if before else "", shown(value)) for name, value in after.items()]


def reason_of(row: Mapping[str, Any]) -> str:
    """Return why a row failed or was refused; empty when it was not."""
    return str((row.get("error") or {}).get("message") or "")


def kind_of(result: Mapping[str, Any]) -> str:
    """Return the kind of the error of a row or of a task; empty when there is none."""
    return str((result.get("error") or {}).get("kind") or "")


def message_of(result: Mapping[str, Any]) -> str:
    """Return the message of a task that failed."""
    return one_line(result.get("msg") or "The module failed without a message.")


def role_terms(message: str) -> str:
    """Return a message of ``eightbyeight_roster`` with the names of the variables of the role."""
    message = _LIMITS.sub(r"roster_limits \1", message)
    return _OPTION_NAMES.sub(lambda match: _VARIABLES.get(match.group(), f"roster_{match.group()}"), message)
