# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests of a roster of new people, one after the other: list, create each, list. Prints the seconds."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import requests

url, token, roster = sys.argv[1:]
people = json.loads(Path(roster).read_text(encoding="utf-8"))
began = time.perf_counter()
with requests.Session() as session:
    session.headers["Authorization"] = f"Bearer {token}"

    def listing() -> None:
        """Read every page."""
        seen, total = 0, 1
        while seen < total:
            page = session.get(f"{url}/Users", params={"startIndex": seen + 1, "count": 100}, timeout=30).json()
            seen, total = seen + len(page.get("Resources") or []), page["totalResults"]

    listing()
    for person in people:
        body = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": person["user_name"],
            "name": {"givenName": person["given_name"], "familyName": person["family_name"]},
            "emails": [{"type": "work", "value": person["email"], "primary": True}],
            "title": person["title"],
            "active": True,
        }
        session.post(f"{url}/Users", json=body, timeout=30).raise_for_status()
    listing()
print(time.perf_counter() - began)
