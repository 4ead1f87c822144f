# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Plan files: their format, their digest, and how an approved plan is read.

Undo files have the same format, so an undo is applied like any plan. The digest covers all values but itself; the order of keys
and white space do not matter. Plans contain data of people, but no secrets.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .._base.clock import read_stamp, stamp
from .._base.json_text import TEXT_OR_NULL, is_valid, unique_names
from .._base.text import abbreviated
from .._errors import BadOptionError, EightByEightError
from .._files import read_regular_file
from .._plan import operation_of
from .._resource.names import ATTRIBUTES

FORMAT = 1
_DAY = 86_400
_UNITS = {"m": 60, "h": 3600, "d": _DAY, "w": 7 * _DAY}
#: How many seconds a plan may be applied by default.
DEFAULT_VALIDITY = _DAY
#: How many seconds an undo may be applied.
UNDO_VALIDITY = 30 * _DAY
#: The most days that any plan may be applied.
MAX_VALID_DAYS = 366
#: How many seconds the clocks of two machines may differ: one makes the plan, another applies it.
MAX_CLOCK_SKEW = 300
#: The largest plan that is read: about a million rows.
MAX_BYTES = 512 * 1024 * 1024
#: The schemas of the values in a row, of a row, and of a plan, see :func:`is_valid`. Other keys are ignored.
_VALUE_SCHEMAS: Mapping[str, Any] = {
    **dict.fromkeys(("user_name", *ATTRIBUTES), TEXT_OR_NULL),
    "active": (bool,),
    "phone_numbers": [{"type": (str,), "value": (str,)}],
}
_ROW_SCHEMA = {"user_name": TEXT_OR_NULL, "id": TEXT_OR_NULL, "before": (dict, type(None)), "after": (dict,)}
_PLAN_SCHEMA = {
    **dict.fromkeys(("digest", "created", "expires", "tenant"), (str,)),
    "format": (int,),
    "users": (int, type(None)),
    "complete": (bool,),
    "limits": (dict,),
    "rows": [_ROW_SCHEMA],
}


