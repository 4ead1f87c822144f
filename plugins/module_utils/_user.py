# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""One user: find, plan, apply, compare. Knows the client and the plan, and nothing of Ansible."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from . import _manual_actions
from ._base.console import CONSOLE_USERS
from ._base.text import about, in_quotes, server_said
from ._client import Answer, ScimClient
from ._errors import (
    ConflictError,
    EightByEightError,
    NotFoundError,
    NotSupportedError,
    RefusedError,
    TransientError,
    VersionConflictError,
)
from ._memory import Memory
from ._plan import (
    Change,
    Wanted,
    carried_along,
    disturbed,
    is_untouched,
    not_taken,
    plan,
    still_declined,
    unmet,
    was_processed,
)
from ._resource.names import ATTRIBUTES, OPTIONAL_IN_LISTINGS, REQUIRED_ATTRIBUTES
from ._resource.payload import put_body, with_explicit_nulls
from ._resource.user import User
from ._write.refusals import Attempt, explain, named, taken

#: How often a PUT is tried where the user changes between the read and the write: once more, from a fresh read.
_VERSION_CONFLICTS = 2

_UNCHANGED = Change("unchanged", {}, {}, None)


def _both(change: Change, rest: Change) -> Change:
    """Return what sends the rest of a change, and is told as all of it."""
    before = {**(rest.before or {}), **(change.before or {})}
    after = {**rest.after, **change.after}
    operation = change.operation if "active" in change.after else rest.operation
    return rest._replace(operation=operation, before=before, after=after)


