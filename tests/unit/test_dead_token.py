# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A token that is refused for good: wherever a run is when that begins, hardly anything more is sent with it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.refusals import LOOP_TOKEN_ERRORS, Refusals
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.request import Request
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.runtime import Runtime
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.user_entry import manage_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.tests.unit.clients import OPTIONS
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    FakeTime,
    Reply,
    Tenant,
    connection,
    refusal,
    session_over,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    Locked,
    Told,
    login,
    newcomer,
    person,
    planned,
    roster,
    row,
)

MANY = range(1, 13)


def without_titles(raw: dict[str, Any]) -> None:
    raw.pop("title", None)


def tenant_of(kind: str) -> Tenant:
    paged = kind in ("look-ups", "external ids", "pages")
    # Eight pages, which four workers read side by side; or one.
    tenant = Tenant(*[person(number, externalId=f"e{number}") for number in range(1, 41 if paged else 16)])
    tenant.page_size = 5 if paged else 100
    if kind == "dropped":
        tenant.rewrite = without_titles
    if kind == "partial":
        tenant.held_back = ("phoneNumbers", "externalId")
    return tenant


#: What a run is about, by the kind of requests that it sends most.
RUNS: dict[str, list[dict[str, Any]]] = {
    "POST": [newcomer(100 + number) for number in MANY],
    "PUT": [row(number, title="A") for number in MANY],
    "PATCH": [row(number, active=False) for number in MANY],
    "dropped": [newcomer(100 + number, title="A") for number in MANY],
    "look-ups": [row(number, title="A") for number in (7, 8)] + [newcomer(100), row("x'y", state="absent")],
    "external ids": [newcomer(100 + number, external_id=f"n{number}") for number in range(3)],
    "pages": [row(number, title="A") for number in MANY],
    "partial": [row(number, phone_numbers=[]) for number in MANY],
    "canary": [row(number, title="A") for number in MANY],
    "plan": [row(number, title="A") for number in MANY],
}


class Dying(Locked):
    """A tenant whose token dies behind a number of requests; those that are served take a while where several work."""

    def __init__(self, tenant: Tenant, lives: float, status: int, seconds: float) -> None:
        super().__init__(tenant, lambda: time.sleep(seconds))
        tenant.before = self._answer
        self._served, self._lives, self._status = 0, lives, status
        self.refused = 0

    def _answer(self, _request: requests.PreparedRequest) -> Reply | None:
        self._served += 1
        if self._served <= self._lives:
            return None
        self.refused += 1
        return refusal(self._status)


def play(kind: str, folder: Path, *, lives: float, status: int, workers: int) -> tuple[Told, Dying, int]:
    tenant = tenant_of(kind)
    options: dict[str, Any] = {"limits": ALL, "concurrency": workers}
    if kind == "plan":
        planned(tenant, folder / "plan", RUNS[kind])
        options |= {"apply_plan": str(folder / "plan"), "users": None}
    else:
        options["users"] = RUNS[kind]
    if kind == "canary":
        options["canary"] = 3
    tenant.log.clear()
    dying = Dying(tenant, lives, status, 0.0005 if workers > 1 else 0.0)
    return roster(dying, **options), dying, len(tenant.log)


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("kind", list(RUNS))
def test_hardly_anything_is_sent_with_a_dead_token(kind: str, status: int, workers: int, tmp_path: Path) -> None:
    whole, _dying, requests_in_all = play(kind, tmp_path, lives=float("inf"), status=status, workers=workers)
    assert whole.error is None
    for lives in range(requests_in_all):
        told, dying, _sent = play(kind, tmp_path, lives=lives, status=status, workers=workers)
        assert dying.refused <= workers + (status == 403), (lives, told.message)
        if dying.refused:
            assert told.error is not None or told.warnings, lives


# -- The rule ----------------------------------------------------------------------------------------------------------

LIST = Request("GET", "/Users", {"startIndex": 1})
FILTER = Request("GET", "/Users", {"filter": 'userName eq "x"'})
READ, PUT, POST = Request("GET", "/Users/1"), Request("PUT", "/Users/2"), Request("POST", "/Users")
DEAD = EightByEightError("no", kind="token_rejected", status=401)
MAY_NOT = EightByEightError("no", kind="forbidden", status=403)
MAY_NOT_WRITE = EightByEightError("no", kind="not_write_client", status=403)
MISSING = EightByEightError("no", kind="user_not_found", status=404)
TROUBLE = EightByEightError("no", kind="server_error", status=503)


