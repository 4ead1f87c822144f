# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code block of the README and the guides is valid, and every name that they mention exists."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from ansible_collections.eightbyeight.scim.plugins.module_utils._events.options import ARGUMENTS
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec

ROOT = Path(__file__).resolve().parents[2]
TREE = next(path for path in sys.path if (Path(path) / "ansible_collections" / "eightbyeight" / "scim").exists())
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "docsite" / "rst").glob("guide_*.rst"))]
OURS = "eightbyeight.scim."
#: Where what the pages mention is found, and files in which it is not.
ROOMS = ("plugins", "roles", "playbooks", "extensions", "examples", "meta", "docs/facts", "tests/benchmarks")
#: Words of other programs.
THEIRS = frozenset(
    "ansible_python_interpreter job_slice_count allow_simultaneous run_playbook run_job_template set_stats decrypt_keys"
    " ask_variables_on_launch vault_kv2_get hashi_vault group_vars host_vars strategy_plugins validate_certs module_defaults".split()
)


#: A module of a collection that is not installed here.
FOREIGN = r"^ *(?!ansible\.builtin|eightbyeight\.scim)\w+\.\w+\.\w+:$"


class Block(NamedTuple):
    """A code block of a page."""

    page: str
    line: int
    kind: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def dedent(text: str) -> str:
    lines = text.splitlines()
    width = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(line[width:] for line in lines).strip("\n") + "\n"


def blocks() -> Iterator[Block]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        pattern = (
            r"^(?P<indent> *)```(?P<kind>[\w+]*)\n(?P<text>.*?)^ *```$"
            if page.suffix == ".md"
            else r"^(?P<indent> *)\.\. code-block:: (?P<kind>[\w+-]+)\n(?: +:[^\n]*\n)*\n(?P<text>(?:(?P=indent) {2,}[^\n]*\n|\n)+)"
        )
        for found in re.finditer(pattern, text, re.MULTILINE | re.DOTALL):
            line = text.count("\n", 0, found.start("text")) + 1
            yield Block(page.name, line, found["kind"], dedent(found["text"]))


BLOCKS = list(blocks())
SPECS: Mapping[str, set[str]] = {
    f"eightbyeight_{name}": set(getattr(argspec, name.upper()).options)
    for name in (
        "user",
        "user_info",
        "tenant_info",
        "service_info",
        "roster",
        "followup",
        "followup_info",
        "audit_info",
    )
}


def of_kind(*kinds: str) -> list[Block]:
    return [block for block in BLOCKS if block.kind in kinds]


def each(values: list[Block]) -> Any:
    return pytest.mark.parametrize("block", values, ids=[block.place for block in values])


def role_variables() -> set[str]:
    found = set()
    for spec in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(spec.read_text(encoding="utf-8"))["argument_specs"].values():
            found |= set(entry.get("options", {}))
    return found


VARIABLES = role_variables()


class _Tags(yaml.SafeLoader):
    """Takes the tags of Ansible, such as that of the vault."""


_Tags.add_multi_constructor("!", lambda loader, suffix, node: str(node.value))


