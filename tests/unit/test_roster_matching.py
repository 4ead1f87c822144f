# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whom a row of a roster means, who is in no row, and who is protected."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.report import SUMMARIZED_KINDS
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    ALL_BUT_NAMES,
    Tenant,
    resource,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    hiding,
    login,
    newcomer,
    no_site,
    people,
    person,
    roster,
    row,
    verbs,
)
from ansible_collections.eightbyeight.scim.tests.unit.users import LEAVER

ROOT = Path(__file__).resolve().parents[2]


# -- Who is meant -----------------------------------------------------------------------------------------------------


def test_a_row_means_a_user_by_id_then_external_id_then_login_name_without_case() -> None:
    tenant = Tenant(person(1, externalId="e1"), person(2, externalId="e2"), person(3))
    told = roster(
        tenant,
        [
            {"user_id": "1", "title": "A"},
            {"external_id": "e2", "title": "B"},
            {"user_name": login(3).upper(), "title": "C", "external_id": "e3"},
        ],
    )
    assert told.error is None
    assert [tenant.users[key]["title"] for key in "123"] == ["A", "B", "C"]
    assert [entry["user_name"] for entry in told.result["results"]] == [login(1), login(2), login(3)]
    assert tenant.users["3"]["externalId"] == "e3"
    assert "POST" not in verbs(tenant)


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({"user_id": "1", "user_name": login(2)}, "ambiguous", [login(1), login(2), "by user_id", "by user_name"]),
        ({"external_id": "e1", "user_name": login(2)}, "ambiguous", ["by external_id", "by user_name"]),
        ({"user_id": "2", "external_id": "e1"}, "ambiguous", ["by user_id", "by external_id"]),
        ({"external_id": "twice"}, "ambiguous", [login(3), login(4)]),
        ({"user_id": "77"}, "user_not_found", ["77", "leave user_id out"]),
        ({"user_id": "77", "user_name": login(1)}, "user_not_found", [login(1), "77"]),
        ({"external_id": "nobody's", "title": "x"}, "user_not_found", ["external id nobody's", "give user_name"]),
        ({"external_id": "e1", "user_name": "renamed@example.org"}, "user_name_fixed", ["renamed@example.org"]),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_a_guess_is_never_written(given: dict[str, Any], kind: str, words: list[str], check: bool) -> None:
    tenant = Tenant(
        person(1, externalId="e1"),
        person(2, externalId="e2"),
        person(3, externalId="twice"),
        person(4, externalId="twice"),
    )
    told = roster(tenant, [{**given, "title": "x"}], unlisted="deactivate", limits=ALL, check=check)
    assert told.kind == "rows_failed"
    entry = next(entry for entry in told.result["results"] if entry["row"] == 1)
    assert (entry["status"], entry["error"]["kind"]) == ("refused", kind)
    for word in words:
        assert word in entry["error"]["message"]
    # Whoever may be meant is named, and not taken away as unlisted.
    meant = {name for name in (login(number) for number in range(1, 5)) if name in entry["error"]["message"]}
    assert not {name for name, status in told.statuses.items() if status in ("done", "planned")} & meant
    assert "PUT" not in verbs(tenant)


def test_two_login_names_that_differ_in_case_are_ambiguous_unless_one_fits_exactly() -> None:
    tenant = Tenant(resource("1", "ADA@example.org"), resource("2", "Ada@example.org"))
    assert roster(tenant, [{"user_name": "ada@example.org", "title": "x"}]).kind_of("ada@example.org") == "ambiguous"
    assert roster(tenant, [{"user_name": "Ada@example.org", "title": "x"}]).statuses == {"Ada@example.org": "done"}
    assert tenant.users["1"]["title"] == "Analyst"


def test_two_rows_for_one_person_are_both_refused() -> None:
    tenant = Tenant(person(1, externalId="e1"), person(2))
    told = roster(
        tenant, [{"user_name": login(1), "title": "A"}, {"user_name": login(2), "title": "B"}, {"external_id": "e1"}]
    )
    assert told.kind == "rows_failed"
    refused = [entry for entry in told.result["results"] if entry["status"] == "refused"]
    assert [entry["row"] for entry in refused] == [1, 3]
    assert all("Rows 1 and 3" in entry["error"]["message"] for entry in refused)
    assert {entry["error"]["kind"] for entry in refused} == {"ambiguous"}
    assert tenant.users["1"]["title"] == "Analyst"
    assert tenant.users["2"]["title"] == "B"


