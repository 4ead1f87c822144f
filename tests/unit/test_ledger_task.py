# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tasks on a ledger: options in, a file and a result out; evidence; two runs at once."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._base import empty
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError, EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._files import NO_LOCKS
from ansible_collections.eightbyeight.scim.plugins.module_utils._ledger.clients import Clients
from ansible_collections.eightbyeight.scim.plugins.module_utils._ledger.followup import Followup
from ansible_collections.eightbyeight.scim.plugins.module_utils._ledger.task import Report, change_ledger, read_ledger
from ansible_collections.eightbyeight.scim.plugins.module_utils._manual_actions import instead_of
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.followup_entry import followup
from ansible_collections.eightbyeight.scim.plugins.module_utils._wanted import Wanted
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    TOKEN,
    FakeTime,
    Tenant,
    client_for,
    refusal,
    resource,
)

Change = Callable[..., Report]


def nobody() -> Any:
    raise AssertionError("nobody asked for evidence")


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return tmp_path / "followups.jsonl"


@pytest.fixture
def change(ledger: Path, time: FakeTime) -> Change:
    """Run a task on the ledger."""

    def once(server: Tenant | None = None, /, *, check_mode: bool = False, **options: Any) -> Report:
        defaults = {name: option.get("default") for name, option in argspec.FOLLOWUP.argument_spec.items()}
        given = {**defaults, "path": str(ledger), "api_url": BASE, **options}
        connect = nobody if server is None else lambda: contextlib.nullcontext(Clients(client_for(server, time), None))
        return change_ledger(given, connect, time.clock, check_mode=check_mode)

    return once


def info(ledger: Path, time: FakeTime, **options: Any) -> dict[str, Any]:
    defaults = {name: option.get("default") for name, option in argspec.FOLLOWUP_INFO.argument_spec.items()}
    return read_ledger({**defaults, "path": str(ledger), **options}, time.clock).result


ADA: dict[str, Any] = {"action": "assign_license", "user_name": "ada@example.org", "user_id": "1"}
BOB: dict[str, Any] = {
    "action": "set_site",
    "user_name": "bob@example.org",
    "user_id": "2",
    "reason": "none",
    "where": "x",
}


# -- Opening and closing ------------------------------------------------------


def test_a_task_opens_what_manual_actions_say_once(ledger: Path, time: FakeTime, change: Change) -> None:
    foretold = change(actions=[ADA, BOB], due="+5d", owner="desk", check_mode=True).result
    assert not ledger.exists()
    done = change(actions=[ADA, BOB], due="+5d", owner="desk").result
    assert foretold == done
    assert (done["changed"], done["counts"]) == (True, {"open": 2, "done": 0, "withdrawn": 0, "overdue": 0})
    assert [each["action"] for each in done["followups"]] == ["assign_license", "set_site"]
    assert done["followups"][0]["tenant"] == "C1"
    assert done["diff"]["before"] == ""
    assert done["diff"]["after"] == ledger.read_text(encoding="utf-8")
    assert stat.S_IMODE(ledger.stat().st_mode) == 0o600
    before = ledger.stat()
    time.now += 3 * 86_400
    again = change(actions=[ADA, BOB], due="+5d", owner="desk").result
    assert (again["changed"], again["followups"], again["diff"]["after"]) == (False, [], "")
    assert ledger.stat().st_mtime_ns == before.st_mtime_ns
    assert [path.name for path in ledger.parent.iterdir()] == [ledger.name], "neither lock nor draft is left behind"


def test_a_task_closes_one(ledger: Path, time: FakeTime, change: Change) -> None:
    change(actions=[ADA, BOB])
    done = change(action="assign_license", user_name="ADA@example.org", state="done", closed_by="maria", note="ok")
    (only,) = done.result["followups"]
    assert (only["state"], only["closed_by"], only["note"], done.warnings) == ("done", "maria", "ok", [])
    assert done.result["counts"]["done"] == 1
    assert json.loads(done.result["diff"]["before"])["state"] == "open"
    assert change(action="assign_license", user_name="ada@example.org", state="done").result["changed"] is False
    told = change(action="assign_licence", user_name="ada@example.org", state="done")
    assert told.result["changed"] is False
    assert told.warnings == [
        "The ledger has no follow-up assign_licence of ada@example.org, so there was nothing to close."
    ]


