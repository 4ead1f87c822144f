# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tenant does with every switch on its default: the profile of 8x8."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from eightbyeight_emulator import Emulator
from tenant_client import API, ENTERPRISE, EXTENSION, SEED, TOKEN, person

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
STRANGER = "urn:example:params:scim:schemas:extension:badge:1.0:User"
Start = Callable[..., API]


def test_post_creates_a_user_and_fills_in_defaults(api: API) -> None:
    """POST answers 201 with the user, its place and what the server filled in (fact sheet, 2.6, 3)."""
    answer = api.post(**{EXTENSION: {"site": "Paris"}})
    user = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == user["meta"]["location"] == f"{api.tenant.url}/Users/{user['id']}"
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", user["id"])
    assert (user["active"], user["locale"], user["timezone"]) == (True, "fr-FR", "Europe/Paris")
    assert user["emails"] == [{"value": "new@example.org", "type": "work", "primary": True}]
    assert api.get(f"/Users/{user['id']}").json() == user
    assert api.page()["Resources"][-1] == user


def test_create_without_schemas_and_as_plain_json(api: API) -> None:
    """Scripts in the wild send application/json and no schemas (fact sheet, 1.14, 2.11)."""
    for number, kind in enumerate(("application/json", "application/scim+json; charset=utf-8")):
        body = json.dumps(person(userName=f"n{number}@example.org"))
        answer = api("POST", "/Users", data=body, headers={"Content-Type": kind})
        assert answer.status_code == 201 and answer.headers["Content-Type"] == "application/scim+json"
    assert api("POST", "/Users", data="a=1", headers={"Content-Type": "text/plain"}).status_code == 415


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"userName": None}, ["userName"]),
        ({"userName": "  "}, ["userName"]),
        ({"name": None}, ["name.givenName", "name.familyName"]),
        ({"name": {"givenName": "A"}}, ["name.familyName"]),
        ({"name": {"givenName": None, "familyName": "B"}}, ["name.givenName"]),
    ],
)
def test_a_refusal_names_every_missing_attribute(api: API, change: dict[str, Any], missing: list[str]) -> None:
    """A refusal names every attribute that is missing."""
    answer = api.post(**change)
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidValue")
    assert answer.json()["detail"].endswith(": " + ", ".join(missing))


