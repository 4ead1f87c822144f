# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine against a server of the RFC that this repository did not write: scim2-server as it comes."""

from __future__ import annotations

import copy
import threading
import wsgiref.simple_server
from collections.abc import Callable, Iterator
from socketserver import ThreadingMixIn
from typing import Any

import pytest
import requests
from scim2_models import ETag
from scim2_server.memory import InMemoryStorage
from scim2_server.testserver.application import BearerTokenApplication
from scim2_server.utils import load_default_provider

from ansible_collections.eightbyeight.scim.plugins.module_utils._module.read_entry import tenant_info, user_info
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.runtime import Outcome
from ansible_collections.eightbyeight.scim.plugins.module_utils._module.user_entry import manage_user
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.names import DEFAULT_EXTENSION_URN
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.tests.unit.helpers import TOKEN

NEW: dict[str, Any] = {"given_name": "Ada", "family_name": "Lovelace", "email": "ada@example.org"}


class _Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_words: object) -> None:
        pass


class _Server(ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True


class Plain:
    """The server, and what it heard."""

    def __init__(self, versions: bool = False) -> None:
        provider = load_default_provider()
        assert provider.config is not None
        provider.config.etag = ETag(supported=versions)
        self.application = BearerTokenApplication(InMemoryStorage(), provider, bearer_tokens=[TOKEN])
        self.heard: list[tuple[str, str, str | None]] = []
        self.refuse: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        verb = environ["REQUEST_METHOD"]
        self.heard.append((verb, environ["PATH_INFO"], environ.get("HTTP_IF_MATCH")))
        if verb in self.refuse:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start_response("501 Not Implemented", [("Content-Length", "0")])
            return [b""]
        return self.application(environ, start_response)

    @property
    def writes(self) -> list[str]:
        return [verb for verb, _path, _version in self.heard if verb != "GET"]


class Client:
    """The doors of the engine, with the connection filled in."""

    def __init__(self, server: Plain, url: str) -> None:
        self.server = server
        self.connection = {
            "api_url": url,
            "api_token": TOKEN,
            "validate_certs": True,
            "timeout": 10,
            "retry_budget": 0,
            "extension_urn": DEFAULT_EXTENSION_URN,
        }

    def user(self, *, check_mode: bool = False, **options: Any) -> Outcome:
        given = {"state": "present", "user_name": "ada@example.org", **self.connection, **options}
        return manage_user(given, check_mode)

    def read(self, **options: Any) -> dict[str, Any]:
        return user_info({**self.connection, **options}, False).result


@pytest.fixture(params=[False, True], ids=["plain", "versions"])
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    plain = Plain(versions=request.param)
    server = wsgiref.simple_server.make_server("127.0.0.1", 0, plain, server_class=_Server, handler_class=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Client(plain, f"http://127.0.0.1:{server.server_port}/v2")
    server.shutdown()
    thread.join()
    server.server_close()


def done(outcome: Outcome) -> dict[str, Any]:
    assert not outcome.failed, outcome.result
    assert outcome.warnings == []
    return outcome.result


def test_a_user_is_created_changed_deactivated_and_activated_again(client: Client) -> None:
    steps: list[tuple[dict[str, Any], str, list[str]]] = [
        (
            {
                **NEW,
                "title": "Analyst",
                "department": "R&D",
                "locale": "en-GB",
                "timezone": "Europe/London",
                "external_id": "7",
                "phone_numbers": [{"type": "mobile", "value": "+44 1"}, {"type": "work", "value": "+44 2"}],
            },
            "created",
            ["POST"],
        ),
        ({"user_name": "ADA@EXAMPLE.ORG", "title": "Boss", "department": ""}, "updated", ["PUT"]),
        ({"phone_numbers": [{"type": "work", "value": "+44 2"}]}, "updated", ["PUT"]),
        ({"phone_numbers": [], "external_id": ""}, "updated", ["PUT"]),
        ({"email": "countess@example.org"}, "updated", ["PUT"]),
        ({"active": False}, "deactivated", ["PATCH"]),
        ({"title": "Chief", "active": True}, "activated", ["PUT"]),
        ({"state": "absent"}, "deactivated", ["PATCH"]),
        ({"title": "Gone", "active": False}, "updated", ["PUT"]),
        ({"active": True}, "activated", ["PATCH"]),
    ]
    for options, operation, writes in steps:
        client.server.heard.clear()
        foretold = done(client.user(check_mode=True, **copy.deepcopy(options)))
        assert client.server.writes == []
        told = done(client.user(**copy.deepcopy(options)))
        assert (told["operation"], told["changed"], client.server.writes) == (operation, True, writes)
        assert {key: foretold[key] for key in ("operation", "changed", "diff")} == {
            key: told[key] for key in ("operation", "changed", "diff")
        }
        again = done(client.user(**copy.deepcopy(options)))
        assert (again["operation"], again["changed"], client.server.writes) == ("unchanged", False, writes)
    (ada,) = client.read(user_name="ada@example.org")["users"]
    assert (ada["title"], ada["department"], ada["email"], ada["active"]) == (
        "Gone",
        None,
        "countess@example.org",
        True,
    )
    assert (ada["external_id"], ada["phone_numbers"], ada["locale"]) == (None, [], "en-GB")


def test_if_match_is_sent_where_a_version_is_given_and_only_there(client: Client) -> None:
    done(client.user(**NEW))
    done(client.user(title="Boss"))
    versions = [version for verb, _path, version in client.server.heard if verb == "PUT"]
    supported = client.server.application.service.etag_supported
    assert [bool(version) for version in versions] == [supported]
    assert all(version is None for verb, _path, version in client.server.heard if verb != "PUT")


def test_a_delete_that_really_deletes(client: Client) -> None:
    created = done(client.user(**NEW))
    client.server.refuse = {"PATCH"}
    told = done(client.user(state="absent"))
    assert (told["operation"], told["changed"], told["user"]) == ("deactivated", True, None)
    assert client.server.writes == ["POST", "PATCH", "DELETE"]
    again = done(client.user(state="absent"))
    assert (again["operation"], again["changed"]) == ("unchanged", False)
    by_id = done(client.user(state="absent", user_name=None, user_id=created["user"]["id"]))
    assert by_id["changed"] is False
    assert client.read() == {"changed": False, "users": [], "total": 0, "complete": True}


def test_without_patch_a_user_who_stays_is_switched_by_put(client: Client) -> None:
    done(client.user(**NEW, title="Analyst"))
    client.server.refuse = {"PATCH"}
    told = done(client.user(active=False))
    assert (told["operation"], client.server.writes) == ("deactivated", ["POST", "PATCH", "PUT"])
    assert (told["user"]["active"], told["user"]["title"]) == (False, "Analyst")
    assert done(client.user(active=True))["operation"] == "activated"


def test_an_unknown_user_is_not_found_and_nothing_is_written(client: Client) -> None:
    assert client.read(user_name="nobody@example.org")["users"] == []
    assert client.read(user_id="nobody")["users"] == []
    failed = client.user(user_name="nobody@example.org", title="x")
    assert failed.result["error"]["kind"] == "missing_attributes"
    by_id = client.user(user_name=None, user_id="nobody", title="x")
    assert by_id.result["error"]["kind"] == "user_not_found"
    assert client.server.writes == []


def test_a_name_that_is_taken_without_being_seen(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    done(client.user(**NEW))
    monkeypatch.setattr(WritingClient, "find_user", lambda _self, _name, **_how: (None, True))
    failed = client.user(**NEW)
    assert (failed.failed, failed.result["changed"]) == (True, False)
    assert failed.result["error"]["kind"] == "user_name_taken_elsewhere"
    assert failed.result["error"]["status"] == 409


def test_what_is_not_ours_survives(client: Client) -> None:
    created = done(client.user(**NEW))
    url = f"{client.connection['api_url']}/Users/{created['user']['id']}"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    body = requests.get(url, headers=headers, timeout=5).json()
    body["nickName"] = "Countess"
    body["name"]["middleName"] = "King"
    body["emails"].append({"value": "ada@home.example", "type": "home"})
    body["phoneNumbers"] = [{"value": "9", "type": "fax"}]
    assert requests.put(url, json=body, headers=headers, timeout=5).status_code == 200
    done(client.user(title="Boss", phone_numbers=[{"type": "work", "value": "1"}], email="new@example.org"))
    after = requests.get(url, headers=headers, timeout=5).json()
    assert (after["nickName"], after["name"]["middleName"]) == ("Countess", "King")
    assert {(entry["type"], entry["value"]) for entry in after["emails"]} == {
        ("home", "ada@home.example"),
        ("work", "new@example.org"),
    }
    assert {(entry["type"], entry["value"]) for entry in after["phoneNumbers"]} == {("fax", "9"), ("work", "1")}


def test_an_address_that_was_primary_elsewhere(client: Client) -> None:
    """A server of the RFC refuses two primary addresses."""
    created = done(client.user(**NEW))
    url = f"{client.connection['api_url']}/Users/{created['user']['id']}"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    body = requests.get(url, headers=headers, timeout=5).json()
    body["emails"] = [
        {"value": "home@example.org", "type": "home", "primary": True},
        {"value": "ada@example.org", "type": "work"},
    ]
    assert requests.put(url, json=body, headers=headers, timeout=5).status_code == 200
    assert done(client.user(email="new@example.org"))["user"]["email"] == "new@example.org"


def test_many_users_over_many_pages(client: Client) -> None:
    for number in range(3):
        done(client.user(**{**NEW, "user_name": f"u{number}@example.org", "title": f"T{number}"}))
    found = client.read()
    assert (len(found["users"]), found["total"], found["complete"]) == (3, 3, True)
    assert [user["title"] for user in client.read(filter='title eq "T1"')["users"]] == ["T1"]
    refused = client.read(filter="this is no filter")
    assert refused["error"]["kind"] == "filter_refused"


@pytest.mark.parametrize(
    "name", ['q"uote@example.org', "back\\slash", "pl+us@example.org", "ünïcödé 😀", "per%cent&x=1"]
)
def test_any_login_name_is_found_again(client: Client, name: str) -> None:
    assert done(client.user(**{**NEW, "user_name": name}))["operation"] == "created"
    assert done(client.user(**{**NEW, "user_name": name}))["operation"] == "unchanged"
    assert client.server.writes == ["POST"]
    assert [user["user_name"] for user in client.read(user_name=name)["users"]] == [name]


def test_an_extension_that_the_server_does_not_have_is_refused_with_its_name(client: Client) -> None:
    refused = client.user(**NEW, site="London")
    assert (refused.failed, refused.result["changed"], refused.result["user"]) == (True, False, None)
    assert refused.result["error"]["status"] == 400
    assert "8x8" in refused.result["error"]["detail"]
    assert client.read()["users"] == []


def test_the_tenant_is_told(client: Client) -> None:
    done(client.user(**NEW))
    facts = tenant_info(client.connection, False).result
    assert (facts["readable"], facts["users"]["visible"], facts["users"]["complete"]) == (True, 1, True)
    assert facts["filters"] == dict.fromkeys(("user_name", "external_id", "active"), "honored")
    assert facts["discovery"] == dict.fromkeys(("service_provider_config", "resource_types", "schemas"), True)
    assert facts["versions"] is client.server.application.service.etag_supported
    assert facts["round_trip_ms"] > 0


def test_a_wrong_token_is_reported_as_rejected(client: Client) -> None:
    client.connection["api_token"] = "wrong"
    failed = client.user(**NEW)
    assert failed.result["error"]["kind"] == "token_rejected"
    facts = tenant_info(client.connection, False)
    assert (facts.failed, facts.result["authenticated"]) == (False, False)
