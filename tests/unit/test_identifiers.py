# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Identifiers wherever they enter: what nobody sees is refused, and an accent is the same in both ways of writing it."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.audit_entry import audit_info
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.followup_entry import followup, followup_info
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.read_entry import user_info
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.user_entry import manage_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._plan import differences, plan
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.user import User
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync import planfile
from ansible_collections.eightbyeight.scim.plugins.module_utils._sync.protected import Protected
from ansible_collections.eightbyeight.scim.plugins.module_utils._wanted import Wanted
from ansible_collections.eightbyeight.scim.tests.unit.helpers import BASE, NOW, TOKEN, Tenant, client_for, resource
from ansible_collections.eightbyeight.scim.tests.unit.rosters import ALL, newcomer, person, roster, row

ADA = {"user_name": "ada@example.org"}
MODULES: dict[str, Any] = {
    "followup": (argspec.FOLLOWUP, followup),
    "followup_info": (argspec.FOLLOWUP_INFO, followup_info),
    "audit_info": (argspec.AUDIT_INFO, audit_info),
    "user_info": (argspec.USER_INFO, user_info),
    "user": (argspec.USER, manage_user),
}
#: Options of a module with one character in them that nobody sees, and the word by which the message names the option.
UNSEEN: list[tuple[str, dict[str, Any], str]] = [
    ("followup", {"actions": [{"action": "assign_license", "user_name": "\ufeffada@example.org"}]}, "user_name"),
    ("followup", {"actions": [{"action": "assign_license", "user_id": "1\u200b", "user_name": "ada"}]}, "user_id"),
    ("followup", {"actions": [{"action": "assign_\u200blicense", **ADA}]}, "action"),
    ("followup", {"action": "assign_license\u2060", **ADA}, "action"),
    ("followup", {"action": "assign_license", **ADA, "owner": "service\u00addesk"}, "owner"),
    ("followup_info", {"owner": "service\u200bdesk"}, "owner"),
    ("audit_info", {"license_ignore": ["*DID\u200b*"]}, "license_ignore"),
    ("audit_info", {"protected": ["boss\u200b@example.org"]}, "protected"),
    ("user_info", {"extension_urn": "urn:example:\u200buser"}, "extension_urn"),
    ("user", {**ADA, "extension_urn": "urn:example:\u200buser"}, "extension_urn"),
    ("user", {**ADA, "email": "ada\u3164@example.org"}, "email"),
]


@pytest.mark.parametrize(("module", "options", "named"), UNSEEN)
def test_what_nobody_sees_is_refused_by_name_before_anything_is_done(
    tmp_path: Path, module: str, options: dict[str, Any], named: str
) -> None:
    spec, run = MODULES[module]
    path = {"path": str(tmp_path / "ledger")} if "path" in spec.argument_spec else {}
    defaults = {name: option.get("default") for name, option in spec.argument_spec.items()}
    outcome = run({**defaults, "api_url": BASE, "api_token": TOKEN, **path, **options}, False)
    assert (outcome.failed, outcome.result["error"]["kind"]) == (True, "bad_option")
    assert named in outcome.result["msg"] and "invisible character U+" in outcome.result["msg"]
    assert list(tmp_path.iterdir()) == []


def test_who_is_named_by_id_is_called_as_the_tenant_calls_them(tmp_path: Path) -> None:
    """A tenant may hold such a name from before; a task on the ledger must not fail because of it."""
    defaults = {name: option.get("default") for name, option in argspec.FOLLOWUP.argument_spec.items()}
    entry = {"action": "reclaim_license", "user_id": "1", "user_name": "\ufeffada@example.org"}
    outcome = followup({**defaults, "api_url": BASE, "path": str(tmp_path / "ledger"), "actions": [entry]}, False)
    assert outcome.result["counts"]["open"] == 1


@pytest.mark.parametrize("name", ["user_name", "external_id", "email", "site"])
def test_a_plan_that_was_made_by_hand_creates_nobody_whom_nobody_can_type(tmp_path: Path, name: str) -> None:
    created = {**newcomer(9), "external_id": "E9", "site": "London", "locale": "en-GB", "active": True}
    created[name] = f"{created[name][:1]}\u200b{created[name][1:]}"
    entry = {"row": 1, "user_name": created["user_name"], "id": None, "operation": "created", "before": None}
    document = planfile.document(BASE, [{**entry, "after": created}], NOW, users=1, complete=True)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    tenant = Tenant(person(1))
    told = roster(tenant, apply_plan=str(path), plan_digest=document["digest"])
    assert (told.result["summary"]["failed"], len(tenant.users)) == (1, 1)
    assert f"{name} " in str(told.error) and "U+200B" in str(told.error)