@pytest.mark.parametrize("body", ["", "{", "[]", '"x"', '{"userName": {"a": 1}}'])
def test_body_that_is_none(api: API, body: str) -> None:
    """What is not a user is refused, never a 500."""
    answer = api("POST", "/Users", data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400 and answer.json()["schemas"][0].endswith(":Error")


def test_values_of_a_wrong_type_are_refused(api: API) -> None:
    """scim2-models checks the documented attributes."""
    for change in ({"active": "perhaps"}, {"emails": "a@x.org"}, {"title": ["x"]}, {EXTENSION: {"site": 1}}):
        assert api.post(**change).status_code == 400, change
    assert api.post(emails=[{"value": "no address"}]).json()["scimType"] == "invalidValue"
    assert api.post(active="False").json()["active"] is False


def test_attribute_names_in_any_case(api: API) -> None:
    """RFC 7643 2.1: names are case-insensitive."""
    body = {"USERNAME": "n@example.org", "Name": {"GIVENNAME": "A", "familyname": "B"}, "TITLE": "T"}
    user = api("POST", "/Users", body).json()
    assert (user["userName"], user["name"], user["title"]) == (
        "n@example.org",
        {"givenName": "A", "familyName": "B"},
        "T",
    )


def test_login_names_are_unique_across_tenants_and_hidden_users(api: API) -> None:
    """userName is unique in all of 8x8, hidden users and other tenants included."""
    for user_name in ("ADA@example.org", "bo@example.org", "desk@example.org", "Taken@example.com"):
        answer = api.post(userName=user_name)
        assert (answer.status_code, answer.json()["scimType"]) == (409, "uniqueness"), user_name
    assert "taken@example.com" not in api.names()
    assert api.put("ada@example.org", userName="taken@example.com").status_code == 409


def test_a_rename_frees_the_old_name(api: API) -> None:
    """The old login name is free, the new one taken, and both are found by what they are now."""
    assert api.put("ada@example.org", userName="ada.marlowe@example.org").status_code == 200
    assert api.names(filter='userName eq "ada@example.org"') == []
    assert api.names(filter='userName eq "ADA.marlowe@example.org"') == ["ada.marlowe@example.org"]
    assert api.post(userName="ada.marlowe@example.org").status_code == 409
    assert api.post(userName="ada@example.org").status_code == 201


def test_strangers_survive_and_put_clears(start: Start) -> None:
    """What a user has that the tenant's schemas do not list stays as it was sent, and is gone with a PUT that leaves it out."""
    api = start(unknown_attributes="keep")
    extras = {
        "nickName": "N",
        "displayName": "New C.",
        "addresses": [{"type": "work", "locality": "Paris"}],
        "favoriteColor": "blue",
        STRANGER: {"badge": {"number": 7}},
        ENTERPRISE: {"department": "IT", "manager": {"value": "m"}, "employeeNumber": "7"},
        EXTENSION: {"site": "Paris", "floor": "3"},
    }
    name = {"givenName": "N", "familyName": "C", "middleName": "M", "honorificPrefix": "Dr."}
    user = api.post(name=name, **extras).json()
    assert {key: user[key] for key in extras} == extras
    assert user["name"] == name and STRANGER in user["schemas"]
    api.tenant.set_switches(unknown_attributes="drop")
    again = api.put("new@example.org").json()
    assert {key: again[key] for key in extras} == extras
    for key in ("nickName", "addresses", STRANGER):
        again = api.put("new@example.org", **{key: None}).json()
        assert key not in again
    assert "title" not in api.put("ada@example.org", title=None).json()


def test_put_of_the_same_changes_nothing(api: API) -> None:
    """What was read can be put back, and lastModified stays."""
    before = api.get(f"/Users/{api.id('ada@example.org')}").json()
    answer = api.put("ada@example.org")
    assert (answer.status_code, answer.json()) == (200, before)


def test_null_is_absent(api: API) -> None:
    """null, [] and nothing are one state (RFC 7643 2.5)."""
    user = api.get(f"/Users/{api.id('ada@example.org')}").json()
    body = {**user, "title": None, "phoneNumbers": [], ENTERPRISE: {"department": None}}
    user = api("PUT", f"/Users/{user['id']}", body).json()
    assert {"title", "phoneNumbers", ENTERPRISE}.isdisjoint(user)


def test_site(api: API) -> None:
    """Exact, case-sensitive, set once (fact sheet, 3, K10)."""
    assert api.post(**{EXTENSION: {"site": "london"}}).json()["scimType"] == "invalidValue"
    assert api.put("ada@example.org", **{EXTENSION: {"site": "Paris"}}).json()["scimType"] == "mutability"
    assert api.put("ada@example.org", **{EXTENSION: {"site": "Rome"}}).json()["scimType"] == "invalidValue"
    assert api.put("cy@example.org", **{EXTENSION: {"site": "Paris"}}).json()[EXTENSION] == {"site": "Paris"}
    assert api.put("cy@example.org", **{EXTENSION: {"site": "London"}}).status_code == 400


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "value": {"active": False}},
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "REPLACE", "path": "active", "value": False},
        {"op": "add", "value": {"active": "false", "title": "ignored"}},
        {"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active", "value": "FALSE"},
        {"OP": "replace", "VALUE": {"Active": False}},
    ],
)
def test_patch_active(api: API, operation: dict[str, Any]) -> None:
    """The forms that Okta, Entra and others send (fact sheet, 9.1, 9.2)."""
    answer = api.patch("ada@example.org", operation)
    assert answer.status_code == 200
    assert answer.json() == {
        "id": api.id("ada@example.org"),
        "userName": "ada@example.org",
        "active": False,
    }
    user = api.find("ada@example.org")
    assert user is not None and user["resource"]["title"] == "Engineer"


