# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The limits: how many changes of each kind one run may make. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from .._base.empty import OPERATIONS
from .._base.text import abbreviated
from .._errors import BadOptionError, EightByEightError
from .._plan import Change

#: The kinds of change that can be limited. ``clear`` counts people who lose a value, in addition to their other kind.
KINDS = ("create", "update", "deactivate", "reactivate", "clear")
DEFAULTS = {"create": "25% or 25", "deactivate": "10% or 2", "reactivate": "5% or 5", "clear": "10% or 10"}

_COUNT = re.compile(r"\d{1,12}")
_PERCENTAGE = re.compile(r"(\d{1,3}(?:\.\d{1,9})?)\s*%")


class Limit(NamedTuple):
    """How many changes of one kind are allowed: a number, a percentage of the users of the tenant, or the larger of both.

    :param text: The limit as given.
    """

    number: int | None
    percentage: Decimal | None
    text: str

    def fault(self, planned: int, size: int | None) -> str | None:
        """Return why so many changes are not allowed, or None.

        :param size: How many users the tenant shows; None when that is not known.
        """
        if planned <= (self.number or 0):
            return None
        if self.percentage is None:
            return f"{planned} planned, limit {self.number}"
        if size is None:
            return f"{planned} planned, and 8x8 does not say how many users there are, so {self.text} cannot be judged"
        if planned <= int(self.percentage * size / 100):
            return None
        number = "" if self.number is None else f" or {self.number}"
        return f"{planned} planned, limit {self.percentage}% of {size} users{number}"


Limits = Mapping[str, Limit]


def read_limits(given: Mapping[str, Any] | None) -> dict[str, Limit]:
    """Read the limits in the option: kind -> limit.

    :raises BadOptionError: For an unknown kind, or a limit that is neither a count nor a percentage.
    """
    limits = {}
    for kind, value in (given or {}).items():
        if kind not in KINDS:
            raise BadOptionError(f"limits: {abbreviated(kind)} is not one of the kinds of change: {', '.join(KINDS)}.")
        try:
            limits[kind] = read_limit(value)
        except BadOptionError as error:
            raise BadOptionError(f"limits: {kind} {error.message}.") from None
    return limits


def with_defaults(given: Limits, *, is_empty: bool) -> dict[str, Limit]:
    """Return limits with the default of each kind that was not given.

    :param is_empty: Whether the tenant has no users. The first import creates all of them, so it has no limit for that.
    """
    return {
        **{kind: read_limit(text) for kind, text in DEFAULTS.items() if kind != "create" or not is_empty},
        **given,
    }


def read_limit(value: Any) -> Limit:
    """Read one limit.

    :raises BadOptionError: With a message to which the caller adds the name of the limit.
    """
    text = abbreviated(" ".join(value.split()) if isinstance(value, str) else value)
    parts = text.split(" or ")
    counts = [int(part) for part in parts if _COUNT.fullmatch(part)]
    percentages = [Decimal(match[1]) for part in parts if (match := _PERCENTAGE.fullmatch(part))]
    is_at_most_one_of_each = len(counts) <= 1 and len(percentages) <= 1
    if not is_at_most_one_of_each or len(counts) + len(percentages) < len(parts) or max(percentages, default=0) > 100:
        wanted = 'a count such as 5, a percentage such as "10%", or both ("10% or 5": the larger one counts)'
        raise BadOptionError(f"must be {wanted}, not {text!r}")
    return Limit(next(iter(counts), None), next(iter(percentages), None), text)


def as_given(limits: Limits) -> dict[str, str]:
    """Return limits in the format of a plan."""
    return {kind: limits[kind].text for kind in KINDS if kind in limits}


def count_kinds(changes: Iterable[Change]) -> dict[str, int]:
    """Count planned changes by the kinds that can be limited."""
    counts = dict.fromkeys(KINDS, 0)
    for change in changes:
        counts[OPERATIONS[change.operation]] += 1
        counts["clear"] += any(
            _is_lost(name, value, change.after[name]) for name, value in (change.before or {}).items()
        )
    return counts


def _is_lost(name: str, before: Any, after: Any) -> bool:
    """Say whether a user loses a value without getting another one. Phone numbers are compared by type."""
    if name == "phone_numbers":
        return not {number["type"] for number in before or ()} <= {number["type"] for number in after or ()}
    return name != "active" and bool(before) and not after


def check_limits(planned: Mapping[str, int], size: int | None, *limits: Limits, hint: str = "") -> None:
    """Refuse a plan with more changes than the limits allow.

    :param planned: Kind -> number of changes.
    :param size: How many users the tenant shows; None when that is not known.
    :param limits: Sets of limits; each of them must allow the plan.
    :param hint: A sentence about rows that name nobody in the tenant.
    :raises EightByEightError: ``limit_exceeded``, with the limits that would allow the plan.
    """
    exceeded = {
        kind: f"{kind}: {fault}"
        for allowed in limits
        for kind in KINDS
        if kind in allowed and (fault := allowed[kind].fault(planned[kind], size))
    }
    if exceeded:
        raise EightByEightError(
            f"The plan goes beyond its limits, and nothing was changed ({'; '.join(exceeded.values())}). {hint}"
            f"If that many are right, run again with limits {{{', '.join(f'{kind}: {planned[kind]}' for kind in exceeded)}}} "
            "(roster_limits of the role roster).",
            kind="limit_exceeded",
        )
