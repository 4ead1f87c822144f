# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every variable of every role works as text, blank and null on this ansible-core, and the table of them is what is documented."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from plays import run_playbook

from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_connection import SETTINGS
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_options import ROLES
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_values import Option

ROOT = Path(__file__).resolve().parents[2]
TREE = next(path for path in sys.path if (Path(path) / "ansible_collections" / "eightbyeight" / "scim").exists())
#: The roles that connect to a tenant.
CONNECTED = ("onboarding", "offboarding", "roster", "followups", "audit")

#: kind -> text, and what it stands for.
TEXTS: dict[str, tuple[str, Any]] = {
    "text": ("some text", "some text"),
    "identifier": ("0012", "0012"),
    "boolean": ("false", False),
    "integer": ("7", 7),
    "number": ("7.5", 7.5),
    "path": ("/some/path", "/some/path"),
    "task_file": (__file__, __file__),
    "names": ("a@example.org, *.b@example.org", ["a@example.org", "*.b@example.org"]),
    "dictionary": ('{"create": "5%"}', {"create": "5%"}),
    "rows": ('[{"user_name": "a@example.org", "active": null}]', [{"user_name": "a@example.org", "active": None}]),
    "people": ('[{"user_name": "a@example.org", "active": null}]', [{"user_name": "a@example.org", "active": None}]),
    "leavers": ("a@example.org, b@example.org", [{"user_name": "a@example.org"}, {"user_name": "b@example.org"}]),
    "limit": ("10% or 7", "10% or 7"),
    "due": ("assign_license=+2d, set_site: 2026-12-01", {"assign_license": "+2d", "set_site": "2026-12-01"}),
    "gate": ("left_but_active, orphaned=5", {"left_but_active": 0, "orphaned": 5}),
}


def text_of(option: Option) -> tuple[str, Any]:
    """Return a text for an option, and what it stands for."""
    if not option.choices:
        return TEXTS[option.kind]
    return option.choices[-1], [option.choices[-1]] if option.kind == "names" else option.choices[-1]


def spec_of(role: str) -> dict[str, Any]:
    file = ROOT / "roles" / role / "meta" / "argument_specs.yml"
    options: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    return options


