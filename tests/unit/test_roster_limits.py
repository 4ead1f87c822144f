# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits of a roster, and listings that do not add up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import planfile
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.limits import read_limits
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    FakeTime,
    ReadOnly,
    Reply,
    Tenant,
    listing,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    hiding,
    login,
    newcomer,
    people,
    person,
    read,
    roster,
    row,
)

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
        ({"deactivat": 1}, "deactivat is not one of the kinds"),
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


@pytest.mark.parametrize("approved", [True, False])
def test_the_plan_of_a_first_import_is_applied_as_it_was_judged(approved: bool, tmp_path: Path) -> None:
    tenant, path = Tenant(), tmp_path / "plan"
    rows = [newcomer(number) for number in range(26)]
    digest = roster(ReadOnly(tenant), rows, check=True, plan_file=str(path)).result["plan"]["digest"]
    assert "create" not in read(path)["limits"]
    told = roster(tenant, apply_plan=str(path), **({"plan_digest": digest} if approved else {}))
    assert (told.message, told.summary) == ("", {"created": 26})


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
