# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The heart: what is, and what is wanted, make a change. Pure: no client, no clock, no module.

Check mode, diff, PATCH or PUT, and what a person must still do all follow from the change made here. Nobody else decides
what "different" means.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ._base.console import CONSOLE_USERS
from ._base.names import same_login
from ._base.text import in_quotes, visible
from ._errors import BadOptionError, EightByEightError
from ._resource.names import ATTRIBUTES, DEFAULT_EXTENSION_URN, PHONE_TYPES, REQUIRED_ATTRIBUTES, VIEW_KEYS
from ._resource.payload import patch_body, post_body, put_body
from ._resource.user import User, sorted_phones
from ._resource.values import check_identity, check_text, flaw_of

#: What the server made of a value that it would not take as given: attribute -> (digest of the wish, digest of the result).
Declined = Mapping[str, "tuple[str, str]"]


class Wanted(NamedTuple):
    """What a task asks for, for one user.

    :param user_name: The login name, or None where ``user_id`` alone identifies.
    :param user_id: The server's id, or None.
    :param active: Whether the user may log in; None leaves that alone. A new user is active unless this is False.
    :param attributes: Only what was given. An empty value (None) clears; what is not in it is left alone.
    :param absent: Deactivate if there, else do nothing; all else is left alone then.
    :param phones: Phone numbers by type, where those of another type are left alone; None clears. ``phone_numbers`` of the
        attributes then holds what is asked for of somebody who has none.
    :param judged: Whether the values are a person's, and judged before they are sent. What a plan puts back was there before.
    """

    user_name: str | None
    user_id: str | None = None
    active: bool | None = None
    attributes: Mapping[str, Any] = MappingProxyType({})
    absent: bool = False
    phones: Mapping[str, str | None] = MappingProxyType({})
    judged: bool = False

    @property
    def who(self) -> str:
        """The user, as messages name them."""
        return self.user_name or f"id {self.user_id}"

    def of(self, user: User) -> Wanted:
        """Return the wish with the phone numbers of the user that it leaves alone."""
        if not self.phones:
            return self
        kept = [number for number in user.view["phone_numbers"] if number["type"] not in self.phones]
        given = [{"type": kind, "value": value} for kind, value in self.phones.items() if value]
        numbers = sorted_phones([*kept, *given]) or None
        return self._replace(attributes={**self.attributes, "phone_numbers": numbers}, phones={})

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Wanted:
        """Read the options of ``eightbyeight_user``. ``""`` and ``[]`` become "clear", None is left out.

        :raises BadOptionError: When an option cannot be right.
        """
        identity: dict[str, str | None] = {}
        for key in ("user_name", "user_id"):
            value = options.get(key)
            if value is not None:
                check_identity(key, value)
            identity[key] = value
        if options.get("state") == "absent":
            if options.get("active") is not None:
                raise BadOptionError(
                    "active cannot be combined with state=absent, which always deactivates. Remove active, or use "
                    "state=present with active=false to keep updating a deactivated user."
                )
            return cls(user_name=identity["user_name"], user_id=identity["user_id"], absent=True)
        attributes: dict[str, Any] = {}
        for name in ATTRIBUTES:
            value = options.get(name)
            if value is None:
                continue
            if name == "phone_numbers":
                attributes[name] = _phones(value) or None
            else:
                (check_identity if value and name in ("email", "external_id") else check_text)(name, value)
                attributes[name] = value or None
        active = options.get("active")
        return cls(
            user_name=identity["user_name"],
            user_id=identity["user_id"],
            active=None if active is None else bool(active),
            attributes=attributes,
            judged=True,
        )

    def check(self, names: Iterable[str]) -> None:
        """Refuse what cannot be, of the values that are to be sent.

        :raises BadOptionError: Names the user, the attribute, and what is wrong with it.
        """
        values = {**self.attributes, "user_name": self.user_name}
        flaws = [flaw_of(name, values[name]) for name in names if self.judged and isinstance(values.get(name), str)]
        told = [flaw for flaw in flaws if flaw]
        if told:
            raise BadOptionError(f"{self.who}: {' '.join(told)}")


