# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One user: a server without PATCH or DELETE, or with another form of PATCH."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    Call,
    Reply,
    listing,
    page,
    refusal,
    resource,
)
from ansible_collections.eightbyeight.scim.tests.unit.users import (
    ADA,
    DEACTIVATE,
    FIND_NOBODY,
    LEAVER,
    LOST,
    NEW,
    OFF,
    UNTOUCHED,
    Told,
    last_body,
    patched,
    post,
    put,
    read,
    there,
)

# -- Verbs that the server does not have --------------------------------------


@pytest.mark.parametrize("options", [{"state": "absent"}, {"active": False}])
def test_a_404_to_a_verb_of_somebody_who_is_there_means_that_there_is_no_such_verb(
    talk: Talk, memory: Memory, options: dict[str, Any]
) -> None:
    """A route that is not there is no user who is not there: a leaver must not keep access because of it."""
    delete = [Call("DELETE /Users/1", refusal(404)), read()] if "state" in options else []
    client = talk(
        there(),
        patched(refusal(404)),
        read(),
        *delete,
        read(),
        Call("PUT /Users/1", Reply(200, resource(active=False))),
    )
    told = Told(client, memory, **options)
    assert (told.error, told.operation) == (None, (True, "deactivated"))


@pytest.mark.parametrize("look", [refusal(404), refusal(403)])
def test_a_404_to_a_verb_is_believed_where_nobody_is_seen(talk: Talk, memory: Memory, look: Reply) -> None:
    after = [Call(page(count=1), Reply(200, listing()))] if look.status == 404 else []
    told = Told(talk(there(), patched(refusal(404)), Call("GET /Users/1", look), *after), memory, state="absent")
    assert (told.kind, told.operation) == ("user_not_found", UNTOUCHED)


def test_a_patch_without_a_version_that_is_refused_by_its_version_is_sent_for_any(talk: Talk, memory: Memory) -> None:
    client = talk(
        there(),
        patched(refusal(412)),
        Call("PATCH /Users/1", Reply(200, OFF), headers={"If-Match": "*"}),
    )
    assert Told(client, memory, state="absent").operation == (True, "deactivated")


@pytest.mark.parametrize("refused", [405, 501])
def test_absent_falls_back_to_put_where_there_is_no_delete_either(talk: Talk, memory: Memory, refused: int) -> None:
    """Who must lose access must not keep it for want of a verb: a PUT of the fresh read does what active=false does."""
    client = talk(
        there(),
        patched(refusal(501)),
        Call("DELETE /Users/1", refusal(refused)),
        read(shoeSize=38, meta={"version": "v1"}),
        Call("PUT /Users/1", Reply(200, OFF), headers={"If-Match": "v1"}),
    )
    told = Told(client, memory, state="absent")
    assert (told.error, told.operation) == (None, (True, "deactivated"))
    assert (last_body(client)["active"], last_body(client)["shoeSize"]) == (False, 38)


def test_a_lost_delete_is_not_forgotten_where_the_put_in_its_place_is_refused(talk: Talk, memory: Memory) -> None:
    """The DELETE was carried out, and its repetition refused by something in between."""
    client = talk(
        there(),
        patched(refusal(501)),
        Call("DELETE /Users/1", LOST),
        Call("DELETE /Users/1", refusal(405)),
        read(active=False),
        put(refusal(501)),
        read(active=False),
    )
    told = Told(client, memory, state="absent")
    assert (told.error, told.operation) == (None, (True, "deactivated"))


@pytest.mark.parametrize(
    ("options", "calls", "words"),
    [
        (
            {"state": "absent"},
            [there(), patched(refusal(405)), Call("DELETE /Users/1", refusal(405)), read(), put(refusal(501))],
            "deactivate",
        ),
        ({"active": False}, [there(), patched(refusal(405)), read(), put(refusal(405))], "deactivate"),
        (
            {"active": True},
            [there(active=False), patched(refusal(405)), read(active=False), put(refusal(405))],
            "reactivate",
        ),
        ({"title": "Boss"}, [there(), read(), put(refusal(501))], "update"),
        (NEW, [FIND_NOBODY, post(refusal(405))], "create"),
    ],
)
def test_a_server_without_the_verbs_says_what_to_do(
    talk: Talk, memory: Memory, options: dict[str, Any], calls: list[Call], words: str
) -> None:
    told = Told(talk(*calls), memory, **options)
    assert (told.kind, told.operation) == ("not_supported", UNTOUCHED)
    assert told.message.startswith(f"{ADA}: ")
    assert f"Until then, {words} the user in" in told.message
    assert "Admin Console > Home > Users" in told.message