def defaults_of(role: str) -> dict[str, Any]:
    defaults: dict[str, Any] = yaml.safe_load(
        (ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8")
    )
    return defaults


def variables_of(role: str) -> str:
    return (ROOT / "roles" / role / "vars" / "main.yml").read_text(encoding="utf-8")


#: The roles whose variables go through the filter.
READING = tuple(role for role in ROLES if (ROOT / "roles" / role).exists() and f"__{role}_given:" in variables_of(role))


def test_the_roles_that_change_people_read_their_variables_in_one_place() -> None:
    assert {"onboarding", "offboarding"} <= set(READING)


@pytest.mark.parametrize("role", READING)
def test_the_table_is_what_is_documented(role: str) -> None:
    spec = spec_of(role)
    table = {f"{role}_{name}": option for name, option in ROLES[role].items()}
    connection = {f"{role}_{name}" for name in SETTINGS} if role in CONNECTED else set()
    secrets = {name for name, option in spec.items() if option.get("no_log")}
    assert set(spec) - connection - secrets == set(table) - secrets
    assert connection <= set(spec)
    for name, option in table.items():
        if name in secrets:
            continue
        assert bool(spec[name].get("required")) == option.required, name
        default = spec[name].get("default")
        assert default == option.default or not (default or option.default), name
        if "{{" not in str(defaults_of(role).get(name)):
            assert defaults_of(role).get(name) == default or default is None, name


@pytest.mark.parametrize("role", [role for role in READING if role in CONNECTED])
def test_the_connection_of_a_role_is_every_setting_there_is(role: str) -> None:
    pattern = yaml.safe_load(variables_of(role))[f"__{role}_connection_names"]
    for name in SETTINGS:
        assert re.match(pattern, f"{role}_{name}"), name
        assert re.match(pattern, f"eightbyeight_{name}"), name
    for name in ROLES[role]:
        assert not re.match(pattern, f"{role}_{name}"), name


def play(role: str, variant: str) -> dict[str, Any]:
    """Return a play that reads all variables of a role the way the role does."""
    values: dict[str, Any] = {}
    for name, option in ROLES[role].items():
        text = text_of(option)[0]
        values[f"{role}_{name}"] = (
            text if variant == "text" or option.required else {"blank": " ", "null": None}[variant]
        )
    if role in CONNECTED:
        for name, option in SETTINGS.items():
            values[f"{role}_{name}"] = {"text": text_of(option)[0], "blank": "", "null": None}[variant]
    directory = ROOT / "roles" / role
    spec = f"(lookup('ansible.builtin.file', '{directory}/meta/argument_specs.yml') | from_yaml).argument_specs.main.options"
    read = f"__{role}_given | eightbyeight.scim.role_options('{role}', playbook_dir, 'local')"
    connection = f"__{role}_connection if '{role}' in {list(CONNECTED)} else {{}}"
    return {
        "hosts": "localhost",
        "gather_facts": False,
        "vars": values,
        "tasks": [
            {
                "ansible.builtin.validate_argument_spec": {
                    "argument_spec": "{{ " + spec + " }}",
                    "provided_arguments": {
                        name: "{{ " + name + " }}" for name, value in values.items() if value is not None
                    },
                }
            },
            {"ansible.builtin.include_vars": {"file": f"{directory}/vars/main.yml"}},
            {
                "ansible.builtin.set_fact": {
                    "seen": f"{{{{ seen | default({{}}) | combine({{'{role} {variant}': {{'read': " + read + "}}) }}",
                    "connected": "{{ connected | default({}) | combine({'"
                    f"{role} {variant}"
                    "': " + connection + "}) }}",
                }
            },
        ],
    }


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Read all variables of all roles in one run of ansible-playbook."""
    work = tmp_path_factory.mktemp("variables")
    plays = [play(role, variant) for role in READING for variant in ("text", "blank", "null")]
    result = work / "seen.json"
    plays.append(
        {
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": [
                {
                    "ansible.builtin.copy": {
                        "dest": str(result),
                        "content": "{{ {'seen': seen, 'connected': connected} | to_json }}",
                        "mode": "0600",
                    }
                }
            ],
        }
    )
    playbook = work / "play.yml"
    playbook.write_text(json.dumps(plays), encoding="utf-8")
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("EIGHTBYEIGHT_")},
        "ANSIBLE_COLLECTIONS_PATH": TREE,
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    }
    done = run_playbook(["ansible-playbook", str(playbook)], work, env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    seen: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return seen


@pytest.mark.parametrize("role", READING)
def test_every_variable_works_as_text(role: str, outcome: dict[str, Any]) -> None:
    read = outcome["seen"][f"{role} text"]["read"]
    assert read["problems"] == []
    for name, option in ROLES[role].items():
        assert read["options"][name] == text_of(option)[1], name


@pytest.mark.parametrize("variant", ["blank", "null"])
@pytest.mark.parametrize("role", READING)
def test_blank_and_null_are_not_given(role: str, variant: str, outcome: dict[str, Any]) -> None:
    read = outcome["seen"][f"{role} {variant}"]["read"]
    assert read["problems"] == []
    for name, option in ROLES[role].items():
        if option.required:
            continue
        default = option.default
        if option.kind == "path" and default:
            assert str(read["options"][name]).endswith(default), name
        else:
            assert read["options"][name] == default, name


@pytest.mark.parametrize("role", [role for role in READING if role in CONNECTED])
def test_every_connection_variable_works_as_text(role: str, outcome: dict[str, Any]) -> None:
    text = outcome["connected"][f"{role} text"]
    assert text["problems"] == []
    assert text["environment"] == {"EIGHTBYEIGHT_STATE_DIR": "/some/path"}
    for name, option in SETTINGS.items():
        if name != "state_dir":
            assert text["options"][name] == text_of(option)[1], name
    for variant in ("blank", "null"):
        assert outcome["connected"][f"{role} {variant}"]["options"] == {}
