# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What an audit found, as input for its figures and limitations."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from .._base.clock import stamp_of
from .._base.empty import AUDIT_SITUATIONS, AUDIT_SITUATIONS_WITHOUT_ROSTER
from .._http.listing import Listing
from .inputs import Inputs
from .licenses import Licenses
from .people import Person


class Findings(NamedTuple):
    """What an audit found.

    :param people: All people, each in one situation.
    :param listing: The list of users from 8x8.
    :param licenses: The licenses from the Administration API; None without it.
    :param declined: How many people have values that 8x8 does not store as the roster gives them.
    """

    inputs: Inputs
    people: Sequence[Person]
    listing: Listing
    licenses: Licenses | None
    declined: int

    @property
    def situations(self) -> dict[str, int]:
        """How many people are in each situation."""
        known = AUDIT_SITUATIONS_WITHOUT_ROSTER if self.inputs.roster is None else AUDIT_SITUATIONS
        return {**dict.fromkeys(known, 0), **Counter(person.situation for person in self.people)}

    @property
    def complete(self) -> bool:
        """Whether 8x8 listed all of its users. An unreadable user counts as listed, and has a situation."""
        listing = self.listing
        seen = len(listing.users) + len(listing.unreadable)
        return listing.complete or (bool(listing.unreadable) and listing.announced == seen)

    @property
    def as_of(self) -> str:
        """The moment of the audit, as text."""
        return stamp_of(self.inputs.calendar.now.astimezone(dt.timezone.utc))

    @property
    def not_compared(self) -> str | None:
        """Why the audit is not compared with the previous one; None when it is, or when there is none."""
        previous = self.inputs.previous
        if previous is None:
            return None
        if not (previous.get("complete") and self.complete):
            which = f"The audit of {previous['as_of']}" if self.complete else "This audit"
            return f"{which} is incomplete, so changes since the previous audit cannot be seen."
        made = "without" if previous.get("roster_rows") is None else "with"
        if (made == "with") is not (self.inputs.roster is not None):
            return f"The audit of {previous['as_of']} was made {made} a roster, so it cannot be compared with this one."
        return None
