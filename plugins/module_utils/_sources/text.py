# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Decodes the bytes of a file. It never guesses: if the encoding is not certain, the user has to name it.

Windows PowerShell, Excel and the portals write UTF-8 with and without a byte-order mark, UTF-16 ("Unicode text" of Excel), and
national code pages, which cannot be told apart.
"""

from __future__ import annotations

import base64
import codecs
from collections.abc import Mapping
from typing import Any

from .._base.text import abbreviated
from .._errors import BadOptionError

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: The first bytes of files that are not text or not an export.
_OTHER_FILES = (
    (b"PK\x03\x04", "an Excel workbook or an archive. Save the sheet as CSV UTF-8, or extract the archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook, or one with a password. Save the sheet as CSV UTF-8"),
    (b"\x1f\x8b", "compressed with gzip. Decompress it"),
    (b"%PDF", "a PDF. Export CSV or JSON"),
    (b"$ANSIBLE_VAULT", "encrypted with ansible-vault. Decrypt it, or read it with the lookup file"),
    (b"<", "HTML or XML, perhaps a login page. Look into the file, and export CSV or JSON"),
)
#: How many characters around a wrong one are shown.
_SHOWN_BYTES = 20


def unpacked(export: Any) -> Any:
    """Return the bytes in a result of ``ansible.builtin.slurp``, and anything else as it is.

    :raises BadOptionError: When they cannot be decoded.
    """
    if not (isinstance(export, Mapping) and "content" in export and export.get("encoding") == "base64"):
        return export
    try:
        return base64.b64decode(str(export["content"]), validate=True)
    except ValueError:
        raise BadOptionError(
            "The export looks like a result of ansible.builtin.slurp, but its content is not base64."
        ) from None


def decoded(data: bytes, encoding: str | None) -> str:
    """Return the text of a file.

    :param encoding: The encoding from the user, or None. A byte-order mark takes precedence.
    :raises BadOptionError: When the encoding is not known, or is wrong.
    """
    check_kind(data[:100])
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), None)
    if marked is None and not encoding:
        marked = _utf16_without_mark(data)
    if marked:
        return _decode(data, marked)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        if encoding:
            return _decode(data, encoding)
        line = data.count(b"\n", 0, error.start) + 1
        before, after = data[: error.start][-_SHOWN_BYTES:], data[error.start :][:_SHOWN_BYTES]
        shown = (before.rpartition(b"\n")[2] + after.splitlines()[0]).decode("cp1252", "replace")
        raise BadOptionError(
            f"The file is not UTF-8: line {line} has the byte 0x{data[error.start]:02X}. Set encoding to the code page of the "
            f"file. With cp1252 (Windows in Western Europe and America) the text is {abbreviated(shown)!r}. Other code pages are "
            "cp1250 (Windows in Central Europe) and mac_roman (old Macs)."
        ) from None
    given = _decode(data, encoding) if encoding else text
    if given != text and not data.isascii():
        # Text in a code page is almost never valid UTF-8 by chance.
        raise BadOptionError(f"encoding: the file is UTF-8, not {abbreviated(encoding)}. Leave encoding out.")
    return given


def check_kind(start: bytes) -> None:
    """Refuse a file that is neither a table nor JSON.

    :param start: Its first bytes.
    :raises BadOptionError: Says what it is.
    """
    start = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    for sign, what in _OTHER_FILES:
        if start.startswith(sign):
            raise BadOptionError(f"The export is {what}.")


def _decode(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except LookupError:
        raise BadOptionError(f"encoding: {abbreviated(encoding)!r} is not an encoding that Python knows.") from None
    except ValueError as error:
        raise BadOptionError(
            f"encoding: the file is not {encoding} ({abbreviated(error)}). Use another encoding."
        ) from None


def _utf16_without_mark(data: bytes) -> str | None:
    """Return the encoding of UTF-16 without a byte-order mark, where almost every second byte is zero; None for other files."""
    start = data[:2000]
    if len(start) < 4 or len(data) % 2:
        return None
    even, odd = start[::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if odd > half * 0.7 and even < half * 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > half * 0.7 and odd < half * 0.1 else None


def check_text(text: str) -> str:
    """Return a text without its byte-order mark.

    :raises BadOptionError: When it was wrongly read as UTF-8, as Ansible's lookup ``file`` does with every file.
    """
    check_kind(text[:100].encode("utf-8", "backslashreplace"))
    try:
        text.encode()
        is_spoiled = "\ufffd" in text or "\0" in text
    except UnicodeEncodeError:
        is_spoiled = True
    if is_spoiled:
        raise BadOptionError(
            "Letters of the export are lost: the file is not UTF-8, but was read as UTF-8, as the lookup file does. Read the "
            "file with ansible.builtin.slurp and pass the result to the filter. If needed, set encoding (such as cp1252), "
            "delimiter and date_format."
        )
    return text.removeprefix("\ufeff")
