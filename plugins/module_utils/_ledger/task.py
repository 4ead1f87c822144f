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
from .clients import Clients, look
from .due import Due, oldest_kept
from .followup import DONE, OPEN, Followup
from .form import write
from .journal import Journal
from .merge import Index, Ledger, Wish, counts, merge, without_old
from .store import load, reserved

#: Opens the clients of the tenant, for evidence.
Connect = Callable[[], contextlib.AbstractContextManager[Clients]]
_ONE = ("action", "reason", "where")
_SINGLE = ("user_name", "user_id")


class Report(NamedTuple):
    """The keys of the result, and warnings for the user."""

    result: dict[str, Any]
    warnings: list[str]


def change_ledger(options: Mapping[str, Any], connect: Connect, clock: Clock, *, check_mode: bool) -> Report:
    """Run ``eightbyeight_followup``.

    :raises EightByEightError: When an option or the ledger is wrong, or the tenant cannot be read. Then nothing is written.
    """
    path, due, now = options["path"], Due(options.get("due")), clock.wall()
    _check_names(options)
    tenant = _tenant(options)
    oldest, wait = oldest_kept(str(options["keep"]), now), float(options["timeout"])
    warnings: list[str] = []
    if options.get("close_on_evidence"):
        wishes = _proven(options, tenant, connect, warnings)
    else:
        wishes = _wishes(options, tenant)
    journal = Journal(options.get("journal_file") or None)
    with contextlib.ExitStack() as held:
        if not check_mode:
            held.enter_context(journal.reserved(wait, clock))
            if not held.enter_context(reserved(path, wait, clock)):
                warnings.append(
                    f"The file system of {path} has no locks. Make sure that only one run writes to it at a time."
                )
        owner, ignored = options.get("owner") or None, options.get("ignored_actions") or ()
        left = [wish._replace(owner=owner) if wish.state == OPEN else wish for wish in journal.unopened(tenant)]
        meant = [wish for wish in (*left, *wishes) if wish.state != OPEN or wish.action not in ignored]
        before = load(path)
        after = without_old(merge(before, meant, now, due), tenant, oldest)
        if not check_mode:
            if after != before:
                save(path, write(after))
            journal.note_opened(now, begin=options.get("actions") is None)
    warnings += _unknown(wishes, before)
    return Report(_result(path, tenant, before, after, now), warnings)


def read_ledger(options: Mapping[str, Any], clock: Clock) -> Report:
    """Run ``eightbyeight_followup_info``.

    :raises EightByEightError: When an option or the ledger is wrong.
    """
    _check_names(options)
    tenant, today = named_tenant(options), stamp(clock.wall())[:10]
    of_tenant = [each for each in load(options["path"]) if tenant is None or each.tenant == tenant]
    wanted = {name: options[name] for name in ("state", "owner") if options.get(name) is not None}
    found = [each for each in of_tenant if all(getattr(each, name) == value for name, value in wanted.items())]
    if options.get("user_name") is not None:
        found = [each for each in found if each.is_about(None, options["user_name"])]
    if options.get("overdue") is not None:
        found = [each for each in found if each.is_overdue(today) is options["overdue"]]
    return Report({"followups": [view(each, today) for each in found], "counts": counts(of_tenant, today)}, [])


def _check_names(options: Mapping[str, Any]) -> None:
    """Refuse names that cannot be right. An empty owner is none."""
    for name in (*_SINGLE, "owner"):
        value = options.get(name)
        if value is not None and (value or name != "owner"):
            check_identity(name, value)


def view(followup: Followup, today: str) -> dict[str, Any]:
    """Return a follow-up in the form of the result."""
    told = {**followup._asdict(), "history": list(followup.history)}
    return {**told, "overdue": followup.is_overdue(today), "to_tell": followup.is_to_be_told(today)}


