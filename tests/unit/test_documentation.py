# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every code block of the README files and the guides is valid, and every name that they mention exists."""

from __future__ import annotations

import csv
import fnmatch
import functools
import io
import itertools
import json
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml

from ansible_collections.eightbyeight.scim.plugins.module_utils._events.options import ARGUMENTS
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.tests.unit.guide_blocks import (
    BLOCKS,
    GUIDES,
    OURS,
    PAGES,
    READMES,
    ROOT,
    TREE,
    Block,
    ansible,
    calls,
    each,
    is_foreign,
    loaded,
    name_of,
    of_kind,
    sort_of,
    syntax_check,
    unknown_options,
)

#: Where what the pages mention is found, and files in which it is not.
ROOMS = ("plugins", "roles", "playbooks", "extensions", "examples", "meta", "docs/facts", "tests/benchmarks")
#: Words of other programs.
THEIRS = frozenset(
    "ansible_python_interpreter job_slice_count allow_simultaneous run_playbook run_job_template set_stats decrypt_keys"
    " ask_variables_on_launch vault_kv2_get hashi_vault group_vars host_vars strategy_plugins validate_certs module_defaults".split()
)


SPECS: Mapping[str, set[str]] = {
    f"eightbyeight_{name}": set(getattr(argspec, name.upper()).argument_spec)
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


def role_variables() -> set[str]:
    found = set()
    for spec in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(spec.read_text(encoding="utf-8"))["argument_specs"].values():
            found |= set(entry.get("options", {}))
    return found


VARIABLES = role_variables()
#: What belongs to a role by its name.
OF_A_ROLE = re.compile(r"(onboarding|offboarding|roster|followups|audit|checklist|emulator)_")


def facts_of_roles() -> set[str]:
    """Return what roles set, what their task files are given, and what else of the collection is named so."""
    found = {path.stem for room in ("plugins", "tests") for path in (ROOT / room).rglob("*.py")}
    for tasks in (ROOT / "roles").glob("*/tasks/*.yml"):
        found |= set(re.findall(r"^ +(\w+):", tasks.read_text(encoding="utf-8"), re.MULTILINE))
    # The name of what a task file of the user's own gets is made of the role's.
    return found | {name.removesuffix("_tasks") for name in VARIABLES if name.endswith("_followup_tasks")}


FACTS = facts_of_roles()


def is_a_text(sentence: str) -> bool:
    """Say whether a sentence stands in a text of the code, whatever its lines."""
    return sentence.rstrip(".") in " ".join(re.sub(r'"\s*f?"', "", CODE).split())


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
    assert len(PAGES) > 25
    assert len(of_kind("yaml", "yaml+jinja")) > 40
    assert len(of_kind("console", "bash")) > 30


@each(BLOCKS)
def test_each_block_says_what_it_is(block: Block) -> None:
    known = {"yaml", "yaml+jinja", "console", "bash", "json", "text"}
    assert block.kind in known, f"{block.place}: {block.kind or 'no lexer'}"


@pytest.mark.parametrize("page", [page for page in PAGES if page.suffix == ".rst"], ids=name_of)
def test_no_block_hides_from_these_tests(page: Path) -> None:
    """A literal block of reStructuredText has no lexer."""
    text = page.read_text(encoding="utf-8")
    hidden = re.findall(
        r"^(?! *\.\. ).*::$|^ *\.\. (?:parsed-literal|highlight|literalinclude|sourcecode)::.*$", text, re.MULTILINE
    )
    assert hidden == []
    assert len(re.findall(r"^ *\.\. code", text, re.MULTILINE)) == sum(block.page == name_of(page) for block in BLOCKS)


@each(of_kind("yaml", "yaml+jinja"))
def test_yaml_is_yaml_and_its_options_exist(block: Block) -> None:
    for value in tasks_in(loaded(block)):
        for name, given in value.items():
            short = str(name).removeprefix(OURS)
            if short in SPECS and isinstance(given, dict):
                assert set(given) <= SPECS[short], f"{block.place}: {name}"
            if name == f"{OURS}user_changes":
                assert set(given) <= ARGUMENTS.keys(), block.place
            if isinstance(name, str) and OF_A_ROLE.match(name):
                assert name in VARIABLES, f"{block.place}: {name}"


@each([block for block in of_kind("yaml", "yaml+jinja") if sort_of(block) == "variables"])
def test_variables_on_the_pages_exist(block: Block) -> None:
    given = loaded(block)
    assert isinstance(given, dict), block.place
    assert [name for name in given if not is_mentioned(name)] == [], block.place


@each([block for block in of_kind("yaml", "yaml+jinja") if sort_of(block) == "inventory"])
def test_inventories_can_be_read(block: Block, tmp_path: Path) -> None:
    """With each host in the group that the commands of the pages name, or in none."""
    file = tmp_path / "inventory.yml"
    file.write_text(block.text, encoding="utf-8")
    found = json.loads(ansible("ansible-inventory", "-i", str(file), "--list", folder=tmp_path))
    hosts = found["_meta"]["hostvars"]
    assert len(hosts) > 1, block.place
    for host, variables in hosts.items():
        assert set(variables) & {"eightbyeight_api_url", "eightbyeight_customer_id"}, f"{block.place}: {host}"


@each([block for block in of_kind("yaml") if sort_of(block) == "changelog"])
def test_fragments_have_sections_of_the_changelog(block: Block) -> None:
    config = yaml.safe_load((ROOT / "changelogs" / "config.yaml").read_text(encoding="utf-8"))
    assert set(loaded(block)) <= {name for name, _title in config["sections"]}, block.place


def test_messages_tables_and_templates_are_right() -> None:
    """What is plain text is a table, a template, a message of the collection, or what a program printed."""
    kinds = {"table": 0, "template": 0, "message": 0}
    for block in of_kind("text"):
        first = block.text.splitlines()[0]
        if "{%" in block.text:
            jinja2.Environment().parse(block.text)
            kinds["template"] += 1
        elif re.fullmatch(r"[\w-]+([,;][\w-]+)+", first):
            rows = list(csv.reader(io.StringIO(block.text), delimiter=";" if ";" in first else ","))
            assert {len(row) for row in rows} == {len(rows[0])}, f"{block.place}: rows of different length"
            if "user_name" in rows[0]:
                assert set(rows[0]) <= {*SPECS["eightbyeight_user"], "user_id", "state", "starts", "ends"}, block.place
            kinds["table"] += 1
        elif block.text.startswith("8x8 "):
            told = " ".join(block.text.split()).replace("PUT /Users/... answered 403", "")
            for sentence in re.split(r" \(\)\. |(?<=\.) ", told):
                assert is_a_text(sentence), f"{block.place}: {sentence}"
            kinds["message"] += 1
    assert all(kinds.values()), kinds


@each(of_kind("json"))
def test_json_is_json(block: Block) -> None:
    json.loads(block.text)


def commands(block: Block) -> Iterator[str]:
    """Yield the commands of a block, one that goes on in the next line whole."""
    text = re.sub(r"\\\n|&&\n", lambda found: " " if found[0][0] == "\\" else "&& ", block.text)
    for line in text.splitlines():
        if block.kind == "console":
            if line.startswith("$ "):
                yield line[2:]
        elif line.strip() and not line.startswith("#"):
            yield line


def simple_commands(block: Block) -> Iterator[list[str]]:
    """Yield the words of each program that the commands of a block start."""
    for command in commands(block):
        words: list[str] = []
        for word in [*shlex.split(command, comments=True), ";"]:
            if word in {"&&", "||", "|", ";"} or word.endswith(";"):
                words += [word.rstrip(";")] * (word not in {"&&", "||", "|", ";"})
                while words and (re.match(r"\w+=", words[0]) or words[0] in {"for", "do", "done", "then", "if"}):
                    words = [] if words[0] == "for" else words[1:]
                if words:
                    yield words
                words = []
            else:
                words.append(word)


#: Programs of the system and of others, whose options are not looked up here.
SYSTEM = frozenset(
    "cd export read touch echo set exit git curl podman pip python python3 sha256sum . ansible-builder ansible-rulebook".split()
)


@functools.cache
def help_of(*command: str) -> str:
    return ansible(command[0], *command[1:], "--help", folder=ROOT)


def wrong_words(words: list[str]) -> Iterator[str]:
    """Yield what a command names and does not exist: programs, options, playbooks, variables, targets, sessions."""
    program = Path(words[0]).name or words[0]
    if program in {"ansible-playbook", "ansible-galaxy"}:
        known = help_of(program, *(["collection", "install"] if program == "ansible-galaxy" else []))
        options = {word.partition("=")[0] for word in words[1:] if re.match(r"--?[a-z]", word)}
        yield from (option for option in options if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", known))
        for word in words:
            if program == "ansible-playbook" and word.startswith(OURS) and not playbook(word).exists():
                yield word
        for flag, value in itertools.pairwise(words):
            if flag in {"-e", "--extra-vars"}:
                yield from (name for name in variables_in(value) if not is_variable(name))
    elif program == "ansible-rulebook":
        rulebooks = ROOT / "extensions/eda/rulebooks"
        yield from (
            word
            for word in words
            if word.startswith(OURS) and not (rulebooks / f"{word.removeprefix(OURS)}.yml").exists()
        )
    elif program == "make":
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
        for word in words[1:]:
            name, equals, _value = word.partition("=")
            if not re.search(rf"\$\({name}\)" if equals else rf"^(?:\w+ )*{name}(?: \w+)*:", makefile, re.MULTILINE):
                yield word
    elif program == "nox":
        # Sessions are functions, or names in a table.
        code = (ROOT / "noxfile.py").read_text(encoding="utf-8")
        sessions = set(re.findall(r"def (\w+)\(", code)) | set(re.findall(r"^ +\(\"(\w+)\"", code, re.MULTILINE))
        yield from (
            session
            for flag, session in itertools.pairwise(words)
            if flag == "-s" and session.partition("-")[0] not in sessions
        )
    elif program not in SYSTEM:
        yield program


def playbook(name: str) -> Path:
    return ROOT / "playbooks" / f"{name.removeprefix(OURS)}.yml"


def variables_in(value: str) -> list[str]:
    if value.startswith("{"):
        return list(json.loads(value))
    found = re.match(r"([a-z]\w*)=", value)
    return [found[1]] if found else []


def is_variable(name: str) -> bool:
    return name in VARIABLES if OF_A_ROLE.match(name) else is_mentioned(name) or name == "ledger"


@each(of_kind("console", "bash"))
def test_commands_can_be_read_and_name_what_there_is(block: Block) -> None:
    found = list(commands(block))
    assert found, block.place
    done = subprocess.run(["bash", "-n"], input="\n".join(found), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{block.place}: {done.stderr}"
    for words in simple_commands(block):
        assert list(wrong_words(words)) == [], f"{block.place}: {shlex.join(words)}"


def stand_ins(folder: Path) -> str:
    """Make a module of each that other collections have, for the loader to find; return the search path."""
    for _block, name, _options in calls(PLAYED):
        if is_foreign(name):
            namespace, collection, module = name.split(".")
            file = folder / "ansible_collections" / namespace / collection / "plugins" / "modules" / f"{module}.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("#!/usr/bin/python\n", encoding="utf-8")
    return f"{TREE}:{folder}"


PLAYED = [block for block in of_kind("yaml", "yaml+jinja") if sort_of(block) in {"plays", "tasks"}]


def test_playbooks_on_the_pages_pass_the_syntax_check(tmp_path: Path) -> None:
    """With stand-ins for the modules of other collections; the tests in tests/awx have the real ones."""
    assert syntax_check(PLAYED, tmp_path, stand_ins(tmp_path)) > 20


def test_options_of_the_modules_of_ansible_exist(tmp_path: Path) -> None:
    ours = [call for call in calls(PLAYED) if not is_foreign(call[1])]
    assert unknown_options(ours, tmp_path) == []


def _code() -> str:
    kinds = {".py", ".yml", ".j2", ".md", ".json", ".js", ".cfg", ".txt"}
    files = [ROOT / "galaxy.yml", *(path for room in ROOMS for path in sorted((ROOT / room).rglob("*")))]
    return "\n".join(path.read_text(encoding="utf-8") for path in files if path.is_file() and path.suffix in kinds)


CODE = _code()
WORDS = frozenset(
    {
        *re.findall(r"[A-Za-z_]\w*", CODE),
        *re.findall(r"def (\w+)", (ROOT / "noxfile.py").read_text(encoding="utf-8")),
        # Targets are folders.
        *(path.name for path in (ROOT / "tests/integration/targets").iterdir()),
        *(path.stem for path in [*GUIDES, *(ROOT / "tests").rglob("*.py")]),
    }
)


def is_mentioned(name: str) -> bool:
    """Say whether a name stands anywhere in the code. Hosts have a variable for each option of the connection."""
    return name in WORDS or name.removeprefix("eightbyeight_") in argspec.CONNECTION


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_name_in_prose_exists(page: Path) -> None:
    """What looks like an option, a variable, a kind or a key: words with an underscore, in code font."""
    text = page.read_text(encoding="utf-8")
    marks = r"(?<!`)`([^`\n]+)`(?!`)" if page.suffix == ".md" else r"``([^`\n]+)``"
    told = {name for code in re.findall(marks, text) for name in re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", code)}
    shown = {word for block in BLOCKS if block.page == name_of(page) for word in re.findall(r"[a-z]\w*", block.text)}
    assert sorted(name for name in told - THEIRS - shown if not is_mentioned(name)) == []
    assert sorted(name for name in told if OF_A_ROLE.match(name) and name not in VARIABLES | FACTS) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
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


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub and Galaxy make of the headings of a page in Markdown."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", READMES, ids=name_of)
def test_links_between_pages_in_markdown_lead_somewhere(page: Path) -> None:
    """To a file, and to a heading in it."""
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if link.startswith("https://"):
            continue
        path, _hash, place = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name_of(page)}: {link}"
        assert target.is_relative_to(ROOT), f"{name_of(page)}: {link}"
        assert not place or place in anchors(target), f"{name_of(page)}: {link}"


@pytest.mark.parametrize("page", [page for page in PAGES if "examples" not in page.parts], ids=name_of)
def test_what_a_shipped_page_links_to_is_shipped(page: Path) -> None:
    """Who has the archive alone finds each file that a page links to in it."""
    left_out = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["build_ignore"]
    text = page.read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https:)([^)#\s]+)", text):
        target = (page.parent / link).resolve().relative_to(ROOT)
        places = [str(target), *(str(part) for part in target.parents)]
        assert not any(fnmatch.fnmatch(place, pattern) for place in places for pattern in left_out), (
            f"{name_of(page)}: {link}"
        )
