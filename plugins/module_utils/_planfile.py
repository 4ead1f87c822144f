# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Plans on paper: what was approved, what puts it back, and what was done when.

A plan file and an undo file have one form, so an undo is applied like any plan. The digest covers everything but itself.
None of them holds a secret.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import re
import tempfile
import threading
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError, EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._models import ATTRIBUTES, PHONE_TYPES

FORMAT = 1
#: How long a plan may be applied. A tenant moves on; each row is read again all the same.
VALID = dt.timedelta(hours=24)
_KEYS = ("digest", "created", "expires", "tenant", "rows")
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_ROW_KEYS = ("row", "user_name", "id", "operation", "before", "after")
OPERATIONS = ("created", "updated", "activated", "deactivated")


def stamp(seconds: float) -> str:
    """Return a time as text, in UTC."""
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def document(
    tenant: str, rows: Iterable[Mapping[str, Any]], now: float, *, users: int, complete: bool
) -> dict[str, Any]:
    """Return a plan, with its digest.

    :param tenant: The SCIM base URL of the tenant it is for.
    :param now: Seconds since the epoch.
    :param users: How many users the tenant had, to judge limits by.
    :param complete: Whether the listing that it was made from adds up.
    """
    plan: dict[str, Any] = {
        "format": FORMAT,
        "created": stamp(now),
        "expires": stamp(now + VALID.total_seconds()),
        "tenant": tenant,
        "users": users,
        "complete": complete,
        "rows": [dict(row) for row in rows],
    }
    return {"digest": digest(plan), **plan}


