# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""One cell as text: trimmed, composed (NFC), and without what a spreadsheet put in front of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from .._base.text import abbreviated

#: What PowerShell writes for a list that was not joined (Export-Csv).
_NO_TEXT = re.compile(r"(?:System|Microsoft)\.[\w.]+(?:\[\]|`1\[.*\])")
#: An apostrophe that makes Excel show a number or a formula as text. A name such as 't Hooft keeps its own.
_GUARD = re.compile(r"'(?=[=+@0-9-])")
#: A text as a formula, which some exports use so that Excel keeps zeros: ="0123".
_FORMULA = re.compile(r'="([^"]*)"')
_BREAKS = re.compile(r"\s*[\r\n\v\f\u0085\u2028\u2029]+\s*")
#: A number as Excel shows a long one.
SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
#: Digits alone, as many as a number with its country has, and not beginning as one within a country does.
_LOST_PLUS = re.compile(r"[1-9]\d{10,14}")


#: Characters that turn the direction of a line around.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class CellError(Exception):
    """A cell that cannot be read; the text says why."""


def plain(value: Any) -> str:
    """Return a value as text; what is no value is empty.

    :raises CellError: When it is no text.
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
        raise CellError("is a dictionary where one value is wanted; name a value in it, such as column.key")
    return str(value)


def _without_spreadsheet(text: str) -> str:
    if _NO_TEXT.fullmatch(text):
        return ""
    formula = _FORMULA.fullmatch(text)
    return formula[1] if formula else text[1:] if _GUARD.match(text) else text


def _only(values: Any) -> str:
    texts = list(dict.fromkeys(text for each in values if (text := plain(each))))
    if len(texts) > 1:
        raise CellError(f"has {len(texts)} values ({abbreviated(texts)}) where one is wanted")
    return texts[0] if texts else ""


def in_one_line(text: str) -> str:
    """Return a text with its line breaks as blanks: nothing at 8x8 has two lines."""
    return text if text.isprintable() else _BREAKS.sub(" ", text).replace("\t", " ")


def control_fault(text: str) -> str:
    """Say which character of a text nobody could see, because it controls a device or turns the line around; empty for none.

    Joiners without a width stay, because scripts of India and Iran need them.
    """
    odd = next((char for char in text if unicodedata.category(char) == "Cc" or char in _TURNS), "")
    return f"{abbreviated(text)!r} contains the invisible character U+{ord(odd):04X}. Take it out" if odd else ""


def phone_fault(text: str, *, of_table: bool, given: Any) -> str:
    """Say why a phone number cannot be believed; empty where it can.

    :param of_table: Whether it stood in a table, which a spreadsheet may have saved.
    :param given: The value as it came.
    """
    if SCIENTIFIC.fullmatch(text):
        return f"{text!r} is how Excel shows a long number, and its digits are lost. Format the column as text and export again"
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return f"{text!r} is a number where text is wanted, so a leading plus or zero is lost. Give it as text"
    if of_table and _LOST_PLUS.fullmatch(text):
        return (
            f"{text!r} has no plus; Excel removes it. Format the column as text and export again, or write +{text} if that is "
            "the number"
        )
    if of_table and "," in text:
        return f"{text!r} is several numbers where one is wanted"
    return ""
