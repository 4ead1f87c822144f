# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant as a WSGI application: tokens, limits, faults, the request log and the control endpoint."""

from __future__ import annotations

import hmac
import json
import math
import sys
import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from scim2_models import ForbiddenException, NotFoundException, SCIMException
from scim2_server.applications.wsgi import WSGIApplication
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from .clock import server_time
from .control import CONTROL, Control
from .errors import false_success
from .faults import Faults, Rule
from .limiter import READ_METHODS, RateLimitedError, RateLimiter, Wear, dead_token
from .lists import SlowPageException
from .refusals import scim_error
from .request_log import RequestLog
from .responses import GATEWAY_PAGE, JSONResponse, page
from .seed import Seed
from .service import TenantService
from .switches import Switches, parse_rate
from .tenant import Tenant

DEFAULT_CUSTOMER = "0012J00042NkZQIQA3"
"""The customer id of 8x8's own example (fact sheet, 1.12)."""

WIRE = "eightbyeight.wire"
"""Where the HTTP edge offers an application to spoil the connection."""

LOGIN_PAGE = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body><form>Sign in</form></body></html>\n"


@dataclass
class Wire:
    """What the HTTP edge shall do to the connection besides sending the answer."""

    reset: bool = False
    cut: bool = False


class TenantApplication(WSGIApplication):
    """The emulated tenant.

    :param seed: The users it starts with.
    :param token: The token that may do everything.
    :param read_only_token: The token of a second client (fact sheet, 1.10).
    """

    def __init__(
        self,
        seed: Seed,
        token: str,
        *,
        read_only_token: str | None = None,
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
        self.limiter = RateLimiter()
        self.wear = Wear(self.switches)
        self.control = Control(self)

    def reset(self) -> None:
        """Go back to the start: users, switches, faults and the limiter. The request log stays."""
        switches, faults = self._start
        self.switches.replace(switches)
        self.faults.replace(faults)
        self.tenant.reset()
        self.tenant_service.refresh()
        self.limiter.reset()
        self.wear.reset()

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
            response: ScimResponse = self._serve(request, ours)
        else:
            response = self._spoil(rule, request, ours, wire)
        self._record(environ, request, response, rule, started)
        return self._send(response, start_response, cut=rule is not None and rule.do == "truncated_json")

    def _read(self, environ: Any, path: str, query: dict[str, str]) -> ScimRequest:
        """Return the request for scim2-server, with only the headers that matter to it."""
        headers = {
            "Authorization": environ.get("HTTP_AUTHORIZATION", ""),
            "Content-Type": environ.get("CONTENT_TYPE", ""),
            "If-Match": environ.get("HTTP_IF_MATCH", ""),
            "If-None-Match": environ.get("HTTP_IF_NONE_MATCH", ""),
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

    def _record(
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

    def _serve(self, request: ScimRequest, ours: bool) -> ScimResponse:
        """Serve a request that no fault spoils."""
        try:
            self.authenticate(request)
            if not ours:
                raise self._wrong_customer(request.path)
            if self.switches.rate_limit:
                self.limiter.check(self.switches.rate_limit)
            return self.handler.handle(request)
        except RateLimitedError as refusal:
            return self._limited(self.switches.rate_limit_form, refusal.wait)
        except Exception as exception:
            return self.handle_exception(request, exception)

    def authenticate(self, request: ScimRequest) -> None:
        """Check the token, and what its owner may do (fact sheet, 1.4, 1.10, 11.1)."""
        scheme, _space, given = (request.header("Authorization") or "").partition(" ")
        if scheme.lower() == "bearer":
            if hmac.compare_digest(given.encode(), self.token.encode()):
                if refusal := self.wear.count(request.method):
                    raise refusal
                return
            if self.read_only_token and hmac.compare_digest(given.encode(), self.read_only_token.encode()):
                if self.switches.second_client == "refuse" and request.method not in READ_METHODS:
                    raise ForbiddenException(detail="This client may only read")
                return
        raise dead_token(self.switches)

    def _wrong_customer(self, path: str) -> SCIMException:
        if path.startswith("/udi/customers/") and self.switches.wrong_customer == 403:
            return ForbiddenException(detail="No access to this customer")
        return NotFoundException(detail="No such customer or endpoint")

    def _limited(self, form: str, wait: float) -> ScimResponse:
        """Return the limiter's answer in one of the forms seen at 8x8 (fact sheet, 5.3)."""
        if form == "http_500":
            return self.service.error_response(scim_error(500, None, "Too many requests"))
        payload = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "429"}
        headers = {"Content-Type": self.switches.media_type}
        seconds = max(1, math.ceil(wait))
        if form in ("retry_after_seconds", "seconds"):
            headers["Retry-After"] = str(seconds)
        elif form in ("retry_after_date", "date"):
            # A date has whole seconds: round up, so that waiting until then is enough.
            headers["Retry-After"] = formatdate(math.ceil(server_time(self.switches) + wait), usegmt=True)
        elif form in ("x_ratelimit_reset", "reset"):
            limit = parse_rate(self.switches.rate_limit)[0] if self.switches.rate_limit else 1
            headers["x-ratelimit-limit"] = str(limit)
            headers["x-ratelimit-remaining"] = "0"
            headers["x-ratelimit-reset"] = str(math.ceil(server_time(self.switches) + wait))
        body = json.dumps({**payload, "detail": "Too many requests"}).encode()
        return JSONResponse(HTTPStatus.TOO_MANY_REQUESTS, None, headers, body)

    def handle_exception(self, request: ScimRequest, exception: Exception) -> ScimResponse:
        """Answer an error. Refusals are the tenant's business; anything else is a bug, and shows itself."""
        if not isinstance(exception, SCIMException | SlowPageException):
            traceback.print_exception(exception, file=sys.stderr)
        return self.tenant_service.error_response(exception, write=request.method not in READ_METHODS)

    # -- Faults --------------------------------------------------------------------------------------

    def _spoil(self, rule: Rule, request: ScimRequest, ours: bool, wire: Wire) -> ScimResponse:
        """Return the answer of a spoiled request, after carrying it out where the fault says so."""
        given = rule.parameters
        if rule.do == "reset_before":
            wire.reset = True
            return ScimResponse(HTTPStatus.NO_CONTENT)
        if rule.do == "latency":
            time.sleep(float(given["seconds"]))
        if rule.do in ("latency", "reset_after", "truncated", "truncated_json"):
            response = self._serve(request, ours)
            wire.reset = rule.do == "reset_after"
            wire.cut = rule.do == "truncated"
            return response
        if given.get("applied"):
            self._serve(request, ours)
        return self._false_answer(rule.do, given, request)

    def _false_answer(self, fault: str, given: dict[str, Any], request: ScimRequest) -> ScimResponse:
        if fault == "rate_limit":
            return self._limited(given["form"], float(given["wait"]))
        if fault == "html":
            status = HTTPStatus(int(given["status"]))
            return page(status, GATEWAY_PAGE.format(f"{status.value} {status.phrase}"))
        if fault == "html_200":
            return page(HTTPStatus.OK, LOGIN_PAGE)
        if fault == "redirect":
            return ScimResponse(HTTPStatus(int(given["status"])), None, {"Location": str(given["location"])})
        if fault == "false_success":
            return false_success(str(given["form"]), str(given["detail"]), HTTPStatus(int(given["status"])))
        if fault == "empty":
            return ScimResponse(HTTPStatus.OK, None, {"Content-Type": self.switches.media_type})
        if fault == "echo_token":
            token = (request.header("Authorization") or "").partition(" ")[2]
            error = scim_error(400, "invalidValue", f"Rejected credential: {token}")
        else:
            error = scim_error(int(given["status"]), given["scimType"], str(given["detail"]))
        return self.tenant_service.error_response(error, verbatim=True)
