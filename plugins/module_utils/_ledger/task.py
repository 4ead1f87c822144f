# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The tasks of ``eightbyeight_followup`` and ``eightbyeight_followup_info``: options -> changes -> ledger -> result."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from .._base.clock import Clock, stamp
from .._base.names import customer_in, invisible_character
from .._base.text import abbreviated, redact_all
from .._errors import BadOptionError
from .._files import save
from .._resource.values import check_identity
from .clients import Clients, read_evidence
from .due import Due, oldest_kept
from .followup import DONE, OPEN, Followup
from .journal import Journal
from .jsonl import write
from .merge import FollowupChange, Index, Ledger, counts, merge, without_old
from .store import load, locked

#: Opens the clients that read evidence from the tenant.
Connect = Callable[[], contextlib.AbstractContextManager[Clients]]
_ACTION_OPTIONS = ("action", "reason", "where")
_USER_OPTIONS = ("user_name", "user_id")


class Report(NamedTuple):
    """The keys of the result, and warnings for the user."""

    result: dict[str, Any]
    warnings: list[str]


def change_ledger(options: Mapping[str, Any], connect: Connect, clock: Clock, *, check_mode: bool) -> Report:
    """Run ``eightbyeight_followup``.

    :raises EightByEightError: When an option or the ledger is wrong, or the tenant cannot be read. Then nothing is
        written.
    """
    path, due, now = options["path"], Due(options.get("due")), clock.wall()
    _check_names(options)
    tenant = _tenant(options)
    oldest, wait = oldest_kept(str(options["keep"]), now), float(options["timeout"])
    warnings: list[str] = []
    if options.get("close_on_evidence"):
        changes = _proven(options, tenant, connect, warnings)
    else:
        changes = _changes(options, tenant)
    journal = Journal(options.get("journal_file") or None)
    with contextlib.ExitStack() as locks:
        if not check_mode:
            locks.enter_context(journal.locked(wait, clock))
            if not locks.enter_context(locked(path, wait, clock)):
                warnings.append(
                    f"The file system of {path} has no locks. Make sure that only one run writes to it at a time."
                )
        owner, ignored = options.get("owner") or None, options.get("ignored_actions") or ()
        unopened = [each._replace(owner=owner) if each.state == OPEN else each for each in journal.unopened(tenant)]
        accepted = [change for change in (*unopened, *changes) if change.state != OPEN or change.action not in ignored]
        before = load(path)
        after = without_old(merge(before, accepted, now, due), tenant, oldest)
        if not check_mode:
            if after != before:
                save(path, write(after))
            journal.note_opened(now, begin=options.get("actions") is None)
    warnings += _unmatched(changes, before)
    return Report(_result(path, tenant, before, after, now), warnings)


def read_ledger(options: Mapping[str, Any], clock: Clock) -> Report:
    """Run ``eightbyeight_followup_info``.

    :raises EightByEightError: When an option or the ledger is wrong.
    """
    _check_names(options)
    tenant, today = named_tenant(options), stamp(clock.wall())[:10]
    of_tenant = [entry for entry in load(options["path"]) if tenant is None or entry.tenant == tenant]
    wanted = {name: options[name] for name in ("state", "owner") if options.get(name) is not None}
    found = [entry for entry in of_tenant if all(getattr(entry, name) == value for name, value in wanted.items())]
    if options.get("user_name") is not None:
        found = [entry for entry in found if entry.is_about(None, options["user_name"])]
    if options.get("overdue") is not None:
        found = [entry for entry in found if entry.is_overdue(today) is options["overdue"]]
    return Report({"followups": [as_result(entry, today) for entry in found], "counts": counts(of_tenant, today)}, [])


def _check_names(options: Mapping[str, Any]) -> None:
    """Refuse names that cannot be right. An empty owner counts as not given."""
    for name in (*_USER_OPTIONS, "owner"):
        value = options.get(name)
        if value is not None and (value or name != "owner"):
            check_identity(name, value)


def as_result(followup: Followup, today: str) -> dict[str, Any]:
    """Return a follow-up in the form of the result."""
    fields = {**followup._asdict(), "history": list(followup.history)}
    return {**fields, "overdue": followup.is_overdue(today), "to_tell": followup.needs_notification(today)}


def _result(path: str, tenant: str, before: Ledger, after: Ledger, now: float) -> dict[str, Any]:
    today = stamp(now)[:10]
    # What did not change is the same object in both.
    old, new = set(map(id, before)), set(map(id, after))
    touched = [entry for entry in after if id(entry) not in old]
    return {
        "changed": after != before,
        "followups": [as_result(entry, today) for entry in touched],
        "counts": counts((entry for entry in after if entry.tenant == tenant), today),
        "diff": {
            "before_header": path,
            "after_header": path,
            "before": write(entry for entry in before if id(entry) not in new),
            "after": write(touched),
        },
    }


