# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One truth told in several places: options, documentation, names, returned keys, examples, roles."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible.module_utils.basic import env_fallback

from ansible_collections.eightbyeight.scim.plugins.module_utils._admin.users import read_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._audit.document import changes_since
from ansible_collections.eightbyeight.scim.plugins.module_utils._base import empty
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._info.tenant import read_tenant
from ansible_collections.eightbyeight.scim.plugins.module_utils._info.users import read_users
from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.followup_entry import followup, followup_info
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.masking import SECRET_OPTIONS
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.roster_entry import manage_roster
from ansible_collections.eightbyeight.scim.plugins.module_utils._plan import plan
from ansible_collections.eightbyeight.scim.plugins.module_utils._report import checklist
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource import names
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.user import VIEW_KEYS
from ansible_collections.eightbyeight.scim.plugins.module_utils._roster import run_roster
from ansible_collections.eightbyeight.scim.plugins.module_utils._rows.cells import DATES, IDENTITY
from ansible_collections.eightbyeight.scim.plugins.module_utils._user import ensure_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._wanted import Wanted
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.progress import Task
from ansible_collections.eightbyeight.scim.plugins.plugin_utils import _role_options
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_connection import SETTINGS
from ansible_collections.eightbyeight.scim.tests.unit.audits import run_audit
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    TOKEN,
    FakeTime,
    Tenant,
    client_for,
    connection,
    resource,
    session_over,
    user,
)

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
SPECS: dict[str, argspec.ArgumentSpec] = {
    "eightbyeight_audit_info": argspec.AUDIT_INFO,
    "eightbyeight_followup": argspec.FOLLOWUP,
    "eightbyeight_followup_info": argspec.FOLLOWUP_INFO,
    "eightbyeight_roster": argspec.ROSTER,
    "eightbyeight_service_info": argspec.SERVICE_INFO,
    "eightbyeight_user": argspec.USER,
    "eightbyeight_user_info": argspec.USER_INFO,
    "eightbyeight_tenant_info": argspec.TENANT_INFO,
}
NEW: dict[str, Any] = {"given_name": "Ada", "family_name": "Lovelace", "email": "ada@example.org"}


def constants(path: Path) -> dict[str, str]:
    """Return the text constants of a Python file without running it, of classes too."""
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found.update({target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)})
    return found


@cache
def page(module: str, name: str) -> Any:
    return yaml.safe_load(constants(ROOT / "plugins" / "modules" / f"{module}.py")[name])


@cache
def documented(module: str) -> dict[str, Any]:
    """Return the documentation with its fragments merged, as Ansible does."""
    doc = page(module, "DOCUMENTATION")
    options: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    for fragment in doc["extends_documentation_fragment"]:
        collection, name = fragment.split(".scim.")
        assert collection == "eightbyeight"
        file, _dot, section = name.partition(".")
        text = constants(ROOT / "plugins" / "doc_fragments" / f"{file}.py")[section.upper() or "DOCUMENTATION"]
        content = yaml.safe_load(text)
        options.update(content.get("options") or {})
        attributes.update(content.get("attributes") or {})
    options.update(doc.get("options") or {})
    return {**doc, "options": options, "attributes": {**attributes, **(doc.get("attributes") or {})}}


def as_documented(option: dict[str, Any]) -> dict[str, Any]:
    """Put an option of the documentation into the form of an argument specification."""
    kept = ("type", "elements", "default", "choices", "required")
    spec = {key: option[key] for key in kept if option.get(key) not in (None, False)}
    if "suboptions" in option:
        spec["options"] = {name: as_documented(inner) for name, inner in option["suboptions"].items()}
    if option.get("default") is False:
        spec["default"] = False
    return spec


def as_specified(option: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in option.items() if key not in ("no_log", "fallback", "options")}
    if "options" in option:
        kept["options"] = {name: as_specified(inner) for name, inner in option["options"].items()}
    return kept


