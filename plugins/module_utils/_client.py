# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The SCIM client: one session, authentication, timeouts, retries and paging.

It speaks the six operations that 8x8 documents (fact sheet 2.1) and knows nothing of Ansible or of plans.

**Retries.** GET, PUT, PATCH and DELETE can be repeated without harm, so they are, as long as the retry budget lasts, after
429, 5xx (a 500 can be a rate limit in disguise), a lost connection, a timeout or a garbled answer. The pause is what the
server asks for (``Retry-After`` in seconds or as a date, else ``x-ratelimit-reset``), else 1, 2, 4 ... 30 seconds with
jitter. POST is never repeated here: the caller looks first whether the user has come into being.

**The token** goes only to https or to a loopback address, never through a proxy for the latter, never to the target of a
redirect, and is struck out of everything that the server says before an error carries it.

**Limits.** A server can make a client hold so many bytes and wait so many seconds, and no more: :mod:`_http.wire` has those
of one answer, and those of a listing of many answers are here.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import ssl
import threading
import traceback
import warnings
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlsplit

try:
    import requests
    import urllib3
except ImportError:
    HAS_REQUESTS = False
    REQUESTS_VERSION: str | None = None
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    HAS_REQUESTS = True
    REQUESTS_VERSION = requests.__version__
    REQUESTS_IMPORT_ERROR = None

from ._base.clock import Clock
from ._base.console import CONSOLE_SCIM
from ._base.text import SHORTEST_SECRET, redact, server_said
from ._errors import (
    BadOptionError,
    ConflictError,
    EightByEightError,
    NotFoundError,
    RefusedError,
    TransientError,
    VersionConflictError,
    from_answer,
)
from ._find.lookup import filter_works, look_up, prove_filter
from ._find.state import USELESS, LookupState
from ._http import wire
from ._http.paging import (
    MOST_ASKED,
    MOST_ENTRIES,
    PAGE_SIZE,
    REFUSES_THE_NUMBER,
    TAKES_TOO_LONG,
    Listing,
    Page,
    Totals,
    walk,
    walk_together,
)
from ._http.retry import RetryBudget, retry_after
from ._resource.answers import ErrorMessage, is_about, is_failure, list_query, login_name_in, read_error, read_list
from ._resource.names import DEFAULT_EXTENSION_URN
from ._resource.payload import patch_body
from ._resource.spelling import spelled_user
from ._resource.user import User

if TYPE_CHECKING:
    from ._http.pace import Pace

#: Where 8x8 serves SCIM today (fact sheet 1.1). Only used to build a URL from a customer id; a given URL is taken as is.
BASE_URL = "https://platform-cloud.8x8.com/udi/customers/{customer_id}/scim/v2"

#: RFC 7644 section 3.8; a public client shows that 8x8 also takes application/json (fact sheet 1.14).
ACCEPT = "application/scim+json, application/json"
#: By the option content_type: 8x8 documents neither. RFC 7644 section 3.8 wants the first, 8x8's known clients send the second.
CONTENT_TYPES = {"scim": "application/scim+json", "json": "application/json"}
USER_AGENT = "ansible-collection eightbyeight.scim"

#: A day. What is longer was meant otherwise, and at some point the system cannot wait that long.
_MOST_SECONDS = 86_400


#: What an entry takes beside what it was made of, as a user or as the error in its place.
_ENTRY = 2000
#: How often a request that shares its pace with others is refused for free. The pace slows down long before.
_SHARED_REPEATS = 20

#: Characters of what a server says went wrong, as far as a message repeats it.
_LONGEST_DETAIL = 300

#: Characters of an id; 8x8's have 22 (fact sheet 1.10). It must fit into a URL with others of its kind.
_LONGEST_ID = 1024


class Connection(NamedTuple):
    """Everything that defines a connection to one tenant.

    :param base_url: The SCIM base URL, without a slash at its end.
    :param token: The static bearer token.
    :param verify: Whether to check certificates, or the CA bundle to check them with.
    :param timeout: Seconds to wait for a connection, and for each part of an answer.
    :param retry_budget: Seconds in all that may go into waiting for a server in trouble.
    :param extension_urn: URN of the 8x8 extension (fact sheet K1).
    :param content_type: ``scim``, ``json``, or ``auto``: the first, and the second where that is refused.
    :param page_size: How many users a page of a listing is asked for.
    """

    base_url: str
    token: str
    verify: bool | str = True
    timeout: float = 30.0
    retry_budget: float = 120.0
    extension_urn: str = DEFAULT_EXTENSION_URN
    content_type: str = "auto"
    page_size: int = MOST_ASKED

    def __repr__(self) -> str:
        return f"Connection({self.base_url!r})"

    def redact(self, text: str) -> str:
        """Strike the token out of a text."""
        return redact(text, self.token)

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Connection:
        """Check the connection options of a module and build the connection from them.

        :raises BadOptionError: When one cannot be right. Nothing has been sent then.
        """
        _check_given(options)
        token = _token(options.get("api_token"))
        check_elsewhere(options, token)
        timeout, budget = float(options["timeout"]), float(options["retry_budget"])
        if not 0 < timeout <= _MOST_SECONDS:
            raise BadOptionError(
                f"timeout must be a number of seconds above 0, and at most {_MOST_SECONDS}, not {timeout:g}."
            )
        if not 0 <= budget <= _MOST_SECONDS:
            raise BadOptionError(
                f"retry_budget must be a number of seconds, from 0 to {_MOST_SECONDS}, not {budget:g}."
            )
        verify: bool | str = bool(options["validate_certs"])
        ca_path = options.get("ca_path")
        if ca_path:
            if not os.path.exists(ca_path):
                raise BadOptionError(f"ca_path: there is no file or folder {ca_path}.")
            verify = ca_path if verify else False
        urn = (options.get("extension_urn") or "").strip()
        if not urn.lower().startswith("urn:"):
            raise BadOptionError(f"extension_urn must be a URN such as {DEFAULT_EXTENSION_URN}.")
        page_size = int(options.get("page_size") or MOST_ASKED)
        if not 1 <= page_size <= MOST_ENTRIES:
            raise BadOptionError(f"page_size must be a number of users from 1 to {MOST_ENTRIES}, not {page_size}.")
        return cls(
            base_url=_base_url(options.get("api_url"), options.get("customer_id")),
            token=token,
            verify=verify,
            timeout=timeout,
            retry_budget=budget,
            extension_urn=urn,
            content_type=options.get("content_type") or "auto",
            page_size=page_size,
        )


