# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The SCIM user resource as 8x8 speaks it. This is the only place that knows SCIM's spelling.

Reading is lenient, because nobody publishes what 8x8 really sends (fact sheet section 11): an ``active`` that comes as
text, a ``null`` in place of a list or a title that is a number must not stop a run. Writing is strict: a body is built
from the resource that was read, so that nothing the server returned is lost, and without anything read-only or null.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError

CORE_URN = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE_URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_URN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

#: The 8x8 extension, as Microsoft, JumpCloud and the seeds spell it, and as 8x8's own mapping page does (fact sheet K1).
DEFAULT_EXTENSION_URN = "urn:ietf:params:scim:schemas:extension:8x8:1.1:User"
KNOWN_EXTENSION_URNS = (DEFAULT_EXTENSION_URN, "urn:8x8:scim:schemas:extension:8x8user:2.0:User")

#: What a caller can set and leave alone, besides the identity and ``active``. The order is the one people read.
TEXT_ATTRIBUTES = (
    "given_name",
    "family_name",
    "email",
    "external_id",
    "title",
    "department",
    "site",
    "locale",
    "timezone",
)
ATTRIBUTES = (*TEXT_ATTRIBUTES, "phone_numbers")

#: What 8x8 demands of every user (fact sheet section 3). ``email`` is among them, because 8x8 puts noreply@8x8.com in
#: the place of a missing one (K4).
REQUIRED_ATTRIBUTES = ("given_name", "family_name", "email")

#: The phone numbers that 8x8 takes: personal contact numbers, not the 8x8 line (fact sheet K3).
PHONE_TYPES = ("work", "mobile")

#: What a listing that does not show users whole leaves out: all but name, work e-mail and ``active``.
HELD_BACK = tuple(name for name in ATTRIBUTES if name not in REQUIRED_ATTRIBUTES)

#: The keys of the ``user`` that the modules return, in this order.
VIEW_KEYS = (
    "id",
    "user_name",
    "external_id",
    "given_name",
    "family_name",
    "email",
    "active",
    "title",
    "department",
    "site",
    "locale",
    "timezone",
    "phone_numbers",
    "created",
    "last_modified",
)

#: Top-level attributes that the server owns (RFC 7643 section 3.1 and 4.1.2).
_READ_ONLY = frozenset(("id", "meta", "groups"))

#: Where each plain text attribute lives: extension (None for the core) and path.
_PLACES: dict[str, tuple[str | None, tuple[str, ...]]] = {
    "external_id": (None, ("externalId",)),
    "given_name": (None, ("name", "givenName")),
    "family_name": (None, ("name", "familyName")),
    "title": (None, ("title",)),
    "locale": (None, ("locale",)),
    "timezone": (None, ("timezone",)),
    "department": (ENTERPRISE_URN, ("department",)),
}


def same_login(left: str | None, right: str | None) -> bool:
    """Compare two login names as SCIM does, without case (RFC 7643 section 4.1.1: userName is not caseExact).

    ``lower``, not ``casefold``: the latter also makes "straße" equal to "strasse", which are two people.
    """
    return left is not None and right is not None and left.lower() == right.lower()


def quoted(value: str) -> str:
    """Return a string as a SCIM filter literal (RFC 7644 section 3.4.2.2: JSON string rules)."""
    return json.dumps(value, ensure_ascii=False)


def _objects(value: Any) -> list[Any]:
    # The first question answers it for whatever JSON held, and costs a tenth of the second.
    return [entry for entry in value if isinstance(entry, (dict, Mapping))] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    """Return a value as text where it is one or stands for one; nothing, a list or an object is none."""
    if isinstance(value, str):
        return value or None
    return str(value) if value and isinstance(value, (int, float)) else None


_NOTHING: Mapping[str, Any] = {}
_PLAIN_TEXTS = ("userName", "externalId", "title", "locale", "timezone")
_PLAIN_OBJECTS = (
    ("name", ("givenName", "familyName")),
    ("meta", ("created", "lastModified", "version")),
    (ENTERPRISE_URN, ("department",)),
)


def is_plain(raw: Mapping[str, Any]) -> bool:
    """Say whether everything in a resource has the type it should have, so that it can be read as it is.

    Nearly every user of nearly every listing is; this costs a tenth of validating them all.
    """
    if not isinstance(raw.get("id"), str) or not raw["id"] or not isinstance(raw.get("active"), (bool, type(None))):
        return False
    if not _are_texts(raw, _PLAIN_TEXTS):
        return False
    for key, texts in _PLAIN_OBJECTS:
        inner = raw.get(key)
        if inner is not None and (not isinstance(inner, dict) or not _are_texts(inner, texts)):
            return False
    for key in ("emails", "phoneNumbers"):
        entries = raw.get(key)
        if entries is not None and not isinstance(entries, list):
            return False
        for entry in entries or ():
            if not isinstance(entry, dict) or not _are_texts(entry, ("value", "type")):
                return False
    return True


