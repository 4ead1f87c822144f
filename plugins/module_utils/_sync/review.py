# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The plan is judged before the first write: removals, limits, protected names, and what it will cost. Sends nothing."""

from __future__ import annotations

from .._base.text import counted, named
from .._errors import EightByEightError
from .forecast import forecast
from .limits import Limits, as_given, check_limits, count_kinds, read_limits, with_defaults
from .planfile import RosterPlan
from .record import Context, Record


def review(context: Context, record: Record) -> None:
    """Judge the plan, write it to its file, and tell what it will cost.

    :raises EightByEightError: ``limit_exceeded``, when it goes beyond its limits.
    """
    for entry in record.planned:
        if context.protects(entry):
            entry.status = "protected"
    _report_inactive(record)
    _report_protected(context, record)
    _refuse_removals(context, record)
    limits = _enforce_limits(context, record)
    record.forecast = forecast(context, record)
    if record.plan is None:
        rows = [entry.plan_row() for entry in record.planned]
        facts = {"users": record.reading.size, "limits": as_given(limits), "valid": context.options.valid}
        record.plan = RosterPlan.of(context.write_plan(record, "plan_file", rows, **facts))


def _report_inactive(record: Record) -> None:
    """Warn once of people who stay inactive because their rows do not say otherwise."""
    names = [entry.who for entry in record.entries if entry.stays_inactive and entry.status != "refused"]
    if names:
        record.warnings.append(
            f"{counted(len(names), 'user is', 'users are')} deactivated, and the roster does not say active of "
            f"{'this one' if len(names) == 1 else 'these'}, so that stays ({named(names, 5)}). To bring somebody back, give "
            "active: true in the row."
        )


def _report_protected(context: Context, record: Record) -> None:
    """Warn if everybody is protected: a run that can do nothing must not look like one that had nothing to do."""
    reading, protected = record.reading, context.options.protected
    if reading.scope == "rows":
        return
    names = [
        *(user.user_name or user.id for user in reading.listing.users),
        *(entry.who for entry in record.entries),
    ]
    if protected.covers_all(names):
        record.warnings.append(
            "protected covers everybody, so nobody is ever changed. Check its wildcards if that is not meant."
        )
    if reading.scope == "everybody":
        record.warnings += protected.warnings(names)


def _refuse_removals(context: Context, record: Record) -> None:
    """Refuse to deactivate anybody because of a listing that does not add up (law 4)."""
    reading = record.reading
    if record.from_file or record.complete:
        return
    counts = reading.listing.mismatch
    why = f"{counts}, and nobody is removed because of a list that does not add up."
    if context.options.unlisted != "ignore":
        record.warnings.append(
            f"{counts}. Users whom no row names may be missing, and were left alone. Run again, or look in Admin "
            "Console."
        )
    if context.options.unlisted == "deactivate":
        message = f"nobody was deactivated for being in no row, because {why} Run again, or look in Admin Console."
        record.unfinished.append(EightByEightError(f"unlisted=deactivate: {message}", kind="incomplete_listing"))
    for entry in record.planned:
        if entry.removes_access:
            entry.refuse(EightByEightError(f"{entry.who} was not deactivated: {why}", kind="incomplete_listing"))


def _enforce_limits(context: Context, record: Record) -> Limits:
    """Refuse a plan that goes beyond its limits, and return the limits that it carries.

    An approved plan brings the limits that it was judged with, and those of the task can only tighten them. An undo brings
    none. What nobody approved is judged as a new plan is.
    """
    given, approved = context.options.limits, context.options.given.get("plan_digest")
    brought = read_limits(record.plan.limits) if record.plan is not None and approved else {}
    size, planned = record.reading.size, record.planned
    is_empty = record.complete and size == 0
    judged: tuple[Limits, ...] = (brought, given) if approved else (with_defaults(given, is_empty=is_empty),)
    counts = count_kinds(entry.change for entry in planned)
    hint = _wrong_file_hint(context, record, counts["create"], size)
    try:
        check_limits(counts, size, *judged, hint=hint)
    except EightByEightError as error:
        for entry in planned:
            entry.refuse(error)
        raise
    return judged[0]


def _wrong_file_hint(context: Context, record: Record, created: int, size: int | None) -> str:
    """Ask whether it is the right file and tenant, where most rows name nobody whom the tenant shows."""
    rows = sum(entry.row is not None for entry in record.entries)
    if not created or created * 2 <= rows or not size:
        return ""
    return (
        f"{created} of {counted(rows, 'row')} name nobody whom this tenant ({context.connection.base_url}) shows: is this the "
        "right file, and the right tenant? "
    )
