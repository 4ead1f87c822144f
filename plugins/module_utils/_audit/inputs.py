# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The input of an audit: the checked options of its task, the roster, and the files that the options name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.clock import Clock
from .._base.names import invisible_character
from .._base.text import abbreviated, is_blank
from .._errors import BadOptionError
from .._ledger.followup import Followup
from .._ledger.store import load
from .._ledger.task import named_tenant
from .._rows.dates import Calendar
from .._rows.reader import InvalidRow, Roster, RosterError, Row, read_roster, scan_rows
from .._sync.protected import Protected
from .document import read_previous

#: The largest stale_days: a century.
_MOST_DAYS = 36_525
_MOST_COST = 1_000_000


class Inputs(NamedTuple):
    """The options of ``eightbyeight_audit_info`` and the content of the files that they name. Read before any request.

    :param calendar: The time of the audit, and the time zone of dates.
    :param roster: None if none was given.
    :param rows: The rows of the roster that can be read.
    :param invalid: Its other rows.
    :param stale_days: None if nobody counts as stale.
    :param license_cost: The price of one license a month, or None.
    :param ledger: The follow-ups of the tenant; None without a ledger.
    :param previous: The document of the previous audit, or None.
    :param missing: A sentence for each file that an option names and that does not exist.
    """

    tenant: str | None
    calendar: Calendar
    roster: Roster | None
    rows: Sequence[Row]
    invalid: Sequence[InvalidRow]
    protected: Protected
    stale_days: int | None
    license_cost: float | None
    license_ignore: Sequence[str]
    currency: str
    ledger: Sequence[Followup] | None
    previous: Mapping[str, Any] | None
    missing: Sequence[str]

    @classmethod
    def read(cls, options: Mapping[str, Any], clock: Clock) -> Inputs:
        """Read and check the options.

        :raises EightByEightError: When an option or a file is wrong.
        """
        calendar = Calendar.of(options, clock.wall())
        days, cost = options.get("stale_days"), options.get("license_cost")
        if days is not None and not 1 <= days <= _MOST_DAYS:
            raise BadOptionError(f"stale_days must be from 1 to {_MOST_DAYS}, not {abbreviated(days)}.")
        if cost is not None and not 0 <= cost <= _MOST_COST:
            raise BadOptionError(f"license_cost must be an amount from 0 to {_MOST_COST}, not {abbreviated(cost)}.")
        users = options.get("users")
        roster = None if is_blank(users) else read_roster(users)
        rows, invalid = scan_rows(() if roster is None else roster.users, calendar)
        if invalid and not rows and not any(row.is_only_duplicate for row in invalid):
            raise RosterError(invalid)
        tenant, missing = named_tenant(options), []
        path, earlier = options.get("ledger"), options.get("previous")
        ledger = [entry for entry in load(path) if entry.tenant == tenant] if path else None
        if path and not os.path.lexists(path):
            ledger = None
            missing.append(f"Manual actions are not counted, because there is no ledger {path}.")
        previous = read_previous(earlier, tenant) if earlier else None
        if earlier and previous is None:
            missing.append(f"There is no previous audit {earlier} yet, so changes cannot be shown.")
        return cls(
            tenant=tenant,
            calendar=calendar,
            roster=roster,
            rows=rows,
            invalid=invalid,
            protected=Protected(options.get("protected") or []),
            stale_days=days,
            license_cost=cost,
            license_ignore=_license_names(options.get("license_ignore") or []),
            currency=(options.get("currency") or "").strip(),
            ledger=ledger,
            previous=previous,
            missing=missing,
        )

    @property
    def partial(self) -> str | None:
        """Why the roster may lack somebody; None when there is no reason to think so."""
        if self.roster is not None and self.roster.partial:
            return self.roster.partial.rstrip(".")
        nameless = [row.number for row in self.invalid if not row.names]
        return f"row {nameless[0]} cannot be read and does not name a person" if nameless else None


def _license_names(patterns: Iterable[str]) -> list[str]:
    names = [pattern for pattern in patterns if pattern.strip()]
    for name in names:
        if odd := invisible_character(name):
            raise BadOptionError(
                f"license_ignore: {abbreviated(name)!r} contains the invisible character {odd}, so it matches no "
                "license. Remove it."
            )
    return names
