# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the 8x8 tenant: what it does to a user that a client sends.

A user is kept as the JSON document of the client, canonical in spelling and without ``schemas``, ``id`` and
``meta``; the 8x8 extension waits under :data:`SITE_KEY`, because its URN is a matter of a switch. Raw
documents rather than models, because an attribute that no model knows must come back as it was sent.

Everything here is pure: documents in, documents out, and exceptions of scim2-models for refusals.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from pydantic import ValidationError
from scim2_models import (
    Context,
    InvalidSyntaxException,
    InvalidValueException,
    MutabilityException,
    SCIMException,
)
from scim2_server.service import scim_exception_of

from .schemas import CORE, ENTERPRISE, LOCALES, TOLERANT, Site
from .switches import EXTENSION_URN, OTHER_EXTENSION_URN, Switches

Document = dict[str, Any]

SITE_KEY = "_8x8"
"""Where a stored document keeps the 8x8 extension, whatever its URN."""

NO_REPLY = "noreply@8x8.com"
"""What a missing e-mail becomes (fact sheet, section 3)."""

FALLBACK_LOCALE = "en-US"

SERVER_ATTRIBUTES = ("schemas", "id", "meta", "groups", "password")
"""Read-only attributes, ignored in a request (RFC 7644 3.3), and the password, which is never returned."""

SPELLINGS = {
    name.lower(): name
    for name in (
        "schemas id meta externalId userName name displayName nickName profileUrl title userType "
        "preferredLanguage locale timezone active password emails phoneNumbers ims photos addresses groups "
        "entitlements roles x509Certificates"
    ).split()
}
"""RFC 7643 2.1: attribute names are case-insensitive. Strangers keep the spelling of the client."""

PART_SPELLINGS = {
    name.lower(): name
    for name in (
        "formatted familyName givenName middleName honorificPrefix honorificSuffix value type primary display"
    ).split()
}

LANGUAGES = frozenset(tag.partition("-")[0] for tag in LOCALES)
"""The two-letter form that the older page speaks of (fact sheet, K15)."""

TIMEZONE = re.compile(r"(?:UTC|GMT|[A-Z][A-Za-z]+(?:/[A-Z][A-Za-z0-9_+\-]*){1,2})")
"""The shape of an Olson name. Their list is a package of the operating system that may not be there."""

ADMIN_API_USER_NAME = re.compile(r"[A-Za-z0-9.@\-_/]{3,70}")
"""The pattern of the sister API (fact sheet, section 3)."""


def unassigned(value: Any) -> bool:
    """Tell whether a value stands for "not set": null, [] and {} are one state (RFC 7643 2.5)."""
    return value is None or value == [] or value == {}


def prune(value: Any) -> Any:
    """Return a JSON value without anything unassigned in it."""
    if isinstance(value, dict):
        return {key: pruned for key, item in value.items() if not unassigned(pruned := prune(item))}
    if isinstance(value, list):
        return [pruned for item in value if not unassigned(pruned := prune(item))]
    return value


def _respell(value: Any) -> Any:
    """Return the parts of a complex attribute under their canonical names."""
    if isinstance(value, list):
        return [_respell(item) for item in value]
    if isinstance(value, dict):
        return {PART_SPELLINGS.get(key.lower(), key): item for key, item in value.items()}
    return value


