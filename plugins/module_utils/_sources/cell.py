# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads one cell as text: trimmed, normalized (NFC), and without the signs that spreadsheets put in front of text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from .._base.text import abbreviated

#: PowerShell (Export-Csv) writes this instead of the values of a list.
_NO_TEXT = re.compile(r"(?:System|Microsoft)\.[\w.]+(?:\[\]|`1\[.*\])")
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
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class CellError(Exception):
    """A cell cannot be read. The text says why."""


def plain(value: Any) -> str:
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
        return _only(value)
    if isinstance(value, Mapping):
        raise CellError("is a dictionary, not one value; name a value in it, such as column.key")
    return str(value)


def _without_spreadsheet(text: str) -> str:
    if _NO_TEXT.fullmatch(text):
        return ""
    formula = _FORMULA.fullmatch(text)
    return formula[1] if formula else text[1:] if _GUARD.match(text) else text


def _only(values: Any) -> str:
    texts = list(dict.fromkeys(text for each in values if (text := plain(each))))
    if len(texts) > 1:
        raise CellError(f"has {len(texts)} values ({abbreviated(texts)}) instead of one")
    return texts[0] if texts else ""


def in_one_line(text: str) -> str:
    """Return a text with blanks instead of line breaks. No attribute of 8x8 has several lines."""
    return text if text.isprintable() else _BREAKS.sub(" ", text).replace("\t", " ")


def control_fault(text: str) -> str:
    """Return a message about a control character or a character that changes the text direction; empty when there is none.

    Zero-width joiners are allowed, because the scripts of India and Iran need them.
    """
    odd = next((char for char in text if unicodedata.category(char) == "Cc" or char in _TURNS), "")
    return f"{abbreviated(text)!r} contains the invisible character U+{ord(odd):04X}. Remove it" if odd else ""


def phone_fault(text: str, *, of_table: bool, given: Any) -> str:
    """Return why a phone number cannot be right; empty when it can.

    :param of_table: Whether it comes from a table, which a spreadsheet may have changed.
    :param given: The original value.
    """
    if SCIENTIFIC.fullmatch(text):
        return f"{text!r} is how Excel shows a long number, and its digits are lost. Format the column as text and export again"
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return f"{text!r} is a number, not text, so a leading plus or zero is lost. Give it as text"
    if of_table and _LOST_PLUS.fullmatch(text):
        return (
            f"{text!r} has no plus; Excel removes it. Format the column as text and export again, or write +{text} if that is "
            "the number"
        )
    if of_table and "," in text:
        return f"{text!r} has several phone numbers instead of one"
    return ""
