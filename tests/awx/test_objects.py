# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of ``playbooks/vars/awx.yml``: the modules of awx.awx take them, and AWX would too."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rules
import yaml
from objects import MODULES, ROOT, lists, module_file, plain_lists

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

LISTS = lists()
OBJECTS = [(variable, one) for variable in MODULES for one in LISTS[variable]]
IDS = [f"{MODULES[variable]} {one['name']}" for variable, one in OBJECTS]


def argument_spec(module: str) -> dict[str, Any]:
    """Return the options of a module of awx.awx, which it makes when it starts."""
    source = module_file(module).read_text(encoding="utf-8")
    text = re.search(r"argument_spec = (dict\(\n.*?\n    \))", source, re.DOTALL)
    assert text is not None
    names = re.search(r"^KIND_CHOICES = .*$", source, re.MULTILINE)
    scope: dict[str, Any] = {}
    exec(names[0] if names else "", scope)
    spec: dict[str, Any] = eval(text[1], scope)
    return spec


def test_the_file_holds_these_lists_and_nothing_else() -> None:
    assert list(LISTS) == list(MODULES), "in the order in which the objects need each other"
    assert all(LISTS.values())


@pytest.mark.parametrize(("variable", "one"), OBJECTS, ids=IDS)
def test_the_module_of_awx_takes_the_object(variable: str, one: dict[str, Any]) -> None:
    spec = argument_spec(MODULES[variable])
    assert set(one) <= set(spec), "an alias would be read by the module, and not by everybody else"
    checked = ArgumentSpecValidator(spec).validate(json.loads(json.dumps(one, default=str)))
    assert not checked.error_messages


@pytest.mark.parametrize(("variable", "one"), OBJECTS, ids=IDS)
def test_awx_would_not_refuse_the_object(variable: str, one: dict[str, Any]) -> None:
    assert rules.check(MODULES[variable], one) == []
    if "survey_spec" in one:
        assert one["survey_enabled"] is True
        assert rules.survey(one["survey_spec"]) == []
    templates = {template["name"] for template in LISTS["controller_templates"]}
    assert rules.nodes(one.get("workflow_nodes", []), templates) == []


def test_what_an_object_names_is_there() -> None:
    names = {variable: {one["name"] for one in LISTS[variable]} for variable in MODULES}
    for template in LISTS["controller_templates"]:
        assert template["project"] in names["controller_projects"]
        assert template["inventory"] in names["controller_inventories"]
        assert set(template["credentials"]) <= names["controller_credentials"]
    for one in LISTS["controller_templates"] + LISTS["controller_workflows"]:
        notified = [name for key, value in one.items() if key.startswith("notification_templates") for name in value]
        assert set(notified) <= names["controller_notifications"]
    for one in LISTS["controller_hosts"]:
        assert one["inventory"] in names["controller_inventories"]
    for one in LISTS["controller_credentials"]:
        assert one["credential_type"] in names["controller_credential_types"]
    for one in LISTS["controller_schedules"]:
        assert one["unified_job_template"] in names["controller_templates"] | names["controller_workflows"]


def test_a_credential_has_inputs_of_its_type() -> None:
    """The credentials of the file, and one with every variable that eightbyeight.scim.awx hands on."""
    types = {one["name"]: one["inputs"]["fields"] for one in LISTS["controller_credential_types"]}
    for one in LISTS["controller_credentials"]:
        assert rules.credential_inputs(one.get("inputs", {}), types[one["credential_type"]]) == []
    (play,) = yaml.safe_load((ROOT / "playbooks/awx.yml").read_text(encoding="utf-8"))
    inputs = {one["id"] for one in types["8x8 SCIM"]}
    assert set(play["vars"]["__awx_settings"]["credential_inputs"]) == inputs
    assert rules.credential_inputs(dict.fromkeys(inputs, "x"), types["8x8 SCIM"]) == []


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ({"api_key": "x"}, "Additional properties are not allowed ('api_key' was unexpected)"),
        ({"api_url": 7}, "api_url: 7 is not of type 'string'"),
        ({"verify": "yes"}, "verify: yes is not of type 'boolean'"),
        ({"region": "moon"}, "region: moon is not one of ['eu', 'us']"),
    ],
)
def test_the_rules_find_wrong_inputs(inputs: dict[str, Any], told: str) -> None:
    fields: list[dict[str, Any]] = [*LISTS["controller_credential_types"][0]["inputs"]["fields"]]
    fields += [{"id": "verify", "type": "boolean"}, {"id": "region", "type": "string", "choices": ["eu", "us"]}]
    assert rules.credential_inputs(inputs, fields) == [told]


