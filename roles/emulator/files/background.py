# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Start the emulator in the background, and stop it again: what a playbook needs and a test does not.

It reads one JSON object from standard input and prints one. ``start`` leaves an emulator that already answers in its
directory as it is. A failure is one sentence on standard error. Tokens, switches and faults are passed in files that only
their owner can read, because anyone who lists processes can read a command line.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import needed

PACKAGE = Path(__file__).resolve().parent / "eightbyeight_emulator"
PATIENCE = 30.0
MARK = "eightbyeight-emulator-"
#: What an emulator is started with once, and what each is where nobody asks for anything (defaults/main.yml of the role).
UNASKED = {
    "port": 0,
    "token": "",
    "admin_api_key": "",
    "customer_id": "0012J00042NkZQIQA3",
    "people": str(Path(__file__).resolve().parent / "people.json"),
    "switches": {},
    "faults": [],
}

#: Of these, those that are kept in files of their own.
SECRETS = ("token", "admin_api_key")


def command_line(pid: int) -> str:
    """Return the command line of a process; empty when there is no such process."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").replace("\0", " ")
    except OSError:
        if Path("/proc/self/cmdline").exists():
            return ""
    listing = ["ps", "-ww", "-o", "args=", "-p", str(pid)]
    return subprocess.run(listing, check=False, capture_output=True, text=True).stdout


def running(ready: Path) -> dict[str, Any] | None:
    """Return the ready line of the emulator that runs in this directory, if one does."""
    try:
        line: dict[str, Any] = json.loads(ready.read_text(encoding="utf-8"))
        # The number alone proves nothing: later it may be anybody's.
        return line if str(ready) in command_line(int(line["pid"])) else None
    except (OSError, ValueError, KeyError):
        return None


def answers(url: str) -> bool:
    """Tell whether the control endpoint answers, past any proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(control_of(url) + "/switches", timeout=5) as answer:
            return int(answer.status) == 200
    except OSError:
        return False


def control_of(url: str) -> str:
    """Return the address of the control endpoint."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/_emulator"


def admin_of(url: str) -> str:
    """Return the address of the Administration API."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/admin-provisioning"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def start(wishes: dict[str, Any]) -> dict[str, Any]:
    """Start the emulator unless it runs, wait until it is ready, and say where it is."""
    wishes = {**UNASKED, **wishes}
    if trouble := needed.fault():
        sys.exit(trouble)
    if wishes["directory"]:
        directory = Path(wishes["directory"]).expanduser().resolve()
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            sys.exit(f"emulator_directory: {directory} cannot be made ({error.strerror}).")
    else:
        directory = Path(tempfile.mkdtemp(prefix=MARK)).resolve()
    ready, token_file = directory / "ready.json", directory / "token"
    log = Path(wishes["log"]).expanduser().resolve() if wishes["log"] else directory / "requests.jsonl"
    line = running(ready)
    started = line is None or not answers(line["url"])
    if line is not None and not started:
        check_same(directory, line["url"], wishes)
    else:
        ready.unlink(missing_ok=True)
        write_private(token_file, wishes["token"] or secrets.token_hex(24))
        write_private(directory / "read_only_token", wishes.get("read_only_token", ""))
        write_private(directory / "admin_api_key", wishes["admin_api_key"] or secrets.token_hex(24))
        write_private(
            directory / "started.json", json.dumps({name: wishes[name] for name in UNASKED if name not in SECRETS})
        )
        write_private(directory / "switches.json", json.dumps(wishes["switches"]))
        write_private(directory / "faults.json", json.dumps(wishes["faults"]))
        try:
            line = launch(directory, ready, log, wishes)
        except SystemExit:
            if not wishes["directory"]:
                shutil.rmtree(directory, ignore_errors=True)
            raise
    return {
        "started": started,
        "directory": str(directory),
        "url": line["url"],
        "control_url": control_of(line["url"]),
        "token": token_file.read_text(encoding="utf-8"),
        "admin_url": admin_of(line["url"]),
        "admin_api_key": (directory / "admin_api_key").read_text(encoding="utf-8"),
        "log_file": str(log),
        "pid": line["pid"],
    }


