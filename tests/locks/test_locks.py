# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The locks in tests/requirements, and what looks after them. Without a network."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import audit
import locks
import pytest
from matrix import CORES, OLDEST_TARGET, ROOT

HASH = "0123456789abcdef" * 4


@pytest.mark.parametrize("name", locks.wanted())
def test_lock_is_what_its_environment_asks_for(name: str) -> None:
    assert locks.complaints(name) == []


def test_there_is_a_lock_for_every_environment_and_for_nothing_else() -> None:
    assert locks.strays() == []
    assert {f"core-{core}" for core in CORES} | {f"target-{OLDEST_TARGET}"} <= set(locks.wanted())


def test_users_choose_their_own_versions() -> None:
    lines = (ROOT / "meta" / "ee-requirements.txt").read_text(encoding="utf-8").split()
    assert lines
    assert all(re.fullmatch(r"[a-z]+>=[0-9.]+,<[0-9]+", line) for line in lines)


def test_the_sessions_of_antsibull_nox_have_locks() -> None:
    sessions = tomllib.loads((ROOT / "antsibull-nox.toml").read_text(encoding="utf-8"))["sessions"]
    packages = {
        (session, name): value
        for session, keys in sessions.items()
        for name, value in keys.items()
        if name.endswith("_package")
    }
    assert packages == {
        ("lint", "yamllint_package"): {"type": "requirements", "file": "tests/requirements/yamllint.txt"},
        ("lint", "yamllint_antsibull_docutils_package"): [],
        ("docs_check", "antsibull_docs_package"): {"type": "requirements", "file": "tests/requirements/docs-check.txt"},
        ("docs_check", "ansible_core_package"): [],
        ("docs_check", "antsibull_docutils_package"): [],
        ("license_check", "reuse_package"): {"type": "requirements", "file": "tests/requirements/license-check.txt"},
    }


@pytest.mark.parametrize("path", ["Makefile", "noxfile.py"])
def test_nothing_is_installed_but_locks(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    (line,) = re.findall(r".*(?:\(call make_venv,| installing\().*|.*\.install\(.*", text)
    assert re.search(r"-r tests/requirements/\$\*\.txt|str\(lock\(name\)\)", line)


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """Return a folder with one environment and its lock."""
    (tmp_path / "_shared.in").write_text("# why\nother>=1\n", encoding="utf-8")
    (tmp_path / "thing.in").write_text("Some_Thing[extra]\n-r _shared.in\n", encoding="utf-8")
    pins = [
        f"other==1.0 ; python_full_version < '3.12' \\\n    --hash=sha256:{HASH}\n    # via -r _shared.in, some-thing",
        f"some-thing==2.0.post1 \\\n    --hash=sha256:{HASH} \\\n    --hash=sha256:{HASH[::-1]}\n    # via -r thing.in",
    ]
    header = locks.HEADER.format(name="thing", digest=locks.digest("thing", tmp_path))
    (tmp_path / "thing.txt").write_text("\n".join([header, *locks.OPTIONS, "", *pins, ""]), encoding="utf-8")
    return tmp_path


def test_a_good_lock_is_read_and_accepted(room: Path) -> None:
    assert locks.wanted(room) == ["thing"]
    assert locks.complaints("thing", room) == []
    assert locks.pins(locks.lock("thing", room).read_text(encoding="utf-8")) == [
        locks.Pin("other", "1.0", "python_full_version < '3.12'", frozenset({HASH}), ("-r _shared.in", "some-thing")),
        locks.Pin("some-thing", "2.0.post1", "", frozenset({HASH, HASH[::-1]}), ("-r thing.in",)),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            f" \\\n    --hash=sha256:{HASH}\n    # via -r _shared.in", "\n    # via -r _shared.in", id="no hash"
        ),
        pytest.param(f"sha256:{HASH}\n", "md5:" + HASH[:32] + "\n", id="a weak hash"),
        pytest.param("other==1.0", "other>=1.0", id="no pin"),
        pytest.param("other==1.0", "other @ https://example.org/other.whl", id="an address"),
        pytest.param("\nother==", "\n--index-url https://example.org/simple\nother==", id="an index"),
        pytest.param("\nother==", "\n--extra-index-url file:///srv/simple\nother==", id="another index"),
        pytest.param("\nother==", "\n# from https://example.org/simple\nother==", id="an index in a comment"),
        pytest.param("\nother==", "\n-r more.txt\nother==", id="another file"),
        pytest.param("--require-hashes\n", "", id="hashes not required"),
        pytest.param("--only-binary :all:\n", "", id="sources allowed"),
        pytest.param("some-thing==", "something-else==", id="not what was asked for"),
    ],
)
def test_a_bad_lock_is_found(room: Path, old: str, new: str) -> None:
    path = locks.lock("thing", room)
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert locks.complaints("thing", room)


