# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole roster against a tenant in memory: what is planned, judged, sent, noted and told."""

from __future__ import annotations

import copy
import csv
import itertools
import json
import math
import os
import threading
import time as real_time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from requests import exceptions as wire
from requests.structures import CaseInsensitiveDict

from ansible_collections.eightbyeight.scim.plugins.module_utils import _roster
from ansible_collections.eightbyeight.scim.plugins.module_utils._client import ScimClient
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.roster_entry import manage_roster
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.models import DEFAULT_EXTENSION_URN
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import planfile
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.limits import read_limits
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.messages import TOLD_FOR_ALL
from ansible_collections.eightbyeight.scim.plugins.module_utils._user import UserRun
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    ALL_BUT_NAMES,
    BASE,
    HTML,
    TOKEN,
    FakeTime,
    ReadOnly,
    Reply,
    Tenant,
    listing,
    refusal,
    resource,
    session_over,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    DEFAULTS,
    Locked,
    journal,
    login,
    managed,
    newcomer,
    people,
    person,
    read,
    roster,
    row,
)

ROOT = Path(__file__).resolve().parents[2]
OFF = {"active": False}


def no_site(number: int) -> dict[str, Any]:
    extension: dict[str, Any] = {DEFAULT_EXTENSION_URN: None}
    return person(number, **extension)


def verbs(tenant: Tenant) -> dict[str, int]:
    sent = [verb for verb, _path in tenant.log]
    return {verb: sent.count(verb) for verb in sorted(set(sent))}


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
    assert {each["action"] for each in told.result["manual_actions"]} == {
        "end_sessions",
        "reclaim_license",
        "delete_record",
    }


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
    source = (ROOT / "plugins" / "module_utils" / "_user.py").read_text(encoding="utf-8")
    assert [words for words in TOLD_FOR_ALL if words not in source] == []


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
    assert {entry["action"] for entry in gone.result["manual_actions"]} == {
        "end_sessions",
        "reclaim_license",
        "delete_record",
    }


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


# -- Limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("limits", "broken"),
    [
        ({}, []),
        ({"deactivate": "10%"}, ["deactivate: 2 planned, limit 10% of 19 users"]),
        ({"deactivate": "10% or 1"}, ["deactivate: 2 planned, limit 10% of 19 users or 1"]),
        ({"deactivate": "2 or 10%"}, []),
        ({"deactivate": "11%"}, []),
        ({"deactivate": "10.5%"}, ["deactivate"]),
        ({"deactivate": 2}, []),
        ({"deactivate": 1}, ["deactivate: 2 planned, limit 1)"]),
        ({"deactivate": "2", "create": 0}, ["create: 1 planned, limit 0"]),
        ({"deactivate": "2", "update": "5%"}, ["update: 1 planned, limit 5% of 19", "{update: 1}"]),
        ({"deactivate": "2", "update": "6%", "create": 1, "reactivate": 1}, []),
        ({"deactivate": 0, "reactivate": 0}, ["deactivate", "reactivate: 1 planned"]),
    ],
)
def test_limits_are_judged_before_the_first_write(limits: dict[str, Any], broken: list[str], check: bool) -> None:
    tenant = Tenant(*people(18), person(19, active=False))
    rows = [row(number) for number in range(3, 18)] + [row(18, title="x"), row(19, active=True), newcomer(20)]
    told = roster(
        ReadOnly(tenant) if check or broken else tenant, rows, unlisted="deactivate", limits=limits, check=check
    )
    if not broken:
        assert told.error is None
        assert told.summary == {"created": 1, "updated": 1, "activated": 1, "deactivated": 2, "unchanged": 15}
        return
    assert told.kind == "limit_exceeded"
    for words in broken:
        assert words in told.message
    assert told.summary == {"refused": 5, "unchanged": 15}
    assert told.result["changed"] is False


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"deactivat": 1}, "deactivat is no kind"),
        ({"deactivate": "many"}, "'many'"),
        ({"deactivate": "5"}, None),
        ({"deactivate": " 5 % "}, None),
        ({"deactivate": "101%"}, "101%"),
        ({"deactivate": "100%"}, None),
        ({"deactivate": -1}, "-1"),
        ({"deactivate": 0.05}, "0.05"),
        ({"deactivate": True}, "True"),
        ({"deactivate": None}, "None"),
        ({"deactivate": "%"}, "%"),
        ({"deactivate": "5%%"}, "5%%"),
        ({"create": [1]}, "[1]"),
    ],
)
def test_a_limit_is_a_count_or_a_percentage(given: dict[str, Any], word: str | None) -> None:
    if word is None:
        assert set(read_limits(given)) == {"deactivate"}
        return
    with pytest.raises(BadOptionError) as caught:
        read_limits(given)
    assert word in caught.value.message
    assert "limits" in caught.value.message


def test_limits_count_for_a_plan_too(tmp_path: Path) -> None:
    tenant = Tenant(*people(5))
    path = str(tmp_path / "plan")
    roster(tenant, [row(number, active=False) for number in (1, 2, 3)], check=True, plan_file=path, limits=ALL)
    assert read(tmp_path / "plan")["limits"] == {
        "create": "1000",
        **dict.fromkeys(("deactivate", "reactivate", "clear"), "100%"),
    }
    # What nobody approved is judged as a new plan is.
    assert roster(ReadOnly(tenant), apply_plan=path).kind == "limit_exceeded"
    assert roster(tenant, apply_plan=path, limits={"deactivate": "60%"}).error is None


def test_an_approved_plan_carries_its_limits_and_a_task_can_only_tighten_them(tmp_path: Path) -> None:
    tenant = Tenant(*people(5))
    path = str(tmp_path / "plan")
    rows = [row(number, active=False) for number in (1, 2, 3)]
    made = roster(tenant, rows, check=True, plan_file=path, limits={"deactivate": 3})
    approved = {"apply_plan": path, "plan_digest": made.result["plan"]["digest"]}
    assert roster(ReadOnly(tenant), limits={"deactivate": 2}, **approved).kind == "limit_exceeded"
    assert roster(ReadOnly(tenant), limits={"deactivate": "50%"}, **approved).kind == "limit_exceeded"
    forged = {**read(tmp_path / "plan"), "limits": {"deactivate": 2}}
    (tmp_path / "forged").write_text(json.dumps({**forged, "digest": planfile.digest(forged)}), encoding="utf-8")
    stricter = {"apply_plan": str(tmp_path / "forged"), "plan_digest": planfile.digest(forged)}
    assert roster(ReadOnly(tenant), limits=ALL, **stricter).kind == "limit_exceeded"
    assert roster(tenant, limits=ALL, **approved).summary == {"deactivated": 3}


def test_an_undo_that_is_applied_by_its_digest_needs_no_limit(tmp_path: Path) -> None:
    time = FakeTime()
    tenant = Tenant(*people(3))
    undo = str(tmp_path / "undo")
    roster(tenant, [newcomer(number) for number in range(10, 20)], undo_file=undo, time=time)
    told = read(tmp_path / "undo")
    assert told["limits"] == {}
    time.now += 29 * 86400
    assert roster(ReadOnly(tenant), apply_plan=undo, time=time).kind == "limit_exceeded"
    tightened = roster(
        ReadOnly(tenant), apply_plan=undo, plan_digest=told["digest"], limits={"deactivate": 9}, time=time
    )
    assert tightened.kind == "limit_exceeded"
    assert roster(tenant, apply_plan=undo, plan_digest=told["digest"], time=time).summary == {"deactivated": 10}
    time.now += 2 * 86400
    assert roster(tenant, apply_plan=undo, plan_digest=told["digest"], time=time).kind == "plan_expired"


def test_a_plan_is_good_for_as_long_as_the_task_says(tmp_path: Path) -> None:
    time = FakeTime()
    tenant, path = Tenant(*people(3)), str(tmp_path / "plan")
    roster(tenant, [row(1, title="A")], check=True, plan_file=path, plan_valid_for="7d", time=time)
    time.now += 7 * 86400
    assert roster(tenant, apply_plan=path, time=time).summary == {"updated": 1}
    assert roster(tenant, [], plan_valid_for="soon").kind == "bad_option"


