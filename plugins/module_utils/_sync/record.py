# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The record of one run, with an entry for each user: the only thing that changes while the run goes through its stages."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .._base.clock import Clock
from .._base.task_warning import TaskWarning
from .._base.text import redact_all, visible
from .._client import ScimClient
from .._errors import EightByEightError
from .._files import save
from .._http.connection import Connection
from .._memory import Memory
from .._plan import UNCHANGED, Change, not_as_wanted
from .._resource.user import User
from .._rows.reader import Row
from .._wanted import Wanted
from . import planfile
from .breaker import Breaker
from .journal import Journal
from .options import RosterOptions
from .reading import NOTHING_READ, Reading


@dataclass
class Entry:
    """One user on the way through a roster.

    :param wanted: What is asked for.
    :param row: The row that asks for it; None for a user that the roster does not name, and for a row of a plan.
    :param current: The user as the listing showed it, or None where there is none.
    :param change: What is to be done.
    :param status: ``unchanged``, ``planned``, ``done``, ``failed``, ``refused``, ``protected``, ``unlisted``,
        ``waiting`` or ``skipped``.
    :param error: Why it was refused, or failed.
    :param planned: The row of an approved plan.
    :param sent: Whether a write may have reached the server.
    :param applied: Whether one did, whatever failed after it.
    :param user: The user as the server showed it after the write.
    :param actions: What a person must still do.
    :param not_taken: The attributes that were not stored as given.
    :param unverified: Whether nothing has shown yet that a switch of active was done, so that only the verification can.
    """

    wanted: Wanted
    row: Row | None = None
    current: User | None = None
    change: Change = UNCHANGED
    status: str = "unchanged"
    error: EightByEightError | None = None
    planned: Mapping[str, Any] | None = None
    sent: bool = False
    applied: bool = False
    user: Mapping[str, Any] | None = None
    actions: Sequence[dict[str, Any]] = ()
    not_taken: Sequence[str] = ()
    warnings: Sequence[TaskWarning] = ()
    unverified: bool = False

    @property
    def who(self) -> str:
        """The user, as people name them."""
        if self.current is not None and self.current.user_name:
            return self.current.user_name
        return self.wanted.who

    @property
    def names(self) -> list[str]:
        """How a message may name the user."""
        given = self.wanted.attributes
        names = (self.who, self.id, self.wanted.user_name, given.get("external_id"), given.get("email"))
        return [name for name in names if name]

    @property
    def id(self) -> str | None:
        seen = self.user or ({} if self.current is None else self.current.view)
        return seen.get("id") or self.wanted.user_id

    @property
    def operation(self) -> str:
        """What is or was to be done."""
        return "unchanged" if self.status == "unchanged" else self.change.operation

    @property
    def journal_facts(self) -> dict[str, Any]:
        """What the journal notes of it."""
        number = self.row.number if self.row else None
        return {"id": self.id, "row": number, "user_name": self.who, "operation": self.operation}

    @property
    def follow_up_facts(self) -> dict[str, Any]:
        """What the journal notes of its manual actions, so that a run that is killed after this loses none."""
        login = (self.user or {}).get("user_name") or self.wanted.user_name
        return {"login": login, "actions": [action["action"] for action in self.actions]}

    @property
    def removes_access(self) -> bool:
        """Whether it takes access away; nobody loses it before everything else is done."""
        return self.operation == "deactivated"

    @property
    def given(self) -> Mapping[str, Any] | None:
        """The row of the roster as it came, or one that asks for what a row of a plan does; None where there is neither."""
        if self.row is not None or self.planned is None:
            return None if self.row is None else self.row.given
        after = {name: "" if value is None else value for name, value in self.planned["after"].items()}
        given = {"user_name": self.planned["user_name"], "user_id": self.planned["id"], **after}
        return {name: value for name, value in given.items() if value is not None}

    @property
    def stays_inactive(self) -> bool:
        """Whether it is about somebody who is inactive, and does not say what is to become of that."""
        if self.row is None or self.current is None or self.current.active or self.status == "protected":
            return False
        return self.row.wanted.active is None and not self.wanted.absent

    @property
    def user_after(self) -> Mapping[str, Any] | None:
        """The user as it is afterwards, or would be in check mode; None where that is not known."""
        if self.status == "planned" and self.change.user is not None:
            return self.change.user
        if self.user is not None or self.sent:
            return self.user
        return None if self.current is None else self.current.view

    @property
    def not_stored(self) -> list[str]:
        """The attributes that 8x8 did not store as given, now or in a run before."""
        if self.not_taken or self.status != "unchanged" or self.row is None or self.current is None:
            return list(self.not_taken)
        return list(not_as_wanted(self.wanted, self.current))

    def refuse(self, error: EightByEightError) -> None:
        """Refuse it before anything was sent."""
        self.status, self.error = "refused", error

    def fail(self, error: EightByEightError) -> None:
        """Note that it failed, although it may have been confirmed before."""
        self.status, self.error = "failed", error

    def result(self) -> dict[str, Any]:
        """Return the entry of ``results``."""
        change = self.change
        before = None if change.before is None else dict(change.before)
        return {
            "row": self.row.number if self.row else None,
            "user_name": self.who,
            "id": self.id,
            "operation": self.operation,
            "status": self.status,
            "changes": {"before": before, "after": dict(change.after)} if change.changed else {},
            "user": dict(after) if (after := self.user_after) is not None else None,
            "not_stored": self.not_stored,
            "error": None if self.error is None else {**self.error.to_result()["error"], "message": self.error.message},
        }

    def plan_row(self) -> dict[str, Any]:
        """Return the row of a plan."""
        current = self.current
        return {
            "row": self.row.number if self.row else None,
            "user_name": self.wanted.user_name if current is None else current.user_name,
            "id": self.id,
            "operation": self.operation,
            "active": None if current is None else current.active,
            "before": self.change.before,
            "after": self.change.after,
            "last_modified": None if current is None else current.view["last_modified"],
        }


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

    def protects(self, entry: Entry) -> bool:
        """Say whether a user is never touched."""
        return self.options.protected.covers(entry.who, entry.wanted.user_name)

    def note(self, event: str, **facts: Any) -> None:
        self.journal.note(self.clock.wall(), event, **facts)

    def write_plan(self, record: Record, option: str, rows: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
        """Make a plan, and write it to the file that an option names, where it does.

        :param more: As for :func:`planfile.document`.
        """
        # A server may have made the token somebody's title.
        redacted, tenant = redact_all(rows, self.connection.token), self.connection.base_url
        facts = {"complete": record.complete, "as_of": record.as_of, **more}
        plan = planfile.document(tenant, redacted, self.clock.wall(), **facts)
        if path := self.options.path(option):
            save(path, json.dumps(plan, indent=1) + "\n")
        return plan

    def say(self, line: str) -> None:
        """Show a line, if the task wants any."""
        if self.tell is not None:
            self.tell(visible(f"eightbyeight_roster: {line}"))


@dataclass
class Record:
    """What a run came to so far.

    :param entries: Each user with what is to be done, and its outcome.
    :param reading: What is known of the tenant.
    :param plan: What was planned, or approved.
    :param as_of: When the dates of the rows were judged; None where a plan from a file is applied.
    :param phase: What is under way.
    :param seen_before: When users were last changed, as the runs before saw it.
    :param changed_before: Login names of users who have changed since the plan was made, or since the last run.
    :param unfinished: What could not be done or verified, where no row tells of it.
    :param refused_before: The rows that were refused when the plan was made, and why.
    """

    breaker: Breaker
    entries: list[Entry] = field(default_factory=list)
    reading: Reading = NOTHING_READ
    plan: planfile.RosterPlan | None = None
    as_of: str | None = None
    forecast: Forecast = field(default_factory=lambda: Forecast(0, 0.0, {}))
    warnings: list[str] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    phase: str = ""
    began: float = 0.0
    seen_before: dict[str, str] = field(default_factory=dict)
    changed_before: list[str] = field(default_factory=list)
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
    def changed_during(self) -> list[str]:
        """Login names of users who were changed by somebody else in this run."""
        kind = "changed_meanwhile"
        return sorted(entry.who for entry in self.entries if kind in [warning.kind for warning in entry.warnings])

    @property
    def failures(self) -> int:
        """How many changes were tried and failed."""
        return sum(entry.status == "failed" for entry in self.entries)
