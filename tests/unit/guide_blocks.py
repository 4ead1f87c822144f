# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The code blocks of the README files and the guides, and what Ansible says of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TREE = next(path for path in sys.path if (Path(path) / "ansible_collections" / "eightbyeight" / "scim").exists())
GUIDES = sorted((ROOT / "docs" / "docsite" / "rst").glob("guide_*.rst"))
READMES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "roles").glob("*/README.md")),
    *sorted((ROOT / "examples").glob("*/README.md")),
]
PAGES = [*READMES, *GUIDES]
OURS = "eightbyeight.scim."
#: Modules whose options are the user's own words, or a text.
_FREE = {"ansible.builtin.set_fact", "ansible.builtin.include_tasks", "ansible.builtin.import_tasks"}


class Block(NamedTuple):
    """A code block of a page."""

    page: str
    line: int
    kind: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


class _Tags(yaml.SafeLoader):
    """Takes the tags of Ansible, such as that of the vault."""


_Tags.add_multi_constructor("!", lambda loader, suffix, node: str(node.value))


def loaded(block: Block) -> Any:
    return yaml.load(block.text, _Tags)


def dedent(text: str) -> str:
    lines = text.splitlines()
    width = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[width:] for line in lines).strip("\n") + "\n"


def name_of(page: Path) -> str:
    """Return what a page is called in the tests: three roles have a README."""
    return str(page.relative_to(ROOT)) if page.suffix == ".md" else page.name


def _blocks() -> Iterator[Block]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        pattern = (
            r"^(?P<indent> *)```(?P<kind>[^\n]*)\n(?P<text>.*?)^ *```$"
            if page.suffix == ".md"
            else r"^(?P<indent> *)\.\. code(?:-block)?::(?P<kind>[^\n]*)\n(?: +:[^\n]*\n)*\n(?P<text>(?:(?P=indent) {2,}[^\n]*\n|\n)+)"
        )
        for found in re.finditer(pattern, text, re.MULTILINE | re.DOTALL):
            line = text.count("\n", 0, found.start("text")) + 1
            yield Block(name_of(page), line, found["kind"].strip(), dedent(found["text"]))


BLOCKS = list(_blocks())


def of_kind(*kinds: str) -> list[Block]:
    return [block for block in BLOCKS if block.kind in kinds]


def each(values: list[Block]) -> Any:
    return pytest.mark.parametrize("block", values, ids=[block.place for block in values])


def sort_of(block: Block) -> str:
    """Say what a YAML block is for Ansible: ``plays``, ``tasks``, ``rulebook``, ``inventory``, ``changelog`` or ``variables``."""
    value = loaded(block)
    if isinstance(value, list):
        if any("sources" in part for part in value):
            return "rulebook"
        return "plays" if any("hosts" in part or "import_playbook" in str(part) for part in value) else "tasks"
    if set(value) == {"all"}:
        return "inventory"
    return (
        "changelog" if any(str(name).endswith(("_changes", "_features", "bugfixes")) for name in value) else "variables"
    )


def tasks_of(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the tasks of plays and of blocks."""
    for part in value if isinstance(value, list) else []:
        for name in ("tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always"):
            yield from tasks_of(part.get(name))
        if not {"hosts", "block"} & set(part):
            yield part


def calls(blocks: Iterable[Block]) -> Iterator[tuple[Block, str, Mapping[str, Any]]]:
    """Yield each module that a task of the blocks runs, with its options."""
    for block in blocks:
        for task in tasks_of(loaded(block)):
            for name, options in task.items():
                if re.fullmatch(r"\w+\.\w+\.\w+", name) and name not in _FREE and isinstance(options, dict):
                    yield block, name, options


def is_foreign(module: str) -> bool:
    return not module.startswith(("ansible.builtin.", OURS))


def ansible(program: str, *arguments: str, folder: Path, paths: str = TREE) -> str:
    """Run a program of ansible-core, and return what it prints; what it complains of names the file of the block."""
    settings = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": paths,
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }
    command = [str(Path(sys.executable).parent / program), *arguments]
    done = subprocess.run(command, cwd=folder, env=settings, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def syntax_check(blocks: Iterable[Block], folder: Path, paths: str = TREE) -> int:
    """Have ansible-playbook check plays as they are, and tasks in a play; return how many."""
    files = []
    for block in blocks:
        text = block.text
        if sort_of(block) == "tasks":
            tasks = "\n".join(f"    {line}" for line in text.splitlines())
            text = f"- hosts: localhost\n  gather_facts: false\n  tasks:\n{tasks}\n"
        file = folder / f"{block.place.replace('/', '-').replace(':', '-line-')}.yml"
        file.write_text(text, encoding="utf-8")
        files.append(file.name)
    ansible("ansible-playbook", "-i", "localhost,", "--syntax-check", *files, folder=folder, paths=paths)
    return len(files)


def unknown_options(
    found: Iterable[tuple[Block, str, Mapping[str, Any]]], folder: Path, paths: str = TREE
) -> list[str]:
    """Return the options that modules are given and do not have, as ansible-doc knows them."""
    given = list(found)
    names = sorted({name for _block, name, _options in given})
    documents = json.loads(ansible("ansible-doc", "-j", *names, folder=folder, paths=paths))
    wrong = []
    for block, name, options in given:
        known = documents[name]["doc"]["options"]
        every = {*known, *(alias for option in known.values() for alias in option.get("aliases") or [])}
        wrong += [f"{block.place}: {name}: {option}" for option in options if option not in every]
    return wrong
