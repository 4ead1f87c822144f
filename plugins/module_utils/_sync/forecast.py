# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""How many requests a plan costs: to apply it, and to read once more what was changed. Sends nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from .._find.lookup import PROOF_REQUESTS
from .._http.limits import SMALL_PAGE_SIZE
from .record import Context, Entry, Forecast, Record


class Verifying(NamedTuple):
    """How what was changed is read once more.

    :param cost: How many requests that takes.
    :param alone: Whether users are read from their own addresses, or everybody is.
    :param by_end: Whether the end of the listing is read for all who were created.
    """

    cost: int
    alone: bool
    by_end: bool


def cost_of_verifying(record: Record, entries: Sequence[Entry]) -> Verifying:
    """Return how what was changed is read again with the fewest requests."""
    size, given = record.reading.size, record.reading.listing.page_size
    if size is None:
        return Verifying(len(entries), alone=True, by_end=False)
    created = sum(entry.operation == "created" for entry in entries)
    # The server may give less than it is asked for.
    pages = max(1, -(-(size + created) // (given if 0 < given < size else SMALL_PAGE_SIZE)))
    by_end = created > 1 and record.complete
    singly = len(entries) - created + 1 if by_end else len(entries)
    return Verifying(min(singly, pages), singly < pages, by_end and singly < pages)


def forecast(context: Context, record: Record) -> Forecast:
    """Count the requests that are to come, and how long they take."""
    options, planned = context.options, record.planned
    # A row of a plan is read again first, and a plan that is made in check mode is made to be applied.
    rereads = record.from_file or options.makes_plan_file
    verbs: Counter[str] = Counter()
    for method in filter(None, (entry.change.method for entry in planned)):
        verbs[method] += 1
        # A PUT starts with a fresh read anyway (law 3).
        verbs["GET"] += rereads or method == "PUT"
    if planned:
        verbs["GET"] += cost_of_verifying(record, planned).cost + min(options.canary, len(planned))
        verbs["GET"] += PROOF_REQUESTS * (rereads and any(entry.operation == "created" for entry in planned))
    requests = sum(verbs.values())
    seconds = requests * record.reading.listing.seconds / options.workers
    per_minute = options.given.get("requests_per_minute")
    if per_minute:
        seconds = max(seconds, requests * 60 / per_minute)
    return Forecast(requests, round(seconds, 1), dict(sorted(verbs.items())))
