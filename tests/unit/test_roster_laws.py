# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Laws of rosters: check mode tells the truth, twice is once, undo is before, and nobody else is touched."""

from __future__ import annotations

import copy
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import (
    DEFAULT_EXTENSION_URN,
    ENTERPRISE_URN,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.user import User
from ansible_collections.eightbyeight.scim.tests.faults.user_documents import view, wish
from ansible_collections.eightbyeight.scim.tests.unit.helpers import ReadOnly, Tenant
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    Told,
    login,
    managed,
    newcomer,
    people,
    person,
    roster,
    row,
)

# -- Law 2, as a table ----------------------------------------------------------------------------------------------------


@dataclass
class Scenario:
    """A tenant, and a task.

    :param kind: Of the error of the run.
    :param only_real: Login names whose trouble can only be known by writing.
    """

    there: list[dict[str, Any]]
    users: list[Any]
    summary: dict[str, int]
    kind: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    switches: dict[str, Any] = field(default_factory=dict)
    only_real: tuple[str, ...] = ()


FIVE = people(5)
NO_SITE: dict[str, Any] = {DEFAULT_EXTENSION_URN: None}
SCENARIOS = {
    "nothing to do": Scenario(FIVE, [row(1), row(2, title="Analyst")], {"unchanged": 2}),
    "an empty roster": Scenario(FIVE, [], {}),
    "everything": Scenario(
        [*FIVE, person(6, active=False), person(7, active=False)],
        [
            newcomer(9),
            row(1, title="A"),
            row(6, active=True),
            row(7, title="A", active=True),
            row(2, active=False),
            row(3),
        ],
        {"created": 1, "updated": 1, "activated": 2, "deactivated": 3, "unchanged": 1},
        options={"unlisted": "deactivate", "limits": ALL},
    ),
    "unlisted are reported": Scenario(FIVE, [row(1)], {"unchanged": 1, "unlisted": 4}, options={"unlisted": "report"}),
    "some are protected": Scenario(
        FIVE,
        [row(1, title="A")],
        {"protected": 2, "deactivated": 3},
        options={"unlisted": "deactivate", "protected": ["u1@*", "U2@*"], "limits": ALL},
    ),
    "beyond the limit": Scenario(
        FIVE, [row(1), newcomer(9)], {"unchanged": 1, "refused": 5}, "limit_exceeded", {"unlisted": "deactivate"}
    ),
    "beyond the limit of creations": Scenario(
        FIVE, [newcomer(9), newcomer(10)], {"refused": 2}, "limit_exceeded", {"limits": {"create": 1}}
    ),
    "an empty roster that would remove all": Scenario(
        FIVE, [], {}, "bad_option", {"unlisted": "deactivate", "limits": ALL}
    ),
    "a row that cannot be": Scenario(
        FIVE,
        [row(1, site="Paris"), row(2, title="A"), row(9), row(3, email="")],
        {"updated": 1, "refused": 3},
        "rows_failed",
    ),
    "a site that is not known": Scenario(
        [*FIVE, person(6, **NO_SITE)],
        [newcomer(9, site="Rome"), row(6, site="Rome"), row(1, title="A")],
        {"created": 1, "updated": 2},
        only_real=(login(9), login(6)),
    ),
    "ambiguous rows": Scenario(
        [*FIVE, person(6, externalId="x")],
        [{"user_name": login(1), "external_id": "x"}, row(2, title="A")],
        {"refused": 1, "updated": 1},
        "rows_failed",
    ),
    "rows that cannot be read": Scenario(FIVE, [{"titel": "x"}], {}, "bad_roster"),
    "small pages": Scenario(people(25), [row(25, title="A")], {"updated": 1}, switches={"page_size": 4}),
    "no PATCH": Scenario(
        FIVE, [row(1, active=False)], {"deactivated": 1}, options={"limits": ALL}, switches={"patch": False}
    ),
    "versions": Scenario(
        [person(1, meta={"version": 'W/"1"'})], [row(1, title="A")], {"updated": 1}, switches={"versions": True}
    ),
    "no address": Scenario(
        [person(1), {**person(2), "emails": []}],
        [row(2, title="A"), row(1, title="A")],
        {"refused": 1, "updated": 1},
        "rows_failed",
    ),
}


def tenant_of(scenario: Scenario) -> Tenant:
    tenant = Tenant(*scenario.there)
    for name, value in scenario.switches.items():
        assert hasattr(tenant, name)
        setattr(tenant, name, value)
    return tenant


