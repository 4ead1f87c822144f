# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the Administration API of an emulated tenant, which holds every answer against the schema."""

from __future__ import annotations

from typing import Any

import json_schema
import requests
from eightbyeight_emulator import Emulator


class AdminClient:
    """A client with the right key, unless told otherwise."""

    def __init__(self, tenant: Emulator, key: str | None = None) -> None:
        self.tenant = tenant
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["x-api-key"] = tenant.admin_api_key if key is None else key

    def __call__(self, path: str, method: str = "GET", accept: str | None = None, **query: Any) -> requests.Response:
        """Ask, and see that the answer is as the schema says."""
        kind, _slash, user = path.strip("/").partition("/")
        headers = {"Accept": accept or f"application/vnd.{kind}.v1+json"}
        answer = self.session.request(method, self.tenant.admin_url + path, params=query, headers=headers, timeout=10)
        schema = "problem" if not answer.ok else kind.removesuffix("s") if user else kind
        assert json_schema.faults(schema, answer.json()) == []
        wanted = f"application/vnd.{kind}.v1+json" if answer.ok else "application/problem+json"
        assert answer.headers["Content-Type"] == wanted
        return answer

    def users(self, **query: Any) -> list[dict[str, Any]]:
        """Return all pages of a list."""
        found: list[dict[str, Any]] = []
        answer = self("/users", **query).json()
        while True:
            found += answer["data"]
            if not answer["pagination"]["hasMore"]:
                return found
            answer = self("/users", scrollId=answer["pagination"]["nextScrollId"]).json()

    def names(self, **query: Any) -> list[str]:
        return [user["basicInfo"]["userName"] for user in self.users(**query)]

    def user(self, user_name: str) -> dict[str, Any]:
        """Return somebody, read alone."""
        (user_id,) = (
            user["basicInfo"]["userId"] for user in self.users() if user["basicInfo"]["userName"] == user_name
        )
        user: dict[str, Any] = self(f"/users/{user_id}").json()
        return user


def reason(answer: requests.Response) -> tuple[int, str]:
    """Return what an error says to a program."""
    return answer.status_code, answer.json()["errors"][0]["code"]
