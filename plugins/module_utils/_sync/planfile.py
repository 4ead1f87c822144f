# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Plans as files: the form of a plan, its digest, and reading one that was approved.

A plan file and an undo file have one form, so an undo is applied like any plan. The digest covers everything but itself, and
what it does not cover (another order, other white space) means the same. They hold no secret, and people's data.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .._base.clock import read_stamp, stamp
from .._base.json_text import TEXT_OR_NULL, has_form, unique_names
from .._base.text import abbreviated
from .._errors import BadOptionError, EightByEightError
from .._files import read_named
from .._plan import operation_of
from .._resource.names import ATTRIBUTES

FORMAT = 1
_DAY = 86_400
_UNITS = {"m": 60, "h": 3600, "d": _DAY, "w": 7 * _DAY}
#: How many seconds a plan may be applied unless told otherwise. A tenant moves on; each row is read again all the same.
VALID = _DAY
#: How many seconds an undo may be applied.
UNDO_VALID = 30 * _DAY
#: The most days that any plan may be applied.
MOST_VALID = 366
#: How many seconds the clocks of two machines may differ: one makes the plan, another applies it.
CLOCKS_DIFFER = 300
#: The largest plan that is read: about a million rows.
MOST_BYTES = 512 * 1024 * 1024
#: The forms of what a row may change, of a row, and of a plan, as far as they are read, see :func:`has_form`.
_VALUE_FORMS: Mapping[str, Any] = {
    **dict.fromkeys(("user_name", *ATTRIBUTES), TEXT_OR_NULL),
    "active": (bool,),
    "phone_numbers": [{"type": (str,), "value": (str,)}],
}
_ROW_FORM = {"user_name": TEXT_OR_NULL, "id": TEXT_OR_NULL, "before": (dict, type(None)), "after": (dict,)}
_PLAN_FORM = {
    **dict.fromkeys(("digest", "created", "expires", "tenant"), (str,)),
    "format": (int,),
    "users": (int, type(None)),
    "complete": (bool,),
    "limits": (dict,),
    "rows": [_ROW_FORM],
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


def read_duration(text: Any) -> int:
    """Read how many seconds a plan may be applied, from text such as ``24h`` or ``7d``.

    :raises BadOptionError: When it is no duration, or too long.
    """
    match = re.fullmatch(r"(\d{1,6})\s*([mhdw])", str(text).strip().lower())
    seconds = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 0 < seconds <= MOST_VALID * _DAY:
        raise BadOptionError(
            f"plan_valid_for must be a number with a unit (m, h, d or w), such as 24h or 7d, and at most {MOST_VALID}d, not "
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
    valid: int = VALID,
    as_of: str | None = None,
) -> dict[str, Any]:
    """Return a plan, with its digest.

    :param tenant: The SCIM base URL of the tenant it is for.
    :param now: Seconds since the epoch.
    :param users: How many users the tenant had, to judge limits by; None where that was not asked.
    :param complete: Whether the listing that it was made from adds up.
    :param limits: The limits that it was judged with, and is judged with when it is applied; none for an undo.
    :param valid: How many seconds it may be applied.
    :param as_of: When the dates of the rows were judged. They are not judged again when it is applied.
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
    """Return the fingerprint of a plan, whatever the order of its keys."""
    content = {key: value for key, value in plan.items() if key != "digest"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def load(path: str, tenant: str, approved: str | None, now: float) -> dict[str, Any]:
    """Read a plan, and make sure that it is the approved one, for this tenant, and not too old.

    :raises EightByEightError: ``bad_option``, ``bad_plan``, ``plan_not_approved``, ``wrong_tenant`` or ``plan_expired``.
    """
    content = read_named("apply_plan", path, MOST_BYTES)
    if content is None:
        raise BadOptionError(f"apply_plan: {path} cannot be read (there is no such file).")
    plan: dict[str, Any] = _parse(content)
    for objection in _objections(path, plan, tenant, approved, now):
        raise objection
    return plan


def _objections(path: str, plan: Any, tenant: str, approved: str | None, now: float) -> Iterator[EightByEightError]:
    """Yield why a plan is not applied. Whoever asks stops at the first reason."""
    if fault := _fault(plan):
        yield EightByEightError(f"{path} is not a plan of eightbyeight_roster: {fault}.", kind="bad_plan")
    found, other, time = plan["digest"], abbreviated(plan["tenant"]), stamp(now)
    if found != digest(plan):
        why = "its content does not match its digest. Make a new plan."
        yield EightByEightError(f"{path} was changed after it was made: {why}", kind="bad_plan")
    if approved not in (None, found):
        # A template may have made an empty text of it.
        why = f"its digest is {found}, approved is {abbreviated(approved)!r}. Nothing was changed."
        yield EightByEightError(f"{path} is not the approved plan: {why}", kind="plan_not_approved")
    if plan["tenant"] != tenant:
        why = f"is a plan for {other}, and this task talks to {tenant}. Nothing was changed."
        yield EightByEightError(f"{path} {why}", kind="wrong_tenant")
    # Stamps are in the order of their times.
    if plan["created"] > stamp(now + CLOCKS_DIFFER):
        why = "one of the clocks is wrong, so it is not known whether it has expired. Correct the clock, or make a new plan."
        yield EightByEightError(f"{path} was made at {plan['created']}, and now it is {time}: {why}", kind="bad_plan")
    if plan["expires"] < time:
        yield EightByEightError(f"{path} expired at {plan['expires']}. Make a new plan.", kind="plan_expired")


def _parse(content: bytes) -> Any:
    """Return what is in a plan; None where that is no JSON, or means one thing to one reader and another to the next."""
    with contextlib.suppress(ValueError, RecursionError):
        plan = json.loads(content.decode(), object_pairs_hook=unique_names)
        # A lone surrogate cannot be sent.
        json.dumps(plan, ensure_ascii=False).encode()
        return plan
    return None


def _fault(plan: Any) -> str | None:
    if not isinstance(plan, dict):
        return "it is not a JSON object in which each key is there once"
    if plan.get("format") != FORMAT:
        return f"it has format {abbreviated(plan.get('format'))}, and {FORMAT} is known"
    if not has_form(plan, _PLAN_FORM):
        return "it lacks a part, or a part is of the wrong type"
    if None in (read_stamp(plan["created"]), read_stamp(plan["expires"])):
        return "its times are not those of a plan"
    for number, row in enumerate(plan["rows"], start=1):
        if not _is_possible(row):
            return f"its row {number} is none"
    return None


def _is_possible(row: Mapping[str, Any]) -> bool:
    """Say whether a row can be applied. Limits count it by its operation, so that must be what it does."""
    before, after = row["before"], row["after"]
    values = [*after.items(), *(before or {}).items()]
    return (
        bool(row["user_name"] or (row["id"] and before is not None))
        and ("active" in after if before is None else before.keys() == after.keys())
        and row.get("operation") == operation_of(before, after)
        and all(name in _VALUE_FORMS and has_form(value, _VALUE_FORMS[name]) for name, value in values)
    )
