# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An audit: every account and every row in exactly one situation, and figures that say when they are not known."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ansible_collections.eightbyeight.scim.plugins.module_utils._audit.document import document
from ansible_collections.eightbyeight.scim.plugins.module_utils._base.empty import (
    AUDIT_FIGURES,
    AUDIT_SITUATIONS,
    AUDIT_SITUATIONS_WITHOUT_ROSTER,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._base.names import login_key
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._plan import digest
from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.reader import RosterError
from ansible_collections.eightbyeight.scim.tests.unit.audits import Licensed, run_audit
from ansible_collections.eightbyeight.scim.tests.unit.helpers import BASE, NOW, Reply, Tenant, listing, resource
from ansible_collections.eightbyeight.scim.tests.unit.rosters import login, newcomer, people, person, row

U1, U2, U3, U4 = (login(number) for number in range(1, 5))


# -- Situations ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "line", "situation"),
    [
        (person(1), row(1), "in_sync"),
        (person(1), row(1, title="Analyst", active=True), "in_sync"),
        (person(1), row(1, title="Director"), "drifted"),
        (person(1, active=False), row(1, active=True), "drifted"),
        # What 8x8 cannot change differs all the same.
        (person(1), row(1, site="Paris"), "drifted"),
        (person(1), {"user_id": "1", "user_name": "other@example.org"}, "drifted"),
        (person(1), row(1, family_name=""), "drifted"),
        # A row that does not say active leaves it alone.
        (person(1, active=False), row(1), "in_sync"),
        (person(1, active=False), row(1, title="Director"), "drifted"),
        (person(1), row(1, state="absent"), "left_but_active"),
        (person(1), row(1, active=False), "left_but_active"),
        (person(1), row(1, ends="2026-11-25"), "left_but_active"),
        (person(1), row(1, ends="2026-11-26"), "in_sync"),
        (person(1), row(1, state="absent", ends="2026-11-26"), "waiting"),
        (person(1, active=False), row(1, state="absent"), "in_sync"),
        (person(1, active=False), row(1, state="absent", ends="2027-01-01"), "in_sync"),
        (None, row(1, state="absent"), "in_sync"),
        (None, newcomer(1), "missing"),
        (None, row(1), "missing"),
        (None, row(1, active=False), "missing"),
        (None, {"external_id": "77"}, "missing"),
        (None, {"user_id": "77"}, "missing"),
        (None, newcomer(1, starts="2026-12-01"), "waiting"),
        (None, newcomer(1, starts="2026-11-01", ends="2026-11-02"), "in_sync"),
        (person(1), newcomer(1, starts="2026-12-01"), "drifted"),
        (person(1, active=False), row(1, active=True, starts="2026-12-01"), "waiting"),
        (person(1), row(1, mobile=5), "unreadable"),
        (None, row(1, mobile=5), "unreadable"),
        (person(1, externalId="9"), row(1, external_id="8", given_name="Bo", family_name="Quill"), "ambiguous"),
        (person(1), {**row(1), "user_id": "gone"}, "ambiguous"),
    ],
)
def test_a_row_and_its_account_are_in_one_situation(
    account: dict[str, Any] | None, line: dict[str, Any], situation: str
) -> None:
    others = [person(8, active=False), person(9)]
    done = run_audit(Tenant(*others, *([account] if account else [])), [row(9), line])
    found = [entry for entry in done.result["accounts"] if entry["row"] == 2 or entry["id"] == "1"]
    assert {entry["situation"] for entry in found} == {situation}
    assert len(found) == (2 if situation == "ambiguous" else 1)
    assert all(entry["problem"] for entry in found) is (situation in ("ambiguous", "unreadable"))
    assert (done.of(login(8))["situation"], done.of(login(9))["situation"]) == ("inactive", "in_sync")


def test_accounts_that_no_row_names_are_orphaned_or_inactive() -> None:
    done = run_audit(Tenant(*people(2), person(3, active=False)), [row(1)])
    assert done.by_name == {U1: "in_sync", U2: "orphaned", U3: "inactive"}
    assert (done.result["situations"]["orphaned"], done.result["figures"]["orphaned"]) == (1, 1)