#: The same text with its accent in one character, and in two.
ONE, TWO = (unicodedata.normalize(form, "Ren\u00e9") for form in ("NFC", "NFD"))


@pytest.mark.parametrize("name", ["given_name", "family_name", "title", "department", "site", "external_id"])
@pytest.mark.parametrize(("held", "asked"), [(ONE, TWO), (TWO, ONE)])
def test_two_ways_of_writing_an_accent_are_no_difference(name: str, held: str, asked: str) -> None:
    whole = plan(None, Wanted("a@example.org", attributes={**newcomer(9), name: held, "user_name": None}, active=True))
    user = User({**(whole.body or {}), "id": "1"})
    assert user.view[name] == held
    wanted = Wanted("a@example.org", attributes={name: asked})
    assert not plan(user, wanted).changed
    assert differences(user, wanted) == ({}, {})


def test_an_external_id_finds_its_person_in_both_ways_of_writing_it() -> None:
    """Else a person with a new login name is created a second time, and the first account is switched off."""
    tenant = Tenant(person(1, externalId=TWO), person(2))
    told = roster(tenant, [newcomer(7, external_id=ONE), row(2)], unlisted="deactivate", limits=ALL)
    assert told.result["results"][0]["error"]["kind"] == "user_name_fixed"
    assert [(raw["userName"], raw["active"]) for raw in tenant.users.values()] == [
        ("u1@example.org", True),
        ("u2@example.org", True),
    ]
    twice = roster(Tenant(resource()), [row(1, external_id=ONE), row(2, external_id=TWO)])
    assert "the same as in row 1" in str(twice.error)


#: Login names that a tenant may hold because another client or a person pasted them; each looks like that of person 1.
PASTED = (
    "u1@example.org ",
    "\ufeffu1@example.org",
    "U1@exam\u200bple.org",
    "u1@example.org\u00a0",
    "u1@exa\u00admple.org",
    "\u200fu1@example.org",
)


@pytest.mark.parametrize("pasted", PASTED)
@pytest.mark.parametrize("wanted", [newcomer(1), row(1, state="absent"), row(1, active=False)])
def test_who_only_looks_like_the_person_of_a_row_is_neither_doubled_nor_left_out(
    pasted: str, wanted: dict[str, Any]
) -> None:
    """Else the pasted account is switched off, or kept by somebody who left, and the person gets a second one."""
    tenant = Tenant({**person(1), "userName": pasted}, person(2))
    told = roster(tenant, [wanted, row(2)], unlisted="deactivate", limits=ALL)
    assert (told.summary, tenant.writes) == ({"refused": 1, "unchanged": 1}, [])
    assert told.kind_of(row(1)["user_name"]) == "ambiguous"
    assert "id 1, whose login name" in told.message and "give user_id" in told.message
    assert told.message.isprintable()
    again = roster(tenant, [{"user_id": "1", "active": False}, row(2)], unlisted="deactivate", limits=ALL)
    assert again.summary == {"deactivated": 1, "unchanged": 1}


def test_a_row_means_whoever_has_exactly_its_login_before_anybody_who_looks_the_same() -> None:
    tenant = Tenant({**person(1), "userName": PASTED[1]}, {**person(3), "userName": "u1@example.org"})
    told = roster(tenant, [row(1, title="Boss")], unlisted="report", limits=ALL)
    assert told.summary == {"updated": 1, "unlisted": 1}
    assert tenant.users["3"]["title"] == "Boss"


@pytest.mark.parametrize("pasted", PASTED)
def test_a_listing_that_takes_the_place_of_the_filter_shows_who_only_looks_the_same(pasted: str) -> None:
    tenant = Tenant({**person(1), "userName": pasted}, person(2))
    tenant.filters = "ignored"
    with pytest.raises(EightByEightError) as told:
        client_for(tenant).find_user("u1@example.org")
    assert told.value.kind == "ambiguous"


@pytest.mark.parametrize("pasted", PASTED)
def test_a_pasted_login_is_protected_as_it_looks(pasted: str) -> None:
    protected = Protected(["U1@example.org"])
    assert protected.covers(pasted)
    assert protected.warnings([pasted]) == []
    tenant = Tenant({**person(1), "userName": pasted}, person(2))
    told = roster(tenant, [row(2)], unlisted="deactivate", limits=ALL, protected=["u1@*"])
    assert (told.summary, tenant.writes) == ({"protected": 1, "unchanged": 1}, [])
