# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant as a WSGI application: tokens, limits, faults, the request log and the control endpoint."""

from __future__ import annotations

import hmac
import json
import secrets
import sys
import time
import traceback
from collections.abc import Iterable
from dataclasses import asdict
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from scim2_models import ForbiddenException, NotFoundException, SCIMException
from scim2_server.applications.wsgi import WSGIApplication
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from .admin import ADMIN, AdminAPI
from .clock import server_time
from .control import CONTROL, Control
from .faults import Faults, Rule
from .limiter import READ_METHODS, RateLimitedError, RateLimiter, Wear, dead_token
from .lists import SlowPageException
from .other_writer import WRITERS, OtherWriter
from .request_log import RequestLog
from .responses import JSONResponse
from .seed import Seed, SeedError
from .service import TenantService
from .services import ServiceDesk
from .spoiling import Spoiler, Wire, limited
from .switches import Switches
from .tenant import Tenant

DEFAULT_CUSTOMER = "0012J00042NkZQIQA3"
"""The customer id of 8x8's own example (fact sheet, 1.12)."""

WIRE = "eightbyeight.wire"
"""Where the HTTP edge offers an application to spoil the connection."""


class TenantApplication(WSGIApplication):
    """The emulated tenant.

    :param seed: The users it starts with.
    :param token: The token that may do everything.
    :param read_only_token: The token of a second client (fact sheet, 1.10).
    :param admin_api_key: The key of the Administration API; a random one when not given.
    """

    def __init__(
        self,
        seed: Seed,
        token: str,
        *,
        read_only_token: str | None = None,
        admin_api_key: str | None = None,
        customer_id: str = DEFAULT_CUSTOMER,
        switches: dict[str, Any] | None = None,
        faults: list[Any] | None = None,
        log: RequestLog | None = None,
    ) -> None:
        self._start = (dict(switches or {}), list(faults or []))
        self.switches = Switches(switches)
        self.faults = Faults(faults)
        self.tenant = Tenant(seed, self.switches)
        tenant_service = TenantService(self.switches, self.tenant)
        super().__init__(self.tenant, tenant_service.provider, tenant_service)
        self.tenant_service = tenant_service
        self.token = token
        self.read_only_token = read_only_token
        self.customer_id = customer_id
        self.base_path = f"/udi/customers/{customer_id}/scim/v2"
        self.requests = log or RequestLog()
        self.desk = ServiceDesk()
        self.desk.reset(self.tenant.entries.values(), seed.people)
        key = admin_api_key or secrets.token_hex(24)
        self.admin = AdminAPI(key, customer_id, self.tenant, self.desk, self.switches)
        self.limiter = RateLimiter()
        self.wear = Wear(self.switches)
        self.control = Control(self)
        self.writer = OtherWriter(self)
        self.spoiler = Spoiler(tenant_service, self._carry_out)

    def reset(self) -> None:
        """Go back to the start: users, switches, faults and the limiter. The request log stays."""
        switches, faults = self._start
        self.switches.replace(switches)
        self.faults.replace(faults)
        self.tenant.reset()
        self.desk.reset(self.tenant.entries.values(), self.tenant.seed.people)
        self.admin.reset()
        self.tenant_service.refresh()
        self.limiter.reset()
        self.wear.reset()

    def edit_services(self, user: str, changes: Any) -> dict[str, Any]:
        """Set licenses, line, profile and visibility of a user, as a person does in Admin Console.

        :param user: The id or the login name.
        :returns: What the user has then.
        :raises SeedError: When there is no such user, or no such thing to set.
        """
        with self.tenant.operation():
            entry = self.tenant.entry_of(user)
            if entry is None:
                raise SeedError(f"there is no user {user!r}")
            self.desk.edit(entry.id, changes)
            return asdict(self.desk.of(entry.id))

    # -- WSGI --------------------------------------------------------------------------------------

    def get_base_url(self, environ: Any) -> str:  # type: ignore[override]
        """Return the URL under which the client reached the tenant."""
        host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        return f"{environ['wsgi.url_scheme']}://{host}{self.base_path}"

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Serve a WSGI request."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(CONTROL):
            return self._send(self.control.answer(environ), start_response)
        started = time.perf_counter()
        if self.switches.latency_ms:
            time.sleep(self.switches.latency_ms / 1000)
        ours = path == self.base_path or path.startswith(f"{self.base_path}/")
        relative = path[len(self.base_path) :] if ours else path
        query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
        request = self._read(environ, relative, query)
        rule = self.faults.pick(request.method, relative, query.get("filter", ""))
        wire: Wire = environ.get(WIRE) or Wire()
        if rule is None:
            response: ScimResponse = self._carry_out(request, ours)
        else:
            response = self.spoiler.answer(rule, request, ours, wire)
        self.record(environ, request, response, rule, started)
        return self._send(response, start_response, cut=rule is not None and rule.do == "truncated_json")

    def _read(self, environ: Any, path: str, query: dict[str, str]) -> ScimRequest:
        """Return the request for scim2-server, with only the headers that matter to it."""
        headers = {
            "Authorization": environ.get("HTTP_AUTHORIZATION", ""),
            "Content-Type": environ.get("CONTENT_TYPE", ""),
            "If-Match": environ.get("HTTP_IF_MATCH", ""),
            "If-None-Match": environ.get("HTTP_IF_NONE_MATCH", ""),
            "Accept": environ.get("HTTP_ACCEPT", ""),
            "x-api-key": environ.get("HTTP_X_API_KEY", ""),
        }
        length = int(environ.get("CONTENT_LENGTH") or 0)
        return ScimRequest(
            method=environ["REQUEST_METHOD"],
            base_url=self.get_base_url(environ),
            path=path,
            query=query,
            headers={name: value for name, value in headers.items() if value},
            body=environ["wsgi.input"].read(length) if length else b"",
        )

    def _send(self, response: ScimResponse, start_response: Any, cut: bool = False) -> Iterable[bytes]:
        if isinstance(response, JSONResponse):
            payload = response.payload
        else:
            payload = b"" if response.body is None else json.dumps(response.body).encode()
        if cut:
            payload = payload[: len(payload) // 2]
        headers = [("Date", formatdate(server_time(self.switches), usegmt=True)), *response.headers.items()]
        if response.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
            headers.append(("Content-Length", str(len(payload))))
        else:
            headers = [header for header in headers if header[0] != "Content-Type"]
        start_response(f"{response.status.value} {response.status.phrase}", headers)
        return [payload]

    def record(
        self, environ: Any, request: ScimRequest, response: ScimResponse, rule: Rule | None, started: float
    ) -> None:
        """Write the request to the log, before its answer is sent: who has the answer finds the line."""
        try:
            body = json.loads(request.body) if request.body else None
        except ValueError:
            body = request.body.decode("utf-8", errors="replace")
        fault = rule.do if rule else None
        self.requests.write(
            {
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "status": None if fault == "reset_before" else int(response.status),
                "ms": round((time.perf_counter() - started) * 1000, 3),
                "user_agent": environ.get("HTTP_USER_AGENT"),
                "fault": fault,
                "if_match": request.header("If-Match"),
                "body": body,
            }
        )

    # -- SCIM --------------------------------------------------------------------------------------

    def _carry_out(self, request: ScimRequest, ours: bool) -> ScimResponse:
        """Serve a request that no fault spoils."""
        if request.path == ADMIN or request.path.startswith(f"{ADMIN}/"):
            return self.admin.answer(request)
        try:
            self.authenticate(request)
            if not ours:
                raise self._wrong_customer(request.path)
            if self.switches.rate_limit:
                self.limiter.check(self.switches.rate_limit)
            return self.handler.handle(request)
        except RateLimitedError as refusal:
            return limited(self.switches.rate_limit_form, refusal.wait, self.tenant_service)
        except Exception as exception:
            return self.handle_exception(request, exception)

    def authenticate(self, request: ScimRequest) -> None:
        """Check the token, and what its owner may do (fact sheet, 1.4, 1.10, 11.1)."""
        scheme, _space, given = (request.header("Authorization") or "").partition(" ")
        if scheme.lower() == "bearer":
            if hmac.compare_digest(given.encode(), self.token.encode()):
                if refusal := self.wear.count(request.method):
                    raise refusal
                if self.switches.other_writer in WRITERS:
                    self._check_second(request)
                return
            if self.read_only_token and hmac.compare_digest(given.encode(), self.read_only_token.encode()):
                self._check_second(request)
                return
        raise dead_token(self.switches)

    def _check_second(self, request: ScimRequest) -> None:
        """Refuse a write of a client beside the one that may write (fact sheet, 1.10)."""
        if self.switches.second_client == "refuse" and request.method not in READ_METHODS:
            raise ForbiddenException(detail="This client may only read")

    def _wrong_customer(self, path: str) -> SCIMException:
        if path.startswith("/udi/customers/") and self.switches.wrong_customer == 403:
            return ForbiddenException(detail="No access to this customer")
        return NotFoundException(detail="No such customer or endpoint")

    def handle_exception(self, request: ScimRequest, exception: Exception) -> ScimResponse:
        """Answer an error. Refusals are the tenant's business; anything else is a bug, and shows itself."""
        if not isinstance(exception, SCIMException | SlowPageException):
            traceback.print_exception(exception, file=sys.stderr)
        return self.tenant_service.error_response(exception, write=request.method not in READ_METHODS)
