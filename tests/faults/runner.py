# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a world is played: a tenant in a process of its own, and a process for every run of the engine, to be killed.

Processes are forked and not started, so that SIGKILL is real and a run costs milliseconds. Whoever calls this must have no
threads.
"""

from __future__ import annotations

import json
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import connection as pipes
from pathlib import Path
from typing import Any

import requests
from eightbyeight_emulator import Emulator
from eightbyeight_emulator import tenant as emulated
from eightbyeight_emulator.application import CONTROL, WIRE
from engine import ROSTER_DEFAULTS, STATE_DIR_VARIABLE, USER_DEFAULTS, Clock, EightByEightError, Journal, Outcome, door
from worlds import READ_ONLY_TOKEN, SITES, TAKEN, TOKEN, Kill, Step, World

_FILES = ("plan_file", "apply_plan", "undo_file", "journal_file", "failed_file")
#: How much faster than ours the clock of a run goes whose threads wait for each other.
_FASTER = 100.0
#: Seconds of our time that no run takes.
_PATIENCE = 60.0


# -- The tenant --------------------------------------------------------------------------------------------------------


class Gate:
    """In front of the emulated tenant: kills the process that sends the request of a number."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._lock = threading.Lock()
        self.kill: Kill | None = None
        self.pid = 0
        self.requests = 0
        self.dead = threading.Event()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Serve a request."""
        if environ["PATH_INFO"].startswith(CONTROL):
            return self._application(environ, start_response)
        with self._lock:
            self.requests += 1
            now = self.kill is not None and self.requests == self.kill.number
        if not now or self.kill is None:
            return self._application(environ, start_response)
        if self.kill.where == "before":
            self._strike()
            environ[WIRE].reset = True
            start_response("503 Service Unavailable", [])
            return []
        answer = list(self._application(environ, start_response))
        self._strike()
        return answer

    def _strike(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        # Nobody must read the answer, so it waits until the process is gone.
        self.dead.wait(5)


class Tenant:
    """An emulated tenant, as the other side of a pipe sees it."""

    def __init__(self) -> None:
        self._pipe, theirs = pipes.Pipe()
        self._pid = os.fork()
        if not self._pid:
            try:
                self._pipe.close()
                _serve(theirs)
            except (EOFError, KeyboardInterrupt):
                pass
            except BaseException:  # noqa: BLE001 - a fork must never return to whoever made it
                traceback.print_exc()
            finally:
                os._exit(0)
        theirs.close()

    def ask(self, *command: Any) -> Any:
        """Send a command, and return the answer."""
        self._pipe.send(command)
        if not self._pipe.poll(_PATIENCE):
            raise RuntimeError(f"the emulator does not answer {command[0]}")
        return self._pipe.recv()

    def close(self) -> None:
        """End it."""
        self._pipe.close()
        os.waitpid(self._pid, 0)


def _serve(pipe: pipes.Connection[Any, Any]) -> None:
    """Obey the other side of a pipe."""
    room = Room()
    while True:
        name, *arguments = pipe.recv()
        pipe.send(getattr(room, name)(*arguments))


class Room:
    """What can be asked of the process of the tenant."""

    def __init__(self) -> None:
        self._emulator: Emulator | None = None
        self._gate: Gate | None = None
        self._busy = 0
        self._lock = threading.Lock()

    def world(self, seed: int, people: list[dict[str, Any]], switches: dict[str, Any]) -> str:
        """Start a tenant, and return its address."""
        if self._emulator is not None:
            # To end it takes a moment that nobody needs to wait for.
            threading.Thread(target=self._emulator.stop).start()
        numbers = random.Random(seed)
        emulated.random_id = lambda: emulated.id_text(numbers.randbytes(16))
        content = {"sites": SITES, "people": people, "other_tenants": [TAKEN]}
        emulator = Emulator(content, TOKEN, switches, read_only_token=READ_ONLY_TOKEN)
        server: Any = emulator.server
        self._emulator, self._gate = emulator, Gate(server.application)
        server.application = self._gate
        self._busy = 0
        accept, finish = server.process_request, server.process_request_thread

        def accepted(*arguments: Any) -> None:
            with self._lock:
                self._busy += 1
            accept(*arguments)

        def finished(*arguments: Any) -> None:
            try:
                finish(*arguments)
            finally:
                with self._lock:
                    self._busy -= 1

        server.process_request, server.process_request_thread = accepted, finished
        emulator.start()
        return emulator.url

    def arm(self, switches: dict[str, Any], faults: list[dict[str, Any]], kill: Kill | None) -> None:
        """Prepare for a run, and forget the requests so far."""
        emulator, gate = self._now
        gate.kill = None
        emulator.set_faults([])
        emulator.application.switches.replace(switches)
        if not any(switches.get(name) for name in ("consistency_delay", "change_delay", "list_lag", "read_delay")):
            # The moment that it takes a write to show passes.
            emulator.application.tenant.stale.clear()
        self._quiet()
        emulator.application.limiter.reset()
        emulator.set_faults(faults)
        emulator.clear_log()
        gate.kill, gate.pid, gate.requests = kill, 0, 0
        gate.dead.clear()

    def target(self, pid: int) -> None:
        """Say whom to kill."""
        self._now[1].pid = pid

    def over(self) -> None:
        """Say that the process of the run is gone."""
        self._now[1].dead.set()

    def observe(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
        """Return the users, the requests and the faults, once everything that was sent was served."""
        self._quiet()
        emulator, _gate = self._now
        return emulator.users(), emulator.log, emulator.application.faults.as_list()

    @property
    def _now(self) -> tuple[Emulator, Gate]:
        assert self._emulator is not None and self._gate is not None
        return self._emulator, self._gate

    def _quiet(self) -> None:
        """Wait until nobody is connected. Connections are accepted in turn, so one of ours is behind all others."""
        with requests.Session() as session:
            session.trust_env = False
            session.get(f"{self._now[0].origin}{CONTROL}switches", timeout=10)
        until = time.monotonic() + 10
        while self._busy and time.monotonic() < until:
            time.sleep(0.0005)
        assert not self._busy, "a connection stays open"


# -- Time --------------------------------------------------------------------------------------------------------------


def standing_clock() -> Clock:
    """Return a clock for one thread: whoever waits moves it on, and so does, a little, looking at it."""
    now = [0.0]

    def steady() -> float:
        now[0] += 0.001
        return now[0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    return Clock(steady=steady, sleep=sleep)


def fast_clock() -> Clock:
    """Return a clock for several threads, which goes faster than ours. Dates of the server are in our time."""
    return Clock(steady=lambda: time.monotonic() * _FASTER, sleep=lambda seconds: time.sleep(seconds / _FASTER))


# -- A run -------------------------------------------------------------------------------------------------------------


@dataclass
class Seen:
    """What there was to see of a run.

    :param calls: The options of each call of the engine.
    :param outcomes: What the calls said, as far as they came.
    :param killed: Whether the process was.
    :param crash: The traceback of an exception that no call should let out, or what else must not happen.
    :param before: The users before, by id, as the tenant holds them.
    :param log: The requests that arrived.
    :param fired: The faults, with how often each did something.
    :param seconds: How long it took on the clock of the run.
    """

    world: World
    step: Step
    folder: Path
    before: dict[str, dict[str, Any]]
    calls: list[dict[str, Any]]
    positions: dict[str, Any]
    files: dict[str, str]
    outcomes: list[Outcome] = field(default_factory=list)
    killed: bool = False
    crash: str | None = None
    after: dict[str, dict[str, Any]] = field(default_factory=dict)
    log: list[dict[str, Any]] = field(default_factory=list)
    fired: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def finished(self) -> bool:
        """Whether all calls came to their end."""
        return len(self.outcomes) == len(self.calls)

    @property
    def writes(self) -> list[dict[str, Any]]:
        """The requests that are no reads."""
        return [entry for entry in self.log if entry["method"] != "GET"]


def play(world: World, tenant: Tenant) -> Iterator[Seen]:
    """Play a world, and show each run when it is over."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    try:
        url = tenant.ask("world", world.seed, world.people, world.switches)
        users = {user["id"]: user for user in tenant.ask("observe")[0]}
        for number, step in enumerate(world.steps):
            positions = world.positions(step)
            calls = _calls(world, step, folder, url)
            seen = Seen(world, step, folder, users, calls, positions, _contents(folder))
            by_request = step.kill if step.kill is not None and step.kill.by == "request" else None
            tenant.ask("arm", positions, list(step.faults), by_request)
            if calls:
                _run(
                    seen,
                    tenant,
                    number,
                    fast_clock() if world.parallel or "rate_limit" in positions else standing_clock(),
                )
            listed, seen.log, seen.fired = tenant.ask("observe")
            seen.after = users = {user["id"]: user for user in listed}
            yield seen
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8", errors="replace")
        for path in folder.rglob("*")
        if path.is_file()
    }