def test_old_ones_are_dropped_by_any_task(ledger: Path, time: FakeTime, change: Change) -> None:
    change(actions=[ADA, BOB])
    change(**ADA, state="withdrawn")
    time.now += 31 * 86_400
    assert change(actions=[]).result["changed"] is False
    done = change(actions=[], keep="30d").result
    assert (done["changed"], done["followups"], done["counts"]["withdrawn"]) == (True, [], 0)
    assert "assign_license" in done["diff"]["before"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "C1"),
        ({"tenant": "London"}, "London"),
        ({"api_url": None, "customer_id": "C7"}, "C7"),
        ({"api_url": "https://scim.example.org:8443/tenant/v2/"}, "scim.example.org:8443/tenant/v2"),
        ({"api_url": "https://user:secret@scim.example.org/v2"}, "scim.example.org/v2"),
    ],
)
def test_the_tenant_is_the_customer_of_the_connection(change: Change, options: dict[str, Any], expected: str) -> None:
    assert change(actions=[ADA], **options).result["followups"][0]["tenant"] == expected


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "actions and action are both missing"),
        ({"action": "x"}, "The task has neither user_name nor user_id"),
        ({"action": "x", "user_name": " ada"}, "begins or ends with white space"),
        ({"action": "x", "user_name": "ada\u200b"}, "user_name .* contains the invisible character"),
        ({"close_on_evidence": True, "user_name": "\ufeffada"}, "user_name .* contains the invisible character"),
        ({"close_on_evidence": True, "user_id": " 7"}, "user_id .* begins or ends with white space"),
        ({"actions": [ADA], "tenant": "London\u200b"}, "tenant .* contains the invisible character"),
        ({"actions": [ADA], "user_name": "ada"}, "actions and user_name are both given"),
        ({"actions": "assign_license"}, "actions must be a list as manual_actions"),
        ({"actions": [ADA, "x"]}, "actions, entry 2, is not a dictionary"),
        ({"actions": [{"user_name": "ada"}]}, "actions, entry 1, has no action"),
        ({"actions": [{"action": "x", "user_name": None}]}, "actions, entry 1, has neither user_name nor user_id"),
        ({"actions": [{"action": "x", "user_name": 1}]}, "actions, entry 1, has a user_name that is not text"),
        ({"actions": [ADA], "due": "soon"}, "due must be a date such as"),
        ({"actions": [ADA], "keep": "1y"}, "keep must be a number of days"),
        ({"actions": [ADA], "api_url": None}, "tenant is missing. Set tenant, api_url or customer_id"),
        ({"actions": [ADA], "close_on_evidence": True}, "close_on_evidence and actions are both given"),
        ({"state": "done", "close_on_evidence": True}, "close_on_evidence and state done are both given"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    ledger: Path, change: Change, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadOptionError, match=words):
        change(**options)
    assert not ledger.exists()


@pytest.mark.parametrize("name", ["api_token", "admin_api_key"])
def test_no_secret_gets_into_the_file(ledger: Path, name: str) -> None:
    defaults = {name: option.get("default") for name, option in argspec.FOLLOWUP.argument_spec.items()}
    given = {
        **defaults,
        "path": str(ledger),
        "api_url": BASE,
        name: TOKEN,
        "actions": [{**ADA, "reason": TOKEN}],
    }
    outcome = followup(given, False)
    assert (outcome.failed, outcome.result["error"]["kind"]) == (True, "bad_option")
    assert set(outcome.result) == {*empty.FOLLOWUP, "msg", "error"}
    assert not ledger.exists()


# -- Reading ------------------------------------------------------------------


