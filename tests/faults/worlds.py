# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a number to a world: a tenant, what is wanted of it, what goes wrong, and when the process dies.

Everything comes from one random generator, so a number is all it takes to see a run again.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eightbyeight_emulator import FAULTS, SWITCHES
from eightbyeight_emulator.faults import FALSE_SUCCESSES, FORMS
from eightbyeight_emulator.switches import EXTENSION_URN, OTHER_EXTENSION_URN
from user_documents import ENTERPRISE

TOKEN = "T0ken.that-must+never/leak=="
READ_ONLY_TOKEN = "Reader+that-must/not.leak=="
WRONG_TOKEN = "Wr0ng+token/of-somebody.else=="
STRANGER = "urn:example:params:scim:schemas:extension:payroll:1.0:User"

SITES = [
    {"name": "London", "locale": "en-GB", "timezone": "Europe/London"},
    {"name": "Paris", "locale": "fr-FR", "timezone": "Europe/Paris"},
    {"name": "Oslo"},
]
UNKNOWN_SITE = "Atlantis"
TAKEN = "taken@example.com"
GIVEN = ("Ada", "Bo", "Cy", "Dee", "Eli", "Fay", "Gus", "José", "Łucja", "Zoë")
FAMILY = ("Marlowe", "Quill", "Rook", "Sand", "Thorn", "Vale", "O'Neil", "Ångström")
#: Longer than what some tenants take, who may cut it off.
LONG = "Senior " * 50 + "Clerk"
TITLES = ("Analyst", "Boss", " Clerk", "chef de cuisine", 'Head "of" things')
DEPARTMENTS = ("IT", "Sales", "Ops & Co", "Q\\A")
LOCALES = ("en-GB", "de-DE", "fr", "sv-SE")
ZONES = ("Europe/Berlin", "America/New_York", "UTC")

#: What a world can differ in: the Administration API is asked by nobody who is played here.
DRAWN_SWITCHES = {name: switch for name, switch in SWITCHES.items() if not name.startswith("admin_")}

#: The switches that decide by a function what they take. The others name their values themselves.
_MOVED: Mapping[str, Callable[[random.Random], Any]] = {
    "max_page": lambda rng: rng.randint(1, 9),
    "default_page": lambda rng: rng.randint(1, 9),
    "total_off": lambda rng: rng.choice([-3, -1, 1, 4]),
    "consistency_delay": lambda rng: rng.randint(1, 3),
    "change_delay": lambda rng: rng.randint(1, 3),
    "drop_attributes": lambda rng: rng.sample(
        ["title", "phoneNumbers", "timezone", "nickName", "name.middleName", f"{ENTERPRISE}:department", "externalId"],
        rng.randint(1, 2),
    ),
    "normalize": lambda rng: dict(
        rng.sample(
            [
                ("title", "strip"),
                ("title", "upper"),
                ("phoneNumbers", "digits"),
                ("name.familyName", "upper"),
                ("emails", "lower"),
                (f"{ENTERPRISE}:department", "lower"),
                ("name.givenName", "nfd"),
            ],
            rng.randint(1, 2),
        )
    ),
    "rate_limit": lambda rng: rng.choice(["6/0.03s", "15/0.06s"]),
    "latency_ms": lambda rng: rng.choice([0.5, 2.0]),
    "slow_page": lambda rng: rng.choice([100, 250]),
    "list_omits": lambda rng: rng.sample(
        ["title", "phoneNumbers", "timezone", "locale", f"{ENTERPRISE}:department", "externalId", "emails"],
        rng.randint(1, 3),
    ),
    "list_lag": lambda rng: rng.choice([0.01, 0.03]),
    "read_delay": lambda rng: rng.randint(1, 2),
    "clock_skew": lambda rng: rng.choice([-3600, -90, 90, 3600]),
    "token_dies_after": lambda rng: rng.randint(0, 20),
    "writes_until_503": lambda rng: rng.choice([0, 1, 4, {"PUT": 1}, {"POST": 0}, {"PATCH": 1}]),
}