def test_every_module_has_its_options_here() -> None:
    assert sorted(SPECS) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_options_are_documented_as_they_are(module: str) -> None:
    doc = documented(module)
    assert {name: as_documented(option) for name, option in doc["options"].items()} == {
        name: as_specified(option) for name, option in SPECS[module].argument_spec.items()
    }
    assert doc["attributes"]["check_mode"]["support"] == "full"
    assert doc["module"] == module
    for name, option in doc["options"].items():
        assert option["description"], name


@pytest.mark.parametrize("module", MODULES)
def test_constraints_name_options_that_exist_and_say_so_in_the_documentation(module: str) -> None:
    spec = SPECS[module]._asdict()
    options = documented(module)["options"]
    for kind, word in (("required_one_of", "required"), ("mutually_exclusive", "Cannot be combined")):
        for together in spec[kind]:
            assert set(together) <= set(options)
            texts = " ".join(" ".join(options[name]["description"]) for name in together)
            assert word in texts, together


@pytest.mark.parametrize("module", MODULES)
def test_every_variable_of_the_environment_is_documented(module: str) -> None:
    options = documented(module)["options"]
    found = set()
    for name, option in SPECS[module].argument_spec.items():
        text = " ".join(options[name]["description"])
        variables = option["fallback"][1] if "fallback" in option else []
        assert ("environment" in text or "E(" in text) is bool(variables), name
        for variable in variables:
            assert f"E({variable})" in text, name
            assert option["fallback"][0] is env_fallback
            found.add(variable)
    assert found == {
        "EIGHTBYEIGHT_API_URL",
        "EIGHTBYEIGHT_CUSTOMER_ID",
        "EIGHTBYEIGHT_API_TOKEN",
        "EIGHTBYEIGHT_ADMIN_API_KEY",
        "EIGHTBYEIGHT_ADMIN_API_URL",
    }


@pytest.mark.parametrize("module", MODULES)
def test_the_token_is_secret_and_nothing_else_is(module: str) -> None:
    spec = SPECS[module].argument_spec
    assert [name for name, option in spec.items() if option.get("no_log")] == [*SECRET_OPTIONS]


def test_the_attributes_of_a_user_are_the_options_of_the_module() -> None:
    options = set(argspec.USER.argument_spec) - set(argspec.CONNECTION) - {"user_name", "user_id", "state"}
    assert options == {*names.ATTRIBUTES, "active", "ignored_actions"}
    fragment = yaml.safe_load(constants(ROOT / "plugins" / "doc_fragments" / "_user.py")["DOCUMENTATION"])
    assert tuple(sorted(fragment["options"])) == tuple(sorted(names.ATTRIBUTES))
    assert set(VIEW_KEYS) == {*names.ATTRIBUTES, "id", "user_name", "active", "created", "last_modified"}
    assert set(names.REQUIRED_ATTRIBUTES) <= set(names.TEXT_ATTRIBUTES)
    choices = argspec.ATTRIBUTES["phone_numbers"]["options"]["type"]["choices"]
    assert tuple(choices) == names.PHONE_TYPES


def test_managed_attributes_have_no_default_and_nobody_is_forced_to_give_them() -> None:
    for name in argspec.ATTRIBUTES:
        assert not {"default", "required"} & set(argspec.USER.argument_spec[name]), name


def test_required_attributes_say_so() -> None:
    options = documented("eightbyeight_user")["options"]
    for name in names.TEXT_ATTRIBUTES:
        text = " ".join(options[name]["description"])
        assert ("cannot be cleared" in text) is (name in names.REQUIRED_ATTRIBUTES), name


def roster_options() -> dict[str, Any]:
    defaults = {name: option.get("default") for name, option in argspec.ROSTER.argument_spec.items()}
    return {**defaults, "api_url": BASE, "api_token": TOKEN, "users": []}


@pytest.fixture
def tenant_of_two() -> dict[str, Any]:
    """What a roster makes of a tenant of two."""
    tenant = Tenant(resource("1"), resource("2", "bob@example.org"))
    rows = [{"user_name": "ada@example.org", "title": "Boss"}, {"user_name": "eve@example.org", **NEW}]
    told = run_roster(
        lambda: WritingClient(connection(), clock=FakeTime().clock, session=session_over(tenant)),
        {**roster_options(), "users": rows},
    )
    assert told.error is None
    return dict(told.result)


