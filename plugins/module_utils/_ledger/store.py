# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads, locks and replaces the file of a ledger."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from .._base.clock import Clock
from .._base.files import locked, read_file, reason_of, replace_file
from .._base.text import abbreviated
from .._errors import BadOptionError, EightByEightError
from .form import read, write
from .merge import Ledger

#: The largest ledger that is read: about 200,000 follow-ups.
_MOST_BYTES = 64 * 1024 * 1024


def load(path: str) -> Ledger:
    """Read a ledger. A missing file is an empty ledger.

    :raises EightByEightError: ``bad_ledger`` or ``bad_option``.
    """
    _check(path)
    try:
        return read(read_file(path, _MOST_BYTES), path)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise BadOptionError(f"path: {path} cannot be read ({reason_of(error)}).") from None


def save(path: str, ledger: Ledger) -> None:
    """Replace the file of a ledger.

    :raises EightByEightError: When it cannot be written. The old file is kept.
    """
    try:
        replace_file(path, write(ledger).encode("utf-8"))
    except OSError as error:
        raise BadOptionError(f"path: {path} cannot be written ({reason_of(error)}). Nothing was changed.") from None


@contextlib.contextmanager
def reserved(path: str, wait: float, clock: Clock) -> Iterator[bool]:
    """Lock a ledger. Waits until another run unlocks it.

    :param wait: Seconds to wait.
    :returns: Whether it is locked; false on a file system without locks.
    :raises EightByEightError: ``locked`` when another run still has the lock, ``bad_option`` when it cannot be locked.
    """
    _check(path)
    with contextlib.ExitStack() as held:
        try:
            got = held.enter_context(locked(path, wait, clock))
        except BlockingIOError:
            raise EightByEightError(
                f"Another run still has the lock of the ledger {path} after {wait:g} seconds. Nothing was written. Run again "
                "when the other run has ended, or increase timeout.",
                kind="locked",
            ) from None
        except OSError as error:
            raise BadOptionError(f"path: the folder of {path} cannot be written ({reason_of(error)}).") from None
        yield got


def _check(path: str) -> None:
    """Refuse a path that cannot be a ledger."""
    folder = os.path.dirname(os.path.abspath(path))
    if not path.strip() or "\0" in path:
        raise BadOptionError(f"path: {abbreviated(path)!r} is not a file name.")
    if os.path.islink(path):
        raise BadOptionError(f"path: {path} is a symbolic link. Use the path that it points to.")
    if os.path.isdir(path):
        raise BadOptionError(f"path: {path} is a folder. Name a file in it.")
    if not os.path.isdir(folder):
        raise BadOptionError(f"path: the folder {folder} does not exist. Create it.")
