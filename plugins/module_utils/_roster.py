# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""A whole list: the stages in a row. Rows and the tenant -> plan -> review -> apply -> verify -> report."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ._errors import EightByEightError
from ._memory import Memory
from ._sync.apply import Connect, carry_out
from ._sync.approved import read_approved
from ._sync.breaker import Breaker
from ._sync.failed import write_failed
from ._sync.files import locked_files
from ._sync.journal import Journal
from ._sync.options import RosterOptions
from ._sync.plan_rows import plan_roster
from ._sync.progress import progress_shown
from ._sync.record import Context, Record
from ._sync.report import RosterReport, report_of
from ._sync.review import review
from ._sync.verify import look_for_other_writers, verify


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
    files, events = read.outputs
    journal = Journal(read.path("journal_file"), connection.redact, events)
    memory = Memory(connection.base_url, extension_urn=connection.extension_urn)
    context = Context(read, client, memory, journal, tell if options.get("progress", True) else None)
    failure: EightByEightError | None = None
    try:
        with client, locked_files(options, files) as unlocked:
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
                    carry_out(context, record, connect)
                    verify(context, record)
                except EightByEightError as error:
                    failure = error
                finally:
                    write_failed(context, record)
                # A run that is killed does not come here.
                if any(entry.sent for entry in record.entries):
                    context.note("ended")
    except EightByEightError as error:
        failure = error
    return report_of(record, read, client.sent, failure)


def _plan(context: Context, record: Record) -> None:
    if context.options.path("apply_plan"):
        read_approved(context, record)
        return
    plan_roster(context, record)
    look_for_other_writers(context, record, record.reading.listing.users)
