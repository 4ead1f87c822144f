# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What a task or a row of a roster asks for, for one user."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ._base.names import login_key
from ._errors import BadOptionError, EightByEightError
from ._resource.names import ATTRIBUTES
from ._resource.user import User, sorted_phones
from ._resource.values import check_identity, check_text, flaw_of

#: If all of these differ, the login name now belongs to another person.
_PERSON = ("external_id", "given_name", "family_name")


def check_person(wanted: Wanted, user: User, what: str) -> None:
    """Refuse to take over the account of another person: one whose external id, given name and family name all differ.

    If only some of them differ, it is an update: external ids and names change.

    :param user: The user who has the login name.
    :param what: ``row`` or ``task``, for the message.
    :raises EightByEightError: ``ambiguous``. With ``user_id`` in the task, the account is taken over on purpose.
    """
    given = wanted.person
    pairs = [(given.get(name), user.view[name]) for name in _PERSON]
    if all(mine and theirs and login_key(str(mine)) != login_key(str(theirs)) for mine, theirs in pairs):
        raise EightByEightError(
            f"{wanted.who} is {_described(user.view)} in 8x8, and the {what} is about {_described(given)}. Nothing was changed. "
            "If the login name was given to another person and the account is to be taken over, with its license, number and "
            f"voicemail, give user_id: {user.id} in the {what}.",
            kind="ambiguous",
        )


def _described(attributes: Mapping[str, Any]) -> str:
    return f"{attributes['given_name']} {attributes['family_name']} (external id {attributes['external_id']})"


class Wanted(NamedTuple):
    """What a task or a row asks for, for one user. Everything else is not changed.

    :param user_name: The login name; None if only the id is given.
    :param user_id: The server's id; None if only the login name is given.
    :param active: Whether the user may log in; None does not change that. A new user is active unless this is False.
    :param attributes: The given attributes. None clears an attribute.
    :param absent: Whether the user must not be able to log in. Nothing else is changed then.
    :param phones: Phone numbers by type. None clears a number, and numbers of other types stay. Then ``phone_numbers``
        in the attributes is for users without numbers.
    :param about: The attributes that identify the user and are not changed.
    :param is_checked: Whether the values are checked before they are sent. The values of a plan that undoes a run
        are not: the tenant had them before.
    """

    user_name: str | None
    user_id: str | None = None
    active: bool | None = None
    attributes: Mapping[str, Any] = MappingProxyType({})
    absent: bool = False
    phones: Mapping[str, str | None] = MappingProxyType({})
    is_checked: bool = False
    about: Mapping[str, Any] = MappingProxyType({})

    @property
    def who(self) -> str:
        """The name of the user in messages."""
        return self.user_name or (f"id {self.user_id}" if self.user_id else f"external id {self.external_id}")

    @property
    def person(self) -> Mapping[str, Any]:
        """The attributes that identify the user, besides login name and id."""
        return self.about or self.attributes

    @property
    def external_id(self) -> str | None:
        value: str | None = self.person.get("external_id")
        return value

    def for_user(self, user: User) -> Wanted:
        """Return this with all phone numbers of the user: those that were given, and those that stay."""
        if not self.phones:
            return self
        kept = [number for number in user.view["phone_numbers"] if number["type"] not in self.phones]
        given = [{"type": kind, "value": value} for kind, value in self.phones.items() if value]
        numbers = sorted_phones([*kept, *given]) or None
        return self._replace(attributes={**self.attributes, "phone_numbers": numbers}, phones={})

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Wanted:
        """Read the options of ``eightbyeight_user``. Empty text or an empty list clears an attribute; None changes nothing.

        :raises BadOptionError: When an option cannot be right.
        """
        for name in ("user_name", "user_id", "external_id"):
            value = options.get(name)
            # Of these, only the external id can be cleared.
            if value is not None and (value or name != "external_id"):
                check_identity(name, value)
        identity, active = (options.get("user_name"), options.get("user_id")), options.get("active")
        if options.get("state") == "absent":
            if active is not None:
                raise BadOptionError(
                    "active cannot be combined with state=absent, which always deactivates. Remove active, or use "
                    "state=present with active=false to keep updating a deactivated user."
                )
            about = {name: options[name] for name in _PERSON if options.get(name)}
            return cls(*identity, absent=True, about=about)
        attributes: dict[str, Any] = {}
        for name in ATTRIBUTES:
            value = options.get(name)
            if value is None:
                continue
            if name == "phone_numbers":
                attributes[name] = _phones(value) or None
            else:
                (check_identity if value and name == "email" else check_text)(name, value)
                attributes[name] = value or None
        return cls(*identity, active, attributes, is_checked=True)

    def check(self, names: Iterable[str], held: Collection[Any] = ()) -> None:
        """Refuse values of attributes that 8x8 cannot accept.

        :param names: The attributes that are to be sent.
        :param held: Phone numbers that the user already has. They are not checked.
        :raises BadOptionError: With the user, each attribute, and what is wrong with it.
        """
        values = {**self.attributes, "user_name": self.user_name}
        flaws = [flaw_of(name, text) for name in names if self.is_checked for text in _texts(values.get(name), held)]
        found = [flaw for flaw in flaws if flaw]
        if found:
            raise BadOptionError(f"{self.who}: {' '.join(found)}")


def _texts(value: Any, held: Collection[Any]) -> list[str]:
    return [value] if isinstance(value, str) else [number["value"] for number in value or () if number not in held]


def _phones(numbers: Any) -> list[dict[str, str]]:
    for number in numbers:
        check_text("phone_numbers", number["value"])
        if not number["value"].strip():
            raise BadOptionError("phone_numbers: each entry needs a type and a value. To clear, give an empty list.")
    return sorted_phones(numbers)
