# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must hold after every run, one function a law, judged by what the tenant holds and the requests that reached it.

A law says nothing (None) where it does not apply, else everything that breaks it. Nothing here asks the engine: what a user is
like, and what the tenant makes of a wish, is read again from the documents, or the engine would judge itself.
"""

from __future__ import annotations

import base64
import fnmatch
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from runner import Seen
from worlds import (
    ATTRIBUTES,
    ENTERPRISE,
    LOCALES,
    READ_ONLY_TOKEN,
    REQUIRED,
    SITES,
    TAKEN,
    TOKEN,
    UNKNOWN_SITE,
    WRONG_TOKEN,
    ZONES,
    World,
)

User = Mapping[str, Any]
Users = Mapping[str, User]

PATHS = {
    "given_name": "name.givenName",
    "family_name": "name.familyName",
    "email": "emails",
    "external_id": "externalId",
    "title": "title",
    "department": f"{ENTERPRISE}:department",
    "locale": "locale",
    "timezone": "timezone",
    "phone_numbers": "phoneNumbers",
}
OPERATIONS = ("created", "updated", "activated", "deactivated")


# -- What a user is ----------------------------------------------------------------------------------------------------


def name_of(user: User) -> str:
    """Return the login name, as it is compared."""
    return str(user["resource"]["userName"]).lower()


def active(user: User | None) -> bool:
    """Whether somebody can log in."""
    return user is not None and bool(user["resource"].get("active"))


def view(user: User) -> dict[str, Any]:
    """Return what is managed of a user."""
    raw = user["resource"]
    mails = raw.get("emails", [])
    work = [mail for mail in mails if mail.get("type") == "work"] or [mail for mail in mails if not mail.get("type")]
    phones = [(str(entry.get("type")).lower(), entry["value"]) for entry in raw.get("phoneNumbers", [])]
    return {
        "given_name": raw["name"].get("givenName"),
        "family_name": raw["name"].get("familyName"),
        "email": work[0]["value"] if work else None,
        "external_id": raw.get("externalId"),
        "title": raw.get("title"),
        "department": raw.get(ENTERPRISE, {}).get("department"),
        "site": user["site"],
        "locale": raw.get("locale"),
        "timezone": raw.get("timezone"),
        "phone_numbers": sorted({entry for entry in phones if entry[0] in ("work", "mobile")}),
    }


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every single value of a document. Of a list, where a value stands does not matter, what it is does."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key != "primary":  # which the server sets as it likes
                yield from _flat(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from _flat(item, f"{path}[{json.dumps(item.get('value')) if isinstance(item, Mapping) else item}]")
    else:
        yield path, value


def wish_of(row: Mapping[str, Any], name: str) -> Any:
    """Return what a row wants of an attribute, None to clear it."""
    if name == "phone_numbers":
        return sorted({(entry["type"], entry["value"]) for entry in row[name]})
    return row[name] or None


def of_name(users: Users, user_name: str | None) -> User | None:
    """Return the user with a login name."""
    return next((user for user in users.values() if name_of(user) == (user_name or "").lower()), None)


def differing(before: Users, after: Users) -> set[str]:
    """Return the ids of everybody who is not as before."""
    return {
        key for key in {*before, *after} if before.get(key, {}).get("resource") != after.get(key, {}).get("resource")
    }


# -- What the tenant makes of it ---------------------------------------------------------------------------------------


def not_as_given(world: World, row: Mapping[str, Any], name: str) -> bool:
    """Whether this tenant makes something else of a wish, which then need not be there."""
    if name not in ATTRIBUTES:
        return False
    value = row[name]
    path = PATHS.get(name, name)
    if path in world.switch("drop_attributes") or path in world.switch("normalize"):
        return True
    if name in ("locale", "timezone") and (not value or value not in (*LOCALES, *ZONES)):
        return True  # inherited from the site, or replaced
    if name in ("given_name", "family_name"):
        return world.switch("names") == "folded" and not str(value).isascii()
    if name == "phone_numbers":
        if world.switch("work_phone") == "drop" and any(entry["type"] == "work" for entry in value):
            return True
        return len({entry["type"] for entry in value}) < len(value)
    if name == "site" and value == UNKNOWN_SITE and world.switch("unknown_site") == "ignore":
        return True
    return name == "site" and (_other_urn(world) or value == _inherited_site(world))


def _other_urn(world: World) -> bool:
    """Whether the tenant keeps the site elsewhere than the task says."""
    return "extension_urn" in world.switches and "extension_urn" not in world.options


def _inherited_site(world: World) -> str | None:
    """Return what this tenant answers for the site of who has none."""
    return str(SITES[0]["name"]) if world.switch("inherited_site") else None


def satisfied(world: World, row: Mapping[str, Any], user: User | None) -> str | None:
    """Say what a user lacks of what a row wants, None where it lacks nothing."""
    if row.get("state") == "absent":
        return f"{row['user_name']} is still active" if active(user) else None
    if user is None:
        return f"{row['user_name']} does not exist"
    if "active" in row and active(user) is not row["active"]:
        return f"{row['user_name']} is {'active' if active(user) else 'not active'}"
    now = view(user)
    for name in ATTRIBUTES:
        if name in row and (now[name] or None) != (wish_of(row, name) or None) and not not_as_given(world, row, name):
            return f"{name} of {row['user_name']} is {now[name]!r}, not {row[name]!r}"
    return None


def excuse(world: World, row: Mapping[str, Any], user: User | None) -> str | None:
    """Say why a row cannot be done in this tenant, whoever tries; None where it can."""
    if user is not None and not user["visible"]:
        return "the user belongs to Admin Console"
    if row.get("state") == "absent":
        return None
    now = view(user) if user is not None else {}
    if row["user_name"].lower() == TAKEN:
        return "the login name belongs to somebody else's tenant"
    if user is None and any(not row.get(name) for name in REQUIRED):
        return "a new user lacks something"
    if any(name in row and not row[name] for name in REQUIRED):
        return "what every user has cannot be cleared"
    site = now.get("site") or (_inherited_site(world) if user is not None else None)
    if "site" in row and (row["site"] == UNKNOWN_SITE or (site or row["site"]) != row["site"]):
        return "the site is unknown, or set already"
    phones = [(entry["type"], entry["value"]) for entry in row["phone_numbers"]] if "phone_numbers" in row else None
    if world.switch("work_phone") == "refuse" and any(
        kind == "work" for kind, _number in (now.get("phone_numbers", []) if phones is None else phones)
    ):
        return "the tenant takes no work number"
    if row.get("timezone") == "the moon":
        return "the time zone does not exist"
    if row.get("locale") == "tlh" and world.switch("unknown_locale") == "refuse":
        return "the locale is unknown"
    names = [str(row.get(name) or now.get(name) or "") for name in ("given_name", "family_name")]
    if world.switch("names") == "ascii_only" and not all(name.isascii() for name in names):
        return "the tenant takes no such names"
    if (
        world.switch("put_inactive") == "refuse"
        and user is not None
        and not active(user)
        and row.get("active") is not True
    ):
        return "a deactivated user cannot be changed"
    return None


def protects(seen: Seen, user_name: str) -> bool:
    """Whether a login name is protected."""
    globs = seen.world.options.get("protected") or []
    return any(fnmatch.fnmatchcase(user_name.lower(), glob.lower()) for glob in globs)


def reported(seen: Seen) -> Iterator[tuple[str, str, str, bool]]:
    """Yield login name, operation, status and whether it is told as changed, of everybody whom the results name.

    Who is not in the results of a roster is unchanged.
    """
    for number, outcome in enumerate(seen.outcomes):
        if seen.world.kind != "roster":
            row, result = seen.world.rows[number], outcome.result
            status = "failed" if outcome.failed else "done" if result["changed"] else "unchanged"
            yield row["user_name"].lower(), result["operation"], status, result["changed"]
            continue
        for entry in outcome.result["results"]:
            done = entry["status"] == "done"
            yield (entry["user_name"] or "").lower(), entry["operation"], entry["status"], done


def is_plain_roster(seen: Seen) -> bool:
    """Whether a run was made from the roster itself, not from a plan."""
    return seen.world.kind == "roster" and seen.step.name not in ("apply", "undo")


# -- The laws ----------------------------------------------------------------------------------------------------------


def always_ends_with_an_outcome(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """No exception gets out, nothing hangs, and only a kill ends a run early."""
    if seen.crash:
        return [seen.crash.strip().splitlines()[-1]]
    return [] if seen.finished or seen.killed else ["it ended without a word"]


def nobody_twice(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """A login name is there once, and was made once."""
    names = [name_of(user) for user in seen.after.values()]
    breaches = [f"{name} is there twice" for name in sorted({name for name in names if names.count(name) > 1})]
    if seen.world.switch("create_inactive_duplicate") == "conflict":
        made = [str(entry["body"]["userName"]).lower() for entry in _creations(seen)]
        breaches += [f"{name} was created twice" for name in sorted({name for name in made if made.count(name) > 1})]
    return breaches


def _creations(seen: Seen) -> list[dict[str, Any]]:
    return [entry for entry in seen.log if entry["method"] == "POST" and entry["status"] == 201]


def looked_before_sent_again(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """A lost reply makes no duplicate: before a creation is sent again, the tenant was asked for the user."""
    if seen.world.parallel and seen.world.switch("filter") != "user_name_only":
        return None  # whose look-up a listing is cannot be told
    breaches = []
    waiting: set[str] = set()
    if any(entry["fault"] == "latency" for entry in seen.log):
        return None  # a request is logged when it was served, and a slow one behind those that came after it
    for entry in seen.log:
        if entry["method"] == "POST" and isinstance(entry["body"], dict):
            name = str(entry["body"].get("userName")).lower()
            if name in waiting:
                breaches.append(f"{name} was sent again without a look")
            waiting.add(name)
        elif entry["method"] == "GET":
            asked = entry["query"].get("filter", "").lower()
            waiting = {name for name in waiting if asked and f'"{name}"' not in asked}
    return breaches


def nothing_unmanaged_is_lost(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """What nobody asked to change is there afterwards, unless it is the tenant that takes it away."""
    if not seen.writes:
        return None
    world = seen.world
    wanted = {row["user_name"].lower(): row for row in world.rows}
    breaches = []
    for key, user in seen.before.items():
        now = seen.after.get(key)
        if now is None:
            if world.switch("delete") != "remove":
                breaches.append(f"{name_of(user)} is gone")
            continue
        if world.switch("create_inactive_duplicate") == "reactivate" and not active(user) and active(now):
            continue  # what a POST that brings somebody back leaves of them is the server's choice
        row = wanted.get(name_of(user), {}) if seen.step.name != "undo" else dict.fromkeys(ATTRIBUTES)
        left = dict(_flat(now["resource"]))
        for path, value in _flat(user["resource"]):
            if left.get(path) != value and not _taken_away(world, row, path):
                breaches.append(f"{path} of {name_of(user)} was {value!r}, is {left.get(path)!r}")
        if user["site"] and now["site"] != user["site"]:
            breaches.append(f"site of {name_of(user)} was {user['site']!r}, is {now['site']!r}")
    return breaches


def _taken_away(world: World, row: Mapping[str, Any], path: str) -> bool:
    """Whether a value may change: because a row asks for it, or because this tenant does it with every write."""
    head = path.partition("[")[0]
    if head == "active":
        return True
    mine = {PATHS[name].replace(":department", ".department") for name in row if name in PATHS}
    other = head == "emails" and "home" in path
    if other and world.switch("other_emails") == "drop":
        return True
    if head in mine and not other:
        return True
    dropped = [*world.switch("drop_attributes"), *world.switch("normalize")]
    if any(path.startswith(each.replace(f"{ENTERPRISE}:", f"{ENTERPRISE}.")) for each in dropped):
        return True
    if head == "phoneNumbers":
        return world.switch("other_phones") == "drop" or world.switch("work_phone") == "drop"
    if head in ("name.givenName", "name.familyName"):
        return world.switch("names") == "folded"
    return False


def no_removal_from_an_incomplete_list(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """Nobody is deactivated because of a list that does not add up."""
    if not is_plain_roster(seen) or _adds_up(seen):
        return None
    gone = [name_of(user) for key, user in seen.before.items() if active(user) and not active(seen.after.get(key))]
    return [f"{name} was deactivated, and the list did not add up" for name in gone]


def _adds_up(seen: Seen) -> bool:
    """Read the list as the tenant gives it, and count."""
    switch = {**{name: seen.world.switch(name) for name in ("all_users",)}, **seen.positions}
    loses, off = switch.get("page_loses"), switch.get("total_off", 0)
    shown = [key for key, user in seen.before.items() if user["visible"]]
    announced = max(0, len(shown) + off)
    page, start = min(100, switch.get("max_page", 100)), 0
    got: set[str] = set()
    while True:
        offset = start + (start // page if loses else 0) - (start // page if switch.get("page_repeats") else 0)
        part = shown[offset : offset + page]
        fresh = set(part) - got
        got |= fresh
        start += len(part)
        if not fresh or len(got) >= announced:
            break
    # Two lies that cancel out cannot be found out, and whom a list does not show yet is not announced either.
    return len(got) == announced or bool(loses and off) or bool(switch.get("consistency_delay"))


def _emptied(seen: Seen, history: list[Seen]) -> bool:
    return any(entry["fault"] == "empty" for each in (*history, seen) for entry in each.log)


def _may_not_write(seen: Seen, history: list[Seen]) -> bool:
    return any(each.step.token != TOKEN for each in (*history, seen))


def success_is_true(seen: Seen, history: list[Seen]) -> list[str] | None:
    """What is reported as done, or as needing nothing, is so in the tenant."""
    if seen.step.check or seen.step.name == "undo" or not seen.outcomes:
        return None
    world = seen.world
    rows = {row["user_name"].lower(): row for row in world.rows}
    told = {name: (operation, status) for name, operation, status, _changed in reported(seen)}
    if is_plain_roster(seen) and not _stopped_early(seen):
        told = {**dict.fromkeys(rows, ("unchanged", "unchanged")), **told}
    emptied = _emptied(seen, history)
    breaches = []
    for name, (operation, status) in told.items():
        if status not in ("done", "unchanged"):
            continue
        now, was = of_name(seen.after, name), of_name(seen.before, name)
        if now is not None and not now["visible"]:
            continue  # nobody who asks can know about a user of Admin Console
        if emptied and name in rows and (_may_not_write(seen, history) or excuse(world, rows[name], was)):
            continue  # a refusal whose answer was emptied looks like a write that was taken, from then on
        if name in rows:
            lacks = satisfied(world, rows[name], now)
            # A plan that was made before may hold less than the row.
            if lacks and not (seen.step.name == "apply" and operation != "created"):
                breaches.append(f"reported as {operation}, but {lacks}")
        elif operation == "deactivated" and active(now):
            breaches.append(f"{name} is reported as deactivated, and is active")
        # Somebody whom lists do not show yet may be created once more, and a spoiled answer hide that it was refused.
        hidden = "consistency_delay" in world.switches or world.switch("create_inactive_duplicate") == "reactivate"
        if operation == "created" and was is not None and not hidden:
            breaches.append(f"{name} is reported as created, and was there before")
        late = "change_delay" in world.switches  # whom lists still show as before may be changed once more
        if operation == "activated" and ((active(was) and not late) or not active(now)):
            breaches.append(f"{name} is reported as activated, and was active before or is not now")
        if operation == "deactivated" and not active(was) and not world.parallel and not late:
            breaches.append(f"{name} is reported as deactivated, and was not active before")
    return breaches


def _stopped_early(seen: Seen) -> bool:
    """Whether a roster failed as a whole, so that who is not in its results was not looked at."""
    return any(
        outcome.failed and outcome.result.get("error", {}).get("kind") != "rows_failed" for outcome in seen.outcomes
    )


def partial_success_is_complete(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """Whoever changed in the tenant is reported as changed, or as failed: nobody changes in silence."""
    if not seen.finished:
        return None
    told: dict[str, set[str]] = {}
    for name, _operation, status, _changed in reported(seen):
        told.setdefault(name, set()).add(status)
    breaches = []
    for key in differing(seen.before, seen.after):
        name = name_of(seen.after.get(key) or seen.before[key])
        if not told.get(name, set()) & {"done", "failed"}:
            breaches.append(f"{name} changed, and is reported as {sorted(told.get(name, {'nothing'}))}")
    return breaches


def summary_adds_up(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """The counts are those of the results, and something changed exactly when a result says so."""
    if seen.world.kind != "roster" or not seen.outcomes:
        return None
    breaches = []
    for outcome in seen.outcomes:
        result = outcome.result
        counts: dict[str, int] = {}
        for entry in result["results"]:
            word = entry["operation"] if entry["status"] in ("done", "planned") else entry["status"]
            counts[word] = counts.get(word, 0) + 1
        for word, number in result["summary"].items():
            if word not in ("unchanged", "inactive") and counts.get(word, 0) != number:
                breaches.append(f"summary says {number} {word}, the results {counts.get(word, 0)}")
        done = [entry for entry in result["results"] if entry["status"] in ("done", "planned")]
        if done and not result["changed"]:
            breaches.append("something is done, and changed is false")
        if outcome.failed and "msg" not in result:
            breaches.append("it failed without a message")
    return breaches


def requests_are_counted(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """The requests that a roster says it sent are those that arrived."""
    if seen.world.kind != "roster" or not seen.finished or not seen.outcomes or seen.step.wrong_customer:
        return None
    told: dict[str, int] = {}
    for outcome in seen.outcomes:
        for verb, number in outcome.result["requests"].items():
            told[verb] = told.get(verb, 0) + number
    arrived: dict[str, int] = {}
    for entry in seen.log:
        arrived[entry["method"]] = arrived.get(entry["method"], 0) + 1
    return [] if told == arrived else [f"told {told}, arrived {arrived}"]


def check_mode_only_reads(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """Check mode sends nothing but GET, and changes nothing."""
    if not seen.step.check:
        return None
    breaches = [f"{entry['method']} {entry['path']} in check mode" for entry in seen.writes]
    return breaches + [f"{key} changed in check mode" for key in differing(seen.before, seen.after)]


def check_mode_predicts(seen: Seen, history: list[Seen]) -> list[str] | None:
    """Where nothing goes wrong, the real run does what check mode said."""
    if seen.step.name != "heal" or not history or history[-1].step.name != "check" or not history[-1].step.clean:
        return None
    world, check = seen.world, history[-1]
    if check.positions != seen.positions or not seen.finished or not check.finished:
        return None
    failed = {name for name, _operation, status, _changed in reported(seen) if status == "failed"}
    foretold = {
        name: operation for name, operation, status, _changed in reported(check) if status in ("done", "planned")
    }
    real = {name: operation for name, operation, status, _changed in reported(seen) if status == "done"}
    breaches = [
        f"{name}: check mode says {foretold.get(name)}, the real run {real.get(name)}"
        for name in sorted({*foretold, *real} - failed)
        if foretold.get(name) != real.get(name)
    ]
    for name in failed:
        row = next((row for row in world.rows if row["user_name"].lower() == name), None)
        if row is not None and not excuse(world, row, of_name(seen.before, name)) and name not in foretold:
            breaches.append(f"{name} failed, and check mode did not see it coming")
    return breaches


def the_protected_are_untouched(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """Nothing is ever sent about anybody who is protected."""
    if not seen.world.options.get("protected"):
        return None
    breaches = []
    for entry in seen.writes:
        name = _target(seen, entry)
        if name and protects(seen, name):
            breaches.append(f"{entry['method']} for {name}, who is protected")
    return breaches


def _target(seen: Seen, entry: Mapping[str, Any]) -> str | None:
    """Return the login name of whom a request is about."""
    if entry["method"] == "POST":
        return str(entry["body"]["userName"]).lower() if isinstance(entry["body"], dict) else None
    key = entry["path"].rsplit("/", 1)[-1]
    user = seen.before.get(key) or seen.after.get(key)
    return name_of(user) if user is not None else None


def strangers_are_untouched(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """Nothing is sent about anybody who is not meant: not named, and not unlisted where that counts."""
    if seen.step.name == "undo":
        return None
    meant = {row["user_name"].lower() for row in seen.world.rows}
    breaches = []
    for entry in seen.writes:
        name = _target(seen, entry)
        if name is None or name in meant:
            continue
        there = active(of_name(seen.before, name)) or "change_delay" in seen.positions  # as lists may still show them
        if seen.world.options.get("unlisted") == "deactivate" and there:
            continue
        breaches.append(f"{entry['method']} for {name}, whom nobody named")
    return breaches


def limits_are_kept(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """No more is created, updated, deactivated or reactivated than allowed."""
    if seen.world.kind != "roster" or seen.step.check or seen.step.name == "undo":
        return None
    limits = {
        "deactivate": "10% or 2",
        "reactivate": "5% or 5",
        "create": "25% or 25",
        **{**seen.world.options, **seen.step.options}.get("limits", {}),
    }
    size = sum(bool(user["visible"]) for user in seen.before.values())
    if seen.step.name == "apply" and (seen.folder / "plan").exists():
        size = json.loads((seen.folder / "plan").read_text(encoding="utf-8"))["users"]
    changed = differing(seen.before, seen.after)
    was = {key: active(seen.before.get(key)) for key in changed}
    now = {key: active(seen.after.get(key)) for key in changed}
    there = {key: key in seen.before for key in changed}
    counts = {
        "create": sum(not there[key] for key in changed),
        "deactivate": sum(was[key] and not now[key] for key in changed),
        "reactivate": sum(there[key] and not was[key] and now[key] for key in changed),
        "update": sum(there[key] and was[key] == now[key] for key in changed),
    }
    breaches = []
    for kind, limit in limits.items():
        most = max(
            float(part.rstrip("%")) * (size / 100 if part.endswith("%") else 1) for part in str(limit).split(" or ")
        )
        if counts[kind] > most:
            breaches.append(f"{counts[kind]} to {kind}, the limit is {limit} of {size}")
    if (
        any(outcome.result.get("error", {}).get("kind") == "limit_exceeded" for outcome in seen.outcomes)
        and seen.writes
    ):
        breaches.append("the limits were exceeded, and something was sent all the same")
    return breaches


def the_journal_knows(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """Everybody about whom something was sent stands in the journal first, also when the process dies at once."""
    if not seen.world.options.get("journal_file") or not seen.writes:
        return None
    path = seen.folder / "journal"
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    added = text[len(seen.files.get("journal", "")) :]
    noted = set()
    for line in added.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # torn by a kill
        if entry["event"] == "sent":
            noted.add(str(entry["user_name"]).lower())
    missing = {name for entry in seen.writes for name in [_target(seen, entry)] if name} - noted
    return [f"{name} was written to, and is not in the journal" for name in sorted(missing)]


def undo_puts_back(seen: Seen, history: list[Seen]) -> list[str] | None:
    """The undo files of all runs so far bring back who was there, and deactivate who was not."""
    if seen.step.name != "undo" or not seen.calls or not seen.finished:
        return None
    start = history[0].before
    breaches = []
    for key, user in seen.after.items():
        was = start.get(key)
        if was is None:
            if active(user):
                breaches.append(f"{name_of(user)} was created, and is active after the undo")
            continue
        if active(user) is not active(was):
            breaches.append(
                f"{name_of(user)} was {'active' if active(was) else 'not active'} before all, and is not so again"
            )
        old, new = view(was), view(user)
        breaches += [
            f"{name} of {name_of(user)} was {old[name]!r}, is {new[name]!r} after the undo"
            for name in ATTRIBUTES
            if (old[name] or None) != (new[name] or None) and not _stays(name, old)
        ]
    if breaches and _cannot_undo(seen.world):
        return None
    # Where the tenant made something else of a wish, and the process died before it saw that, the undo says that it cannot.
    told = {name for name, _operation, status, _changed in reported(seen) if status in ("refused", "failed")}
    other = {
        row["user_name"].lower() for row in seen.world.rows if any(not_as_given(seen.world, row, name) for name in row)
    }
    return [breach for breach in breaches if not any(name in breach for name in told & other)]


def _stays(name: str, old: Mapping[str, Any]) -> bool:
    """Whether 8x8 lets nobody put an attribute back."""
    if name == "site":
        return True
    if name in REQUIRED and not old[name]:
        return True
    if name in ("locale", "timezone"):
        return not old[name]
    return name == "phone_numbers" and len({kind for kind, _number in old[name]}) < len(old[name])


def _cannot_undo(world: World) -> bool:
    """Whether this tenant does not take back what it gave: it rewrites values, refuses them or removes people."""
    return bool(
        world.switch("normalize")
        or world.switch("drop_attributes")
        or world.switch("names") != "any"
        or world.switch("work_phone") != "keep"
        or world.switch("put_inactive") == "refuse"
        or world.switch("delete") == "remove"
        or world.switch("create_inactive_duplicate") == "reactivate"
        or world.switch("consistency_delay")
    )


def heals(seen: Seen, history: list[Seen]) -> list[str] | None:
    """Once nothing is in the way, a run ends in the wanted state; a bad row stops no other."""
    if seen.step.name != "heal":
        return None
    world = seen.world
    if _emptied(seen, history) and _may_not_write(seen, history):
        return None  # "Forbidden" that was emptied looks like a tenant that drops values, and those are not sent again
    breaches = []
    failed = {name for name, _operation, status, _changed in reported(seen) if status in ("failed", "refused")}
    for row in world.rows:
        name = row["user_name"].lower()
        was = of_name(seen.before, name)
        why = excuse(world, row, was)
        if protects(seen, name) or why:
            continue
        lacks = satisfied(world, row, of_name(seen.after, name))
        if lacks:
            breaches.append(f"{lacks}, and nothing was in the way")
        elif name in failed:
            breaches.append(f"{name} is as wanted, and reported as failed")
    if world.options.get("unlisted") == "deactivate":
        named = {row["user_name"].lower() for row in world.rows}
        for user in seen.after.values():
            name = name_of(user)
            if active(user) and user["visible"] and name not in named and not protects(seen, name):
                breaches.append(f"{name} is not listed, and active")
    return breaches


def the_second_run_is_silent(seen: Seen, history: list[Seen]) -> list[str] | None:
    """A run after one that went well sends no write, and reports no change."""
    if seen.step.name != "again":
        return None
    failed = {name for name, _operation, status, _changed in reported(history[-1]) if status in ("failed", "refused")}
    breaches = []
    for entry in seen.writes:
        name = _target(seen, entry)
        if name not in failed:
            breaches.append(f"{entry['method']} for {name}, who was as wanted")
    breaches += [
        f"{name}: {operation} once more" for name, operation, status, _changed in reported(seen) if status == "done"
    ]
    if any(outcome.result["changed"] for outcome in seen.outcomes):
        breaches.append("changed is true")
    return breaches


def _forms(token: str) -> Iterator[str]:
    yield token
    yield quote(token, safe="")
    yield json.dumps(token)[1:-1]
    # At whatever place of a longer text it may stand.
    for shift in range(3):
        text = base64.b64encode(b"x" * shift + token.encode()).decode()
        yield text[4 if shift else 0 : -4]


def the_token_is_nowhere(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """The token is in no result, no file and no part of a request but its header."""
    texts = {"the result": json.dumps([outcome._asdict() for outcome in seen.outcomes], default=str)}
    texts |= {
        str(path.relative_to(seen.folder)): path.read_text(encoding="utf-8", errors="replace")
        for path in seen.folder.rglob("*")
        if path.is_file()
    }
    secrets = [form for token in (TOKEN, READ_ONLY_TOKEN, WRONG_TOKEN) for form in _forms(token)]
    breaches = [f"a token is in {where}" for where, text in texts.items() if any(form in text for form in secrets)]
    if any("<token>" in json.dumps(entry) for entry in seen.log):
        breaches.append("a token is in a request, outside of its header")
    return breaches


Law = Callable[[Seen, "list[Seen]"], "list[str] | None"]

LAWS: tuple[Law, ...] = (
    always_ends_with_an_outcome,
    nobody_twice,
    looked_before_sent_again,
    nothing_unmanaged_is_lost,
    no_removal_from_an_incomplete_list,
    success_is_true,
    partial_success_is_complete,
    summary_adds_up,
    requests_are_counted,
    check_mode_only_reads,
    check_mode_predicts,
    the_protected_are_untouched,
    strangers_are_untouched,
    limits_are_kept,
    the_journal_knows,
    undo_puts_back,
    heals,
    the_second_run_is_silent,
    the_token_is_nowhere,
)
