# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What a roster says about many users at once: each thing once, with how many it holds for, and a few names."""

from __future__ import annotations

from collections.abc import Sequence

from .._base.text import counted, named
from .._errors import EightByEightError
from .breaker import Breaker, comparable_message
from .entries import Entry

#: Kinds of warnings about one user that a roster tells of everybody at another place.
TOLD_TOGETHER = ("changed_meanwhile", "stays_inactive")


def grouped_messages(entries: Sequence[Entry]) -> tuple[str, int]:
    """Return the messages of up to three kinds of failure, each once, and how many entries have another."""
    alike: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if entry.error is not None:
            alike.setdefault((entry.error.kind, comparable_message(entry.error, entry.names)), []).append(entry)
    told, left = [], len(entries)
    for first, *others in list(alike.values())[:3]:
        message = first.error.message if first.error is not None else ""
        told.append(message + _same_for([entry.who for entry in others], "other row", 3))
        left -= 1 + len(others)
    return " ".join(told), left


def rows_failed(bad: Sequence[Entry], skipped: int, breaker: Breaker) -> EightByEightError:
    """Return what went wrong with rows, each kind of it once.

    :param bad: Rows that failed or were refused.
    :param skipped: How many were not tried.
    """
    end = breaker.end
    told, others = grouped_messages(bad)
    more = f" And {others} more, see results." if others else ""
    if end is not None:
        return end.error.about(
            f"The run was ended, because {end.why}: {counted(len(bad), 'row')} failed, "
            f"{counted(skipped, 'was', 'were')} not tried any more. {told}{more}"
        )
    left = f" {skipped} were not tried any more." if skipped else ""
    wrong = sorted(f"{name} {value}" for name, value in breaker.wrong)
    if wrong and skipped:
        left = f" {counted(skipped, 'row was', 'rows were')} not tried any more, because of {', '.join(wrong)}."
    return EightByEightError(
        f"{counted(len(bad), 'row')} failed or {'was' if len(bad) == 1 else 'were'} refused. {told}{more}{left}",
        kind="rows_failed",
    )


def warnings_of(entries: Sequence[Entry]) -> list[str]:
    """Return the warnings of single users; of several about the same attributes the first, with the names of the others."""
    alike: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for entry in entries:
        for warning in entry.outcome.warnings:
            if warning.kind not in TOLD_TOGETHER:
                alike.setdefault((warning.kind, *entry.outcome.not_taken), []).append((entry.who, warning.text))
    return [
        text + _same_for([who for who, _text in others], "other user", 5) for (_who, text), *others in alike.values()
    ]


def _same_for(names: Sequence[str], what: str, most: int) -> str:
    return f" The same holds for {counted(len(names), what)} ({named(names, most)})." if names else ""