@pytest.mark.parametrize(
    ("there", "rows", "kinds"),
    [
        # A wrong file, or a wrong tenant; the first import; and a tenant of which nobody shows.
        (40, [newcomer(number) for number in range(100, 140)], ["create"]),
        (40, [newcomer(number) for number in range(100, 125)], []),
        (200, [newcomer(number) for number in range(300, 350)], []),
        (200, [newcomer(number) for number in range(300, 351)], ["create"]),
        (0, [newcomer(number) for number in range(500)], []),
        # One column of the export came out empty.
        (40, [row(number, title="") for number in range(1, 12)], ["clear"]),
        (40, [row(number, mobile="") for number in range(1, 12)], ["clear"]),
        (40, [row(number, work_phone="", mobile="+9") for number in range(1, 12)], []),
        (40, [row(number, title="") for number in range(1, 11)], []),
        (40, [row(number, title="B") for number in range(1, 40)], []),
        # Who left, and comes back with a stale list.
        (-6, [row(number, active=True) for number in range(1, 7)], ["reactivate"]),
        (-5, [row(number, active=True) for number in range(1, 6)], []),
        (40, [row(number, active=False) for number in range(1, 6)], ["deactivate"]),
        (40, [row(number, state="absent") for number in range(1, 5)], []),
    ],
)
def test_every_kind_of_change_that_harms_many_has_a_limit(there: int, rows: list[Any], kinds: list[str]) -> None:
    phone = [{"type": "mobile", "value": "+1"}]
    tenant = Tenant(*[person(number, active=there > 0, phoneNumbers=phone) for number in range(1, abs(there) + 1)])
    told = roster(ReadOnly(tenant), rows, check=True)
    assert told.kind == ("limit_exceeded" if kinds else None)
    for kind in kinds:
        assert f"({kind}: {len(rows)} planned" in told.message
        assert f"limits {{{kind}: {len(rows)}}}" in told.message
        assert roster(ReadOnly(tenant), rows, check=True, limits={kind: len(rows)}).error is None
        assert ("is this the right file" in told.message) is (kind == "create")


def test_a_tenant_whose_users_do_not_show_is_no_empty_one() -> None:
    tenant = Tenant()
    tenant.before = lambda _request: Reply(200, listing(total=600))
    rows = [newcomer(number) for number in range(26)]
    assert roster(ReadOnly(tenant), rows, check=True).kind == "limit_exceeded"


def test_whoever_gets_access_back_comes_first(tmp_path: Path) -> None:
    tenant = Tenant(*people(3), person(4, active=False))
    path = tmp_path / "plan"
    rows = [newcomer(9), row(1, title="A"), row(2, active=False), row(4, active=True, title="B")]
    made = roster(tenant, rows, check=True, plan_file=str(path))
    order = ["activated", "created", "updated", "deactivated"]
    assert [each["operation"] for each in read(path)["rows"]] == order
    assert [each["operation"] for each in made.result["results"]] == order
    told = roster(tenant, apply_plan=str(path), plan_digest=made.result["plan"]["digest"])
    assert [each["operation"] for each in told.result["results"]] == order


# -- Listings that do not add up ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [True, False])
def test_nobody_is_deactivated_because_of_a_listing_that_does_not_add_up(check: bool) -> None:
    tenant = Tenant(*people(5))

    def one_too_many(request: requests.PreparedRequest) -> Reply | None:
        if request.method == "GET" and "/Users?" in str(request.url) and "filter" not in str(request.url):
            return Reply(200, listing(*tenant.users.values(), total=len(tenant.users) + 1))
        return None

    tenant.before = one_too_many
    told = roster(
        tenant, [row(1, title="x"), row(2, active=False), newcomer(9)], unlisted="deactivate", limits=ALL, check=check
    )
    assert told.kind == "rows_failed"
    assert told.result["complete"] is False
    assert told.summary == {"created": 1, "updated": 1, "refused": 4}
    assert {told.kind_of(login(number)) for number in (2, 3, 4, 5)} == {"incomplete_listing"}
    assert all(raw["active"] for raw in tenant.users.values())


def hiding(tenant: Tenant, filters: bool = True) -> Tenant:
    """Hide the first user from every listing."""

    def hide(request: requests.PreparedRequest) -> Reply | None:
        if request.method == "GET" and "/Users?" in str(request.url):
            if "filter" not in str(request.url):
                return Reply(200, listing(*list(tenant.users.values())[1:], total=len(tenant.users)))
            return None if filters else refusal(400, "no filters", "invalidFilter")
        return None

    tenant.before = hide
    return tenant


def test_somebody_whom_a_listing_hides_is_looked_up_before_being_created() -> None:
    tenant = hiding(Tenant(*people(3)))
    rows = [newcomer(1, title="Boss"), newcomer(9)]
    tried = roster(tenant, rows, check=True)
    told = roster(tenant, rows)
    assert tried.summary == told.summary == {"updated": 1, "created": 1}
    assert tried.result["diff"] == told.result["diff"]
    assert tenant.writes == ["PUT", "POST"]
    assert tenant.users["1"]["title"] == "Boss"
    # A listing, which asks once more for what is missing; two look-ups, and the proof that the filter finds people; a fresh read;
    # and a verifying listing like the first, with one look at who does not show in it.
    assert told.result["plan"]["forecast"]["by_verb"] == {"GET": 2, "POST": 1, "PUT": 1}
    assert told.result["requests"] == {"GET": 2 + 2 + 1 + 1 + 2 + 1, "POST": 1, "PUT": 1}
    again = roster(tenant, rows)
    assert (again.result["changed"], tenant.writes) == (False, ["PUT", "POST"])


def test_somebody_whom_a_listing_hides_is_not_deactivated_or_activated_beyond_a_limit() -> None:
    tenant = hiding(Tenant(*people(3)))
    told = roster(tenant, [newcomer(1, active=False)])
    assert told.kind_of(login(1)) == "incomplete_listing"
    tenant.users["1"]["active"] = False
    assert roster(tenant, [newcomer(1, active=True)], limits={"reactivate": 0}).kind == "limit_exceeded"
    assert tenant.writes == []


def test_nobody_is_looked_up_one_by_one_where_filters_are_refused() -> None:
    tenant = hiding(Tenant(*people(3)), filters=False)
    told = roster(tenant, [newcomer(number) for number in range(10, 16)])
    assert told.summary == {"created": 6}
    assert told.result["requests"]["GET"] == 2 + 1 + 2 + 2, (
        "a listing, one refusal and a listing in its place, verification"
    )


def test_an_empty_roster_does_not_deactivate_everybody() -> None:
    tenant = Tenant(*people(3))
    told = roster(tenant, [], unlisted="deactivate", limits=ALL)
    assert told.kind == "bad_option"
    assert "empty" in told.message
    assert tenant.log == []
    assert roster(tenant, [], unlisted="report").summary == {"unlisted": 3}


# -- Requests, and their order ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("size", [100, 30, 7])
def test_unchanged_users_cost_their_pages_and_nothing_else(workers: int, size: int) -> None:
    tenant = Tenant(*people(250))
    tenant.page_size = size
    told = roster(Locked(tenant), [row(number, title="Analyst") for number in range(1, 251)], concurrency=workers)
    assert verbs(tenant) == {"GET": math.ceil(250 / size)} == told.result["requests"]
    assert told.summary == {"unchanged": 250}
    assert told.result["plan"]["forecast"]["requests"] == 0
    assert told.result["complete"] is True


@pytest.mark.parametrize("workers", [1, 4])
def test_changes_cost_what_was_forecast(workers: int) -> None:
    tenant = Tenant(*people(20), person(21, active=False))
    tenant.page_size = 10
    rows = [
        newcomer(30),
        newcomer(31),
        row(1, title="x"),
        row(2, title="y"),
        row(3, active=False),
        row(21, active=True),
    ]
    told = roster(Locked(tenant), rows, concurrency=workers)
    assert told.error is None
    # Three pages before and after, one GET for each PUT.
    assert verbs(tenant) == {"GET": 3 + 2 + 3, "PATCH": 2, "POST": 2, "PUT": 2} == told.result["requests"]
    forecast = told.result["plan"]["forecast"]
    assert forecast["by_verb"] == {"GET": 5, "PATCH": 2, "POST": 2, "PUT": 2}
    assert forecast["requests"] == 11
    assert roster(Locked(tenant), rows).result["requests"] == {"GET": 3}


def test_a_plan_costs_what_was_forecast(tmp_path: Path) -> None:
    tenant = Tenant(*people(20))
    path = str(tmp_path / "plan")
    roster(tenant, [newcomer(30), row(1, title="x"), row(2, active=False)], check=True, plan_file=path, limits=ALL)
    tenant.log.clear()
    told = roster(tenant, apply_plan=path, limits=ALL, canary=1)
    assert told.result["requests"] == told.result["plan"]["forecast"]["by_verb"]
    # Three rows, the proof of the filter, the canary, and the listing that verifies.
    assert told.result["requests"] == {"GET": 3 + 2 + 1 + 1, "PATCH": 1, "POST": 1, "PUT": 1}


def test_a_plan_that_is_made_foretells_what_its_apply_will_cost(tmp_path: Path) -> None:
    tenant = Tenant(*people(20))
    path = str(tmp_path / "plan")
    rows = [newcomer(30), row(1, title="x"), row(2, active=False)]
    made = roster(tenant, rows, check=True, plan_file=path, limits=ALL)
    tenant.log.clear()
    assert roster(tenant, apply_plan=path, limits=ALL).result["requests"] == made.result["plan"]["forecast"]["by_verb"]


