# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Audits as JSON documents (schema: ``docs/schemas/audit.schema.json``), and the changes between two audits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._base.empty import AUDIT_INFO
from .._base.json_text import TEXT_OR_NULL, is_valid, read_object
from .._base.names import same_user, user_keys
from .._base.text import abbreviated
from .._errors import BadOptionError
from .._files import read_regular_file

FORMAT = "eightbyeight.scim/audit"
VERSION = 1
#: The form of an audit, as far as it is compared with the next one.
_FORM = {"as_of": (str,), "accounts": [{"situation": (str,), "id": TEXT_OR_NULL, "user_name": TEXT_OR_NULL}]}
#: The largest audit that is read: about 200,000 accounts.
_MOST_BYTES = 256 * 1024 * 1024

_Account = Mapping[str, Any]


def facts_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of ``eightbyeight_audit_info`` without the keys that Ansible adds."""
    return {name: result.get(name, empty) for name, empty in AUDIT_INFO.items() if name != "changed"}


def document(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the result of ``eightbyeight_audit_info`` as a document."""
    return {"format": FORMAT, "version": VERSION, **facts_of(result)}


def read_previous(path: str, tenant: str | None) -> Mapping[str, Any] | None:
    """Return the document of an earlier audit; None when the file does not exist yet.

    :raises EightByEightError: When it cannot be read, or is not an audit of this tenant.
    """
    content = read_regular_file("previous", path, _MOST_BYTES)
    if content is None:
        return None
    found = read_object(content)
    is_audit = found.get("format") == FORMAT
    if is_audit and found.get("version") != VERSION:
        raise BadOptionError(
            f"previous: {path} has version {abbreviated(found.get('version'))} of the audit format, but this release of "
            f"the collection only reads version {VERSION}. Name another file, move this one away, or update the "
            "collection."
        )
    if not (is_audit and is_valid(found, _FORM)):
        raise BadOptionError(
            f"previous: {path} is not an audit that the role audit wrote as JSON. Name another file, or move it away."
        )
    if found.get("tenant") != tenant:
        raise BadOptionError(
            f"previous is an audit of {abbreviated(found.get('tenant'))}, but this audit is of {abbreviated(tenant)}. Name an "
            "audit of the same tenant, or leave previous out."
        )
    return found


def changes_since(previous: Sequence[_Account], accounts: Sequence[_Account]) -> list[dict[str, Any]]:
    """Return the people whose situation changed. ``from`` is null for new people, ``to`` for people who are gone.

    People are matched by id, or by login name when one of the two has no id.
    """
    left = dict(enumerate(previous))
    places: dict[str, list[int]] = {}
    for number, old in left.items():
        for key in user_keys(*_names(old)):
            places.setdefault(key, []).append(number)
    changes = []
    for account in accounts:
        known = [number for key in user_keys(*_names(account)) for number in places.get(key, ()) if number in left]
        same = [number for number in known if same_user(_names(account), _names(left[number]))]
        # When several have the same login name, prefer the one in the same situation.
        same.sort(key=lambda number: left[number]["situation"] != account["situation"])
        before = left.pop(same[0])["situation"] if same else None
        if before != account["situation"]:
            changes.append(_change(account, before, account["situation"]))
    return changes + [_change(old, old["situation"], None) for old in left.values()]


def _change(account: _Account, before: str | None, after: str | None) -> dict[str, Any]:
    return {"user_name": account.get("user_name"), "id": account.get("id"), "from": before, "to": after}


def _names(account: _Account) -> tuple[str | None, str | None]:
    return account.get("id"), account.get("user_name")
