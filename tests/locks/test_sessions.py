# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What make check, make test and make ci run, and what they say of the rest."""

from __future__ import annotations

import re
import subprocess

import pytest
import sessions
from matrix import BUILD, CORES, ROOT

NEWEST, BETWEEN, OLDEST = CORES
LEFT_TO_CI = {"awx", "events", *(f"{kind}-{BETWEEN}" for kind in sessions.KINDS)}
#: What people start, what antsibull-nox adds, and the parts of make check, whose tests units has.
OTHERS = {"changelog", "lint", "lock", "matrix-generator", "quick", "quick-a-to-o", "quick-p-to-z"}


@pytest.fixture(autouse=True)
def _every_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "python_for", lambda _core: ("3.13", "/usr/bin/python3.13"))


def test_check_runs_every_quick_test_and_what_reads_the_code() -> None:
    assert sessions.plan("check") == (["quick-a-to-o", "quick-p-to-z", "code"], [], [])


def test_test_leaves_nothing_out_but_what_it_names() -> None:
    side_by_side, after, absent = sessions.plan("test")
    everything, _after, _absent = sessions.plan("ci")
    assert set(everything) - set(side_by_side) == LEFT_TO_CI
    assert set(side_by_side) < set(everything)
    assert after == ["coverage"]
    assert {line for line in absent if line.startswith("NOT RUN")} == {
        f"NOT RUN  {name}: make ci runs it" for name in LEFT_TO_CI
    }
    assert {f"{kind}-{core}" for kind in sessions.KINDS for core in (NEWEST, OLDEST)} <= set(side_by_side)
    # What takes longest is not begun last.
    assert side_by_side[0] == "emulator"


def test_ci_runs_every_session_there_is() -> None:
    """Whoever adds a session to noxfile.py and not to the plan would never see it fail."""
    command = [str(BUILD / "tools" / "bin" / "nox"), "--list"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    there = set(re.findall(r"^[*-] ([\w.-]+)", listed, re.MULTILINE))
    side_by_side, after, absent = sessions.plan("ci")
    assert there - OTHERS == {*side_by_side, *after}
    assert len(side_by_side) == len(set(side_by_side))
    assert not [line for line in absent if line.startswith("NOT RUN")]


def test_what_has_no_python_here_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "python_for", lambda core: None if core == OLDEST else ("3.13", "python"))
    side_by_side, _after, absent = sessions.plan("ci")
    assert not [name for name in side_by_side if name.endswith(OLDEST)]
    needed = " or ".join(CORES[OLDEST])
    for kind in sessions.KINDS:
        assert f"NOT RUN  {kind}-{OLDEST}: needs Python {needed}, and there is none here" in absent