@pytest.mark.parametrize(("seconds", "at_once"), [(0.0, 1), (0.004, 1), (0.012, 3), (1.0, 4)])
def test_pages_are_read_together_where_the_server_is_what_is_waited_for(seconds: float, at_once: int) -> None:
    tenant, time = Tenant(*people(90)), FakeTime()
    tenant.page_size = 10
    gate = threading.Barrier(at_once, timeout=5)
    numbers = itertools.count()

    def meanwhile() -> None:
        number = next(numbers)
        if number == 0:
            time.now += seconds
        elif number <= at_once:
            gate.wait()  # Nobody gets on before that many are under way.

    adapter = Locked(tenant, meanwhile)
    told = roster(adapter, [row(number) for number in range(1, 91)], concurrency=4, time=time)
    assert told.summary == {"unchanged": 90}
    assert adapter.most == at_once


@pytest.mark.parametrize("workers", [1, 8])
def test_nobody_loses_access_before_everything_else_is_done(workers: int) -> None:
    tenant = Tenant(*people(20), person(21, active=False))
    rows = [
        row(1, active=False),
        row(2, title="T", active=False),
        newcomer(40),
        row(3, title="x"),
        row(21),
        newcomer(41),
    ]
    told = roster(
        Locked(tenant, lambda: real_time.sleep(0.002)), rows, unlisted="deactivate", limits=ALL, concurrency=workers
    )
    assert told.error is None
    writes = [(verb, path) for verb, path in tenant.log if verb != "GET"]
    taking = {f"/Users/{number}" for number in range(1, 21)} - {"/Users/3"}
    order = [path in taking for _verb, path in writes]
    assert order == sorted(order)
    assert order.count(True) == 19


def test_the_forecast_knows_the_ceiling() -> None:
    rows = [newcomer(number) for number in range(10, 40)]
    told = roster(Tenant(*people(3)), rows, check=True, requests_per_minute=60, limits=ALL)
    assert told.result["plan"]["forecast"] == {"requests": 31, "seconds": 31.0, "by_verb": {"GET": 1, "POST": 30}}


def test_the_ceiling_holds() -> None:
    time = FakeTime()
    roster(Tenant(), [newcomer(number) for number in range(30)], time=time, requests_per_minute=60)
    assert time.now >= 31.0


# -- Plan and apply -----------------------------------------------------------------------------------------------------


def planned(tenant: Tenant, path: Path, rows: list[Any] | None = None, **options: Any) -> Any:
    rows = rows or [row(1, title="A"), row(2, active=False), newcomer(9, site="Paris"), row(3)]
    told = roster(ReadOnly(tenant), rows, check=True, plan_file=str(path), limits=ALL, **options)
    plan = read(path)
    assert told.result["plan"]["digest"] == plan["digest"]
    return plan


def test_a_plan_says_what_it_is(tmp_path: Path) -> None:
    plan = planned(Tenant(*people(3)), tmp_path / "plan")
    assert set(plan) >= {"digest", "created", "expires", "tenant", "rows"}
    assert plan["tenant"] == BASE
    assert [(entry["row"], entry["operation"], entry["before"], entry["after"]) for entry in plan["rows"]] == [
        (1, "updated", {"title": "Analyst"}, {"title": "A"}),
        (2, "deactivated", {"active": True}, {"active": False}),
        (
            3,
            "created",
            None,
            {
                "user_name": login(9),
                "given_name": "New",
                "family_name": "Comer",
                "email": login(9),
                "active": True,
                "site": "Paris",
            },
        ),
    ]


def test_the_plan_is_applied_exactly(tmp_path: Path) -> None:
    tenant, direct = Tenant(*people(3)), Tenant(*people(3))
    plan = planned(tenant, tmp_path / "plan")
    # Whatever comes into being meanwhile is not the plan's business.
    tenant.users["4"] = person(4)
    told = roster(tenant, apply_plan=str(tmp_path / "plan"), plan_digest=plan["digest"], limits=ALL)
    assert told.error is None
    assert told.summary == {"created": 1, "updated": 1, "deactivated": 1}
    assert told.result["plan"]["digest"] == plan["digest"]
    assert told.result["complete"] is True
    roster(direct, [row(1, title="A"), row(2, active=False), newcomer(9, site="Paris"), row(3)], limits=ALL)
    made = [raw for raw in managed(tenant.users).values() if raw["id"] != "4"]
    expected = list(managed(direct.users).values())
    for raw in (*made, *expected):
        raw.pop("id")
    assert made == expected


def test_a_plan_that_was_done_already_changes_nothing(tmp_path: Path) -> None:
    tenant = Tenant(*people(3))
    tenant.rewrite = lambda raw: raw.update(title=raw["title"].strip()) if raw.get("title") else None
    planned(tenant, tmp_path / "plan", [row(1, title=" A "), row(2, active=False), newcomer(9, title="B ")])
    assert roster(tenant, apply_plan=str(tmp_path / "plan"), limits=ALL).error is None
    tenant.log.clear()
    again = roster(tenant, apply_plan=str(tmp_path / "plan"), limits=ALL)
    assert again.error is None
    assert tenant.writes == []
    assert again.summary == {"unchanged": 3}
    assert set(again.statuses.values()) == {"unchanged"}
    assert {entry["operation"] for entry in again.result["results"]} == {"unchanged"}
    assert again.result["changed"] is False


def test_rows_that_have_moved_are_refused_alone(tmp_path: Path) -> None:
    tenant = Tenant(*people(5))
    planned(tenant, tmp_path / "plan", [*(row(number, title="A") for number in range(1, 5)), newcomer(9)])
    tenant.users["1"]["title"] = "Else"
    del tenant.users["2"]
    tenant.users["3"]["title"] = "A"
    tenant.users["9"] = person(9)
    told = roster(tenant, apply_plan=str(tmp_path / "plan"))
    assert told.kind == "rows_failed"
    assert told.statuses == {
        login(1): "refused",
        login(2): "refused",
        login(3): "unchanged",
        login(4): "done",
        login(9): "refused",
    }
    assert {told.kind_of(login(number)) for number in (1, 2, 9)} == {"row_moved"}
    assert '"Else"' in told.of(login(1))["error"]["message"]
    assert sorted(told.result["changed_elsewhere"]) == [login(1), login(2), login(9)]
    assert any("Entra ID" in warning for warning in told.warnings)
    assert tenant.writes == ["PUT"]


def test_a_plan_tells_of_users_whom_somebody_else_wrote_to(tmp_path: Path) -> None:
    tenant = Tenant(*people(2))
    planned(tenant, tmp_path / "plan", [row(1, title="A"), row(2, title="A")])
    tenant.users["1"]["department"] = "Else"
    tenant.users["1"]["meta"]["lastModified"] = "2026-05-05T00:00:00Z"
    told = roster(tenant, apply_plan=str(tmp_path / "plan"))
    assert told.error is None
    assert told.result["changed_elsewhere"] == [login(1)]


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        (lambda plan: plan["rows"][0]["after"].update(title="Evil"), "bad_plan"),
        (lambda plan: plan.update(expires="2999-01-01T00:00:00Z"), "bad_plan"),
        (lambda plan: plan["rows"].pop(), "bad_plan"),
        (lambda plan: plan.update(note="x"), "bad_plan"),
    ],
)
def test_a_plan_that_was_changed_is_none(tmp_path: Path, how: Any, kind: str) -> None:
    tenant = Tenant(*people(3))
    plan = planned(tenant, tmp_path / "plan")
    tenant.log.clear()
    how(plan)
    (tmp_path / "plan").write_text(json.dumps(plan))
    told = roster(tenant, apply_plan=str(tmp_path / "plan"), plan_digest=plan["digest"], limits=ALL)
    assert told.kind == kind
    assert tenant.log == []


def test_only_the_approved_plan_of_this_tenant_is_applied_in_time(tmp_path: Path) -> None:
    tenant = Tenant(*people(3))
    path = tmp_path / "plan"
    plan = planned(tenant, path)
    tenant.log.clear()
    assert roster(tenant, apply_plan=str(path), plan_digest="sha256:other").kind == "plan_not_approved"
    late = FakeTime()
    late.now = 24 * 3600 + 1
    assert roster(tenant, apply_plan=str(path), time=late).kind == "plan_expired"
    elsewhere = _connection()._replace(base_url=BASE.replace("C1", "C2"))
    run = _roster.RosterRun(lambda to: pytest.fail("sent"), elsewhere, {**DEFAULTS, "apply_plan": str(path)})
    assert run is not None
    document = {**plan, "tenant": BASE.replace("C1", "C2")}
    from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import planfile

    document["digest"] = planfile.digest(document)
    path.write_text(json.dumps(document))
    told = roster(tenant, apply_plan=str(path))
    assert told.kind == "wrong_tenant"
    assert tenant.log == []


def _connection() -> Any:
    from ansible_collections.eightbyeight.scim.tests.unit.helpers import connection

    return connection()


# -- Undo -------------------------------------------------------------------------------------------------------------


