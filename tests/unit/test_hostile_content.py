# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hostile server: broken JSON, users of wrong types, ids that leave their path, names that a terminal obeys."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from typing import Any
from urllib.parse import unquote

import pytest

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.payload import put_body
from ansible_collections.eightbyeight.scim.plugins.module_utils._resource.user import User
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.tests.unit.helpers import listing, resource
from ansible_collections.eightbyeight.scim.tests.unit.sockets import Serve, client_of, failure_of, saying, whole

# -- JSON ---------------------------------------------------------------------

DEEP = 100_000
BROKEN = {
    "deep lists": (b"[" * DEEP + b"]" * DEEP, "nested too deeply"),
    "deep objects": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, "nested too deeply"),
    "two of active": (b'{"id":"1","active":false,"active":true}', "'active' twice"),
    "two of active, spelled differently": (b'{"id":"1","active":false,"\\u0061ctive":true}', "'active' twice"),
    "two of a name within": (b'{"id":"1","name":{"givenName":"a","givenName":"b"}}', "'givenName' twice"),
    "a number of 5000 digits": (b'{"id":' + b"9" * 5000 + b"}", "not JSON"),
    "text that ends": (b'{"id":"1"', "cut off"),
    "two answers": (b'{"id":"1"}{"id":"2"}', "cut off"),
    "UTF-16": ('{"id":"1"}'.encode("utf-16"), "not JSON in UTF-8"),
    "UTF-16 without a mark": ('{"id":"1"}'.encode("utf-16-le"), "not JSON"),
    "UTF-32": ('{"id":"1"}'.encode("utf-32"), "no"),
    "Latin-1": ('{"id":"1","title":"Zoë"}'.encode("latin-1"), "not JSON in UTF-8"),
    "half a character": (b'{"id":"1","title":"\xe2\x82"}', "not JSON in UTF-8"),
    "a surrogate in UTF-8": (b'{"id":"1","title":"\xed\xa0\x80"}', "not JSON in UTF-8"),
    "an overlong slash": (b'{"id":"1","title":"\xc0\xaf"}', "not JSON in UTF-8"),
    "a control character": (b'{"id":"1","title":"\x00"}', "not JSON"),
    "nothing": (b"", "empty"),
    "white space": (b" \n ", "empty"),
    "a mark and nothing": (b"\xef\xbb\xbf", "empty"),
    "null": (b"null", "empty"),
    "a list": (b"[]", "not a SCIM object"),
    "a text": (b'"x"', "not a SCIM object"),
    "true": (b"true", "not a SCIM object"),
    "a number": (b"1", "not a SCIM object"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_json_that_is_none_is_told(serve: Serve, name: str) -> None:
    body, words = BROKEN[name]
    error = failure_of(serve(saying(whole(body))).url, lambda client: client.get_user("1"), timeout=30.0)
    assert (error.kind, words in error.message) == ("bad_answer", True), error.message
    assert len(error.message) < 400


def test_packed_json_is_read_and_what_cannot_be_unpacked_is_told(serve: Serve) -> None:
    body = json.dumps(resource()).encode()
    for encoding, packed in (
        ("gzip", gzip.compress(body)),
        ("X-GZIP", gzip.compress(body)),
        ("identity", body),
    ):
        with client_of(serve(saying(whole(packed, Content_Encoding=encoding))).url) as client:
            assert client.get_user("1").raw == resource()
    for encoding, packed, words in (
        ("gzip", body, "cannot be unpacked"),
        ("gzip", gzip.compress(body)[:-30], "cut off"),
        ("gzip, gzip", gzip.compress(gzip.compress(body)), "not asked for"),
        ("deflate", zlib.compress(body), "not asked for"),
        ("br", body, "not asked for"),
    ):
        server = serve(saying(whole(packed, Content_Encoding=encoding)))
        error = failure_of(server.url, lambda client: client.get_user("1"))
        assert (error.kind, words in error.message) == ("bad_answer", True), error.message


# -- Users --------------------------------------------------------------------


#: Values in the place of every attribute of a user.
WRONG: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**300,
    "",
    "true",
    "\ud800",
    "\x1b[2J",
    [],
    {},
    [[]],
    [None],
    [1, "a"],
    [{}],
]
WRONG += [{"value": 1}, [{"value": {}, "type": []}], [{"value": "x", "type": "work"}] * 3]


def nested(levels: int) -> Any:
    value: Any = "end"
    for _level in range(levels):
        value = [value]
    return value


def test_a_value_of_the_wrong_type_anywhere_is_read_or_told() -> None:
    told = 0
    names = [*resource(), "externalId", "phoneNumbers", "timezone", "groups", "urn:unknown"]
    inner = [(name, key) for name, value in resource().items() if isinstance(value, dict) for key in value]
    inner += [("emails", key) for key in ("value", "type", "primary")]
    inner += [("phoneNumbers", key) for key in ("value", "type")]
    for value in [*WRONG, nested(400), nested(900)]:
        for raw in (
            *(resource(**{name: value}) for name in names),
            *(
                resource(**{name: [{"value": "x", "type": "work", key: value}]})
                if name in ("emails", "phoneNumbers")
                else resource(**{name: {**resource()[name], key: value}})
                for name, key in inner
            ),
        ):
            told += 1
            trouble: EightByEightError | None = None
            try:
                seen = User(raw)
                body = put_body(seen, True, {"title": "x"})
            except EightByEightError as error:
                trouble = error
            if trouble is not None:
                assert trouble.kind == "bad_answer"
                continue
            assert body["title"] == "x"
            assert isinstance(seen.view["id"], str) and seen.view["id"]
            texts = set(seen.view) - {"active", "phone_numbers"}
            assert all(isinstance(seen.view[key], (str, type(None))) for key in texts)
            assert seen.view["active"] in (True, False, None)
    assert told > 500


