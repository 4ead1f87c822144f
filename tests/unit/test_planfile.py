# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans on paper: what is one, what is not, and a journal that survives a kill."""

from __future__ import annotations

import copy
import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils import _planfile
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError, EightByEightError
from ansible_collections.eightbyeight.scim.tests.unit.helpers import BASE, NOW

ROW: dict[str, Any] = {
    "row": 1,
    "user_name": "ada",
    "id": "1",
    "operation": "updated",
    "before": {"title": None, "phone_numbers": []},
    "after": {"title": "x", "phone_numbers": [{"type": "work", "value": "1"}]},
    "last_modified": None,
}
CREATION = {**ROW, "id": None, "operation": "created", "before": None, "after": {"user_name": "ada", "active": True}}


def plan_of(*rows: Any) -> dict[str, Any]:
    return _planfile.document(BASE, rows, NOW, users=3, complete=True)


def load(path: Path, content: Any, approved: str | None = None, now: float = NOW) -> dict[str, Any]:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return _planfile.load(str(path), BASE, approved, now)


def signed(plan: dict[str, Any]) -> dict[str, Any]:
    return {**plan, "digest": _planfile.digest(plan)}


def test_a_plan_survives_paper(tmp_path: Path) -> None:
    plan = plan_of(ROW, CREATION)
    assert list(plan)[:5] == ["digest", "format", "created", "expires", "tenant"]
    assert load(tmp_path / "p", plan, plan["digest"]) == plan
    shuffled = dict(reversed(list(plan.items())))
    assert load(tmp_path / "p", json.dumps(shuffled, indent=3), plan["digest"]) == plan
    assert plan["expires"] == "2027-01-16T08:00:00Z"


@pytest.mark.parametrize("seconds", [-1, 0, 24 * 3600, 24 * 3600 + 1])
def test_a_plan_expires(tmp_path: Path, seconds: int) -> None:
    if seconds <= 24 * 3600:
        load(tmp_path / "p", plan_of(ROW), now=NOW + seconds)
        return
    with pytest.raises(EightByEightError) as caught:
        load(tmp_path / "p", plan_of(ROW), now=NOW + seconds)
    assert caught.value.kind == "plan_expired"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "5", "null", "{}", '{"digest": "x"}', "\u0000", "[" * 100_000, "\udcff"]
)
def test_what_is_no_plan_says_so(tmp_path: Path, content: str) -> None:
    (tmp_path / "p").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(EightByEightError) as caught:
        _planfile.load(str(tmp_path / "p"), BASE, None, NOW)
    assert caught.value.kind == "bad_plan"
    assert str(tmp_path / "p") in caught.value.message


BROKEN: list[Callable[[dict[str, Any]], Any]] = [
    lambda plan: plan.pop("rows"),
    lambda plan: plan.update(format=2),
    lambda plan: plan.update(rows={}),
    lambda plan: plan.update(tenant=5),
    lambda plan: plan.update(expires="zzz"),
    lambda plan: plan.update(users="many"),
    lambda plan: plan.update(users=True),
    lambda plan: plan.update(complete="yes"),
    lambda plan: plan["rows"].append(5),
    lambda plan: plan["rows"][0].pop("id"),
    lambda plan: plan["rows"][0].update(operation="deleted"),
    lambda plan: plan["rows"][0].update(operation=["updated"]),
    lambda plan: plan["rows"][0].update(operation="created"),
    lambda plan: plan["rows"][0].update(before=None),
    lambda plan: plan["rows"][0].update(before="x"),
    lambda plan: plan["rows"][0].update(after=[]),
    lambda plan: plan["rows"][0].update(after={}),
    lambda plan: plan["rows"][0].update(id=5),
    lambda plan: plan["rows"][0].update(id=None, user_name=None),
    lambda plan: plan["rows"][0].update(id="", user_name=""),
    lambda plan: plan["rows"][1].update(id="7", user_name=None),
    lambda plan: plan["rows"][0]["after"].update(title=5),
    lambda plan: plan["rows"][0]["after"].update(nickname="x"),
    lambda plan: plan["rows"][0]["after"].update(active="no"),
    lambda plan: plan["rows"][0]["after"].update(phone_numbers=["1"]),
    lambda plan: plan["rows"][0]["after"].update(phone_numbers=[{"type": "fax", "value": "1"}]),
    lambda plan: plan["rows"][0]["before"].pop("title"),
    lambda plan: (plan["rows"][0]["after"].update(user_name="x"), plan["rows"][0]["before"].update(user_name="y")),
]


