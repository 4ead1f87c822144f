# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The result of a run: the keys of the module's result, its failure, and the warnings about single users.

A message for many users is given once, with their number and a few names.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._base.empty import COUNTS
from .._base.text import counted, named
from .._errors import EightByEightError
from .breaker import comparable_message
from .options import RosterOptions
from .record import Entry, Record

#: The largest diff, in bytes of JSON. AWX empties an event of more than 700 kB.
_MAX_DIFF_BYTES = 500_000
#: Kinds of warnings about single users for which the run has one warning about all of them.
SUMMARIZED_KINDS = ("changed_meanwhile", "stays_inactive")


class RosterReport(NamedTuple):
    """The result of a run.

    :param result: The keys of the module's result; the same in every outcome.
    :param error: The failure, or None.
    """

    result: Mapping[str, Any]
    warnings: list[str]
    error: EightByEightError | None


def report_of(
    record: Record, options: RosterOptions, sent: Mapping[str, int], ended_by: EightByEightError | None
) -> RosterReport:
    """Return the result of a run.

    :param sent: The requests that were sent, by verb.
    :param ended_by: The error that ended the run early, or None.
    """
    warnings = [*record.warnings, *_warnings_of(record.entries)]
    return RosterReport(_result_of(record, options, sent), warnings, ended_by or _failure_of(record))


def _result_of(record: Record, options: RosterOptions, sent: Mapping[str, int]) -> dict[str, Any]:
    entries, plan = record.entries, record.plan
    # Planned changes count as changes only in check mode.
    done = ("done", "planned") if options.check_mode else ("done",)
    found = Counter(entry.operation if entry.status in done else entry.status for entry in entries)
    found["inactive"] = sum(entry.stays_inactive for entry in entries)
    everybody = bool(options.given.get("return_unchanged"))
    shown = [entry for entry in entries if everybody or entry.status != "unchanged" or entry.change.changed]
    changed = [entry for entry in entries if entry.applied or entry.status in done]
    return {
        "changed": bool(changed),
        "summary": {name: found[name] for name in COUNTS},
        "results": [entry.result() for entry in shown],
        "plan": {
            "digest": plan and plan.digest,
            "expires": plan and plan.expires,
            "forecast": record.forecast._asdict(),
        },
        "requests": dict(sorted(sent.items())),
        "read": record.reading.why,
        "complete": record.complete,
        "manual_actions": [action for entry in entries for action in entry.actions],
        "diff": _limit_diff([entry.change.diff(entry.who) for entry in changed]),
        "problems": record.problems,
        "changed_elsewhere": sorted({*record.changed_before, *record.changed_during}),
    }


def _limit_diff(hunks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the hunks that fit into an event of AWX with all other data, and a last one that counts the others."""
    size = 0
    for number, hunk in enumerate(hunks):
        size += len(json.dumps(hunk))
        if size > _MAX_DIFF_BYTES:
            header = f"{len(hunks) - number} more"
            rest = {"before": "", "after": "The changes of all users are in results and in the plan.\n"}
            return [*hunks[:number], {"before_header": header, "after_header": header, **rest}]
    return hunks


def _failure_of(record: Record) -> EightByEightError | None:
    """Return the failure of a run, with each kind of failure once; None when nothing failed."""
    bad = [entry for entry in record.entries if entry.error is not None]
    if not bad:
        return next(iter(record.unfinished), None)
    skipped, end = sum(entry.status == "skipped" for entry in record.entries), record.breaker.end
    messages = _messages(bad)
    if end is not None:
        return end.error.about(
            f"The run was ended, because {end.why}: {counted(len(bad), 'row')} failed, "
            f"{counted(skipped, 'was', 'were')} not tried any more. {messages}"
        )
    left = f" {skipped} were not tried any more." if skipped else ""
    wrong = sorted(f"{name} {value}" for name, value in record.breaker.refused_values)
    if wrong and skipped:
        left = f" {counted(skipped, 'row was', 'rows were')} not tried any more, because of {', '.join(wrong)}."
    return EightByEightError(
        f"{counted(len(bad), 'row')} failed or {'was' if len(bad) == 1 else 'were'} refused. {messages}{left}",
        kind="rows_failed",
    )


def _messages(failed: Sequence[Entry]) -> str:
    """Return the messages of up to three kinds of failure, and the number of rows with other failures."""
    alike: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for entry in failed:
        if entry.error is not None:
            kind = (entry.error.kind, comparable_message(entry.error, entry.names))
            alike.setdefault(kind, []).append((entry.who, entry.error.message))
    messages = [_with_others(same, "other row", 3) for same in alike.values()][:3]
    others = sum(len(same) for same in [*alike.values()][3:])
    return " ".join([*messages, *([f"And {others} more, see results."] if others else [])])


def _warnings_of(entries: Sequence[Entry]) -> list[str]:
    """Return the warnings about single users. Several about the same attributes become one, with the names of the others."""
    alike: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for entry in entries:
        for warning in entry.warnings:
            if warning.kind not in SUMMARIZED_KINDS:
                alike.setdefault((warning.kind, *entry.not_taken), []).append((entry.who, warning.text))
    return [_with_others(same, "other user", 5) for same in alike.values()]


def _with_others(same: Sequence[tuple[str, str]], what: str, most: int) -> str:
    (_who, text), *others = same
    names = [who for who, _text in others]
    return f"{text} The same holds for {counted(len(names), what)} ({named(names, most)})." if names else text