def tasks_in(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield each mapping below a value that is a task of ours, or the settings of a group."""
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from tasks_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from tasks_in(part)


def test_there_are_blocks_on_the_pages() -> None:
    assert len(PAGES) > 15
    assert len(of_kind("yaml", "yaml+jinja")) > 15
    assert len(of_kind("console", "bash")) > 20
    assert {block.kind for block in BLOCKS} <= {
        "yaml",
        "yaml+jinja",
        "console",
        "bash",
        "json",
        "text",
        "ini",
        "python",
    }


@each(of_kind("yaml", "yaml+jinja"))
def test_yaml_is_yaml_and_its_options_exist(block: Block) -> None:
    for value in tasks_in(yaml.load(block.text, _Tags)):
        for name, given in value.items():
            short = str(name).removeprefix(OURS)
            if short in SPECS and isinstance(given, dict):
                assert set(given) <= SPECS[short], f"{block.place}: {name}"
            if name == f"{OURS}user_changes":
                assert set(given) <= ARGUMENTS.keys(), block.place
            if isinstance(name, str) and re.match(
                r"(onboarding|offboarding|roster|followups|audit|checklist|emulator)_", name
            ):
                assert name in VARIABLES or is_mentioned(name), f"{block.place}: {name}"


@each(of_kind("json"))
def test_json_is_json(block: Block) -> None:
    json.loads(block.text)


def commands(block: Block) -> Iterator[str]:
    """Yield the commands of a block, one that goes on in the next line whole."""
    text = block.text.replace("\\\n", " ")
    for line in text.splitlines():
        if block.kind == "console":
            if line.startswith("$ "):
                yield line[2:]
        elif line.strip() and not line.startswith("#"):
            yield line


@each(of_kind("console", "bash"))
def test_commands_can_be_read_and_name_what_there_is(block: Block) -> None:
    found = list(commands(block))
    assert found, block.place
    program = "\n".join(found)
    done = subprocess.run(["bash", "-n"], input=program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{block.place}: {done.stderr}"
    for command in found:
        words = shlex.split(command, comments=True)
        for word in words:
            if word.startswith(OURS) and words[0].endswith("ansible-playbook"):
                assert (ROOT / "playbooks" / f"{word.removeprefix(OURS)}.yml").exists(), f"{block.place}: {word}"
            if word.startswith(OURS) and words[0].endswith("ansible-rulebook"):
                file = ROOT / "extensions/eda/rulebooks" / f"{word.removeprefix(OURS)}.yml"
                assert file.exists(), f"{block.place}: {word}"
        for flag, value in itertools.pairwise(words):
            name = re.match(r"([a-z]\w*)=", value)
            if flag == "-e" and name:
                assert is_mentioned(name[1]) or name[1] == "ledger", f"{block.place}: {name[1]}"


def test_playbooks_on_the_pages_pass_the_syntax_check(tmp_path: Path) -> None:
    """Lists of plays as they are; lists of tasks in a play."""
    files = []
    for number, block in enumerate(of_kind("yaml", "yaml+jinja")):
        value = yaml.load(block.text, _Tags)
        if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
            continue
        if any("sources" in part for part in value):
            continue  # a rulebook
        if re.search(FOREIGN, block.text, re.MULTILINE):
            continue  # a test beside the recipe plays it, with a module in the place of this one
        if any("hosts" in part or "import_playbook" in str(part) for part in value):
            text = block.text
        elif any(re.match(r"[\w.]+\.[\w.]+$|block$|name$", str(key)) for part in value for key in part):
            tasks = "\n".join(f"    {line}" for line in block.text.splitlines())
            text = f"- hosts: localhost\n  gather_facts: false\n  tasks:\n{tasks}\n"
        else:
            continue
        file = tmp_path / f"{number:02}-{block.page}-{block.line}.yml"
        file.write_text(text, encoding="utf-8")
        files.append(file.name)
    assert len(files) > 5
    settings = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": TREE,
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }
    program = str(Path(sys.executable).parent / "ansible-playbook")
    command = [program, "-i", "localhost,", "--syntax-check", *files]
    done = subprocess.run(command, cwd=tmp_path, env=settings, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def _code() -> str:
    kinds = {".py", ".yml", ".j2", ".md", ".json", ".js", ".cfg", ".txt"}
    files = [ROOT / "galaxy.yml", *(path for room in ROOMS for path in sorted((ROOT / room).rglob("*")))]
    return "\n".join(path.read_text(encoding="utf-8") for path in files if path.is_file() and path.suffix in kinds)


CODE = _code()
WORDS = frozenset(re.findall(r"[A-Za-z_]\w*", CODE)) | {path.stem for path in (ROOT / "tests").rglob("*.py")}


def is_mentioned(name: str) -> bool:
    """Say whether a name stands anywhere in the code. Hosts have a variable for each option of the connection."""
    return name in WORDS or name.removeprefix("eightbyeight_") in argspec.CONNECTION.options


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_name_in_prose_exists(page: Path) -> None:
    """What looks like an option, a variable, a kind or a key: words with an underscore, in code font."""
    text = page.read_text(encoding="utf-8")
    marks = r"(?<!`)`([^`\n]+)`(?!`)" if page.suffix == ".md" else r"``([^`\n]+)``"
    told = {name for code in re.findall(marks, text) for name in re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", code)}
    shown = {word for block in BLOCKS if block.page == page.name for word in re.findall(r"[a-z]\w*", block.text)}
    assert sorted(name for name in told - THEIRS - shown if not is_mentioned(name)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_plugins_that_the_pages_link_to_exist(page: Path) -> None:
    """Sphinx follows all other links, in the session docs."""
    text = page.read_text(encoding="utf-8")
    for name, kind in re.findall(r":ans(?:plugin|opt|retval):`eightbyeight\.scim\.(\w+)#(\w+)", text):
        rooms = {
            "module": ROOT / "plugins" / "modules" / f"{name}.py",
            "filter": ROOT / "plugins" / "filter" / f"{name}.py",
            "role": ROOT / "roles" / name,
        }
        assert rooms[kind].exists(), f"{page.name}: {name}#{kind}"
