# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX 24.6.1 refuses when an object is saved, written down as rules of our own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from jinja2 import StrictUndefined, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

KINDS = ("cloud", "net")
FIELD_KEYS = {"id", "label", "type", "format", "choices", "help_text", "multiline", "secret", "default"}
STRING_ONLY = {"choices", "multiline", "format", "secret"}
#: Names of the environment that no credential may set; those that begin with ANSIBLE_ come on top.
FORBIDDEN = {
    "AWX_HOST",
    "AWX_PRIVATE_DATA_DIR",
    "BECOME_METHOD",
    "CALLBACK_CONNECTION",
    "CALLBACK_QUEUE",
    "HOME",
    "INVENTORY_HOSTVARS",
    "INVENTORY_ID",
    "JOB_ID",
    "LD_LIBRARY_PATH",
    "LD_PRELOAD",
    "PATH",
    "PROJECT_REVISION",
    "PYTHONPATH",
    "REST_API_URL",
    "RUNNER_ONLY_FAILED_EVENTS",
    "SHELL",
    "TERM",
}
QUESTION_TYPES = ("text", "textarea", "password", "multiplechoice", "multiselect", "integer", "float")
NODE_KEYS = {
    "identifier",
    "unified_job_template",
    "extra_data",
    "inventory",
    "limit",
    "all_parents_must_converge",
    "related",
}
NODE_KEYS |= {"job_type", "job_tags", "skip_tags", "diff_mode", "verbosity", "scm_branch", "forks", "timeout", "state"}
LINKS = ("success_nodes", "failure_nodes", "always_nodes")
WEBHOOK_KEYS = {"url", "headers", "http_method", "disable_ssl_verification", "username", "password"}
EVENTS = {
    "started": None,
    "success": None,
    "error": None,
    "workflow_approval": ("running", "approved", "denied", "timed_out"),
}
#: What the context of a notification holds when AWX tries a template; a job has no artifacts there.
CONTEXT = {
    "job": {
        "id": 42,
        "name": "Stub Job Template",
        "status": "running",
        "limit": "",
        "artifacts": {},
        "playbook": "a.yml",
    },
    "url": "https://awx.example.com/#/jobs/playbook/42",
    "job_friendly_name": "Job",
    "job_metadata": "{}",
    "approval_status": "pending",
    "approval_node_name": "An approval",
    "workflow_url": "https://awx.example.com/#/workflows/42",
}


#: A node has an identifier instead.
_NAMELESS = {"workflow_job_template_node", "o_auth2_access_token"}


def check(kind: str, given: Mapping[str, Any]) -> list[str]:
    """Return what AWX would refuse in an object."""
    judge = {
        "credential_type": credential_type,
        "credential": _owned,
        "inventory": _owned,
        "host": _variables,
        "project": _project,
        "job_template": _job_template,
        "notification_template": notification_template,
        "schedule": lambda one: rrule(one.get("rrule", "")),
    }.get(kind)
    named = [] if kind in _NAMELESS else _named(given)
    return named + _texts(given) + ([] if judge is None else judge(given))


def _named(given: Mapping[str, Any]) -> list[str]:
    name = given.get("name")
    problems = [] if isinstance(name, str) and name.strip() else ["name: This field may not be blank."]
    return problems + (["name: at most 512 characters"] if len(str(name)) > 512 else [])


def _texts(given: Mapping[str, Any]) -> list[str]:
    """Check that AWX would not cut white space at an end, which it would not show again."""
    texts = {key: value for key, value in given.items() if isinstance(value, str)}
    return [f"{key} has white space at an end" for key, value in texts.items() if value != value.strip()]


def _variables(given: Mapping[str, Any]) -> list[str]:
    variables = given.get("variables", {})
    if isinstance(variables, str):  # as modules send them
        variables = yaml.safe_load(variables) or {}
    return [] if isinstance(variables, Mapping) else ["variables: Cannot parse as JSON or YAML"]


def _owned(given: Mapping[str, Any]) -> list[str]:
    owners = [key for key in ("organization", "user", "team") if given.get(key)]
    return _variables(given) + ([] if len(owners) == 1 else [f"one owner should be provided, received {owners}"])


def _project(given: Mapping[str, Any]) -> list[str]:
    kinds = ("", "git", "svn", "insights", "archive")
    problems = [] if given.get("scm_type", "") in kinds else [f"{given['scm_type']} is not a valid choice."]
    return problems + ([] if given.get("scm_url") or not given.get("scm_type") else ["SCM URL is required."])


