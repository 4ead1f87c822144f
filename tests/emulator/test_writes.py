# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What servers of other people do with a write, and 8x8 may: a task on one user does it right, says so, and does it once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tenant_client import Tasks

Start = Callable[..., Tasks]

ADA = "ada@example.org"
PERSON: dict[str, Any] = {
    "user_name": ADA,
    "given_name": "Ada",
    "family_name": "Lovelace",
    "title": "Analyst",
    "external_id": "7",
}


def stored(tenant: Tasks) -> dict[str, Any]:
    user = tenant.api.find(ADA)
    assert user is not None
    result: dict[str, Any] = user["resource"]
    return result


def writes(tenant: Tasks) -> list[str]:
    sent = [entry["method"] for entry in tenant.api.tenant.log if entry["method"] != "GET"]
    tenant.api.tenant.clear_log()
    return sent


@pytest.mark.parametrize("form", ["success_false", "problem", "errors", "empty_object"])
@pytest.mark.parametrize("options", [{"site": "Nowhere"}, {"locale": "tlh"}])
def test_a_refusal_behind_a_200_is_told_as_one(tasks: Start, form: str, options: dict[str, Any]) -> None:
    tenant = tasks([PERSON], refused_as=form)
    for _run in range(2):
        told = tenant.user(user_name=ADA, **options)
        assert (told["changed"], told["operation"], told["error"]["kind"]) == (False, "unchanged", "bad_answer")
        assert told["msg"].startswith(f"{ADA} was not changed")
    assert writes(tenant) == ["PUT", "PUT"], "nothing was concluded from it"


@pytest.mark.parametrize("form", ["success_false", "problem", "errors", "empty_object"])
@pytest.mark.parametrize("applied", [True, False])
def test_what_a_false_answer_hides_is_looked_for(tasks: Start, form: str, applied: bool) -> None:
    for options, method, operation in (
        ({"title": "Boss"}, "PUT", "updated"),
        ({"state": "absent"}, "PATCH", "deactivated"),
    ):
        fault = {"on": {"method": method}, "do": "false_success", "form": form, "applied": applied}
        tenant = tasks([PERSON], [fault])
        told = tenant.user(user_name=ADA, **options)
        assert (told["changed"], told["operation"]) == ((True, operation) if applied else (False, "unchanged"))


@pytest.mark.parametrize(("switch", "taken"), [("keep", True), ("never", False), ("refuse", False), ("stumble", False)])
def test_a_server_that_merges(tasks: Start, switch: str, taken: bool) -> None:
    """One that refuses null, or stumbles over it, has done the rest all the same."""
    tenant = tasks([{**PERSON, "timezone": "Europe/London"}], put_omitted=switch)
    told = tenant.user(user_name=ADA, title="", external_id="", locale="fr-FR")
    assert (told["operation"], told["user"]["locale"]) == ("updated", "fr-FR")
    assert (told["user"]["title"], told["user"]["external_id"]) == ((None, None) if taken else ("Analyst", "7"))
    assert len(told["warnings"]) == (not taken)
    # A 500 may pass, so it is tried once more.
    assert writes(tenant) == ["PUT"] * (3 if switch == "stumble" else 2)
    again = tenant.user(user_name=ADA, title="", external_id="", locale="fr-FR")
    assert (again["operation"], again["warnings"], writes(tenant)) == ("unchanged", [], [])


@pytest.mark.parametrize("place", ["both", "header", "body"])
@pytest.mark.parametrize("demanded", ["accept", "428"])
@pytest.mark.parametrize("match", ["weak", "strong"])
def test_versions_of_every_kind(tasks: Start, place: str, demanded: str, match: str) -> None:
    tenant = tasks([PERSON], etags=True, version_place=place, missing_if_match=demanded, if_match=match)
    told = tenant.user(user_name=ADA, title="Boss")
    assert ("error" not in told, told["operation"]) == (True, "updated"), told
    assert len(told["warnings"]) == (match == "strong")
    assert tenant.user(user_name=ADA, title="Boss", active=False)["operation"] == "deactivated"
    assert (stored(tenant)["title"], stored(tenant)["active"]) == ("Boss", False)


@pytest.mark.parametrize("kind", ["application/json", "application/scim+json"])
def test_a_content_type_that_is_demanded(tasks: Start, kind: str) -> None:
    tenant = tasks([PERSON], request_media_type=kind)
    assert tenant.user(user_name=ADA, title="Boss")["operation"] == "updated"
    assert tenant.user(user_name=ADA, state="absent")["operation"] == "deactivated"
    refused = "scim" if kind == "application/json" else "json"
    told = tenant.user(user_name=ADA, title="Chief", content_type=refused)
    assert (told["error"]["kind"], told["error"]["status"]) == ("refused", 415)
    assert "content_type" in told["msg"]


@pytest.mark.parametrize("names", ["stored", "derived", "leading"])
def test_a_new_family_name_is_shown_wherever_the_name_is(tasks: Start, names: str) -> None:
    tenant = tasks([PERSON], whole_names=names)
    assert tenant.user(user_name=ADA, title="Boss")["operation"] == "updated"
    told = tenant.user(user_name=ADA, family_name="King")
    assert (told["operation"], told["user"]["family_name"], told["warnings"]) == ("updated", "King", [])
    raw = tenant.api.get(f"/Users/{told['user']['id']}").json()
    assert "Lovelace" not in str(raw)
    assert raw["name"]["formatted"] == "Ada King"


@pytest.mark.parametrize("delay", [1, 2])
def test_a_read_that_lags_is_not_remembered(tasks: Start, delay: int) -> None:
    tenant = tasks([PERSON], write_answers="partial", read_delay=delay)
    assert tenant.user(user_name=ADA, title="Boss")["operation"] == "updated"
    assert stored(tenant)["title"] == "Boss"
    tenant.api.tenant.set_switches(read_delay=0)
    assert tenant.user(user_name=ADA, title="Boss")["operation"] == "unchanged"
    tenant.api.tenant.edit_user(ADA, title="Analyst")
    assert tenant.user(user_name=ADA, title="Boss")["operation"] == "updated"


@pytest.mark.parametrize("kind", ["404", "404 empty", "404 html"])
def test_a_mistyped_id_keeps_nobody_active(tasks: Start, kind: str) -> None:
    tenant = tasks([PERSON], unknown_id=kind)
    told = tenant.user(user_name=ADA, user_id="mistyped", state="absent")
    assert told["error"]["kind"] == "user_name_fixed"
    assert "has the id" in told["msg"]
    assert tenant.user(user_id="mistyped", state="absent")["operation"] == "unchanged"


def test_a_masked_number_is_not_written_back(tasks: Start) -> None:
    tenant = tasks([PERSON], normalize={"phoneNumbers": "digits"})
    wish = [{"type": "mobile", "value": "+44 20 7946 0000"}]
    assert len(tenant.user(user_name=ADA, phone_numbers=wish)["warnings"]) == 1
    tenant.api.tenant.set_switches(normalize={})
    told = tenant.user(user_name=ADA, phone_numbers=wish, title="Boss")
    assert (told["user"]["phone_numbers"], told["warnings"]) == (wish, [])
