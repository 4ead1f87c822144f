# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The export that the variables of the role roster name: found where people expect it, and told where it cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.filter.role_export import FilterModule
from ansible_collections.eightbyeight.scim.plugins.filter.role_options import role_options
from ansible_collections.eightbyeight.scim.plugins.module_utils._report.variables import roster_problems
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_export import with_export

HEADER = "userPrincipalName,surname,givenName,accountEnabled\n"
ADA = "ada@example.org,Lovelace,Ada,True\n"
ROW = {
    "user_name": "ada@example.org",
    "email": "ada@example.org",
    "given_name": "Ada",
    "family_name": "Lovelace",
    "active": True,
}


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"role_export": with_export}


def read(playbook_dir: Path, **given: Any) -> tuple[Any, list[str]]:
    """Return the users and the problems of variables."""
    result = with_export(role_options(given, "roster", str(playbook_dir)), "roster", str(playbook_dir))
    return result["options"]["users"], [*result["problems"], *roster_problems(result["options"], result["problems"])]


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Return where Ansible is started, and where the playbook is."""
    here, plays = tmp_path / "here", tmp_path / "plays"
    here.mkdir()
    plays.mkdir()
    monkeypatch.chdir(here)
    return here, plays


def test_a_relative_path_starts_where_people_are_and_then_beside_the_playbook(folders: tuple[Path, Path]) -> None:
    here, plays = folders
    (plays / "users.csv").write_text(HEADER + ADA, encoding="utf-8")
    users, problems = read(plays, source="entra_csv", export="users.csv")
    assert users["users"] == [ROW]
    assert problems == []
    (here / "users.csv").write_text(HEADER + ADA.replace("ada@", "eve@"), encoding="utf-8")
    assert read(plays, source="entra_csv", export="users.csv")[0]["users"][0]["user_name"] == "eve@example.org"
    assert read(plays, source="entra_csv", export=str(plays / "users.csv"))[0]["users"] == [ROW]


def test_everything_may_be_text(folders: tuple[Path, Path]) -> None:
    here, plays = folders
    text = "Login;Land;Eintritt;Rolle\nada;GB;01.02.2026;Müller\nbob;NL;;x\n"
    (here / "hr.csv").write_bytes(text.encode("cp1252"))
    users, problems = read(
        plays,
        source="csv",
        export="hr.csv",
        mapping="user_name=Login, starts=Eintritt, title=Rolle",
        defaults="site=London",
        only='{"Land": ["gb"]}',
        date_format="%d.%m.%Y",
        delimiter=";",
        encoding="cp1252",
    )
    assert problems == []
    assert users["users"] == [{"user_name": "ada", "title": "Müller", "starts": "2026-02-01", "site": "London"}]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"source": "entra_csv", "export": "none.csv"}, "roster_export: there is no file"),
        ({"source": "entra_csv"}, "roster_export is missing, and roster_source needs it."),
        ({"export": "other.csv"}, "roster_source is missing, and roster_export needs it."),
        ({"source": "entra", "export": "other.csv"}, "roster_source must be one of entra_csv, entra_graph"),
        ({"source": "csv", "export": "other.csv"}, "no column gives user_name"),
        (
            {"source": "okta_api", "export": "empty.json"},
            "No person in the export can be read. No row names a person.",
        ),
        ({"source": "csv", "export": "bad.csv"}, "row 2: has 1 cell, but the header has 2. It is left out."),
        ({"source": "csv", "export": "other.csv", "mapping": {"mail": "a"}}, "mapping: there is no attribute 'mail'"),
        ({"source": "csv", "export": "other.csv", "mapping": "user_name=a", "users": [ROW]}, "give one of them"),
        ({"source": "csv", "export": "other.csv", "dates_timezone": "Mars"}, "dates_timezone"),
    ],
)
def test_an_export_that_cannot_be_read_is_one_clear_sentence(
    folders: tuple[Path, Path], given: dict[str, Any], words: str
) -> None:
    here, plays = folders
    (here / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    (here / "bad.csv").write_text("user_name,b\n1\n", encoding="utf-8")
    (here / "empty.json").write_text("[]", encoding="utf-8")
    _users, (problem, *others) = read(plays, **given)
    assert words in problem
    assert others == [] or "source" in problem


def test_an_approved_plan_needs_no_export(folders: tuple[Path, Path]) -> None:
    digest = f"sha256:{'0' * 64}"
    assert read(folders[1], source="entra_csv", export="gone.csv", approved_digest=digest) == ([], [])


def test_a_file_that_may_not_be_read_is_told(folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    (folders[0] / "users.csv").write_text(HEADER, encoding="utf-8")

    def refuse(*_args: Any, **_kwargs: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    assert "cannot be read (Permission denied)" in read(folders[1], source="entra_csv", export="users.csv")[1][0]
