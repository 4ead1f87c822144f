# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The laws about the tenant: what it must hold after every run, and what must not have reached it.

A law says nothing (None) where it does not apply, else everything that breaks it.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from typing import Any

from oracle import (
    PATHS,
    User,
    active,
    differing,
    excuse,
    flat,
    folded,
    is_plain_roster,
    moves_emails,
    name_of,
    not_as_given,
    of_name,
    protects,
    refuses_login,
    reported,
    satisfied,
    target,
    view,
)
from runner import Seen
from user_documents import ENTERPRISE
from worlds import AS_OF, ATTRIBUTES, OVER, REQUIRED, World


def nobody_twice(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """A login name is there once, and was made once."""
    # Where the tenant tells the cases of a name apart, nobody can know of somebody whom it does not show. It always tells apart two
    # ways of writing an accent.
    exact = seen.world.switch("user_name_case") == "exact"
    hidden = [user for user in seen.after.values() if not user["visible"]]
    unknowable = [
        user for user in hidden if exact or not unicodedata.is_normalized("NFC", user["resource"]["userName"])
    ]
    names = [name_of(user) for user in seen.after.values() if user not in unknowable]
    breaches = [f"{name} is there twice" for name in sorted({name for name in names if names.count(name) > 1})]
    if seen.world.switch("create_inactive_duplicate") == "conflict":
        made = [folded(entry["body"]["userName"]) for entry in _creations(seen)]
        breaches += [f"{name} was created twice" for name in sorted({name for name in made if made.count(name) > 1})]
    return breaches


def _creations(seen: Seen) -> list[dict[str, Any]]:
    # A false success has a status of its own, whatever the tenant did: it may have refused the creation with 409.
    made = (entry for entry in seen.log if entry["method"] == "POST" and entry["status"] == 201)
    return [entry for entry in made if entry["fault"] != "false_success"]


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
            name = folded(entry["body"].get("userName"))
            if name in waiting:
                breaches.append(f"{name} was sent again without a look")
            if entry["status"] != 415:  # refused for its form, and by nobody who had looked at it
                waiting.add(name)
        elif entry["method"] == "GET":
            asked = re.fullmatch(r'userName eq (".*")', entry["query"].get("filter", ""), re.IGNORECASE)
            named = folded(json.loads(asked[1])) if asked else None
            # A listing, or a user by id, is a look as well.
            waiting = {name for name in waiting if named and name != named}
    return breaches


def nothing_unmanaged_is_lost(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """What nobody asked to change is there afterwards, unless it is the tenant that takes it away."""
    if not seen.writes:
        return None
    world = seen.world
    wanted = {folded(row["user_name"]): row for row in world.wanted}
    bodies = [entry["body"] for entry in seen.log if entry["method"] == "POST" and isinstance(entry["body"], dict)]
    posted = {folded(body.get("userName")) for body in bodies}
    breaches = []
    for key, user in seen.before.items():
        now = seen.after.get(key)
        if now is None:
            if world.switch("delete") != "remove":
                breaches.append(f"{name_of(user)} is gone")
            continue
        if world.switch("create_inactive_duplicate") == "reactivate" and not active(user) and name_of(user) in posted:
            continue  # what a POST that takes over somebody inactive leaves of them is the server's choice
        row = wanted.get(name_of(user), {}) if seen.step.name != "undo" else dict.fromkeys(ATTRIBUTES)
        if active(user) and not active(now) and not _may_leave(seen, wanted.get(name_of(user))):
            breaches.append(f"{name_of(user)} was active, and nobody asked for another state")
        left = dict(flat(now["resource"]))
        one_mail = moves_emails(world) and len(user["resource"].get("emails", [])) > 1
        if one_mail and "emails" not in world.switch("normalize"):
            breaches += _lost_mails(world, row, user, now)
        for path, value in flat(user["resource"]):
            if path.startswith("emails[") and one_mail:
                continue  # which of several is left is the tenant's choice
            if left.get(path) != value and not _taken_away(world, row, user, path):
                breaches.append(f"{path} of {name_of(user)} was {value!r}, is {left.get(path)!r}")
        if user["site"] and now["site"] != user["site"]:
            breaches.append(f"site of {name_of(user)} was {user['site']!r}, is {now['site']!r}")
    return breaches


def _may_leave(seen: Seen, row: Mapping[str, Any] | None) -> bool:
    """Whether somebody may be deactivated: by a row, because no row names the user, or by an undo."""
    if seen.step.name == "undo":
        return True
    if row is None:
        return seen.world.options.get("unlisted") == "deactivate"
    return row.get("state") == "absent" or row.get("active") is False


def _lost_mails(world: World, row: Mapping[str, Any], user: User, now: User) -> list[str]:
    """Say which of several e-mail addresses should be there: all but the one that a row replaces, or one where one is kept."""
    left = [value for path, value in flat(now["resource"]) if path.startswith("emails[") and path.endswith(".value")]
    held = [value for path, value in flat(user["resource"]) if path.startswith("emails[") and path.endswith(".value")]
    lost = [value for value in held if value not in left]
    most = len(held) - 1 if world.switch("other_emails") == "drop" else 0
    if len(lost) <= most + ("email" in row):
        return []
    return [f"{name_of(user)} had the e-mail addresses {held}, and has {left}"]


def _taken_away(world: World, row: Mapping[str, Any], user: User, path: str) -> bool:
    """Whether a value may change: because a row asks for it, or because this tenant does it with every write."""
    head = path.partition("[")[0]
    if head == "active":
        return True
    dropped = [*world.switch("drop_attributes"), *world.switch("normalize")]
    if any(path.startswith(each.replace(f"{ENTERPRISE}:", f"{ENTERPRISE}.")) for each in dropped):
        return True
    if head == "phoneNumbers":
        return not _number_stays(world, row, user["resource"]["phoneNumbers"], path)
    mine = {PATHS[name].replace(":department", ".department") for name in row if name in PATHS}
    other = head == "emails" and any(word in path for word in ("home", "plain", "second"))
    if other and world.switch("other_emails") == "drop":
        return True
    if head in mine and not other:
        return True
    if head in ("name.givenName", "name.familyName"):
        value = dict(flat(user["resource"]))[path]
        return world.switch("names") == "folded" and not value.isascii()
    if head in ("name.formatted", "displayName"):
        return bool({"given_name", "family_name"} & set(row)) or world.switch("whole_names") != "none"
    return False


def _number_stays(world: World, row: Mapping[str, Any], numbers: list[dict[str, Any]], path: str) -> bool:
    """Whether a phone number must be there after every write."""
    number = next(each for each in numbers if path.startswith(f"phoneNumbers[{json.dumps(each['value'])}]"))
    kind = number.get("type")
    if kind in ("mobile", "work") and "phone_numbers" in row:
        return False
    if kind == "work" and world.switch("work_phone") == "drop":
        return False
    # One mobile and one work number are kept everywhere, the first ones.
    first = next(each for each in numbers if each.get("type") == kind)
    return world.switch("other_phones") == "keep" or (kind in ("mobile", "work") and number is first)


def who_left_stays_out(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """Nobody who is inactive comes back but by a row that says so, and who is told as gone is gone."""
    if seen.step.name == "undo" or seen.world.switch("create_inactive_duplicate") == "reactivate":
        return None
    rows = {folded(row["user_name"]): row for row in seen.world.wanted}
    breaches = [
        f"{name_of(user)} was inactive, and is back"
        for key, user in seen.before.items()
        if not active(user) and active(seen.after.get(key)) and rows.get(name_of(user), {}).get("active") is not True
    ]
    for name, operation, status, _changed in reported(seen):
        row, now = rows.get(name, {}), of_name(seen.after, name)
        leaves = row.get("state") == "absent" or row.get("active") is False
        told = status in ("done", "unchanged") and not seen.step.check
        if leaves and told and now is not None and now["visible"] and active(now):
            breaches.append(f"{name} is told as {operation}, and is active")
    return breaches


def dates_are_kept(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """Nobody is created or activated before the time of a row, or after it, and who is to leave then leaves then, not before."""
    if seen.step.check or seen.step.name == "undo" or not any({"starts", "ends"} & set(row) for row in seen.world.rows):
        return None
    breaches = []
    for given, row in zip(seen.world.rows, seen.world.wanted, strict=True):
        was, now = of_name(seen.before, row["user_name"]), of_name(seen.after, row["user_name"])
        when = f"{row['user_name']} (starts {given.get('starts')}, ends {given.get('ends')})"
        if not ("waits" in row or given.get("ends") in OVER):
            continue
        if was is None and now is not None:
            breaches.append(f"{when} was created at {AS_OF}")
        if was is not None and active(now) and not active(was):
            breaches.append(f"{when} was activated at {AS_OF}")
        if "waits" in row and given.get("state") == "absent" and active(was) and not active(now):
            breaches.append(f"{when} was deactivated at {AS_OF}")
    return breaches


def no_old_name_travels(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """A new name is not sent beside the old whole name, which would bring the old one back or be shown in its place."""
    if seen.step.check or not seen.writes or _rewrites_names(seen.world):
        return None  # a tenant that rewrites a name does so on its own
    breaches = []
    for key, user in seen.before.items():
        now = seen.after.get(key, user)["resource"]
        old, new = _whole(user["resource"]), _whole(now)
        if old == new:
            continue
        for path, value in (("name.formatted", now["name"].get("formatted")), ("displayName", now.get("displayName"))):
            if value == old:
                breaches.append(f"{path} of {name_of(user)} is still {old}, and the name is {new}")
    return breaches


def _rewrites_names(world: World) -> bool:
    rewritten = {"name.givenName", "name.familyName"}
    return world.switch("names") == "folded" or bool(rewritten & set(world.switch("normalize")))


def _whole(raw: Mapping[str, Any]) -> str:
    name = raw.get("name", {})
    return f"{name.get('givenName')} {name.get('familyName')}"


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
    if switch.get("total_results") == "page" and len(shown) > switch.get("max_page", 100):
        return False  # every page announces itself
    if switch.get("start_index") == "ignored" and len(shown) > switch.get("max_page", 100):
        return False
    announced = max(0, len(shown) + off)
    page, start = min(100, switch.get("max_page", 100)), 0
    if switch.get("total_results") == "capped":
        announced = max(0, min(len(shown), 2 * switch.get("max_page", 100)) + off)
    got: set[str] = set()
    while True:
        offset = start + (start // page if loses else 0) - (start // page if switch.get("page_repeats") else 0)
        part = shown[offset : offset + page]
        fresh = set(part) - got
        got |= fresh
        start += len(part)
        if not fresh:
            break
    # Two lies that cancel out cannot be found out, and whom a list does not show yet is not announced either.
    return len(got) == announced or any(switch.get(name) for name in ("consistency_delay", "list_lag"))


def the_protected_are_untouched(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """Nothing is ever sent about anybody who is protected."""
    if not seen.world.options.get("protected"):
        return None
    breaches = []
    for entry in seen.writes:
        name = target(seen, entry)
        if name and protects(seen, name):
            breaches.append(f"{entry['method']} for {name}, who is protected")
    return breaches


def strangers_are_untouched(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """Nothing is sent about anybody who is not meant: not named, and not unlisted where that counts."""
    if seen.step.name == "undo":
        return None
    meant = {folded(row["user_name"]) for row in seen.world.wanted}
    breaches = []
    for entry in seen.writes:
        name = target(seen, entry)
        if name is None or name in meant:
            continue
        late = any(name in seen.positions for name in ("change_delay", "list_lag", "read_delay"))
        there = active(of_name(seen.before, name)) or late  # as lists may still show them
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
        "clear": "10% or 10",
        **{**seen.world.options, **seen.step.options}.get("limits", {}),
    }
    size = sum(bool(user["visible"]) for user in seen.before.values())
    if seen.step.name == "apply" and (seen.folder / "plan").exists():
        size = json.loads((seen.folder / "plan").read_text(encoding="utf-8"))["users"]
    changed = differing(seen.before, seen.after)
    was = {key: active(seen.before.get(key)) for key in changed}
    now = {key: active(seen.after.get(key)) for key in changed}
    there = {key: key in seen.before for key in changed}
    rows = {folded(row["user_name"]): row for row in seen.world.wanted}
    counts = {
        "clear": sum(
            there[key] and key in seen.after and _loses(rows, seen.before[key], seen.after[key]) for key in changed
        ),
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


def _loses(rows: Mapping[str, Any], was: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether somebody lost a value because a row wants it gone, and not because the tenant drops it."""
    row, before, after = rows.get(name_of(was), {}), view(was), view(now)
    return any(row[name] in ("", []) and before[name] and not after[name] for name in ATTRIBUTES if name in row)


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
            if (old[name] or None) != (new[name] or None) and not _stays(seen.world, name, old)
        ]
    if breaches and _cannot_undo(seen.world):
        return None
    # Of several addresses the tenant kept one.
    crowded = [name_of(user) for user in start.values() if len(user["resource"].get("emails", [])) > 1]
    if moves_emails(seen.world):
        breaches = [each for each in breaches if not any(each.startswith(f"email of {name} ") for name in crowded)]
    told = {name for name, _operation, status, _changed in reported(seen) if status in ("refused", "failed")}
    if seen.world.switch("masked_phones"):
        # Nobody knows the number that was there before, and an update of who has one is refused without it.
        breaches = [each for each in breaches if not each.startswith("phone_numbers of ")]
        numbers = {
            name_of(user) for user in (*start.values(), *seen.after.values()) if user["resource"].get("phoneNumbers")
        }
        breaches = [each for each in breaches if not any(name in each for name in told & numbers)]
    # Where the tenant made something else of a wish, and the process died before it saw that, the undo says that it cannot.
    if _refuses_some(seen.world):
        breaches = [breach for breach in breaches if not any(name in breach for name in told)]
    other = {
        folded(row["user_name"])
        for row in seen.world.wanted
        if any(not_as_given(seen.world, row, name) for name in row)
    }
    # Where there is no PATCH, an update carries the login name.
    other |= {name_of(user) for user in start.values() if refuses_login(seen.world, user["resource"]["userName"])}
    return [breach for breach in breaches if not any(name in breach for name in told & other)]


def _stays(world: World, name: str, old: Mapping[str, Any]) -> bool:
    """Whether 8x8, or this tenant, lets nobody put an attribute back."""
    if name == "site":
        return True
    path = PATHS[name]
    if path in world.switch("drop_attributes") or path in world.switch("normalize"):
        return True
    if not old[name] and (name in REQUIRED or world.switch("put_omitted") in ("never", "refuse", "stumble")):
        return True
    if name in ("locale", "timezone"):
        return not old[name]
    if name in ("given_name", "family_name"):
        return world.switch("names") == "folded"
    work_is_dropped = world.switch("work_phone") == "drop"
    return name == "phone_numbers" and (work_is_dropped or len({kind for kind, _number in old[name]}) < len(old[name]))


def _refuses_some(world: World) -> bool:
    """Whether this tenant refuses updates of some people, whose undo says so."""
    return (
        world.switch("names") == "ascii_only"
        or world.switch("work_phone") == "refuse"
        or world.switch("put_inactive") == "refuse"
        or world.switch("put_omitted") in ("refuse", "stumble")
    )


def _cannot_undo(world: World) -> bool:
    """Whether this tenant removes or brings back people by itself, or showed a run what was there before another one."""
    return bool(
        world.switch("delete") == "remove"
        or world.switch("create_inactive_duplicate") == "reactivate"
        or world.switch("consistency_delay")
        or world.switch("list_lag")
        or world.switch("read_delay")
    )


def _skipped(seen: Seen) -> set[str]:
    """Return whom a run did not come to, because five rows before had the same refusal and none had succeeded."""
    results = [entry for outcome in seen.outcomes for entry in outcome.result.get("results", ())]
    refusals = Counter(
        (entry["error"]["kind"], entry["error"]["status"]) for entry in results if entry["status"] == "failed"
    )
    refused_all = any(number >= 5 for number in refusals.values()) and all(
        entry["status"] != "done" for entry in results
    )
    return {folded(entry["user_name"]) for entry in results if entry["status"] == "skipped" and refused_all}


def heals(seen: Seen, _history: list[Seen]) -> list[str] | None:
    """Once nothing is in the way, a run ends in the wanted state; a bad row stops no other."""
    if seen.step.name != "heal":
        return None
    world = seen.world
    breaches = []
    failed = {name for name, _operation, status, _changed in reported(seen) if status in ("failed", "refused")}
    skipped = _skipped(seen)
    for row in world.wanted:
        name = folded(row["user_name"])
        was = of_name(seen.before, name)
        why = excuse(world, row, was)
        leaves = row.get("state") == "absent" or row.get("active") is False
        if name in skipped or protects(seen, name) or why or (leaves and world.kind == "roster" and not _adds_up(seen)):
            continue
        lacks = satisfied(world, row, of_name(seen.after, name), was)
        if lacks:
            breaches.append(f"{lacks}, and nothing was in the way")
        elif name in failed:
            breaches.append(f"{name} is as wanted, and reported as failed")
    if world.options.get("unlisted") == "deactivate" and _adds_up(seen):
        named = {folded(row["user_name"]) for row in world.wanted}
        for user in seen.after.values():
            name = name_of(user)
            looked_at = name not in named and not protects(seen, name) and name not in skipped
            if active(user) and user["visible"] and looked_at:
                breaches.append(f"{name} is not listed, and active")
    return breaches
