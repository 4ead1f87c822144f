# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SCIM protocol as the tenant speaks it: scim2-server's service with 8x8's deviations.

:class:`scim2_server.handler.ScimHandler` calls these steps with what :class:`.tenant.Tenant` stores, so that
routing, conditional requests, discovery and the order of things remain those of scim2-server.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from pydantic import ValidationError
from scim2_models import (
    Context,
    InvalidValueException,
    MutabilityException,
    NotImplementedException,
    PatchOp,
    PreconditionFailedException,
    ResponseParameters,
    ScimProvider,
)
from scim2_server.conditions import Conditions
from scim2_server.errors import MethodNotAllowedException, UnsupportedMediaTypeException
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.routing import Target
from scim2_server.service import ScimService, is_json_media_type, scim_exception_of
from scim2_server.storage import SearchPage
from scim2_server.utils import parametrize

from .answers import Answers
from .contacts import as_entry
from .endpoints import target_of
from .entries import Entry
from .errors import error_response
from .lists import ListReader
from .patching import PatchRequest, read_patch
from .profile import Profile
from .refusals import scim_error
from .representation import Representation
from .responses import JSONResponse
from .schemas import TOLERANT, provider_of
from .switches import Switches
from .tenant import Tenant


class TenantService(ScimService):
    """The steps of the SCIM protocol, with 8x8's rules and the switches applied."""

    def __init__(self, switches: Switches, tenant: Tenant) -> None:
        self.switches = switches
        self.tenant = tenant
        self._described = -1
        self._provider = provider_of(switches, tenant.sites)
        super().__init__(self._provider)
        self.profile = Profile(switches, tenant.sites, self._model)
        self.representation = Representation(switches, tenant)
        self.answers = Answers(switches, self.representation, self._model)
        self.lists = ListReader(switches, self._model, self._resource)

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
        """Return what a request asks for."""
        return target_of(request, self.switches)

    # -- Answers ---------------------------------------------------------------------------------------

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
        response = self.answers.user(base_url, created, self.switches.write_answers, status=HTTPStatus.CREATED)
        response.headers["Location"] = f"{base_url}/Users/{created.id}"
        return response

    def query_response(
        self, base_url: str, resource: Any, response_parameters: Any, conditions: Conditions
    ) -> ScimResponse:
        """Answer one user, which reads may still show as it was (fact sheet, 11.19)."""
        resource = self.tenant.stale.as_read(resource)
        if not self.check_preconditions(resource, "GET", conditions):
            return ScimResponse(HTTPStatus.NOT_MODIFIED, None, {"ETag": resource.meta.version})
        return self.answers.user(base_url, resource, "full", response_parameters)

    # -- Lists ---------------------------------------------------------------------------------------

    def read_search_query(self, resource_types: Any, query: Any) -> Any:
        """Read the parameters of a list."""
        listing = self.lists.read(query)
        listing.parameters = self.read_response_parameters(resource_types[0], query)
        return listing, None

    def _resource(self, entry: Entry) -> Any:
        document = self.representation.of("", entry)
        # Plain text is no entry to the model, and a filter must not stumble over it.
        document["emails"] = [as_entry(item) for item in document.get("emails", [])]
        return self._model().model_validate(document, scim_policy=TOLERANT)

    def search_response(
        self, base_url: str, resource_types: Any, page: SearchPage, search_request: Any
    ) -> ScimResponse:
        """Answer a page."""
        found: Any = page.resources
        return self.answers.page(base_url, found, page.total or 0, search_request)

    # -- PUT -------------------------------------------------------------------------------------------

    def read_replacement(self, resource_type: Any, body: bytes, content_type: str | None) -> Any:
        """Read a PUT."""
        return self.profile.read(self.decode_body(body, content_type))

    def apply_replacement(self, current: Any, replacement: Any, conditions: Conditions) -> Any:
        """Return the entry and its new document, or None when nothing changes."""
        self.check_preconditions(current, "PUT", conditions)
        document = self.profile.replace(current.document, replacement, current.first_site)
        return None if document == current.document else (current, document)

    def replacement_response(self, base_url: str, resource: Any, response_parameters: Any) -> ScimResponse:
        """Answer a PUT."""
        return self.answers.user(base_url, resource, self.switches.write_answers, response_parameters)

    # -- PATCH -----------------------------------------------------------------------------------------

    def read_patch(self, resource_type: Any, body: bytes, content_type: str | None) -> Any:
        """Read a PATCH, which may be refused as a whole or in part (fact sheet, K9, 11.8)."""
        switches = self.switches
        if switches.patch == 404:
            raise scim_error(404, None, "There is no such path")
        if switches.patch == 405:
            raise MethodNotAllowedException(allowed=["GET", "PUT", "DELETE"])
        if switches.patch == 501:
            raise NotImplementedException(detail="PATCH is not supported")
        payload = self.decode_body(body, content_type)
        request = read_patch(payload, switches)
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
            document = self.profile.replace(current.document, self.profile.read(patched), current.first_site)
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
        return self.answers.user(base_url, resource, self.switches.answers, response_parameters)

    # -- Errors ----------------------------------------------------------------------------------------

    def decode_body(self, body: bytes, content_type: str | None) -> Any:
        """Return the JSON value of a body whose Content-Type the tenant takes (fact sheet, 1.14, 11.7)."""
        wanted = self.switches.request_media_type
        given = (content_type or "").partition(";")[0].strip().lower()
        if not is_json_media_type(content_type) or wanted not in ("any", given):
            kinds = "application/scim+json or application/json" if wanted == "any" else wanted
            raise UnsupportedMediaTypeException(
                detail=f"The request body must be {kinds}, not {given or 'without type'}"
            )
        return super().decode_body(body, content_type)

    def check_preconditions(self, resource: Any, method: str, conditions: Conditions) -> bool:
        """Evaluate If-Match where users have versions; elsewhere it is ignored, as any unknown header is."""
        if not self.switches.etags:
            return True
        if method != "GET":
            if conditions.if_match is None and self.switches.missing_if_match == 428:
                raise scim_error(428, None, "If-Match is required")
            if conditions.if_match not in (None, "*") and self.switches.if_match == "strong":
                # RFC 9110 13.1.1: If-Match compares strongly, and a weak version never matches.
                raise PreconditionFailedException
        return super().check_preconditions(resource, method, conditions)

    @property
    def etag_supported(self) -> bool:
        """Whether users are versioned (fact sheet, 11.6)."""
        return bool(self.switches.etags)

    def error_response(self, exception: Exception, *, verbatim: bool = False, write: bool = False) -> ScimResponse:
        """Return the answer to an error, in the form of the switches.

        :param verbatim: Keep the text, as an injected fault wants it.
        :param write: Whether a write is refused.
        """
        plain = super().error_response
        return error_response(exception, self.switches, plain, verbatim=verbatim, write=write)
