# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tests of the client share."""

from __future__ import annotations

import http.server
from typing import Any

from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import DEFAULT_EXTENSION_URN
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    TOKEN,
    Call,
    Reply,
    resource,
)

ADA = Call("GET /Users/1", Reply(200, resource()))
OPTIONS: dict[str, Any] = {
    "api_url": BASE,
    "customer_id": None,
    "api_token": TOKEN,
    "validate_certs": True,
    "ca_path": None,
    "timeout": 30,
    "retry_budget": 120,
    "extension_urn": DEFAULT_EXTENSION_URN,
}


def everybody(first: int, last: int) -> list[dict[str, Any]]:
    return [resource(str(number), f"u{number}@example.org") for number in range(first, last + 1)]


class Ear(http.server.BaseHTTPRequestHandler):
    """Answers anything with a redirect to itself, and remembers what it heard."""

    def do_GET(self) -> None:
        self.server.heard.append((self.path, self.headers.get("Authorization")))  # type: ignore[attr-defined]
        self.send_response(307)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_PUT = do_GET

    def log_message(self, *_words: object) -> None:
        pass