@pytest.mark.parametrize(
    ("answers", "final"),
    [
        ([(READ, DEAD)], True),
        ([(FILTER, DEAD)], True),
        ([(LIST, MAY_NOT)], True),
        ([(FILTER, MAY_NOT)] * 3, False),
        ([(READ, MAY_NOT)], False),
        ([(READ, MAY_NOT)] * 2, True),
        ([(READ, MAY_NOT), (LIST, None), (READ, MAY_NOT)], False),
        ([(READ, MAY_NOT), (READ, MISSING), (READ, MAY_NOT)], False),
        ([(READ, MAY_NOT), (READ, TROUBLE), (READ, MAY_NOT)], True),
        ([(PUT, MAY_NOT_WRITE), (POST, MAY_NOT_WRITE)], False),
        ([(PUT, MAY_NOT_WRITE), (READ, MAY_NOT)], True),
        ([(POST, MAY_NOT_WRITE), (FILTER, MAY_NOT), (LIST, MAY_NOT)], True),
    ],
)
def test_which_refusals_are_about_the_token(
    answers: list[tuple[Request, EightByEightError | None]], final: bool
) -> None:
    refusals = Refusals()
    for request, error in answers:
        refusals.note_outcome(request, error)
    assert (refusals.fatal is not None) is final


@pytest.mark.parametrize("readable", [True, False])
def test_one_user_who_may_not_be_written_costs_one_look_and_stops_nobody(readable: bool) -> None:
    tenant = tenant_of("PATCH")

    def refuse(request: requests.PreparedRequest) -> Reply | None:
        about = str(request.url).endswith("/Users/5") and (request.method != "GET" or not readable)
        return refusal(403) if about else None

    tenant.before = refuse
    told = roster(tenant, RUNS["PATCH"], limits=ALL)
    assert told.summary == {"deactivated": 11, "failed": 1}
    assert told.statuses[login(5)] == "failed"
    # The listing before and after, the changes, and a look whether it is the token.
    assert told.result["requests"] == {"GET": 3, "PATCH": 12}


# -- In a loop ---------------------------------------------------------------------------------------------------------


def loop_over(tenant: Tenant, *names: str) -> list[str | None]:
    """Manage people one by one, as the items of a loop, and return the kinds of what went wrong."""
    session = session_over(tenant)
    session.refusals = Refusals(LOOP_TOKEN_ERRORS)
    kinds = []
    for name in names:
        given = {
            **dict.fromkeys(argspec.USER.argument_spec),
            **OPTIONS,
            "user_name": name,
            "title": "A",
            "state": "present",
        }
        outcome = manage_user(given, False, Runtime(lambda _connection: session, clock=FakeTime().clock))
        kinds.append(outcome.result.get("error", {}).get("kind"))
    return kinds


def test_the_items_of_a_loop_send_nothing_with_a_token_that_died() -> None:
    tenant = Tenant(person(1), person(2), person(3))
    Dying(tenant, lives=3, status=401, seconds=0)
    assert loop_over(tenant, *map(login, (1, 2, 3, 1))) == [None, "token_rejected", "token_rejected", "token_rejected"]
    assert [verb for verb, _path in tenant.log] == ["GET", "GET", "PUT", "GET"]


def test_one_item_that_may_not_be_read_or_written_is_no_dead_token() -> None:
    tenant = Tenant(person(1), person(2))
    tenant.before = lambda request: refusal(403) if request.method == "PUT" and "/Users/1" in str(request.url) else None
    assert loop_over(tenant, login(1), login(2)) == ["not_write_client", None]


def test_what_the_server_says_of_itself_may_need_another_token() -> None:
    tenant = Tenant(person(1))
    tenant.before = lambda request: refusal(401) if "/Schemas" in str(request.url) else None
    session = session_over(tenant)
    session.refusals = Refusals(LOOP_TOKEN_ERRORS)
    client = WritingClient(connection(), clock=FakeTime().clock, session=session)
    with pytest.raises(EightByEightError):
        client.get("/Schemas")
    assert client.get_user("1").id == "1"
