# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The event source without a network: its arguments, two snapshots -> events, the state file, and what one poll makes of an answer."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import re
import runpy
import statistics
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import yaml

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.clock import Clock
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import (
    BadOptionError,
    EightByEightError,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._events import source
from ansible_collections.eightbyeight.scim.plugins.module_utils._events.compare import compare
from ansible_collections.eightbyeight.scim.plugins.module_utils._events.options import (
    ARGUMENTS,
    TYPES,
    read_options,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._events.poll import Poller
from ansible_collections.eightbyeight.scim.plugins.module_utils._events.snapshot import Person, Snapshot, is_older
from ansible_collections.eightbyeight.scim.plugins.module_utils._events.state import State, StateFile
from ansible_collections.eightbyeight.scim.plugins.module_utils._events.tenant import IncompleteError, Tenant, _merge
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import VARIABLES
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.tests.unit import helpers
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    FakeTime,
    listing,
    refusal,
    resource,
    session_over,
)

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "extensions/eda/plugins/event_source/user_changes.py"
GIVEN = {"api_url": "https://example.org/udi/customers/C1/scim/v2", "api_token": "secret-of-a-test"}
T1, T2 = "2026-11-01T08:00:00Z", "2026-11-02T08:00:00Z"
NOW = "2026-11-03T08:00:00Z"


def person(name: str, *, active: bool = True, at: str = T1, licenses: Any = None, **values: Any) -> Person:
    return Person({"user_name": f"{name}@example.org", **values}, active, at, licenses)


ADA, BO = person("ada", title="Engineer"), person("bo")


# -- Arguments ----------------------------------------------------------------


def test_values_may_be_text_and_blank_ones_are_not_given() -> None:
    options = read_options(
        {
            **GIVEN,
            "interval": "2.5",
            "only": "created, removed",
            "feedback": "yes",
            "validate_certs": "False",
            "page_size": "50",
            "host": " north ",
            "state_file": "",
            "customer_id": None,
            "admin_api_key": " ",
        },
        {"EIGHTBYEIGHT_ADMIN_API_KEY": "", "EIGHTBYEIGHT_CUSTOMER_ID": ""},
    )
    assert (options.interval, options.host, options.state_file, options.feedback) == (2.5, "north", "", True)
    assert options.only == {"created", "removed"}
    assert (options.connection.verify, options.connection.page_size, options.admin) == (False, 50, None)
    assert options.connection.retry_budget == 2.5, "a poll ends before the next one is due"
    assert options.tenant == "C1"


def test_the_environment_gives_what_is_missing() -> None:
    environment = {"EIGHTBYEIGHT_API_URL": GIVEN["api_url"], "EIGHTBYEIGHT_API_TOKEN": "t-123456789"}
    options = read_options({"retry_budget": 7}, {**environment, "EIGHTBYEIGHT_ADMIN_API_KEY": "key-123456789"})
    assert (options.connection.base_url, options.connection.token) == (GIVEN["api_url"], "t-123456789")
    assert options.admin is not None and options.admin.token == "key-123456789"
    assert (options.interval, options.connection.retry_budget, options.only) == (60, 7, set(TYPES))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"intervall": 5}, "no argument intervall. Did you mean 'interval'?"),
        ({"interval": 0.05}, "interval must be from 0.1 to 86400 seconds, not 0.05"),
        ({"interval": "soon"}, "interval must be a number, not soon"),
        ({"interval": True}, "interval must be a number"),
        ({"interval": "nan"}, "interval must be a number"),
        ({"page_size": "1.5"}, "page_size must be a whole number, not 1.5"),
        ({"only": ["created", "deleted"]}, "only: deleted is not a type of event. The types are created, updated"),
        ({"only": {"created": True}}, "only must be a list"),
        ({"feedback": "maybe"}, "feedback must be true or false, not maybe"),
        ({"host": ["north"]}, "host must be text"),
        ({"content_type": "xml"}, "content_type must be one of auto, scim, json, not xml"),
        ({"api_token": ""}, "api_token is missing"),
        ({"api_url": "http://example.org/scim"}, "never sent in the clear"),
    ],
)
def test_what_cannot_be_right_is_told_before_anything_is_sent(wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(BadOptionError, match=re.escape(told)):
        read_options({**GIVEN, **wrong}, {})


def test_documentation_schema_and_credential_type_fit_the_arguments() -> None:
    source = runpy.run_path(str(SOURCE))
    options = yaml.safe_load(source["DOCUMENTATION"])["options"]
    facts = ("type", "default", "choices", "elements")
    documented = {name: {key: each[key] for key in facts if key in each} for name, each in options.items()}
    assert documented == {
        name: {key: argument[key] for key in facts if key in argument} for name, argument in ARGUMENTS.items()
    }
    for example in yaml.safe_load(source["EXAMPLES"]):
        assert set(example["eightbyeight.scim.user_changes"]) <= ARGUMENTS.keys()
    schema = json.loads((SOURCE.parent / "schemas/user_changes.json").read_text("utf-8"))
    assert {name: each.get("default") for name, each in schema["properties"].items()} == {
        name: argument.get("default") for name, argument in ARGUMENTS.items()
    }
    secret = {name for name, option in argspec.CONNECTION.items() if option.get("no_log")}
    assert {name for name, each in schema["properties"].items() if each.get("format") == "password"} == secret
    types = SOURCE.parent / "credential_types/user_changes"
    fields = yaml.safe_load((types / "input.yml").read_text("utf-8"))["fields"]
    assert {each["id"] for each in fields if each.get("secret")} == secret
    injected = yaml.safe_load((types / "injectors.yml").read_text("utf-8"))["env"]
    assert injected == {variable: f"{{{{ {name} }}}}" for name, variable in VARIABLES.items()}
    assert [each["id"] for each in fields] == list(VARIABLES)


# -- Events -------------------------------------------------------------------


def kinds(before: Mapping[str, Person], after: Mapping[str, Person]) -> list[tuple[str, str | None, Any]]:
    return [
        (event.type, event.user_id, {name: tuple(change.values()) for name, change in (event.changes or {}).items()})
        for event in compare(before, after, "C1", NOW)
    ]


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        ({"1": ADA}, {"1": ADA}, []),
        ({"1": ADA}, {"1": ADA._replace(last_modified=T2)}, []),
        ({"1": ADA}, {"1": person("ada", title="Boss")}, [("updated", "1", {"title": ("Engineer", "Boss")})]),
        ({"1": ADA}, {"1": person("ada")}, [("updated", "1", {"title": ("Engineer", None)})]),
        (
            {"1": ADA},
            {"1": person("ada", active=False, title="Boss")},
            [("updated", "1", {"title": ("Engineer", "Boss")}), ("deactivated", "1", {"active": (True, False)})],
        ),
        ({"1": BO._replace(active=False)}, {"1": BO}, [("activated", "1", {"active": (False, True)})]),
        ({"1": BO}, {}, [("removed", "1", {"user_name": ("bo@example.org", None), "active": (True, None)})]),
        (
            {},
            {"2": BO, "1": ADA},
            [
                (
                    "created",
                    "1",
                    {"user_name": (None, "ada@example.org"), "title": (None, "Engineer"), "active": (None, True)},
                ),
                ("created", "2", {"user_name": (None, "bo@example.org"), "active": (None, True)}),
            ],
        ),
        (
            {"1": BO._replace(licenses=("X2",))},
            {"1": BO._replace(licenses=("X2", "X4"))},
            [("license_changed", "1", {"licenses": (["X2"], ["X2", "X4"])})],
        ),
        ({"1": BO}, {"1": BO._replace(licenses=("X2",))}, []),
        (
            {},
            {"1": BO._replace(licenses=("X2",))},
            [
                ("created", "1", {"user_name": (None, "bo@example.org"), "active": (None, True)}),
                ("license_changed", "1", {"licenses": ([], ["X2"])}),
            ],
        ),
    ],
)
def test_two_snapshots_make_events(before: Any, after: Any, events: Any) -> None:
    assert kinds(before, after) == events