def test_somebody_who_was_deactivated_comes_back_and_is_not_made_anew() -> None:
    tenant = Tenant(person(1, active=False), person(2, active=False))
    told = roster(tenant, [newcomer(1, active=True), row(2, active=False)])
    assert told.summary == {"activated": 1, "unchanged": 1}
    assert "POST" not in verbs(tenant)
    assert (tenant.users["1"]["active"], tenant.users["2"]["active"]) == (True, False)


def test_nobody_is_brought_back_because_the_roster_does_not_mention_it() -> None:
    tenant = Tenant(*[person(number, active=False) for number in (1, 2, 3)], person(4))
    rows = [newcomer(1), row(2, title="A"), row(3, active=False), row(4), row(5, state="absent")]
    told = roster(tenant, rows, return_unchanged=True)
    assert told.error is None
    assert told.summary == {"updated": 2, "unchanged": 3, "inactive": 2}
    assert tenant.writes == ["PUT", "PUT"]
    assert [raw["active"] for raw in tenant.users.values()] == [False, False, False, True]
    (warning,) = told.warnings
    assert f"({login(1)}, {login(2)})" in warning
    assert "active: true" in warning
    users = [entry["user"] and (entry["user"]["title"], entry["user"]["active"]) for entry in told.result["results"]]
    assert users == [("Analyst", False), ("A", False), ("Analyst", False), ("Analyst", True), None]


@pytest.mark.parametrize("check", [True, False])
def test_where_it_must_be_said_a_row_of_somebody_inactive_is_refused_alone(check: bool) -> None:
    tenant = Tenant(*[person(number, active=False) for number in (1, 2, 3, 4)], person(5))
    rows = [newcomer(1), row(2, active=True), row(3, active=False), row(4, state="absent"), row(5, title="A")]
    told = roster(tenant, rows, on_inactive="refuse", check=check)
    assert told.kind == "rows_failed"
    assert told.summary == {"refused": 1, "activated": 1, "updated": 1, "unchanged": 2, "inactive": 1}
    assert told.kind_of(login(1)) == "inactive_user"
    assert "active: true" in told.message
    assert [(each["action"], each["user_id"]) for each in told.result["manual_actions"]] == [("confirm_return", "1")]
    assert told.warnings == []
    assert len(tenant.writes) == (0 if check else 2)


def test_a_protected_user_who_is_inactive_is_not_told_of() -> None:
    tenant = Tenant(person(1, active=False), person(2))
    told = roster(tenant, [row(1, title="x")], protected=["u1@*"], on_inactive="refuse")
    assert (told.error, told.summary, told.warnings) == (None, {"protected": 1}, [])


@pytest.mark.parametrize("check", [True, False])
def test_a_row_that_says_absent_deactivates_and_creates_nobody(check: bool) -> None:
    tenant = Tenant(*people(3), person(4, active=False, externalId="x4"))
    rows = [
        row(1, state="absent", title="ignored"),
        {"user_id": "2", "state": "absent"},
        {"external_id": "x4", "state": "absent"},
        row(9, state="absent"),
        {"user_id": "99", "state": "absent"},
        {"external_id": "x99", "state": "absent"},
        row(3, state="present", title="A"),
    ]
    told = roster(tenant, rows, limits=ALL, check=check)
    assert told.error is None
    assert told.summary == {"deactivated": 2, "unchanged": 4, "updated": 1}
    assert sorted(tenant.writes) == ([] if check else ["PATCH", "PATCH", "PUT"])
    assert {each["action"] for each in told.result["manual_actions"]} == set(LEAVER)