def test_the_ledger_is_read_by_each_option(ledger: Path, time: FakeTime, change: Change) -> None:
    assert info(ledger, time) == {"followups": [], "counts": dict.fromkeys(("open", "done", "withdrawn", "overdue"), 0)}
    change(actions=[ADA, BOB], owner="desk", due="+1d")
    change(action="set_site", user_id="2", state="done")
    change(actions=[{**ADA, "user_id": "9"}], tenant="C2")
    time.now += 2 * 86_400
    for options, expected in (
        ({}, 3),
        ({"api_url": BASE}, 2),
        ({"tenant": "C2"}, 1),
        ({"state": "open"}, 2),
        ({"owner": "desk"}, 2),
        ({"user_name": "ADA@example.org"}, 2),
        ({"user_name": "ADA@example.org", "tenant": "C2"}, 1),
        ({"overdue": True}, 1),
        ({"overdue": False}, 2),
        ({"owner": "nobody"}, 0),
    ):
        assert len(info(ledger, time, **options)["followups"]) == expected, options
    assert info(ledger, time, api_url=BASE, state="done")["counts"] == {
        "open": 1,
        "done": 1,
        "withdrawn": 0,
        "overdue": 1,
    }


# -- The file -----------------------------------------------------------------


def test_a_broken_line_stops_everything(ledger: Path, change: Change) -> None:
    change(actions=[ADA])
    broken = ledger.read_text(encoding="utf-8") + "oh no\n"
    ledger.write_text(broken, encoding="utf-8")
    for options in ({"actions": [BOB]}, {"close_on_evidence": True}):
        with pytest.raises(EightByEightError, match="line 2: it is not a JSON object"):
            change(Tenant(), **options)
    assert ledger.read_text(encoding="utf-8") == broken


@pytest.mark.parametrize("kind", ["link", "folder", "no folder", "pipe"])
def test_what_can_be_no_ledger_is_refused(tmp_path: Path, change: Change, kind: str) -> None:
    path = tmp_path / "x"
    if kind == "link":
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path = tmp_path / "nowhere" / "x"
    with pytest.raises(BadOptionError, match="^path: "):
        change(actions=[ADA], path=str(path))


