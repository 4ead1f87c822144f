# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verification after a roster, and what the server makes of values."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from requests import exceptions as wire

from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    ReadOnly,
    Reply,
    Tenant,
    listing,
    refusal,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    TEN,
    Told,
    failing,
    login,
    newcomer,
    people,
    person,
    planned,
    read,
    roster,
    row,
)


def test_what_8x8_stores_differently_is_named_once_and_never_sent_again() -> None:
    tenant = Tenant(*people(6))
    tenant.rewrite = lambda raw: raw.update(title="ANALYST")
    rows = [row(number, title="analyst!") for number in range(1, 6)] + [newcomer(9, title="n")]
    told = roster(tenant, rows)
    assert told.error is None
    (warning,) = told.warnings
    assert "title is 'ANALYST', asked for 'analyst!'" in warning
    assert "not sent again" in warning
    assert f"The same holds for 5 other users ({login(2)}, " in warning
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


@pytest.mark.parametrize("shown", [True, False])
def test_who_cannot_be_read_after_an_answer_that_showed_nothing_is_not_told_as_done(shown: bool) -> None:
    """A leaver whose deactivation nobody has seen may still have access."""
    tenant = Tenant(*people(3))

    def answer(request: requests.PreparedRequest) -> Reply | None:
        if request.method == "PATCH":
            return Reply(200, tenant.users["1"] | {"active": False} if shown else {"id": "1"})
        if "PATCH" not in tenant.writes:
            return None
        return refusal(404) if str(request.url).endswith("/Users/1") else Reply(200, listing(person(2), person(3)))

    tenant.before = answer
    told = roster(tenant, [row(1, state="absent")], limits=ALL)
    assert told.kind_of(login(1)) == (None if shown else "not_confirmed")
    assert ("does not show when read once more" in " ".join(told.warnings)) is shown


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


# -- A PATCH whose answer shows nothing -----------------------------------------------------------------------------------


def silent_patch(tenant: Tenant, *, does: bool = True, hides: bool = False) -> None:
    """Let PATCH be answered by 204, and do nothing, or hide ``active`` everywhere."""

    def answer(request: requests.PreparedRequest) -> Any:
        if request.method != "PATCH":
            return None
        user = tenant.users[str(request.url).rsplit("/", 1)[-1]]
        user["active"] = json.loads(request.body or "")["Operations"][0]["value"]["active"] if does else user["active"]
        if hides:
            del user["active"]
        return Reply(204)

    tenant.before = answer


@pytest.mark.parametrize("number", [3, 40])
def test_the_verification_confirms_what_a_silent_patch_did_and_the_forecast_holds(number: int) -> None:
    tenant = Tenant(*people(number))
    silent_patch(tenant)
    told = roster(tenant, [row(1, active=False), row(2, active=False)], limits={"deactivate": 5})
    assert told.statuses == {login(1): "done", login(2): "done"}
    forecast = told.result["plan"]["forecast"]
    assert told.result["requests"]["PATCH"] == forecast["by_verb"]["PATCH"] == 2
    assert told.result["requests"]["GET"] == forecast["by_verb"]["GET"] + 1, "the listing that was read for the plan"


@pytest.mark.parametrize(("does", "hides", "kind"), [(False, False, "not_applied"), (True, True, "not_confirmed")])
def test_a_silent_patch_that_the_verification_does_not_confirm_has_failed(does: bool, hides: bool, kind: str) -> None:
    tenant = Tenant(*people(3))
    silent_patch(tenant, does=does, hides=hides)
    told = roster(tenant, [row(1, active=False)], limits={"deactivate": 5})
    assert (told.statuses, told.kind_of(login(1))) == ({login(1): "failed"}, kind)
    assert told.of(login(1))["error"]["message"].startswith(login(1))
    assert told.result["manual_actions"][0]["action"] == "deactivate_user"
    assert told.of(login(1))["user"]["active"] is (None if hides else True), "the user as read once more"


