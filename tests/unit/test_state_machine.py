# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Any sequence of tasks, console edits and faults, against a model of the tenant that knows nothing of our code."""

from __future__ import annotations

import copy
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from requests.adapters import BaseAdapter

from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import STATE_DIR_VARIABLE
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.read_entry import user_info
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.runtime import Outcome, Runtime
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.user_entry import manage_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import (
    DEFAULT_EXTENSION_URN,
    ENTERPRISE_URN,
)
from ansible_collections.eightbyeight.scim.tests.unit.faulty_network import FAULTS, Fault, Living, Network
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    TOKEN,
    FakeTime,
    ReadOnly,
    session_over,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import ALL, Told, login, person, roster
from ansible_collections.eightbyeight.scim.tests.unit.tenant_model import (
    REQUIRED,
    Expected,
    Facts,
    Model,
    Tasks,
    facts,
    wanted,
)

#: About ten seconds; what a longer look found is a test of its own elsewhere.
EXAMPLES, STEPS = 150, 15
PEOPLE = 6

# -- What can be asked for ------------------------------------------------------------------------------------------------------

words = st.sampled_from(["A", "b", "Ünï", '"'])
numbers = st.lists(
    st.fixed_dictionaries({"type": st.sampled_from(["work", "mobile"]), "value": st.sampled_from(["1", "+2"])}),
    max_size=2,
)
clearable = st.just("") | words
partial: dict[str, st.SearchStrategy[Any]] = {
    "title": clearable,
    "department": clearable,
    "site": st.sampled_from(["London", "Paris"]),
    "phone_numbers": numbers,
    "active": st.booleans(),
}
some: dict[str, st.SearchStrategy[Any]] = {**partial, "given_name": words}
mails = words.map(lambda word: f"{word}@example.org")
zones = st.sampled_from(["", "UTC", "Europe/Paris"])
whole = {**dict.fromkeys(REQUIRED, words), "email": mails}
attributes = st.one_of(
    st.fixed_dictionaries(whole, optional=partial),
    st.fixed_dictionaries({}, optional=some),
    st.fixed_dictionaries(whole, optional=partial),
    st.fixed_dictionaries(
        {}, optional={**some, "email": st.just("") | mails, "timezone": zones, "external_id": clearable}
    ),
)
who = st.integers(1, PEOPLE)
spelled = st.sampled_from([str, str.upper])
faults = st.lists(
    st.builds(Fault, st.sampled_from(["write", "write", "write", "*", "GET", "PUT"]), st.sampled_from(FAULTS)),
    max_size=3,
)
trouble = st.tuples(faults, st.sampled_from([0, 120]))
rows = st.dictionaries(
    who,
    st.one_of(st.fixed_dictionaries(whole, optional=partial), st.fixed_dictionaries({}, optional=some)),
    max_size=5,
)
limits = st.sampled_from([ALL, ALL, ALL, {}, {**ALL, "create": 1}, {**ALL, "update": "20%"}, {**ALL, "reactivate": 0}])
#: What holds for a kind that is not given, in a tenant of at most PEOPLE. Nothing limits updates, nor people who lose a value.
UNASKED_LIMITS = {"create": 25, "deactivate": 2, "reactivate": 5}
LIMITED = {"create": "created", "update": "updated", "deactivate": "deactivated", "reactivate": "activated"}