def test_a_task_waits_for_the_one_that_has_the_ledger(ledger: Path, time: FakeTime, change: Change) -> None:
    other = os.open(ledger.parent / f".{ledger.name}.lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(EightByEightError, match="still has the lock of the ledger") as caught:
        change(actions=[ADA], timeout=2)
    assert caught.value.kind == "locked"
    assert 2 <= sum(time.naps) < 2.2
    assert change(actions=[ADA], check_mode=True).result["changed"] is True, "who only looks waits for nobody"
    slept = time.clock.sleep

    def ends(seconds: float) -> None:
        slept(seconds)
        if len(time.naps) > 30:
            fcntl.flock(other, fcntl.LOCK_UN)

    time.clock = time.clock._replace(sleep=ends)
    assert change(actions=[ADA], timeout=30).result["changed"] is True
    os.close(other)


def test_a_file_system_without_locks_is_told(ledger: Path, change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_arguments: Any) -> None:
        raise OSError(next(iter(NO_LOCKS)), "no locks")

    monkeypatch.setattr("fcntl.flock", none)
    done = change(actions=[ADA])
    assert done.result["changed"] is True
    assert done.warnings == [
        f"The file system of {ledger} has no locks. Make sure that only one run writes to it at a time."
    ]


def test_a_disk_that_is_full_leaves_the_old_ledger(
    ledger: Path, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(actions=[ADA])
    before = ledger.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(EightByEightError, match="cannot be written .No space left"):
        change(actions=[BOB])
    assert ledger.read_bytes() == before
    assert [path.name for path in ledger.parent.iterdir()] == [ledger.name]


# -- Evidence -----------------------------------------------------------------


def wanted_site(site: str, seen: str | None) -> dict[str, Any]:
    """Return what the engine leaves for a person where SCIM cannot change a site."""
    error = EightByEightError("x", kind="site_fixed" if seen else "unknown_site")
    wanted = Wanted.from_options({"user_name": "ada@example.org", "site": site, "state": "present"})
    current = {"id": "1", "user_name": "ada@example.org", "site": seen}
    (action,) = instead_of(error, wanted, current)
    return action


def test_scim_alone_closes_what_it_shows(change: Change) -> None:
    tenant = Tenant(resource("1"), resource("2", "bob@example.org", active=False))
    ada = [
        {**ADA, "action": name}
        for name in ("assign_license", "activate_user", "deactivate_user", "set_site", "order a headset")
    ]
    bob = [{**BOB, "action": name} for name in ("activate_user", "deactivate_user", "confirm_return")]
    gone = [{"action": "set_site", "user_id": "9", "user_name": "eve@example.org"}]
    change(actions=[*ada, *bob, *gone], note="please")
    foretold = change(tenant, close_on_evidence=True, check_mode=True).result
    done = change(tenant, close_on_evidence=True).result
    assert foretold == done
    assert [(each["user_name"], each["action"], each["note"], each["closed_by"]) for each in done["followups"]] == [
        ("ada@example.org", "activate_user", "please 8x8 shows the user as active.", "evidence"),
        ("ada@example.org", "set_site", "please 8x8 shows the site London.", "evidence"),
        ("bob@example.org", "deactivate_user", "please 8x8 shows the user as deactivated.", "evidence"),
    ]
    assert done["counts"] == {"open": 6, "done": 3, "withdrawn": 0, "overdue": 0}
    assert tenant.writes == []
    assert change(tenant, close_on_evidence=True).result["changed"] is False


@pytest.mark.parametrize(("site", "seen"), [("London", "Paris"), ("London", None)])
def test_the_site_that_was_wanted_is_recognized_and_no_other(change: Change, site: str, seen: str | None) -> None:
    change(actions=[wanted_site(site, seen)])
    elsewhere = Tenant(resource("1", **{"urn:ietf:params:scim:schemas:extension:8x8:1.1:User": {"site": "Lon"}}))
    assert change(elsewhere, close_on_evidence=True).result["changed"] is False
    assert change(Tenant(resource("1")), close_on_evidence=True).result["counts"]["done"] == 1


def test_evidence_costs_nothing_where_nothing_can_be_seen_and_little_where_much_can(change: Change) -> None:
    people = [resource(str(number), f"p{number}@example.org") for number in range(1, 250)]
    tenant = Tenant(*people)
    change(actions=[ADA])
    assert change(tenant, close_on_evidence=True).result["changed"] is False
    assert tenant.log == [], "SCIM shows no license"
    change(actions=[{"action": "set_site", "user_id": "7"}])
    change(tenant, close_on_evidence=True)
    assert tenant.log == [("GET", "/Users/7")]
    tenant.log.clear()
    change(actions=[{"action": "set_site", "user_name": f"P{number}@example.org"} for number in range(1, 250)])
    done = change(tenant, close_on_evidence=True).result
    assert len(done["followups"]) == 249
    assert len(tenant.log) == 3, "three pages, and not one look-up for each"


def test_evidence_may_be_asked_for_one_person(change: Change) -> None:
    tenant = Tenant(resource("1"), resource("2", "bob@example.org"))
    change(actions=[{**ADA, "action": "set_site"}, BOB])
    done = change(tenant, close_on_evidence=True, user_name="bob@example.org").result
    assert [each["user_name"] for each in done["followups"]] == ["bob@example.org"]


def test_a_tenant_that_cannot_be_read_closes_nothing(ledger: Path, change: Change) -> None:
    tenant = Tenant(resource("1"))
    change(actions=[{**ADA, "action": "set_site"}])
    before = ledger.read_bytes()
    tenant.before = lambda request: refusal(401)
    with pytest.raises(EightByEightError) as caught:
        change(tenant, close_on_evidence=True)
    assert caught.value.kind == "token_rejected"
    assert ledger.read_bytes() == before


def test_what_is_shown_of_a_follow_up_is_the_whole_of_it(change: Change) -> None:
    (shown,) = change(actions=[ADA]).result["followups"]
    assert set(shown) == {*Followup._fields, "overdue", "to_tell"}