@pytest.mark.parametrize(
    "body",
    [
        {"Operations": [{"op": "replace", "value": {"active": "perhaps"}}]},
        {"Operations": [{"op": "replace", "path": "active", "value": None}]},
        {"Operations": [{"op": "replace", "value": {"active": False}}, {"op": "delete", "path": "x"}]},
        {"Operations": []},
        {"Operations": ["replace"]},
        {"active": False},
        [],
    ],
)
def test_patch_refused(api: API, body: Any) -> None:
    """A PATCH that cannot be read changes nothing, not even in part (RFC 7644 3.5.2)."""
    answer = api("PATCH", f"/Users/{api.id('ada@example.org')}", body)
    assert answer.status_code == 400
    user = api.find("ada@example.org")
    assert user is not None and user["resource"]["active"] is True


def test_lists(start: Start) -> None:
    """Paging, its limits and its edges (fact sheet, 4.1; RFC 7644 3.4.2.4)."""
    people = [{"user_name": f"p{n:03}@example.org", "given_name": "P", "family_name": "N"} for n in range(250)]
    api = start(people=people)
    page = api.page(startIndex=1, count=500)
    assert (page["totalResults"], page["itemsPerPage"], len(page["Resources"])) == (250, 100, 100)
    page = api.page(startIndex=201, count=100)
    assert (page["startIndex"], page["itemsPerPage"]) == (201, 50)
    assert api.page(startIndex=251) == {**page, "startIndex": 251, "itemsPerPage": 0, "Resources": []}
    assert api.names(startIndex=-5, count=1) == api.names(startIndex=1, count=1) == ["p000@example.org"]
    assert api.page(count=-1)["itemsPerPage"] == 0
    assert api.get("/Users", count="many").status_code == 400
    assert "Resources" not in api.page(filter='userName eq "x"')


def test_filter_quoting(start: Start) -> None:
    """A value with quotes, backslashes and plus signs."""
    api = start(filter_quotes="accept")
    odd = 'we"ird\\na+me'
    assert api.post(userName=odd).status_code == 201
    assert api.names(filter=f"userName eq {json.dumps(odd)}") == [odd]
    assert api.names(filter=f'USERNAME EQ "{"Ada@Example.org"}"') == ["ada@example.org"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/Groups"),
        ("POST", "/Groups"),
        ("POST", "/Bulk"),
        ("GET", "/Me"),
        ("POST", "/Users/.search"),
        ("POST", "/.search"),
        ("GET", "/"),
        ("GET", "/Users/nobody"),
        ("PUT", "/Users/nobody"),
        ("PATCH", "/Users/nobody"),
        ("DELETE", "/Users/nobody"),
        ("GET", "/elsewhere"),
    ],
)
def test_not_found(api: API, method: str, path: str) -> None:
    """Nothing but Users (fact sheet, 2.2), and no hidden user by its id."""
    body = {"Operations": [{"op": "replace", "value": {"active": True}}]} if method == "PATCH" else person()
    answer = api(method, path, None if method == "GET" else body)
    assert (answer.status_code, answer.json()["status"]) == (404, "404")
    hidden = api.id("desk@example.org")
    assert api("DELETE", f"/Users/{hidden}").status_code == 404


def test_token(api: API) -> None:
    """401 with a challenge, whatever is wrong with the header."""
    for header in ({}, {"Authorization": TOKEN}, {"Authorization": f"Basic {TOKEN}"}):
        answer = requests.get(f"{api.tenant.url}/Users", headers=header, timeout=10)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["status"] == "401"


