# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a roster does with a listing that leaves out users, or attributes of users."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import (
    DEFAULT_EXTENSION_URN,
    ENTERPRISE_URN,
)
from ansible_collections.eightbyeight.scim.tests.unit.helpers import Reply, Tenant, listing, refusal
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    login,
    managed,
    newcomer,
    people,
    person,
    read,
    roster,
    row,
)


class FirstPageOnly(Tenant):
    """A server that gives the first user for every page that is asked for."""

    def _list(self, query: Any) -> Reply:
        return super()._list(query) if "filter" in query else Reply(200, listing(person(1), total=2))


def test_a_listing_that_does_not_add_up_is_told_where_the_unlisted_are_reported() -> None:
    told = roster(FirstPageOnly(*people(2)), [row(1)], unlisted="report")
    assert (told.kind, told.result["complete"]) == (None, False)
    assert any("announces 2 users and showed 1" in warning for warning in told.warnings)


@pytest.mark.parametrize("check", [True, False])
def test_a_deactivation_that_was_asked_for_and_did_not_happen_is_a_failure(check: bool) -> None:
    tenant = FirstPageOnly(*people(2))
    told = roster(tenant, [row(1, title="A")], unlisted="deactivate", check=check)
    assert (told.kind, told.summary) == ("incomplete_listing", {"updated": 1})
    assert "nobody was deactivated for being in no row" in told.message
    assert "announces 2 users and showed 1" in told.message
    assert tenant.writes == ([] if check else ["PUT"])


class Announcing(Tenant):
    """A server that shows its first users for every page that is asked for, and announces what it wants."""

    total: int | None = None

    def _list(self, query: Any) -> Reply:
        shown = list(self.users.values())[: int(query["count"])]
        return Reply(200, {**listing(*shown), "totalResults": self.total})


@pytest.mark.parametrize(
    ("total", "told"),
    [
        (3, "8x8 announces 3 users and showed 2,"),
        (
            2,
            "8x8 announces 2 users and showed 2, but not on each page, or not all users who were found in another way,",
        ),
        (None, "8x8 does not say how many users it has, and showed 2,"),
    ],
)
def test_the_reason_that_a_listing_does_not_add_up_is_no_riddle(total: int | None, told: str) -> None:
    tenant = Announcing(*people(2))
    tenant.total = total
    done = roster(tenant, [row(1)], unlisted="deactivate", limits=ALL)
    assert (done.kind, done.result["complete"], tenant.writes) == ("rows_failed", False, [])
    assert told in done.message


SAME: dict[str, Any] = {
    "emails": {"email": "Other@example.org"},
    "title": {"title": "Analyst"},
    "externalId": {"external_id": "HR-1"},
    "phoneNumbers": {"phone_numbers": [{"type": "mobile", "value": "+44 7700 900001"}]},
}


def full(number: int) -> dict[str, Any]:
    phone = {"type": "mobile", "value": "+44 7700 900001"}
    given = person(number, title="Analyst", externalId=f"HR-{number}", phoneNumbers=[phone], locale="en-GB")
    return {**given, "emails": [{"value": "Other@example.org", "type": "work", "primary": True}]}


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("left_out", SAME)
def test_what_a_listing_leaves_out_is_no_difference(left_out: str, check: bool) -> None:
    tenant = Tenant(*(full(number) for number in range(1, 7)))
    tenant.held_back = (left_out,)
    same = {"external_id": None} if left_out == "externalId" else {}
    rows = [row(number, **{**SAME[left_out], **same}) for number in range(2, 6)]
    if left_out == "externalId":
        rows = [row(number, external_id=f"HR-{number}") for number in range(2, 6)]
    told = roster(tenant, rows, check=check)
    assert (told.kind, told.summary, tenant.writes) == (None, {"unchanged": 4}, [])


@pytest.mark.parametrize("check", [True, False])
def test_a_user_of_whom_a_listing_shows_nothing_does_not_decide_how_others_are_read(check: bool) -> None:
    """Whoever has nothing but what a listing leaves out looks as in a listing that leaves out all."""
    bare = person(1, title="Analyst", **{ENTERPRISE_URN: None, DEFAULT_EXTENSION_URN: None})
    tenant = Tenant(bare, *(full(number) for number in range(2, 7)))
    tenant.held_back = ("title", "locale")
    told = roster(tenant, [row(number, title="Analyst") for number in range(1, 7)], check=check)
    assert (told.kind, told.summary, tenant.writes) == (None, {"unchanged": 6}, [])


def test_an_attribute_that_nobody_has_costs_a_sample() -> None:
    tenant = Tenant(*(person(number, title=None) for number in range(1, 31)))
    told = roster(tenant, [row(number, title="A") for number in range(1, 31)], check=True)
    assert told.summary == {"updated": 30}
    assert [path for _verb, path in tenant.log if path != "/Users"] == ["/Users/1", "/Users/2", "/Users/3"]


def test_an_undo_that_is_written_before_the_first_write_knows_what_the_listing_left_out(tmp_path: Path) -> None:
    tenant = Tenant(*(full(number) for number in range(1, 4)))
    tenant.held_back = ("externalId",)
    before = managed(tenant.users)
    undo = tmp_path / "undo"
    seen: list[Any] = []
    tenant.before = lambda request: seen.append(read(undo)) if request.method == "PUT" else None
    assert roster(tenant, [row(1, external_id="NEW")], undo_file=str(undo)).summary == {"updated": 1}
    assert seen[0]["rows"][0]["after"] == {"external_id": "HR-1"}
    undone = roster(tenant, apply_plan=str(undo), limits=ALL)
    assert (undone.kind, managed(tenant.users)) == (None, before)


def test_a_token_that_may_read_nobody_any_more_ends_the_reading() -> None:
    tenant = Tenant(*(full(number) for number in range(1, 9)))
    tenant.held_back = ("title",)
    tenant.before = lambda request: refusal(403) if "/Users/" in str(request.url) else None
    told = roster(tenant, [row(number, title="") for number in range(1, 9)])
    assert (told.kind, tenant.writes) == ("forbidden", [])
    assert [path for _verb, path in tenant.log if path != "/Users"] == ["/Users/1", "/Users/2"]


def test_a_token_that_dies_while_somebody_is_read_alone_is_tried_once_more() -> None:
    tenant = Tenant(*people(2))
    refused: list[str] = []

    def dies(request: Any) -> Reply | None:
        if refused or "/Users/" in str(request.url):
            refused.append(str(request.url))
            return refusal(403)
        return None

    tenant.before = dies
    # What is wrong with a row is not told in the place of that.
    told = roster(tenant, [row(2, family_name=""), row(1, phone_numbers=[])])
    assert (told.kind, len(refused)) == ("forbidden", 2)


@pytest.mark.parametrize("check", [True, False])
def test_a_site_that_exists_beside_one_spelled_alike_is_taken_where_a_user_is_at_it(check: bool) -> None:
    """Few rows are looked up; whether somebody is at the site, only everybody can tell."""
    tenant = Tenant(
        *people(299), person(300, **{"urn:ietf:params:scim:schemas:extension:8x8:1.1:User": {"site": "LONDON"}})
    )
    tenant.page_size, tenant.sites = 50, {"London", "LONDON"}
    told = roster(tenant, [newcomer(900, site="LONDON"), newcomer(901, site="london")], check=check)
    assert told.statuses == {login(900): "planned" if check else "done", login(901): "refused"}
    assert "spelled almost like" in told.result["read"]
    assert "with eightbyeight_user first" in told.message
