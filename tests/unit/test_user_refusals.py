# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One user: refusals of 8x8, explained."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError
from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import DEFAULT_EXTENSION_URN
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    Call,
    Reply,
    listing,
    page,
    refusal,
)
from ansible_collections.eightbyeight.scim.tests.unit.users import (
    ADA,
    FIND_NOBODY,
    LIST_NOBODY,
    NEW,
    UNTOUCHED,
    Told,
    post,
    put,
    read,
    there,
)

REFUSED = [
    # what is asked for, how she is, the answer -> kind, words, manual actions
    ({"site": "Paris"}, None, refusal(400, "no site Paris"), "unknown_site", "does not know the site 'Paris'", ["check_site"]),
    ({"site": "Paris"}, None, refusal(400, "Invalid SITE", "invalidValue"), "unknown_site", "match exactly", ["check_site"]),
    ({"site": "Paris"}, None, refusal(400, "site", "mutability"), "site_fixed", "it can be set once", ["change_site"]),
    ({"title": "Boss"}, "London", refusal(400, "no site London"), "unknown_site", "probably renamed", ["check_site"]),
    ({"title": "Boss"}, "London", refusal(400, "userName is read-only", "mutability"), "user_name_fixed", "fixed at creation", ["rename_user"]),
    ({"title": "Boss"}, None, refusal(400, "locale is mandatory"), "missing_attributes", "required attribute", []),
    ({"site": "Paris"}, None, refusal(400, "site cannot be updated after user creation"), "site_fixed", "it can be set once", ["change_site"]),
    ({"site": "Paris"}, None, refusal(400, "Site is read-only", "invalidValue"), "site_fixed", "it can be set once", ["change_site"]),
    ({"site": "Paris"}, None, refusal(400, "site was already set"), "site_fixed", "it can be set once", ["change_site"]),
    ({"site": "Paris"}, None, refusal(400, "The site attribute is immutable"), "site_fixed", "it can be set once", ["change_site"]),
    ({"site": "Paris"}, None, refusal(400, "site can't be changed"), "site_fixed", "it can be set once", ["change_site"]),
    ({"title": "Boss"}, None, refusal(400, "userName cannot be modified"), "user_name_fixed", "fixed at creation", ["rename_user"]),
    ({"title": "Boss"}, None, refusal(400, "path is required", "invalidPath"), "refused", "path is required", []),
    ({"title": "Boss"}, None, refusal(400, "missing brace", "invalidSyntax"), "refused", "missing brace", []),
    ({"title": "Boss"}, None, refusal(400, "title too long"), "refused", "title too long", []),
    ({"title": "Boss"}, None, refusal(400), "refused", "gave no reason", []),
    ({"title": "Boss"}, None, refusal(403), "not_write_client", "Only one client may write", []),
    ({"title": "Boss"}, None, refusal(401), "token_rejected", "single sign-on", []),
    ({"external_id": "7"}, None, refusal(409, "externalId is taken"), "conflict", "externalId is taken", []),
]  # fmt: skip


@pytest.mark.parametrize(("options", "site", "answer", "kind", "words", "actions"), REFUSED)
def test_a_refused_update_is_explained(
    talk: Talk,
    memory: Memory,
    options: dict[str, Any],
    site: str | None,
    answer: Reply,
    kind: str,
    words: str,
    actions: list[str],
) -> None:
    extension = {DEFAULT_EXTENSION_URN: {"site": site} if site else None}
    told = Told(talk(there(**extension), read(**extension), put(answer)), memory, **options)
    assert (told.kind, told.operation, told.actions) == (kind, UNTOUCHED, actions)
    assert words in told.message
    assert ADA in told.message
    assert told.error is not None
    assert (told.error.status, told.error.method, told.error.path) == (answer.status, "PUT", "/Users/1")
    for entry in told.result["manual_actions"]:
        assert (entry["user_name"], entry["user_id"]) == (ADA, "1")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal(400, "no site Rome", "invalidValue"), "unknown_site"),
        (refusal(400, "familyName is required"), "missing_attributes"),
        (refusal(403), "not_write_client"),
        (refusal(404), "refused"),
    ],
)
def test_a_refused_creation_is_explained(talk: Talk, memory: Memory, answer: Reply, kind: str) -> None:
    told = Told(talk(FIND_NOBODY, post(answer)), memory, site="Rome", **NEW)
    assert (told.kind, told.operation, told.result["user"]) == (kind, UNTOUCHED, None)
    assert ADA in told.message


@pytest.mark.parametrize("detail", ["userName must be shorter", "The user is locked", "must not contain a composite"])
def test_a_short_site_name_does_not_explain_every_refusal(talk: Talk, memory: Memory, detail: str) -> None:
    """A site called US is in the words "user" and "must", and "site" is in "composite"."""
    extension = {DEFAULT_EXTENSION_URN: {"site": "US"}}
    told = Told(talk(there(**extension), read(**extension), put(refusal(400, detail))), memory, title="Boss")
    assert (told.kind, told.actions) == ("refused", [])


