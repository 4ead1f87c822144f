# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The record of one run: the only thing that changes while it goes through its stages, and what progress and report read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .._base.clock import Clock
from .._client import ScimClient
from .._errors import EightByEightError
from .._http.connection import Connection
from .._memory import Memory
from .breaker import Breaker
from .entries import Entry
from .journal import Journal
from .options import RosterOptions
from .planfile import RosterPlan
from .reading import NOTHING_READ, Reading


class Forecast(NamedTuple):
    """The requests that are to come, and how long they take."""

    requests: int
    seconds: float
    by_verb: dict[str, int]


class Context(NamedTuple):
    """What all stages of a run share.

    :param client: A client of the tenant that reads.
    :param tell: Where lines of progress go, or None.
    """

    options: RosterOptions
    client: ScimClient
    memory: Memory
    journal: Journal
    tell: Callable[[str], None] | None

    @property
    def connection(self) -> Connection:
        return self.client.connection

    @property
    def clock(self) -> Clock:
        return self.client.clock

    def note(self, event: str, **facts: Any) -> None:
        self.journal.note(self.clock.wall(), event, **facts)


@dataclass
class Record:
    """What a run came to so far.

    :param entries: Each user with what is to be done, and what became of it.
    :param reading: What is known of the tenant.
    :param plan: What was planned, or approved.
    :param as_of: When the dates of the rows were judged; None where a plan from a file is applied.
    :param phase: What is under way.
    :param seen_before: When users were last changed, as the runs before saw it.
    :param changed_before: Login names of users who have changed since the plan was made, or since the last run.
    :param changed_during: Login names of users who were changed by somebody else in this run.
    :param unfinished: What could not be done or verified, where no row tells of it.
    :param refused_before: The rows that were refused when the plan was made, and why.
    """

    breaker: Breaker
    entries: list[Entry] = field(default_factory=list)
    reading: Reading = NOTHING_READ
    plan: RosterPlan | None = None
    as_of: str | None = None
    forecast: Forecast = field(default_factory=lambda: Forecast(0, 0.0, {}))
    warnings: list[str] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    phase: str = ""
    began: float = 0.0
    seen_before: dict[str, str] = field(default_factory=dict)
    changed_before: list[str] = field(default_factory=list)
    changed_during: list[str] = field(default_factory=list)
    unfinished: list[EightByEightError] = field(default_factory=list)
    refused_before: list[tuple[Mapping[str, Any], str]] = field(default_factory=list)

    @property
    def planned(self) -> list[Entry]:
        """The users who are to be changed, and were not tried yet."""
        return [entry for entry in self.entries if entry.status == "planned"]

    @property
    def from_file(self) -> bool:
        """Whether a plan from a file is applied."""
        return self.reading.scope == "plan"

    @property
    def complete(self) -> bool:
        """Whether what was read adds up."""
        return self.reading.listing.complete

    @property
    def failures(self) -> int:
        """How many changes were tried and failed."""
        return sum(entry.status == "failed" for entry in self.entries)
