# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the tenant writes a user."""

from __future__ import annotations

from typing import Any

from .entries import Entry, stamp
from .names import whole_names
from .paths import without
from .profile import SITE_KEY, Document
from .schemas import CORE, ENTERPRISE
from .switches import Switches
from .tenant import Tenant

NULLABLE = ("externalId", "title", "locale", "timezone", "phoneNumbers")
LISTED_PARTS = ("schemas", "id", "userName", "name", "active", "emails", "meta")


class Representation:
    """The forms of a user in an answer.

    :param switches: The positions, read anew with every answer.
    :param tenant: Whose sites a user may inherit from.
    """

    def __init__(self, switches: Switches, tenant: Tenant) -> None:
        self.switches = switches
        self.tenant = tenant

    def of(self, base_url: str, entry: Entry, form: str = "full") -> Document:
        """Return a user.

        :param form: ``full``, ``partial`` (what a PATCH answers), ``listed`` (what a list holds of everybody) or
            ``listed partial``.
        """
        if form == "partial":
            return {"id": entry.id, "userName": entry.user_name, "active": entry.active}
        document = self._whole(base_url, entry)
        if form.startswith("listed"):
            if form == "listed partial":
                document = {name: document[name] for name in LISTED_PARTS if name in document}
            for path in self.switches.list_omits:
                document = without(document, path, self.switches.extension_urn)
        return document

    def _whole(self, base_url: str, entry: Entry) -> Document:
        switches = self.switches
        document = whole_names(dict(entry.document), str(switches.whole_names))
        extension = document.pop(SITE_KEY, None)
        # When the switch changes our URN to that of another extension, the other extension is still not ours.
        document.pop(switches.extension_urn, None)
        if switches.masked_phones and document.get("phoneNumbers"):
            document["phoneNumbers"] = [
                {**each, "value": f"{each['value'][:3]}****"} for each in document["phoneNumbers"]
            ]
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
        return {"schemas": schemas, "id": entry.id, **document, "meta": self._meta(base_url, entry)}

    def _meta(self, base_url: str, entry: Entry) -> Document:
        meta: dict[str, Any] = {
            "resourceType": "User",
            "created": stamp(entry.created),
            "lastModified": stamp(entry.last_modified),
            "location": f"{base_url}/Users/{entry.id}",
        }
        if self.switches.etags and self.switches.version_place != "header":
            meta["version"] = entry.meta.version
        return meta