def test_an_event_has_the_keys_that_are_documented_and_no_template() -> None:
    evil = "{{ lookup('pipe', 'id') }} {% raw %} {# {{{ {a}"
    (event,) = compare({"1": ADA}, {"1": person("ada", title=evil)}, "C1", NOW)
    told = event.as_dict("north")
    assert re.fullmatch(r"[0-9a-f-]{36}", told.pop("meta")["uuid"])
    assert told == {
        "type": "updated",
        "tenant": "C1",
        "user_name": "ada@example.org",
        "user_id": "1",
        "changes": {"title": {"before": "Engineer", "after": "{ { lookup('pipe', 'id') }} { % raw %} { # { { { {a}"}},
        "seen_at": NOW,
    }
    assert event.as_dict("north")["meta"]["hosts"] == "north"
    assert "hosts" not in event.as_dict("")["meta"]


def test_times_are_compared_as_times() -> None:
    assert is_older(person("a", at="2026-11-01T08:00:00.500Z"), person("a", at="2026-11-01T10:00:01+01:00"))
    assert not is_older(person("a", at="2026-11-01T08:00:00Z"), person("a", at="2026-11-01T09:00:00+01:00"))
    assert not is_older(person("a", at="yesterday"), person("a", at=T2))
    assert not is_older(person("a", at="2026-11-01T08:00:00"), person("a", at=T2)), "nobody knows the time zone"


