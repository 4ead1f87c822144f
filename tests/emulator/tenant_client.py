# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the emulated tenant, and the users the tests start with."""

from __future__ import annotations

from typing import Any

import requests
from eightbyeight_emulator import Emulator

EXTENSION = "urn:ietf:params:scim:schemas:extension:8x8:1.1:User"
OTHER_EXTENSION = "urn:8x8:scim:schemas:extension:8x8user:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
TOKEN = "test-token-9f2c"
READ_ONLY_TOKEN = "reader-token-51aa"

SEED = {
    "sites": [
        {"name": "London", "locale": "en-GB", "timezone": "Europe/London"},
        {"name": "Paris", "locale": "fr-FR", "timezone": "Europe/Paris"},
    ],
    "people": [
        {
            "user_name": "ada@example.org",
            "given_name": "Ada",
            "family_name": "Marlowe",
            "title": "Engineer",
            "department": "IT",
            "site": "London",
            "external_id": "HR-1",
            "phone_numbers": [{"type": "mobile", "value": "+44 7700 900001"}],
        },
        {"user_name": "bo@example.org", "given_name": "Bo", "family_name": "Quill", "active": False},
        {"user_name": "cy@example.org", "given_name": "Cy", "family_name": "Rook", "extra": {"nickName": "C"}},
        {"user_name": "desk@example.org", "given_name": "Desk", "family_name": "Phone", "origin": "console"},
    ],
    "other_tenants": ["taken@example.com"],
}


class API:
    """A client of one tenant, with one connection."""

    def __init__(self, tenant: Emulator, token: str | None = TOKEN) -> None:
        self.tenant = tenant
        self.session = requests.Session()
        self.session.trust_env = False
        if token is not None:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def __call__(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        options.setdefault("allow_redirects", False)
        return self.session.request(method, self.tenant.url + path, json=body, timeout=10, **options)

    def get(self, path: str, **query: Any) -> requests.Response:
        return self("GET", path, params=query)

    def page(self, **query: Any) -> dict[str, Any]:
        answer = self.get("/Users", **query)
        assert answer.status_code == 200, answer.text
        result: dict[str, Any] = answer.json()
        return result

    def names(self, **query: Any) -> list[str]:
        return [user["userName"] for user in self.page(**query).get("Resources", [])]

    def find(self, user_name: str) -> dict[str, Any] | None:
        """Return the stored state of a user, whatever SCIM shows of it."""
        for user in self.tenant.users():
            if user["resource"]["userName"].lower() == user_name.lower():
                return user
        return None

    def id(self, user_name: str) -> str:
        user = self.find(user_name)
        assert user is not None
        return str(user["id"])

    def post(self, **attributes: Any) -> requests.Response:
        return self("POST", "/Users", person(**attributes))

    def put(self, user_name: str, **changes: Any) -> requests.Response:
        """Read a user, change it and put it back; None removes an attribute."""
        body = self.get(f"/Users/{self.id(user_name)}").json()
        return self("PUT", f"/Users/{body['id']}", without_nothing({**body, **changes}))

    def patch(self, user_name: str, *operations: dict[str, Any]) -> requests.Response:
        return self(
            "PATCH",
            f"/Users/{self.id(user_name)}",
            {
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": list(operations),
            },
        )

    def deactivate(self, user_name: str) -> requests.Response:
        return self.patch(user_name, {"op": "replace", "value": {"active": False}})


def without_nothing(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value is not None}


def person(**attributes: Any) -> dict[str, Any]:
    """Return a body for POST, with what is mandatory filled in; None leaves something out."""
    return without_nothing(
        {
            "userName": "new@example.org",
            "name": {"givenName": "New", "familyName": "Comer"},
            "emails": [{"value": "new@example.org", "type": "work"}],
            **attributes,
        }
    )
