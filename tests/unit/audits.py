# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An audit of a tenant in memory: what its tests share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from requests.adapters import BaseAdapter

from ansible_collections.eightbyeight.scim.plugins.module_utils._admin.client import AdminClient
from ansible_collections.eightbyeight.scim.plugins.module_utils._audit.audit import audit
from ansible_collections.eightbyeight.scim.plugins.module_utils._audit.inputs import Inputs
from ansible_collections.eightbyeight.scim.plugins.module_utils._base.empty import AUDIT_INFO
from ansible_collections.eightbyeight.scim.plugins.module_utils._client import ScimClient
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.session import HttpSession
from ansible_collections.eightbyeight.scim.plugins.module_utils._ledger.clients import Clients
from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import argspec
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    FakeTime,
    ReadOnly,
    Reply,
    Tenant,
    connection,
    session_over,
)

DEFAULTS = {name: option.get("default") for name, option in argspec.AUDIT_INFO.argument_spec.items()}
ADMIN = "https://admin.test"
#: The moment of the audit, where a test does not say.
AS_OF = "2026-11-26T12:00:00Z"


class Licensed(BaseAdapter):
    """The Administration API, as far as an audit asks it: one list of everybody, and somebody alone.

    :param users: Login name -> the names of licenses; None where the list holds them back.
    """

    def __init__(self, users: Mapping[str, Sequence[str] | None], **basic: Any) -> None:
        super().__init__()
        self._users = users
        self._basic = basic

    def send(self, request: Any, *_settings: Any, **_more: Any) -> Any:
        data = [
            {
                "basicInfo": {"userId": f"a-{name}", "userName": name, "status": "ACTIVE", **self._basic},
                "serviceInfo": {
                    "licenses": None if held is None else [{"name": each, "country": "US"} for each in held]
                },
            }
            for name, held in self._users.items()
        ]
        assert request.method == "GET", request.method
        alone = [each for each in data if str(request.url).endswith(quote(each["basicInfo"]["userId"], safe=""))]
        body = alone[0] if alone else {"data": data, "pagination": {"hasMore": False}}
        return Reply(200, body).response(request)

    def close(self) -> None:
        pass


class Audited(NamedTuple):
    """What an audit came to."""

    result: dict[str, Any]
    warnings: Sequence[str]

    @property
    def by_name(self) -> dict[str | None, str]:
        """Login name -> situation."""
        return {entry["user_name"]: entry["situation"] for entry in self.result["accounts"]}

    def of(self, user_name: str) -> dict[str, Any]:
        """Return the entry of somebody."""
        (found,) = (entry for entry in self.result["accounts"] if entry["user_name"] == user_name)
        return dict(found)

    def says(self, text: str) -> bool:
        """Say whether a limitation has this text."""
        return any(text in limitation for limitation in self.result["limitations"])


def run_audit(
    tenant: Tenant,
    users: Any = None,
    admin: BaseAdapter | None = None,
    folder: str | None = None,
    **options: Any,
) -> Audited:
    """Audit a tenant; nothing but GET goes out."""
    time = FakeTime()
    given = {**DEFAULTS, "api_url": BASE, "users": users, "as_of": AS_OF, **options}
    read = Inputs.read(given, time.clock)
    client = ScimClient(connection(), clock=time.clock, session=session_over(ReadOnly(tenant)))
    memory = Memory(BASE, folder=folder or "/nonexistent", now=time.clock.wall)
    clients = Clients(client, None if admin is None else _admin_client(admin, time), read.tenant)
    report = audit(clients, read, memory, time.clock)
    assert set(report.result) == set(AUDIT_INFO)
    return Audited(report.result, report.warnings)


def _admin_client(adapter: BaseAdapter, time: FakeTime) -> AdminClient:
    session = HttpSession()
    session.http.mount("https://", adapter)
    return AdminClient(Connection(base_url=ADMIN, token="k" * 20, retry_budget=1.0), clock=time.clock, session=session)
