# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A roster reads everybody or only the people whom it names: the same answers, at the lower cost."""

from __future__ import annotations

import contextlib
import copy
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import planfile, reading
from ansible_collections.eightbyeight.scim.tests.unit.helpers import ReadOnly, Reply, Tenant, listing, refusal
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
from ansible_collections.eightbyeight.scim.tests.unit.test_roster_laws import (
    SCENARIOS,
    operations,
    protections,
    rosters,
    steady,
    tenant_of,
    tenants,
)


@contextlib.contextmanager
def forced(*, lookups: bool) -> Iterator[None]:
    """Make rosters read one way, whatever it costs."""
    original = reading.lookup_requests
    reading.lookup_requests = lambda rows: -1 if lookups else 1_000_000
    try:
        yield
    finally:
        reading.lookup_requests = original


class Indexed(Tenant):
    """A tenant that also filters by several external ids at once, and reads its filters fast."""

    def _list(self, query: Mapping[str, str]) -> Reply:
        if " or " not in query.get("filter", ""):
            return super()._list(query)
        wanted = set(re.findall(r'externalId eq "([^"]*)"', query["filter"]))
        return Reply(200, listing(*[raw for raw in self.users.values() if raw.get("externalId") in wanted]))


def same(one: Told, other: Told) -> None:
    assert operations(one) == operations(other)
    for key in ("changed", "summary", "diff", "problems", "manual_actions", "changed_elsewhere", "complete"):
        assert one.result[key] == other.result[key], key
    assert one.result["plan"]["digest"] == other.result["plan"]["digest"]
    assert (one.kind, one.message) == (other.kind, other.message)
    assert set(one.warnings) <= set(other.warnings)  # who is protected is told of where everybody was read


def both_ways(make: Any, rows: list[Any], **options: Any) -> tuple[Told, Tenant]:
    """Run a roster both ways, in check mode and for real, and compare."""
    results = []
    for check in (True, False):
        pair = []
        for lookups in (True, False):
            tenant = make()
            with forced(lookups=lookups):
                pair.append((roster(tenant, rows, check=check, **options), tenant))
        same(pair[0][0], pair[1][0])
        assert managed(pair[0][1].users) == managed(pair[1][1].users)
        results = pair
    return results[0]


MORE: dict[str, tuple[list[dict[str, Any]], list[Any], dict[str, Any]]] = {
    "two who answer to one login": (
        [person(1), person(2, userName="U1@example.org"), person(3)],
        [{"user_name": "u1@Example.org", "title": "A"}, row(3, title="B")],
        {},
    ),
    "an external id of somebody else": (
        [person(1, externalId="a"), person(2, externalId="b"), person(3, externalId="c")],
        [row(1, external_id="b"), newcomer(9, external_id="c"), newcomer(10, external_id="new"), row(3)],
        {},
    ),
    "rows with nothing but an external id": (
        [person(1, externalId="a"), person(2, externalId="b"), person(3)],
        [{"external_id": "b", "title": "A"}, {"external_id": "zz"}, {"external_id": "yy", "state": "absent"}],
        {},
    ),
    "ids": (
        people(4),
        [{"user_id": "2", "title": "A"}, {"user_id": "99"}, row(3, user_id="4"), row(4, user_id="98", state="absent")],
        {},
    ),
    "two rows that mean one person": (
        [person(1, externalId="y"), person(2), person(3, externalId="x")],
        [row(3), {"external_id": "x", "title": "A"}],
        {},
    ),
    "leavers": ([*people(2), person(3, active=False)], [row(n, state="absent") for n in (1, 3, 9)], {"limits": ALL}),
    "inactive people": (
        [person(1, active=False), person(2, active=False), person(3)],
        [row(1, title="A"), row(2, active=True), row(3)],
        {"on_inactive": "refuse"},
    ),
    "protected": (people(3), [row(1, title="A"), row(2, title="A"), newcomer(9)], {"protected": ["u1@*", "U9@*"]}),
    "limits": ([person(n, active=False) for n in range(1, 9)], [row(n, active=True) for n in range(1, 8)], {}),
    "percentages": (people(30), [row(n, active=False) for n in range(1, 5)], {}),
    "cleared where nobody has it": (
        [person(n, title=None) for n in (1, 2, 3)],
        [row(1, title=""), row(2, title="")],
        {},
    ),
    "somebody else's login": (
        [person(1, externalId="a"), person(2)],
        [
            row(1, external_id="b", given_name="Grace", family_name="Hopper"),
            row(2, external_id="c", given_name="Grace"),
        ],
        {},
    ),
}


