# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What a response says: an answer, or the error that it is. Pure."""

from __future__ import annotations

from .._base.clock import Clock
from .._errors import EightByEightError
from .._resource.answers import is_failure
from .._resource.spelling import spelled_user
from .connection import Connection
from .limits import UnusableAnswerError, memory_of, parse
from .request import Answer, Body, Request, Response
from .retry import next_after


def read(response: Response, request: Request, connection: Connection, clock: Clock) -> Answer:
    """Return the answer that a response is.

    :raises EightByEightError: When it is none.
    """
    memory = memory_of(response.content)
    body = _body(response, memory)
    data = body.data
    whole = body.flaw is None and (isinstance(data, dict) if data is not None else request.writes)
    if not (200 <= response.status < 300 and whole) or is_failure(data or {}):
        from .failures import failure_of  # noqa: PLC0415 - seldom needed

        raise failure_of(response, body, request, connection, clock)
    if data is not None and request.writes:
        try:
            data = spelled_user(data, connection.extension_urn)
        except EightByEightError:
            data = None  # It was accepted; its outcome is read from the server.
    etag, wait = response.headers.get("ETag"), next_after(response.headers, clock)
    return Answer(request, response.status, data, response.seconds, memory, etag, wait)


def _body(response: Response, memory: int) -> Body:
    data, flaw = None, response.flaw
    if flaw is None:
        try:
            data = parse(response.content, memory)
        except UnusableAnswerError as error:
            flaw = error
    page = response.content[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    named = "text/html" in response.headers.get("Content-Type", "").lower()
    return Body(data, flaw, flaw is not None and (page or named))
