# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""A request to the SCIM API, and what comes back: a response, and if it is a success, an answer. Values."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from .._errors import BadOptionError, EightByEightError, History
from .limits import UnusableAnswerError

#: Characters of an id; 8x8's have 22 (fact sheet 1.10). It must fit into a URL with others of its kind.
_MAX_ID_LENGTH = 1024


def user_path(user_id: str, users: str = "/Users") -> str:
    """Return the path of a user.

    :param users: The path of all of them.
    :raises BadOptionError: When it cannot be the id of one.
    """
    # One or two dots would be taken for a folder on the way; a lone surrogate has no UTF-8 form.
    if user_id.strip() in ("", ".", "..") or len(user_id) > _MAX_ID_LENGTH or re.search(r"[\ud800-\udfff]", user_id):
        raise BadOptionError("user_id must be the id of a user.")
    return f"{users}/{quote(user_id, safe='')}"


class Request(NamedTuple):
    """What is asked of the server.

    :param method: The HTTP verb.
    :param path: The path below the SCIM base URL.
    :param params: What follows the question mark.
    :param body: What is written.
    :param version: The version of the user that is written, where the server gave one: If-Match (RFC 7644 section 3.14).
    """

    method: str
    path: str
    params: Mapping[str, Any] | None = None
    body: Mapping[str, Any] | None = None
    version: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def error(
        self,
        message: str,
        kind: str = "",
        family: type[EightByEightError] = EightByEightError,
        *,
        in_doubt: bool = False,
        **more: Any,
    ) -> EightByEightError:
        """Return the error of this request.

        :param in_doubt: Whether it may have been carried out despite the error; that matters where it writes.
        """
        history = History(in_doubt=in_doubt and self.writes)
        return family(message, kind=kind, method=self.method, path=self.path, history=history, **more)

    @property
    def writes(self) -> bool:
        """Whether it can change anything."""
        return self.method != "GET"

    @property
    def query(self) -> str:
        """The parameters as a part of the address."""
        query = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in (self.params or {}).items())
        return f"?{query}" if query else ""

    def encoded_body(self) -> str | None:
        """Return the body as JSON.

        :raises EightByEightError: When there is no JSON for it.
        """
        try:
            return None if self.body is None else json.dumps(self.body, allow_nan=False)
        except (ValueError, RecursionError):
            # A PUT sends back all that 8x8 sent (law 3), and 8x8 sent something that JSON cannot express.
            raise self.error(
                f"{self} cannot be sent, because 8x8 holds something of this user that JSON cannot carry: an "
                "infinite number, or too many levels. Nothing was changed. Correct the user in Admin Console.",
                kind="bad_answer",
            ) from None


#: What asks for a page of a listing, as errors name it.
LIST = Request("GET", "/Users")


class Response(NamedTuple):
    """What came back.

    :param content: The body, unpacked, as far as it could be read.
    :param flaw: Why it could not be read, or None.
    :param seconds: How long it took.
    :param data: The body as JSON; None where there is none, or it cannot be read.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    flaw: UnusableAnswerError | None
    seconds: float
    data: Any = None

    @property
    def html(self) -> bool:
        """Whether the body is a web page."""
        page = self.content[:100].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
        return self.flaw is not None and (page or "text/html" in self.headers.get("Content-Type", "").lower())


class Answer(NamedTuple):
    """A successful answer.

    :param data: The JSON object, or None where there was no body.
    :param seconds: How long it took.
    :param memory: About how many bytes its data takes, see :func:`limits.memory_of`.
    :param request: What it answers.
    :param etag: The version of what it holds, where a header gave one (RFC 7644 section 3.14).
    :param next_after: Seconds before which no further request is taken, where a header says that this was the last one.
    """

    request: Request
    status: int
    data: dict[str, Any] | None
    seconds: float = 0.0
    memory: int = 0
    etag: str | None = None
    next_after: float = 0.0

    def check_id(self, asked: str, answered: str) -> None:
        """Refuse the answer about another user than the one who was asked for.

        :raises EightByEightError: ``bad_answer``.
        """
        if answered != asked:
            raise self.request.error(
                f"8x8 was asked for the user {asked}, and answered with {answered}: something in between mixes answers up. "
                "Nothing was changed.",
                "bad_answer",
                status=self.status,
            )