# -- A listing ----------------------------------------------------------------


class OneListing:
    """A client whose listing shows nobody."""

    def __init__(self, there: set[str]) -> None:
        self.there = there
        self.asked: list[str] = []

    def list_users(self) -> Any:
        return SimpleNamespace(complete=True, users=[], page_size=100)

    def find_by_id(self, user_id: str) -> str | None:
        self.asked.append(user_id)
        return user_id if user_id in self.there else None


@pytest.mark.parametrize(
    ("missing", "there", "kept"),
    [
        (25, {"0", "24"}, {"0", "24"}),
        (26, set(), set()),
        (26, {"7"}, {str(number) for number in range(26)}),
        (400, {"7"}, {str(number) for number in range(400)}),
    ],
)
def test_who_is_missing_from_a_listing_is_not_told_as_removed_while_an_id_is_there(
    missing: int, there: set[str], kept: set[str]
) -> None:
    client, before = OneListing(there), {str(number): person(f"p{number}") for number in range(missing)}
    tenant = Tenant(read_options(GIVEN, {}), Clock(wall=lambda: 0.0))
    assert set(tenant._everybody(client, before)) == kept
    assert len(client.asked) == 25


# -- The source ---------------------------------------------------------------


class Stuck(Tenant):
    """A tenant that takes its time, and says in which thread it was asked."""

    def __init__(self) -> None:
        self.polls: list[tuple[float, int]] = []

    def people(self, before: Any) -> Any:
        self.polls.append((time.monotonic(), threading.get_ident()))
        time.sleep(0.2)
        return {"1": ADA}

    def close(self) -> None:
        pass


def test_what_blocks_is_in_a_thread_and_intervals_vary(monkeypatch: pytest.MonkeyPatch) -> None:
    tenant, waits, idle = Stuck(), [], []
    rest = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds:
            waits.append(seconds)
        await rest(0)

    async def run() -> None:
        task = asyncio.create_task(source.watch(asyncio.Queue(1), {**GIVEN, "interval": "60"}))
        while len(tenant.polls) < 6:
            before = time.monotonic()
            await rest(0.01)
            idle.append(time.monotonic() - before)
            assert not task.done(), task
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    monkeypatch.setattr(source, "Tenant", lambda *_arguments: tenant)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    asyncio.run(run())
    assert threading.get_ident() not in {thread for _time, thread in tenant.polls}
    assert statistics.median(idle) < 0.1, "the loop of the engine goes on meanwhile"
    assert all(54 <= seconds <= 66 for seconds in waits)
    assert len(set(waits)) == len(waits) >= 5, "sources that were started together part"