def contained(returned: dict[str, Any]) -> list[str]:
    return list(returned["contains"])


def test_the_user_is_documented_key_by_key_and_the_same_everywhere() -> None:
    one, many = page("eightbyeight_user", "RETURN")["user"], page("eightbyeight_user_info", "RETURN")["users"]
    assert contained(one) == contained(many) == list(VIEW_KEYS)
    assert one["contains"] == many["contains"]
    kinds = {"str": str, "bool": bool, "list": list}
    view = user(phoneNumbers=[{"type": "work", "value": "1"}], externalId="1", timezone="UTC").view
    for name, described in one["contains"].items():
        assert isinstance(view[name], kinds[described["type"]]), name
        assert isinstance(described["sample"], kinds[described["type"]]), name


def test_the_result_of_the_user_module_is_documented_key_by_key(tmp_path: Path) -> None:
    returned = page("eightbyeight_user", "RETURN")
    task = Task(client_for(Tenant()), Wanted("ada@example.org", None, True, NEW), Memory("x", str(tmp_path)))
    result = ensure_user(task).result
    assert [*returned] == ["user", "operation", "diff", "manual_actions", "error"]
    assert set(result) == {*returned, "changed"} - {"error"}
    assert set(result) == set(empty.USER)
    (action, *_rest) = result["manual_actions"]
    assert contained(returned["manual_actions"]) == list(action)
    assert set(contained(returned["diff"])) == set(result["diff"]) - {"before_header", "after_header"}
    operations = {"created", "updated", "activated", "deactivated", "unchanged"}
    assert set(returned["operation"]["choices"]) == operations


def test_the_results_of_the_info_modules_are_documented_key_by_key() -> None:
    client = client_for(Tenant(resource()))
    users, tenant = page("eightbyeight_user_info", "RETURN"), page("eightbyeight_tenant_info", "RETURN")
    assert [*users] == [*read_users(client, {})[0], "error"]
    facts = read_tenant(client)[0]
    assert [*tenant] == [*facts, "check_mode", "error"]
    for name in ("users", "filters", "discovery"):
        assert contained(tenant[name]) == list(facts[name])


def test_the_result_of_the_roster_module_is_documented_key_by_key(tenant_of_two: dict[str, Any]) -> None:
    returned = page("eightbyeight_roster", "RETURN")
    result = tenant_of_two
    assert set(result) == {*returned, "changed"} - {"error"}
    assert set(empty.ROSTER) == set(result)
    assert contained(returned["summary"]) == list(result["summary"]) == list(empty.ROSTER["summary"])
    assert contained(returned["plan"]) == list(result["plan"]) == list(empty.ROSTER["plan"])
    forecast = returned["plan"]["contains"]["forecast"]
    assert contained(forecast) == list(result["plan"]["forecast"]) == list(empty.ROSTER["plan"]["forecast"])
    assert contained(returned["results"]) == list(result["results"][0])
    assert contained(returned["manual_actions"]) == list(result["manual_actions"][0])
    users = page("eightbyeight_user", "RETURN")
    assert returned["manual_actions"]["contains"] == users["manual_actions"]["contains"]
    assert set(returned["diff"]["sample"][0]) == set(result["diff"][0])
    refused = manage_roster({**roster_options(), "users": [{"titel": "x"}]}, True).result
    assert contained(returned["problems"]) == list(refused["problems"][0])
    assert set(refused) == {*returned, "changed", "msg"}
    nothing = manage_roster({**roster_options(), "timeout": 0}, True).result
    assert set(nothing) == {*returned, "changed", "msg"}


