# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One user: where nothing is to do, and check mode."""

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
    search,
)
from ansible_collections.eightbyeight.scim.tests.unit.users import ADA, FIND_NOBODY, NEW, UNTOUCHED, Told, read, there

# -- Nothing to do ------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "options"),
    [
        (there(), {}),
        (there(), {"title": "Analyst", "site": "London"}),
        (there(active=False), {"active": False}),
        (there(active=False), {"state": "absent"}),
        (FIND_NOBODY, {"state": "absent"}),
    ],
)
def test_a_user_who_is_as_wanted_costs_one_read(
    talk: Talk, memory: Memory, call: Call, options: dict[str, Any]
) -> None:
    told = Told(talk(call), memory, **options)
    assert (told.error, told.operation, told.warnings, told.actions) == (None, UNTOUCHED, [], [])
    assert told.result["diff"]["before"] == told.result["diff"]["after"] == {}


def test_an_id_is_read_and_not_searched(talk: Talk, memory: Memory) -> None:
    told = Told(talk(read()), memory, user_name=None, user_id="1")
    assert told.result["user"]["user_name"] == ADA


def test_an_id_that_nobody_has_is_told_and_nobody_is_created(talk: Talk, memory: Memory) -> None:
    client = talk(Call("GET /Users/1", refusal(404)), Call(page(count=1), Reply(200, listing())))
    told = Told(client, memory, user_id="1", **NEW)
    assert told.kind == "user_not_found"
    assert "no user with the id 1. To create a user, leave user_id out" in told.message


@pytest.mark.parametrize(
    ("more", "calls", "kind"),
    [
        # Absent: nobody has the id, and nobody else was named.
        ({"user_name": None}, [], None),
        # The name is looked up too: a mistyped id must not let somebody keep access.
        ({}, [FIND_NOBODY], None),
        ({}, [Call(search(ADA), Reply(200, listing(resource("2"))))], "user_name_fixed"),
        ({}, [Call(search(ADA), Reply(200, listing(total=4)))], "incomplete_listing"),
    ],
)
def test_absent_by_an_id_that_nobody_has(
    talk: Talk, memory: Memory, more: dict[str, Any], calls: list[Call], kind: str | None
) -> None:
    client = talk(Call("GET /Users/1", refusal(404)), Call(page(count=1), Reply(200, listing())), *calls)
    told = Told(client, memory, user_id="1", state="absent", **more)
    assert (told.kind, told.operation) == (kind, UNTOUCHED)


def test_an_id_and_a_name_of_two_people_are_refused(talk: Talk, memory: Memory) -> None:
    told = Told(talk(read(user_name="eve@example.org")), memory, user_id="1", title="Boss")
    assert (told.kind, told.operation) == ("user_name_fixed", UNTOUCHED)
    assert told.actions == ["rename_user"]


def test_nobody_is_declared_absent_by_a_listing_that_does_not_add_up(talk: Talk, memory: Memory) -> None:
    told = Told(talk(Call(search(ADA), Reply(200, listing(total=1)))), memory, state="absent")
    assert (told.kind, told.operation) == ("incomplete_listing", UNTOUCHED)
    assert ADA in told.message


# -- Check mode ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("calls", "options", "operation", "user_id"),
    [
        ([FIND_NOBODY], NEW, (True, "created"), None),
        ([there(), read()], {"title": "Boss"}, (True, "updated"), "1"),
        ([there()], {"state": "absent"}, (True, "deactivated"), "1"),
        ([there(active=False)], {"active": True}, (True, "activated"), "1"),
        ([there()], {}, UNTOUCHED, "1"),
    ],
)
def test_check_mode_reads_and_tells(
    talk: Talk, memory: Memory, calls: list[Call], options: dict[str, Any], operation: Any, user_id: str | None
) -> None:
    told = Told(talk(*calls), memory, True, **options)
    assert (told.error, told.operation, told.result["user"]["id"]) == (None, operation, user_id)
    assert told.result["user"]["active"] is (options.get("state") != "absent")


def test_check_mode_shows_the_user_as_it_is_where_it_fails(talk: Talk, memory: Memory) -> None:
    told = Told(talk(there()), memory, True, site="Paris")
    assert told.result["user"]["site"] == "London"
