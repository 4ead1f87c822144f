# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""A whole list: the stages in a row. Rows and the tenant -> plan -> review -> apply -> verify -> report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ._errors import EightByEightError
from ._memory import Memory
from ._sync.apply import Connect, apply_plan, dry_run, expect_actions
from ._sync.approved import read_approved
from ._sync.breaker import Breaker
from ._sync.failed import write_failed
from ._sync.files import reserved
from ._sync.journal import Journal
from ._sync.options import RosterOptions
from ._sync.plan_rows import plan_roster
from ._sync.progress import progress_shown
from ._sync.record import Context, Record
from ._sync.report import failure_of, result_of
from ._sync.review import report_inactive, review
from ._sync.verify import look_for_other_writers, remember_times, report_changes_by_others, verify


class RosterReport(NamedTuple):
    """What a run came to.

    :param result: The keys of the module's result; the same ones in every outcome.
    :param error: What could not be done, or None.
    """

    result: Mapping[str, Any]
    warnings: list[str]
    error: EightByEightError | None


def run_roster(
    connect: Connect,
    options: Mapping[str, Any],
    *,
    check_mode: bool = False,
    tell: Callable[[str], None] | None = None,
) -> RosterReport:
    """Bring a tenant into line with a list of people, or apply an approved plan.

    :param connect: Makes a client; all of them share one session.
    :param options: The options of ``eightbyeight_roster``.
    :param check_mode: Stop before the first write.
    :param tell: Where lines of progress go, or None.
    :raises BadOptionError: When an option cannot be right. Everything else that fails is in the report.
    """
    read, client = RosterOptions.read(options, check_mode=check_mode), connect()
    connection = client.connection
    record = Record(Breaker(connection.retry_budget))
    journal = Journal(read.path("journal_file"), connection.redact, read.journal_events)
    memory = Memory(connection.base_url, extension_urn=connection.extension_urn)
    context = Context(read, client, memory, journal, tell if options.get("progress", True) else None)
    failure: EightByEightError | None = None
    try:
        with client, reserved(options, read.reserved) as unlocked:
            if unlocked:
                record.warnings.append(
                    f"The file system of {', '.join(unlocked)} has no locks. Make sure that no two runs use the same files at "
                    "the same time."
                )
            with progress_shown(context, record):
                record.seen_before = journal.last_seen()
                _plan(context, record)
                review(context, record)
                try:
                    _carry_out(context, record, connect)
                except EightByEightError as error:
                    failure = error
                # A run that is killed does not come here.
                if any(entry.outcome.sent for entry in record.entries):
                    context.note("ended")
        if failure is None:
            failure = failure_of(record)
            write_failed(context, record)
    except EightByEightError as error:
        failure = error
    return RosterReport(result_of(record, read, client.sent), record.warnings, failure)


def _plan(context: Context, record: Record) -> None:
    if context.options.path("apply_plan"):
        read_approved(context, record)
        return
    plan_roster(context, record)
    report_inactive(record)
    look_for_other_writers(context, record, record.reading.listing.users)


def _carry_out(context: Context, record: Record, connect: Connect) -> None:
    """Apply what is planned and verify it, or tell in check mode what that would come to."""
    planned, check_mode = record.planned, context.options.check_mode
    if not check_mode:
        if planned:
            apply_plan(context, record, connect)
    elif record.from_file:
        dry_run(context, record, connect)
    else:
        expect_actions(record)
    if record.from_file:
        report_changes_by_others(record, sorted(record.changed_before), "since the plan was made")
    report_changes_by_others(record, sorted(record.changed_during), "while this run was under way")
    done = [entry for entry in planned if entry.outcome.applied]
    if done:
        verify(context, record, done)
    elif check_mode or not planned:
        remember_times(context, record, (user.view for user in record.reading.listing.users))
