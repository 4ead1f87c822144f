# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads one cell. Text is trimmed, normalized (NFC), and without the signs that spreadsheets put in front of it.

A function that reads the cell of an attribute returns its value, or an empty text, and raises :class:`CellError`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from .._base.text import abbreviated
from .._errors import BadOptionError
from .._resource.values import check_identity, check_text, flaw_of
from .._rows.cells import phones_of

#: What PowerShell (Export-Csv) writes instead of the values of a list.
_POWERSHELL_LIST = re.compile(r"(?:System|Microsoft)\.[\w.]+(?:\[\]|`1\[.*\])")
#: Excel shows a number or a formula after an apostrophe as text. The apostrophe of a name such as 't Hooft is kept.
_GUARD = re.compile(r"'(?=[=+@0-9-])")
#: Some exports write text as a formula, so that Excel keeps leading zeros: ="0123".
_FORMULA = re.compile(r'="([^"]*)"')
_BREAKS = re.compile(r"\s*[\r\n\v\f\u0085\u2028\u2029]+\s*")
#: A long number in the notation of Excel.
SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
#: Only digits: long enough for a phone number with country code, and without the leading zero of a national number.
_LOST_PLUS = re.compile(r"[1-9]\d{10,14}")

#: Characters that change the direction of text.
_DIRECTION_SIGNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


#: 8x8's Administration API accepts 3 to 70 of these characters (fact sheet section 3).
_LOGIN = re.compile(r"[A-Za-z0-9.@_/-]{3,70}")
_EMAIL = re.compile(r"[!-?A-Z^-~]+@[!-?A-Z^-~]+")
_IDENTIFIERS = frozenset(("user_name", "user_id", "external_id", "email"))
#: No attribute has a lower limit. Longer values are checked against the limit of their attribute.
_ALWAYS_SHORT_ENOUGH = 30
_LONGEST_EMAIL = 128
#: A number with more digits is not a set of bits.
_MOST_DIGITS = 19


class CellError(Exception):
    """A cell cannot be read. The text says why."""


def as_text(value: Any) -> str:
    """Return a value as text; empty when there is no value.

    :raises CellError: When it is not text.
    """
    if isinstance(value, str):
        text = value.strip()
        if text.isascii():
            if text and text[0] in "'=SM":
                return _without_spreadsheet(text)
            return text
        return _without_spreadsheet(unicodedata.normalize("NFC", text).strip("\ufeff \u00a0"))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, (list, tuple)):
        texts = list(dict.fromkeys(text for entry in value if (text := as_text(entry))))
        if len(texts) > 1:
            raise CellError(f"has {len(texts)} values ({abbreviated(texts)}) instead of one")
        return texts[0] if texts else ""
    if isinstance(value, Mapping):
        raise CellError("is a dictionary, not one value; name a value in it, such as column.key")
    return str(value)


def _without_spreadsheet(text: str) -> str:
    if _POWERSHELL_LIST.fullmatch(text):
        return ""
    formula = _FORMULA.fullmatch(text)
    return formula[1] if formula else text[1:] if _GUARD.match(text) else text


def as_list(value: Any) -> Sequence[Any]:
    """Return a list of values: those of a list, a single value, or none for None."""
    return value if isinstance(value, (list, tuple)) else () if value is None else (value,)


def whole_number(text: str) -> int | None:
    """Return the number that a text is; None for other texts."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None


def read_text(attribute: str, given: Any) -> str:
    """Read the value of an attribute that is a text.

    :raises CellError: When it cannot be its value.
    """
    text = as_text(given)
    if attribute not in _IDENTIFIERS and not text.isprintable():
        # No attribute of 8x8 has several lines.
        text = _BREAKS.sub(" ", text).replace("\t", " ")
    if text and (message := _fault(attribute, text)):
        raise CellError(message)
    return text


def read_phone(of_table: bool, given: Any) -> str:
    """Read a phone number.

    :param of_table: Whether it comes from a table, which a spreadsheet may have changed.
    :raises CellError: When it cannot be right.
    """
    text = as_text(given)
    if text and (message := _phone_fault(text, of_table, given) or _fault("phone_numbers", text)):
        raise CellError(f"{message}. The number is not changed")
    return text


def read_phones(given: Any) -> list[dict[str, str]]:
    """Read all phone numbers of a person in the format of our own files.

    :raises CellError: When they are wrong.
    """
    numbers, message = phones_of("" if given is None else given)
    if message:
        raise CellError(f"{message}. The numbers are not changed")
    return numbers


def read_state(given: Any) -> str:
    """Read the state of a row.

    :raises CellError: When it is neither present nor absent.
    """
    text = as_text(given)
    if text.lower() not in ("", "present", "absent"):
        raise CellError(f"must be present or absent, not {abbreviated(text)!r}")
    return text.lower()


def _fault(attribute: str, text: str) -> str:
    """Return why a text cannot be the value of an attribute; empty when it can."""
    if attribute == "user_name":
        is_simple = _LOGIN.fullmatch(text) is not None
    elif attribute == "email":
        is_simple = len(text) <= _LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None
    else:
        is_simple = len(text) <= _ALWAYS_SHORT_ENOUGH and text.isascii() and text.isprintable() and text[0] not in "[{"
    if is_simple and attribute != "timezone":
        return ""
    if "\ufffd" in text:
        return (
            f"{abbreviated(text)!r} has lost a letter (U+FFFD), because the data was read with a wrong encoding before"
        )
    try:
        (check_identity if attribute in _IDENTIFIERS else check_text)(attribute, text)
    except BadOptionError as error:
        return error.message.rstrip(".")
    flaw = flaw_of(attribute, text) or (_control_fault(text) if attribute not in _IDENTIFIERS else "")
    return flaw.rstrip(".") if flaw else _login_fault(text) if attribute == "user_name" else ""


def _login_fault(text: str) -> str:
    wrong = next((char for char in text if not _LOGIN.fullmatch(char * 3)), None)
    if wrong is not None:
        takes = "8x8 accepts letters without accents, digits, and . @ - _ / in a login name"
        return f"user_name {abbreviated(text)!r} has {wrong!r}; {takes}"
    return f"user_name {abbreviated(text)!r} is too short: 8x8 requires at least 3 characters"


def _control_fault(text: str) -> str:
    """Return a message about a control character or a character that changes the text direction; empty when there is none.

    Zero-width joiners are allowed, because the scripts of India and Iran need them.
    """
    wrong = next((char for char in text if unicodedata.category(char) == "Cc" or char in _DIRECTION_SIGNS), "")
    return f"{abbreviated(text)!r} contains the invisible character U+{ord(wrong):04X}. Remove it" if wrong else ""


def _phone_fault(text: str, of_table: bool, given: Any) -> str:
    """Return why a phone number cannot be right; empty when it can."""
    if SCIENTIFIC.fullmatch(text):
        return f"{text!r} is how Excel shows a long number, and its digits are lost. Format the column as text and export again"
    if isinstance(given, (int, float)):
        return f"{text!r} is not given as text, so a leading plus or zero is lost. Give it as text"
    if of_table and _LOST_PLUS.fullmatch(text):
        return (
            f"{text!r} has no plus; Excel removes it. Format the column as text and export again, or write +{text} if that is "
            "the number"
        )
    if of_table and "," in text:
        return f"{text!r} has several phone numbers instead of one"
    return ""