@pytest.mark.parametrize("status", [200, 204])
def test_what_nobody_could_see_done_is_not_told_as_done(status: int) -> None:
    """An answer without a body, which may be all that a gateway left of a refusal, and no right to look afterwards."""
    tenant = Tenant(*people(2))
    patched: list[str] = []

    def answer(request: requests.PreparedRequest) -> Reply | None:
        if request.method == "PATCH":
            patched.append(str(request.url))
        if len(patched) == 1 and request.method == "PATCH":
            return Reply(status)
        return refusal(401) if len(patched) > 1 else None

    tenant.before = answer
    told = roster(tenant, [row(1, state="absent"), row(2, state="absent")], limits=ALL, concurrency=1)
    assert told.kind == "token_rejected"
    assert told.statuses == {login(1): "failed", login(2): "failed"}
    assert told.kind_of(login(1)) == "not_confirmed"
    assert tenant.users["1"]["active"]


def test_a_token_that_dies_while_users_are_read_once_more_is_told_and_not_asked_for_again() -> None:
    tenant = Tenant()
    reads: list[str] = []

    def answer(request: requests.PreparedRequest) -> Reply | None:
        path = str(request.url)
        if request.method == "GET" and "/Users/" in path:
            reads.append(path)
            return refusal(401)
        if request.method == "GET" and tenant.users and "filter" not in path:
            return Reply(200, listing(*tenant.users.values(), total=0, Resources=[]))  # the listing lags behind
        return None

    tenant.before = answer
    told = roster(tenant, [newcomer(number) for number in range(1, 5)], limits=ALL, concurrency=1, unlisted="report")
    assert (told.kind, told.summary) == ("token_rejected", {"created": 4})
    assert "could not be verified" in told.message
    assert len(reads) == 1
    assert not any("may need a moment" in text for text in told.warnings)


def _joiners_in(
    meanwhile: Callable[[Tenant], None], answer: Callable[[Tenant], Reply | None] = lambda tenant: None
) -> tuple[Told, Tenant]:
    """Create three people in a tenant of some pages.

    :param meanwhile: What happens to the tenant before the end of its listing is read.
    :param answer: How it answers that, where it is not as usual.
    """
    tenant = Tenant(*people(40))
    tenant.page_size = 4

    def interfere(request: requests.PreparedRequest) -> Reply | None:
        if "startIndex=41" not in str(request.url) or len(tenant.writes) < 3:
            return None
        meanwhile(tenant)
        return answer(tenant)

    tenant.before = interfere
    return roster(tenant, [newcomer(number) for number in (50, 51, 52)]), tenant


def _last_of(tenant: Tenant) -> dict[str, Any]:
    return tenant.users[list(tenant.users)[-1]]


def test_several_creations_are_verified_by_the_end_of_the_listing() -> None:
    told, tenant = _joiners_in(lambda tenant: None)
    assert (told.summary, told.warnings) == ({"created": 3}, [])
    assert tenant.log[-1] == ("GET", "/Users")
    assert told.result["requests"] == {"GET": 1 + 1 + 3 + 1, "POST": 3}


def test_the_number_of_users_verifies_whom_the_end_of_the_listing_does_not_show() -> None:
    """Where a listing has another order than that of creation."""
    others = people(3)
    told, tenant = _joiners_in(lambda tenant: None, lambda tenant: Reply(200, listing(*others, total=43)))
    assert (told.summary, told.warnings) == ({"created": 3}, [])
    assert len(tenant.log) == 5 + 3 + 1


@pytest.mark.parametrize("answer", [Reply(400, {}), Reply(200, listing(total=42)), Reply(200, listing(total=44))])
def test_where_the_end_of_the_listing_proves_nothing_each_one_is_read(answer: Reply) -> None:
    told, tenant = _joiners_in(lambda tenant: None, lambda tenant: answer)
    assert (told.summary, told.warnings) == ({"created": 3}, [])
    assert [verb for verb, path in tenant.log[-3:] if path.startswith("/Users/new-")] == ["GET"] * 3


def test_who_is_gone_from_the_end_of_the_listing_is_told() -> None:
    def leave(tenant: Tenant) -> None:
        del tenant.users[_last_of(tenant)["id"]]

    told, _tenant = _joiners_in(leave)
    assert "1 changed user does not show when read once more" in told.warnings[0]


def test_who_is_inactive_at_the_end_of_the_listing_is_read_alone_and_told() -> None:
    told, tenant = _joiners_in(lambda tenant: _last_of(tenant).update(active=False))
    assert told.summary == {"created": 2, "failed": 1}
    assert [path for _verb, path in tenant.log[-2:]] == ["/Users", f"/Users/{_last_of(tenant)['id']}"]