def check_same(directory: Path, url: str, wishes: dict[str, Any]) -> None:
    """Refuse wishes that the emulator which runs in this directory was not started with; what was not asked for is no wish."""
    runs: dict[str, Any] = {}
    with contextlib.suppress(OSError, ValueError):
        runs = json.loads((directory / "started.json").read_text(encoding="utf-8"))
        runs.update((name, (directory / name).read_text(encoding="utf-8")) for name in SECRETS)
    runs["port"] = urlsplit(url).port
    differing = [
        name
        for name, unasked in UNASKED.items()
        if wishes[name] != unasked and wishes[name] != runs.get(name, wishes[name])
    ]
    if differing:
        names = ", ".join(f"emulator_{name}" for name in differing)
        sys.exit(
            f"An emulator runs in {directory} already, on port {runs['port']}, with another {names}. Stop it first "
            f"(emulator_state: stopped), leave {names} out to use it as it is, or give another emulator_directory."
        )


def launch(directory: Path, ready: Path, log: Path, wishes: dict[str, Any]) -> dict[str, Any]:
    """Start the process, in a session of its own, and return its ready line."""
    command = [sys.executable, str(PACKAGE)]
    command += ["--ready-file", str(ready), "--token-file", str(directory / "token")]
    command += ["--read-only-token-file", str(directory / "read_only_token"), "--log", str(log)]
    command += ["--admin-api-key-file", str(directory / "admin_api_key")]
    command += ["--switches", str(directory / "switches.json"), "--faults", str(directory / "faults.json")]
    command += ["--port", str(wishes["port"])]
    command += ["--customer-id", wishes["customer_id"], "--idle-timeout", str(wishes["idle_timeout"])]
    if wishes["people"]:
        command += ["--seed", str(Path(wishes["people"]).expanduser().resolve())]
    output = directory / "output.txt"
    with output.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, cwd=directory, start_new_session=True
        )
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        if ready.exists():
            line: dict[str, Any] = json.loads(ready.read_text(encoding="utf-8"))
            return line
        if process.poll() is not None:
            said = output.read_text(encoding="utf-8").strip().splitlines()
            reason = (
                said[-1].removeprefix("eightbyeight_emulator: error: ") if said else f"exit status {process.returncode}"
            )
            sys.exit(f"The emulator did not start: {reason}")
        time.sleep(0.02)
    process.kill()
    sys.exit(
        f"The emulator was not ready after {PATIENCE:g} seconds; it said: {output.read_text(encoding='utf-8')[-500:]}"
    )


def stop(wishes: dict[str, Any]) -> dict[str, Any]:
    """Stop the emulator that was started in this directory, and wait until it is gone."""
    if not wishes["directory"]:
        return {"stopped": False}
    directory = Path(wishes["directory"]).expanduser().resolve()
    ready = directory / "ready.json"
    line = running(ready)
    if line:
        os.kill(line["pid"], signal.SIGTERM)
        give_up = time.monotonic() + PATIENCE
        while running(ready):
            if time.monotonic() > give_up:
                sys.exit(f"The emulator (process {line['pid']}) did not stop within {PATIENCE:g} seconds")
            time.sleep(0.02)
    if wishes["temporary"] and directory.name.startswith(MARK):
        shutil.rmtree(directory, ignore_errors=True)
    for name in ("ready.json", "started.json", "switches.json", "faults.json", *SECRETS, "read_only_token"):
        (directory / name).unlink(missing_ok=True)
    return {"stopped": line is not None}


if __name__ == "__main__":
    print(json.dumps({"start": start, "stop": stop}[sys.argv[1]](json.load(sys.stdin))))
