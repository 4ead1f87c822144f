# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What an audit has found out, for its figures and its limitations. A value."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from .._base.clock import stamp_of
from .licenses import Licenses
from .people import Person


class Facts(NamedTuple):
    """What an audit has found out.

    :param people: Everybody, each in one situation.
    :param complete: Whether everybody whom 8x8 announces was seen.
    :param announced: How many users 8x8 announces, where it does.
    :param unreadable: How many accounts cannot be read at all.
    :param now: The moment of the audit.
    :param with_roster: Whether there is a roster.
    :param rows: How many rows it has.
    :param partial: Why the roster cannot be everybody, or None.
    :param export_problems: How many problems its export had.
    :param unsure: Login names of people who are deactivated, and whose rows do not say what is to become of that.
    :param declined: How many people have values that 8x8 does not store as the roster has them.
    :param licenses: What the Administration API shows; None without it.
    :param ledger: Counts of the ledger; None without one.
    :param no_ledger: Why a ledger that was given does not count, or None.
    :param not_compared: Why the audit is not compared with the previous one, or None.
    """

    people: Sequence[Person]
    complete: bool
    announced: int | None
    unreadable: int
    now: dt.datetime
    with_roster: bool = False
    rows: int = 0
    partial: str | None = None
    export_problems: int = 0
    unsure: Sequence[str] = ()
    declined: int = 0
    stale_days: int | None = None
    license_cost: float | None = None
    license_ignore: Sequence[str] = ()
    currency: str = ""
    licenses: Licenses | None = None
    ledger: Mapping[str, int] | None = None
    no_ledger: str | None = None
    not_compared: str | None = None

    @property
    def as_of(self) -> str:
        """The moment of the audit, as text."""
        return stamp_of(self.now.astimezone(dt.timezone.utc))