def digest(plan: Mapping[str, Any]) -> str:
    """Return the fingerprint of a plan, whatever the order of its keys."""
    content = {key: value for key, value in plan.items() if key != "digest"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def load(path: str, tenant: str, approved: str | None, now: float) -> dict[str, Any]:
    """Read a plan, and make sure that it is the approved one, for this tenant, and not too old.

    :raises EightByEightError: ``bad_plan``, ``plan_not_approved``, ``wrong_tenant`` or ``plan_expired``.
    """
    try:
        with open(path, encoding="utf-8") as file:
            plan = json.load(file)
    except OSError as error:
        raise BadOptionError(f"apply_plan: {path} cannot be read ({error.strerror}).") from None
    except (ValueError, RecursionError):
        plan = None
    fault = _fault(plan)
    if fault:
        raise EightByEightError(f"{path} is not a plan of eightbyeight_roster: {fault}.", kind="bad_plan")
    if plan["digest"] != digest(plan):
        raise EightByEightError(
            f"{path} was changed after it was made: its content does not match its digest. Make a new plan.",
            kind="bad_plan",
        )
    if approved is not None and approved != plan["digest"]:
        raise EightByEightError(
            f"{path} is not the approved plan: its digest is {plan['digest']}, approved is {approved}. Nothing was changed.",
            kind="plan_not_approved",
        )
    if plan["tenant"] != tenant:
        raise EightByEightError(
            f"{path} is a plan for {plan['tenant']}, and this task talks to {tenant}. Nothing was changed.",
            kind="wrong_tenant",
        )
    if stamp(now) > plan["expires"]:
        raise EightByEightError(f"{path} expired at {plan['expires']}. Make a new plan.", kind="plan_expired")
    result: dict[str, Any] = plan
    return result


def _fault(plan: Any) -> str | None:
    if not isinstance(plan, dict):
        return "it is no JSON object"
    missing = [key for key in _KEYS if key not in plan]
    if missing:
        return f"it lacks {', '.join(missing)}"
    if plan.get("format") != FORMAT:
        return f"it has format {plan.get('format')!r}, and {FORMAT} is known"
    if (
        not isinstance(plan["rows"], list)
        or not all(isinstance(plan[key], str) for key in _KEYS[:-1])
        or not _STAMP.fullmatch(plan["expires"])
        or not isinstance(plan.get("users"), int)
        or isinstance(plan["users"], bool)
        or not isinstance(plan.get("complete"), bool)
    ):
        return "its parts are of the wrong type"
    for number, row in enumerate(plan["rows"], start=1):
        if not _is_row(row):
            return f"its row {number} is none"
    return None


def _is_row(row: Any) -> bool:
    if not isinstance(row, dict) or any(key not in row for key in _ROW_KEYS) or row["operation"] not in OPERATIONS:
        return False
    before, after = row["before"], row["after"]
    texts = (row["user_name"], row["id"])
    return (
        all(text is None or isinstance(text, str) and text for text in texts)
        and any(texts if before is not None else texts[:1])
        and (before is None) is (row["operation"] == "created")
        and (before is None or isinstance(before, dict))
        and isinstance(after, dict)
        and bool(after)
        and all(_is_value(name, value) for values in (before or {}, after) for name, value in values.items())
        and (before is None or set(before) == set(after) and "user_name" not in after)
    )


def _is_value(name: str, value: Any) -> bool:
    if name == "active":
        return isinstance(value, bool)
    if name == "phone_numbers":
        return isinstance(value, list) and all(
            isinstance(entry, dict)
            and set(entry) == {"type", "value"}
            and entry["type"] in PHONE_TYPES
            and isinstance(entry["value"], str)
            for entry in value
        )
    return name in (*ATTRIBUTES, "user_name") and (value is None or isinstance(value, str))


def save(path: str, content: str) -> None:
    """Write a file that whoever reads it never sees half-written.

    :raises EightByEightError: When it cannot be written.
    """
    folder = os.path.dirname(os.path.abspath(path))
    try:
        handle, draft = tempfile.mkstemp(dir=folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(draft)
            raise
    except OSError as error:
        raise EightByEightError(f"{path} cannot be written ({error.strerror}).", kind="bad_option") from None


def set_aside(path: str) -> None:
    """Keep a file that is about to be written anew, under its name and the time of its last change.

    :raises EightByEightError: When it cannot be kept; it must not be lost.
    """
    try:
        first = f"{path}.{stamp(os.lstat(path).st_mtime).replace(':', '').replace('-', '')}"
        kept, number = first, 1
        while os.path.lexists(kept):
            number += 1
            kept = f"{first}.{number}"
        os.rename(path, kept)
    except FileNotFoundError:
        return
    except OSError as error:
        raise EightByEightError(f"{path} cannot be set aside ({error.strerror}).", kind="bad_option") from None


def check_writable(options: Mapping[str, Any], names: Iterable[str]) -> None:
    """Find out before the first request whether the files of a task can be written.

    :raises BadOptionError: With the first that cannot.
    """
    taken: dict[str, str] = {}
    for name in names:
        path = options.get(name)
        if not path:
            continue
        whole = os.path.abspath(path)
        folder = os.path.dirname(whole)
        if os.path.isdir(path):
            raise BadOptionError(f"{name}: {path} is a folder.")
        if not os.path.isdir(folder):
            raise BadOptionError(f"{name}: there is no folder {folder}.")
        # A file is replaced by a new one in its folder; a journal is added to.
        added_to = os.path.exists(path) and name == "journal_file"
        if not os.access(path if added_to else folder, os.W_OK):
            raise BadOptionError(f"{name}: {path} cannot be written.")
        if whole in taken:
            raise BadOptionError(f"{taken[whole]} and {name} name the same file.")
        taken[whole] = name


class Journal:
    """One line an operation: intended, sent, confirmed or failed. Only ever added to.

    :param path: The file, or None for no journal.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._whole = True

    def note(self, now: float, event: str, **facts: Any) -> None:
        """Add a line, in the hands of the system before this returns.

        :raises EightByEightError: When it cannot be written; nothing must go on that would not be in the journal.
        """
        if self._path is None:
            return
        line = json.dumps({"time": stamp(now), "event": event, **facts})
        try:
            with self._lock, open(self._path, "a", encoding="utf-8") as file:
                file.write(f"{line}\n" if self._whole else f"\n{line}\n")
                self._whole = True
        except OSError as error:
            raise EightByEightError(
                f"The journal {self._path} cannot be written any more ({error.strerror}).", kind="bad_option"
            ) from None

    def last_seen(self) -> dict[str, str]:
        """Return when users were last changed, as the last run saw it: id -> ``lastModified``.

        Each run adds what differs from the runs before. Whom a run wrote to without seeing what became of it, because it was
        killed, is left out.

        :raises BadOptionError: When the journal cannot be read.
        """
        if self._path is None or not os.path.exists(self._path):
            return {}
        seen: dict[str, str] = {}
        line = "\n"
        try:
            with open(self._path, encoding="utf-8", errors="replace") as file:
                for line in file:
                    if '"event": "seen"' in line or '"event": "sent"' in line:
                        _remember(seen, line)
        except OSError as error:
            raise BadOptionError(f"journal_file: {self._path} cannot be read ({error.strerror}).") from None
        # A run that was killed may have left half a line.
        self._whole = line.endswith("\n")
        return seen


def _remember(seen: dict[str, str], line: str) -> None:
    with contextlib.suppress(ValueError):
        entry = json.loads(line)
        if isinstance(entry.get("users"), dict):
            seen.update(entry["users"])
        elif entry.get("id"):
            seen.pop(entry["id"], None)
