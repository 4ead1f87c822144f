# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A short part of the fault campaign, and the proof that the campaign sees what it is for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import worlds
from campaign import Tally, judge
from eightbyeight_emulator import FAULTS
from eightbyeight_emulator.faults import FORMS
from laws import LAWS
from runner import Tenant
from worlds import KINDS, STRANGER, Kill, Step, World, login, world

from ansible_collections.eightbyeight.scim.plugins.module_utils import _plan
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.listing import Listing
from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import roster_entry, user_entry
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource import payload
from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.reader import Row
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import plan_rows, report, review, undo
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.apply import Workers
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.breaker import Breaker
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.journal import Journal
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.match import Index
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.record import Context
from ansible_collections.eightbyeight.scim.plugins.module_utils._write import confirm, execute
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.progress import Progress


@pytest.fixture(scope="module")
def tenant() -> Iterator[Tenant]:
    """The process of a tenant, forked while there is one thread."""
    until = time.monotonic() + 5
    while threading.active_count() > 1 and time.monotonic() < until:
        time.sleep(0.01)
    made = Tenant()
    yield made
    made.close()


@pytest.fixture(scope="module")
def drawn() -> list[World]:
    """What the first seeds stand for."""
    return [world(seed) for seed in range(2000)]


# -- What is drawn -----------------------------------------------------------------------------------------------------


def test_every_switch_of_the_emulator_is_moved_to_every_position(drawn: list[World]) -> None:
    """Who teaches the emulator a new one must say in worlds.py how the campaign draws it."""
    moved: dict[str, set[str]] = {}
    for each in drawn:
        for name, value in each.switches.items():
            moved.setdefault(name, set()).add(str(value))
    assert set(moved) == set(worlds.DRAWN_SWITCHES)
    for name, switch in worlds.DRAWN_SWITCHES.items():
        assert moved[name] >= {str(value) for value in switch.values if value != switch.default}, name
        assert switch.values or len(moved[name]) > 1, name


def test_every_fault_of_the_emulator_is_drawn_with_every_parameter(drawn: list[World]) -> None:
    rules = [rule for each in drawn for step in each.steps for rule in step.faults]
    assert set(worlds.DRAWN) == {(fault, parameter) for fault in FAULTS for parameter in FAULTS[fault]}
    for fault, parameters in FAULTS.items():
        mine = [rule for rule in rules if rule["do"] == fault]
        assert mine, fault
        for parameter in parameters:
            values = {rule[parameter] for rule in mine}
            # Who comes too often is not served: a limiter that does it all the same is no fault, but a lie.
            assert len(values) > 1 or (fault, parameter) == ("rate_limit", "applied"), (fault, parameter)
    assert {rule["form"] for rule in rules if rule["do"] == "rate_limit"} == set(FORMS)


def test_every_kind_of_death_and_of_run_is_drawn(drawn: list[World]) -> None:
    steps = [step for each in drawn for step in each.steps]
    assert {(step.kill.by, step.kill.where) for step in steps if step.kill} == {
        *(("request", where) for where in ("before", "after")),
        *(("file", where) for where in ("before", "after")),
        *(("journal", where) for where in ("before", "after", "torn")),
        ("call", "before"),
    }
    assert {step.name for step in steps} == {"run", "check", "plan", "apply", "undo", "heal", "again"}


def test_a_seed_is_a_world() -> None:
    assert str(world(4711)) == str(world(4711))
    assert world(4711).rows == world(4711).rows


# -- A short campaign --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_laws_hold(tenant: Tenant, kind: str) -> None:
    tally = Tally()
    told = {seed: judge(world(seed, kind), tenant, tally) for seed in range(1, 11)}
    assert not {seed: breaches for seed, breaches in told.items() if breaches}
    assert tally.worlds[kind] == 10