def test_one_connection_serves_many_requests(api: API) -> None:
    """Keep-alive, also after errors; a body that nobody wanted does not spoil the next request."""
    parts = urlsplit(api.tenant.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        stream = connection.makefile("rb")
        for path, status in (("/Users?count=0", 200), ("/Groups", 404), ("/Users?count=0", 200)):
            connection.sendall(
                f"PUT {parts.path}/Bulk HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n1234567"
                f"GET {parts.path}{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {TOKEN}\r\n\r\n".encode()
            )
            assert [read_answer(stream)[0] for _time in range(2)] == [401, status]
        connection.sendall(b"nonsense\r\n\r\n")
        assert read_answer(stream)[0] == 400
        assert stream.read() == b""


def test_chunked_body(api: API) -> None:
    """A body without Content-Length."""
    body = json.dumps(person()).encode()
    answer = api.session.post(
        f"{api.tenant.url}/Users", data=iter([body[:20], body[20:]]), timeout=10,
        headers={"Content-Type": "application/json"},
    )  # fmt: skip
    assert answer.status_code == 201


def read_answer(stream: Any) -> tuple[int, bytes]:
    status = int(stream.readline().split()[1])
    length = 0
    while (line := stream.readline()) not in (b"\r\n", b""):
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return status, stream.read(length)


def test_many_clients_at_once(start: Start) -> None:
    """Concurrent writers lose nothing and nobody gets a name twice."""
    api = start(people=[])
    codes: list[int] = []

    def work(worker: int) -> None:
        client = API(api.tenant)
        for number in range(20):
            codes.append(client.post(userName=f"w{worker}-{number}@example.org").status_code)
            codes.append(client.post(userName=f"shared-{number}@example.org").status_code)
            client.page()

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(codes)) == [201, 409] and codes.count(201) == 6 * 20 + 20
    assert api.page(count=0)["totalResults"] == 140
    assert len(set(api.names(count=100) + api.names(startIndex=101))) == 140


def test_log(api: API, tmp_path: Path) -> None:
    """One line a request, with its body, without its headers, and without the token wherever it was put."""
    with Emulator(SEED, TOKEN, log_file=tmp_path / "log") as tenant:
        client = API(tenant)
        client.session.headers["User-Agent"] = "me/1"
        client.get("/Users", filter='userName eq "a"', token=TOKEN)
        client("PUT", "/Users/x", person(title=TOKEN), headers={"If-Match": 'W/"3"'})
        lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
        assert tenant.log == lines
        assert requests.get(f"{tenant.origin}/_emulator/log", timeout=10).json() == lines
        requests.delete(f"{tenant.origin}/_emulator/log", timeout=10)
        assert tenant.log == []
    assert set(lines[0]) == set("n time method path query status ms user_agent fault if_match body".split())
    assert lines[0]["n"] == 1 and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", lines[0]["time"])
    assert lines[0]["query"] == {"filter": 'userName eq "a"', "token": "<token>"}
    assert (lines[0]["path"], lines[0]["user_agent"]) == ("/Users", "me/1")
    assert (lines[1]["status"], lines[1]["if_match"]) == (404, 'W/"3"')
    assert lines[1]["body"] == person(title="<token>")
    assert TOKEN not in (tmp_path / "log").read_text()


def test_seed_that_comes_along() -> None:
    """The fictional company: three sites, forty people, some hidden ones, always the same ids."""
    with Emulator() as first, Emulator() as second:
        users = first.users()
        assert [user["id"] for user in users] == [user["id"] for user in second.users()]
        listed = API(first, first.token).page()["Resources"]
        answer = API(first, first.token).post(userName=first.application.tenant.seed.other_tenants[0])
    assert len(listed) == 40 and len(users) - len(listed) >= 3
    assert {user["site"] for user in users} == {"London", "Paris", "San Jose", None}
    assert sum(not user["resource"]["active"] for user in users) >= 3
    assert all(user["resource"]["emails"][0]["value"].endswith("@example.org") for user in users)
    assert answer.status_code == 409


def test_a_stopped_tenant_is_gone(api: API) -> None:
    """No ghost answers on a connection that was left open."""
    assert api.get("/Users").status_code == 200
    api.tenant.stop()
    with pytest.raises(requests.ConnectionError):
        api.get("/Users")


def test_tls(tmp_path: Path) -> None:
    """The tenant behind https, with a certificate of its own."""
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=127.0.0.1",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
            "-out",
            str(certificate),
            "-keyout",
            str(key),
        ],
        check=True,
        capture_output=True,
    )
    with Emulator(SEED, TOKEN, tls_cert=certificate, tls_key=key) as tenant:
        assert tenant.url.startswith("https://127.0.0.1:")
        api = API(tenant)
        with pytest.raises(requests.exceptions.SSLError):
            api.get("/Users")
        assert api("GET", "/Users", verify=str(certificate)).json()["totalResults"] == 3
        tenant.set_faults([{"do": "reset_before"}])
        with pytest.raises(requests.ConnectionError):
            api("GET", "/Users", verify=str(certificate))
        assert api("POST", "/Users", person(), verify=str(certificate)).status_code == 201
