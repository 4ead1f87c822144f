# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Carries out a change: each step of the table in :mod:`steps` by the client, until one of them ends it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import partial

from .._base.text import server_said
from .._errors import (
    ConflictError,
    EightByEightError,
    History,
    NotFoundError,
    NotSupportedError,
    RefusedError,
    TransientError,
    VersionConflictError,
)
from .._http.request import Answer, Request
from .._plan import is_untouched, not_taken, whole_body
from .._resource.payload import with_explicit_nulls
from . import confirm, explain
from .confirm import StepResult
from .lookup import find_created, plan_again, read_again
from .progress import Progress, Task
from .steps import ENDS, Event, State, Step

_CONFLICT, _STUMBLED = 409, 500


def execute(task: Task, at: Progress) -> Progress:
    """Carry out what is planned. What went wrong is in the progress that comes back, with the reason."""
    at = at._replace(before=at.current)
    state = State.first(at.planned, absent=task.wanted.absent)
    while state.step not in ENDS:
        try:
            event, at = _ACTIONS[state.step](task, at)
        except EightByEightError as error:
            event, at = Event.REFUSED, at.failed(error)
        state = state.after(event, in_doubt=at.in_doubt and not at.applied)
    if state.step is not Step.FAILED:
        return at._replace(error=None)
    if at.applied and at.unseen and at.current is not None:
        task.memory.note_write(at.current.id, None, at.modified_before)
    return at._replace(error=explain.explain(at.failure, task, at))


# -- Creating -----------------------------------------------------------------------------------------------------------------


def _create(task: Task, at: Progress) -> StepResult:
    try:
        return Event.ACCEPTED, at.accepted(task.client.create_user(dict(at.planned.body or {}), at.tries))
    except EightByEightError as failure:
        at = at.failed(failure)
    # A refusal says nothing about a try before it: the user may be there.
    is_unclear = at.in_doubt or isinstance(at.error, (TransientError, ConflictError))
    return (Event.LOST if is_unclear else Event.REFUSED), at


def _find_created(task: Task, at: Progress) -> StepResult:
    """After an answer that did not come, look before sending again (law 5)."""
    reason = at.failure
    found = find_created(task, at, reason)
    if isinstance(reason, ConflictError) and (found is None or not at.tries):
        raise explain.login_taken(reason, task, at, found)
    if found is None:
        # After a refusal, nothing is sent again.
        may_repeat = isinstance(reason, TransientError)
        return (Event.NOBODY if may_repeat else Event.REFUSED), at._replace(tries=at.tries + 1)
    differs = not_taken(at.planned, found) or found.active != at.planned.after["active"]
    if not at.proven and differs:
        # A user who may have been there before is not taken for one whom this task created.
        raise explain.was_there_before(reason, task.wanted.who, found.id)
    return Event.FOUND, at._replace(current=found)


# -- Changing -----------------------------------------------------------------------------------------------------------------


def _written(task: Task, at: Progress, send: Callable[[], Answer]) -> StepResult:
    """Send a request that writes, and say how that went."""
    try:
        return Event.ACCEPTED, at.accepted(send())
    except NotSupportedError as refusal:
        return Event.NO_VERB, at.failed(refusal)
    except NotFoundError as error:
        return _not_found(task, at, error)


def _not_found(task: Task, at: Progress, error: NotFoundError) -> StepResult:
    """Look at a user whose address answered a write with 404. One who is there shows that no such request gets through."""
    if error.in_doubt:
        raise error  # what a try before it may have left
    try:
        task.client.get_user(at.existing.id)
    except NotFoundError:
        raise error from None
    except EightByEightError as failure:
        raise error.about(error.message).with_history(History(check_error=failure)) from failure
    text = (
        f"{error.method} answered 404, and the user is there all the same: the server, or something in between, does not let "
        f"{error.method} through."
    )
    if error.method == "PUT":
        raise error.about(f"{text}{server_said(error.detail)}", kind=RefusedError.kind)
    return Event.NO_VERB, at.failed(error.about(text, kind=NotSupportedError.kind, family=NotSupportedError))


def _set_active(task: Task, at: Progress) -> StepResult:
    active = bool(at.planned.after["active"])
    return _written(task, at, lambda: task.client.set_active(at.existing.id, active))


