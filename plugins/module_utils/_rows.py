# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The rows of a roster: read all of them, and say everything that is wrong with them at once.

A roster that cannot be read, with unknown keys, wrong types or duplicates, is refused whole. A person who cannot be made is
that row's trouble alone, and found out later.
"""

from __future__ import annotations

import csv
import difflib
import fnmatch
import functools
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._errors import (
    BadOptionError,
    EightByEightError,
    shown,
)
from ._models import ATTRIBUTES, PHONE_TYPES, TEXT_ATTRIBUTES
from ._names import login_key
from ._plan import Wanted

#: The keys of a row. ``reason`` is what a file of failed rows carries; it is ignored, so that the file can be fed back.
IDENTITY = ("user_name", "user_id")
KEYS = (*IDENTITY, *ATTRIBUTES, "active", "reason")

#: In a source that has only text, such as CSV, an empty cell clears; this one leaves the attribute alone.
LEAVE_ALONE = "~"

_TEXTS = frozenset((*IDENTITY, *TEXT_ATTRIBUTES))
_TRUTH = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
#: How many problems a message tells, and how many a result: a roster of a million rows can have a million.
_MOST_TOLD = 20
_MOST_PATTERN = 500
_MOST_PROBLEMS = 1000
#: A number with more digits is none that somebody gave for a text.
_MOST_DIGITS = 20


@dataclass(frozen=True)
class Row:
    """One person of a roster.

    :param number: Its position, from 1.
    :param wanted: What is asked for.
    :param given: The row as it came, to hand it back when it failed.
    """

    number: int
    wanted: Wanted
    given: Mapping[str, Any]

    @property
    def who(self) -> str:
        """The person, as messages name them."""
        wanted = self.wanted
        return wanted.who if wanted.user_name or wanted.user_id else f"external id {self.external_id}"

    @property
    def external_id(self) -> str | None:
        """The external id, where the row names one."""
        value: str | None = self.wanted.attributes.get("external_id")
        return value


class RosterError(EightByEightError):
    """The roster cannot be read.

    :param problems: What is wrong.
    :param count: How many problems there are, where not all are given.
    :ivar problems: Everything that is wrong, or the first thousand: ``row``, ``column`` and ``message`` of each.
    """

    kind = "bad_roster"

    def __init__(self, problems: Sequence[Mapping[str, Any]], count: int | None = None) -> None:
        told = [
            f"row {problem['row']}{', ' + problem['column'] if problem['column'] != 'row' else ''}: {problem['message']}"
            for problem in problems[:_MOST_TOLD]
        ]
        more = (len(problems) if count is None else count) - len(told)
        if more > 0:
            told.append(f"and {more} more")
        end = "" if told[-1].endswith("?") else "."
        super().__init__(f"The roster cannot be used, and nothing was changed. {'; '.join(told)}{end}")
        self.problems = [dict(problem) for problem in problems]


def read_rows(users: Iterable[Any]) -> list[Row]:
    """Read a roster.

    :raises RosterError: With every problem of every row.
    """
    rows: list[Row] = []
    problems: list[dict[str, Any]] = []
    count = 0
    first: dict[tuple[str, str], int] = {}
    for number, given in enumerate(users, start=1):
        if isinstance(given, Mapping) and "reason" in given:
            given = {key: _as_it_was(value) for key, value in given.items()}
        options, faults = _read_row(given)
        try:
            wanted = Wanted.from_options(options)
        except BadOptionError:
            faults += _all_faults(options)
        if not faults:
            rows.append(Row(number, wanted, given))
        for column in ("user_name", "user_id", "external_id"):
            value = options.get(column)
            if value:
                named = (column, login_key(value) if column == "user_name" else value)
                if first.setdefault(named, number) != number:
                    faults.append((column, f"the same as in row {first[named]} ({shown(value)})"))
        if faults:
            count += len(faults)
            for column, message in faults[: _MOST_PROBLEMS - len(problems)]:
                problems.append({"row": number, "column": column, "message": message})
    if problems:
        raise RosterError(problems, count)
    return rows


def _all_faults(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Ask for each value alone, because all of them together fail at the first."""
    faults = []
    for column, value in options.items():
        try:
            Wanted.from_options({column: value})
        except BadOptionError as error:
            faults.append((column, error.message.rstrip(".")))
    return faults


