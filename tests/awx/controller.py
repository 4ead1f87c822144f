# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the REST API of AWX, as small as the modules of awx.awx need it, in the shapes that AWX 24.6.1 showed.

It stores, compares and refuses as AWX does where that matters here: references must exist, names are unique, a secret is shown as
``$encrypted$`` and kept when it is sent back so, ``inputs`` are replaced as a whole, white space at the ends of text is cut, the
playbook of a job template must be in its project, an approval is made anew each time. No job ever runs.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import rules

ENCRYPTED = "$encrypted$"
Document = dict[str, Any]


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """An answer that is no success."""

    def __init__(self, status: int, body: Document) -> None:
        super().__init__(status)
        self.status, self.body = status, body


class Resource:
    """What is known of one endpoint."""

    def __init__(self, kind: str, unique: str, defaults: Document, references: dict[str, str] | None = None) -> None:
        self.kind, self.unique, self.defaults, self.references = kind, unique.split(), defaults, references or {}


_TEMPLATE = {"extra_vars": "", "limit": "", "survey_enabled": False, "allow_simultaneous": False} | {
    f"ask_{name}_on_launch": False for name in ("limit", "job_type", "variables", "inventory", "credential")
}
RESOURCES = {
    "organizations": Resource("organization", "name", {}),
    "credential_types": Resource("credential_type", "name kind", {"inputs": {}, "injectors": {}}),
    "credentials": Resource(
        "credential",
        "name credential_type organization",
        {"inputs": {}},
        {"credential_type": "credential_types", "organization": "organizations"},
    ),
    "projects": Resource(
        "project",
        "name organization",
        {"scm_type": "", "scm_url": "", "scm_branch": "", "scm_update_on_launch": False, "timeout": 0}
        | {"status": "successful", "scm_revision": "0" * 40},
        {"organization": "organizations"},
    ),
    "inventories": Resource("inventory", "name organization", {"variables": ""}, {"organization": "organizations"}),
    "hosts": Resource("host", "name inventory", {"variables": "", "enabled": True}, {"inventory": "inventories"}),
    "notification_templates": Resource(
        "notification_template", "name organization", {"messages": None}, {"organization": "organizations"}
    ),
    "job_templates": Resource(
        "job_template",
        "name organization",
        {**_TEMPLATE, "job_type": "run", "verbosity": 0, "forks": 0, "execution_environment": None},
        {"project": "projects", "inventory": "inventories", "execution_environment": "execution_environments"},
    ),
    "workflow_job_templates": Resource(
        "workflow_job_template", "name organization", {**_TEMPLATE, "limit": None}, {"organization": "organizations"}
    ),
    "workflow_job_template_nodes": Resource(
        "workflow_job_template_node",
        "identifier workflow_job_template",
        {"unified_job_template": None, "all_parents_must_converge": False, "extra_data": {}, "limit": None},
        {"workflow_job_template": "workflow_job_templates"},
    ),
    "workflow_approval_templates": Resource("workflow_approval_template", "", {"timeout": 0}),
    "schedules": Resource("schedule", "name unified_job_template", {"enabled": True, "extra_data": {}}),
    "execution_environments": Resource("execution_environment", "name", {"image": ""}),
    "tokens": Resource("o_auth2_access_token", "", {"scope": "write"}),
}
#: What can be scheduled or stand in a node, by the type that a filter names.
UNIFIED = {
    "job_template": "job_templates",
    "workflow_job_template": "workflow_job_templates",
    "project": "projects",
    "workflow_approval": "workflow_approval_templates",
}
LINKS = re.compile(r"(success|failure|always)_nodes|notification_templates_\w+|credentials|labels|instance_groups")