# -- One poll -----------------------------------------------------------------


@pytest.mark.parametrize(("left", "events"), [(26, 26), (3, 3)])
@pytest.mark.parametrize("gone", [True, False])
def test_who_is_missing_in_a_listing_that_adds_up_is_gone_where_the_address_says_so_too(
    left: int, events: int, gone: bool
) -> None:
    """A listing of nobody adds up, and makes no removal of everybody."""
    people = [resource(str(number), f"u{number}@example.org") for number in range(1, 31)]
    server = helpers.Tenant(*people, base=GIVEN["api_url"])
    source = Tenant(read_options(GIVEN, {}), FakeTime().clock)
    source._session = session_over(server)
    before = source.people(None)
    hidden = {str(number) for number in range(1, left + 1)}

    def answer(request: requests.PreparedRequest) -> helpers.Reply | None:
        path = str(request.url).removeprefix(GIVEN["api_url"])
        if path.startswith("/Users?"):
            return helpers.Reply(200, listing(*(raw for raw in people if raw["id"] not in hidden)))
        return refusal(404) if gone and path.removeprefix("/Users/") in hidden else None

    server.before = answer
    told = compare(before, source.people(before), "C1", NOW)
    assert [event.type for event in told] == ["removed"] * (events if gone else 0)


class Shown(Tenant):
    """A tenant that shows, poll by poll, what a test says."""

    def __init__(self, *shown: Any, held: Any = None) -> None:
        self._shown = list(shown)
        self._held = held

    def people(self, before: Any) -> Any:
        answer = self._shown.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return _merge(before or {}, answer, dt.datetime(2026, 11, 2, tzinfo=dt.UTC))

    def licenses(self, admin: Any, people: Any) -> Any:
        answer = self._held.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def polls(tenant: Shown, number: int, state: State | None = None, **more: Any) -> tuple[list[list[str]], State]:
    """Poll several times; return the types of the events of each, and the state."""
    poller = Poller(read_options({**GIVEN, **more}, {}), tenant, Clock(wall=lambda: 0.0))
    state, told = state or State(), []
    for _number in range(number):
        state = poller.poll(state)
        told.append([event["type"] for event in state.pending])
        state = state._replace(pending=())
    return told, state


GONE = EightByEightError("8x8 does not accept the API token.", kind="token_rejected", status=401)
BUSY = EightByEightError("Too many requests.", kind="rate_limited", status=429)
SHORT = IncompleteError("It does not add up.")


def test_the_first_poll_tells_nothing_and_a_dead_token_one_event() -> None:
    shown = ({"1": ADA}, GONE, GONE, GONE, {"1": ADA, "2": BO}, {"1": ADA, "2": BO})
    assert polls(Shown(*shown), 6)[0] == [[], ["tenant_unreachable"], [], [], ["tenant_back", "created"], []]


def test_a_token_that_is_dead_from_the_start_is_told_and_stays_told_over_a_restart() -> None:
    told, state = polls(Shown(GONE, GONE), 2)
    assert told == [["tenant_unreachable"], []]
    kept = Snapshot.from_json(json.loads(json.dumps(state.snapshot.as_json())))
    assert polls(Shown(GONE, {"1": ADA}), 2, State(kept))[0] == [[], ["tenant_back"]]


def test_a_listing_that_does_not_add_up_tells_nothing_and_loses_nothing() -> None:
    assert polls(Shown({"1": ADA}, SHORT, SHORT, {"2": BO}), 4)[0] == [[], [], [], ["removed", "created"]]
    assert polls(Shown(SHORT, {"1": ADA}), 2)[0] == [[], []]


def test_a_server_that_asks_for_patience_is_given_some() -> None:
    assert polls(Shown({}, BUSY, BUSY, {}, BUSY, BUSY, BUSY, BUSY, {}), 9)[0] == [
        *[[], [], [], [], [], []],
        ["tenant_unreachable"],
        [],
        ["tenant_back"],
    ]