_LIES: tuple[dict[str, Any], ...] = (
    {"page_loses": True, "max_page": 3},
    {"page_repeats": True, "max_page": 2},
    {"total_off": 1},
    {"total_off": -1},
    {"total_off": 4, "filter": "refused"},
)

#: Troubles that pass. What is left in place when a run must succeed is how this tenant simply is.
PASSING = {
    "page_loses": False,
    "total_off": 0,
    "consistency_delay": 0,
    "change_delay": 0,
    "list_lag": 0.0,
    "read_delay": 0,
    "rate_limit": None,
    "latency_ms": 0.0,
    "token_dies_after": None,
    "write_rights": "full",
    # It is switched off, as the message asks for.
    "other_writer": "none",
    "writes_until_503": None,
    # Nobody can work with a tenant that never shows some of its users.
    "start_index": "honored",
    # Pages that start with a repeat lead behind the last user, and a tenant that refuses that cannot be read.
    "start_past_end": "empty",
}

#: When the rows of a roster are judged, and dates before and after that: of a day, of a time, with another offset, and the
#: midnight of a place, which is its day. A day has begun from its first moment on, and is over after its last one.
AS_OF = "2026-06-15T12:00:00Z"
BEGUN = ("2020-01-01", "2026-06-15", "2026-06-15T12:00:00Z", "2026-06-15T13:30:00+02:00")
TO_COME = ("2026-06-16", "2026-06-15T12:00:01Z", "2026-06-15T13:00:00+00:30", "2027-01-01")
OVER = ("2026-06-14", "2026-06-15T12:00:00Z", "2026-06-15T13:30:00+02:00", "2026-06-14T00:00:00+02:00")
NOT_OVER = ("2026-06-15", "2026-06-15T12:00:01Z", "2026-06-15T00:00:00+02:00", "2027-12-31")

ATTRIBUTES = (
    "given_name",
    "family_name",
    "email",
    "external_id",
    "title",
    "department",
    "site",
    "locale",
    "timezone",
    "phone_numbers",
)
REQUIRED = ("given_name", "family_name", "email")
KINDS = ("single", "loop", "roster")
LIMITS = ("create", "update", "deactivate", "reactivate", "clear")


@dataclass(frozen=True)
class Kill:
    """When SIGKILL comes.

    :param by: ``request`` (at the emulator), ``journal`` (a line of it), ``file`` (one replaced), ``call`` (of a function of
        the engine, anywhere).
    :param number: At which of them.
    :param where: ``before`` or ``after`` it; ``torn`` for half a line of the journal.
    """

    by: str
    number: int
    where: str


@dataclass(frozen=True)
class Step:
    """One run of the engine.

    :param name: ``run``, ``check``, ``plan`` (check mode, with a plan file), ``apply`` (that plan), ``undo`` (each undo file),
        ``heal`` (nothing in the way any more) or ``again`` (once more).
    """

    name: str
    faults: tuple[Mapping[str, Any], ...] = ()
    kill: Kill | None = None
    token: str = TOKEN
    wrong_customer: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def check(self) -> bool:
        """Whether it is in check mode."""
        return self.name in ("check", "plan")

    @property
    def calm(self) -> bool:
        """Whether nothing is in the way."""
        return self.name in ("heal", "again")

    @property
    def clean(self) -> bool:
        """Whether the step injects nothing, whatever the tenant is like."""
        return not self.faults and self.kill is None and self.token == TOKEN and not self.wrong_customer


@dataclass
class World:
    """What a seed stands for."""

    seed: int
    kind: str
    switches: dict[str, Any]
    people: list[dict[str, Any]]
    rows: list[dict[str, Any]]
    options: dict[str, Any]
    steps: list[Step]
    parallel: bool

    @property
    def wanted(self) -> list[dict[str, Any]]:
        """What the rows ask for when they are judged."""
        return [_judged(row) for row in self.rows]

    def positions(self, step: Step) -> dict[str, Any]:
        """Return the switches of a step."""
        if not (step.calm or step.name == "undo"):
            return self.switches
        return {name: value for name, value in self.switches.items() if name not in PASSING}

    def switch(self, name: str) -> Any:
        """Return the position of a switch."""
        return self.switches.get(name, SWITCHES[name].default)

    def __str__(self) -> str:
        moved = ", ".join(f"{name}={value}" for name, value in self.switches.items()) or "no switch moved"
        steps = " > ".join(_told(step) for step in self.steps)
        options = ", ".join(f"{name}={value}" for name, value in self.options.items())
        return (
            f"{self.kind} of {len(self.rows)} in a tenant of {len(self.people)}"
            f"{', in parallel' if self.parallel else ''}; {moved}; {options}; {steps}"
        )


