# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How large files, classes and functions may be, and where state may live. The layers are in pyproject.toml (import-linter)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINE_FILE, CLASS, FUNCTION, TEST_FILE, TOOLS = 350, 200, 45, 700, 1100
SHIPPED = sorted(path for room in ("plugins", "roles", "playbooks") for path in (ROOT / room).rglob("*.py"))
ENGINE = [path for path in SHIPPED if path.is_relative_to(ROOT / "plugins" / "module_utils")]
TESTS = sorted(path for room in ("tests", "extensions") for path in (ROOT / room).rglob("*.py"))
TOOLING = [ROOT / "noxfile.py", *(path for path in (ROOT / "tests" / "tools").rglob("*.py"))]
#: Where a program in YAML would be.
YAML = sorted(
    path for room in ("vars", "tasks", "defaults", "handlers") for path in ROOT.glob(f"roles/*/{room}/**/*.yml")
)
STATEMENT = re.compile(r"\{%-?\s*(?:set|for|if)\b")
ALLOWED = {
    # The HTTP sessions that one worker process keeps for its next task.
    "plugins/plugin_utils/_direct.py: state _sessions",
    # These are born in a base class that is not ours.
    "roles/emulator/files/eightbyeight_emulator/server.py: attribute Connection.request",
    "roles/emulator/files/eightbyeight_emulator/service.py: attribute TenantService.config",
}

