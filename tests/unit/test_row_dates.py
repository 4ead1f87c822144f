# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rows with dates: how they are read, what they mean at a moment, and what a roster makes of that."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError
from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.dates import (
    DATE_FORMS,
    Calendar,
    DatedRow,
    apply_dates,
    dates_as_text,
    read_moment,
    read_zone,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.reader import RosterError
from ansible_collections.eightbyeight.scim.tests.unit.helpers import ReadOnly, Tenant
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    login,
    newcomer,
    people,
    person,
    read,
    read_rows,
    roster,
    row,
    verbs,
)

PLUS_ONE = dt.timezone(dt.timedelta(hours=1))


def at(moment: str, zone: str = "UTC") -> Calendar:
    return Calendar(dt.datetime.fromisoformat(f"{moment}+00:00"), read_zone(zone))


# -- When a day or a time begins and ends -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "zone", "first"),
    [
        # A day, in the zone.
        ("2026-12-01", "UTC", "2026-12-01T00:00:00"),
        ("2026-12-01", "Europe/Berlin", "2026-11-30T23:00:00"),
        ("2026-07-01", "Europe/Berlin", "2026-06-30T22:00:00"),
        ("2026-12-01", "America/Los_Angeles", "2026-12-01T08:00:00"),
        ("2026-12-01", "Pacific/Kiritimati", "2026-11-30T10:00:00"),
        ("2028-02-29", "UTC", "2028-02-29T00:00:00"),
        (dt.date(2026, 12, 1), "Europe/Berlin", "2026-11-30T23:00:00"),
        (" 2026-12-01 ", "UTC", "2026-12-01T00:00:00"),
        # A midnight that the clock skips (Beirut, 27 March 2022), and one that it shows twice (Havana, 1 November 2026).
        ("2022-03-27", "Asia/Beirut", "2022-03-26T22:00:00"),
        ("2026-11-01", "America/Havana", "2026-11-01T04:00:00"),
        # A day of a place of its own.
        ("2026-12-01+01:00", "UTC", "2026-11-30T23:00:00"),
        ("2026-12-01-0800", "Europe/Berlin", "2026-12-01T08:00:00"),
        ("2026-12-01T00:00:00+01:00", "UTC", "2026-11-30T23:00:00"),
        ("2026-12-01Z", "Europe/Berlin", "2026-12-01T00:00:00"),
        # A time.
        ("2026-12-01T17:00", "Europe/Berlin", "2026-12-01T16:00:00"),
        ("2026-12-01 17:00:30", "UTC", "2026-12-01T17:00:30"),
        ("2026-12-01T17:00:00Z", "Europe/Berlin", "2026-12-01T17:00:00"),
        ("2026-12-01t17:00:00z", "Europe/Berlin", "2026-12-01T17:00:00"),
        ("2026-12-01T17:00:00+01:00", "America/New_York", "2026-12-01T16:00:00"),
        ("2020-01-13T09:03:22.0000000Z", "UTC", "2020-01-13T09:03:22"),
        (dt.datetime(2026, 12, 1, 17, tzinfo=PLUS_ONE), "UTC", "2026-12-01T16:00:00"),
        (dt.datetime.fromisoformat("2026-12-01T17:00"), "Europe/Berlin", "2026-12-01T16:00:00"),
    ],
)
def test_starts_has_come_from_its_first_second_on(value: Any, zone: str, first: str) -> None:
    calendar = at(first, zone)
    row = dates_as_text({"starts": value})
    assert not apply_dates(row, calendar).waits
    assert apply_dates(row, calendar._replace(now=calendar.now - dt.timedelta(seconds=1))).waits