def _judged(row: dict[str, Any]) -> dict[str, Any]:
    """Return what a row asks for, without its dates; ``waits`` where its time has not come."""
    if row.get("ends") in OVER:
        about = {name: row[name] for name in ("external_id", "given_name", "family_name") if name in row}
        return {"user_name": row["user_name"], "state": "absent", "about": about}
    rest = {name: value for name, value in row.items() if name not in ("starts", "ends")}
    if rest.get("state") == "absent":
        return {"user_name": row["user_name"], "waits": True} if "ends" in row else rest
    if row.get("starts") not in TO_COME:
        return rest
    if rest.get("active"):
        del rest["active"]
    return {**rest, "waits": True}


def _told(step: Step) -> str:
    parts = [f"{rule['do']}{_where(rule)}" for rule in step.faults]
    parts += [f"killed {step.kill.where} {step.kill.by} {step.kill.number}"] if step.kill else []
    parts += ["wrong token" if step.token == WRONG_TOKEN else "read-only token"] if step.token != TOKEN else []
    parts += ["wrong customer"] if step.wrong_customer else []
    parts += [f"{name}={value}" for name, value in step.options.items()]
    return f"{step.name}({'; '.join(parts)})" if parts else step.name


def _where(rule: Mapping[str, Any]) -> str:
    on = rule["on"]
    more = " applied" if rule.get("applied") else ""
    return f"@{on.get('method', '*')}{on.get('path', '')}+{rule['skip']}x{rule['times']}{more}"


def login(number: int) -> str:
    """Return the login name of somebody; some have an accent, in two characters, some a quote."""
    odd = {5: unicodedata.normalize("NFD", "ü"), 6: 'o"'}
    return f"u{odd.get(number % 10, '')}{number}@example.org"


def mail(number: int) -> str:
    """Return the e-mail address of somebody."""
    return f"u{number}@example.org"


def world(seed: int, kind: str | None = None) -> World:
    """Return the world of a seed.

    :param kind: Of this kind, whatever the seed says.
    """
    rng = random.Random(seed)
    drawn = rng.choices(KINDS, (30, 20, 50))[0]
    kind = kind or drawn
    parallel = kind == "roster" and rng.random() < 0.2
    switches = _switches(rng)
    if kind == "roster" and rng.random() < 0.2:
        # Lists that lie are what a roster must see through.
        switches |= rng.choice([*_LIES])
    _settle(rng, switches)
    people = [_person(rng, number) for number in range(rng.choice([0, 2, 5, 9, 14, 25]))]
    rows = _rows(rng, kind, people, switches)
    options = _options(rng, kind, switches, parallel)
    made = World(seed, kind, switches, people, rows, options, [], parallel)
    made.steps = _steps(rng, made)
    return made


# -- The tenant --------------------------------------------------------------------------------------------------------


def _switches(rng: random.Random) -> dict[str, Any]:
    moved = {}
    likely = rng.choice([0.0, 0.04, 0.12, 0.3])
    for name, switch in DRAWN_SWITCHES.items():
        if rng.random() < likely:
            others = [value for value in switch.values if value != switch.default]
            moved[name] = _MOVED[name](rng) if name in _MOVED else rng.choice(others)
    return moved