@pytest.mark.parametrize(
    "name", [name for name, each in SCENARIOS.items() if each.options.get("unlisted") in (None, "ignore")]
)
def test_every_scenario_of_the_laws_comes_out_the_same_both_ways(name: str) -> None:
    scenario = SCENARIOS[name]

    def make() -> Tenant:
        tenant = tenant_of(scenario)
        tenant.page_size = min(tenant.page_size, 2)
        return tenant

    told, _tenant = both_ways(make, scenario.users, **scenario.options)
    assert told.kind == scenario.kind or scenario.only_real


@pytest.mark.parametrize("kind", [Tenant, Indexed])
@pytest.mark.parametrize("name", MORE)
def test_ambiguity_duplicates_and_guards_come_out_the_same_both_ways(name: str, kind: type[Tenant]) -> None:
    there, rows, options = MORE[name]

    def make() -> Tenant:
        tenant = kind(*there)
        tenant.page_size = 2
        return tenant

    told, _tenant = both_ways(make, rows, **options)
    assert told.result["read"].startswith("lookups" if there else "listing")


@steady
@given(tenants(), rosters(), protections, st.sampled_from([1, 2, 3]))
def test_any_roster_comes_out_the_same_both_ways(
    there: list[dict[str, Any]], rows: list[dict[str, Any]], protected: list[str], page_size: int
) -> None:
    def make() -> Tenant:
        tenant = Indexed(*there)
        tenant.page_size = page_size
        return tenant

    both_ways(make, rows, protected=protected, limits=ALL)


def test_changes_by_somebody_else_are_told_the_same_both_ways(tmp_path: Path) -> None:
    """Drift against the journal, of people whom the roster names."""
    told = []
    for lookups in (True, False):
        tenant = Tenant(*people(6))
        tenant.page_size = 2
        files = {"journal_file": str(tmp_path / f"journal-{lookups}")}
        rows = [row(1), row(2, title="A"), row(3)]
        with forced(lookups=lookups):
            roster(tenant, rows, **files)
            for number in ("1", "3", "5"):
                meta = {**tenant.users[number]["meta"], "lastModified": "2026-04-01T00:00:00Z"}
                tenant.users[number]["meta"] = meta
            told.append(roster(tenant, rows, **files))
    # Number 5 is named by no row: only who reads everybody sees that.
    named = [[name for name in each.result["changed_elsewhere"] if name != login(5)] for each in told]
    assert named == [[login(1), login(3)]] * 2
    assert operations(told[0]) == operations(told[1])


@pytest.mark.parametrize("held_back", [("title",), ("phoneNumbers", "externalId"), ("active",)])
def test_what_answers_leave_out_is_read_both_ways(held_back: tuple[str, ...]) -> None:
    def make() -> Tenant:
        tenant = Tenant(*[person(n, phoneNumbers=[{"type": "mobile", "value": "+1"}]) for n in range(1, 6)])
        tenant.page_size = 2
        tenant.held_back = held_back
        return tenant

    rows = [row(1, title="", mobile=""), row(2, department="B"), row(3, work_phone="+3")]
    told, tenant = both_ways(make, rows, limits=ALL)
    assert told.summary == {"updated": 3}
    assert [len(raw.get("phoneNumbers", [])) for raw in tenant.users.values()] == [0, 1, 2, 1, 1]