@dataclass
class Controller:
    """The objects of the stand-in, and what was asked of it."""

    playbooks: list[str]
    tables: dict[str, dict[int, Document]] = field(default_factory=lambda: {name: {} for name in RESOURCES})
    links: dict[str, list[int]] = field(default_factory=dict)
    surveys: dict[str, Document] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)
    fail_on: str = ""
    url: str = ""
    last: int = 0

    def __post_init__(self) -> None:
        self.create("organizations", {"name": "Default"})
        self.create("organizations", {"name": "Telephony"})
        self.create("execution_environments", {"name": "8x8 EE", "image": "ee"})

    @property
    def writes(self) -> list[tuple[str, str]]:
        """What was sent that changes something; tokens are made to be able to ask."""
        return [(method, path) for method, path in self.log if method != "GET" and "/tokens/" not in path]

    def all(self, endpoint: str) -> dict[str, Document]:
        """Return name (of a node: identifier) -> object."""
        return {str(one.get("name") or one.get("identifier")): one for one in self.tables[endpoint].values()}

    def linked(self, endpoint: str, name: str, relation: str) -> list[str]:
        """Return the names of what an object is linked with."""
        ids = self.links.get(f"{endpoint}/{self.all(endpoint)[name]['id']}/{relation}", [])
        return [
            str(one.get("name") or one.get("identifier"))
            for table in self.tables.values()
            for id_, one in table.items()
            if id_ in ids
        ]

    def create(self, endpoint: str, body: Document) -> Document:
        resource = RESOURCES[endpoint]
        document = {"description": "", **resource.defaults, **_trimmed(body)}
        if endpoint == "job_templates":
            document["organization"] = self._get("projects", document.get("project")).get("organization")
        self._check(endpoint, document)
        for one in self.tables[endpoint].values():
            if resource.unique and all(one.get(name) == document.get(name) for name in resource.unique):
                raise Refused(
                    400, {"__all__": [f"{resource.kind} with this {' and '.join(resource.unique)} already exists."]}
                )
        if endpoint == "credentials" and ENCRYPTED in document["inputs"].values():
            raise Refused(400, {"inputs": ["$encrypted$ is a reserved keyword, and cannot be used."]})
        self.last += 1
        document |= {"id": self.last, "type": resource.kind, "url": f"/api/v2/{endpoint}/{self.last}/"}
        self.tables[endpoint][self.last] = document
        return document

    def change(self, endpoint: str, id_: int, body: Document) -> Document:
        document = self._get(endpoint, id_)
        body = _trimmed(body)
        if endpoint == "credentials" and "inputs" in body:
            stored = document["inputs"]
            body["inputs"] = {
                name: stored[name] if value == ENCRYPTED else value for name, value in body["inputs"].items()
            }
        others = endpoint == "credential_types" and body.get("inputs", document["inputs"]) != document["inputs"]
        if others and any(one["credential_type"] == id_ for one in self.tables["credentials"].values()):
            raise Refused(
                403, {"detail": "Modifications to inputs are not allowed for credential types that are in use"}
            )
        self._check(endpoint, {**document, **body})
        document.update({name: value for name, value in body.items() if name not in ("id", "type", "url")})
        return document

    def delete(self, endpoint: str, id_: int) -> None:
        self._get(endpoint, id_)
        del self.tables[endpoint][id_]

    def approval(self, node: int, body: Document) -> Document:
        """Make an approval for a node; one that it had is gone."""
        document = self._get("workflow_job_template_nodes", node)
        self.tables["workflow_approval_templates"].pop(document["unified_job_template"] or 0, None)
        approval = self.create(
            "workflow_approval_templates",
            {name: body[name] for name in ("name", "description", "timeout") if name in body},
        )
        document["unified_job_template"] = approval["id"]
        return approval

    def link(self, path: str, body: Document) -> None:
        if not isinstance(body.get("id"), int):
            raise Refused(400, {"msg": '"id" field must be an integer.'})
        ids = self.links.setdefault(path, [])
        if body.get("disassociate"):
            ids[:] = [one for one in ids if one != body["id"]]
        elif path.endswith("/credentials") and body["id"] in ids:
            raise Refused(400, {"error": "Cannot assign multiple 8x8 SCIM credentials."})
        elif body["id"] not in ids:
            ids.append(body["id"])

    def shown(self, endpoint: str, document: Document) -> Document:
        """Return an object as AWX shows it."""
        related = {"survey_spec": f"{document['url']}survey_spec/"}
        summary: Document = {}
        owners = {**RESOURCES[endpoint].references, "organization": "organizations"}
        for name, table in owners.items():
            if document.get(name) in self.tables[table]:
                summary[name] = {"id": document[name], "name": self.tables[table][document[name]]["name"]}
        unified = document.get("unified_job_template")
        for table in UNIFIED.values():
            if unified in self.tables[table]:
                related["unified_job_template"] = f"/api/v2/{table}/{unified}/"
                summary["unified_job_template"] = {"id": unified, "name": self.tables[table][unified]["name"]}
        shown = {**document, "related": related, "summary_fields": summary}
        if endpoint == "credentials":
            secret = self._secret_inputs(document["credential_type"])
            shown["inputs"] = {
                name: ENCRYPTED if name in secret else value for name, value in document["inputs"].items()
            }
        return shown

    def find(self, endpoint: str, query: Document) -> list[Document]:
        tables = list(UNIFIED.values()) if endpoint == "unified_job_templates" else [endpoint]
        found = [self.shown(table, one) for table in tables for one in self.tables[table].values()]
        for name, wanted in query.items():
            if name in ("page", "page_size", "order_by"):
                continue
            if name == "type":
                found = [
                    one for one in found if one["type"].removesuffix("_template") == wanted.removesuffix("_template")
                ]
            elif name == "name__in":
                found = [one for one in found if one["name"] in wanted.split(",")]
            elif name in ("or__id", "or__name"):
                found = [one for one in found if str(one["id"]) == query["or__id"] or one["name"] == query["or__name"]]
            elif found and not any(name in one for one in found):
                raise Refused(400, {"detail": f"{endpoint} has no field named '{name}'"})
            else:
                found = [one for one in found if str(one.get(name)) == wanted]
        return found

    def _secret_inputs(self, type_: int) -> set[str]:
        return {one["id"] for one in self._inputs_of(type_) if one.get("secret")}

    def _inputs_of(self, type_: int) -> list[Document]:
        fields: list[Document] = self.tables["credential_types"][type_]["inputs"].get("fields", [])
        return fields

    def _get(self, endpoint: str, id_: Any) -> Document:
        if id_ not in self.tables[endpoint]:
            raise Refused(400 if endpoint == "projects" else 404, {"detail": f"No {endpoint} matches the given query."})
        return self.tables[endpoint][id_]

    def _check(self, endpoint: str, document: Document) -> None:
        for name, table in RESOURCES[endpoint].references.items():
            if document.get(name) is not None and document[name] not in self.tables[table]:
                raise Refused(400, {name: [f'Invalid pk "{document[name]}" - object does not exist.']})
        if endpoint == "job_templates" and document.get("playbook") not in self.playbooks:
            raise Refused(400, {"playbook": ["Playbook not found for project."]})
        problems = rules.check(RESOURCES[endpoint].kind, document)
        if endpoint == "credentials":
            problems += rules.credential_inputs(document["inputs"], self._inputs_of(document["credential_type"]))
        if problems:
            raise Refused(400, {"detail": problems})