def named_tenant(options: Mapping[str, Any]) -> str | None:
    """Return the tenant of a task: the option, or else the customer in the address, or else the address."""
    url = (options.get("api_url") or "").strip().rstrip("/")
    named = (options.get("tenant") or "").strip() or customer_in(url, options.get("customer_id"))
    if named:
        check_identity("tenant", named)
    if named or not url:
        return named
    try:
        parts = urlsplit(url)
    except ValueError:
        raise BadOptionError("api_url is not a URL. Correct it, or set tenant.") from None
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"


def _tenant(options: Mapping[str, Any]) -> str:
    tenant = named_tenant(options)
    if tenant is None:
        raise BadOptionError(
            "tenant is missing. Set tenant, api_url or customer_id, or the environment variable "
            "EIGHTBYEIGHT_API_URL or EIGHTBYEIGHT_CUSTOMER_ID."
        )
    return tenant


def _changes(options: Mapping[str, Any], tenant: str) -> list[FollowupChange]:
    """Return the changes that ``actions`` or ``action`` asks for."""
    shared: dict[str, Any] = {name: options.get(name) or None for name in ("owner", "closed_by", "note")}
    shared.update(tenant=tenant, state=options["state"], told=bool(options.get("told")))
    entries = options.get("actions")
    given = [name for name in (*_ACTION_OPTIONS, *_USER_OPTIONS) if options.get(name) is not None]
    if entries is None:
        if "action" in given:
            return [_change_of(options, "The task", shared)]
        if options.get("journal_file"):
            return []
        raise BadOptionError(
            "actions and action are both missing. Give one of them to open or close follow-ups, or journal_file, or "
            "close_on_evidence: true."
        )
    if given:
        raise BadOptionError(f"actions and {given[0]} are both given. Put {given[0]} into the entries of actions.")
    if not isinstance(entries, list):
        raise BadOptionError(
            "actions must be a list as manual_actions of the other modules is, such as "
            "[{action: assign_license, user_name: ada@example.org}]."
        )
    return [_change_of(entry, f"actions, entry {number},", shared) for number, entry in enumerate(entries, start=1)]


def _change_of(entry: Any, label: str, shared: Mapping[str, Any]) -> FollowupChange:
    """Return the change that one entry asks for.

    :param label: The name of the entry, for messages.
    :param shared: What all entries have in common.
    """
    if not isinstance(entry, Mapping):
        raise BadOptionError(
            f"{label} is not a dictionary such as {{action: assign_license, user_name: ada@example.org}}."
        )
    texts: dict[str, Any] = {}
    for name in (*_ACTION_OPTIONS, *_USER_OPTIONS):
        value = entry.get(name)
        if value is not None and not isinstance(value, str):
            raise BadOptionError(f"{label} has a {name} that is not text. Quote it.")
        texts[name] = value or None
    texts["action"] = (texts["action"] or "").strip()
    if not texts["action"]:
        raise BadOptionError(f"{label} has no action. Set it to what must be done, such as assign_license.")
    if not (texts["user_name"] or texts["user_id"]):
        raise BadOptionError(f"{label} has neither user_name nor user_id. Set one of them to say who it is for.")
    # With an id, the login name is only a label and may have any characters.
    for name in ("action", "user_id") if texts["user_id"] else ("action", "user_name"):
        if odd := invisible_character(texts[name]):
            raise BadOptionError(f"{label} has the invisible character {odd} in its {name}. Remove it.")
    return FollowupChange(**texts, **shared)


def _unmatched(changes: Iterable[FollowupChange], before: Ledger) -> list[str]:
    """Return warnings about follow-ups to close that the ledger does not have: a name may be misspelled."""
    warnings = []
    index = Index(before)
    for change in changes:
        if change.state != OPEN and not index.matching(change):
            who = abbreviated(change.user_name or change.user_id)
            warnings.append(
                f"The ledger has no follow-up {abbreviated(change.action)} of {who}, so there was nothing to close."
            )
    return warnings


def _proven(options: Mapping[str, Any], tenant: str, connect: Connect, warnings: list[str]) -> list[FollowupChange]:
    """Return the changes that close the follow-ups that 8x8 shows as done."""
    given = [name for name in ("actions", "journal_file", *_ACTION_OPTIONS) if options.get(name) is not None]
    if given or options["state"] != OPEN:
        name = given[0] if given else f"state {options['state']}"
        raise BadOptionError(f"close_on_evidence and {name} are both given. Use a separate task for close_on_evidence.")
    who = (options.get("user_id"), options.get("user_name"))
    still_open = [entry for entry in load(options["path"]) if entry.is_open and entry.tenant == tenant]
    examined = [entry for entry in still_open if not any(who) or entry.is_about(*who)]
    with connect() as clients:
        evidence = read_evidence(clients, examined)
    warnings += evidence.faults
    # A server could use the token as the name of a site.
    secrets = [secret for name in ("api_token", "admin_api_key") if (secret := str(options.get(name) or "").strip())]
    closed_by = options.get("closed_by") or "evidence"
    changes = []
    for entry in examined:
        if sentence := redact_all(evidence.proof(entry), *secrets):
            note = f"{entry.note} {sentence}" if entry.note else sentence
            user = (entry.user_name, entry.user_id)
            changes.append(FollowupChange(tenant, entry.action, *user, DONE, closed_by=closed_by, note=note))
    return changes