def _settle(rng: random.Random, moved: dict[str, Any]) -> None:
    """Take out what together with another switch makes a tenant that nobody could work with."""
    if moved.get("page_repeats") and moved.get("max_page") == 1:
        del moved["max_page"]  # nobody gets beyond the first page then
    if "max_page" in moved:
        moved.pop("page_over_max", None)  # who refuses 100 as well cannot be read
    if moved.get("total_results") == "page" and "max_page" in moved:
        # As pages are; a tenant of two looks the same as a page of two.
        moved["max_page"] = rng.choice([10, 16, 20, 25])
    if "slow_page" in moved:
        moved["max_page"] = 1000
    if moved.get("if_match") == "strong":
        moved.pop("missing_if_match", None)  # what is refused with and without it cannot be done
    if moved.get("refused_as") not in (None, "status"):
        # Who hides why something is refused cannot be asked in another way.
        for name in ("if_match", "missing_if_match", "patch_path_form", "request_media_type"):
            moved.pop(name, None)
    if {"version_place", "if_match", "missing_if_match"} & set(moved):
        moved["etags"] = True
    if moved.get("masked_phones"):
        moved.pop("patch", None)  # whose numbers are hidden can be switched by PATCH alone
    if moved.get("inherited_site") and moved.get("late_site") == "refuse":
        del moved["late_site"]  # who refuses the site that it shows itself takes no update


def _person(rng: random.Random, number: int) -> dict[str, Any]:
    given, family = rng.choice(GIVEN), rng.choice(FAMILY)
    name, plain = login(number), mail(number)
    email = rng.choice([plain, f"{given.lower()}.{number}@mail.example.org"]) if given.isascii() else plain
    person: dict[str, Any] = {
        "user_name": rng.choice([name, name, name.upper()]),
        "given_name": given,
        "family_name": family,
        "email": email,
        "active": rng.random() < 0.75,
        "external_id": f"HR-{number}",
        "title": rng.choice(TITLES),
        "department": rng.choice(DEPARTMENTS),
        "site": rng.choice([site["name"] for site in SITES]),
        "phone_numbers": [{"type": "mobile", "value": f"+44 7700 9000{number:02}"}],
    }
    for optional in ("external_id", "title", "department", "site", "phone_numbers"):
        if rng.random() < 0.3:
            del person[optional]
    if rng.random() < 0.12:
        person["origin"] = "console"
    # What this collection does not manage, and must not lose.
    extra: dict[str, Any] = {STRANGER: {"grade": rng.randint(1, 9), "costs": {"center": f"C{number}"}}}
    if rng.random() < 0.6:
        extra["name"] = {"givenName": given, "familyName": family, "middleName": "Quentin", "honorificPrefix": "Dr."}
    if rng.random() < 0.4:
        extra["emails"] = [
            {"value": email, "type": "work", "primary": True},
            {"value": f"home{number}@example.net", "type": "home"},
        ]
        if rng.random() < 0.3:
            extra["emails"].append(f"plain{number}@example.net")
        elif rng.random() < 0.3:
            extra["emails"] = [
                {"value": f"second{number}@example.net", "type": "work"},
                {"value": email, "type": "work", "primary": True},
            ]
    if rng.random() < 0.4:
        extra["nickName"] = f"nick{number}"
    if rng.random() < 0.3:
        extra["displayName"] = f"{given} {family}"
        extra["name"] = {"givenName": given, "familyName": family, "formatted": f"{given} {family}"}
    if rng.random() < 0.3:
        extra[ENTERPRISE] = {
            "department": rng.choice(DEPARTMENTS),
            "costCenter": f"K{number}",
            "manager": {"value": "M1"},
        }
    if rng.random() < 0.2:
        extra["phoneNumbers"] = [
            {"value": f"+44 20 7946 0{number:03}", "type": "work"},
            {"value": f"+44 20 7946 1{number:03}", "type": "home"},
        ]
    person["extra"] = extra
    return person


# -- What is wanted ----------------------------------------------------------------------------------------------------


def _rows(
    rng: random.Random, kind: str, people: list[dict[str, Any]], switches: Mapping[str, Any]
) -> list[dict[str, Any]]:
    most = {"single": 1, "loop": 6, "roster": 16}[kind]
    count = 1 if kind == "single" else rng.randint(2, most)
    numbers = rng.sample(range(max(len(people) + 6, most)), count)
    rows = []
    for number in numbers:
        known = people[number] if number < len(people) else None
        rows.append(_row(rng, kind, number, known, switches))
    if count > 1 and rng.random() < 0.1:
        rows[-1] = {**_newcomer(rng, 90), "user_name": TAKEN}
    if kind == "roster" and rng.random() < 0.3:
        rows = [{**row, **_dates(rng)} if rng.random() < 0.4 else row for row in rows]
    return rows


