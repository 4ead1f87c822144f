# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Text for messages: foreign values cut to a line, control characters escaped, the token removed, the server quoted. Pure."""

from __future__ import annotations

import base64
import datetime as dt
import json
import math
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

#: What types of values are called, the first that fits.
_TYPES: Sequence[tuple[Any, str]] = (
    (bool, "a boolean"),
    (str, "text"),
    ((int, float), "a number"),
    (dt.date, "a date"),
    (Mapping, "a dictionary"),
    ((list, tuple), "a list"),
    (type(None), "nothing"),
)
#: Characters of a foreign value that a message repeats.
_MAX_SHOWN = 200
#: A shorter token is one for tests, and may be a part of any word.
SHORTEST_SECRET = 8
#: How a token is escaped in HTML; loading the module html takes longer than the rest of this one.
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})


def shortened(text: str, most: int) -> str:
    """Return a text, or its beginning and dots where it has more characters than that."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def abbreviated(value: Any) -> str:
    """Return a foreign value as a message may show it: one short line without control characters."""
    try:
        # The text of a list may be without end, for YAML has anchors.
        form = reprlib.Repr()
        form.maxlevel = 2
        text = form.repr(value) if isinstance(value, (list, tuple, dict)) else str(value)
    except ValueError:  # a number of thousands of digits
        return "a very long number"
    return visible(shortened(text, _MAX_SHOWN))


def redact(text: str, token: str) -> str:
    """Strike a token out of a text, in whatever spelling a server, a proxy or a library may repeat it.

    Those are: as it is, escaped as in JSON, Python or HTML, encoded for a URL, hexadecimal, and within anything in base64.
    """
    for form in sorted(_spellings(token), key=len, reverse=True):
        text = text.replace(form, "********")
    return text


def redact_all(value: Any, *tokens: str) -> Any:
    """Strike tokens out of every text of a value that is JSON, in this order; where there is none, return the value itself."""
    encoded = json.dumps(value)
    for token in tokens:
        # Every text is in there as JSON writes it, also one that already has the token in some encoding.
        if any(json.dumps(form)[1:-1] in encoded for form in _spellings(token)):
            value = _redact_nested(value, token)
            encoded = json.dumps(value)
    return value


def _redact_nested(value: Any, token: str) -> Any:
    if isinstance(value, dict):
        # A short token of a test may be the name of a key that playbooks read.
        short = len(token) < SHORTEST_SECRET
        return {name if short else redact(name, token): _redact_nested(part, token) for name, part in value.items()}
    if isinstance(value, list):
        return [_redact_nested(part, token) for part in value]
    return redact(value, token) if isinstance(value, str) else value


def _spellings(token: str) -> set[str]:
    octets = token.encode(errors="surrogatepass")
    others = {
        json.dumps(token)[1:-1],
        repr(token)[1:-1],
        token.translate(_HTML),
        quote(token),
        quote(token, safe=""),
        octets.hex(),
    }
    for shift in range(3):
        # What stands before the token shifts it; a character at either end that is made of other octets too is left out.
        text = base64.b64encode(b"\0" * shift + octets).decode().rstrip("=")
        inner = text[(shift * 8 + 5) // 6 : (shift + len(octets)) * 8 // 6]
        others |= {inner, inner.replace("+", "-").replace("/", "_")}
    # The other spellings of a short token would be found in any text.
    return {token, *(form for form in others if len(form) >= SHORTEST_SECRET)}


#: Characters of one message. A name that others gave can have millions.
_MAX_MESSAGE = 10_000


def visible(text: str) -> str:
    """Return text for a terminal or a log: what would move the cursor, change the color, or turn the line around is escaped.

    Messages, warnings, progress and headers of diffs go through here, because they quote names that others gave; what a
    playbook reads (``user``, ``results``) stays exact, and Ansible itself writes it as JSON.
    """
    text = shortened(text, _MAX_MESSAGE)
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def server_said(detail: str | None) -> str:
    """Quote the server at the end of a message, as a sentence after which another may follow."""
    return f" The server said: {detail}{'' if detail.endswith(('.', '!', '?')) else '.'}" if detail else ""


def type_of(value: Any) -> str:
    """Name the type of a value as YAML calls it. Newer releases of ansible-core have their own class for each."""
    return next((name for types, name in _TYPES if isinstance(value, types)), type(value).__name__)


def text_or_type(value: Any) -> str:
    """Return a given value as messages show it: a text in quotes, else its type."""
    return repr(abbreviated(value)) if isinstance(value, str) else type_of(value)


def is_blank(value: Any) -> bool:
    """Say whether a value counts as not given."""
    return value is None or (isinstance(value, str) and not value.strip())


def finite_number(value: Any) -> float | None:
    """Return a number, which may be given as text; None for other values."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def did_you_mean(name: Any, known: Iterable[str], otherwise: str) -> str:
    """Suggest the known name that is most like an unknown one; where none is similar, return another text."""
    import difflib  # noqa: PLC0415 - only for such a message

    near = difflib.get_close_matches(abbreviated(name), known, n=1)
    return f"Did you mean {near[0]!r}?" if near else otherwise


def in_quotes(value: object) -> str:
    """Return a value as messages show it: in quotes, because a blank may hide at its end, and nothing as "empty"."""
    return "empty" if value in (None, "", []) else repr(value)


def about(who: str, text: str) -> str:
    """Return a message about somebody. It begins with the name."""
    return text if text.lower().startswith(who.lower()) else f"{who}: {text}"


def place_of(row: object, column: object) -> str:
    """Name where in a roster something is wrong. The column ``row`` is the row as a whole."""
    return f"row {row}" if column == "row" else f"row {row}, {column}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def named(names: Sequence[str], most: int = 3) -> str:
    """Return the first names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