def test_a_leaver_of_whom_only_the_external_id_is_known_loses_access() -> None:
    tenant = Tenant(person(1, externalId="x1"), person(2, externalId="x2"))
    assert roster(tenant, [{"external_id": "x1", "state": "absent"}]).summary == {"deactivated": 1}
    assert [raw["active"] for raw in tenant.users.values()] == [False, True]


def test_warnings_of_single_users_are_told_once_for_a_kind() -> None:
    tenant = Tenant(*[person(number, active=None) for number in (1, 2, 3, 4)])

    def silent(raw: dict[str, Any]) -> None:
        raw.pop("active", None)

    tenant.rewrite = silent
    told = roster(tenant, [row(number, title="A") for number in (1, 2, 3)])
    (warning,) = [warning for warning in told.warnings if "does not show whether" in warning]
    assert warning.count(login(1)) == 1
    assert f"The same holds for 2 other users ({login(2)}, {login(3)})" in warning


def test_what_is_told_of_everybody_is_not_told_of_each() -> None:
    files = [ROOT / "plugins" / "module_utils" / name for name in ("_user.py", "_write/confirm.py", "_write/lookup.py")]
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    assert [kind for kind in SUMMARIZED_KINDS if f'"{kind}"' not in source] == []


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("site", ["london", "LONDON", " London", "Lon don", "London "])
def test_a_site_that_differs_in_case_or_blanks_alone_is_found_before_anything_is_sent(site: str, check: bool) -> None:
    tenant = Tenant(*people(3), no_site(4))
    told = roster(tenant, [newcomer(9, site=site), row(4, site=site), row(1, title="A")], check=check)
    assert (told.kind, told.summary) == ("rows_failed", {"refused": 2, "updated": 1})
    assert told.kind_of(login(9)) == told.kind_of(login(4)) == "unknown_site"
    assert "Did you mean 'London'?" in told.message
    assert [each["action"] for each in told.result["manual_actions"]] == ["check_site"] * 2
    assert tenant.writes == ([] if check else ["PUT"])


@pytest.mark.parametrize("users", [None, "a,b", {"user_name": "a"}, 5])
def test_users_that_are_no_list_are_refused_before_anything_is_read(users: Any) -> None:
    tenant = Tenant(*people(3))
    told = roster(tenant, users)
    assert (told.kind, tenant.log) == ("bad_option", [])
    assert told.message.startswith("users ")


def test_users_may_be_json_text() -> None:
    tenant = Tenant(*people(3))
    assert roster(tenant, json.dumps([row(1, title="A")])).summary == {"updated": 1}


def test_a_leaver_whose_id_is_mistyped_is_not_taken_for_gone() -> None:
    tenant = Tenant(*people(2))
    told = roster(tenant, [row(1, user_id="99", state="absent")], limits=ALL)
    assert (told.kind_of(login(1)), tenant.writes) == ("user_not_found", [])


def test_a_leaver_who_does_not_show_in_a_list_that_does_not_add_up_is_not_taken_for_gone() -> None:
    tenant = hiding(Tenant(*people(3)), filters=False)
    told = roster(tenant, [row(1, state="absent"), row(9, state="absent")], limits=ALL)
    assert [told.kind_of(login(number)) for number in (1, 9)] == ["incomplete_listing"] * 2
    assert tenant.writes == []


def test_each_result_tells_the_user_as_it_is_afterwards_and_what_was_not_stored() -> None:
    def drop_titles(raw: dict[str, Any]) -> None:
        raw.pop("title", None)

    tenant = Tenant(*people(3))
    tenant.rewrite = drop_titles
    rows = [newcomer(9, title="A"), row(1, department="B", title="C"), row(2, active=False)]
    told = roster(tenant, rows, limits=ALL)
    assert [told.of(login(number))["not_stored"] for number in (9, 1, 2)] == [["title"], ["title"], []]
    seen = [told.of(login(number))["user"] for number in (9, 1, 2)]
    assert [(each["title"], each["department"], each["active"]) for each in seen] == [
        (None, None, True),
        (None, "B", True),
        ("Analyst", "Engineering", False),
    ]
    again = roster(tenant, rows, limits=ALL, return_unchanged=True)
    assert again.summary == {"unchanged": 3}
    assert again.of(login(1))["not_stored"] == ["title"]
    foreseen = roster(tenant, [newcomer(10), row(3, department="D")], check=True)
    assert foreseen.of(login(10))["user"]["user_name"] == login(10)
    assert foreseen.of(login(10))["user"]["id"] is None
    assert foreseen.of(login(3))["user"]["department"] == "D"


