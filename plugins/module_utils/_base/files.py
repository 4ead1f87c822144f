# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Files that hold people's data: written whole or not at all, for their owner alone, by one run at a time.

Nothing here words a failure: an :class:`OSError` goes to the caller, who knows what the file is to the user.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator

from .clock import Clock

#: What a file system answers that has no locks, such as some network ones.
NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL})

#: Seconds between two looks whether a lock is free.
_PAUSE = 0.1


def reason_of(error: OSError) -> str:
    """Say why a file cannot be read or written, for a message."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full: {error.strerror}"
    return str(error.strerror)


def read_file(path: str, most: int) -> bytes:
    """Read a file that is one, up to one byte more than the most that it may have: a pipe or a device has no end.

    :raises OSError: When it cannot be read, ``EISDIR`` or ``EINVAL`` when it is no file.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is no file")
        with open(handle, "rb", closefd=False) as file:
            return file.read(most + 1)
    finally:
        os.close(handle)


def replace_file(path: str, content: bytes) -> None:
    """Write a file that nobody ever sees half-written, and that nobody but its owner can read.

    What is there is replaced, not written to: nobody can have this written elsewhere by leaving a symbolic link there.

    :raises OSError: When it cannot be written; what was there is there still.
    """
    handle, draft = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)), prefix=".eightbyeight-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise


@contextlib.contextmanager
def locked(path: str, wait: float, clock: Clock) -> Iterator[bool]:
    """Keep other runs away from a file that is replaced, by a lock on a file beside it, which is gone afterwards.

    The system drops the lock of a process that was killed.

    :param wait: Seconds to wait for whoever has it.
    :returns: Whether it is locked; not so on a file system without locks.
    :raises BlockingIOError: When another run still has it.
    :raises OSError: When it cannot be locked.
    """
    whole = os.path.abspath(path)
    beside = os.path.join(os.path.dirname(whole), f".{os.path.basename(whole)}.lock")
    end = clock.steady() + wait
    while True:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
        try:
            got = _try_lock(handle)
            # Whoever had it before removes the file: a lock on what has no name any more keeps nobody away.
            if got is False or (got and not _is_still(beside, handle)):
                if clock.steady() >= end:
                    raise BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK))
                if got is False:
                    clock.sleep(_PAUSE)
                continue
            try:
                yield bool(got)
            finally:
                with contextlib.suppress(OSError):
                    os.unlink(beside)
            return
        finally:
            os.close(handle)


def _try_lock(handle: int) -> bool | None:
    """Lock a file; False when another process has it, None when its file system has no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in NO_LOCKS:
            return None
        raise
    return True


def _is_still(path: str, handle: int) -> bool:
    """Say whether a path still names the file that was opened."""
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.lstat(path), os.fstat(handle))
    return False