def test_the_results_of_the_modules_of_the_ledger_are_documented_key_by_key(tmp_path: Path) -> None:
    defaults = {name: option.get("default") for name, option in argspec.FOLLOWUP.argument_spec.items()}
    given = {**defaults, "path": str(tmp_path / "x"), "tenant": "C1", "action": "a", "user_name": "ada@example.org"}
    result = followup(given, False).result
    returned, info = page("eightbyeight_followup", "RETURN"), page("eightbyeight_followup_info", "RETURN")
    assert set(result) == {*returned, "changed"} - {"error"} == set(empty.FOLLOWUP)
    read = followup_info({**given, "action": None, "user_name": None}, False).result
    assert set(read) == {*info, "changed"} - {"error"} == set(empty.FOLLOWUP_INFO)
    assert set(contained(returned["followups"])) == set(result["followups"][0])
    assert returned["followups"]["contains"] == info["followups"]["contains"]
    assert contained(returned["counts"]) == list(result["counts"]) == list(empty.FOLLOWUP["counts"])
    assert set(contained(returned["diff"])) == set(result["diff"]) - {"before_header", "after_header"}


def test_the_result_of_the_service_module_is_documented_key_by_key() -> None:
    returned = page("eightbyeight_service_info", "RETURN")
    assert set(returned) == {*empty.SERVICE_INFO, "error"} - {"changed"}
    shown = read_user({"basicInfo": {"userId": "1", "userName": "a"}}).whole().view()
    assert contained(returned["users"]) == list(shown)
    parts = {"licenses": [{"name": "a"}], "extensions": [{"extensionType": "UC"}]}
    full = read_user({"basicInfo": {"userId": "1", "userName": "a"}, "serviceInfo": parts}).view()
    for name in parts:
        assert set(returned["users"]["contains"][name]["sample"][0]) == set(full[name][0])


def test_the_result_of_the_audit_is_documented_key_by_key() -> None:
    returned = page("eightbyeight_audit_info", "RETURN")
    assert set(returned) == {*empty.AUDIT_INFO, "error"} - {"changed"}
    result = run_audit(Tenant(resource()), [{"user_name": "bo@example.org"}]).result
    assert contained(returned["accounts"]) == list(result["accounts"][0])
    assert contained(returned["figures"]) == list(result["figures"])
    assert contained(returned["changes"]) == list(changes_since([], result["accounts"])[0])
    described = " ".join(returned["accounts"]["contains"]["situation"]["description"])
    for situation in {*empty.AUDIT_SITUATIONS, *empty.AUDIT_SITUATIONS_WITHOUT_ROSTER}:
        assert f"V({situation})" in described, situation


def test_what_a_row_may_hold_is_documented() -> None:
    text = " ".join(documented("eightbyeight_roster")["options"]["users"]["description"])
    for name in (*IDENTITY, *names.ATTRIBUTES, "active", *DATES):
        assert f"RV(ignore:{name})" in text or f"module:{name})" in text, name


STATUSES = {"planned", "done", "failed", "refused", "protected", "unlisted", "unchanged", "waiting", "skipped"}


def test_statuses_are_documented() -> None:
    text = " ".join(page("eightbyeight_roster", "RETURN")["results"]["contains"]["status"]["description"])
    told = {word.split(")")[0] for word in text.split("V(")[1:]}
    assert told == STATUSES


@pytest.mark.parametrize("module", MODULES)
def test_errors_are_documented_key_by_key(module: str) -> None:
    returned = page(module, "RETURN")
    assert contained(returned["error"]) == list(BadOptionError("x").to_result()["error"])
    tenant = page("eightbyeight_tenant_info", "RETURN")
    assert sorted(contained(tenant["problem"])) == sorted([*contained(returned["error"]), "message"])


ENGINE = ROOT / "plugins" / "module_utils"


