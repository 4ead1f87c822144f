# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Habits of a tenant that must cost no attribute and no wish: two extension URNs, listings that leave out, types and versions."""

from __future__ import annotations

from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._plan import plan
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import (
    DEFAULT_EXTENSION_URN,
    KNOWN_EXTENSION_URNS,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.user import User
from ansible_collections.eightbyeight.scim.plugins.module_utils._wanted import Wanted
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import Call, Reply, Tenant, client_for, refusal, resource
from ansible_collections.eightbyeight.scim.tests.unit.users import ADA, UNTOUCHED, Told, read, there

SCIM, JSON = "application/scim+json", "application/json"
V1: dict[str, Any] = {"meta": {"version": 'W/"1"'}}


def put_as(kind: str, version: str | None, answer: Reply) -> Call:
    return Call("PUT /Users/1", answer, headers={"Content-Type": kind, "If-Match": version})


def test_a_type_that_only_the_version_kept_from_being_taken_is_the_right_one(talk: Talk, memory: Memory) -> None:
    client = talk(
        there(),
        read(**V1),
        put_as(SCIM, 'W/"1"', refusal(415)),
        put_as(JSON, 'W/"1"', refusal(412)),
        read(**V1),
        put_as(JSON, None, Reply(200, resource(title="Boss", **V1))),
    )
    assert Told(client, memory, title="Boss").operation == (True, "updated")


def test_a_listing_that_leaves_a_value_out_does_not_show_that_it_was_cleared(memory: Memory) -> None:
    tenant = Tenant(resource(timezone="Europe/London"), resource("2", "bo@example.org", timezone="Europe/Paris"))
    tenant.held_back = ("timezone",)
    tenant.tells_time = False
    # The site gives everybody a time zone.
    tenant.rewrite = lambda raw: raw.update(timezone="Europe/London")
    first = Told(client_for(tenant), memory, timezone="")
    assert "timezone is 'Europe/London', asked for empty" in first.warnings[0]
    tenant.log.clear()
    assert Told(client_for(tenant), memory, timezone="").operation == UNTOUCHED
    assert tenant.writes == []


def test_the_site_is_written_where_the_server_keeps_what_else_it_knows() -> None:
    other, telephony = KNOWN_EXTENSION_URNS[1], {"lines": [{"extension": "1010"}]}
    extensions: dict[str, Any] = {DEFAULT_EXTENSION_URN: None, other: {"telephony": telephony}}
    current = User(resource(**extensions))
    change = plan(current, Wanted(ADA, attributes={"site": "Oslo"}))
    assert change.body is not None
    assert change.body[other] == {"telephony": telephony, "site": "Oslo"}
    assert DEFAULT_EXTENSION_URN not in change.body
    assert User({**change.body, "id": "1"}).view["site"] == "Oslo"


def test_a_site_alone_under_another_urn_may_be_an_echo_of_a_wrong_option() -> None:
    extensions: dict[str, Any] = {DEFAULT_EXTENSION_URN: None, KNOWN_EXTENSION_URNS[1]: {"site": "Oslo"}}
    change = plan(User(resource(**extensions)), Wanted(ADA, attributes={"site": "Oslo"}))
    assert change.body is not None
    assert change.body[DEFAULT_EXTENSION_URN] == {"site": "Oslo"}