def test_undo_puts_back_what_8x8_lets_one_put_back(tmp_path: Path) -> None:
    tenant = Tenant(*people(3), no_site(4), person(5, active=False), person(6, title=None))
    before = copy.deepcopy(managed(tenant.users))
    undo = str(tmp_path / "undo")
    rows = [
        row(1, title="A", department="", phone_numbers=[{"type": "work", "value": "1"}]),
        row(2, active=False),
        row(4, site="Paris", title="B"),
        row(5, title="C"),
        row(6, title="D", active=False),
        newcomer(9),
        newcomer(10, active=False),
    ]
    done = roster(tenant, rows, limits=ALL, undo_file=undo, unlisted="deactivate")
    assert done.error is None
    back = roster(tenant, apply_plan=undo, limits=ALL)
    assert back.error is None, back.message
    after = managed(tenant.users)
    assert after["4"].pop(DEFAULT_EXTENSION_URN) == {"site": "Paris"}
    assert [after.pop(f"new-{number}")["active"] for number in (7, 8)] == [False, False]
    for raw in (*after.values(), *before.values()):
        raw.pop("schemas")
    assert after == before
    assert back.result["changed_elsewhere"] == []
    tenant.log.clear()
    assert roster(tenant, apply_plan=undo, limits=ALL).summary == {"unchanged": back.summary["activated"] + 5 - 1}
    assert tenant.writes == []


def test_undo_takes_our_own_change_for_nobody_else_s(tmp_path: Path) -> None:
    tenant = Tenant(*people(1))

    def touch(request: requests.PreparedRequest) -> None:
        if request.method == "PATCH":  # its answer does not tell the time
            tenant.users["1"]["meta"]["lastModified"] = "2026-07-07T00:00:00Z"

    tenant.before = touch
    undo = str(tmp_path / "undo")
    roster(tenant, [row(1, active=False)], undo_file=undo, limits=ALL)
    told = roster(tenant, apply_plan=undo)
    assert (told.error, told.warnings, told.result["changed_elsewhere"]) == (None, [], [])


def test_undo_starts_from_what_the_server_made_of_it(tmp_path: Path) -> None:
    tenant = Tenant(*people(1))
    tenant.rewrite = lambda raw: raw.update(title=raw["title"].upper())
    undo = str(tmp_path / "undo")
    roster(tenant, [row(1, title="Boss")], undo_file=undo)
    assert tenant.users["1"]["title"] == "BOSS"
    tenant.rewrite = lambda raw: None
    assert roster(tenant, apply_plan=undo).error is None
    assert tenant.users["1"]["title"] == "Analyst"


def test_undo_refuses_who_was_changed_since(tmp_path: Path) -> None:
    tenant = Tenant(*people(2))
    undo = str(tmp_path / "undo")
    roster(tenant, [row(1, title="A"), row(2, title="A")], undo_file=undo)
    tenant.users["1"]["title"] = "Promoted"
    told = roster(tenant, apply_plan=undo)
    assert told.statuses == {login(1): "refused", login(2): "done"}
    assert tenant.users["1"]["title"] == "Promoted"


@pytest.mark.parametrize("at", range(1, 9))
@pytest.mark.parametrize("applied", [True, False])
def test_a_run_that_is_killed_can_be_undone_or_run_again(tmp_path: Path, at: int, applied: bool) -> None:
    """Killed at its n-th request, before or after the server did what it was asked."""
    tenant = Tenant(*people(4))
    before = copy.deepcopy(managed(tenant.users))
    undo = tmp_path / "undo"
    notes = tmp_path / "journal"
    rows = [row(1, title="A"), row(2, title="B"), newcomer(9), newcomer(10), row(3, active=False)]
    count = [0]

    def kill(request: requests.PreparedRequest) -> Reply | None:
        if request.method != "GET":
            assert undo.exists(), "the undo comes before the first write"
        count[0] += 1
        if count[0] == at:
            if applied:
                tenant.before = lambda request: None
                tenant.send(request)
                tenant.log.pop()
            raise KeyboardInterrupt
        return None

    tenant.before = kill
    with pytest.raises(KeyboardInterrupt):
        roster(tenant, rows, limits=ALL, undo_file=str(undo), journal_file=str(notes))
    tenant.before = lambda request: None
    killed = copy.deepcopy(tenant.users)

    if undo.exists():
        back = roster(tenant, apply_plan=str(undo), limits=ALL)
        assert back.error is None, back.message
        after = managed(tenant.users)
        assert all(not after.pop(key)["active"] for key in list(after) if key.startswith("new"))
        assert after == before
    tenant.users = killed
    tenant.log.clear()
    again = roster(tenant, rows, limits=ALL, journal_file=str(notes))
    assert again.error is None
    assert again.result["changed_elsewhere"] == []
    names = [raw["userName"] for raw in tenant.users.values()]
    assert len(names) == len(set(names)) == 6
    assert roster(ReadOnly(tenant), rows, limits=ALL).summary == {"unchanged": 5}


def test_the_undo_of_a_run_with_failures_holds_what_may_have_happened(tmp_path: Path) -> None:
    tenant = Tenant(*people(3))
    undo = tmp_path / "undo"

    def trouble(request: requests.PreparedRequest) -> Any:
        if request.method == "PUT" and str(request.url).endswith("/1"):
            return refusal(400, "no")
        if request.method in ("PUT", "GET") and str(request.url).endswith("/2") and "PUT" in tenant.writes:
            return wire.ReadTimeout("late")
        return None

    tenant.before = trouble
    told = roster(tenant, [row(1, title="A"), row(2, title="B"), row(3, title="C")], undo_file=str(undo))
    assert told.statuses == {login(1): "failed", login(2): "failed", login(3): "done"}
    # The second never got as far as a write: its fresh read failed.
    assert [entry["user_name"] for entry in read(undo)["rows"]] == [login(3)]
    tenant.before = lambda request: wire.ReadTimeout("late") if request.method == "PUT" else None
    roster(tenant, [row(1, title="A")], undo_file=str(undo))
    assert [entry["user_name"] for entry in read(undo)["rows"]] == [login(1)]


@pytest.mark.parametrize(("verb", "rows"), [("PUT", [row(1, title="A")]), ("POST", [newcomer(7)])])
def test_the_undo_holds_what_was_lost_before_it_was_refused(
    tmp_path: Path, verb: str, rows: list[dict[str, Any]]
) -> None:
    """The answer to a first try was lost, its repetition is refused, and looking fails: it may have been carried out."""
    tenant = Tenant(*people(3))
    undo = tmp_path / "undo"

    def trouble(request: requests.PreparedRequest) -> Any:
        tries = tenant.writes.count(verb)
        if request.method == verb:
            return Reply(502, HTML) if tries == 1 else refusal(400, "no")
        return refusal(403) if tries > 1 else None

    tenant.before = trouble
    told = roster(tenant, rows, undo_file=str(undo), retry_budget=60)
    assert list(told.statuses.values()) == ["failed"]
    assert [entry["user_name"] for entry in read(undo)["rows"]] == [rows[0]["user_name"]]


@pytest.mark.parametrize("check", [True, False])
def test_a_terse_listing_is_no_reason_to_plan_what_nobody_needs_or_to_miss_what_is_to_be_cleared(check: bool) -> None:
    tenant = Tenant(*people(3))
    tenant.held_back = ALL_BUT_NAMES
    rows = [row(1, title="Analyst", site="London"), row(2, title=""), row(3, given_name="Ada")]
    told = roster(tenant, rows, check=check)
    assert told.summary == {"updated": 1, "unchanged": 2}
    assert told.of(login(2))["changes"] == {"before": {"title": "Analyst"}, "after": {"title": None}}


@pytest.mark.parametrize(("shown_of", "reads"), [(None, 5), ("3", 0)])
def test_a_listing_may_leave_out_one_attribute_that_is_to_be_cleared(shown_of: str | None, reads: int) -> None:
    """A few are read where nobody shows it, and all where one of those has it; none where a listing does show it."""
    tenant = Tenant(*people(5))
    tenant.held_back = ("title",) if shown_of is None else ()
    told = roster(tenant, [row(number, title="") for number in range(1, 6)], check=True)
    assert told.summary == {"updated": 5}
    assert sum(path.startswith("/Users/") for _verb, path in tenant.log) == reads


def test_that_nobody_has_what_is_to_be_cleared_costs_a_few_reads_and_not_one_each() -> None:
    tenant = Tenant(*(resource(str(number), login(number), title=None) for number in range(1, 31)))
    told = roster(tenant, [row(number, title="") for number in range(1, 31)])
    assert told.summary == {"unchanged": 30}
    assert len(tenant.log) == 1 + 3


