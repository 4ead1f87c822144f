# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The due date of a follow-up, and how long a closed follow-up is kept. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from .._base.text import abbreviated
from .._errors import BadOptionError
from .followup import is_date

_DURATION = re.compile(r"\s*(\d{1,6})\s*([dw])\s*")
_DAYS = {"d": 1, "w": 7}
_DUE = "a date such as 2026-12-01, a number of days from the day it is opened such as +5d, or a dictionary of these by action"


class Due:
    """The rule of the option ``due``.

    :param value: A date, a number of days such as ``+5d``, or a dictionary of these by action.
    :raises BadOptionError: When it is something else.
    """

    def __init__(self, value: Any = None) -> None:
        rules: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        self._rules = {str(action): _checked(rule, f"due, {abbreviated(action)},") for action, rule in rules.items()}
        self._rest = None if isinstance(value, Mapping) else _checked(value, "due")

    def of(self, action: str, opened: str) -> str | None:
        """Return the due date of a follow-up, or None.

        :param opened: When it was opened.
        """
        rule = self._rules.get(action, self._rest)
        if rule is None or not rule.startswith("+"):
            return rule
        day = dt.date.fromisoformat(opened[:10])
        try:
            return (day + dt.timedelta(days=_days(rule[1:]) or 0)).isoformat()
        except OverflowError:
            return dt.date.max.isoformat()

    def moves(self, action: str) -> bool:
        """Return whether the rule is a date. A date also changes open follow-ups; a number of days does not."""
        rule = self._rules.get(action, self._rest)
        return rule is not None and not rule.startswith("+")


def _checked(rule: Any, name: str) -> str | None:
    """Return a rule as text; None when it is empty."""
    text = "" if rule is None else str(rule).strip()
    if not text:
        return None
    if is_date(text) or (text.startswith("+") and _days(text[1:]) is not None):
        return text
    raise BadOptionError(f"{name} must be {_DUE}, not {abbreviated(rule)!r}.")


def _days(text: str) -> int | None:
    match = _DURATION.fullmatch(text.lower())
    return int(match[1]) * _DAYS[match[2]] if match else None


def oldest_kept(keep: str, now: float) -> str:
    """Return the date before which closed follow-ups are removed.

    :param keep: How long closed follow-ups are kept, such as ``400d``.
    :param now: Seconds since the epoch.
    :raises BadOptionError: When ``keep`` is not a duration.
    """
    days = _days(keep)
    if not days:
        raise BadOptionError(f"keep must be a number of days or weeks, such as 400d or 52w, not {abbreviated(keep)!r}.")
    today = dt.datetime.fromtimestamp(now, dt.timezone.utc).date()
    return (today - dt.timedelta(days=min(days, today.toordinal() - 1))).isoformat()