ROWS: list[dict[str, Any]] = [
    {"user_name": login(0), "title": "Chief"},
    {"user_name": login(1), "active": False},
    {"user_name": login(7), "given_name": "New", "family_name": "Comer", "email": login(7), "site": "Oslo"},
]
MAIL = {"value": login(0), "type": "work", "primary": True}
NAME = {"givenName": "Ada", "familyName": "Marlowe"}
PEOPLE: list[dict[str, Any]] = [
    {
        "user_name": login(number),
        "given_name": "Ada",
        "family_name": "Marlowe",
        "external_id": f"HR-{number}",
        "title": "Analyst",
        "site": "London",
        "extra": {"nickName": f"nick{number}", STRANGER: {"grade": number}},
    }
    for number in range(4)
]
OPTIONS: dict[str, Any] = {
    "retry_budget": 600,
    "unlisted": "deactivate",
    "concurrency": 1,
    "progress": False,
    "journal_file": "journal",
    "undo_file": "undo",
    "limits": {"deactivate": "100%"},
}
LAST = (Step("heal"), Step("again"))


def made(*steps: Step, kind: str = "roster", **more: Any) -> World:
    """Return a world made by hand: one to update, one to deactivate, one to create, and two whom nobody lists."""
    options = OPTIONS if kind == "roster" else {"retry_budget": 600}
    given = {"switches": {}, "people": PEOPLE, "rows": ROWS, "options": options, **more}
    given["options"] = {**options, **given["options"]}
    return World(seed=1, kind=kind, steps=list(steps), parallel=False, **given)


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_strikes_every_verb_and_the_laws_hold(tenant: Tenant, fault: str) -> None:
    rules = tuple(
        {"on": {"method": method}, "do": fault, "skip": skip, "times": 1, **FAULTS[fault]}
        for method, skip in (("GET", 2), ("POST", 0), ("PUT", 0), ("PATCH", 1))
    )
    short = tuple({**rule, "seconds": 0.01} for rule in rules) if fault == "latency" else rules
    tally = Tally()
    assert judge(made(Step("run", short), *LAST), tenant, tally) == []
    # The first redirect ends a run: whatever answers there is not 8x8.
    assert sum(number for kind, number in tally.fired.items() if kind.startswith(fault)) >= 2 - (fault == "redirect")


@pytest.mark.parametrize(
    "kill",
    [
        Kill("request", 3, "before"),
        Kill("request", 3, "after"),
        Kill("journal", 4, "before"),
        Kill("journal", 5, "torn"),
        Kill("journal", 6, "after"),
        Kill("file", 1, "before"),
        Kill("file", 1, "after"),
        Kill("call", 900, "before"),
    ],
    ids=lambda kill: f"{kill.where}-{kill.by}",
)
def test_a_killed_run_can_be_undone_and_run_again(tenant: Tenant, kill: Kill) -> None:
    tally = Tally()
    assert judge(made(Step("run", kill=kill), Step("undo"), *LAST), tenant, tally) == []
    assert tally.killed["roster"] == 1


# -- What the campaign sees --------------------------------------------------------------------------------------------


@dataclass
class Broken:
    """A law, what to break in the engine that it must notice, and a world in which that shows."""

    law: str
    owner: Any
    name: str
    make: Callable[[Any], Any]
    steps: tuple[Step, ...] = LAST
    more: Mapping[str, Any] = field(default_factory=dict)


def instead(value: Any) -> Callable[[Any], Any]:
    """Put a function that always says the same in the place of another."""
    return lambda _original: lambda *_arguments, **_options: value


def crash(_original: Any) -> Any:
    def run(*_arguments: Any, **_options: Any) -> None:
        raise ZeroDivisionError("a bug")

    return run


def forgets_what_it_does_not_know(original: Any) -> Any:
    def replacement(current: Any, active: bool, attributes: Any) -> dict[str, Any]:
        body: dict[str, Any] = original(current, active, attributes)
        return {key: value for key, value in body.items() if key not in ("nickName", STRANGER)}

    return replacement


def believes_every_list(original: Any) -> Any:
    return lambda pages: original(pages)._replace(complete=True)


def claims_without_sending(_original: Any) -> Any:
    return lambda _task, at: at._replace(applied=True)


def counts_no_request(original: Any) -> Any:
    return lambda record, options, _sent: original(record, options, {})