@cache
def reached_from(*doors: Path) -> frozenset[Path]:
    """Return the files of the engine that these import, and what those import."""
    reached: set[Path] = set()
    left = list(doors)
    while left:
        path = left.pop()
        if path in reached:
            continue
        reached.add(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                folder = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
                file = folder.with_suffix(".py")
                left += [file] if file.exists() else [folder / f"{alias.name}.py" for alias in node.names]
    return frozenset(reached)


#: Doors whose modules fail in ways of their own, and these modules.
OWN_KINDS = {
    "roster_entry": ("eightbyeight_roster",),
    "followup_entry": ("eightbyeight_followup", "eightbyeight_followup_info"),
    "service_entry": ("eightbyeight_service_info",),
    "audit_entry": ("eightbyeight_audit_info",),
}


def of_others(module: str) -> frozenset[Path]:
    """Return the files of the engine that only modules with kinds of their own reach, and not this one."""
    shared = reached_from(ENGINE / "_module" / "user_entry.py", ENGINE / "_module" / "read_entry.py")
    doors = {name: reached_from(ENGINE / "_module" / f"{name}.py") for name in OWN_KINDS}
    for name, modules in OWN_KINDS.items():
        if module in modules:
            shared |= doors[name]
    return frozenset().union(*doors.values()) - shared


@cache
def kinds_in(path: Path) -> frozenset[str]:
    """Return the kinds of errors that a file of the engine names."""
    used: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "kind":
            used |= {
                inner.value
                for inner in ast.walk(node.value)
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str)
            }
        if isinstance(node, ast.FunctionDef):
            given = zip(reversed(node.args.args), reversed(node.args.defaults), strict=False)
            defaults = (value for name, value in given if name.arg == "kind")
            used |= {str(value.value) for value in defaults if isinstance(value, ast.Constant) and value.value}
        if isinstance(node, ast.ClassDef):
            used |= {
                str(item.value.value)
                for item in node.body
                if isinstance(item, ast.Assign)
                and getattr(item.targets[0], "id", "") == "kind"
                and isinstance(item.value, ast.Constant)
            }
    return frozenset(used)


@pytest.mark.parametrize("module", MODULES)
def test_every_kind_of_error_is_documented(module: str) -> None:
    # Reports raise nothing, and have kinds of pages.
    files = set(ENGINE.rglob("*.py")) - of_others(module) - set((ENGINE / "_report").rglob("*.py"))
    used = frozenset[str]().union(*(kinds_in(path) for path in files))
    text = " ".join(page(module, "RETURN")["error"]["contains"]["kind"]["description"])
    told = {word.split(")")[0] for word in text.split("V(")[1:]}
    assert used - {"error"} == told


def spelled(node: ast.expr, either: Mapping[str, ast.IfExp]) -> set[str]:
    """Return the texts that an expression can be: a constant, one of two, or words that are put together from such."""
    if isinstance(node, ast.IfExp):
        return spelled(node.body, either) | spelled(node.orelse, either)
    if isinstance(node, ast.Name) and node.id in either:
        return spelled(either[node.id], either)
    if isinstance(node, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.FormattedValue) else part for part in node.values]
        return {"".join(words) for words in product(*(spelled(part, either) for part in parts))}
    return {str(node.value)} if isinstance(node, ast.Constant) else set()


def test_every_manual_action_is_documented() -> None:
    tree = ast.parse((ROOT / "plugins" / "module_utils" / "_manual_actions.py").read_text(encoding="utf-8"))
    assignments = [
        node for node in ast.walk(tree) if isinstance(node, ast.Assign) and isinstance(node.value, ast.IfExp)
    ]
    either = {
        target.id: node.value
        for node in assignments
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value, ast.IfExp)
    }
    compared = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Compare) for part in node.comparators}
    used = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple) and id(node) not in compared and len(node.elts) in (2, 3):
            used |= spelled(node.elts[0], either)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_entry":
            used |= spelled(node.args[0], either)
    text = " ".join(page("eightbyeight_user", "RETURN")["manual_actions"]["contains"]["action"]["description"])
    told = {word.split(")")[0] for word in text.split("V(")[1:]}
    assert used == told
    assert len(told) > 10


@pytest.mark.parametrize("module", MODULES)
def test_the_action_group_lists_every_module(module: str) -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    assert module in runtime["action_groups"]["eightbyeight"]
    assert sorted(runtime["action_groups"]) == ["eightbyeight"]
    assert documented(module)["attributes"]["action_group"]["membership"] == ["eightbyeight.scim.eightbyeight"]