@pytest.mark.parametrize("name", ["thing.in", "_shared.in"])
def test_a_lock_is_made_again_when_what_is_wanted_changes(room: Path, name: str) -> None:
    with (room / name).open("a", encoding="utf-8") as file:
        file.write("# a reason\n")
    assert locks.complaints("thing", room) == []
    with (room / name).open("a", encoding="utf-8") as file:
        file.write("other<9\n")
    assert locks.complaints("thing", room) == ["thing.txt was not made from thing.in as it is now"]


def test_missing_and_superfluous_locks_are_found(room: Path) -> None:
    locks.lock("thing", room).rename(room / "old.txt")
    assert locks.complaints("thing", room) == ["thing.txt is missing"]
    assert locks.strays(room) == ["old.txt"]


RELEASES = {("one", "1"), ("one", "2"), ("two", "1")}


def _service(monkeypatch: pytest.MonkeyPatch, answers: dict[str, dict[str, Any] | str]) -> None:
    """Let pip-audit answer for each service: what it knows of a package, or what it says on stderr."""

    def run(command: list[str], **settings: Any) -> subprocess.CompletedProcess[str]:
        answer = answers[command[command.index("--vulnerability-service") + 1]]
        if isinstance(answer, str):
            return subprocess.CompletedProcess(command, 1, "", answer)
        pins = [line.split("==") for line in Path(command[-1]).read_text(encoding="utf-8").split()]
        assert len({name for name, _version in pins}) == len(pins), "pip-audit refuses a package that comes twice"
        told = [
            {"name": name, "version": version, "vulns": answer[name]}
            if name in answer
            else {"name": name, "skip_reason": "?"}
            for name, version in pins
        ]
        return subprocess.CompletedProcess(command, 0, json.dumps({"dependencies": told, "fixes": []}), "")

    monkeypatch.setattr(subprocess, "run", run)


def test_a_vulnerability_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    flaw = {"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["3"]}
    _service(monkeypatch, {"pypi": {"one": [], "two": [flaw]}})
    assert audit.vulnerable(RELEASES) == (["two 1: PYSEC-1 CVE-1; fixed in 3"], [])


def test_what_a_service_does_not_know_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    _service(monkeypatch, {"pypi": {"one": []}})
    assert audit.vulnerable(RELEASES) == ([], ["vulnerabilities of two 1: pypi told nothing of them"])


def test_no_answer_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    _service(monkeypatch, {"pypi": {}, "osv": "requests.exceptions.ConnectionError: host=..."})
    reason = "vulnerabilities of 3 releases: pypi knows none of 2; osv does not answer"
    assert audit.vulnerable(RELEASES) == ([], [reason])


def test_a_second_service_is_asked_where_the_first_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    _service(monkeypatch, {"pypi": "Could not connect", "osv": {"one": [], "two": []}})
    assert audit.vulnerable(RELEASES) == ([], [])


def test_a_failure_of_pip_audit_ends_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    _service(monkeypatch, {"pypi": "ERROR:pip_audit._cli:package one has duplicate requirements"})
    with pytest.raises(RuntimeError, match="pip-audit failed: package one has duplicate requirements"):
        audit.vulnerable(RELEASES)


@pytest.mark.parametrize(
    ("status", "index", "stderr", "verdict"),
    [
        pytest.param(0, {HASH, HASH[::-1]}, "", ([], []), id="as locked, and a new wheel"),
        pytest.param(
            0, {HASH[::-1]}, "", (["x: one 1: the index has no file with 1 of its hashes"], []), id="another file"
        ),
        pytest.param(
            0, {HASH}, "warning: `one==1` is yanked (a flaw)", (["x: one==1 was withdrawn (yanked)"], []), id="yanked"
        ),
        pytest.param(1, (), "no version", (["x: the index lacks a release or a wheel of it"], []), id="gone"),
        pytest.param(2, (), "error sending request", ([], ["x"]), id="no answer"),
    ],
)
def test_pins_against_the_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, index: set[str], stderr: str, verdict: object
) -> None:
    path = tmp_path / "x.txt"
    path.write_text(f"one==1 \\\n    --hash=sha256:{HASH}\n", encoding="utf-8")
    stdout = "one==1" + "".join(f" \\\n    --hash=sha256:{value}" for value in index) + "\n"
    monkeypatch.setattr(audit, "lock", lambda name: path)
    monkeypatch.setattr(locks, "lock", lambda name: path)
    monkeypatch.setattr(audit, "compiled", lambda *_: subprocess.CompletedProcess([], status, stdout, stderr))
    assert audit.indexed("x") == verdict
