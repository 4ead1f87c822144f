# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""One user: find, plan, write, report. Knows nothing of Ansible."""

from __future__ import annotations

from typing import Any, NamedTuple

from . import _manual_actions
from ._base.console import CONSOLE_USERS
from ._errors import EightByEightError, History
from ._plan import UNCHANGED
from ._resource.names import OPTIONAL_IN_LISTINGS
from ._resource.user import User
from ._wanted import check_person
from ._write.lookup import find, plan_again, read_whole
from ._write.progress import Progress, Task


class UserReport(NamedTuple):
    """What became of one user; complete whatever happened.

    :param at: How far it came.
    """

    task: Task
    at: Progress

    @property
    def error(self) -> EightByEightError | None:
        """Why it failed: to whom, and what to do. None where it did not."""
        return self.at.error

    @property
    def changed(self) -> bool:
        """Whether something was changed, or would be in check mode."""
        return self.at.change.changed and (self.at.applied or self.task.check_mode)

    def result(self) -> dict[str, Any]:
        """Return the keys of a module's result; the same ones in every outcome."""
        at, wanted, change, done = self.at, self.task.wanted, self.at.change, self.changed
        seen = None if at.current is None else at.current.view
        user = change.user if self.task.check_mode and self.error is None else seen
        user = None if user is None else dict(user)
        planned = user or change.user or {}
        user_id = planned.get("id") or wanted.user_id
        # The manual actions follow from the user as 8x8 stored it, if it did.
        actions = _manual_actions.after(change, wanted, planned, user_id) if done else []
        if self.error is not None:
            tried = at.planned if at.started else None
            told = done and change.operation == "deactivated"
            actions += _manual_actions.instead_of(self.error, wanted, user, tried, told=told)
        return {
            "changed": done,
            "user": user,
            "operation": change.operation if done else "unchanged",
            "diff": (change if done else UNCHANGED).diff(wanted.who),
            "manual_actions": actions,
        }


def ensure_user(task: Task, found: Progress | None = None) -> UserReport:
    """Do what a task asks of one user. What went wrong is in the report.

    :param found: Where to start from, where the user has been looked up already.
    """
    at = found or _look_up(task)
    if at.error is None:
        at = _plan(task, at)
    if at.error is None:
        write = at.planned.changed and not task.check_mode
        at = _write(task, at) if write else at._replace(change=at.planned)
    return UserReport(task, _warn_of_active(task, at)) if at.error is None else _failure(task, at, at.error)


def _look_up(task: Task) -> Progress:
    at = Progress()
    try:
        at = find(task, at)
        if at.current is not None and not at.fresh and at.current.may_be_partial and not task.client.known.shows_whole:
            # Not shown whole: what is returned, and kept as evidence, is the user and not an extract.
            at = read_whole(task, at)
        if at.current is not None and not task.wanted.user_id:
            check_person(task.wanted, at.current, "task")
    except EightByEightError as error:
        return at.failed(error)
    return at


def _plan(task: Task, at: Progress) -> Progress:
    # A listing may hold less of a user than its own address (2.7a), and a PUT clears what it does not carry.
    try:
        planned = at if at.planned.changed else plan_again(task, at)
        if at.fresh or not (planned.planned.method == "PUT" or _may_hide_a_difference(task, at.current)):
            return planned
    except EightByEightError as error:
        if at.fresh or at.current is None or error.kind != "missing_attributes":
            return at.failed(error)
    try:
        at = read_whole(task, at)
        task.memory.saw(at.existing.id, at.existing.view["last_modified"])
        return plan_again(task, at)
    except EightByEightError as error:
        return at.failed(error)


def _write(task: Task, at: Progress) -> Progress:
    from ._write.execute import execute  # noqa: PLC0415 - most tasks have nothing to change

    return execute(task, at)


def _may_hide_a_difference(task: Task, user: User | None) -> bool:
    """Say whether a listing that shows no difference may hide one: it lags, or what it leaves out looks like what is cleared."""
    wishes = task.wanted.attributes
    if user is None:
        return False
    if user.view["active"] is None or task.memory.is_behind(user.id, user.view["last_modified"]):
        return True
    if task.client.known.shows_whole:
        return False
    # Listings may leave out a single attribute, too. Those who show it in one user show it in all.
    unknown = set(OPTIONAL_IN_LISTINGS) - task.client.known.shown
    return any(name in unknown and not wish and not user.view[name] for name, wish in wishes.items())


def _warn_of_active(task: Task, at: Progress) -> Progress:
    """Warn of a user who stays inactive because the task does not say otherwise, and of one whose state nothing shows."""
    wanted = task.wanted
    if at.current is None or wanted.absent or wanted.active is False:
        return at
    shown = at.current.view["active"]
    if shown is None and (wanted.active or at.planned.changed):
        text = "8x8 does not show whether the user is active, and this is taken to mean yes. To be sure, look in "
        text += f"{CONSOLE_USERS}."
        return at.warned(task.warning("active_unknown", text))
    if shown is False and wanted.active is None:
        text = (
            f"{wanted.who} is inactive and stays inactive, because the task does not give active. To let the user log in again, "
            "give active: true."
        )
        return at.warned(task.warning("stays_inactive", text))
    return at


def _failure(task: Task, at: Progress, error: EightByEightError) -> UserReport:
    """Return the report of a failure, told with the knowledge of what was tried."""
    from ._write.explain import explain, with_name  # noqa: PLC0415 - as for _write

    if at.applied and at.unseen and at.current is not None:
        task.memory.wrote(at.current.id, None, at.modified_before)
    told = with_name(explain(error, task, at) if at.started else error, task.wanted.who)
    return UserReport(task, at._replace(error=told.after(History(in_doubt=at.in_doubt))))
