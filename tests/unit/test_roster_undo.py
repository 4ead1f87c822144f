# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The undo of a roster."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

import pytest
import requests
from requests import exceptions as wire

from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import DEFAULT_EXTENSION_URN
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    HTML,
    ReadOnly,
    Reply,
    Tenant,
    refusal,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    login,
    managed,
    newcomer,
    no_site,
    people,
    person,
    read,
    roster,
    row,
)


def test_undo_puts_back_what_8x8_lets_one_put_back(tmp_path: Path) -> None:
    tenant = Tenant(*people(3), no_site(4), person(5, active=False), person(6, title=None))
    before = copy.deepcopy(managed(tenant.users))
    undo = str(tmp_path / "undo")
    rows = [
        row(1, title="A", department="", phone_numbers=[{"type": "work", "value": "1"}]),
        row(2, active=False),
        row(4, site="Paris", title="B"),
        row(5, title="C"),
        row(6, title="D", active=False),
        newcomer(9),
        newcomer(10, active=False),
    ]
    done = roster(tenant, rows, limits=ALL, undo_file=undo, unlisted="deactivate")
    assert done.error is None
    back = roster(tenant, apply_plan=undo, limits=ALL)
    assert back.error is None, back.message
    after = managed(tenant.users)
    assert after["4"].pop(DEFAULT_EXTENSION_URN) == {"site": "Paris"}
    assert [after.pop(f"new-{number}")["active"] for number in (7, 8)] == [False, False]
    for raw in (*after.values(), *before.values()):
        raw.pop("schemas")
    assert after == before
    assert back.result["changed_elsewhere"] == []
    tenant.log.clear()
    assert roster(tenant, apply_plan=undo, limits=ALL).summary == {"unchanged": back.summary["activated"] + 5 - 1}
    assert tenant.writes == []


def test_undo_takes_our_own_change_for_nobody_else_s(tmp_path: Path) -> None:
    tenant = Tenant(*people(1))

    def touch(request: requests.PreparedRequest) -> None:
        if request.method == "PATCH":  # its answer does not tell the time
            tenant.users["1"]["meta"]["lastModified"] = "2026-07-07T00:00:00Z"

    tenant.before = touch
    undo = str(tmp_path / "undo")
    roster(tenant, [row(1, active=False)], undo_file=undo, limits=ALL)
    told = roster(tenant, apply_plan=undo)
    assert (told.error, told.warnings, told.result["changed_elsewhere"]) == (None, [], [])


def test_undo_starts_from_what_the_server_made_of_it(tmp_path: Path) -> None:
    tenant = Tenant(*people(1))
    tenant.rewrite = lambda raw: raw.update(title=raw["title"].upper())
    undo = str(tmp_path / "undo")
    roster(tenant, [row(1, title="Boss")], undo_file=undo)
    assert tenant.users["1"]["title"] == "BOSS"
    tenant.rewrite = lambda raw: None
    assert roster(tenant, apply_plan=undo).error is None
    assert tenant.users["1"]["title"] == "Analyst"


def test_undo_refuses_who_was_changed_since(tmp_path: Path) -> None:
    tenant = Tenant(*people(2))
    undo = str(tmp_path / "undo")
    roster(tenant, [row(1, title="A"), row(2, title="A")], undo_file=undo)
    tenant.users["1"]["title"] = "Promoted"
    told = roster(tenant, apply_plan=undo)
    assert told.statuses == {login(1): "refused", login(2): "done"}
    assert tenant.users["1"]["title"] == "Promoted"


@pytest.mark.parametrize("at", range(1, 9))
@pytest.mark.parametrize("applied", [True, False])
def test_a_run_that_is_killed_can_be_undone_or_run_again(tmp_path: Path, at: int, applied: bool) -> None:
    """Killed at its n-th request, before or after the server did what it was asked."""
    tenant = Tenant(*people(4))
    before = copy.deepcopy(managed(tenant.users))
    undo = tmp_path / "undo"
    notes = tmp_path / "journal"
    rows = [row(1, title="A"), row(2, title="B"), newcomer(9), newcomer(10), row(3, active=False)]
    count = [0]

    def kill(request: requests.PreparedRequest) -> Reply | None:
        if request.method != "GET":
            assert undo.exists(), "the undo comes before the first write"
        count[0] += 1
        if count[0] == at:
            if applied:
                tenant.before = lambda request: None
                tenant.send(request)
                tenant.log.pop()
            raise KeyboardInterrupt
        return None

    tenant.before = kill
    with pytest.raises(KeyboardInterrupt):
        roster(tenant, rows, limits=ALL, undo_file=str(undo), journal_file=str(notes))
    tenant.before = lambda request: None
    killed = copy.deepcopy(tenant.users)

    if undo.exists():
        back = roster(tenant, apply_plan=str(undo), limits=ALL)
        assert back.error is None, back.message
        after = managed(tenant.users)
        assert all(not after.pop(key)["active"] for key in list(after) if key.startswith("new"))
        assert after == before
    tenant.users = killed
    tenant.log.clear()
    again = roster(tenant, rows, limits=ALL, journal_file=str(notes))
    assert again.error is None
    assert again.result["changed_elsewhere"] == []
    names = [raw["userName"] for raw in tenant.users.values()]
    assert len(names) == len(set(names)) == 6
    assert roster(ReadOnly(tenant), rows, limits=ALL).summary == {"unchanged": 5}


