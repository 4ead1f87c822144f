# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""One user as the server showed it: the resource as it came, and the flat attributes that the modules return.

Nobody publishes what 8x8 really sends (fact sheet section 11), so reading is lenient: an ``active`` that comes as text, a null in
place of a list, or a title that is a number does not stop a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from .names import DEFAULT_EXTENSION_URN, ENTERPRISE_URN, PHONE_TYPES
from .spelling import is_well_formed, known_names, spelled

_NOTHING: Mapping[str, Any] = {}


class User:
    """One user as the server showed it. It never changes.

    :param raw: The resource as it came. All of it is kept, with its names spelled right.
    :param extension_urn: The extension in which this tenant keeps the site.
    :param version: The version that a header of the answer gave; one in the resource counts first.
    :raises EightByEightError: When it is no user (kind ``bad_answer``).
    """

    __slots__ = ("extension_urn", "raw", "version", "view")

    def __init__(
        self, raw: Mapping[str, Any], extension_urn: str = DEFAULT_EXTENSION_URN, version: str | None = None
    ) -> None:
        self.raw = dict(raw)
        names = known_names(extension_urn)
        read = self.raw
        if not is_well_formed(read, names):
            read = self.raw = spelled(read, names.types)
            if not is_well_formed(read, names):
                # Imported here, because pydantic takes a tenth of a second to import, and hardly any user needs it.
                from .validation import validated  # noqa: PLC0415

                read = validated(read)
        #: The extension that holds the site of this user.
        self.extension_urn = _own_extension(self.raw, names.extension_urns, extension_urn)
        name = read.get("name") or _NOTHING
        meta = read.get("meta") or _NOTHING
        enterprise = read.get(ENTERPRISE_URN) or _NOTHING
        self.version: str | None = meta.get("version") or version
        extension = self.raw.get(self.extension_urn)
        numbers = read.get("phoneNumbers")
        #: The attributes as the modules return them.
        self.view: dict[str, Any] = {
            "id": read["id"],
            "user_name": read.get("userName") or None,
            "external_id": read.get("externalId") or None,
            "given_name": name.get("givenName") or None,
            "family_name": name.get("familyName") or None,
            "email": work_address(self.raw.get("emails")),
            "active": read.get("active"),
            "title": read.get("title") or None,
            "department": enterprise.get("department") or None,
            "site": text_of(extension.get("site")) if isinstance(extension, dict) else None,
            "locale": read.get("locale") or None,
            "timezone": read.get("timezone") or None,
            "phone_numbers": sorted_phones(_contact_numbers(numbers)) if numbers else [],
            "created": meta.get("created"),
            "last_modified": meta.get("lastModified"),
        }

    @property
    def id(self) -> str:
        """The id that the server gave to this user."""
        return str(self.view["id"])

    @property
    def user_name(self) -> str | None:
        """The login name."""
        name: str | None = self.view["user_name"]
        return name

    @property
    def active(self) -> bool:
        """Whether the user may log in. Where the server does not show it, this is taken to mean yes."""
        return self.view["active"] is not False

    def with_answer(self, answer: Mapping[str, Any]) -> User:
        """Return this user after a write that was answered with some of the attributes (fact sheet 2.10)."""
        return User({**self.raw, **answer}, self.extension_urn)


def text_of(value: Any) -> str | None:
    """Return a value as text where it is text or a number; else None, and None for what is empty."""
    if isinstance(value, str):
        return value or None
    return str(value) if value and isinstance(value, (int, float)) else None


def sorted_phones(numbers: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return phone numbers in one order and each once, so that two lists can be compared."""
    unique = {(str(number["type"]), str(number["value"])) for number in numbers}
    return [{"type": kind, "value": value} for kind, value in (sorted(unique) if len(unique) > 1 else unique)]


def _own_extension(raw: Mapping[str, Any], urns: Sequence[str], configured: str) -> str:
    """Return the extension that holds the site of a user.

    Where another one than the configured holds more than a site (fact sheet K1), the server made it, and the site is written
    there: a second extension beside it would replace it at a tenant that takes both for one.
    """
    held = [urn for urn in urns if isinstance(raw.get(urn), dict)]
    return held[0] if len(held) == 1 and set(raw[held[0]]) - {"site"} else configured


def _contact_numbers(entries: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    for entry in entries:
        kind = (entry.get("type") or "").lower()
        if kind in PHONE_TYPES and entry.get("value"):
            yield {"type": kind, "value": entry["value"]}


def entries_of(value: Any) -> list[Any]:
    """Return the entries of a list such as ``emails``, whatever they are; some servers send a single one without its list."""
    if isinstance(value, list):
        return list(value)
    return [value] if isinstance(value, (str, dict)) and value else []


def work_address(value: Any) -> str | None:
    """Return the e-mail address that 8x8 uses, of the entries of ``emails``."""
    entries = entries_of(value)
    position = _position_of_work_email(entries)
    return None if position is None else text_of(_members(entries[position]).get("value"))


def with_work_email(value: Any, address: str) -> list[Any]:
    """Return the entries with the address that 8x8 uses in its place, and all others as they were.

    8x8 takes the work address as primary anyway (fact sheet section 3).
    """
    entries = entries_of(value)
    position = _position_of_work_email(entries)
    place = position or 0
    before = {} if position is None else _members(entries.pop(place))
    fresh = {**before, "value": address, "type": "work"}
    fresh.pop("display", None)
    # Only one may be primary (RFC 7643 section 2.4). Where another address is, it stays so.
    if not any(isinstance(entry, dict) and entry.get("primary") is True for entry in entries):
        fresh["primary"] = True
    return [*entries[:place], fresh, *entries[place:]]


def _position_of_work_email(entries: list[Any]) -> int | None:
    """Return which entry 8x8 uses: of type work, else without a type; the primary one of several, else the first."""
    ranks = [(rank, position) for position, entry in enumerate(entries) if (rank := _rank(entry)) is not None]
    return min(ranks)[1] if ranks else None


def _rank(entry: Any) -> tuple[bool, ...] | None:
    if entry == "" or not isinstance(entry, (dict, str)):
        return None
    members = _members(entry)
    kind = members.get("type")
    is_work = isinstance(kind, str) and kind.lower() == "work"
    if kind and not is_work:
        return None
    return (not is_work, str(members.get("primary")).lower() != "true", isinstance(entry, str))


def _members(entry: Any) -> dict[str, Any]:
    """Return the members of an entry. One of plain text is an address without a type."""
    return {"value": entry} if isinstance(entry, str) else entry


#: The keys of the ``user`` that the modules return, in this order.
VIEW_KEYS = tuple(User({"id": "1"}).view)
