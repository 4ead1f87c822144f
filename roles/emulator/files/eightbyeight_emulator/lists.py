# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of a list: pages, filters and the order (fact sheet, section 4)."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from scim2_models import Context, InvalidFilterException, ScimFilter, SearchRequest
from scim2_models.path import CompareOperator, Comparison
from scim2_server.service import scim_exception_of
from scim2_server.utils import parametrize

from .entries import Entry, Listing
from .refusals import refusal, scim_error
from .switches import Switches

USER_NAME_FILTER = re.compile(r'userName eq ("[^"]*")', re.IGNORECASE)


class SlowPageException(Exception):
    """A page that a gateway did not wait for."""


class ListReader:
    """Reads the query of a list.

    :param switches: The positions, read anew with every request.
    :param model: Returns the scim2-models class of a user.
    :param resource: Returns a user as an instance of that class.
    """

    def __init__(self, switches: Switches, model: Callable[[], Any], resource: Callable[[Entry], Any]) -> None:
        self.switches = switches
        self._model = model
        self._resource = resource

    def read(self, query: Any) -> Listing:
        """Return what is asked for, or refuse it."""
        start = _number(query, "startIndex", 1) if self.switches.start_index == "honored" else 1
        listing = Listing(max(1, start), self._count(query))
        if "filter" in query and self.switches.filter != "ignored":
            self._read_filter(query["filter"], listing)
        if "sortBy" in query and self.switches.sort == "applied":
            self._read_sort(query, listing)
        return listing

    def _count(self, query: Any) -> int:
        """Return how many users a page holds at most (fact sheet, 11.3)."""
        switches = self.switches
        wanted = max(0, _number(query, "count", min(switches.default_page, switches.max_page)))
        if wanted > switches.max_page and switches.page_over_max != "cap":
            raise refusal(switches.page_over_max, f"count is {switches.max_page} at most")
        count = min(wanted, switches.max_page)
        if query.get("count") and count == 0 and switches.count_zero == "default_page":
            count = min(switches.default_page, switches.max_page)
        if switches.slow_page is not None and count > switches.slow_page:
            raise SlowPageException
        return int(count)

    def _read_filter(self, text: str, listing: Listing) -> None:
        if self.switches.filter == "refused":
            raise InvalidFilterException(detail="Filters are not supported")
        if self.switches.filter_quotes == "refuse" and "\\" in text:
            raise InvalidFilterException(detail="Quotes and backslashes are not supported in a filter")
        # The one filter that clients send all day is read without the parser, which costs more than the search.
        if plain := USER_NAME_FILTER.fullmatch(text):
            with contextlib.suppress(ValueError):
                listing.user_name = str(json.loads(plain[1]))
                return
        if self._read_equality(parametrize(ScimFilter, self._model())(text).ast, listing):
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

    def _read_equality(self, node: Any, listing: Listing) -> bool:
        """Read ``userName eq``, and the few others that a tenant may support besides; tell whether it was one."""
        if not (isinstance(node, Comparison) and node.op == CompareOperator.eq and isinstance(node.value, str)):
            return False
        if node.attr_path.sub_attr is not None:
            return False
        name, value = node.attr_path.attr.lower(), node.value
        if name == "username":
            listing.user_name = value
        elif name == "id" and self.switches.filter_id == "accept":
            listing.match = lambda entry: entry.id == value
        elif name == "externalid" and self.switches.filter_external_id == "accept":
            listing.match = lambda entry: entry.document.get("externalId") == value
        else:
            return False
        return True

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


def _number(query: Any, name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    try:
        return int(text)
    except ValueError:
        raise scim_error(400, "invalidValue", f"{name} is not a number") from None