def test_the_action_group_lists_nothing_else() -> None:
    runtime = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    plugins = {*MODULES, *(path.stem for path in (ROOT / "plugins" / "action").glob("[!_]*.py"))}
    assert set(runtime["action_groups"]["eightbyeight"]) == plugins


@pytest.mark.parametrize("module", MODULES)
def test_examples_parse_and_use_only_options_that_exist(module: str) -> None:
    tasks = page(module, "EXAMPLES")
    used = [(task, name) for task in tasks for name in task if name.startswith("eightbyeight.scim.")]
    assert f"eightbyeight.scim.{module}" in {name for _task, name in used}
    for task, name in used:
        spec = SPECS[name.removeprefix("eightbyeight.scim.")]
        given = task[name] or {}
        assert set(given) <= set(spec.argument_spec), task["name"]
        for option, value in given.items():
            choices = spec.argument_spec[option].get("choices")
            assert choices is None or value in choices
        for task_key in task:
            assert task_key in (name, "name", "register", "loop", "loop_control", "when", "check_mode")
    assert all(task["name"][0].isupper() for task in tasks)


def test_the_examples_of_the_user_module_make_sense_to_the_planner() -> None:
    for task in page("eightbyeight_user", "EXAMPLES"):
        options = task.get("eightbyeight.scim.eightbyeight_user")
        if not options or "{{" in str(options):
            continue
        wish = Wanted.from_options({"state": "present", **options})
        current = (
            None if "family_name" in options else user(userName=options["user_name"], active=not options.get("active"))
        )
        assert plan(current, wish).changed


def test_the_default_urn_is_the_documented_one() -> None:
    built = Connection.from_options(
        {
            **{name: option.get("default") for name, option in argspec.CONNECTION.items()},
            "customer_id": "C",
            "api_token": "t",
        }
    )
    assert built.extension_urn == documented("eightbyeight_user")["options"]["extension_urn"]["default"]
    assert (built.timeout, built.retry_budget, built.verify) == (30.0, 120.0, True)


# -- Roles --------------------------------------------------------------------

ROLES = sorted(path.name for path in (ROOT / "roles").iterdir() if path.is_dir())
#: The roles that talk to a tenant, each with the module that it stands for.
TALKING = {
    **dict.fromkeys(("offboarding", "onboarding", "roster"), "eightbyeight_roster"),
    "followups": "eightbyeight_followup",
    "audit": "eightbyeight_audit_info",
}


@cache
def role_file(role: str, name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROOT / "roles" / role / name).read_text(encoding="utf-8"))
    return content


def role_options(role: str) -> dict[str, dict[str, Any]]:
    """Return the options of a role; each has one entry point."""
    ((name, entry),) = role_file(role, "meta/argument_specs.yml")["argument_specs"].items()
    assert name == "main"
    return dict(entry["options"])


def as_role(option: Mapping[str, Any]) -> dict[str, Any]:
    """Put an option of a role, or of a module, into a form in which the two can be compared."""
    kept = {key: option[key] for key in ("type", "elements", "choices", "no_log", "required") if option.get(key)}
    # Ansible reads a specification without a type as text.
    kept.setdefault("type", "str")
    if option.get("options"):
        kept["options"] = {name: as_role(inner) for name, inner in option["options"].items()}
    return kept


#: Kind of a variable -> the type that a module gives the same option.
TYPES: Mapping[str, Mapping[str, str]] = {
    "boolean": {"type": "bool"},
    "integer": {"type": "int"},
    "number": {"type": "float"},
    "dictionary": {"type": "dict"},
    "rows": {"type": "raw"},
    "people": {"type": "raw"},
    "leavers": {"type": "raw"},
    "path": {"type": "path"},
    "names": {"type": "list", "elements": "str"},
    "gate": {"type": "dict"},
    "text": {"type": "str"},
    "identifier": {"type": "str"},
}


