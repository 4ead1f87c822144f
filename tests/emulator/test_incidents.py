# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened to the users of other directory tools, and must not happen to ours. One test an incident, named after it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tenant_client import Tasks

Start = Callable[..., Tasks]

ALL = {"deactivate": "100%"}


def login(number: int) -> str:
    return f"p{number}@example.org"


def human(number: int, **more: Any) -> dict[str, Any]:
    """A user of the tenant, in the short form of a seed."""
    return {"user_name": login(number), "given_name": "P", "family_name": "Q", "title": "Agent", **more}


def crowd(count: int) -> list[dict[str, Any]]:
    return [human(number) for number in range(1, count + 1)]


def rows(*numbers: int, **more: Any) -> list[dict[str, Any]]:
    return [{"user_name": login(number), **more} for number in numbers]


def newcomer(number: int, **more: Any) -> dict[str, Any]:
    return {"user_name": login(number), "given_name": "N", "family_name": "C", "email": login(number), **more}


def state(tasks: Tasks) -> dict[str, tuple[str, bool]]:
    """Return login name -> (id, active) of everybody; who is there twice fails."""
    users = tasks.api.tenant.users()
    found = {user["resource"]["userName"]: (user["id"], user["resource"]["active"]) for user in users}
    assert len(found) == len({name.lower() for name in found}) == len(users), "somebody is there twice"
    return found


def writes(tasks: Tasks) -> list[str]:
    return [entry["method"] for entry in tasks.api.tenant.log if entry["method"] != "GET"]


def resource(tasks: Tasks, number: int) -> dict[str, Any]:
    user = tasks.api.find(login(number))
    assert user is not None
    result: dict[str, Any] = user["resource"]
    return result


# -- 1. A partial source, and mass removal ------------------------------------------------------------------------------------


def test_a_partial_source_does_not_remove_hundreds(tasks: Start) -> None:
    """A directory answered with part of its users, and everybody else was deleted (ssosync issues 194 and 236)."""
    tenant = tasks(crowd(250))
    before = state(tenant)
    for check in (True, False):
        told = tenant.roster(rows(*range(1, 40)), unlisted="deactivate", check=check)
        assert told["error"]["kind"] == "limit_exceeded"
        assert "deactivate: 211 planned" in told["msg"]
        assert told["changed"] is False
    assert (writes(tenant), state(tenant)) == ([], before)


def test_a_partial_read_does_not_remove_hundreds(tasks: Start) -> None:
    """A listing that had lost users was believed, and users were deleted and made again (ssosync issue 159)."""
    tenant = tasks(crowd(250), page_loses=True)
    before = state(tenant)
    told = tenant.roster(rows(*range(1, 40), title="Boss"), unlisted="deactivate", limits=ALL)
    assert (told["complete"], told["error"]["kind"]) == (False, "rows_failed")
    assert {entry["error"]["kind"] for entry in told["results"] if entry["error"]} == {"incomplete_listing"}
    assert (told["summary"]["updated"], told["summary"]["deactivated"]) == (39, 0), "updates may go on, removals not"
    assert state(tenant) == before


def test_an_empty_source_removes_nobody(tasks: Start) -> None:
    """An empty answer of the source is no wish to remove everybody (ssosync issue 236)."""
    tenant = tasks(crowd(3))
    told = tenant.roster([], unlisted="deactivate", limits=ALL)
    assert (told["error"]["kind"], writes(tenant)) == ("bad_option", [])


@pytest.mark.parametrize("times", [1, None])
def test_a_503_in_a_listing_removes_nobody(tasks: Start, times: int | None) -> None:
    """An intermittent 503 while reading was not tried again, and deleted users and their aliases (ssosync changelog, 278)."""
    trouble = {"on": {"method": "GET", "path": "/Users"}, "skip": 1, "times": times, "do": "html", "status": 503}
    tenant = tasks(crowd(250), [trouble])
    told = tenant.roster(
        rows(*range(1, 251)), unlisted="deactivate", limits=ALL, retry_budget=0 if times is None else 5
    )
    assert (writes(tenant), told["changed"]) == ([], False)
    assert ("error" in told, told["complete"]) == ((True, False) if times is None else (False, True))