@pytest.mark.parametrize(
    "body", [{"Resources": {}}, {"Resources": "users"}, {"Resources": 1}, {"Resources": True}], ids=str
)
def test_resources_that_are_no_list_are_an_error(serve: Serve, body: Any) -> None:
    error = failure_of(serve(saying(whole(json.dumps({"totalResults": 1, **body}).encode()))).url)
    assert (error.kind, "not a SCIM list" in error.message) == ("bad_answer", True)


def test_an_entry_that_is_no_user_hides_nobody(serve: Serve) -> None:
    body = listing([], None, 1, "x", {"id": 5, "userName": ["x"]}, resource(), {"id": ""}, {"userName": "ghost"})
    with client_of(serve(saying(whole(json.dumps(body).encode()))).url) as client:
        found = client.list_users()
    assert ([user.id for user in found.users], found.complete) == (["1"], False)


@pytest.mark.parametrize("value", [b"1e999", b"NaN", b"[" * 970 + b"]" * 970])
def test_what_no_json_can_carry_back_is_not_lost_by_a_put(serve: Serve, value: bytes) -> None:
    raw = json.dumps(resource(odd="ODD")).encode().replace(b'"ODD"', value)
    server = serve(saying(whole(raw)))

    def rewrite(client: WritingClient) -> None:
        user = client.get_user("1")
        client.replace_user("1", put_body(user, True, {"title": "x"}), None)

    with client_of(server.url, timeout=30.0) as client, pytest.raises(EightByEightError) as caught:
        rewrite(client)
    assert caught.value.kind == "bad_answer"
    assert [head[:4] for head in server.heads] == [b"GET "]


# -- Ids ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "user_id",
    [
        "a/b",
        "../x",
        "..%2fx",
        "%2e%2e",
        "%2E%2E/",
        "?x=1",
        "#top",
        "a\nb",
        "a\r\nX-Evil: 1",
        "a b",
        "a;b",
        "//host",
        "é",
        "..a",
    ],
)
@pytest.mark.parametrize("verb", ["GET", "PUT", "PATCH", "DELETE"])
def test_an_id_never_leaves_the_users(serve: Serve, verb: str, user_id: str) -> None:
    server = serve(saying(whole(json.dumps(resource(user_id)).encode())))
    with client_of(server.url) as client:
        {
            "GET": lambda: client.get_user(user_id),
            "PUT": lambda: client.replace_user(user_id, {}, None),
            "PATCH": lambda: client.set_active(user_id, False),
            "DELETE": lambda: client.delete_user(user_id),
        }[verb]()
    line = server.heads[0].split(b"\r\n")[0].decode("ascii")
    path = re.fullmatch(rf"{verb} /scim/v2/Users/([A-Za-z0-9_.~%-]+) HTTP/1\.1", line)
    assert path is not None, line
    assert unquote(path[1]) == user_id
    assert b"Evil" not in server.heads[0].split(b"\r\n", 1)[1]


@pytest.mark.parametrize("user_id", [".", "..", "", " ", " .. ", "\ud800", "x" * 100_000])
def test_an_id_that_no_path_can_carry_is_not_sent(serve: Serve, user_id: str) -> None:
    server = serve(saying(whole(b"{}")))
    error = failure_of(server.url, lambda client: client.get_user(user_id))
    assert (error.kind, server.heads) == ("bad_option", [])


# -- Names --------------------------------------------------------------------


NASTY = "eve\n\r\x1b[2J\x1b]0;pwned\x07\x9b31m\u202egpj.exe\u2066\x7f\x00\u2028"


def test_nothing_that_a_terminal_obeys_is_in_a_message(serve: Serve) -> None:
    clash = listing(resource("1", NASTY), resource("2", NASTY))
    for answer in (
        saying(whole(json.dumps(clash).encode())),
        saying(whole(json.dumps({"detail": NASTY, "scimType": NASTY}).encode(), "400 Bad")),
        saying(whole(json.dumps({NASTY: 1}).encode().replace(b"}", b',"' + json.dumps(NASTY).encode()[1:] + b":2}"))),
    ):
        error = failure_of(serve(answer).url, lambda client: client.find_user(NASTY))
        assert error.message.isprintable(), ascii(error.message)
        assert str(error).isprintable()
        assert error.kind == "ambiguous" or "detail" not in str(error)


def test_what_a_server_sends_stays_exact_in_the_data(serve: Serve) -> None:
    with client_of(serve(saying(whole(json.dumps(resource(title=NASTY)).encode()))).url) as client:
        assert client.get_user("1").view["title"] == NASTY