def test_the_undo_of_a_run_with_failures_holds_what_may_have_happened(tmp_path: Path) -> None:
    tenant = Tenant(*people(3))
    undo = tmp_path / "undo"

    def trouble(request: requests.PreparedRequest) -> Any:
        if request.method == "PUT" and str(request.url).endswith("/1"):
            return refusal(400, "no")
        if request.method in ("PUT", "GET") and str(request.url).endswith("/2") and "PUT" in tenant.writes:
            return wire.ReadTimeout("late")
        return None

    tenant.before = trouble
    told = roster(tenant, [row(1, title="A"), row(2, title="B"), row(3, title="C")], undo_file=str(undo))
    assert told.statuses == {login(1): "failed", login(2): "failed", login(3): "done"}
    # The second never got as far as a write: its fresh read failed.
    assert [entry["user_name"] for entry in read(undo)["rows"]] == [login(3)]
    tenant.before = lambda request: wire.ReadTimeout("late") if request.method == "PUT" else None
    roster(tenant, [row(1, title="A")], undo_file=str(undo))
    assert [entry["user_name"] for entry in read(undo)["rows"]] == [login(1)]


@pytest.mark.parametrize(("verb", "rows"), [("PUT", [row(1, title="A")]), ("POST", [newcomer(7)])])
def test_the_undo_holds_what_was_lost_before_it_was_refused(
    tmp_path: Path, verb: str, rows: list[dict[str, Any]]
) -> None:
    """The answer to a first try was lost, its repetition is refused, and looking fails: it may have been carried out."""
    tenant = Tenant(*people(3))
    undo = tmp_path / "undo"

    def trouble(request: requests.PreparedRequest) -> Any:
        tries = tenant.writes.count(verb)
        if request.method == verb:
            return Reply(502, HTML) if tries == 1 else refusal(400, "no")
        return refusal(403) if tries > 1 else None

    tenant.before = trouble
    told = roster(tenant, rows, undo_file=str(undo), retry_budget=60)
    assert list(told.statuses.values()) == ["failed"]
    assert [entry["user_name"] for entry in read(undo)["rows"]] == [rows[0]["user_name"]]


@pytest.mark.parametrize("budget", [30, 120, 600])
def test_a_server_that_takes_everything_but_creations_is_not_asked_for_ever(budget: int) -> None:
    tenant = Tenant(*people(1))
    tenant.before = lambda request: refusal(429) if request.method == "POST" else None
    told = roster(tenant, [newcomer(7)], retry_budget=budget)
    assert told.kind_of(login(7)) == "rate_limited"
    assert tenant.writes == ["POST"] * len(tenant.writes)
    assert len(tenant.writes) < 60


@pytest.mark.parametrize("trouble", [refusal(400), refusal(303), Reply(404, HTML), Reply(502, HTML), refusal(403)])
def test_what_was_accepted_and_could_not_be_looked_at_is_undone_too(tmp_path: Path, trouble: Reply) -> None:
    tenant = Tenant(*people(2))
    title = tenant.users["1"]["title"]

    def silent(request: requests.PreparedRequest) -> Any:
        if request.method == "PUT":
            tenant.users["1"]["title"] = "Boss"
            return Reply(200)
        return trouble if str(request.url).endswith("/Users/1") and "PUT" in tenant.writes else None

    tenant.before = silent
    undo = tmp_path / "undo"
    told = roster(tenant, [row(1, title="Boss")], undo_file=str(undo), retry_budget=1)
    assert (told.statuses, told.result["changed"]) == ({login(1): "failed"}, True)
    tenant.before = lambda _request: None
    assert roster(tenant, apply_plan=str(undo)).error is None
    assert tenant.users["1"]["title"] == title


def test_an_undo_of_an_earlier_run_is_kept(tmp_path: Path) -> None:
    """A run that was killed is run again, with the same options, and what it had done must still be undone."""
    tenant = Tenant(*people(3))
    undo = tmp_path / "undo"
    for number in (1, 2, 3):
        roster(tenant, [row(number, title="A")], undo_file=str(undo))
    roster(tenant, [row(3, title="A")], undo_file=str(undo))
    roster(tenant, [row(3, title="B")], undo_file=str(undo), check=True)
    assert [entry["user_name"] for entry in read(undo)["rows"]] == [login(3)], "nothing to do, nothing to undo"
    others = sorted(tmp_path.glob("undo.*"))
    assert len(others) == 2
    assert {read(path)["rows"][0]["user_name"] for path in others} == {login(1), login(2)}
    assert all(path.name.startswith("undo.2") for path in others)
    for path in (undo, *others):
        assert roster(tenant, apply_plan=str(path)).error is None
    assert managed(tenant.users) == managed(Tenant(*people(3)).users)


def test_an_undo_that_cannot_be_kept_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = Tenant(*people(2))
    undo = tmp_path / "undo"
    roster(tenant, [row(1, title="A")], undo_file=str(undo))
    before = undo.read_text()

    def refuse(*_names: Any) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "rename", refuse)
    told = roster(tenant, [row(2, title="A")], undo_file=str(undo))
    assert told.kind == "bad_option"
    assert "cannot be renamed" in told.message
    assert tenant.writes == ["PUT"]
    assert undo.read_text() == before


def test_undoing_creations_in_an_empty_tenant_is_judged_by_the_tenant_after_them(tmp_path: Path) -> None:
    tenant = Tenant()
    undo = str(tmp_path / "undo")
    roster(tenant, [newcomer(number) for number in (1, 2, 3)], undo_file=undo)
    assert "limit 10% of 3 users or 2" in roster(tenant, apply_plan=undo).message
    assert roster(tenant, apply_plan=undo, limits=ALL).summary == {"deactivated": 3}
