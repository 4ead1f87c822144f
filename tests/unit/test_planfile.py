# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans on paper: what is one, what is not, and a journal that survives a kill."""

from __future__ import annotations

import copy
import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError, EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._files import save
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import files, planfile
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.journal import Journal
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
    return planfile.document(BASE, rows, NOW, users=3, complete=True)


def load(path: Path, content: Any, approved: str | None = None, now: float = NOW) -> dict[str, Any]:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return planfile.load(str(path), BASE, approved, now)


def signed(plan: dict[str, Any]) -> dict[str, Any]:
    return {**plan, "digest": planfile.digest(plan)}


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
    ("text", "seconds"),
    [("24h", 86400), ("7d", 7 * 86400), (" 90 M ", 5400), ("2w", 14 * 86400), ("366d", 366 * 86400)],
)
def test_a_plan_is_good_for_as_long_as_asked(tmp_path: Path, text: str, seconds: int) -> None:
    plan = planfile.document(BASE, [ROW], NOW, users=None, complete=False, valid=planfile.read_duration(text))
    load(tmp_path / "p", plan, now=NOW + seconds)
    with pytest.raises(EightByEightError) as caught:
        load(tmp_path / "p", plan, now=NOW + seconds + 1)
    assert caught.value.kind == "plan_expired"


@pytest.mark.parametrize("text", ["", "24", "h", "0h", "-1h", "1y", "367d", "9999999h", "1.5h", None, "24 h h", "d7"])
def test_a_duration_that_is_none_is_refused(text: Any) -> None:
    with pytest.raises(BadOptionError, match="plan_valid_for must be a number with a unit"):
        planfile.read_duration(text)


@pytest.mark.parametrize("limits", [None, [], "5%"])
def test_a_plan_whose_limits_are_none_is_refused(tmp_path: Path, limits: Any) -> None:
    with pytest.raises(EightByEightError) as caught:
        load(tmp_path / "p", signed({**plan_of(ROW), "limits": limits}))
    assert caught.value.kind == "bad_plan"


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "5", "null", "{}", '{"digest": "x"}', "\u0000", "[" * 100_000, "\udcff"]
)
def test_what_is_no_plan_says_so(tmp_path: Path, content: str) -> None:
    (tmp_path / "p").write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(EightByEightError) as caught:
        planfile.load(str(tmp_path / "p"), BASE, None, NOW)
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
    lambda plan: plan["rows"][0]["after"].update(phone_numbers=[{"type": "work"}]),
    lambda plan: plan["rows"][0]["before"].pop("title"),
    lambda plan: plan["rows"][1]["after"].pop("active"),
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
            planfile.load(str(path), BASE, None, NOW)


def test_a_file_is_whole_or_not_there_and_nobody_else_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p"
    save(str(path), "one")
    assert path.read_text() == "one"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(EightByEightError, match="No space left"):
        save(str(path), "two")
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]


def test_files_that_cannot_be_written_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check = files.check_writable
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
    files.check_writable({"plan_file": "plan"}, ["plan_file"])
    save("plan", "x")
    assert (tmp_path / "plan").exists()


