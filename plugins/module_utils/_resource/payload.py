# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What is sent to create or change a user: the bodies of POST, PUT and PATCH.

Writing is strict. The body of a PUT is built from the resource that was read, so that nothing is lost that the server showed, and
it carries nothing read-only and no nulls.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._base.console import CONSOLE_USERS
from .._base.names import login_key, nfc
from .._base.text import in_quotes
from .._errors import EightByEightError
from .names import CORE_URN, DEFAULT_EXTENSION_URN, ENTERPRISE_URN, PATCH_URN, PHONE_TYPES, READ_ONLY, SCIM_PATHS
from .spelling import known_names
from .user import User, entries_of, sorted_phones, text_of, with_work_email

#: Characters by which a server hides a part of a value.
_MASKED = re.compile(r"[*\u2022\u25cf]{2,}")


def patch_body(active: bool, *, by_path: bool = False) -> dict[str, Any]:
    """Return the body of a PATCH that changes ``active``, in the form that 8x8 is known to accept (fact sheet 2.9).

    :param by_path: Use the other form of RFC 7644 section 3.5.2.3. Whether 8x8 accepts that is not known (11.8).
    """
    operation = {"path": "active", "value": active} if by_path else {"value": {"active": active}}
    return {"schemas": [PATCH_URN], "Operations": [{"op": "replace", **operation}]}


def post_body(
    user_name: str, active: bool, attributes: Mapping[str, Any], extension_urn: str = DEFAULT_EXTENSION_URN
) -> dict[str, Any]:
    """Return the body of a POST, which creates a user (RFC 7644 section 3.3)."""
    body: dict[str, Any] = {"userName": user_name, "active": active}
    _write_attributes(body, attributes, extension_urn)
    return body