def _job_template(given: Mapping[str, Any]) -> list[str]:
    problems = [] if given.get("playbook") else ["Must select playbook for project."]
    problems += [] if given.get("project") else ["Job Templates must have a project assigned."]
    asks = given.get("inventory") or given.get("ask_inventory_on_launch")
    problems += [] if asks else ["You must either set a default value or ask to prompt on launch."]
    problems += [] if given.get("job_type", "run") in ("run", "check") else ["job_type is not a valid choice."]
    problems += [] if given.get("verbosity", 0) in range(6) else ["verbosity is not a valid choice."]
    problems += [] if given.get("forks", 0) >= 0 else ["forks must be 0 or more."]
    branch = given.get("scm_branch") and "scm_branch: Project does not allow overriding branch."
    return problems + ([str(branch)] if branch else [])


def credential_type(given: Mapping[str, Any]) -> list[str]:
    """Check a credential type."""
    problems = [] if given.get("kind") in KINDS else [f"kind must be 'cloud' or 'net', not {given.get('kind')}"]
    inputs = given.get("inputs") or {}
    problems += [f"inputs has {key}" for key in set(inputs) - {"fields", "required"}]
    fields = inputs.get("fields") or []
    ids = [one.get("id", "") for one in fields]
    problems += [f"{one} is there twice" for one in set(ids) if ids.count(one) > 1]
    problems += [f"required names {one}" for one in inputs.get("required") or [] if one not in ids]
    for one in fields:
        if not re.fullmatch(r"[a-zA-Z_]+[a-zA-Z0-9_]*", str(one.get("id", ""))) or one["id"] == "tower":
            problems.append(f"{one.get('id')} is an invalid variable name")
        if not one.get("label"):
            problems.append("'label' is a required property")
        if one.get("type") not in ("string", "boolean"):
            problems.append(f"{one.get('id')} has no type; AWX would add one, and the data would differ")
        problems += [f"{one['id']} has the unknown key {key}" for key in set(one) - FIELD_KEYS]
        problems += [
            f"{key} not allowed for boolean type" for key in STRING_ONLY & set(one) if one.get("type") == "boolean"
        ]
    return problems + injectors(given.get("injectors") or {}, ids)


def credential_inputs(given: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]) -> list[str]:
    """Check the inputs of a credential: AWX takes those of its type alone, each as its type has it.

    :param given: The inputs.
    :param fields: Those of the credential type. What it requires is not asked for when a credential is stored.
    """
    known = {str(one["id"]): one for one in fields}
    problems = [
        f"Additional properties are not allowed ('{name}' was unexpected)" for name in given if name not in known
    ]
    for name, value in given.items():
        kind, choices = known.get(name, {}).get("type"), known.get(name, {}).get("choices")
        if not isinstance(value, {"string": str, "boolean": bool}.get(str(kind), object)):
            problems.append(f"{name}: {value} is not of type '{kind}'")
        if choices and value not in choices:
            problems.append(f"{name}: {value} is not one of {choices}")
    return problems


def injectors(given: Mapping[str, Any], ids: Sequence[str]) -> list[str]:
    """Check what a credential puts into a job."""
    problems = [f"injectors has {key}" for key in set(given) - {"env", "extra_vars", "file"}]
    for name, template in (given.get("env") or {}).items():
        if name.startswith("ANSIBLE_") or name in FORBIDDEN:
            problems.append(f"Environment variable {name} is not allowed to be used in credentials.")
        if not re.fullmatch(r"[a-zA-Z_]+[a-zA-Z0-9_]*", name):
            problems.append(f"{name} does not match any of the regexes")
        problems += _rendered(name, template, dict.fromkeys(ids, "text"))
        if not str(template).isascii():
            problems.append(f"{name} is not ASCII")
    return problems


def survey(given: Mapping[str, Any]) -> list[str]:
    """Check a survey."""
    problems = [
        f"Field '{key}' is missing from survey spec." for key in ("name", "description", "spec") if key not in given
    ]
    spec = given.get("spec") or []
    if not spec:
        return [*problems, "'spec' doesn't contain any items."]
    names = [one.get("variable") for one in spec]
    problems += [f"'variable' '{name}' duplicated" for name in set(names) if names.count(name) > 1]
    for number, one in enumerate(spec):
        missing = [key for key in ("type", "question_name", "variable", "required") if key not in one]
        problems += [f"'{key}' missing from survey question {number}" for key in missing]
        if not missing:
            problems += [f"{problem} in survey question {number}" for problem in _question(one)]
    return problems


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _question(one: Mapping[str, Any]) -> list[str]:
    kind, default = one["type"], one.get("default")
    problems = [] if kind in QUESTION_TYPES else [f"'{kind}' is not one of {QUESTION_TYPES} allowed question types"]
    problems += [] if isinstance(one["required"], bool) else ["'required' expected to be boolean"]
    problems += [f"The {key} limit expected to be integer" for key in ("min", "max") if not _is_whole(one.get(key, 0))]
    # AWX takes these two as they are; they would be no variable, and no answer.
    problems += [] if re.fullmatch(r"[a-z_][a-z0-9_]*", str(one["variable"])) else [f"{one['variable']} is no variable"]
    if (
        isinstance(default, str)
        and default
        and not problems
        and not one.get("min", 0) <= len(default) <= one.get("max", 10**6)
    ):
        problems.append("the default is shorter or longer than allowed")
    if kind in ("multiplechoice", "multiselect") and not one.get("choices"):
        problems.append(f"a question of type {kind} must specify choices")
    elif kind == "multiplechoice" and default is not None and default not in one["choices"]:
        problems.append("Default choice must be answered from the choices listed")
    wanted = {"integer": int, "float": float}.get(kind, str)
    if default is not None and not isinstance(default, wanted):
        problems.append(f"Default value {default} expected to be {wanted.__name__}")
    return problems