def _dates(rng: random.Random) -> dict[str, str]:
    """Return dates for a row: what begins before it ends."""
    return rng.choice(
        [
            {"starts": rng.choice(BEGUN)},
            {"starts": rng.choice(TO_COME)},
            {"ends": rng.choice(OVER)},
            {"ends": rng.choice(NOT_OVER)},
            {"starts": BEGUN[0], "ends": rng.choice([*OVER, *NOT_OVER])},
            {"starts": rng.choice(TO_COME), "ends": NOT_OVER[-1]},
        ]
    )


def _row(
    rng: random.Random, kind: str, number: int, known: Mapping[str, Any] | None, switches: Mapping[str, Any]
) -> dict[str, Any]:
    if known is None:
        row = _newcomer(rng, number)
        if rng.random() < 0.08:
            del row[rng.choice(REQUIRED)]
    else:
        row = {"user_name": known["user_name"], **_wishes(rng, number, known)}
        if rng.random() < 0.2:
            row["user_name"] = row["user_name"].swapcase()
        if rng.random() < 0.5:
            row["user_name"] = unicodedata.normalize("NFC", row["user_name"])
    if rng.random() < 0.06:
        row["site"] = UNKNOWN_SITE
    if rng.random() < 0.04:
        row["locale"] = "tlh"
    if rng.random() < 0.04:
        row["timezone"] = "the moon"
    if rng.random() < 0.04:
        row["family_name"] = ""
    if known is not None and rng.random() < (0.1 if kind == "roster" else 0.25):
        return {"user_name": row["user_name"], "state": "absent"}
    if rng.random() < 0.5:
        row["active"] = rng.random() < 0.5
    return row


def _newcomer(rng: random.Random, number: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "user_name": login(number),
        "given_name": rng.choice(GIVEN),
        "family_name": rng.choice(FAMILY),
        "email": mail(number),
    }
    row.update(_wishes(rng, number, {}))
    row.setdefault("site", "Oslo")
    # Empty cells, as a CSV has them, ask for nothing to be there.
    empty = rng.random() < 0.4
    return {name: value for name, value in row.items() if value or empty}


def _wishes(rng: random.Random, number: int, known: Mapping[str, Any]) -> dict[str, Any]:
    """Return some attributes, some of them as they are, some to be cleared."""
    wishes: dict[str, Any] = {
        "title": rng.choice([*TITLES, *TITLES, known.get("title") or "", "", LONG]),
        "department": rng.choice([*DEPARTMENTS, ""]),
        "given_name": rng.choice([*GIVEN, known.get("given_name", "Pat")]),
        "family_name": rng.choice([*FAMILY, known.get("family_name", "Doe")]),
        "email": rng.choice([mail(number), f"U{number}@Mail.Example.org"]),
        "external_id": rng.choice([f"HR-{number}", f"NEW-{number}", ""]),
        "site": known.get("site") or rng.choice(["London", "Paris"]),
        "locale": rng.choice([*LOCALES, ""]),
        "timezone": rng.choice([*ZONES, ""]),
        "phone_numbers": rng.choice(
            [
                [],
                [{"type": "work", "value": f"+44 20 7946 2{number:03}"}],
                [
                    {"type": "mobile", "value": f"+44 7700 9000{number:02}"},
                    {"type": "work", "value": f"+44 20 7946 3{number:03}"},
                ],
                [{"type": "mobile", "value": "+1 202 555 0143"}, {"type": "mobile", "value": "+1 202 555 0144"}],
            ]
        ),
    }
    if known.get("site") and rng.random() < 0.05:
        wishes["site"] = "Paris" if known["site"] != "Paris" else "London"
    return {name: wishes[name] for name in rng.sample(ATTRIBUTES, rng.choice([0, 1, 1, 2, 4]))}


# -- How it is run -----------------------------------------------------------------------------------------------------


