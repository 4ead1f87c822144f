# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One user against a conversation with the server: what its tests share."""

from __future__ import annotations

import json
from typing import Any

from requests import exceptions as wire

from ansible_collections.eightbyeight.scim.plugins.module_utils._memory import Memory
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import DEFAULT_EXTENSION_URN
from ansible_collections.eightbyeight.scim.plugins.module_utils._user import ensure_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._wanted import Wanted
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.progress import Task
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    Call,
    Reply,
    TalkingClient,
    listing,
    page,
    resource,
    search,
)

ADA = "ada@example.org"
NEW: dict[str, Any] = {"given_name": "Ada", "family_name": "Lovelace", "email": ADA}
KEYS = ["changed", "user", "operation", "diff", "manual_actions"]
FIND_NOBODY = Call(search(ADA), Reply(200, listing()))
LIST_NOBODY = Call(page(), Reply(200, listing()))
LOST = wire.ReadTimeout("Read timed out.")
LEAVER = ["save_voicemail", "decide_phone_number", "end_sessions", "reclaim_license", "delete_record"]
DEACTIVATE = {
    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    "Operations": [{"op": "replace", "value": {"active": False}}],
}


def there(**more: Any) -> Call:
    """The look-up finds Ada."""
    return Call(search(ADA), Reply(200, listing(resource(**more))))


def read(**more: Any) -> Call:
    """Ada, read by her id."""
    return Call("GET /Users/1", Reply(200, resource(**more)))


def patched(answer: Any) -> Call:
    return Call("PATCH /Users/1", answer)


def put(answer: Any) -> Call:
    return Call("PUT /Users/1", answer)


def post(answer: Any) -> Call:
    return Call("POST /Users", answer)


def without_site() -> dict[str, Any]:
    extension: dict[str, Any] = {DEFAULT_EXTENSION_URN: None}
    return resource(**extension)


def last_body(client: TalkingClient) -> Any:
    return json.loads(client.transcript.sent[-1].body or "null")


class Told:
    """What a run came to."""

    def __init__(self, client: WritingClient, memory: Memory, check_mode: bool = False, **options: Any) -> None:
        wanted = Wanted.from_options({"user_name": ADA, "state": "present", **options})
        report = ensure_user(Task(client, wanted, memory, check_mode=check_mode))
        self.error = report.error
        self.result = report.result
        self.warnings = [warning.text for warning in report.at.warnings]
        assert all(warning.text.startswith(wanted.who) for warning in report.at.warnings)
        assert list(self.result) == KEYS
        assert list(self.result["diff"]) == ["before_header", "after_header", "before", "after"]
        json.dumps(self.result)

    @property
    def kind(self) -> str | None:
        return self.error.kind if self.error else None

    @property
    def message(self) -> str:
        return self.error.message if self.error else ""

    @property
    def operation(self) -> tuple[bool, str]:
        return self.result["changed"], self.result["operation"]

    @property
    def actions(self) -> list[str]:
        return [entry["action"] for entry in self.result["manual_actions"]]


UNTOUCHED = (False, "unchanged")
OFF = resource(active=False)
