# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""After a write: read the user, compare it with the plan, and find what the server did not store as given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._base.text import in_quotes
from .._errors import EightByEightError, History
from .._plan import Declined, changed_unasked, not_as_wanted, not_taken, still_declined, was_processed
from .._resource.names import ATTRIBUTES
from .._resource.user import User
from . import explain
from .progress import Progress, Task
from .steps import Event

StepResult = tuple[Event, Progress]

_NO_CONTENT = 204
_SET_BY_8X8 = ("id", "created", "last_modified", "active")


def confirm(task: Task, at: Progress) -> StepResult:
    """See what the server made of a write that it accepted."""
    if _may_be_verified_later(task, at):
        switched = at.existing.with_answer({"active": at.planned.after["active"]})
        return Event.FOUND, at._replace(current=switched, unverified=True)
    seen = seen_after(task, at)
    if _shows_nothing(at, seen):
        lost = explain.empty_answer(at.accepted_request)
        return Event.REFUSED, at._replace(current=seen, applied=False, unseen=False).failed(lost)
    at = at._replace(current=seen)
    return (Event.NOT_CLEARED if not_cleared(at) else Event.FOUND), at


def not_cleared(at: Progress) -> list[str]:
    """Name what an update left out to clear it, and is still there: some servers merge a PUT into what they hold."""
    change, before, user = at.planned, at.before, at.current
    if change.method != "PUT" or before is None or user is None:
        return []
    wishes = change.after.items()
    return [name for name, wish in wishes if name in ATTRIBUTES and not wish and user.view[name] == before.view[name]]


def look(task: Task, at: Progress) -> StepResult:
    """Look once at a user whose write got no answer, or one that says nothing."""
    error = at.failure
    try:
        user = task.client.get_user(at.existing.id)
    except EightByEightError as failure:
        raise error.with_history(History(check_error=failure)) from failure
    if not _took_effect(at, user, error):
        raise explain.nothing_was_done(error, task.wanted.who)
    return Event.FOUND, at._replace(current=user, error=None)


def _may_be_verified_later(task: Task, at: Progress) -> bool:
    """Say whether a PATCH was accepted by an answer that does not show ``active``, and the caller is going to read the user."""
    is_patch = at.answer.request.method == "PATCH"
    return task.verified_later and is_patch and (at.answer.data or {}).get("active") is None


def seen_after(task: Task, at: Progress) -> User | None:
    """Return the user as it is after a write, from the answer where that says enough, else by reading again."""
    method, data, expected = at.answer.request.method, at.answer.data or {}, at.planned.user or {}
    user_id = str(data.get("id") or "") if at.current is None else at.current.id
    client = task.client
    if user_id and method != "DELETE":
        seen = User({**data, "id": user_id}, client.connection.extension_urn)
        # A terse answer and a dropped value look alike; only reading tells (fact sheet 2.6 shows terse ones).
        needed = [name for name, value in expected.items() if value and name not in _SET_BY_8X8 and method != "PATCH"]
        if seen.view["active"] == expected.get("active") and all(seen.view[name] for name in needed):
            return at.existing.with_answer(data) if method == "PATCH" else seen
    user = client.find(user_id, task.wanted.user_name)[0]
    # A server may really delete, as RFC 7644 section 3.6 has it.
    if user is None and method != "DELETE":
        raise explain.not_shown(at)
    return user


def _shows_nothing(at: Progress, user: User | None) -> bool:
    """Say whether an update was answered with success and no body, and a look at the user shows that nothing was done.

    That is what a gateway leaves of an answer. A server that says that there is no content (204) is believed, and so is one that
    does not tell when users are changed: what it drops looks the same.
    """
    answer, before = at.answer, at.before
    if answer.request.method != "PUT" or answer.data is not None or answer.status == _NO_CONTENT:
        return False
    if before is None or user is None or not (before.version or before.view["last_modified"]):
        return False
    return not was_processed(before, user, at.planned) and bool(not_taken(at.planned, user))


def _took_effect(at: Progress, user: User, error: EightByEightError) -> bool:
    """Say whether a write was carried out, whatever its answer was (law 5: no false alarm)."""
    change, active = at.planned, user.view["active"]
    unknown = active is None and "active" not in change.after
    if not unknown and active != (change.user or {}).get("active"):
        return False
    # After a status of success, any sign that the server did something is enough. What it dropped is reported later.
    accepted = error.has_success_status and was_processed(at.before, user, change)
    return accepted or not not_taken(change, user)