def _delete(task: Task, at: Progress) -> StepResult:
    """Deactivate by DELETE (fact sheet 2.3)."""
    try:
        return _written(task, at, lambda: task.client.delete_user(at.existing.id))
    except NotFoundError as gone:
        # What an earlier try leaves behind, whose answer was lost.
        return Event.ACCEPTED, at.accepted(Answer(Request("DELETE", gone.path or ""), gone.status or 404, None))


def _read(task: Task, at: Progress) -> StepResult:
    return Event.FOUND, read_again(task, at)


def _replace(task: Task, at: Progress, *, any_version: bool = False) -> StepResult:
    user, change = at.existing, at.planned
    # Where there is no PATCH, the user as just read goes back, with active changed.
    body = change.body or whole_body(user, task.wanted, bool(change.after["active"]))
    version = None if any_version else user.version
    try:
        event, done = _written(task, at, lambda: task.client.replace_user(user.id, body, version))
    except VersionConflictError as conflict:
        return _version_refused(task, at.failed(conflict), conflict)
    if any_version and user.version and event is Event.ACCEPTED:
        task.client.stop_sending_versions()
        done = done.warned(task.warning("versions_ignored", explain.VERSIONS_IGNORED))
    return event, done


def _version_refused(task: Task, at: Progress, conflict: VersionConflictError) -> StepResult:
    before = at.existing
    try:
        at = read_again(task, at, version_refused=True)
    except EightByEightError as error:
        return Event.REFUSED, at.failed(error)
    if not is_untouched(before, at.existing):
        return Event.CHANGED, at._replace(error=explain.changed_twice(conflict, task.wanted.who))
    # A 409 may be about a version that nobody gave, or about two writes at the same moment.
    may_send_without = before.version or conflict.status == _CONFLICT
    at = at._replace(error=explain.version_never_matches(conflict))
    return (Event.SAME_VERSION if may_send_without else Event.REFUSED), at


def _plan_again(task: Task, at: Progress) -> StepResult:
    old = at.planned
    at = plan_again(task, at)
    fresh = at.planned
    if not fresh.changed:
        # It was our own write if an earlier try had no answer, and somebody else's if not.
        return (Event.ACCEPTED if at.in_doubt else Event.NOTHING_LEFT), at._replace(planned=old)
    # An earlier try may have done its part, and the rest is what 8x8 did not take: both are this task's change.
    if at.in_doubt:
        fresh = fresh._replace(
            operation=old.operation if "active" in old.after else fresh.operation,
            before={**(fresh.before or {}), **(old.before or {})},
            after={**fresh.after, **old.after},
        )
    return (Event.PLANNED_SWITCH if fresh.method == "PATCH" else Event.PLANNED), at._replace(planned=fresh)


# -- Afterwards ---------------------------------------------------------------------------------------------------------------


def _clear(task: Task, at: Progress) -> StepResult:
    user = at.existing
    # The update once more: what was read since may lag behind it, or show another address or a masked number.
    body = with_explicit_nulls(copy.deepcopy(dict(at.planned.body or {})), confirm.not_cleared(at))
    try:
        answer = task.client.replace_user(user.id, body, user.version, keep_retrying=False)
    except EightByEightError as error:
        refused = isinstance(error, (RefusedError, ConflictError, VersionConflictError))
        # Some servers refuse inside a 200, and some stumble over a null.
        if not refused and not error.has_success_status and error.status != _STUMBLED:
            raise
        # What was done before stays done, and a look tells what is not cleared.
        return Event.FOUND, at
    return Event.FOUND, at._replace(current=confirm.seen_after(task, at._replace(answer=answer)))


_ACTIONS: Mapping[Step, Callable[[Task, Progress], StepResult]] = {
    Step.CREATE: _create,
    Step.FIND_CREATED: _find_created,
    Step.SET_ACTIVE: _set_active,
    Step.DEACTIVATE: _set_active,
    Step.DELETE: _delete,
    Step.READ: _read,
    Step.REPLACE: _replace,
    Step.REPLACE_ANY_VERSION: partial(_replace, any_version=True),
    Step.PLAN_AGAIN: _plan_again,
    Step.CLEAR: _clear,
    Step.CONFIRM: confirm.confirm,
    Step.COMPARE: confirm.compare,
    Step.LOOK: confirm.look,
}