def _result(path: str, tenant: str, before: Ledger, after: Ledger, now: float) -> dict[str, Any]:
    today = stamp(now)[:10]
    # What did not change is the same object in both.
    old, new = set(map(id, before)), set(map(id, after))
    touched = [each for each in after if id(each) not in old]
    return {
        "changed": after != before,
        "followups": [view(each, today) for each in touched],
        "counts": counts((each for each in after if each.tenant == tenant), today),
        "diff": {
            "before_header": path,
            "after_header": path,
            "before": write(each for each in before if id(each) not in new),
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


def _wishes(options: Mapping[str, Any], tenant: str) -> list[Wish]:
    """Return the changes that ``actions`` or ``action`` asks for."""
    shared: dict[str, Any] = {name: options.get(name) or None for name in ("owner", "closed_by", "note")}
    shared.update(tenant=tenant, state=options["state"], told=bool(options.get("told")))
    told = options.get("actions")
    given = [name for name in (*_ONE, *_SINGLE) if options.get(name) is not None]
    if told is None:
        if "action" in given:
            return [_wish(options, "The task", shared)]
        if options.get("journal_file"):
            return []
        raise BadOptionError(
            "actions and action are both missing. Give one of them to open or close follow-ups, or journal_file, or "
            "close_on_evidence: true."
        )
    if given:
        raise BadOptionError(f"actions and {given[0]} are both given. Put {given[0]} into the entries of actions.")
    if not isinstance(told, list):
        raise BadOptionError(
            "actions must be a list as manual_actions of the other modules is, such as "
            "[{action: assign_license, user_name: ada@example.org}]."
        )
    return [_wish(entry, f"actions, entry {number},", shared) for number, entry in enumerate(told, start=1)]


def _wish(entry: Any, place: str, shared: Mapping[str, Any]) -> Wish:
    """Return the change that one entry asks for.

    :param place: The name of the entry, for messages.
    :param shared: What all entries have in common.
    """
    if not isinstance(entry, Mapping):
        raise BadOptionError(
            f"{place} is not a dictionary such as {{action: assign_license, user_name: ada@example.org}}."
        )
    texts: dict[str, Any] = {}
    for name in (*_ONE, *_SINGLE):
        value = entry.get(name)
        if value is not None and not isinstance(value, str):
            raise BadOptionError(f"{place} has a {name} that is not text. Quote it.")
        texts[name] = value or None
    texts["action"] = (texts["action"] or "").strip()
    if not texts["action"]:
        raise BadOptionError(f"{place} has no action. Set it to what must be done, such as assign_license.")
    if not (texts["user_name"] or texts["user_id"]):
        raise BadOptionError(f"{place} has neither user_name nor user_id. Set one of them to say who it is for.")
    # With an id, the login name is only a label and may have any characters.
    for name in ("action", "user_id") if texts["user_id"] else ("action", "user_name"):
        if odd := invisible_character(texts[name]):
            raise BadOptionError(f"{place} has the invisible character {odd} in its {name}. Remove it.")
    return Wish(**texts, **shared)


def _unknown(wishes: Iterable[Wish], before: Ledger) -> list[str]:
    """Return warnings about follow-ups to close that the ledger does not have: a name may be misspelled."""
    told = []
    index = Index(before)
    for wish in wishes:
        if wish.state != OPEN and not index.about(wish):
            who = abbreviated(wish.user_name or wish.user_id)
            told.append(
                f"The ledger has no follow-up {abbreviated(wish.action)} of {who}, so there was nothing to close."
            )
    return told


def _proven(options: Mapping[str, Any], tenant: str, connect: Connect, warnings: list[str]) -> list[Wish]:
    """Return the changes that close follow-ups of which 8x8 shows that they are done."""
    given = [name for name in ("actions", "journal_file", *_ONE) if options.get(name) is not None]
    if given or options["state"] != OPEN:
        name = given[0] if given else f"state {options['state']}"
        raise BadOptionError(f"close_on_evidence and {name} are both given. Use a separate task for close_on_evidence.")
    who = (options.get("user_id"), options.get("user_name"))
    still_open = [each for each in load(options["path"]) if each.is_open and each.tenant == tenant]
    looked_for = [each for each in still_open if not any(who) or each.is_about(*who)]
    with connect() as clients:
        view = look(clients, looked_for)
    warnings += view.faults
    # A server could use the token as the name of a site.
    secrets = [secret for name in ("api_token", "admin_api_key") if (secret := str(options.get(name) or "").strip())]
    closed_by = options.get("closed_by") or "evidence"
    wishes = []
    for each in looked_for:
        sentence = redact_all(view.proof(each), *secrets)
        if sentence:
            note = f"{each.note} {sentence}" if each.note else sentence
            wishes.append(Wish(tenant, each.action, each.user_name, each.user_id, DONE, closed_by=closed_by, note=note))
    return wishes
