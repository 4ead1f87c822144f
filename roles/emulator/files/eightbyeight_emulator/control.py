# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control endpoint: for tests on this machine, so without a token but for loopback only."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from scim2_models import SCIMException
from scim2_server.responses import ScimResponse

from .console import delete, edit, users
from .faults import FaultError
from .responses import JSONResponse
from .seed import SeedError
from .switches import SwitchError

if TYPE_CHECKING:
    from .application import TenantApplication

CONTROL = "/_emulator/"


class Control:
    """Moves switches, injects faults, shows requests and users, and plays the person in Admin Console."""

    def __init__(self, tenant: TenantApplication) -> None:
        self._tenant = tenant

    def answer(self, environ: Any) -> ScimResponse:
        """Serve a request."""
        peer = environ.get("REMOTE_ADDR", "127.0.0.1")
        if not (peer.startswith("127.") or peer == "::1"):
            return _json(HTTPStatus.FORBIDDEN, {"error": "the control endpoint is for this machine only"})
        name = environ["PATH_INFO"][len(CONTROL) :].strip("/")
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        try:
            return self._command(environ["REQUEST_METHOD"], name, body)
        except (SwitchError, FaultError, SeedError, SCIMException) as error:
            return _json(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        except ValueError as error:
            return _json(HTTPStatus.BAD_REQUEST, {"error": f"not JSON: {error}"})

    def _command(self, method: str, name: str, body: bytes) -> ScimResponse:
        match method, name:
            case "GET", "switches":
                answer: Any = self._tenant.switches.as_dict()
            case "PUT", "switches":
                positions = json.loads(body)
                if not isinstance(positions, dict):
                    raise SwitchError("the switches are a JSON object")
                self._tenant.switches.update(positions)
                answer = self._tenant.switches.as_dict()
            case "GET", "faults":
                answer = self._tenant.faults.as_list()
            case "PUT", "faults":
                self._tenant.faults.replace(json.loads(body))
                answer = self._tenant.faults.as_list()
            case "GET", "log":
                answer = self._tenant.requests.entries()
            case "DELETE", "log":
                self._tenant.requests.clear()
                answer = []
            case "GET", "users":
                answer = users(self._tenant.tenant)
            case "PATCH", user if user.startswith("users/"):
                edit(self._tenant.tenant, user.removeprefix("users/"), json.loads(body))
                answer = users(self._tenant.tenant)
            case "DELETE", user if user.startswith("users/"):
                self._tenant.desk.forget(delete(self._tenant.tenant, user.removeprefix("users/")))
                answer = users(self._tenant.tenant)
            case "PATCH", user if user.startswith("services/"):
                answer = self._tenant.edit_services(user.removeprefix("services/"), json.loads(body))
            case "POST", "writer":
                answer = self._provision(json.loads(body))
            case "POST", "reset":
                self._tenant.reset()
                answer = self._tenant.switches.as_dict()
            case _:
                return _json(HTTPStatus.NOT_FOUND, {"error": f"no {method} {CONTROL}{name}"})
        return _json(HTTPStatus.OK, answer)

    def _provision(self, wanted: Any) -> list[int]:
        if not isinstance(wanted, dict) or not {"action", "user"} <= set(wanted) <= {"action", "user", "attributes"}:
            raise SeedError('say {"action": ..., "user": LOGIN, "attributes": {...}}')
        return self._tenant.writer.provision(str(wanted["action"]), str(wanted["user"]), wanted.get("attributes"))


def _json(status: HTTPStatus, body: Any) -> ScimResponse:
    return JSONResponse(status, None, {"Content-Type": "application/json"}, json.dumps(body).encode())
