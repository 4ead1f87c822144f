# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the connection, checked before anything is sent."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError
from ansible_collections.eightbyeight.scim.plugins.module_utils._http import connection as connections
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.limits import SMALL_PAGE_SIZE
from ansible_collections.eightbyeight.scim.tests.unit.clients import OPTIONS
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    TOKEN,
)


def test_good_options_make_a_connection(tmp_path: Path) -> None:
    built = Connection.from_options({**OPTIONS, "api_url": f" {BASE}/ ", "api_token": f" {TOKEN}\n"})
    assert built == Connection(BASE, TOKEN)
    assert built.verify is True
    ca_path = str(tmp_path)
    assert Connection.from_options({**OPTIONS, "ca_path": ca_path}).verify == ca_path
    assert Connection.from_options({**OPTIONS, "validate_certs": False}).verify is False
    assert Connection.from_options({**OPTIONS, "validate_certs": False, "ca_path": ca_path}).verify is False
    assert Connection.from_options({**OPTIONS, "extension_urn": " urn:x "}).extension_urn == "urn:x"
    assert Connection.from_options({**OPTIONS, "timeout": 0.5, "retry_budget": 0}).retry_budget == 0


@pytest.mark.parametrize("api_url", [None, ""])
def test_a_customer_makes_the_url(api_url: str | None) -> None:
    built = Connection.from_options({**OPTIONS, "api_url": api_url, "customer_id": " 0012J00042NkZQIQA3 "})
    assert built.base_url == "https://platform-cloud.8x8.com/udi/customers/0012J00042NkZQIQA3/scim/v2"


def test_a_url_counts_more_than_a_customer() -> None:
    assert Connection.from_options({**OPTIONS, "customer_id": "C1"}).base_url == BASE


def test_two_customers_in_one_task_are_refused() -> None:
    """The URL may come from the environment, forgotten, and would win over the customer that the task names."""
    with pytest.raises(BadOptionError, match="customer_id is other, and api_url names the customer C1"):
        Connection.from_options({**OPTIONS, "customer_id": "other"})


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8/x", "http://127.8.8.8", "http://localhost", "http://LOCALHOST:1", "http://[::1]:8/x"]
)
def test_plain_http_is_for_this_machine(url: str) -> None:
    assert Connection.from_options({**OPTIONS, "api_url": url}).base_url == url


BAD: list[tuple[dict[str, Any], str]] = [
    *(
        ({"api_url": url}, "api_url must start with https://")
        for url in (
            "http://example.org/scim",
            "http://10.0.0.1",
            "http://0.0.0.0",
            "http://localhost.evil.test",
            "http://127.0.0.1.evil.test",
            "http://[2001:db8::1]/",
            "HTTP://example.org",
        )
    ),
    *(
        ({"api_url": url}, "api_url must be a whole URL")
        for url in ("example.org/scim", "ftp://example.org", "https://", "https:///x", "//example.org", " ", "https://a b")
    ),
    *(
        ({"api_url": f"{scheme}@{host}"}, "must not contain a user name")
        for scheme, host in (
            ("https://u:p", "example.org"),
            ("https://u", "example.org"),
            ("http://127.0.0.1", "evil.test"),
            ("https://", "example.org"),
        )
    ),
    *(({"api_url": url}, r"api_url contains the invisible character U\+") for url in (f"{BASE}\u200b", f"\ufeff{BASE}", f"{BASE}\u00ad/x", "https://a/\nb")),
    *(({"api_url": url}, "is not a URL") for url in ("https://[::1", "https://example.org:99999", "https://example.org:x")),
    *(({"api_url": url}, r"must end before any \? or #") for url in ("https://example.org/?a=b", "https://example.org/#x")),
    ({"api_url": f"{BASE}/Users"}, "without /Users at its end"),
    ({"api_url": f"{BASE}/users/"}, "without /users at its end"),
    *(
        ({"api_url": None, "customer_id": customer}, "customer_id must consist of letters and digits")
        for customer in ("a/b", "../x", "a?b", "ä", "a b", "https://x", "a\n.")
    ),
    *(({"api_url": None, "customer_id": customer}, "api_url is missing: give it, or customer_id") for customer in (None, "", " ")),
    *(({"api_token": token}, "api_token is missing or empty: give it, or set") for token in (None, "", " \n")),
    *(({"api_url": None, "api_token": token}, "api_url and api_token are missing or empty") for token in (None, "", " \n")),
    *(({"api_token": token}, "api_token contains white space") for token in (f"Bearer {TOKEN}", f"{TOKEN}\nX: y", f"{TOKEN}ä", f"\x00{TOKEN}")),
    *(({"timeout": value}, "timeout must be a number of seconds above 0") for value in (0, -1, float("nan"), float("inf"))),
    *(({"retry_budget": value}, "retry_budget must be a number of seconds") for value in (-1, float("nan"), float("inf"))),
    *(({"extension_urn": urn}, "extension_urn must be a URN") for urn in (None, "", "8x8", "http://x")),
    ({"ca_path": "/no/such/ca.pem"}, "there is no file or folder /no/such/ca.pem"),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "message"), BAD)
def test_options_that_cannot_be_right_are_told_in_one_message(bad: dict[str, Any], message: str) -> None:
    with pytest.raises(BadOptionError, match=message) as caught:
        Connection.from_options({**OPTIONS, **bad})
    assert TOKEN[:12] not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.to_result()["error"] == {
        "kind": "bad_option",
        "status": None,
        "scim_type": None,
        "detail": None,
        "method": None,
        "path": None,
    }


def test_the_page_size_is_what_clients_of_the_real_api_ask_for() -> None:
    assert SMALL_PAGE_SIZE == 100
    assert connections.BASE_URL.startswith("https://")


def test_a_connection_cannot_be_pickled_into_a_file_by_accident_of_its_repr() -> None:
    # A copy for another process still works: section 4 of design.md keeps sessions in workers.
    assert pickle.loads(pickle.dumps(Connection(BASE, TOKEN))).token == TOKEN
