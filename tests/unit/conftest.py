# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every unit test gets: time that does not pass, a state folder of its own, and servers on sockets."""

from __future__ import annotations

import http.server
import itertools
import os
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis.configuration import set_hypothesis_home_dir

from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import STATE_DIR_VARIABLE, Memory
from ansible_collections.eightbyeight.scim.tests.unit.clients import Ear
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    Call,
    FakeTime,
    TalkingClient,
    Transcript,
    talking_client,
)
from ansible_collections.eightbyeight.scim.tests.unit.sockets import Answer, Serve, Server

# Its tables of characters belong with the other caches, not in the root of the checkout.
set_hypothesis_home_dir(Path(__file__).resolve().parents[2] / "build" / "cache" / "hypothesis")

NUMBERS = itertools.count()

Talk = Callable[..., TalkingClient]

#: What a test has that depends on ansible-core: the rest of the engine does not import it.
DEPENDS_ON_CORE = re.compile(
    r"^\s*(?:from|import) ansible(?:\.|$)|plugins\.(?:action|modules|plugin_utils)|plugins import (?:action|modules)|\"ansible\"",
    re.MULTILINE,
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--core-only", action="store_true", help="only the files whose tests depend on ansible-core")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if not config.getoption("--core-only") or not collection_path.match("test_*.py"):
        return None
    return True if not DEPENDS_ON_CORE.search(collection_path.read_text(encoding="utf-8")) else None


@pytest.fixture(autouse=True)
def nobody_elses_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep the settings of whoever runs the tests out of them, and the tests out of their home."""
    for name in list(os.environ):
        if name.startswith("EIGHTBYEIGHT_") or name.lower().endswith(("_proxy", "_ca_bundle")):
            monkeypatch.delenv(name)
    # Not by mktemp(), which takes as long as many a test.
    monkeypatch.setenv(STATE_DIR_VARIABLE, str(tmp_path_factory.getbasetemp() / "state" / str(next(NUMBERS))))


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(BASE, str(tmp_path / "memory"))


@pytest.fixture
def talk(time: FakeTime) -> Iterator[Talk]:
    """Make a client out of a conversation, and see at the end that all of it took place."""
    transcripts: list[Transcript] = []

    def start(*calls: Call, base: str = BASE, **more: Any) -> TalkingClient:
        transcripts.append(Transcript(calls, time, base))
        return talking_client(transcripts[-1], time, base, **more)

    yield start
    for transcript in transcripts:
        transcript.finished()


@pytest.fixture
def ear() -> Iterator[Any]:
    """A server of this machine that remembers what it heard."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    server.heard = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers on sockets of this machine that answer as a test says."""
    running: list[Server] = []

    def start(answer: Answer, context: ssl.SSLContext | None = None, greeting: bytes = b"") -> Server:
        running.append(Server(answer, context, greeting))
        return running[-1]

    yield start
    for server in running:
        server.stop()
