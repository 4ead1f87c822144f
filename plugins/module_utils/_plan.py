# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Planning: compare a user with what a task asks for, and decide what has to change.

It is pure: it sends nothing and knows no clock. Check mode, the diff, the choice of PATCH or PUT, and what a person must still do
all follow from the change that is made here. No other file decides when two values are the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ._base.console import CONSOLE_USERS
from ._base.names import nfc, same_login
from ._base.text import in_quotes, visible
from ._errors import BadOptionError, EightByEightError
from ._resource.names import ATTRIBUTES, DEFAULT_EXTENSION_URN, REQUIRED_ATTRIBUTES
from ._resource.payload import post_body, put_body
from ._resource.user import VIEW_KEYS, User
from ._wanted import Wanted

#: Values that a server does not store as they were sent: by attribute, a digest of what was asked for and one of what it showed
#: instead, see :func:`digest`.
Declined = Mapping[str, "tuple[str, str]"]


class Change(NamedTuple):
    """The difference between a user and what a task asks for, and the request that removes it.

    :param operation: ``created``, ``updated``, ``activated``, ``deactivated`` or ``unchanged``. A change of ``active`` gives
        the name, whatever else changes with it.
    :param before: The attributes that change, as they are; None where there is no user yet.
    :param after: The same attributes, as asked for.
    :param user: The whole user as it will be; None where there is none.
    :param body: What a POST or a PUT sends. A PATCH sends ``active`` alone.
    """

    operation: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]
    user: Mapping[str, Any] | None
    body: Mapping[str, Any] | None = None

    @property
    def changed(self) -> bool:
        """Whether there is anything to send."""
        return bool(self.after)

    @property
    def method(self) -> str | None:
        """The verb that it needs: PATCH knows ``active`` alone, and PUT replaces the whole user. None where nothing changes."""
        if not self.after:
            return None
        if self.before is None:
            return "POST"
        return "PATCH" if set(self.after) == {"active"} else "PUT"

    def is_refuted_by(self, user: User) -> bool:
        """Say whether somebody is active who should not be, or the other way round."""
        active = self.after.get("active")
        # Who is not shown to be either, says nothing against it.
        return active is not None and user.view["active"] not in (None, active)

    def diff(self, who: str) -> dict[str, Any]:
        """Return the difference as Ansible shows it, with the login name above it."""
        header = visible(f"user {who}")
        before = None if self.before is None else dict(self.before)
        return {"before_header": header, "after_header": header, "before": before, "after": dict(self.after)}


UNCHANGED = Change("unchanged", {}, {}, None)