def fold(user_name: str, switches: Switches) -> str:
    """Return the form in which login names are compared (fact sheet, 11.15)."""
    return user_name if switches.user_name_case == "exact" else user_name.casefold()


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

    # -- Reading a request --------------------------------------------------------------------------

    def read(self, payload: Any) -> Document:
        """Return the document of a POST or PUT body, checked and canonical but with no rule applied yet.

        ``schemas`` may be missing (fact sheet, 2.11).
        """
        if not isinstance(payload, dict):
            raise InvalidSyntaxException(detail="The request body is not a JSON object")
        document: Document = {}
        extension: Any = None
        accepted = self._accepted_urns()
        for key, value in payload.items():
            lowered = str(key).lower()
            if lowered in accepted:
                extension = prune(value)
            elif lowered == ENTERPRISE.lower():
                document[ENTERPRISE] = prune(value)
            else:
                name = SPELLINGS.get(lowered, str(key))
                if name not in SERVER_ATTRIBUTES and name != SITE_KEY:
                    document[name] = _respell(prune(value))
        document = {key: value for key, value in document.items() if not unassigned(value)}
        self._check_required(document)
        document = self._check_types(document)
        if extension is not None:
            document[SITE_KEY] = self._read_extension(extension)
        return document

    def _accepted_urns(self) -> set[str]:
        if self.switches.extension_urn_input == "both":
            return {EXTENSION_URN.lower(), OTHER_EXTENSION_URN.lower()}
        return {self.switches.extension_urn.lower()}

    def _check_required(self, document: Document) -> None:
        """Name every missing mandatory attribute in one answer (fact sheet, section 3)."""
        name = document.get("name")
        parts = name if isinstance(name, dict) else {}
        found = {
            "userName": document.get("userName"),
            "name.givenName": parts.get("givenName"),
            "name.familyName": parts.get("familyName"),
        }
        missing = [path for path, value in found.items() if value is None or str(value).strip() == ""]
        if missing:
            raise refusal(self.switches.missing_attribute, f"Missing mandatory attributes: {', '.join(missing)}")

    def _check_types(self, document: Document) -> Document:
        """Check the documented attributes with the published model."""
        try:
            model = self.model().model_validate(
                {"schemas": [CORE], **document},
                scim_ctx=Context.RESOURCE_CREATION_REQUEST,
                scim_policy=TOLERANT,
            )
        except ValidationError as exception:
            raise scim_exception_of(exception) from exception
        if "active" in document:
            # Some clients send "False" as text (fact sheet, 9.1).
            document["active"] = model.active
        return document

    @staticmethod
    def _read_extension(extension: Any) -> Document:
        if not isinstance(extension, dict):
            raise InvalidSyntaxException(detail="The 8x8 extension is not a JSON object")
        extension = {("site" if key.lower() == "site" else key): value for key, value in extension.items()}
        if not isinstance(extension.get("site", ""), str):
            raise InvalidValueException(detail="site is not a string")
        if extension.get("site") == "":
            del extension["site"]
        return cast(Document, extension)

    # -- Create and replace -------------------------------------------------------------------------

    def create(self, document: Document) -> Document:
        """Return what is stored for a POST."""
        document = dict(document)
        document.setdefault("active", True)
        self._check_site(document)
        return self._settle(document)

    def replace(self, current: Document, document: Document) -> Document:
        """Return what is stored for a PUT: what the client left out is gone (fact sheet, 2.7)."""
        switches = self.switches
        document = dict(document)
        self._keep_identity(current, document)
        self._replace_site(current, document)
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

    def _replace_site(self, current: Document, document: Document) -> None:
        """Apply the rule of the site: set once, never changed (fact sheet, section 3 and K10)."""
        old = current.get(SITE_KEY, {}).get("site")
        new = document.get(SITE_KEY, {}).get("site")
        if new is not None:
            # An unknown name is refused even when it is the user's own: that is the broken sync after a
            # site was renamed in Admin Console (fact sheet, "site renamed in console").
            self._check_site(document, old)
            new = document[SITE_KEY].get("site")
            if old is None or old == new or self.switches.changed_site == "accept":
                return
            if self.switches.changed_site != "ignore":
                raise refusal(self.switches.changed_site, "site cannot be changed once it is set")
            document[SITE_KEY] = {**document[SITE_KEY], "site": old}
        elif old is not None:
            if self.switches.put_without_site == "refuse":
                raise MutabilityException(detail="site cannot be removed once it is set")
            if self.switches.put_without_site == "keep":
                document[SITE_KEY] = {**document.get(SITE_KEY, {}), "site": old}

    def _check_site(self, document: Document, current: str | None = None) -> None:
        """Refuse a site that does not exist, or let the user be where they are; names are case-sensitive (fact sheet,
        section 3)."""
        site = document.get(SITE_KEY, {}).get("site")
        if site is None or site in self.sites:
            return
        if self.switches.unknown_site != "ignore":
            raise refusal(self.switches.unknown_site, f"Unknown site {site!r}")
        document[SITE_KEY] = prune({**document[SITE_KEY], "site": current})

    # -- What every write goes through ---------------------------------------------------------------

    def _settle(self, document: Document) -> Document:
        """Return a document after everything that the server does to a write on its own account."""
        for path in self.switches.drop_attributes:
            document = _without(document, path.split(":")[-1] if path.startswith(CORE) else path)
        for path, rule in self.switches.normalize.items():
            document = _rewritten(document, path, rule)
        self._settle_names(document)
        self._settle_emails(document)
        self._settle_phones(document)
        self._settle_defaults(document)
        return {key: value for key, value in document.items() if not unassigned(value)}

    def _settle_names(self, document: Document) -> None:
        if self.switches.user_name_pattern == "admin_api" and not ADMIN_API_USER_NAME.fullmatch(document["userName"]):
            raise self._unsupported("userName has a length or a character that is not allowed")
        if self.switches.names == "any":
            return
        name = dict(document.get("name", {}))
        for part in ("givenName", "familyName"):
            value = name.get(part, "")
            if value.isascii():
                continue
            if self.switches.names == "ascii_only":
                raise self._unsupported(f"name.{part} has a character that is not allowed")
            decomposed = unicodedata.normalize("NFKD", value)
            name[part] = decomposed.encode("ascii", "ignore").decode() or "?"
        document["name"] = name

    def _settle_emails(self, document: Document) -> None:
        emails = [dict(item) for item in document.get("emails", []) if item.get("value")]
        if not emails:
            if self.switches.missing_email == "refuse":
                raise refusal(self.switches.missing_attribute, "Missing mandatory attributes: emails")
            emails = [{"value": NO_REPLY, "type": "work"}]
        for item in emails:
            if "@" not in str(item["value"]):
                raise self._unsupported("emails.value is not an e-mail address")
        emails.sort(key=lambda item: item.get("type", "work") != "work")
        if self.switches.other_emails == "drop":
            del emails[1:]
        for index, item in enumerate(emails):
            if self.switches.primary == "forced":
                item["primary"] = index == 0
        document["emails"] = emails

    def _settle_phones(self, document: Document) -> None:
        kept: list[Document] = []
        seen: set[str] = set()
        for item in document.get("phoneNumbers", []):
            kind = str(item.get("type", ""))
            if kind == "work" and self.switches.work_phone == "refuse":
                raise self._unsupported("A work phone number cannot be set")
            if kind == "work" and self.switches.work_phone == "drop":
                continue
            if self.switches.other_phones == "drop" and (kind not in ("mobile", "work") or kind in seen):
                continue
            seen.add(kind)
            item = dict(item)
            if self.switches.primary == "forced":
                item["primary"] = kind == "mobile" and not any(other.get("primary") for other in kept)
            kept.append(item)
        document["phoneNumbers"] = kept

    def _settle_defaults(self, document: Document) -> None:
        """Fill in what a user inherits from the site (fact sheet, section 3)."""
        site = self.sites.get(document.get(SITE_KEY, {}).get("site", ""))
        locale, zone = document.get("locale"), document.get("timezone")
        if locale and locale not in LOCALES and locale not in LANGUAGES:
            locale = self._unknown("locale", locale, self.switches.unknown_locale)
        if zone and not TIMEZONE.fullmatch(zone):
            zone = self._unknown("timezone", zone, self.switches.unknown_timezone)
        document["locale"] = locale or (site.locale if site else None) or FALLBACK_LOCALE
        document["timezone"] = zone or (site.timezone if site else None)
        for dropped in {"locale", "timezone"} & set(self.switches.drop_attributes):
            del document[dropped]

    def _unknown(self, name: str, value: str, rule: str) -> str | None:
        if rule == "refuse":
            raise self._unsupported(f"{name} {value!r} is not supported")
        return value if rule == "accept" else None

    def _unsupported(self, detail: str) -> SCIMException:
        return refusal(self.switches.unsupported_value, detail)

    # -- PATCH ----------------------------------------------------------------------------------------

    def read_patch(self, payload: Any) -> PatchRequest:
        """Return what a PATCH asks for: the new ``active``, if any, and whether it asks for more.

        With and without ``path``, any case of ``op``, ``active`` as a boolean or as text (fact sheet, 2.9,
        9.1, 9.2). The whole request is read before anything is done: PATCH is atomic (RFC 7644 3.5.2).
        """
        operations = _member(payload, "operations") if isinstance(payload, dict) else None
        if not isinstance(operations, list) or not operations:
            raise InvalidSyntaxException(detail="A PATCH has a list of Operations")
        request = PatchRequest(active=None, others=[])
        for operation in operations:
            if not isinstance(operation, dict):
                raise InvalidSyntaxException(detail="An operation is a JSON object")
            self._read_operation(operation, request)
        return request

    def _read_operation(self, operation: Document, request: PatchRequest) -> None:
        kind = str(_member(operation, "op") or "").lower()
        if kind not in ("add", "replace", "remove"):
            raise InvalidSyntaxException(detail=f"Unknown op {kind!r}")
        path, value = _member(operation, "path"), _member(operation, "value")
        if path:
            if _is_active(str(path)) and kind != "remove":
                if self.switches.patch_path_form == "refuse":
                    raise scim_error(400, "invalidPath", "path is not supported; put attributes into value")
                request.active = _boolean(value)
            else:
                request.others.append(str(path))
        elif isinstance(value, dict) and kind != "remove":
            if self.switches.patch_path_form == "require":
                raise scim_error(400, "invalidPath", "path is required")
            for key, item in value.items():
                if _is_active(key):
                    request.active = _boolean(item)
                else:
                    request.others.append(key)
        else:
            request.others.append("")


