# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody would write on scim2-client: look each person up, and create or compare. Prints the seconds."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import Email, ListResponse, Name, ScimProvider, User

url, token, roster = sys.argv[1:]
people = json.loads(Path(roster).read_text(encoding="utf-8"))
began = time.perf_counter()
with Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as http:
    scim = SyncSCIMClient(http, provider=ScimProvider(models=[User]))
    for person in people:
        found = scim.query(User, query_parameters={"filter": f'userName eq "{person["user_name"]}"'})
        assert isinstance(found, ListResponse)
        if found.total_results:
            (user,) = found.resources or []
            assert isinstance(user, User)
            if user.title != person["title"]:
                user.title = person["title"]
                scim.replace(user)
        else:
            user = User(
                user_name=person["user_name"],
                name=Name(given_name=person["given_name"], family_name=person["family_name"]),
                emails=[Email(type=Email.Type.work, value=person["email"], primary=True)],
                title=person["title"],
                active=True,
            )
            scim.create(user)
print(time.perf_counter() - began)
