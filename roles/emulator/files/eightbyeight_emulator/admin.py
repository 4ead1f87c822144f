# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reading half of 8x8's Administration API, on the same people (its fact sheet, sections 1, 2 and 5)."""

from __future__ import annotations

import hmac
import json
import math
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from .admin_documents import Document, admin_id, extract, site_document, user_document
from .admin_filter import FilterError, parse
from .clock import server_now, server_time
from .entries import stamp
from .limiter import RateLimitedError, RateLimiter
from .responses import JSONResponse
from .services import ServiceDesk
from .switches import Switches, parse_rate
from .tenant import Tenant

ADMIN = "/admin-provisioning"
BURST = "20/10s"
MOST_SCROLLS = 100
DEFAULT_PAGE, LARGEST_PAGE = 100, 1000


class RefusalError(Exception):
    """A request that is refused."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = HTTPStatus(status)
        self.code = code
        self.field = field


@dataclass
class Scroll:
    """A list on its way: the state when it began."""

    users: list[Document]
    position: int
    size: int
    query: Mapping[str, str]
    pages: int = 1
    expires: int | None = None


class AdminAPI:
    """Users and sites of one customer, read only.

    :param key: The key that may read.
    """

    def __init__(self, key: str, customer_id: str, tenant: Tenant, desk: ServiceDesk, switches: Switches) -> None:
        self.key = key
        self._customer_id = customer_id
        self._tenant = tenant
        self._desk = desk
        self._switches = switches
        self._limiter, self._burst = RateLimiter(), RateLimiter()
        self._scrolls: dict[str, Scroll] = {}
        self._expired: Any = None

    def reset(self) -> None:
        """Forget scrolls and rates."""
        self._scrolls.clear()
        self._limiter.reset()
        self._burst.reset()
        self._expired = None

    def answer(self, request: ScimRequest) -> ScimResponse:
        """Serve a request."""
        limits: dict[str, str] = {}
        path = request.path[len(ADMIN) :]
        try:
            self._authenticate(request)
            limits = self._limit()
            kind, _slash, rest = path.strip("/").partition("/")
            read = {"users": self._users, "sites": self._sites}.get(kind)
            if read is None:
                raise RefusalError(404, "NOT_FOUND", "There is no such resource")
            self._check(request, kind)
            with self._tenant.operation():
                body = read(rest, request.query)
        except RateLimitedError as limit:
            limits = self._headers(0, limit.wait)
            return self._refused(RefusalError(429, "TOO_MANY_REQUESTS", "Too many requests"), request, limits)
        except RefusalError as refusal:
            return self._refused(refusal, request, limits)
        return _json(HTTPStatus.OK, body, f"application/vnd.{kind}.v1+json", limits)

    # -- Who may ask, and how often --------------------------------------------------------------

    def _authenticate(self, request: ScimRequest) -> None:
        given = request.header("x-api-key") or ""
        if not hmac.compare_digest(given.encode(), self.key.encode()):
            raise RefusalError(401, "UNAUTHORIZED", "The API key is missing or not valid")
        if self._switches.admin_api == "off":
            raise RefusalError(403, "FORBIDDEN", "The API key has no access to this product")

    def _check(self, request: ScimRequest, kind: str) -> None:
        if request.method != "GET":
            raise RefusalError(403, "FORBIDDEN", "The API key may only read")
        if (request.header("Accept") or "") != f"application/vnd.{kind}.v1+json":
            raise RefusalError(406, "BAD_REQUEST", f"Accept must be application/vnd.{kind}.v1+json")

    def _limit(self) -> dict[str, str]:
        rate = self._switches.admin_rate_limit
        if not rate:
            return {}
        self._burst.check(BURST)
        self._limiter.check(rate)
        limit, window = parse_rate(rate)
        return self._headers(limit - self._limiter.used(window), window)

    def _headers(self, remaining: int, wait: float) -> dict[str, str]:
        limit, _window = parse_rate(self._switches.admin_rate_limit)
        return {
            "x-ratelimit-limit": str(limit),
            "x-ratelimit-remaining": str(remaining),
            "x-ratelimit-reset": str(math.ceil(server_time(self._switches) + wait)),
        }

    # -- Users -------------------------------------------------------------------------------------

    def _all(self) -> list[Document]:
        return [self._document(entry) for entry in self._tenant.entries.values()]

    def _document(self, entry: Any) -> Document:
        return user_document(entry, self._desk.of(entry.id), self._customer_id, self._switches)

    def _users(self, user_id: str, query: Mapping[str, str]) -> Document:
        if user_id:
            for entry in self._tenant.entries.values():
                if admin_id(entry, self._switches) == user_id:
                    return self._document(entry)
            raise RefusalError(404, "NOT_FOUND", f"There is no user {user_id}")
        if "scrollId" in query:
            return self._next(query)
        size = _size(query.get("pageSize"))
        users = [extract(user, self._switches) for user in self._all() if self._filter(query)(user)]
        _sort(users, query.get("sort"))
        if self._switches.admin_list_loses and "filter" not in query:
            users = users[:-1]
        kept: dict[str, str] = {name: query[name] for name in ("filter", "sort") if name in query}
        scroll = Scroll(users, 0, size, kept, expires=self._expiry() if len(users) > size else None)
        return self._page(scroll, secrets.token_urlsafe(16))

    def _filter(self, query: Mapping[str, str]) -> Callable[[Document], bool]:
        text = query.get("filter")
        if text is None or self._switches.admin_filter == "ignored":
            return lambda _user: True
        try:
            if self._switches.admin_filter == "refused":
                raise FilterError("filters are not supported")
            return parse(text)
        except FilterError as error:
            raise RefusalError(400, "VALIDATION_ERROR", str(error), "filter") from None

    def _expiry(self) -> int | None:
        """Return after how many pages a new scroll expires: the first one does, since the switch was moved."""
        wanted = (self._switches.generation, self._switches.admin_scroll_expires)
        if wanted[1] is None or wanted == self._expired:
            return None
        self._expired = wanted
        return int(wanted[1])

    def _next(self, query: Mapping[str, str]) -> Document:
        others = sorted(set(query) - {"scrollId"})
        if others:
            raise RefusalError(
                400, "CONFLICTING_QUERY_PARAMETER", f"{others[0]} cannot be sent with scrollId", others[0]
            )
        scroll = self._scrolls.get(query["scrollId"])
        if scroll is None or (scroll.expires is not None and scroll.pages >= scroll.expires):
            status = self._switches.admin_expired_scroll
            raise RefusalError(status, "BAD_REQUEST" if status == 400 else "NOT_FOUND", "The scroll has expired")
        if self._switches.admin_scroll == "advances":
            scroll.position += scroll.size
            scroll.pages += 1
            return self._page(scroll, query["scrollId"])
        later = Scroll(
            scroll.users, scroll.position + scroll.size, scroll.size, scroll.query, scroll.pages + 1, scroll.expires
        )
        return self._page(later, secrets.token_urlsafe(16))

    def _page(self, scroll: Scroll, name: str) -> Document:
        users = scroll.users[scroll.position : scroll.position + scroll.size]
        more = scroll.position + scroll.size < len(scroll.users)
        if more:
            self._scrolls[name] = scroll
            while len(self._scrolls) > MOST_SCROLLS:
                self._scrolls.pop(next(iter(self._scrolls)))
        return {
            "data": users,
            "pagination": {
                "pageSize": scroll.size,
                "pageNumber": scroll.position // scroll.size,
                "hasMore": more,
                "filter": scroll.query.get("filter"),
                "sort": scroll.query.get("sort"),
                "nextScrollId": name if more else None,
            },
            "_links": {
                "self": {"href": f"{ADMIN}/users"},
                "next": {"href": f"{ADMIN}/users?scrollId={name}"} if more else None,
            },
        }

    # -- Sites -------------------------------------------------------------------------------------

    def _sites(self, site_id: str, _query: Mapping[str, str]) -> Document:
        sites = [site_document(site, self._customer_id) for site in self._tenant.sites.values()]
        if not site_id:
            pagination = {"pageSize": DEFAULT_PAGE, "pageNumber": 0, "hasMore": False, "nextScrollId": None}
            return {"data": sites, "pagination": pagination}
        for site in sites:
            if site["id"] == site_id:
                return site
        raise RefusalError(404, "NOT_FOUND", f"There is no site {site_id}")

    def _refused(self, refusal: RefusalError, request: ScimRequest, limits: dict[str, str]) -> ScimResponse:
        body = {
            "status": int(refusal.status),
            "title": refusal.status.phrase,
            "detail": str(refusal),
            "instance": request.path,
            "time": stamp(server_now(self._switches)),
            "errors": [{"field": refusal.field, "code": refusal.code, "message": str(refusal)}],
        }
        return _json(refusal.status, body, "application/problem+json", limits)


def _size(text: str | None) -> int:
    size = DEFAULT_PAGE if text is None else int(text) if text.isdecimal() else 0
    if not 1 <= size <= LARGEST_PAGE:
        raise RefusalError(400, "VALIDATION_ERROR", f"pageSize must be 1 to {LARGEST_PAGE}", "pageSize")
    return size


def _sort(users: list[Document], order: str | None) -> None:
    """Sort users by one attribute, such as ``basicInfo.userName`` or ``-basicInfo.userName``."""
    if order is None:
        return
    part, _dot, name = order.lstrip("+-").partition(".")
    users.sort(key=lambda user: str((user.get(part) or {}).get(name) or ""), reverse=order.startswith("-"))


def _json(status: HTTPStatus, body: Document, kind: str, headers: dict[str, str]) -> ScimResponse:
    return JSONResponse(status, None, {"Content-Type": kind, **headers}, json.dumps(body).encode())
