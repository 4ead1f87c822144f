# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The least that reading a tenant can cost: fetch every page and parse it. Prints the seconds."""

from __future__ import annotations

import json
import sys
import time

import requests

url, token = sys.argv[1:]
began = time.perf_counter()
users: list[object] = []
with requests.Session() as session:
    session.headers["Authorization"] = f"Bearer {token}"
    while True:
        answer = session.get(f"{url}/Users", params={"startIndex": len(users) + 1, "count": 100}, timeout=30)
        page = json.loads(answer.content)
        users += page.get("Resources") or []
        if len(users) >= page["totalResults"]:
            break
print(time.perf_counter() - began)
