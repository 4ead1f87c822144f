# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""A user as the Administration API shows it, and the parts of it that matter here. Pure.

``docs/facts/8x8-administration-api.md``, section 3: everything but a few names may be null or absent. Activation codes and MAC
addresses are sensitive, and never leave the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from .._base.names import login_key
from .._errors import EightByEightError
from .._http.request import Request

#: What asks for a page of a list, as errors name it.
LIST = Request("GET", "/users")
#: Licenses that come by themselves with a phone number, and say nothing of the person.
NUMBER_LICENSES = ("*DID*",)


class AdminUser(NamedTuple):
    """A user. None means that it is not shown; where the whole user was read, that there is none.

    :param licenses: Each with ``name`` and ``country``.
    :param extensions: Each with ``type``, ``extension_number`` and ``phone_number``.
    """

    user_id: str
    user_name: str
    customer_id: str | None
    status: str | None
    site: str | None
    scim_provider: str | None
    sso_provider: str | None
    licenses: tuple[Mapping[str, str | None], ...] | None
    extensions: tuple[Mapping[str, str | None], ...] | None
    displayed_in_directory: bool | None
    profile_policy: str | None

    @property
    def active(self) -> bool | None:
        """Whether the user can log in."""
        return {"ACTIVE": True, "INACTIVE": False}.get(self.status or "")

    @property
    def has_license(self) -> bool | None:
        """Whether the user has a license that does not only come with a phone number."""
        if self.licenses is None:
            return None
        return any(license_counts(entry["name"] or "") for entry in self.licenses)

    @property
    def has_line(self) -> bool:
        """Whether the user has an extension of the phone system with a number."""
        return any(
            entry["type"] == "UC" and bool(entry["extension_number"] or entry["phone_number"])
            for entry in self.extensions or ()
        )

    def whole(self, left_out: Collection[str] = ()) -> AdminUser:
        """Return the user, where only these parts may be left out: what else is not shown is not there."""
        empty: dict[str, Any] = {name: () for name in ("licenses", "extensions") if name not in left_out}
        return self._replace(**{name: getattr(self, name) or none for name, none in empty.items()})

    def view(self) -> dict[str, Any]:
        """Return the user as a result shows it."""
        shown = self._asdict()
        del shown["customer_id"]
        for name in ("licenses", "extensions"):
            shown[name] = None if shown[name] is None else [dict(entry) for entry in shown[name]]
        return shown


def license_counts(license_name: str, ignored: Iterable[str] = NUMBER_LICENSES) -> bool:
    """Say whether a license counts: by default, whether it is more than a phone number.

    :param ignored: Wildcards of the names of those that do not, without case.
    """
    return not any(fnmatchcase(login_key(license_name), login_key(pattern)) for pattern in ignored)


def read_user(raw: Any) -> AdminUser:
    """Return the user that a part of an answer is.

    :raises EightByEightError: ``bad_answer`` when it is none.
    """
    user = member({"user": raw}, "user", dict) or _NOTHING
    basic = member(user, "basicInfo", dict) or _NOTHING
    services = member(user, "serviceInfo", dict) or _NOTHING
    directory = member(user, "directoryInfo", dict) or _NOTHING
    assigned = member(user, "assignmentInfo", dict) or _NOTHING
    user_id, user_name = member(basic, "userId"), member(basic, "userName")
    if not user_id or not user_name:
        raise malformed_answer("a user has no userId or no userName")
    return AdminUser(
        user_id=user_id,
        user_name=user_name,
        customer_id=member(basic, "customerId"),
        status=member(basic, "status"),
        site=member(member(basic, "site", dict) or _NOTHING, "name"),
        scim_provider=member(basic, "scimProvider"),
        sso_provider=member(basic, "ssoProvider"),
        licenses=_entries(services, "licenses", _LICENSE),
        extensions=_entries(services, "extensions", _EXTENSION),
        displayed_in_directory=member(directory, "displayInDirectory", bool),
        profile_policy=member(member(assigned, "profilePolicy", dict) or _NOTHING, "name"),
    )


_NOTHING: Mapping[str, Any] = {}
#: What a member of an answer has to be, as a message says it.
_KINDS: Mapping[type, str] = {str: "text", bool: "true or false", list: "a list", dict: "an object"}
#: Our name of a part of a license, or of an extension -> its name in an answer.
_LICENSE = {"name": "name", "country": "country"}
_EXTENSION = {"type": "extensionType", "extension_number": "extensionNumber", "phone_number": "primaryPhoneNumber"}


def member(value: Mapping[str, Any], name: str, kind: type = str) -> Any:
    """Return a member of an object of an answer; None where it is null or absent, or an empty text.

    :raises EightByEightError: ``bad_answer`` when it has another type.
    """
    found = value.get(name)
    if found is not None and not isinstance(found, kind):
        raise malformed_answer(f"{name} is not {_KINDS[kind]}")
    return None if found == "" else found


def _entries(
    value: Mapping[str, Any], name: str, names: Mapping[str, str]
) -> tuple[Mapping[str, str | None], ...] | None:
    """Return the texts with these names of each entry of a list in an object of an answer; None where there is no list."""
    entries = member(value, name, list)
    if entries is None:
        return None
    found = []
    for raw in entries:
        entry = member({name: raw}, name, dict) or _NOTHING
        found.append({ours: member(entry, theirs) for ours, theirs in names.items()})
    return tuple(found)


def malformed_answer(fault: str) -> EightByEightError:
    """Return the error of an answer that is not in the form that 8x8 documents.

    :param fault: What is odd about it.
    """
    return LIST.error(
        f"The Administration API answered with something that is not as 8x8 documents it: {fault}. See what answers at "
        "admin_api_url.",
        kind="bad_answer",
    )