def operations(told: Told) -> list[tuple[Any, ...]]:
    """Return what happens to whom, for a real run or one in check mode."""
    return [
        (
            entry["row"],
            entry["user_name"],
            entry["operation"],
            "planned" if entry["status"] == "done" else entry["status"],
            entry["changes"],
            entry["error"],
        )
        for entry in told.result["results"]
    ]


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("name", SCENARIOS)
def test_check_mode_tells_what_the_real_run_does(name: str, workers: int, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    tenant = tenant_of(scenario)
    before = copy.deepcopy(tenant.users)
    options: dict[str, Any] = {**scenario.options, "concurrency": workers if len(scenario.there) > 20 else 1}
    files: dict[str, Any] = {key: str(tmp_path / key) for key in ("undo_file", "journal_file")}

    told = roster(ReadOnly(tenant), scenario.users, check=True, **options, **files)
    assert tenant.users == before
    assert not list(tmp_path.glob("*_file")), "check mode undoes nothing and notes nothing"
    assert (told.summary, told.kind) == (scenario.summary, scenario.kind)
    assert told.result["changed"] is bool({"created", "updated", "activated", "deactivated"} & set(scenario.summary))
    reads = list(tenant.log)
    assert roster(ReadOnly(tenant), scenario.users, check=True, **options).result == told.result
    tenant.log.clear()

    done = roster(tenant, scenario.users, **options)
    assert sorted(tenant.log[: len(reads)]) == sorted(reads), "both look at the same things before they decide"
    if scenario.only_real:
        assert done.kind == "rows_failed"
        assert {user for user, status in done.statuses.items() if status == "failed"} == set(scenario.only_real)
        return
    assert operations(done) == operations(told)
    for key in ("changed", "summary", "diff", "problems", "plan", "complete", "changed_elsewhere"):
        assert done.result[key] == told.result[key], key
    assert (done.kind, done.message) == (told.kind, told.message)
    todo = [[(entry["action"], entry["user_name"]) for entry in each.result["manual_actions"]] for each in (done, told)]
    assert todo[0] == todo[1]
    assert set(done.result) == set(told.result)
    assert (managed(tenant.users) != managed({raw["id"]: raw for raw in scenario.there})) is done.result["changed"]


@pytest.mark.parametrize("moved", [False, True])
def test_check_mode_of_a_plan_tells_who_has_moved(tmp_path: Path, moved: bool) -> None:
    tenant = Tenant(*FIVE, person(6, active=False))
    plan = str(tmp_path / "plan")
    rows = [
        row(1, title="A"),
        row(2, title="A"),
        row(3, active=False),
        newcomer(9),
        newcomer(10),
        row(6),
        row(4, title="A"),
    ]
    roster(ReadOnly(tenant), rows, check=True, plan_file=plan, limits=ALL)
    if moved:
        tenant.users["1"]["title"] = "Else"
        tenant.users["2"]["title"] = "A"
        tenant.users["9"] = person(9)
    told = roster(ReadOnly(tenant), apply_plan=plan, check=True, limits=ALL, journal_file=str(tmp_path / "journal"))
    assert not (tmp_path / "journal").exists()
    done = roster(tenant, apply_plan=plan, limits=ALL)
    assert operations(done) == operations(told)
    for key in ("changed", "summary", "diff", "changed_elsewhere", "plan"):
        assert done.result[key] == told.result[key], key
    assert (done.kind, done.message, done.warnings) == (told.kind, told.message, told.warnings)
    todo = [[(entry["action"], entry["user_name"]) for entry in each.result["manual_actions"]] for each in (done, told)]
    assert todo[0] == todo[1]
    assert done.kind == ("rows_failed" if moved else None)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_second_run_writes_nothing(name: str) -> None:
    scenario = SCENARIOS[name]
    tenant = tenant_of(scenario)
    roster(tenant, scenario.users, **scenario.options)
    if scenario.only_real or scenario.kind == "limit_exceeded":
        return
    tenant.log.clear()
    again = roster(tenant, scenario.users, **scenario.options)
    assert tenant.writes == []
    assert again.result["changed"] is False


def test_the_table_has_every_guard() -> None:
    assert {scenario.kind for scenario in SCENARIOS.values()} == {
        None,
        "bad_option",
        "bad_roster",
        "limit_exceeded",
        "rows_failed",
    }


# -- Any tenant and any roster ----------------------------------------------------------------------------------------------

steady = settings(
    derandomize=True, max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
words = st.sampled_from(["", "A", "b", "Ünïcode", '"', "\\", "x y"])
given_words = st.sampled_from(["A", "b", "Ünïcode", '"'])
numbers = st.lists(
    st.fixed_dictionaries({"type": st.sampled_from(["work", "mobile"]), "value": st.sampled_from(["1", "+2"])}),
    max_size=2,
)


@st.composite
def tenants(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for number in range(1, draw(st.integers(0, 6)) + 1):
        site = draw(st.sampled_from(["London", "Paris", None]))
        extension: dict[str, Any] = {DEFAULT_EXTENSION_URN: {"site": site} if site else None}
        found.append(
            person(
                number,
                active=draw(st.booleans()),
                title=draw(words) or None,
                externalId=draw(st.sampled_from([None, f"e{number}"])),
                phoneNumbers=draw(numbers),
                nickName=draw(words) or None,
                **{ENTERPRISE_URN: {"department": draw(given_words), "costCenter": "7"}},
                **extension,
            )
        )
    return found


@st.composite
def rosters(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for number in draw(st.lists(st.integers(1, 9), unique=True, max_size=7)):
        given: dict[str, Any] = {"user_name": draw(st.sampled_from([login(number), login(number).upper()]))}
        optional = {
            "given_name": given_words,
            "family_name": given_words,
            "email": given_words,
            "title": words,
            "department": words,
            "site": st.sampled_from(["London", "Paris"]),
            "phone_numbers": numbers,
            "active": st.booleans(),
        }
        for name, values in optional.items():
            if draw(st.booleans()) or (number > 5 and name in ("given_name", "family_name", "email")):
                given[name] = draw(values)
        rows.append(given)
    return rows


protections = st.lists(st.sampled_from([login(1), "u2@*", "U[34]@*"]), max_size=2)
unlisted = st.sampled_from(["ignore", "report", "deactivate"])


def wanted_by(rows: list[dict[str, Any]], told: Told) -> dict[str, dict[str, Any]]:
    """Return login name -> what its row asks for, of those that were not refused or protected."""
    left_alone = {
        entry["user_name"].lower() for entry in told.result["results"] if entry["status"] in ("refused", "protected")
    }
    return {entry["user_name"].lower(): entry for entry in rows if entry["user_name"].lower() not in left_alone}


@steady
@given(tenants(), rosters(), unlisted, protections)
def test_applied_once_is_as_wanted_and_twice_is_once(
    there: list[dict[str, Any]], rows: list[dict[str, Any]], others: str, protected: list[str]
) -> None:
    tenant = Tenant(*there)
    options: dict[str, Any] = {"unlisted": others if rows else "ignore", "protected": protected, "limits": ALL}
    checked = roster(ReadOnly(tenant), rows, check=True, **options)
    told = roster(tenant, rows, **options)
    assert operations(told) == operations(checked)
    for key in ("changed", "summary", "diff", "plan"):
        assert told.result[key] == checked.result[key]
    assert told.kind == checked.kind
    assert "failed" not in told.summary
    now = {str(raw["userName"]).lower(): raw for raw in tenant.users.values()}
    before = {str(raw["userName"]).lower(): raw["active"] for raw in there}
    for name, entry in wanted_by(rows, told).items():
        attributes = view(now[name])
        for key in entry.keys() & attributes.keys():
            assert (attributes[key] or None) == wish(entry, key), key
        assert now[name]["active"] is entry.get("active", before.get(name, True))
    after = copy.deepcopy(tenant.users)
    tenant.log.clear()
    again = roster(tenant, rows, **options)
    assert tenant.writes == []
    assert again.result["changed"] is False
    assert tenant.users == after


@steady
@given(tenants(), rosters(), unlisted, protections)
def test_nobody_else_is_touched(
    there: list[dict[str, Any]], rows: list[dict[str, Any]], others: str, protected: list[str]
) -> None:
    tenant = Tenant(*there)
    others = others if rows else "ignore"
    roster(tenant, rows, unlisted=others, protected=[*protected, "u3@*"], limits=ALL)
    named = {entry["user_name"].lower() for entry in rows}
    saved = {f"u{number}@example.org" for number in (1, 2, 3, 4)}
    kept = {
        name
        for name in saved
        if name == login(3)
        or (name == login(1) and login(1) in protected)
        or (name == login(2) and "u2@*" in protected)
        or (name == login(4) and "U[34]@*" in protected)
    }
    for raw in there:
        now = tenant.users[raw["id"]]
        if raw["userName"] in kept or (raw["userName"] not in named and others != "deactivate"):
            assert now == raw
        if raw["userName"] not in named and others == "deactivate":
            assert {**now, "active": None} == {**raw, "active": None}
        # What no row can name survives every PUT.
        assert now.get("nickName") == raw.get("nickName")
        assert now[ENTERPRISE_URN]["costCenter"] == "7"


@steady
@given(tenants(), rosters(), unlisted, st.booleans())
def test_undo_after_apply_is_before(
    there: list[dict[str, Any]], rows: list[dict[str, Any]], others: str, on_paper: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tenant = Tenant(*there)
        tenant.tells_time = False
        undo, plan = f"{folder}/undo", f"{folder}/plan"
        options: dict[str, Any] = {"unlisted": others if rows else "ignore", "limits": ALL}
        if on_paper:
            roster(ReadOnly(tenant), rows, check=True, plan_file=plan, **options)
            told = roster(tenant, apply_plan=plan, limits=ALL, undo_file=undo)
            assert told.error is None
        else:
            told = roster(tenant, rows, undo_file=undo, **options)
        if not told.result["changed"]:
            assert not Path(undo).exists()
            return
        back = roster(tenant, apply_plan=undo, limits=ALL)
        assert back.error is None, back.message
        assert back.result["changed_elsewhere"] == []
        for raw in there:
            was, now = dict(User(raw).view), dict(User(tenant.users[raw["id"]]).view)
            if was["site"] is None:
                now["site"] = None  # 8x8 lets SCIM set it once
            assert now == was
        for key, raw in tenant.users.items():
            assert raw["active"] is False or key in {each["id"] for each in there}
        tenant.log.clear()
        roster(tenant, apply_plan=undo, limits=ALL)
        assert tenant.writes == []