#: Methods that change a list, dictionary or set.
CHANGING = frozenset(
    "add append clear difference_update discard extend insert intersection_update move_to_end pop popitem remove reverse"
    " setdefault sort update appendleft extendleft popleft".split()
)
#: What makes an object that changes, besides the classes of this collection that are not values.
CHANGEABLE = frozenset(
    "defaultdict OrderedDict deque Counter local Lock RLock Condition Event Semaphore Queue count SimpleNamespace".split()
)
Definition = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def length(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> int:
    """Return the lines of a class or function without its docstring."""
    lines = (node.end_lineno or 0) - node.lineno + 1
    if ast.get_docstring(node, clean=False) is not None:
        lines -= (node.body[0].end_lineno or 0) - node.body[0].lineno + 1
    return lines


def defined(
    tree: ast.AST, prefix: str = ""
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    """Yield each class and function below a node with its qualified name."""
    for node in ast.iter_child_nodes(tree):
        name = prefix
        if isinstance(node, Definition):
            yield prefix + node.name, node
            name = f"{prefix}{node.name}."
        yield from defined(node, name)


def sizes(tree: ast.Module) -> set[str]:
    """Return the classes and functions that are too long."""
    found = set()
    for name, node in defined(tree):
        kind, most = ("class", CLASS) if isinstance(node, ast.ClassDef) else ("function", FUNCTION)
        if length(node) > most:
            found.add(f"{kind} {name}")
    return found


def stored(node: ast.AST) -> set[str]:
    """Return the attributes of ``self`` that are assigned below a node."""
    return {
        each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)
        if isinstance(each.value, ast.Name) and each.value.id == "self"
    }


def declared(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> set[str]:
    """Return the attributes that a class or one of its bases has from the beginning."""
    found: set[str] = set()
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            found.add(each.target.id)
        elif isinstance(each, ast.Assign):
            found |= {target.id for target in each.targets if isinstance(target, ast.Name)}
        elif isinstance(each, ast.FunctionDef) and each.name in ("__init__", "__new__", "__post_init__"):
            found |= stored(each)
        elif isinstance(each, ast.FunctionDef) and any("setter" in ast.unparse(one) for one in each.decorator_list):
            found.add(each.name)
    for base in node.bases:
        name = ast.unparse(base).rsplit(".", 1)[-1]
        if name in classes and classes[name] is not node:
            found |= declared(classes[name], classes)
    return found


def late(tree: ast.Module, classes: dict[str, ast.ClassDef]) -> set[str]:
    """Return the attributes that come into being outside of ``__init__``."""
    return {
        f"attribute {name}.{attribute}"
        for name, node in defined(tree)
        if isinstance(node, ast.ClassDef)
        for attribute in stored(node) - declared(node, classes)
    }


def is_value(node: ast.ClassDef, classes: dict[str, ast.ClassDef]) -> bool:
    """Return whether objects of a class do not change: named tuples, enumerations, frozen data classes, and what has no state."""
    bases = {ast.unparse(base).rsplit(".", 1)[-1] for base in node.bases}
    if bases & {"NamedTuple", "Enum", "IntEnum", "StrEnum"} or any(
        "frozen=True" in ast.unparse(each) for each in node.decorator_list
    ):
        return True
    methods = [each for each in node.body if isinstance(each, ast.FunctionDef) and each.name != "__init__"]
    changes = any(top(one) == "self" for each in methods for one in ast.walk(each) if is_change(one))
    return not changes and all(base not in classes or is_value(classes[base], classes) for base in bases)


def is_change(node: ast.AST) -> bool:
    """Return whether a node assigns an attribute or an item, or calls a method that changes an object."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr in CHANGING
    return isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, (ast.Store, ast.Del))


def top(node: ast.AST) -> str:
    """Return the name at the left end of ``name.attribute[index].method()``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def changed(node: ast.AST, names: set[str]) -> Iterator[str]:
    """Yield the names of a module that something below a node changes, where no local one hides them."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        names = names - {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}
        names -= {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    if isinstance(node, ast.Global):
        yield from node.names
    elif is_change(node):
        yield from {top(node)} & names
    for each in ast.iter_child_nodes(node):
        yield from changed(each, names)


def state(tree: ast.Module, classes: dict[str, ast.ClassDef]) -> set[str]:
    """Return the names of a module that hold what can change, or that something changes."""
    found: set[str] = set()
    names: set[str] = set()
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        here = {target.id for target in targets if isinstance(target, ast.Name)}
        names |= here
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(node.value, ast.Call):
            maker = ast.unparse(node.value.func).rsplit(".", 1)[-1]
            if maker in CHANGEABLE or (maker in classes and not is_value(classes[maker], classes)):
                found |= here
    # What all objects of a class share is no better.
    for name, node in defined(tree):
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{name}.{ast.unparse(each.targets[0] if isinstance(each, ast.Assign) else each.target)}"
                for each in node.body
                if isinstance(each, (ast.Assign, ast.AnnAssign))
                and isinstance(each.value, (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp))
                and "ClassVar[Mapping" not in ast.unparse(each)
            }
    return {f"state {name}" for name in found.union(changed(tree, names))}


def complaints(sources: dict[str, str]) -> set[str]:
    """Return what the code of these files breaks, each with its file."""
    trees = {name: ast.parse(source) for name, source in sources.items()}
    classes = {
        node.name: node for tree in trees.values() for _name, node in defined(tree) if isinstance(node, ast.ClassDef)
    }
    return {
        f"{name}: {wrong}"
        for name, tree in trees.items()
        for wrong in sizes(tree) | late(tree, classes) | state(tree, classes)
    }


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def lines(path: Path) -> int:
    return len(text(path).splitlines())


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_files_classes_and_functions_are_short_and_nothing_changes_behind_the_back() -> None:
    found = complaints({named(path): text(path) for path in SHIPPED})
    found |= {f"{named(path)}: file" for path in ENGINE if lines(path) > ENGINE_FILE}
    found |= {f"{named(path)}: file" for path in TESTS if lines(path) > TEST_FILE}
    found |= {f"{named(path)}: program in YAML" for path in YAML if STATEMENT.search(text(path))}
    if sum(map(lines, TOOLING)) > TOOLS:
        found.add("noxfile.py and tests/tools: lines")
    assert len(SHIPPED) > 50
    assert len(ENGINE) > 30
    assert YAML
    told = [f"too long, or state where none may be: {each}" for each in sorted(found - ALLOWED)]
    told += [f"holds by now, take it out of ALLOWED: {each}" for each in sorted(ALLOWED - found)]
    assert not told, "\n".join(told)


LONG = "\n".join("        a = 1" for _line in range(FUNCTION))


@pytest.mark.parametrize(
    ("source", "wrong"),
    [
        (f"def f():\n{LONG}", {"function f"}),
        (f"class C:\n    async def f(self):\n{LONG}", {"function C.f"}),
        (f'def f():\n        """One.\n\n        Two.\n        """\n{LONG[: LONG.rindex(chr(10))]}', set()),
        ("class C:\n" + "    a: int\n" * CLASS, {"class C"}),
        ("class C:\n    def f(self):\n        self.a = 1", {"attribute C.a"}),
        ("class C:\n    def f(self):\n        with x as self.a:\n            pass", {"attribute C.a"}),
        ("class C:\n    def __init__(self):\n        self.a = 1\n    def f(self):\n        self.a = 2", set()),
        ("class B:\n    a: int = 1\nclass C(B):\n    def f(self):\n        self.a = 2", set()),
        ("class C:\n    a = []", {"state C.a"}),
        ("A = {}\ndef f():\n    A['x'] = 1", {"state A"}),
        ("A: list[int] = []\ndef f():\n    A.append(1)", {"state A"}),
        ("A = {}\ndef f(A):\n    A['x'] = 1", set()),
        ("A = {'x': 1}\ndef f():\n    return A['x']", set()),
        ("A = 0\ndef f():\n    global A\n    A += 1", {"state A"}),
        ("A = threading.Lock()", {"state A"}),
        (
            "class C:\n    def __init__(self):\n        self.a = []\n    def f(self):\n        self.a.append(1)\nA = C()",
            {"state A"},
        ),
        ("class C:\n    def __init__(self, a):\n        self.a = a\nA = C(1)", set()),
        ("class C(NamedTuple):\n    a: int\nA = C(1)", set()),
    ],
)
def test_each_rule_finds_what_breaks_it(source: str, wrong: set[str]) -> None:
    assert complaints({"x.py": source}) == {f"x.py: {each}" for each in wrong}