def test_an_error_that_claims_to_be_a_success_is_no_empty_tenant(tasks: Start) -> None:
    """A gateway put 200 on the error of the server behind it: nobody seemed to be there, and everybody would be made again."""
    tenant = tasks(crowd(3), [{"do": "scim_error", "status": 200, "detail": "backend down", "times": None}])
    told = [
        tenant.roster([newcomer(4)], unlisted="deactivate", limits=ALL),
        tenant.user(state="present", **newcomer(5)),
        tenant.user(state="absent", user_name=login(1)),
        tenant.user_info(),
        tenant.user_info(filter='userName eq "x"'),
    ]
    assert [each["error"]["kind"] for each in told] == ["bad_answer"] * len(told)
    found = tenant.tenant_info()
    assert (found["readable"], found["problem"]["kind"], found["problem"]["detail"]) == (
        False,
        "bad_answer",
        "backend down",
    )
    assert writes(tenant) == []


def test_nobody_is_deleted_and_made_again(tasks: Start) -> None:
    """Users who came back were made anew, and had lost all that was given to them (ssosync issue 194)."""
    tenant = tasks([human(1), human(2, active=False)])
    before = state(tenant)
    told = tenant.roster([newcomer(1), newcomer(2, active=True)])
    assert told["summary"]["activated"] == 1
    assert [key for key, _active in state(tenant).values()] == [key for key, _active in before.values()]
    assert "POST" not in writes(tenant)


# -- 2. Foreign objects -------------------------------------------------------------------------------------------------------


def test_accounts_that_were_made_by_hand_are_left_alone(tasks: Start) -> None:
    """What the source did not know was removed, hand-made users included (ssosync issues 88 and 179)."""
    tenant = tasks([*crowd(3), human(4, origin="console")], all_users=True)
    before = state(tenant)
    assert tenant.roster(rows(1))["changed"] is False
    assert tenant.roster(rows(1), unlisted="report")["summary"]["unlisted"] == 3
    assert (writes(tenant), state(tenant)) == ([], before)


def test_protected_accounts_outlive_every_roster(tasks: Start) -> None:
    """Somebody ended up deleting all groups of the landing zone itself (ssosync pull request 105)."""
    tenant = tasks([*crowd(2), human(3, user_name="AWSControlTower-Admin@example.org")])
    protected = ["awscontroltower*", login(2)]
    gone = [{"user_name": "awscontroltower-admin@example.org", "active": False}, *rows(2, active=False)]
    for users in (rows(1), [*rows(1), *gone]):
        told = tenant.roster(users, unlisted="deactivate", limits=ALL, protected=protected)
        assert (told["summary"]["protected"], told["changed"]) == (2, False)
    assert all(active for _key, active in state(tenant).values())
    assert writes(tenant) == []


# -- 3. A changed filter ------------------------------------------------------------------------------------------------------


def test_a_changed_filter_removes_nobody(tasks: Start) -> None:
    """A filter was changed, matched others, and deleted all users with their second factors (authentik issue 19295)."""
    tenant = tasks(crowd(20))
    before = state(tenant)
    others = [newcomer(number) for number in range(101, 121)]
    told = tenant.roster(others, unlisted="deactivate", check=True)
    assert told["error"]["kind"] == "limit_exceeded", "the trial says it already"
    told = tenant.roster(others, unlisted="deactivate")
    assert (told["error"]["kind"], told["summary"]["refused"]) == ("limit_exceeded", 40)
    assert (writes(tenant), state(tenant)) == ([], before)


# -- 4. Page one --------------------------------------------------------------------------------------------------------------


def test_page_one_is_not_taken_for_the_whole(tasks: Start) -> None:
    """Of 43 users 20 were listed, and a full replace removed the rest (aihub-core pull request 1525)."""
    tenant = tasks(crowd(43), max_page=20)
    told = tenant.roster(rows(*range(1, 44)), unlisted="deactivate", limits=ALL)
    assert (told["complete"], told["summary"]["unchanged"], told["changed"]) == (True, 43, False)
    told = tenant.roster(rows(*range(1, 43)), unlisted="deactivate", limits=ALL)
    assert [entry["user_name"] for entry in told["results"]] == [login(43)]


