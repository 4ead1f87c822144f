# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The input of an audit: the checked options of its task, the roster, and the files that the options name."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.clock import Clock
from .._base.names import invisible_character
from .._base.text import abbreviated
from .._errors import BadOptionError
from .._ledger.followup import Followup
from .._ledger.store import load
from .._ledger.task import named_tenant
from .._rows.dates import Calendar
from .._rows.reader import Roster, RosterError, read_roster, scan_rows
from .._sync.protected import Protected
from .document import Previous, read_previous, why_not_compared
from .people import Rows

#: The largest stale_days: a century.
_MOST_DAYS = 36_525
_MOST_COST = 1_000_000


class Given(NamedTuple):
    """The options of ``eightbyeight_audit_info`` and the content of the files that they name. Read before any request.

    :param calendar: The time of the audit, and the time zone of dates.
    :param roster: None if none was given.
    :param rows: The rows of the roster.
    :param stale_days: None if nobody counts as stale.
    :param license_cost: The price of one license a month, or None.
    :param ledger: The follow-ups of the tenant; None without a ledger.
    :param no_ledger: Why the given ledger cannot be used, or None.
    :param previous: None without a previous audit.
    :param no_previous: A sentence that says why the given previous audit cannot be used, or None.
    """

    tenant: str | None
    calendar: Calendar
    roster: Roster | None
    rows: Rows | None
    protected: Protected
    stale_days: int | None
    license_cost: float | None
    license_ignore: Sequence[str]
    currency: str
    ledger: Sequence[Followup] | None
    no_ledger: str | None
    previous: Previous | None
    no_previous: str | None

    @classmethod
    def read(cls, options: Mapping[str, Any], clock: Clock) -> Given:
        """Read and check the options.

        :raises EightByEightError: When an option or a file is wrong.
        """
        calendar = Calendar.of(options, clock.wall())
        days, cost = options.get("stale_days"), options.get("license_cost")
        if days is not None and not 1 <= days <= _MOST_DAYS:
            raise BadOptionError(f"stale_days must be from 1 to {_MOST_DAYS}, not {abbreviated(days)}.")
        if cost is not None and not (math.isfinite(cost) and 0 <= cost <= _MOST_COST):
            raise BadOptionError(f"license_cost must be an amount from 0 to {_MOST_COST}, not {abbreviated(cost)}.")
        users = options.get("users")
        roster = None if users is None or (isinstance(users, str) and not users.strip()) else read_roster(users)
        rows = None if roster is None else _read_rows(roster, calendar)
        tenant = named_tenant({**options, "tenant": None})
        path, no_previous = options.get("previous"), None
        previous = read_previous(path) if path else None
        if previous is not None:
            why_not_compared(previous, tenant, with_roster=rows is not None, complete=True)
        elif path:
            no_previous = f"There is no previous audit {path} yet, so changes cannot be shown."
        path = options.get("ledger")
        ledger = [each for each in load(path) if each.tenant == tenant] if path else None
        is_there = not path or os.path.lexists(path)
        return cls(
            tenant=tenant,
            calendar=calendar,
            roster=roster,
            rows=rows,
            protected=Protected(options.get("protected") or []),
            stale_days=days,
            license_cost=cost,
            license_ignore=_license_names(options.get("license_ignore") or []),
            currency=(options.get("currency") or "").strip(),
            ledger=ledger if is_there else None,
            no_ledger=None if is_there else f"there is no ledger {path}",
            previous=previous,
            no_previous=no_previous,
        )

    @property
    def partial(self) -> str | None:
        """Why the roster may lack somebody; None when there is no reason to think so."""
        if self.roster is None or self.rows is None:
            return None
        if self.roster.partial:
            return self.roster.partial.rstrip(".")
        nameless = [row.number for row in self.rows.wrong if not row.named]
        return f"row {nameless[0]} cannot be read and does not name a person" if nameless else None


def _read_rows(roster: Roster, calendar: Calendar) -> Rows:
    """Read the rows of the roster.

    :raises RosterError: When none of them can be read.
    """
    rows = Rows(*scan_rows(roster.users, calendar))
    if rows.wrong and not any(row.is_only_repeated for row in rows.wrong) and not rows.read:
        raise RosterError(rows.wrong)
    return rows


def _license_names(patterns: Iterable[str]) -> list[str]:
    names = [pattern for pattern in patterns if pattern.strip()]
    for name in names:
        if odd := invisible_character(name):
            raise BadOptionError(
                f"license_ignore: {abbreviated(name)!r} contains the invisible character {odd}, so it matches no "
                "license. Remove it."
            )
    return names
