# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guides say of errors, messages and manual actions is what the collection does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.console import ACTIONS
from ansible_collections.eightbyeight.scim.plugins.module_utils._ledger.evidence import BY_ADMINISTRATION, BY_SCIM

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ROOT / "docs" / "docsite" / "rst"
#: The classes of errors, and what makes one of them.
MAKES_ERRORS = re.compile(r"(Error|\.error|about|passing|unclear|_Meaning|_Loss|\blost|error\.update)$")


def guide(name: str) -> str:
    return (GUIDES / f"guide_{name}.rst").read_text(encoding="utf-8")


def sources() -> Iterator[ast.Module]:
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))


def words_of(node: ast.AST) -> Iterator[str]:
    yield from (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))


def kinds() -> set[str]:
    """Return each ``kind`` that an error of the collection can have."""
    found: set[str] = set()
    for tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and MAKES_ERRORS.search(ast.unparse(node.func)):
                for value in (keyword.value for keyword in node.keywords if keyword.arg == "kind"):
                    # Of "a if condition else b" both, and not what the condition compares.
                    both = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
                    found.update(part for each in both for part in words_of(each))
            elif isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
                found.update(
                    part
                    for line in node.body
                    if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "kind"
                    for part in words_of(line.value)
                )
    return found


def literals() -> set[str]:
    """Return each text of the code; what an f-string fills in is ``{}``."""
    found: set[str] = set()
    for tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
                found.add("".join(str(part) for part in parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_troubleshooting_has_each_kind_of_error() -> None:
    told = re.findall(r"^``([a-z_]+)``$", guide("troubleshooting"), re.MULTILINE)
    assert sorted(told) == sorted({"error", *kinds()})


@pytest.mark.parametrize("name", ["troubleshooting", "limits"])
def test_messages_in_the_guides_are_those_of_the_code(name: str) -> None:
    told = re.findall(r'^\s+(?:\*Message\*: )?"([^"]+)"$', guide(name), re.MULTILINE)
    assert len(told) > 10
    known_texts = literals()
    assert [message for message in told if not any(message in text for text in known_texts)] == []


def test_the_limits_have_each_manual_action() -> None:
    told = set(re.findall(r"``([a-z_]+)``", guide("limits")))
    # They ask a person about somebody who came back, and are no limit of 8x8.
    assert set(ACTIONS) - told == {"confirm_return"}


FIELDS = (
    "Limit",
    "What the collection does",
    "Message",
    "Manual action",
    "Evidence that closes it",
    "Source",
    "Where sources disagree",
)


def limits() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each limit of the guide with its fields."""
    for title, text in re.findall(
        r"^([^\n]+)\n~+\n\n(.*?)(?=^[^\n]+\n[~-]+\n|\Z)", guide("limits"), re.MULTILINE | re.DOTALL
    ):
        fields = re.findall(r"^(\S[^\n]*)\n((?: +[^\n]+\n)+)", text, re.MULTILINE)
        yield title, {name: " ".join(value.split()) for name, value in fields}


@pytest.mark.parametrize(("title", "fields"), list(limits()))
def test_each_limit_says_all_and_has_its_source(title: str, fields: dict[str, str]) -> None:
    assert tuple(fields) == FIELDS, title
    assert re.search(r"\b(facts? \d|section \d|K\d|A\d|STITCH-\d)", fields["Source"]), title
    acts = fields["Manual action"] != "none"
    assert acts == (not fields["Evidence that closes it"].startswith("none")), title


def test_the_limits_cite_each_contradiction_of_the_fact_sheet() -> None:
    sheet = (ROOT / "docs" / "facts" / "8x8-scim-api.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^- \*\*(K\d+)\*\*", sheet, re.MULTILINE))
    assert set(re.findall(r"\bK\d+\b", guide("limits"))) == told


def test_the_limits_cite_facts_that_there_are() -> None:
    """And of those that 8x8 does not publish (section 11), each."""
    sheet = (ROOT / "docs" / "facts" / "8x8-scim-api.md").read_text(encoding="utf-8")
    other = (ROOT / "docs" / "facts" / "8x8-administration-api.md").read_text(encoding="utf-8")
    facts = set(re.findall(r"^- \*\*(\d+\.\d+a?)\*\*", sheet, re.MULTILINE))
    text = guide("limits").partition("====")[2]
    cited = set(re.findall(r"(?<![\dA.])(\d{1,2}\.\d{1,2}a?)(?![\d.])", text))
    assert cited - facts == set()
    assert {fact for fact in facts if fact.startswith("11.")} - cited == set()
    of_the_other = set(re.findall(r"^- \*\*(\d+\.\d+)\*\*|^## (\d+)\.", other, re.MULTILINE))
    assert set(re.findall(r"\bA(\d(?:\.\d+)?)\b", text)) <= {one or two for one, two in of_the_other}


#: Facts that limit nobody: how the sheets are used, and paths that the collection does not need.
NO_LIMITS = {
    "2.11": "what scripts send",
    "9.5": "what Entra ID's client sends; this one sends no such keys",
    "13.9": "says that nothing new was found",
    "13.10": "names the other fact sheet",
}


def cited(text: str, prefix: str = "") -> set[str]:
    """Return the numbers of facts in a text, also those between two that are joined by "to"."""
    number = rf"{prefix}(\d{{1,2}})\.(\d{{1,2}})(a?)"
    found = {f"{part}.{place}{letter}" for part, place, letter in re.findall(number, text)}
    for part, first, last in re.findall(rf"{prefix}(\d{{1,2}})\.(\d+) to {prefix}\1\.(\d+)", text):
        found |= {f"{part}.{place}" for place in range(int(first), int(last) + 1)}
    return found


def test_the_limits_cite_each_fact_that_limits_somebody() -> None:
    """Of both fact sheets; a number that is in neither list is a limit that nobody has described."""
    text = " ".join(fields["Source"] + " " + fields["Where sources disagree"] for _title, fields in limits())
    for sheet, prefix in (("8x8-scim-api", "(?<![A\\d.])"), ("8x8-administration-api", "A")):
        page = (ROOT / "docs" / "facts" / f"{sheet}.md").read_text(encoding="utf-8")
        facts = set(re.findall(r"^- \*\*(\d+\.\d+a?)\*\*", page, re.MULTILINE))
        left = facts - cited(text, prefix)
        assert left == (set(NO_LIMITS) if sheet == "8x8-scim-api" else set())


@pytest.mark.parametrize(("title", "fields"), list(limits()))
def test_the_evidence_of_a_limit_is_what_closes_its_follow_ups(title: str, fields: dict[str, str]) -> None:
    actions = set(re.findall(r"``([a-z_]+)``", fields["Manual action"]))
    if not actions:
        return
    evidence = fields["Evidence that closes it"]
    if actions <= BY_ADMINISTRATION:
        assert evidence.startswith("The Administration API shows"), title
    elif actions <= BY_SCIM:
        assert evidence.startswith("SCIM shows"), title
    else:
        assert not actions & (BY_ADMINISTRATION | BY_SCIM), title
        assert evidence.startswith("None: a person closes it."), title


def test_the_comparison_has_the_figures_of_the_guide_to_performance() -> None:
    figures = re.findall(r"^     - (\d+\.\d ms)$", guide("comparison"), re.MULTILINE)
    assert len(figures) == 8
    assert [figure for figure in figures if f" {figure} an item" not in guide("performance")] == []
    assert "5 titles             21 GET, 5 PUT" in guide("performance")
    assert "- 21 ``GET``, 5 ``PUT``" in guide("comparison")