@dataclass
class PatchRequest:
    """What a PATCH asks for."""

    active: bool | None
    others: list[str]
    """What it names besides ``active``."""

    operation: Any = None
    """The whole thing as scim2-models reads it, when the tenant applies any attribute."""


def scim_error(status: int, scim_type: str | None, detail: str) -> SCIMException:
    """Return the exception that answers a status, a scimType and a detail."""
    exception = SCIMException(detail=detail)
    exception.status = status
    exception.scim_type = scim_type or ""
    return exception


def refusal(form: str | int, detail: str) -> SCIMException:
    """Return the exception for a form of a switch, such as ``400 invalidValue``, or 400 for none."""
    status, _space, scim_type = str(form).partition(" ")
    return scim_error(int(status), scim_type, detail)


def _member(payload: Document, name: str) -> Any:
    """Return a member of a message, whatever the case of its name."""
    for key, value in payload.items():
        if key.lower() == name:
            return value
    return None


def _is_active(path: str) -> bool:
    return path.lower() in ("active", f"{CORE}:active".lower())


def _boolean(value: Any) -> bool:
    """Read a boolean that may come as text; its text form is what counts, not its truth (fact sheet, 9.1)."""
    text = str(value).strip().lower()
    if text not in ("true", "false"):
        raise InvalidValueException(detail="active is neither true nor false")
    return text == "true"