def _are_texts(values: Mapping[str, Any], names: Iterable[str]) -> bool:
    for name in names:
        value = values.get(name)
        if value is not None and not isinstance(value, str):
            return False
    return True


def _corrected(raw: Mapping[str, Any]) -> dict[str, Any]:
    # Here, because importing pydantic takes a tenth of a second, and hardly any task meets a user who is not plain.
    from ansible_collections.eightbyeight.scim.plugins.module_utils._schema import validated  # noqa: PLC0415

    return validated(raw)


class User:
    """One user as the server told it: the raw resource, and the flat view that people see.

    :param raw: The resource as it came, kept whole.
    :param extension_urn: Where this tenant keeps ``site``.
    :raises EightByEightError: When it is no user resource at all (kind ``bad_answer``).
    """

    def __init__(self, raw: Mapping[str, Any], extension_urn: str = DEFAULT_EXTENSION_URN) -> None:
        self.raw = dict(raw)
        self.extension_urn = extension_urn
        #: Extensions that look like 8x8's, by URN, whatever the caller configured (K1).
        self.sites: dict[str, str] = {}
        for urn in (*KNOWN_EXTENSION_URNS, extension_urn):
            extension = self.raw.get(urn)
            if extension is not None and isinstance(extension, (dict, Mapping)):
                site = _text(extension.get("site"))
                if site:
                    self.sites[urn] = site
        told = self.raw if is_plain(self.raw) else _corrected(self.raw)
        name, meta, enterprise = (told.get(key) or _NOTHING for key in ("name", "meta", ENTERPRISE_URN))
        self.version: str | None = meta.get("version")
        self.phones = [
            {"type": kind, "value": entry["value"]}
            for entry in told.get("phoneNumbers") or ()
            for kind in [(entry.get("type") or "").lower()]
            if kind in PHONE_TYPES and entry.get("value")
        ]
        mail = work_email(self.raw)
        self.view: dict[str, Any] = {
            "id": told["id"],
            "user_name": told.get("userName") or None,
            "external_id": told.get("externalId") or None,
            "given_name": name.get("givenName") or None,
            "family_name": name.get("familyName") or None,
            "email": _text(mail.get("value")) if mail else None,
            "active": told.get("active"),
            "title": told.get("title") or None,
            "department": enterprise.get("department") or None,
            "site": self.sites.get(extension_urn),
            "locale": told.get("locale") or None,
            "timezone": told.get("timezone") or None,
            "phone_numbers": sorted_phones(self.phones) if self.phones else [],
            "created": meta.get("created"),
            "last_modified": meta.get("lastModified"),
        }

    @property
    def id(self) -> str:
        """The server's id of this user."""
        return str(self.view["id"])

    @property
    def user_name(self) -> str | None:
        """The login name."""
        name: str | None = self.view["user_name"]
        return name

    @property
    def active(self) -> bool:
        """Whether the user may log in. A server that does not say so is taken to mean yes."""
        return self.view["active"] is not False

    @property
    def terse(self) -> bool:
        """Whether it shows nothing of what a listing may hold back, and the user's own address tells (fact sheet 2.7a).

        At 8x8 everybody has a locale (fact sheet section 3), so somebody who shows none of this was most likely not shown whole.
        """
        return not any(self.view[name] for name in HELD_BACK)

    def with_answer(self, answer: Mapping[str, Any]) -> User:
        """Return this user after a write that answered with some of the attributes (fact sheet 2.10)."""
        return User({**self.raw, **answer}, self.extension_urn)


