# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Compares two snapshots of a tenant, and makes the events between them. Pure."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .._base.names import login_key
from .._errors import EightByEightError
from .snapshot import WATCHED, Person

Changes = Mapping[str, Mapping[str, Any]]

#: The beginning of a template, as Ansible recognizes it.
_TEMPLATE = re.compile(r"\{(?=[{%#])")


class Event(NamedTuple):
    """One event.

    :param type: One of :data:`options.TYPES`.
    :param seen_at: The start of the poll that saw it, in UTC.
    :param changes: Attribute -> ``before`` and ``after``.
    :param error: Why a tenant cannot be read.
    """

    type: str
    tenant: str
    seen_at: str
    user_name: str | None = None
    user_id: str | None = None
    changes: Changes | None = None
    error: Mapping[str, Any] | None = None

    def as_dict(self, host: str) -> dict[str, Any]:
        """Return the event as the rule engine gets it.

        ``meta.uuid`` stays the same when the event is sent again after a restart, so that an engine that remembers its events
        recognizes it.

        :param host: The inventory host, or an empty text.
        """
        event: dict[str, Any] = {
            "type": self.type,
            "tenant": self.tenant,
            "user_name": self.user_name,
            "user_id": self.user_id,
            "changes": self.changes or {},
            "seen_at": self.seen_at,
        }
        if self.error is not None:
            event["error"] = self.error
        meta = {"uuid": str(uuid.uuid4()), **({"hosts": host} if host else {})}
        return {**_without_templates(event), "meta": meta}


def compare(before: Mapping[str, Person], after: Mapping[str, Person], tenant: str, seen_at: str) -> list[Event]:
    """Return the events between two snapshots, in the order of login names.

    A user who was updated and deactivated in one interval gets two events, so that rules for both of them fire.
    """
    everybody = sorted({**before, **after}.items(), key=lambda item: (login_key(item[1].user_name or ""), item[0]))
    return [
        Event(kind, tenant, seen_at, person.user_name, user_id, changes)
        for user_id, person in everybody
        for kind, changes in _events_of_user(before.get(user_id, _NOBODY), after.get(user_id, _NOBODY))
        if changes
    ]


_NOBODY = Person({}, active=None, last_modified=None, licenses=())


def _events_of_user(old: Person, new: Person) -> Iterator[tuple[str, Changes]]:
    changes = _differences(old, new)
    active = {"active": {"before": old.active, "after": new.active}} if old.active != new.active else {}
    if new is _NOBODY:
        yield "removed", {**changes, **active}
        return
    if old is _NOBODY:
        yield "created", {**changes, **active}
    else:
        yield "updated", changes
        yield "activated" if new.active else "deactivated", active
    if old.licenses is not None and new.licenses is not None and old.licenses != new.licenses:
        yield "license_changed", {"licenses": {"before": list(old.licenses), "after": list(new.licenses)}}


def _differences(old: Person, new: Person) -> dict[str, dict[str, Any]]:
    return {
        name: {"before": old.values.get(name), "after": new.values.get(name)}
        for name in WATCHED
        if old.values.get(name) != new.values.get(name)
    }


def unreachable_event(tenant: str, seen_at: str, api: str, error: EightByEightError) -> Event:
    """Return the event for an API that cannot be read.

    :param api: ``scim`` or ``administration``.
    """
    event = error.to_result()
    return Event("tenant_unreachable", tenant, seen_at, error={**event["error"], "message": event["msg"], "api": api})


def back_event(tenant: str, seen_at: str, api: str) -> Event:
    """Return the event for an API that can be read again."""
    return Event("tenant_back", tenant, seen_at, error={"api": api})


def _without_templates(value: Any) -> Any:
    """Return a value without templates of Ansible.

    ansible-rulebook hands events to playbooks as extra variables, which Ansible evaluates. A title in 8x8 must not become a
    program, so a blank is put between its braces.
    """
    if isinstance(value, str):
        return _TEMPLATE.sub("{ ", value)
    if isinstance(value, Mapping):
        return {name: _without_templates(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_templates(part) for part in value]
    return value