@pytest.mark.parametrize("number", range(len(BROKEN)))
def test_a_plan_that_was_signed_and_makes_no_sense_is_none(tmp_path: Path, number: int) -> None:
    plan = copy.deepcopy(plan_of(ROW, CREATION))
    BROKEN[number](plan)
    with pytest.raises(EightByEightError) as caught:
        load(tmp_path / "p", signed(plan))
    assert caught.value.kind == "bad_plan"
    assert "digest" not in caught.value.message


def test_a_plan_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(BadOptionError, match="apply_plan"):
            _planfile.load(str(path), BASE, None, NOW)


def test_a_file_is_whole_or_not_there_and_nobody_else_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p"
    _planfile.save(str(path), "one")
    assert path.read_text() == "one"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EightByEightError, match="No space left"):
        _planfile.save(str(path), "two")
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]


def test_files_that_cannot_be_written_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = _planfile.check_writable
    names = ("plan_file", "journal_file")
    check({"plan_file": str(tmp_path / "a"), "journal_file": str(tmp_path / "b"), "other": "/nowhere/x"}, names)
    for path, word in ((tmp_path, "folder"), (tmp_path / "no" / "x", "there is no folder")):
        with pytest.raises(BadOptionError, match=word):
            check({"journal_file": str(path)}, names)
    with pytest.raises(BadOptionError, match="plan_file and journal_file name the same"):
        check({"plan_file": str(tmp_path / "a"), "journal_file": f"{tmp_path}/./a"}, names)
    asked: list[str] = []
    monkeypatch.setattr(os, "access", lambda path, mode: asked.append(str(path)))
    (tmp_path / "a").touch()
    for name in names:
        with pytest.raises(BadOptionError, match="cannot be written"):
            check({name: str(tmp_path / "a")}, names)
    assert asked == [str(tmp_path), str(tmp_path / "a")]


def test_a_relative_path_lies_in_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _planfile.check_writable({"plan_file": "plan"}, ["plan_file"])
    _planfile.save("plan", "x")
    assert (tmp_path / "plan").exists()


def test_a_journal_remembers_over_runs(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    first = _planfile.Journal(str(path))
    assert first.last_seen() == {}
    first.note(NOW, "seen", users={"1": "a", "2": "b", "3": "c"})
    first.note(NOW, "sent", id="2", user_name="x")
    first.note(NOW, "seen", users={"3": "d"})
    first.note(NOW, "confirmed", id="1")
    assert _planfile.Journal(str(path)).last_seen() == {"1": "a", "3": "d"}
    assert json.loads(path.read_text().splitlines()[0])["time"] == "2027-01-15T08:00:00Z"


@pytest.mark.parametrize("rest", ['{"event": "seen", "users": {"1":', "\udcff", '{"event": "seen"}', '"event": "seen"'])
def test_half_a_line_does_no_harm(tmp_path: Path, rest: str) -> None:
    path = tmp_path / "journal"
    _planfile.Journal(str(path)).note(NOW, "seen", users={"1": "a"})
    with path.open("ab") as file:
        file.write(rest.encode("utf-8", "surrogateescape"))
    again = _planfile.Journal(str(path))
    assert again.last_seen() == {"1": "a"}
    again.note(NOW, "intended", id="9")
    again.note(NOW, "sent", id="9")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    assert [json.loads(line)["event"] for line in lines[-2:]] == ["intended", "sent"]


def test_no_journal_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    silent = _planfile.Journal(None)
    silent.note(NOW, "seen", users={})
    assert silent.last_seen() == {}
    assert list(tmp_path.iterdir()) == []


def test_a_journal_that_cannot_be_written_ends_the_run(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "journal"
    with pytest.raises(EightByEightError, match="journal"):
        _planfile.Journal(str(path)).note(NOW, "seen")
    path.mkdir(parents=True)
    with pytest.raises(BadOptionError, match="journal_file"):
        _planfile.Journal(str(path)).last_seen()


def test_lines_of_several_workers_stay_lines(tmp_path: Path) -> None:
    journal = _planfile.Journal(str(tmp_path / "journal"))

    def write(worker: int) -> None:
        for number in range(50):
            journal.note(NOW, "intended", id=f"{worker}-{number}", text="x" * 5000)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lines = [json.loads(line) for line in (tmp_path / "journal").read_text().splitlines()]
    assert len({line["id"] for line in lines}) == 400
