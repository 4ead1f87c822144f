# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve scim2-server as it comes, of its first or its present interface: ``serve_scim2.py PORT TOKEN``."""

from __future__ import annotations

import json
import sys
import wsgiref.simple_server
from collections.abc import Callable
from socketserver import ThreadingMixIn
from typing import Any


class _Server(ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True


class _Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_words: object) -> None:
        pass


def present(token: str) -> tuple[Any, Callable[[], list[Any]]]:
    """Return the application and what lists its resources, of version 0.8."""
    from scim2_server.memory import InMemoryStorage
    from scim2_server.testserver.application import BearerTokenApplication
    from scim2_server.utils import load_default_provider

    storage = InMemoryStorage()
    return BearerTokenApplication(storage, load_default_provider(), bearer_tokens=[token]), lambda: storage.resources


def first(token: str) -> tuple[Any, Callable[[], list[Any]]]:
    """Return the application and what lists its resources, of version 0.1."""
    from scim2_server.backend import InMemoryBackend
    from scim2_server.provider import SCIMProvider
    from scim2_server.utils import load_default_resource_types, load_default_schemas

    backend = InMemoryBackend()
    application = SCIMProvider(backend)
    for schema in load_default_schemas().values():
        application.register_schema(schema)
    for resource_type in load_default_resource_types().values():
        application.register_resource_type(resource_type)
    application.register_bearer_token(token)
    return application, lambda: backend.resources


def main() -> None:
    """Serve until the process is ended."""
    port, token = int(sys.argv[1]), sys.argv[2]
    try:
        application, resources = present(token)
    except ModuleNotFoundError:
        application, resources = first(token)
    heard: list[str] = []

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] != "/state":
            heard.append(environ["REQUEST_METHOD"])
            return application(environ, start_response)
        users = [json.loads(user.model_dump_json(by_alias=True, exclude_none=True)) for user in resources()]
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"users": users, "heard": heard}).encode()]

    wsgiref.simple_server.make_server(
        "127.0.0.1", port, served, server_class=_Server, handler_class=_Quiet
    ).serve_forever()


if __name__ == "__main__":
    main()