class Change(NamedTuple):
    """The difference between what is and what is wanted, and the request that closes it.

    :param operation: ``created``, ``updated``, ``activated``, ``deactivated`` or ``unchanged``. A change of ``active`` gives
        the name, whatever else changes with it.
    :param before: The managed attributes that change, as they are; None where there is no user yet.
    :param after: The same attributes, as wanted.
    :param user: The whole user as it should be then; None where there is none.
    :param method: ``POST``, ``PUT``, ``PATCH`` or None.
    :param body: What to send.
    """

    operation: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    user: Mapping[str, Any] | None
    method: str | None = None
    body: Mapping[str, Any] | None = None

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return self.method is not None

    def diff(self, who: str) -> dict[str, Any]:
        """Return the difference as Ansible shows it, one hunk with the user's name above it."""
        header = visible(f"user {who}")
        before = None if self.before is None else dict(self.before)
        return {"before_header": header, "after_header": header, "before": before, "after": dict(self.after)}


def plan(
    current: User | None,
    wanted: Wanted,
    *,
    declined: Declined | None = None,
    extension_urn: str = DEFAULT_EXTENSION_URN,
) -> Change:
    """Compare, and say what to do.

    :param current: The user as the server told it, or None where there is none.
    :param declined: What the server is known not to take as given, see :func:`digest`. No write is started for it. A write that
        is sent for another reason carries it all the same: what the server shows in its place may be masked or cut.
    :raises BadOptionError: When the wish cannot be sent, such as a cleared family name.
    :raises EightByEightError: When 8x8 cannot do it: ``site_fixed``, ``user_name_fixed``, ``missing_attributes``.
    """
    if current is not None and wanted.user_name and not same_login(current.user_name, wanted.user_name):
        raise EightByEightError(
            f"{wanted.who}: user_id {current.id} is the login name {current.user_name}, not {wanted.user_name}. If you meant two "
            "people, give only one of the two options. If you meant to rename: 8x8 fixes the login name at creation, SCIM cannot "
            f"change it; do it in {CONSOLE_USERS}.",
            kind="user_name_fixed",
        )
    if wanted.absent:
        return _plan_removal(current)
    if current is None:
        return _plan_creation(wanted, wanted.active is not False, extension_urn)
    cleared = [name for name in REQUIRED_ATTRIBUTES if name in wanted.attributes and not wanted.attributes[name]]
    if cleared:
        raise BadOptionError(
            f"{wanted.who}: {_listed(cleared)} cannot be cleared, 8x8 demands {_them(cleared)}. Leave {_them(cleared)} out to "
            "keep what is there.",
        )
    active = current.active if wanted.active is None else wanted.active
    return _plan_update(current, wanted.of(current), active, declined or {})


def _plan_removal(current: User | None) -> Change:
    if current is None or not current.active:
        return Change("unchanged", {}, {}, None if current is None else current.view)
    return _switch(current, active=False)


def _switch(current: User, *, active: bool) -> Change:
    return Change(
        "activated" if active else "deactivated",
        {"active": current.active},
        {"active": active},
        {**current.view, "active": active},
        "PATCH",
        patch_body(active),
    )


def _plan_creation(wanted: Wanted, active: bool, extension_urn: str) -> Change:
    missing = [name for name in REQUIRED_ATTRIBUTES if not wanted.attributes.get(name)]
    if not wanted.user_name:
        missing.insert(0, "user_name")
    if missing:
        raise EightByEightError(
            f"{wanted.who} does not exist yet, and to create a user 8x8 demands {_listed(missing)} too.",
            kind="missing_attributes",
        )
    given = {name: value for name, value in wanted.attributes.items() if value}
    wanted.check(["user_name", *given])
    user_name = str(wanted.user_name)
    after = {"user_name": user_name, **given, "active": active}
    user: dict[str, Any] = {**dict.fromkeys(VIEW_KEYS), "phone_numbers": [], **after}
    return Change("created", None, _ordered(after), user, "POST", post_body(user_name, active, given, extension_urn))


def _plan_update(current: User, wanted: Wanted, active: bool, declined: Declined) -> Change:
    differs = {name: value for name, value in wanted.attributes.items() if not _same(current.view[name], value)}
    changes = {
        name: value for name, value in differs.items() if not _known_decline(name, current.view[name], value, declined)
    }
    wanted.check(changes)
    if "site" in changes and current.view["site"]:
        raise EightByEightError(
            f"{wanted.who}: the site is {in_quotes(current.view['site'])} and cannot be changed to {in_quotes(changes['site'])}: "
            f"8x8 lets SCIM set the site of a user once. Nothing was changed. Set it in {CONSOLE_USERS} (within the same PBX), "
            "or ask for the site that is set, or leave site out.",
            kind="site_fixed",
        )
    flips = current.active != active
    if not changes:
        return _switch(current, active=active) if flips else Change("unchanged", {}, {}, current.view)
    whole = {**current.view, **changes, "active": active}
    carried = carried_along(current, wanted)
    missing = [name for name in REQUIRED_ATTRIBUTES if not ({**whole, **carried})[name]]
    if missing:
        raise EightByEightError(
            f"{wanted.who}: 8x8 does not show {_listed(missing)} of this user, and an update that does not carry "
            f"{_them(missing)} would damage the user (a missing e-mail address becomes noreply@8x8.com). Give "
            f"{_them(missing)} in the task.",
            kind="missing_attributes",
        )
    after = {**changes, **({"active": active} if flips else {})}
    before = {name: current.view[name] for name in after}
    if flips:
        before["active"] = current.active
    operation = ("activated" if active else "deactivated") if flips else "updated"
    return Change(
        operation,
        _ordered(before),
        _ordered(after),
        {**whole, "phone_numbers": whole["phone_numbers"] or []},
        "PUT",
        put_body(current, active, {**carried, **changes}),
    )


