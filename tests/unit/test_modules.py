# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules end to end, in this process: options in as Ansible hands them over, a result out as JSON."""

from __future__ import annotations

import builtins
import contextlib
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import requests
from requests import exceptions as wire

from ansible.module_utils import basic
from ansible.module_utils.common import warnings as ansible_warnings

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._http import transport
from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import STATE_DIR_VARIABLE
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import exit as module_exit
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import libraries, masking
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.runtime import Operation, Outcome
from ansible_collections.eightbyeight.scim.plugins.modules import (
    eightbyeight_roster,
    eightbyeight_tenant_info,
    eightbyeight_user,
    eightbyeight_user_info,
)
from ansible_collections.eightbyeight.scim.tests.unit.helpers import BASE, HTML, TOKEN, Reply, Tenant, refusal, resource

NEW: dict[str, Any] = {"given_name": "Ada", "family_name": "Lovelace", "email": "ada@example.org"}
UTILS = "ansible_collections.eightbyeight.scim.plugins.module_utils."

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core 2.16 has no helper, and no profiles of serialization

    @contextlib.contextmanager
    def patch_module_args(args: dict[str, Any] | None = None) -> Iterator[None]:
        kept = basic._ANSIBLE_ARGS
        basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": args or {}}).encode()
        try:
            yield
        finally:
            basic._ANSIBLE_ARGS = kept


Run = Callable[..., dict[str, Any]]


