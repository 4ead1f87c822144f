# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""How names are compared, in one way everywhere, and which characters no identifier may have."""

from __future__ import annotations

import re
import unicodedata

#: Categories of Unicode that are invisible or that break a line: control, format, surrogate, private use, unassigned, and
#: separators of lines and paragraphs.
_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
#: What is invisible although its category is that of letters, marks or symbols: the rest of Unicode's
#: Default_Ignorable_Code_Point, and the blank of Braille.
_IGNORABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def nfc(text: str) -> str:
    """Return a text with its accents in one of the ways in which they can be written (NFC), to compare it with others."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def login_key(name: str) -> str:
    """Return what all spellings of one login name have in common: NFC, lower case, NFC again.

    SCIM compares login names without case (RFC 7643 section 4.1.1: userName is not caseExact), and an accent may be written in
    two ways. ``lower``, not ``casefold``: the latter also makes "straße" equal to "strasse", which are two people.
    """
    return name.lower() if name.isascii() else nfc(nfc(name).lower())


def same_login(left: str | None, right: str | None) -> bool:
    """Say whether two login names are the same person's."""
    return left is not None and right is not None and (left == right or login_key(left) == login_key(right))


def user_keys(user_id: str | None, user_name: str | None) -> list[str]:
    """Return the keys that a user has in an index of users: by id, then by login name."""
    by_id = [f"id {user_id}"] if user_id else []
    return [*by_id, f"login {login_key(user_name)}"] if user_name else by_id


def same_user(one: tuple[str | None, str | None], other: tuple[str | None, str | None]) -> bool:
    """Say whether two ids with login names are one user's: by id, or by login name where one of them has no id."""
    return one[0] == other[0] if one[0] and other[0] else same_login(one[1], other[1])


def plain_key(name: str) -> str:
    """Return the key of a login name without blanks around it and without invisible characters.

    No task can give such a name, but a tenant may hold one: another client or a person pasted it.
    """
    key = login_key(name)
    if key.isascii() and key.isprintable():
        return key.strip(" ")
    return login_key("".join(char for char in key if not invisible_character(char))).strip(" ")


def customer_in(api_url: str | None, customer_id: str | None) -> str | None:
    """Return the customer whom an address names, or an option; None where neither does."""
    named = re.search(r"/customers/([^/?#]+)", api_url or "")
    return named[1] if named else (customer_id or "").strip() or None


def invisible_character(value: str) -> str | None:
    """Return the first character of an identifier that nobody can see or type, described for a message; None without one.

    These are control and format characters (a byte-order mark, a zero-width space, a soft hyphen, a line break), what else
    fonts do not draw (variation selectors, fillers), and every space that is not the plain one. They come from copied cells and
    make another name of the same letters.
    """
    if value.isascii() and value.isprintable():
        return None
    for char in value:
        category = unicodedata.category(char)
        if category in _INVISIBLE or (category == "Zs" and char != " ") or _IGNORABLE.match(char):
            return f"U+{ord(char):04X} ({unicodedata.name(char, 'a control character').lower()})"
    return None
