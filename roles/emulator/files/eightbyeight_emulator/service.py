# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SCIM protocol as the tenant speaks it: scim2-server's service with 8x8's deviations.

:class:`scim2_server.handler.ScimHandler` calls these steps with what :class:`.tenant.Tenant` stores, so that
routing, conditional requests, discovery and the order of things remain those of scim2-server.
"""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from scim2_models import (
    Context,
    InvalidFilterException,
    InvalidValueException,
    MutabilityException,
    NotFoundException,
    NotImplementedException,
    PatchOp,
    ResponseParameters,
    SCIMException,
    ScimFilter,
    ScimProvider,
    SearchRequest,
    UniquenessException,
)
from scim2_models.path import CompareOperator, Comparison
from scim2_server.conditions import Conditions
from scim2_server.errors import MethodNotAllowedException
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation, Target
from scim2_server.routing import match as route_of
from scim2_server.service import ScimService, scim_exception_of
from scim2_server.storage import SearchPage
from scim2_server.utils import parametrize

from .profile import SITE_KEY, Document, PatchRequest, Profile, scim_error
from .schemas import CORE, ENTERPRISE, TOLERANT, provider_of
from .switches import Switches
from .tenant import Entry, Listing, Tenant, UnknownUserException, stamp

USER_NAME_FILTER = re.compile(r'userName eq ("[^"]*")', re.IGNORECASE)
LIST_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
RESOURCE_OPERATIONS = frozenset(
    {
        Operation.create,
        Operation.query,
        Operation.replace,
        Operation.patch,
        Operation.delete,
        Operation.search,
    }
)
NULLABLE = ("externalId", "title", "locale", "timezone", "phoneNumbers")
GATEWAY_PAGE = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1><hr>gateway</body></html>\n"
LISTED_PARTS = ("schemas", "id", "userName", "name", "active", "emails", "meta")


@dataclass
class JSONResponse(ScimResponse):
    """A response whose body is written already."""

    payload: bytes = b""


def page(status: HTTPStatus, text: str) -> ScimResponse:
    """Return a web page."""
    return JSONResponse(status, None, {"Content-Type": "text/html; charset=utf-8"}, text.encode())


class TenantService(ScimService):
    """The steps of the SCIM protocol, with 8x8's rules and the switches applied."""

    def __init__(self, switches: Switches, tenant: Tenant) -> None:
        self.switches = switches
        self.tenant = tenant
        self._described = -1
        super().__init__(provider_of(switches, tenant.sites))
        self.profile = Profile(switches, tenant.sites, self._model)

    # -- What is served ------------------------------------------------------------------------------

    @property
    def provider(self) -> ScimProvider:
        """The description of the service, for the switches as they are now."""
        if self._described != self.switches.generation:
            self._described = self.switches.generation
            self._provider = provider_of(self.switches, self.tenant.sites)
            self.config = self._provider.config or self.config
        return self._provider

    @provider.setter
    def provider(self, provider: ScimProvider) -> None:
        self._provider = provider

    def refresh(self) -> None:
        """Follow a tenant that was reset."""
        self.profile.sites = self.tenant.sites

    def _model(self) -> Any:
        return self.get_model(self.provider.resource_types[0])

    def match(self, request: ScimRequest) -> Target:  # type: ignore[override]
        """Return what a request asks for; whatever 8x8 does not list is not there (fact sheet, 2.2, 4.7)."""
        target = route_of(request.method.upper(), request.path)
        if target.operation in RESOURCE_OPERATIONS:
            if target.me or target.endpoint != "Users":
                raise NotFoundException(detail=f"No SCIM endpoint at {request.path!r}")
        elif target.operation == Operation.bulk and self.switches.bulk == 405:
            raise MethodNotAllowedException(allowed=["GET"])
        elif target.operation == Operation.bulk and self.switches.bulk == 501:
            raise NotImplementedException(detail="Bulk is not supported")
        elif target.operation in (Operation.bulk, Operation.search_with_body) or not self.switches.discovery:
            raise NotFoundException(detail=f"No SCIM endpoint at {request.path!r}")
        return target

    # -- Answers ---------------------------------------------------------------------------------------

    def represent(self, base_url: str, entry: Entry) -> Document:
        """Return the whole of a user as the tenant answers it."""
        switches = self.switches
        document = dict(entry.document)
        extension = document.pop(SITE_KEY, None)
        # A stranger's extension whose URN became ours when the switch was moved is not ours all the same.
        document.pop(switches.extension_urn, None)
        if switches.inherited_site and self.tenant.sites:
            extension = {"site": next(iter(self.tenant.sites)), **(extension or {})}
        if switches.nulls:
            # The server that answers null for what is unset (fact sheet, 2.7, 9.9).
            for name in NULLABLE:
                document.setdefault(name, None)
            document[ENTERPRISE] = {"department": None, **document.get(ENTERPRISE, {})}
            extension = {"site": None, **(extension or {})}
        schemas = [CORE, *(key for key in document if key.startswith("urn:"))]
        if extension is not None:
            document[switches.extension_urn] = extension
            if switches.extension_in_schemas:
                schemas.append(switches.extension_urn)
        meta: Document = {
            "resourceType": "User",
            "created": stamp(entry.created),
            "lastModified": stamp(entry.last_modified),
            "location": f"{base_url}/Users/{entry.id}",
        }
        if switches.etags:
            meta["version"] = entry.meta.version
        return {"schemas": schemas, "id": entry.id, **document, "meta": meta}

    def _payload(self, base_url: str, entry: Entry, form: str, parameters: Any = None) -> bytes:
        """Return a user as JSON text, written once for as long as nothing changes."""
        if parameters is not None:
            return json.dumps(self._selected(base_url, entry, parameters)).encode()
        # The version is read before the document, so a write in between leaves no old text under a new key.
        key = (entry.meta.version, self.switches.generation, base_url, form)
        payload = entry.rendered.get(key)
        if payload is None:
            if form == "partial":
                document: Document = {"id": entry.id, "userName": entry.user_name, "active": entry.active}
            else:
                document = self.represent(base_url, entry)
                if form == "listed":
                    document = {name: document[name] for name in LISTED_PARTS if name in document}
            payload = json.dumps(document).encode()
            entry.rendered = {key: payload} if len(entry.rendered) > 4 else {**entry.rendered, key: payload}
        return payload

    def _selected(self, base_url: str, entry: Entry, parameters: Any) -> Document:
        """Apply attributes and excludedAttributes (RFC 7644 3.9) with scim2-models."""
        model = self._model().model_validate(self.represent(base_url, entry), scim_policy=TOLERANT)
        selected: Document = model.model_dump(
            scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=parameters, scim_policy=TOLERANT
        )
        return selected

    def _answer(
        self,
        base_url: str,
        entry: Entry,
        form: str,
        parameters: Any = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> ScimResponse:
        headers = {"Content-Type": self.switches.media_type}
        if self.switches.etags:
            headers["ETag"] = entry.meta.version
        return JSONResponse(status, None, headers, self._payload(base_url, entry, form, parameters))

    def read_response_parameters(self, resource_type: Any, query: Any) -> Any:
        """Read attributes and excludedAttributes where the tenant knows them (fact sheet, 11.5)."""
        if self.switches.attributes_parameter == "ignored":
            return None
        parameters: ResponseParameters[Any] = super().read_response_parameters(resource_type, query)
        return parameters if parameters.attributes or parameters.excluded_attributes else None

    # -- Create, read --------------------------------------------------------------------------------

    def read_creation(self, resource_type: Any, body: bytes, content_type: str | None) -> Any:
        """Read a POST."""
        return self.profile.create(self.profile.read(self.decode_body(body, content_type)))

    def creation_response(self, base_url: str, created: Any) -> ScimResponse:
        """Answer 201 with the user (fact sheet, 2.6)."""
        response = self._answer(base_url, created, self.switches.write_answers, status=HTTPStatus.CREATED)
        response.headers["Location"] = f"{base_url}/Users/{created.id}"
        return response

    def query_response(
        self, base_url: str, resource: Any, response_parameters: Any, conditions: Conditions
    ) -> ScimResponse:
        """Answer one user."""
        if not self.check_preconditions(resource, "GET", conditions):
            return ScimResponse(HTTPStatus.NOT_MODIFIED, None, {"ETag": resource.meta.version})
        return self._answer(base_url, resource, "full", response_parameters)

    # -- Lists ---------------------------------------------------------------------------------------

    def read_search_query(self, resource_types: Any, query: Any) -> Any:
        """Read the parameters of a list, under the filter and page switches (fact sheet, section 4)."""
        switches = self.switches
        listing = Listing(
            start_index=max(1, self._number(query, "startIndex", 1)),
            count=min(max(0, self._number(query, "count", switches.default_page)), switches.max_page),
        )
        if query.get("count") and listing.count == 0 and switches.count_zero == "default_page":
            listing.count = min(switches.default_page, switches.max_page)
        if "filter" in query and switches.filter != "ignored":
            self._read_filter(query["filter"], listing)
        if "sortBy" in query and switches.sort == "applied":
            self._read_sort(query, listing)
        listing.parameters = self.read_response_parameters(resource_types[0], query)
        return listing, None

    @staticmethod
    def _number(query: Any, name: str, default: int) -> int:
        text = query.get(name)
        if text is None:
            return default
        try:
            return int(text)
        except ValueError:
            raise scim_error(400, "invalidValue", f"{name} is not a number") from None

    def _read_filter(self, text: str, listing: Listing) -> None:
        if self.switches.filter == "refused":
            raise InvalidFilterException(detail="Filters are not supported")
        # The one filter that clients send all day is read without the parser, which costs more than the search.
        if plain := USER_NAME_FILTER.fullmatch(text):
            with contextlib.suppress(ValueError):
                listing.user_name = str(json.loads(plain[1]))
                return
        node = parametrize(ScimFilter, self._model())(text).ast
        if (
            isinstance(node, Comparison)
            and node.op == CompareOperator.eq
            and isinstance(node.value, str)
            and node.attr_path.attr.lower() == "username"
            and node.attr_path.sub_attr is None
        ):
            listing.user_name = node.value
            return
        if self.switches.filter == "user_name_only":
            raise InvalidFilterException(detail='Only userName eq "..." is supported')
        try:
            # The strict reading: an attribute that does not exist is an error, not an empty answer.
            checked = parametrize(SearchRequest, self._model()).model_validate(
                {"filter": text}, scim_ctx=Context.SEARCH_REQUEST
            )
        except ValidationError as exception:
            raise scim_exception_of(exception) from exception
        strict: Any = checked.filter
        listing.match = lambda entry: strict.match(self._resource(entry))

    def _read_sort(self, query: Any, listing: Listing) -> None:
        try:
            request = parametrize(SearchRequest, self._model()).model_validate(
                {key: query[key] for key in ("sortBy", "sortOrder") if key in query},
                scim_ctx=Context.SEARCH_REQUEST,
            )
        except ValidationError as exception:
            raise scim_exception_of(exception) from exception

        def key(entry: Entry) -> tuple[bool, str]:
            value = request.sort_value(self._resource(entry))
            return value is None, str(value)

        listing.sort_key = key
        listing.descending = request.sort_order == SearchRequest.SortOrder.descending

    def _resource(self, entry: Entry) -> Any:
        return self._model().model_validate(self.represent("", entry), scim_policy=TOLERANT)

    def search_response(
        self, base_url: str, resource_types: Any, page: SearchPage, search_request: Any
    ) -> ScimResponse:
        """Answer a page. The users are joined as text: most of them were written before."""
        form = "full" if self.switches.list_payload == "full" else "listed"
        found: Any = page.resources
        users = [self._payload(base_url, entry, form, search_request.parameters) for entry in found]
        head = {
            "schemas": [LIST_RESPONSE],
            "totalResults": page.total,
            "startIndex": search_request.start_index,
            "itemsPerPage": len(users),
        }
        payload = json.dumps(head).encode()
        if users or page.total or self.switches.empty_resources == "array":
            payload = payload[:-1] + b', "Resources": [' + b", ".join(users) + b"]}"
        return JSONResponse(HTTPStatus.OK, None, {"Content-Type": self.switches.media_type}, payload)

    # -- PUT -------------------------------------------------------------------------------------------

    def read_replacement(self, resource_type: Any, body: bytes, content_type: str | None) -> Any:
        """Read a PUT."""
        return self.profile.read(self.decode_body(body, content_type))

    def apply_replacement(self, current: Any, replacement: Any, conditions: Conditions) -> Any:
        """Return the entry and its new document, or None when nothing changes."""
        self.check_preconditions(current, "PUT", conditions)
        document = self.profile.replace(current.document, replacement)
        return None if document == current.document else (current, document)

    def replacement_response(self, base_url: str, resource: Any, response_parameters: Any) -> ScimResponse:
        """Answer a PUT."""
        return self._answer(base_url, resource, self.switches.write_answers, response_parameters)

    # -- PATCH -----------------------------------------------------------------------------------------

    def read_patch(self, resource_type: Any, body: bytes, content_type: str | None) -> Any:
        """Read a PATCH, which may be refused as a whole or in part (fact sheet, K9, 11.8)."""
        switches = self.switches
        if switches.patch == 405:
            raise MethodNotAllowedException(allowed=["GET", "PUT", "DELETE"])
        if switches.patch == 501:
            raise NotImplementedException(detail="PATCH is not supported")
        payload = self.decode_body(body, content_type)
        request = self.profile.read_patch(payload)
        if request.others and switches.patch_other == 400:
            raise MutabilityException(detail="PATCH can change active only")
        if request.others and switches.patch_other == 501:
            raise NotImplementedException(detail="PATCH can change active only")
        if request.others and switches.patch_other == "apply":
            try:
                request.operation = parametrize(PatchOp, self._model()).model_validate(
                    payload, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=TOLERANT
                )
            except ValidationError as exception:
                raise scim_exception_of(exception) from exception
        return request

    def apply_patch(self, current: Any, patch_op: Any, conditions: Conditions) -> Any:
        """Return the entry and its new document, or None when nothing changes."""
        switches = self.switches
        self.check_preconditions(current, "PATCH", conditions)
        request: PatchRequest = patch_op
        if request.operation is not None:
            resource = self._resource(current)
            with TOLERANT:
                request.operation.patch(resource)
                patched = resource.model_dump(scim_policy=TOLERANT)
            document = self.profile.replace(current.document, self.profile.read(patched))
        else:
            document = current.document
            if request.active is not None:
                document = {**document, "active": request.active}
                if document == current.document and switches.repeated_patch == 400:
                    raise InvalidValueException(detail="active has that value already")
        return None if document == current.document else (current, document)

    def patch_response(self, base_url: str, resource: Any, response_parameters: Any) -> ScimResponse:
        """Answer a PATCH in one of its forms (fact sheet, 2.10, 11.8)."""
        if self.switches.patch == 204:
            return ScimResponse(HTTPStatus.NO_CONTENT)
        if self.switches.answers == "none":
            return JSONResponse(HTTPStatus.OK, None, {"Content-Type": self.switches.media_type}, b"")
        return self._answer(base_url, resource, self.switches.answers, response_parameters)

    # -- Errors ----------------------------------------------------------------------------------------

    def check_preconditions(self, resource: Any, method: str, conditions: Conditions) -> bool:
        """Evaluate If-Match where users have versions; elsewhere it is ignored, as any unknown header is."""
        return not self.switches.etags or super().check_preconditions(resource, method, conditions)

    @property
    def etag_supported(self) -> bool:
        """Whether users are versioned (fact sheet, 11.6)."""
        return bool(self.switches.etags)

    def error_response(self, exception: Exception, *, verbatim: bool = False) -> ScimResponse:
        """Return the answer to an error, in the form of the switches (fact sheet, 5.6, 11.1).

        :param verbatim: Keep the text, as an injected fault wants it.
        """
        switches = self.switches
        if isinstance(exception, UnknownUserException) and switches.unknown_id == "404 empty":
            return JSONResponse(HTTPStatus.NOT_FOUND, None, {}, b"")
        if isinstance(exception, UnknownUserException) and switches.unknown_id == "404 html":
            return page(HTTPStatus.NOT_FOUND, GATEWAY_PAGE.format("404 Not Found"))
        if isinstance(exception, UnknownUserException) and switches.unknown_id == 400:
            exception = InvalidValueException(detail=str(exception))
        if isinstance(exception, UniquenessException) and switches.duplicate == 400:
            # The form of the sister API, which is RFC 7807's.
            body = {
                "status": 400,
                "title": "Bad Request",
                "detail": str(exception),
                "errors": [{"field": "userName", "code": "VALIDATION_ERROR", "message": str(exception)}],
            }
            payload = json.dumps(body).encode()
            return JSONResponse(HTTPStatus.BAD_REQUEST, None, {"Content-Type": "application/problem+json"}, payload)
        response = super().error_response(exception)
        body = {"schemas": [ERROR]}
        if switches.error_status_type != "missing":
            status = int(response.status)
            body["status"] = str(status) if switches.error_status_type == "string" else status
        if isinstance(exception, SCIMException) and exception.scim_type:
            body["scimType"] = exception.scim_type
        if verbatim or switches.error_detail == "explained":
            body["detail"] = str(exception) if isinstance(exception, SCIMException) else "Internal server error"
        elif switches.error_detail == "phrase":
            body["detail"] = response.status.phrase
        headers = {**response.headers, "Content-Type": switches.media_type}
        return JSONResponse(response.status, None, headers, json.dumps(body).encode())