def carried_along(current: User, wanted: Wanted) -> dict[str, Any]:
    """Return what a PUT of this user carries of a task besides what changes: what the server shows otherwise, as it was given.

    A site that is set stays as it is shown: another one is refused, and the whole update with it.
    """
    return {
        name: value
        for name, value in wanted.of(current).attributes.items()
        if not _same(current.view[name], value) and not (name == "site" and current.view["site"])
    }


def still_declined(declined: Declined, current: User) -> dict[str, tuple[str, str]]:
    """Return what is still to be remembered: where the tenant holds the wish by now, nothing is."""
    return {
        name: pair for name, pair in declined.items() if name in ATTRIBUTES and digest(current.view[name]) != pair[0]
    }


def was_processed(before: User | None, after: User, change: Change) -> bool:
    """Say whether anything shows that a server processed a write which it accepted: a new version or time, or a new value."""
    if before is None:
        return True
    if any(old and new and old != new for old, new in ((before.version, after.version), _times(before, after))):
        return True
    return any(not _same(before.view[name], after.view[name]) for name in change.after if name in before.view)


def is_untouched(before: User, now: User) -> bool:
    """Say whether a user is as it was at an earlier read, as far as version, time and values show."""
    return before.version == now.version and before.view == now.view


def _times(before: User, after: User) -> tuple[Any, Any]:
    return before.view["last_modified"], after.view["last_modified"]


def not_taken(change: Change, answer: User) -> list[str]:
    """Name the attributes that the server did not store as planned (law 1)."""
    return [
        name
        for name, value in change.after.items()
        if name not in ("active", "user_name") and not _same(answer.view[name], value)
    ]


def unmet(wanted: Wanted, answer: User) -> dict[str, tuple[str, str]]:
    """Return what is not as asked for, in the form of :data:`Declined`.

    That is more than what was sent and not taken: a time zone that was to be empty, and was, may come with the site.
    """
    return {
        name: (digest(wish), digest(answer.view[name]))
        for name, wish in wanted.of(answer).attributes.items()
        if not _same(answer.view[name], wish)
    }


def disturbed(change: Change, carried: Mapping[str, Any], answer: User) -> list[str]:
    """Name the attributes that a PUT was not to change, and that are not what it carried (law 3).

    What was empty does not count: 8x8 fills some of it in, such as a language from the site (fact sheet section 3).
    """
    return [
        name
        for name in ATTRIBUTES
        if name not in change.after and carried.get(name) and not _same(answer.view[name], carried[name])
    ]


def digest(value: Any) -> str:
    """Return a short fingerprint of an attribute's value, so that a value can be recognized without being kept."""
    return hashlib.sha256(json.dumps(value or None, sort_keys=True).encode()).hexdigest()[:32]


def _known_decline(name: str, current: Any, wish: Any, declined: Declined) -> bool:
    return declined.get(name) == (digest(wish), digest(current))


def _same(left: Any, right: Any) -> bool:
    # Null, absent and empty are one state (RFC 7643 section 2.5).
    return (left or None) == (right or None)


def _ordered(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: (values[name] or []) if name == "phone_numbers" else values[name] for name in VIEW_KEYS if name in values
    }


def _phones(numbers: Any) -> list[dict[str, str]]:
    for number in numbers:
        check_text("phone_numbers", number["value"])
        if number["type"] not in PHONE_TYPES or not number["value"].strip():
            raise BadOptionError(
                f"phone_numbers: each entry needs a type ({' or '.join(PHONE_TYPES)}) and a value. To clear, give an empty list."
            )
    return sorted_phones(numbers)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _them(names: list[str]) -> str:
    return "it" if len(names) == 1 else "them"
