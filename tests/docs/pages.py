# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of the site that antsibull-docs does not make: playbooks, rulebooks and the event source, each from its own file. Pure."""

from __future__ import annotations

import re
import runpy
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

#: What a comment shows as code: variables, names with dots or underscores, and environment variables.
_CODE = re.compile(r"(?<![\w`@-])(?:[A-Za-z0-9]+(?:[_.][A-Za-z0-9]+)+(?:=\S*\w)?|-e|--[a-z][a-z-]+)(?![\w`@])")
_MARKUP = re.compile(r"([OVECI])\(([^()]*)\)")
#: Markup of reStructuredText that a comment does not mean.
_SPECIAL = re.compile(r"([*|])")


def heading(text: str, line: str = "=") -> list[str]:
    return [text, line * len(text), ""]


def header(file: Path) -> list[str]:
    """Return the lines of the comment at the top of a YAML file, behind the license."""
    lines: list[str] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("- "):
            break
        lines.append(line)
    start = next(place for place, line in enumerate(lines) if line.startswith("# SPDX")) + 1
    return [line.removeprefix("#").removeprefix(" ") for line in lines[start:] if line.startswith("#")]


def prose(text: str) -> str:
    """Return a sentence of a comment, with names as code."""
    parts = re.split(r"(`[^`]*`)", text)
    for place, part in enumerate(parts):
        if part.startswith("`"):
            parts[place] = f"`{part}`"
        else:
            parts[place] = _CODE.sub(lambda found: f"``{found[0]}``", _SPECIAL.sub(r"\\\1", part))
    return "".join(parts)


def described(lines: Iterable[str]) -> Iterator[str]:
    """Yield a comment as reStructuredText: indented lines are commands."""
    paragraph: list[str] = []
    command = False
    for line in [*lines, ""]:
        indented = line.startswith("  ")
        if paragraph and (indented != command or not line):
            yield from _block(paragraph, command)
            paragraph = []
        command = indented
        if line:
            paragraph.append(line.strip())


def _block(lines: list[str], command: bool) -> list[str]:
    if command:
        return [".. code-block:: console", "", *(f"    $ {line}" for line in lines), ""]
    return [prose(" ".join(lines)), ""]


def commands_page(title: str, label: str, intro: str, files: Iterable[Path]) -> str:
    """Return a page about playbooks or rulebooks, each under its name."""
    lines = [f".. _{label}:", "", *heading(title), intro, "", ".. contents::", "   :local:", ""]
    for file in sorted(files):
        lines += [*heading(f"eightbyeight.scim.{file.stem}", "-"), *described(header(file))]
    return "\n".join(lines)


def _texts(value: Any) -> list[str]:
    given = [value] if isinstance(value, str) else value or []
    return [_MARKUP.sub(lambda found: f"``{found[2]}``", text) for text in given]


def source_page(file: Path) -> str:
    """Return the page about the event source, from its documentation."""
    source = runpy.run_path(str(file))
    told = yaml.safe_load(source["DOCUMENTATION"])
    name = f"eightbyeight.scim.{file.stem}"
    lines = [f".. _{name}_source:", "", *heading(f"{name} event source"), f"{told['short_description']}.", ""]
    lines += [f"* {text}" for text in _texts(told["description"])]
    lines += ["", *heading("Arguments", "-")]
    for option, facts in told["options"].items():
        kind = f"list of {facts['elements']}" if facts["type"] == "list" else facts["type"]
        if "default" in facts:
            value = facts["default"]
            kind += f", default ``{str(value).lower() if isinstance(value, bool) else value}``"
        lines.append(f"``{option}`` ({kind})")
        texts = _texts(facts["description"])
        if "choices" in facts:
            texts.append(f"One of {', '.join(f'``{choice}``' for choice in facts['choices'])}.")
        lines += [f"    {' '.join(texts)}", ""]
    lines += heading("Notes", "-") + [f"* {text}" for text in _texts(told["notes"])]
    example = [f"    {line}".rstrip() for line in source["EXAMPLES"].strip().splitlines()]
    return "\n".join([*lines, "", *heading("Examples", "-"), ".. code-block:: yaml+jinja", "", *example, ""])


def with_pages(index: str, pages: Iterable[str]) -> str:
    """Return the first page of the site, with a section for more pages before the index of plugins."""
    section = [*heading("Playbooks and events", "-"), ".. toctree::", "    :maxdepth: 1", ""]
    section += [*(f"    {page}" for page in pages), ""]
    place = re.search(r"^\.\. _plugin_index_for_", index, re.MULTILINE)
    assert place is not None
    return "\n".join([index[: place.start()], *section, index[place.start() :]])
