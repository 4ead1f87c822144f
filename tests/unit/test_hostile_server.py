# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server that means harm, over real sockets on this machine: what it can learn, hold, and make us do."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import itertools
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import trustme

from ansible_collections.eightbyeight.scim.plugins.module_utils import _client
from ansible_collections.eightbyeight.scim.plugins.module_utils._client import Connection, ScimClient, Session
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._http import paging, wire
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.pace import Pace
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.models import User, replacement
from ansible_collections.eightbyeight.scim.tests.unit.helpers import TOKEN, listing, resource

#: Seconds of patience with a part of an answer; a whole answer gets four times that.
PART = 0.25
LIMIT = PART * wire.WHOLE_ANSWER

#: What is done with a connection on which the head of a request has come in: True keeps it open.
Answer = Callable[[socket.socket, bytes], bool]


class Server:
    """Answers each request with whatever a function does to its socket."""

    def __init__(self, answer: Answer, context: ssl.SSLContext | None = None, greeting: bytes = b"") -> None:
        self._greeting = greeting
        self.heads: list[bytes] = []
        self.connections = 0
        self._answer = answer
        self._context = context
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def url(self) -> str:
        return f"{'https' if self._context else 'http'}://localhost:{self.port}/scim/v2"

    def stop(self) -> None:
        # A thread that waits for a connection is not woken by closing what it waits on.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listening.close()
        for link in self._open:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                link, _address = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(link)
            thread = threading.Thread(target=self._serve, args=(link,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, link: socket.socket) -> None:
        try:
            if self._context is not None:
                link = self._context.wrap_socket(link, server_side=True)
                self._open.append(link)
            link.sendall(self._greeting)
            head = b""
            while True:
                part = link.recv(65536)
                head += part
                if not part:
                    return
                if b"\r\n\r\n" in head:
                    self.heads.append(head)
                    if not self._answer(link, head):
                        return
                    head = b""
        except OSError:
            pass
        finally:
            link.close()


Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    running: list[Server] = []

    def start(answer: Answer, context: ssl.SSLContext | None = None, greeting: bytes = b"") -> Server:
        running.append(Server(answer, context, greeting))
        return running[-1]

    yield start
    for server in running:
        server.stop()


def client_of(url: str, **more: Any) -> ScimClient:
    return ScimClient(Connection(url, TOKEN, **{"timeout": PART, "retry_budget": 0.0, **more}))


def whole(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """Return a proper answer."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    told = {"Content-Type": "application/scim+json", "Content-Length": str(len(body)), **given}
    lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


def saying(answer: bytes) -> Answer:
    """Answer every request the same."""

    def say(link: socket.socket, _head: bytes) -> bool:
        link.sendall(answer)
        return True

    return say


def failure_of(url: str, read: Callable[[ScimClient], Any] | None = None, **more: Any) -> EightByEightError:
    with client_of(url, **more) as client, pytest.raises(EightByEightError) as caught:
        (read or (lambda client: client.list_users()))(client)
    assert TOKEN not in str(caught.value.to_result())
    return caught.value


# -- Redirects ----------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    ["http://localhost:{other}/x", "http://localhost:{itself}/scim/v2/Users", "//localhost:{other}/", "http://["],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_is_not_followed_and_nobody_else_gets_the_token(
    serve: Serve, status: int, target: str, method: str
) -> None:
    other = serve(saying(whole(b"{}")))
    itself: list[int] = []

    def redirect(link: socket.socket, _head: bytes) -> bool:
        place = target.format(other=other.port, itself=itself[0])
        link.sendall(whole(b"", f"{status} Elsewhere", Location=place))
        return True

    server = serve(redirect)
    itself.append(server.port)
    error = failure_of(server.url, lambda client: client.create_user({}) if method == "POST" else client.get_user("1"))
    assert (error.kind, error.status) == ("redirect_refused", status)
    assert "token must not go anywhere" in error.message and "Set api_url to" in error.message
    assert (len(server.heads), other.connections) == (1, 0)


def test_a_redirect_from_https_to_http_is_not_followed(serve: Serve, tmp_path: Path) -> None:
    authority = trustme.CA()
    other = serve(saying(whole(b"{}")))
    place = f"http://localhost:{other.port}/scim/v2/Users"
    server = serve(saying(whole(b"", "302 Found", Location=place)), context_of(authority.issue_cert("localhost")))
    error = failure_of(server.url, verify=bundle_of(authority, tmp_path))
    assert (error.kind, len(server.heads), other.connections) == ("redirect_refused", 1, 0)


# -- TLS ----------------------------------------------------------------------


def context_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def bundle_of(authority: trustme.CA, folder: Path) -> str:
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return str(folder / "ca.pem")


def ancient(authority: trustme.CA) -> trustme.LeafCert:
    then = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    return authority.issue_cert("localhost", not_before=then, not_after=then + dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("certificate", "trusted", "words"),
    [
        (
            lambda authority: authority.issue_cert("8x8.example"),
            True,
            "ostname|not valid for 'localhost'|doesn't match",
        ),
        (lambda authority: authority.issue_cert("localhost"), False, "self.signed|unable to get local issuer"),
        (ancient, True, "expired"),
    ],
    ids=["another name", "unknown authority", "expired"],
)
def test_a_certificate_that_does_not_hold_ends_it_before_the_token_is_sent(
    serve: Serve, tmp_path: Path, certificate: Any, trusted: bool, words: str
) -> None:
    authority = trustme.CA()
    server = serve(saying(whole(b"{}")), context_of(certificate(authority)))
    error = failure_of(
        server.url, verify=bundle_of(authority if trusted else trustme.CA(), tmp_path), retry_budget=60.0
    )
    assert error.kind == "tls"
    assert re.search(words, error.message) and "ca_path" in error.message
    assert server.heads == []


@pytest.mark.parametrize("content", ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_ca_bundle_that_holds_no_certificate_is_not_blamed_on_the_server(
    serve: Serve, tmp_path: Path, content: str
) -> None:
    server = serve(saying(whole(b"{}")), context_of(trustme.CA().issue_cert("localhost")))
    (tmp_path / "bundle.pem").write_text(content, encoding="ascii")
    error = failure_of(server.url, verify=str(tmp_path / "bundle.pem"), retry_budget=60.0)
    assert error.kind == "bad_option"
    assert re.match(r"ca_path: \S+/bundle\.pem cannot be used \(.+\)\. .*PEM", error.message)
    assert server.heads == []


def test_a_certificate_of_the_given_authority_is_taken_and_none_is_asked_for_where_that_is_wished(
    serve: Serve, tmp_path: Path
) -> None:
    authority = trustme.CA()
    server = serve(
        saying(whole(json.dumps(listing(resource())).encode())), context_of(authority.issue_cert("localhost"))
    )
    for verify in (bundle_of(authority, tmp_path), False):
        with client_of(server.url, verify=verify) as client:
            assert client.list_users().complete
    assert len(server.heads) == 2


def test_a_server_without_tls_on_the_port_of_tls_is_told(serve: Serve) -> None:
    # It takes the greeting of TLS for a request, and says what a web server says to that.
    server = serve(saying(b""), greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n")
    error = failure_of(server.url.replace("http:", "https:"), timeout=5.0, retry_budget=60.0)
    assert (error.kind, "does not speak TLS" in error.message) == ("tls", True)
    assert server.heads == []


# -- What the machine is set to -----------------------------------------------


def test_neither_a_proxy_nor_netrc_of_the_machine_gets_in_between(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proxy = serve(saying(whole(b"{}")))
    server = serve(saying(whole(json.dumps(listing()).encode())))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://localhost:{proxy.port}")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login eve password wicked\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with client_of(server.url) as client:
        client.list_users()
    assert f"Authorization: Bearer {TOKEN}".encode() in server.heads[0]
    assert (len(server.heads), proxy.connections) == (1, 0)


def test_a_cookie_is_not_kept(serve: Serve) -> None:
    body = json.dumps(listing()).encode()
    server = serve(saying(whole(body, Set_Cookie="track=me; Path=/")))
    with client_of(server.url) as client:
        client.list_users()
        client.list_users()
    assert server.connections == 1, "one connection serves both"
    assert len(server.heads) == 2 and b"track" not in server.heads[1]


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
    "a deflate bomb": saying(whole(zlib.compress(b" " * 2**27, 9), Content_Encoding="deflate")),
    "a bomb within chunks": pouring(
        OK + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"%x\r\n%b\r\n" % (len(BOMB_OF_A_GIGABYTE), BOMB_OF_A_GIGABYTE),
    ),
    "a bare deflate bomb": saying(whole(zlib.compress(b" " * 2**27, 9)[2:-4], Content_Encoding="deflate")),
    "continue without end": pouring(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "continue with headers": pouring(b"", b"HTTP/1.1 100 Continue\r\nX-A: b\r\n\r\n" * 1000),
    "a million empty users": saying(whole(b'{"Resources":[' + b"{}," * 1_000_000 + b'{}],"totalResults":1000001}')),
    "ten thousand and one users": saying(whole(b'{"Resources":[' + b"1," * 10_000 + b'1],"totalResults":10001}')),
    "a million lists in lists": saying(whole(b'{"Resources":[' + b",".join([b"[" * 200 + b"]" * 200] * 8000) + b"]}")),
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_an_answer_without_end_is_not_read_to_its_end(serve: Serve, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    if name == "chunks of one byte":
        monkeypatch.setattr(wire, "MOST_BYTES", 2**20)  # more of them take a while
    server = serve(TOO_LARGE[name])
    error = failure_of(server.url, timeout=30.0, retry_budget=60.0)
    assert error.kind == "too_large", error.message
    assert re.search(r"[18] MiB|most that is taken|than are taken", error.message) and "api_url" in error.message
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
    monkeypatch.setattr(paging, "MOST_USERS", 1000)
    server = serve(pages(ENDLESS[name]))
    error = failure_of(server.url, lambda client: client.list_users(workers=workers), timeout=30.0)
    assert (error.kind, "more than 1000 entries" in error.message) == ("too_large", True)
    assert len(server.heads) <= 1100


@pytest.mark.parametrize(
    ("limit", "value", "kind", "words"),
    [
        ("MOST_LISTED", 2**20, "too_large", "more than 1 MiB in memory"),
        ("LISTING_SECONDS", 0.05, "timeout", "more than 0.05 s"),
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
    "the total shrinks": lambda start, number: listing(*hundred(start), total=1000 if number == 1 else 5),
}


@pytest.mark.parametrize("name", STUCK)
@pytest.mark.parametrize("workers", [1, 4])
def test_a_listing_that_goes_nowhere_ends_and_does_not_add_up(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, name: str, workers: int
) -> None:
    monkeypatch.setattr(paging, "MOST_USERS", 10**5)
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


# -- JSON ---------------------------------------------------------------------

DEEP = 100_000
BROKEN = {
    "deep lists": (b"[" * DEEP + b"]" * DEEP, "nested too deeply"),
    "deep objects": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, "nested too deeply"),
    "two of active": (b'{"id":"1","active":false,"active":true}', "'active' twice"),
    "two of active, spelled differently": (b'{"id":"1","active":false,"\\u0061ctive":true}', "'active' twice"),
    "two of a name within": (b'{"id":"1","name":{"givenName":"a","givenName":"b"}}', "'givenName' twice"),
    "a number of 5000 digits": (b'{"id":' + b"9" * 5000 + b"}", "no JSON"),
    "text that ends": (b'{"id":"1"', "cut off"),
    "two answers": (b'{"id":"1"}{"id":"2"}', "cut off"),
    "UTF-16": ('{"id":"1"}'.encode("utf-16"), "no UTF-8"),
    "UTF-16 without a mark": ('{"id":"1"}'.encode("utf-16-le"), "no JSON"),
    "UTF-32": ('{"id":"1"}'.encode("utf-32"), "no"),
    "Latin-1": ('{"id":"1","title":"Zoë"}'.encode("latin-1"), "no UTF-8"),
    "half a character": (b'{"id":"1","title":"\xe2\x82"}', "no UTF-8"),
    "a surrogate in UTF-8": (b'{"id":"1","title":"\xed\xa0\x80"}', "no UTF-8"),
    "an overlong slash": (b'{"id":"1","title":"\xc0\xaf"}', "no UTF-8"),
    "a control character": (b'{"id":"1","title":"\x00"}', "no JSON"),
    "nothing": (b"", "empty"),
    "white space": (b" \n ", "empty"),
    "a mark and nothing": (b"\xef\xbb\xbf", "empty"),
    "null": (b"null", "empty"),
    "a list": (b"[]", "no SCIM object"),
    "a text": (b'"x"', "no SCIM object"),
    "true": (b"true", "no SCIM object"),
    "a number": (b"1", "no SCIM object"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_json_that_is_none_is_told(serve: Serve, name: str) -> None:
    body, words = BROKEN[name]
    error = failure_of(serve(saying(whole(body))).url, lambda client: client.get_user("1"), timeout=30.0)
    assert (error.kind, words in error.message) == ("bad_answer", True), error.message
    assert len(error.message) < 400


def test_packed_json_is_read_and_what_cannot_be_unpacked_is_told(serve: Serve) -> None:
    body = json.dumps(resource()).encode()
    bare = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    for encoding, packed in (
        ("gzip", gzip.compress(body)),
        ("X-GZIP", gzip.compress(body)),
        ("deflate", zlib.compress(body)),
        ("deflate", bare.compress(body) + bare.flush()),
        ("identity", body),
    ):
        with client_of(serve(saying(whole(packed, Content_Encoding=encoding))).url) as client:
            assert client.get_user("1").raw == resource()
    for encoding, packed, words in (
        ("gzip", body, "cannot be unpacked"),
        ("gzip", gzip.compress(body)[:-30], "cut off"),
        ("gzip, gzip", gzip.compress(gzip.compress(body)), "not asked for"),
        ("br", body, "not asked for"),
    ):
        server = serve(saying(whole(packed, Content_Encoding=encoding)))
        error = failure_of(server.url, lambda client: client.get_user("1"))
        assert (error.kind, words in error.message) == ("bad_answer", True), error.message


# -- Users --------------------------------------------------------------------

#: Values in the place of every attribute of a user.
WRONG: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**300,
    "",
    "true",
    "\ud800",
    "\x1b[2J",
    [],
    {},
    [[]],
    [None],
    [1, "a"],
    [{}],
]
WRONG += [{"value": 1}, [{"value": {}, "type": []}], [{"value": "x", "type": "work"}] * 3]


def nested(levels: int) -> Any:
    value: Any = "end"
    for _level in range(levels):
        value = [value]
    return value


def test_a_value_of_the_wrong_type_anywhere_is_read_or_told() -> None:
    told = 0
    names = [*resource(), "externalId", "phoneNumbers", "timezone", "groups", "urn:unknown"]
    inner = [(name, key) for name, value in resource().items() if isinstance(value, dict) for key in value]
    inner += [("emails", key) for key in ("value", "type", "primary")]
    inner += [("phoneNumbers", key) for key in ("value", "type")]
    for value in [*WRONG, nested(400), nested(900)]:
        for raw in (
            *(resource(**{name: value}) for name in names),
            *(
                resource(**{name: [{"value": "x", "type": "work", key: value}]})
                if name in ("emails", "phoneNumbers")
                else resource(**{name: {**resource()[name], key: value}})
                for name, key in inner
            ),
        ):
            told += 1
            trouble: EightByEightError | None = None
            try:
                seen = User(raw)
                body = replacement(seen, True, {"title": "x"})
            except EightByEightError as error:
                trouble = error
            if trouble is not None:
                assert trouble.kind == "bad_answer"
                continue
            assert body["title"] == "x"
            assert isinstance(seen.view["id"], str) and seen.view["id"]
            texts = set(seen.view) - {"active", "phone_numbers"}
            assert all(isinstance(seen.view[key], (str, type(None))) for key in texts)
            assert seen.view["active"] in (True, False, None)
    assert told > 500


@pytest.mark.parametrize(
    "body", [{"Resources": {}}, {"Resources": "users"}, {"Resources": 1}, {"Resources": True}], ids=str
)
def test_resources_that_are_no_list_are_an_error(serve: Serve, body: Any) -> None:
    error = failure_of(serve(saying(whole(json.dumps({"totalResults": 1, **body}).encode()))).url)
    assert (error.kind, "no SCIM list" in error.message) == ("bad_answer", True)


def test_an_entry_that_is_no_user_hides_nobody(serve: Serve) -> None:
    body = listing([], None, 1, "x", {"id": 5, "userName": ["x"]}, resource(), {"id": ""}, {"userName": "ghost"})
    with client_of(serve(saying(whole(json.dumps(body).encode()))).url) as client:
        found = client.list_users()
    assert ([user.id for user in found.users], found.complete) == (["1"], False)


@pytest.mark.parametrize("value", [b"1e999", b"NaN", b"[" * 970 + b"]" * 970])
def test_what_no_json_can_carry_back_is_not_lost_by_a_put(serve: Serve, value: bytes) -> None:
    raw = json.dumps(resource(odd="ODD")).encode().replace(b'"ODD"', value)
    server = serve(saying(whole(raw)))

    def rewrite(client: ScimClient) -> None:
        user = client.get_user("1")
        client.replace_user("1", replacement(user, True, {"title": "x"}), None)

    with client_of(server.url, timeout=30.0) as client, pytest.raises(EightByEightError) as caught:
        rewrite(client)
    assert caught.value.kind == "bad_answer"
    assert [head[:4] for head in server.heads] == [b"GET "]


# -- Ids ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "user_id",
    [
        "a/b",
        "../x",
        "..%2fx",
        "%2e%2e",
        "%2E%2E/",
        "?x=1",
        "#top",
        "a\nb",
        "a\r\nX-Evil: 1",
        "a b",
        "a;b",
        "//host",
        "é",
        "..a",
    ],
)
@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE"])
def test_an_id_never_leaves_the_users(serve: Serve, verb: str, user_id: str) -> None:
    server = serve(saying(whole(json.dumps(resource(user_id)).encode())))
    with client_of(server.url) as client:
        {
            "GET": lambda: client.get_user(user_id),
            "PUT": lambda: client.replace_user(user_id, {}, None),
            "PATCH": lambda: client.set_active(user_id, False),
            "DELETE": lambda: client.delete_user(user_id),
        }[verb]()
    line = server.heads[0].split(b"\r\n")[0].decode("ascii")
    path = re.fullmatch(rf"{verb} /scim/v2/Users/([A-Za-z0-9_.~%-]+) HTTP/1\.1", line)
    assert path is not None, line
    assert unquote(path[1]) == user_id
    assert b"Evil" not in server.heads[0].split(b"\r\n", 1)[1]


@pytest.mark.parametrize("user_id", [".", "..", "", " ", " .. ", "\ud800", "x" * 100_000])
def test_an_id_that_no_path_can_carry_is_not_sent(serve: Serve, user_id: str) -> None:
    server = serve(saying(whole(b"{}")))
    error = failure_of(server.url, lambda client: client.get_user(user_id))
    assert (error.kind, server.heads) == ("bad_option", [])


# -- Names --------------------------------------------------------------------

NASTY = "eve\n\r\x1b[2J\x1b]0;pwned\x07\x9b31m\u202egpj.exe\u2066\x7f\x00\u2028"


def test_nothing_that_a_terminal_obeys_is_in_a_message(serve: Serve) -> None:
    clash = listing(resource("1", NASTY), resource("2", NASTY))
    for answer in (
        saying(whole(json.dumps(clash).encode())),
        saying(whole(json.dumps({"detail": NASTY, "scimType": NASTY}).encode(), "400 Bad")),
        saying(whole(json.dumps({NASTY: 1}).encode().replace(b"}", b',"' + json.dumps(NASTY).encode()[1:] + b":2}"))),
    ):
        error = failure_of(serve(answer).url, lambda client: client.find_user(NASTY))
        assert error.message.isprintable(), ascii(error.message)
        assert str(error).isprintable()
        assert error.kind == "ambiguous" or "detail" not in str(error)


def test_what_a_server_sends_stays_exact_in_the_data(serve: Serve) -> None:
    with client_of(serve(saying(whole(json.dumps(resource(title=NASTY)).encode()))).url) as client:
        assert client.get_user("1").view["title"] == NASTY


# -- Memory -------------------------------------------------------------------

PROBE = """
import sys
from ansible_collections.eightbyeight.scim.plugins.module_utils._client import Connection, ScimClient
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource import schema
def peak():
    # Of this process alone; what getrusage tells begins with that of the one that started it.
    with open("/proc/self/status") as file:
        return int(next(line for line in file if line.startswith("VmHWM")).split()[1])
before = peak()
kind = "taken"
try:
    with ScimClient(Connection(sys.argv[1], "token", timeout=60.0, retry_budget=0.0)) as client:
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
    assert int(mebibytes) < 3 * wire.MOST_HELD // wire.MEBIBYTE


def test_a_session_that_is_paced_is_bounded_too(serve: Serve) -> None:
    with client_of(serve(DRIPS["a body"]).url) as lone:
        session = Session(pace=Pace(lone.clock, None))
        with ScimClient(lone.connection, session=session) as client, pytest.raises(EightByEightError) as caught:
            client.list_users()
        session.http.close()
    assert caught.value.kind == "timeout"