@pytest.mark.parametrize(
    ("value", "zone", "first"),
    [
        # With the day.
        ("2026-11-30", "UTC", "2026-12-01T00:00:00"),
        ("2026-11-30", "Europe/Berlin", "2026-11-30T23:00:00"),
        ("2026-11-30", "America/Los_Angeles", "2026-12-01T08:00:00"),
        ("2028-02-28", "UTC", "2028-02-29T00:00:00"),
        ("2028-02-29", "UTC", "2028-03-01T00:00:00"),
        ("2026-12-31", "UTC", "2027-01-01T00:00:00"),
        (dt.date(2026, 11, 30), "Europe/Berlin", "2026-11-30T23:00:00"),
        # A day of 23 hours, and one of 25.
        ("2026-03-29", "Europe/Berlin", "2026-03-29T22:00:00"),
        ("2026-10-25", "Europe/Berlin", "2026-10-25T23:00:00"),
        # Its own local day: exports write the last day as its midnight.
        ("2026-11-30+01:00", "UTC", "2026-11-30T23:00:00"),
        ("2026-11-30T00:00:00+01:00", "UTC", "2026-11-30T23:00:00"),
        ("2026-11-30T00:00:00.000-08:00", "Europe/Berlin", "2026-12-01T08:00:00"),
        ("2026-11-30T00:00:00+00:00", "Europe/Berlin", "2026-12-01T00:00:00"),
        # At that moment.
        ("2026-11-30T00:00:00Z", "Europe/Berlin", "2026-11-30T00:00:00"),
        ("2026-11-30T17:00", "Europe/Berlin", "2026-11-30T16:00:00"),
        ("2026-11-30T17:00:00Z", "Europe/Berlin", "2026-11-30T17:00:00"),
        ("2026-11-30T17:00:00+01:00", "America/New_York", "2026-11-30T16:00:00"),
        (dt.datetime(2026, 11, 30, 17, tzinfo=PLUS_ONE), "UTC", "2026-11-30T16:00:00"),
    ],
)
def test_who_has_ended_is_absent_from_that_second_on(value: Any, zone: str, first: str) -> None:
    calendar = at(first, zone)
    row = dates_as_text({"user_name": "a", "ends": value, "active": True})
    assert apply_dates(row, calendar).options == {"user_name": "a", "state": "absent"}
    before = apply_dates(row, calendar._replace(now=calendar.now - dt.timedelta(seconds=1)))
    assert before.options == {"user_name": "a", "active": True}
    assert not before.waits


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"])
def test_the_ends_of_the_calendar_are_dates_too(zone: str) -> None:
    row = {"starts": "0001-01-01", "ends": "9999-12-31"}
    assert apply_dates(row, at("2026-11-26T12:00:00", zone)) == DatedRow({})


@pytest.mark.parametrize(
    ("row", "state", "waits"),
    [
        ({}, None, False),
        ({"starts": "2026-11-27"}, None, True),
        ({"starts": "2026-11-27", "state": "present"}, "present", True),
        ({"starts": "2026-11-26", "ends": "2026-11-26"}, None, False),
        ({"starts": "2026-11-20", "ends": "2026-11-25"}, "absent", False),
        ({"ends": "2026-11-25", "state": "present", "active": True}, "absent", False),
        # Who leaves, leaves when the last day is over.
        ({"ends": "2026-11-26", "state": "absent"}, "absent", True),
        ({"ends": "2026-11-25", "state": "absent"}, "absent", False),
        ({"starts": "2026-11-27", "state": "absent"}, "absent", False),
    ],
)
def test_what_a_row_means_at_a_moment(row: dict[str, Any], state: str | None, waits: bool) -> None:
    judged = apply_dates(row, at("2026-11-26T12:00:00"))
    assert (judged.options.get("state"), judged.waits, judged.faults) == (state, waits, ())


@pytest.mark.parametrize(
    "value",
    [
        "tomorrow",
        "01/12/2026",
        "1.12.2026",
        "20261201",
        "2026-13-01",
        "2026-02-29",
        "0000-00-00",
        "2026-12-01T24:00",
        "2026-12-01T17",
        "2026-12-01T17:00:60Z",
        "2026-12-01T17:00:00+24:00",
        "2026-12-01T17:00:00+01:60",
        "2026-12-01T17:00:00 Europe/Berlin",
        "\u0662026-12-01",
        20261201,
        True,
        2026.5,
        ["2026-12-01"],
    ],
)
@pytest.mark.parametrize("column", ["starts", "ends"])
def test_what_is_no_date_is_named_with_row_and_column(value: Any, column: str) -> None:
    with pytest.raises(RosterError) as caught:
        read_rows([{"user_name": "a"}, {"user_name": "b", column: value}])
    (problem,) = caught.value.problems
    assert (problem["row"], problem["column"]) == (2, column)
    assert f"must be {DATE_FORMS}, not " in problem["message"]
    assert not isinstance(value, str) or repr(value) in problem["message"]


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        ("2026-12-02", "2026-12-01"),
        ("2026-12-01T17:00Z", "2026-12-01T16:00Z"),
        ("2026-12-01T17:00Z", "2026-12-01T17:00Z"),
        (dt.date(2026, 12, 2), dt.date(2026, 12, 1)),
    ],
)
def test_who_ends_before_the_start_is_refused(starts: Any, ends: Any) -> None:
    with pytest.raises(RosterError, match="row 1, starts: is not before ends \\(2026-12-0") as caught:
        read_rows([{"user_name": "a", "starts": starts, "ends": ends}])
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize("cell", ["", "  ", "~", None])
def test_an_empty_date_is_not_given(cell: Any) -> None:
    (row,) = read_rows([{"user_name": "a", "starts": cell, "ends": cell}])
    (bare,) = read_rows([{"user_name": "a"}])
    assert (row.wanted, row.waits) == (bare.wanted, False)


