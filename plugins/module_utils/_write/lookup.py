# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Finds the user of a task, plans what is to be written, reads the user again before that, and tells who else writes."""

from __future__ import annotations

from .._base.console import CONSOLE_USERS, ONE_WRITER
from .._base.text import in_quotes
from .._errors import ConflictError, EightByEightError, History, NotFoundError, UnreliableNotFoundError
from .._find.lookup import not_proven_absent
from .._plan import Declined, comparable, is_untouched, plan, still_declined
from .._resource.names import ATTRIBUTES, OPTIONAL_IN_LISTINGS
from .._resource.user import User
from .._wanted import check_person
from .progress import Progress, Task


def look_up(task: Task) -> Progress:
    """Look up the user of a task. What went wrong is in the progress."""
    at = Progress()
    try:
        at = _find(task)
        if at.current is not None and not at.fresh and task.client.lookups.may_hide(at.current):
            # Not shown whole: what is returned, and kept as evidence, is the user and not an extract.
            at = _read_whole(task, at)
        if at.current is not None and not task.wanted.user_id:
            check_person(task.wanted, at.current, "task")
    except EightByEightError as error:
        return at.failed(error)
    return at


def prepare(task: Task, at: Progress) -> Progress:
    """Plan what is to be written of a user who was looked up. What went wrong is in the progress.

    A listing may hold less of a user than its own address (2.7a), and a PUT clears what it does not carry. So where it matters,
    the user is read from there first.
    """
    if at.error is not None:
        return at
    try:
        if not at.planned.changed:
            at = plan_again(task, at)
        if at.fresh or not (at.planned.method == "PUT" or _may_hide_a_difference(task, at.current)):
            return at
    except EightByEightError as error:
        if at.fresh or at.current is None or error.kind != "missing_attributes":
            return at.failed(error)
    try:
        at = _read_whole(task, at)
        task.memory.note_read(at.existing.id, at.existing.view["last_modified"])
        return plan_again(task, at)
    except EightByEightError as error:
        return at.failed(error)


def _may_hide_a_difference(task: Task, user: User | None) -> bool:
    """Say whether a listing that shows no difference may hide one: it lags, or what it leaves out looks like what is cleared."""
    wishes = task.wanted.attributes
    if user is None:
        return False
    if user.view["active"] is None or task.memory.is_behind(user.id, user.view["last_modified"]):
        return True
    if task.client.lookups.shows_whole:
        return False
    # Listings may leave out a single attribute, too. Those who show it in one user show it in all.
    unknown = set(OPTIONAL_IN_LISTINGS) - task.client.lookups.shown
    return any(name in unknown and not wish and not user.view[name] for name, wish in wishes.items())


def _find(task: Task) -> Progress:
    """Look up the user of a task, by id, else by login name."""
    wanted = task.wanted
    if not wanted.user_id:
        return _find_by_name(task, str(wanted.user_name))
    try:
        return Progress(task.client.get_user(wanted.user_id), fresh=True)
    except NotFoundError as error:
        if not wanted.absent:
            raise error.about(
                f"8x8 has no user with the id {wanted.user_id}. To create a user, leave user_id out: 8x8 makes the id."
            ) from error
    except UnreliableNotFoundError:
        if not (wanted.absent and wanted.user_name):
            raise
    # Somebody who is to lose access must not keep it because of a mistyped id, or an address that does not answer.
    return _find_by_name(task, wanted.user_name)._replace(fresh=True) if wanted.user_name else Progress()


def _find_by_name(task: Task, user_name: str) -> Progress:
    wanted = task.wanted
    user, proven = task.client.find_user(user_name)
    if user is None and not proven and wanted.absent:
        raise not_proven_absent()
    if user is not None and wanted.user_id and user.id != wanted.user_id:
        raise EightByEightError(
            f"{user_name} has the id {user.id}, not {wanted.user_id}, which names no user. Give the right one of the two. "
            "Nothing was changed.",
            kind="user_name_fixed",
        )
    return Progress(user, proven=proven)