def test_a_user_whom_a_terse_listing_hides_and_who_cannot_be_read_stops_nobody() -> None:
    tenant = Tenant(*people(2))
    tenant.held_back = ALL_BUT_NAMES
    tenant.before = lambda request: refusal(403) if str(request.url).endswith("/1") else None
    told = roster(tenant, [row(1, title="A"), row(2, title="B")])
    assert told.statuses == {login(1): "refused", login(2): "done"}
    assert told.kind_of(login(1)) == "forbidden"


@pytest.mark.parametrize("budget", [30, 120, 600])
def test_a_server_that_takes_everything_but_creations_is_not_asked_for_ever(budget: int) -> None:
    tenant = Tenant(*people(1))
    tenant.before = lambda request: refusal(429) if request.method == "POST" else None
    told = roster(tenant, [newcomer(7)], retry_budget=budget)
    assert told.kind_of(login(7)) == "rate_limited"
    assert tenant.writes == ["POST"] * len(tenant.writes)
    assert len(tenant.writes) < 60


@pytest.mark.parametrize("trouble", [refusal(400), refusal(303), Reply(404, HTML), Reply(502, HTML), refusal(403)])
def test_what_was_accepted_and_could_not_be_looked_at_is_undone_too(tmp_path: Path, trouble: Reply) -> None:
    tenant = Tenant(*people(2))

    def silent(request: requests.PreparedRequest) -> Any:
        if request.method == "PATCH":
            tenant.users["1"]["active"] = False
            return Reply(200)
        return trouble if str(request.url).endswith("/Users/1") else None

    tenant.before = silent
    undo = tmp_path / "undo"
    told = roster(tenant, [row(1, active=False)], undo_file=str(undo), retry_budget=1, limits={"deactivate": 1})
    assert (told.statuses, told.result["changed"]) == ({login(1): "failed"}, True)
    tenant.before = lambda _request: None
    assert roster(tenant, apply_plan=str(undo)).error is None
    assert tenant.users["1"]["active"]


def test_an_undo_of_an_earlier_run_is_kept(tmp_path: Path) -> None:
    """A run that was killed is run again, with the same options, and what it had done must still be undone."""
    tenant = Tenant(*people(3))
    undo = tmp_path / "undo"
    for number in (1, 2, 3):
        roster(tenant, [row(number, title="A")], undo_file=str(undo))
    roster(tenant, [row(3, title="A")], undo_file=str(undo))
    roster(tenant, [row(3, title="B")], undo_file=str(undo), check=True)
    assert [entry["user_name"] for entry in read(undo)["rows"]] == [login(3)], "nothing to do, nothing to undo"
    others = sorted(tmp_path.glob("undo.*"))
    assert len(others) == 2
    assert {read(path)["rows"][0]["user_name"] for path in others} == {login(1), login(2)}
    assert all(path.name.startswith("undo.2") for path in others)
    for path in (undo, *others):
        assert roster(tenant, apply_plan=str(path)).error is None
    assert managed(tenant.users) == managed(Tenant(*people(3)).users)


def test_an_undo_that_cannot_be_kept_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = Tenant(*people(2))
    undo = tmp_path / "undo"
    roster(tenant, [row(1, title="A")], undo_file=str(undo))
    before = undo.read_text()

    def refuse(*_names: Any) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "rename", refuse)
    told = roster(tenant, [row(2, title="A")], undo_file=str(undo))
    assert told.kind == "bad_option"
    assert "set aside" in told.message
    assert tenant.writes == ["PUT"]
    assert undo.read_text() == before


def test_undoing_creations_in_an_empty_tenant_is_judged_by_the_tenant_after_them(tmp_path: Path) -> None:
    tenant = Tenant()
    undo = str(tmp_path / "undo")
    roster(tenant, [newcomer(number) for number in (1, 2, 3)], undo_file=undo)
    assert "limit 10% of 3 users or 2" in roster(tenant, apply_plan=undo).message
    assert roster(tenant, apply_plan=undo, limits=ALL).summary == {"deactivated": 3}


# -- Journal ------------------------------------------------------------------------------------------------------------


def test_the_journal_has_a_line_before_and_after_each_operation(tmp_path: Path) -> None:
    tenant = Tenant(*people(3))
    path = tmp_path / "journal"
    told = roster(
        tenant,
        [row(1, title="A"), newcomer(9), newcomer(10, site="Rome"), row(2, active=False)],
        limits=ALL,
        journal_file=str(path),
    )
    assert told.kind == "rows_failed"
    events: dict[str, list[str]] = {}
    for line in journal(path):
        if "user_name" in line:
            events.setdefault(line["user_name"], []).append(line["event"])
    assert events == {
        login(1): ["intended", "sent", "confirmed"],
        login(9): ["intended", "sent", "confirmed"],
        login(10): ["intended", "sent", "failed"],
        login(2): ["intended", "sent", "confirmed"],
    }
    lines = journal(path)
    assert {"time", "event", "id", "row", "user_name", "operation"} <= set(lines[0])
    assert next(line for line in lines if line["event"] == "failed")["kind"] == "unknown_site"
    assert (
        next(line for line in lines if line["event"] == "confirmed" and line["user_name"] == login(9))["id"] == "new-4"
    )


def test_a_line_is_there_before_the_request_is(tmp_path: Path) -> None:
    tenant = Tenant(*people(1))
    path = tmp_path / "journal"
    seen: list[list[str]] = []

    def look(request: requests.PreparedRequest) -> None:
        if request.method == "PUT":
            seen.append([line["event"] for line in journal(path)])

    tenant.before = look
    roster(tenant, [row(1, title="A")], journal_file=str(path))
    assert seen == [["intended", "sent"]]


def test_a_second_writer_is_told_between_two_runs(tmp_path: Path) -> None:
    tenant = Tenant(*people(4))
    stamp = [0]

    def write(raw: dict[str, Any]) -> None:
        stamp[0] += 1
        raw["meta"] = {"lastModified": f"2026-06-01T00:00:{stamp[0]:02}Z"}

    path = str(tmp_path / "journal")
    tenant.rewrite = lambda raw: None
    assert roster(tenant, [row(1, title="A")], journal_file=path).result["changed_elsewhere"] == []
    for key in "23":
        write(tenant.users[key])
    told = roster(tenant, [row(1, title="A")], journal_file=path)
    assert told.result["changed_elsewhere"] == [login(2), login(3)]
    assert any("2 users were changed by somebody else" in warning for warning in told.warnings)
    lines = len(journal(Path(path)))
    again = roster(tenant, [row(1, title="A")], journal_file=path)
    assert (again.result["changed_elsewhere"], again.warnings) == ([], [])
    assert len(journal(Path(path))) == lines, "nothing new, nothing to note"


def test_a_second_writer_is_told_once_by_a_run_that_changes_something(tmp_path: Path) -> None:
    tenant = Tenant(*people(2))
    path = str(tmp_path / "journal")
    roster(tenant, [row(1)], journal_file=path)
    tenant.users["2"]["meta"] = {"lastModified": "2026-06-01T00:00:00Z"}
    told = roster(tenant, [row(1, title="A")], journal_file=path)
    assert told.summary == {"updated": 1}
    (warning,) = told.warnings
    assert "since the last run of this journal" in warning


def test_a_second_writer_is_told_once_by_those_who_only_plan(tmp_path: Path) -> None:
    tenant = Tenant(*people(2))
    path, plan_file = str(tmp_path / "journal"), str(tmp_path / "plan")
    rows = [row(1, title="A")]
    assert roster(tenant, rows, journal_file=path).error is None
    tenant.users["2"]["meta"] = {"lastModified": "2026-06-01T00:00:00Z"}
    tried = [roster(tenant, rows, journal_file=path, check=True).result["changed_elsewhere"] for _again in range(2)]
    assert tried == [[login(2)], [login(2)]], "who only tries leaves nothing behind"
    made = [
        roster(tenant, rows, journal_file=path, plan_file=plan_file, check=True).result["changed_elsewhere"]
        for _again in range(2)
    ]
    assert made == [[login(2)], []]


def test_a_second_writer_between_plan_and_apply_is_told_after_it(tmp_path: Path) -> None:
    tenant = Tenant(*people(3))
    path, plan_file = str(tmp_path / "journal"), str(tmp_path / "plan")
    made = roster(tenant, [row(1, title="A")], journal_file=path, plan_file=plan_file, check=True)
    tenant.users["2"]["meta"] = {"lastModified": "2026-06-01T00:00:00Z"}
    told = roster(tenant, apply_plan=plan_file, journal_file=path)
    assert (made.result["changed_elsewhere"], told.result["changed_elsewhere"]) == ([], [login(2)])
    assert any("since the last run of this journal" in warning for warning in told.warnings)


def test_whom_a_refused_write_left_alone_is_still_watched(tmp_path: Path) -> None:
    tenant = Tenant(*people(2))
    path = str(tmp_path / "journal")
    roster(tenant, [row(1), row(2)], journal_file=path)
    tenant.before = lambda request: (
        refusal(400, "no") if request.method == "PUT" and str(request.url).endswith("/1") else None
    )
    roster(tenant, [row(1, title="A"), row(2, title="A")], journal_file=path)
    tenant.users["1"]["meta"] = {"lastModified": "2026-06-01T00:00:00Z"}
    assert roster(tenant, [row(1), row(2)], journal_file=path).result["changed_elsewhere"] == [login(1)]


