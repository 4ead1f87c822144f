# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The text format of a ledger: JSON Lines, one follow-up on each line, in a stable order. Pure.

It is made for git. Each line has the format, so there is no header line that branches could change in different ways,
and an empty file is an empty ledger. With ``merge=union`` in ``.gitattributes``, git keeps the lines of both branches,
in any order, and may keep the old and the new line of a follow-up. Reading merges these lines, and refuses two changes
that contradict.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .._base.clock import read_stamp
from .._base.json_text import RepeatedNameError, unique_names
from .._base.text import abbreviated
from .._errors import EightByEightError
from .followup import OPEN, STATES, Followup, is_date, sort_key, unique_key
from .merge import Ledger

FORMAT = 1
#: Attributes that are text, and those of them that a follow-up always has.
_TEXTS = tuple(name for name in Followup._fields if name not in ("occurrence", "history"))
_REQUIRED = ("tenant", "action", "state", "opened")
#: Attributes that a change in the history may have.
_CHANGING = ("state", "closed_by", "note", "owner", "due", "user_id", "told")
_CONFLICT_MARKERS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


class _LineError(Exception):
    """A line is not a follow-up. The text says why."""


def write(ledger: Iterable[Followup]) -> str:
    """Return the text of a ledger."""
    return "".join(f"{_line(followup)}\n" for followup in sorted(ledger, key=sort_key))


def _line(followup: Followup) -> str:
    """Return a follow-up as a line without line break. Empty values are left out, invisible characters are escaped."""
    fields = {name: value for name, value in followup._asdict().items() if value not in (None, ())}
    text = json.dumps({"format": FORMAT, **fields}, ensure_ascii=False)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def read(content: bytes, name: str) -> Ledger:
    """Read a ledger.

    :param name: The name of the file, for messages.
    :raises EightByEightError: ``bad_ledger`` with the line number, when a line is wrong or two lines contradict each
        other.
    """
    first: dict[tuple[str, str, str, int], tuple[int, Followup]] = {}
    for number, line in enumerate(content.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            followup = _read_line(line)
        except _LineError as fault:
            raise EightByEightError(
                f"{name}, line {number}: {fault}. Correct the line, or remove it. Nothing was written.",
                kind="bad_ledger",
            ) from None
        key = unique_key(followup)
        known, other = first.get(key, (number, followup))
        both = reconciled(other, followup)
        if both is None:
            what = f"{abbreviated(followup.action)} of {abbreviated(followup.user_name or followup.user_id)}"
            raise EightByEightError(
                f"{name}, lines {known} and {number}: two people gave different values for {what}, which is "
                f"{_summary(other)} in one and {_summary(followup)} in the other. Keep one of the two lines. Nothing was "
                "written.",
                kind="bad_ledger",
            )
        first[key] = (known, both)
    return tuple(sorted((followup for _number, followup in first.values()), key=sort_key))


def _summary(followup: Followup) -> str:
    facts = [
        f"{name} {abbreviated(value)}" for name, value in (("owner", followup.owner), ("note", followup.note)) if value
    ]
    return ", ".join([followup.state, *facts])


def _read_line(line: bytes) -> Followup:
    try:
        text = line.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise _LineError("it is not UTF-8 text") from None
    if text.startswith(_CONFLICT_MARKERS):
        raise _LineError("it is a conflict marker that git left behind")
    try:
        fields = json.loads(text, object_pairs_hook=unique_names)
    except RepeatedNameError:
        raise _LineError("it has the same key twice") from None
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise _LineError("it is not a JSON object")
    version = fields.pop("format", None)
    if version != FORMAT:
        raise _LineError(
            f"it has format {abbreviated(version)}, and this release of the collection only knows format {FORMAT}. If a newer "
            "release wrote it, use that release"
        )
    history = fields.pop("history", [])
    occurrence = fields.pop("occurrence", None)
    if strange := [name for name in fields if name not in _TEXTS]:
        raise _LineError(f"it has the unknown key {abbreviated(strange[0])}")
    texts: dict[str, Any] = {name: fields.get(name) for name in _TEXTS}
    for name, value in texts.items():
        if not value and name in _REQUIRED:
            raise _LineError(f"its {name} is missing")
        if value is not None and not isinstance(value, str):
            raise _LineError(f"its {name} is not text")
    if not isinstance(occurrence, int) or isinstance(occurrence, bool) or occurrence < 1:
        raise _LineError("its occurrence is not a number of 1 or more")
    if not isinstance(history, list):
        raise _LineError("its history is not a list")
    if not all(map(_is_change, history)):
        raise _LineError("its history has a wrong entry")
    followup = Followup(**texts, occurrence=occurrence, history=tuple(history))
    _check(followup)
    return followup


def _is_change(entry: Any) -> bool:
    """Return whether an entry of a history has a time and changed attributes."""
    return (
        isinstance(entry, dict)
        and {"at"} < set(entry) <= {"at", *_CHANGING}
        and read_stamp(str(entry["at"])) is not None
        and all(value is None or isinstance(value, str) for value in entry.values())
    )


def _check(followup: Followup) -> None:
    if followup.state not in STATES:
        raise _LineError(f"its state is {abbreviated(followup.state)}, and not one of {', '.join(STATES)}")
    if not (followup.user_name or followup.user_id):
        raise _LineError("it has neither user_name nor user_id")
    for name in ("opened", "closed", "told"):
        moment: str | None = getattr(followup, name)
        if moment is not None and not read_stamp(moment):
            raise _LineError(f"its {name} is not a time such as 2026-12-01T08:30:00Z")
    if followup.due is not None and not is_date(followup.due):
        raise _LineError("its due is not a date such as 2026-12-01")
    if followup.is_open is not (followup.closed is None):
        raise _LineError("it is open but has closed" if followup.is_open else "it is not open but closed is missing")


def reconciled(one: Followup, other: Followup) -> Followup | None:
    """Merge two copies of one follow-up; None when they contradict each other.

    A copy that continues the other one is newer. When both were changed, they contradict only if they were closed in
    two ways or got two owners or two notes. Of two times, the earlier one is kept.
    """
    for older, newer in ((one, other), (other, one)):
        if newer.opened == older.opened and newer.history[: len(older.history)] == older.history:
            return newer
    states = {one.state, other.state} - {OPEN}
    values: dict[str, Any] = {}
    for name in ("owner", "note", "user_id"):
        found = {getattr(one, name), getattr(other, name)} - {None}
        if len(found) > 1:
            return None
        values[name] = found.pop() if found else None
    if len(states) > 1:
        return None
    first = min((one, other), key=lambda copy: (copy.opened, sort_key(copy)))
    closed = min((copy for copy in (one, other) if not copy.is_open), key=lambda copy: str(copy.closed), default=first)
    history = [*one.history, *(change for change in other.history if change not in one.history)]
    return first._replace(
        **values,
        due=min(filter(None, (one.due, other.due)), default=None),
        told=max(filter(None, (one.told, other.told)), default=None),
        state=closed.state,
        closed=closed.closed,
        closed_by=closed.closed_by,
        history=tuple(sorted(history, key=lambda change: str(change["at"]))),
    )
