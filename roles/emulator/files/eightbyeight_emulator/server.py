# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The HTTP edge: a small threaded HTTP/1.1 server for WSGI applications, with keep-alive.

Not a server of the standard library's, for two reasons. wsgiref closes the connection after each answer, so
that a client's keep-alive could not be tested at all; and the faults must be able to break a connection in
ways that a proper server will not. It serves loopback test traffic and nothing else.
"""

from __future__ import annotations

import contextlib
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from .application import WIRE
from .spoiling import Wire

MAX_LINE = 65_536
MAX_HEADERS = 100
MAX_BODY = 16 * 1024 * 1024


class BadRequestError(Exception):
    """What came in is not an HTTP request that this server takes."""


class Connection(socketserver.StreamRequestHandler):
    """One client connection, served until the client closes it or a fault breaks it."""

    disable_nagle_algorithm = True
    rbufsize = MAX_LINE
    wbufsize = 0
    server: TenantServer

    def setup(self) -> None:
        """Do the TLS handshake here, in the connection's own thread."""
        if self.server.tls is not None:
            self.request = self.server.tls.wrap_socket(self.request, server_side=True)
        super().setup()
        self.server.opened(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        self.server.closed(self.connection)
        super().finish()
        if self.server.tls is not None:
            self.connection.close()

    def handle(self) -> None:
        """Serve one request after the other."""
        try:
            while self._serve_one():
                pass
        except BadRequestError as error:
            body = f"{error}\n".encode()
            head = f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            self.wfile.write(head.encode() + body)
        except OSError:
            # The client went away: that is its right.
            pass

    def _serve_one(self) -> bool:
        line = self.rfile.readline(MAX_LINE)
        if not line or self.server.stopping:
            return False
        try:
            method, target, version = line.decode("latin-1").split()
        except ValueError:
            raise BadRequestError("malformed request line") from None
        headers = self._read_headers()
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self._read_body(headers)
        wire = Wire()
        self.server.begin()
        try:
            status, answer_headers, payload = self._call(method, target, version, headers, body, wire)
        finally:
            self.server.end()
        if wire.reset:
            self._reset()
            return False
        keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close" and not wire.cut
        head = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in answer_headers)]
        head.append("Connection: keep-alive" if keep or wire.cut else "Connection: close")
        if method == "HEAD":
            payload = b""
        elif wire.cut:
            payload = payload[: len(payload) // 2]
        self.wfile.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + payload)
        return keep

    def _read_headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for _number in range(MAX_HEADERS):
            line = self.rfile.readline(MAX_LINE)
            if line in (b"\r\n", b"\n"):
                return headers
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon:
                raise BadRequestError("malformed header")
            key = name.strip().lower()
            headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
        raise BadRequestError("too many headers")

    def _read_body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            return self._read_chunks()
        try:
            length = int(headers.get("content-length", "0"))
        except ValueError:
            raise BadRequestError("malformed Content-Length") from None
        if not 0 <= length <= MAX_BODY:
            raise BadRequestError("unreasonable Content-Length")
        return self.rfile.read(length) if length else b""

    def _read_chunks(self) -> bytes:
        body = bytearray()
        while True:
            try:
                size = int(self.rfile.readline(MAX_LINE).partition(b";")[0], 16)
            except ValueError:
                raise BadRequestError("malformed chunk") from None
            if len(body) + size > MAX_BODY:
                raise BadRequestError("unreasonable body")
            body += self.rfile.read(size)
            if size == 0:
                while self.rfile.readline(MAX_LINE) not in (b"\r\n", b"\n", b""):
                    pass
                return bytes(body)
            self.rfile.readline(MAX_LINE)

    def _call(
        self, method: str, target: str, version: str, headers: dict[str, str], body: bytes, wire: Wire
    ) -> tuple[str, list[tuple[str, str]], bytes]:
        """Call the application as PEP 3333 wants it."""
        path, _mark, query = target.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method.upper(),
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "https" if self.server.tls else "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            WIRE: wire,
        }
        for name, value in headers.items():
            if name == "content-type":
                environ["CONTENT_TYPE"] = value
            elif name != "content-length":
                environ["HTTP_" + name.upper().replace("-", "_")] = value
        started: list[Any] = []
        chunks = self.server.application(environ, lambda status, answer, exc=None: started.extend((status, answer)))
        return started[0], started[1], b"".join(chunks)

    def _reset(self) -> None:
        """Close with RST: SO_LINGER of zero seconds makes the kernel send one instead of a polite FIN."""
        self.server.closed(self.connection)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.wfile.close()
        self.connection.close()


class TenantServer(socketserver.ThreadingTCPServer):
    """Serves one application on a port of the loopback interface."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, application: Any, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.application = application
        self.tls = tls
        self.stopping = False
        self.last_request = time.monotonic()
        self.busy = 0
        """Requests being served; a slow one is no idleness."""
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), Connection)

    @property
    def origin(self) -> str:
        """The scheme, host and port of the server."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.server_address[1]}"

    def begin(self) -> None:
        """Count a request that is being served."""
        with self._open_lock:
            self.busy += 1

    def end(self) -> None:
        """Count a request that was served."""
        with self._open_lock:
            self.busy -= 1
            self.last_request = time.monotonic()

    def idle_for(self) -> float:
        """Return for how many seconds nobody has asked for anything."""
        return 0.0 if self.busy else time.monotonic() - self.last_request

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection, to be able to close it."""
        with self._open_lock:
            self._open.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._open_lock:
            self._open.discard(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that went away or failed a handshake; those are things tests do."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        """Stop serving and close every connection: a keep-alive client must not go on with a ghost."""
        self.stopping = True
        self.shutdown()
        self.server_close()
        with self._open_lock:
            connections = list(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