class Sequences(RuleBasedStateMachine):
    """A tenant, its model, and everything that can happen to both."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        # Taken back by the fixture that keeps the settings of the machine out of the tests.
        os.environ[STATE_DIR_VARIABLE] = str(self.folder / "state")
        self.tenant = Living()
        self.network = Network(self.tenant)
        self.model = Model()
        self.budget = 0
        self.files = 0
        self.consoles = 0
        self.mild = True

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @initialize(
        count=st.integers(1, PEOPLE - 1),
        inactive=st.sets(who, max_size=2),
        drops=st.sampled_from([False, False, True]),
        switches=st.fixed_dictionaries(
            {
                "page_size": st.sampled_from([2, 100]),
                "patch": st.booleans(),
                "versions": st.booleans(),
                "filters": st.sampled_from(["honored", "honored", "refused", "ignored"]),
            }
        ),
    )
    def begin(self, count: int, inactive: set[int], drops: bool, switches: dict[str, Any]) -> None:
        for name, value in switches.items():
            assert hasattr(self.tenant, name)
            setattr(self.tenant, name, value)
        self.model.patch = self.tenant.patch
        self.drops(drops)
        for number in range(1, count + 1):
            self.console_creates(number, str(number), number not in inactive)

    # -- The second writer ------------------------------------------------------------------------------------------------

    def console_creates(self, number: int, key: str, active: bool) -> None:
        name = {"givenName": "Given", "familyName": "Family", "middleName": "M"}
        mails = [
            {"value": f"home{number}@example.org", "type": "home"},
            {"value": login(number), "type": "work", "primary": True},
        ]
        phones = [{"type": "fax", "value": "9"}, {"type": "work", "value": "1"}]
        extensions = {
            ENTERPRISE_URN: {"department": "A", "costCenter": "7"},
            DEFAULT_EXTENSION_URN: {"badge": "b", **({"site": "London"} if number % 2 else {})},
            "urn:elsewhere:1.0:User": {"deep": {"er": [1, {}]}},
        }
        raw = person(number, name=name, phoneNumbers=phones, active=active, nickName=f"N{number}", **extensions)
        self.tenant.users[key] = {**raw, "id": key, "emails": mails}
        self.tenant.touch(self.tenant.users[key])
        self.model.people[key] = facts(self.tenant.users[key])

    def drops(self, drops: bool) -> None:
        self.model.drops = drops
        self.tenant.rewrite = (lambda raw: raw.update(title=None)) if drops else (lambda raw: None)

    def visible(self, number: int) -> str | None:
        return self.model.find(login(number))

    @rule(
        number=who,
        what=st.sampled_from(
            ["creates", "title", "title", "activates", "deactivates", "removes", "drops", "drops no more"]
        ),
        title=words,
    )
    def the_console(self, number: int, what: str, title: str) -> None:
        """Write without us; and change what the server makes of a title."""
        key = self.visible(number)
        if what.startswith("drops"):
            self.drops(what == "drops")
        elif key is None:
            if login(number) not in self.model.taken:
                self.consoles += 1
                self.console_creates(number, f"console-{self.consoles}", what != "deactivates")
        elif what == "title":
            self.console_renames(key, title)
        elif what == "removes":
            del self.tenant.users[key], self.model.people[key]
            for taken in (self.tenant.taken_elsewhere, self.model.taken):
                taken.add(login(number))
        elif what != "creates":
            self.tenant.users[key]["active"] = self.model.people[key]["active"] = what == "activates"
            self.tenant.touch(self.tenant.users[key])

    def console_renames(self, key: str, title: str) -> None:
        self.tenant.users[key]["title"] = self.model.people[key]["title"] = title
        self.tenant.touch(self.tenant.users[key])

    # -- The modules --------------------------------------------------------------------------------------------------------

    def door(self, operation: Any, spec: Any, adapter: BaseAdapter, options: Mapping[str, Any], check: bool) -> Outcome:
        given = {name: option.get("default") for name, option in spec.argument_spec.items()}
        given.update(api_url=BASE, api_token=TOKEN, retry_budget=self.budget, **copy.deepcopy(dict(options)))
        outcome = operation(given, check, Runtime(lambda _connection: session_over(adapter), clock=FakeTime().clock))
        assert isinstance(outcome, Outcome)
        assert outcome.failed is ("error" in outcome.result)
        return outcome

    def user(self, adapter: BaseAdapter, options: Mapping[str, Any], *, check: bool = False) -> dict[str, Any]:
        return self.door(manage_user, argspec.USER, adapter, options, check).result

    def meets(self, coming: tuple[list[Fault], int]) -> None:
        """Let the next call meet some faults, with so many seconds to spend on them."""
        self.network.faults, self.budget = list(coming[0]), coming[1]
        edits = [fault for fault in coming[0] if fault.what == "meanwhile"]
        # Law 5: what passes, passes without a failure, where there is time to wait.
        self.mild = not coming[0] or (coming[1] > 0 and len(edits) < 2)
        self.tenant.conflicts = 0

    def over(self) -> tuple[bool, list[str]]:
        """Take note of what the console did meanwhile, and let the faults end.

        :returns: Whether nothing was in the way, and when somebody was hidden.
        """
        for key, nick in self.network.edits.items():
            if self.tenant.versions:
                self.model.people[key]["others"]["nickName"] = nick
        clean, hidden = not self.network.fired, self.network.hidden
        self.network.fired, self.network.hidden = 0, []
        self.network.edits.clear()
        self.network.faults.clear()
        self.tenant.log.clear()
        self.budget = 0
        return clean, hidden

    def now(self) -> dict[str, Facts]:
        return {key: facts(raw) for key, raw in self.tenant.users.items()}

    @rule(
        number=who,
        spell=spelled,
        identity=st.sampled_from([*["name"] * 9, "id", "both", "two people", "nobody's id", "nobody's id and a name"]),
        state=st.sampled_from(["present", "present", "present", "absent"]),
        given=attributes,
        coming=trouble,
    )
    def eightbyeight_user(
        self, number: int, spell: Any, identity: str, state: str, given: dict[str, Any], coming: tuple[list[Fault], int]
    ) -> None:
        key = self.visible(number)
        options = {**given, "state": state}
        if state == "absent":
            options.pop("active", None)
        other = next((each for each in self.model.people if each != key), None)
        if identity == "name" or "nobody" not in identity and key is None or identity == "two people" and other is None:
            options["user_name"] = spell(login(number))
        elif identity == "id":
            options["user_id"] = key
        elif identity == "both":
            options.update(user_id=key, user_name=spell(login(number)))
        elif identity == "two people":
            options.update(user_id=other, user_name=login(number))
        else:
            options["user_id"] = "nobody"
            if identity.endswith("name"):
                options["user_name"] = login(number)
        expected = self.model.task(options)
        before = copy.deepcopy(self.tenant.users)

        told = self.user(ReadOnly(self.tenant), options, check=True)
        assert self.tenant.users == before, "check mode changed something"
        only_real = expected.kind == "user_name_taken_elsewhere"
        if only_real:
            assert told["operation"] == "created"
        else:
            assert (told["operation"], told.get("error", {}).get("kind")) == (expected.operation, expected.kind)

        self.meets(coming)
        done = self.user(self.network, options)
        clean, hidden = self.over()
        self.looked(expected, hidden=hidden)
        if clean or (self.mild and not hidden):
            assert done.get("error", {}).get("kind") == expected.kind, done.get("msg")
        # Whom the search hid, and whom the look after a lost creation finds as wanted, may be told as created: a tenant without
        # clocks does not tell whether the creation arrived, and a failure would be a false alarm (law 5).
        undecided = "filter" in hidden and (done["operation"], expected.operation) == ("created", "unchanged")
        if clean or ("error" not in done and not undecided):
            assert (done["operation"], done["changed"]) == (expected.operation, expected.operation != "unchanged")
            if not only_real:
                for name in ("changed", "operation", "diff"):
                    assert done[name] == told[name], f"check mode foretold another {name}"
                assert [entry["action"] for entry in done["manual_actions"]] == [
                    entry["action"] for entry in told["manual_actions"]
                ]
        self.settle({str(number): (options, expected)}, [] if "error" in done else [str(number)], done["changed"])
        if "error" not in done:
            self.quiet(options)

    def looked(self, *tasks: Expected, hidden: list[str]) -> None:
        """Law 5: nobody is created again before somebody looked."""
        taken = any(task.kind == "user_name_taken_elsewhere" for task in tasks)
        assert taken or hidden or not self.tenant.conflicts, "a POST was sent without looking"

    def quiet(self, options: Mapping[str, Any]) -> None:
        """Law 1: the same task once more writes nothing."""
        again = self.user(self.network, options)
        assert (self.tenant.writes, again["operation"], again["changed"]) == ([], "unchanged", False)

    def settle(self, tasks: Tasks, succeeded: list[str], changed: bool = False) -> None:
        """Compare the tenant with what must have come of some tasks, and let the model adopt it.

        What succeeded must be as expected. What failed is as it was, or as expected: that a reply was lost does not tell.

        :param changed: Whether a task that failed says that it changed something all the same.
        """
        now = self.now()
        for name, (options, expected) in tasks.items():
            key = next((each for each, who in now.items() if who["user_name"].lower() == login(int(name))), None)
            key = options.get("user_id", key)
            was, is_now = self.model.people.get(key or ""), now.get(key or "")
            nick = None if was is None else was["others"]["nickName"]
            after = expected.after
            if after is not None:
                after = {**after, "others": {**after["others"], "nickName": nick}}
                if expected.operation == "created" and is_now is not None:
                    after["user_name"] = is_now["user_name"]
            if name in succeeded:
                assert is_now == after, "reported as done, and it is not so"
            elif changed:
                assert is_now == after, "reported as changed, and it is not so"
            else:
                assert is_now in (was, after), "neither as it was nor as it was to be"
            if is_now is not None and key is not None:
                self.model.people[key] = is_now
                if name in succeeded:
                    self.model.learn(key, expected, wanted(options).get("title"))

    @rule(
        number=who,
        by=st.sampled_from(["user_name", "active", "site", "department", "everybody"]),
        value=st.booleans(),
        coming=trouble,
    )
    def eightbyeight_user_info(self, number: int, by: str, value: bool, coming: tuple[list[Fault], int]) -> None:
        ways: dict[str, dict[str, Any]] = {
            "user_name": {"user_name": login(number).upper()},
            "active": {"active": value},
            "site": {"site": "London" if value else ""},
            "department": {"department": "A"},
            "everybody": {},
        }
        asked = ways[by]
        before = copy.deepcopy(self.tenant.users)
        self.meets(coming)
        outcome = self.door(user_info, argspec.USER_INFO, self.network, asked, False)
        clean, hidden = self.over()
        assert self.tenant.users == before
        if outcome.failed:
            assert not clean
            assert not self.mild or hidden
            return
        match = {name: value or None if name == "site" else value for name, value in asked.items()}
        match.pop("user_name", None)
        expected = sorted(
            key
            for key, who in self.model.people.items()
            if all(who[name] == value for name, value in match.items())
            and (by != "user_name" or who["user_name"].lower() == login(number))
        )
        got = sorted(entry["id"] for entry in outcome.result["users"])
        if outcome.result["complete"]:
            assert (got, outcome.result["total"]) == (expected, len(expected))
        else:
            assert hidden, "nothing was hidden, and yet it does not add up"
            assert set(got) <= set(expected)

    # -- Rosters ------------------------------------------------------------------------------------------------------------

    def file(self, name: str) -> str:
        self.files += 1
        return str(self.folder / f"{name}{self.files}")

    def plan_of(
        self, people: Mapping[int, Mapping[str, Any]], unlisted: str, protected: set[int], most: Mapping[str, Any]
    ) -> tuple[Tasks, bool]:
        """Return what a roster must come to, and whether its limits forbid it."""
        tasks: dict[str, tuple[Mapping[str, Any], Expected]] = {}
        for number, options in people.items():
            key = self.visible(number)
            expected = self.model.present(key, login(number), options)
            if number in protected:
                expected = Expected("unchanged", self.model.people.get(key or ""))
            tasks[str(number)] = (options, expected)
        for key, facts_of in self.model.people.items():
            number = int(facts_of["user_name"].lower()[1:].partition("@")[0])
            if number not in people and number not in protected and unlisted == "deactivate":
                tasks[str(number)] = ({}, self.model.absent(key))
        counts = [expected.operation for _options, expected in tasks.values()]
        # Whether a name is taken elsewhere shows only when it is written.
        counts += ["created" for _options, expected in tasks.values() if expected.kind == "user_name_taken_elsewhere"]
        for kind, limit in {**UNASKED_LIMITS, **most}.items():
            if kind not in LIMITED:
                continue
            text = str(limit)
            number_of = float(text[:-1]) * len(self.model.people) / 100 if text.endswith("%") else float(text)
            if counts.count(LIMITED[kind]) > number_of:
                return tasks, True
        return tasks, False

    def settle_roster(
        self,
        told: Told,
        tasks: Tasks,
        hidden: list[str],
        *,
        planned: bool = False,
    ) -> None:
        """Compare the tenant with what a roster must have made of it, and with what it says."""
        statuses = {str(int(name.lower()[1:].partition("@")[0])): status for name, status in told.statuses.items()}
        done = [name for name, status in statuses.items() if status == "done"]
        for operation in LIMITED.values():
            counted = [entry for entry in told.result["results"] if entry["operation"] == operation]
            assert told.result["summary"][operation] == sum(entry["status"] == "done" for entry in counted)
        tried = {name: task for name, task in tasks.items() if statuses.get(name) in ("done", "failed", "unchanged")}
        self.settle(tried, done)
        assert set(done) <= set(tasks)
        assert self.now() == self.model.people, "somebody was touched who was not told of"
        whole_run = told.kind in (None, "rows_failed")
        for name, (_options, expected) in tasks.items():
            if whole_run and not hidden and statuses.get(name, "unchanged") == "unchanged":
                assert expected.operation == "unchanged" and expected.kind is None, f"{name} was left out"
        if "early" in hidden:
            removed = [
                entry
                for entry in told.result["results"]
                if entry["operation"] == "deactivated" and entry["status"] == "done" and not planned
            ]
            assert not removed, "somebody was removed because of a listing that does not add up"

    def clean(self, told: Told, tasks: Tasks, *, forbidden: bool) -> None:
        """Compare the outcome of a roster that met no trouble with what it must be."""
        if forbidden:
            assert told.kind == "limit_exceeded"
            return
        failing = {name for name, (_options, expected) in tasks.items() if expected.kind}
        assert told.kind == ("rows_failed" if failing else None), told.message
        counted = [expected.operation for _options, expected in tasks.values() if not expected.kind]
        for operation in LIMITED.values():
            assert told.result["summary"][operation] == counted.count(operation)

    @rule(
        people=rows,
        unlisted=st.sampled_from(["ignore", "ignore", "report", "deactivate"]),
        protected=st.sets(who, max_size=2),
        most=limits,
        way=st.sampled_from(["direct", "undo", "undo", "plan", "moved"]),
        title=words,
        spell=spelled,
        coming=trouble,
    )
    def eightbyeight_roster(
        self,
        people: dict[int, dict[str, Any]],
        unlisted: str,
        protected: set[int],
        most: dict[str, Any],
        way: str,
        title: str,
        spell: Any,
        coming: tuple[list[Fault], int],
    ) -> None:
        users = [{"user_name": spell(login(number)), **options} for number, options in people.items()]
        options = {"unlisted": unlisted, "protected": [login(number).upper() for number in protected], "limits": most}
        before = copy.deepcopy(self.tenant.users)
        if unlisted == "deactivate" and not users:
            refused = roster(self.network, users, **options)
            assert (refused.kind, self.tenant.users) == ("bad_option", before)
            self.over()
            return
        tasks, forbidden = self.plan_of(people, unlisted, protected, most)
        plan = self.file("plan") if way in ("plan", "moved") else None
        checked = roster(ReadOnly(self.tenant), users, check=True, plan_file=plan, **options)
        assert self.tenant.users == before, "check mode changed something"
        self.meets(([], 0) if way == "undo" else coming)
        if plan and not forbidden:
            self.apply_plan(plan, checked, tasks, title if way == "moved" else None)
            return
        undo = self.file("undo")
        told = roster(self.network, users, undo_file=undo, retry_budget=self.budget, **options)
        was = copy.deepcopy(self.model.people)
        clean, hidden = self.over()
        only_real = any(expected.kind == "user_name_taken_elsewhere" for _options, expected in tasks.values())
        self.looked(*[expected for _options, expected in tasks.values()], hidden=hidden)
        if clean or (self.mild and not hidden):
            self.clean(told, tasks, forbidden=forbidden)
            if not only_real:
                for name in ("changed", "summary", "diff"):
                    assert told.result[name] == checked.result[name], f"check mode foretold another {name}"
        self.settle_roster(told, tasks, hidden)
        # Whom the first listing hid may be left for the second run to remove.
        if told.error is None and not (hidden and unlisted == "deactivate"):
            again = roster(self.network, users, **options)
            assert (self.tenant.writes, again.result["changed"]) == ([], False), "the second run writes"
            if way == "undo" and clean and not self.model.drops and told.result["changed"]:
                self.take_back(undo, was)
        self.tenant.log.clear()

    def take_back(self, undo: str, was: Mapping[str, Facts]) -> None:
        """Apply the undo of a roster: everybody is as before, except where 8x8 knows no way back."""
        back = roster(self.network, apply_plan=undo, limits=ALL)
        assert back.error is None, back.message
        for key, who_is in self.now().items():
            if key in was:
                once = {"site": who_is["site"]} if was[key]["site"] is None else {}
                self.model.people[key] = {**was[key], **once}
            else:
                self.model.people[key]["active"] = False
        assert self.now() == self.model.people, "not everything was taken back"
        self.tenant.log.clear()
        roster(self.network, apply_plan=undo, limits=ALL)
        assert self.tenant.writes == []

    def apply_plan(
        self,
        plan: str,
        checked: Told,
        tasks: Tasks,
        moved: str | None,
    ) -> None:
        """Apply what was planned, after the console has changed the title of everybody in the plan, or not."""
        todo = {
            name: task
            for name, task in tasks.items()
            if task[1].operation != "unchanged" or task[1].kind == "user_name_taken_elsewhere"
        }
        if moved is not None:
            for there in filter(None, map(self.visible, map(int, todo))):
                self.console_renames(there, moved)
        expected: dict[str, tuple[Mapping[str, Any], Expected]] = {}
        for name, (options, planned) in todo.items():
            key = self.visible(int(name))
            if key is None:
                expected[name] = (options, planned)
                continue
            named = {attribute: wanted(options)[attribute] for attribute in planned.named}
            active = (planned.after or {})["active"]
            gone = planned.operation == "deactivated" and not named
            fresh = self.model.absent(key) if gone else self.model.update(key, named, active)
            if "title" in planned.named and moved is not None and fresh.operation != "unchanged":
                before = next(
                    row["changes"]["before"]
                    for row in checked.result["results"]
                    if row["user_name"].lower() == login(int(name))
                )
                if before["title"] != moved:
                    fresh = Expected("unchanged", self.model.people[key], "row_moved")
            expected[name] = (options, fresh)
        approved: dict[str, Any] = {
            "apply_plan": plan,
            "plan_digest": checked.result["plan"]["digest"],
            "limits": ALL,
        }
        rehearsed = roster(ReadOnly(self.tenant), check=True, **approved)
        assert self.now() == self.model.people, "check mode changed something"
        told = roster(self.network, retry_budget=self.budget, **approved)
        clean, hidden = self.over()
        self.looked(*[each for _options, each in expected.values()], hidden=hidden)
        if clean or (self.mild and not hidden):
            failing = {name for name, (_options, each) in expected.items() if each.kind}
            assert told.kind == ("rows_failed" if failing else None), told.message
            kinds = {entry["user_name"].lower(): (entry["error"] or {}).get("kind") for entry in told.result["results"]}
            for name, (_options, each) in expected.items():
                assert kinds[login(int(name))] == each.kind
            if not any(each.kind == "user_name_taken_elsewhere" for _options, each in expected.values()):
                for key in ("changed", "summary", "diff"):
                    assert told.result[key] == rehearsed.result[key], f"check mode foretold another {key}"
        self.settle_roster(told, expected, hidden, planned=True)

    # -- What always holds ------------------------------------------------------------------------------------------------

    @invariant()
    def the_tenant_is_as_the_model(self) -> None:
        assert self.now() == self.model.people

    @invariant()
    def nobody_is_there_twice(self) -> None:
        logins = [raw["userName"].lower() for raw in self.tenant.users.values()]
        assert len(logins) == len(set(logins))
        assert not self.model.taken & set(logins)


def test_any_sequence_of_tasks_edits_and_faults() -> None:
    run_state_machine_as_test(
        Sequences,
        settings=settings(
            derandomize=True,
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