def put_body(current: User, active: bool, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of a PUT: the resource as it was read, with only the given attributes changed.

    8x8 clears whatever a PUT does not carry (fact sheet 2.7), so everything that was read goes back: e-mail addresses of other
    types, middle names, unknown extensions. Read-only attributes and nulls do not.
    """
    try:
        body: dict[str, Any] = without_nulls({name: current.raw[name] for name in current.raw if name not in READ_ONLY})
    except RecursionError:
        raise EightByEightError(
            f"8x8 sent {current.user_name} with an attribute that has more levels than can be sent back, and a PUT without it "
            "would clear it. Nothing was changed. Correct the user in Admin Console.",
            kind="bad_answer",
        ) from None
    body["active"] = active
    _write_attributes(body, attributes, current.extension_urn)
    _update_full_names(body, current.view, {**current.view, **attributes})
    _refuse_masked(current, body)
    return body


def _refuse_masked(current: User, body: Mapping[str, Any]) -> None:
    """Refuse to send a masked value such as +44****, which would take the place of the real one.

    :raises EightByEightError: ``missing_attributes``.
    """
    for key, what, option in (("emails", "e-mail address", "email"), ("phoneNumbers", "phone number", "phone_numbers")):
        for entry in entries_of(body.get(key)):
            value = text_of(entry.get("value") if isinstance(entry, dict) else entry) or ""
            if _MASKED.search(value):
                raise EightByEightError(
                    f"8x8 shows the {what} {in_quotes(value)} of {current.user_name} masked, and an update must carry all "
                    "values, so it would store the masked one. Nothing was changed. Give the real value in "
                    f"{option} of the task; a value that {option} does not hold can only be entered in {CONSOLE_USERS}.",
                    kind="missing_attributes",
                )


def with_explicit_nulls(body: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return the body of a PUT with null, or an empty list, for the attributes to clear (RFC 7644 section 3.5.1).

    Some servers merge a PUT into what they hold, and keep what it leaves out.
    """
    for name in names:
        if name == "phone_numbers":
            body.setdefault("phoneNumbers", [])
        else:
            _set(body, SCIM_PATHS[name], None, drop=False)
    if ENTERPRISE_URN in body and ENTERPRISE_URN not in body["schemas"]:
        body["schemas"].append(ENTERPRISE_URN)
    return body


def without_nulls(value: Any) -> Any:
    """Copy a value without nulls. To SCIM, null and absent are the same (RFC 7643 section 2.5); not to every server."""
    if isinstance(value, Mapping):
        return {key: without_nulls(entry) for key, entry in value.items() if entry is not None}
    if isinstance(value, (list, tuple)):
        return [without_nulls(entry) for entry in value if entry is not None]
    return value


def _write_attributes(body: dict[str, Any], attributes: Mapping[str, Any], extension_urn: str) -> None:
    """Write attributes into a body, and list its schemas. None and an empty list take an attribute out."""
    paths = {**SCIM_PATHS, "site": (extension_urn, "site")}
    for name, value in attributes.items():
        if name == "email":
            body["emails"] = with_work_email(body.get("emails"), value)
        elif name == "phone_numbers":
            _set_phones(body, value)
        else:
            _set(body, paths[name], value)
    known = {urn.lower(): urn for urn in (CORE_URN, ENTERPRISE_URN, *known_names(extension_urn).extension_urns)}
    listed = [known.get(urn.lower(), urn) for urn in entries_of(body.get("schemas")) if isinstance(urn, str)]
    ours = (ENTERPRISE_URN, extension_urn)
    others = [urn for urn in listed or [CORE_URN] if urn in body or urn not in ours]
    body["schemas"] = list(dict.fromkeys([*others, *(urn for urn in ours if urn in body)]))


def _set(body: dict[str, Any], path: Sequence[str], value: Any, *, drop: bool = True) -> None:
    """Write a value into a body.

    :param drop: Whether nothing takes the name out; else it is written as null.
    """
    head, *rest = path
    if rest:
        inner = body[head] if isinstance(body.get(head), dict) else {}
        _set(inner, rest, value, drop=drop)
        value = inner
    if value or not drop:
        body[head] = value
    else:
        body.pop(head, None)


def _set_phones(body: dict[str, Any], wanted: Iterable[Mapping[str, str]] | None) -> None:
    """Put the wanted numbers in the place of the work and mobile ones; other types (home, fax) stay."""
    others = []
    known: dict[tuple[str, str | None], dict[str, Any]] = {}
    for entry in entries_of(body.get("phoneNumbers")):
        kind = (text_of(entry.get("type")) or "").lower() if isinstance(entry, dict) else ""
        if kind in PHONE_TYPES:
            known.setdefault((kind, text_of(entry.get("value"))), entry)  # of two equal numbers the first one stays
        else:
            others.append(entry)
    fresh = [dict(known.get((number["type"], number["value"]), number)) for number in sorted_phones(wanted or ())]
    _set(body, ("phoneNumbers",), [*fresh, *others])


def _update_full_names(body: dict[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Write a changed name into the names that are made of it, ``name.formatted`` and ``displayName``.

    A PUT carries everything that was read. Servers that store these names would show the old one, and servers that make the
    parts from them would lose the change. What cannot be made is taken out.

    :param body: The body of a PUT, with the new parts of the name in it already.
    :param before: The parts of the name as they were: ``given_name`` and ``family_name``.
    :param after: The same as they are to be.
    """
    parts = [(str(before[key] or ""), str(after[key] or "")) for key in ("given_name", "family_name")]
    changed = [(old, new) for old, new in parts if old != new]
    if not changed:
        return
    name = body.get("name")
    formatted = name.get("formatted") if isinstance(name, dict) else None
    shown = body.get("displayName")
    if isinstance(shown, str) and (shown == formatted or _is_made_of(shown, [old for old, _new in parts])):
        _set(body, ("displayName",), _renamed(shown, changed))
    if isinstance(name, dict) and "formatted" in name:
        _set(name, ("formatted",), _renamed(formatted, changed) if isinstance(formatted, str) else None)


def _is_made_of(text: str, parts: Iterable[str]) -> bool:
    """Say whether a full name holds the given and the family name, in any order and case, whatever else it holds."""
    own = Counter(word for part in parts for word in _words(part))
    return bool(own) and not own - Counter(_words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", login_key(text))


def _renamed(text: str, changed: list[tuple[str, str]]) -> str | None:
    """Return a full name with each changed part in it replaced, or None where a part is not in it exactly once."""
    text = nfc(text)
    fresh = {login_key(old): new for old, new in changed if old}
    either = "|".join(re.escape(nfc(old)) for old, _new in changed)
    whole = re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)
    if len(fresh) < len(changed) or sorted(map(login_key, whole.findall(text))) != sorted(fresh):
        return None
    return whole.sub(lambda found: fresh[login_key(found[0])], text)
