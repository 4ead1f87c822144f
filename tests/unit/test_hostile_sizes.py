# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hostile server: answers, heads and listings without end; the memory that it can make us hold."""

from __future__ import annotations

import itertools
import json
import os
import re
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils import _client
from ansible_collections.eightbyeight.scim.plugins.module_utils._client import Session
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._http import limits, paging
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.pacing import Pace
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.tests.unit.helpers import listing, resource
from ansible_collections.eightbyeight.scim.tests.unit.sockets import (
    PART,
    Answer,
    Serve,
    client_of,
    failure_of,
    saying,
    whole,
)

LIMIT = PART * limits.ANSWER_TIMEOUTS


# -- Answers without end ------------------------------------------------------


def pouring(head: bytes, part: bytes, pause: float = 0.0) -> Answer:
    """Answer with something that goes on for ever."""

    def pour(link: socket.socket, _head: bytes) -> bool:
        link.sendall(head)
        while True:
            link.sendall(part)
            if pause:
                time.sleep(pause)

    return pour


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/scim+json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"10000\r\n" + b" " * 65536 + b"\r\n"
BOMB = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
BOMB_OF_A_GIGABYTE = b"".join([*(BOMB.compress(b" " * 2**20) for _part in range(1024)), BOMB.flush()])
TOO_LARGE = {
    "chunks without end": pouring(CHUNKED, CHUNK),
    "chunks of one byte": pouring(CHUNKED, b"1\r\n \r\n" * 10_000),
    "trailers without end": pouring(CHUNKED + b"0\r\n", b"X-Trailer: 1\r\n" * 5000),
    "a body without end": pouring(OK + b"\r\n", b" " * 65536),
    "a length of a terabyte": pouring(OK + b"Content-Length: 1099511627776\r\n\r\n", b" " * 65536),
    "a gzip bomb": saying(whole(BOMB_OF_A_GIGABYTE, Content_Encoding="gzip")),
    "a bomb within chunks": pouring(
        OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"%x\r\n%b\r\n" % (len(BOMB_OF_A_GIGABYTE), BOMB_OF_A_GIGABYTE),
    ),
    "continue without end": pouring(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "continue with headers": pouring(b"", b"HTTP/1.1 100 Continue\r\nX-A: b\r\n\r\n" * 1000),
    "a million empty users": saying(whole(b'{"Resources":[' + b"{}," * 1_000_000 + b'{}],"totalResults":1000001}')),
    "ten thousand and one users": saying(whole(b'{"Resources":[' + b"1," * 10_000 + b'1],"totalResults":10001}')),
    "a million lists in lists": saying(whole(b'{"Resources":[' + b",".join([b"[" * 200 + b"]" * 200] * 8000) + b"]}")),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_an_answer_without_end_is_not_read_to_its_end(serve: Serve, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    if name == "chunks of one byte":
        monkeypatch.setattr(limits, "MAX_BYTES", 2**20)  # more of them take a while
    server = serve(TOO_LARGE[name])
    error = failure_of(server.url, timeout=30.0, retry_budget=60.0)
    assert error.kind == "too_large", error.message
    assert re.search(r"[18] MiB|most that is taken|than are accepted", error.message) and "api_url" in error.message
    assert len(server.heads) == 1, "not asked again"


HEADERS = {
    "headers without end": pouring(b"HTTP/1.1 200 OK\r\n", b"X-Header: value\r\n" * 1000),
    "a header of a megabyte": saying(b"HTTP/1.1 200 OK\r\nX-Header: " + b"v" * 2**20 + b"\r\n\r\n{}"),
    "a status line without end": pouring(b"HTTP/1.1 200 ", b"O" * 65536),
    "no HTTP": saying(b"220 ready\r\n"),
    "nothing": saying(b""),
    "a chunk size without end": pouring(CHUNKED, b"0" * 65536),
    "two lengths": saying(whole(b"{}", Content_Length="2, 100")),
    "less than announced": saying(whole(b"{}", Content_Length="100")),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_head_without_end_is_not_read_to_its_end(serve: Serve, name: str) -> None:
    error = failure_of(serve(HEADERS[name]).url)
    # What http.client and urllib3 have no limit of their own for meets ours.
    assert error.kind in ("connection_lost", "timeout", "too_large"), error.message


DRIPS = {
    "a body": pouring(OK + b"Content-Length: 1000000\r\n\r\n", b" ", PART / 5),
    "chunks": pouring(CHUNKED, b"1\r\n \r\n", PART / 5),
    "a packed body": pouring(OK + b"Content-Encoding: gzip\r\n\r\n", b"\0", PART / 5),
    "a status line": pouring(b"", b"H", PART / 5),
    "a header": pouring(b"HTTP/1.1 200 OK\r\nX-Header: ", b"v", PART / 5),
    "interim answers": pouring(b"", b"HTTP/1.1 100 Continue\r\n\r\n", PART / 5),
}


@pytest.mark.parametrize("name", DRIPS)
def test_a_drip_is_given_four_times_the_timeout_and_no_more(serve: Serve, name: str) -> None:
    server = serve(DRIPS[name])
    began = time.monotonic()
    error = failure_of(server.url)
    # What a part may take comes on top only where the machine is busy.
    assert LIMIT * 0.9 <= time.monotonic() - began < LIMIT + 4
    assert error.kind == "timeout"
    assert f"after {LIMIT:g} s" in error.message and "Raise timeout" in error.message


def test_a_server_that_never_answers_is_given_the_timeout(serve: Serve) -> None:
    def silent(_link: socket.socket, _head: bytes) -> bool:
        time.sleep(PART * 3)
        return False

    began = time.monotonic()
    error = failure_of(serve(silent).url)
    assert (error.kind, "within 0.25 s" in error.message) == ("timeout", True)
    assert time.monotonic() - began < PART + 4


def test_a_write_that_was_accepted_stays_accepted_whatever_follows(serve: Serve) -> None:
    created = OK.replace(b"200 OK", b"201 Created")
    for answer in (
        pouring(created + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK),
        saying(whole(b'{"active":true,"active":false}', "201 Created")),
        saying(whole(b"\xff\xfe{", "201 Created")),
    ):
        with client_of(serve(answer).url, timeout=30.0) as client:
            # Only looking tells what became of it, and that is what the caller does.
            with pytest.raises(EightByEightError) as caught:
                client.create_user({})
            assert (caught.value.status, caught.value.kind, caught.value.in_doubt) == (201, "bad_answer", True)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
def test_the_status_counts_where_the_body_has_no_end(serve: Serve, status: int) -> None:
    head = f"HTTP/1.1 {status} Status\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    error = failure_of(serve(pouring(head, CHUNK)).url, timeout=30.0)
    assert (error.status, error.detail) == (status, None)


# -- Listings without end -----------------------------------------------------


def pages(page: Callable[[int, int], Any]) -> Answer:
    """Answer the listing with what a function makes of startIndex and of the number of the request."""
    count = itertools.count(1)

    def say(link: socket.socket, head: bytes) -> bool:
        query = parse_qs(urlsplit(head.split(b" ", 2)[1].decode()).query)
        link.sendall(whole(json.dumps(page(int(query["startIndex"][0]), next(count))).encode()))
        return True

    return say


def hundred(start: int) -> list[dict[str, Any]]:
    return [{"id": str(number), "userName": f"u{number}"} for number in range(start, start + 100)]


ENDLESS: dict[str, Callable[[int, int], Any]] = {
    "there is always more": lambda start, number: listing(*hundred(start), total=10**9),
    "the total grows": lambda start, number: listing(*hundred(start), total=start + 200),
    "one user a page, for ever": lambda start, number: listing(resource(str(number)), total=10**6),
    "startIndex is ignored, the ids are not": lambda start, number: listing(*hundred(number * 100), total=10**6),
}


@pytest.mark.parametrize("name", ENDLESS)
@pytest.mark.parametrize("workers", [1, 4])
def test_a_listing_without_end_is_not_read_to_its_end(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, name: str, workers: int
) -> None:
    monkeypatch.setattr(paging, "MAX_USERS", 1000)
    server = serve(pages(ENDLESS[name]))
    error = failure_of(server.url, lambda client: client.list_users(workers=workers), timeout=30.0)
    assert (error.kind, "more than 1000 entries" in error.message) == ("too_large", True)
    assert len(server.heads) <= 1100


@pytest.mark.parametrize(
    ("limit", "value", "kind", "words"),
    [
        ("MAX_LISTING_MEMORY", 2**20, "too_large", "more than 1 MiB in memory"),
        ("MAX_LISTING_SECONDS", 0.05, "timeout", "more than 0.05 s"),
    ],
)
def test_a_listing_is_bounded_in_what_it_takes_and_in_time(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, limit: str, value: float, kind: str, words: str
) -> None:
    monkeypatch.setattr(paging, limit, value)
    error = failure_of(serve(pages(ENDLESS["there is always more"])).url, timeout=30.0)
    assert (error.kind, words in error.message) == (kind, True), error.message


STUCK: dict[str, Callable[[int, int], Any]] = {
    "the same page": lambda start, number: listing(*hundred(1), total=10**6),
    "empty pages": lambda start, number: listing(total=10**6),
    "users that cannot be read": lambda start, number: listing(*([{}] * 100), total=10**6),
    "the total shrinks": lambda start, number: listing(
        *(hundred(start) if start < 500 else ()), total=500 if number == 1 else 5
    ),
}


@pytest.mark.parametrize("name", STUCK)
@pytest.mark.parametrize("workers", [1, 4])
def test_a_listing_that_goes_nowhere_ends_and_does_not_add_up(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, name: str, workers: int
) -> None:
    monkeypatch.setattr(paging, "MAX_USERS", 10**5)
    server = serve(pages(STUCK[name]))
    with client_of(server.url, timeout=30.0) as client:
        assert not client.list_users(workers=workers).complete
    assert len(server.heads) < 20


TOTALS = [-1, "many", "-1", "1e9", 1.5, "٣", True, None, [], {}, 10**400, "9" * 5000, "1" * 12]


@pytest.mark.parametrize("total", TOTALS, ids=lambda total: str(total)[:10])
@pytest.mark.parametrize("workers", [1, 4])
def test_a_total_that_is_none_never_adds_up(serve: Serve, total: Any, workers: int) -> None:
    page = listing(resource(), itemsPerPage=-1, startIndex=0)
    with client_of(serve(pages(lambda start, number: {**page, "totalResults": total})).url, timeout=30.0) as client:
        found = client.list_users(workers=workers)
    assert ([user.id for user in found.users], found.complete) == (["1"], False)


@pytest.mark.parametrize(
    "body", [b'{"totalResults":1e400,"Resources":[]}', b'{"totalResults":NaN}', b'{"totalResults":-Infinity}']
)
def test_a_total_that_is_no_number_never_adds_up(serve: Serve, body: bytes) -> None:
    with client_of(serve(saying(whole(body))).url) as client:
        assert not client.list_users().complete


# -- Memory -------------------------------------------------------------------


PROBE = """
import sys
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource import validation
def peak():
    # Of this process alone; what getrusage tells begins with that of the one that started it.
    with open("/proc/self/status") as file:
        return int(next(line for line in file if line.startswith("VmHWM")).split()[1])
before = peak()
kind = "taken"
try:
    with WritingClient(Connection(sys.argv[1], "token", timeout=60.0, retry_budget=0.0)) as client:
        client.list_users(workers=4)
except EightByEightError as error:
    kind = error.kind
print(kind, (peak() - before) // 1024)
"""
#: The largest answers that are just taken or just not, made to take as much as possible when they are read.
GREEDY = {
    "a body without end": TOO_LARGE["a body without end"],
    "a gzip bomb": TOO_LARGE["a gzip bomb"],
    "lists in lists": saying(
        whole(b'{"totalResults":2,"Resources":[' + b",".join([b"[" * 200 + b"]" * 200] * 3000) + b"]}")
    ),
    "as many values as are taken": saying(whole(b'{"totalResults":2,"x":[' + b"[1]," * 320_000 + b'1],"Resources":7}')),
    "as much text as is taken": saying(whole(b'{"Resources":7,"x":"\xf0\x9f\x98\x80' + b"a" * (2**23 - 100) + b'"}')),
}


@pytest.mark.parametrize("name", GREEDY)
def test_what_a_server_can_make_us_hold_is_bounded(serve: Serve, name: str) -> None:
    server = serve(GREEDY[name])
    tree = Path(_client.__file__).parents[5]
    done = subprocess.run(
        [sys.executable, "-c", PROBE, server.url],
        env={**os.environ, "PYTHONPATH": str(tree)},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    kind, mebibytes = done.stdout.split()
    assert kind == ("taken" if name == "lists in lists" else "too_large" if "a " in name else "bad_answer")
    print(f"{name}: {mebibytes} MiB")
    assert int(mebibytes) < 3 * limits.MAX_MEMORY // limits.MEBIBYTE


def test_a_session_that_is_paced_is_bounded_too(serve: Serve) -> None:
    with client_of(serve(DRIPS["a body"]).url) as lone:
        session = Session(pace=Pace(lone.clock, None))
        with WritingClient(lone.connection, session=session) as client, pytest.raises(EightByEightError) as caught:
            client.list_users()
        session.close()
    assert caught.value.kind == "timeout"
