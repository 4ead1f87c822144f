# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""A whole list: read the tenant once, plan every row, judge the plan, apply it with an outcome for each row, verify."""

from __future__ import annotations

import concurrent.futures
import contextlib
import datetime as dt
import json
import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from . import _manual_actions
from ._base.clock import Clock
from ._base.empty import COUNTS
from ._base.text import abbreviated, redact_all, visible
from ._client import Connection, ScimClient
from ._errors import BadOptionError, EightByEightError, NotFoundError
from ._find.lookup import PROOF
from ._http.paging import PAGE_SIZE, Listing
from ._memory import Memory
from ._plan import Change, Wanted, not_taken, plan
from ._resource.user import User
from ._rows.failed import failed_csv, rows_of_plan
from ._rows.reader import RosterError, Row, list_of_users, read_rows
from ._sync import planfile
from ._sync.breaker import FIRST_WRITES, Breaker, ends_reading
from ._sync.completing import complete
from ._sync.entries import Entry
from ._sync.limits import Limits, as_given, check_limits, count_kinds, read_limits, with_defaults
from ._sync.match import Index
from ._sync.messages import counted, few, summed_up, warnings_of
from ._sync.protected import Protected
from ._sync.reading import Reading, check_site, read_for
from ._user import UserRun
from ._write.refusals import named

#: Requests of an operation: a PUT starts with a fresh read (law 3).
_REQUESTS = {"POST": {"POST": 1}, "PATCH": {"PATCH": 1}, "PUT": {"GET": 1, "PUT": 1}}

#: Kinds of a failure that ended a run and leave a server that answers to reading.
_ANSWERED = (
    "not_write_client",
    "refused",
    "conflict",
    "user_name_taken_elsewhere",
    "unknown_site",
    "missing_attributes",
)
_NOT_TRIED = ("protected", "refused", "unlisted")
STATUSES = ("planned", "done", "failed", "refused", "protected", "unlisted", "unchanged", "skipped")
_PROGRESS_EVERY = 5.0
#: Seconds after which a write that waits for others looks whether the run has ended.
_GLANCE = 0.2
MOST_WORKERS = 64
_FILES = ("plan_file", "undo_file", "journal_file", "failed_file")