def _trimmed(body: Document) -> Document:
    return {name: value.strip() if isinstance(value, str) else value for name, value in body.items()}


class _Handler(BaseHTTPRequestHandler):
    controller: Controller
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
        """Keep the screen clean."""

    def _answer(self) -> None:
        path, query = urlsplit(self.path).path, dict(parse_qsl(urlsplit(self.path).query))
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        self.controller.log.append((self.command, path))
        try:
            if not self.headers.get("Authorization"):
                raise Refused(401, {"detail": "Authentication credentials were not provided."})
            if self.controller.fail_on and self.controller.fail_on in f"{self.command} {path}":
                raise Refused(400, {"detail": "The test wants this to fail."})
            status, answer = self._route(path.removeprefix("/api/v2/").strip("/").split("/"), query, body)
        except Refused as refused:
            status, answer = refused.status, refused.body
        content = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", "24.6.1")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = _answer

    def _route(self, parts: list[str], query: Document, body: Document) -> tuple[int, Any]:
        controller, endpoint = self.controller, parts[0]
        if len(parts) == 1:
            return self._collection(endpoint, query, body)
        id_ = int(parts[1])
        if len(parts) == 3:
            return self._part(endpoint, id_, parts[2], body)
        if self.command == "PATCH":
            return 200, controller.shown(endpoint, controller.change(endpoint, id_, body))
        if self.command == "DELETE":
            controller.delete(endpoint, id_)
            return 204, None
        if endpoint == "projects":
            return 200, controller.shown(endpoint, controller.tables[endpoint][id_])
        return 200, controller.shown(endpoint, controller._get(endpoint, id_))

    def _collection(self, endpoint: str, query: Document, body: Document) -> tuple[int, Any]:
        controller = self.controller
        if self.command == "POST":
            made = controller.create(endpoint, body)
            extra = {"token": "made-up-token", "refresh_token": None} if endpoint == "tokens" else {}
            return 201, {**controller.shown(endpoint, made), **extra}
        found = controller.find(endpoint, query)
        return 200, {"count": len(found), "next": None, "previous": None, "results": found}

    def _part(self, endpoint: str, id_: int, part: str, body: Document) -> tuple[int, Any]:
        controller, path = self.controller, f"{endpoint}/{id_}/{part}"
        if part == "survey_spec":
            if self.command == "GET":
                return 200, controller.surveys.get(path, {})
            problems = rules.survey(body)
            if problems:
                raise Refused(400, {"error": problems[0]})
            controller.surveys[path] = body
            return 200, None
        if part == "create_approval_template":
            return 201, controller.approval(id_, body)
        if not LINKS.fullmatch(part):
            raise Refused(404, {"detail": "Not found."})
        if self.command == "GET":
            ids = controller.links.get(path, [])
            return 200, {"count": len(ids), "next": None, "previous": None, "results": [{"id": one} for one in ids]}
        controller.link(path, body)
        return 204, None


@contextmanager
def served(playbooks: list[str]) -> Iterator[Controller]:
    """Serve a controller on this machine.

    :param playbooks: What the repository of its projects holds.
    """
    controller = Controller(playbooks)
    handler = type("Handler", (_Handler,), {"controller": controller})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    controller.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield controller
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