def _options(rng: random.Random, kind: str, switches: Mapping[str, Any], parallel: bool) -> dict[str, Any]:
    # Seconds of a clock that does not make anybody wait; where it runs, several times as fast as ours.
    slow = parallel or "rate_limit" in switches
    options: dict[str, Any] = {"retry_budget": rng.choice([0, 3, 25] if slow else [0, 3, 30, 600])}
    emitted = switches.get("extension_urn", EXTENSION_URN)
    if emitted != EXTENSION_URN and rng.random() < 0.8:
        options["extension_urn"] = OTHER_EXTENSION_URN
    if kind != "roster":
        return options
    options["unlisted"] = rng.choices(["ignore", "report", "deactivate"], (40, 20, 40))[0]
    options["concurrency"] = rng.choice([2, 4, 8]) if parallel else 1
    options["progress"] = False
    options["as_of"] = AS_OF
    if rng.random() < 0.85:
        options["journal_file"] = "journal"
    if rng.random() < 0.8:
        options["undo_file"] = "undo"
    if rng.random() < 0.4:
        options["failed_file"] = "failed.csv"
    if rng.random() < 0.35:
        options["protected"] = rng.choice(
            [["u1@*", "u3@*"], ["*2@example.org"], ["U?@example.ORG"], [login(4), "admin*"]]
        )
    if rng.random() < 0.85:
        loose = {"deactivate": "100%"}
        options["limits"] = rng.choice(
            [
                loose,
                loose,
                loose,
                loose,
                loose,
                loose,
                {"deactivate": 3},
                {"create": 2, **loose},
                {"update": "20%", **loose},
                {"reactivate": 0},
                {"clear": 1, **loose},
                {"create": "10% or 1", **loose},
            ]
        )
    if rng.random() < 0.1:
        options["on_error"] = "stop"
    if rng.random() < 0.1:
        options["max_failures"] = rng.randint(1, 3)
    if rng.random() < 0.1:
        options["canary"] = rng.randint(1, 3)
    if rng.random() < 0.1 and not parallel:
        options["requests_per_minute"] = rng.choice([60, 600, 6000])
    return options


def _steps(rng: random.Random, made: World) -> list[Step]:
    """Return the runs: some with trouble, then some in which nothing is in the way."""
    steps: list[Step] = []
    if rng.random() < 0.3:
        steps.append(_step(rng, made, "check", kill=0.0))
    planned = made.kind == "roster" and rng.random() < 0.3
    if planned:
        # Its trouble is in applying it; making it is a check like any other.
        steps.append(Step("plan", _faults(rng, made) if rng.random() < 0.2 else (), options={"plan_file": "plan"}))
    steps += [_step(rng, made, "apply" if planned else "run", kill=0.4) for _run in range(rng.choice([1, 1, 2, 3]))]
    if made.options.get("undo_file") and rng.random() < 0.6:
        steps.append(Step("undo", options={"retry_budget": 600}))
    calm: dict[str, Any] = {"retry_budget": 600}
    if made.kind == "roster":
        calm |= {
            "limits": dict.fromkeys(LIMITS, "100%") | {"create": 100},
            "on_error": "continue",
            "max_failures": None,
            "canary": None,
        }
    if rng.random() < 0.5:
        # As the real run after it, so that they can be compared.
        steps.append(Step("check", options=calm))
    return [*steps, Step("heal", options=calm), Step("again", options=calm)]


def _step(rng: random.Random, made: World, name: str, kill: float) -> Step:
    who = rng.random()
    return Step(
        name,
        () if rng.random() < 0.12 else _faults(rng, made),
        _kill(rng, made) if rng.random() < kill else None,
        token=READ_ONLY_TOKEN if who < 0.04 else WRONG_TOKEN if who < 0.06 else TOKEN,
        wrong_customer=0.06 <= who < 0.08,
        # Shorter than the longest latency, so that an answer can come after nobody waits for it any more.
        options={"timeout": 0.06} if rng.random() < 0.15 else {},
    )


def _faults(rng: random.Random, made: World) -> tuple[dict[str, Any], ...]:
    if "rate_limit" in made.switches and rng.random() < 0.5:
        return ()  # the limit is a fault of its own
    return tuple(_rule(rng) for _rule_number in range(rng.choice([1, 2, 3, 5, 8])))