class UserRun:
    """One user on the way from what is to what is wanted.

    After :meth:`run`, or after an error that it raised, :meth:`result` tells how far it came.

    :param client: The session.
    :param wanted: What is asked for.
    :param memory: What the tenant is known not to take as given.
    :param check_mode: Stop before the first write.
    """

    def __init__(self, client: ScimClient, wanted: Wanted, memory: Memory, *, check_mode: bool = False) -> None:
        self.client = client
        self.wanted = wanted
        self.check_mode = check_mode
        self.warnings: list[str] = []
        #: Called before the first write.
        self.before_write: Callable[[], None] | None = None
        #: Attributes that the server did not store as given.
        self.not_taken: list[str] = []
        #: Whether that will be known in the next run.
        self.remembered = True
        #: Whether what was searched adds up, so that who was not found is not there.
        self.proven = True
        #: Whether a write was accepted, and the user was not seen after it.
        self.unseen = False
        #: Whether somebody else was seen writing to this user while this was under way.
        self.changed_meanwhile = False
        #: Attributes that this does not set, and that came out of a write different all the same.
        self.disturbed: list[str] = []
        self._memory = memory
        self._declined: dict[str, tuple[str, str]] = {}
        self._current: User | None = None
        #: The user as read before the write.
        self._before: User | None = None
        self._change = _UNCHANGED
        self._applied = False
        #: The request that 8x8 accepted, as an error names it.
        self._accepted: dict[str, Any] = {}
        self._in_doubt = False
        #: Whether a second look showed the same as the first.
        self._confirmed = False
        self._attempted: Change | None = None
        self._carried: Mapping[str, Any] = {}

    def run(self) -> None:
        """Look the user up, and do it.

        :raises EightByEightError: When it could not be done. Names the user, and what to do.
        """
        with self._telling():
            self._current = self._find()
            fresh = bool(self.wanted.user_id)
            if self._current is not None and not fresh and self._current.may_be_partial and not self.client.shows_whole:
                # Not shown whole: what is returned, and kept as evidence, is the user and not an extract.
                self._current, fresh = self._read_whole(), True
            self._proceed(fresh=fresh)

    def run_from(self, current: User | None, *, fresh: bool) -> None:
        """Do it for a user who has been looked up already.

        :param current: The user, or None where there is none.
        :param fresh: Whether it was read from its own address, not from a listing.
        :raises EightByEightError: As :meth:`run`.
        """
        with self._telling():
            self._current = current
            self._proceed(fresh=fresh)

    def _proceed(self, *, fresh: bool) -> None:
        # A listing may hold less of a user than its own address (2.7a), and a PUT clears what it does not carry.
        try:
            change = self._plan(fresh=fresh)
            look = not fresh and (change.method == "PUT" or self._is_silent())
        except EightByEightError as error:
            if fresh or self._current is None or error.kind != "missing_attributes":
                raise
            look = True
        if look:
            self._current = self._read_whole()
            change = self._plan(fresh=True)
        if change.changed and not self.check_mode:
            self._apply(change)
        else:
            self._change = change
        self._tell_of_active(change)

    def _tell_of_active(self, change: Change) -> None:
        """Warn of a user who stays inactive because the task does not say otherwise, and of one whose state nothing shows."""
        wanted = self.wanted
        if self._current is None or wanted.absent or wanted.active is False:
            return
        shown = self._current.view["active"]
        if shown is None and (wanted.active or change.changed):
            self._warn(
                "8x8 does not show whether the user is active, and this is taken to mean yes. To be sure, look in "
                f"{CONSOLE_USERS}."
            )
        if shown is False and wanted.active is None:
            self._warn(
                f"{wanted.who} is inactive and stays inactive, because the task does not give active. To let the user log in "
                "again, give active: true."
            )

    def _is_silent(self) -> bool:
        """Say whether a listing that shows no difference may hide one: what it leaves out looks like what is to be cleared."""
        user, wishes = self._current, self.wanted.attributes
        if user is None:
            return False
        if user.view["active"] is None:
            return True
        if self.client.shows_whole:
            return False
        if user.may_be_partial and not set(OPTIONAL_IN_LISTINGS).isdisjoint(wishes):
            return True
        # Listings may leave out a single attribute, too. Those who show it in one user show it in all.
        unknown = set(OPTIONAL_IN_LISTINGS) - self.client.shown
        return any(name in unknown and not wish and not user.view[name] for name, wish in wishes.items())

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except EightByEightError as error:
            if self._applied and self.unseen and self._current is not None:
                self._memory.wrote(self._current.id, None, self._modified)
            explained = error if self._attempted is None else explain(error, self._attempt(self._attempted))
            raise named(explained, self.wanted.who) from error

    def result(self, error: EightByEightError | None = None) -> dict[str, Any]:
        """Return the keys of a module's result; the same ones in every outcome."""
        change = self._change
        done = change.changed and (self._applied or self.check_mode)
        user: Mapping[str, Any] | None
        if self.check_mode and error is None:
            user = change.user
        else:
            user = None if self._current is None else self._current.view
        user = None if user is None else dict(user)
        user_id = (user or change.user or {}).get("id") or self.wanted.user_id
        # What counts for a person is the user as 8x8 made it, where it has.
        actions = _manual_actions.after(change, self.wanted, user or change.user or {}, user_id) if done else []
        if error is not None:
            told = done and change.operation == "deactivated"
            actions += _manual_actions.instead_of(error, self.wanted, user, self._attempted, told=told)
        return {
            "changed": done,
            "user": user,
            "operation": change.operation if done else "unchanged",
            "diff": (change if done else _UNCHANGED).diff(self.wanted.who),
            "manual_actions": actions,
        }

    @property
    def change(self) -> Change:
        """What was done, or would be."""
        return self._change

    # -- Find -----------------------------------------------------------------

    def _find(self) -> User | None:
        wanted = self.wanted
        if wanted.user_id:
            try:
                return self.client.get_user(wanted.user_id)
            except NotFoundError as error:
                if not wanted.absent:
                    raise error.about(
                        f"8x8 has no user with the id {wanted.user_id}. To create a user, leave user_id out: 8x8 makes the id."
                    ) from error
                # Somebody who is to lose access must not keep it because of a mistyped id.
                return self._find_by_name(wanted.user_name) if wanted.user_name else None
        return self._find_by_name(str(wanted.user_name))

    def _find_by_name(self, user_name: str) -> User | None:
        user, self.proven = self.client.find_user(user_name)
        if user is None and not self.proven and self.wanted.absent:
            raise EightByEightError(
                f"8x8 does not show this user, but its listing does not add up to the number it announces, so the user may be "
                f"there all the same. Nothing was changed. Run again, or look in {CONSOLE_USERS}.",
                kind="incomplete_listing",
                method="GET",
                path="/Users",
            )
        if user is not None and self.wanted.user_id and user.id != self.wanted.user_id:
            raise EightByEightError(
                f"{user_name} has the id {user.id}, not {self.wanted.user_id}, which names no user. Give the right one of the "
                "two. Nothing was changed.",
                kind="user_name_fixed",
            )
        return user

    def _read_whole(self) -> User:
        """Read a user from the user's own address, after a listing or a search showed little."""
        shown, own = self._existing, self._read_again()
        self.client.compared(shown, own)
        return own

    def _read_again(self, conflict: VersionConflictError | None = None) -> User:
        """Read the user once more, and tell when somebody else has written in between.

        :param conflict: Why, where 8x8 itself says that somebody has.
        """
        before = self._existing
        try:
            now = self.client.get_user(before.id)
        except NotFoundError as error:
            raise error.about(f"{self.wanted.who} vanished between two reads. Run again.") from error
        # After a try without an answer, the newer version may be our own.
        if conflict is None or not (conflict.repeated or is_untouched(before, now)):
            self._see_who_else_writes(before, now, sure=conflict is not None)
        self._before = now
        return now

    def _see_who_else_writes(self, before: User, now: User, *, sure: bool) -> None:
        seen, fresh = before.view["last_modified"], now.view["last_modified"]
        differ = [name for name in (*ATTRIBUTES, "active") if (before.view[name] or None) != (now.view[name] or None)]
        if not (seen and fresh):
            # A listing may hold less of a user than its own address (2.7a): only what both show tells of a change.
            differ = [name for name in differ if before.view[name] is not None and now.view[name] is not None]
        elif seen == fresh:
            differ = []
        if not sure and (not differ or self._memory.is_ours(now.id, fresh)):
            # Another task or role of this collection wrote, and the search lagged behind it.
            return
        self.changed_meanwhile = True
        told = "; ".join(
            f"{name} was {in_quotes(before.view[name])}, then {in_quotes(now.view[name])}" for name in differ
        )
        what = f" ({told})" if told else ""
        who = "somebody else" if sure else "somebody else, or the search of 8x8 lags behind"
        self._warn(
            f"{self.wanted.who} was changed while this task was at it{what}, by {who}. What was read last was kept, where this "
            "task does not set it. If Entra ID or Okta still provisions this tenant, stop one of the two."
        )

    def _warn(self, text: str) -> None:
        # Ansible scrubs results, but not warnings.
        self.warnings.append(self.client.connection.redact(about(self.wanted.who, text)))

    @property
    def _existing(self) -> User:
        if self._current is None:
            raise RuntimeError("only an existing user is updated")
        return self._current

    @property
    def _modified(self) -> str | None:
        """When the user was last changed, as read before the write."""
        return None if self._before is None else self._before.view["last_modified"]

    def _attempt(self, change: Change) -> Attempt:
        return Attempt(self.wanted, change, self._current, self.client.connection.extension_urn)

    def _recall(self, *, fresh: bool) -> dict[str, tuple[str, str]]:
        if self._current is None:
            return {}
        known = self._memory.recall(self._current.id, self._current.view["last_modified"])
        # What a listing leaves out looks like a wish for nothing that was granted. Only the user's own address shows that.
        hidden = () if fresh else [name for name in known if not self._current.view.get(name)]
        left = {**{name: known[name] for name in hidden}, **still_declined(known, self._current)}
        if left != known and not self.check_mode:
            self._memory.keep(self._current.id, left)
        return left

    def _plan(self, *, fresh: bool) -> Change:
        self._declined = self._recall(fresh=fresh)
        return plan(
            self._current,
            self.wanted,
            declined=self._declined,
            extension_urn=self.client.connection.extension_urn,
        )

    # -- Apply ----------------------------------------------------------------

    def _apply(self, change: Change) -> None:
        self._attempted = change
        self._before = self._current
        if self.before_write is not None:
            self.before_write()
        if change.method == "POST":
            self._create(change)
            return
        try:
            if change.method == "PATCH":
                self._switch(change)
            else:
                self._replace(change)
        except EightByEightError as error:
            error.in_doubt = error.in_doubt or self._in_doubt
            # A refusal is no answer to a try before it that was lost.
            if self._applied or not error.in_doubt:
                raise
            user = self._look_after()
            if user is None or not self._took_effect(change, user, error):
                raise self._untold(error, user) from error
            self._current = user
            self._done(change, user)

    def _look_after(self) -> User | None:
        """Look once at a user whose write got no answer, or one that says nothing; None where that fails as well."""
        try:
            return self.client.get_user(self._existing.id)
        except EightByEightError:
            return None

    def _took_effect(self, change: Change, user: User, error: EightByEightError) -> bool:
        """Say whether a write was carried out, whatever its answer was (law 5: no false alarm)."""
        active = user.view["active"]
        unknown = active is None and "active" not in change.after
        if not unknown and active != (change.user or {}).get("active"):
            return False
        # After a status that says yes, what shows that the server did something is enough; what it dropped is told then.
        accepted = 200 <= (error.status or 0) < 300 and was_processed(self._before, user, change)
        return accepted or not not_taken(change, user)

    def _untold(self, error: EightByEightError, user: User | None) -> EightByEightError:
        """Tell an answer that says neither yes nor no with what the look after it showed."""
        if user is None or not 200 <= (error.status or 0) < 300:
            return error
        return error.about(
            f"{self.wanted.who} was not changed: {error.method} was answered with {error.status}, but the answer is an error, or "
            f"is not this user, and a look at the user shows that nothing was done. {error.message}"
        )

    def _sent(self, change: Change, answer: Answer | EightByEightError | None = None) -> None:
        """Take note that a write was accepted: whatever fails from here on, the result says so (law 7).

        :param answer: What accepted it; None where that was lost, or is noted already.
        """
        self._change, self._applied, self.unseen = change, True, True
        if answer is not None:
            self._accepted = {"status": answer.status, "method": answer.method, "path": answer.path}

    def _done(self, change: Change, user: User | None) -> None:
        """Compare what the server made of a write that it accepted."""
        user = self._look_twice(change, user)
        self._sent(change)
        self._current, self.unseen = user, False
        if user is None:
            return
        self._memory.wrote(user.id, user.view["last_modified"], self._modified)
        active = change.after.get("active")
        if active is not None and user.view["active"] is not None and user.active != active:
            if change.operation != "created":
                # Only active was to change: nothing did. Or something else did as well: an update, whatever was wished.
                self._applied = change.method == "PUT" and set(change.after) != {"active"}
                self._change = change._replace(operation="updated")
            raise EightByEightError(
                f"8x8 accepted the request, but the user is still {'active' if user.active else 'deactivated'}. Set it in "
                f"{CONSOLE_USERS}.",
                kind="not_applied",
                **self._accepted_as(change),
            )
        self._compare(change, user)
        # Whoever is created is active unless told otherwise; all else has to be seen, and is sent again as long as it is not.
        if active is not None and user.view["active"] is None and not (active and change.operation == "created"):
            raise EightByEightError(
                f"8x8 accepted the request, but does not show whether the user is active, so nothing confirms that the "
                f"user is {'active' if active else 'deactivated'} now. Look in {CONSOLE_USERS}, and set it there if need be.",
                kind="not_confirmed",
                **self._accepted_as(change),
            )

    def _look_twice(self, change: Change, user: User | None) -> User | None:
        """Look again where a value did not come out as given: an answer may be cut, and a read may lag behind the write."""
        self._confirmed = False
        first = {} if user is None else self._refused(change, user)
        if user is None or not first:
            return user
        try:
            again = self.client.get_user(user.id)
        except EightByEightError:
            return user
        self._confirmed = first == self._refused(change, again)
        return again

    def _refused(self, change: Change, user: User) -> dict[str, tuple[str, str]]:
        """Return what did not come out as asked for, as far as this is not known already."""
        return {
            name: pair
            for name, pair in unmet(self.wanted, user).items()
            if name in change.after or self._declined.get(name) != pair
        }

    def _accepted_as(self, change: Change) -> dict[str, Any]:
        """Return the request that was accepted, as an error names it; where its answer was lost, without a status."""
        return self._accepted or {"method": change.method, "path": "/Users" if change.method == "POST" else None}

    def _compare(self, change: Change, user: User) -> None:
        """Say what else came out of the write (law 3), and once what the server did not take as given (law 1)."""
        self.disturbed = [name for name in disturbed(change, self._carried, user) if name not in self.wanted.attributes]
        if self.disturbed:
            told = "; ".join(
                f"{name} was {in_quotes(self._carried[name])}, is {in_quotes(user.view[name])}"
                for name in self.disturbed
            )
            self._warn(
                f"{self.wanted.who} came out different in what this task leaves alone: {told}. Somebody else wrote at the same "
                "moment, or 8x8 rewrites it."
            )
        self._tell_of_refused(change, user)

    def _tell_of_refused(self, change: Change, user: User) -> None:
        """Warn once of what 8x8 did not store as given, and remember it (law 1)."""
        refused = self.not_taken = list(self._refused(change, user))
        later = self._remember(change, user, refused)
        if refused:
            wishes = self.wanted.attributes
            told = "; ".join(
                f"{name} is {in_quotes(user.view[name])}, asked for {in_quotes(wishes.get(name))}" for name in refused
            )
            self._warn(f"8x8 did not store everything as given: {told}. {later}")

    def _remember(self, change: Change, user: User, refused: Collection[str]) -> str:
        """Remember what 8x8 did not store as given, as far as that is certain, and return a sentence about it."""
        certain = was_processed(self._before, user, change)
        time: str | None = user.view["last_modified"]
        flaw = None
        if not self._confirmed:
            flaw = "two looks at the user do not agree, or one failed"
        elif not (certain or time):
            flaw = "8x8 does not tell when users are changed"
        fresh = unmet(self.wanted, user)
        others = {name: pair for name, pair in self._declined.items() if name not in self.wanted.attributes}
        left = {**others, **{name: pair for name, pair in fresh.items() if not (flaw and name in refused)}}
        if left != self._declined or (certain and left):
            facts = {"certain": fresh} if certain else {"unsure": refused}
            if not self._memory.keep(user.id, left, last_modified=time, **facts):
                flaw = flaw or "no writable state folder"
        self.remembered = flaw is None or not refused
        if flaw:
            return f"This could not be remembered ({flaw}), so the next run sends it again."
        if certain:
            return "The same value is not sent again for 30 days."
        return (
            "8x8 shows no newer version or time of this user either, so it may not have processed the change yet. The same value "
            "is sent again once the user has changed."
        )

    def _create(self, change: Change) -> None:
        """Create a user; after an answer that did not come, look before sending again (law 5)."""
        body = dict(change.body or {})
        user: User | None = None
        repeats = 0
        in_doubt = False
        while user is None:
            try:
                answer = self.client.create_user(body)
                self._sent(change, answer)
                user = self._confirm(change, answer, None)
            except TransientError as failure:
                if self._applied:
                    raise
                in_doubt = in_doubt or failure.status != 429
                gave_up: EightByEightError | None = None
                try:
                    self.client.pause(failure, repeats)
                except EightByEightError as last:
                    gave_up = last
                reason = gave_up or failure
                reason.in_doubt = in_doubt
                user = self._look_for_created(reason)
                self._check_ours(change, user, reason)
                if user is None and gave_up is not None:
                    raise gave_up from failure
                repeats += 1
            except ConflictError as conflict:
                conflict.in_doubt = in_doubt
                found = self._look_for_created(conflict)
                if found is None or not repeats:
                    raise taken(conflict, self._attempt(change), found, repeated=repeats > 0) from conflict
                self._check_ours(change, found, conflict)
                user = found
            except EightByEightError as refusal:
                refusal.in_doubt = refusal.in_doubt or in_doubt
                if self._applied or not refusal.in_doubt:
                    raise
                # It says nothing about this try, or about one before it: the user may be there. Nothing is sent again after it.
                found = self._look_for_created(refusal)
                self._check_ours(change, found, refusal)
                if found is None:
                    raise
                user = found
        self._done(change, user)

    def _look_for_created(self, reason: EightByEightError) -> User | None:
        try:
            # Who is taken is somewhere: where the filter shows nobody, the listing may.
            user, proven = self.client.find_user(
                str(self.wanted.user_name), by_listing=isinstance(reason, ConflictError)
            )
        except EightByEightError as error:
            raise reason.about(
                f"{reason.message} Whether the user was created is not known, because looking failed as well: "
                f"{error.message} Run again: it looks first, and creates nobody twice."
            ) from error
        if user is None and not proven and reason.in_doubt and not isinstance(reason, ConflictError):
            # A search that does not add up proves nothing (laws 4 and 5). A conflict is not followed by another try anyway.
            raise reason.about(
                f"{reason.message} Whether the user was created is not known, because 8x8 does not show the user, but "
                f"what it shows does not add up to the number it announces. Look in {CONSOLE_USERS} before you run again."
            )
        return user

    def _check_ours(self, change: Change, found: User | None, reason: EightByEightError) -> None:
        """Take nobody for created by this task who may have been there before, where the first search did not prove otherwise."""
        if found is None or self.proven or not (not_taken(change, found) or found.active != change.after["active"]):
            return
        raise reason.about(
            f"{self.wanted.who} shows now (id {found.id}), and is not as this task would have created it. The first search did "
            "not add up, so the user was probably there before. Run again to update that user.",
            kind="user_name_taken",
        )

    def _switch(self, change: Change) -> None:
        """Activate or deactivate, by PATCH; where the server has none, by what is safe instead."""
        user = self._existing
        self._carried = {}
        try:
            answer = self.client.set_active(user.id, bool(change.after["active"]))
        except NotSupportedError as refusal:
            self._in_doubt = refusal.in_doubt
            if self.wanted.absent:
                self._remove(change)
            else:
                # DELETE would do at 8x8, but this task asks for a user who is there; PUT says so everywhere.
                self._current = self._read_again()
                self._replace(change, patch_refused=True)
            return
        self._sent(change, answer)
        self._done(change, self._confirm(change, answer, user))

    def _remove(self, change: Change) -> None:
        """Deactivate by DELETE (fact sheet 2.3), and see what became of it: the answer has no body."""
        user_id = self._existing.id
        answer: Answer | EightByEightError
        try:
            answer = self.client.delete_user(user_id)
        except NotFoundError as gone:
            # What an earlier try leaves behind, whose answer was lost.
            answer = gone
        except NotSupportedError as refusal:
            # Nobody keeps access for want of a verb: a PUT does it too, as it does for active=false.
            self._in_doubt = self._in_doubt or refusal.in_doubt
            self._current = self._read_again()
            self._replace(change, patch_refused=True)
            return
        self._sent(change, answer)
        try:
            user: User | None = self.client.get_user(user_id)
        except NotFoundError:
            user = None  # A server that really deletes, as RFC 7644 section 3.6 has it.
        self._done(change, user)

    def _replace(self, change: Change, *, patch_refused: bool = False) -> None:
        """Send a PUT, made anew from a fresh read when the user changed in between."""
        conflicts = 0
        guarded = True
        while True:
            user = self._existing
            # Where there is no PATCH, the user as just read goes back, with active changed.
            self._carried = (change.user if change.method == "PUT" else user.view) or {}
            try:
                answer = self.client.replace_user(
                    user.id, self._put_body(change, user), user.version if guarded else None
                )
            except VersionConflictError as conflict:
                self._in_doubt = self._in_doubt or conflict.in_doubt
                self._current = self._read_again(conflict)
                if is_untouched(user, self._current):
                    if not guarded or not user.version:
                        raise self._never_matches(conflict) from conflict
                    guarded = False
                    continue
                conflicts += 1
                if conflicts == _VERSION_CONFLICTS:
                    raise conflict.about(
                        f"{self.wanted.who} was changed by somebody else {conflicts} times while this task was writing (PUT "
                        "answered 412), so it was left alone. Find out who else writes to this user, and run again."
                    ) from conflict
                fresh = self._plan(fresh=True)
                if not fresh.changed:
                    # Our own write, when an earlier try of it had no answer; somebody else's, when not.
                    if conflict.repeated:
                        self._done(change, self._current)
                    return
                # An earlier try may have done its part, and the rest is what 8x8 did not take: both are this task's change.
                change = fresh if not conflict.in_doubt else _both(change, fresh)
                if change.method == "PATCH" and not patch_refused:
                    self._switch(change)
                    return
            else:
                if not guarded:
                    self._tell_of_unmatched()
                self._sent(change, answer)
                self._done(change, self._clear(change, self._confirm(change, answer, None, user_id=user.id)))
                return

    def _never_matches(self, conflict: VersionConflictError) -> EightByEightError:
        return conflict.about(
            "8x8 refuses the update as if somebody else had changed the user (PUT answered 412), but the user is the same before "
            f"and after. Nothing was changed. Make the change in {CONSOLE_USERS}, and tell 8x8 support that PUT answers 412."
            f"{server_said(conflict.detail)}"
        )

    def _tell_of_unmatched(self) -> None:
        self.client.stop_sending_versions()
        self._warn(
            "8x8 refused the update by its version (PUT answered 412), although nobody had changed the user: it does not match "
            "the versions that it gives itself. The update was sent without a version. What somebody else writes between the "
            "read and the update is overwritten then."
        )

    def _clear(self, change: Change, user: User) -> User:
        """Clear by null what leaving out did not clear, once: some servers merge a PUT into what they hold."""
        before = self._before
        kept = [
            name
            for name, wish in change.after.items()
            if name in ATTRIBUTES and not wish and before is not None and user.view[name] == before.view[name]
        ]
        if not kept or change.method != "PUT":
            return user
        self._current = user
        # What was read may lag behind the write, and must not take back what that changed.
        wishes = {name: wish for name, wish in change.after.items() if name in ATTRIBUTES}
        body = with_explicit_nulls(put_body(user, bool((change.user or {}).get("active")), wishes), kept)
        try:
            answer = self.client.replace_user(user.id, body, user.version)
        except (RefusedError, ConflictError, VersionConflictError):
            # What was done before stays done, and what is not cleared is told.
            return user
        return self._confirm(change, answer, None, user_id=user.id)

    def _put_body(self, change: Change, user: User) -> Mapping[str, Any]:
        if change.method == "PUT" and change.body is not None:
            return change.body
        carried = carried_along(user, self.wanted)
        missing = [name for name in REQUIRED_ATTRIBUTES if not (carried.get(name) or user.view[name])]
        if missing:
            raise EightByEightError(
                f"{self.wanted.who}: the server has no PATCH, and a PUT would damage the user, because 8x8 does not show "
                f"{', '.join(missing)}. Give what is missing in the task.",
                kind="missing_attributes",
            )
        return put_body(user, bool(change.after["active"]), carried)

    def _confirm(self, change: Change, answer: Answer, base: User | None, user_id: str | None = None) -> User:
        """Return the user as it is after a write, from the answer where that says enough, else by reading again."""
        data = answer.data or {}
        if base is not None:
            user_id = base.id
            if User({**data, "id": base.id}, base.extension_urn).view["active"] == change.after["active"]:
                return base.with_answer(data)
        else:
            user_id = user_id or str(data.get("id") or "")
            if user_id:
                seen = User({**data, "id": user_id}, self.client.connection.extension_urn)
                # A terse answer and a dropped value look alike; only reading tells (fact sheet 2.6 shows terse ones).
                silent = any(value and not seen.view[name] for name, value in self._expected(change))
                if not silent and seen.view["active"] == (change.user or {}).get("active"):
                    return seen
        user: User | None
        try:
            if user_id:
                user = self.client.get_user(user_id)
            else:
                user, _proven = self.client.find_user(str(self.wanted.user_name))
        except NotFoundError:
            user = None
        if user is None:
            what = "creation" if change.method == "POST" else "change"
            raise EightByEightError(
                f"8x8 accepted the {what}, but does not show the user. Run again in a minute.",
                kind="not_applied",
                **self._accepted,
            )
        return user

    @staticmethod
    def _expected(change: Change) -> list[tuple[str, Any]]:
        made_by_8x8 = ("id", "created", "last_modified", "active")
        return [(name, value) for name, value in (change.user or {}).items() if name not in made_by_8x8]