def _read_row(given: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    if not isinstance(given, (dict, Mapping)):
        return {}, [("row", f"must be a dictionary, not {_type(given)}")]
    options: dict[str, Any] = {}
    faults: list[tuple[str, str]] = []
    for key, value in given.items():
        if isinstance(value, str) and value and value != LEAVE_ALONE and key in _TEXTS:
            options[key] = value  # nearly every cell
        elif key not in KEYS:
            name = shown(key)
            faults.append((name, f"unknown key, {_hint(name)}"))
        elif value is None or value == LEAVE_ALONE or key == "reason":
            continue
        elif key == "active":
            said = shown(value).strip().lower()
            if isinstance(value, bool):
                options[key] = value
            elif isinstance(value, (str, int)) and said in _TRUTH:
                options[key] = _TRUTH[said]
            elif value != "":
                what = repr(shown(value)) if isinstance(value, str) else _type(value)
                faults.append((key, f"must be true or false, not {what}"))
        elif key == "phone_numbers":
            numbers, fault = _phones(value)
            options[key] = numbers
            faults += [(key, fault)] if fault else []
        elif _text(value) is None:
            faults.append((key, f"must be text, not {_type(value)}"))
        elif key in IDENTITY and value == "":
            continue
        else:
            options[key] = _text(value)
    if not faults and not any(options.get(key) for key in (*IDENTITY, "external_id")):
        faults.append(("user_name", "is missing, and without it nobody is named"))
    return options, faults


@functools.lru_cache(maxsize=256)
def _hint(name: str) -> str:
    near = difflib.get_close_matches(name, KEYS[:-1], n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(KEYS[:-1])}"


def _phones(value: Any) -> tuple[list[dict[str, str]], str | None]:
    shape = 'must be a list of {type: work or mobile, value: ...}, or that as JSON text, or "" to clear'
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else []
        except (ValueError, RecursionError):
            return [], shape
    numbers = []
    for entry in value if isinstance(value, (list, tuple)) else [None]:
        if not isinstance(entry, Mapping) or set(entry) != {"type", "value"} or entry["type"] not in PHONE_TYPES:
            return [], shape
        number = _text(entry["value"])
        if number is None:
            return [], shape
        numbers.append({"type": str(entry["type"]), "value": number})
    return numbers, None


def _text(value: Any) -> str | None:
    """Return text, or a number that is meant as such; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_MOST_DIGITS:
        return str(value)
    return value if isinstance(value, str) else None


class Protected:
    """Who is never touched: login names, with wildcards, without case.

    Each pattern is made ready once: ``fnmatch`` forgets those of a long list, and would make them anew for every user. Its
    patterns do not backtrack, so no pattern takes long.

    :raises BadOptionError: For a pattern that is empty or white space, which protects nobody and was meant for somebody.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        self._names: set[str] = set()
        self._wild: list[re.Pattern[str]] = []
        for number, pattern in enumerate(patterns, start=1):
            if not pattern.strip():
                raise BadOptionError(f"protected: entry {number} is empty, and protects nobody.")
            if len(pattern) > _MOST_PATTERN:
                raise BadOptionError(f"protected: entry {number} has more than {_MOST_PATTERN} characters.")
            plain = login_key(pattern)
            if any(char in plain for char in "*?["):
                self._wild.append(re.compile(fnmatch.translate(plain)))
            else:
                self._names.add(plain)

    def covers(self, name: str) -> bool:
        """Say whether somebody is protected."""
        plain = login_key(name)
        return plain in self._names or any(pattern.match(plain) for pattern in self._wild)

    def covers_all(self, names: Iterable[str]) -> bool:
        """Say whether the wildcards leave nobody to be touched; a list that names each one means it."""
        plain = [login_key(name) for name in names]
        return (
            bool(self._wild and plain)
            and not all(name in self._names for name in plain)
            and all(self.covers(name) for name in plain)
        )


def failed_csv(rows: Iterable[tuple[Mapping[str, Any], str]]) -> str:
    """Return failed rows in the roster's own format, with the reason in the first column, to be mended and fed back."""
    rows = list(rows)
    columns = [key for key in KEYS[:-1] if any(key in given for given, _reason in rows)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["reason", *columns])
    # Up to Python 3.12 a carriage return alone is written as it is, and read as the end of a row.
    quoting = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for given, reason in rows:
        cells = [_no_formula(reason), *(_cell(given.get(column)) for column in columns)]
        (quoting if any("\r" in cell for cell in cells) else writer).writerow(cells)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return LEAVE_ALONE
    if isinstance(value, (list, tuple)):
        return json.dumps(list(value))
    return _no_formula(str(value).lower() if isinstance(value, bool) else str(value))


#: What a spreadsheet takes for a formula, in the wide forms too; and what looks like one that was made harmless already.
_FORMULA = re.compile(r"[\s']*[=+@\t\r\uff1d\uff0b\uff20\uff0d-]")


def _no_formula(text: str) -> str:
    """Return a text with an apostrophe in front where a spreadsheet would compute it. :func:`_as_it_was` takes it off."""
    return f"'{text}" if _FORMULA.match(text) else text


def _as_it_was(value: Any) -> Any:
    """Return a cell of a file of failed rows, as the only ones with a reason are, without what was put in front of it."""
    return value[1:] if isinstance(value, str) and value.startswith("'") and _FORMULA.match(value) else value


def _type(value: Any) -> str:
    names = {
        "str": "text",
        "int": "a number",
        "float": "a number",
        "list": "a list",
        "dict": "a dictionary",
        "bool": "true or false",
    }
    return names.get(type(value).__name__, "nothing" if value is None else type(value).__name__)
