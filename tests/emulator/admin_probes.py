# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client sees of every switch of the Administration API, as in ``switch_probes.py``."""

from __future__ import annotations

from typing import Any

from admin_client import AdminClient, reason
from switch_probes import MANY
from tenant_client import API


def admin_api(api: API) -> Any:
    answer = AdminClient(api.tenant)("/users")
    return answer.status_code if answer.ok else reason(answer)


def admin_ids(api: API) -> Any:
    return AdminClient(api.tenant).user("ada@example.org")["basicInfo"]["userId"] == api.id("ada@example.org")


def admin_list(api: API) -> Any:
    client = AdminClient(api.tenant)
    listed, alone = client.users()[0], client.user("ada@example.org")
    return [
        bool((user["serviceInfo"] or {}).get("licenses")) and bool(user["assignmentInfo"]) for user in (listed, alone)
    ]


def admin_list_loses(api: API) -> Any:
    client = AdminClient(api.tenant)
    listed = {user["basicInfo"]["userName"] for user in client.users()}
    return len(listed), sum(
        len(client.users(filter=f"basicInfo.userName=={name}"))
        for name in ("ada@example.org", "bo@example.org", "cy@example.org", "desk@example.org")
    )


def admin_filter(api: API) -> Any:
    answer = AdminClient(api.tenant)("/users", filter="basicInfo.userName==ADA@example.org")
    return len(answer.json()["data"]) if answer.ok else reason(answer)


def admin_nulls(api: API) -> Any:
    user = AdminClient(api.tenant).user("bo@example.org")
    return "department" in user["directoryInfo"], "site" in user["basicInfo"]


def _scroll(api: API) -> tuple[AdminClient, str]:
    client = AdminClient(api.tenant)
    return client, client("/users", pageSize=3).json()["pagination"]["nextScrollId"]


def admin_scroll(api: API) -> Any:
    client, scroll = _scroll(api)
    pages = [client("/users", scrollId=scroll).json()["data"] for _time in range(2)]
    return [page[0]["basicInfo"]["userName"][:3] for page in pages]


def admin_scroll_expires(api: API) -> Any:
    client, scroll = _scroll(api)
    seen = []
    for _time in range(2):
        answer = client("/users", scrollId=scroll)
        seen.append(answer.status_code)
        if not answer.ok:
            return seen, len(client.users(pageSize=3))
    return seen, len(client.users(pageSize=3))


def admin_expired_scroll(api: API) -> Any:
    return reason(AdminClient(api.tenant)("/users", scrollId="of-long-ago"))


def admin_rate_limit(api: API) -> Any:
    client = AdminClient(api.tenant)
    answers = [client("/sites") for _time in range(3)]
    return [answer.status_code for answer in answers], answers[0].headers.get("x-ratelimit-limit")


EXPECTED: dict[str, tuple[Any, list[tuple[Any, Any]]]] = {
    "admin_api": (admin_api, [("on", 200), ("off", (403, "FORBIDDEN"))]),
    "admin_ids": (admin_ids, [("other", False), ("same", True)]),
    "admin_list": (admin_list, [("full", [True, True]), ("no_services", [False, True])]),
    "admin_list_loses": (admin_list_loses, [(False, (4, 4)), (True, (3, 4))]),
    "admin_filter": (admin_filter, [("honored", 1), ("ignored", 4), ("refused", (400, "VALIDATION_ERROR"))]),
    "admin_nulls": (admin_nulls, [("null", (True, True)), ("absent", (False, False))]),
    "admin_scroll": (admin_scroll, [("advances", ["p03", "p06"]), ("repeats", ["p03", "p03"])]),
    "admin_scroll_expires": (
        admin_scroll_expires,
        [(None, ([200, 200], 10)), (1, ([400], 10)), (2, ([200, 400], 10))],
    ),
    "admin_expired_scroll": (
        admin_expired_scroll,
        [(400, (400, "BAD_REQUEST")), (404, (404, "NOT_FOUND")), (410, (410, "NOT_FOUND"))],
    ),
    "admin_rate_limit": (
        admin_rate_limit,
        [("100/60s", ([200] * 3, "100")), ("2/60s", ([200, 200, 429], "2")), (None, ([200] * 3, None))],
    ),
}

BESIDES: dict[str, dict[str, Any]] = {}
PEOPLE: dict[str, Any] = {"admin_scroll": MANY, "admin_scroll_expires": MANY}
