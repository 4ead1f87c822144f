# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Carries out the plan with several workers, and ends the run where every other user would fail in the same way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from .. import _manual_actions
from .._base.parallel import in_parallel
from .._base.text import counted
from .._errors import EightByEightError
from .._plan import not_taken
from .._user import UserReport, finish
from .._write.client import WritingClient
from .._write.lookup import prepare
from .._write.progress import Progress, Task
from .approved import read_start
from .files import keep_old_file
from .record import Context, Entry, Record
from .undo import write_undo

Connect = Callable[[], WritingClient]

#: Seconds after which a write that waits for others looks whether the run has ended.
_POLL_SECONDS = 0.2


def carry_out(context: Context, record: Record, connect: Connect) -> None:
    """Carry out what is planned; in check mode, tell what that would come to.

    :param connect: Makes a client that writes; all clients share one session.
    :raises EightByEightError: When the first few failed, or a file cannot be written.
    """
    planned, check_mode = record.planned, context.options.check_mode
    if check_mode and record.from_file:
        # The users of a plan are read as in the real run, and refused where they have moved.
        Workers(context, record, connect).apply(planned)
    elif check_mode:
        for entry in planned:
            entry.actions = _manual_actions.after(entry.change, entry.wanted, entry.change.user or {}, entry.id)
    elif planned:
        _apply(context, record, connect, planned)


def _apply(context: Context, record: Record, connect: Connect, planned: Sequence[Entry]) -> None:
    options, undo = context.options, context.options.path("undo_file")
    if undo:
        keep_old_file(undo)
    write_undo(context, record)
    context.say(
        f"Changing {counted(len(planned), 'user')}: about {counted(record.forecast.requests, 'request')}, "
        f"{record.forecast.seconds:.0f} s",
    )
    record.phase, record.began = "changing", context.clock.steady()
    record.breaker.begin(record.began)
    order = sorted(planned, key=lambda entry: entry.removes_access)
    workers = Workers(context, record, connect)
    try:
        if options.canary:
            workers.apply(order[: options.canary])
            _check_canary(context, order[: options.canary])
        workers.apply(order[options.canary :])
    finally:
        for entry in planned:
            if entry.status == "planned":
                entry.status = "failed" if entry.sent else "skipped"
        write_undo(context, record)


def _check_canary(context: Context, entries: Sequence[Entry]) -> None:
    """Read the first few back; the rest only go when these are right.

    :raises EightByEightError: ``canary_failed``.
    """
    trouble = [entry for entry in entries if entry.status not in ("done", "unchanged")]
    for entry in entries:
        if entry.status == "done" and entry.id is not None:
            try:
                user = context.client.get_user(entry.id)
            except EightByEightError as error:
                entry.fail(error)
                trouble.append(entry)
                continue
            if set(not_taken(entry.change, user)) - set(entry.not_taken) or entry.change.is_refuted_by(user):
                trouble.append(entry)
    if trouble:
        raise EightByEightError(
            f"Of the first {len(entries)} rows {len(trouble)} failed ({trouble[0].who}"
            f"{': ' + trouble[0].error.message if trouble[0].error else ''}). The others were not touched.",
            kind="canary_failed",
        )


