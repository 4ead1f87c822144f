# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The limits of what a server may send, in seconds, in bytes, in users and in memory, and how an answer is read within them.

The timeout of a socket is for each read, so a server that sends a byte now and then would hold a client forever; and
neither ``requests`` nor ``json`` limits the size of an answer. Here every byte is counted where it is received: status
line, headers, interim answers and chunk sizes too. Nothing here knows SCIM.
"""

from __future__ import annotations

import http.client
import io
import json
import math
import re
import socket
import ssl
import time
import zlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .._base.json_text import RepeatedNameError, unique_names

if TYPE_CHECKING:
    import requests

#: Seconds for a whole answer, in multiples of ``timeout``, which is for each part of it. A page of 100 users takes a second.
ANSWER_TIMEOUTS = 4

MEBIBYTE = 1 << 20
#: Bytes of one answer, as they arrive and as they unpack. A page of 100 users has a tenth of a mebibyte; this is everybody of a
#: tenant of 8,000, from a server that does not care how many it is asked for.
MAX_BYTES = 8 * MEBIBYTE
#: Bytes of a status line and headers, with all interim answers (1xx) before it.
MAX_HEADER_BYTES = MEBIBYTE
#: What one answer may take as Python objects, see :func:`memory_of`.
MAX_MEMORY = 64 * MEBIBYTE
#: Users asked for in one page of a listing. The maximum is unpublished (fact sheet 4.3); a page of any size is accepted.
DEFAULT_PAGE_SIZE = 500
#: What is asked for where that number is refused, and in look-ups: what a client of the real API asks for (4.1).
SMALL_PAGE_SIZE = 100
#: Entries of one page, a hundred times what is asked for. A server must not send more than that (RFC 7644 section 3.4.2.4).
MAX_PAGE_ENTRIES = 100 * SMALL_PAGE_SIZE
#: Users of one listing, and what all of its answers may take as Python objects: several tenants of 50,000.
MAX_USERS = 250_000
MAX_LISTING_MEMORY = 1024 * MEBIBYTE
#: Seconds that the server may take in all to answer with the pages of one listing: 14 for each of 500 pages.
MAX_LISTING_SECONDS = 7200.0

#: Bytes received at a time, and the most that are unpacked from them at a time. They could unpack to a thousand times as much.
_CHUNK = 16 * 1024
_UNPACKED_CHUNK = 256 * 1024

#: Bytes that a value may take as an object, beside its text: at worst a list with one entry.
_VALUE_BYTES = 100
#: All bytes except those that start a value in JSON.
_NO_VALUE = bytes(set(range(256)) - set(b"[{,"))


class UnusableAnswerError(Exception):
    """An answer that cannot be read, or that goes beyond a limit, so that its rest is not read.

    :param message: What is wrong with the answer, as a sentence without its subject.
    :param kind: As errors have it: ``bad_answer``, ``too_large`` or ``timeout``.
    :param is_transient: Whether it may have been cut off or slow by chance, so that another try can help.
    """

    def __init__(self, message: str, kind: str = "bad_answer", *, is_transient: bool = False) -> None:
        super().__init__(message)
        self.kind = kind
        self.is_transient = is_transient


class _CountingReader(io.RawIOBase):
    """The receiving end of a socket, for one answer.

    :param inner: What is read from.
    :param sock: The socket, whose timeout is for each read.
    """

    def __init__(self, inner: io.RawIOBase, sock: socket.socket) -> None:
        super().__init__()
        self._inner = inner
        self._sock = sock
        self.left = MAX_HEADER_BYTES
        self._limit = (sock.gettimeout() or math.inf) * ANSWER_TIMEOUTS
        self._end = time.monotonic() + self._limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        rest = self._end - time.monotonic()
        last = rest < (self._sock.gettimeout() or 0)
        if rest <= 0:
            raise self._too_slow()
        if last:
            self._sock.settimeout(rest)
        try:
            size = self._inner.readinto(buffer)
        except socket.timeout:
            if last:
                raise self._too_slow() from None
            raise
        except ssl.SSLError as error:
            # The certificate was checked before the request was sent, unless the server wants one of ours. What breaks after
            # that is the connection, and what was sent may have been carried out.
            if re.search("CERTIFICATE|UNKNOWN_CA", str(error)):
                raise
            raise ConnectionResetError(str(error)) from None
        self.left -= size or 0
        if self.left < 0:
            raise _too_large("with its headers larger than")
        return size

    def _too_slow(self) -> UnusableAnswerError:
        return UnusableAnswerError(
            f"was not complete after {self._limit:g} s, {ANSWER_TIMEOUTS} times the option timeout. Raise timeout if the server "
            "is that slow",
            "timeout",
            is_transient=True,
        )

    def close(self) -> None:
        self._inner.close()
        super().close()


def _too_large(what: str) -> UnusableAnswerError:
    most = f"{MAX_BYTES // MEBIBYTE} MiB, the most that is accepted"
    return UnusableAnswerError(
        f"is {what} {most}. No list of users is that large; see what answers at api_url", "too_large"
    )


class CountedResponse(http.client.HTTPResponse):
    """An answer of which every byte is counted."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._counted = _CountingReader(self.fp.detach(), sock)
        self.fp = io.BufferedReader(self._counted)

    def begin(self) -> None:
        super().begin()
        self._counted.left += MAX_BYTES


