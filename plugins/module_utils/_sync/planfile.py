# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Plans as files: the form of a plan, its digest, and reading one that was approved.

A plan file and an undo file have one form, so an undo is applied like any plan. The digest covers everything but itself, and
what it does not cover (another order, other white space) means the same. They hold no secret, and people's data.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, NoReturn

from .._base.clock import read_stamp, stamp, stamp_of
from .._base.files import read_file, reason_of
from .._base.names import login_key
from .._base.text import abbreviated
from .._errors import BadOptionError, EightByEightError
from .._resource.names import ATTRIBUTES, PHONE_TYPES
from .limits import read_limits

_Types = Mapping[str, Any]

FORMAT = 1
#: How long a plan may be applied unless told otherwise. A tenant moves on; each row is read again all the same.
VALID = dt.timedelta(hours=24)
#: How long an undo may be applied.
UNDO_VALID = dt.timedelta(days=30)
#: The longest that any plan may be applied.
MOST_VALID = dt.timedelta(days=366)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
#: How much the clocks of two machines may differ: one makes the plan, another applies it.
CLOCKS_DIFFER = dt.timedelta(minutes=5)
#: The largest plan that is read: about a million rows.
MOST_BYTES = 512 * 1024 * 1024
#: The largest tenant that a plan may tell of, to judge limits by.
_MOST_USERS = 100_000_000
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_NONE = type(None)
#: The types of a plan, of a row, of a phone number, and of what a row may change.
_PLAN_TYPES: _Types = {
    **dict.fromkeys(("digest", "created", "expires", "tenant"), str),
    "as_of": (str, _NONE),
    "users": (int, _NONE),
    "complete": bool,
    "limits": dict,
    "rows": list,
}
_ROW_TYPES: _Types = {
    **dict.fromkeys(("user_name", "id", "last_modified"), (str, _NONE)),
    "operation": str,
    "active": (bool, _NONE),
    "before": (dict, _NONE),
    "after": dict,
}
_OPTIONAL = ("as_of", "users", "active", "last_modified")
_NUMBER_TYPES: _Types = {"type": str, "value": str}
_VALUE_TYPES: _Types = {
    **dict.fromkeys(("user_name", *ATTRIBUTES), (str, _NONE)),
    "active": bool,
    "phone_numbers": list,
}


class RosterPlan(NamedTuple):
    """A plan, fresh or from a file: what is to be done is described by it, and it never changes.

    :param users: How many users the tenant had; None where that was not asked.
    :param complete: Whether the listing that it was made from adds up.
    :param limits: The limits that it was judged with.
    :param rows: Each user with the change, see :meth:`_sync.record.Entry.plan_row`.
    """

    digest: str
    created: str
    expires: str
    users: int | None
    complete: bool
    limits: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> RosterPlan:
        return cls(**{**{name: document[name] for name in cls._fields}, "rows": tuple(document["rows"])})


def read_duration(text: Any) -> dt.timedelta:
    """Read how long a plan may be applied, such as ``24h`` or ``7d``.

    :raises BadOptionError: When it is no duration, or too long.
    """
    match = re.fullmatch(r"(\d{1,6})\s*([mhdw])", str(text).strip().lower())
    duration = dt.timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else dt.timedelta(0)
    if not dt.timedelta(0) < duration <= MOST_VALID:
        raise BadOptionError(
            f"plan_valid_for must be a number with a unit (m, h, d or w), such as 24h or 7d, and at most {MOST_VALID.days}d, not "
            f"{abbreviated(text)!r}."
        )
    return duration


