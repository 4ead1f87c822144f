# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A server on a socket of this machine that answers byte by byte what a test wants."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.tests.unit.helpers import TOKEN

#: Seconds of patience with a part of an answer; a whole answer gets four times that.
PART = 0.25
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


def client_of(url: str, **more: Any) -> WritingClient:
    return WritingClient(Connection(url, TOKEN, **{"timeout": PART, "retry_budget": 0.0, **more}))


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


def failure_of(url: str, read: Callable[[WritingClient], Any] | None = None, **more: Any) -> EightByEightError:
    with client_of(url, **more) as client, pytest.raises(EightByEightError) as caught:
        (read or (lambda client: client.list_users()))(client)
    assert TOKEN not in str(caught.value.to_result())
    return caught.value
