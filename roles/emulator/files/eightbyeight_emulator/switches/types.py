# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a switch is, and the kinds of values that a switch can have."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

EXTENSION_URN = "urn:ietf:params:scim:schemas:extension:8x8:1.1:User"
"""The URN that Microsoft, JumpCloud and third parties use (fact sheet, K1)."""

OTHER_EXTENSION_URN = "urn:8x8:scim:schemas:extension:8x8user:2.0:User"
"""The URN of 8x8's own Azure mapping pages (fact sheet, K1)."""

NORMALIZERS = ("strip", "upper", "lower", "digits", "nfc", "nfd")

WRITE_METHODS = ("POST", "PUT", "PATCH", "DELETE")


class SwitchError(ValueError):
    """A switch that does not exist, or a value that it does not have."""


@dataclass(frozen=True)
class Switch:
    """One unknown of the API: its possible values, the one we start with, and why it exists."""

    default: Any
    values: tuple[Any, ...]
    """The allowed values; empty when ``check`` decides."""

    meaning: str
    source: str
    check: Callable[[Any], Any] | None = None
    form: str = ""
    """How the values are written in documentation when ``check`` decides."""

    def allowed(self) -> str:
        """Return the allowed values as one line of text."""
        return self.form or " | ".join(
            str(value).lower() if isinstance(value, bool) else str(value) for value in self.values
        )

    def parse(self, name: str, value: Any) -> Any:
        """Return the canonical form of a value, so that ``"400"`` and ``400`` are the same choice."""
        if self.check is not None:
            try:
                return self.check(value)
            except (TypeError, ValueError):
                raise SwitchError(f"switch {name}: {value!r} is not one of: {self.allowed()}") from None
        for candidate in self.values:
            if str(candidate).lower() == str(value).lower():
                return candidate
        raise SwitchError(f"switch {name}: {value!r} is not one of: {self.allowed()}")


def integer(minimum: int | None) -> Callable[[Any], int]:
    """Return the check of a whole number."""

    def check(value: Any) -> int:
        if isinstance(value, bool):
            raise ValueError
        number = int(value)
        if minimum is not None and number < minimum:
            raise ValueError
        return number

    return check


def optional_integer(minimum: int) -> Callable[[Any], int | None]:
    """Return the check of a whole number, or of null for none."""
    check = integer(minimum)
    return lambda value: None if is_null(value) else check(value)


def number(least: float, below: float) -> Callable[[Any], float]:
    """Return the check of a number within bounds."""

    def check(value: Any) -> float:
        parsed = float(value)
        if isinstance(value, bool) or not least <= parsed < below:
            raise ValueError
        return parsed

    return check


def is_null(value: Any) -> bool:
    """Tell whether a value stands for null, which a command line gives as text."""
    return value is None or value in ("", "null", "none")


def paths(value: Any) -> list[str]:
    """Check a list of SCIM paths."""
    if not isinstance(value, list) or not all(isinstance(path, str) for path in value):
        raise ValueError
    return list(value)


def normalizers(value: Any) -> dict[str, str]:
    """Check a map of SCIM paths to the rules that rewrite their values."""
    if not isinstance(value, dict) or not all(
        isinstance(path, str) and rule in NORMALIZERS for path, rule in value.items()
    ):
        raise ValueError
    return dict(value)


def writes(value: Any) -> int | dict[str, int] | None:
    """Check a number of writes: null, one number for all of them, or a number for each HTTP method."""
    if not isinstance(value, dict):
        return optional_integer(0)(value)
    counts = {str(method).upper(): integer(0)(count) for method, count in value.items()}
    if not counts or set(counts) - set(WRITE_METHODS):
        raise ValueError
    return counts


def parse_rate(value: str) -> tuple[int, float]:
    """Return (requests, seconds) of a rate such as ``10/1s`` or ``100/60``."""
    match = re.fullmatch(r"(\d+)/(\d+(?:\.\d+)?)s?", value.strip())
    if match is None or float(match[2]) <= 0:
        raise ValueError(value)
    return int(match[1]), float(match[2])


def rate(value: Any) -> str | None:
    """Check a rate."""
    if is_null(value):
        return None
    if not isinstance(value, str):
        raise TypeError
    parse_rate(value)
    return value
