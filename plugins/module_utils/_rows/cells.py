# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The cells of one row of a roster: what each may hold, and what it means.

A row may come from YAML, from JSON or from CSV, so a cell may be text or have a type. What YAML made of text that it took for
a number or a boolean is refused where that lost something: a phone number its plus, an id its zeros, a department its name.
"""

from __future__ import annotations

import datetime as dt
import difflib
import functools
import json
from collections.abc import Mapping
from typing import Any

from .._base.text import abbreviated, text_or_type, type_of
from .._resource.names import ATTRIBUTES, PHONE_TYPES, TEXT_ATTRIBUTES

IDENTITY = ("user_name", "user_id")
#: Columns for one phone number each, for sources that have only text: column -> type of the number.
PHONE_COLUMNS = {"work_phone": "work", "mobile": "mobile"}
#: The columns that say from when and until when a row counts, see :mod:`_rows.dates`.
DATES = ("starts", "ends")
#: The keys of a row. ``reason`` is what a file of failed rows carries; it is ignored, so that the file can be fed back.
KEYS = (*IDENTITY, *ATTRIBUTES, *PHONE_COLUMNS, "active", "state", *DATES, "reason")

#: In a source that has only text, such as CSV, an empty cell clears; this one leaves the attribute alone.
LEAVE_ALONE = "~"
#: Where an empty cell is one that is not given: a site cannot be cleared, and a blank must not decide about access.
_EMPTY_IS_NOT_GIVEN = frozenset((*IDENTITY, "site", "active", "state", *DATES))

_TEXTS = frozenset((*IDENTITY, *TEXT_ATTRIBUTES))
#: Where a number is text whose zeros or plus YAML has taken off.
_NEVER_NUMBERS = frozenset((*IDENTITY, "external_id", *PHONE_COLUMNS, "phone_numbers"))
#: What text may mean true or false.
TRUTH = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
_STATES = ("present", "absent")
#: What is between the cells of a file, as :func:`abbreviated` shows it.
_DELIMITERS = (";", "\\t", "|", ",")
#: A number with more digits was not meant as text.
_MOST_DIGITS = 20

Fault = tuple[str, str]


def read_cells(given: Any) -> tuple[dict[str, Any], list[Fault]]:
    """Read one row.

    :returns: The options of ``eightbyeight_user`` that it stands for, with single phone numbers in ``phones`` (type -> value,
        None to clear), and its dates as they came; and what is wrong, as column and message.
    """
    if not isinstance(given, (dict, Mapping)):
        return {}, [("row", f"must be a dictionary, not {type_of(given)}")]
    options: dict[str, Any] = {}
    faults: list[Fault] = []
    for key, value in given.items():
        blank = isinstance(value, str) and not value.strip()
        if isinstance(value, str) and value != LEAVE_ALONE and key in _TEXTS and not blank:
            options[key] = value  # nearly every cell
        elif key not in KEYS:
            name = abbreviated(key)
            faults.append((name, f"unknown key, {_hint(name)}"))
        elif value is None or value == LEAVE_ALONE or key == "reason" or (blank and key in _EMPTY_IS_NOT_GIVEN):
            continue
        else:
            fault = _read_cell(options, key, value)
            faults += [(key, fault)] if fault else []
    return options, faults + _contradictions(options)


def _read_cell(options: dict[str, Any], key: str, value: Any) -> str | None:
    """Read a cell that is no plain text of a text column.

    :returns: What is wrong with it.
    """
    if key == "active":
        said = abbreviated(value).strip().lower()
        options[key] = TRUTH.get(said)
        return None if said in TRUTH else f"must be true or false, not {text_or_type(value)}"
    if key == "state":
        options[key] = abbreviated(value).strip().lower()
        return None if options[key] in _STATES else f"must be present or absent, not {text_or_type(value)}"
    if key in DATES:
        options[key] = value  # Read with a calendar.
        return None
    if key == "phone_numbers":
        options[key], fault = phones_of(value)
        return fault
    text, fault = _text(key, value)
    if key in PHONE_COLUMNS:
        options.setdefault("phones", {})[PHONE_COLUMNS[key]] = (text or "").strip() or None
    elif text is not None:
        options[key] = text
    return fault


def _contradictions(options: dict[str, Any]) -> list[Fault]:
    faults = []
    if options.get("state") == "absent" and options.pop("active", None):
        faults.append(("active", "is true, and state: absent deactivates; give one of the two"))
    if "phones" in options and "phone_numbers" in options:
        faults.append(("phone_numbers", f"says the same as {' and '.join(PHONE_COLUMNS)}; give one or the others"))
    return faults


@functools.lru_cache(maxsize=256)
def _hint(name: str) -> str:
    # A file that was read with another delimiter than it has is all in one column.
    delimiter = next((each for each in _DELIMITERS if not set(KEYS).isdisjoint(name.split(each))), None)
    if delimiter:
        return f"is the delimiter `{delimiter}`?"
    near = difflib.get_close_matches(name, KEYS[:-1], n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(KEYS[:-1])}"


def phones_of(value: Any) -> tuple[list[dict[str, str]], str | None]:
    """Return the phone numbers of a cell, a list or that as JSON text, and what is wrong with it."""
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
        number, fault = _text("phone_numbers", entry["value"])
        if number is None:
            return [], fault or shape
        numbers.append({"type": str(entry["type"]), "value": number})
    return numbers, None


def _text(key: str, value: Any) -> tuple[str | None, str | None]:
    """Return the text of a cell, and what is wrong with it."""
    if isinstance(value, str):
        return value, None
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and key in _NEVER_NUMBERS:
        return None, f"must be text, not {type_of(value)}: quote it, or a leading zero or plus is lost"
    if is_number and isinstance(value, int) and abs(value) < 10**_MOST_DIGITS:
        return str(value), None
    quote = ": quote it" if isinstance(value, (int, float, dt.date)) else ""
    return None, f"must be text, not {type_of(value)}{quote}"