def operation_of(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    """Name a change, see :class:`Change`."""
    if before is None:
        return "created"
    if "active" not in after:
        return "updated"
    return "activated" if after["active"] else "deactivated"


def plan(
    current: User | None,
    wanted: Wanted,
    *,
    declined: Declined | None = None,
    extension_urn: str = DEFAULT_EXTENSION_URN,
) -> Change:
    """Compare a user with what is asked for, and decide what has to change.

    :param current: The user as the server showed it, or None where there is none.
    :param declined: What the server is known not to store as asked for. That alone is no reason to write. A write that is sent
        for another reason carries what was asked for all the same: what the server shows instead may be masked or cut.
    :raises BadOptionError: When what is asked for cannot be sent, such as a cleared family name.
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
        if current is not None and current.active:
            return _change_of(current, {"active": False})
        return UNCHANGED._replace(user=None if current is None else current.view)
    if current is None:
        return _plan_creation(wanted, wanted.active is not False, extension_urn)
    cleared = [name for name in REQUIRED_ATTRIBUTES if name in wanted.attributes and not wanted.attributes[name]]
    if cleared:
        raise BadOptionError(
            f"{wanted.who}: {_listed(cleared)} cannot be cleared, 8x8 requires {_them(cleared)}. Leave {_them(cleared)} out to "
            "keep what is there."
        )
    active = current.active if wanted.active is None else wanted.active
    return _plan_update(current, wanted.for_user(current), active, declined or {})


def _change_of(current: User, wishes: Mapping[str, Any], body: Mapping[str, Any] | None = None) -> Change:
    view, after = {**current.view, "active": current.active}, _ordered(wishes)
    before = {name: view[name] for name in after}
    return Change(operation_of(before, after), before, after, {**view, **after}, body)


def _plan_creation(wanted: Wanted, active: bool, extension_urn: str) -> Change:
    missing = [name for name in REQUIRED_ATTRIBUTES if not wanted.attributes.get(name)]
    if not wanted.user_name:
        missing.insert(0, "user_name")
    if missing:
        raise EightByEightError(
            f"{wanted.who} does not exist yet, and to create a user 8x8 requires {_listed(missing)} too.",
            kind="missing_attributes",
        )
    given = {name: value for name, value in wanted.attributes.items() if value}
    wanted.check(["user_name", *given])
    user_name = str(wanted.user_name)
    after = {"user_name": user_name, **given, "active": active}
    user: dict[str, Any] = {**dict.fromkeys(VIEW_KEYS), "phone_numbers": [], **after}
    return Change("created", None, _ordered(after), user, post_body(user_name, active, given, extension_urn))


def _plan_update(current: User, wanted: Wanted, active: bool, declined: Declined) -> Change:
    changes = _changes(current, wanted, declined)
    wanted.check(changes, current.view["phone_numbers"])
    if "site" in changes and current.view["site"]:
        raise EightByEightError(
            f"{wanted.who}: the site is {in_quotes(current.view['site'])} and cannot be changed to {in_quotes(changes['site'])}: "
            f"8x8 lets SCIM set the site of a user once. Nothing was changed. Set it in {CONSOLE_USERS} (within the same PBX), "
            "or ask for the site that is set, or leave site out.",
            kind="site_fixed",
        )
    body = whole_body(current, wanted, active) if changes else None
    if current.active != active:
        changes["active"] = active
    return _change_of(current, changes, body) if changes else UNCHANGED._replace(user=current.view)


def whole_body(current: User, wanted: Wanted, active: bool) -> dict[str, Any]:
    """Return what a PUT sends: the user as it is, with everything that a task asks for, whatever the reason for the PUT.

    A site that is set is left as it is: 8x8 refuses another one, and the whole update with it.

    :raises EightByEightError: ``missing_attributes``, where the PUT would damage the user.
    """
    differs = _unlike(current, wanted.for_user(current).attributes)
    carried = {name: value for name, value in differs.items() if not (name == "site" and current.view["site"])}
    missing = [name for name in REQUIRED_ATTRIBUTES if not {**current.view, **carried}[name]]
    if missing:
        raise EightByEightError(
            f"{wanted.who}: 8x8 does not show {_listed(missing)} of this user, and an update that does not carry "
            f"{_them(missing)} would damage the user (a missing e-mail address becomes noreply@8x8.com). Give "
            f"{_them(missing)} in the task.",
            kind="missing_attributes",
        )
    return put_body(current, active, carried)


def differences(
    current: User, wanted: Wanted, declined: Declined | None = None
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return in what a user is not as asked for, whether 8x8 lets it be changed or not.

    :param declined: As for :func:`plan`.
    :returns: The attributes as they are, and as asked for.
    """
    if wanted.absent:
        return ({"active": True}, {"active": False}) if current.active else ({}, {})
    after = _changes(current, wanted.for_user(current), declined or {})
    if wanted.user_name and not same_login(current.user_name, wanted.user_name):
        after["user_name"] = wanted.user_name
    if wanted.active is not None and wanted.active != current.active:
        after["active"] = wanted.active
    view = {**current.view, "active": current.active}
    return _ordered({name: view[name] for name in after}), _ordered(after)


def _unlike(user: User, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if comparable(user.view[name]) != comparable(value)}


def comparable(value: Any) -> Any:
    """Return what a value of an attribute is compared by.

    Null, absent and empty mean the same (RFC 7643 section 2.5), and so do two ways of writing an accent.
    """
    return nfc(value) if isinstance(value, str) and value else value or None


def _changes(current: User, wanted: Wanted, declined: Declined) -> dict[str, Any]:
    """Return the attributes that are not as asked for, as asked for; without what the server is known not to store so."""
    return {
        name: value
        for name, value in _unlike(current, wanted.attributes).items()
        if declined.get(name) != (digest(value), digest(current.view[name]))
    }


def still_declined(declined: Declined, current: User) -> dict[str, tuple[str, str]]:
    """Return what is still declined, without what the tenant holds as asked for by now."""
    return {
        name: pair for name, pair in declined.items() if name in ATTRIBUTES and digest(current.view[name]) != pair[0]
    }


def was_processed(before: User | None, after: User, change: Change) -> bool:
    """Say whether anything shows that the server carried out a write that it accepted: a new version, time or value."""
    if before is None:
        return True
    times = before.view["last_modified"], after.view["last_modified"]
    if any(old and new and old != new for old, new in ((before.version, after.version), times)):
        return True
    return bool(_unlike(after, {name: before.view[name] for name in change.after if name in before.view}))


def is_untouched(before: User, now: User) -> bool:
    """Say whether a user is the same as when it was read before, as far as version, time and values show."""
    return before.version == now.version and before.view == now.view


def not_taken(change: Change, answer: User) -> list[str]:
    """Name the attributes that the server did not store as planned (law 1)."""
    return list(_unlike(answer, {name: wish for name, wish in change.after.items() if name in ATTRIBUTES}))


def not_as_wanted(wanted: Wanted, answer: User) -> dict[str, tuple[str, str]]:
    """Return what is not as asked for, in the form of :data:`Declined`.

    That can be more than what was sent and not stored: a new site may set a time zone that was to be empty.
    """
    return {
        name: (digest(wish), digest(answer.view[name]))
        for name, wish in _unlike(answer, wanted.for_user(answer).attributes).items()
    }


def changed_unasked(change: Change, carried: Mapping[str, Any], answer: User) -> list[str]:
    """Name the attributes that a PUT was not to change, and that are not as it carried them (law 3).

    What was empty does not count: 8x8 sets some of it by itself, such as a language by the site (fact sheet section 3).
    """
    kept = {name: carried[name] for name in ATTRIBUTES if name not in change.after and carried.get(name)}
    return list(_unlike(answer, kept))


def digest(value: Any) -> str:
    """Return a short fingerprint of a value, by which it is recognized without being stored."""
    return hashlib.sha256(json.dumps(value or None, sort_keys=True).encode()).hexdigest()[:32]


def _ordered(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: (values[name] or []) if name == "phone_numbers" else values[name] for name in VIEW_KEYS if name in values
    }


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _them(names: list[str]) -> str:
    return "it" if len(names) == 1 else "them"
