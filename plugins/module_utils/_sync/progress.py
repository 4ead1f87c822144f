# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Lines about the progress of a run."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from .._base.text import counted
from .record import Context, Record

PROGRESS_EVERY = 5.0
_NOT_TRIED = ("protected", "refused", "unlisted")


@contextlib.contextmanager
def progress_shown(context: Context, record: Record) -> Iterator[None]:
    """Show the progress every few seconds, from an extra thread, because all others may be waiting."""
    ended = threading.Event()

    def show() -> None:
        while not ended.wait(PROGRESS_EVERY):
            context.say(progress_line(context, record))

    thread = threading.Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def progress_line(context: Context, record: Record) -> str:
    """Return a line about the progress."""
    if record.phase == "changing":
        to_change = [entry for entry in record.entries if entry.change.changed and entry.status not in _NOT_TRIED]
        done = sum(entry.status != "planned" for entry in to_change)
        rate = done / max(context.clock.steady() - record.began, 0.001)
        line = f"{done} of {len(to_change)} done, {record.failures} failed, {rate:.1f} a second"
        if done:
            line += f", {(len(to_change) - done) / rate:.0f} s left"
    else:
        line = f"{record.phase}, {counted(sum(context.client.sent.values()), 'request')} so far"
    held = context.client.pause_left
    if held > 1:
        line += f", waiting {held:.0f} s because 8x8 asks for it (too many requests)"
    return line