class RosterPlan(NamedTuple):
    """A plan, new or from a file. It describes all changes, and is immutable.

    :param users: How many users the tenant had; None when that was not read.
    :param complete: Whether it was made from a complete listing.
    :param limits: The limits that it was checked with.
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


def read_duration(text: Any) -> int:
    """Return how many seconds a text such as ``24h`` or ``7d`` means.

    :raises BadOptionError: When it is not a duration, or is too long.
    """
    match = re.fullmatch(r"(\d{1,6})\s*([mhdw])", str(text).strip().lower())
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 0 < seconds <= MAX_VALID_DAYS * _DAY:
        raise BadOptionError(
            f"plan_valid_for must be a number with a unit (m, h, d or w), such as 24h or 7d, and at most {MAX_VALID_DAYS}d, not "
            f"{abbreviated(text)!r}."
        )
    return seconds


def document(
    tenant: str,
    rows: Iterable[Mapping[str, Any]],
    now: float,
    *,
    users: int | None,
    complete: bool,
    limits: Mapping[str, str] | None = None,
    valid: int = DEFAULT_VALIDITY,
    as_of: str | None = None,
) -> dict[str, Any]:
    """Return a plan, with its digest.

    :param tenant: The SCIM base URL of its tenant.
    :param now: Seconds since the epoch.
    :param users: How many users the tenant had, to check limits; None when that was not read.
    :param complete: Whether it was made from a complete listing.
    :param limits: The limits that it was checked with, and is checked with again when it is applied; none for an undo.
    :param valid: How many seconds it may be applied.
    :param as_of: The time with which the dates of the rows were compared. They are not compared again when it is applied.
    """
    plan: dict[str, Any] = {
        "format": FORMAT,
        "created": stamp(now),
        "expires": stamp(now + valid),
        "tenant": tenant,
        "as_of": as_of,
        "users": users,
        "complete": complete,
        "limits": limits or {},
        "rows": list(rows),
    }
    return {"digest": digest(plan), **plan}


def digest(plan: Mapping[str, Any]) -> str:
    """Return the digest of a plan. The order of its keys does not matter."""
    content = {key: value for key, value in plan.items() if key != "digest"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def load(path: str, tenant: str, approved: str | None, now: float) -> dict[str, Any]:
    """Read a plan, and check that it is approved, for this tenant, and not expired.

    :raises EightByEightError: ``bad_option``, ``bad_plan``, ``plan_not_approved``, ``wrong_tenant`` or ``plan_expired``.
    """
    content = read_regular_file("apply_plan", path, MAX_BYTES)
    if content is None:
        raise BadOptionError(f"apply_plan: {path} cannot be read (there is no such file).")
    plan: dict[str, Any] = _parse(content)
    for refusal in _refusals(path, plan, tenant, approved, now):
        raise refusal
    return plan


def _refusals(path: str, plan: Any, tenant: str, approved: str | None, now: float) -> Iterator[EightByEightError]:
    """Yield the reasons to refuse a plan. The caller raises the first one, and the later checks rely on the earlier ones."""
    if fault := _fault(plan):
        yield EightByEightError(f"{path} is not a plan of eightbyeight_roster: {fault}.", kind="bad_plan")
    found, other, time = plan["digest"], abbreviated(plan["tenant"]), stamp(now)
    if found != digest(plan):
        why = "its content does not match its digest. Make a new plan."
        yield EightByEightError(f"{path} was changed after it was made: {why}", kind="bad_plan")
    if approved not in (None, found):
        # An empty text, perhaps from a template, approves nothing.
        why = f"its digest is {found}, approved is {abbreviated(approved)!r}. Nothing was changed."
        yield EightByEightError(f"{path} is not the approved plan: {why}", kind="plan_not_approved")
    if plan["tenant"] != tenant:
        why = f"is a plan for {other}, and this task talks to {tenant}. Nothing was changed."
        yield EightByEightError(f"{path} {why}", kind="wrong_tenant")
    # Stamps sort by time.
    if plan["created"] > stamp(now + MAX_CLOCK_SKEW):
        why = "one of the clocks is wrong, so it is not known whether it has expired. Correct the clock, or make a new plan."
        yield EightByEightError(f"{path} was made at {plan['created']}, and now it is {time}: {why}", kind="bad_plan")
    if plan["expires"] < time:
        yield EightByEightError(f"{path} expired at {plan['expires']}. Make a new plan.", kind="plan_expired")


def _parse(content: bytes) -> Any:
    """Return the content of a plan; None when it is not JSON, or when readers could understand it in different ways."""
    with contextlib.suppress(ValueError, RecursionError):
        plan = json.loads(content.decode(), object_pairs_hook=unique_names)
        # A lone surrogate cannot be sent.
        json.dumps(plan, ensure_ascii=False).encode()
        return plan
    return None


def _fault(plan: Any) -> str | None:
    if not isinstance(plan, dict):
        return "it is not a JSON object, or has a key twice"
    if plan.get("format") != FORMAT:
        return f"it has format {abbreviated(plan.get('format'))}, and only {FORMAT} is known"
    if not is_valid(plan, _PLAN_SCHEMA):
        return "a key is missing, or has a value of the wrong type"
    if None in (read_stamp(plan["created"]), read_stamp(plan["expires"])):
        return "created or expires is not a time"
    for number, row in enumerate(plan["rows"], start=1):
        if not _is_applicable(row):
            return f"its row {number} is not the row of a plan"
    return None


def _is_applicable(row: Mapping[str, Any]) -> bool:
    """Say whether a row can be applied. Its operation must be right, because limits count operations."""
    before, after = row["before"], row["after"]
    values = [*after.items(), *(before or {}).items()]
    return (
        bool(row["user_name"] or (row["id"] and before is not None))
        and ("active" in after if before is None else before.keys() == after.keys())
        and row.get("operation") == operation_of(before, after)
        and all(name in _VALUE_SCHEMAS and is_valid(value, _VALUE_SCHEMAS[name]) for name, value in values)
    )
