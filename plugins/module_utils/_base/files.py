# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Files that hold people's data: written whole or not at all, for their owner alone, by one run at a time.

Failures are raised as :class:`OSError`. The caller words the message, and knows what the file is to the user.
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

#: The errors of a file system without locks, such as some network ones.
NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL})

#: Seconds between two tries to get a lock.
_PAUSE = 0.1


def reason_of(error: OSError) -> str:
    """Say why a file cannot be read or written, for a message."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full: {error.strerror}"
    return str(error.strerror)


def replace_file(path: str, content: bytes, *, durable: bool = True) -> None:
    """Write a file as a whole or not at all. Only its owner can read it.

    A file that is there is replaced, not written to. So nobody can make this write somewhere else by a symbolic link.

    :param durable: Whether it is to be there after a power failure too.
    :raises OSError: When it cannot be written; the file that was there is unchanged.
    """
    handle, draft = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)), prefix=".eightbyeight-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(draft)
        raise


def locked(path: str, wait: float, clock: Clock) -> contextlib.AbstractContextManager[bool]:
    """Keep other runs away from a file that is replaced, by a lock on a file beside it. See :func:`lock_on`."""
    whole = os.path.abspath(path)
    return lock_on(os.path.join(os.path.dirname(whole), f".{os.path.basename(whole)}.lock"), wait, clock)


@contextlib.contextmanager
def lock_on(path: str, wait: float, clock: Clock) -> Iterator[bool]:
    """Lock a file itself; it is created where it is not there, and removed afterwards where it is empty.

    The system drops the lock of a process that was killed.

    :param wait: Seconds to wait for another run that has it.
    :returns: Whether it is locked; not so on a file system without locks.
    :raises BlockingIOError: When another run still has it.
    :raises OSError: When it cannot be locked.
    """
    end = clock.steady() + wait
    while True:
        handle = open_private(path)
        try:
            got = _try_lock(handle)
            if got is False:
                if clock.steady() >= end:
                    raise BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK))
                clock.sleep(_PAUSE)
            # The run that had the lock before may have removed the file, and a lock on a removed file keeps nobody away.
            elif got is None or _is_still(path, handle):
                try:
                    yield bool(got)
                finally:
                    if not os.fstat(handle).st_size and _is_still(path, handle):
                        with contextlib.suppress(OSError):
                            os.unlink(path)
                return
        finally:
            os.close(handle)


def open_private(path: str) -> int:
    """Open a file to add to, or to lock, and make sure that nobody but its owner can read it."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    if stat.S_IMODE(os.fstat(handle).st_mode) & 0o077:
        # A file of another owner stays as it is.
        with contextlib.suppress(PermissionError):
            os.fchmod(handle, 0o600)
    return handle


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