def test_users_beyond_the_first_fifty_are_updated(tasks: Start) -> None:
    """Users were not updated where there were more than 50 of them (idp-scim-sync issue 76)."""
    tenant = tasks(crowd(120), max_page=50)
    assert tenant.roster(rows(51, 120, title="Boss"))["summary"]["updated"] == 2
    assert (resource(tenant, 51)["title"], resource(tenant, 120)["title"]) == ("Boss", "Boss")
    assert tenant.user_info()["total"] == len(tenant.user_info()["users"]) == 120


# -- 5. Servers that page wrongly ---------------------------------------------------------------------------------------------

PAGING: dict[str, tuple[dict[str, Any], bool]] = {
    # The same ids came on pages 2 and 3 of 1,200 users (snipe-it issue 18014).
    "repeated users": ({"page_repeats": True}, True),
    # A page was shorter than asked, because a user was left out silently (WSO2 issue 27973).
    "dropped users": ({"page_loses": True}, False),
    # totalResults was more, or less, than there are.
    "too many announced": ({"total_off": 2}, False),
    "too few announced": ({"total_off": -1}, False),
    # itemsPerPage and the page were not what was asked for (ory/polis pull request 4054).
    "short pages": ({"max_page": 3}, True),
}


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("name", PAGING)
def test_wrong_pages_remove_nobody(tasks: Start, name: str, workers: int) -> None:
    """Servers repeat, lose and miscount users (snipe-it 18014, WSO2 27973, ory/polis 4054); nobody may pay for it."""
    switches, adds_up = PAGING[name]
    tenant = tasks(crowd(20), **{"max_page": 6, **switches})
    before = state(tenant)
    told = tenant.roster(rows(*range(1, 20)), unlisted="deactivate", limits=ALL, concurrency=workers)
    assert told["complete"] is adds_up
    if adds_up:
        assert [entry["user_name"] for entry in told["results"]] == [login(20)], "the right one, and nobody else"
    else:
        assert state(tenant) == before
        assert set(writes(tenant)) <= {"POST"}, "what is tried for a row that does not show cannot do harm"


def test_a_total_that_is_the_size_of_the_page_does_no_harm(tasks: Start) -> None:
    """totalResults was the size of the page (WSO2 issues 9957 and 7320): who is behind it is neither removed nor made twice."""
    tenant = tasks(crowd(9), max_page=3, total_off=-6)
    told = tenant.roster([newcomer(number, title="Agent") for number in range(1, 9)], unlisted="deactivate", limits=ALL)
    assert (told["error"]["kind"], told["complete"], told["summary"]["updated"]) == ("rows_failed", False, 8)
    assert [entry["user_name"] for entry in told["results"] if entry["status"] != "done"] == [login(9)]
    assert sorted(writes(tenant)) == ["PUT"] * 8, "nobody is made twice, and who is in no row is left alone"
    assert all(user["active"] for user in tenant.user_info()["users"])


def test_the_first_user_has_the_number_one(tasks: Start) -> None:
    """startIndex 0 and 1 were mixed up, and one user was skipped or read twice (WSO2 issue 22589)."""
    tenant = tasks(crowd(7), max_page=3)
    assert len(tenant.user_info()["users"]) == 7
    assert [entry["query"]["startIndex"] for entry in tenant.api.tenant.log] == ["1", "4", "7"]


# -- 6. A diff that never converges, and one that is skipped ------------------------------------------------------------------


@pytest.mark.parametrize(
    "switches",
    [
        {"drop_attributes": ["title"]},
        {"normalize": {"title": "upper", "phoneNumbers": "digits"}},
        {"nulls": True, "normalize": {"title": "strip"}},
        {"write_answers": "partial", "drop_attributes": ["phoneNumbers"]},
    ],
)
def test_the_diff_converges_when_the_server_drops_or_rewrites(tasks: Start, switches: dict[str, Any]) -> None:
    """The server dropped or normalized a field, and every run sent the same PUT again (authentik issue 25832, open)."""
    tenant = tasks(crowd(2), **switches)
    wish = {
        "title": " Boss ",
        "phone_numbers": [{"type": "work", "value": "+44 (0) 1"}, {"type": "mobile", "value": "+1"}],
    }
    first = tenant.user(user_name=login(1), **wish), tenant.roster(rows(2, **wish))
    assert [each["changed"] for each in first] == [True, True]
    sent = len(writes(tenant))
    for _again in range(2):
        again = tenant.user(user_name=login(1), **wish), tenant.roster(rows(1, 2, **wish))
        assert [(each["changed"], each["warnings"]) for each in again] == [(False, []), (False, [])]
    assert len(writes(tenant)) == sent == 2