def _read_whole(task: Task, at: Progress) -> Progress:
    """Read a user from the user's own address, after a listing or a search showed little."""
    fresh = read_again(task, at)
    task.client.lookups.note_read_by_id(at.existing, fresh.existing)
    return fresh


def read_again(task: Task, at: Progress, *, version_refused: bool = False) -> Progress:
    """Read the user once more, and tell when somebody else has written in between.

    :param version_refused: Whether 8x8 itself says that somebody has, by 412.
    """
    before = at.existing
    try:
        now = task.client.get_user(before.id)
    except NotFoundError as error:
        raise error.about(f"{task.wanted.who} vanished between two reads. Run again.") from error
    if not at.fresh and before.version and before.version == now.version:
        # What only the search showed must go back with a PUT as well (law 3). A time is no proof of the same state: it may be
        # in whole seconds, and the search may lag behind a write of the same second.
        now = User({**before.raw, **now.raw}, now.extension_urn, now.version)
    seen = at._replace(current=now, before=now, fresh=True)
    # After a try without an answer, the newer version may be our own.
    if version_refused and (at.in_doubt or is_untouched(before, now)):
        return seen
    return _warn_of_other_writers(task, seen, before, sure=version_refused)


def _warn_of_other_writers(task: Task, at: Progress, before: User, *, sure: bool) -> Progress:
    now = at.existing
    seen, fresh = before.view["last_modified"], now.view["last_modified"]
    differ = [name for name in (*ATTRIBUTES, "active") if comparable(before.view[name]) != comparable(now.view[name])]
    if not (seen and fresh):
        # A listing may hold less of a user than its own address (2.7a): only what both show tells of a change.
        differ = [name for name in differ if before.view[name] is not None and now.view[name] is not None]
    elif seen == fresh:
        differ = []
    if not sure and (not differ or task.memory.is_ours(now.id, fresh)):
        # Another task or role of this collection wrote, and the search lagged behind it.
        return at
    changes = "; ".join(
        f"{name} was {in_quotes(before.view[name])}, then {in_quotes(now.view[name])}" for name in differ
    )
    who = "somebody else" if sure else "somebody else, or the search of 8x8 lags behind"
    text = (
        f"{task.wanted.who} was changed while this task was at it{f' ({changes})' if changes else ''}, by {who}. What was read "
        f"last was kept, where this task does not set it. {ONE_WRITER}"
    )
    return at.warned(task.warning("changed_meanwhile", text))


def plan_again(task: Task, at: Progress) -> Progress:
    """Plan from the user as it was seen last, with what is remembered of it."""
    declined: Declined = {}
    if at.current is not None:
        known = task.memory.recall(at.current.id, at.current.view["last_modified"])
        # What a listing leaves out looks cleared. Only the user's own address shows whether it is.
        hidden = () if at.fresh else [name for name in known if not at.current.view.get(name)]
        declined = {**{name: known[name] for name in hidden}, **still_declined(known, at.current)}
        if declined != known and not task.check_mode:
            task.memory.keep(at.current.id, declined)
    urn = task.client.connection.extension_urn
    return at._replace(planned=plan(at.current, task.wanted, declined=declined, extension_urn=urn))


def find_created(task: Task, at: Progress, reason: EightByEightError) -> User | None:
    """Look for somebody whom a creation without an answer may have created.

    :param reason: Why it is not known.
    """
    taken = isinstance(reason, ConflictError)
    try:
        # A login name that is taken belongs to somebody: where the filter shows nobody, the listing may.
        user, proven = task.client.find_user(str(task.wanted.user_name), by_listing=taken)
    except EightByEightError as error:
        raise reason.about(
            f"{reason.message} Whether the user was created is not known, because looking failed as well: {error.message} Run "
            "again: it looks first, and creates nobody twice."
        ).with_history(History(check_error=error)) from error
    if user is None and not proven and at.in_doubt and not taken:
        # A search that does not add up proves nothing (laws 4 and 5). A conflict is not followed by another try anyway.
        raise reason.about(
            f"{reason.message} Whether the user was created is not known, because 8x8 does not show the user, but what it shows "
            f"does not add up to the number it announces. Look in {CONSOLE_USERS} before you run again."
        )
    return user
