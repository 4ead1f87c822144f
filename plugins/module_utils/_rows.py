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
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError, EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._models import ATTRIBUTES, PHONE_TYPES, TEXT_ATTRIBUTES
from ansible_collections.eightbyeight.scim.plugins.module_utils._plan import Wanted

#: The keys of a row. ``reason`` is what a file of failed rows carries; it is ignored, so that the file can be fed back.
IDENTITY = ("user_name", "user_id")
KEYS = (*IDENTITY, *ATTRIBUTES, "active", "reason")

#: In a source that has only text, such as CSV, an empty cell clears; this one leaves the attribute alone.
LEAVE_ALONE = "~"

_TEXTS = frozenset((*IDENTITY, *TEXT_ATTRIBUTES))
_TRUTH = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
_MOST_TOLD = 20


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

    :ivar problems: Everything that is wrong: ``row``, ``column`` and ``message`` of each.
    """

    kind = "bad_roster"

    def __init__(self, problems: Sequence[Mapping[str, Any]]) -> None:
        told = [f"row {problem['row']}, {problem['column']}: {problem['message']}" for problem in problems[:_MOST_TOLD]]
        if len(problems) > _MOST_TOLD:
            told.append(f"and {len(problems) - _MOST_TOLD} more")
        super().__init__(f"The roster cannot be used, and nothing was changed. {'; '.join(told)}.")
        self.problems = [dict(problem) for problem in problems]


def read_rows(users: Iterable[Any]) -> list[Row]:
    """Read a roster.

    :raises RosterError: With every problem of every row.
    """
    rows: list[Row] = []
    problems: list[dict[str, Any]] = []
    first: dict[tuple[str, str], int] = {}
    for number, given in enumerate(users, start=1):
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
                named = (column, value.lower() if column == "user_name" else value)
                if first.setdefault(named, number) != number:
                    faults.append((column, f"the same as in row {first[named]} ({value})"))
        problems += [{"row": number, "column": column, "message": message} for column, message in faults]
    if problems:
        raise RosterError(problems)
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
            near = difflib.get_close_matches(str(key), KEYS[:-1], n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(KEYS[:-1])}"
            faults.append((str(key), f"unknown key, {hint}"))
        elif value is None or value == LEAVE_ALONE or key == "reason":
            continue
        elif key == "active":
            if isinstance(value, bool):
                options[key] = value
            elif isinstance(value, (str, int)) and str(value).strip().lower() in _TRUTH:
                options[key] = _TRUTH[str(value).strip().lower()]
            elif value != "":
                faults.append((key, f"must be true or false, not {_type(value)}"))
        elif key == "phone_numbers":
            numbers, fault = _phones(value)
            options[key] = numbers
            faults += [(key, fault)] if fault else []
        elif isinstance(value, bool) or not isinstance(value, (str, int)):
            faults.append((key, f"must be text, not {_type(value)}"))
        elif key in IDENTITY and value == "":
            continue
        else:
            options[key] = str(value)
    if not faults and not any(options.get(key) for key in (*IDENTITY, "external_id")):
        faults.append(("user_name", "is missing, and without it nobody is named"))
    return options, faults


def _phones(value: Any) -> tuple[list[dict[str, str]], str | None]:
    shape = 'must be a list of {type: work or mobile, value: ...}, or that as JSON text, or "" to clear'
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else []
        except ValueError:
            return [], shape
    numbers = []
    for entry in value if isinstance(value, (list, tuple)) else [None]:
        if (
            not isinstance(entry, Mapping)
            or set(entry) != {"type", "value"}
            or entry["type"] not in PHONE_TYPES
            or not isinstance(entry["value"], (str, int))
        ):
            return [], shape
        numbers.append({"type": str(entry["type"]), "value": str(entry["value"])})
    return numbers, None


def failed_csv(rows: Iterable[tuple[Mapping[str, Any], str]]) -> str:
    """Return failed rows in the roster's own format, with the reason in the first column, to be mended and fed back."""
    rows = list(rows)
    columns = [key for key in KEYS[:-1] if any(key in given for given, _reason in rows)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["reason", *columns])
    for given, reason in rows:
        writer.writerow([reason, *(_cell(given.get(column)) for column in columns)])
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return LEAVE_ALONE
    if isinstance(value, (list, tuple)):
        return json.dumps(list(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


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
