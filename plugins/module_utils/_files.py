# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Checks, reads, writes and locks the files that a task names, and keeps journals. The errors name the option or the file."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import stat
import threading
from collections.abc import Callable, Collection, Iterator
from typing import Any

from ._base.clock import Clock, stamp
from ._base.files import replace_file
from ._base.text import abbreviated
from ._errors import BadOptionError, EightByEightError

#: The errors of a file system without locks, such as some network ones.
NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL})
#: Seconds between two attempts to get a lock.
_PAUSE = 0.1


def check_path(option: str, path: str, *, may_be_link: bool = True) -> None:
    """Refuse a path at which there cannot be a file.

    :raises BadOptionError: When it is not a file name, is a folder, or is in a folder that does not exist.
    """
    folder = os.path.dirname(os.path.abspath(path))
    if not _is_name(path):
        raise BadOptionError(f"{option}: {abbreviated(path)!r} is not a file name.")
    if os.path.isdir(path):
        raise BadOptionError(f"{option}: {path} is a folder. Name a file in it.")
    if not os.path.isdir(folder):
        raise BadOptionError(f"{option}: there is no folder {folder}. Create it.")
    if os.path.islink(path) and not may_be_link:
        raise BadOptionError(f"{option}: {path} is a symbolic link. Use the path that it points to.")


def _is_name(path: str) -> bool:
    with contextlib.suppress(UnicodeEncodeError):
        return bool(path.strip()) and b"\0" not in os.fsencode(path)
    return False


def read_regular_file(option: str, path: str, most: int) -> bytes | None:
    """Read a regular file; None when it does not exist. A pipe or a device is refused, because it may be endless.

    :param most: The largest size in bytes.
    :raises BadOptionError: When it cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise OSError(errno.EINVAL, "it is not a file")
            with open(handle, "rb", closefd=False) as file:
                content = file.read(most + 1)
        finally:
            os.close(handle)
        if len(content) > most:
            raise OSError(errno.EFBIG, f"it is larger than {most // 1024**2} MiB")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadOptionError(f"{option}: {path} cannot be read ({error.strerror}).") from None
    except ValueError:
        raise BadOptionError(f"{option}: {abbreviated(path)} is not a file name.") from None
    return content


def save(path: str, content: str) -> None:
    """Write a file as a whole or not at all. Only its owner can read it.

    :raises EightByEightError: When it cannot be written; an existing file is unchanged.
    """
    try:
        # A message from a server may contain half a character. It is escaped, so that writing does not fail.
        replace_file(path, content.encode(errors="backslashreplace"))
    except OSError as error:
        raise EightByEightError(f"{path} cannot be written ({error.strerror}).", kind="bad_option") from None


@contextlib.contextmanager
def file_lock(option: str, path: str, wait: float, clock: Clock, busy: str, *, beside: bool = True) -> Iterator[bool]:
    """Lock a file against other runs. If the process is killed, the system releases the lock.

    :param wait: For how many seconds to wait for another run.
    :param busy: The message if another run still has the lock then.
    :param beside: Whether to lock a lock file next to the file, because the file will be replaced. The lock file is removed at
        the end. Otherwise the file itself is locked. It is created if it is missing, and removed at the end if it is empty.
    :returns: Whether it is locked; false on a file system without locks.
    :raises EightByEightError: ``locked`` when another run has it, ``bad_option`` when it cannot be locked.
    """
    absolute = os.path.abspath(path)
    target = os.path.join(os.path.dirname(absolute), f".{os.path.basename(absolute)}.lock") if beside else path
    try:
        handle, is_locked = _lock(target, clock.steady() + wait, clock)
    except BlockingIOError:
        raise EightByEightError(busy, kind="locked") from None
    except OSError as error:
        raise BadOptionError(f"{option}: {path} cannot be locked ({error.strerror}).") from None
    try:
        yield is_locked
    finally:
        if not os.fstat(handle).st_size and _is_still(target, handle):
            with contextlib.suppress(OSError):
                os.unlink(target)
        os.close(handle)


def _lock(path: str, end: float, clock: Clock) -> tuple[int, bool]:
    """Open and lock a file, and return its handle, and whether it is locked: some file systems have no locks.

    :param end: The time at which to stop waiting.
    :raises BlockingIOError: When another process still has the lock then.
    """
    while True:
        handle = open_private(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The last run with the lock may have removed the file, and a lock on a removed file is useless.
            if _is_still(path, handle):
                return handle, True
            os.close(handle)
        except BlockingIOError:
            os.close(handle)
            if clock.steady() >= end:
                raise
            clock.sleep(_PAUSE)
        except OSError as error:
            if error.errno in NO_LOCKS:
                return handle, False
            os.close(handle)
            raise


def _is_still(path: str, handle: int) -> bool:
    """Say whether a path is still that of the opened file."""
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.lstat(path), os.fstat(handle))
    return False


def open_private(path: str) -> int:
    """Open a file to append to it or to lock it, and make sure that only its owner can read it."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    if stat.S_IMODE(os.fstat(handle).st_mode) & 0o077:
        # The mode of a file of another owner cannot be changed.
        with contextlib.suppress(PermissionError):
            os.fchmod(handle, 0o600)
    return handle


class JournalFile:
    """A journal of runs: a JSON object in each line. Lines are only appended.

    :param path: The file, or None for no journal.
    :param redact: Removes secrets from a line.
    :param events: The events to write; None for all.
    """

    def __init__(
        self, path: str | None, redact: Callable[[str], str] = str, events: Collection[str] | None = None
    ) -> None:
        self._path = path
        self._events = events
        self._redact = redact
        self._lock = threading.Lock()
        self._line_ended = True

    def note(self, now: float, event: str, **facts: Any) -> None:
        """Append a line, and flush it.

        :raises EightByEightError: When it cannot be written. The run must end, because later changes would not be in the journal.
        """
        if self._path is None or (self._events is not None and event not in self._events):
            return
        line = self._redact(json.dumps({"time": stamp(now), "event": event, **facts}))
        try:
            with self._lock, open(open_private(self._path), "ab") as file:
                ended, self._line_ended = self._line_ended, False
                file.write((f"{line}\n" if ended else f"\n{line}\n").encode())
                file.flush()
                self._line_ended = True
        except OSError as error:
            raise EightByEightError(
                f"The journal {self._path} cannot be written any more ({error.strerror}).", kind="bad_option"
            ) from None

    def lines(self) -> Iterator[str]:
        """Return the lines; none when the journal does not exist.

        :raises BadOptionError: When it cannot be read.
        """
        if self._path is None or not os.path.exists(self._path):
            return
        try:
            with open(self._path, encoding="utf-8", errors="replace") as file:
                for line in file:
                    # A killed run may have left half a line.
                    self._line_ended = line.endswith("\n")
                    yield line
        except OSError as error:
            raise BadOptionError(f"journal_file: {self._path} cannot be read ({error.strerror}).") from None
