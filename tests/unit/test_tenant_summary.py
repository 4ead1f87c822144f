# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the playbook ``check`` shows of a tenant, for each thing that may not be known."""

from __future__ import annotations

from typing import Any

import pytest

from ansible.errors import AnsibleFilterError

from ansible_collections.eightbyeight.scim.plugins.filter.tenant_summary import FilterModule, tenant_summary
from ansible_collections.eightbyeight.scim.plugins.module_utils._base.empty import TENANT
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._tenant_summary import summary_lines

URL = "https://platform-cloud.8x8.com/udi/customers/0012J00042NkZQIQA3/scim/v2"


def tenant(**facts: Any) -> dict[str, Any]:
    return {
        **TENANT,
        "tenant": URL,
        "reachable": True,
        "authenticated": True,
        "readable": True,
        "users": {"total": 412, "visible": 412, "active": 398, "inactive": 14, "complete": True, "whole": True},
        "sites": {"Paris": 200, "London": 212},
        "page_size": 100,
        "filters": {"user_name": "honored", "external_id": "refused", "active": None},
        "discovery": {"service_provider_config": True, "resource_types": False, "schemas": None},
        "versions": True,
        "extension_urns": ["urn:x"],
        "round_trip_ms": 12.3,
        **facts,
    }


def line(name: str, **facts: Any) -> str:
    (found,) = [text[11:] for text in summary_lines(tenant(**facts)) if text[:10].rstrip() == name]
    return found


def test_all_that_is_known_fits_on_one_screen() -> None:
    lines = summary_lines(tenant())
    assert len(lines) <= 20
    assert lines[:10] == [
        f"tenant     {URL}",
        "reachable  yes, 12.3 ms for the first request",
        "token      accepted",
        "users      412 visible, 412 announced: 398 active, 14 inactive",
        "sites      'London' 212, 'Paris' 200",
        "page size  100 users a page",
        "filters    user_name honored, external_id refused, active unknown",
        "discovery  service_provider_config answers, resource_types does not answer, schemas unknown",
        "versions   users have one",
        "extension  urn:x",
    ]
    assert lines[10].startswith("not known  whether this client may write")


@pytest.mark.parametrize(
    ("facts", "name", "told"),
    [
        ({"versions": None}, "versions", "unknown"),
        ({"versions": False}, "versions", "users have none"),
        ({"page_size": None}, "page size", "unknown"),
        ({"sites": {}}, "sites", "none of a visible user"),
        ({"sites": {f"S{number}": number for number in range(1, 13)}}, "sites", "'S12' 12, "),
        ({"extension_urns": []}, "extension", "no visible user has one"),
        ({"authenticated": None}, "token", "unknown"),
        (
            {"users": {**TENANT["users"], "total": 250, "visible": 100}},
            "users",
            "100 visible, 250 announced. The list does not add up, so nobody is deactivated because of it",
        ),
        (
            {"users": {**tenant()["users"], "total": None}},
            "users",
            "412 visible, an unknown number announced: 398 active, 14 inactive",
        ),
    ],
)
def test_what_is_not_known_is_said(facts: dict[str, Any], name: str, told: str) -> None:
    assert line(name, **facts).startswith(told)


def test_many_sites_are_counted() -> None:
    assert line("sites", sites={f"S{number}": number for number in range(1, 13)}).endswith("'S3' 3, and 2 more")


@pytest.mark.parametrize("authenticated", [False, None])
def test_a_tenant_that_cannot_be_read_says_why(authenticated: bool | None) -> None:
    problem = {"message": "8x8 does not accept the API token.", "kind": "token_rejected"}
    lines = summary_lines(tenant(readable=False, authenticated=authenticated, problem=problem, round_trip_ms=None))
    assert lines[1:] == [
        "reachable  yes",
        f"token      {'unknown' if authenticated is None else 'refused'}",
        "problem    8x8 does not accept the API token.",
    ]


def test_bad_options_say_why() -> None:
    failed = {**TENANT, "failed": True, "msg": "api_token is missing.", "error": {"kind": "bad_option"}}
    assert summary_lines(failed) == ["problem    api_token is missing."]
    assert summary_lines({}) == ["problem    eightbyeight_tenant_info returned nothing."]


def test_names_of_sites_do_not_reach_the_terminal_as_they_are() -> None:
    assert "\x1b" not in line("sites", sites={"\x1b[31mRed": 1})


def test_the_filter_wants_a_result() -> None:
    assert FilterModule().filters() == {"tenant_summary": tenant_summary}
    assert tenant_summary(tenant()) == summary_lines(tenant())
    with pytest.raises(AnsibleFilterError, match="registered result"):
        tenant_summary("x")
