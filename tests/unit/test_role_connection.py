# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the connection of a role comes from, and that a play never mixes tenants."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.filter.role_connection import FilterModule, role_connection
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._role_connection import SETTINGS, customer_of

URL = "https://platform-cloud.8x8.com/udi/customers/{}/scim/v2"
NORTH, SOUTH = URL.format("NORTH"), URL.format("SOUTH")
BLANK = {"EIGHTBYEIGHT_API_URL": "", "EIGHTBYEIGHT_CUSTOMER_ID": "", "EIGHTBYEIGHT_API_TOKEN": ""}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in BLANK:
        monkeypatch.delenv(name, raising=False)


def read(values: dict[str, Any], host: str = "north") -> dict[str, Any]:
    return role_connection(values, "roster", host)


def test_a_variable_of_the_role_wins_over_that_of_the_host_and_blank_is_not_given() -> None:
    values = {
        "roster_timeout": "",
        "eightbyeight_timeout": "7",
        "roster_validate_certs": "false",
        "eightbyeight_validate_certs": True,
        "roster_retry_budget": None,
        "eightbyeight_customer_id": "NORTH",
        "eightbyeight_api_token": "secret",
        "eightbyeight_something_else": 1,
    }
    found = read(values)
    assert found["options"] == {
        "customer_id": "NORTH",
        "api_token": "secret",
        "timeout": 7.0,
        "validate_certs": False,
    }
    assert (found["problems"], found["environment"], found["hidden"]) == ([], {}, "")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"roster_api_url": SOUTH, "eightbyeight_customer_id": "NORTH"}, {"api_url": SOUTH, "customer_id": "SOUTH"}),
        ({"roster_customer_id": "SOUTH", "eightbyeight_api_url": NORTH}, {"customer_id": "SOUTH"}),
        ({"eightbyeight_api_url": NORTH}, {"api_url": NORTH, "customer_id": "NORTH"}),
        ({"eightbyeight_api_url": "https://scim.example.org"}, {"api_url": "https://scim.example.org"}),
    ],
)
def test_address_and_customer_go_together(values: dict[str, Any], expected: dict[str, Any]) -> None:
    assert read(values)["options"] == expected


def test_what_cannot_be_read_is_named_by_the_variable_and_a_token_is_never_shown() -> None:
    values = {
        "eightbyeight_customer_id": "NORTH",
        "roster_timeout": "soon",
        "eightbyeight_validate_certs": "perhaps",
        "roster_api_token": ["verysecret"],
    }
    problems = read(values)["problems"]
    assert problems == [
        "roster_api_token must be text.",
        "eightbyeight_validate_certs must be true or false, not 'perhaps'.",
        "roster_timeout must be a number of at least 0, not 'soon'.",
    ]


def test_a_number_is_no_customer_and_no_token() -> None:
    values = {"eightbyeight_customer_id": 83, "roster_api_token": 12345678}
    assert read(values, "localhost")["problems"] == [
        "eightbyeight_customer_id holds a number where text is wanted; quote it, or a leading zero or plus is lost.",
        "roster_api_token must be text.",
    ]


def test_an_address_and_a_customer_that_differ_are_refused() -> None:
    [problem] = read({"eightbyeight_api_url": NORTH, "eightbyeight_customer_id": "SOUTH"})["problems"]
    assert problem.startswith(
        "eightbyeight_api_url names the customer 'NORTH', and eightbyeight_customer_id is 'SOUTH'."
    )


def test_a_host_must_name_its_customer_and_localhost_need_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGHTBYEIGHT_API_URL", NORTH)
    [problem] = read({"eightbyeight_api_token": "secret"})["problems"]
    assert problem.startswith("north does not say which customer it is. Set eightbyeight_api_url or")
    assert read({}, "localhost")["problems"] == []