def read_body(response: requests.Response) -> bytes:
    """Return the whole body of an answer, unpacked.

    :raises UnusableAnswerError: When it is too slow or too large, or cannot be unpacked.
    :raises ConnectionResetError: When it ends before its announced length.
    """
    raw = response.raw
    parts = raw.stream(_CHUNK, decode_content=False)
    content = bytearray()
    for part in _unpacked(parts, response.headers.get("Content-Encoding") or ""):
        content += part
        if len(content) > MAX_BYTES:
            raise _too_large("larger than")
    if getattr(raw, "length_remaining", None):
        # urllib3 1.26 returns what came before the connection broke, as if that were all.
        raise ConnectionResetError("the answer is shorter than announced")
    return bytes(content)


def _unpacked(parts: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Unpack by ourselves: some releases of urllib3 unpack all of what they have received at once (CVE-2025-66471)."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        yield from parts
        return
    if encoding not in ("gzip", "x-gzip"):
        raise UnusableAnswerError("is packed in a way that was not asked for (Content-Encoding)")
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)  # as gzip
    try:
        for part in parts:
            while part and not inflater.eof:
                yield inflater.decompress(part, _UNPACKED_CHUNK)
                part = inflater.unconsumed_tail
        yield inflater.flush()
    except zlib.error:
        raise UnusableAnswerError("cannot be unpacked", is_transient=True) from None


def memory_of(content: bytes) -> int:
    """Return about how many bytes some JSON takes as Python objects, without making them: never much less than it does."""
    # With one character outside Latin-1, Python may use four bytes for every character of a text.
    width = 1 if content.isascii() and b"\\u" not in content else 4
    return width * len(content) + _VALUE_BYTES * len(content.translate(None, _NO_VALUE))


def parse(content: bytes, memory: int) -> Any:
    """Read JSON as RFC 8259 has it, or None where there is nothing.

    A name that stands twice in one object is refused (section 4 leaves open which one counts, and two readers may see two
    users in it). ``Infinity`` and its like are read: one number that is none must not hide everybody else.

    :param memory: Its :func:`memory_of`.
    :raises UnusableAnswerError: When it cannot be read, or is more than is taken.
    """
    if memory > MAX_MEMORY:
        raise UnusableAnswerError(
            f"has more values than are accepted ({MAX_MEMORY // _VALUE_BYTES} at most). See what answers at api_url",
            "too_large",
        )
    try:
        text = content.decode("utf-8-sig").strip()
        return _DECODER.decode(text) if text else None
    except RepeatedNameError as error:
        twice = str(error)[:40]
        raise UnusableAnswerError(
            f"has the name {twice!r} twice in one object, so it can be read in two ways"
        ) from None
    except RecursionError:
        raise UnusableAnswerError("is nested too deeply") from None
    except ValueError:
        # Text that ends too early, other bytes than UTF-8, or a number with more digits than Python reads.
        raise UnusableAnswerError("is cut off or is not JSON in UTF-8", is_transient=True) from None


_DECODER = json.JSONDecoder(object_pairs_hook=unique_names)
