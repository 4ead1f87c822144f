# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ledger in git: two branches are merged by git itself, and people meet only where they want different things."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._ledger.task import change_ledger, read_ledger
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.tests.unit.helpers import BASE, FakeTime

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

NAME = "followups.jsonl"
Edit = Callable[[], Any]


class Repository:
    """A repository with a ledger in it."""

    def __init__(self, folder: Path, time: FakeTime) -> None:
        self.folder = folder
        self.time = time
        self.git("init", "-q", "-b", "main")
        (folder / ".gitattributes").write_text(f"{NAME} merge=union\n", encoding="utf-8")

    def git(self, *arguments: str) -> str:
        settings = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        command = ["git", "-C", str(self.folder), *who, *arguments]
        return subprocess.run(command, env=settings, check=True, capture_output=True, text=True).stdout

    def change(self, *actions: tuple[str, str], **options: Any) -> None:
        defaults = {name: option.get("default") for name, option in argspec.FOLLOWUP.argument_spec.items()}
        entries = [{"user_name": f"{who}@example.org", "action": action} for who, action in actions]
        given = {**defaults, "path": str(self.folder / NAME), "api_url": BASE, "actions": entries, **options}
        self.time.now += 60
        change_ledger(given, lambda: pytest.fail("nobody is asked"), self.time.clock, check_mode=False)

    def states(self) -> dict[tuple[str, str, int], tuple[str, str | None]]:
        told = read_ledger({"path": str(self.folder / NAME)}, self.time.clock).result["followups"]
        return {
            (each["user_name"].partition("@")[0], each["action"], each["occurrence"]): (each["state"], each["owner"])
            for each in told
        }

    def commit(self, words: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", words)

    def merge(self, ours: Edit, theirs: Edit) -> None:
        """Let two branches go on from here, each in its way, and merge them."""
        self.commit("base")
        self.git("checkout", "-q", "-b", "theirs")
        theirs()
        self.commit("theirs")
        self.git("checkout", "-q", "main")
        ours()
        self.commit("ours")
        self.git("merge", "-q", "theirs")


@pytest.fixture
def repository(tmp_path: Path, time: FakeTime) -> Repository:
    return Repository(tmp_path, time)


LICENSE = "assign_license"


def test_two_branches_that_open_side_by_side_merge(repository: Repository) -> None:
    repository.change(("ada", LICENSE), ("zoe", LICENSE))
    repository.merge(
        lambda: repository.change(("bob", LICENSE), ("bob", "assign_profile"), ("eve", LICENSE)),
        lambda: repository.change(("carol", LICENSE), ("eve", LICENSE)),
    )
    found = repository.states()
    assert set(found.values()) == {("open", None)}
    assert [who for who, _action, _occurrence in found] == ["ada", "bob", "bob", "carol", "eve", "zoe"]


def test_what_stands_on_neighboring_lines_is_closed_on_both(repository: Repository) -> None:
    repository.change(("ada", "a"), ("ada", "b"), ("ada", "c"))

    def theirs() -> None:
        repository.change(("ada", "b"), state="withdrawn")
        repository.change(("ada", "d"))

    repository.merge(
        lambda: repository.change(("ada", "a"), ("ada", "c"), state="done"),
        theirs,
    )
    assert {action: state for (_who, action, _n), (state, _owner) in repository.states().items()} == {
        "a": "done",
        "b": "withdrawn",
        "c": "done",
        "d": "open",
    }


def test_the_next_task_writes_the_lines_of_both_branches_in_order_again(repository: Repository) -> None:
    repository.change(("ada", "a"), ("ada", "b"))
    repository.merge(
        lambda: repository.change(("ada", "a"), state="done"), lambda: repository.change(("ada", "b"), state="done")
    )
    merged = repository.states()
    repository.change(("bob", "a"))
    lines = (repository.folder / NAME).read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert {**merged, ("bob", "a", 1): ("open", None)} == repository.states()


def test_what_both_closed_in_the_same_way_is_closed_and_a_reopened_one_stays_open(repository: Repository) -> None:
    repository.change(("ada", "a"), ("ada", "b"))

    def ours() -> None:
        repository.change(("ada", "a"), ("ada", "b"), state="done", closed_by="maria")
        repository.change(("ada", "b"))

    repository.merge(ours, lambda: repository.change(("ada", "a"), ("ada", "b"), state="done", closed_by="evidence"))
    assert {key[1:]: state for key, (state, _owner) in repository.states().items()} == {
        ("a", 1): "done",
        ("b", 1): "done",
        ("b", 2): "open",
    }


def test_what_was_changed_in_different_ways_keeps_both(repository: Repository) -> None:
    repository.change(("ada", "a"))
    repository.merge(
        lambda: repository.change(("ada", "a"), owner="desk"), lambda: repository.change(("ada", "a"), state="done")
    )
    assert repository.states() == {("ada", "a", 1): ("done", "desk")}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [({"state": "done"}, {"state": "withdrawn"}), ({"owner": "desk"}, {"owner": "maria"})],
)
def test_where_people_want_different_things_both_lines_are_named_and_nothing_is_written(
    repository: Repository, ours: dict[str, str], theirs: dict[str, str]
) -> None:
    repository.change(("ada", "a"), ("bob", "a"))
    repository.merge(lambda: repository.change(("ada", "a"), **ours), lambda: repository.change(("ada", "a"), **theirs))
    before = (repository.folder / NAME).read_bytes()
    with pytest.raises(
        EightByEightError, match="lines 1 and 2: two people gave different values for a of ada@example.org"
    ):
        repository.change(("bob", "b"))
    assert (repository.folder / NAME).read_bytes() == before


def test_without_the_attribute_git_marks_its_conflict_and_the_mark_is_named(repository: Repository) -> None:
    (repository.folder / ".gitattributes").unlink()
    repository.change(("ada", "a"), ("zoe", "a"))
    with pytest.raises(subprocess.CalledProcessError):
        repository.merge(
            lambda: repository.change(("ada", "a"), state="done"),
            lambda: repository.change(("ada", "a"), state="withdrawn"),
        )
    with pytest.raises(EightByEightError, match="line 1: it is a conflict marker that git left behind"):
        repository.change(("bob", "b"))


def test_without_the_attribute_what_stands_apart_merges_too(repository: Repository) -> None:
    (repository.folder / ".gitattributes").unlink()
    repository.change(("ada", "a"), ("bob", "a"), ("zoe", "a"))
    repository.merge(
        lambda: repository.change(("ada", "a"), state="done"), lambda: repository.change(("zoe", "b"), ("zoe", "c"))
    )
    assert len(repository.states()) == 5
