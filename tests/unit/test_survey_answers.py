# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Surveys of AWX answer in text: each variable of each role means the same as text, and an empty answer is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment

from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_options import ROLES, read_options
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_values import Option

PLAYBOOKS = sorted((Path(__file__).resolve().parents[2] / "playbooks").glob("*.yml"))
ADA = {"user_name": "ada@example.org", "title": "Analyst, first class", "site": ""}
GRACE = {"user_name": "grace@example.org", "title": "", "site": "London"}
CSV = 'user_name,title,site\nada@example.org,"Analyst, first class",\n\ngrace@example.org,,London\n'
#: What a survey answers -> what it means, for each kind of variable.
ANSWERS: dict[str, list[tuple[Any, Any]]] = {
    "text": [("plain", "plain"), (" padded ", "padded")],
    "identifier": [("0012J00042NkZQIQA3", "0012J00042NkZQIQA3")],
    "boolean": [("true", True), ("false", False), ("True", True), ("no", False)],
    "integer": [("5", 5), (" 5 ", 5)],
    "number": [("2.5", 2.5)],
    "path": [("/srv/plans", "/srv/plans")],
    "names": [
        ("a@example.org, b@example.org", ["a@example.org", "b@example.org"]),
        ("a\r\nb\n", ["a", "b"]),
        (["a", "b"], ["a", "b"]),
    ],
    "dictionary": [("create=5, deactivate=5%", {"create": "5", "deactivate": "5%"}), ('{"create": 5}', {"create": 5})],
    "rows": [(CSV, [ADA, GRACE]), (json.dumps([ADA]), [ADA]), (CSV.replace("\n", "\r\n"), [ADA, GRACE])],
    "people": [(CSV, [ADA, GRACE]), (json.dumps([ADA]), [ADA])],
    "leavers": [
        ("ada@example.org, grace@example.org", [{"user_name": "ada@example.org"}, {"user_name": "grace@example.org"}]),
        ("user_name\nada@example.org\n", [{"user_name": "ada@example.org"}]),
        (["ada@example.org"], [{"user_name": "ada@example.org"}]),
        (CSV, [ADA, GRACE]),
    ],
    "limit": [("5%", "5%"), ("5", "5"), ("10% or 5", "10% or 5")],
}
MATRIX = [
    (role, name, answer, meaning)
    for role, options in ROLES.items()
    for name, option in options.items()
    if option.kind != "task_file"
    for answer, meaning in (
        [(choice.upper(), choice) for choice in option.choices] if option.kind == "text" and option.choices else []
    )
    or ANSWERS.get(option.kind, [])
    if not (option.kind == "names" and option.choices)
]


def read(role: str, **given: Any) -> dict[str, Any]:
    """Read the variables of a role, with those that it needs."""
    needed = {name: _needed(option) for name, option in ROLES[role].items() if option.required}
    return read_options({**needed, **given}, role)


def _needed(option: Option) -> Any:
    return {"path": "/srv/x", "text": "x"}.get(option.kind, [ADA])


@pytest.mark.parametrize(("role", "name", "answer", "meaning"), MATRIX)
def test_an_answer_means_what_it_says(role: str, name: str, answer: Any, meaning: Any) -> None:
    result = read(role, **{name: answer})
    assert result["problems"] == []
    assert result["options"][name] == meaning


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("answer", ["", " ", "\r\n", None])
def test_an_empty_answer_is_none(role: str, answer: Any) -> None:
    optional = [name for name, option in ROLES[role].items() if not option.required]
    assert read(role, **dict.fromkeys(optional, answer))["options"] == read(role)["options"]
    for name, option in ROLES[role].items():
        if option.required:
            assert read(role, **{name: answer})["problems"] == [f"{role}_{name} is missing, null or blank."]


@pytest.mark.parametrize("path", PLAYBOOKS, ids=lambda path: path.stem)
@pytest.mark.parametrize("answers", [{}, {"eightbyeight_hosts": ""}])
def test_without_an_answer_a_playbook_runs_for_localhost(path: Path, answers: dict[str, str]) -> None:
    (play,) = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert Environment(autoescape=True).from_string(play["hosts"]).render(**answers) == "localhost"


@pytest.mark.parametrize("role", ROLES)
def test_a_task_file_may_be_named_in_a_survey(role: str, tmp_path: Path) -> None:
    names = [name for name, option in ROLES[role].items() if option.kind == "task_file"]
    file = tmp_path / "ticket.yml"
    file.write_text("[]", encoding="utf-8")
    for name in names:
        assert read(role, **{name: str(file)})["options"][name] == str(file)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("user_name,title,title\na,b,c", "has the column 'title' twice"),
        ("user_name,title\na,b,c", "has more cells than columns in line 2"),
        ('user_name,title\na,"b', "cannot be read as CSV"),
        ("name,title\na,b", "must be a list of dictionaries, the same as JSON, or CSV"),
    ],
)
def test_a_table_that_cannot_be_read_is_told_with_its_line(text: str, told: str) -> None:
    (problem,) = read("onboarding", users=text)["problems"]
    assert problem.startswith("onboarding_users ")
    assert told in problem


def test_a_short_line_has_empty_cells() -> None:
    assert read("roster", users="User_Name , title\na@example.org")["options"]["users"] == [
        {"user_name": "a@example.org", "title": ""}
    ]
