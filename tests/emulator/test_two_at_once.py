# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs at the same moment, and a person in Admin Console while a run is under way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from tenant_client import Tasks, just_before, together

Start = Callable[..., Tasks]

ADA, BO, CY = "ada@example.org", "bo@example.org", "cy@example.org"
NEW = {"given_name": "New", "family_name": "Comer"}
ONE_USER = "/Users/*"


def resource(tasks: Tasks, user_name: str) -> dict[str, Any]:
    user = tasks.api.find(user_name)
    assert user is not None
    result: dict[str, Any] = user["resource"]
    return result


def names(tasks: Tasks) -> list[str]:
    return [user["resource"]["userName"].lower() for user in tasks.api.tenant.users()]


def sent(tasks: Tasks, method: str) -> list[dict[str, Any]]:
    return [entry for entry in tasks.api.tenant.log if entry["method"] == method]


def meet(tasks: Tasks, *requests: tuple[str, str], parties: int = 2) -> None:
    """Let the first requests, as many of each kind, wait for each other, so that none of their senders knows of the others."""
    barrier = threading.Barrier(parties, timeout=20)
    for method, path in requests:
        just_before(tasks.api, method, path, barrier.wait, times=parties // len(requests))


# -- Two processes ------------------------------------------------------------------------------------------------------------


def test_two_runs_of_one_roster_end_as_wanted_and_both_say_what_they_did(tasks: Start) -> None:
    tenant = tasks()
    meet(tenant, ("POST", "/Users"), parties=4)  # a run sends two at a time until one succeeds, so each brings two
    newcomers = [
        {"user_name": f"n{number}@example.org", **NEW, "email": f"n{number}@example.org"} for number in range(20)
    ]
    users: list[dict[str, Any]] = [
        *newcomers,
        {"user_name": ADA, "title": "Boss"},
        {"user_name": BO, "active": True},
        {"user_name": CY, "active": False},
    ]
    limits = {"deactivate": "100%"}
    both = together(*[tenant.start_roster(users, limits=limits, concurrency=2) for _run in range(2)])

    assert len(names(tenant)) == len(set(names(tenant))), "nobody twice"
    assert set(names(tenant)) >= {row["user_name"] for row in users}
    assert (resource(tenant, ADA)["title"], resource(tenant, ADA)["active"]) == ("Boss", True)
    assert [resource(tenant, name)["active"] for name in (BO, CY)] == [True, False]

    assert sum(result["summary"]["created"] for result in both) == 20, "each creation is told by the one who made it"
    assert len([entry for entry in sent(tenant, "POST") if entry["status"] == 201]) == 20
    lost = [entry for result in both for entry in result["results"] if entry["status"] == "failed"]
    assert len([entry for entry in sent(tenant, "POST") if entry["status"] == 409]) == len(lost) > 0, "they did meet"
    assert {entry["error"]["kind"] for entry in lost} == {"user_name_taken"}
    for result in both:
        failed = [entry for entry in result["results"] if entry["status"] == "failed"]
        assert result["summary"]["failed"] == len(failed)
        assert ("error" in result) is bool(failed)
    again = tenant.roster(users, limits=limits)
    assert (again.get("msg"), again["changed"]) == (None, False), "as wanted"


def test_two_tasks_that_create_one_user_create_one(tasks: Start) -> None:
    tenant = tasks()
    meet(tenant, ("POST", "/Users"))
    task = {"user_name": "new@example.org", **NEW, "email": "new@example.org"}
    both = together(tenant.start_user(**task), tenant.start_user(**task))
    assert names(tenant).count("new@example.org") == 1
    assert sorted(result["operation"] for result in both) == ["created", "unchanged"]
    (loser,) = [result for result in both if result["operation"] == "unchanged"]
    assert (loser["changed"], loser["error"]["kind"]) == (False, "user_name_taken")
    assert "is taken inside this tenant" in loser["msg"]
    assert tenant.user(**task)["changed"] is False


def test_two_tasks_that_update_one_user_lose_nothing_where_there_are_versions(tasks: Start) -> None:
    tenant = tasks(etags=True)
    meet(tenant, ("PUT", ONE_USER))
    both = together(
        tenant.start_user(user_name=ADA, title="Boss"),
        tenant.start_user(user_name=ADA, department="Board", locale="fr-FR"),
    )
    assert [(result.get("msg"), result["operation"]) for result in both] == [(None, "updated")] * 2
    raw = resource(tenant, ADA)
    assert (raw["title"], raw["locale"], "Board" in str(raw)) == ("Boss", "fr-FR", True)
    assert sorted(entry["status"] for entry in sent(tenant, "PUT")) == [200, 200, 412], "they did meet"
    assert sum("by somebody else." in " ".join(result["warnings"]) for result in both) == 1, (
        "the second one tells of it"
    )


def test_two_tasks_that_update_one_user_without_versions_are_put_right_by_the_next_run(tasks: Start) -> None:
    """The last PUT wins, and nobody can see it; the documentation says so. The same wish twice does no harm."""
    tenant = tasks()
    meet(tenant, ("PUT", ONE_USER))
    same = together(*[tenant.start_user(user_name=ADA, title="Boss") for _run in range(2)])
    assert [result["operation"] for result in same] == ["updated", "updated"]
    assert resource(tenant, ADA)["title"] == "Boss"
    meet(tenant, ("PUT", ONE_USER))
    together(*[tenant.start_user(user_name=ADA, **wish) for wish in ({"title": "Chief"}, {"department": "Board"})])
    for wish in ({"title": "Chief"}, {"department": "Board"}):
        tenant.user(user_name=ADA, **wish)
    raw = resource(tenant, ADA)
    assert (raw["title"], "Board" in str(raw)) == ("Chief", True)
    again = tenant.user(user_name=ADA, title="Chief", department="Board")
    assert again["changed"] is False
    assert again["user"]["external_id"] == "HR-1"
    assert again["user"]["phone_numbers"] == [{"type": "mobile", "value": "+44 7700 900001"}]


@pytest.mark.parametrize("etags", [False, True])
def test_a_task_that_deactivates_and_one_that_updates_meet(tasks: Start, etags: bool) -> None:
    tenant = tasks(etags=etags)
    meet(tenant, ("PATCH", ONE_USER), ("PUT", ONE_USER))
    both = together(
        tenant.start_user(user_name=ADA, state="absent"), tenant.start_user(user_name=ADA, title="Boss", active=False)
    )
    assert [result.get("msg") for result in both] == [None, None]
    raw = resource(tenant, ADA)
    assert (raw["title"], raw["active"]) == ("Boss", False)
    assert [result["user"]["active"] for result in both] == [False, False]
    assert tenant.user(user_name=ADA, title="Boss", active=False)["changed"] is False


# -- Somebody in Admin Console, with versions ---------------------------------------------------------------------------------


def update(tenant: Tasks, way: str, **wish: Any) -> dict[str, Any]:
    """Do the same as a task for one user, or as a roster of one."""
    if way == "user":
        return tenant.user(user_name=ADA, **wish)
    return tenant.roster([{"user_name": ADA, **wish}], limits={"deactivate": "100%"})


WAYS = pytest.mark.parametrize("way", ["user", "roster"])


@WAYS
def test_an_edit_between_read_and_put_is_not_overwritten_where_there_are_versions(tasks: Start, way: str) -> None:
    tenant = tasks(etags=True)
    just_before(
        tenant.api, "PUT", ONE_USER, lambda: tenant.api.tenant.edit_user(ADA, locale="fr-FR", nickName="Countess")
    )
    told = update(tenant, way, title="Boss")
    assert (told.get("msg"), told["changed"]) == (None, True)
    raw = resource(tenant, ADA)
    assert (raw["title"], raw["locale"], raw["nickName"]) == ("Boss", "fr-FR", "Countess")
    puts = sent(tenant, "PUT")
    assert [entry["status"] for entry in puts] == [412, 200]
    assert len({entry["if_match"] for entry in puts} - {None}) == 2, "each with the version that was read"
    (warning,) = told["warnings"]
    if way == "user":
        assert "locale was 'en-GB', then 'fr-FR'), by somebody else" in warning
        assert told["diff"]["after"] == {"title": "Boss"}
    else:
        assert told["changed_elsewhere"] == [ADA]
        assert "1 user was changed by somebody else while this run was under way" in warning
    assert update(tenant, way, title="Boss")["changed"] is False


@WAYS
def test_a_user_who_changes_again_and_again_is_left_alone(tasks: Start, way: str) -> None:
    tenant = tasks(etags=True)
    edits = iter(["fr-FR", "de-DE", "sv-SE"])
    just_before(tenant.api, "PUT", ONE_USER, lambda: tenant.api.tenant.edit_user(ADA, locale=next(edits)), times=3)
    told = update(tenant, way, title="Boss")
    error = told["error"] if way == "user" else told["results"][0]["error"]
    assert (error["kind"], error["status"], told["changed"]) == ("changed_meanwhile", 412, False)
    assert f"{ADA} was changed by somebody else 2 times" in told["msg"]
    assert [entry["status"] for entry in sent(tenant, "PUT")] == [412, 412], "one more try, and no third"
    assert (resource(tenant, ADA)["title"], resource(tenant, ADA)["locale"]) == ("Engineer", "de-DE")


@WAYS
def test_an_edit_that_does_what_was_wanted_leaves_nothing_to_do(tasks: Start, way: str) -> None:
    tenant = tasks(etags=True)
    just_before(tenant.api, "PUT", ONE_USER, lambda: tenant.api.tenant.edit_user(ADA, title="Boss"))
    told = update(tenant, way, title="Boss")
    assert (told.get("msg"), told["changed"]) == (None, False)
    assert [entry["status"] for entry in sent(tenant, "PUT")] == [412]


@WAYS
@pytest.mark.parametrize("etags", [False, True])
def test_an_edit_before_a_patch_survives_with_and_without_versions(tasks: Start, way: str, etags: bool) -> None:
    """A PATCH carries active and nothing else, so it needs no version and overwrites nobody."""
    tenant = tasks(etags=etags)
    just_before(tenant.api, "PATCH", ONE_USER, lambda: tenant.api.tenant.edit_user(ADA, title="Chief"))
    told = update(tenant, way, active=False)
    assert (told.get("msg"), told["changed"]) == (None, True)
    assert [(entry["status"], entry["if_match"]) for entry in sent(tenant, "PATCH")] == [(200, None)]
    assert (resource(tenant, ADA)["title"], resource(tenant, ADA)["active"]) == ("Chief", False)


@WAYS
def test_an_edit_before_a_put_in_the_place_of_a_patch_survives_where_there_are_versions(tasks: Start, way: str) -> None:
    tenant = tasks(etags=True, patch=501)
    just_before(tenant.api, "PUT", ONE_USER, lambda: tenant.api.tenant.edit_user(ADA, title="Chief"))
    told = update(tenant, way, active=False)
    assert (told.get("msg"), told["changed"]) == (None, True)
    assert [entry["status"] for entry in sent(tenant, "PUT")] == [412, 200]
    assert (resource(tenant, ADA)["title"], resource(tenant, ADA)["active"]) == ("Chief", False)


# -- Somebody in Admin Console, without versions ------------------------------------------------------------------------------


@pytest.mark.parametrize(("way", "check"), [("user", False), ("user", True), ("roster", False)])
def test_an_edit_between_the_look_up_and_the_fresh_read_survives_and_is_told(
    tasks: Start, way: str, check: bool
) -> None:
    tenant = tasks()
    just_before(
        tenant.api, "GET", ONE_USER, lambda: tenant.api.tenant.edit_user(ADA, locale="fr-FR", nickName="Countess")
    )
    told = tenant.user(user_name=ADA, title="Boss", check=check) if way == "user" else update(tenant, way, title="Boss")
    assert (told.get("msg"), told["changed"]) == (None, True)
    (warning,) = told["warnings"]
    if way == "user":
        assert "locale was 'en-GB', then 'fr-FR'" in warning
    else:
        assert told["changed_elsewhere"] == [ADA]
    raw = resource(tenant, ADA)
    assert (raw["title"], raw["locale"], raw["nickName"]) == ("Engineer" if check else "Boss", "fr-FR", "Countess")


@WAYS
def test_an_edit_right_after_the_put_is_told_where_it_shows(tasks: Start, way: str) -> None:
    tenant = tasks(write_answers="partial")
    just_before(tenant.api, "GET", ONE_USER, lambda: tenant.api.tenant.edit_user(ADA, locale="fr-FR"), skip=1)
    told = update(tenant, way, title="Boss")
    assert (told.get("msg"), told["changed"]) == (None, True)
    (warning,) = told["warnings"]
    assert (
        "is different in attributes" in warning
        and "locale" in warning
        and "Somebody else wrote at the same moment" in warning
    )
    assert (resource(tenant, ADA)["title"], resource(tenant, ADA)["locale"]) == ("Boss", "fr-FR")


@WAYS
def test_without_versions_an_edit_in_the_last_moment_cannot_be_seen(tasks: Start, way: str) -> None:
    """The limit that the documentation names: PUT replaces everything, and its answer is what it carried."""
    tenant = tasks()
    just_before(tenant.api, "PUT", ONE_USER, lambda: tenant.api.tenant.edit_user(ADA, locale="fr-FR"))
    told = update(tenant, way, title="Boss")
    assert (told["changed"], told["warnings"]) == (True, [])
    assert resource(tenant, ADA)["locale"] == "en-GB"


def test_a_journal_tells_of_others_and_not_of_us(tasks: Start, tmp_path: Any) -> None:
    """What a run could not see while it was under way, the next run of its journal tells (eightbyeight_roster)."""
    tenant = tasks()
    journal = str(tmp_path / "journal")
    tenant.roster([{"user_name": ADA, "title": "Boss"}], journal_file=journal)
    tenant.roster([{"user_name": ADA, "department": "Ours"}])
    told = tenant.roster([{"user_name": ADA, "title": "Boss"}], journal_file=journal)
    assert (told["changed"], told["changed_elsewhere"]) == (False, []), "that was one of us"
    tenant.api.tenant.edit_user(ADA, department="Elsewhere")
    told = tenant.roster([{"user_name": ADA, "title": "Boss"}], journal_file=journal)
    assert (told["changed"], told["changed_elsewhere"]) == (False, [ADA])