def test_an_apply_ends_half_a_line_of_a_run_that_was_killed(tmp_path: Path) -> None:
    tenant = Tenant(*people(2))
    path = tmp_path / "journal"
    planned(tenant, tmp_path / "plan", [row(1, title="A")])
    path.write_text('{"time": "2026-01-01T00:00:00Z", "event": "sen', encoding="utf-8")
    assert roster(tenant, apply_plan=str(tmp_path / "plan"), journal_file=str(path)).error is None
    half, *whole = path.read_text(encoding="utf-8").splitlines()
    assert half.endswith('"sen')
    assert [json.loads(line)["event"] for line in whole] == ["intended", "sent", "confirmed", "seen"]


# -- Failures -----------------------------------------------------------------------------------------------------------


def failing(*numbers: int) -> Tenant:
    """A tenant of ten that refuses some of them."""
    tenant = Tenant(*people(10))

    def refuse(request: requests.PreparedRequest) -> Reply | None:
        number = str(request.url).rsplit("/", 1)[-1]
        return refusal(400, "no") if request.method == "PUT" and number in map(str, numbers) else None

    tenant.before = refuse
    return tenant


TEN = [row(number, title="A") for number in range(1, 11)]


@pytest.mark.parametrize(
    ("options", "tried", "failed"),
    [
        ({}, 10, 3),
        ({"on_error": "stop"}, 2, 1),
        ({"max_failures": 2}, 5, 2),
        ({"max_failures": 3}, 8, 3),
        ({"max_failures": 4}, 10, 3),
    ],
)
def test_failures_end_a_run_as_asked_and_hide_nothing(options: dict[str, Any], tried: int, failed: int) -> None:
    tenant = failing(2, 5, 8)
    told = roster(tenant, TEN, **options)
    assert told.kind == "rows_failed"
    assert len(tenant.writes) == tried
    skipped = {"skipped": 10 - tried} if tried < 10 else {}
    assert told.summary == {"updated": tried - failed, "failed": failed, **skipped}
    assert told.result["changed"] is True
    assert sum(status == "skipped" for status in told.statuses.values()) == 10 - tried
    assert len(told.result["diff"]) == tried - failed
    assert ("not tried" in told.message) is (tried < 10)
    assert told.of(login(2))["error"] == {
        "kind": "refused",
        "status": 400,
        "scim_type": None,
        "detail": "no",
        "method": "PUT",
        "path": "/Users/2",
        "message": told.of(login(2))["error"]["message"],
    }


def test_a_failure_of_the_code_is_one_row_s_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = Tenant(*people(3))
    original = UserRun.run_from

    def broken(self: Any, current: Any, *, fresh: bool) -> None:
        if current.id == "2":
            raise TypeError(f"about {TOKEN}")
        original(self, current, fresh=fresh)

    monkeypatch.setattr(UserRun, "run_from", broken)
    told = roster(tenant, TEN[:3])
    assert told.statuses == {login(1): "done", login(2): "failed", login(3): "done"}
    assert "TypeError" in told.message
    assert TOKEN not in json.dumps(told.result) + told.message


def test_rows_that_failed_are_handed_back_to_be_mended(tmp_path: Path) -> None:
    tenant = failing(2)
    path = tmp_path / "failed.csv"
    told = roster(tenant, [*TEN[:3], newcomer(20, site="Rome"), {"user_name": "x@example.org"}], failed_file=str(path))
    assert told.summary == {"updated": 2, "failed": 2, "refused": 1}
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [entry["user_name"] for entry in rows] == [login(2), login(20), "x@example.org"]
    assert next(iter(rows[0])) == "reason"
    assert "site" in rows[1]["reason"]
    rows[1]["site"] = "Paris"
    tenant.before = lambda request: None
    again = roster(tenant, rows, failed_file=str(path))
    assert again.summary == {"updated": 1, "created": 1, "refused": 1}
    assert tenant.users["2"]["title"] == "A"


def test_rows_of_a_plan_that_failed_are_handed_back_too(tmp_path: Path) -> None:
    tenant = Tenant(*people(4))
    path, plan_file = tmp_path / "failed.csv", tmp_path / "plan"
    rows = [row(1, title=""), row(2, active=False), newcomer(9, department="Ops"), row(3, title="A"), row(4, title="A")]
    tenant.users["1"]["title"] = "Old"
    planned(tenant, plan_file, rows)
    tenant.before = lambda request: (
        refusal(400, "no") if request.method != "GET" and not str(request.url).endswith("/4") else None
    )
    told = roster(tenant, apply_plan=str(plan_file), failed_file=str(path), limits=ALL)
    assert told.summary == {"failed": 4, "updated": 1}
    with path.open(newline="", encoding="utf-8") as file:
        back = list(csv.DictReader(file))
    assert [entry["user_name"] for entry in back] == [login(1), login(2), login(9), login(3)]
    tenant.before = lambda request: None
    again = roster(tenant, back, limits=ALL)
    assert again.summary == {"updated": 2, "created": 1, "deactivated": 1}
    assert "title" not in tenant.users["1"]


def test_a_row_that_is_handed_back_activates_nobody(tmp_path: Path) -> None:
    tenant = Tenant(person(1, active=False), *people(2)[1:])
    path, plan_file = tmp_path / "failed.csv", tmp_path / "plan"
    planned(tenant, plan_file, [row(1, title="New", active=False), row(2, title="New")])
    tenant.users["2"]["active"] = False  # since then, by somebody else
    tenant.before = lambda request: refusal(400, "no") if request.method == "PUT" else None
    roster(tenant, apply_plan=str(plan_file), failed_file=str(path))
    tenant.before = lambda request: None
    with path.open(newline="", encoding="utf-8") as file:
        back = list(csv.DictReader(file))
    assert [sorted(entry) for entry in back] == [["reason", "title", "user_id", "user_name"]] * 2
    assert roster(tenant, back).summary == {"updated": 2, "inactive": 2}
    assert [raw["active"] for raw in tenant.users.values()] == [False, False]


def test_refused_rows_are_handed_back_where_nothing_else_is_to_do(tmp_path: Path) -> None:
    path = tmp_path / "failed.csv"
    roster(Tenant(*people(1)), [row(1, site="Paris")], failed_file=str(path))
    assert "site" in path.read_text(encoding="utf-8")


def test_a_user_without_a_login_name_goes_through_a_plan(tmp_path: Path) -> None:
    tenant = Tenant(*people(1))
    tenant.users["7"] = person(7, userName="")
    path = str(tmp_path / "plan")
    rows = [row(1), {"user_id": "7", "active": False}]
    assert roster(tenant, rows, check=True, plan_file=path, limits=ALL).summary["deactivated"] == 1
    told = roster(tenant, apply_plan=path, limits=ALL)
    assert told.summary == {"deactivated": 1}


def test_no_failed_row_no_file(tmp_path: Path) -> None:
    roster(Tenant(*people(1)), [row(1, title="A")], failed_file=str(tmp_path / "failed.csv"))
    assert not (tmp_path / "failed.csv").exists()


def test_what_was_refused_before_a_write_is_handed_back_in_check_mode_too(tmp_path: Path) -> None:
    path = tmp_path / "failed.csv"
    roster(ReadOnly(Tenant(*people(1))), [row(1, site="Paris")], failed_file=str(path), check=True)
    assert "change" in path.read_text()


# -- Canary ---------------------------------------------------------------------------------------------------------------


def test_the_canary_goes_first_and_is_read_back() -> None:
    tenant = Tenant(*people(10))
    told = roster(tenant, TEN, canary=2)
    assert told.error is None
    first = list(tenant.log[2:8])
    assert first == [
        ("GET", "/Users/1"),
        ("PUT", "/Users/1"),
        ("GET", "/Users/2"),
        ("PUT", "/Users/2"),
        ("GET", "/Users/1"),
        ("GET", "/Users/2"),
    ]
    assert told.result["requests"] == {"GET": 2 + 10 + 2 + 1, "PUT": 10}, "two for a first page of ten"


@pytest.mark.parametrize("how", ["refused", "reverted", "gone"])
def test_a_canary_that_dies_stops_the_others(how: str) -> None:
    tenant = Tenant(*people(10))

    def meddle(request: requests.PreparedRequest) -> Reply | None:
        if request.method == "PUT" and how == "refused":
            return refusal(400, "no")
        if request.method == "GET" and "PUT" in tenant.writes and str(request.url).endswith("/1"):
            tenant.users["1"]["title"] = "Analyst"
            return refusal(404) if how == "gone" else None
        return None

    tenant.before = meddle
    told = roster(tenant, TEN, canary=1)
    assert told.kind == "canary_failed"
    assert tenant.writes == ["PUT"]
    assert sum(status == "skipped" for status in told.statuses.values()) == 9
    assert told.result["changed"] is (how != "refused")