# -- The cost ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ten_thousand() -> list[dict[str, Any]]:
    return [person(number, externalId=f"e{number}") for number in range(1, 10_001)]


def big(there: list[dict[str, Any]], kind: type[Tenant] = Tenant) -> Tenant:
    tenant = kind()
    tenant.users = {str(raw["id"]): raw for raw in there}
    return tenant


def test_three_joiners_in_a_tenant_of_ten_thousand_are_thirteen_requests_at_most(
    ten_thousand: list[dict[str, Any]],
) -> None:
    tenant = big(ten_thousand)
    rows = [newcomer(20_000 + number) for number in range(3)]
    told = roster(tenant, rows)
    assert told.summary == {"created": 3}
    # A page, the proof, three look-ups, three creations, and the end of the listing.
    assert told.result["requests"] == {"GET": 1 + 1 + 3 + 1, "POST": 3}
    assert told.result["plan"]["forecast"]["by_verb"] == {"GET": 1, "POST": 3}
    assert told.result["read"] == "lookups, because 3 rows take fewer requests than 100 pages"
    assert roster(tenant, rows).result["requests"] == {"GET": 5}


#: What a roster of joiners with external ids sends: to read whom it names, and to verify.
JOINERS = [
    # A page, the proof and the look-ups by login; the proof and the look-ups by external id.
    (Tenant, 1, 3 + 2, 1),
    (Tenant, 3, 5 + 4, 1),
    # A refused filter of several, and one for each.
    (Tenant, 10, 12 + 12, 1),
    (Indexed, 1, 3 + 2, 1),
    (Indexed, 3, 5 + 4, 1),
    (Indexed, 10, 12 + 1, 1),
    (Indexed, 20, 22 + 2, 1),
]


@pytest.mark.parametrize("page_size", [100, 500])
@pytest.mark.parametrize("limits", [{}, {"create": "1%", "deactivate": "2%"}])
@pytest.mark.parametrize(("kind", "rows", "reading", "verifying"), JOINERS)
def test_joiners_with_external_ids_cost_what_is_needed(
    ten_thousand: list[dict[str, Any]],
    kind: type[Tenant],
    rows: int,
    reading: int,
    verifying: int,
    limits: dict[str, Any],
    page_size: int,
) -> None:
    tenant = big(ten_thousand, kind)
    tenant.page_size = page_size
    given = [newcomer(20_000 + number, external_id=f"new{number}") for number in range(rows)]
    told = roster(tenant, given, limits=limits, page_size=500)
    assert told.summary == {"created": rows}
    assert told.result["requests"] == {"GET": reading + verifying, "POST": rows}
    assert rows > 3 or len(tenant.log) <= 13
    assert roster(tenant, given, page_size=500).result["requests"] == {"GET": 1 + 1 + rows}


@pytest.mark.parametrize(
    ("pages", "read"), [(30, "lookups"), (20, "listing, because 8x8 does not filter by external id")]
)
def test_one_filter_each_is_asked_where_everybody_takes_more_requests(
    ten_thousand: list[dict[str, Any]], pages: int, read: str
) -> None:
    tenant = big(ten_thousand[: 100 * pages])
    told = roster(tenant, [{"external_id": f"e{1000 + number}", "title": "A"} for number in range(22)], check=True)
    assert told.summary == {"updated": 22}
    assert told.result["read"].startswith(read)
    # The first page, the refusal; the proof and each one, or the other pages, and the one behind the last, which is full.
    assert len(tenant.log) == 2 + (23 if pages == 30 else 19 + 1)