def test_without_a_roster_accounts_are_active_or_inactive() -> None:
    twins = (person(1), {**person(2), "userName": U1.upper()})
    done = run_audit(Tenant(*twins, person(3, active=False)), protected=[U1])
    assert done.result["situations"] == {"unreadable": 0, "active": 2, "inactive": 1}
    assert done.result["figures"]["orphaned"] is None and done.result["roster_rows"] is None
    assert done.says("Without a roster, the audit does not show who is orphaned")


def test_two_accounts_with_one_login_are_duplicates_whatever_the_roster_says() -> None:
    twins = (person(1), {**person(2), "userName": U1.upper()})
    for line in (row(1), {"user_id": "2"}, row(3)):
        done = run_audit(Tenant(*twins), [line, row(4)], protected=["*"])
        assert [entry["situation"] for entry in done.result["accounts"] if entry["id"]] == ["duplicate"] * 2
    assert "Several accounts have the login name" in done.result["accounts"][0]["problem"]


def test_several_rows_about_one_account_are_ambiguous_and_the_account_is_not_orphaned() -> None:
    tenant = Tenant(person(1, externalId="9"), person(2))
    by_two_names = run_audit(tenant, [row(1), {"external_id": "9"}, row(2)])
    assert by_two_names.result["situations"]["ambiguous"] == 3
    assert by_two_names.result["situations"]["in_sync"] == 1
    twice = run_audit(tenant, [row(1), row(2), {"user_name": U1.upper()}])
    assert sorted((each["row"] or 0, each["id"], each["situation"]) for each in twice.result["accounts"]) == [
        (0, "1", "ambiguous"),
        (1, None, "ambiguous"),
        (2, "2", "in_sync"),
        (3, None, "ambiguous"),
    ]
    assert twice.result["figures"]["orphaned"] == 0


def test_a_row_that_may_be_two_accounts_is_ambiguous_and_so_are_they() -> None:
    done = run_audit(Tenant(person(1, externalId="9"), person(2)), [row(2, external_id="9")])
    assert done.result["situations"]["ambiguous"] == 3
    assert {entry["problem"] for entry in done.result["accounts"]} == {done.result["accounts"][0]["problem"]}
    assert "may be several users" in done.result["accounts"][0]["problem"]


def test_protected_people_are_protected_with_and_without_a_row_and_an_account() -> None:
    done = run_audit(Tenant(*people(2)), [row(1, state="absent"), row(3)], protected=["u*@example.org", "nobody"])
    assert done.by_name == {U1: "protected", U2: "protected", U3: "protected"}
    assert done.of(U1)["differences"] == {"active": {"before": True, "after": False}}
    assert done.warnings == [
        "protected: 1 entry matches nobody in this tenant or roster ('nobody'). Check the spelling."
    ]


def test_an_account_that_cannot_be_read_is_seen_and_a_row_about_it_is_not_missing() -> None:
    broken = {**person(1), "title": [5]}
    tenant = Tenant(broken, person(2), {**person(3), "title": [5]})
    done = run_audit(tenant, [row(1), row(2)])
    assert done.by_name == {U1: "unreadable", U2: "in_sync", U3: "unreadable"}
    assert done.result["complete"] and done.result["figures"]["accounts"] == 3
    assert (done.of(U1)["row"], done.of(U3)["row"]) == (1, None)
    assert done.says(f"2 people ({U1}, {U3}) cannot be read")


def test_the_days_since_somebody_left_are_counted_where_the_row_says_since_when() -> None:
    rows = [row(1, ends="2026-11-20"), row(2, ends="2026-11-26T11:00:00Z"), row(3, state="absent")]
    done = run_audit(Tenant(*people(3)), rows)
    assert [done.of(name)["left_days"] for name in (U1, U2, U3)] == [5, 0, None]
    assert done.result["figures"]["left_but_active"] == 3


def test_differences_show_both_sides_and_what_the_tenant_is_known_not_to_store_is_none(tmp_path: Path) -> None:
    rows = [row(1, title="Director", department="Engineering"), row(2, title="Director")]
    memory = Memory(BASE, folder=str(tmp_path), now=lambda: NOW)
    memory.keep("2", {"title": (digest("Director"), digest("Analyst"))})
    done = run_audit(Tenant(*people(2)), rows, folder=str(tmp_path))
    assert done.of(U1)["differences"] == {"title": {"before": "Analyst", "after": "Director"}}
    assert (done.of(U2)["situation"], done.of(U2)["differences"]) == ("in_sync", {})
    assert done.says("8x8 does not store some values of 1 person")