@pytest.mark.parametrize("name", ["EIGHTBYEIGHT_API_URL", "EIGHTBYEIGHT_CUSTOMER_ID"])
def test_an_environment_of_another_customer_is_hidden(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv("EIGHTBYEIGHT_API_TOKEN", "secret")
    assert read({"eightbyeight_api_url": NORTH})["environment"] == {}
    monkeypatch.setenv(name, NORTH if name.endswith("URL") else "north")
    assert read({"eightbyeight_api_url": NORTH})["environment"] == {}
    monkeypatch.setenv(name, SOUTH if name.endswith("URL") else "SOUTH")
    found = read({"eightbyeight_api_url": NORTH})
    assert {key: found["environment"][key] for key in BLANK} == BLANK
    assert "the environment is for 'SOUTH'" in found["hidden"]
    assert found["problems"] == []
    assert read({"eightbyeight_api_url": NORTH}, "localhost")["environment"] == {}


def test_the_state_directory_is_for_the_tasks_of_the_role() -> None:
    found = read({"eightbyeight_customer_id": "NORTH", "roster_state_dir": "/state"})
    assert found["environment"] == {"EIGHTBYEIGHT_STATE_DIR": "/state"}
    assert "state_dir" not in found["options"]
    assert "state_dir" in SETTINGS


def problems_of(own: dict[str, Any], others: dict[str, dict[str, Any]], host: str = "north") -> list[str]:
    hosts = [host, *others]
    found: list[str] = role_connection(own, "roster", host, hosts, {host: own, **others})["problems"]
    return found


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ({"eightbyeight_api_url": NORTH}, {"eightbyeight_api_url": NORTH + "/"}),
        ({"eightbyeight_api_url": NORTH}, {"eightbyeight_customer_id": "north"}),
        ({"eightbyeight_customer_id": "NORTH"}, {"roster_api_url": NORTH, "eightbyeight_api_url": SOUTH}),
        ({"roster_customer_id": "NORTH"}, {"__roster": {"customer": "NORTH"}, "eightbyeight_api_url": SOUTH}),
        (
            {"eightbyeight_api_url": "http://127.0.0.1:81/customers/N/scim/v2"},
            {"eightbyeight_api_url": "http://localhost:81/customers/N/scim/v2"},
        ),
        (
            {"eightbyeight_api_url": "http://127.0.0.1:81/customers/N/scim/v2"},
            {"__roster": {"customer": "N@81"}},
        ),
        (
            {"eightbyeight_api_url": "https://scim.example.org/v2"},
            {"eightbyeight_api_url": "https://scim.example.org/v2/"},
        ),
    ],
)
def test_two_hosts_with_one_customer_are_refused(own: dict[str, Any], other: dict[str, Any]) -> None:
    [problem] = problems_of(own, {"south": other})
    assert problem.startswith("north and south are both the customer ")
    [problem] = problems_of(own, {"south": other, "east": other, "west": {"eightbyeight_customer_id": "WEST"}})
    assert problem.startswith("east, north and south are all the customer ")


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ({"eightbyeight_api_url": NORTH}, {"eightbyeight_api_url": SOUTH}),
        ({"eightbyeight_api_url": NORTH}, {}),
        ({"eightbyeight_api_url": NORTH}, {"__roster": {"customer": "SOUTH"}, "eightbyeight_api_url": NORTH}),
        (
            {"eightbyeight_api_url": "http://127.0.0.1:81/customers/N/scim/v2"},
            {"eightbyeight_api_url": "http://127.0.0.1:82/customers/N/scim/v2"},
        ),
    ],
)
def test_two_customers_are_two_hosts(own: dict[str, Any], other: dict[str, Any]) -> None:
    assert problems_of(own, {"south": other}) == []


def test_localhost_is_the_customer_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EIGHTBYEIGHT_API_URL", NORTH)
    own = {"eightbyeight_customer_id": "NORTH"}
    assert problems_of(own, {"localhost": {}})[0].startswith("localhost and north are both")
    assert problems_of({}, {"north": own}, host="localhost")[0].startswith("localhost and north are both")
    assert problems_of(own, {"south": {}}) == []


def test_a_host_whose_variables_cannot_be_resolved_is_left_to_itself() -> None:
    class Broken(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            raise ValueError(name)

    assert problems_of({"eightbyeight_customer_id": "NORTH"}, {"south": Broken()}) == []


def test_an_address_that_is_none_is_still_told_apart() -> None:
    one, other = customer_of("https://[", None), customer_of("nothing", "")
    assert one is not None and other is not None and not one.is_same(other)
    assert customer_of("", None) is None


def test_the_filter_has_its_name() -> None:
    assert FilterModule().filters() == {"role_connection": role_connection}
