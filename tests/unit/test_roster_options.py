# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options that a roster refuses, its return keys, and the token."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.eightbyeight.scim.plugins.module_utils._module.roster_entry import manage_roster
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    TOKEN,
    Reply,
    Tenant,
    refusal,
)
from ansible_collections.eightbyeight.scim.tests.unit.rosters import (
    ALL,
    DEFAULTS,
    newcomer,
    people,
    roster,
    row,
)

# -- Bad options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"concurrency": 0}, "concurrency"),
        ({"concurrency": 1000}, "concurrency"),
        ({"requests_per_minute": 0}, "requests_per_minute"),
        ({"requests_per_minute": -5}, "requests_per_minute"),
        ({"max_failures": 0}, "max_failures"),
        ({"canary": -1}, "canary"),
        ({"limits": {"delete": 1}}, "limits"),
        ({"plan_digest": "sha256:x"}, "plan_digest"),
        ({"as_of": "tomorrow"}, "as_of"),
        ({"users": None, "apply_plan": "/nowhere/plan", "as_of": "2026-12-01"}, "as_of"),
        ({"dates_timezone": "Europe/Atlantis"}, "dates_timezone"),
        ({"users": None, "apply_plan": "/nowhere/plan", "unlisted": "deactivate"}, "unlisted"),
        ({"users": None, "apply_plan": "/nowhere/plan"}, "apply_plan"),
        ({"plan_file": "/nowhere/plan"}, "plan_file"),
        ({"undo_file": "/nowhere/plan"}, "undo_file"),
        ({"journal_file": "/nowhere/plan"}, "journal_file"),
        ({"failed_file": "/nowhere/plan"}, "failed_file"),
        ({"failed_file": "/tmp"}, "folder"),
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_what_cannot_be_right_is_found_before_the_first_request(
    options: dict[str, Any], word: str, check: bool
) -> None:
    tenant = Tenant(*people(2))
    users = options.pop("users", [row(1)]) if "users" in options else [row(1)]
    told = roster(tenant, users, check=check, **options)
    options.setdefault("users", users)
    assert told.kind == "bad_option"
    assert word in told.message
    assert tenant.log == []


def test_a_roster_that_cannot_be_read_is_refused_before_the_first_request() -> None:
    tenant = Tenant()
    told = roster(tenant, [{"titel": "x", "user_name": "a"}, 5, {"user_name": "A"}])
    assert told.kind == "bad_roster"
    assert [(problem["row"], problem["column"]) for problem in told.result["problems"]] == [
        (1, "titel"),
        (2, "row"),
        (3, "user_name"),
    ]
    assert tenant.log == []


def test_the_entry_returns_the_same_keys_in_every_outcome() -> None:
    options = {**DEFAULTS, "api_url": BASE, "api_token": TOKEN, "users": [{"titel": 1}]}
    refused = manage_roster(options, False)
    assert (refused.failed, refused.result["error"]["kind"]) == (True, "bad_roster")
    wrong = manage_roster({**options, "timeout": 0}, False)
    assert set(wrong.result) == set(refused.result)


# -- Secrets ----------------------------------------------------------------------------------------------------------------


def test_the_token_is_nowhere(tmp_path: Path) -> None:
    tenant = Tenant(*people(4))

    def echo(request: requests.PreparedRequest) -> Reply | None:
        if request.method == "PUT" and str(request.url).endswith("/2"):
            return refusal(400, f"you sent {request.headers['Authorization']}")
        return None

    tenant.before = echo
    names = ("plan_file", "undo_file", "journal_file", "failed_file")
    files: dict[str, Any] = {name: str(tmp_path / name) for name in names}
    told = roster(tenant, [row(1, title="A"), row(2, title="B"), newcomer(9)], limits=ALL, canary=1, **files)
    assert told.kind == "canary_failed" or told.kind == "rows_failed"
    texts = [Path(path).read_text() for path in files.values()]
    for text in (*texts, json.dumps(told.result), told.message, *told.warnings, *told.lines):
        assert TOKEN not in text
        assert "Bearer" not in text.replace("Bearer ********", "")