def _check_given(options: Mapping[str, Any]) -> None:
    """Name all that is missing at once; each alone is named where it is read."""
    if not any(str(options.get(name) or "").strip() for name in ("api_url", "customer_id", "api_token")):
        raise BadOptionError(
            "api_url and api_token are missing or empty: give them (or customer_id for api_url), or set EIGHTBYEIGHT_API_URL "
            f"and EIGHTBYEIGHT_API_TOKEN. Copy '8x8 URL' and '8x8 API Token' from {CONSOLE_SCIM}."
        )


def _token(given: Any) -> str:
    # Never show the value, not even a part of it: this message is not scrubbed everywhere it may go.
    token = str(given or "").strip()
    if not token:
        raise BadOptionError(
            f"api_token is missing or empty: give it, or set EIGHTBYEIGHT_API_TOKEN. Copy '8x8 API Token' from {CONSOLE_SCIM}."
        )
    if not re.fullmatch(r"[\x21-\x7e]+", token):
        raise BadOptionError(
            "api_token contains white space or characters that no token has. Paste the token alone, without the word "
            "Bearer and without line breaks."
        )
    return token


def _flaw_of_bundle(verify: bool | str) -> str | None:
    """Say why a CA bundle cannot be read; without it, each connection fails as if the server were not to be trusted."""
    if isinstance(verify, bool) or not os.path.isfile(verify):
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=verify)
    except OSError as error:  # an SSLError is one
        return str(error.strerror or error)
    return None


def check_elsewhere(options: Mapping[str, Any], token: str) -> None:
    """Refuse a token that was also given where it would be shown, logged or sent as something else."""
    place = None if len(token) < SHORTEST_SECRET else _found(token, {**options, "api_token": None})
    if place:
        raise BadOptionError(f"The API token stands in {place}, where others would see it. Give it in api_token alone.")


def _found(token: str, value: Any, depth: int = 5) -> str | None:
    """Return where in a value a text is, in words, or None. No option is deeper than that; YAML may be without end."""
    if isinstance(value, str):
        return "" if token in value else None
    if not depth:
        return None
    parts: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, Mapping):
        parts = value.items()
    elif isinstance(value, (list, tuple)):
        parts = enumerate(value, start=1)
    for name, part in parts:
        if isinstance(name, str) and token in name:
            return "a key"
        place = _found(token, part, depth - 1)
        if place is not None:
            return f"{name}, {place}" if place else str(name)
    return None


