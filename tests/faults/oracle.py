# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the laws judge by: the users as the tenant's documents have them, what a tenant makes of a wish, and what a run said.

Nothing here asks the engine, or the engine would judge itself.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import user_documents
from runner import Seen
from user_documents import ENTERPRISE, folded, wish
from worlds import ATTRIBUTES, LOCALES, LONG, REQUIRED, SITES, TAKEN, UNKNOWN_SITE, ZONES, World

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


# -- What a user is ----------------------------------------------------------------------------------------------------


def name_of(user: User) -> str:
    """Return the login name, as it is compared."""
    return folded(user["resource"]["userName"])


def active(user: User | None) -> bool:
    """Whether somebody can log in."""
    return user is not None and bool(user["resource"].get("active"))


def view(user: User) -> dict[str, Any]:
    """Return what is managed of a user. The tenant itself knows the site, which it may answer elsewhere or inherit."""
    return {**user_documents.view(user["resource"]), "site": user["site"]}


def flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every single value of a document. Of a list, where a value stands does not matter, what it is does."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if key != "primary":  # which the server sets as it likes
                yield from flat(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            entry = item if isinstance(item, Mapping) else {"value": item}
            yield from flat(entry, f"{path}[{json.dumps(entry.get('value'))}]")
    else:
        yield path, value


def of_name(users: Users, user_name: str | None) -> User | None:
    """Return the user with a login name."""
    return next((user for user in users.values() if name_of(user) == folded(user_name)), None)


def differing(before: Users, after: Users) -> set[str]:
    """Return the ids of everybody who is not as before."""
    return {
        key for key in {*before, *after} if before.get(key, {}).get("resource") != after.get(key, {}).get("resource")
    }


# -- What the tenant makes of it ---------------------------------------------------------------------------------------


#: The least and the most characters that some tenants take; they refuse others, or cut off what is too long.
LENGTHS = {
    "user_name": (3, 70),
    "given_name": (2, 128),
    "family_name": (2, 30),
    "email": (5, 128),
    "title": (1, 254),
    "department": (1, 100),
}
USER_NAME = re.compile(r"[A-Za-z0-9.@\-_/]{3,70}")


def not_as_given(world: World, row: Mapping[str, Any], name: str) -> bool:
    """Whether this tenant makes something else of a wish, which then need not be there."""
    if name not in ATTRIBUTES:
        return False
    value = row[name]
    path = PATHS.get(name, name)
    if path in world.switch("drop_attributes") or path in world.switch("normalize"):
        return True
    if not value and world.switch("put_omitted") in ("never", "refuse", "stumble"):
        return True
    merges = world.switch("put_omitted") == "keep" and world.switch("put_inactive") == "refuse"
    if merges and not value and row.get("active") is False:
        return True  # who was deactivated by the update that left it out is not changed by the one that says null
    if name in LENGTHS and world.switch("lengths") == "truncate" and len(value) > LENGTHS[name][1]:
        return True
    if name == "email" and moves_emails(world):
        return any("second" in str(person["extra"].get("emails")) for person in world.people)
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
    late = world.switch("late_site") == "ignore"
    return name == "site" and (late or other_urn(world) or value == inherited_site(world))


def moves_emails(world: World) -> bool:
    """Whether this tenant keeps the first of several addresses, or makes it the primary one."""
    return world.switch("other_emails") == "drop" or world.switch("primary") == "forced"


def other_urn(world: World) -> bool:
    """Whether the tenant keeps the site elsewhere than the task says."""
    return "extension_urn" in world.switches and "extension_urn" not in world.options


def inherited_site(world: World) -> str | None:
    """Return what this tenant answers for the site of who has none."""
    return str(SITES[0]["name"]) if world.switch("inherited_site") else None


def satisfied(world: World, row: Mapping[str, Any], user: User | None, was: User | None) -> str | None:
    """Say what a user lacks of what a row wants, None where it lacks nothing.

    :param was: The user before: who is told nothing about being active stays as that was, and who is new is active.
    """
    if row.get("state") == "absent":
        return f"{row['user_name']} is still active" if active(user) else None
    if user is None:
        return None if row.get("waits") else f"{row['user_name']} does not exist"
    stays = world.switch("create_inactive_duplicate") != "reactivate"
    if active(user) is not row.get("active", active(was) if was is not None and stays else active(user)):
        return f"{row['user_name']} is {'active' if active(user) else 'not active'}"
    now = view(user)
    for name in ATTRIBUTES:
        if name in row and (now[name] or None) != wish(row, name) and not not_as_given(world, row, name):
            return f"{name} of {row['user_name']} is {now[name]!r}, not {row[name]!r}"
    return None


def excuse(world: World, row: Mapping[str, Any], user: User | None) -> str | None:
    """Say why a row cannot be done in this tenant, whoever tries; None where it can."""
    if user is not None and not user["visible"]:
        return "the user belongs to Admin Console"
    now = view(user) if user is not None else {}
    if row.get("state") == "absent":
        # A row that is over still says whom it is about.
        other = world.kind == "roster" and _somebody_else(row.get("about", {}), now)
        return "the login name may have been given to somebody else" if other else None
    reasons = [
        *_wrong_row(world, row, user, now),
        *_wrong_site(world, row, user, now),
        *_wrong_value(world, row, user, now),
    ]
    return next((why for why, holds in reasons if holds), None)


Reasons = Iterator[tuple[str, bool]]


def _wrong_row(world: World, row: Mapping[str, Any], user: User | None, now: Mapping[str, Any]) -> Reasons:
    """Yield what is wrong with whom a row means, and whether it is."""
    yield "its time has not come", user is None and "waits" in row
    yield "the login name belongs to somebody else's tenant", folded(row["user_name"]) == TAKEN
    yield "a new user lacks something", user is None and any(not row.get(name) for name in REQUIRED)
    yield "what every user has cannot be cleared", any(name in row and not row[name] for name in REQUIRED)
    yield "the time zone does not exist", row.get("timezone") == "the moon"
    yield "the title is longer than 8x8 takes", row.get("title") == LONG
    somebody_else = user is not None and _somebody_else(row, now)
    yield "the login name may have been given to somebody else", somebody_else
    inactive = user is not None and not active(user) and row.get("active") is not True
    yield "a deactivated user cannot be changed", inactive and world.switch("put_inactive") == "refuse"


def _wrong_site(world: World, row: Mapping[str, Any], user: User | None, now: Mapping[str, Any]) -> Reasons:
    """Yield what is wrong with the site of a row, and whether it is."""
    if "site" not in row:
        return
    site = now.get("site") or (inherited_site(world) if user is not None else None)
    yield "the site is unknown, or set already", row["site"] == UNKNOWN_SITE or (site or row["site"]) != row["site"]
    late = user is not None and not now["site"]
    yield "the site is set at creation only", late and world.switch("late_site") == "refuse"
    yield "the site has another URN", other_urn(world) and world.switch("unknown_attributes") == "refuse"


def _wrong_value(world: World, row: Mapping[str, Any], user: User | None, now: Mapping[str, Any]) -> Reasons:
    """Yield which values this tenant takes of nobody, and whether the user would have one."""
    names = [str(row.get(name) or now.get(name) or "") for name in ("given_name", "family_name")]
    yield "no such names", world.switch("names") == "ascii_only" and not all(name.isascii() for name in names)
    yield "no such locale", row.get("locale") == "tlh" and world.switch("unknown_locale") == "refuse"
    phones = [(entry["type"], entry["value"]) for entry in row["phone_numbers"]] if "phone_numbers" in row else None
    yield "a phone number is shown masked", user is not None and _carries_masked(world, row, user, now)
    work = any(kind == "work" for kind, _number in (now.get("phone_numbers", []) if phones is None else phones))
    yield "no work number", work and world.switch("work_phone") == "refuse"
    user_name = user["resource"]["userName"] if user is not None else row["user_name"]
    yield "no such login name", refuses_login(world, user_name)
    values = {name: row[name] if name in row else now.get(name) for name in LENGTHS}
    fits = all(LENGTHS[name][0] <= len(value) <= LENGTHS[name][1] for name, value in values.items() if value)
    yield "no such lengths", not fits and world.switch("lengths") == "admin_api"


def refuses_login(world: World, user_name: str) -> bool:
    """Whether this tenant refuses whatever carries a login name, also an update of the user who has it."""
    return world.switch("user_name_pattern") == "admin_api" and USER_NAME.fullmatch(user_name) is None


def _carries_masked(world: World, row: Mapping[str, Any], user: User, now: Mapping[str, Any]) -> bool:
    """Whether an update is needed that carries a number which this tenant masks, and which the row does not give."""
    if not world.switch("masked_phones"):
        return False
    numbers = user["resource"].get("phoneNumbers") or []
    others = [entry for entry in numbers if "phone_numbers" not in row or entry.get("type") not in ("work", "mobile")]
    differs = [name for name in ATTRIBUTES if name in row and (now[name] or None) != wish(row, name)]
    return bool(others) and bool(differs or row.get("phone_numbers"))


def _somebody_else(row: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether a row and the account with its login name differ in the external id and in both names."""
    return all(
        row.get(name) and now.get(name) and row[name] != now[name]
        for name in ("external_id", "given_name", "family_name")
    )


def protects(seen: Seen, user_name: str) -> bool:
    """Whether a login name is protected."""
    globs = seen.world.options.get("protected") or []
    return any(fnmatch.fnmatchcase(folded(user_name), folded(glob)) for glob in globs)


def reported(seen: Seen) -> Iterator[tuple[str, str, str, bool]]:
    """Yield login name, operation, status and whether it is told as changed, of everybody whom the results name.

    Who is not in the results of a roster is unchanged.
    """
    for number, outcome in enumerate(seen.outcomes):
        if seen.world.kind != "roster":
            row, result = seen.world.wanted[number], outcome.result
            status = "failed" if outcome.failed else "done" if result["changed"] else "unchanged"
            yield folded(row["user_name"]), result["operation"], status, result["changed"]
            continue
        for entry in outcome.result["results"]:
            done = entry["status"] == "done"
            yield folded(entry["user_name"]), entry["operation"], entry["status"], done


def is_plain_roster(seen: Seen) -> bool:
    """Whether a run was made from the roster itself, not from a plan."""
    return seen.world.kind == "roster" and seen.step.name not in ("apply", "undo")


def stopped_early(seen: Seen) -> bool:
    """Whether a roster failed as a whole, so that who is not in its results was not looked at."""
    return any(
        outcome.failed and outcome.result.get("error", {}).get("kind") != "rows_failed" for outcome in seen.outcomes
    )


def target(seen: Seen, entry: Mapping[str, Any]) -> str | None:
    """Return the login name of whom a request is about."""
    if entry["method"] == "POST":
        return folded(entry["body"]["userName"]) if isinstance(entry["body"], dict) else None
    key = entry["path"].rsplit("/", 1)[-1]
    user = seen.before.get(key) or seen.after.get(key)
    return name_of(user) if user is not None else None
