# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The files of a run: checked, written, and locked against other runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .._base.clock import Clock, stamp
from .._errors import BadOptionError, EightByEightError
from .._files import check_path, holding


def keep_old_file(path: str) -> None:
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
        raise EightByEightError(f"{path} cannot be set aside ({error.strerror}).", kind="bad_option") from None


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
        whole, is_there, is_journal = os.path.abspath(path), os.path.exists(path), name == "journal_file"
        check_path(name, path, may_be_link=not is_journal)
        if is_there and not os.path.isfile(path):
            raise BadOptionError(f"{name}: {path} is not a file.")
        # A file is replaced by a new one in its folder; a journal is added to.
        if not os.access(path if is_journal and is_there else os.path.dirname(whole), os.W_OK):
            raise BadOptionError(f"{name}: {path} cannot be written.")
        if whole in taken:
            raise BadOptionError(f"{taken[whole]} and {name} name the same file.")
        taken[whole] = name


@contextlib.contextmanager
def reserved(options: Mapping[str, Any], names: Sequence[str]) -> Iterator[list[str]]:
    """Keep other runs away from the files of a task, as long as it lasts.

    A journal is locked itself. A file that is replaced has another one beside it for that, which is removed at the end.

    :returns: The files that could not be locked, because their file system has no locks.
    :raises EightByEightError: ``locked`` when another run has one of them, ``bad_option`` when one cannot be locked.
    """
    unlocked: list[str] = []
    with contextlib.ExitStack() as held:
        for name in names:
            path = options.get(name)
            if not path:
                continue
            busy = (
                f"Another run is working with {path} ({name}) at this moment, and two runs at once would damage it. Nothing was "
                "changed. Run again when the other run has ended, or give each run its own file. A run that was killed holds "
                "no lock."
            )
            # Of a run that was refused, no empty journal stays.
            lock = holding(name, path, 0.0, Clock(), busy, beside=name != "journal_file")
            if not held.enter_context(lock):
                unlocked.append(path)
        yield unlocked
