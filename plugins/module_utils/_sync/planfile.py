# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Plans on paper: what was approved, what puts it back, and what was done when.

A plan file and an undo file have one form, so an undo is applied like any plan. The digest covers everything but itself, and
what it does not cover (another order, other white space) means the same. None of them holds a secret, and all of them hold
people's data: nobody but their owner can read them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import fcntl
import hashlib
import json
import math
import os
import re
import stat
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NoReturn

from .._base.names import login_key
from .._base.text import abbreviated
from .._errors import BadOptionError, EightByEightError
from .._resource.names import ATTRIBUTES, PHONE_TYPES
from .limits import read_limits

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
_KEYS = ("digest", "created", "expires", "tenant", "limits", "rows")
_TEXT_KEYS = ("digest", "created", "expires", "tenant")
_STAMP = "%Y-%m-%dT%H:%M:%SZ"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_ROW_KEYS = ("row", "user_name", "id", "operation", "before", "after")
OPERATIONS = ("created", "updated", "activated", "deactivated")


def stamp(seconds: float) -> str:
    """Return a time as text, in UTC."""
    return dt.datetime.fromtimestamp(seconds, dt.timezone.utc).strftime(_STAMP)


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


def seconds(text: str) -> float:
    """Return a time that :func:`stamp` wrote in seconds since the epoch; later than any where the text is no time."""
    moment = _moment(text)
    return math.inf if moment is None else moment.timestamp()


def document(
    tenant: str,
    rows: Iterable[Mapping[str, Any]],
    now: float,
    *,
    users: int | None,
    complete: bool,
    limits: Mapping[str, str] = MappingProxyType({}),
    valid: dt.timedelta = VALID,
) -> dict[str, Any]:
    """Return a plan, with its digest.

    :param tenant: The SCIM base URL of the tenant it is for.
    :param now: Seconds since the epoch.
    :param users: How many users the tenant had, to judge limits by; None where that was not asked.
    :param complete: Whether the listing that it was made from adds up.
    :param limits: The limits that it was judged with, and is judged with when it is applied; none for an undo.
    :param valid: How long it may be applied.
    """
    plan: dict[str, Any] = {
        "format": FORMAT,
        "created": stamp(now),
        "expires": stamp(now + valid.total_seconds()),
        "tenant": tenant,
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
            f"plan_digest {abbreviated(approved)!r} is no digest of a plan: that is sha256: and 64 hexadecimal digits, in "
            "lower case. Nothing was changed.",
            kind="plan_not_approved",
        )


def load(path: str, tenant: str, approved: str | None, now: float) -> dict[str, Any]:
    """Read a plan, and make sure that it is the approved one, for this tenant, and not too old.

    :raises EightByEightError: ``bad_option``, ``bad_plan``, ``plan_not_approved``, ``wrong_tenant`` or ``plan_expired``.
    """
    plan, fault = _parse(_read(path))
    fault = fault or _fault(plan)
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
            f"{path} is a plan for {abbreviated(plan['tenant'])}, and this task talks to {tenant}. Nothing was changed.",
            kind="wrong_tenant",
        )
    created, expires = _moment(plan["created"]), _moment(plan["expires"])
    if created is None or expires is None or not dt.timedelta(0) < expires - created <= MOST_VALID:
        raise EightByEightError(
            f"{path} is not a plan of eightbyeight_roster: its times are none that a plan is made with.",
            kind="bad_plan",
        )
    today = dt.datetime.fromtimestamp(now, dt.timezone.utc)
    if created > today + CLOCKS_DIFFER:
        raise EightByEightError(
            f"{path} was made at {plan['created']}, and now it is {stamp(now)}: one of the clocks is wrong, so there is no "
            "telling whether it has expired. Set the clock right, or make a new plan.",
            kind="bad_plan",
        )
    # To the second, as it is written.
    if today.replace(microsecond=0) > expires:
        raise EightByEightError(f"{path} expired at {plan['expires']}. Make a new plan.", kind="plan_expired")
    result: dict[str, Any] = plan
    return result


