# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The answers that hold users: one of them, or a page."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from scim2_models import Context
from scim2_server.responses import ScimResponse

from .documents import Document
from .entries import Entry, Listing
from .representation import Representation
from .responses import JSONResponse
from .schemas import TOLERANT
from .switches import Switches

LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


class Answers:
    """Writes users into answers.

    :param switches: The positions, read anew with every answer.
    :param representation: The forms of a user.
    :param model: Returns the scim2-models class of a user.
    """

    def __init__(self, switches: Switches, representation: Representation, model: Callable[[], Any]) -> None:
        self.switches = switches
        self.representation = representation
        self._model = model

    def user(
        self,
        base_url: str,
        entry: Entry,
        form: str,
        parameters: Any = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> ScimResponse:
        """Return the answer of one user."""
        headers = {"Content-Type": self.switches.media_type}
        if self.switches.etags and self.switches.version_place != "body":
            headers["ETag"] = entry.meta.version
        return JSONResponse(status, None, headers, self._text(base_url, entry, form, parameters))

    def page(self, base_url: str, entries: list[Entry], total: int, listing: Listing) -> ScimResponse:
        """Return the answer of one page of a list."""
        form = "listed" if self.switches.list_payload == "full" else "listed partial"
        users = [self._text(base_url, entry, form, listing.parameters) for entry in entries]
        head = {
            "schemas": [LIST_RESPONSE],
            "totalResults": total,
            "startIndex": listing.start_index,
            "itemsPerPage": len(users),
        }
        payload = json.dumps(head).encode()
        if users or total or self.switches.empty_resources == "array":
            payload = payload[:-1] + b', "Resources": [' + b", ".join(users) + b"]}"
        return JSONResponse(HTTPStatus.OK, None, {"Content-Type": self.switches.media_type}, payload)

    def _text(self, base_url: str, entry: Entry, form: str, parameters: Any) -> bytes:
        document = self.representation.of(base_url, entry, form)
        if parameters is not None:
            document = self._selected(document, parameters)
        return json.dumps(document).encode()

    def _selected(self, document: Document, parameters: Any) -> Document:
        """Apply attributes and excludedAttributes (RFC 7644 3.9) with scim2-models."""
        model = self._model().model_validate(document, scim_policy=TOLERANT)
        selected: Document = model.model_dump(
            scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=parameters, scim_policy=TOLERANT
        )
        return selected
