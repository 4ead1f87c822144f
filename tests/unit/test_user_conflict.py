# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One user: changed by somebody else in between."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    Call,
    Reply,
    Tenant,
    client_for,
    refusal,
    resource,
)
from ansible_collections.eightbyeight.scim.tests.unit.users import (
    LOST,
    UNTOUCHED,
    Told,
    last_body,
    patched,
    put,
    read,
    there,
)

V1 = {"meta": {"version": "v1"}}
V2 = {"meta": {"version": "v2"}}


def put_if(version: str, answer: Any) -> Call:
    return Call("PUT /Users/1", answer, headers={"If-Match": version})


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize(
    "words", ["Weak validators are not allowed in If-Match", "Malformed ETag", "Precondition failed"]
)
def test_a_refusal_of_the_version_itself_is_one_of_the_version(
    talk: Talk, memory: Memory, status: int, words: str
) -> None:
    client = talk(
        there(), read(**V1), put_if("v1", refusal(status, words)), read(**V1), put(Reply(200, resource(title="Boss")))
    )
    told = Told(client, memory, title="Boss")
    assert (told.error, told.operation) == (None, (True, "updated"))
    # Where none was sent, it is about something else.
    told = Told(talk(there(), read(), put(refusal(status, words))), memory, title="Chief")
    assert told.kind == "refused"


def test_after_a_version_conflict_the_update_is_made_anew(talk: Talk, memory: Memory) -> None:
    client = talk(
        there(),
        read(**V1),
        put_if("v1", refusal(412)),
        read(**V2, locale="fr-FR"),
        put_if("v2", Reply(200, resource(title="Boss", locale="fr-FR"))),
    )
    told = Told(client, memory, title="Boss")
    assert (told.error, told.operation) == (None, (True, "updated"))
    assert last_body(client)["locale"] == "fr-FR"


def test_a_second_version_conflict_is_a_failure_that_says_why(memory: Memory) -> None:
    tenant = Tenant(resource())

    def busy(request: requests.PreparedRequest) -> Reply | None:
        if request.method != "PUT":
            return None
        tenant.users["1"]["locale"] = f"l{len(tenant.log)}"
        return refusal(412)

    tenant.before = busy
    told = Told(client_for(tenant), memory, title="Boss")
    assert (told.kind, told.operation) == ("changed_meanwhile", UNTOUCHED)
    assert tenant.writes == ["PUT"] * 2
    assert "ada@example.org was changed by somebody else 2 times while this task was writing" in told.message
    assert "left alone" in told.message


LATER = {"created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-03T00:00:00Z"}


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("found", "fresh", "told"),
    [
        ({}, {"meta": LATER, "title": "Chief"}, "title was 'Analyst', then 'Chief'"),
        ({"title": None}, {"meta": LATER, "title": "Chief"}, "title was empty, then 'Chief'"),
        ({}, {"meta": LATER, "active": False, "locale": "fr-FR"}, "locale was 'en-GB', then 'fr-FR'; active was True"),
        # Without times only what both reads show tells of a change: a listing may hold less.
        ({"meta": None}, {"meta": None, "title": "Chief"}, "title was 'Analyst', then 'Chief'"),
        ({"meta": None, "title": None}, {"meta": None}, None),
        ({"meta": None}, {"title": None, "meta": None}, None),
        ({"title": None}, {}, None),
        ({}, {"meta": LATER}, None),
        ({}, {}, None),
    ],
)
def test_somebody_else_who_writes_between_two_reads_is_told_of(
    talk: Talk, memory: Memory, found: dict[str, Any], fresh: dict[str, Any], told: str | None, check: bool
) -> None:
    answer = Reply(200, resource(**{**fresh, "externalId": "7", "active": True}))
    client = talk(there(**found), read(**fresh), *([] if check else [put(answer)]))
    run = Told(client, memory, check_mode=check, external_id="7", active=True)
    assert run.error is None
    if told is None:
        assert run.warnings == []
        return
    (warning,) = run.warnings
    assert told in warning
    assert "was changed while this task was at it" in warning