def _read(path: str) -> bytes:
    """Read a file, if it is one: a pipe or a device would hold the task for ever, or fill the memory."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise BadOptionError(f"apply_plan: {path} is no file.")
            with open(handle, "rb", closefd=False) as file:
                content = file.read(MOST_BYTES + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise BadOptionError(f"apply_plan: {path} cannot be read ({error.strerror}).") from None
    except ValueError:
        raise BadOptionError(f"apply_plan: {abbreviated(path)} is no name of a file.") from None
    if len(content) > MOST_BYTES:
        raise BadOptionError(f"apply_plan: {path} is larger than {MOST_BYTES // 1024**2} MiB, which no plan is.")
    return content


class _OddJSONError(ValueError):
    """JSON that means one thing to one reader and another to the next."""


def _parse(content: bytes) -> tuple[Any, str | None]:
    """Return what is in a plan and None, or None and what is wrong with it.

    A key that is there twice, or a number that is none, would be applied otherwise than it was read and approved.
    """
    try:
        return json.loads(
            content.decode(),
            object_pairs_hook=_unique,
            parse_int=_whole,
            parse_float=_odd_number,
            parse_constant=_odd_number,
        ), None
    except _OddJSONError as error:
        return None, str(error)
    except (ValueError, RecursionError):
        return None, "it is no JSON object"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _OddJSONError("it has the same key twice")
    return found


def _whole(text: str) -> int:
    return int(text) if len(text) < 16 else _odd_number(text)


def _odd_number(_text: str) -> NoReturn:
    raise _OddJSONError("it has a number that no plan has")


def _moment(text: str) -> dt.datetime | None:
    with contextlib.suppress(ValueError):
        moment = dt.datetime.strptime(text, _STAMP).replace(tzinfo=dt.timezone.utc)
        if moment.strftime(_STAMP) == text:
            return moment
    return None


def _fault(plan: Any) -> str | None:
    if not isinstance(plan, dict):
        return "it is no JSON object"
    missing = [key for key in _KEYS if key not in plan]
    if missing:
        return f"it lacks {', '.join(missing)}"
    if plan.get("format") != FORMAT or isinstance(plan["format"], bool):
        return f"it has format {abbreviated(plan.get('format'))}, and {FORMAT} is known"
    if (
        not isinstance(plan["rows"], list)
        or not all(_is_text(plan[key]) for key in _TEXT_KEYS)
        or not _is_number_of_users(plan.get("users"))
        or not isinstance(plan.get("complete"), bool)
        or not isinstance(plan["limits"], dict)
    ):
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


def _is_number_of_users(value: Any) -> bool:
    return value is None or isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_USERS


def _is_row(row: Any) -> bool:
    if not isinstance(row, dict) or any(key not in row for key in _ROW_KEYS) or row["operation"] not in OPERATIONS:
        return False
    before, after = row["before"], row["after"]
    texts = (row["user_name"], row["id"])
    return (
        all(text is None or _is_text(text) and text for text in texts)
        and any(texts if before is not None else texts[:1])
        and (before is None or isinstance(before, dict))
        and isinstance(after, dict)
        and bool(after)
        and all(_is_value(name, value) for values in (before or {}, after) for name, value in values.items())
        and (before is None or set(before) == set(after) and "user_name" not in after)
        and row["operation"] == _operation(before, after)
        and _is_kind(row.get("active"), bool)
        and _is_kind(row.get("last_modified"), str)
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


def _is_kind(value: Any, kind: type) -> bool:
    return value is None or isinstance(value, kind)


def _is_text(value: Any) -> bool:
    """Say whether it is text that can be sent: not half a character."""
    if not isinstance(value, str):
        return False
    if not value.isascii():
        with contextlib.suppress(UnicodeEncodeError):
            value.encode()
            return True
        return False
    return True


def _is_value(name: str, value: Any) -> bool:
    if name == "active":
        return isinstance(value, bool)
    if name == "phone_numbers":
        return isinstance(value, list) and all(
            isinstance(entry, dict)
            and set(entry) == {"type", "value"}
            and entry["type"] in PHONE_TYPES
            and _is_text(entry["value"])
            for entry in value
        )
    return name in (*ATTRIBUTES, "user_name") and (value is None or _is_text(value))


def reason_of(error: OSError) -> str:
    """Say why a file cannot be written, for a message."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full: {error.strerror}"
    return str(error.strerror)


def save(path: str, content: str) -> None:
    """Write a file that whoever reads it never sees half-written, and that nobody but its owner can read.

    What is there is replaced, not written to: nobody can have this written elsewhere by leaving a symbolic link there.

    :raises EightByEightError: When it cannot be written; what was there is there still.
    """
    folder = os.path.dirname(os.path.abspath(path))
    try:
        handle, draft = tempfile.mkstemp(dir=folder, prefix=".eightbyeight-")
        try:
            # A server may send half a character in the reason for a refusal; no file of ours shall fail for it.
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(draft)
            raise
    except OSError as error:
        raise EightByEightError(f"{path} cannot be written ({reason_of(error)}).", kind="bad_option") from None


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
        raise EightByEightError(f"{path} cannot be set aside ({reason_of(error)}).", kind="bad_option") from None


def check_writable(options: Mapping[str, Any], names: Iterable[str]) -> None:
    """Find out before the first request whether the files of a task can be written.

    :raises BadOptionError: With the first that cannot.
    """
    taken: dict[str, str] = {}
    if options.get("apply_plan"):
        taken[os.path.abspath(options["apply_plan"])] = "apply_plan"
    for name in names:
        path = options.get(name)
        if not path:
            continue
        whole = os.path.abspath(path)
        folder = os.path.dirname(whole)
        if not _is_name(path):
            raise BadOptionError(f"{name}: {abbreviated(path)} is no name of a file.")
        if os.path.isdir(path):
            raise BadOptionError(f"{name}: {path} is a folder.")
        if not os.path.isdir(folder):
            raise BadOptionError(f"{name}: there is no folder {folder}.")
        # A file is replaced by a new one in its folder; a journal is added to.
        added_to = os.path.exists(path) and name == "journal_file"
        if os.path.islink(path) and name == "journal_file":
            raise BadOptionError(f"{name}: {path} is a symbolic link. Name the journal itself.")
        if os.path.exists(path) and not os.path.isfile(path):
            raise BadOptionError(f"{name}: {path} is no file.")
        if not os.access(path if added_to else folder, os.W_OK):
            raise BadOptionError(f"{name}: {path} cannot be written.")
        if whole in taken:
            raise BadOptionError(f"{taken[whole]} and {name} name the same file.")
        taken[whole] = name