def test_a_conflict_about_something_else_is_not_blamed_on_the_login_name(talk: Talk, memory: Memory) -> None:
    conflict = refusal(400, "externalId 7 already exists")
    told = Told(talk(FIND_NOBODY, post(conflict), FIND_NOBODY, LIST_NOBODY), memory, external_id="7", **NEW)
    assert "externalId 7 already exists" in told.message
    assert told.kind == "conflict"


def test_a_conflict_about_an_e_mail_address_is_not_blamed_on_the_login_name(talk: Talk, memory: Memory) -> None:
    told = Told(
        talk(FIND_NOBODY, post(refusal(409, "email address already in use")), FIND_NOBODY, LIST_NOBODY), memory, **NEW
    )
    assert (told.kind, told.operation) == ("conflict", UNTOUCHED)
    assert "Another user already has the email" in told.message


NO_SITE = [
    refusal(404, "Site London not found"),
    refusal(409, "Site London does not exist"),
    refusal(400, "London?", "invalidValue"),
    Reply(400, "unknown site", {"Content-Type": "text/plain"}),
]


@pytest.mark.parametrize("answer", NO_SITE)
def test_however_an_unknown_site_is_told_it_is_one_when_somebody_is_created(
    talk: Talk, memory: Memory, answer: Reply
) -> None:
    """Codes and texts of 8x8 are unknown (11.1)."""
    look = [FIND_NOBODY, LIST_NOBODY] if answer.status == 409 else []
    told = Told(talk(FIND_NOBODY, post(answer), *look), memory, site="London", **NEW)
    assert (told.kind, told.operation, told.actions) == ("unknown_site", UNTOUCHED, ["check_site"])
    assert "does not know the site 'London'" in told.message


@pytest.mark.parametrize("answer", NO_SITE)
def test_however_an_unknown_site_is_told_it_is_one_when_it_is_set(talk: Talk, memory: Memory, answer: Reply) -> None:
    extension: dict[str, Any] = {DEFAULT_EXTENSION_URN: None}
    looks = [read(**extension)] if answer.status == 404 else []
    told = Told(talk(there(**extension), read(**extension), put(answer), *looks), memory, site="London")
    assert (told.kind, told.operation, told.actions) == ("unknown_site", UNTOUCHED, ["check_site"])


def test_a_customer_or_a_user_who_is_not_there_is_no_unknown_site(talk: Talk, memory: Memory) -> None:
    assert Told(talk(FIND_NOBODY, post(refusal(404))), memory, site="London", **NEW).kind == "refused"
    gone = [Call("GET /Users/1", refusal(404)), Call(page(count=1), Reply(200, listing()))]
    told = Told(talk(there(), read(), put(refusal(404, "no such user")), *gone), memory, title="Boss")
    assert told.kind == "user_not_found"


def test_a_404_to_a_creation_does_not_accuse_the_customer_who_was_read_just_now(talk: Talk, memory: Memory) -> None:
    told = Told(talk(FIND_NOBODY, post(refusal(404, "no route"))), memory, **NEW)
    assert "customer is right" in told.message and "no route" in told.message


def test_a_404_to_an_update_of_somebody_who_is_there_says_so(talk: Talk, memory: Memory) -> None:
    told = Told(talk(there(), read(), put(refusal(404, "no route")), read()), memory, title="Boss")
    assert (told.kind, told.operation) == ("refused", UNTOUCHED)
    assert "PUT answered 404, and the user is there all the same" in told.message and "no route" in told.message


def test_a_line_of_text_explains_a_refusal_and_is_not_repeated(talk: Talk, memory: Memory) -> None:
    answer = Reply(400, "Rejected: site London; Cookie: SESSION=abc", {"Content-Type": "text/plain"})
    told = Told(talk(FIND_NOBODY, post(answer)), memory, site="London", **NEW)
    assert told.kind == "unknown_site"
    assert "SESSION" not in json.dumps(told.result) + told.message


def test_a_site_that_is_fixed_is_refused_before_anything_is_sent(talk: Talk, memory: Memory) -> None:
    told = Told(talk(there()), memory, site="Paris")
    assert (told.kind, told.operation, told.actions) == ("site_fixed", UNTOUCHED, ["change_site"])
    (entry,) = told.result["manual_actions"]
    assert "London" in entry["reason"]
    assert "Paris" in entry["reason"]
    assert "Admin Console" in entry["where"]


@pytest.mark.parametrize("options", [{"family_name": ""}, {"given_name": "", "email": ""}])
def test_a_wish_that_cannot_be_sent_is_refused(talk: Talk, memory: Memory, options: dict[str, Any]) -> None:
    told = Told(talk(there()), memory, **options)
    assert isinstance(told.error, BadOptionError)
    assert told.result["user"]["user_name"] == ADA