def test_the_diff_converges_when_types_differ(tasks: Start) -> None:
    """Values of different types were compared, and every run ended in a PUT (idp-scim-sync, what is new in 0.40.1)."""
    extra = {"title": 42, "externalId": 1001, "active": "True", "timezone": None}
    tenant = tasks([human(1, extra=extra), human(2)])
    wish = {"title": "42", "external_id": "1001", "timezone": "", "active": True}
    assert tenant.user(user_name=login(1), **wish)["changed"] is False
    assert tenant.roster(rows(1, **wish))["changed"] is False
    assert writes(tenant) == []


def test_the_order_of_a_list_is_no_difference(tasks: Start) -> None:
    """Members were written again on every run, because a list came back in another order (idp-scim-sync 0.44)."""
    numbers = [{"type": "work", "value": "1"}, {"type": "mobile", "value": "2"}]
    tenant = tasks([human(1, phone_numbers=numbers)])
    assert tenant.user(user_name=login(1), phone_numbers=numbers[::-1])["changed"] is False
    assert tenant.roster(rows(1, phone_numbers=numbers[::-1]))["changed"] is False
    assert writes(tenant) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"given_name": "Paula"}, lambda raw: raw["name"]["givenName"] == "Paula"),
        ({"department": "Care"}, lambda raw: "Care" in str(raw)),
        ({"site": "London"}, lambda raw: "London" in str(raw)),
        ({"email": "x@example.org"}, lambda raw: raw["emails"][0]["value"] == "x@example.org"),
        ({"phone_numbers": [{"type": "mobile", "value": "2"}]}, lambda raw: raw["phoneNumbers"][0]["value"] == "2"),
        ({"phone_numbers": []}, lambda raw: "phoneNumbers" not in raw),
    ],
)
def test_a_nested_change_is_not_skipped(tasks: Start, change: dict[str, Any], where: Callable[[Any], bool]) -> None:
    """Only a nested value differed, and the change was skipped (authentik pull request 24332)."""
    people = [human(number, phone_numbers=[{"type": "mobile", "value": "1"}]) for number in (1, 2)]
    tenant = tasks(people)
    assert tenant.user(user_name=login(1), **change)["operation"] == "updated"
    assert tenant.roster(rows(2, **change))["summary"]["updated"] == 1
    assert [where(resource(tenant, number)) for number in (1, 2)] == [True, True]


# -- 7. A lost reply ----------------------------------------------------------------------------------------------------------

