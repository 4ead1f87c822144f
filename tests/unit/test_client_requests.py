# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client: what is sent."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from requests import exceptions as wire

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import (
    BadOptionError,
    EightByEightError,
    NotSupportedError,
    RefusedError,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.payload import patch_body
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.tests.unit.clients import ADA
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    TOKEN,
    Call,
    FakeTime,
    Reply,
    listing,
    refusal,
    resource,
)


def test_a_read_carries_the_token_and_no_body(talk: Talk) -> None:
    client = talk(ADA)
    client.get_user("1")
    (sent,) = client.transcript.sent
    assert dict(sent.headers) == {
        "User-Agent": "ansible-collection eightbyeight.scim",
        "Accept": "application/scim+json, application/json",
        "Accept-Encoding": "gzip",
        "Authorization": f"Bearer {TOKEN}",
    }
    assert sent.body is None
    (settings,) = client.transcript.settings
    assert settings["timeout"] == 30
    assert settings["verify"] is True


def test_a_write_says_what_it_carries(talk: Talk) -> None:
    client = talk(Call("PUT /Users/1", Reply(200, resource()), body={"title": "Bößß"}))
    client.replace_user("1", {"title": "Bößß"}, None)
    assert client.transcript.sent[0].headers["Content-Type"] == "application/scim+json"


def test_the_form_of_patch_that_a_server_takes_is_known_the_second_time(talk: Talk) -> None:
    without, by_path = patch_body(False), patch_body(False, by_path=True)
    refused = refusal(400, "path is required", "invalidPath")
    client = talk(
        Call("PATCH /Users/1", refused, body=without),
        Call("PATCH /Users/1", refused, body=by_path),
        # That proved nothing; this does.
        Call("PATCH /Users/1", refused, body=without),
        Call("PATCH /Users/1", Reply(204), body=by_path),
        Call("PATCH /Users/2", Reply(204), body=by_path),
        Call("PATCH /Users/3", refused, body=by_path),
    )
    for user_id, taken in (("1", False), ("1", True), ("2", True), ("3", False)):
        if taken:
            assert client.set_active(user_id, False).status == 204
        else:
            with pytest.raises(RefusedError):
                client.set_active(user_id, False)


@pytest.mark.parametrize(
    "answers",
    [
        [wire.ReadTimeout(), refusal(400, "", "invalidPath"), refusal(501)],
        [refusal(400, "", "invalidPath"), wire.ReadTimeout(), refusal(501)],
    ],
)
def test_a_try_in_either_form_that_was_lost_is_not_forgotten(talk: Talk, answers: list[Any]) -> None:
    with pytest.raises(NotSupportedError) as caught:
        talk(*(Call("PATCH /Users/1", answer) for answer in answers)).set_active("1", False)
    assert caught.value.in_doubt


@pytest.mark.parametrize("answer", [refusal(400, "the pathology department"), refusal(409, "path"), refusal(404)])
def test_another_refusal_is_no_reason_for_the_other_form(talk: Talk, answer: Reply) -> None:
    with pytest.raises(EightByEightError):
        talk(Call("PATCH /Users/1", answer)).set_active("1", False)


@pytest.mark.parametrize("version", ['W/"3"', None, ""])
def test_if_match_is_sent_only_where_the_server_gave_a_version(talk: Talk, version: str | None) -> None:
    call = Call("PUT /Users/1", Reply(200, resource()), headers={"If-Match": version or None})
    talk(call).replace_user("1", {}, version)


@pytest.mark.parametrize("version", ['W/"\u2014"', 'W/"1"\r\nX-Injected: 1', ' W/"1"'])
def test_a_version_that_no_header_can_carry_is_no_reason_to_wait_or_to_crash(
    ear: Any, time: FakeTime, version: str
) -> None:
    with WritingClient(Connection(f"http://127.0.0.1:{ear.server_port}", TOKEN), clock=time.clock) as client:
        with contextlib.suppress(EightByEightError):
            client.replace_user("1", {}, version)
    assert time.naps == [], "it never left, so waiting cannot help"


@pytest.mark.parametrize(
    ("user_id", "path"),
    [
        ("a-b_C", "/Users/a-b_C"),
        ("a/b", "/Users/a%2Fb"),
        ("../x", "/Users/..%2Fx"),
        ("a?b#c", "/Users/a%3Fb%23c"),
        ("a+b c%41", "/Users/a%2Bb%20c%2541"),
        ("ä", "/Users/%C3%A4"),
    ],
)
def test_an_id_stays_one_part_of_the_path(talk: Talk, user_id: str, path: str) -> None:
    talk(Call(f"GET {path}", Reply(200, resource(user_id)))).get_user(user_id)


@pytest.mark.parametrize("user_id", ["", " ", ".", "..", " .. "])
def test_an_id_that_would_name_another_place_is_refused(talk: Talk, user_id: str) -> None:
    with pytest.raises(BadOptionError, match="user_id must be the id of a user"):
        talk().get_user(user_id)


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("ada+x@example.org", "ada%2Bx%40example.org"),
        ('a"b', "a%5C%22b"),
        ("a\\b", "a%5C%5Cb"),
        ('x" or userName pr or "', "x%5C%22%20or%20userName%20pr%20or%20%5C%22"),
        ("ä&ö=1#?%20", "%C3%A4%26%C3%B6%3D1%23%3F%2520"),
        ("😀", "%F0%9F%98%80"),
    ],
)
def test_a_login_name_is_quoted_and_encoded(talk: Talk, name: str, encoded: str) -> None:
    target = f"GET /Users?startIndex=1&count=100&filter=userName%20eq%20%22{encoded}%22"
    found, proven = talk(Call(target, Reply(200, listing(resource(user_name=name))))).find_user(name)
    assert found is not None
    assert (found.user_name, proven) == (name, True)


@pytest.mark.parametrize("certificate", [True, False, "/etc/ssl/ca.pem"])
def test_certificates_are_checked_as_asked(talk: Talk, certificate: bool | str) -> None:
    client = talk(ADA, verify=certificate)
    client.get_user("1")
    assert client.transcript.settings[0]["verify"] == certificate