def test_a_poll_that_finds_nothing_changes_nothing_that_would_have_to_be_written() -> None:
    _told, state = polls(Shown({"1": ADA}), 1)
    assert polls(Shown({"1": ADA}), 1, state)[1] == state


def test_only_what_is_wanted_is_told_and_the_rest_is_seen_all_the_same() -> None:
    shown = ({"1": ADA}, {"1": BO, "2": BO}, {"1": BO, "2": BO})
    assert polls(Shown(*shown), 3, only=["created"])[0] == [[], ["created"], []]


def test_licenses_have_a_door_of_their_own() -> None:
    more = {"admin_api_key": "key-123456789"}
    held = [{"1": ["X2"]}, GONE, GONE, {"1": ["X2", "X4"]}, {"1": []}]
    told, _state = polls(Shown(*[{"1": ADA}] * 5, held=held), 5, **more)
    assert told == [[], ["tenant_unreachable"], [], ["tenant_back", "license_changed"], ["license_changed"]]


def test_the_first_license_of_somebody_new_is_told() -> None:
    held: list[Any] = [{}, {}, {"2": ["X2"]}]
    shown = ({"1": ADA}, {"1": ADA, "2": BO}, {"1": ADA, "2": BO})
    told, _state = polls(Shown(*shown, held=held), 3, admin_api_key="key-123456789")
    assert told == [[], ["created"], ["license_changed"]]


# -- The state file -----------------------------------------------------------


def pending(*names: str) -> tuple[dict[str, Any], ...]:
    return tuple({"type": "created", "user_name": name, "meta": {"uuid": f"id-of-{name}"}} for name in names)


def test_what_was_acknowledged_is_not_sent_again(tmp_path: Path) -> None:
    file = StateFile(str(tmp_path / "state.json"), "C1")
    assert file.load() == State()
    state = State(Snapshot({"1": ADA._replace(licenses=("X2",)), "2": BO}, frozenset({"scim"})), pending("a", "b", "c"))
    file.save(state)
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600
    assert file.load() == state
    file.acknowledge(state.pending[0])
    file.acknowledge(state.pending[1])
    assert file.load() == state._replace(pending=pending("c"))
    with (tmp_path / "state.json").open("a") as torn:
        torn.write("id-of")
    assert file.load() == state._replace(pending=pending("c")), "a torn line is no acknowledgement"
    file.save(state._replace(pending=()))
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is not a state file"),
        ("[]", "is not a state file"),
        ("{}", "is not a state file"),
        ('{"form": 2}', "is not a state file"),
        ("\xff", "is not a state file"),
        ('{"form": 1, "tenant": "C2", "snapshot": {}, "pending": []}', "is that of the tenant C2"),
        (
            '{"form": 1, "tenant": "C1", "pending": [], "snapshot": {"people": {"1": [[], true, null, null]}, "down": []}}',
            "is not a state file",
        ),
    ],
)
def test_a_file_that_is_no_state_is_refused_and_kept(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(BadOptionError, match=told):
        StateFile(str(path), "C1").load()
    assert path.read_bytes() == content.encode("latin-1")


def test_a_folder_that_is_not_there_is_told_at_the_start(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(0o500)
    for path, told in (
        (tmp_path / "no" / "state.json", "state_file: there is no folder"),
        (tmp_path, "is a folder. Name a file in it"),
        *([(closed / "state.json", "cannot be locked")] if os.geteuid() else []),
    ):
        with pytest.raises(BadOptionError, match=told):
            asyncio.run(source.watch(asyncio.Queue(1), {**GIVEN, "state_file": str(path)}))


def test_a_link_is_not_followed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "other").write_text("other", encoding="utf-8")
    (tmp_path / "state.json").symlink_to(tmp_path / "other")
    StateFile(str(tmp_path / "state.json"), "C1").acknowledge(pending("a")[0])
    assert "cannot be written: Too many levels of symbolic links. After a restart" in caplog.text
    StateFile(str(tmp_path / "state.json"), "C1").save(State())
    assert (tmp_path / "other").read_text(encoding="utf-8") == "other"
