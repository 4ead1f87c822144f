# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Servers that are no servers: an ordered transcript, and an 8x8 tenant in memory. And time that only passes on demand."""

from __future__ import annotations

import copy
import email.utils
import io
import itertools
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.clock import Clock
from ansible_collections.eightbyeight.scim.plugins.module_utils._client import Session
from ansible_collections.eightbyeight.scim.plugins.module_utils._find.state import PROVEN
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.request import Answer, Request
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import (
    CORE_URN,
    DEFAULT_EXTENSION_URN,
    ENTERPRISE_URN,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.user import User
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient

BASE = "https://8x8.test/udi/customers/C1/scim/v2"
TOKEN = "T0ken.that-must+never/leak=="
ERROR_URN = "urn:ietf:params:scim:api:messages:2.0:Error"
LIST_URN = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

#: A moment to pretend: Sun, 06 Nov 1994 08:49:37 GMT is in every example of HTTP dates, and long past; this is not.
NOW = 1_800_000_000.0


def http_date(at: float) -> str:
    """Return a moment as HTTP writes it."""
    return email.utils.formatdate(at, usegmt=True)


class FakeTime:
    """A clock that stands still unless somebody sleeps, or a request is told to take its time."""

    def __init__(self) -> None:
        self.now = 0.0
        self.naps: list[float] = []
        self.clock = Clock(wall=lambda: NOW + self.now, steady=lambda: self.now, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


# -- Users ------------------------------------------------------------------------------------------------------------


def resource(user_id: str = "1", user_name: str = "ada@example.org", **more: Any) -> dict[str, Any]:
    """Return a user as 8x8 might send it; keywords replace top-level attributes, and None takes one out."""
    raw: dict[str, Any] = {
        "schemas": [CORE_URN, ENTERPRISE_URN, DEFAULT_EXTENSION_URN],
        "id": user_id,
        "userName": user_name,
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [{"value": "ada@example.org", "type": "work", "primary": True}],
        "active": True,
        "title": "Analyst",
        "locale": "en-GB",
        ENTERPRISE_URN: {"department": "Engineering"},
        DEFAULT_EXTENSION_URN: {"site": "London"},
        "meta": {"resourceType": "User", "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-02T00:00:00Z"},
        **more,
    }
    return {key: value for key, value in raw.items() if value is not None}


def listing(*resources: Mapping[str, Any], total: Any = None, **more: Any) -> dict[str, Any]:
    """Return a list response; the total is what is in it unless told otherwise."""
    return {
        "schemas": [LIST_URN],
        "totalResults": len(resources) if total is None else total,
        "startIndex": 1,
        "itemsPerPage": len(resources),
        "Resources": list(resources),
        **more,
    }


def scim_error(status: int, detail: str = "", scim_type: str | None = None) -> dict[str, Any]:
    """Return the body of a SCIM error."""
    body = {"schemas": [ERROR_URN], "status": str(status), "detail": detail}
    return {**body, "scimType": scim_type} if scim_type else body


# -- Answers ----------------------------------------------------------------------------------------------------------


@dataclass
class Reply:
    """What comes back: a body as JSON, text or bytes, or nothing."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self, request: requests.PreparedRequest) -> requests.Response:
        response = requests.Response()
        response.status_code = self.status
        response.request = request
        response.url = str(request.url)
        content = b""
        if isinstance(self.body, bytes):
            content = self.body
        elif isinstance(self.body, str):
            content = self.body.encode()
        elif self.body is not None:
            content = json.dumps(self.body).encode()
        kind = "text/html" if content.startswith(b"<") else "application/scim+json"
        response.headers = CaseInsensitiveDict({"Content-Type": kind, **self.headers})
        response.raw = urllib3.HTTPResponse(io.BytesIO(content), preload_content=False)
        return response


HTML = "<html><body>Bad gateway</body></html>"


def refusal(status: int, detail: str = "", scim_type: str | None = None, **headers: str) -> Reply:
    """Return an answer with a SCIM error in it."""
    return Reply(
        status, scim_error(status, detail, scim_type), {key.replace("_", "-"): headers[key] for key in headers}
    )


#: A user of a listing, as its own address tells it, and so on: the transcripts below read as conversations.
Answerable = Reply | Exception


@dataclass
class Call:
    """One expected request, and what it meets.

    :param target: Verb and path with its query, as in ``GET /Users/1``.
    :param answer: What comes back, or the exception that the network raises.
    :param body: What must be sent, where that matters.
    :param seconds: How long it takes.
    """

    target: str
    answer: Answerable
    body: Any = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    seconds: float = 0.0


class Transcript(BaseAdapter):
    """An ordered conversation: a request that is not the next one fails, and so does one that was not sent."""

    def __init__(self, calls: Iterable[Call], time: FakeTime, base: str = BASE) -> None:
        super().__init__()
        self.calls = list(calls)
        self.sent: list[requests.PreparedRequest] = []
        self.settings: list[dict[str, Any]] = []
        self._time = time
        self._base = base

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:  # type: ignore[override]
        got = f"{request.method} {str(request.url).removeprefix(self._base)}"
        done = len(self.sent)
        assert done < len(self.calls), f"request {done + 1} is one too many: {got}"
        expected = self.calls[done]
        assert got == expected.target, f"request {done + 1}: {got}, expected {expected.target}"
        if expected.body is not None:
            assert json.loads(request.body or "null") == expected.body
        for name, value in expected.headers.items():
            assert request.headers.get(name) == value, name
        self.sent.append(request)
        self.settings.append(settings)
        self._time.now += expected.seconds
        if isinstance(expected.answer, Exception):
            raise expected.answer
        return expected.answer.response(request)

    def close(self) -> None:
        pass

    def finished(self) -> None:
        rest = [call.target for call in self.calls[len(self.sent) :]]
        assert not rest, f"never sent: {rest}"


class TalkingClient(WritingClient):
    """A client that knows the conversation it is part of."""

    transcript: Transcript


def connection(base: str = BASE, **more: Any) -> Connection:
    """Return a connection to nowhere."""
    return Connection(base_url=base, token=TOKEN, **{"retry_budget": 120.0, "page_size": 100, **more})


def session_over(adapter: BaseAdapter, *, proven: bool = False) -> Session:
    """Return a session whose requests all go to the adapter.

    :param proven: Whether it knows already that the filter by login name can be relied on.
    """
    session = Session()
    for prefix in ("https://", "http://"):
        session.http.mount(prefix, adapter)
    if proven:
        session.lookups.filter = PROVEN
    return session


def client_for(adapter: BaseAdapter, time: FakeTime | None = None, base: str = BASE, **more: Any) -> WritingClient:
    """Return a client whose requests all go to the adapter."""
    return WritingClient(connection(base, **more), clock=(time or FakeTime()).clock, session=session_over(adapter))


def talking_client(
    transcript: Transcript, time: FakeTime, base: str = BASE, *, proven: bool = True, **more: Any
) -> TalkingClient:
    """Return a client whose requests must follow a transcript. What is talked about is rarely the proof of the filter."""
    session = session_over(transcript, proven=proven)
    client = TalkingClient(connection(base, **more), clock=time.clock, session=session)
    client.transcript = transcript
    return client


def ask(client: WritingClient, method: str, path: str, body: Any = None) -> Answer:
    """Send any request, as the methods of a client do."""
    return client._send(Request(method, path, body=body))


def search(user_name: str, start: int = 1) -> str:
    """Return the target of the look-up of a login name, for names without anything to encode but an @."""
    return f"GET /Users?startIndex={start}&count=100&filter=userName%20eq%20%22{user_name.replace('@', '%40')}%22"


def page(start: int = 1, count: int = 100) -> str:
    """Return the target of one page of everybody."""
    return f"GET /Users?startIndex={start}&count={count}"


# -- A tenant in memory -----------------------------------------------------------------------------------------------


def parse_filter(expression: str) -> tuple[str, str]:
    """Read ``attribute eq "value"`` as a server does: the literal is a JSON string."""
    attribute, operator, literal = expression.split(" ", 2)
    value = json.loads(literal)
    if operator != "eq" or not isinstance(value, str):
        raise ValueError(expression)
    return attribute, value


#: What fact sheet 2.7a fears of a listing.
ALL_BUT_NAMES = ("externalId", "title", "locale", "timezone", "phoneNumbers", ENTERPRISE_URN, DEFAULT_EXTENSION_URN)


def stamp(writes: int) -> str:
    """Return the time of the last change after so many writes, later than in :func:`resource`."""
    return f"2026-02-{1 + writes // 86400:02}T{writes // 3600 % 24:02}:{writes // 60 % 60:02}:{writes % 60:02}Z"


class Tenant(BaseAdapter):
    """As much of 8x8 as the fact sheet says, in memory: PUT replaces all, PATCH knows active only, DELETE deactivates.

    Attributes are switches; ``before`` may answer in the place of the tenant.
    """

    def __init__(self, *people: Mapping[str, Any], base: str = BASE) -> None:
        super().__init__()
        self.users: dict[str, dict[str, Any]] = {str(raw["id"]): copy.deepcopy(dict(raw)) for raw in people}
        self.taken_elsewhere: set[str] = set()
        self.sites = {"London", "Paris"}
        self.page_size = 100
        self.patch = True
        self.filters = "honored"
        self.versions = False
        #: Whether ``meta.lastModified`` moves when somebody is written to by POST or PUT.
        self.tells_time = True
        self._stored = 0
        #: What listings leave out (fact sheet 2.7a).
        self.held_back: Collection[str] = ()
        self.rewrite: Callable[[dict[str, Any]], None] = lambda raw: None
        self.before: Callable[[requests.PreparedRequest], Answerable | None] = lambda request: None
        self.log: list[tuple[str, str]] = []
        self._base = base
        self._made: set[str] = set()

    def close(self) -> None:
        pass

    @property
    def writes(self) -> list[str]:
        return [verb for verb, _path in self.log if verb != "GET"]

    def send(self, request: requests.PreparedRequest, **_settings: Any) -> requests.Response:  # type: ignore[override]
        url = urlsplit(str(request.url))
        path = unquote(url.path.removeprefix(urlsplit(self._base).path))
        self.log.append((str(request.method), path))
        answer: Any = self.before(request)
        if isinstance(answer, Exception):
            raise answer  # pylint: disable=raising-bad-type
        if answer is None:
            body = json.loads(request.body) if request.body else None
            answer = self._answer(str(request.method), path, dict(parse_qsl(url.query)), body, request.headers)
        return answer.response(request)

    def _answer(self, verb: str, path: str, query: Mapping[str, str], body: Any, headers: Mapping[str, Any]) -> Reply:
        if path == "/Users":
            return self._list(query) if verb == "GET" else self._create(body)
        if not path.startswith("/Users/"):
            return refusal(404)
        current = self.users.get(path.removeprefix("/Users/"))
        if current is None:
            return refusal(404, "no such user")
        version = current["meta"].get("version")
        if headers.get("If-Match") not in (None, version):
            return refusal(412)
        if verb == "GET":
            return Reply(200, current)
        if verb == "PUT":
            return self._replace(current, body)
        if verb == "PATCH" and not self.patch:
            return refusal(501)
        if verb == "PATCH":
            (operation,) = body["Operations"]
            current["active"] = operation["value"]["active"]
            return Reply(200, {key: current[key] for key in ("id", "userName", "active")})
        current["active"] = False
        return Reply(204)

    def _list(self, query: Mapping[str, str]) -> Reply:
        everybody = list(self.users.values())
        if "filter" in query and self.filters == "refused":
            return refusal(400, "unsupported", "invalidFilter")
        if "filter" in query and self.filters == "honored":
            try:
                attribute, value = parse_filter(query["filter"])
            except ValueError:
                return refusal(400, "too difficult", "invalidFilter")
            everybody = [raw for raw in everybody if str(raw.get(attribute)).lower() == value.lower()]
        start = int(query["startIndex"]) - 1
        part = everybody[start : start + min(int(query["count"]), self.page_size)]
        shown = [{name: value for name, value in raw.items() if name not in self.held_back} for raw in part]
        return Reply(200, listing(*shown, total=len(everybody)))

    def _create(self, body: dict[str, Any]) -> Reply:
        wanted = body["userName"].lower()
        if wanted in self.taken_elsewhere or any(raw["userName"].lower() == wanted for raw in self.users.values()):
            return refusal(409, "userName is taken", "uniqueness")
        fault = self._fault(None, body)
        if fault:
            return fault
        # Never the id of somebody else, not even of one who is gone.
        numbers = itertools.count(len(self.users) + 1)
        user_id = next(key for key in (f"new-{number}" for number in numbers) if key not in self._made)
        self._made.add(user_id)
        self.users[user_id] = {"id": user_id, "meta": {"created": "2026-03-01T00:00:00Z"}}
        return self._store(self.users[user_id], body, 201)

    def _replace(self, current: dict[str, Any], body: dict[str, Any]) -> Reply:
        return self._fault(current, body) or self._store(current, body, 200)

    def _fault(self, current: Mapping[str, Any] | None, body: Mapping[str, Any]) -> Reply | None:
        site = body.get(DEFAULT_EXTENSION_URN, {}).get("site")
        had = (current or {}).get(DEFAULT_EXTENSION_URN, {}).get("site")
        if site and site not in self.sites:
            return refusal(400, f"no site {site}", "invalidValue")
        if had and site != had:
            return refusal(400, "site is immutable", "mutability")
        return None

    def _store(self, current: dict[str, Any], body: Mapping[str, Any], status: int) -> Reply:
        kept = {key: current[key] for key in ("id", "meta")}
        if self.tells_time:
            self._stored += 1
            kept["meta"] = {**kept["meta"], "lastModified": stamp(self._stored)}
        if self.versions:
            number = int(kept["meta"].get("version", 'W/"0"')[3:-1]) + 1
            kept["meta"] = {**kept["meta"], "version": f'W/"{number}"'}
        fresh = copy.deepcopy(dict(body))
        if not fresh.get("emails"):
            fresh["emails"] = [{"value": "noreply@8x8.com", "type": "work", "primary": True}]
        self.rewrite(fresh)
        current.clear()
        current.update(fresh)
        current.update(kept)
        return Reply(status, current)


class WriteError(Exception):
    """Check mode wrote."""


class ReadOnly(BaseAdapter):
    """A transport over which nothing but GET goes out."""

    def __init__(self, inner: BaseAdapter) -> None:
        super().__init__()
        self._inner = inner

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:  # type: ignore[override]
        if request.method != "GET":
            raise WriteError(f"{request.method} {request.url}")
        return self._inner.send(request, **settings)

    def close(self) -> None:
        pass


def user(**more: Any) -> User:
    """Return a user that was read."""
    return User(resource(**more))