def test_a_journal_remembers_over_runs(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    first = Journal(str(path))
    assert first.last_seen() == {}
    first.note(NOW, "seen", users={"1": "a", "2": "b", "3": "c"})
    first.note(NOW, "sent", id="2", user_name="x")
    first.note(NOW, "seen", users={"3": "d"})
    first.note(NOW, "confirmed", id="1")
    assert Journal(str(path)).last_seen() == {"1": "a", "3": "d"}
    assert json.loads(path.read_text().splitlines()[0])["time"] == "2027-01-15T08:00:00Z"


@pytest.mark.parametrize("rest", ['{"event": "seen", "users": {"1":', "\udcff", '{"event": "seen"}', '"event": "seen"'])
def test_half_a_line_does_no_harm(tmp_path: Path, rest: str) -> None:
    path = tmp_path / "journal"
    Journal(str(path)).note(NOW, "seen", users={"1": "a"})
    with path.open("ab") as file:
        file.write(rest.encode("utf-8", "surrogateescape"))
    again = Journal(str(path))
    assert again.last_seen() == {"1": "a"}
    again.note(NOW, "intended", id="9")
    again.note(NOW, "sent", id="9")
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    assert [json.loads(line)["event"] for line in lines[-2:]] == ["intended", "sent"]


def test_no_journal_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    silent = Journal(None)
    silent.note(NOW, "seen", users={})
    assert silent.last_seen() == {}
    assert list(tmp_path.iterdir()) == []


def test_a_journal_that_cannot_be_written_ends_the_run(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "journal"
    with pytest.raises(EightByEightError, match="journal"):
        Journal(str(path)).note(NOW, "seen")
    path.mkdir(parents=True)
    with pytest.raises(BadOptionError, match="journal_file"):
        Journal(str(path)).last_seen()


def test_lines_of_several_workers_stay_lines(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path / "journal"))

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


# -- Whose files they are -----------------------------------------------------


@pytest.fixture
def everything_open() -> Iterator[None]:
    """Make a machine on which new files are open to all."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("everything_open")
@pytest.mark.parametrize("older", [None, 0o644, 0o666])
def test_what_tells_of_people_is_its_owner_s_alone(tmp_path: Path, older: int | None) -> None:
    path, notes = tmp_path / "plan", tmp_path / "journal"
    if older is not None:
        for file in (path, notes):
            file.touch()
            file.chmod(older)
    save(str(path), "x")
    with files.locked_files({"plan_file": str(path), "journal_file": str(notes)}, ["plan_file", "journal_file"]):
        Journal(str(notes)).note(NOW, "seen")
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {"plan": 0o600, "journal": 0o600, ".plan.lock": 0o600}


def test_a_link_in_the_place_of_a_file_is_replaced_and_what_it_names_is_left_alone(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    path = tmp_path / "plan"
    path.symlink_to(victim)
    save(str(path), "x")
    assert (path.is_symlink(), path.read_text(), victim.read_text()) == (False, "x", "mine")

    path.unlink()
    path.symlink_to(victim)
    files.keep_old_file(str(path))
    assert (victim.read_text(), path.is_symlink()) == ("mine", False)

    notes = tmp_path / "journal"
    notes.symlink_to(victim)
    with pytest.raises(BadOptionError, match="journal_file: .* is a symbolic link"):
        files.check_writable({"journal_file": str(notes)}, ["journal_file"])
    # It may come after the check.
    with pytest.raises(EightByEightError, match="cannot be written any more"):
        Journal(str(notes)).note(NOW, "seen")
    with pytest.raises(BadOptionError, match="journal_file: .* cannot be locked"):
        with files.locked_files({"journal_file": str(notes)}, ["journal_file"]):
            pytest.fail("it was followed")
    lock = tmp_path / ".other.lock"
    lock.symlink_to(victim)
    with pytest.raises(BadOptionError, match="plan_file: .* cannot be locked"):
        with files.locked_files({"plan_file": str(tmp_path / "other")}, ["plan_file"]):
            pytest.fail("it was followed")
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("name", ["plan_file", "undo_file", "journal_file", "failed_file"])
def test_what_is_no_file_is_neither_replaced_nor_written_to(tmp_path: Path, name: str) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    link = tmp_path / "link"
    link.symlink_to("/dev/null")
    for path in (str(pipe), "/dev/null", "/dev/full", str(link), f"{tmp_path}/a\0b", f"{tmp_path}/\ud8ff"):
        with pytest.raises(BadOptionError, match=f"{name}: .* is (not a file|not a file name|a symbolic link)"):
            files.check_writable({name: path}, [name])


def test_a_plan_is_not_overwritten_by_what_becomes_of_it(tmp_path: Path) -> None:
    plan = str(tmp_path / "plan")
    for name in ("undo_file", "failed_file", "journal_file"):
        with pytest.raises(BadOptionError, match=f"apply_plan and {name} name the same file"):
            files.check_writable({"apply_plan": plan, name: plan}, [name])


# Half of what is to be written fits: the limit of the system stands for a full disk, which needs no privilege.
FULL = """
import resource, signal, sys
from ansible_collections.eightbyeight.scim.plugins.module_utils._files import save
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.journal import Journal
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
journal = Journal(sys.argv[2])
for write in (lambda: save(sys.argv[1], "x" * 10_000), lambda: [journal.note(0, "sent", id=str(n)) for n in range(1000)]):
    try:
        write()
    except EightByEightError as error:
        print(error.message)
"""


def test_a_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    path, notes = tmp_path / "undo", tmp_path / "journal"
    path.write_text("old")
    settings = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(
        [sys.executable, "-c", FULL, str(path), str(notes)], env=settings, check=True, capture_output=True, text=True
    )
    assert told.stdout.splitlines() == [
        f"{path} cannot be written (File too large).",
        f"The journal {notes} cannot be written any more (File too large).",
    ]
    assert path.read_text() == "old"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["journal", "undo"]
    # Whoever goes on with that journal begins a line of their own.
    again = Journal(str(notes))
    again.last_seen()
    again.note(NOW, "intended", id="last")
    assert json.loads(notes.read_text().splitlines()[-1])["id"] == "last"


KILLED = """
import os, signal, sys
from ansible_collections.eightbyeight.scim.plugins.module_utils._files import save
name = sys.argv[2]
kept = getattr(os, name)
setattr(os, name, lambda *given: os.kill(os.getpid(), signal.SIGKILL))
save(sys.argv[1], "new" * 10_000)
"""


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_kill_leaves_no_half_file(tmp_path: Path, moment: str) -> None:
    path = tmp_path / "undo"
    path.write_text("old")
    settings = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run([sys.executable, "-c", KILLED, str(path), moment], env=settings, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    (draft,) = [file for file in tmp_path.iterdir() if file != path]
    assert draft.name.startswith(".eightbyeight-")
    assert stat.S_IMODE(draft.stat().st_mode) == 0o600


def test_an_interrupt_leaves_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(str(tmp_path / "undo"), "x")
    assert list(tmp_path.iterdir()) == []


def test_half_a_character_from_a_server_does_not_stop_a_file(tmp_path: Path) -> None:
    save(str(tmp_path / "failed"), "reason\n\ud800\n")
    assert (tmp_path / "failed").read_text(encoding="utf-8") == "reason\n\\ud800\n"


@pytest.mark.parametrize("line", ["[" * 100_000, "[1]", '"sent"', '{"id": ["1"]}', '{"id": 5}', '{"users": [1]}'])
def test_a_journal_that_was_tampered_with_is_read_as_far_as_it_goes(tmp_path: Path, line: str) -> None:
    path = tmp_path / "journal"
    Journal(str(path)).note(NOW, "seen", users={"1": "a"})
    with path.open("a") as file:
        file.write(f'{line} "event": "sent"\n{line[:-1]}, "event": "sent"{line[-1]}\n')
    assert Journal(str(path)).last_seen() == {"1": "a"}


# -- Two at once ---------------------------------------------------------------

HOLDS = """
import sys
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import files
with files.locked_files({sys.argv[1]: sys.argv[2]}, [sys.argv[1]]):
    print("has it", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("name", ["journal_file", "undo_file", "plan_file", "failed_file"])
def test_two_runs_do_not_use_one_file_and_a_killed_one_holds_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file"
    settings = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, name, str(path)],
        env=settings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "has it\n"
        for _again in range(2):
            with pytest.raises(EightByEightError) as caught, files.locked_files({name: str(path)}, [name]):
                pytest.fail("two at once")
            assert caught.value.kind == "locked"
            assert f"{path} ({name})" in caught.value.message
            assert "Run again when the other run has ended" in caught.value.message
        other.kill()
        other.wait()
    for _again in range(2):
        with files.locked_files({name: str(path)}, [name]) as open_to_all:
            assert open_to_all == []
    assert list(tmp_path.iterdir()) == [], "a journal without a line is none"


def test_a_journal_with_a_line_in_it_stays(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with files.locked_files({"journal_file": str(path)}, ["journal_file"]):
        Journal(str(path)).note(NOW, "seen")
    assert len(path.read_text().splitlines()) == 1


def test_a_lock_that_is_removed_as_it_is_taken_is_taken_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []
    lock = fcntl.flock

    def late(handle: int, how: int) -> None:
        lock(handle, how)
        if not taken:
            # Whoever had it before is done at this moment.
            (tmp_path / ".undo.lock").unlink()
        taken.append(handle)

    monkeypatch.setattr(fcntl, "flock", late)
    with files.locked_files({"undo_file": str(tmp_path / "undo")}, ["undo_file"]):
        assert (tmp_path / ".undo.lock").exists()
    assert len(taken) == 2


def test_a_file_system_without_locks_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_arguments: Any) -> None:
        raise OSError(37, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    names = ["journal_file", "undo_file"]
    options = {name: str(tmp_path / name) for name in names}
    with files.locked_files(options, names) as open_to_all:
        assert open_to_all == list(options.values())