def sorted_phones(numbers: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return phone numbers in one order, so that two lists can be compared and shown."""
    unique = {(str(number["type"]), str(number["value"])) for number in numbers}
    return [{"type": kind, "value": value} for kind, value in (sorted(unique) if len(unique) > 1 else unique)]


def work_email(raw: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the entry of ``emails`` that 8x8 uses: the one of type work, or else the one without a type."""
    untyped = None
    for entry in _objects(raw.get("emails")):
        kind = entry.get("type")
        if kind == "work" or isinstance(kind, str) and kind.lower() == "work":
            return dict(entry)
        if not kind and untyped is None:
            untyped = entry
    return None if untyped is None else dict(untyped)


def without_nulls(value: Any) -> Any:
    """Drop every null: SCIM makes no difference between null and absent (RFC 7643 section 2.5), servers may."""
    if isinstance(value, Mapping):
        return {key: without_nulls(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, (list, tuple)):
        return [without_nulls(entry) for entry in value if entry is not None]
    return value


def patch_active(active: bool) -> dict[str, Any]:
    """Return the PATCH that changes ``active``, in the form that 8x8 is known to take (fact sheet 2.9)."""
    return {"schemas": [PATCH_URN], "Operations": [{"op": "replace", "value": {"active": active}}]}


def creation(
    user_name: str, active: bool, attributes: Mapping[str, Any], extension_urn: str = DEFAULT_EXTENSION_URN
) -> dict[str, Any]:
    """Return the body of a POST (RFC 7644 section 3.3)."""
    body: dict[str, Any] = {"userName": user_name, "active": active}
    return _with(body, attributes, extension_urn)


def replacement(
    current: User,
    active: bool,
    attributes: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the body of a PUT: the resource as read, with only the given attributes changed.

    8x8 clears whatever a PUT does not carry (fact sheet 2.7), so everything that was read goes back: other e-mail types,
    middle names, unknown extensions. Read-only attributes and nulls do not.
    """
    try:
        body = without_nulls({key: copy.deepcopy(value) for key, value in current.raw.items() if key not in _READ_ONLY})
        return _replaced(current, body, active, attributes)
    except RecursionError:
        raise EightByEightError(
            f"8x8 sent {current.user_name} with an attribute that has more levels than can be sent back, and a PUT without it "
            "would clear it. Nothing was changed. Correct the user in Admin Console.",
            kind="bad_answer",
        ) from None


def _replaced(current: User, body: dict[str, Any], active: bool, attributes: Mapping[str, Any]) -> dict[str, Any]:
    enterprise = body.get(ENTERPRISE_URN)
    if isinstance(enterprise, dict) and isinstance(enterprise.get("manager"), dict):
        enterprise["manager"].pop("displayName", None)  # read-only, RFC 7643 section 4.3
    body["active"] = active
    return _with(body, attributes, current.extension_urn)


def _with(body: dict[str, Any], attributes: Mapping[str, Any], extension_urn: str) -> dict[str, Any]:
    """Write our attributes into a resource, and list its schemas. ``None`` and ``[]`` take an attribute out."""
    places = {**_PLACES, "site": (extension_urn, ("site",))}
    for name, value in attributes.items():
        if name == "email":
            _set_email(body, value)
        elif name == "phone_numbers":
            _set_phones(body, value)
        else:
            urn, path = places[name]
            _set(body, (urn, *path) if urn else path, value)
    schemas = body.get("schemas")
    listed = [urn for urn in schemas if isinstance(urn, str)] if isinstance(schemas, list) else []
    ours = [urn for urn in (ENTERPRISE_URN, extension_urn) if urn in body]
    gone = {urn for urn in (ENTERPRISE_URN, extension_urn) if urn not in body}
    body["schemas"] = list(dict.fromkeys([*(urn for urn in listed or [CORE_URN] if urn not in gone), *ours]))
    return body


def _set(body: dict[str, Any], path: Sequence[str], value: Any) -> None:
    head, *rest = path
    if rest:
        inner = body.get(head)
        inner = inner if isinstance(inner, dict) else {}
        _set(inner, rest, value)
        body[head] = inner
        if not inner:
            del body[head]
    elif value:
        body[head] = value
    else:
        body.pop(head, None)


def _set_email(body: dict[str, Any], value: str) -> None:
    """Put the work address in its place and leave the others. 8x8 takes it as primary anyway (fact sheet section 3)."""
    before = work_email(body)
    entries = _objects(body.get("emails"))
    others = [entry for entry in entries if entry != before]
    fresh = {**(before or {}), "value": value, "type": "work"}
    fresh.pop("display", None)
    # True may stand once (RFC 7643 section 2.4), and where another address has it, it is not ours to take away.
    if not any(entry.get("primary") is True for entry in others):
        fresh["primary"] = True
    body["emails"] = [fresh if entry == before else entry for entry in entries] if before else [fresh, *others]


def _set_phones(body: dict[str, Any], wanted: Iterable[Mapping[str, str]] | None) -> None:
    """Put our numbers in the place of the work and mobile ones, and leave the other types (home, fax) alone."""
    entries = _objects(body.get("phoneNumbers"))
    managed = [entry for entry in entries if (_text(entry.get("type")) or "").lower() in PHONE_TYPES]
    others = [entry for entry in entries if entry not in managed]
    fresh = []
    for number in sorted_phones(wanted or ()):
        known = next(
            (
                entry
                for entry in managed
                if str(entry["type"]).lower() == number["type"] and _text(entry.get("value")) == number["value"]
            ),
            None,
        )
        fresh.append(dict(known) if known else dict(number))
    if fresh or others:
        body["phoneNumbers"] = [*fresh, *others]
    else:
        body.pop("phoneNumbers", None)
