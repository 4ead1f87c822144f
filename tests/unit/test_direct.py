# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way inside the controller: when it is taken, and what it leaves behind. That its results are those of the module is
shown by the integration targets, which run both ways."""

from __future__ import annotations

import datetime as dt
import gc
import io
import json
import os
import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import urllib3
import yaml

from ansible.errors import AnsibleError
from ansible.module_utils.common.parameters import env_fallback
from ansible.plugins.action import ActionBase

from ansible_collections.eightbyeight.scim.plugins.action import eightbyeight_user as action
from ansible_collections.eightbyeight.scim.plugins.module_utils._client import ScimClient
from ansible_collections.eightbyeight.scim.plugins.module_utils._find.state import USELESS
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import masking
from ansible_collections.eightbyeight.scim.plugins.plugin_utils import _compat, _direct
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._direct import (
    SWITCH_ENVIRONMENT,
    SWITCH_VARIABLE,
    Sessions,
    _environment,
    _switched_on,
)

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-to-be-forgotten"


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SWITCH_ENVIRONMENT, raising=False)


def plugin(transport: str = "local", become: Any = None, async_val: int = 0) -> Any:
    made: Any = object.__new__(action.ActionModule)
    made._connection = SimpleNamespace(transport=transport, become=become)
    made._task = SimpleNamespace(async_val=async_val, action="eightbyeight.scim.eightbyeight_user")
    return made


def test_every_module_has_its_action_plugin_and_both_are_in_the_action_group() -> None:
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    actions = {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")}
    group = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"]["eightbyeight"]
    assert modules == actions == set(group)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (plugin(), None),
        (plugin(transport="ssh"), "the connection is ssh, not local"),
        (plugin(become=object()), "become is used"),
        (plugin(async_val=30), "async is used"),
    ],
)
def test_it_is_taken_only_where_it_is_the_same_thing(made: Any, reason: str | None) -> None:
    assert made._obstacle({}) == reason


def ready(monkeypatch: pytest.MonkeyPatch, made: Any, result: dict[str, Any], **task: Any) -> list[str]:
    """Let a plugin run without Ansible around it; return what -vvv shows."""
    lines: list[str] = []
    vars(made._task).update({"until": None, "retries": None, "debugger": None, "args": {"users": [1, 2]}, **task})
    monkeypatch.setattr(ActionBase, "run", lambda _self, _tmp, _task_vars: {})
    monkeypatch.setattr(_direct.display, "vvv", lambda line, host=None: lines.append(f"{host}: {line}"))
    made._direct = lambda _arguments, _task_vars: result
    made._task_environment = dict
    made._execute_module = lambda **_settings: result
    return lines


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (plugin(), "direct, in the process of the controller"),
        (plugin(transport="ssh"), "as a module, because the connection is ssh, not local"),
    ],
)
def test_the_way_that_is_taken_is_told_with_its_reason(monkeypatch: pytest.MonkeyPatch, made: Any, told: str) -> None:
    lines = ready(monkeypatch, made, {"changed": True})
    assert made.run(None, {"inventory_hostname": "customer"}) == {"changed": True}
    assert lines == [f"customer: eightbyeight.scim.eightbyeight_user: {told}"]


def test_ansible_is_told_what_to_mask_before_the_module_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """ansible-core 2.22 would else learn of it when the module has ended, and show what it wrote before that."""
    made = plugin(transport="ssh")
    masked: set[str] = set()
    ready(monkeypatch, made, {}, args={"api_token": f"{TOKEN}'\n"})
    made._task_environment = lambda: {"EIGHTBYEIGHT_API_TOKEN": "inherited"}
    monkeypatch.setattr(_direct, "mask", masked.update)
    made._execute_module = lambda **_settings: {"changed": {f"{TOKEN}'", "inherited"} <= masked}
    assert made.run(None, {}) == {"changed": True}


def test_ansible_is_told_of_each_secret_and_of_each_variable_that_holds_one(monkeypatch: pytest.MonkeyPatch) -> None:
    fallback = (env_fallback, ["EIGHTBYEIGHT_OTHER_KEY"])
    made = plugin(transport="ssh")
    other_key = {"type": "str", "no_log": True, "fallback": fallback}
    made.SPEC = made.SPEC._replace(argument_spec={**made.SPEC.argument_spec, "other_key": other_key})
    masked: set[str] = set()
    ready(monkeypatch, made, {}, args={"api_token": "given"})
    made._task_environment = lambda: {"EIGHTBYEIGHT_OTHER_KEY": "inherited"}
    for module in (_direct, masking):
        monkeypatch.setattr(module, "SECRET_OPTIONS", ("api_token", "other_key"))
    monkeypatch.setattr(_direct, "mask", masked.update)
    made.run(None, {})
    assert masked >= {"given", "inherited"}


def test_ansible_masks_where_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    masked: list[str] = []
    monkeypatch.setattr(_compat, "_REGISTER", None)
    _compat.mask([TOKEN])
    monkeypatch.setattr(_compat, "_REGISTER", masked.extend)
    _compat.mask([TOKEN])
    assert masked == [TOKEN]


@pytest.mark.parametrize(
    ("task", "result", "kept"),
    [
        ({}, {}, "2 rows"),
        ({}, {"failed": True}, [1, 2]),
        ({"until": ["x"]}, {}, [1, 2]),
        ({"retries": 2}, {}, [1, 2]),
        ({"debugger": "always"}, {}, [1, 2]),
    ],
)
def test_a_roster_goes_back_to_the_parent_only_where_it_may_be_needed_again(
    monkeypatch: pytest.MonkeyPatch, task: dict[str, Any], result: dict[str, Any], kept: Any
) -> None:
    made = plugin()
    ready(monkeypatch, made, result, **task)
    made.run(None, {})
    assert made._task.args == {"users": kept}


@pytest.mark.parametrize(
    ("task", "failed", "anew"),
    [({}, True, False), ({"until": ["x"]}, True, True), ({"retries": 2}, True, True), ({"retries": 2}, False, False)],
)
def test_a_task_that_is_tried_again_begins_anew(
    monkeypatch: pytest.MonkeyPatch, task: dict[str, Any], failed: bool, anew: bool
) -> None:
    """A dead token ends a loop, and must not end a task that waits until the token works."""
    sessions = Sessions()
    monkeypatch.setattr(_direct, "_sessions", sessions)
    first = sessions.of(connection())
    assert "token_rejected" in first.refusals.kinds
    made = plugin()
    ready(monkeypatch, made, {"failed": True} if failed else {}, **task)
    made.run(None, {})
    assert (sessions.of(connection()) is not first) is anew


def test_a_python_without_the_libraries_leaves_it_to_the_module(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = ["requests is missing", "pydantic 1.10.13 is too old"]
    monkeypatch.setattr(_direct, "unsuitable_libraries", lambda: faults)
    assert plugin()._obstacle({}) == "in the controller's Python requests is missing and pydantic 1.10.13 is too old"


@pytest.mark.parametrize(
    ("variable", "environment", "on"),
    [
        (None, None, True),
        ("", "", True),
        (False, None, False),
        ("no", None, False),
        (True, "false", True),
        (None, "false", False),
        (None, "0", False),
        (None, "yes", True),
        (False, "true", False),
    ],
)
def test_the_switch_is_a_variable_first_and_an_environment_variable_second(
    monkeypatch: pytest.MonkeyPatch, variable: Any, environment: str | None, on: bool
) -> None:
    if environment is not None:
        monkeypatch.setenv(SWITCH_ENVIRONMENT, environment)
    variables = {} if variable is None else {SWITCH_VARIABLE: variable}
    assert _switched_on(variables) is on
    assert (plugin()._obstacle(variables) is None) is on


def test_a_switch_that_is_neither_on_nor_off_is_an_error() -> None:
    with pytest.raises(AnsibleError, match=f"{SWITCH_VARIABLE} must be true or false, not 'maybe'"):
        _switched_on({SWITCH_VARIABLE: "maybe"})


def connection(**more: Any) -> Connection:
    return Connection(**{"base_url": "https://8x8.test/scim/v2", "token": TOKEN, **more})


def test_the_calls_of_a_loop_share_a_session() -> None:
    sessions = Sessions()
    first = ScimClient(connection(), session=sessions.of(connection()))
    first.lookups.filter = USELESS
    first.close()
    later = connection(timeout=5.0, retry_budget=0.0)
    again = ScimClient(later, session=sessions.of(later))
    assert again._session is first._session
    assert again.lookups.filter_refused
    assert again.budget.left == 0


@pytest.mark.parametrize(
    "other",
    [
        {"token": "another"},
        {"base_url": "https://8x8.test/other"},
        {"verify": False},
        {"verify": "/some/bundle"},
        {"extension_urn": "urn:other"},
    ],
)
def test_whatever_defines_a_connection_has_a_session_of_its_own(other: dict[str, Any]) -> None:
    sessions = Sessions()
    assert sessions.of(connection()) is not sessions.of(connection(**other))


def test_a_session_that_stays_behind_knows_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def send(self: Any, request: requests.PreparedRequest, **_settings: Any) -> requests.Response:
        seen.append(request.headers["Authorization"])
        answer = requests.Response()
        answer.status_code = 200
        answer.request = request
        answer.raw = urllib3.HTTPResponse(io.BytesIO(b'{"totalResults": 0}'), preload_content=False)
        return answer

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", send)
    sessions = Sessions()
    for token in ("first-token", "second-token"):
        with ScimClient(connection(token=token), session=sessions.of(connection(token=token))) as client:
            client.list_users()
    assert seen == ["Bearer first-token", "Bearer second-token"]
    del client
    gc.collect()
    reached = [sessions]
    texts = set()
    known: set[int] = set()
    while reached:
        thing: Any = reached.pop()
        if id(thing) in known or isinstance(thing, type) or callable(thing):
            continue
        known.add(id(thing))
        if isinstance(thing, (str, bytes)):
            texts.add(str(thing))
            continue
        reached += gc.get_referents(thing)
    assert len(texts) > 10, "the walk went somewhere"
    assert not any("first-token" in text or "second-token" in text for text in texts)


def test_only_so_many_sessions_are_kept() -> None:
    sessions = Sessions()
    first = sessions.of(connection())
    for number in range(_direct._MAX_SESSIONS):
        sessions.of(connection(token=f"token-{number}"))
    assert len(sessions._kept) == _direct._MAX_SESSIONS
    assert sessions.of(connection()) is not first


def test_a_fork_does_not_talk_on_the_sockets_of_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions()
    first = sessions.of(connection())
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert sessions.of(connection()) is not first


def test_the_environment_of_a_task_counts_and_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGHTBYEIGHT_API_URL", "before")
    monkeypatch.delenv("EIGHTBYEIGHT_API_TOKEN", raising=False)
    before = dict(os.environ)
    during: dict[str, str] = {}

    def fail() -> None:
        with _environment({"EIGHTBYEIGHT_API_URL": "during", "EIGHTBYEIGHT_API_TOKEN": "secret"}):
            during.update(os.environ)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert (during["EIGHTBYEIGHT_API_URL"], during["EIGHTBYEIGHT_API_TOKEN"]) == ("during", "secret")
    assert dict(os.environ) == before


def test_arguments_arrive_as_a_module_sees_them() -> None:
    arguments = {"external_id": dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC), "n": 1, "l": ["x"]}
    assert _compat.as_module_sees(arguments) == {"external_id": "2026-01-02T03:04:00+00:00", "n": 1, "l": ["x"]}


def test_python_does_not_look_for_garbage_in_what_ansible_has_loaded() -> None:
    gc.unfreeze()
    runpy.run_path(_direct.__file__)
    try:
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()


def test_python_looks_for_garbage_seldom_while_a_task_runs() -> None:
    before = gc.get_threshold()
    with _direct._rare_garbage_collection():
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] >= 100_000
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_the_results_of_a_loop_share_their_texts() -> None:
    texts: dict[str, str] = {}
    one, two = (
        _compat.as_module_result({"user": {"title": f"{'Senior'} Analyst {number // 2}"}}, texts) for number in (0, 1)
    )
    assert one["user"]["title"] is two["user"]["title"]


def test_a_result_is_plain_json() -> None:
    result = _compat.as_module_result({"changed": False, "a": ("b",), "c": {"d": None}}, {})
    # ansible-core 2.21 adds what every result has.
    assert json.loads(json.dumps({**result, "failed": False})) == {
        "changed": False,
        "failed": False,
        "a": ["b"],
        "c": {"d": None},
    }
