# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What the calls of one loop to one tenant share: connections, the pace, and what was learned about the server.

It holds no token. The token is only put into the header of each request: it is never sent through a proxy to this machine, and
never to the target of a redirect.
"""

from __future__ import annotations

import threading
import warnings
from typing import TYPE_CHECKING, NamedTuple

from . import transport
from .connection import Connection
from .limits import MAX_PAGE_ENTRIES
from .paging import Totals
from .refusals import RUN_TOKEN_ERRORS, Refusals
from .request import Request

if TYPE_CHECKING:
    from .pacing import Pace


class RequestForm(NamedTuple):
    """The form in which requests are sent. Servers differ in what they accept.

    :param json: As application/json.
    :param any_version: With If-Match for any version, where none is known.
    """

    json: bool = False
    any_version: bool = False

    def headers(self, request: Request) -> dict[str, str]:
        """Return the headers by which a request has this form."""
        headers = {}
        if request.version is not None or (self.any_version and _changes_a_user(request)):
            headers["If-Match"] = request.version or "*"
        if request.body is not None:
            # 8x8 documents neither. RFC 7644 section 3.8 wants the second, 8x8's known clients send the first.
            headers["Content-Type"] = "application/json" if self.json else "application/scim+json"
        return headers

    def alternative(self, request: Request, status: int | None, content_type: str) -> RequestForm | None:
        """Return the form to try after a refusal, which carries out nothing; None where there is no other.

        :param status: The status of the refusal: 415 is about the content type, 428 asks for a version, and so does 412 where
            none was given.
        :param content_type: The option.
        """
        if status == 415 and request.body is not None and not self.json and content_type == "auto":
            return self._replace(json=True)
        wants_a_version = status == 428 or (status == 412 and request.method != "PUT")
        if wants_a_version and _changes_a_user(request) and request.version is None and not self.any_version:
            return self._replace(any_version=True)
        return None


def _changes_a_user(request: Request) -> bool:
    return request.method in ("PUT", "PATCH", "DELETE")


class HttpSession:
    """What the calls of one loop to one tenant share.

    :param pace: When each of several clients may send; None for one client.
    """

    def __init__(self, pace: Pace | None = None) -> None:
        self.http = transport.new_session()
        self.http.headers.clear()  # each request brings its own
        #: Whether the server has ever answered.
        self.has_answered = False
        self.pace = pace
        #: What is known about the totals of its listings.
        self.totals = Totals()
        #: The most users that it lets a page be asked for: fewer where it refused more.
        self.max_page_size = MAX_PAGE_ENTRIES
        #: Whether it refused the version that it had given itself, so that none is sent any more.
        self.versions_refused = False
        #: Whether it refused a PATCH that names the attribute in its value, and took one that names it in ``path``.
        self.patch_by_path = False
        #: The form that it took after it had refused another one.
        self.form = RequestForm()
        #: How many requests were sent, by verb.
        self.sent: dict[str, int] = {}
        #: Whether requests write -> seconds that they waited before a repeat, since the last success. Not used with a pace.
        self.waited = {True: 0.0, False: 0.0}
        #: Whether the token is refused for good. Outside of a run and a loop, each call finds that out by itself.
        self.refusals = Refusals(() if pace is None else RUN_TOKEN_ERRORS)
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def prepare(self, connection: Connection) -> None:
        """Set what all requests to a tenant have in common."""
        if connection.verify is False:
            # The user's decision; urllib3 would repeat its warning for every request.
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")
        # Loopback: a proxy from the environment would take the token off this machine unencrypted.
        self.http.trust_env = not connection.base_url.startswith("http:")

    def count(self, request: Request) -> None:
        """Count a request that is sent."""
        with self._lock:
            self.sent[request.method] = self.sent.get(request.method, 0) + 1
