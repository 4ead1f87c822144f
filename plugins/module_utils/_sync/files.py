# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The files of a run: written whole or not at all, for their owner alone, and by one run at a time."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._base.clock import stamp
from .._base.text import abbreviated
from .._errors import BadOptionError, EightByEightError


def reason_of(error: OSError) -> str:
    """Say why a file cannot be written, for a message."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full: {error.strerror}"
    return str(error.strerror)


def save(path: str, content: str) -> None:
    """Write a file that whoever reads it never sees half-written, and that nobody but its owner can read.

    What is there is replaced, not written to: nobody can have this written elsewhere by leaving a symbolic link there.

    :raises EightByEightError: When it cannot be written; what was there is there still.
    """
    folder = os.path.dirname(os.path.abspath(path))
    try:
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".eightbyeight-")
        try:
            # A server may send half a character in the reason for a refusal; no file of ours shall fail for it.
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(draft)
            raise
    except OSError as error:
        raise EightByEightError(f"{path} cannot be written ({reason_of(error)}).", kind="bad_option") from None


def set_aside(path: str) -> None:
    """Keep a file that is about to be written anew, under its name and the time of its last change.

    :raises EightByEightError: When it cannot be kept; it must not be lost.
    """
    try:
        first = f"{path}.{stamp(os.lstat(path).st_mtime).replace(':', '').replace('-', '')}"
        kept, number = first, 1
        while os.path.lexists(kept):
            number += 1
            kept = f"{first}.{number}"
        os.rename(path, kept)
    except FileNotFoundError:
        return
    except OSError as error:
        raise EightByEightError(f"{path} cannot be set aside ({reason_of(error)}).", kind="bad_option") from None


def check_writable(options: Mapping[str, Any], names: Iterable[str]) -> None:
    """Find out before the first request whether the files of a task can be written.

    :raises BadOptionError: With the first that cannot.
    """
    taken: dict[str, str] = {}
    if options.get("apply_plan"):
        taken[os.path.abspath(options["apply_plan"])] = "apply_plan"
    for name in names:
        path = options.get(name)
        if not path:
            continue
        whole = os.path.abspath(path)
        folder = os.path.dirname(whole)
        if not _is_name(path):
            raise BadOptionError(f"{name}: {abbreviated(path)} is no name of a file.")
        if os.path.isdir(path):
            raise BadOptionError(f"{name}: {path} is a folder.")
        if not os.path.isdir(folder):
            raise BadOptionError(f"{name}: there is no folder {folder}.")
        # A file is replaced by a new one in its folder; a journal is added to.
        added_to = os.path.exists(path) and name == "journal_file"
        if os.path.islink(path) and name == "journal_file":
            raise BadOptionError(f"{name}: {path} is a symbolic link. Name the journal itself.")
        if os.path.exists(path) and not os.path.isfile(path):
            raise BadOptionError(f"{name}: {path} is no file.")
        if not os.access(path if added_to else folder, os.W_OK):
            raise BadOptionError(f"{name}: {path} cannot be written.")
        if whole in taken:
            raise BadOptionError(f"{taken[whole]} and {name} name the same file.")
        taken[whole] = name


def _is_name(path: str) -> bool:
    with contextlib.suppress(UnicodeEncodeError):
        return b"\0" not in os.fsencode(path)
    return False


#: What a file system answers that has no locks, such as some network ones.
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL})


@contextlib.contextmanager
def reserved(options: Mapping[str, Any], names: Sequence[str]) -> Iterator[list[str]]:
    """Keep other runs away from the files of a task, as long as it lasts.

    A journal carries its lock itself. What is replaced has a file beside it for that, which is gone when the task is over. The
    system drops the locks of a process that was killed.

    :returns: The files that could not be locked, because their file system has no locks.
    :raises EightByEightError: ``locked`` when another run has one of them, ``bad_option`` when one cannot be locked.
    """
    open_to_all: list[str] = []
    with contextlib.ExitStack() as held:
        for name in names:
            path = options.get(name)
            if path:
                lock = _lock_journal if name == "journal_file" else _lock_beside
                try:
                    held.enter_context(lock(path))
                except BlockingIOError:
                    raise EightByEightError(
                        f"Another run is working with {path} ({name}) at this moment, and two at once would spoil it. Nothing "
                        "was changed. Run again when the other one has ended, or give each a file of its own. A run that was "
                        "killed keeps nothing locked.",
                        kind="locked",
                    ) from None
                except OSError as error:
                    if error.errno not in _NO_LOCKS:
                        raise BadOptionError(f"{name}: {path} cannot be locked ({reason_of(error)}).") from None
                    open_to_all.append(path)
        yield open_to_all


def _lock_journal(path: str) -> contextlib.AbstractContextManager[None]:
    # A run that was refused leaves no empty journal behind.
    return _lock(path, open_journal, lambda handle: not os.fstat(handle).st_size)


def _lock_beside(path: str) -> contextlib.AbstractContextManager[None]:
    whole = os.path.abspath(path)
    beside = os.path.join(os.path.dirname(whole), f".{os.path.basename(whole)}.lock")
    how = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    return _lock(beside, lambda lock: os.open(lock, how, 0o600), lambda _handle: True)


@contextlib.contextmanager
def _lock(path: str, opened: Callable[[str], int], for_nothing: Callable[[int], bool]) -> Iterator[None]:
    """Lock a file, and remove it afterwards where it holds nothing."""
    while True:
        handle = opened(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(path, handle):
                try:
                    yield
                finally:
                    if for_nothing(handle) and _is_still(path, handle):
                        with contextlib.suppress(OSError):
                            os.unlink(path)
                return
        finally:
            os.close(handle)


def _is_still(path: str, handle: int) -> bool:
    """Say whether a path still names the file that was opened; whoever had it before removes it when done."""
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.lstat(path), os.fstat(handle))
    return False


def open_journal(path: str) -> int:
    """Open a journal to add to, and make sure that nobody but its owner can read it."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    if stat.S_IMODE(os.fstat(handle).st_mode) & 0o077:
        # Somebody else's is left as it is.
        with contextlib.suppress(PermissionError):
            os.fchmod(handle, 0o600)
    return handle