def _calls(world: World, step: Step, folder: Path, url: str) -> list[dict[str, Any]]:
    """Return the options of each call of a step."""
    if step.wrong_customer:
        url = url.replace("/customers/", "/customers/X")
    # The same folder again and again, as the files of a play; a name is made a path here.
    given = {**world.options, **step.options}
    given |= {name: str(folder / given[name]) for name in _FILES if given.get(name)}
    given |= {"api_url": url, "api_token": step.token}
    if world.kind != "roster":
        return [{**USER_DEFAULTS, **given, **row} for row in world.rows]
    if step.name == "undo":
        given |= {
            "as_of": None,
            "users": None,
            "unlisted": "ignore",
            "limits": dict.fromkeys(("deactivate", "reactivate", "clear"), "100%"),
            "undo_file": None,
            # What cannot be put back must not keep the rest.
            "canary": None,
            "max_failures": None,
            "on_error": "continue",
        }
        kept = sorted(folder.glob("undo.*"), reverse=True)
        # The newest has the plain name.
        found = [path for path in (folder / "undo", *kept) if path.exists()]
        return [{**ROSTER_DEFAULTS, **given, "apply_plan": str(path)} for path in found]
    if step.name == "apply":
        plan = folder / "plan"
        digest = json.loads(plan.read_text(encoding="utf-8"))["digest"] if plan.exists() else None
        # What a plan holds was judged when it was made: that it is applied on a later day, today, changes nothing.
        given |= {"as_of": None, "users": None, "unlisted": "ignore", "apply_plan": str(plan), "plan_digest": digest}
        return [{**ROSTER_DEFAULTS, **given}]
    return [{**ROSTER_DEFAULTS, **given, "users": world.rows}]


