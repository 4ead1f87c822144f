# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads and locks the file of a ledger."""

from __future__ import annotations

import contextlib

from .._base.clock import Clock
from .._files import check_path, file_lock, read_regular_file
from .jsonl import read
from .merge import Ledger

#: The largest ledger that is read: about 200,000 follow-ups.
_MOST_BYTES = 64 * 1024 * 1024


def load(path: str) -> Ledger:
    """Read a ledger. A missing file is an empty ledger.

    :raises EightByEightError: ``bad_ledger`` or ``bad_option``.
    """
    check_path("path", path, may_be_link=False)
    return read(read_regular_file("path", path, _MOST_BYTES) or b"", path)


def locked(path: str, wait: float, clock: Clock) -> contextlib.AbstractContextManager[bool]:
    """Lock a ledger. Waits until another run unlocks it.

    :param wait: Seconds to wait.
    :returns: Whether it is locked; false on a file system without locks.
    :raises EightByEightError: ``locked`` when another run still has the lock, ``bad_option`` when it cannot be locked.
    """
    check_path("path", path, may_be_link=False)
    busy = (
        f"Another run still has the lock of the ledger {path} after {wait:g} seconds. Nothing was written. Run again when the "
        "other run has ended, or increase timeout."
    )
    return file_lock("path", path, wait, clock, busy)