# -- The partition, whatever the roster and the tenant ------------------------

LOGINS = st.sampled_from([login(1), login(1).upper(), login(2), "stra\u00dfe@example.org", "strasse@example.org"])
IDS = st.sampled_from(["1", "2", "3", "4"])
ACCOUNTS = st.lists(
    st.builds(
        lambda user_id, name, external, active, broken: resource(
            user_id,
            name,
            externalId=external,
            active=active,
            **({"title": [5]} if broken else {}),
        ),
        IDS,
        LOGINS,
        st.sampled_from([None, "x", "y"]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=4,
    unique_by=lambda account: account["id"],
)
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "user_name": LOGINS,
    "user_id": IDS,
    "external_id": st.sampled_from(["x", "y", "z"]),
    "title": st.sampled_from(["Analyst", "Director", ""]),
    "active": st.booleans(),
    "state": st.sampled_from(["present", "absent", "gone"]),
    "starts": st.sampled_from(["2026-01-01", "2027-01-01", "soon"]),
    "ends": st.sampled_from(["2026-01-02", "2027-01-02"]),
}
ROSTERS = st.lists(st.fixed_dictionaries({}, optional=CELLS), max_size=4)


@settings(deadline=None)
@given(ACCOUNTS, ROSTERS, st.sampled_from([[], [login(1)], ["*"]]))
def test_every_account_and_every_row_is_in_exactly_one_situation(
    accounts: list[dict[str, Any]], rows: list[dict[str, Any]], protected: list[str]
) -> None:
    try:
        done = run_audit(Tenant(*accounts), [{**line, "given_name": "N"} for line in rows], protected=protected)
    except RosterError:
        return
    entries = done.result["accounts"]
    readable = [account["id"] for account in accounts if account["title"] != [5]]
    assert sorted(entry["id"] for entry in entries if entry["id"]) == sorted(readable)
    assert sorted(entry["row"] for entry in entries if entry["row"]) == list(range(1, len(rows) + 1))
    # Who cannot be read has neither, or only the row about the same login.
    hidden = Counter(login_key(account["userName"]) for account in accounts if account["title"] == [5])
    bare = Counter(login_key(entry["user_name"] or "") for entry in entries if not entry["id"] and not entry["row"])
    with_row = Counter(login_key(entry["user_name"] or "") for entry in entries if not entry["id"] and entry["row"])
    assert bare <= hidden <= bare + with_row
    assert set(done.result["situations"]) == set(AUDIT_SITUATIONS)
    assert sum(done.result["situations"].values()) == len(entries)
    assert done.result["figures"]["accounts"] == len(accounts)
    for entry in entries:
        assert (entry["active"] is None) is (entry["id"] is None)
        assert entry["situation"] != "orphaned" or (entry["active"] and entry["row"] is None)
        assert entry["situation"] != "inactive" or (entry["active"] is False and entry["row"] is None)
        assert entry["situation"] not in ("duplicate", "ambiguous", "unreadable") or entry["problem"]


@settings(deadline=None)
@given(ACCOUNTS, ROSTERS)
@example(
    [resource("2", login(1), active=False)],
    [{"user_name": login(1)}, {"user_name": login(1), "user_id": "1"}, {"user_id": "2"}],
)
def test_the_order_of_rows_and_accounts_does_not_matter(
    accounts: list[dict[str, Any]], rows: list[dict[str, Any]]
) -> None:
    def situations(people: list[dict[str, Any]], lines: list[dict[str, Any]]) -> Any:
        try:
            done = run_audit(Tenant(*people), lines)
        except EightByEightError:
            return None
        return done.result["situations"]

    assert situations(accounts, rows) == situations(accounts[::-1], rows[::-1])


@settings(deadline=None)
@given(ACCOUNTS)
def test_without_a_roster_every_account_is_in_exactly_one_situation(accounts: list[dict[str, Any]]) -> None:
    done = run_audit(Tenant(*accounts))
    assert set(done.result["situations"]) == set(AUDIT_SITUATIONS_WITHOUT_ROSTER)
    assert sum(done.result["situations"].values()) == len(done.result["accounts"]) == len(accounts)
    json.dumps(document(done.result))


# -- Rosters ------------------------------------------------------------------


def test_a_result_of_the_filter_roster_from_is_a_roster_and_a_partial_one_leaves_orphans_unknown() -> None:
    export = {
        "users": [row(1)],
        "used": [],
        "ignored": [],
        "problems": [{"row": 3, "column": "ends", "message": "must be a date"}],
        "partial": "row 3 cannot be read",
    }
    for given_as in (export, json.dumps(export)):
        done = run_audit(Tenant(*people(2)), given_as)
        assert (done.result["figures"]["orphaned"], done.result["situations"]["orphaned"]) == (None, 1)
        assert "the roster is partial: row 3 cannot be read" in done.result["formulas"]["orphaned"]
        assert done.result["problems"] == export["problems"]
        assert done.says("The roster is partial (row 3 cannot be read)") and done.says("has 1 problem, see problems")
    whole = run_audit(Tenant(*people(2)), {**export, "partial": None, "problems": []})
    assert whole.result["figures"]["orphaned"] == 1


def test_one_wrong_row_does_not_hide_the_others_and_one_that_names_nobody_leaves_orphans_unknown() -> None:
    done = run_audit(Tenant(*people(2)), [row(1, mobile=5), row(2)])
    assert done.by_name == {U1: "unreadable", U2: "in_sync"} and done.result["figures"]["orphaned"] == 0
    assert done.result["problems"][0]["row"] == 1 and done.result["problems"][0]["column"] == "mobile"
    nameless = run_audit(Tenant(*people(2)), [{"title": "x"}, row(2)])
    assert nameless.result["figures"]["orphaned"] is None
    assert "row 1 cannot be read and does not name a person" in nameless.result["formulas"]["orphaned"]


@pytest.mark.parametrize(
    ("users", "kind", "words"),
    [
        ([{"titel": "x"}, {"titel": "y"}], "bad_roster", "did you mean title"),
        ([{"user_name;title": "x"}], "bad_roster", "is the delimiter `;`"),
        ("{", "bad_option", "users is text"),
        ("nobody", "bad_option", "users is text"),
        ({"user_name": "ada"}, "bad_option", "must be a list of dictionaries"),
        (7, "bad_option", "must be a list"),
    ],
)
def test_what_is_no_roster_is_refused_before_anything_is_sent(users: Any, kind: str, words: str) -> None:
    tenant = Tenant(*people(1))
    with pytest.raises(EightByEightError, match=words) as refused:
        run_audit(tenant, users)
    assert (refused.value.kind, tenant.log) == (kind, [])


def test_an_empty_roster_is_told_and_blank_text_is_none() -> None:
    assert run_audit(Tenant(*people(1)), []).says("The roster is empty")
    assert run_audit(Tenant(*people(1)), " ").result["roster_rows"] is None


def test_deactivated_people_whose_rows_do_not_say_active_are_named() -> None:
    done = run_audit(Tenant(person(1, active=False), person(2, active=False)), [row(1), row(2, active=False)])
    assert done.says(f"1 person in the roster ({U1}) is deactivated in 8x8, and the rows do not set active")


# -- Figures ------------------------------------------------------------------


def test_each_figure_has_a_sentence_and_says_why_it_is_not_known() -> None:
    done = run_audit(Tenant(*people(1)))
    assert list(done.result["figures"]) == list(done.result["formulas"]) == list(AUDIT_FIGURES)
    for name, value in done.result["figures"].items():
        assert ("Not known, because" in done.result["formulas"][name]) is (value is None)


def test_a_list_that_does_not_add_up_leaves_every_figure_of_the_tenant_unknown() -> None:
    tenant = Tenant(*people(3))
    answer = listing(*people(3), total=9)
    tenant.before = lambda request: Reply(200, answer)
    done = run_audit(tenant, [row(1)], stale_days=1)
    assert not done.result["complete"]
    assert {value for name, value in done.result["figures"].items()} == {None}
    assert done.says("8x8 announces 9, and shows 3 users")


def test_stale_accounts_are_active_and_were_not_changed_for_long() -> None:
    old, fresh = {"lastModified": "2025-01-01T00:00:00.123Z"}, {"lastModified": "2026-11-20T00:00:00Z"}
    tenant = Tenant(
        person(1, meta=old), person(2, meta=fresh), person(3, meta=old, active=False), person(4, meta={"created": "x"})
    )
    done = run_audit(tenant, stale_days=180)
    assert [done.of(name)["stale"] for name in (U1, U2, U3, U4)] == [True, False, False, None]
    assert done.result["figures"]["stale"] == 1
    assert done.says("not its activity") and done.says("the last change of 1 active account")
    nothing = run_audit(Tenant(person(4, meta={})), stale_days=180)
    assert nothing.result["figures"]["stale"] is None


def test_licenses_are_counted_without_the_ignored_ones_and_cost_money() -> None:
    tenant = Tenant(person(1), person(2, active=False), person(3), person(4, active=False))
    licensed = Licensed({U1: ["X2", "DID - Local"], U2: ["X2", "x4"], U3.upper(): ["did"], U4: []})
    done = run_audit(tenant, admin=licensed, license_cost=24.5, currency="EUR")
    figures = done.result["figures"]
    assert [figures[name] for name in AUDIT_FIGURES[8:12]] == [1, 3, 2, 588.0]
    assert done.of(U1)["licenses"] == ["DID - Local", "X2"] and done.result["evidence"] == "scim+administration"
    assert "24.5 EUR" in done.result["formulas"]["unused_cost_per_year"]
    every = run_audit(tenant, admin=licensed, license_ignore=[])
    assert [every.result["figures"][name] for name in AUDIT_FIGURES[8:12]] == [0, 5, 2, None]


def test_the_two_apis_are_compared_and_what_one_of_them_hides_is_told() -> None:
    licensed = Licensed({U1: ["X2"], "hidden@example.org": ["X2"], "u1@EXAMPLE.org": []})
    done = run_audit(Tenant(person(1), person(2, active=False)), [newcomer(3)], admin=licensed)
    assert done.of(U1)["licenses"] is None and done.says("shows 2 users with the login")
    assert done.says("shows 1 user whom SCIM does not show (hidden@example.org)")
    assert done.says("does not show 1 account that SCIM shows")
    other = run_audit(Tenant(person(2, active=False)), [row(3)], admin=Licensed({U2: [], U3: []}))
    assert other.says(f"disagree on whether 1 account ({U2}) can log in")
    assert "8x8 would refuse to create it again" in other.of(U3)["problem"]
    nobody = run_audit(Tenant(*people(1)), admin=Licensed({"x@example.org": ["X2"]}))
    assert nobody.result["figures"]["licenses_assigned"] is None


def test_a_key_of_another_customer_is_refused() -> None:
    with pytest.raises(EightByEightError, match="belongs to the customer C2"):
        run_audit(Tenant(*people(1)), admin=Licensed({U1: []}, customerId="C2"))


def test_follow_ups_of_this_tenant_are_counted_and_figures_name_nobody(tmp_path: Path) -> None:
    ledger = tmp_path / "followups.jsonl"
    done = run_audit(Tenant(*people(1)), ledger=str(ledger))
    assert done.result["figures"]["manual_actions_open"] is None and done.says(f"there is no ledger {ledger}")
    lines = [
        ("C1", "assign_license", "open", "2026-11-25"),
        ("C1", "call Ada at home", "open", None),
        ("C1", "set_site", "done", "2026-11-25"),
        ("C2", "set_site", "open", None),
    ]
    ledger.write_text(ledger_of(lines), encoding="utf-8")
    found = run_audit(Tenant(*people(1)), ledger=str(ledger)).result
    assert (found["figures"]["manual_actions_open"], found["figures"]["manual_actions_overdue"]) == (2, 1)
    assert found["manual_actions"] == {"assign_license": 1, "other": 1}
    ledger.write_text("", encoding="utf-8")
    assert run_audit(Tenant(*people(1)), ledger=str(ledger)).result["figures"]["manual_actions_open"] == 0


def ledger_of(lines: list[tuple[str, str, str, str | None]]) -> str:
    """Write a ledger as the collection does."""
    from ansible_collections.eightbyeight.scim.plugins.module_utils._ledger import jsonl
    from ansible_collections.eightbyeight.scim.plugins.module_utils._ledger.followup import Followup

    followups = [
        Followup(
            tenant,
            U1,
            None,
            action,
            1,
            state,
            "2026-11-01T00:00:00Z",
            due=due,
            **({"closed": "2026-11-02T00:00:00Z"} if state != "open" else {}),
        )
        for tenant, action, state, due in lines
    ]
    return jsonl.write(tuple(followups))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stale_days": 0}, "stale_days must be from 1"),
        ({"license_cost": -1.0}, "license_cost must be an amount"),
        ({"license_cost": float("nan")}, "license_cost must be an amount"),
        ({"as_of": "tomorrow"}, "as_of must be"),
        ({"dates_timezone": "Mars/Base"}, "no time zone"),
        ({"protected": [" "]}, "protects nobody"),
    ],
)
def test_options_that_cannot_be_right_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(EightByEightError, match=words):
        run_audit(Tenant(), **options)