def document(
    tenant: str,
    rows: Iterable[Mapping[str, Any]],
    now: float,
    *,
    users: int | None,
    complete: bool,
    limits: Mapping[str, str] = MappingProxyType({}),
    valid: dt.timedelta = VALID,
    as_of: str | None = None,
) -> dict[str, Any]:
    """Return a plan, with its digest.

    :param tenant: The SCIM base URL of the tenant it is for.
    :param now: Seconds since the epoch.
    :param users: How many users the tenant had, to judge limits by; None where that was not asked.
    :param complete: Whether the listing that it was made from adds up.
    :param limits: The limits that it was judged with, and is judged with when it is applied; none for an undo.
    :param valid: How long it may be applied.
    :param as_of: When the dates of the rows were judged. They are not judged again when it is applied.
    """
    plan: dict[str, Any] = {
        "format": FORMAT,
        "created": stamp(now),
        "expires": stamp(now + valid.total_seconds()),
        "tenant": tenant,
        "as_of": as_of,
        "users": users,
        "complete": complete,
        "limits": dict(limits),
        "rows": [dict(row) for row in rows],
    }
    return {"digest": digest(plan), **plan}


def digest(plan: Mapping[str, Any]) -> str:
    """Return the fingerprint of a plan, whatever the order of its keys."""
    content = {key: value for key, value in plan.items() if key != "digest"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def check_digest(approved: str | None) -> None:
    """Find out before anything is read whether a digest can be one.

    :raises EightByEightError: ``plan_not_approved`` when it cannot, such as the empty text that a template made.
    """
    if approved is not None and not _DIGEST.fullmatch(approved):
        raise EightByEightError(
            f"plan_digest {abbreviated(approved)!r} is not the digest of a plan: a digest is sha256: and 64 hexadecimal "
            "digits, in lower case. Nothing was changed.",
            kind="plan_not_approved",
        )


def load(path: str, tenant: str, approved: str | None, now: float) -> dict[str, Any]:
    """Read a plan, and make sure that it is the approved one, for this tenant, and not too old.

    :raises EightByEightError: ``bad_option``, ``bad_plan``, ``plan_not_approved``, ``wrong_tenant`` or ``plan_expired``.
    """
    plan, fault = _parse(_read(path))
    fault = fault or _fault(plan)
    if fault:
        raise _about(path, f"is not a plan of eightbyeight_roster: {fault}.", kind="bad_plan")
    _check_approval(path, plan, tenant, approved)
    _check_times(path, plan, dt.datetime.fromtimestamp(now, dt.timezone.utc))
    result: dict[str, Any] = plan
    return result


def _about(path: str, why: str, *, kind: str) -> EightByEightError:
    return EightByEightError(f"{path} {why}", kind=kind)


def _check_approval(path: str, plan: Mapping[str, Any], tenant: str, approved: str | None) -> None:
    found, other = plan["digest"], abbreviated(plan["tenant"])
    if found != digest(plan):
        why = "was changed after it was made: its content does not match its digest. Make a new plan."
        raise _about(path, why, kind="bad_plan")
    if approved not in (None, found):
        why = f"is not the approved plan: its digest is {found}, approved is {approved}. Nothing was changed."
        raise _about(path, why, kind="plan_not_approved")
    if plan["tenant"] != tenant:
        why = f"is a plan for {other}, and this task talks to {tenant}. Nothing was changed."
        raise _about(path, why, kind="wrong_tenant")


def _check_times(path: str, plan: Mapping[str, Any], now: dt.datetime) -> None:
    created, expires = read_stamp(plan["created"]), read_stamp(plan["expires"])
    if created is None or expires is None or not dt.timedelta(0) < expires - created <= MOST_VALID:
        why = "is not a plan of eightbyeight_roster: its times are not those of a plan."
        raise _about(path, why, kind="bad_plan")
    if created > now + CLOCKS_DIFFER:
        why = (
            f"was made at {plan['created']}, and now it is {stamp_of(now)}: one of the clocks is wrong, so it is not "
            "known whether it has expired. Correct the clock, or make a new plan."
        )
        raise _about(path, why, kind="bad_plan")
    # To the second, as it is written.
    if now.replace(microsecond=0) > expires:
        raise _about(path, f"expired at {plan['expires']}. Make a new plan.", kind="plan_expired")


def _read(path: str) -> bytes:
    try:
        content = read_file(path, MOST_BYTES)
    except OSError as error:
        raise BadOptionError(f"apply_plan: {path} cannot be read ({reason_of(error)}).") from None
    except ValueError:
        raise BadOptionError(f"apply_plan: {abbreviated(path)} is not a file name.") from None
    if len(content) > MOST_BYTES:
        raise BadOptionError(
            f"apply_plan: {path} is larger than {MOST_BYTES // 1024**2} MiB, and no plan is that large."
        )
    return content


class _AmbiguousJSONError(ValueError):
    """JSON that means one thing to one reader and another to the next."""


def _parse(content: bytes) -> tuple[Any, str | None]:
    """Return what is in a plan and None, or None and what is wrong with it.

    A key that is there twice, or a number that is none, would be applied otherwise than it was read and approved.
    """
    try:
        plan = json.loads(
            content.decode(),
            object_pairs_hook=_unique_keys,
            parse_int=_whole_number,
            parse_float=_refused_number,
            parse_constant=_refused_number,
        )
        # A lone surrogate cannot be sent.
        json.dumps(plan, ensure_ascii=False).encode()
    except _AmbiguousJSONError as error:
        return None, str(error)
    except (ValueError, RecursionError):
        return None, "it is not a JSON object"
    return plan, None


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _AmbiguousJSONError("it has the same key twice")
    return found


def _whole_number(text: str) -> int:
    return int(text) if len(text) < 16 else _refused_number(text)


def _refused_number(_text: str) -> NoReturn:
    raise _AmbiguousJSONError("it has a number that no plan has")


def _fault(plan: Any) -> str | None:
    if not isinstance(plan, dict):
        return "it is not a JSON object"
    missing = [key for key in _PLAN_TYPES if key not in plan and key not in _OPTIONAL]
    if missing:
        return f"it lacks {', '.join(missing)}"
    if plan.get("format") != FORMAT or isinstance(plan["format"], bool):
        return f"it has format {abbreviated(plan.get('format'))}, and {FORMAT} is known"
    # To Python, true is a number.
    users = plan.get("users") or 0
    if not _has_types(plan, _PLAN_TYPES) or isinstance(plan.get("users"), bool) or not 0 <= users <= _MOST_USERS:
        return "its parts are of the wrong type"
    try:
        read_limits(plan["limits"])
    except BadOptionError as error:
        return error.message.rstrip(".")
    first: dict[tuple[str, str], int] = {}
    for number, row in enumerate(plan["rows"], start=1):
        if not _is_row(row):
            return f"its row {number} is none"
        who = ("id", row["id"]) if row["id"] else ("user_name", login_key(row["user_name"]))
        if first.setdefault(who, number) != number:
            return f"its rows {first[who]} and {number} are about the same user"
    return None


def _has_types(part: Any, types: _Types) -> bool:
    return isinstance(part, dict) and all(isinstance(part.get(name), types[name]) for name in types)


def _is_row(row: Any) -> bool:
    if not _has_types(row, _ROW_TYPES) or any(key not in row for key in _ROW_TYPES if key not in _OPTIONAL):
        return False
    before, after, names = row["before"], row["after"], (row["user_name"], row["id"])
    return (
        "" not in names
        and any(names if before is not None else names[:1])
        and bool(after)
        and (before is None or (before.keys() == after.keys() and "user_name" not in after and _are_values(before)))
        and _are_values(after)
        and row["operation"] == _operation(before, after)
    )


def _are_values(values: Mapping[str, Any]) -> bool:
    return (
        values.keys() <= _VALUE_TYPES.keys()
        and _has_types(values, {name: _VALUE_TYPES[name] for name in values})
        and all(
            _has_types(number, _NUMBER_TYPES)
            and number.keys() == _NUMBER_TYPES.keys()
            and number["type"] in PHONE_TYPES
            for number in values.get("phone_numbers", ())
        )
    )


def _operation(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str | None:
    """Name what a row does: limits count a row by its name, so the name must be right."""
    if before is None:
        return "created"
    if "active" not in after:
        return "updated"
    if before["active"] == after["active"]:
        return None
    return "activated" if after["active"] else "deactivated"