def counts_one_too_many(original: Any) -> Any:
    def result(*arguments: Any) -> dict[str, Any]:
        told: dict[str, Any] = original(*arguments)
        told["summary"]["created"] += 1
        return told

    return result


def writes_in_check_mode(original: Any) -> Any:
    return lambda task: original(task._replace(check_mode=False))


def notes_no_success(_original: Any) -> Any:
    return lambda self, answer=None: self


def predicts_nothing(original: Any) -> Any:
    return lambda self, row: None if self._context.options.check_mode else original(self, row)


def deactivates_whom_it_should_report(original: Any) -> Any:
    return lambda self, *, deactivate: original(self, deactivate=True)


def notes_too_late(original: Any) -> Any:
    return lambda self, now, event, **facts: None if event == "sent" else original(self, now, event, **facts)


def stops_at_the_first(original: Any) -> Any:
    return lambda self, entries: original(self, entries[:1])


def brings_back(original: Any) -> Any:
    """Take ``active`` that was left out for true."""

    def planned(current: Any, wanted: Any, active: bool, declined: Any) -> Any:
        return original(current, wanted, active or wanted.active is None, declined)

    return planned


def fault(name: str, method: str, **more: Any) -> dict[str, Any]:
    return {"on": {"method": method}, "do": name, "skip": 0, "times": 1, **FAULTS[name], **more}


BROKEN = [
    Broken("always_ends_with_an_outcome", roster_entry, "run_roster", crash),
    Broken(
        "nobody_twice",
        Index,
        "candidates",
        instead({}),
        more={
            "switches": {"user_name_case": "exact"},
            "rows": [{**ROWS[2], "user_name": login(0).upper()}],
            "options": {"unlisted": "ignore"},
        },
    ),
    Broken(
        "looked_before_sent_again",
        execute,
        "find_created",
        instead(None),
        (Step("run", (fault("reset_before", "POST"),)), *LAST),
    ),
    Broken("nothing_unmanaged_is_lost", _plan, "put_body", forgets_what_it_does_not_know),
    Broken(
        "no_old_name_travels",
        payload,
        "_update_full_names",
        instead(None),
        more={
            "rows": [{"user_name": login(0), "family_name": "Quill"}],
            "people": [{**PEOPLE[0], "extra": {"name": {**NAME, "formatted": "Ada Marlowe"}}}],
        },
    ),
    Broken(
        "who_left_stays_out",
        _plan,
        "_plan_update",
        brings_back,
        more={"people": [{**PEOPLE[0], "active": False}], "rows": [ROWS[0]]},
    ),
    Broken(
        "dates_are_kept",
        Row,
        "is_deferred",
        instead(False),
        more={"rows": [{**ROWS[2], "starts": worlds.TO_COME[0]}], "options": {"as_of": worlds.AS_OF}},
    ),
    Broken(
        "no_removal_from_an_incomplete_list",
        Listing,
        "of",
        believes_every_list,
        (Step("run"), *LAST),
        {"switches": {"total_off": 1}},
    ),
    Broken("success_is_true", execute, "execute", claims_without_sending),
    Broken(
        "only_refusals_are_remembered",
        confirm,
        "was_processed",
        instead(True),
        (Step("run"), *LAST),
        {"switches": {"write_answers": "partial", "read_delay": 3}, "rows": [ROWS[0]], "kind": "single"},
    ),
    Broken(
        "what_is_hopeless_ends",
        Breaker,
        "failed",
        instead(None),
        (Step("run"),),
        {
            "switches": {"write_rights": "none"},
            "rows": [{**ROWS[2], "user_name": login(20 + row)} for row in range(12)],
        },
    ),
    Broken("partial_success_is_complete", Progress, "accepted", notes_no_success),
    Broken("summary_adds_up", report, "_result_of", counts_one_too_many),
    Broken("requests_are_counted", report, "_result_of", counts_no_request),
    Broken(
        "check_mode_only_reads",
        user_entry,
        "ensure_user",
        writes_in_check_mode,
        (Step("check"), *LAST),
        {"kind": "loop"},
    ),
    Broken("check_mode_predicts", plan_rows._Planner, "plan", predicts_nothing, (Step("check"), *LAST)),
    Broken(
        "the_protected_are_untouched",
        Context,
        "protects",
        instead(False),
        more={"options": {"protected": ["u1@*"]}},
    ),
    Broken(
        "strangers_are_untouched",
        plan_rows._Planner,
        "plan_unlisted",
        deactivates_whom_it_should_report,
        more={"options": {"unlisted": "report"}},
    ),
    Broken(
        "limits_are_kept",
        review,
        "check_limits",
        instead(None),
        (Step("run"),),
        {"options": {"limits": {"deactivate": 2}}},
    ),
    Broken("the_journal_knows", Journal, "note", notes_too_late),
    Broken(
        "undo_puts_back",
        undo,
        "may_have_taken_effect",
        instead(False),
        (Step("run"), Step("undo"), *LAST),
    ),
    Broken("heals", Workers, "apply", stops_at_the_first),
    Broken(
        "the_second_run_is_silent", Memory, "keep", instead(True), more={"switches": {"drop_attributes": ["title"]}}
    ),
    Broken(
        "the_token_is_nowhere",
        Connection,
        "redact",
        lambda _original: lambda self, text: text,
        (Step("run", (fault("echo_token", "POST"),)), *LAST),
    ),
]


