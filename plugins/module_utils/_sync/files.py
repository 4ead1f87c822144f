# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Checks the files of a run, and locks them against other runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._base.clock import Clock, stamp
from .._errors import BadOptionError, EightByEightError
from .._files import check_path, file_lock


def keep_old_file(path: str) -> None:
    """Rename a file that will be replaced: the new name is the old one and the time of its last change.

    :raises EightByEightError: When it cannot be renamed.
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
        raise EightByEightError(f"{path} cannot be renamed to keep it ({error.strerror}).", kind="bad_option") from None


def check_writable(options: Mapping[str, Any], names: Iterable[str]) -> None:
    """Check before the first request that the files of a task can be written.

    :raises BadOptionError: For the first file that cannot.
    """
    options_by_path: dict[str, str] = {}
    if options.get("apply_plan"):
        options_by_path[os.path.abspath(options["apply_plan"])] = "apply_plan"
    for name in names:
        path = options.get(name)
        if not path:
            continue
        absolute, is_there, is_journal = os.path.abspath(path), os.path.exists(path), name == "journal_file"
        check_path(name, path, may_be_link=not is_journal)
        if is_there and not os.path.isfile(path):
            raise BadOptionError(f"{name}: {path} is not a file.")
        # Lines are appended to a journal. Other files are replaced by a new file in the same folder.
        if not os.access(path if is_journal and is_there else os.path.dirname(absolute), os.W_OK):
            raise BadOptionError(f"{name}: {path} cannot be written.")
        if absolute in options_by_path:
            raise BadOptionError(f"{options_by_path[absolute]} and {name} name the same file.")
        options_by_path[absolute] = name


@contextlib.contextmanager
def locked_files(options: Mapping[str, Any], names: Sequence[str]) -> Iterator[list[str]]:
    """Lock the files of a task against other runs.

    A journal is locked itself. A file that will be replaced has a lock file next to it, which is removed at the end.

    :returns: The files that are not locked, because their file system has no locks.
    :raises EightByEightError: ``locked`` when another run has locked one of them, ``bad_option`` when one cannot be locked.
    """
    unlocked: list[str] = []
    with contextlib.ExitStack() as locks:
        for name in names:
            path = options.get(name)
            if not path:
                continue
            busy = (
                f"Another run is working with {path} ({name}) at this moment, and two runs at once would damage it. Nothing was "
                "changed. Run again when the other run has ended, or give each run its own file. A run that was killed holds "
                "no lock."
            )
            # If the run is refused here, no empty journal is left.
            lock = file_lock(name, path, 0.0, Clock(), busy, beside=name != "journal_file")
            if not locks.enter_context(lock):
                unlocked.append(path)
        yield unlocked