def compare(task: Task, at: Progress) -> StepResult:
    """Compare what the server made of a write that it accepted with what was planned."""
    at = at.accepted()._replace(unseen=False)
    if at.current is None:
        return Event.FOUND, at
    declined = task.memory.recall(at.current.id, at.modified_before)
    user, is_certain = _read_again_if_not_stored(task, at, at.current, declined)
    at, change = at._replace(current=user), at.planned
    task.memory.note_write(user.id, user.view["last_modified"], at.modified_before)
    if change.is_refuted_by(user):
        error = explain.active_unchanged(active=user.active, request=at.accepted_request)
        if change.operation != "created":
            # If only active was to change, nothing changed. Otherwise the rest did, and that is an update.
            at = at._replace(applied=change.method == "PUT", planned=change._replace(operation="updated"))
        return Event.REFUSED, at.failed(error)
    at = _warn_of_not_stored(task, _warn_of_changed_unasked(task, at, user), user, declined, confirmed=is_certain)
    # A created user is active by default. Any other state must be shown, or the next run sends it again.
    active = change.after.get("active")
    if active is not None and user.view["active"] is None and not (active and change.operation == "created"):
        return Event.REFUSED, at.failed(explain.not_confirmed(active=active, request=at.accepted_request))
    return Event.FOUND, at


def _read_again_if_not_stored(task: Task, at: Progress, user: User, declined: Declined) -> tuple[User, bool]:
    """Read again if a value is not as given: an answer may be cut, and a read may lag behind the write.

    :returns: The user, and whether a second look showed the same as the first.
    """
    first = _not_stored(task, at, user, declined)
    if not first:
        return user, False
    try:
        again = task.client.get_user(user.id)
    except EightByEightError:
        return user, False
    return again, first == _not_stored(task, at, again, declined)


def _not_stored(task: Task, at: Progress, user: User, declined: Declined) -> dict[str, tuple[str, str]]:
    """Return what did not come out as asked for, as far as this is not known already.

    :param declined: What the tenant is known not to take as given.
    """
    return {
        name: pair
        for name, pair in not_as_wanted(task.wanted, user).items()
        if name in at.planned.after or declined.get(name) != pair
    }


def _carried(at: Progress) -> Mapping[str, Any]:
    """Return the attributes that a PUT carried; none where the write was no PUT."""
    if at.planned.method == "PUT":
        return at.planned.user or {}
    # Where there is no PATCH, the user as just read goes back, with active changed.
    return at.before.view if at.before is not None and at.answer.request.method == "PUT" else {}


def _warn_of_changed_unasked(task: Task, at: Progress, user: User) -> Progress:
    """Say what else came out of the write different (law 3)."""
    carried = _carried(at)
    names = [name for name in changed_unasked(at.planned, carried, user) if name not in task.wanted.attributes]
    if not names:
        return at
    changes = "; ".join(f"{name} was {in_quotes(carried[name])}, is {in_quotes(user.view[name])}" for name in names)
    why = "Somebody else wrote at the same moment, or 8x8 rewrites it."
    text = f"{task.wanted.who} is different in attributes that this task leaves alone: {changes}. {why}"
    return at.warned(task.warning("changed_unasked", text))


def _warn_of_not_stored(task: Task, at: Progress, user: User, declined: Declined, *, confirmed: bool) -> Progress:
    """Warn once of what 8x8 did not store as given, and remember it (law 1).

    :param confirmed: Whether two looks at the user agree.
    """
    refused = tuple(_not_stored(task, at, user, declined))
    later = _remember(task, at, user, declined, refused, confirmed=confirmed)
    if not refused:
        return at
    wishes = task.wanted.attributes
    differences = "; ".join(
        f"{name} is {in_quotes(user.view[name])}, asked for {in_quotes(wishes.get(name))}" for name in refused
    )
    text = f"8x8 did not store everything as given: {differences}. {later}"
    return at._replace(not_stored=refused).warned(task.warning("not_stored", text))


def _remember(
    task: Task, at: Progress, user: User, declined: Declined, refused: tuple[str, ...], *, confirmed: bool
) -> str:
    """Remember what 8x8 did not store as given, as far as that is certain, and return a sentence about that."""
    certain = was_processed(at.before, user, at.planned)
    time = user.view["last_modified"]
    flaw = None
    if not confirmed:
        flaw = "two looks at the user do not agree, or one failed"
    elif not (certain or time):
        flaw = "8x8 does not show when users are changed"
    fresh = not_as_wanted(task.wanted, user)
    others = {name: pair for name, pair in still_declined(declined, user).items() if name not in task.wanted.attributes}
    left = {**others, **{name: pair for name, pair in fresh.items() if not (flaw and name in refused)}}
    if left != declined or (certain and left):
        sure, unsure = (fresh, ()) if certain else ((), refused)
        if not task.memory.keep(user.id, left, last_modified=time, processed=sure, unprocessed=unsure):
            flaw = flaw or "no writable state folder"
    if flaw:
        return f"This could not be remembered ({flaw}), so the next run sends it again."
    if certain:
        return "The same value is not sent again for 30 days."
    return (
        "8x8 shows no newer version or time of this user either, so it may not have processed the change yet. The same value is "
        "sent again once the user has changed."
    )