LOSSES: dict[str, dict[str, Any]] = {
    "429": {"do": "rate_limit", "form": "none"},
    "429, and it was done": {"do": "rate_limit", "form": "none", "applied": True},
    "502, and it was done": {"do": "html", "applied": True},
    "reset, and it was done": {"do": "reset_after"},
    "reset before": {"do": "reset_before"},
    "half an answer": {"do": "truncated"},
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_429_makes_no_duplicate(tasks: Start, name: str) -> None:
    """A 429 was dropped, and creating again ended in a 409 (ssosync issue 13). The same with every other lost reply."""
    tenant = tasks(crowd(1), [{"on": {"method": "POST"}, **LOSSES[name]}])
    by_task = tenant.user(**newcomer(2))
    assert (by_task.get("msg"), by_task["operation"], by_task["changed"]) == (None, "created", True)
    tenant.api.tenant.set_faults([{"on": {"method": "POST"}, **LOSSES[name]}])
    by_roster = tenant.roster([newcomer(3), newcomer(4)], concurrency=1)
    assert (by_roster.get("msg"), by_roster["summary"]["created"], by_roster["summary"]["failed"]) == (None, 2, 0)
    assert list(state(tenant)) == [login(number) for number in (1, 2, 3, 4)]
    assert not [entry for entry in tenant.api.tenant.log if entry["status"] == 409], (
        "nothing was sent twice without looking"
    )


# -- 8. The summary -----------------------------------------------------------------------------------------------------------


def test_the_summary_counts_what_happened(tasks: Start) -> None:
    """The summary said 0 actions whatever was done, and counted a skipped user as created (user-sync issues 754 and 807)."""
    tenant = tasks([*crowd(4), human(5, active=False), human(6, site="London")])
    users = [
        newcomer(10),
        newcomer(11, site="Nowhere"),
        {"user_name": login(12), "title": "Boss"},
        *rows(1, title="Boss"),
        *rows(2, active=False),
        *rows(3),
        *rows(4, title="Boss"),
        *rows(5, active=True),
        *rows(6, site="Paris"),
    ]
    told = tenant.roster(users, protected=[login(4)], limits=ALL)
    assert told["summary"] == {
        "created": 1,
        "updated": 1,
        "activated": 1,
        "deactivated": 1,
        "unchanged": 1,
        "unlisted": 0,
        "protected": 1,
        "failed": 1,
        "refused": 2,
        "inactive": 0,
        "waiting": 0,
        "skipped": 0,
    }
    assert sum(told["summary"].values()) == len(users)
    log = [entry for entry in tenant.api.tenant.log if entry["method"] != "GET"]
    done = [entry["method"] for entry in log if (entry["status"] or 0) < 400]
    assert sorted(done) == ["PATCH", "PATCH", "POST", "PUT"], "as many as were counted"
    sent = {verb: sum(entry["method"] == verb for entry in tenant.api.tenant.log) for verb in told["requests"]}
    assert told["requests"] == sent
    assert len(told["diff"]) == 4


def test_a_summary_of_a_trial_is_that_of_the_run(tasks: Start) -> None:
    """A preview that counts otherwise than the run is no preview (user-sync issue 807)."""
    tenant = tasks(crowd(4))
    users = [newcomer(10), *rows(1, title="Boss"), *rows(2, active=False), *rows(3)]
    tried = tenant.roster(users, limits=ALL, check=True)
    assert writes(tenant) == []
    told = tenant.roster(users, limits=ALL)
    assert tried["summary"] == told["summary"]
    assert tenant.roster(users, limits=ALL)["summary"]["unchanged"] == 4


# -- 9. The token -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403])
def test_an_expired_token_is_loud(tasks: Start, status: int) -> None:
    """A token expired, and de-provisioning stopped for weeks without a word (Kong 3100, MoJ 11880, cagov 586)."""
    tenant = tasks(crowd(3), bad_token=status)
    kind = "token_rejected" if status == 401 else "forbidden"
    for told in (
        tenant.user(user_name=login(1), state="absent", api_token="expired"),
        tenant.user(user_name="nobody@example.org", state="absent", api_token="expired"),
        tenant.user(user_name="nobody@example.org", state="absent", api_token="expired", check=True),
        tenant.user_info(user_name=login(1), api_token="expired"),
        tenant.roster(rows(1, active=False), api_token="expired"),
        tenant.roster([], api_token="expired"),
    ):
        assert (told["error"]["kind"], told["error"]["status"], told["changed"]) == (kind, status, False)
        assert "token" in told["msg"] and "Admin Console" in told["msg"]
    asked = tenant.tenant_info(api_token="expired")
    assert (asked["authenticated"], asked["problem"]["kind"]) == (False if status == 401 else None, kind)


def test_a_token_that_dies_on_the_way_is_loud_and_hides_nothing(tasks: Start) -> None:
    """The token was revoked in the middle of a run; what had been done was done, and the rest was not (cagov 586)."""
    dies = {"on": {"method": "PATCH"}, "skip": 2, "times": None, "do": "scim_error", "status": 401}
    tenant = tasks(crowd(5), [dies])
    told = tenant.roster(rows(*range(1, 6), active=False), limits=ALL, concurrency=1)
    assert told["error"]["kind"] == "token_rejected"
    counted = [told["summary"][name] for name in ("deactivated", "failed", "skipped")]
    assert (counted, told["changed"]) == ([2, 1, 2], True)
    assert [active for _key, active in state(tenant).values()] == [False, False, True, True, True]
    assert "does not accept the API token" in told["msg"]