def _rule(rng: random.Random) -> dict[str, Any]:
    name = rng.choice(list(FAULTS))
    method = rng.choices(["*", "GET", "POST", "PUT", "PATCH", "DELETE"], (10, 20, 35, 35, 30, 6))[0]
    on: dict[str, Any] = {} if method == "*" else {"method": method}
    if method == "GET" and rng.random() < 0.5:
        on |= rng.choice([{"path": "/Users"}, {"path": "/Users/*"}, {"filter": "userName"}])
    elif rng.random() < 0.1:
        on["path"] = rng.choice(["/Users", "/Users/*"])
    times = None if rng.random() < 0.06 else rng.choice([1, 1, 1, 2, 3])
    # A fault at the first read is soon over; those behind it are the interesting ones.
    skip = rng.choice([0, 1, 2, 3, 5, 8]) if method in ("*", "GET") else rng.choice([0, 0, 0, 1, 2, 4])
    rule: dict[str, Any] = {"on": on, "skip": skip, "times": times, "do": name}
    rule |= {parameter: DRAWN[name, parameter](rng) for parameter in FAULTS[name]}
    if rule.get("status", 500) < 500 and name == "scim_error":
        rule["applied"] = False  # what was refused was not done, or nobody could believe anything
    if name == "scim_error" and rule["status"] == 404 and method in ("*", "GET"):
        # A server that denies somebody who is there cannot be found out, only one that refuses to write.
        rule["status"] = 503
    return rule


def _sometimes(rng: random.Random) -> bool:
    return rng.random() < 0.4


#: How each parameter of a fault is drawn.
DRAWN: Mapping[tuple[str, str], Callable[[random.Random], Any]] = {
    ("rate_limit", "form"): lambda rng: rng.choice(FORMS),
    ("rate_limit", "wait"): lambda rng: rng.choice([1, 1, 1, 4, 45]),
    # As with any refusal: who comes too often is not served (RFC 6585 section 4).
    ("rate_limit", "applied"): lambda _rng: False,
    ("html", "status"): lambda rng: rng.choice([500, 502, 503, 504]),
    ("html", "applied"): _sometimes,
    ("scim_error", "status"): lambda rng: rng.choice([500, 500, 503, 501, 400, 403, 404, 409, 412, 429]),
    ("scim_error", "scimType"): lambda rng: rng.choice([None, None, "invalidValue", "uniqueness", "tooMany"]),
    ("scim_error", "detail"): lambda rng: rng.choice(["Injected error", "userName is mandatory", ""]),
    ("scim_error", "applied"): lambda rng: rng.random() < 0.2,
    ("false_success", "form"): lambda rng: rng.choice(FALSE_SUCCESSES),
    ("false_success", "status"): lambda rng: rng.choice([200, 200, 201]),
    ("false_success", "detail"): lambda rng: rng.choice(["Injected error", ""]),
    ("false_success", "applied"): _sometimes,
    ("latency", "seconds"): lambda rng: rng.choice([0.002, 0.01, 0.09]),
    ("redirect", "location"): lambda rng: rng.choice(
        ["https://login.example.org/", "/udi/other", "http://127.0.0.1:9/"]
    ),
    ("redirect", "status"): lambda rng: rng.choice([301, 302, 303, 307, 308]),
    ("redirect", "applied"): _sometimes,
    ("html_200", "applied"): _sometimes,
    ("empty", "applied"): lambda rng: rng.random() < 0.7,
}


def _kill(rng: random.Random, made: World) -> Kill:
    ways = ["request", "request", "call", "file"]
    if made.options.get("journal_file"):
        ways += ["journal", "journal"]
    by = rng.choice(ways)
    if by == "call":
        return Kill(by, int(10 ** rng.uniform(1, 3.8)), "before")
    number = int(2 ** rng.uniform(0, 5 if made.kind == "roster" else 3))
    if by == "file":
        number = rng.randint(1, 3)
    return Kill(by, number, rng.choice(["before", "after", "torn"] if by == "journal" else ["before", "after"]))
