# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as a program: how it starts, what it prints and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

PACKAGE = Path(__file__).resolve().parents[2] / "roles" / "emulator" / "files" / "eightbyeight_emulator"
TOKEN = "command-line-token-77"

Run = Callable[..., tuple[subprocess.Popen[str], dict[str, Any]]]


@pytest.fixture
def run() -> Iterator[Run]:
    """Start the program and wait for its ready line."""
    running: list[subprocess.Popen[str]] = []

    def start(*options: str, **environment: str) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        process = subprocess.Popen(
            [sys.executable, str(PACKAGE), "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        )
        running.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        return process, json.loads(line) if line else {}

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def get(ready: dict[str, Any], token: str = TOKEN) -> requests.Response:
    return requests.get(f"{ready['url']}/Users", headers={"Authorization": f"Bearer {token}"}, timeout=10)


def test_it_prints_one_ready_line_logs_requests_and_ends_on_sigterm(run: Run, tmp_path: Path) -> None:
    """One ready line, the same in the ready file; a log without the token; SIGTERM ends it with 0."""
    log, ready_file = tmp_path / "requests.log", tmp_path / "ready.json"
    process, ready = run("--token", TOKEN, "--log", str(log), "--ready-file", str(ready_file))
    assert set(ready) == {"url", "pid"} and ready["pid"] == process.pid
    assert ready["url"].endswith("/udi/customers/0012J00042NkZQIQA3/scim/v2")
    assert json.loads(ready_file.read_text()) == ready
    assert get(ready).json()["totalResults"] == 40
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["n"], line["method"], line["path"], line["status"]) for line in lines] == [(1, "GET", "/Users", 200)]
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")
    assert TOKEN not in log.read_text()
    with pytest.raises(requests.ConnectionError):
        get(ready)


def test_seed_customer_switches_faults_and_a_second_client_can_be_given(run: Run, tmp_path: Path) -> None:
    """Seed, customer, switches, faults and a second client."""
    seed, faults, switches = tmp_path / "seed.json", tmp_path / "faults.json", tmp_path / "switches.json"
    seed.write_text('{"people": [{"user_name": "a@b.c", "given_name": "A", "family_name": "B"}]}')
    faults.write_text('[{"do": "html", "status": 503}]')
    switches.write_text('{"total_off": 5, "discovery": true}')
    process, ready = run(
        *("--seed", str(seed), "--faults", str(faults), "--customer-id", "0012J00000ABCDEFGH"),
        *("--switches", str(switches), "--switch", "total_off=2", "--switch", 'drop_attributes=["title"]'),
        *("--switch", "media_type=application/json", "--read-only-token", "the-reader"),
        EIGHTBYEIGHT_EMULATOR_TOKEN=TOKEN,
    )
    assert "/udi/customers/0012J00000ABCDEFGH/scim/v2" in ready["url"]
    assert get(ready).status_code == 503
    answer = get(ready, "the-reader")
    assert answer.json()["totalResults"] == 3
    assert answer.headers["Content-Type"] == "application/json"
    assert requests.get(f"{ready['url']}/Schemas", headers=answer.request.headers, timeout=10).status_code == 200
    assert process.poll() is None


def test_tokens_can_come_from_files(run: Run, tmp_path: Path) -> None:
    """The tokens from files, the way that no process list shows."""
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    (tmp_path / "reader").write_text("the-reader\n")
    files = "--token-file", str(tmp_path / "token"), "--read-only-token-file", str(tmp_path / "reader")
    _process, ready = run(*files)
    assert get(ready).status_code == get(ready, "the-reader").status_code == 200
    assert get(ready, "other").status_code == get(ready, "").status_code == 401
    (tmp_path / "reader").write_text("")
    _process, ready = run(*files)
    assert get(ready, "").status_code == get(ready, "the-reader").status_code == 401, "no reader is nobody's token"


def test_idle_timeout(run: Run) -> None:
    """It ends by itself when nobody asks for anything, and not while somebody does."""
    process, ready = run("--token", TOKEN, "--idle-timeout", "1")
    for _time in range(4):
        time.sleep(0.5)
        assert get(ready).status_code == 200
    assert process.wait(timeout=10) == 0


def test_a_slow_answer_is_no_idleness(run: Run) -> None:
    """A request that takes longer than the idle timeout is answered all the same."""
    process, ready = run("--token", TOKEN, "--idle-timeout", "0.5", "--switch", "latency_ms=1500")
    assert get(ready).status_code == 200
    assert process.wait(timeout=10) == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "no token"),
        (["--token", "t", "--switch", "patch=418"], "is not one of"),
        (["--token", "t", "--switch", "patch"], "NAME=VALUE"),
        (["--token", "t", "--switch", "ptach=200"], "no switch named"),
        (["--token", "t", "--seed", "no/such/file"], "no/such/file"),
        (["--token", "t", "--customer-id"], "expected one argument"),
    ],
)
def test_a_wrong_option_is_one_sentence_and_exit_status_2(run: Run, options: list[str], words: str) -> None:
    """What is wrong is said in one sentence, with exit status 2."""
    process, ready = run(*options, EIGHTBYEIGHT_EMULATOR_TOKEN="")
    _out, err = process.communicate(timeout=10)
    assert (process.returncode, ready) == (2, {})
    assert words in err and "Traceback" not in err


def test_python_m_works_and_the_help_lists_every_switch() -> None:
    """``python -m`` works too, and the help lists every switch."""
    answer = subprocess.run(
        [sys.executable, "-B", "-m", PACKAGE.name, "--help"],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "put_without_site" in answer.stdout and "--idle-timeout" in answer.stdout