@pytest.mark.parametrize("held_back", [(), ("phoneNumbers",), ALL_BUT_NAMES])
def test_a_column_for_one_phone_number_keeps_the_other(held_back: Any) -> None:
    numbers = [{"type": "work", "value": "+1"}, {"type": "mobile", "value": "+2"}, {"type": "home", "value": "+3"}]
    tenant = Tenant(person(1, phoneNumbers=numbers), person(2, phoneNumbers=numbers), person(3, phoneNumbers=numbers))
    tenant.held_back = held_back
    rows = [row(1, mobile="+9"), row(2, work_phone=""), row(3, mobile="+2")]
    told = roster(tenant, rows)
    assert told.error is None
    assert told.summary == {"updated": 2, "unchanged": 1}
    kept = [sorted(f"{each['type']} {each['value']}" for each in raw["phoneNumbers"]) for raw in tenant.users.values()]
    assert kept == [["home +3", "mobile +9", "work +1"], ["home +3", "mobile +2"], ["home +3", "mobile +2", "work +1"]]
    assert roster(tenant, rows).summary == {"unchanged": 3}


# -- Whom no row names, and who is protected ----------------------------------------------------------------------------


def test_unlisted_users_are_ignored_reported_or_deactivated() -> None:
    def tenant() -> Tenant:
        return Tenant(*people(3), person(4, active=False))

    ignored = roster(tenant(), [row(1)])
    assert (ignored.summary, ignored.result["results"]) == ({"unchanged": 1}, [])
    reported = roster(tenant(), [row(1)], unlisted="report")
    assert reported.summary == {"unchanged": 1, "unlisted": 2}
    assert reported.statuses == {login(2): "unlisted", login(3): "unlisted"}
    assert reported.result["changed"] is False
    there = tenant()
    gone = roster(there, [row(1)], unlisted="deactivate", limits=ALL)
    assert gone.summary == {"unchanged": 1, "deactivated": 2}
    assert [raw["active"] for raw in there.users.values()] == [True, False, False, False]
    assert {entry["action"] for entry in gone.result["manual_actions"]} == set(LEAVER)


@pytest.mark.parametrize("check", [True, False])
def test_who_is_protected_is_never_touched(check: bool) -> None:
    tenant = Tenant(*people(4), resource("5", "Admin@example.org"), resource("6", "svc-1@example.org"))
    before = copy.deepcopy(tenant.users)
    told = roster(
        tenant,
        [
            {"user_name": "admin@example.org", "title": "x"},
            {"user_name": "svc-new@example.org", "given_name": "S", "family_name": "N", "email": "s"},
            row(1, site="Paris"),
            row(2, site="Paris"),
            row(3),
        ],
        unlisted="deactivate",
        protected=["ADMIN@*", "svc-?*@example.org", login(1), login(4)],
        limits=ALL,
        check=check,
    )
    assert tenant.users == before
    assert told.statuses == {
        "Admin@example.org": "protected",
        "svc-new@example.org": "protected",
        "svc-1@example.org": "protected",
        login(1): "protected",
        login(2): "refused",
        login(4): "protected",
    }
    assert told.summary == {"protected": 5, "refused": 1, "unchanged": 1}
    assert [entry["action"] for entry in told.result["manual_actions"]] == ["change_site"]


def test_a_row_of_a_plan_that_is_protected_by_now_is_left_alone(tmp_path: Path) -> None:
    tenant = Tenant(*people(2))
    path = str(tmp_path / "plan")
    roster(tenant, [row(1, title="A"), row(2, title="B")], check=True, plan_file=path)
    told = roster(tenant, apply_plan=path, protected=[login(1)])
    assert told.statuses == {login(1): "protected", login(2): "done"}
    assert tenant.users["1"]["title"] == "Analyst"
