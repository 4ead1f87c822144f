# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Running the same function for several users or pages at a time."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Iterable
from typing import TypeVar

_Given = TypeVar("_Given")
_Result = TypeVar("_Result")


def in_parallel(
    do: Callable[[_Given], _Result], given: Iterable[_Given], workers: int, interrupt: Callable[[], None]
) -> list[_Result]:
    """Call a function for each of several, some at a time, and return the results in order.

    The first failure is raised, and after it nothing more is begun.

    :param interrupt: Called when the user interrupts the run, to end all waiting.
    """
    failures: list[BaseException] = []

    def attempt(item: _Given) -> _Result:
        if failures:
            raise failures[0]
        try:
            return do(item)
        except BaseException as failure:
            failures.append(failure)
            raise

    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        try:
            return list(pool.map(attempt, given))
        except BaseException as trouble:  # noqa: BLE001 - raised again below
            if not isinstance(trouble, Exception):
                interrupt()
            # The first failure, not one that is only its consequence.
            raise (failures or [trouble])[0] from None
