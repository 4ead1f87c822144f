# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The options of an audit: checked, and read once."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._base.text import abbreviated
from .._errors import BadOptionError
from .._rows.dates import Calendar, read_moment, read_zone
from .._rows.given import Roster, read_roster
from .._sync.protected import Protected

#: The longest time after which somebody may count as stale: a century.
_MOST_DAYS = 36_525
_MOST_COST = 1_000_000


class AuditOptions(NamedTuple):
    """The options of ``eightbyeight_audit_info``, see its documentation.

    :param roster: None where there is no roster.
    :param calendar: The moment of the audit, and whose days dates are.
    :param stale_days: None where nobody is to be called stale.
    :param license_cost: Of one license a month, or None.
    """

    roster: Roster | None
    calendar: Calendar
    protected: Protected
    stale_days: int | None
    license_cost: float | None
    license_ignore: Sequence[str]
    currency: str
    ledger: str | None
    previous: str | None

    @classmethod
    def read(cls, options: Mapping[str, Any], now: float) -> AuditOptions:
        """Read and check them.

        :param now: Seconds since the epoch.
        :raises BadOptionError: When one cannot be right.
        """
        zone = read_zone(options.get("dates_timezone"))
        moment = read_moment(options.get("as_of"), zone) or dt.datetime.fromtimestamp(now, dt.timezone.utc)
        days, cost = options.get("stale_days"), options.get("license_cost")
        if days is not None and not 1 <= days <= _MOST_DAYS:
            raise BadOptionError(f"stale_days must be from 1 to {_MOST_DAYS}, not {abbreviated(days)}.")
        if cost is not None and not (math.isfinite(cost) and 0 <= cost <= _MOST_COST):
            raise BadOptionError(f"license_cost must be an amount from 0 to {_MOST_COST}, not {abbreviated(cost)}.")
        users = options.get("users")
        return cls(
            roster=None if users is None or (isinstance(users, str) and not users.strip()) else read_roster(users),
            calendar=Calendar(moment.replace(microsecond=0), zone),
            protected=Protected(options.get("protected") or []),
            stale_days=days,
            license_cost=cost,
            license_ignore=[pattern for pattern in options.get("license_ignore") or [] if pattern.strip()],
            currency=(options.get("currency") or "").strip(),
            ledger=options.get("ledger") or None,
            previous=options.get("previous") or None,
        )