def test_a_schedule_needs_no_answer() -> None:
    """AWX refuses a schedule for a template whose survey has a required question without a default."""
    templates = {one["name"]: one for one in LISTS["controller_templates"] + LISTS["controller_workflows"]}
    planned = [one["unified_job_template"] for one in LISTS["controller_schedules"]]
    planned += [
        node["unified_job_template"]["name"] for one in LISTS["controller_workflows"] for node in one["workflow_nodes"]
    ]
    for name in planned:
        spec = templates.get(name, {}).get("survey_spec", {}).get("spec", [])
        assert not [question["variable"] for question in spec if question["required"] and "default" not in question]


def test_what_is_on_from_the_first_day_needs_nothing_that_is_not_there() -> None:
    """The ledger needs storage that AWX mounts, the roster has to be complete; the audit only reads."""
    on = {one["name"]: one["enabled"] for one in LISTS["controller_schedules"]}
    assert on == {"8x8 nightly audit": True, "8x8 follow-ups on working days": False, "8x8 weekly roster": False}
    off = [one["description"] for one in LISTS["controller_schedules"] if not one["enabled"]]
    assert all("Switch it on when" in text for text in off)


def test_every_variable_is_one_of_the_role_that_the_playbook_runs() -> None:
    roles = {"onboard": "onboarding", "offboard": "offboarding", "sync_roster": "roster"}
    shared = {"eightbyeight_hosts"}
    for template in LISTS["controller_templates"]:
        playbook = template["playbook"].removesuffix(".yml")
        assert (ROOT / "playbooks" / template["playbook"]).exists()
        specs = ROOT / "roles" / roles.get(playbook, playbook) / "meta/argument_specs.yml"
        given = set(template.get("extra_vars", {})) - shared
        given |= {question["variable"] for question in template.get("survey_spec", {}).get("spec", [])}
        if given:
            options = yaml.safe_load(specs.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
            assert given <= set(options), template["name"]


def test_a_survey_has_no_variable_that_an_artifact_has() -> None:
    """An answer would override the artifact, and with it the digest that was approved."""
    for one in LISTS["controller_templates"] + LISTS["controller_workflows"]:
        for question in one.get("survey_spec", {}).get("spec", []):
            assert not question["variable"].startswith("eightbyeight_plan_")
            assert question["variable"] not in ("roster_approved_digest", "roster_artifact", "roster_plan_only")


def test_the_workflow_goes_from_the_plan_over_a_person_to_the_audit() -> None:
    (workflow,) = LISTS["controller_workflows"]
    nodes = {node["identifier"]: node for node in workflow["workflow_nodes"]}
    links = {
        (name, kind, to["identifier"])
        for name, node in nodes.items()
        for kind, children in node.get("related", {}).items()
        for to in children
    }
    assert links == {
        ("plan", "success_nodes", "approve"),
        ("approve", "success_nodes", "apply"),
        ("approve", "failure_nodes", "audit"),
        ("apply", "always_nodes", "audit"),
    }
    approval = nodes["approve"]["unified_job_template"]
    assert approval["type"] == "workflow_approval"
    assert 0 < approval["timeout"] < 24 * 3600, "a plan may be applied for 24 hours"
    templates = {one["name"]: one for one in LISTS["controller_templates"]}
    assert templates["8x8 roster apply"]["extra_vars"]["roster_approved_digest"] == "artifact"
    assert "ask_variables_on_launch" not in templates["8x8 roster apply"], "or anybody could name another digest"


def test_nothing_is_secret_and_nothing_needs_ansible_to_read_it() -> None:
    plain = plain_lists()
    assert json.loads(json.dumps(plain)) == json.loads(json.dumps(LISTS))
    for variable in MODULES:
        for one in plain[variable]:
            text = json.dumps({key: value for key, value in one.items() if key not in ("injectors", "messages")})
            assert "{{" not in text, "only what AWX renders is a template"
    assert "api_token" not in json.dumps(plain["controller_credentials"])


def test_a_denied_plan_is_shown_with_the_artifact_as_awx_takes_it() -> None:
    ready = next(one for one in LISTS["controller_notifications"] if one["name"] == "8x8 plan ready")
    for text in ready["messages"]["success"].values():
        assert "job.artifacts.get('eightbyeight_plan_localhost'" in text
        assert not re.search(r"job\.artifacts\.(?!get\()", text), "AWX refuses the plain form"
    artifact = {
        "text": "3 created",
        "digest": "sha256:1",
        "expires": "later",
        "counts": {"created": 3},
        "people": ["a"],
    }
    context = {**rules.CONTEXT, "job": {**rules.CONTEXT["job"], "artifacts": {"eightbyeight_plan_localhost": artifact}}}  # type: ignore[dict-item]
    body = rules.ImmutableSandboxedEnvironment().from_string(ready["messages"]["success"]["body"]).render(**context)
    assert json.loads(body)["digest"] == "sha256:1"
    assert json.loads(body)["people"] == ["a"]


def _without_type(one: dict[str, Any]) -> None:
    del one["inputs"]["fields"][0]["type"]


BROKEN: list[tuple[str, str, Callable[[dict[str, Any]], Any], str]] = [
    ("credential_type", "controller_credential_types", lambda one: one.update(kind="ssh"), "must be 'cloud'"),
    ("credential_type", "controller_credential_types", _without_type, "has no type"),
    (
        "credential_type",
        "controller_credential_types",
        lambda one: one["inputs"]["fields"][0].update(id="a-b"),
        "invalid",
    ),
    (
        "credential_type",
        "controller_credential_types",
        lambda one: one["inputs"]["fields"][0].update(id="tower"),
        "invalid",
    ),
    (
        "credential_type",
        "controller_credential_types",
        lambda one: one["inputs"]["fields"][0].update(dependencies=1),
        "key",
    ),
    ("credential_type", "controller_credential_types", lambda one: one["injectors"].update(foo=1), "injectors has foo"),
    (
        "credential_type",
        "controller_credential_types",
        lambda one: one["injectors"]["env"].update(ANSIBLE_X="x"),
        "ANSIBLE_X",
    ),
    ("credential_type", "controller_credential_types", lambda one: one["injectors"]["env"].update(PATH="x"), "PATH"),
    (
        "credential_type",
        "controller_credential_types",
        lambda one: one["injectors"]["env"].update(A="{{ no }}"),
        "undefined",
    ),
    ("credential", "controller_credentials", lambda one: one.pop("organization"), "one owner"),
    ("credential", "controller_credentials", lambda one: one.update(user="admin"), "one owner"),
    ("inventory", "controller_inventories", lambda one: one.update(organization=""), "one owner"),
    ("inventory", "controller_inventories", lambda one: one.update(name="x" * 513), "512"),
    ("host", "controller_hosts", lambda one: one.update(variables=["a"]), "Cannot parse"),
    ("host", "controller_hosts", lambda one: one.update(name=" "), "blank"),
    ("project", "controller_projects", lambda one: one.update(scm_type="git1"), "valid choice"),
    ("project", "controller_projects", lambda one: one.pop("scm_url"), "SCM URL"),
    ("job_template", "controller_templates", lambda one: one.pop("playbook"), "Must select playbook"),
    ("job_template", "controller_templates", lambda one: one.pop("project"), "project assigned"),
    ("job_template", "controller_templates", lambda one: one.pop("inventory"), "prompt on launch"),
    ("job_template", "controller_templates", lambda one: one.update(job_type="scan"), "job_type"),
    ("job_template", "controller_templates", lambda one: one.update(verbosity=9), "verbosity"),
    ("job_template", "controller_templates", lambda one: one.update(forks=-1), "forks"),
    ("job_template", "controller_templates", lambda one: one.update(scm_branch="main"), "overriding branch"),
    ("job_template", "controller_templates", lambda one: one.update(description="text "), "white space"),
    ("notification_template", "controller_notifications", lambda one: one["messages"].pop("started"), "four events"),
    ("notification_template", "controller_notifications", lambda one: one.update(organization=None), "blank"),
    (
        "notification_template",
        "controller_notifications",
        lambda one: one["messages"]["success"].update(message="{{ job.artifacts.eightbyeight_plan_localhost }}"),
        "unavailable",
    ),
    (
        "notification_template",
        "controller_notifications",
        lambda one: one["messages"]["success"].update(message="a\nb"),
        "line",
    ),
    (
        "schedule",
        "controller_schedules",
        lambda one: one.update(rrule="DTSTART:20270104T040000 RRULE:FREQ=DAILY"),
        "INTERVAL",
    ),
    ("schedule", "controller_schedules", lambda one: one.update(rrule=one["rrule"] + "\n"), "read back"),
]


@pytest.mark.parametrize(("kind", "variable", "spoil", "told"), BROKEN)
def test_the_rules_find_what_awx_refuses(
    kind: str, variable: str, spoil: Callable[[dict[str, Any]], Any], told: str
) -> None:
    one = copy.deepcopy(plain_lists()[variable][0])
    spoil(one)
    assert told in " ".join(rules.check(kind, one))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"type": "date"}, "'date' is not one of"),
        ({"required": "yes"}, "boolean"),
        ({"min": "1"}, "integer"),
        ({"default": "nobody"}, "answered from the choices"),
        ({"choices": []}, "must specify choices"),
        ({"variable": "a-b"}, "is no variable"),
        ({"variable": "roster_limits"}, "duplicated"),
    ],
)
def test_the_rules_find_a_wrong_survey(change: dict[str, Any], told: str) -> None:
    survey = copy.deepcopy(next(one["survey_spec"] for one in plain_lists()["controller_workflows"]))
    survey["spec"][0].update(change)
    assert told in " ".join(rules.survey(survey))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda nodes: nodes[3].update(related={"always_nodes": [{"identifier": "plan"}]}), "Cycle"),
        (lambda nodes: nodes[1]["related"]["failure_nodes"].append({"identifier": "apply"}), "Relationship"),
        (lambda nodes: nodes[0]["related"]["success_nodes"].append({"identifier": "nobody"}), "which is none"),
        (lambda nodes: nodes[0].update(success_nodes=[]), "unknown key"),
        (lambda nodes: nodes[1]["unified_job_template"].update(timeout="1d"), "whole number"),
        (lambda nodes: nodes[0]["unified_job_template"].update(name="x"), "unknown template"),
    ],
)
def test_the_rules_find_a_wrong_workflow(spoil: Callable[[Any], Any], told: str) -> None:
    nodes = copy.deepcopy(plain_lists()["controller_workflows"][0]["workflow_nodes"])
    spoil(nodes)
    assert told in " ".join(rules.nodes(nodes, {one["name"] for one in LISTS["controller_templates"]}))


def test_the_project_has_the_playbooks_of_the_job_templates() -> None:
    project = {path.name for path in Path(ROOT / "examples/awx").glob("*.yml")}
    assert {one["playbook"] for one in LISTS["controller_templates"]} <= project
