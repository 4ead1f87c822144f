# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The reading half of the Administration API: the same people, other rules. Every answer is held against the schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import json_schema
import pytest
import requests
from admin_client import AdminClient, reason
from eightbyeight_emulator import Emulator
from eightbyeight_emulator.seed import SeedError
from switch_probes import MANY
from tenant_client import API

Start = Callable[..., API]


@pytest.fixture
def admin(api: API) -> AdminClient:
    return AdminClient(api.tenant)


def licenses(user: dict[str, Any]) -> list[str]:
    return [entry["name"] for entry in user["serviceInfo"]["licenses"] or []]


def test_it_shows_the_same_people_hidden_ones_included(api: API, admin: AdminClient) -> None:
    everybody = {user["resource"]["userName"]: user for user in api.tenant.users()}
    shown = {user["basicInfo"]["userName"]: user for user in admin.users()}
    assert set(shown) == set(everybody)
    ada = shown["ada@example.org"]
    assert (ada["basicInfo"]["status"], shown["bo@example.org"]["basicInfo"]["status"]) == ("ACTIVE", "INACTIVE")
    assert (ada["basicInfo"]["site"]["name"], ada["directoryInfo"]["department"]) == ("London", "IT")
    assert ada["directoryInfo"]["personalPhoneNumbers"] == [{"number": "+44 7700 900001", "type": "MOBILE"}]
    assert (ada["basicInfo"]["scimProvider"], shown["desk@example.org"]["basicInfo"]["scimProvider"]) == ("scim", None)
    assert admin.user("ada@example.org") == ada


def test_a_change_through_scim_is_seen_here_and_who_is_new_has_nothing(api: API, admin: AdminClient) -> None:
    api.post(userName="new@example.org")
    api.deactivate("ada@example.org")
    new, ada = admin.user("new@example.org"), admin.user("ada@example.org")
    assert (licenses(new), new["serviceInfo"]["extensions"], new["directoryInfo"]["displayInDirectory"]) == (
        [],
        None,
        False,
    )
    assert new["assignmentInfo"]["profilePolicy"] is None
    assert (licenses(ada), ada["basicInfo"]["status"]) == (["X Series X2", "DID - Local Number"], "INACTIVE")


def test_the_person_in_admin_console_sets_what_scim_cannot(api: API, admin: AdminClient) -> None:
    api.post(userName="new@example.org")
    control = f"{api.tenant.origin}/_emulator"
    changes = {
        "licenses": ["X Series X4"],
        "extension": "4711",
        "displayed_in_directory": True,
        "profile_policy": "Sales",
    }
    done = requests.patch(f"{control}/services/NEW@example.org", json=changes, timeout=10)
    assert done.json() == {**changes, "phone_number": None}
    new = admin.user("new@example.org")
    assert (licenses(new), new["serviceInfo"]["extensions"][0]["extensionNumber"]) == (["X Series X4"], "4711")
    assert (new["directoryInfo"]["displayInDirectory"], new["assignmentInfo"]["profilePolicy"]) == (
        True,
        {"name": "Sales"},
    )
    api.tenant.edit_services("new@example.org", phone_number="+14085550199")
    assert licenses(admin.user("new@example.org")) == ["X Series X4", "DID - Local Number"]
    for user, wrong in (("nobody", {}), ("new@example.org", {"shoes": 1}), ("new@example.org", {"licenses": "X"})):
        assert requests.patch(f"{control}/services/{user}", json=wrong, timeout=10).status_code == 400
    api.tenant.reset()
    assert licenses(admin.user("ada@example.org")) == ["X Series X2", "DID - Local Number"]


def test_who_is_deleted_in_admin_console_is_gone_from_both(api: API, admin: AdminClient) -> None:
    ada, number = admin.user("ada@example.org")["basicInfo"]["userId"], api.id("ada@example.org")
    assert requests.delete(f"{api.tenant.origin}/_emulator/users/ADA@example.org", timeout=10).status_code == 200
    assert reason(admin(f"/users/{ada}")) == (404, "NOT_FOUND")
    assert api.get(f"/Users/{number}").status_code == 404
    assert api.post(userName="ada@example.org").status_code == 201, "the login name is free again"
    assert licenses(admin.user("ada@example.org")) == []
    with pytest.raises(SeedError):
        api.tenant.delete_user("nobody")


def test_a_seed_says_what_somebody_has(start: Start) -> None:
    person = {"user_name": "eve@example.org", "given_name": "Eve", "family_name": "Quill"}
    admin = AdminClient(start(people=[{**person, "services": {"licenses": [], "phone_number": None}}]).tenant)
    assert licenses(admin.user("eve@example.org")) == []
    with pytest.raises(SeedError):
        Emulator([{**person, "services": {"shoes": 1}}])