def _run(seen: Seen, tenant: Tenant, number: int, clock: Clock) -> None:
    """Fork a process that runs the calls, and read what it says until it is gone."""
    receive, send = os.pipe()
    wait, go = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.close(receive)
            os.close(go)
            os.read(wait, 1)
            _live(seen, number, clock, send)
        except BaseException:  # noqa: BLE001 - a fork must never return to whoever made it
            os.write(send, json.dumps({"crash": traceback.format_exc()}).encode() + b"\n")
        finally:
            os._exit(0)
    os.close(send)
    os.close(wait)
    tenant.ask("target", pid)
    os.close(go)
    told = _read(receive, pid)
    os.close(receive)
    _pid, status = os.waitpid(pid, 0)
    tenant.ask("over")
    for line in told.splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break
        entry = json.loads(line)
        if "crash" in entry:
            seen.crash = entry["crash"]
        else:
            error = EightByEightError(entry["result"]["msg"]) if entry["failed"] else None
            seen.outcomes.append(Outcome(entry["result"], error, entry["warnings"]))
            seen.seconds = entry["seconds"]
    if os.WIFSIGNALED(status):
        seen.killed = seen.step.kill is not None and os.WTERMSIG(status) == signal.SIGKILL
        if not seen.killed:
            seen.crash = f"it hung, or ended by signal {os.WTERMSIG(status)}"


def _read(receive: int, pid: int) -> bytes:
    parts: list[bytes] = []
    until = time.monotonic() + _PATIENCE
    while True:
        ready, _write, _other = select.select([receive], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            os.kill(pid, signal.SIGABRT)
            return b"".join(parts)
        part = os.read(receive, 1 << 20)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _live(seen: Seen, number: int, clock: Clock, send: int) -> None:
    """Be the process of a run."""
    output = os.open(seen.folder / "output", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout = sys.__stdout__
    sys.stderr = sys.__stderr__
    os.environ[STATE_DIR_VARIABLE] = str(seen.folder / "state")
    random.seed(seen.world.seed * 64 + number)
    _await_death(seen.step.kill)
    began = clock.steady()
    task = door(seen.world.kind == "roster", clock)
    for options in seen.calls:
        outcome = task(options, seen.step.check)
        told = {
            "result": outcome.result,
            "failed": outcome.failed,
            "warnings": list(outcome.warnings),
            "seconds": clock.steady() - began,
        }
        line = memoryview(json.dumps(told).encode() + b"\n")
        while line:
            line = line[os.write(send, line) :]


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _await_death(kill: Kill | None) -> None:
    """Prepare the end, unless the emulator does it."""
    if kill is None or kill.by == "request":
        return
    numbers = count(1)

    def now() -> bool:
        return next(numbers) == kill.number

    if kill.by == "call":

        def profile(frame: Any, event: str, _argument: Any) -> None:
            if event == "call" and "/plugins/module_utils/" in frame.f_code.co_filename and now():
                _die()

        threading.setprofile(profile)
        sys.setprofile(profile)
    elif kill.by == "file":
        replace = os.replace

        def replaced(source: Any, target: Any) -> None:
            last = now()
            if last and kill.where == "before":
                _die()
            replace(source, target)
            if last:
                _die()

        os.replace = replaced  # type: ignore[assignment]
    else:
        journal: Any = Journal
        journal.note = _deadly(journal.note, now, kill.where)


def _deadly(note: Callable[..., None], now: Callable[[], bool], where: str) -> Callable[..., None]:
    def noted(self: Any, *arguments: Any, **facts: Any) -> None:
        last = now()
        if last and where == "torn" and self._path:
            with Path(self._path).open("a", encoding="utf-8") as file:
                file.write('{"time": "2026-01-01T00:00:00Z", "event": "se')
        if last and where != "after":
            _die()
        note(self, *arguments, **facts)
        if last:
            _die()

    return noted


def facts_of(rules: list[Mapping[str, Any]]) -> dict[str, int]:
    """Return how often each kind of fault did something."""
    fired: dict[str, int] = {}
    for rule in rules:
        if rule["fired"]:
            kind = rule["do"]
            if kind == "rate_limit":
                kind = f"rate_limit, {rule['form']}"
            elif kind in ("html", "scim_error", "redirect"):
                kind = f"{kind} {rule['status']}"
            if rule.get("applied"):
                kind += ", carried out"
            fired[kind] = fired.get(kind, 0) + rule["fired"]
    return fired