class RosterRun:
    """A roster on its way from a list of people to outcomes.

    :param connect: Makes a client for a connection; all clients share one session.
    :param connection: The tenant.
    :param options: The options of ``eightbyeight_roster``.
    :param check_mode: Stop before the first write.
    :param tell: Where lines of progress go, or None.
    """

    def __init__(
        self,
        connect: Callable[[Connection], ScimClient],
        connection: Connection,
        options: Mapping[str, Any],
        *,
        check_mode: bool = False,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.connection = connection
        self.options = options
        self.check_mode = check_mode
        self.warnings: list[str] = []
        self._connect = connect
        self._tell = tell
        self._memory = Memory.of(connection)
        self._journal = planfile.Journal(options.get("journal_file"), connection.redact)
        self._entries: list[Entry] = []
        self._listing: Listing | None = None
        self._reading: Reading | None = None
        self._problems: list[dict[str, Any]] = []
        self._plan: dict[str, Any] | None = None
        self._refused_before: list[tuple[Mapping[str, Any], str]] = []
        self._forecast: dict[str, Any] = {"requests": 0, "seconds": 0.0, "by_verb": {}}
        self._moved: list[str] = []
        self._meanwhile: list[str] = []
        self._seen_before: dict[str, str] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._breaker = Breaker(connection.retry_budget)
        self._writes = threading.Condition()
        self._writing = 0
        self._phase = ""
        self._began = 0.0
        self._done = 0
        self._failures = 0
        self._unverified: EightByEightError | None = None
        self._unfinished: EightByEightError | None = None
        self._limits: Limits = {}
        self._valid = dt.timedelta(0)

    @property
    def clock(self) -> Clock:
        """The clock of the clients."""
        return self._client.clock

    def run(self) -> None:
        """Do it.

        :raises EightByEightError: When it could not be done, or not all of it; :meth:`result` then tells how far it came.
        """
        check_numbers(self.options)
        given = read_limits(self.options.get("limits"))
        self._valid = planfile.read_duration(self.options.get("plan_valid_for") or "24h")
        self._protected = Protected(self.options.get("protected") or [])
        planfile.check_writable(self.options, _FILES)
        with self._reserved(), self._connect(self.connection) as self._client, self._telling():
            if self.options.get("apply_plan"):
                self._read_plan()
            else:
                self._make_plan()
            self._see_who_is_left()
            self._refuse_removals()
            self._guard(given)
            self._foresee()
            self._write_plan()
            if not self.check_mode:
                self._apply()
            elif self.options.get("apply_plan"):
                self._rehearse()
            else:
                self._foretell()
                self._remember_times([] if self._listing is None else self._listing.users)
        self._judge()

    def result(self) -> dict[str, Any]:
        """Return the keys of a module's result; the same ones in every outcome."""
        entries = self._entries
        counts = dict.fromkeys(COUNTS, 0)
        for entry in entries:
            # What a run did not come to is counted in check mode alone.
            done = entry.status == "done" or (self.check_mode and entry.status == "planned")
            counted = entry.operation if done else entry.status
            if counted in counts:
                counts[counted] += 1
        counts["inactive"] = sum(entry.stays_inactive for entry in entries)
        every = bool(self.options.get("return_unchanged"))
        told = [entry for entry in entries if every or entry.status != "unchanged" or entry.change is not None]
        changed = [entry for entry in entries if entry.applied or (self.check_mode and entry.status == "planned")]
        return {
            "changed": bool(changed),
            "summary": counts,
            "results": [entry.result() for entry in told],
            "plan": {
                "digest": None if self._plan is None else self._plan["digest"],
                "expires": None if self._plan is None else self._plan["expires"],
                "forecast": self._forecast,
            },
            "requests": dict(sorted(self._client.sent.items())) if hasattr(self, "_client") else {},
            "read": self._read,
            "complete": self._complete,
            "manual_actions": [action for entry in entries for action in entry.actions],
            "diff": [entry.change.diff(entry.who) for entry in changed if entry.change is not None],
            "problems": self._problems,
            "changed_elsewhere": sorted({*self._moved, *self._meanwhile}),
        }

    @property
    def _read(self) -> str | None:
        """How the tenant was read, and why."""
        if self._reading is not None:
            return self._reading.why
        return None if self._plan is None else "plan, because each row of it is read again"

    @property
    def _complete(self) -> bool:
        if self._listing is not None:
            return self._listing.complete
        return self._plan is not None and bool(self._plan["complete"])

    @contextlib.contextmanager
    def _reserved(self) -> Iterator[None]:
        """Keep other runs away from the files that this one writes."""
        names: tuple[str, ...] = _FILES
        if self.check_mode:
            names = ("plan_file", "journal_file", "failed_file") if self.options.get("plan_file") else ("failed_file",)
        with planfile.reserved(self.options, names) as open_to_all:
            if open_to_all:
                self.warnings.append(
                    f"The file system of {', '.join(open_to_all)} has no locks. See to it that no two runs use the same files at "
                    "the same time."
                )
            yield

    # -- Plan -----------------------------------------------------------------

    def _make_plan(self) -> None:
        try:
            rows = read_rows(list_of_users(self.options["users"]))
        except RosterError as error:
            self._problems = error.problems
            raise
        unlisted = self.options["unlisted"]
        if not rows and unlisted == "deactivate":
            raise BadOptionError(
                "users is empty, and unlisted=deactivate would deactivate everybody. Nothing was changed. Check the source of "
                "the roster."
            )
        self._seen_before = self._journal.last_seen()
        self._say(f"Reading the tenant for a roster of {len(rows)}")
        self._phase = "reading the tenant"
        self._reading = read_for(
            self._client,
            rows,
            everybody=unlisted != "ignore",
            workers=self.options["concurrency"],
            interrupt=self._end,
        )
        self._listing = self._reading.listing
        self._listing, unread = complete(
            self._client, self._listing, rows, workers=self.options["concurrency"], interrupt=self._end
        )
        index = Index(self._listing.users)
        named: set[str] = set()
        claims: dict[str, Entry] = {}
        for row in rows:
            entry = Entry(row.wanted, row)
            self._entries.append(entry)
            found = index.candidates(row)
            named.update(found)
            try:
                if row.number in self._reading.faults:
                    raise self._reading.faults[row.number]
                entry.current = index.match(row, found) or self._look_for(row)
                self._claim(entry, claims)
                self._check_return(entry)
                if entry.current is not None and entry.current.id in unread:
                    raise unread[entry.current.id]
                if entry.status != "refused":
                    self._plan_entry(entry)
            except EightByEightError as error:
                if ends_reading(error):
                    for each in self._entries:
                        each.status = "skipped" if each.status in ("planned", "unchanged") else each.status
                    raise
                self._refuse(entry, error)
        if unlisted != "ignore":
            self._plan_unlisted(named, deactivate=unlisted == "deactivate")
        # Whoever gets access back comes first, in the plan and in every report.
        self._entries.sort(key=lambda entry: entry.change is None or entry.operation != "activated")
        self._report_inactive()
        self._see_who_else_writes(self._listing.users)

    def _check_return(self, entry: Entry) -> None:
        """Refuse a row of somebody inactive that does not say what is to become of that, where the task wants it said."""
        if self.options.get("on_inactive") == "refuse" and entry.stays_inactive and entry.status != "refused":
            raise EightByEightError(
                f"{entry.who} is deactivated, and the row does not say whether this person is back. Nothing was changed. Give "
                "active: true to activate the user again, or active: false to update somebody who stays deactivated.",
                kind="inactive_user",
            )

    def _report_inactive(self) -> None:
        names = [entry.who for entry in self._entries if entry.stays_inactive and entry.status != "refused"]
        if names:
            self.warnings.append(
                f"{counted(len(names), 'user is', 'users are')} deactivated, and the roster does not say active of "
                f"{'this one' if len(names) == 1 else 'these'}, so that stays ({few(names)}). To bring somebody back, give "
                "active: true in the row."
            )

    def _look_for(self, row: Row) -> User | None:
        """Look up somebody who does not show in a list that does not add up, and may be there all the same."""
        if self._complete:
            return None
        user, proven = None, False
        if row.wanted.user_name and not self._client.filter_refused:
            user, proven = self._client.find_user(row.wanted.user_name)
        if user is None and row.wanted.absent and not proven:
            raise EightByEightError(
                f"8x8 does not show a user {row.who}, but its listing does not add up to the number it announces, so the user "
                "may be there all the same. Nothing was changed. Run again, or look in Admin Console.",
                kind="incomplete_listing",
            )
        return user

    def _refuse(self, entry: Entry, error: EightByEightError) -> None:
        """Note that a row cannot be planned; a user who is protected is left alone, and no trouble."""
        if self._is_protected(entry):
            entry.status = "protected"
            return
        entry.change = None
        entry.refuse(named(error, entry.who))
        user = None if entry.current is None else entry.current.view
        entry.actions = _manual_actions.instead_of(error, entry.wanted, user)

    @staticmethod
    def _claim(entry: Entry, claims: dict[str, Entry]) -> None:
        if entry.current is None:
            return
        other = claims.setdefault(entry.current.id, entry)
        if other is entry:
            return
        numbers = sorted(each.row.number for each in (entry, other) if each.row is not None)
        for each in (entry, other):
            each.change = None
            each.refuse(
                EightByEightError(
                    f"Rows {' and '.join(map(str, numbers))} both mean {entry.who} (id {entry.current.id}). Nothing was changed.",
                    kind="ambiguous",
                )
            )

    def _plan_entry(self, entry: Entry) -> None:
        if entry.current is not None and not entry.wanted.user_name:
            # Found by something else: messages name the user by the login name all the same.
            entry.wanted = entry.wanted._replace(user_name=entry.current.user_name, user_id=entry.current.id)
        try:
            change = plan(entry.current, entry.wanted, extension_urn=self.connection.extension_urn)
            again = change.method == "PUT"
        except EightByEightError as error:
            if error.kind not in ("site_fixed", "missing_attributes") or entry.current is None:
                raise
            if error.kind == "missing_attributes":
                # A listing may leave out what the user's own address shows.
                entry.current = self._client.get_user(entry.current.id)
            again = True
        if again and entry.current is not None:
            # Only users that differ cost a look at what the tenant is known not to take.
            declined = self._memory.recall(entry.current.id, entry.current.view["last_modified"])
            change = plan(entry.current, entry.wanted, declined=declined, extension_urn=self.connection.extension_urn)
        if change.changed:
            entry.change, entry.status = change, "planned"
            self._protect(entry)
        if entry.status == "planned" and self._reading is not None:
            check_site(entry.who, change.after.get("site"), self._reading.sites)

    def _plan_unlisted(self, named: set[str], *, deactivate: bool) -> None:
        users = [] if self._listing is None else self._listing.users
        for user in users:
            if user.id in named or not user.active:
                continue
            entry = Entry(Wanted(user.user_name, user.id, absent=True), current=user)
            self._entries.append(entry)
            if deactivate:
                entry.change, entry.status = plan(user, entry.wanted), "planned"
                self._protect(entry)
            else:
                entry.status = "unlisted"

    def _protect(self, entry: Entry) -> None:
        if self._is_protected(entry):
            entry.status = "protected"

    def _is_protected(self, entry: Entry) -> bool:
        return any(self._protected.covers(name) for name in (entry.who, entry.wanted.user_name) if name)

    def _see_who_is_left(self) -> None:
        """Tell when the globs leave nobody: a run that can do nothing must not look like one that had nothing to do.

        And name those that match nobody, where everybody was read: they protect nobody, and were meant for somebody.
        """
        if self._reading is not None and not self._reading.whole:
            return
        users = [] if self._listing is None else self._listing.users
        names = [*(user.user_name or user.id for user in users), *(entry.who for entry in self._entries)]
        if self._protected.covers_all(names):
            self.warnings.append(
                "protected covers everybody, so nobody is ever changed. Check its wildcards if that is not meant."
            )
        unmatched = self._protected.unmatched(names) if self._reading is not None else []
        if unmatched:
            self.warnings.append(
                f"protected: {few([repr(abbreviated(name)) for name in unmatched])} "
                f"{'matches' if len(unmatched) == 1 else 'match'} nobody in this tenant or roster, and protect"
                f"{'s' if len(unmatched) == 1 else ''} nobody. Check the spelling."
            )

    def _see_who_else_writes(self, users: Sequence[User]) -> None:
        """Tell who has changed since the last run of the journal; whom this run wrote to is not among them."""
        before = self._seen_before
        moved = sorted(
            user.user_name or user.id
            for user in users
            if before.get(user.id, user.view["last_modified"]) != user.view["last_modified"]
            and not self._memory.is_ours(user.id, user.view["last_modified"])
        )
        fresh = [name for name in moved if name not in self._moved]
        self._moved += fresh
        self._report_moved(fresh, "since the last run of this journal")

    def _report_moved(self, names: Sequence[str], when: str) -> None:
        if names:
            self.warnings.append(
                f"{counted(len(names), 'user was', 'users were')} changed by somebody else {when} ({few(names)}), or 8x8 "
                "shows changes of ours late. If Entra ID or Okta still provisions this tenant, stop one of the two: 8x8 supports "
                "one writing client."
            )

    def _read_plan(self) -> None:
        path, now = self.options["apply_plan"], self.clock.wall()
        self._seen_before = self._journal.last_seen()
        self._plan = planfile.load(path, self.connection.base_url, self.options.get("plan_digest"), now)
        if self.options.get("failed_file"):
            made = planfile.seconds(self._plan["created"])
            self._refused_before = rows_of_plan(self.options["failed_file"], made, self._plan["rows"])
        for row in self._plan["rows"]:
            after = row["after"]
            gone = row["operation"] == "deactivated" and list(after) == ["active"]
            attributes = {name: value or None for name, value in after.items() if name not in ("active", "user_name")}
            wanted = Wanted(row["user_name"], row["id"], active=after.get("active"), absent=gone, attributes=attributes)
            before = None if row["before"] is None else dict(row["before"])
            method = "POST" if before is None else "PATCH" if list(after) == ["active"] else "PUT"
            change = Change(row["operation"], before, dict(after), None, method)
            entry = Entry(wanted, planned=row, change=change, status="planned")
            self._protect(entry)
            self._entries.append(entry)

    # -- Judge the plan -------------------------------------------------------

    def _refuse_removals(self) -> None:
        """Refuse to deactivate anybody because of a listing that does not add up (law 4)."""
        if self._listing is None or self._listing.complete:
            return
        told = (
            f"8x8 announces {self._listing.announced} users and showed {len(self._listing.users)}. Who else is there and in no "
            "row is not known, and was left as it is. Run again, or look in Admin Console."
        )
        if self.options["unlisted"] == "report" and self._plan is None:
            self.warnings.append(told)
        elif self.options["unlisted"] == "deactivate":
            self._unfinished = EightByEightError(
                f"Nobody was deactivated for being in no row (unlisted=deactivate). {told}", kind="incomplete_listing"
            )
        for entry in self._entries:
            if entry.status == "planned" and entry.goes_last:
                entry.refuse(
                    EightByEightError(
                        f"{entry.who} was not deactivated: 8x8 announces {self._listing.announced} users and showed "
                        f"{len(self._listing.users)}, and nobody is removed because of a list that does not add up.",
                        kind="incomplete_listing",
                    )
                )

    def _guard(self, given: Limits) -> None:
        """Judge the plan by its limits.

        An approved plan brings the limits that it was judged with, and those of the task can only tighten them. An undo brings
        none. What nobody approved is judged as a new plan is.
        """
        approved = self._plan is not None and self.options.get("plan_digest")
        brought = read_limits(self._plan["limits"]) if self._plan is not None and approved else {}
        judged: tuple[Limits, ...] = (brought, given) if approved else (with_defaults(given),)
        self._limits = brought if approved else judged[0]
        planned = [entry for entry in self._entries if entry.status == "planned"]
        counts = count_kinds(entry.change for entry in planned if entry.change is not None)
        try:
            size = self._tenant_size()
            strangers = self._strangers(counts["create"])
            check_limits(counts, size, *judged, is_empty=self._complete and not size, strangers=strangers)
        except EightByEightError as error:
            for entry in planned:
                entry.refuse(error)
            raise

    def _strangers(self, created: int) -> str:
        """Ask whether it is the right file and tenant, where most rows name nobody whom the tenant shows."""
        rows = sum(entry.row is not None for entry in self._entries)
        if not created or created * 2 <= rows or not self._tenant_size():
            return ""
        return (
            f"{created} of {counted(rows, 'row')} name nobody whom this tenant ({self.connection.base_url}) shows: is this the "
            "right file, and the right tenant? "
        )

    def _tenant_size(self) -> int | None:
        if self._reading is not None:
            return self._reading.size
        size: int | None = 0 if self._plan is None else self._plan["users"]
        return size

    def _pages(self, created: int) -> int | None:
        """Return how many requests it takes to read everybody, or None where that is not known."""
        size, page = self._tenant_size(), PAGE_SIZE
        if size is None:
            return None
        if self._listing is not None and 0 < self._listing.page_size < size:
            page = self._listing.page_size  # the server gives less than it is asked for
        return max(1, math.ceil((size + created) / page))

    def _cost_of_verifying(self, entries: Sequence[Entry]) -> tuple[int, bool]:
        """Return how many requests it takes to read what was changed again, and whether each user is read alone for that."""
        pages = self._pages(sum(entry.operation == "created" for entry in entries))
        alone = pages is None or len(entries) < pages
        return (len(entries) if alone else pages or 0), alone

    def _foresee(self) -> None:
        """Count the requests that are to come, and how long they take."""
        planned = [entry for entry in self._entries if entry.status == "planned"]
        # A row of a plan is read again first, and a plan that is made in check mode is made to be applied.
        rereads = bool(self.options.get("apply_plan") or (self.check_mode and self.options.get("plan_file")))
        verbs: dict[str, int] = {}
        for entry in planned:
            method = entry.change.method if entry.change is not None else None
            for verb, count in _REQUESTS.get(method or "", {}).items():
                verbs[verb] = verbs.get(verb, 0) + count
            if rereads and method != "PUT":
                verbs["GET"] = verbs.get("GET", 0) + 1
        if rereads and any(entry.operation == "created" for entry in planned):
            verbs["GET"] = verbs.get("GET", 0) + PROOF
        if planned:
            verbs["GET"] = verbs.get("GET", 0) + self._cost_of_verifying(planned)[0]
            verbs["GET"] += min(self.options.get("canary") or 0, len(planned))
        requests = sum(verbs.values())
        trip = self._listing.seconds if self._listing is not None else 0.2
        seconds = requests * trip / self.options["concurrency"]
        if self.options.get("requests_per_minute"):
            seconds = max(seconds, requests * 60 / self.options["requests_per_minute"])
        self._forecast = {"requests": requests, "seconds": round(seconds, 1), "by_verb": dict(sorted(verbs.items()))}

    def _write_plan(self) -> None:
        if self._plan is None:
            rows = [entry.plan_row() for entry in self._entries if entry.status == "planned"]
            self._plan = self._document(rows, self._tenant_size(), as_given(self._limits), self._valid)
            if self.options.get("plan_file"):
                planfile.save(self.options["plan_file"], json.dumps(self._plan, indent=1) + "\n")

    def _document(
        self, rows: list[dict[str, Any]], users: int | None, limits: Mapping[str, str], valid: dt.timedelta
    ) -> dict[str, Any]:
        # A server may have made the token somebody's title.
        rows = redact_all(rows, self.connection.token)
        return planfile.document(
            self.connection.base_url,
            rows,
            self.clock.wall(),
            users=users,
            complete=self._complete,
            limits=limits,
            valid=valid,
        )

    # -- Apply ----------------------------------------------------------------

    def _apply(self) -> None:
        planned = [entry for entry in self._entries if entry.status == "planned"]
        if not planned:
            self._remember_times([] if self._listing is None else self._listing.users)
            return
        if self.options.get("undo_file"):
            planfile.set_aside(self.options["undo_file"])
        self._write_undo(planned)
        self._say(
            f"Changing {counted(len(planned), 'user')}: about {counted(self._forecast['requests'], 'request')}, "
            f"{self._forecast['seconds']:.0f} s"
        )
        self._phase, self._began = "changing", self.clock.steady()
        self._breaker.begin(self._began)
        canary = self.options.get("canary") or 0
        order = sorted(planned, key=lambda entry: entry.goes_last)
        try:
            if canary:
                self._apply_all(order[:canary])
                self._check_canary(order[:canary])
            for last in (False, True):
                self._apply_all([entry for entry in order[canary:] if entry.goes_last is last])
        finally:
            for entry in planned:
                if entry.status == "planned":
                    entry.status = "failed" if entry.sent else "skipped"
            self._write_undo([entry for entry in planned if entry.may_have_taken_effect])
            self._write_failed()
        if self.options.get("apply_plan"):
            self._report_moved(sorted(self._moved), "since the plan was made")
        self._report_moved(sorted(self._meanwhile), "while this run was under way")
        self._verify([entry for entry in planned if entry.applied])

    def _rehearse(self) -> None:
        """In check mode, read the users of a plan as the real run does, and refuse those who have moved."""
        planned = [entry for entry in self._entries if entry.status == "planned"]
        for last in (False, True):
            self._apply_all([entry for entry in planned if entry.goes_last is last])
        self._report_moved(sorted(self._moved), "since the plan was made")
        if self._stop.is_set():
            for entry in planned:
                if entry.user is None and entry.status == "planned":
                    entry.status = "skipped"

    def _foretell(self) -> None:
        for entry in self._entries:
            if entry.status == "planned" and entry.change is not None:
                entry.actions = _manual_actions.after(entry.change, entry.wanted, entry.change.user or {}, entry.id)

    def _apply_all(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        left = iter(entries)
        troubles: list[BaseException] = []

        def work() -> None:
            while not self._stop.is_set():
                with self._lock:
                    entry = next(left, None)
                if entry is None:
                    return
                if self._breaker.expects_refusal({} if entry.change is None else entry.change.after):
                    entry.status = "skipped"
                    continue
                try:
                    self._apply_one(entry)
                except BaseException as trouble:  # noqa: BLE001 - raised again below
                    troubles.append(trouble)
                    self._end()

        workers = min(self.options["concurrency"], len(entries))
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            try:
                concurrent.futures.wait([pool.submit(work) for _worker in range(workers)])
            except BaseException:
                self._end()
                raise
        if troubles:
            raise troubles[0]

    def _end(self) -> None:
        """Let whoever is under way end what was begun, and nobody wait or begin anything any more."""
        self._stop.set()
        self._client.interrupt()

    def _apply_one(self, entry: Entry) -> None:
        facts = {"row": entry.row.number if entry.row else None, "user_name": entry.who, "operation": entry.operation}
        self._note("intended", id=entry.id, **facts)

        def sending() -> None:
            self._take_turn(entry)
            self._note("sent", id=entry.id, **facts)
            entry.sent = True
            with self._lock:
                self._seen_before.pop(entry.id or "", None)

        with self._connect(self.connection) as client, self._watched(entry):
            client.budget.left = max(0.0, min(client.budget.left, self._breaker.seconds_left(self.clock.steady())))
            run = UserRun(client, entry.wanted, self._memory, check_mode=self.check_mode)
            run.before_write = sending
            run.proven = self._complete
            error: EightByEightError | None = None
            try:
                current, fresh = self._read_entry(entry, run)
                run.run_from(current, fresh=fresh)
            except EightByEightError as caught:
                error = caught
            except Exception as bug:  # noqa: BLE001 - one user's trouble is one user's trouble (law 10)
                told = self.connection.redact(f"{type(bug).__name__}: {bug}")
                error = EightByEightError(f"{entry.who}: this collection has a bug, please report it ({told}).")
            result = run.result(error)
        if entry.status == "skipped":
            self._note("skipped", id=entry.id, **facts)
            return
        entry.actions = result["manual_actions"]
        # As it was is no word of how it is: the undo must put back what was accepted.
        entry.user = None if run.unseen else result["user"]
        entry.not_taken = run.not_taken
        entry.remembered = run.remembered
        entry.disturbed = run.disturbed
        entry.warnings = list(run.warnings)
        if run.changed_meanwhile:
            with self._lock:
                self._meanwhile.append(entry.who)
        entry.applied = result["changed"] and not self.check_mode
        if result["changed"]:
            entry.change = run.change
        if error is None:
            entry.status = "unchanged" if not result["changed"] else "planned" if self.check_mode else "done"
            self._note("confirmed", id=entry.id, **facts)
        else:
            entry.error = error
            entry.status = "refused" if error.kind == "row_moved" else "failed"
            self._note("failed", id=entry.id, kind=error.kind, **facts)
        self._count(entry)

    @contextlib.contextmanager
    def _watched(self, entry: Entry) -> Iterator[None]:
        """Keep count of the writes under way."""
        try:
            yield
        finally:
            with self._writes:
                self._writing -= entry.sent
                self._writes.notify_all()

    def _take_turn(self, entry: Entry) -> None:
        """Wait with a write while nobody knows whether the server takes any, and give up where it turns out to take none."""
        with self._writes:
            while not self._breaker.proven and self._writing >= FIRST_WRITES and not self._stop.is_set():
                self._writes.wait(_GLANCE)
            if self._breaker.end is not None:
                entry.status = "skipped"
                raise EightByEightError(f"{entry.who} was not tried any more.")
            self._writing += 1

    def _watch(self, entry: Entry) -> None:
        """Tell the breaker what became of a row, and end the run where no other can fare better."""
        now = self.clock.steady()
        after = {} if entry.change is None else entry.change.after
        if entry.applied:
            self._breaker.succeeded(after, now)
        elif entry.error is not None and entry.error.kind != "row_moved":
            self._breaker.failed(entry.error, after, entry.names, now)
            self._breaker.see_pause(self._client.held_for, now, entry.error)
        if self._breaker.end is not None:
            self._stop.set()

    def _count(self, entry: Entry) -> None:
        with self._lock:
            self._done += 1
            self._failures += entry.status == "failed"
            if not self.check_mode:
                self._watch(entry)
            most = self.options.get("max_failures")
            stop = self.options["on_error"] == "stop" and entry.error is not None
            if stop or (most and self._failures >= most):
                self._stop.set()

    def _read_entry(self, entry: Entry, run: UserRun) -> tuple[User | None, bool]:
        """Return the user to start from; for a row of a plan read again, and refused where it has moved."""
        row = entry.planned
        if row is None:
            return entry.current, False
        user: User | None
        if row["id"]:
            try:
                user = run.client.get_user(str(row["id"]))
            except NotFoundError:
                user = None
        else:
            user, run.proven = run.client.find_user(str(row["user_name"]))
        if user is None:
            # Not there yet; or, in an undo, never made.
            if row["before"] is None or (entry.wanted.absent and not row["id"]):
                return None, False
            raise self._has_moved(entry, "the user is gone")
        entry.current = user
        if self._is_done(entry, user):
            return user, True
        if row["before"] is None:
            raise self._has_moved(entry, "there is such a user now")
        now = {name: user.active if name == "active" else user.view[name] for name in row["before"]}
        if any((now[name] or None) != (value or None) for name, value in row["before"].items()):
            raise self._has_moved(entry, f"planned from {json.dumps(row['before'])}, now {json.dumps(now)}")
        seen = user.view["last_modified"]
        if row.get("last_modified") not in (None, seen) and not self._memory.is_ours(user.id, seen):
            # Something else of this user was changed.
            with self._lock:
                self._moved.append(entry.who)
        return user, bool(row["id"])

    def _is_done(self, entry: Entry, user: User) -> bool:
        """Say whether a user is as a row of a plan wants it, as far as the tenant takes it."""
        try:
            change = plan(
                user,
                entry.wanted,
                declined=self._memory.recall(user.id, user.view["last_modified"]),
                extension_urn=self.connection.extension_urn,
            )
        except EightByEightError:
            return False
        return not change.changed

    def _has_moved(self, entry: Entry, how: str) -> EightByEightError:
        with self._lock:
            self._moved.append(entry.who)
        return EightByEightError(
            f"{entry.who} was left alone, because the user has changed since the plan was made: {how}. Make a new plan.",
            kind="row_moved",
        )

    def _check_canary(self, entries: Sequence[Entry]) -> None:
        """Read the first few back; the rest only go when these are right."""
        trouble = [entry for entry in entries if entry.status not in ("done", "unchanged")]
        for entry in entries:
            if entry.status == "done" and entry.id is not None and entry.change is not None:
                try:
                    user = self._client.get_user(entry.id)
                except EightByEightError as error:
                    self._fail(entry, error)
                    trouble.append(entry)
                    continue
                if set(not_taken(entry.change, user)) - set(entry.not_taken) or self._active_is_wrong(entry, user):
                    trouble.append(entry)
        if trouble:
            self._stop.set()
            raise EightByEightError(
                f"Of the first {len(entries)} rows {len(trouble)} did not come out right ({trouble[0].who}"
                f"{': ' + trouble[0].error.message if trouble[0].error else ''}). The others were not touched.",
                kind="canary_failed",
            )

    @staticmethod
    def _active_is_wrong(entry: Entry, user: User) -> bool:
        active = None if entry.change is None else entry.change.after.get("active")
        # A listing that does not show it says nothing against what was read of the user.
        return active is not None and user.view["active"] not in (None, active)

    def _verify(self, done: Sequence[Entry]) -> None:
        """Read the tenant once more, and compare it with what was done."""
        if not done:
            return
        if self._breaker.end is not None and self._breaker.end.error.kind not in _ANSWERED:
            self.warnings.append(
                f"{counted(len(done), 'change was', 'changes were')} confirmed before the run ended, and could not be verified "
                "by reading them again."
            )
            return
        self._phase = "verifying"
        alone = self._cost_of_verifying(done)[1]
        self._say(f"Reading {counted(len(done), 'user') if alone else 'the tenant'} once more, to verify")
        try:
            users = (
                self._read_alone(done)
                if alone
                else self._client.list_users(workers=self.options["concurrency"], believe_total=True).users
            )
        except EightByEightError as error:
            self._unverified = error
            return
        self._compare(done, {user.id: user for user in users}, alone=alone)
        self._report_not_taken(done)
        self._report_disturbed(done)
        self.warnings += warnings_of(done)
        if self.options.get("apply_plan"):
            self._see_who_else_writes(users)
        self._remember_times(users)

    def _read_alone(self, entries: Sequence[Entry]) -> list[User]:
        """Read changed users from their own addresses; who is gone is left out."""

        def read(entry: Entry) -> User | None:
            try:
                return self._client.get_user(entry.id) if entry.id else None
            except NotFoundError:
                return None

        with concurrent.futures.ThreadPoolExecutor(self.options["concurrency"]) as pool:
            try:
                return [user for user in pool.map(read, entries) if user is not None]
            except (KeyboardInterrupt, SystemExit):
                self._end()
                raise

    def _compare(self, done: Sequence[Entry], users: Mapping[str, User], *, alone: bool) -> None:
        """Compare what was read once more with what was done; lists lag, so the user's own address has the last word."""
        unseen = []
        for entry in done:
            user = users.get(entry.id or "")
            if (
                not alone
                and entry.id
                and (user is None or (entry.status == "done" and self._active_is_wrong(entry, user)))
            ):
                with contextlib.suppress(EightByEightError):
                    user = self._client.get_user(entry.id)
            if user is None:
                unseen.append(entry.who)
            elif entry.status == "done" and self._active_is_wrong(entry, user):
                state = "active" if user.active else "deactivated"
                told = f"{entry.who} is {state} when read once more, although 8x8 confirmed the change."
                undone = EightByEightError(told, kind="not_applied")
                self._fail(entry, undone)
                entry.actions += _manual_actions.instead_of(
                    undone, entry.wanted, dict(user.view), entry.change, told=True
                )
        if unseen:
            self.warnings.append(
                f"{counted(len(unseen), 'changed user does', 'changed users do')} not show when read once more "
                f"({few(unseen)}). 8x8 may need a moment; run again to be sure."
            )

    def _fail(self, entry: Entry, error: EightByEightError) -> None:
        """Note that a change that was confirmed turned out not to be right."""
        entry.status, entry.error = "failed", error
        with self._lock:
            self._failures += 1

    def _report_not_taken(self, done: Sequence[Entry]) -> None:
        dropped = sorted({name for entry in done for name in entry.not_taken})
        if dropped:
            names = [entry.who for entry in done if entry.not_taken]
            self.warnings.append(
                f"8x8 did not store {', '.join(dropped)} of {counted(len(names), 'user')} as given ({', '.join(names[:3])}"
                f"{', ...' if len(names) > 3 else ''}). "
                + (
                    "The same values are not sent again."
                    if all(entry.remembered for entry in done)
                    else "This could not be remembered, because 8x8 may not have processed it yet, or there is no writable state "
                    "folder. The next run looks again."
                )
            )

    def _report_disturbed(self, done: Sequence[Entry]) -> None:
        disturbed = sorted({name for entry in done for name in entry.disturbed})
        if disturbed:
            names = [entry.who for entry in done if entry.disturbed]
            self.warnings.append(
                f"{counted(len(names), 'user')} came out different in what the roster leaves alone ({', '.join(disturbed)} of "
                f"{', '.join(names[:3])}{', ...' if len(names) > 3 else ''}). Somebody else wrote at the same moment, or 8x8 "
                "rewrites it."
            )

    def _remember_times(self, users: Sequence[User]) -> None:
        if self.options.get("journal_file"):
            now = {user.id: user.view["last_modified"] for user in users}
            fresh = {key: at for key, at in now.items() if at and self._seen_before.get(key) != at}
            if fresh:
                self._note("seen", users=fresh)

    def _note(self, event: str, **facts: Any) -> None:
        # Who makes a plan has been told what others did; who only tries leaves nothing behind.
        if self.check_mode and not (event == "seen" and self.options.get("plan_file")):
            return
        self._journal.note(self.clock.wall(), event, **facts)

    def _write_undo(self, entries: Sequence[Entry]) -> None:
        """Write the plan that puts back what this run changes.

        Before the first write it holds everything that is planned, so that it is complete whenever the run is killed: what
        was not done yet is found as it should be, and left alone, when the undo is applied.
        """
        if self.options.get("undo_file"):
            rows = [row for entry in entries for row in [entry.undo_row()] if row is not None]
            created = sum(entry.operation == "created" for entry in entries)
            size = self._tenant_size()
            undo = self._document(rows, None if size is None else size + created, {}, planfile.UNDO_VALID)
            planfile.save(self.options["undo_file"], json.dumps(undo, indent=1) + "\n")

    def _write_failed(self) -> None:
        path = self.options.get("failed_file")
        failed = [
            (entry.given, entry.error.message)
            for entry in self._entries
            if entry.given is not None and entry.error is not None and entry.status in ("failed", "refused")
        ]
        if path and failed:
            # Before it is CSV, where a quote in the token would be doubled.
            rows = redact_all(
                [[dict(given), reason] for given, reason in self._refused_before + failed], self.connection.token
            )
            planfile.save(path, failed_csv((given, reason) for given, reason in rows))

    # -- Tell -----------------------------------------------------------------

    def _say(self, line: str) -> None:
        if self._tell is not None and self.options.get("progress", True):
            self._tell(visible(f"eightbyeight_roster: {line}"))

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """Say every few seconds how far it is, from a thread of its own: the others may all be waiting."""
        if self._tell is None or not self.options.get("progress", True):
            yield
            return
        over = threading.Event()

        def tick() -> None:
            while not over.wait(_PROGRESS_EVERY):
                self._say(self._progress())

        ticker = threading.Thread(target=tick, daemon=True)
        ticker.start()
        try:
            yield
        finally:
            over.set()
            ticker.join()

    def _progress(self) -> str:
        """Return the line that tells how far it is."""
        if self._phase == "changing":
            planned = sum(entry.change is not None and entry.status not in _NOT_TRIED for entry in self._entries)
            rate = self._done / max(self.clock.steady() - self._began, 0.001)
            line = f"{self._done} of {planned} done, {self._failures} failed, {rate:.1f} a second"
            if self._done:
                line += f", {(planned - self._done) / rate:.0f} s left"
        else:
            line = f"{self._phase}, {counted(sum(self._client.sent.values()), 'request')} so far"
        held = self._client.held_for
        if held > 1:
            line += f", waiting {held:.0f} s because 8x8 asks to (too many requests)"
        return line

    def _judge(self) -> None:
        bad = [entry for entry in self._entries if entry.status in ("failed", "refused") and entry.error is not None]
        if bad:
            self._write_failed()
            skipped = sum(entry.status == "skipped" for entry in self._entries)
            raise summed_up(bad, skipped, self._breaker)
        if self._unfinished is not None:
            raise self._unfinished
        if self._unverified is not None:
            error = self._unverified
            raise error.about(f"Everything was done, but could not be verified. {error.message}")


def check_numbers(options: Mapping[str, Any]) -> None:
    """Check what an argument specification cannot.

    :raises BadOptionError: When an option cannot be right.
    """
    for name, least, most in (
        ("concurrency", 1, MOST_WORKERS),
        ("requests_per_minute", 1, 1_000_000),
        ("max_failures", 1, None),
        ("canary", 0, None),
    ):
        value = options.get(name)
        if value is not None and (value < least or (most is not None and value > most)):
            limit = f"from {least} to {most}" if most is not None else f"{least} or more"
            raise BadOptionError(f"{name} must be {limit}, not {abbreviated(value)}.")
    if options.get("plan_digest") and not options.get("apply_plan"):
        raise BadOptionError("plan_digest approves a plan, so it needs apply_plan.")
    if options.get("apply_plan"):
        planfile.check_digest(options.get("plan_digest"))
    if options.get("apply_plan") and options.get("unlisted", "ignore") != "ignore":
        raise BadOptionError("unlisted belongs to the making of a plan, and cannot be combined with apply_plan.")