def _is_name(path: str) -> bool:
    with contextlib.suppress(UnicodeEncodeError):
        return b"\0" not in os.fsencode(path)
    return False


#: What a file system answers that has no locks, such as some network ones.
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL})


@contextlib.contextmanager
def reserved(options: Mapping[str, Any], names: Sequence[str]) -> Iterator[list[str]]:
    """Keep other runs away from the files of a task, as long as it lasts.

    A journal carries its lock itself. What is replaced has a file beside it for that, which is gone when the task is over. The
    system drops the locks of a process that was killed.

    :returns: The files that could not be locked, because their file system has no locks.
    :raises EightByEightError: ``locked`` when another run has one of them, ``bad_option`` when one cannot be locked.
    """
    open_to_all: list[str] = []
    with contextlib.ExitStack() as held:
        for name in names:
            path = options.get(name)
            if path:
                lock = _lock_journal if name == "journal_file" else _lock_beside
                try:
                    held.enter_context(lock(path))
                except BlockingIOError:
                    raise EightByEightError(
                        f"Another run is working with {path} ({name}) at this moment, and two at once would spoil it. Nothing "
                        "was changed. Run again when the other one has ended, or give each a file of its own. A run that was "
                        "killed keeps nothing locked.",
                        kind="locked",
                    ) from None
                except OSError as error:
                    if error.errno not in _NO_LOCKS:
                        raise BadOptionError(f"{name}: {path} cannot be locked ({reason_of(error)}).") from None
                    open_to_all.append(path)
        yield open_to_all


def _lock_journal(path: str) -> contextlib.AbstractContextManager[None]:
    # A run that was refused leaves no empty journal behind.
    return _lock(path, _open_journal, lambda handle: not os.fstat(handle).st_size)


def _lock_beside(path: str) -> contextlib.AbstractContextManager[None]:
    whole = os.path.abspath(path)
    beside = os.path.join(os.path.dirname(whole), f".{os.path.basename(whole)}.lock")
    how = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
    return _lock(beside, lambda lock: os.open(lock, how, 0o600), lambda _handle: True)


@contextlib.contextmanager
def _lock(path: str, opened: Callable[[str], int], for_nothing: Callable[[int], bool]) -> Iterator[None]:
    """Lock a file, and remove it afterwards where it holds nothing."""
    while True:
        handle = opened(path)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(path, handle):
                try:
                    yield
                finally:
                    if for_nothing(handle) and _is_still(path, handle):
                        with contextlib.suppress(OSError):
                            os.unlink(path)
                return
        finally:
            os.close(handle)


def _is_still(path: str, handle: int) -> bool:
    """Say whether a path still names the file that was opened; whoever had it before removes it when done."""
    with contextlib.suppress(FileNotFoundError):
        return os.path.samestat(os.lstat(path), os.fstat(handle))
    return False


def _open_journal(path: str) -> int:
    """Open a journal to add to, and make sure that nobody but its owner can read it."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    if stat.S_IMODE(os.fstat(handle).st_mode) & 0o077:
        # Somebody else's is left as it is.
        with contextlib.suppress(PermissionError):
            os.fchmod(handle, 0o600)
    return handle


class Journal:
    """One line an operation: intended, sent, confirmed or failed. Only ever added to.

    :param path: The file, or None for no journal.
    :param redact: Strikes out of a line what must not be kept.
    """

    def __init__(self, path: str | None, redact: Callable[[str], str] = str) -> None:
        self._path = path
        self._redact = redact
        self._lock = threading.Lock()
        self._whole = True

    def note(self, now: float, event: str, **facts: Any) -> None:
        """Add a line, in the hands of the system before this returns.

        :raises EightByEightError: When it cannot be written; nothing must go on that would not be in the journal.
        """
        if self._path is None:
            return
        line = self._redact(json.dumps({"time": stamp(now), "event": event, **facts}))
        try:
            with self._lock, open(_open_journal(self._path), "ab") as file:
                whole, self._whole = self._whole, False
                file.write((f"{line}\n" if whole else f"\n{line}\n").encode())
                file.flush()
                self._whole = True
        except OSError as error:
            raise EightByEightError(
                f"The journal {self._path} cannot be written any more ({reason_of(error)}).", kind="bad_option"
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
    with contextlib.suppress(ValueError, RecursionError):
        entry = json.loads(line)
        if not isinstance(entry, dict):
            return
        if isinstance(entry.get("users"), dict):
            seen.update({key: at for key, at in entry["users"].items() if isinstance(at, str)})
        elif isinstance(entry.get("id"), str):
            seen.pop(entry["id"], None)
