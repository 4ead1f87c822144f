# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The switches of the emulated tenant: one for each question about 8x8 that its documentation does not answer.

The numbers in ``source`` are those of the fact sheet about the 8x8 SCIM API ("11.3" is the third
unknown, "K4" the fourth contradiction, "3" the attribute table). If a source says what 8x8 does, that is
the default; else what a RFC says. Otherwise the default is the value that does the most damage to a careless client, as long as
a client can work with the tenant: what is a trouble and no habit, such as a delay or a listing that lies, is off.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .admin import ADMIN
from .answers import ANSWERS
from .changes import CHANGES
from .limits import LIMITS
from .questions import QUESTIONS
from .types import EXTENSION_URN, NORMALIZERS, OTHER_EXTENSION_URN, Switch, SwitchError, parse_rate
from .users import USERS

__all__ = [
    "EXTENSION_URN",
    "NORMALIZERS",
    "OTHER_EXTENSION_URN",
    "SWITCHES",
    "Switch",
    "SwitchError",
    "Switches",
    "parse_rate",
]

SWITCHES: Mapping[str, Switch] = {**USERS, **CHANGES, **QUESTIONS, **ANSWERS, **LIMITS, **ADMIN}


class Switches:
    """The positions of all switches, with attribute access.

    ``generation`` grows with every change, so that code that caches something that depends on a switch
    knows when the cache is out of date.
    """

    def __init__(self, positions: Mapping[str, Any] | None = None) -> None:
        self.generation = 0
        self._positions: dict[str, Any] = {}
        self.replace(positions or {})

    def replace(self, positions: Mapping[str, Any]) -> None:
        """Put every switch on its default, then move the named ones."""
        moved = self._parse(positions)
        self._positions = {name: switch.default for name, switch in SWITCHES.items()} | moved
        self.generation += 1

    def update(self, positions: Mapping[str, Any]) -> None:
        """Move the named switches; nothing moves when one of them is wrong."""
        self._positions = self._positions | self._parse(positions)
        self.generation += 1

    @staticmethod
    def _parse(positions: Mapping[str, Any]) -> dict[str, Any]:
        parsed = {}
        for name, value in positions.items():
            switch = SWITCHES.get(name)
            if switch is None:
                raise SwitchError(f"no switch named {name!r}; there are: {', '.join(SWITCHES)}")
            parsed[name] = switch.parse(name, value)
        return parsed

    def as_dict(self) -> dict[str, Any]:
        """Return the position of every switch."""
        return dict(self._positions)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_positions"][name]
        except KeyError:
            raise AttributeError(name) from None
