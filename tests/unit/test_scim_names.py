# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Only _resource knows what SCIM calls things. The rest of the engine uses the names of the modules' options."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import (
    MESSAGE_TYPES,
    USER_TYPES,
)

ENGINE = Path(__file__).resolve().parents[2] / "plugins" / "module_utils"
#: The others speak of the Administration API and of the exports of other systems, which have names of their own.
ROOMS = ("_resource", "_admin", "_sources")
FILES = sorted(path for path in ENGINE.rglob("*.py") if path.relative_to(ENGINE).parts[0] not in ROOMS)
#: The names that are in no other language: those with a capital letter in them, and URNs.
NAMES = {
    name
    for types in (USER_TYPES, MESSAGE_TYPES, *(part for part in USER_TYPES.values() if isinstance(part, dict)))
    for name in types
    if re.fullmatch("[A-Za-z0-9]*[A-Z][A-Za-z0-9]*", name)
}
URN = re.compile(r"urn:(ietf|8x8):")


def texts(tree: ast.Module) -> Iterator[str]:
    """Return all texts of a file besides its documentation."""
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def scim_in(code: str) -> set[str]:
    found = {word for text in texts(ast.parse(code)) for word in re.findall("[A-Za-z0-9]+", text)} & NAMES
    return found | {text for text in texts(ast.parse(code)) if URN.match(text)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ENGINE).as_posix())
def test_only_one_room_spells_the_names_of_scim(path: Path) -> None:
    assert scim_in(path.read_text(encoding="utf-8")) == set()


def test_what_would_be_found() -> None:
    code = '"""displayName"""\nx = raw.get("externalId")\ny = f"userName eq {x}"\nz = "urn:ietf:x"\n'
    assert scim_in(code) == {"externalId", "userName", "urn:ietf:x"}
