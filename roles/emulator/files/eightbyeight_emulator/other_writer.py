# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An identity provider that provisions this tenant, in the shapes of its requests (fact sheet, 4.5, 9.1, 9.2, 9.4).

Entra ID and Okta look a user up by login name before they create it. Entra ID replaces single attributes by PATCH, with
booleans as text. Okta switches ``active`` by a PATCH without a path, and puts back the whole user for anything else. Of OneLogin
no document was found; it gets the plain forms of RFC 7644. Google Workspace has no provisioning for 8x8: 8x8 makes a user at
the first sign-in, and nobody tells it of those who left.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse

from .documents import Document
from .responses import JSONResponse
from .seed import SeedError

if TYPE_CHECKING:
    from .application import TenantApplication

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
WRITERS = ("entra", "okta", "onelogin")
ACTIONS = ("create", "update", "deactivate", "activate")

#: Sends one request: method, path, query and body -> status and body of the answer.
Send = Callable[[str, str, Mapping[str, str], Any], tuple[int, Any]]


class OtherWriter:
    """The identity provider that the switch ``other_writer`` names. Faults do not hit its requests.

    :param application: The tenant that it provisions.
    """

    def __init__(self, application: TenantApplication) -> None:
        self._application = application

    def provision(self, action: str, user: str, attributes: dict[str, Any] | None = None) -> list[int]:
        """Write, and return the statuses of the answers. The requests are in the log, with the name as ``user_agent``.

        :param action: ``create``, ``update``, ``deactivate`` or ``activate``, and ``sign_in`` for Google Workspace.
        :param attributes: Top-level attributes of SCIM.
        :raises SeedError: When it does no such thing.
        """
        writer = str(self._application.switches.other_writer)
        statuses = provision(writer, action, user, attributes or {}, self._send)
        tenant = self._application.tenant
        if writer == "google" and statuses[-1] == HTTPStatus.CREATED:
            with tenant.operation():
                entry = tenant.entry_of(user)
                if entry is not None:
                    entry.origin = "console"  # Nobody provisioned that user by SCIM.
        return statuses

    def _send(self, method: str, path: str, query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        ours = self._application
        request = ScimRequest(
            method=method,
            base_url=f"http://127.0.0.1{ours.base_path}",
            path=path,
            query=dict(query),
            headers={"Content-Type": "application/scim+json", "Accept": "application/scim+json"},
            body=b"" if body is None else json.dumps(body).encode(),
        )
        started = time.perf_counter()
        try:
            response: ScimResponse = ours.handler.handle(request)
        except Exception as exception:
            response = ours.handle_exception(request, exception)
        ours.record({"HTTP_USER_AGENT": str(ours.switches.other_writer)}, request, response, None, started)
        answer = json.loads(response.payload) if isinstance(response, JSONResponse) else response.body
        return int(response.status), answer


def provision(writer: str, action: str, user: str, attributes: Document, send: Send) -> list[int]:
    """Do as an identity provider does, and return the statuses of the answers.

    :param attributes: Top-level attributes of SCIM, for ``create`` and ``update``.
    :raises SeedError: When there is no such writer, action or user.
    """
    if writer == "google":
        if action != "sign_in":
            raise SeedError("Google Workspace only signs people in: the action is sign_in")
        return _look_up(user, attributes, send)[0]
    if writer not in WRITERS or action not in ACTIONS:
        raise SeedError(f"the switch other_writer names who writes, and the action is one of {', '.join(ACTIONS)}")
    statuses, found = _look_up(user, attributes, send, creates=action == "create")
    if action == "create":
        return statuses
    if found is None:
        raise SeedError(f"{writer} finds no user {user!r}")
    path = f"/Users/{found['id']}"
    if action == "update":
        return [*statuses, *_update(writer, path, found, attributes, send)]
    wanted = action == "activate"
    return [*statuses, send("PATCH", path, {}, _patch(writer, {"active": wanted}))[0]]


def _look_up(user: str, attributes: Document, send: Send, *, creates: bool = True) -> tuple[list[int], Document | None]:
    status, answer = send("GET", "/Users", {"filter": f"userName eq {json.dumps(user)}"}, None)
    found = next(iter(answer.get("Resources") or []), None) if isinstance(answer, dict) else None
    if found is not None or not creates:
        return [status], found
    body = {"schemas": [CORE], "userName": user, "active": True, **attributes}
    return [status, send("POST", "/Users", {}, body)[0]], None


def _update(writer: str, path: str, found: Document, attributes: Document, send: Send) -> list[int]:
    if writer == "entra":
        return [send("PATCH", path, {}, _patch(writer, attributes))[0]]
    # What the provider does not know, such as the site, is not in what it puts back.
    kept = {name: value for name, value in found.items() if name not in ("id", "meta")}
    return [send("GET", path, {}, None)[0], send("PUT", path, {}, {**kept, **attributes})[0]]


def _patch(writer: str, attributes: Document) -> Document:
    if writer == "okta":
        return {"schemas": [PATCH], "Operations": [{"op": "replace", "value": attributes}]}
    text = writer == "entra"
    return {
        "schemas": [PATCH],
        "Operations": [
            {
                "op": "Replace" if text else "replace",
                "path": name,
                "value": str(value) if text and isinstance(value, bool) else value,
            }
            for name, value in attributes.items()
        ],
    }
