# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Writes failed and refused rows to a file, to correct them and run again."""

from __future__ import annotations

from .._base.text import redact_all
from .._files import save
from .._rows.failed import failed_csv
from .record import Context, Record


def write_failed(context: Context, record: Record) -> None:
    """Write failed and refused rows, if the task has ``failed_file``."""
    path = context.options.path("failed_file")
    failed = [
        (entry.given, entry.error.message)
        for entry in record.entries
        if entry.given is not None and entry.error is not None
    ]
    if path and failed:
        # The token is removed before the rows become CSV, which would double a quote in it.
        rows = [[dict(given), reason] for given, reason in record.refused_before + failed]
        save(path, failed_csv(redact_all(rows, context.connection.token)))