#: Further ways to break a law, beside switches that the laws take into account.
ALSO_BROKEN = [
    Broken(
        "nothing_unmanaged_is_lost",
        payload,
        "_refuse_masked",
        instead(None),
        more={
            "switches": {"masked_phones": True},
            "people": [{**PEOPLE[0], "phone_numbers": [{"type": "mobile", "value": "+44 7700 900001"}]}],
            "rows": [ROWS[0]],
        },
    ),
    Broken(
        "nothing_unmanaged_is_lost",
        payload,
        "with_work_email",
        lambda _original: lambda _value, address: [{"value": address, "type": "work", "primary": True}],
        more={
            "switches": {"other_emails": "keep"},
            "people": [{**PEOPLE[0], "extra": {"emails": [MAIL, {"value": "home0@example.net", "type": "home"}]}}],
            "rows": [{"user_name": login(0), "email": "new@example.org"}],
        },
    ),
    Broken(
        "nothing_unmanaged_is_lost",
        plan_rows._Planner,
        "plan_unlisted",
        deactivates_whom_it_should_report,
        more={"options": {"unlisted": "report"}},
    ),
    Broken(
        "success_is_true",
        execute,
        "execute",
        claims_without_sending,
        (Step("plan", options={"plan_file": "plan"}), Step("apply")),
        {"rows": [ROWS[0]], "options": {"unlisted": "ignore"}},
    ),
    Broken(
        "undo_puts_back",
        undo,
        "may_have_taken_effect",
        instead(False),
        (Step("run"), Step("undo"), *LAST),
        {"switches": {"work_phone": "drop", "normalize": {"emails": "lower"}, "put_omitted": "never"}},
    ),
    Broken(
        "check_mode_predicts",
        plan_rows,
        "with_hidden_attributes",
        lambda _original: lambda _client, listing, _rows, _workers: (listing, {}),
        (Step("check"), *LAST),
        {"switches": {"list_omits": ["title"]}, "rows": [{"user_name": login(0), "title": "Analyst"}]},
    ),
]


def test_every_law_is_shown_to_see() -> None:
    assert [broken.law for broken in BROKEN] == [law.__name__ for law in LAWS]


@pytest.mark.parametrize("broken", [*BROKEN, *ALSO_BROKEN], ids=lambda broken: f"{broken.law}-{broken.name}")
def test_a_broken_engine_is_seen(tenant: Tenant, monkeypatch: pytest.MonkeyPatch, broken: Broken) -> None:
    scene = made(*broken.steps, **broken.more)
    assert judge(scene, tenant, Tally()) == [], "the engine as it is keeps the law"
    monkeypatch.setattr(broken.owner, broken.name, broken.make(getattr(broken.owner, broken.name)))
    tally = Tally()
    told = judge(scene, tenant, tally)
    assert tally.broken[broken.law], told
