# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide to AWX: each block is what it says, and what it names exists. Blocks of all guides with modules of others, too."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import rules
import yaml
from objects import ROOT, lists

from ansible_collections.eightbyeight.scim.plugins.module_utils._report.artifact import MOST_BYTES, name_for
from ansible_collections.eightbyeight.scim.tests.unit.guide_blocks import (
    Block,
    calls,
    each,
    is_foreign,
    of_kind,
    sort_of,
    syntax_check,
    unknown_options,
)

TEXT = (ROOT / "docs/docsite/rst/guide_awx.rst").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    """Return the blocks of a language."""
    found = re.findall(rf"^( *)\.\. code-block:: {kind}\n\n((?:\1 +.*\n|\n)+)", TEXT, re.MULTILINE)
    return [textwrap.dedent(body) for _indent, body in found]


def test_the_settings_are_those_of_the_playbook() -> None:
    playbook = (ROOT / "playbooks/awx.yml").read_text(encoding="utf-8")
    settings = yaml.safe_load(blocks("yaml")[0])
    assert set(settings) | {"awx_update_secrets"} == set(re.findall(r"\b(awx_\w+) \| default", playbook))
    assert "awx_update_secrets" in TEXT


def test_a_list_of_ones_own_is_one_that_awx_takes() -> None:
    (schedule,) = yaml.safe_load(blocks("yaml")[1])["controller_schedules"]
    assert rules.rrule(schedule["rrule"]) == []
    assert set(schedule) == set(lists()["controller_schedules"][0])


def test_the_artifact_is_shown_as_it_is() -> None:
    (shown,) = (json.loads(block) for block in blocks("json"))
    ((name, artifact),) = shown.items()
    assert name == name_for(artifact["host"])
    source = (ROOT / "plugins/module_utils/_report/artifact.py").read_text(encoding="utf-8")
    assert all(f'"{key}"' in source for key in artifact)
    assert f"at most {MOST_BYTES // 1000} kB" in TEXT


def test_variables_are_those_of_the_roles() -> None:
    known: dict[str, Any] = {}
    for file in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        known |= yaml.safe_load(file.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    named = set(re.findall(r"\b(?:roster|audit|followups|offboarding|onboarding)_[a-z_]+\b", TEXT))
    assert named - set(known) <= {"roster_with_approval"}
    for block in blocks("yaml"):
        assert isinstance(yaml.safe_load(block), dict)


def test_each_object_is_named_in_the_guide() -> None:
    told = " ".join(TEXT.split())
    for variable in (
        "controller_credential_types",
        "controller_inventories",
        "controller_templates",
        "controller_workflows",
    ):
        for one in lists()[variable]:
            assert f'"{one["name"]}"' in told, one["name"]


def test_the_commands_name_what_is_there() -> None:
    commands = "".join(blocks("console"))
    assert "ansible-galaxy collection install 'awx.awx:>=24.6.1'" in commands
    assert "ansible-playbook -i localhost, eightbyeight.scim.awx -e @awx.yml --check" in commands
    assert "cd examples/awx" in commands
    assert (ROOT / "examples/awx/execution-environment.yml").exists()


#: The blocks of all guides that use modules of other collections, which are installed here with the package ``ansible``.
FOREIGN = [
    block
    for block in of_kind("yaml", "yaml+jinja")
    if sort_of(block) in {"plays", "tasks"} and any(is_foreign(name) for _block, name, _options in calls([block]))
]


@each(FOREIGN)
def test_blocks_with_modules_of_other_collections(block: Block, tmp_path: Path) -> None:
    """They pass the syntax check, and the modules have these options."""
    assert syntax_check([block], tmp_path) == 1
    assert unknown_options([call for call in calls([block]) if is_foreign(call[1])], tmp_path) == []
