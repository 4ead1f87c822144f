# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each number of the fact sheet that a comment cites exists in ``docs/facts/8x8-scim-api.md``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHEET = ROOT / "docs" / "facts" / "8x8-scim-api.md"
ROOMS = ("plugins", "roles", "playbooks", "tests", "docs/docsite")
_NUMBER = r"(?:K\d+|\d+(?:\.\d+[a-z]?)?)"
#: "fact sheet 2.7a, 9.9", "fact sheet, K9 and 11.8", "fact sheet section 3", "fact 13.4"
CITATION = re.compile(rf"fact(?: sheet)?,? (?:sections? )?({_NUMBER}(?:(?:, | and | or )(?:sections? )?{_NUMBER})*)\b")


def numbers(text: str) -> Iterator[str]:
    """Yield the numbers that a text cites. A comment may go on in the next line."""
    joined = re.sub(r"\s*\n\s*(?:#:? ?|\* )?", " ", text)
    for citation in CITATION.findall(joined):
        yield from re.findall(_NUMBER, citation)


def known() -> set[str]:
    """Return the numbers of the fact sheet: its sections, its facts and its contradictions."""
    text = SHEET.read_text(encoding="utf-8")
    return {
        *re.findall(r"^## (\d+)\.", text, re.MULTILINE),
        *re.findall(rf"^- \*\*({_NUMBER})\*\*", text, re.MULTILINE),
    }


def cited() -> dict[str, list[str]]:
    """Return the files that cite each number."""
    found: dict[str, list[str]] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in {".py", ".yml", ".md", ".rst", ".j2"} and path != Path(__file__).resolve():
                for number in numbers(path.read_text(encoding="utf-8")):
                    found.setdefault(number, []).append(str(path.relative_to(ROOT)))
    return found


def test_each_number_that_is_cited_exists() -> None:
    citations = cited()
    assert len(citations) > 40, "the citations are not recognized any more"
    facts = known()
    assert {number: files for number, files in citations.items() if number not in facts} == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("(fact sheet 2.7a)", ["2.7a"]),
        ("fact sheet, K9, 11.8", ["K9", "11.8"]),
        ("the fact sheet section 3", ["3"]),
        ("fact sheet 9.6 and 9.7), is", ["9.6", "9.7"]),
        ("# (fact sheet\n    # 2.3)", ["2.3"]),
        ("#: see fact 13.4\n", ["13.4"]),
        ("in fact 3 users", ["3"]),
        ("the fact sheet has 4.8", []),
    ],
)
def test_how_citations_are_read(text: str, found: list[str]) -> None:
    assert list(numbers(text)) == found


def test_the_numbers_of_the_sheet_are_recognized() -> None:
    assert {"1", "1.10", "2.7a", "3", "9.11", "11.20", "13.10", "K1", "K15"} <= known()
