# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this plugin util is PRIVATE to the collection. It can change at any time.
"""Compares the wanted objects of AWX with those that exist.

The modules of ``awx.awx`` report changes for objects that are already right (an approval node is created again each
time, and secrets cannot be compared), and in check mode they stop at the first missing object. So each object has a
digest of its data at the end of its description, and the modules only get objects with another digest.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

#: What AWX shows instead of a stored secret.
ENCRYPTED = "$encrypted$"
_DIGEST = re.compile(r"\[eightbyeight\.scim ([0-9a-f]{16})\]\s*\Z")


class Kind(NamedTuple):
    """A kind of object.

    :param name: The name of the kind, which is also that of the module of ``awx.awx``.
    :param variable: The variable with the list of such objects, as in ``infra.aap_configuration``.
    :param endpoint: The endpoint of AWX that lists them.
    :param owner: The option that distinguishes two objects with the same name.
    :param sealed: Whether the module sends several requests for one object. Then the digest is written last, in its own
        request, so that an unfinished object does not count as finished.
    """

    name: str
    variable: str
    endpoint: str
    owner: str
    sealed: bool = False


#: In the order of their dependencies.
KINDS = (
    Kind("credential_type", "controller_credential_types", "credential_types", "kind"),
    Kind("credential", "controller_credentials", "credentials", "organization"),
    Kind("project", "controller_projects", "projects", "organization"),
    Kind("inventory", "controller_inventories", "inventories", "organization"),
    Kind("host", "controller_hosts", "hosts", "inventory"),
    Kind("notification_template", "controller_notifications", "notification_templates", "organization"),
    Kind("job_template", "controller_templates", "job_templates", "organization", sealed=True),
    Kind("workflow_job_template", "controller_workflows", "workflow_job_templates", "organization", sealed=True),
    Kind("schedule", "controller_schedules", "schedules", "unified_job_template"),
)
_BY_NAME = {kind.name: kind for kind in KINDS}


class Change(NamedTuple):
    """An object that is missing or differs.

    :param key: Kind and name.
    :param kind: The module of ``awx.awx``.
    :param operation: ``created`` or ``updated``.
    :param arguments: The arguments of the module.
    :param seal: The arguments of the call that writes the digest, if it is written last.
    """

    key: str
    kind: str
    operation: str
    arguments: Mapping[str, Any]
    seal: Mapping[str, Any]


def problems_of(lists: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each list that is not a list of objects."""
    problems = []
    for kind in KINDS:
        given = lists.get(kind.variable)
        if given is None:
            continue
        if not isinstance(given, Sequence) or isinstance(given, str):
            problems.append(f"{kind.variable} must be a list of dictionaries.")
            continue
        nameless = [str(number) for number, item in enumerate(given, start=1) if not _has_name(item)]
        if nameless:
            problems.append(f"{kind.variable} has entries without a name: number {', '.join(nameless)}.")
        names = [(item["name"], item.get(kind.owner)) for item in given if _has_name(item)]
        twice = sorted({str(name) for name, owner in names if names.count((name, owner)) > 1})
        problems += [f"{kind.variable} has {name!r} twice." for name in twice]
    return problems


