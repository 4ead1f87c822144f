# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The role offboarding: its rows for the module, its facts, its lines for the screen and its failure message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._base.names import login_key
from .lines import Record, grouped_lines
from .obstacles import file_problems, written_files
from .people import PeopleRun, PersonOutcome, given, report_of
from .text import one_line

_NOBODY = (
    "8x8 has no user with this name or id. Check the spelling, and whether the user was deleted in Admin Console. To accept "
    "missing users, set offboarding_missing=report."
)
_IDENTITY = ("user_id", "external_id", "user_name")
#: Up to so many people are read one by one; for more, everybody is read.
_MOST_LOOKUPS = 10
_STILL_ACTIVE = (
    "8x8 confirmed the deactivation but still shows the user as active. Deactivate the user in Admin Console."
)


def offboarding_rows(users: Iterable[Any]) -> dict[str, list[Any]]:
    """Turn the people who leave into rows of a roster.

    :returns: ``rows``, each with ``state: absent``; ``lookups``, for each row that names somebody the option with which
        ``eightbyeight_user_info`` finds this person; ``reads``, the lookups, or one entry to read everybody; and ``problems``,
        sentences.
    """
    rows: list[Any] = []
    lookups: list[dict[str, Any]] = []
    problems: list[str] = []
    for number, row in enumerate(users, start=1):
        if not isinstance(row, Mapping):
            rows.append(row)  # The module reports the problem.
            continue
        if (given(row, "state") or "absent").lower() != "absent":
            state = one_line(repr(row["state"]))
            problems.append(
                f"offboarding_users: row {number}, state: {state} is not possible, because this role deactivates everybody in "
                "the list. Remove the row or its state."
            )
        rows.append({**row, "state": "absent"})
        named = [{"row": number, name: given(row, name)} for name in _IDENTITY if given(row, name)]
        lookups += named[:1]
    return {"rows": rows, "lookups": lookups, "reads": _reads(lookups), "problems": problems}


def _reads(lookups: Sequence[Record]) -> list[Record]:
    """Return what to read: each person, or everybody when the list is long."""
    return list(lookups) if len(lookups) <= _MOST_LOOKUPS else [{"everybody": True}]


def offboarding_report(steps: Record) -> dict[str, Any]:
    """Return the result of the role.

    :param steps: The fields of PeopleRun, ``missing`` (``fail`` or ``report``), ``before`` and ``after`` (results of loops of
        ``eightbyeight_user_info``), ``evidence`` (the result of the task that wrote it) and ``wants_evidence`` (whether a
        directory for it was given).
    """
    fields = dict(steps)
    missing, wanted, written = (fields.pop(name) for name in ("missing", "wants_evidence", "evidence"))
    lookups = offboarding_rows(fields["users"])["lookups"]
    before = _users(fields.pop("before"), lookups)
    after = _users(fields.pop("after"), lookups)
    run = PeopleRun(
        role="offboarding", done="offboarded", limits=("deactivate",), others=file_problems(written), **fields
    )
    results = [
        _result(
            outcome,
            before.get(number),
            after.get(number),
            missing_fails=missing == "fail",
            check_mode=run.check_mode,
        )
        for number, outcome in enumerate(run.outcomes(), start=1)
    ]
    evidence = "".join(written_files(written))
    return {
        **report_of(run, results, _notes(results, evidence, wants_evidence=bool(wanted))),
        "unclear": _unclear(results),
        "is_about_variables": run.is_about_variables,
        "evidence": evidence,
    }


def _notes(results: Sequence[Record], evidence: str, *, wants_evidence: bool) -> list[str]:
    noted = [row for row in results if not row["failed"] and row["outcome"] in _NOTES]
    notes = grouped_lines(noted, lambda row: _NOTES[row["outcome"]])
    if evidence:
        notes.append(f"evidence: {one_line(evidence)}")
    elif not wants_evidence:
        notes.append("evidence: not written; set offboarding_evidence_dir to a directory to get a record of each run")
    return notes


_NOTES = {
    "missing": "8x8 has no user with this name or id",
    "inactive_before": "was already deactivated",
    "waiting": "not deactivated until the end date has passed",
    "protected": "not changed, because offboarding_protected lists this user",
}


def _users(read: Any, lookups: Iterable[Record]) -> dict[int, Record]:
    """Return row number -> user, from a loop of ``eightbyeight_user_info``; no user when several fit."""
    results = (read or {}).get("results") or []
    # Two rows can name the same person.
    users = {user["id"]: user for result in results for user in result.get("users") or []}
    known: dict[tuple[str, str], list[Record]] = {}
    for user in users.values():
        for name in _IDENTITY:
            known.setdefault((name, _key(name, user.get("id" if name == "user_id" else name))), []).append(user)
    fitting = {
        lookup["row"]: known.get((name, _key(name, lookup[name])), [])
        for lookup in lookups
        for name in _IDENTITY
        if name in lookup
    }
    return {number: own[0] for number, own in fitting.items() if len(own) == 1}


def _key(name: str, value: Any) -> str:
    return login_key(str(value)) if name == "user_name" else str(value)


def _result(
    outcome: PersonOutcome, before: Record | None, after: Record | None, *, missing_fails: bool, check_mode: bool
) -> dict[str, Any]:
    _row, entry, result = outcome
    status, user = entry["status"], after or (None if check_mode else entry.get("user"))
    is_missing = status == "unchanged" and entry.get("user") is None and before is None
    reason = result["reason"]
    if not reason and is_missing and missing_fails:
        reason = _NOBODY
    if not reason and status == "done" and user and user.get("active"):
        reason = _STILL_ACTIVE
    holds = {
        "missing": is_missing,
        "failed": reason,
        "deactivated": result["changed"],
        "protected": status == "protected",
        "waiting": status == "waiting",
    }
    return {
        **result,
        "outcome": next((name for name, value in holds.items() if value), "inactive_before"),
        "missing": is_missing,
        "failed": bool(reason),
        "reason": reason,
        "before": before,
        "after": user,
    }


def _unclear(results: Sequence[Record]) -> list[Record]:
    """Return whom to read again: people who failed and whose state is not known."""
    return _reads(
        [
            {"row": number, "user_id": row["user_id"]}
            for number, row in enumerate(results, start=1)
            if row["failed"] and row["user_id"] and row["after"] is None
        ]
    )