@pytest.mark.parametrize("pages", [3, 30])
@pytest.mark.parametrize("kind", [Tenant, Indexed])
@pytest.mark.parametrize(
    "rows",
    [
        [row(7), row(150)],
        [row(150, title="A"), row(7, title="B", active=False)],
        [row(150, state="absent"), row(8, state="absent")],
        [newcomer(9000), newcomer(9001)],
        [newcomer(9000 + number, external_id=f"x{number}") for number in range(5)],
        [{"external_id": "e150", "title": "A"}, {"user_id": "151", "title": "A"}, row(152, user_id="152", title="A")],
    ],
)
def test_nothing_is_asked_twice_unless_something_was_written_in_between(
    ten_thousand: list[dict[str, Any]], rows: list[Any], kind: type[Tenant], pages: int
) -> None:
    tenant = big(copy.deepcopy(ten_thousand[: 100 * pages]), kind)
    known: set[str] = set()
    twice: list[str] = []

    def note(request: requests.PreparedRequest) -> None:
        url = str(request.url)
        if request.method != "GET":
            known.clear()
        elif url in known:
            twice.append(url)
        else:
            known.add(url)

    tenant.before = note
    told = roster(tenant, rows, limits=ALL)
    assert (told.error, twice) == (None, [])


@pytest.mark.parametrize(("rows", "changes"), [([row(7, state="absent")], 1), ([row(7, title="A")], 2), ([row(7)], 0)])
def test_one_person_costs_a_few_requests(ten_thousand: list[dict[str, Any]], rows: list[Any], changes: int) -> None:
    tenant = big(copy.deepcopy(ten_thousand[:300]))
    tenant.page_size = 10
    told = roster(tenant, rows)
    assert told.error is None
    assert len(tenant.log) == 3 + changes + (changes > 0)


def test_many_rows_read_everybody(ten_thousand: list[dict[str, Any]]) -> None:
    tenant = big(ten_thousand)
    told = roster(tenant, [row(number) for number in range(1, 200)])
    # The pages, and the one behind the last, which is full.
    assert told.result["requests"] == {"GET": 100 + 1}
    assert told.result["read"] == "listing, because 199 rows take no fewer requests than 100 pages"


@pytest.mark.parametrize("unlisted", ["report", "deactivate"])
def test_who_asks_about_others_reads_everybody(unlisted: str) -> None:
    tenant = Tenant(*people(30))
    tenant.page_size = 3
    with forced(lookups=True):
        told = roster(tenant, [row(1)], unlisted=unlisted, limits=ALL)
    assert told.result["read"].startswith("listing")
    assert len(told.result["results"]) == 29


@pytest.mark.parametrize("filters", ["refused", "ignored", "minds case"])
def test_a_server_without_the_filter_is_listed_once(filters: str) -> None:
    tenant = Tenant(*people(30))
    tenant.page_size = 3
    if filters == "minds case":
        tenant.before = lambda request: (
            Reply(200, listing(total=0))
            if "filter" in str(request.url) and "U" in str(request.url).split("%22")[1]
            else None
        )
    else:
        tenant.filters = filters
    told = roster(tenant, [row(7, title="A"), newcomer(40)])
    assert told.summary == {"updated": 1, "created": 1}
    assert told.result["read"].startswith("listing, because 8x8 does not filter by login name")
    reads = [path for verb, path in tenant.log if verb == "GET" and path == "/Users"]
    assert len(reads) <= 10 + 1 + 3


@pytest.mark.parametrize("status", [400, 500, 503])
def test_a_server_that_does_not_filter_by_external_id_is_listed_once_and_finds_whom_it_would_have_made_twice(
    status: int,
) -> None:
    there = [person(number, externalId=f"e{number}") for number in range(1, 31)]
    tenant = Tenant(*there)
    tenant.page_size = 3

    def by_login_alone(request: requests.PreparedRequest) -> Reply | None:
        return refusal(status, "no", "invalidFilter") if "externalId" in str(request.url) else None

    tenant.before = by_login_alone
    told = roster(tenant, [newcomer(40, external_id="e9")])
    assert told.result["read"] == "listing, because 8x8 does not filter by external id"
    assert told.kind == "rows_failed" or told.summary == {"updated": 1}
    assert "POST" not in tenant.writes


