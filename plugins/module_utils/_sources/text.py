# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The octets of a file as text. Nothing is guessed: where an encoding could be another one, the user has to name it.

Windows PowerShell, Excel and the portals write UTF-8 with and without a byte-order mark, UTF-16 ("Unicode text" of Excel), and
the code page of the country; which one of the code pages cannot be seen.
"""

from __future__ import annotations

import base64
import binascii
import codecs
from collections.abc import Mapping
from typing import Any

from .._base.text import abbreviated
from .._errors import BadOptionError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: How files begin that are no text, or no export.
_OTHERS = (
    (b"PK\x03\x04", "an Excel workbook or an archive. Save the sheet as CSV UTF-8, or unpack the archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook, or one with a password. Save the sheet as CSV UTF-8"),
    (b"\x1f\x8b", "packed with gzip. Unpack it"),
    (b"%PDF", "a PDF. Export CSV or JSON"),
    (
        b"$ANSIBLE_VAULT",
        "encrypted with ansible-vault. Decrypt it, or give the text that the lookup file returns",
    ),
    (b"<", "HTML or XML, perhaps the page to log in. Look into the file, and export CSV or JSON"),
)
_HOW = (
    "Read the file with ansible.builtin.slurp and give the filter that result; encoding says how it is written (such as cp1252), "
    "delimiter what stands between its columns, and date_format how its dates are written."
)
#: How much of the text around a character is shown.
_AROUND = 20


def is_slurped(export: Any) -> bool:
    """Say whether this is a result of ``ansible.builtin.slurp``."""
    return isinstance(export, Mapping) and "content" in export and export.get("encoding") == "base64"


def unpacked(export: Mapping[str, Any]) -> bytes:
    """Return the octets of a result of ``ansible.builtin.slurp``.

    :raises BadOptionError: When it holds none.
    """
    try:
        return base64.b64decode(str(export["content"]), validate=True)
    except (binascii.Error, ValueError):
        raise BadOptionError(
            "The export looks like a result of ansible.builtin.slurp, and its content is not base64."
        ) from None


def decoded(octets: bytes, encoding: str | None) -> str:
    """Return a file as text.

    :param encoding: What the user says of it. A byte-order mark says more.
    :raises BadOptionError: When it cannot be known, or is not so.
    """
    check_kind(octets[:100])
    for mark, name in _MARKS:
        if octets.startswith(mark):
            return _decode(octets[len(mark) :], name)
    if encoding:
        try:
            codecs.lookup(encoding)
            "".encode(encoding)
        except (LookupError, TypeError):
            raise BadOptionError(f"encoding: {abbreviated(encoding)!r} is not an encoding that Python knows.") from None
        _check_not_utf8(octets, encoding)
        return _decode(octets, encoding)
    if wide := _sixteen_bits(octets):
        return _decode(octets, wide)
    try:
        return octets.decode()
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        before, after = octets[: error.start][-_AROUND:], octets[error.start :][:_AROUND]
        shown = (before.rpartition(b"\n")[2] + after.splitlines()[0]).decode("cp1252", "replace")
        raise BadOptionError(
            f"The file is not UTF-8: line {line} has the octet 0x{octets[error.start]:02X}. Which code page it is cannot be "
            f"seen, so name it in encoding. As cp1252 (Windows in Western Europe and America) it reads {abbreviated(shown)!r}; "
            "cp1250 is Windows in Central Europe, mac_roman an old Mac."
        ) from None


def _check_not_utf8(octets: bytes, encoding: str) -> None:
    """Refuse another encoding for what is UTF-8: hardly any text of a code page is that by chance, and its letters would be two.

    :raises BadOptionError: When it is UTF-8, with letters that show it.
    """
    if octets.isascii() or codecs.lookup(encoding).name == "utf-8":
        return
    try:
        octets.decode()
    except UnicodeDecodeError:
        return
    raise BadOptionError(f"encoding: the file is UTF-8, and not {abbreviated(encoding)}. Leave encoding out.")


def check_kind(start: bytes) -> None:
    """Refuse what is no text of a table or of JSON.

    :param start: Its first octets.
    :raises BadOptionError: Says what it is.
    """
    start = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    for sign, what in _OTHERS:
        if start.startswith(sign):
            raise BadOptionError(f"The export is {what}.")


def _decode(octets: bytes, encoding: str) -> str:
    try:
        return octets.decode(encoding)
    except (UnicodeDecodeError, ValueError) as error:
        raise BadOptionError(
            f"encoding: the file is not {encoding} ({abbreviated(error)}). Name another one."
        ) from None


def _sixteen_bits(octets: bytes) -> str | None:
    """Return the encoding of UTF-16 without a mark: nearly every second octet is zero."""
    start = octets[:2000]
    if len(start) < 4 or len(octets) % 2:
        return None
    even, odd = start[::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if odd > half * 0.7 and even < half * 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.7 and odd < half * 0.1 else None


def check_text(text: str) -> str:
    """Return a text without its byte-order mark.

    :raises BadOptionError: When it was read by something that takes every file for UTF-8, as Ansible's lookup ``file`` does.
    """
    check_kind(text[:100].encode("utf-8", "backslashreplace"))
    spoiled = "\ufffd" in text or "\0" in text
    if not spoiled and not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            spoiled = True
    if spoiled:
        raise BadOptionError(
            "The text of the export was spoiled before it came here: it was read as UTF-8, as the lookup file does, and is not. "
            f"{_HOW}"
        )
    return text.removeprefix("\ufeff")