def wanted_objects(lists: Mapping[str, Any], settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the wanted objects, in the order of their dependencies.

    :param lists: variable -> objects, see KINDS. A missing list is empty.
    :param settings: The values that differ between sites: ``organization``, ``project_url``, ``project_branch``,
        ``execution_environment``, ``webhook_url`` and ``credential_inputs``. What is blank or missing leaves the
        objects alone.
    :returns: For each one ``key`` (kind and name), ``kind``, ``name``, ``owner``, ``digest``, ``description`` with the
        digest in it, ``arguments`` for the module without any secret, ``sealed``, and ``secrets`` of a credential.
    """
    secret_inputs = _secret_inputs(lists.get("controller_credential_types") or [])
    objects = []
    for kind in KINDS:
        for given in lists.get(kind.variable) or []:
            arguments = _adapted(kind, dict(given), settings)
            secrets: dict[str, Any] = {}
            if kind.name == "credential":
                arguments, secrets = _split(arguments, secret_inputs.get(arguments.get("credential_type"), frozenset()))
            digest = _digest_of(arguments)
            objects.append(
                {
                    "key": f"{kind.name} {arguments['name']}",
                    "kind": kind.name,
                    "name": arguments["name"],
                    "owner": arguments.get(kind.owner) or "",
                    "digest": digest,
                    "description": f"{arguments.get('description') or ''} [eightbyeight.scim {digest}]".strip(),
                    "arguments": arguments,
                    "secrets": secrets,
                    "sealed": kind.sealed,
                }
            )
    keys = [item["key"] for item in objects]
    return [
        {**item, "key": f"{item['key']} of {item['owner']}" if keys.count(item["key"]) > 1 else item["key"]}
        for item in objects
    ]


def questions(objects: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the queries to AWX: ``endpoint`` and ``query_params`` for each kind with objects."""
    names: dict[str, list[str]] = {}
    for item in objects:
        names.setdefault(item["kind"], []).append(str(item["name"]))
    return [
        {
            "kind": kind,
            "endpoint": _BY_NAME[kind].endpoint,
            "query_params": {"name__in": ",".join(sorted(set(of_kind))), "page_size": 200, "order_by": "id"},
        }
        for kind, of_kind in names.items()
    ]


def changes(
    objects: Iterable[Mapping[str, Any]],
    found: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    update_secrets: bool = False,
) -> list[Change]:
    """Compare the wanted objects with those that exist.

    :param objects: The result of ``wanted_objects``.
    :param found: kind -> the objects of AWX with these names.
    :param update_secrets: Whether to write secrets again that AWX already has.
    :returns: A change for each object that is missing or differs.
    """
    result = []
    for item in objects:
        existing = _find(item, found)
        arguments = dict(item["arguments"])
        differs = existing is None or _digest_in(existing) != item["digest"]
        if item["kind"] == "credential":
            inputs, writes_secret = _inputs(item, existing, update_secrets=update_secrets)
            arguments.update({"inputs": inputs} if inputs else {}, update_secrets=update_secrets)
            differs = differs or writes_secret
        if not differs:
            continue
        seal: dict[str, Any] = {}
        if item["sealed"]:
            seal = {"name": item["name"], "description": item["description"]}
            seal |= {"organization": arguments["organization"]} if "organization" in arguments else {}
        else:
            arguments["description"] = item["description"]
        if item["kind"] == "workflow_job_template":
            # Otherwise nodes that are no longer wanted would stay.
            arguments["destroy_current_nodes"] = existing is not None
        operation = "created" if existing is None else "updated"
        result.append(Change(item["key"], item["kind"], operation, arguments, seal))
    return result


def lines(objects: Sequence[Any], todo: Sequence[Change]) -> list[str]:
    """Return lines that count the objects and name those that differ."""
    made = sum(change.operation == "created" for change in todo)
    counts = f"{made} to be created, {len(todo) - made} to be updated, {len(objects) - len(todo)} unchanged"
    return [
        counts,
        *(f"{change.key.replace('_', ' ', change.kind.count('_'))}: to be {change.operation}" for change in todo),
    ]


def next_steps(objects: Sequence[Mapping[str, Any]], found: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Return what a person has to do next."""
    result = []
    for item in objects:
        arguments = item["arguments"]
        if item["kind"] == "project" and _is_example(arguments.get("scm_url")):
            result.append(f"The project {item['name']} has an example as its address. Give awx_project_url.")
        url = (arguments.get("notification_configuration") or {}).get("url")
        if item["kind"] == "notification_template" and _is_example(url):
            result.append("The notification templates send to an example. Give awx_webhook_url.")
        stored = (_find(item, found) or {}).get("inputs") or {}
        if item["kind"] == "credential" and not item["secrets"] and ENCRYPTED not in stored.values():
            result.append(
                f"The credential {item['name']} has no token yet. Type it in AWX, or give eightbyeight_api_token."
            )
    return list(dict.fromkeys(result)) or ["Nothing."]


def _find(item: Mapping[str, Any], found: Mapping[str, Sequence[Mapping[str, Any]]]) -> Mapping[str, Any] | None:
    return next((other for other in found.get(item["kind"]) or [] if _is_same(item, other)), None)


def _digest_in(existing: Mapping[str, Any]) -> str | None:
    known = _DIGEST.search(str(existing.get("description") or ""))
    return known and known[1]


def _is_example(url: Any) -> bool:
    return re.search(r"//[^/]*\bexample\.com(?:[:/]|$)", str(url or "")) is not None


def _has_name(given: Any) -> bool:
    return isinstance(given, Mapping) and isinstance(given.get("name"), str) and bool(given["name"].strip())


def _adapted(kind: Kind, given: dict[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object with the settings applied."""
    organization = settings.get("organization")
    if organization and "organization" in given:
        given["organization"] = organization
    if organization and "workflow_nodes" in given:
        given["workflow_nodes"] = [_node_of(node, organization) for node in given["workflow_nodes"]]
    if kind.name == "project" and given.get("scm_type") == "git":
        given.update(_set(scm_url=settings.get("project_url"), scm_branch=settings.get("project_branch")))
    if kind.name == "notification_template" and given.get("notification_type") == "webhook":
        configuration = dict(given.get("notification_configuration") or {})
        given["notification_configuration"] = configuration | _set(url=settings.get("webhook_url"))
    if kind.name == "job_template":
        given = _set(execution_environment=settings.get("execution_environment")) | given
    if kind.name == "credential":
        given["inputs"] = {**(settings.get("credential_inputs") or {}), **(given.get("inputs") or {})}
    return given


def _set(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _node_of(node: Mapping[str, Any], organization: str) -> dict[str, Any]:
    template = dict(node.get("unified_job_template") or {})
    if "organization" in template:
        template["organization"] = {"name": organization}
    return {**node, "unified_job_template": template}


def _secret_inputs(types: Iterable[Mapping[str, Any]]) -> dict[Any, frozenset[str]]:
    """Return credential type -> the ids of its secret inputs."""
    return {
        item["name"]: frozenset(
            field["id"] for field in (item.get("inputs") or {}).get("fields") or [] if field.get("secret")
        )
        for item in types
    }


def _split(arguments: dict[str, Any], secret: frozenset[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Separate the secret inputs of a credential from the others. All inputs of an unknown type count as secret."""
    inputs = {name: value for name, value in arguments.pop("inputs").items() if value not in (None, "")}
    shown = {name: value for name, value in inputs.items() if secret and name not in secret}
    hidden = {name: value for name, value in inputs.items() if name not in shown}
    arguments.pop("update_secrets", None)
    return {**arguments, "inputs": shown}, hidden


def _inputs(
    wanted: Mapping[str, Any], existing: Mapping[str, Any] | None, *, update_secrets: bool
) -> tuple[dict[str, Any], bool]:
    """Return the inputs to send for a credential, and whether one of them is a new secret.

    AWX replaces all inputs together. It keeps a secret when its input is the placeholder that AWX shows for it.
    """
    stored = {} if existing is None else dict(existing.get("inputs") or {})
    secrets = {name: value for name, value in wanted["secrets"].items() if update_secrets or name not in stored}
    return {**stored, **wanted["arguments"]["inputs"], **secrets}, bool(secrets)


def _digest_of(arguments: Mapping[str, Any]) -> str:
    text = json.dumps(arguments, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _is_same(item: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether an object of AWX is the wanted one."""
    if other.get("name") != item["name"]:
        return False
    owner = _BY_NAME[item["kind"]].owner
    if not item["owner"]:
        return True
    if owner == "kind":
        return bool(other.get("kind") == item["owner"])
    summary = (other.get("summary_fields") or {}).get(owner) or {}
    return bool(summary.get("name") == item["owner"])
