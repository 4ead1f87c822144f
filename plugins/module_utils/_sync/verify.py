# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads changed users once more and compares them, and finds users whom others changed since earlier runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import _manual_actions
from .._base.console import ONE_WRITER
from .._base.parallel import in_parallel
from .._base.text import counted, named
from .._errors import EightByEightError
from .._resource.user import User
from .._write.explain import not_confirmed, with_name
from .breaker import ends_all_reads
from .forecast import cost_of_verifying
from .record import Context, Entry, Record

#: Kinds of failures that end a run, after which the server can still be read.
_ANSWERED = (
    "not_write_client",
    "refused",
    "conflict",
    "user_name_taken_elsewhere",
    "unknown_site",
    "missing_attributes",
)


def verify(context: Context, record: Record) -> None:
    """Tell who was changed by others, read once more what this run changed, and note for the next run when users were changed."""
    if record.from_file:
        _report_changes_by_others(record, sorted(record.changed_before), "since the plan was made")
    _report_changes_by_others(record, record.changed_during, "while this run was under way")
    done = [entry for entry in record.entries if entry.applied]
    seen = _verify_changes(context, record, done) if done else []
    for entry in done:
        if entry.unverified and entry.status == "done":
            entry.fail(_not_confirmed(entry))
    # Users whom this run only read did not change, and the next run compares with them.
    sent = {entry.id for entry in record.entries if entry.sent}
    untouched = [user.view for user in record.reading.listing.users if user.id not in sent]
    times = {user["id"]: user["last_modified"] for user in (*untouched, *seen) if user}
    fresh = {key: at for key, at in times.items() if at and record.seen_before.get(key) != at}
    if fresh:
        context.note("seen", users=fresh)


def _verify_changes(context: Context, record: Record, done: Sequence[Entry]) -> list[Mapping[str, Any]]:
    """Read what was changed once more, compare it with what was done, and return the users as they are now."""
    end = record.breaker.end
    if end is not None and (context.client.token_refusal is not None or end.error.kind not in _ANSWERED):
        confirmed = sum(entry.status == "done" and not entry.unverified for entry in done)
        record.warnings.append(
            f"{counted(confirmed, 'change was', 'changes were')} confirmed before the run ended, and could not be verified "
            "by reading them again."
        )
        return []
    record.phase = "verifying"
    way = cost_of_verifying(record, done)
    context.say(f"Reading {counted(len(done), 'user') if way.alone else 'the tenant'} once more, to verify")
    users: list[User] = []
    at_end: Mapping[str | None, Mapping[str, Any]] = {}
    try:
        if way.by_end:
            at_end = _read_end(context, record, [entry for entry in done if entry.operation == "created"])
        rest = [entry for entry in done if entry.id not in at_end]
        users = (
            _read_alone(context, rest)
            if way.alone
            else context.client.list_users(workers=context.options.workers, believe_total=True).users
        )
        _compare(context, record, rest, {user.id: user for user in users}, alone=way.alone)
    except EightByEightError as error:
        record.unfinished.append(error.about(f"Everything was done, but could not be verified. {error.message}"))
    if record.from_file:
        look_for_other_writers(context, record, users)
    return [*(user.view for user in users), *at_end.values()]


def _read_end(context: Context, record: Record, created: Sequence[Entry]) -> Mapping[str | None, Mapping[str, Any]]:
    """Read the end of the listing, which says how many users there are by now, and at most servers shows who is new.

    :returns: Each user who was created and need not be read alone, by id: as the listing shows the user, or the answer to the
        creation, where the listing only counts the user. Nobody where the number is not what it was and all of these.
    """
    before = record.reading.size or 0
    try:
        page = context.client.page_at(before + 1, None, min(len(created), context.client.page_size))
    except EightByEightError as error:
        if ends_all_reads(error, context.client.token_refusal):
            raise
        return {}
    if page.announced != before + len(created):
        return {}
    shown: dict[str | None, User] = {user.id: user for user in page.users}
    agree = [entry for entry in created if entry.id not in shown or not entry.change.is_refuted_by(shown[entry.id])]
    return {entry.id: shown[entry.id].view if entry.id in shown else entry.user or {} for entry in agree}


def _read_alone(context: Context, entries: Sequence[Entry]) -> list[User]:
    """Read changed users from their own addresses; who is gone is left out."""

    def read(entry: Entry) -> User | None:
        return context.client.find_by_id(entry.id) if entry.id else None

    users = in_parallel(read, entries, context.options.workers, context.client.interrupt)
    return [user for user in users if user is not None]


def _compare(
    context: Context, record: Record, done: Sequence[Entry], users: Mapping[str, User], *, alone: bool
) -> None:
    """Compare what was read once more with what was done; lists lag, so the user's own address has the last word.

    :raises EightByEightError: When nobody else can be read either, and who does not show proves nothing.
    """
    unseen = []
    for entry in done:
        user = users.get(entry.id or "")
        if not alone and entry.id and (user is None or (entry.status == "done" and not _shows_active(entry, user))):
            try:
                user = context.client.get_user(entry.id)
            except EightByEightError as error:
                if ends_all_reads(error, context.client.token_refusal):
                    raise
        if user is None:
            unseen += [] if entry.unverified else [entry.who]
            continue
        if entry.status == "done" and not _shows_active(entry, user):
            undone = _not_as_wanted(entry, user)
            shown = dict(user.view)
            entry.fail(undone)
            by_hand = _manual_actions.instead_of(undone, entry.wanted, shown, entry.change, listed=True)
            entry.user, entry.actions = shown, [*by_hand, *entry.actions]  # what must be done first, first
        entry.unverified = False
    if unseen:
        record.warnings.append(
            f"{counted(len(unseen), 'changed user does', 'changed users do')} not show when read once more "
            f"({named(unseen, 5)}). 8x8 may need a moment; run again to be sure."
        )


def _shows_active(entry: Entry, user: User) -> bool:
    """Say whether what was read agrees with a change of active, or says nothing against what the answer has shown."""
    return not entry.change.is_refuted_by(user) and not (entry.unverified and user.view["active"] is None)


def _not_as_wanted(entry: Entry, user: User) -> EightByEightError:
    if user.view["active"] is None:
        return _not_confirmed(entry)
    state = "active" if user.active else "deactivated"
    message = f"{entry.who} is {state} when read once more, although 8x8 confirmed the change."
    return EightByEightError(message, kind="not_applied")


def _not_confirmed(entry: Entry) -> EightByEightError:
    active = bool(entry.change.after.get("active"))
    return with_name(not_confirmed(active=active, request={"method": "PATCH"}), entry.who)


def look_for_other_writers(context: Context, record: Record, users: Sequence[User]) -> None:
    """Tell who has changed since the last run of the journal; whom this run wrote to is not among them."""
    before = record.seen_before
    moved = sorted(
        user.user_name or user.id
        for user in users
        if before.get(user.id, user.view["last_modified"]) != user.view["last_modified"]
        and not context.memory.is_ours(user.id, user.view["last_modified"])
    )
    fresh = [name for name in moved if name not in record.changed_before]
    record.changed_before += fresh
    _report_changes_by_others(record, fresh, "since the last run of this journal")


def _report_changes_by_others(record: Record, names: Sequence[str], when: str) -> None:
    """Warn of users who were changed by somebody else."""
    if names:
        record.warnings.append(
            f"{counted(len(names), 'user was', 'users were')} changed by somebody else {when} ({named(names, 5)}), or 8x8 "
            f"shows changes of ours late. {ONE_WRITER}"
        )
