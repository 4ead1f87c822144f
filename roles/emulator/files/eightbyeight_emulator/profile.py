# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the 8x8 tenant: what it does to a user that a client sends.

Everything here is pure: documents in, documents out, and exceptions of scim2-models for refusals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scim2_models import InvalidSyntaxException, InvalidValueException, MutabilityException

from .contacts import settle_emails, settle_phones
from .documents import SITE_KEY, Document, accepted_urns, canonical, fold, has_null, merged, prune
from .names import led_by_whole
from .paths import rewritten, without
from .refusals import scim_error
from .schemas import Site
from .site import check_site, replace_site
from .switches import Switches
from .validation import (
    check_required,
    check_schemas,
    check_singular,
    check_types,
    known_attributes,
    settle_lengths,
    settle_locale,
    settle_names,
    settle_timezone,
)

FALLBACK_LOCALE = "en-US"


@dataclass(frozen=True)
class Request:
    """A user as a client sent it."""

    sent: Document
    """Under canonical names, with the nulls that were sent."""

    document: Document
    """The same without what is unassigned, checked."""


class Profile:
    """The rules, for one set of switches and sites.

    :param switches: The positions, read anew with every request.
    :param sites: The sites of the tenant by name.
    :param model: Returns the scim2-models class that checks a document's types.
    """

    def __init__(self, switches: Switches, sites: Mapping[str, Site], model: Callable[[], Any]) -> None:
        self.switches = switches
        self.sites = sites
        self.model = model

    def read(self, payload: Any) -> Request:
        """Return the body of a POST or PUT, checked and canonical but with no rule applied yet."""
        if not isinstance(payload, dict):
            raise InvalidSyntaxException(detail="The request body is not a JSON object")
        check_schemas(payload)
        sent = canonical(payload, accepted_urns(self.switches))
        return Request(sent, self._checked(sent))

    def _checked(self, sent: Document) -> Document:
        check_singular(sent)
        document: Document = prune(sent)
        check_required(document, self.switches)
        document = check_types(document, self.model)
        if document.get(SITE_KEY, {}).get("site") == "":
            document[SITE_KEY] = {key: value for key, value in document[SITE_KEY].items() if key != "site"}
        return document

    def create(self, request: Request) -> Document:
        """Return what is stored for a POST."""
        document = known_attributes(request.document, {}, self.switches)
        document.setdefault("active", True)
        check_site(document, self.sites, self.switches)
        return self._settle(document)

    def replace(self, current: Document, request: Request, first_site: str | None = None) -> Document:
        """Return what is stored for a PUT: what the client left out is gone (fact sheet, 2.7), unless the tenant merges.

        :param first_site: The first site that the user ever had.
        """
        switches = self.switches
        document = request.document
        if switches.put_omitted in ("refuse", "stumble") and has_null(request.sent):
            raise scim_error(400 if switches.put_omitted == "refuse" else 500, None, "null is no value")
        if switches.put_omitted != "clear":
            document = self._checked(merged(current, request.sent, switches.put_omitted == "keep"))
        document = known_attributes(document, current, switches)
        self._keep_identity(current, document)
        replace_site(current, document, first_site, self.sites, switches)
        if "active" not in document:
            document["active"] = {
                "deactivate": False,
                "activate": True,
                "keep": current.get("active", True),
            }[switches.put_without_active]
        if switches.put_inactive == "refuse" and not current.get("active") and not document["active"]:
            raise InvalidValueException(detail="A deactivated user cannot be changed; reactivate it first")
        return self._settle(document)

    def _keep_identity(self, current: Document, document: Document) -> None:
        """Apply the rename rule (fact sheet, K5)."""
        old, new = current["userName"], document["userName"]
        if old == new or self.switches.put_rename == "accept":
            return
        if self.switches.put_rename == "refuse" and fold(old, self.switches) != fold(new, self.switches):
            raise MutabilityException(detail="userName cannot be changed")
        document["userName"] = old

    def _settle(self, document: Document) -> Document:
        """Return a document after everything that the server does to a write on its own account."""
        for path in self.switches.drop_attributes:
            document = without(document, path)
        for path, rule in self.switches.normalize.items():
            document = rewritten(document, path, rule)
        document = led_by_whole(document, str(self.switches.whole_names))
        settle_names(document, self.switches)
        settle_emails(document, self.switches)
        settle_lengths(document, self.switches)
        settle_phones(document, self.switches)
        self._settle_defaults(document)
        settled: Document = prune(document)
        return settled

    def _settle_defaults(self, document: Document) -> None:
        """Fill in what a user inherits from the site (fact sheet, section 3)."""
        site = self.sites.get(document.get(SITE_KEY, {}).get("site", ""))
        locale, zone = settle_locale(document, self.switches), settle_timezone(document, self.switches)
        document["locale"] = locale or (site.locale if site else None) or FALLBACK_LOCALE
        document["timezone"] = zone or (site.timezone if site else None)
        for dropped in {"locale", "timezone"} & set(self.switches.drop_attributes):
            del document[dropped]
