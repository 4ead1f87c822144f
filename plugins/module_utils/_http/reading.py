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
from .request import Answer, Request, Response
from .retry import next_after


def read(response: Response, request: Request, connection: Connection, clock: Clock) -> Answer:
    """Return the answer that a response is.

    :raises EightByEightError: When it is none.
    """
    memory = memory_of(response.content)
    if response.flaw is None:
        try:
            response = response._replace(data=parse(response.content, memory))
        except UnusableAnswerError as flaw:
            response = response._replace(flaw=flaw)
    data = response.data
    whole = response.flaw is None and (isinstance(data, dict) if data is not None else request.writes)
    if not (200 <= response.status < 300 and whole) or is_failure(data or {}):
        from .failures import failure_of  # noqa: PLC0415 - seldom needed

        raise failure_of(response, request, connection, clock)
    if data is not None and request.writes:
        try:
            data = spelled_user(data, connection.extension_urn)
        except EightByEightError:
            data = None  # It was accepted; its outcome is read from the server.
    etag, wait = response.headers.get("ETag"), next_after(response.headers, clock)
    return Answer(request, response.status, data, response.seconds, memory, etag, wait)