@pytest.fixture
def tenant(monkeypatch: pytest.MonkeyPatch) -> Tenant:
    """A tenant that answers whatever session asks."""
    answering = Tenant(resource())
    monkeypatch.setattr(requests.Session, "get_adapter", lambda _self, url: answering)
    return answering


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a module, and hold back whatever it says until it is clear that the token is not in it."""
    with contextlib.suppress(ImportError):
        # Another test may have loaded parts of the controller, and a module that finds them there warns on their screen.
        internal = importlib.import_module("ansible.module_utils._internal")
        monkeypatch.setattr(internal, "is_controller", False)

    def once(module: ModuleType, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        connection = {"api_url": BASE, "api_token": TOKEN, "retry_budget": 0}
        given = {**connection, **options, "_ansible_check_mode": check_mode, "_ansible_remote_tmp": "/tmp"}
        given = {name: value for name, value in given.items() if value is not None}
        ansible_warnings._global_warnings.clear()  # They belong to a process, and a module has one of its own.
        with patch_module_args(given), pytest.raises(SystemExit) as left:
            module.main()
        out, err = capsys.readouterr()
        result: dict[str, Any] = json.loads(out)
        # How a module of ansible-core 2.22 tells the controller what to mask; it is taken out of the result there.
        result.pop("_ansible_new_secrets", None)
        assert "deprecations" not in result, "unexpected warnings"
        for secret in (TOKEN, TOKEN[:10]):
            assert secret not in json.dumps(result)
            assert secret not in err
        assert (left.value.code != 0) is result.get("failed", False)
        return result

    return once


def test_a_user_is_created(tenant: Tenant, run: Run) -> None:
    tenant.users.clear()
    foretold = run(eightbyeight_user, check_mode=True, user_name="ada@example.org", **NEW)
    assert (foretold["changed"], foretold["operation"], tenant.writes) == (True, "created", [])
    done = run(eightbyeight_user, user_name="ada@example.org", **NEW)
    assert (done["changed"], done["operation"], tenant.writes) == (True, "created", ["POST"])
    assert list(tenant.users) == [done["user"]["id"]]
    again = run(eightbyeight_user, user_name="ada@example.org", **NEW)
    assert (again["changed"], again["operation"], tenant.writes) == (False, "unchanged", ["POST"])


KEYS = {"changed", "user", "operation", "diff", "manual_actions"}


@pytest.mark.parametrize(
    ("options", "failed"),
    [
        ({"user_name": "ada@example.org"}, False),
        ({"user_name": "ada@example.org", "title": "Boss"}, False),
        ({"user_name": "ada@example.org", "site": "Paris"}, True),
        ({"user_name": "ada@example.org", "state": "absent", "active": True}, True),
        ({"user_name": "nobody@example.org"}, True),
        ({"user_name": "ada@example.org", "api_url": "http://example.org"}, True),
        ({"user_name": "ada@example.org", "api_token": f"Bearer {TOKEN}"}, True),
        ({"user_name": ""}, True),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_the_same_keys_in_every_outcome(
    tenant: Tenant, run: Run, options: dict[str, Any], failed: bool, check_mode: bool
) -> None:
    result = run(eightbyeight_user, check_mode=check_mode, **options)
    assert result.get("failed", False) is failed
    assert set(result) >= KEYS
    if failed:
        assert result["msg"]
        assert list(result["error"]) == ["kind", "status", "scim_type", "detail", "method", "path"]


def test_warnings_are_passed_on(tenant: Tenant, run: Run) -> None:
    tenant.rewrite = lambda raw: raw.update(title="BOSS")
    result = run(eightbyeight_user, user_name="ada@example.org", title="Boss")
    (warning,) = result["warnings"]
    assert "did not store everything" in str(warning)
    assert "warnings" not in run(eightbyeight_user, user_name="ada@example.org", title="Boss")


def test_users_are_read_by_site_and_an_unknown_one_is_an_empty_list(tenant: Tenant, run: Run) -> None:
    found = run(eightbyeight_user_info, site="London")
    assert (found["changed"], found["total"], found["complete"]) == (False, 1, True)
    assert found["users"][0]["user_name"] == "ada@example.org"
    none = run(eightbyeight_user_info, user_name="x@y.z")
    assert (none["users"], none["total"]) == ([], 0)


def test_a_failed_reading_has_its_keys_too(tenant: Tenant, run: Run) -> None:
    tenant.before = lambda _request: refusal(401, f"no {TOKEN}")
    failed = run(eightbyeight_user_info)
    assert (failed["failed"], failed["users"], failed["total"], failed["complete"]) == (True, [], 0, False)
    assert failed["error"]["kind"] == "token_rejected"


def test_the_tenant_is_told(tenant: Tenant, run: Run) -> None:
    assert run(eightbyeight_tenant_info)["readable"] is True
    tenant.before = lambda _request: refusal(401, f"no {TOKEN}")
    sick = run(eightbyeight_tenant_info)
    assert (sick.get("failed", False), sick["readable"]) == (False, False)
    assert sick["problem"]["kind"] == "token_rejected"


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("options", [{}, {"api_url": "http://example.org"}])
def test_the_tenant_says_whether_it_was_asked_in_check_mode(
    tenant: Tenant, run: Run, options: dict[str, Any], check_mode: bool
) -> None:
    """The roles go by it."""
    assert run(eightbyeight_tenant_info, check_mode=check_mode, **options)["check_mode"] is check_mode


def test_the_tenant_fails_on_bad_options(tenant: Tenant, run: Run) -> None:
    failed = run(eightbyeight_tenant_info, api_url="http://example.org")
    assert (failed["failed"], failed["changed"], failed["error"]["kind"]) == (True, False, "bad_option")
    assert tenant.log == []


@pytest.mark.parametrize(
    ("module", "options", "words"),
    [
        (eightbyeight_user, {}, "user_name, user_id"),
        (eightbyeight_user, {"user_name": "a", "state": "gone"}, "present, absent"),
        (eightbyeight_user, {"user_name": "a", "phone_numbers": [{"type": "fax", "value": "1"}]}, "work, mobile"),
        (eightbyeight_user, {"user_name": "a", "phone_numbers": [{"type": "work"}]}, "value"),
        (eightbyeight_user, {"user_name": "a", "timeout": "soon"}, "timeout"),
        (eightbyeight_user, {"user_name": "a", "shoe_size": 38}, "shoe_size"),
        (eightbyeight_user_info, {"filter": "x", "user_name": "a"}, "mutually exclusive"),
        (eightbyeight_user_info, {"filter": "x", "user_id": "a"}, "mutually exclusive"),
    ],
)
def test_ansible_refuses_what_the_specification_forbids(
    tenant: Tenant, run: Run, module: ModuleType, options: dict[str, Any], words: str
) -> None:
    result = run(module, **options)
    assert result["failed"] is True
    assert words in result["msg"]
    assert result["error"]["kind"] == "bad_option"
    assert set(result) >= (KEYS if module is eightbyeight_user else {"users", "total", "complete"})
    assert tenant.log == []


def test_the_keys_are_there_whatever_ansible_refuses(tenant: Tenant, run: Run) -> None:
    done = run(eightbyeight_roster, users=[])
    told = run(eightbyeight_roster, users=[], timeout="soon")
    assert (told["failed"], told["changed"], set(told) - {"failed", "msg", "error"}) == (True, False, set(done))
    well = run(eightbyeight_tenant_info)
    told = run(eightbyeight_tenant_info, timeout="soon")
    assert (told["failed"], told["readable"], set(told) - {"failed", "msg", "error"}) == (True, False, set(well))


@pytest.mark.parametrize(
    "module", [eightbyeight_user, eightbyeight_user_info, eightbyeight_tenant_info, eightbyeight_roster]
)
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"api_token": None}, "api_token is missing or empty: give it, or set EIGHTBYEIGHT_API_TOKEN."),
        ({"api_token": " "}, "api_token is missing or empty: give it, or set EIGHTBYEIGHT_API_TOKEN."),
        ({"api_url": None}, "api_url is missing: give it, or customer_id, or set EIGHTBYEIGHT_API_URL or"),
    ],
)
def test_a_missing_connection_is_told_with_where_to_get_it(
    tenant: Tenant, run: Run, module: ModuleType, options: dict[str, Any], words: str
) -> None:
    needed: dict[ModuleType, dict[str, Any]] = {
        eightbyeight_user: {"user_name": "a"},
        eightbyeight_roster: {"users": []},
    }
    result = run(module, **needed.get(module, {}), **options)
    assert result["msg"].startswith(words)
    assert "Admin Console > " in result["msg"]
    assert (result["failed"], result["changed"], result["error"]["kind"]) == (True, False, "bad_option")
    assert tenant.log == []


def test_the_connection_may_come_from_the_environment(
    tenant: Tenant, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EIGHTBYEIGHT_API_URL", BASE)
    monkeypatch.setenv("EIGHTBYEIGHT_API_TOKEN", TOKEN)
    assert run(eightbyeight_user_info, api_url=None, api_token=None)["total"] == 1


def test_a_customer_may_come_from_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    tenant = Tenant(base="https://platform-cloud.8x8.com/udi/customers/C7/scim/v2")
    tenant.before = lambda request: asked.append(str(request.url))
    monkeypatch.setattr(requests.Session, "get_adapter", lambda _self, url: tenant)
    monkeypatch.setenv("EIGHTBYEIGHT_CUSTOMER_ID", "C7")
    run(eightbyeight_user_info, api_url=None)
    assert asked[0].startswith("https://platform-cloud.8x8.com/udi/customers/C7/scim/v2/Users?")


TROUBLES: list[Any] = [
    *(
        refusal(status, f"Authorization: Bearer {TOKEN}", TOKEN)
        for status in (400, 401, 403, 404, 405, 409, 412, 429, 500)
    ),
    Reply(200, f"<html>{TOKEN}</html>"),
    Reply(502, HTML),
    Reply(200, f'{{"x": "{TOKEN}'),
    wire.ConnectionError(f"Bearer {TOKEN}"),
    wire.SSLError(f"Bearer {TOKEN}"),
]


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("when", ["GET", "PUT"])
@pytest.mark.parametrize("module", [eightbyeight_user, eightbyeight_user_info, eightbyeight_tenant_info])
def test_the_token_is_in_no_output_whatever_happens(
    tenant: Tenant, run: Run, module: ModuleType, trouble: Any, when: str
) -> None:
    tenant.before = lambda request: trouble if request.method == when else None
    options = {"user_name": "ada@example.org", "title": "Boss"} if module is eightbyeight_user else {}
    run(module, **options)  # The fixture looks for the token.


def test_the_token_is_in_no_warning_even_if_the_server_makes_it_a_title(tenant: Tenant, run: Run) -> None:
    """ansible-core 2.19 and newer do not look for secrets in warnings."""
    tenant.rewrite = lambda raw: raw.update(title=TOKEN)
    run(eightbyeight_user, user_name="ada@example.org", title="Boss")


def test_the_token_is_in_nothing_that_is_kept(tenant: Tenant, run: Run) -> None:
    tenant.rewrite = lambda raw: raw.update(title="BOSS")
    run(eightbyeight_user, user_name="ada@example.org", title="Boss")
    files = [path for path in Path(os.environ[STATE_DIR_VARIABLE]).rglob("*") if path.is_file()]
    assert files
    assert all(TOKEN not in path.read_text(encoding="utf-8") for path in files)


# -- Without the libraries ----------------------------------------------------


@pytest.mark.parametrize("module", [eightbyeight_user, eightbyeight_user_info, eightbyeight_tenant_info])
def test_all_missing_libraries_are_named_at_once(
    tenant: Tenant, run: Run, monkeypatch: pytest.MonkeyPatch, module: ModuleType
) -> None:
    monkeypatch.setattr(transport, "REQUESTS_VERSION", None)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name in ("requests", "pydantic", "pydantic_core") else find(name),
    )
    options = {"user_name": "a"} if module is eightbyeight_user else {}
    result = run(module, **options)
    assert result["failed"] is True
    assert "requests is missing and pydantic is missing" in result["msg"]
    assert (result["changed"], result["error"]["kind"]) == (False, "missing_library")
    assert tenant.log == []


@pytest.mark.parametrize(("library", "name"), [("requests", "_http.transport"), ("pydantic", "_resource.validation")])
def test_the_engine_can_be_imported_without_its_libraries(
    monkeypatch: pytest.MonkeyPatch, library: str, name: str
) -> None:
    """Documentation and sanity tests import modules where nothing is installed."""
    whole = builtins.__import__

    def lacking(wanted: str, *more: Any, **settings: Any) -> Any:
        if wanted.split(".", maxsplit=1)[0] == library:
            raise ImportError(f"No module named {wanted!r}")
        return whole(wanted, *more, **settings)

    spec = importlib.util.find_spec(UTILS + name)
    assert spec is not None
    assert spec.loader is not None
    poor = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, UTILS + name, poor)
    monkeypatch.setattr(builtins, "__import__", lacking)
    spec.loader.exec_module(poor)
    monkeypatch.undo()
    if library == "requests":
        assert poor.REQUESTS_VERSION is None
        assert f"No module named '{library}'" in poor.REQUESTS_TROUBLE
    else:
        with pytest.raises(
            EightByEightError, match="pydantic is there, but cannot be imported .No module named 'pydantic'"
        ):
            poor.validated({})


def test_both_libraries_are_here() -> None:
    assert libraries.unsuitable_libraries() == []
    assert transport.REQUESTS_TROUBLE == ""


def test_nothing_heavy_is_loaded_before_it_is_needed() -> None:
    """A plain module is a process for each task, and pays for every import again."""
    code = f"import sys; import {eightbyeight_user.__name__}, {UTILS}_module.exit, {UTILS}_module.user_entry; print(*sorted(sys.modules))"
    command, places = [sys.executable, "-c", code], {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    loaded = subprocess.run(command, env=places, check=True, capture_output=True, text=True).stdout.split()
    assert "requests" in loaded
    assert {
        "pydantic",
        f"{UTILS}_resource.validation",
        f"{UTILS}_info.users",
        f"{UTILS}_http.failures",
        f"{UTILS}_http.lost",
        f"{UTILS}_http.pacing",
        f"{UTILS}_roster",
        f"{UTILS}_write.execute",
        f"{UTILS}_write.explain",
    }.isdisjoint(loaded)


# -- The doors, without AnsibleModule -----------------------------------------


class Door:
    """As much of AnsibleModule as the engine uses."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.params = dict(params)
        self.check_mode = False
        self.told: list[Any] = []

    def warn(self, warning: str) -> None:
        self.told.append(warning)

    def exit_json(self, **result: Any) -> None:
        self.told.append(("exit", result))

    def fail_json(self, msg: str, **result: Any) -> None:
        self.told.append(("fail", msg, result))
        raise SystemExit(1)


def test_a_module_hands_over_warnings_before_it_ends() -> None:
    door = Door({"a": 1})
    outcome = Outcome({"changed": True}, warnings=["careful"])
    module_exit.run(door, Operation(lambda *_: outcome, {}))
    assert door.told == ["careful", ("exit", {"changed": True})]
    failing, error = Door({}), EightByEightError("no")
    with pytest.raises(SystemExit):
        module_exit.run(failing, Operation(lambda *_: Outcome({"x": 1}, error, ["w"]), {}))
    assert failing.told == ["w", ("fail", "no", {"x": 1, "error": error.to_result()["error"]})]


def test_a_roster_is_repeated_by_its_length() -> None:
    shown = masking.shown_arguments({"users": [{"user_name": "ada@example.org"}] * 400, "api_url": BASE})
    assert shown == {"users": "400 rows", "api_url": BASE}


def test_nothing_is_kept_in_the_home_of_whoever_runs_the_tests(tmp_path: Path) -> None:
    assert os.environ[STATE_DIR_VARIABLE].startswith(str(tmp_path.parent))