# -- Verification and what 8x8 makes of values ------------------------------------------------------------------------------


def test_what_8x8_stores_differently_is_named_once_and_never_sent_again() -> None:
    tenant = Tenant(*people(6))
    tenant.rewrite = lambda raw: raw.update(title="ANALYST")
    rows = [row(number, title="analyst!") for number in range(1, 6)] + [newcomer(9, title="n")]
    told = roster(tenant, rows)
    assert told.error is None
    (warning,) = told.warnings
    assert "title of 6 users" in warning
    assert login(1) in warning and login(4) not in warning
    assert "not sent again" in warning
    tenant.log.clear()
    again = roster(tenant, rows)
    assert (tenant.writes, again.warnings, again.summary) == ([], [], {"unchanged": 6})
    assert (tenant.log, again.result["results"]) == ([("GET", "/Users")], [])
    assert roster(ReadOnly(tenant), rows, check=True).result["changed"] is False


def test_what_cannot_be_remembered_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("EIGHTBYEIGHT_STATE_DIR", str(tmp_path / "file"))
    tenant = Tenant(*people(1))
    tenant.rewrite = lambda raw: raw.update(title="ANALYST")
    (warning,) = roster(tenant, [row(1, title="x")]).warnings
    assert "could not be remembered" in warning


def test_a_change_that_does_not_last_is_a_failure_and_a_change() -> None:
    tenant = Tenant(*people(3))

    def revert(request: requests.PreparedRequest) -> None:
        if request.method == "GET" and "PATCH" in tenant.writes:
            tenant.users["1"]["active"] = True

    tenant.before = revert
    told = roster(tenant, [row(1, active=False)], limits=ALL)
    assert told.kind == "rows_failed"
    assert told.kind_of(login(1)) == "not_applied"
    assert told.result["changed"] is True
    assert told.summary == {"failed": 1}


class Silent(Tenant):
    """Shows nowhere whether somebody is active, or in listings only."""

    everywhere = True

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:  # type: ignore[override]
        response = super().send(request, **settings)
        if not response.ok or (request.method != "GET" and not self.everywhere):
            return response
        body = response.json()
        for raw in body.get("Resources", [body] if self.everywhere else []):
            raw.pop("active", None)
        return Reply(response.status_code, body).response(request)


def test_a_deactivation_that_nothing_shows_is_a_failure_and_a_change(tmp_path: Path) -> None:
    tenant = Silent(*people(3))
    undo = tmp_path / "undo"
    told = roster(tenant, [row(1, active=False), row(2, title="A")], limits=ALL, undo_file=str(undo))
    assert told.statuses == {login(1): "failed", login(2): "done"}
    assert (told.of(login(1))["operation"], told.kind_of(login(1))) == ("deactivated", "not_confirmed")
    assert told.result["changed"]
    back = {entry["user_name"]: entry["after"] for entry in read(undo)["rows"]}
    assert back == {login(1): {"active": True}, login(2): {"title": "Analyst"}}


def test_a_verifying_listing_that_does_not_show_who_is_active_says_nothing_against_what_was_read() -> None:
    tenant = Silent(*people(3))
    tenant.everywhere = False
    told = roster(tenant, [row(1, active=False)], limits=ALL)
    assert (told.error, told.statuses) == (None, {login(1): "done"})


def test_a_lost_creation_is_not_sent_again_on_a_look_that_proves_nothing() -> None:
    """Law 5, for each row of a roster too."""
    tenant = Tenant(*people(2))

    def trouble(request: requests.PreparedRequest) -> Any:
        if request.method == "POST":
            return wire.ReadTimeout("late")
        return Reply(200, listing(total=1)) if "POST" in tenant.writes and "filter" in str(request.url) else None

    tenant.before = trouble
    told = roster(tenant, [newcomer(7)], retry_budget=60)
    assert (told.kind_of(login(7)), tenant.writes) == ("timeout", ["POST"])
    assert "is not known" in told.message


def test_whom_the_look_before_a_planned_creation_hid_is_not_told_as_created(tmp_path: Path) -> None:
    """What counts is whether that look adds up, not whether the listing of the plan did."""
    tenant = Tenant(*people(2))
    plan = tmp_path / "plan"
    planned(tenant, plan, [newcomer(7)])
    tenant.users["7"] = person(7, title="Somebody else's")

    def trouble(request: requests.PreparedRequest) -> Any:
        if request.method == "POST":
            return wire.ReadTimeout("late")
        hides = request.method == "GET" and "filter" in str(request.url) and not tenant.writes
        return Reply(200, listing(total=1)) if hides else None

    tenant.before = trouble
    told = roster(tenant, apply_plan=str(plan), retry_budget=60)
    assert (told.kind_of(login(7)), tenant.writes) == ("user_name_taken", ["POST"])


def test_somebody_who_does_not_show_in_the_verifying_listing_is_told() -> None:
    tenant = Tenant(*people(3))

    def hide(request: requests.PreparedRequest) -> Reply | None:
        if request.method == "GET" and "POST" in tenant.writes:
            return Reply(200, listing(*people(3)))
        return None

    tenant.before = hide
    told = roster(tenant, [newcomer(9)])
    assert told.error is None
    assert any(login(9) in warning for warning in told.warnings)


def test_a_verification_that_fails_hides_no_failed_row_and_no_success() -> None:
    def tenant_for(*broken: int) -> Tenant:
        tenant = failing(*broken)
        inner = tenant.before

        def cut(request: requests.PreparedRequest) -> Any:
            if request.method == "GET" and "?" in str(request.url) and tenant.writes:
                return refusal(503)
            return inner(request)

        tenant.before = cut
        return tenant

    told = roster(tenant_for(2), TEN[:2])
    assert told.kind == "rows_failed"
    assert told.summary == {"updated": 1, "failed": 1}
    told = roster(tenant_for(), TEN[:2])
    assert told.kind == "server_error"
    assert "could not be verified" in told.message
    assert told.summary == {"updated": 2}
    assert told.result["changed"] is True


# -- Waiting, workers, and being interrupted ----------------------------------------------------------------------------------


def test_a_storm_of_refusals_fails_nobody_who_has_a_budget() -> None:
    time = FakeTime()
    tenant = Tenant(*people(40))
    taken: list[float] = []

    def limited(request: requests.PreparedRequest) -> Reply | None:
        recent = [at for at in taken if at > time.now - 60]
        if len(recent) >= 10:
            return refusal(429, Retry_After=str(math.ceil(60 - (time.now - recent[0]))))
        taken.append(time.now)
        return None

    tenant.before = limited
    rows = [row(number, title="A") for number in range(1, 41)]
    told = roster(Locked(tenant), rows, time=time, retry_budget=65)
    assert told.error is None, told.message
    assert told.summary == {"updated": 40}
    assert 82 / 10 * 60 * 0.8 < time.now < 82 / 10 * 60 * 1.3


def test_a_pause_that_holds_everybody_costs_nobody_s_budget() -> None:
    time = FakeTime()
    tenant = Tenant(*people(1))
    refusals = [0]

    def twice(request: requests.PreparedRequest) -> Reply | None:
        if request.method == "PUT" and refusals[0] < 2:
            refusals[0] += 1
            return refusal(429, Retry_After="40")
        return None

    tenant.before = twice
    assert roster(tenant, [row(1, title="A")], time=time, retry_budget=65).summary == {"updated": 1}
    assert time.now >= 80


def test_a_client_on_a_session_in_use_leaves_its_headers_alone() -> None:
    class Steady(CaseInsensitiveDict[str | bytes]):
        def clear(self) -> None:
            pytest.fail("somebody is sending with these")

    session = session_over(Tenant())
    ScimClient(_connection(), session=session)
    session.http.headers = Steady(session.http.headers)
    ScimClient(_connection(), session=session)


def test_a_server_that_takes_nothing_any_more_is_given_up() -> None:
    time = FakeTime()
    tenant = Tenant(*people(3))
    tenant.before = lambda request: refusal(429) if request.method == "PUT" else None
    told = roster(tenant, TEN[:3], time=time, retry_budget=60)
    assert told.summary == {"failed": 1, "skipped": 2}
    assert (told.kind_of(login(1)), told.kind) == ("rate_limited", "rate_limited")
    assert time.now < 130


def test_one_user_who_always_fails_slows_the_others_little() -> None:
    time = FakeTime()
    tenant = Tenant(*people(50))
    tenant.before = lambda request: (
        refusal(500) if request.method == "PUT" and str(request.url).endswith("/7") else None
    )
    told = roster(tenant, [row(number, title="A") for number in range(1, 51)], time=time, retry_budget=10)
    assert told.summary == {"updated": 49, "failed": 1}
    assert time.now < 60