@pytest.mark.parametrize("name", [None, "", " ", "UTC"])
def test_utc_needs_no_database(name: str | None) -> None:
    assert read_zone(name) is dt.UTC


@pytest.mark.parametrize(
    "name", ["Europe/Atlantis", "Berlin", "/etc/passwd", "../x", "Europe", "+01:00", "a\0b", "x" * 5000]
)
def test_a_zone_that_this_machine_does_not_know_is_refused(name: str) -> None:
    with pytest.raises(BadOptionError, match="this machine knows no time zone .* such as Europe/Berlin"):
        read_zone(name)
    assert read_zone("Europe/Berlin") == ZoneInfo("Europe/Berlin")


def test_as_of_is_a_moment_in_the_zone() -> None:
    berlin = read_zone("Europe/Berlin")
    assert read_moment(None, berlin) is read_moment(" ", berlin) is None
    assert read_moment("2026-12-01", berlin) == dt.datetime(2026, 11, 30, 23, tzinfo=dt.UTC)
    assert read_moment("2026-12-01T17:00Z", berlin) == dt.datetime(2026, 12, 1, 17, tzinfo=dt.UTC)
    with pytest.raises(BadOptionError, match="as_of must be a date such as"):
        read_moment("soon", berlin)


# -- Rosters with dates ---------------------------------------------------------------------------------------------------

NOW = "2026-11-26T12:00:00Z"
FUTURE, PAST = "2026-11-27", "2026-11-25"


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("more", [{}, {"active": True}, {"active": False}, {"email": ""}])
def test_nobody_is_created_before_the_start(more: dict[str, Any], check: bool) -> None:
    tenant = Tenant(*people(2))
    told = roster(ReadOnly(tenant), [{**newcomer(9, starts=FUTURE), **more}], check=check, as_of=NOW)
    assert told.error is None
    assert told.summary == {"waiting": 1}
    assert told.statuses == {login(9): "waiting"}
    assert told.warnings == []
    assert not told.result["changed"]
    assert told.result["manual_actions"] == told.result["diff"] == []


def test_a_joiner_is_created_on_the_day() -> None:
    tenant = Tenant(*people(2))
    assert roster(tenant, [newcomer(9, starts=FUTURE)], as_of=FUTURE).summary == {"created": 1}


def test_who_is_there_before_the_start_is_updated_all_the_same() -> None:
    tenant = Tenant(*people(2))
    told = roster(tenant, [row(1, starts=FUTURE, title="Boss"), row(2, starts=FUTURE)], as_of=NOW)
    assert told.summary == {"updated": 1, "unchanged": 1}


def test_who_is_there_before_the_start_may_be_deactivated() -> None:
    assert roster(Tenant(*people(2)), [row(1, starts=FUTURE, active=False)], as_of=NOW).summary == {"deactivated": 1}


@pytest.mark.parametrize("on_inactive", ["leave", "refuse"])
def test_nobody_is_activated_before_the_start(on_inactive: str) -> None:
    tenant = Tenant(person(1, active=False), person(2, active=False), person(3))
    rows = [row(1, starts=FUTURE, active=True), row(2, starts=FUTURE, active=True, title="Boss")]
    told = roster(tenant, rows, as_of=NOW, on_inactive=on_inactive, limits=ALL)
    assert told.summary == {"waiting": 1, "updated": 1}
    assert told.warnings == [], "the rows do say what is to become of active"
    assert [tenant.users[key]["active"] for key in "12"] == [False, False]
    then = roster(tenant, rows, as_of=FUTURE, limits=ALL)
    assert then.summary == {"activated": 2}


