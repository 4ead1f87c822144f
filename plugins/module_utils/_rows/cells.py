# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The cells of one row of a roster: the values that each may have, and their meaning.

A row may come from YAML, JSON or CSV, so a cell may be text or another type. When YAML turns text into a number or a boolean,
something may be lost: the plus of a phone number, the zeros of an id, the name of a department. Such a cell is refused.
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
#: The columns for the first and the last day of a row, see :mod:`_rows.dates`.
DATES = ("starts", "ends")
#: The keys of a row. ``reason`` comes from a file of failed rows. It is ignored, so that such a file can be used as a roster.
KEYS = (*IDENTITY, *ATTRIBUTES, *PHONE_COLUMNS, "active", "state", *DATES, "reason")

#: In a source that has only text, such as CSV, an empty cell clears the attribute, and this value leaves it unchanged.
LEAVE_ALONE = "~"
#: Columns in which a blank cell is ignored: a site cannot be cleared, and a blank must not decide about access.
_BLANK_IS_NOT_GIVEN = frozenset((*IDENTITY, "site", "active", "state", *DATES))

_TEXT_COLUMNS = frozenset((*IDENTITY, *TEXT_ATTRIBUTES))
#: Columns in which a number is refused, because YAML may have removed leading zeros or a plus.
_NO_NUMBERS = frozenset((*IDENTITY, "external_id", *PHONE_COLUMNS, "phone_numbers"))
#: The texts that mean true or false.
TRUTH = {"true": True, "yes": True, "1": True, "on": True, "false": False, "no": False, "0": False, "off": False}
_STATES = ("present", "absent")
#: Delimiters of CSV, as :func:`abbreviated` shows them.
_DELIMITERS = (";", "\\t", "|", ",")
#: A number with more digits is refused, because it was not meant as text.
_MOST_DIGITS = 20

Fault = tuple[str, str]


def read_cells(given: Any) -> tuple[dict[str, Any], list[Fault]]:
    """Read one row.

    :returns: The row as options of ``eightbyeight_user``, with single phone numbers in ``phones`` (type -> value, None to clear)
        and with unchecked dates; and the faults, each as column and message.
    """
    if not isinstance(given, (dict, Mapping)):
        return {}, [("row", f"must be a dictionary, not {type_of(given)}")]
    options: dict[str, Any] = {}
    faults: list[Fault] = []
    for key, value in given.items():
        is_blank = isinstance(value, str) and not value.strip()
        if isinstance(value, str) and value != LEAVE_ALONE and key in _TEXT_COLUMNS and not is_blank:
            options[key] = value  # nearly every cell
        elif key not in KEYS:
            name = abbreviated(key)
            faults.append((name, f"unknown key, {_unknown_key_hint(name)}"))
        elif value is None or value == LEAVE_ALONE or key == "reason" or (is_blank and key in _BLANK_IS_NOT_GIVEN):
            continue
        else:
            fault = _read_cell(options, key, value)
            faults += [(key, fault)] if fault else []
    return options, faults + _contradictions(options)


def _read_cell(options: dict[str, Any], key: str, value: Any) -> str | None:
    """Read a cell that is not plain text in a text column.

    :returns: The fault, if there is one.
    """
    if key == "active":
        word = abbreviated(value).strip().lower()
        options[key] = TRUTH.get(word)
        return None if word in TRUTH else f"must be true or false, not {text_or_type(value)}"
    if key == "state":
        options[key] = abbreviated(value).strip().lower()
        return None if options[key] in _STATES else f"must be present or absent, not {text_or_type(value)}"
    if key in DATES:
        options[key] = value  # Read later, with a calendar.
        return None
    if key == "phone_numbers":
        options[key], fault = phones_of(value)
        return fault
    text, fault = _read_text(key, value)
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
def _unknown_key_hint(name: str) -> str:
    # With the wrong delimiter, a file has only one column.
    delimiter = next((sign for sign in _DELIMITERS if not set(KEYS).isdisjoint(name.split(sign))), None)
    if delimiter:
        return f"is the delimiter `{delimiter}`?"
    near = difflib.get_close_matches(name, KEYS[:-1], n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(KEYS[:-1])}"


def phones_of(value: Any) -> tuple[list[dict[str, str]], str | None]:
    """Return the phone numbers of a cell (a list, or one as JSON text), and the fault, if there is one."""
    expected = 'must be a list of {type: work or mobile, value: ...}, or that as JSON text, or "" to clear'
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else []
        except (ValueError, RecursionError):
            return [], expected
    numbers = []
    for entry in value if isinstance(value, (list, tuple)) else [None]:
        if not isinstance(entry, Mapping) or set(entry) != {"type", "value"} or entry["type"] not in PHONE_TYPES:
            return [], expected
        number, fault = _read_text("phone_numbers", entry["value"])
        if number is None:
            return [], fault or expected
        numbers.append({"type": str(entry["type"]), "value": number})
    return numbers, None


def _read_text(key: str, value: Any) -> tuple[str | None, str | None]:
    """Return the text of a cell, and the fault, if there is one."""
    if isinstance(value, str):
        return value, None
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and key in _NO_NUMBERS:
        return None, f"must be text, not {type_of(value)}: quote it, or a leading zero or plus is lost"
    if is_number and isinstance(value, int) and abs(value) < 10**_MOST_DIGITS:
        return str(value), None
    quote = ": quote it" if isinstance(value, (int, float, dt.date)) else ""
    return None, f"must be text, not {type_of(value)}{quote}"
