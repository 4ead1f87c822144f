# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What a roster says about many users at once: each thing once, with how many it holds for, and a few names."""

from __future__ import annotations

from collections.abc import Sequence

from .._base.text import counted, named
from .._errors import EightByEightError
from .breaker import Breaker, same_words
from .entries import Entry

#: Kinds of warnings about one user that a roster tells of all of them at once.
SUMMARIZED = ("not_stored", "changed_unasked", "changed_meanwhile", "stays_inactive")


def told_once(entries: Sequence[Entry]) -> tuple[str, int]:
    """Return the messages of up to three kinds of failure, each once, and how many entries have another."""
    alike: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        if entry.error is not None:
            alike.setdefault((entry.error.kind, same_words(entry.error, entry.names)), []).append(entry)
    told, left = [], len(entries)
    for first, *others in list(alike.values())[:3]:
        message = first.error.message if first.error is not None else ""
        told.append(message + _same_for([entry.who for entry in others], "other row", 3))
        left -= 1 + len(others)
    return " ".join(told), left


def summed_up(bad: Sequence[Entry], skipped: int, breaker: Breaker) -> EightByEightError:
    """Return what went wrong with rows, each kind of it once.

    :param bad: Rows that failed or were refused.
    :param skipped: How many were not tried.
    """
    end = breaker.end
    told, others = told_once(bad)
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
    """Return the warnings of single users, once for a kind; what the roster tells of everybody at once is not among them."""
    alike: dict[str, list[tuple[str, str]]] = {}
    for entry in entries:
        for warning in entry.outcome.warnings:
            if warning.kind not in SUMMARIZED:
                alike.setdefault(warning.kind, []).append((entry.who, warning.text))
    told = []
    for (_who, text), *others in alike.values():
        told.append(text + _same_for([who for who, _text in others], "other user", 5))
    return told


def _same_for(names: Sequence[str], what: str, most: int) -> str:
    return f" The same holds for {counted(len(names), what)} ({named(names, most)})." if names else ""


def warnings_about_writes(entries: Sequence[Entry]) -> list[str]:
    """Return what the changes of many users warn of: each thing once, with how many users it holds for."""
    warnings = []
    if dropped := [entry for entry in entries if entry.outcome.not_taken]:
        names = sorted({name for entry in dropped for name in entry.outcome.not_taken})
        later = "The same values are not sent again."
        if not all(entry.outcome.remembered for entry in dropped):
            later = (
                "This could not be remembered, because 8x8 may not have processed it yet, or there is no writable state folder. "
                "The next run looks again."
            )
        users = f"{counted(len(dropped), 'user')} as given ({named([entry.who for entry in dropped])})"
        warnings.append(f"8x8 did not store {', '.join(names)} of {users}. {later}")
    if different := [entry for entry in entries if entry.outcome.changed_unasked]:
        names = sorted({name for entry in different for name in entry.outcome.changed_unasked})
        warnings.append(
            f"{counted(len(different), 'user')} came out different in what the roster leaves alone ({', '.join(names)} of "
            f"{named([entry.who for entry in different])}). Somebody else wrote at the same moment, or 8x8 rewrites it."
        )
    return warnings + warnings_of(entries)
