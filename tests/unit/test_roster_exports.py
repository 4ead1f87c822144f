# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""eightbyeight_roster takes the whole result of the filter roster_from, and switches nobody off because of half an export."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.filter.roster_from import roster_from
from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.reader import Roster, read_roster
from ansible_collections.eightbyeight.scim.tests.unit.helpers import Tenant
from ansible_collections.eightbyeight.scim.tests.unit.rosters import ALL, login, people, roster, verbs

HEADER = "user_name,given_name,family_name,email,active\n"


def export(users: int, *, broken: bool = False) -> dict[str, Any]:
    """Return a roster of the first users, whose last row is ragged where it is broken."""
    lines = [f"{login(number)},Ada,Lovelace,{login(number)},true\n" for number in range(1, users + 1)]
    return roster_from(HEADER + "".join(lines) + (f"{login(users + 1)},Ada\n" if broken else ""), "csv")


@pytest.mark.parametrize("as_text", [False, True])
def test_the_whole_result_of_the_filter_is_a_roster(as_text: bool) -> None:
    result = export(2, broken=True)
    given = read_roster(json.dumps(result) if as_text else result)
    assert given.users == result["users"]
    assert given.partial == result["partial"]
    assert [(problem["row"], problem["column"]) for problem in given.problems] == [(4, "row")]
    assert read_roster([]) == Roster([])


@pytest.mark.parametrize("check", [True, False])
def test_nobody_is_switched_off_because_a_row_could_not_be_read(check: bool) -> None:
    tenant = Tenant(*people(3))
    told = roster(tenant, export(2, broken=True), unlisted="deactivate", limits=ALL, check=check)
    assert told.kind == "bad_roster"
    assert "allow_partial" in told.message
    assert "row 4" in told.message
    assert told.result["problems"] == export(2, broken=True)["problems"]
    assert verbs(tenant) == {}, "it is refused before anybody is asked"
    assert all(user["active"] for user in tenant.users.values())


def test_who_knows_better_may_overrule_it() -> None:
    tenant = Tenant(*people(3))
    told = roster(tenant, export(2, broken=True), unlisted="deactivate", allow_partial=True, limits=ALL)
    assert told.error is None
    assert [user["active"] for user in tenant.users.values()] == [True, True, False]
    assert "may not contain everybody" in told.warnings[0]


@pytest.mark.parametrize("unlisted", ["ignore", "report"])
def test_half_an_export_may_update_and_is_told(unlisted: str) -> None:
    tenant = Tenant(*people(3))
    told = roster(tenant, export(2, broken=True), unlisted=unlisted)
    assert told.error is None
    (warning,) = told.warnings
    assert "1 row that may be a person is left out (row 4)" in warning
    assert "The first problem is row 4: has 2 cells" in warning
    assert [problem["row"] for problem in told.result["problems"]] == [4]


def test_a_whole_export_switches_off_whom_it_does_not_name() -> None:
    tenant = Tenant(*people(3))
    told = roster(tenant, export(2), unlisted="deactivate", limits=ALL)
    assert told.error is None
    assert told.warnings == []
    assert told.summary == {"deactivated": 1, "unchanged": 2}


def test_guests_are_told_and_are_no_reason_to_doubt() -> None:
    text = "userPrincipalName,givenName,surname,accountEnabled\nx#EXT#@example.org,X,Guest,True\n" + "".join(
        f"{login(number)},Ada,Lovelace,True\n" for number in (1, 2)
    )
    told = roster(Tenant(*people(3)), roster_from(text, "entra_csv"), unlisted="deactivate", limits=ALL)
    assert told.error is None
    assert told.warnings == []
    assert [(problem["row"], problem["column"]) for problem in told.result["problems"]] == [(2, "userPrincipalName")]