class Workers:
    """Applies changes, several at a time."""

    def __init__(self, context: Context, record: Record, connect: Connect) -> None:
        self._context = context
        self._connect = connect
        self._record = record
        self._breaker = record.breaker
        #: Set when the run ends before everybody was tried.
        self._stop = threading.Event()
        self._writes = threading.Condition()
        self._writing = 0

    def apply(self, entries: Sequence[Entry]) -> None:
        """Apply the changes of these users; nobody loses access before everything else is done."""
        for last in (False, True):
            part = [entry for entry in entries if entry.removes_access is last]
            in_parallel(self._try, part, self._context.options.workers, self._interrupt)
            self._breaker.settle(0)

    def _try(self, entry: Entry) -> None:
        """Apply a change, unless the run has ended, or the same was refused again and again."""
        if self._stop.is_set() or self._breaker.expects_refusal(entry.change.after):
            entry.status = "skipped"
            return
        try:
            self._apply_one(entry)
        except BaseException:
            self._interrupt()
            raise
        finally:
            with self._writes:
                self._writing -= entry.sent
                self._writes.notify_all()

    def _interrupt(self) -> None:
        """End the run: nobody begins anything any more, and whoever waits is interrupted."""
        self._stop.set()
        self._context.client.interrupt()

    def _apply_one(self, entry: Entry) -> None:
        context, check_mode = self._context, self._context.options.check_mode
        context.note("intended", **entry.journal_facts)
        with self._connect() as client:
            client.budget.cap(self._breaker.seconds_left(context.clock.steady()))
            task = Task(client, entry.wanted, context.memory, check_mode, verified_later=True)
            at = Progress()
            try:
                at = prepare(task, read_start(task, self._record, entry))
                if at.error is None and at.planned.changed and not check_mode:
                    if not self._has_turn():
                        entry.status = "skipped"
                        context.note("skipped", **entry.journal_facts)
                        return
                    # First, so that a journal that cannot be written keeps no other write back.
                    entry.sent = True
                    context.note("sent", **entry.journal_facts)
                    self._record.seen_before.pop(entry.id or "", None)
                report = finish(task, at)
            except EightByEightError as error:
                report = finish(task, at.failed(error))
            except Exception as bug:  # noqa: BLE001 - one user's trouble is one user's trouble (law 10)
                reason = context.connection.redact(f"{type(bug).__name__}: {bug}")
                failure = EightByEightError(f"{entry.who}: this collection has a bug, please report it ({reason}).")
                report = finish(task, Progress(error=failure))
        self._keep_outcome(entry, report)
        self._count(entry)

    def _keep_outcome(self, entry: Entry, report: UserReport) -> None:
        check_mode, result = self._context.options.check_mode, report.result
        at, error = report.at, report.error
        entry.applied, entry.actions = at.applied, result["manual_actions"]
        entry.not_taken, entry.warnings, entry.unverified = at.not_stored, at.warnings, at.unverified
        # The user before the write says nothing about now: the undo must put back what was accepted.
        entry.user = None if at.unseen else result["user"]
        if result["changed"]:
            entry.change = at.planned
        if error is None:
            entry.status = "unchanged" if not result["changed"] else "planned" if check_mode else "done"
            self._context.note("confirmed", **entry.journal_facts, **entry.follow_up_facts)
        else:
            entry.error = error
            entry.status = "refused" if error.kind == "row_moved" else "failed"
            left = entry.follow_up_facts if entry.applied else {}
            self._context.note("failed", kind=error.kind, **entry.journal_facts, **left)

    def _has_turn(self) -> bool:
        """Hold a write back while it is not known whether the server takes any; say no if the run has ended meanwhile."""
        breaker = self._breaker
        with self._writes:
            while not breaker.has_success and self._writing >= breaker.most_writes and not self._stop.is_set():
                self._writes.wait(_POLL_SECONDS)
            breaker.settle(self._writing)
            breaker.see_refused(self._context.client.token_refusal)
            if breaker.end is not None:
                self._stop.set()
                return False
            self._writing += 1
            return True

    def _count(self, entry: Entry) -> None:
        """End the run if every other row would fail in the same way, or if the task wants no more failures."""
        options = self._context.options
        most = options.given.get("max_failures")
        with self._writes:
            if not options.check_mode:
                self._tell_breaker(entry)
            wanted_end = entry.error is not None and options.given["on_error"] == "stop"
            if wanted_end or self._breaker.end is not None or (most and self._record.failures >= most):
                self._stop.set()

    def _tell_breaker(self, entry: Entry) -> None:
        now, client, breaker = self._context.clock.steady(), self._context.client, self._breaker
        if entry.applied:
            breaker.succeeded(entry.change.after, now)
        elif entry.error is not None and entry.error.kind != "row_moved":
            under_way = self._writing - entry.sent
            breaker.failed(
                entry.error, entry.change.after, entry.names, now, under_way=under_way, pause=client.pause_left
            )
        if breaker.has_success and breaker.end is None:
            # No other write starts meanwhile: starting one takes the lock that is held here.
            client.check_token()
        breaker.see_refused(client.token_refusal)