# -- Paths of the drop_attributes and normalize switches ------------------------------------------------


def _split(path: str) -> list[str]:
    """Return the steps of a path. A URN has dots and colons of its own: split it at its last colon only."""
    if path.lower().startswith("urn:"):
        urn, _colon, attribute = path.rpartition(":")
        if urn.lower() in (EXTENSION_URN.lower(), OTHER_EXTENSION_URN.lower()):
            urn = SITE_KEY
        return [urn, *attribute.split(".")]
    return path.split(".")


def _without(document: Document, path: str) -> Document:
    """Return a document without the attribute at a path."""

    def drop(value: Any, steps: list[str]) -> Any:
        if isinstance(value, list):
            return [drop(item, steps) for item in value]
        if not isinstance(value, dict) or steps[0] not in value:
            return value
        rest = {key: item for key, item in value.items() if key != steps[0]}
        return rest if len(steps) == 1 else {**rest, steps[0]: drop(value[steps[0]], steps[1:])}

    return cast(Document, drop(document, _split(path)))


REWRITES: Mapping[str, Callable[[str], str]] = {
    "strip": str.strip,
    "upper": str.upper,
    "lower": str.lower,
    "digits": lambda value: "".join(character for character in value if character.isdigit()),
}


def _rewritten(document: Document, path: str, rule: str) -> Document:
    """Return a document whose value at a path is rewritten; a multi-valued attribute means its values."""

    def rewrite(value: Any, steps: list[str]) -> Any:
        if isinstance(value, list):
            return [rewrite(item, steps or ["value"]) for item in value]
        if not steps:
            return REWRITES[rule](value) if isinstance(value, str) else value
        if not isinstance(value, dict) or steps[0] not in value:
            return value
        return {**value, steps[0]: rewrite(value[steps[0]], steps[1:])}

    return cast(Document, rewrite(document, _split(path)))