# -- What changed -------------------------------------------------------------


def saved(done: Any, path: Path, **more: Any) -> str:
    path.write_text(json.dumps({**document(done.result), **more}), encoding="utf-8")
    return str(path)


def test_what_changed_since_an_earlier_audit_is_told_by_id_and_by_login(tmp_path: Path) -> None:
    before = run_audit(Tenant(*people(2)), [row(1), row(2), newcomer(3)], as_of="2026-11-01")
    file = saved(before, tmp_path / "audit.json")
    renamed = {**person(1), "userName": "new@example.org"}
    after = run_audit(Tenant(renamed, person(3), person(4)), [row(3)], previous=file)
    told = {(change["user_name"], change["from"], change["to"]) for change in after.result["changes"]}
    assert told == {
        ("new@example.org", "in_sync", "orphaned"),
        (U2, "in_sync", None),
        (U3, "missing", "in_sync"),
        (U4, None, "orphaned"),
    }
    assert after.result["compared_with"] == "2026-11-01T00:00:00Z"
    same = run_audit(Tenant(*people(2)), [row(1), row(2), newcomer(3)], previous=file)
    assert same.result["changes"] == []


def test_audits_that_cannot_be_compared_say_so(tmp_path: Path) -> None:
    before = run_audit(Tenant(*people(2)))
    file = saved(before, tmp_path / "audit.json")
    other = run_audit(Tenant(*people(2)), [row(1)], previous=file)
    assert (other.result["changes"], other.result["compared_with"]) == ([], None)
    assert other.says("was made without a roster, so it cannot be compared with this one")
    missing = run_audit(Tenant(*people(2)), previous=str(tmp_path / "none.json"))
    assert missing.says("There is no previous audit") and missing.result["compared_with"] is None
    partial = saved(before, tmp_path / "audit.json", complete=False)
    assert run_audit(Tenant(*people(2)), previous=partial).says("is incomplete, so changes since")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not an audit"),
        (b"[1]", "is not an audit"),
        (b"\xff\xfe", "is not an audit"),
        (b'{"format": "eightbyeight.scim/audit", "version": 2}', "has version 2 of the audit format"),
        (b'{"format": "eightbyeight.scim/audit", "version": 1, "accounts": [5], "as_of": "x"}', "is not an audit"),
        (b'{"format": "eightbyeight.scim/audit", "version": 1, "accounts": [], "as_of": 5}', "is not an audit"),
        (
            b'{"format": "eightbyeight.scim/audit", "version": 1, "accounts": [], "as_of": "x", "tenant": "C2"}',
            "an audit of C2",
        ),
        (None, "cannot be read .it is not a file"),
    ],
)
def test_what_is_no_earlier_audit_of_this_tenant_is_refused_before_anything_is_sent(
    content: bytes | None, words: str, tmp_path: Path
) -> None:
    file, tenant = tmp_path / "audit.json", Tenant(*people(1))
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(EightByEightError, match=words):
        run_audit(tenant, previous=str(file))
    assert tenant.log == []


@pytest.mark.parametrize("found", [True, False])
def test_who_is_missing_in_a_listing_and_found_by_name_shows_that_it_is_not_complete(found: bool) -> None:
    """A listing can add up and lack people all the same."""
    tenant = Tenant(*(person(number) for number in range(1, 4)), *([person(4)] if found else []))

    def answer(request: requests.PreparedRequest) -> Reply | None:
        if "filter" in str(request.url):
            return None
        return Reply(200, listing(*(person(number) for number in range(1, 4))))

    tenant.before = answer
    told = run_audit(tenant, [row(1), row(4), row(5)])
    assert (told.result["complete"], told.result["figures"]["missing"]) == ((False, None) if found else (True, 2))
    # The listing, what is behind it, whether it turns pages, and one of those who are missing.
    assert told.result["requests"] == {"GET": 4}