def test_pages_go_on_by_scroll_id_alone_and_show_one_state(start: Start) -> None:
    api = start(people=MANY)
    admin = AdminClient(api.tenant)
    first = admin("/users", pageSize=4).json()
    scroll = first["pagination"]["nextScrollId"]
    for name, value in (("pageSize", 4), ("filter", "basicInfo.status==ACTIVE"), ("sort", "basicInfo.userName")):
        assert reason(admin("/users", scrollId=scroll, **{name: value})) == (400, "CONFLICTING_QUERY_PARAMETER")
    api.tenant.delete_user("p09@example.org")
    rest = admin("/users", scrollId=scroll).json()["data"] + admin("/users", scrollId=scroll).json()["data"]
    assert [user["basicInfo"]["userName"][:3] for user in first["data"] + rest] == [f"p{n:02}" for n in range(10)]
    assert reason(admin("/users", pageSize=1001)) == (400, "VALIDATION_ERROR")
    assert reason(admin("/users", pageSize=0)) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("rsql", "expected"),
    [
        ("basicInfo.userName==ADA@example.org", ["ada"]),
        ('basicInfo.userName=="ada@example.org"', ["ada"]),
        ("basicInfo.userName=='ada@example.org'", ["ada"]),
        ("basicInfo.status==INACTIVE", ["bo"]),
        ("basicInfo.status!=ACTIVE", ["bo"]),
        ("basicInfo.userName==*@example.org;basicInfo.status==ACTIVE", ["ada", "cy", "desk"]),
        ("basicInfo.firstName==Bo,basicInfo.firstName==Cy", ["bo", "cy"]),
        ("(basicInfo.firstName==Bo,basicInfo.firstName==Cy);basicInfo.status==ACTIVE", ["cy"]),
        ("basicInfo.userName>=cy;basicInfo.userName<d", ["cy"]),
        ("directoryInfo.department==IT", ["ada"]),
        (r'basicInfo.firstName=="a\"b"', []),
        ("basicInfo.firstName==[A]da", []),
    ],
)
def test_filters_select_users(admin: AdminClient, rsql: str, expected: list[str]) -> None:
    assert [name.partition("@")[0] for name in admin.names(filter=rsql)] == expected


@pytest.mark.parametrize(
    "rsql", ["", "x", "userName==a", "basicInfo.userName=a", "(basicInfo.userName==a", "basicInfo.a==b c", "b" * 2001]
)
def test_filters_that_cannot_be_read(admin: AdminClient, rsql: str) -> None:
    assert reason(admin("/users", filter=rsql)) == (400, "VALIDATION_ERROR")


def test_users_can_be_sorted(admin: AdminClient) -> None:
    assert admin.names(sort="-basicInfo.userName")[0] == "desk@example.org"


def test_sites_are_listed_and_read_by_id(api: API, admin: AdminClient) -> None:
    sites = admin("/sites").json()["data"]
    assert [site["name"] for site in sites] == ["London", "Paris"]
    assert admin(f"/sites/{sites[0]['id']}").json() == sites[0]
    assert admin.user("ada@example.org")["basicInfo"]["site"]["id"] == sites[0]["id"]
    assert reason(admin("/sites/x")) == (404, "NOT_FOUND")


def test_who_may_ask_and_for_what(api: API, admin: AdminClient) -> None:
    assert reason(AdminClient(api.tenant, key="")("/users")) == (401, "UNAUTHORIZED")
    assert reason(AdminClient(api.tenant, key="other")("/users/x")) == (401, "UNAUTHORIZED")
    for method in ("POST", "PUT", "DELETE"):
        assert reason(admin("/users", method)) == (403, "FORBIDDEN")
    assert admin("/users", accept="application/json").status_code == 406
    assert reason(admin("/ringGroups")) == (404, "NOT_FOUND")
    # Neither secret opens the other door.
    assert reason(AdminClient(api.tenant, key=api.tenant.token)("/users")) == (401, "UNAUTHORIZED")
    assert API(api.tenant, api.tenant.admin_api_key).get("/Users").status_code == 401


def test_every_answer_tells_how_many_requests_are_left(start: Start) -> None:
    admin = AdminClient(start(admin_rate_limit="5/60s").tenant)
    answers = [admin("/sites") for _time in range(6)]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["4", "3", "2", "1", "0", "0"]
    assert reason(answers[-1]) == (429, "TOO_MANY_REQUESTS")
    assert int(answers[-1].headers["x-ratelimit-reset"]) > 1_700_000_000


def test_a_burst_is_refused_although_the_minute_has_room(admin: AdminClient) -> None:
    assert [admin("/sites").status_code for _time in range(21)] == [200] * 20 + [429]


def test_the_key_is_in_no_log(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    with Emulator(token="a-token-of-a-tenant", log_file=log) as tenant:
        AdminClient(tenant)("/users", filter=f"basicInfo.userName=={tenant.admin_api_key}")
        written = log.read_text(encoding="utf-8")
        assert tenant.admin_api_key not in written
    assert json.loads(written.splitlines()[-1])["path"] == "/admin-provisioning/users"


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("user", {"basicInfo": None}, "user.basicInfo is NoneType, not object"),
        ("user", {}, "user has no basicInfo"),
        (
            "sites",
            {"data": [{"id": "x", "name": "y"}], "pagination": {}},
            "sites.data[0].id is 'x', which does not match",
        ),
        ("problem", {"status": "400", "title": "", "errors": []}, "problem.status is str, not integer"),
        ("scroll", {"scrollId": "x", "pageSize": "1"}, "scroll has pageSize"),
        ("extension", {"id": "a" * 22, "extensionType": "FAX"}, "extension.extensionType is 'FAX'"),
    ],
)
def test_the_schema_finds_what_is_wrong(name: str, value: Any, fault: str) -> None:
    assert fault in json_schema.faults(name, value)
