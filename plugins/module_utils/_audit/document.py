# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""An audit as a JSON document, and what changed since an earlier one. The schema is in ``docs/schemas/audit.schema.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._base.empty import AUDIT_INFO
from .._base.files import read_file, reason_of
from .._base.names import login_key
from .._base.text import abbreviated
from .._errors import BadOptionError, EightByEightError

FORMAT = "eightbyeight.scim/audit"
VERSION = 1
#: The largest audit that is read: some 200,000 accounts.
_MOST_BYTES = 256 * 1024 * 1024

_Account = Mapping[str, Any]


def facts_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of what ``eightbyeight_audit_info`` returned, without what Ansible adds."""
    return {name: result.get(name, empty) for name, empty in AUDIT_INFO.items() if name != "changed"}


def document(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what ``eightbyeight_audit_info`` returned as a document."""
    return {"format": FORMAT, "version": VERSION, **facts_of(result)}


class Previous(NamedTuple):
    """An earlier audit.

    :param tenant: Whose it was.
    :param as_of: When it was made.
    :param with_roster: Whether it had a roster.
    :param complete: Whether it saw everybody.
    :param accounts: The people, as results show them.
    """

    tenant: str | None
    as_of: str
    with_roster: bool
    complete: bool
    accounts: Sequence[_Account]


def read_previous(path: str) -> Previous | None:
    """Read an earlier audit; None where there is no such file yet.

    :raises EightByEightError: When it cannot be read, or is none.
    """
    try:
        content = read_file(path, _MOST_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadOptionError(f"previous: {path} cannot be read ({reason_of(error)}).") from None
    if len(content) > _MOST_BYTES:
        raise BadOptionError(f"previous: {path} is larger than {_MOST_BYTES // 1024**2} MiB, which no audit is.")
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, Mapping) or found.get("format") != FORMAT:
        raise _no_audit(path)
    if found.get("version") != VERSION:
        raise EightByEightError(
            f"previous: {path} has the version {abbreviated(found.get('version'))} of the form of audits, and this release of "
            f"the collection knows {VERSION} alone. Name another one, move it away, or update the "
            "collection.",
            kind="bad_option",
        )
    accounts = found.get("accounts")
    if not isinstance(accounts, list) or not all(_is_account(each) for each in accounts):
        raise _no_audit(path)
    if not isinstance(found.get("as_of"), str):
        raise _no_audit(path)
    tenant = found.get("tenant")
    return Previous(
        None if tenant is None else str(tenant),
        found["as_of"],
        found.get("roster_rows") is not None,
        bool(found.get("complete")),
        accounts,
    )


def _is_account(entry: Any) -> bool:
    return (
        isinstance(entry, Mapping)
        and isinstance(entry.get("situation"), str)
        and all(entry.get(name) is None or isinstance(entry[name], str) for name in ("id", "user_name"))
    )


def _no_audit(path: str) -> BadOptionError:
    return BadOptionError(
        f"previous: {path} is no audit as the role audit writes it as JSON. Name another one, or move it away."
    )


def why_not_compared(previous: Previous, tenant: str | None, *, with_roster: bool, complete: bool) -> str | None:
    """Return why nothing can be said of what changed since an earlier audit, as a sentence; None where it can.

    :raises BadOptionError: When it was the audit of another tenant.
    """
    if previous.tenant != tenant:
        raise BadOptionError(
            f"previous is an audit of {abbreviated(previous.tenant)}, and this one is of {abbreviated(tenant)}. Name an audit of "
            "the same tenant, or leave previous out."
        )
    if not (previous.complete and complete):
        which = "This audit" if previous.complete else f"The audit of {previous.as_of}"
        return f"{which} is incomplete, so what changed since the audit before cannot be seen."
    if previous.with_roster != with_roster:
        made = "without" if with_roster else "with"
        return f"The audit of {previous.as_of} was made {made} a roster, so it cannot be compared with this one."
    return None


def changes_since(previous: Sequence[_Account], accounts: Sequence[_Account]) -> list[dict[str, Any]]:
    """Return who is in another situation than before: ``from`` is null for somebody new, ``to`` for somebody who is gone."""
    before = _Before(previous)
    changes = []
    for account in accounts:
        old = before.take(account)
        if old is None or old["situation"] != account["situation"]:
            changes.append(_change(account, None if old is None else old["situation"], account["situation"]))
    return changes + [_change(old, old["situation"], None) for old in before.left()]


def _change(account: _Account, before: str | None, after: str | None) -> dict[str, Any]:
    return {"user_name": account.get("user_name"), "id": account.get("id"), "from": before, "to": after}


class _Before:
    """The people of an earlier audit, each to be found once: by id, else by login name where one of the two has no id."""

    def __init__(self, accounts: Sequence[_Account]) -> None:
        self._accounts = accounts
        self._left = set(range(len(accounts)))
        self._places: dict[str, list[int]] = {}
        for number, account in enumerate(accounts):
            for key in _keys(account):
                self._places.setdefault(key, []).append(number)

    def take(self, account: _Account) -> _Account | None:
        """Return the same person, who is then no longer left."""
        found = [
            number for key in _keys(account) for number in self._places.get(key, ()) if self._fits(number, account)
        ]
        # Of several with one login name, the one in the same situation is most likely the same.
        found.sort(key=lambda number: self._accounts[number]["situation"] != account["situation"])
        if not found:
            return None
        self._left.discard(found[0])
        return self._accounts[found[0]]

    def _fits(self, number: int, account: _Account) -> bool:
        old_id, new_id = self._accounts[number].get("id"), account.get("id")
        return number in self._left and (not old_id or not new_id or old_id == new_id)

    def left(self) -> list[_Account]:
        """Return who was not found again."""
        return [self._accounts[number] for number in sorted(self._left)]


def _keys(account: _Account) -> list[str]:
    name = account.get("user_name")
    return [
        *([f"id {account['id']}"] if account.get("id") else []),
        *([f"login {login_key(name)}"] if name else []),
    ]
