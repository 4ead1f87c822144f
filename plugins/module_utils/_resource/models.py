# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The SCIM user resource as 8x8 speaks it. This is the only place that knows SCIM's spelling.

Reading is lenient, because nobody publishes what 8x8 really sends (fact sheet section 11): an ``active`` that comes as
text, a ``null`` in place of a list or a title that is a number must not stop a run, and names mean the same in any case
(RFC 7643 section 2.1): they are spelled right once, where an answer comes in. Writing is strict: a body is built
from the resource that was read, so that nothing the server returned is lost, and without anything read-only or null.
"""

from __future__ import annotations

import copy
import functools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._base.names import odd_character
from .._base.text import abbreviated
from .._errors import BadOptionError, EightByEightError
from .emails import with_work_email, work_email
from .full_name import rename

CORE_URN = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE_URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_URN = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR_URN = "urn:ietf:params:scim:api:messages:2.0:Error"

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

#: A list or a dictionary as Python writes it.
_CONTAINER = re.compile(r"""\[(?:['"\[{].*)?\]\Z|\{['"].*\}\Z""", re.DOTALL)
#: The longest text that is taken for an attribute. Nothing about a person comes near it, and 8x8 publishes no limit.
_MOST_CHARACTERS = 10_000

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


def check_text(name: str, value: str) -> None:
    """Refuse what cannot be the text of an attribute.

    :raises BadOptionError: Names the option.
    """
    if len(value) > _MOST_CHARACTERS:
        raise BadOptionError(f"{name} has {len(value)} characters, and more than {_MOST_CHARACTERS} are no {name}.")
    if _CONTAINER.match(value):
        # Ansible makes a text of whatever it is given for one: of a whole item of a loop, say, of whom the name was meant.
        # Nobody is called that, so "absent" would have nothing to do, and a title would be stored like this.
        raise BadOptionError(
            f"{name} must be text, not a list or a dictionary. Give one of its values, such as item.{name} where it says item."
        )
    if value.isascii():
        return
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadOptionError(f"{name} contains characters that are no valid Unicode.") from None


def check_identity(name: str, value: str) -> None:
    """Refuse what names nobody, before it looks as if nobody were there.

    :raises BadOptionError: Names the option.
    """
    check_text(name, value)
    if not value:
        raise BadOptionError(f"{name} is empty. Leave it out, or say whom you mean.")
    if value != value.strip():
        raise BadOptionError(f"{name} {abbreviated(value)!r} begins or ends with white space.")
    if odd := odd_character(value):
        raise BadOptionError(f"{name} {abbreviated(value)!r} contains the invisible character {odd}. Take it out.")


def quoted(value: str) -> str:
    """Return a string as a SCIM filter literal (RFC 7644 section 3.4.2.2: JSON string rules)."""
    return json.dumps(value, ensure_ascii=False)


def _text(value: Any) -> str | None:
    """Return a value as text where it is one or stands for one; nothing, a list or an object is none."""
    if isinstance(value, str):
        return value or None
    return str(value) if value and isinstance(value, (int, float)) else None


#: What a user holds: the names of RFC 7643 sections 3.1, 4.1 and 4.3, each with the type of its value: ``object`` for anything,
#: the names of an object in it, or these in a list. What else there is stays as it came.
_Kinds = dict[str, Any]
_VALUES: _Kinds = {"value": str, "type": str, "primary": object, "display": object, "$ref": object}
_USER: _Kinds = {
    "schemas": object,
    "id": str,
    "userName": str,
    "externalId": str,
    "name": {
        "givenName": str,
        "familyName": str,
        **dict.fromkeys(("formatted", "middleName", "honorificPrefix", "honorificSuffix"), object),
    },
    "emails": [_VALUES],
    "phoneNumbers": [_VALUES],
    "active": bool,
    "title": str,
    "locale": str,
    "timezone": str,
    "meta": {"created": str, "lastModified": str, "version": str, "resourceType": object, "location": object},
    ENTERPRISE_URN: {
        "department": str,
        "site": object,
        **dict.fromkeys(("employeeNumber", "costCenter", "organization", "division", "manager"), object),
    },
    **dict.fromkeys(("displayName", "nickName", "profileUrl", "userType", "preferredLanguage", "password"), object),
    **dict.fromkeys(("ims", "photos", "addresses", "groups", "entitlements", "roles", "x509Certificates"), object),
}
#: What is no resource: a listing (RFC 7644 section 3.4.2), an error (3.12), and the error of RFC 7807 (fact sheet 5.6).
_MESSAGE: _Kinds = dict.fromkeys(
    "schemas totalResults startIndex itemsPerPage Resources status scimType detail title message error errors".split(),
    object,
)
_NOTHING: Mapping[str, Any] = {}


class _Names(NamedTuple):
    """The names of a user, for one URN of the 8x8 extension.

    :param kinds: See ``_USER``.
    :param spelling: All of them, those inside objects too, by their lower case.
    :param urns: The extensions that may hold the site; the configured one is spelled as it was configured.
    """

    kinds: _Kinds
    spelling: Mapping[str, str]
    urns: tuple[str, ...]


@functools.lru_cache(maxsize=8)
def _names(extension_urn: str) -> _Names:
    urns = tuple({urn.lower(): urn for urn in (*KNOWN_EXTENSION_URNS, extension_urn)}.values())
    kinds = {**{urn: {"site": object} for urn in urns}, **_USER}
    inside = [part[0] if isinstance(part, list) else part for part in kinds.values() if isinstance(part, (dict, list))]
    return _Names(kinds, {name.lower(): name for part in (*inside, kinds) for name in part}, urns)


def is_plain(raw: Mapping[str, Any], names: _Names) -> bool:
    """Say whether everything in a user is spelled as it should be, and has the type it should have, so that it can be read as
    it is.

    Nearly every user of nearly every listing is; this costs a tenth of validating them all.
    """
    kinds, spelling, _urns = names
    for name, value in raw.items():
        kind, found = kinds.get(name), type(value)
        if kind is found:
            continue
        if kind is None:
            if spelling.get(name.lower(), name) != name:
                return False
        elif kind is object or value is None:
            continue
        elif isinstance(kind, dict):
            if found is not dict or not _is_plain_inside(value, kind, spelling):
                return False
        elif isinstance(kind, list) and found is list:
            for entry in value:
                if not isinstance(entry, dict) or not _is_plain_inside(entry, kind[0], spelling):
                    return False
        else:
            return False
    return bool(raw.get("id"))


def _is_plain_inside(values: Mapping[str, Any], kinds: _Kinds, spelling: Mapping[str, str]) -> bool:
    for name, value in values.items():
        kind, found = kinds.get(name), type(value)
        if kind is found or kind is object or value is None and kind is not None:
            continue
        if kind is not None or spelling.get(name.lower(), name) != name:
            return False
    return True


def _spelled(values: Mapping[str, Any], kinds: _Kinds) -> dict[str, Any]:
    """Return an object with every known name spelled right, at every depth; all else is as it was.

    A name that stands there twice is refused as it is where the case is the same (:func:`_wire.parse`): two readers may see
    two users in it, and an ``Active`` beside an ``active`` is about whether somebody has access. A null says nothing (RFC 7643
    section 2.5), so it is not in the way.

    :raises EightByEightError: When a name stands there twice (kind ``bad_answer``).
    """
    spelling = {name.lower(): name for name in kinds}
    right: dict[str, Any] = {}
    for given, value in values.items():
        name = spelling.get(given.lower(), given)
        if right.get(name) is not None:
            if value is None:
                continue
            raise EightByEightError(
                f"8x8 sent {name} twice in one object, in different case, so it can be read in two ways.",
                kind="bad_answer",
            )
        kind = kinds.get(name)
        if isinstance(kind, dict) and isinstance(value, Mapping):
            value = _spelled(value, kind)
        elif isinstance(kind, list) and isinstance(value, list):
            value = [_spelled(entry, kind[0]) if isinstance(entry, Mapping) else entry for entry in value]
        right[name] = value
    return right


def resource(raw: Mapping[str, Any], extension_urn: str) -> dict[str, Any]:
    """Return a user, or a part of one, with every known name spelled right.

    :raises EightByEightError: When a name stands there twice, in different case (kind ``bad_answer``).
    """
    return _spelled(raw, _names(extension_urn).kinds)


def message(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a listing or an error with the names of its envelope spelled right.

    :raises EightByEightError: As :func:`resource`.
    """
    return _spelled(data, _MESSAGE)


def is_error(data: Mapping[str, Any]) -> bool:
    """Say whether an answer calls itself an error, whatever its HTTP status is (RFC 7644 section 3.12)."""
    for name, value in data.items():
        if name.lower() == "schemas":
            urns = value if isinstance(value, list) else [value]
            if any(isinstance(urn, str) and urn.lower() == ERROR_URN.lower() for urn in urns):
                return True
    return False


def login_of(raw: Mapping[str, Any]) -> str:
    """Return the login name of somebody who cannot be read otherwise, or no text."""
    return next((str(value) for name, value in raw.items() if name.lower() == "username" and value), "")


def _corrected(raw: Mapping[str, Any]) -> dict[str, Any]:
    # Here, because importing pydantic takes a tenth of a second, and hardly any task meets a user who is not plain.
    from .schema import validated  # noqa: PLC0415

    return validated(raw)


class User:
    """One user as the server told it: the raw resource, and the flat view that people see.

    :param raw: The resource as it came, kept whole.
    :param extension_urn: Where this tenant keeps ``site``.
    :raises EightByEightError: When it is no user resource at all (kind ``bad_answer``).
    """

    def __init__(self, raw: Mapping[str, Any], extension_urn: str = DEFAULT_EXTENSION_URN) -> None:
        self.raw = dict(raw)
        names = _names(extension_urn)
        told = self.raw
        if not is_plain(told, names):
            told = self.raw = _spelled(told, names.kinds)
            if not is_plain(told, names):
                told = _corrected(told)
        #: The 8x8 extension of this user. Where another one than the configured (K1) holds more than a site, the server made it,
        #: and the site is written there: a second extension beside it would replace it at a tenant that takes both for one.
        self.extension_urn = _own_extension(self.raw, names.urns, extension_urn)
        #: Extensions that look like 8x8's, by URN, whatever the caller configured (K1).
        self.sites: dict[str, str] = {}
        for urn in names.urns:
            extension = self.raw.get(urn)
            if isinstance(extension, dict):
                site = _text(extension.get("site"))
                if site:
                    self.sites[urn] = site
        name = told.get("name") or _NOTHING
        meta = told.get("meta") or _NOTHING
        enterprise = told.get(ENTERPRISE_URN) or _NOTHING
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
            "site": self.sites.get(self.extension_urn),
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


def _own_extension(raw: Mapping[str, Any], urns: Sequence[str], configured: str) -> str:
    held = [urn for urn in urns if isinstance(raw.get(urn), Mapping)]
    return held[0] if len(held) == 1 and set(raw[held[0]]) - {"site"} else configured


def sorted_phones(numbers: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return phone numbers in one order, so that two lists can be compared and shown."""
    unique = {(str(number["type"]), str(number["value"])) for number in numbers}
    return [{"type": kind, "value": value} for kind, value in (sorted(unique) if len(unique) > 1 else unique)]


def without_nulls(value: Any) -> Any:
    """Drop every null: SCIM makes no difference between null and absent (RFC 7643 section 2.5), servers may."""
    if isinstance(value, Mapping):
        return {key: without_nulls(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, (list, tuple)):
        return [without_nulls(entry) for entry in value if entry is not None]
    return value


def patch_active(active: bool, *, by_path: bool = False) -> dict[str, Any]:
    """Return the PATCH that changes ``active``, in the form that 8x8 is known to take (fact sheet 2.9).

    :param by_path: In the other form of RFC 7644 section 3.5.2.3 instead; whether 8x8 takes it is not known (11.8).
    """
    operation = {"path": "active", "value": active} if by_path else {"value": {"active": active}}
    return {"schemas": [PATCH_URN], "Operations": [{"op": "replace", **operation}]}


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


def cleared_explicitly(body: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the body of a PUT with null, or an empty list, for attributes to clear (RFC 7644 section 3.5.1).

    For servers that merge a PUT into what they hold, and keep what it leaves out.
    """
    for name in names:
        if name == "phone_numbers":
            _set_phones(body, None)
            body.setdefault("phoneNumbers", [])
            continue
        urn, path = _PLACES[name]
        inner = body
        for step in (urn, *path[:-1]) if urn else path[:-1]:
            inner = inner.setdefault(str(step), {})
        inner[path[-1]] = None
        if urn and urn not in body["schemas"]:
            body["schemas"].append(urn)
    return body


def _replaced(current: User, body: dict[str, Any], active: bool, attributes: Mapping[str, Any]) -> dict[str, Any]:
    enterprise = body.get(ENTERPRISE_URN)
    if isinstance(enterprise, dict) and isinstance(enterprise.get("manager"), dict):
        for name in [name for name in enterprise["manager"] if name.lower() == "displayname"]:
            del enterprise["manager"][name]  # read-only, RFC 7643 section 4.3
    body["active"] = active
    body = _with(body, attributes, current.extension_urn)
    rename(body, current.view, {**current.view, **attributes})
    return body


def _with(body: dict[str, Any], attributes: Mapping[str, Any], extension_urn: str) -> dict[str, Any]:
    """Write our attributes into a resource, and list its schemas. ``None`` and ``[]`` take an attribute out."""
    places = {**_PLACES, "site": (extension_urn, ("site",))}
    for name, value in attributes.items():
        if name == "email":
            body["emails"] = with_work_email(body.get("emails"), value)
        elif name == "phone_numbers":
            _set_phones(body, value)
        else:
            urn, path = places[name]
            _set(body, (urn, *path) if urn else path, value)
    schemas = body.get("schemas")
    entries = schemas if isinstance(schemas, list) else []
    known = {urn.lower(): urn for urn in (CORE_URN, ENTERPRISE_URN, *_names(extension_urn).urns)}
    listed = [known.get(urn.lower(), urn) for urn in entries if isinstance(urn, str)]
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


def _set_phones(body: dict[str, Any], wanted: Iterable[Mapping[str, str]] | None) -> None:
    """Put our numbers in the place of the work and mobile ones, and leave the other types (home, fax) alone."""
    held = body.get("phoneNumbers")
    entries = held if isinstance(held, list) else []
    managed = [
        entry
        for entry in entries
        if isinstance(entry, dict) and (_text(entry.get("type")) or "").lower() in PHONE_TYPES
    ]
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