def _base_url(api_url: str | None, customer_id: str | None) -> str:
    hint = f"Copy '8x8 URL' from {CONSOLE_SCIM}."
    if not api_url:
        customer_id = (customer_id or "").strip()
        if not customer_id:
            raise BadOptionError(
                f"api_url is missing: give it, or customer_id, or set EIGHTBYEIGHT_API_URL or EIGHTBYEIGHT_CUSTOMER_ID. {hint}"
            )
        if not re.fullmatch(r"[A-Za-z0-9_-]+", customer_id):
            raise BadOptionError(f"customer_id must consist of letters and digits, or give api_url instead. {hint}")
        return BASE_URL.format(customer_id=customer_id)
    url = api_url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise BadOptionError(f"api_url is not a URL. {hint}") from None
    if parts.username or parts.password or "@" in parts.netloc:
        raise BadOptionError(f"api_url must not contain a user name or password; the token goes into api_token. {hint}")
    if parts.scheme not in ("http", "https") or not host or re.search(r"\s", url):
        raise BadOptionError(f"api_url must be a whole URL that starts with https://. {hint}")
    if parts.query or parts.fragment:
        raise BadOptionError(f"api_url must end before any ? or #. {hint}")
    if parts.path.rsplit("/", 1)[-1].lower() == "users":
        raise BadOptionError(f"api_url must be the SCIM base URL, without /{parts.path.rsplit('/', 1)[-1]} at its end.")
    url = f"{parts.scheme}{url[len(parts.scheme) :]}"  # urlsplit has made it lower case
    named = re.search(r"/customers/([^/]+)/", parts.path)
    if customer_id and named and named[1] != customer_id.strip():
        # One of them may come from the environment, forgotten, and name the wrong tenant.
        raise BadOptionError(
            f"customer_id is {customer_id.strip()}, and api_url names the customer {named[1]}. Give only one of them, or the "
            "same customer in both; look at EIGHTBYEIGHT_API_URL and EIGHTBYEIGHT_CUSTOMER_ID in the environment too."
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise BadOptionError(
            f"api_url must start with https://: the API token is never sent in the clear, except to this machine. {hint}"
        )
    return url


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Answer(NamedTuple):
    """A successful answer.

    :param data: The JSON object, or None where there was no body.
    :param seconds: How long it took.
    :param weight: About how many bytes its data takes, see :func:`wire.weight`.
    :param method: The HTTP verb of the request that it answers.
    :param path: Its path below the SCIM base URL.
    :param etag: The version of what it holds, where a header told it (RFC 7644 section 3.14).
    """

    status: int
    data: dict[str, Any] | None
    seconds: float
    weight: int = 0
    method: str = ""
    path: str = ""
    etag: str | None = None


class Session:
    """What the calls of one loop to one tenant share. Knows where, never who: it holds no token.

    :param http: The session of ``requests``, with its connections.
    :param pace: Where several clients work side by side, when each may send.
    """

    def __init__(self, http: requests.Session | None = None, pace: Pace | None = None) -> None:
        self.http = http if http is not None else wire.new_session()
        self.pace = pace
        #: Whether the server has ever answered.
        self.answered = False
        #: What is known about looking people up.
        self.lookups = LookupState()
        #: What is known about the totals of its listings.
        self.totals = Totals()
        #: Whether it refused a write without If-Match.
        self.demands_version = False
        #: The most users that it lets a page be asked for, where it refused more.
        self.most_asked: int | None = None
        #: Whether it refused application/scim+json, and took application/json.
        self.sends_json = False
        #: Whether it refused the version that it had given itself, so that none is sent any more.
        self.versions_refused = False
        #: Whether it refused a PATCH that names the attribute in its value, and took one that names it in ``path``.
        self.patch_by_path = False
        #: How many requests were sent, by verb.
        self.sent: dict[str, int] = {}
        self._lock = threading.Lock()

    def count(self, method: str) -> None:
        """Take note of a request."""
        with self._lock:
            self.sent[method] = self.sent.get(method, 0) + 1


class ScimClient:
    """A client of one tenant, for one call.

    :param connection: Where and how.
    :param clock: Time; tests bring their own.
    :param session: A session to use, and to leave open; by default a new one.
    """

    def __init__(self, connection: Connection, *, clock: Clock | None = None, session: Session | None = None) -> None:
        self.connection = connection
        self.clock = clock or Clock()
        self._borrowed = session is not None
        self._session = session or Session()
        if self._session.pace is not None:
            self.clock = self.clock._replace(sleep=self._session.pace.sleep)
        self.budget = RetryBudget(connection.retry_budget, self.clock)
        http = self._session.http
        headers = {"User-Agent": USER_AGENT, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"}
        if dict(http.headers) != headers:
            # Others may be sending on the session; they have set the same.
            http.headers.clear()
            http.headers.update(headers)
        if connection.verify is False:
            # The user's decision; urllib3 would repeat its warning for every request.
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")
        # Loopback: a proxy from the environment would carry the token off the machine in the clear.
        http.trust_env = not connection.base_url.startswith("http:")

    def close(self) -> None:
        """Close the connections, where they are this client's own."""
        if not self._borrowed:
            self._session.http.close()

    def __enter__(self) -> ScimClient:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    # -- The six operations ---------------------------------------------------

    def get_user(self, user_id: str) -> User:
        """Read one user by id (RFC 7644 section 3.4.1).

        :raises NotFoundError: When there is none.
        """
        try:
            answer = self.request("GET", _user_path(user_id))
        except NotFoundError:
            # A wrong customer is a 404 too. Only a tenant that answers can say that a user does not exist.
            self.page_at(1, None, 1)
            self._session.lookups.is_gone(user_id)
            raise
        user = User(answer.data or {}, self.connection.extension_urn, answer.etag)
        if user.id != user_id:
            raise EightByEightError(
                f"8x8 was asked for the user with the id {user_id}, and answered with {user.id}: something in between mixes "
                "answers up. Nothing was changed.",
                kind="bad_answer",
                status=answer.status,
                method="GET",
                path=_user_path(user_id),
            )
        self._session.lookups.was_found(user)
        return user

    def find_user(self, user_name: str, *, by_listing: bool = False) -> tuple[User | None, bool]:
        """Look a user up by login name, without case, as :mod:`_find.lookup` does.

        :param by_listing: Look in the listing of everybody too where the filter shows nobody.
        :returns: The user or None, and whether a None is proven.
        :raises EightByEightError: When two different users answer to the name (kind ``ambiguous``).
        """
        user, proven = look_up(self, self._session.lookups, self.clock.steady, user_name, by_listing=by_listing)
        if user is not None:
            self._session.lookups.was_found(user)
        return user, proven

    def filter_works(self) -> bool | None:
        """Say whether the filter by login name can be relied on; None where nobody is seen who could prove it."""
        return filter_works(self, self._session.lookups, self.clock.steady)

    @property
    def filter_refused(self) -> bool:
        """Whether the filter by login name is refused, ignored or wrong, so that a look-up means reading everybody."""
        return self._session.lookups.filter == USELESS

    @property
    def listing_disproved(self) -> bool:
        """Whether somebody was found by name or id who is not in the last listing of everybody, although that added up."""
        return self._session.lookups.disproved

    @property
    def shown(self) -> AbstractSet[str]:
        """Attributes that look-ups on this session have shown of somebody."""
        return self._session.lookups.shown

    @property
    def shows_whole(self) -> bool:
        """Whether listings and searches are known to show users as whole as their own addresses do."""
        return self._session.lookups.shows_whole

    def compared(self, shown: User, own: User) -> None:
        """Take note of what a user's own address shows beyond a listing or a search, see :class:`LookupState`."""
        self._session.lookups.compared(shown, own)

    @property
    def sent(self) -> dict[str, int]:
        """How many requests were sent on this session, by verb."""
        return self._session.sent

    @property
    def held_for(self) -> float:
        """Seconds until anything goes out again, because the server asked for a pause."""
        return self._session.pace.held_for if self._session.pace is not None else 0.0

    def interrupt(self) -> None:
        """Let nobody on this session wait any longer, and send nothing any more."""
        if self._session.pace is not None:
            self._session.pace.stop()

    def filter_is_proven(self) -> bool:
        """Say whether an empty answer of the filter by login name can be believed; the first time by asking for somebody."""
        return prove_filter(self, self._session.lookups, self.clock.steady)

    def first_page(self) -> Page:
        """Read the first page of everybody. Its users serve to prove the filter."""
        page = self.page_at(1)
        self._session.lookups.saw(page.users)
        self._session.totals.saw_first(page)
        return page

    def list_users(
        self,
        expression: str | None = None,
        *,
        workers: int = 1,
        first: Page | None = None,
        believe_total: bool = False,
    ) -> Listing:
        """Read every user, or every user that a filter matches, over all pages.

        :param first: The first page, where it was read just now.
        :param workers: How many pages may be read at a time, once the first one has told how many there are. Where these do
            not add up, everything is read again, page after page.
        :param believe_total: Whether to believe a total that nothing has proven or refuted yet.
        :raises RefusedError: When the server refuses the filter.
        """
        count, totals, everybody = self.page_size, self._session.totals, expression is None
        if believe_total and totals.honest is None:
            totals = Totals(honest=True)
        read = [] if first is None else [first]

        def fetch(start: int, *, patient: bool = True) -> Page:
            if start == 1 and read:
                return read.pop()
            return self.page_at(start, expression, count, patient=patient)

        if workers > 1:
            listing = Listing.of(
                walk_together(fetch, count, totals, everybody=everybody, workers=workers, stop=self.interrupt)
            )
            if listing.complete:
                return self._listed(listing, expression)
        return self._listed(Listing.of(list(walk(fetch, count, totals, everybody=everybody))), expression)

    def _listed(self, listing: Listing, expression: str | None) -> Listing:
        return listing if expression is not None else self._session.lookups.judged(listing)

    def create_user(self, body: Mapping[str, Any]) -> Answer:
        """Create a user (RFC 7644 section 3.3). Sent once, whatever happens.

        :raises TransientError: When there is no telling whether the user came into being.
        """
        try:
            answer = self._about(self._send("POST", "/Users", body=body), None, body.get("userName"))
        except (ConflictError, RefusedError):
            raise
        except EightByEightError:
            self._session.lookups.was_created(None)
            raise
        self._session.lookups.was_created(answer.data)
        return answer

    def replace_user(self, user_id: str, body: Mapping[str, Any], version: str | None) -> Answer:
        """Replace a user (RFC 7644 section 3.5.1), only if unchanged where the server gave a version (section 3.14).

        :raises VersionConflictError: When the user has changed since it was read.
        """
        path = _user_path(user_id)
        # A version that no header can carry protects nothing, and must not stop the update.
        sendable = bool(version and re.fullmatch(r"[!-~]([ -~]*[!-~])?", version))
        headers = {"If-Match": str(version)} if sendable and not self._session.versions_refused else None
        return self._about(self.request("PUT", path, body=body, headers=headers), user_id, body.get("userName"))

    def stop_sending_versions(self) -> None:
        """Send no If-Match any more on this session: the server does not match the versions that it gives itself."""
        self._session.versions_refused = True

    def set_active(self, user_id: str, active: bool) -> Answer:
        """Activate or deactivate a user by PATCH, the one thing that PATCH does at 8x8 (fact sheet 2.8).

        The form without ``path`` is the one that 8x8 is known to take (2.9). Whether it takes the other is not known (11.8), so
        where a refusal speaks of the path, that is tried once: what is refused is not applied (RFC 7644 section 3.5.2).

        :raises NotSupportedError: When the server has no PATCH.
        """
        path, by_path = _user_path(user_id), self._session.patch_by_path
        try:
            return self._about(self.request("PATCH", path, body=patch_body(active, by_path=by_path)), user_id, None)
        except RefusedError as refusal:
            words = (refusal.detail or "").lower()
            if by_path or not (refusal.scim_type in ("invalidPath", "noTarget") or re.search(r"\bpath\b", words)):
                raise
            lost = refusal.in_doubt
        try:
            answer = self._about(self.request("PATCH", path, body=patch_body(active, by_path=True)), user_id, None)
        except EightByEightError as error:
            error.in_doubt = error.in_doubt or lost
            raise
        self._session.patch_by_path = True
        return answer

    def delete_user(self, user_id: str) -> Answer:
        """Send a DELETE, which at 8x8 deactivates (fact sheet 2.3)."""
        return self.request("DELETE", _user_path(user_id))

    def _about(self, answer: Answer, user_id: str | None, user_name: Any) -> Answer:
        """Return the answer to a write, where it is about the user who was written, or has no body.

        :raises EightByEightError: When its body is something else (kind ``bad_answer``, in doubt): only looking tells.
        """
        if answer.data is None or is_about(answer.data, user_id, user_name):
            return answer
        detail = self._detail(answer.data)
        raise self._unclear(
            f"{answer.method} {answer.path} answered {answer.status} with something that is not this user. See what answers at "
            f"api_url.{server_said(detail)}",
            {"status": answer.status, "method": answer.method, "path": answer.path, "detail": detail},
            kind="bad_answer",
        )

    # -- Below ------------------------------------------------------------------

    def pages(self, expression: str | None = None, count: int | None = None, *, patient: bool = True) -> Iterator[Page]:
        """Read a listing page by page, and believe its total, as those do who look for somebody; see :func:`paging.walk`.

        :param patient: As for :meth:`request`.
        """
        size, waits = count or self.page_size, patient

        def fetch(start: int, *, patient: bool = True) -> Page:
            return self.page_at(start, expression, size, patient=patient and waits)

        return walk(fetch, size, Totals(honest=True))

    def page_at(
        self, start: int, expression: str | None = None, count: int | None = None, *, patient: bool = True
    ) -> Page:
        """Read one page of a listing.

        :param start: Its first user, counted from 1.
        :param count: How many to ask for; by default a whole page.
        :param patient: As for :meth:`request`.
        """
        size = min(count or self.page_size, self._session.most_asked or MOST_ENTRIES)
        # Other pages begin where those of this size end, so only the first one may become smaller.
        may_shrink = size > PAGE_SIZE and start == 1
        try:
            return self._page_of(start, expression, size, patient=patient and not may_shrink)
        except EightByEightError as refusal:
            status = refusal.status or 0
            if size <= PAGE_SIZE or not (status in REFUSES_THE_NUMBER or (may_shrink and status >= 500)):
                raise
        page = self._page_of(start, expression, PAGE_SIZE, patient=patient)
        if status in REFUSES_THE_NUMBER or status == TAKES_TOO_LONG:
            self._session.most_asked = PAGE_SIZE
        return page

    @property
    def page_size(self) -> int:
        """How many users a page of a listing is asked for."""
        return min(self.connection.page_size, self._session.most_asked or MOST_ENTRIES)

    def _page_of(self, start: int, expression: str | None, count: int, *, patient: bool) -> Page:
        params = list_query(start, count, expression)
        return self._page(self.request("GET", "/Users", params=params, patient=patient), first=start == 1)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        patient: bool = True,
    ) -> Answer:
        """Send a request that may be repeated, and repeat it while the retry budget lasts.

        :param patient: Whether to wait for a server that answers with trouble more than once.
        :raises EightByEightError: One of the family, see :mod:`_errors`.
        """
        repeats = 0
        in_doubt = False
        while True:
            try:
                try:
                    return self._send(method, path, params=params, body=body, headers=headers)
                except TransientError as failure:
                    # A request that came too often (429) was not carried out.
                    in_doubt = in_doubt or (method != "GET" and failure.status != 429)
                    if repeats and not patient and (failure.status or 0) >= 500:
                        raise
                    self.pause(failure, repeats)
                    repeats += 1
            except EightByEightError as error:
                error.in_doubt = error.in_doubt or in_doubt
                if isinstance(error, VersionConflictError):
                    error.repeated = repeats > 0
                raise

    def pause(self, failure: TransientError, repeats: int) -> None:
        """Wait before a request is sent again, as :meth:`RetryBudget.wait` says.

        Where several clients share a pace, it holds all of them after a 429. That costs nobody's budget, unless the server
        takes nothing at all for so long, or takes everything but this.
        """
        pace = self._session.pace
        shared = False
        if pace is not None and failure.status is not None:
            silence = pace.silent_for if failure.method == "GET" else max(pace.silent_for, pace.writes_refused_for)
            shared = failure.status == 429 and silence + pace.held_for <= self.budget.total
            if silence > self.budget.total:
                # It has taken nothing for as long as the budget allows; no row begins to wait for it anew.
                self.budget.left = 0.0
        if not shared or repeats >= _SHARED_REPEATS:
            self.budget.wait(failure, repeats)

    def _page(self, answer: Answer, *, first: bool) -> Page:
        found = read_list(answer.data, first=first)
        if found is None:
            detail = self._detail(answer.data)
            raise EightByEightError(
                "8x8 answered a listing with something that is no SCIM list. See what answers at api_url."
                f"{server_said(detail)}",
                kind="bad_answer",
                status=answer.status,
                detail=detail,
                method="GET",
                path="/Users",
            )
        entries = found.entries
        if len(entries) > MOST_ENTRIES:
            raise EightByEightError(
                f"8x8 answered with a page of {len(entries)} users, and {MOST_ENTRIES} are the most that is taken. "
                "See what answers at api_url.",
                kind="too_large",
                status=answer.status,
                method="GET",
                path="/Users",
            )
        users: list[User] = []
        unreadable: list[tuple[str, EightByEightError]] = []
        for entry in entries:
            raw = entry if isinstance(entry, Mapping) else {}
            try:
                users.append(User(raw, self.connection.extension_urn))
            except EightByEightError as error:
                if error.kind == "missing_library":
                    raise
                # One user that cannot be read does not hide the others (law 10); the list then does not add up.
                unreadable.append((login_name_in(raw), error))
        return Page(
            users=users,
            unreadable=unreadable,
            announced=found.total,
            received=len(entries),
            seconds=answer.seconds,
            weight=answer.weight + _ENTRY * len(entries),
            per_page=found.per_page,
        )

    def _authenticate(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        prepared.headers["Authorization"] = f"Bearer {self.connection.token}"
        return prepared

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; once more with any version where it is refused for want of one (428), which carries out nothing."""
        given = dict(headers or {})
        changes = method in ("PUT", "PATCH", "DELETE")
        if changes and self._session.demands_version:
            given.setdefault("If-Match", "*")
        try:
            return self._send_typed(method, path, params=params, body=body, headers=given)
        except EightByEightError as refusal:
            if refusal.status != 428 or not changes or "If-Match" in given:
                raise
        answer = self._send_typed(method, path, params=params, body=body, headers={**given, "If-Match": "*"})
        self._session.demands_version = True
        return answer

    def _send_typed(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
    ) -> Answer:
        """Send one request; once more as application/json where its content type is refused (415), which carries out nothing."""
        wish = self.connection.content_type
        as_json = wish == "json" or (wish == "auto" and self._session.sends_json)
        try:
            return self._send_once(method, path, params=params, body=body, headers=headers, as_json=as_json)
        except EightByEightError as refusal:
            if refusal.status != 415 or body is None or as_json or wish != "auto":
                raise
        try:
            answer = self._send_once(method, path, params=params, body=body, headers=headers, as_json=True)
        except EightByEightError as refusal:
            # Refused for another reason than its content type, such as its version (412), so this type is the right one.
            self._session.sends_json = 400 <= (refusal.status or 0) < 500 and refusal.status not in (415, 429)
            raise
        self._session.sends_json = True
        return answer

    def _send_once(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
        as_json: bool,
    ) -> Answer:
        """Send one request, once, when its turn has come."""
        pace = self._session.pace
        ticket = pace.wait() if pace is not None else 0
        began = self.clock.steady()
        status: int | None = None
        retry_after: float | None = None
        try:
            content = {} if body is None else {"Content-Type": CONTENT_TYPES["json" if as_json else "scim"]}
            answer = self._exchange(method, path, params=params, body=body, headers={**headers, **content})
            status = answer.status
        except EightByEightError as failure:
            status = failure.status
            if isinstance(failure, TransientError):
                failure.seconds = self.clock.steady() - began
                retry_after = failure.retry_after
            # Further down are the request and the answer, and in these the token: whatever shows an error with all that hangs
            # on it must not come there.
            failure.__context__ = None
            raise failure.with_traceback(None)  # noqa: B904 - it is the same
        finally:
            if pace is not None:
                if status is None:
                    pace.lost()
                elif status == 429:
                    pace.limited(ticket, retry_after, write=method != "GET")
                elif status >= 500:
                    pace.troubled(ticket, retry_after, write=method != "GET")
                else:
                    pace.answered(ticket, write=method != "GET")
        return answer

    def _exchange(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
        headers: Mapping[str, str],
    ) -> Answer:
        query = "&".join(f"{key}={quote(str(value), safe='')}" for key, value in (params or {}).items())
        sent = None if body is None else _encoded(body, method, path)
        began = self.clock.steady()
        self._session.count(method)
        try:
            response = self._session.http.request(
                method,
                f"{self.connection.base_url}{path}{'?' if query else ''}{query}",
                data=sent,
                headers=headers,
                # Given explicitly, so that requests does not look for other credentials in ~/.netrc.
                auth=self._authenticate,
                timeout=self.connection.timeout,
                allow_redirects=False,
                verify=self.connection.verify,
                stream=True,
            )
        except wire.BeyondLimitError as limit:
            raise self._beyond(limit, method, path) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            # The oldest requests lets some of urllib3's through.
            raise self._lost(error, method, path) from None
        self._session.answered = True
        content, flaw = b"", None
        try:
            content = wire.read_body(response)
        except (wire.BeyondLimitError, wire.GarbledError) as error:
            flaw = error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self._lost(error, method, path) from None
        finally:
            # Of one that was read to its end, the connection is back in the pool already.
            response.close()
        return self._read(response, content, flaw, method, path, self.clock.steady() - began)

    def _beyond(
        self, limit: wire.BeyondLimitError, method: str, path: str, status: int | None = None
    ) -> EightByEightError:
        """Tell what limit an answer went beyond."""
        told = f"The answer to {method} {path} {limit}."
        if limit.slow:
            return TransientError(told, kind="timeout", status=status, method=method, path=path)
        return EightByEightError(told, kind="too_large", status=status, method=method, path=path)

    def _lost(self, error: Exception, method: str, path: str) -> EightByEightError:
        """Tell why no answer came."""
        host = urlsplit(self.connection.base_url).netloc
        # Without the connection's name, which is a class of ours.
        reason = re.sub(r"^_Https?\(host=.*?\): ", "", self._clean(_root_cause(error)))
        facts: dict[str, Any] = {"method": method, "path": path}
        lost = (requests.RequestException, ConnectionError, TimeoutError)
        unsendable = isinstance(error, OSError) and error.errno is None and not isinstance(error, lost)
        # A header of the answer that contradicts itself; requests has one name for those and for ours.
        theirs = isinstance(next(iter(error.args), None), urllib3.exceptions.InvalidHeader)
        if (isinstance(error, ValueError) and not theirs) or unsendable:
            # It never left this machine, and never will: a bad address, proxy, header or CA bundle.
            return EightByEightError(
                f"{method} {path} cannot be sent to {host} ({reason}). Check api_url, ca_path, and the proxy and certificate "
                "settings of the environment (https_proxy, REQUESTS_CA_BUNDLE).",
                kind="bad_option",
                **facts,
            )
        text = str(error)
        if isinstance(error, requests.exceptions.SSLError) and "EOF" not in text:
            if flaw := _flaw_of_bundle(self.connection.verify):
                return EightByEightError(
                    f"ca_path: {self.connection.verify} cannot be used ({flaw}). It must be a file with the certificates of "
                    "your proxy or gateway, in PEM form.",
                    kind="bad_option",
                    **facts,
                )
            return EightByEightError(
                f"The certificate of {host} is not trusted, or it does not speak TLS ({reason}). Set ca_path to the CA "
                "bundle of your proxy or gateway, or check api_url.",
                kind="tls",
                **facts,
            )
        if isinstance(error, requests.exceptions.ProxyError):
            return TransientError(
                f"The proxy in front of {host} did not let the request through ({reason}). Check https_proxy and no_proxy.",
                kind="proxy",
                first_contact=not self._session.answered,
                **facts,
            )
        if isinstance(error, (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)):
            return TransientError(
                f"{host} did not answer {method} {path} within {self.connection.timeout:g} s.",
                kind="timeout",
                first_contact=isinstance(error, requests.exceptions.ConnectTimeout) and not self._session.answered,
                **facts,
            )
        if "NewConnectionError" in text or "NameResolutionError" in text or "Failed to resolve" in text:
            return TransientError(
                f"{host} cannot be reached ({reason}). Check api_url, the network and the proxy settings.",
                kind="unreachable",
                first_contact=not self._session.answered,
                **facts,
            )
        return TransientError(
            f"The connection to {host} was lost before {method} {path} was answered ({reason}).",
            kind="connection_lost",
            **facts,
        )

    def _read(
        self,
        response: requests.Response,
        content: bytes,
        flaw: Exception | None,
        method: str,
        path: str,
        seconds: float,
    ) -> Answer:
        """Make an answer, or the error that it means, of a response.

        :param flaw: Why the body could not be read, where it could not.
        """
        data: Any = None
        weight = wire.weight(content)
        if flaw is None:
            try:
                data = wire.parse(content, weight)
            except (wire.BeyondLimitError, wire.GarbledError) as error:
                flaw = error
        head = content[:100].lstrip(b"\xef\xbb\xbf \t\r\n")
        html = flaw is not None and (
            head.startswith(b"<") or "text/html" in response.headers.get("Content-Type", "").lower()
        )
        if not 200 <= response.status_code < 300:
            said = read_error(data if flaw is None else None)
            raise from_answer(
                status=response.status_code,
                scim_type=self._scim_type(said),
                detail=self._in_one_line(said.reasons),
                method=method,
                path=path,
                html=html,
                retry_after=retry_after(response.headers, self.clock),
                hint=self._hint(data if flaw is None else self._plain(content, html=html)),
            )
        facts: dict[str, Any] = {"status": response.status_code, "method": method, "path": path}
        if html:
            raise self._unclear(
                f"{method} {path} answered {response.status_code} with a web page instead of SCIM: a proxy, a gateway or a "
                f"login page stands in between, or api_url is not the SCIM address. Compare api_url with '8x8 URL' in "
                f"{CONSOLE_SCIM}.",
                facts,
                kind="gateway",
            )
        if flaw is not None and method != "GET":
            raise self._unclear(self._clean(f"The answer to {method} {path} {flaw}."), facts, kind="bad_answer")
        if isinstance(flaw, wire.BeyondLimitError):
            raise self._beyond(flaw, method, path, response.status_code)
        if flaw is not None:
            told = self._clean(f"The answer to {method} {path} {flaw}.")
            passing = isinstance(flaw, wire.GarbledError) and flaw.passing
            raise (TransientError if passing else EightByEightError)(told, kind="bad_answer", **facts)
        if data is not None and not isinstance(data, dict):
            raise self._unclear(f"The answer to {method} {path} is no SCIM object.", facts, kind="bad_answer")
        if data is None and method == "GET":
            raise TransientError(f"The answer to {method} {path} is empty.", kind="bad_answer", **facts)
        if data is not None and is_failure(data):
            raise self._failure_inside(data, facts)
        if data is not None and method != "GET":
            try:
                data = spelled_user(data, self.connection.extension_urn)
            except EightByEightError:
                data = None  # It was accepted; what became of it is read from the server.
        return Answer(response.status_code, data, seconds, weight, method, path, response.headers.get("ETag"))

    def _failure_inside(self, data: Mapping[str, Any], facts: Mapping[str, Any]) -> EightByEightError:
        """Return the error of an answer whose status says yes, and whose body says that it is an error."""
        said = read_error(data)
        detail = self._in_one_line(said.reasons)
        told = (
            f"{facts['method']} {facts['path']} answered {facts['status']} with an error inside"
            f"{'' if said.status is None else f' ({said.status})'}. Run again later; if it stays so, see what answers at api_url."
            f"{server_said(detail)}"
        )
        return self._unclear(
            told,
            {**facts, "scim_type": self._scim_type(said), "detail": detail},
            kind="bad_answer",
        )

    @staticmethod
    def _unclear(message: str, facts: Mapping[str, Any], *, kind: str) -> EightByEightError:
        """Return the error of an answer that says neither yes nor no: a write may have been carried out behind it."""
        error = EightByEightError(message, kind=kind, **facts)
        error.in_doubt = facts["method"] != "GET"
        return error

    @staticmethod
    def _plain(content: bytes, *, html: bool) -> str | None:
        """Return a body that is no JSON as text, or None where it is a page, or JSON that was cut off."""
        if html or content.lstrip()[:1] in (b"{", b"["):
            return None
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return None

    def _detail(self, data: Any) -> str | None:
        """Return what the server says went wrong."""
        return self._in_one_line(read_error(data).reasons)

    def _scim_type(self, said: ErrorMessage) -> str | None:
        return self._clean(said.scim_type) if said.scim_type else None

    def _in_one_line(self, reasons: Iterable[str]) -> str | None:
        return self._clean("; ".join(_one_line(reason) for reason in reasons)) or None

    def _hint(self, text: Any) -> str | None:
        """Return a reason that is one line of text, as JSON or not. What is longer, or has a tag in it, is somebody's page."""
        line = text.strip() if isinstance(text, str) else ""
        told = len(line) <= _LONGEST_DETAIL and len(line.splitlines()) == 1 and not re.search("<[a-zA-Z!/?]", line)
        return (self._clean(line) or None) if told else None

    def _clean(self, text: Any) -> str:
        """Make one short line of foreign text, without the token."""
        line = self.connection.redact(str(text))
        line = " ".join("".join(char if char.isprintable() else " " for char in line).split())
        return line if len(line) <= _LONGEST_DETAIL else f"{line[: _LONGEST_DETAIL - 3]}..."


def _encoded(body: Mapping[str, Any], method: str, path: str) -> str:
    try:
        return json.dumps(body, allow_nan=False)
    except (ValueError, RecursionError):
        # What 8x8 sent goes back whole (law 3), and it sent what JSON has no form for.
        raise EightByEightError(
            f"{method} {path} cannot be sent, because 8x8 holds something of this user that no JSON can carry: a number without "
            "end, or more levels than can be written. Nothing was changed. Correct the user in Admin Console.",
            kind="bad_answer",
            method=method,
            path=path,
        ) from None


def _one_line(text: str) -> str:
    """Return what a text of several lines says in one: of a traceback the error alone, not where in the server it came up."""
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) < 2:
        return text
    if any(line.lstrip().startswith("Traceback (most recent call last)") for line in lines):
        return lines[-1]  # Python tells the error last
    frames = [line for line in lines[1:] if re.match(r"\s*(at |File \"|from |#\d|\.\.\. \d+ more|Caused by)", line)]
    return lines[0] if frames else text


def _user_path(user_id: str) -> str:
    # One or two dots would be taken for a folder on the way; lone surrogates have no UTF-8 form.
    if user_id.strip() in ("", ".", "..") or len(user_id) > _LONGEST_ID or re.search(r"[\ud800-\udfff]", user_id):
        raise BadOptionError("user_id must be the id of a user.")
    return f"/Users/{quote(user_id, safe='')}"


def _root_cause(error: BaseException) -> str:
    """Return the innermost reason of a network error, without the layers of text around it."""
    while True:
        inner = getattr(error, "reason", None) or next(
            (argument for argument in error.args if isinstance(argument, BaseException)), None
        )
        if not isinstance(inner, BaseException):
            break
        error = inner
    text = str(error).split(": ", 1)[-1] if "object at 0x" in str(error) else str(error)
    return text or type(error).__name__