def test_workers_share_one_count_and_stay_within_their_number() -> None:
    tenant = Tenant(*people(150))
    adapter = Locked(tenant, lambda: real_time.sleep(0.001))
    tenant.page_size = 10
    told = roster(adapter, [row(number, title="A") for number in range(1, 151)], concurrency=6)
    assert told.summary == {"updated": 150}
    assert told.result["requests"] == verbs(tenant) == {"GET": 15 + 150 + 15, "PUT": 150}
    assert 2 <= adapter.most <= 6


def test_every_request_of_every_worker_has_its_headers() -> None:
    tenant = Tenant(*people(100))
    headers: set[tuple[str | None, ...]] = set()

    def look(request: requests.PreparedRequest) -> None:
        headers.add(tuple(request.headers.get(name) for name in ("Accept", "User-Agent", "Authorization")))

    tenant.before = look
    roster(Locked(tenant), [row(number, title="A") for number in range(1, 101)], concurrency=16)
    assert headers == {
        ("application/scim+json, application/json", "ansible-collection eightbyeight.scim", f"Bearer {TOKEN}")
    }


@pytest.mark.parametrize("waiting", [False, True])
def test_an_interrupt_ends_the_workers(waiting: bool, tmp_path: Path) -> None:
    tenant = Tenant(*people(60))
    sent = threading.Event()

    def interrupt(request: requests.PreparedRequest) -> Reply | None:
        if request.method == "PUT" and not sent.is_set():
            sent.set()
            raise KeyboardInterrupt
        if waiting and sent.is_set():
            return refusal(429, Retry_After="100")
        return None

    tenant.before = interrupt
    began = real_time.monotonic()
    undo = tmp_path / "undo"
    with pytest.raises(KeyboardInterrupt):
        roster(
            Locked(tenant, lambda: real_time.sleep(0.002)),
            [row(number, title="A") for number in range(1, 61)],
            concurrency=4,
            retry_budget=1000,
            undo_file=str(undo),
        )
    assert real_time.monotonic() - began < 5
    assert tenant.writes.count("PUT") < 20
    assert 1 <= len(read(undo)["rows"]) < 20
    assert threading.active_count() < 4


def test_a_journal_that_breaks_ends_the_run_and_tells_what_was_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = Tenant(*people(20))
    from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
    from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import planfile

    note, lock, count = planfile.Journal.note, threading.Lock(), [0]

    def full(self: Any, now: float, event: str, **facts: Any) -> None:
        with lock:
            count[0] += 1
            if count[0] > 10:
                raise EightByEightError("disk full", kind="bad_option")
        note(self, now, event, **facts)

    monkeypatch.setattr(planfile.Journal, "note", full)
    undo = tmp_path / "undo"
    told = roster(
        Locked(tenant),
        [row(number, title="A") for number in range(1, 21)],
        journal_file=str(tmp_path / "journal"),
        undo_file=str(undo),
        concurrency=3,
    )
    assert (told.kind, told.message) == ("bad_option", "disk full")
    changed = {raw["userName"] for raw in tenant.users.values() if raw["title"] == "A"}
    assert changed
    assert changed <= {entry["user_name"] for entry in read(undo)["rows"]}
    assert told.result["changed"] is True


# -- Progress -----------------------------------------------------------------------------------------------------------


def test_progress_is_told_in_lines_and_silenced_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_roster, "_PROGRESS_EVERY", 0.02)
    rows = [row(number, title="A") for number in range(1, 21)]

    def slow() -> Locked:
        return Locked(Tenant(*people(20)), lambda: real_time.sleep(0.004))

    lines = roster(slow(), rows).lines
    assert all(line.startswith("eightbyeight_roster: ") and "\n" not in line for line in lines)
    assert any("of 20 done, 0 failed, " in line and "s left" in line for line in lines)
    assert 3 < len(lines) < 40
    assert roster(slow(), rows, progress=False).lines == []


def test_progress_comes_at_most_every_few_seconds() -> None:
    assert _roster._PROGRESS_EVERY >= 3
    began = threading.active_count()
    lines = roster(Tenant(*people(20)), [row(number, title="A") for number in range(1, 21)]).lines
    assert len(lines) == 3
    assert threading.active_count() == began


def test_a_long_wait_says_why() -> None:
    run = _roster.RosterRun(lambda to: pytest.fail("sent"), _connection(), {**DEFAULTS, "users": []})

    run._client = SimpleNamespace(sent={"GET": 3}, held_for=42.0)  # type: ignore[assignment]
    run._phase = "reading the tenant"
    assert run._progress() == (
        "reading the tenant, 3 requests so far, waiting 42 s because 8x8 asks to (too many requests)"
    )


# -- Bad options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"concurrency": 0}, "concurrency"),
        ({"concurrency": 1000}, "concurrency"),
        ({"requests_per_minute": 0}, "requests_per_minute"),
        ({"requests_per_minute": -5}, "requests_per_minute"),
        ({"max_failures": 0}, "max_failures"),
        ({"canary": -1}, "canary"),
        ({"limits": {"delete": 1}}, "limits"),
        ({"plan_digest": "sha256:x"}, "plan_digest"),
        ({"users": None, "apply_plan": "/nowhere/plan", "unlisted": "deactivate"}, "unlisted"),
        ({"users": None, "apply_plan": "/nowhere/plan"}, "apply_plan"),
        ({"plan_file": "/nowhere/plan"}, "plan_file"),
        ({"undo_file": "/nowhere/plan"}, "undo_file"),
        ({"journal_file": "/nowhere/plan"}, "journal_file"),
        ({"failed_file": "/nowhere/plan"}, "failed_file"),
        ({"failed_file": "/tmp"}, "folder"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_what_cannot_be_right_is_found_before_the_first_request(
    options: dict[str, Any], word: str, check: bool
) -> None:
    tenant = Tenant(*people(2))
    users = options.pop("users", [row(1)]) if "users" in options else [row(1)]
    told = roster(tenant, users, check=check, **options)
    options.setdefault("users", users)
    assert told.kind == "bad_option"
    assert word in told.message
    assert tenant.log == []


def test_a_roster_that_cannot_be_read_is_refused_before_the_first_request() -> None:
    tenant = Tenant()
    told = roster(tenant, [{"titel": "x", "user_name": "a"}, 5, {"user_name": "A"}])
    assert told.kind == "bad_roster"
    assert [(problem["row"], problem["column"]) for problem in told.result["problems"]] == [
        (1, "titel"),
        (2, "row"),
        (3, "user_name"),
    ]
    assert tenant.log == []


def test_the_entry_returns_the_same_keys_in_every_outcome() -> None:
    options = {**DEFAULTS, "api_url": BASE, "api_token": TOKEN, "users": [{"titel": 1}]}
    refused = manage_roster(options, False)
    assert (refused.failed, refused.result["error"]["kind"]) == (True, "bad_roster")
    wrong = manage_roster({**options, "timeout": 0}, False)
    assert set(wrong.result) == set(refused.result)


# -- Secrets ----------------------------------------------------------------------------------------------------------------


def test_the_token_is_nowhere(tmp_path: Path) -> None:
    tenant = Tenant(*people(4))

    def echo(request: requests.PreparedRequest) -> Reply | None:
        if request.method == "PUT" and str(request.url).endswith("/2"):
            return refusal(400, f"you sent {request.headers['Authorization']}")
        return None

    tenant.before = echo
    names = ("plan_file", "undo_file", "journal_file", "failed_file")
    files: dict[str, Any] = {name: str(tmp_path / name) for name in names}
    told = roster(tenant, [row(1, title="A"), row(2, title="B"), newcomer(9)], limits=ALL, canary=1, **files)
    assert told.kind == "canary_failed" or told.kind == "rows_failed"
    texts = [Path(path).read_text() for path in files.values()]
    for text in (*texts, json.dumps(told.result), told.message, *told.warnings, *told.lines):
        assert TOKEN not in text
        assert "Bearer" not in text.replace("Bearer ********", "")


@pytest.mark.parametrize("check", [True, False])
def test_an_address_that_a_listing_leaves_out_is_read_of_the_user(check: bool) -> None:
    tenant = Tenant(*people(2))
    tenant.held_back = ("emails",)
    told = roster(tenant, [row(1, title="A")], check=check)
    assert told.statuses == {login(1): "planned" if check else "done"}
    assert tenant.users["1"]["emails"]


@pytest.mark.parametrize("unlisted", ["report", "deactivate"])
def test_a_listing_that_hides_who_is_in_no_row_is_told(unlisted: str) -> None:
    """Some servers give the first page for every page that is asked for."""
    tenant = Tenant(*people(2))
    tenant.before = lambda request: (
        Reply(200, listing(person(1), total=2))
        if request.method == "GET" and "filter" not in str(request.url)
        else None
    )
    told = roster(tenant, [row(1)], unlisted=unlisted)
    assert not told.result["complete"]
    assert any("announces 2 users and showed 1" in warning for warning in told.warnings)