def test_a_version_conflict_tells_what_somebody_else_changed(talk: Talk, memory: Memory) -> None:
    client = talk(
        there(),
        read(**V1),
        put_if("v1", refusal(412)),
        read(meta={"version": "v2", **LATER}, locale="fr-FR"),
        put_if("v2", Reply(200, resource(title="Boss", locale="fr-FR"))),
    )
    (warning,) = Told(client, memory, title="Boss").warnings
    assert "locale was 'en-GB', then 'fr-FR'), by somebody else." in warning


def test_our_own_newer_version_is_nobody_else_s(talk: Talk, memory: Memory) -> None:
    client = talk(there(), read(), put(LOST), put(refusal(412)), read(title="Boss", meta=LATER))
    assert Told(client, memory, title="Boss").warnings == []


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"title": "Chief"}, "title was 'Analyst', is 'Chief'"),
        ({"locale": "fr-FR", "title": "Chief"}, "title was 'Analyst', is 'Chief'; locale was 'en-GB', is 'fr-FR'"),
        ({"timezone": "Europe/Paris"}, None),
        ({}, None),
    ],
)
def test_what_comes_out_of_an_update_different_although_it_was_not_set_is_told(
    talk: Talk, memory: Memory, answer: dict[str, Any], told: str | None
) -> None:
    """Without versions nothing keeps somebody else from writing at the same moment; what shows of it is told."""
    client = talk(there(), read(), put(Reply(200, resource(externalId="7", **answer))))
    run = Told(client, memory, external_id="7")
    assert (run.error, run.operation) == (None, (True, "updated"))
    if told is None:
        assert run.warnings == []
        return
    (warning,) = run.warnings
    assert told in warning


def test_a_server_without_patch_whose_versions_never_match_does_not_hold_us(memory: Memory) -> None:
    tenant = Tenant(resource())
    tenant.patch = False
    tenant.before = lambda request: refusal(412) if request.method == "PUT" else None
    told = Told(client_for(tenant), memory, active=False)
    assert (told.kind, told.operation) == ("changed_meanwhile", UNTOUCHED)
    assert len(tenant.writes) < 10


def test_somebody_else_made_the_change_meanwhile(talk: Talk, memory: Memory) -> None:
    told = Told(talk(there(), read(), put(refusal(412)), read(title="Boss")), memory, title="Boss")
    assert (told.error, told.operation) == (None, UNTOUCHED)
    assert told.result["user"]["title"] == "Boss"


def test_our_own_write_whose_reply_was_lost_is_told_as_ours(talk: Talk, memory: Memory) -> None:
    told = Told(talk(there(), read(), put(LOST), put(refusal(412)), read(title="Boss")), memory, title="Boss")
    assert (told.error, told.operation) == (None, (True, "updated"))


def test_what_a_lost_try_did_and_what_is_left_of_it_are_told_together(talk: Talk, memory: Memory) -> None:
    """The first PUT was carried out, all but the title, and its answer was lost: this task deactivated the user all the same."""
    done: dict[str, Any] = {"title": None, "active": False, "externalId": "7", **V2}
    client = talk(
        there(),
        read(**V1),
        put_if("v1", LOST),
        put_if("v1", refusal(412)),
        read(**done),
        put_if("v2", Reply(200, resource(**done))),
        read(**done),
        read(**done),
    )
    told = Told(client, memory, title="Boss", external_id="7", active=False)
    assert (told.error, told.operation) == (None, (True, "deactivated"))
    assert told.result["diff"]["before"] == {"external_id": None, "active": True, "title": "Analyst"}
    assert told.result["diff"]["after"] == {"external_id": "7", "active": False, "title": "Boss"}


def test_after_a_version_conflict_only_active_may_be_left(talk: Talk, memory: Memory) -> None:
    fresh = read(title="Boss", locale="fr-FR", meta=LATER)
    client = talk(there(), read(), put(refusal(412)), fresh, patched(Reply(200, {"active": False})))
    told = Told(client, memory, title="Boss", active=False)
    assert (told.error, told.operation) == (None, (True, "deactivated"))
    assert ["by somebody else." in warning for warning in told.warnings] == [True], "and nothing came out different"
    assert told.result["diff"]["after"] == {"active": False}