def test_an_empty_answer_about_an_external_id_is_believed_only_with_a_proof() -> None:
    there = [person(number, externalId=f"e{number}") for number in range(1, 31)]
    tenant = Tenant(*there)
    tenant.page_size = 3
    tenant.before = lambda request: Reply(200, listing(total=0)) if "externalId" in str(request.url) else None
    roster(tenant, [newcomer(40, external_id="e9")])
    assert "POST" not in tenant.writes


def test_a_size_that_is_not_known_is_not_guessed(tmp_path: Path) -> None:
    tenant = Tenant(*people(30))
    path = tmp_path / "plan"
    roster(tenant, [row(number, active=False) for number in (1, 2, 3)], check=True, plan_file=str(path))
    plan = {**json.loads(path.read_text(encoding="utf-8")), "users": None}
    path.write_text(json.dumps({**plan, "digest": planfile.digest(plan)}), encoding="utf-8")
    told = roster(ReadOnly(tenant), apply_plan=str(path))
    assert told.kind == "limit_exceeded"
    assert "8x8 does not say how many users there are, so 10% or 2 cannot be judged" in told.message
    assert roster(tenant, apply_plan=str(path), limits={"deactivate": 3}).summary == {"deactivated": 3}


# -- Verifying ---------------------------------------------------------------------------------------------------------


def test_a_list_that_lags_does_not_outvote_the_user_s_own_address() -> None:
    tenant = Tenant(*people(3))
    first = copy.deepcopy(tenant.users)

    def lagging(request: requests.PreparedRequest) -> Reply | None:
        return (
            Reply(200, listing(*first.values())) if request.method == "GET" and "/Users?" in str(request.url) else None
        )

    tenant.before = lagging
    told = roster(tenant, [row(1, active=False), row(2, title="A")], limits=ALL)
    assert (told.error, told.summary, told.warnings) == (None, {"deactivated": 1, "updated": 1}, [])


def test_a_change_that_did_not_last_is_told_all_the_same() -> None:
    tenant = Tenant(*people(3))

    def undone(request: requests.PreparedRequest) -> None:
        if request.method == "GET" and tenant.writes:
            tenant.users["1"]["active"] = True

    tenant.before = undone
    told = roster(tenant, [row(1, active=False)], limits=ALL)
    assert (told.kind_of(login(1)), told.summary) == ("not_applied", {"failed": 1})


def test_what_this_collection_wrote_is_not_told_as_somebody_else_s(tmp_path: Path) -> None:
    tenant = Tenant(*people(3))
    clock = [0]

    def stamp(raw: dict[str, Any]) -> None:
        clock[0] += 1

    tenant.rewrite = stamp
    original = tenant._store

    def store(current: dict[str, Any], body: Mapping[str, Any], status: int) -> Reply:
        original(current, body, status)
        current["meta"] = {**current["meta"], "lastModified": f"2026-02-01T00:00:{clock[0]:02}Z"}
        return Reply(status, json.loads(json.dumps(current)))

    tenant._store = store  # type: ignore[method-assign]
    files = {"journal_file": str(tmp_path / "journal")}
    roster(tenant, [row(1)], **files)
    roster(tenant, [row(1, title="A")])  # without the journal, as another role does
    told = roster(tenant, [row(1)], **files)
    assert (told.result["changed_elsewhere"], told.warnings) == ([], [])
    store(tenant.users["2"], tenant.users["2"], 200)
    tenant.users["2"]["meta"]["lastModified"] = "2026-03-01T00:00:00Z"
    assert roster(tenant, [row(1)], **files).result["changed_elsewhere"] == [login(2)]


@pytest.mark.parametrize(("rows", "requests_sent"), [([row(5)], 1), ([row(5), newcomer(7)], 2)])
def test_a_roster_looks_behind_the_first_page_only_for_somebody_who_is_not_on_it(
    rows: list[dict[str, Any]], requests_sent: int
) -> None:
    """Some servers announce the size of the page as the total."""
    tenant = Tenant(*people(6))
    assert roster(tenant, rows, check=True).error is None
    assert tenant.log == [("GET", "/Users")] * requests_sent