def true_type(role: str, name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an option of a role holds; what Ansible would refuse as text is raw, and the collection reads it."""
    if told.get("type") != "raw":
        return as_role(told)
    option = {**SETTINGS, **_role_options.ROLES[role]}[name]
    return {**TYPES[option.kind], **({"choices": list(option.choices)} if option.choices else {})}


def test_every_role_that_talks_to_a_tenant_is_compared_with_a_module() -> None:
    assert {role for role in ROLES if f"{role}_api_token" in role_options(role)} == set(TALKING)


@pytest.mark.parametrize("role", TALKING)
def test_a_role_takes_the_connection_as_the_modules_do(role: str) -> None:
    options = role_options(role)
    for name, option in argspec.CONNECTION.items():
        told = options[f"{role}_{name}"]
        assert true_type(role, name, told) == as_role(option), name
        # A default here would win over module_defaults and the environment; the module has its own.
        assert "default" not in told, name
    # What the role hands on.
    given = role_file(role, "vars/main.yml")
    if f"__{role}_connection_options" in given:
        assert given[f"__{role}_connection_options"] == list(argspec.CONNECTION)
    else:
        assert all(re.search(given[f"__{role}_connection_names"], f"{role}_{name}") for name in argspec.CONNECTION)


@pytest.mark.parametrize("role", TALKING)
def test_an_option_that_a_role_hands_on_is_that_of_the_module(role: str) -> None:
    spec = SPECS[TALKING[role]].argument_spec
    for option, told in role_options(role).items():
        name = option.removeprefix(f"{role}_")
        if name in spec and name not in argspec.CONNECTION:
            # The module reads the list itself, to tell what is wrong with it by row and column.
            expected = TYPES["rows"] if name == "users" else as_role(spec[name])
            assert true_type(role, name, told) == expected, option
            # A role cannot say None: nothing is an empty text or list there.
            assert (told.get("default") or None) == (spec[name].get("default") or None), option


@pytest.mark.parametrize("role", ROLES)
def test_the_defaults_of_a_role_are_told_as_they_are(role: str) -> None:
    options, defaults = role_options(role), role_file(role, "defaults/main.yml")
    assert set(defaults) <= set(options)
    # What is computed has no value to tell.
    plain = {name: value for name, value in defaults.items() if "{{" not in str(value)}
    told = {name: option["default"] for name, option in options.items() if "default" in option}
    assert told == plain
    assert {name: type(value) for name, value in told.items()} == {name: type(value) for name, value in plain.items()}
    assert not [name for name in told if options[name].get("required")]


@pytest.mark.parametrize("role", ROLES)
def test_the_options_of_a_role_carry_its_name_and_are_read_and_explained(role: str) -> None:
    folders = ("tasks", "vars", "templates", "files")
    files = [
        path for folder in folders for path in (ROOT / "roles" / role / folder).rglob("*.*") if path.suffix != ".pyc"
    ]
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    readme = (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8")
    connection = {f"{role}_{name}" for name in SETTINGS} if role in TALKING else set()
    for name in role_options(role):
        assert name.startswith(f"{role}_"), name
        short = name.removeprefix(f"{role}_")
        assert name in connection or re.search(rf"\b{name}\b|'{short}'", code), name
        assert f"`{name}`" in readme, name


def test_the_checklist_takes_manual_actions_as_the_module_returns_them() -> None:
    returned = page("eightbyeight_user", "RETURN")["manual_actions"]["contains"]
    assert set(returned) <= set(checklist.COLUMNS)
    described = " ".join(role_options("checklist")["checklist_actions"]["description"])
    assert all(f"C({name})" in described for name in returned)


# -- What is run ----------------------------------------------------------------


def test_the_examples_of_every_module_are_run() -> None:
    file = ROOT / "tests" / "integration" / "targets" / "examples" / "tasks" / "test.yml"
    asked = yaml.safe_load(file.read_text(encoding="utf-8"))[0]["vars"]["modules"]
    assert sorted(asked) == [f"eightbyeight.scim.{module}" for module in MODULES]
