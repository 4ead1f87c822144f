# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One way to compare names, and no invisible characters in identifiers."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.names import (
    invisible_character,
    login_key,
    same_login,
)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("A", "a", True),
        ("a", "b", False),
        (None, None, False),
        ("a", None, False),
        (None, "a", False),
        ("", "", True),
        ("zoë@example.org", "zoe\u0308@example.org", True),
        ("ZOË@EXAMPLE.ORG", "zoe\u0308@example.org", True),
        ("straße@example.org", "strasse@example.org", False),
        ("ada@example.org", "ada@example.org ", False),
    ],
)
def test_login_names_are_compared_without_case_but_not_folded(left: str | None, right: str | None, same: bool) -> None:
    assert same_login(left, right) is same


@given(st.text())
def test_neither_case_nor_the_way_an_accent_is_written_changes_the_key(name: str) -> None:
    key = login_key(name)
    assert login_key(key) == key
    assert login_key(unicodedata.normalize("NFD", name)) == key
    assert login_key(unicodedata.normalize("NFC", name)) == key


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("ada@example.org", None),
        ("zoë ångström", None),
        ("\ufeffada", "U+FEFF (zero width no-break space)"),
        ("ada\u200b", "U+200B (zero width space)"),
        ("a\u00adda", "U+00AD (soft hyphen)"),
        ("ada\u00a0lovelace", "U+00A0 (no-break space)"),
        ("ada\r", "U+000D (a control character)"),
        ("ada\u2028", "U+2028 (line separator)"),
        ("\u202eada", "U+202E (right-to-left override)"),
        ("ada\U000e0041", "U+E0041 (tag latin capital letter a)"),
        # No format characters to Unicode, and not drawn all the same.
        ("ada\ufe0f", "U+FE0F (variation selector-16)"),
        ("ada\u3164", "U+3164 (hangul filler)"),
        ("ada\u034f", "U+034F (combining grapheme joiner)"),
        ("ada\u2800", "U+2800 (braille pattern blank)"),
        ("하나@example.org", None),
    ],
)
def test_odd_characters_are_named(value: str, told: str | None) -> None:
    assert invisible_character(value) == told