def nodes(given: Sequence[Mapping[str, Any]], templates: set[str]) -> list[str]:
    """Check the nodes of a workflow.

    :param templates: The names of the job templates that there are.
    """
    ids = [one.get("identifier") for one in given]
    problems = [f"node {one} is there twice" for one in set(ids) if ids.count(one) > 1]
    for one in given:
        name, template = one.get("identifier"), one.get("unified_job_template") or {}
        problems += [f"node {name} has the unknown key {key}" for key in set(one) - NODE_KEYS]
        if template.get("type") == "workflow_approval":
            problems += [] if _is_whole(template.get("timeout")) else [f"node {name} needs a whole number as timeout"]
            problems += [
                f"the approval {name} has {key}" for key in set(template) - {"type", "name", "description", "timeout"}
            ]
        elif template.get("name") not in templates:
            problems.append(f"node {name} names an unknown template")
        links = {kind: [to["identifier"] for to in (one.get("related") or {}).get(kind) or []] for kind in LINKS}
        children = [child for kind in LINKS for child in links[kind]]
        problems += [f"node {name} leads to {child}, which is none" for child in children if child not in ids]
        problems += [
            f"Relationship not allowed: {name} to {child}" for child in set(children) if children.count(child) > 1
        ]
    return problems + (["Cycle detected."] if _has_cycle(given) else [])


def _has_cycle(given: Sequence[Mapping[str, Any]]) -> bool:
    children = {
        one["identifier"]: {to["identifier"] for kind in LINKS for to in (one.get("related") or {}).get(kind) or []}
        for one in given
    }
    while children:
        ends = {name for name, to in children.items() if not to & children.keys()}
        if not ends:
            return True
        children = {name: to for name, to in children.items() if name not in ends}
    return False


def notification_template(given: Mapping[str, Any]) -> list[str]:
    """Check a notification template."""
    problems = [] if given.get("organization") else ["organization: This field cannot be blank."]
    configuration = given.get("notification_configuration") or {}
    if given.get("notification_type") != "webhook":
        return [*problems, f"{given.get('notification_type')} is not covered by these rules"]
    missing = WEBHOOK_KEYS - set(configuration)
    problems += [f"Missing required fields for Notification Configuration: {missing}"] if missing else []
    problems += [] if configuration.get("http_method") in ("POST", "PUT") else ["HTTP method must be POST or PUT."]
    messages = given.get("messages") or {}
    if set(messages) != set(EVENTS):
        problems.append("all four events must be there, or a second run would differ")
    for event, parts in messages.items():
        within = {event: parts} if event != "workflow_approval" else (parts or {})
        problems += [f"{name} is no event" for name in set(within) - {*EVENTS, *(EVENTS["workflow_approval"] or ())}]
        for name, texts in within.items():
            for part, text in (texts or {}).items():
                problems += _message(f"{name}.{part}", part, text)
    return problems


def _message(where: str, part: str, text: Any) -> list[str]:
    if part not in ("message", "body") or not isinstance(text, str):
        return [f"{where} is no text"]
    if part == "message" and "\n" in text:
        return [f"{where} has a new line"]
    return _rendered(where, text, CONTEXT)


def _rendered(where: str, text: str, context: Mapping[str, Any]) -> list[str]:
    try:
        ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(text).render(**context)
    except UndefinedError as error:
        return [f"{where}: Field unavailable: {error}"]
    return []


def rrule(text: str) -> list[str]:
    """Check when a schedule runs."""
    problems = [f"{part} required in rrule" for part in ("DTSTART", "RRULE", "INTERVAL", "FREQ") if part not in text]
    if not re.match(r"DTSTART(;TZID=[A-Za-z_]+/[A-Za-z_]+:\d{8}T\d{6}|:\d{8}T\d{6}Z) RRULE:", text):
        problems.append("DTSTART cannot be a naive datetime")
    if re.search(r"SECONDLY|EXDATE|BYDAY=[+-]?\d|  |\n", text) or text != text.strip():
        problems.append("this rrule is refused or read back otherwise")
    return problems
