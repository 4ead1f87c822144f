# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""One user: find, plan, write, report. Knows nothing of Ansible."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from . import _manual_actions
from ._base.console import CONSOLE_USERS
from ._errors import EightByEightError, History
from ._plan import UNCHANGED
from ._write.lookup import look_up, prepare
from ._write.progress import Progress, Task


class UserReport(NamedTuple):
    """What became of one user; complete whatever happened.

    :param result: The keys of a module's result; the same ones in every outcome.
    :param at: How far it came.
    """

    result: Mapping[str, Any]
    at: Progress

    @property
    def error(self) -> EightByEightError | None:
        """Why it failed: to whom, and what to do. None where it did not."""
        return self.at.error


def ensure_user(task: Task) -> UserReport:
    """Do what a task asks of one user. What went wrong is in the report."""
    return finish(task, prepare(task, look_up(task)))


def finish(task: Task, at: Progress) -> UserReport:
    """Write what is planned, and report. What went wrong before, or goes wrong now, is in the report."""
    if at.error is None and at.planned.changed and not task.check_mode:
        from ._write.execute import execute  # noqa: PLC0415 - most tasks have nothing to change

        at = execute(task, at)
    if at.error is None:
        at = _warn_of_active(task, at)
    else:
        from ._write.explain import with_name  # noqa: PLC0415 - as for execute

        error = with_name(at.error, task.wanted.who)
        at = at._replace(error=error.with_history(History(in_doubt=at.in_doubt)))
    return UserReport(_result(task, at), at)


def _result(task: Task, at: Progress) -> dict[str, Any]:
    wanted, change = task.wanted, at.planned
    is_told = task.check_mode and at.error is None
    done = change.changed and (at.applied or is_told)
    seen = None if at.current is None else at.current.view
    user = change.user if is_told else seen
    user = None if user is None else dict(user)
    planned = user or change.user or {}
    user_id = planned.get("id") or wanted.user_id
    # The manual actions follow from the user as 8x8 stored it, if it did.
    actions = _manual_actions.after(change, wanted, planned, user_id) if done else []
    if at.error is not None:
        listed = done and change.operation == "deactivated"
        actions += _manual_actions.instead_of(at.error, wanted, user, change, listed=listed)
    return {
        "changed": done,
        "user": user,
        "operation": change.operation if done else "unchanged",
        "diff": (change if done else UNCHANGED).diff(wanted.who),
        "manual_actions": actions,
    }


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