@pytest.mark.parametrize("starts", [FUTURE, PAST])
def test_a_start_alone_activates_nobody(starts: str) -> None:
    tenant = Tenant(person(1, active=False), person(2))
    told = roster(ReadOnly(tenant), [row(1, starts=starts)], as_of=NOW)
    assert told.summary == {"unchanged": 1, "inactive": 1}
    assert len(told.warnings) == 1


def test_after_the_end_a_row_means_absent() -> None:
    tenant = Tenant(*people(4))
    rows = [
        row(1, ends=PAST, active=True, title="Boss"),
        newcomer(9, ends=PAST),
        row(2, ends="2026-11-26", title="Boss"),
    ]
    told = roster(tenant, rows, as_of=NOW, limits=ALL)
    assert told.summary == {"deactivated": 1, "unchanged": 1, "updated": 1}
    assert told.of(login(1))["changes"]["after"] == {"active": False}
    assert {action["action"] for action in told.result["manual_actions"]} >= {"reclaim_license"}


def test_who_ended_counts_for_the_limits() -> None:
    told = roster(ReadOnly(Tenant(*people(9))), [row(number, ends=PAST) for number in range(1, 10)], as_of=NOW)
    assert told.kind == "limit_exceeded"


def test_who_is_to_leave_waits_for_the_end() -> None:
    tenant = Tenant(*people(2), person(3, active=False))
    rows = [{**row(number, ends="2026-11-26"), "state": "absent"} for number in (1, 3, 9)]
    assert roster(ReadOnly(tenant), rows, as_of=NOW).summary == {"waiting": 1, "unchanged": 2}
    assert roster(tenant, rows, as_of=FUTURE).summary == {"deactivated": 1, "unchanged": 2}


def test_who_waits_is_no_stranger_to_the_roster() -> None:
    tenant = Tenant(*people(2))
    rows = [row(1, starts=FUTURE), row(2, starts=FUTURE)]
    assert roster(ReadOnly(tenant), rows, unlisted="deactivate", as_of=NOW).summary == {"unchanged": 2}


def test_days_are_those_of_the_time_zone() -> None:
    rows = [newcomer(9, starts="2026-11-27")]
    late = {"as_of": "2026-11-26T11:00:00Z"}
    assert roster(ReadOnly(Tenant(*people(1))), rows, **late).summary == {"waiting": 1}
    assert roster(Tenant(*people(1)), rows, **late, dates_timezone="Pacific/Auckland").summary == {"created": 1}


def test_an_approved_plan_does_not_change_its_mind_at_midnight(tmp_path: Path) -> None:
    tenant, path = Tenant(*people(3)), tmp_path / "plan.json"
    rows = [
        newcomer(8, starts=PAST),
        newcomer(9, starts=FUTURE),
        row(1, ends="2026-11-26", title="Boss"),
        row(2, ends=PAST),
    ]
    made = roster(ReadOnly(tenant), rows, check=True, plan_file=str(path), as_of="2026-11-26T23:59:59.9Z", limits=ALL)
    assert made.summary == {"created": 1, "waiting": 1, "updated": 1, "deactivated": 1}
    plan = read(path)
    assert plan["as_of"] == "2026-11-26T23:59:59Z"
    assert [entry["user_name"] for entry in plan["rows"]] == [login(8), login(1), login(2)]
    # The clock of the test is that of another day: only the plan says what is done.
    told = roster(tenant, apply_plan=str(path), plan_digest=plan["digest"])
    assert told.summary == {"created": 1, "updated": 1, "deactivated": 1}
    assert tenant.users["1"]["active"]
    assert verbs(tenant)["POST"] == 1


def test_a_plan_holds_the_moment_of_the_clock_where_none_is_given(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    roster(ReadOnly(Tenant(*people(1))), [row(1)], check=True, plan_file=str(path))
    plan = read(path)
    assert plan["as_of"] == plan["created"]


def test_rows_that_failed_keep_their_dates(tmp_path: Path) -> None:
    path = tmp_path / "failed.csv"
    rows = [row(9, title="Boss", starts=dt.date(2026, 11, 1), ends=dt.datetime(2027, 1, 1, 17, tzinfo=dt.UTC))]
    assert roster(ReadOnly(Tenant(*people(1))), rows, as_of=NOW, failed_file=str(path)).error is not None
    assert "2026-11-01,2027-01-01T17:00:00+00:00" in path.read_text(encoding="utf-8")