# -- The two forms of the PATCH -----------------------------------------------


WITH_PATH = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "path": "active", "value": False}],
}


@pytest.mark.parametrize(
    "refused",
    [
        refusal(400, "path is required", "invalidPath"),
        refusal(400, "", "invalidPath"),
        refusal(400, "no target", "noTarget"),
        refusal(400, "Operations[0].path may not be null", "invalidSyntax"),
    ],
)
def test_a_patch_that_lacks_a_path_is_sent_once_more_with_one(talk: Talk, memory: Memory, refused: Reply) -> None:
    """The fact sheet (11.8) leaves open which form 8x8 takes; what was refused was not applied (RFC 7644 section 3.5.2)."""
    again = Call("PATCH /Users/1", Reply(200, OFF), body=WITH_PATH)
    told = Told(talk(there(), Call("PATCH /Users/1", refused, body=DEACTIVATE), again), memory, state="absent")
    assert (told.error, told.operation, told.warnings) == (None, (True, "deactivated"), [])


def test_a_patch_that_is_refused_in_both_forms_is_a_failure(talk: Talk, memory: Memory) -> None:
    calls = [patched(refusal(400, "path is required", "invalidPath")), patched(refusal(400, "no path please"))]
    told = Told(talk(there(), *calls), memory, state="absent")
    assert (told.kind, told.operation) == ("refused", UNTOUCHED)


@pytest.mark.parametrize(
    "answer",
    [
        refusal(400, "User has no site"),
        refusal(400, "London is closed"),
        refusal(400, "title is required"),
        refusal(400, "a mandatory attribute is missing", "invalidValue"),
        refusal(400, "userName is immutable", "mutability"),
        refusal(400, "the last administrator stays"),
    ],
)
def test_a_refused_patch_is_not_explained_by_what_it_did_not_carry(talk: Talk, memory: Memory, answer: Reply) -> None:
    told = Told(talk(there(), patched(answer)), memory, state="absent")
    assert (told.kind, told.operation, told.actions) == ("refused", UNTOUCHED, ["deactivate_user", *LEAVER])
    assert told.message.startswith(f"{ADA}: 8x8 refuses to deactivate this user")
    assert answer.body["detail"] in told.message
    assert "Admin Console > Home > Users" in told.message


@pytest.mark.parametrize(("wish", "operation"), [(True, "activated"), (False, "deactivated")])
@pytest.mark.parametrize("refused", [405, 501])
def test_present_falls_back_to_put(talk: Talk, memory: Memory, refused: int, wish: bool, operation: str) -> None:
    told = Told(
        talk(
            there(active=not wish),
            patched(refusal(refused)),
            read(active=not wish, shoeSize=38, meta={"version": "v1"}),
            Call("PUT /Users/1", Reply(200, resource(active=wish)), headers={"If-Match": "v1"}),
        ),
        memory,
        active=wish,
    )
    assert (told.error, told.operation) == (None, (True, operation))
    assert told.result["diff"]["after"] == {"active": wish}


def test_the_put_in_the_place_of_a_patch_keeps_everything(talk: Talk, memory: Memory) -> None:
    client = talk(there(), patched(refusal(501)), read(shoeSize=38, gone=None), put(Reply(200, OFF)))
    Told(client, memory, active=False)
    body = last_body(client)
    expected = {key: value for key, value in resource(shoeSize=38, active=False).items() if key not in ("id", "meta")}
    assert body == expected


def test_the_put_in_the_place_of_a_patch_does_no_damage(talk: Talk, memory: Memory) -> None:
    client = talk(there(), patched(refusal(501)), read(emails=None))
    told = Told(client, memory, active=False)
    assert (told.kind, told.operation) == ("missing_attributes", UNTOUCHED)
