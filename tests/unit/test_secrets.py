# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The token is nowhere (law 6), piece by piece; tests/emulator/test_secrets.py searches all that a whole run writes."""

from __future__ import annotations

import base64
import html
import http.client
import json
import logging
import socket
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.eightbyeight.scim.plugins.module_utils._base.text import redact, redact_all
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import BadOptionError, EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._module import masking
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.plugins.plugin_utils._direct import _with_hidden
from ansible_collections.eightbyeight.scim.tests.unit.helpers import BASE, TOKEN, FakeTime, Reply, Tenant, ask
from ansible_collections.eightbyeight.scim.tests.unit.rosters import ALL, person, roster, row

#: Whatever a header can carry.
NASTY = "aZ9+/=%&\"'\\`~{}[]<>|^$#@!?;:,.()-_=" + "".join(f"{number:x}" for number in range(300, 340))
TOKENS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=8, max_size=80)


def spelled(token: str) -> list[str]:
    raw = token.encode()
    return [
        token,
        json.dumps(token),
        repr(token),
        html.escape(token),
        quote(token),
        quote(token, safe=""),
        quote_plus(token),
        raw.hex(),
        *(base64.b64encode(before + raw + after).decode() for before in (b"", b"B", b"Be", b"Bearer ") for after in (b"", b"!", b"??")),
        *(base64.urlsafe_b64encode(before + raw).decode() for before in (b"", b"B", b"Be", b"Bearer ")),
    ]  # fmt: skip


@settings(max_examples=200)
@given(token=TOKENS)
def test_a_token_is_struck_out_in_every_spelling(token: str) -> None:
    for text in spelled(token):
        told = redact(f"before {text} after", token)
        assert "********" in told
        # Of base64 there is left what stood before it, and at both ends a character that is made of its neighbors too.
        assert len(told) <= len("before QmVhcmVyID******** after") + 6
        assert told.startswith("before ")
        assert told.endswith(" after")


@given(token=TOKENS, text=st.text(max_size=30))
def test_what_is_no_token_stays(token: str, text: str) -> None:
    if not any(part in text for part in (token, token[:6])):
        assert redact(text, token) == text
        assert redact_all({"x": [text, 5, None, {text: True}]}, token) == {"x": [text, 5, None, {text: True}]}


def test_a_toy_token_is_struck_out_as_it_is_only() -> None:
    assert redact("a b 61 YQ==", "a") == "******** b 61 YQ=="


def test_everything_in_json_is_struck_out() -> None:
    value = {"rows": [{NASTY: f"Bearer {NASTY}", "n": 1, "none": None}], "other": [NASTY, True]}
    assert redact_all(value, NASTY) == {
        "rows": [{"********": "Bearer ********", "n": 1, "none": None}],
        "other": ["********", True],
    }


@given(token=TOKENS)
def test_each_spelling_is_struck_out_of_json_as_out_of_a_text(token: str) -> None:
    for text in spelled(token):
        assert redact_all([{"msg": f"before {text} after"}], token) == [{"msg": redact(f"before {text} after", token)}]


# -- What hangs on an error ---------------------------------------------------


def _serve(listening: socket.socket, answer: bytes, over: threading.Event) -> None:
    listening.settimeout(0.05)
    while not over.is_set():
        try:
            link = listening.accept()[0]
        except TimeoutError:
            continue
        with link:
            link.settimeout(2)
            heard = link.recv(65536)
            token = heard.split(b"Authorization: Bearer ", 1)[-1].split(b"\r\n", 1)[0]
            link.sendall(answer.replace(b"TOKEN", token))


ANSWERS = {
    "refused": b"HTTP/1.1 400 X\r\nLocation: TOKEN\r\nX-TOKEN: TOKEN\r\nContent-Length: 9999\r\n\r\n{",
    "unauthorized": b'HTTP/1.1 401 TOKEN\r\nConnection: close\r\n\r\n{"detail": "TOKEN"}',
    "page": b"HTTP/1.1 500 TOKEN\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>TOKEN",
    "cut off": b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nTOKEN",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nTOKEN\r\nTOKEN",
    "gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nTOKEN",
    "no http": b"TOKEN TOKEN TOKEN\r\n\r\n",
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: TOKEN\r\n\r\nTOKEN",
    "redirect": b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:1/TOKEN\r\nContent-Length: 0\r\n\r\n",
    "nothing": b"",
}


@pytest.fixture(params=sorted(ANSWERS))
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server on a socket, which repeats the token in ways that the HTTP library has its own words for."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_serve, args=(listening, ANSWERS[request.param], over))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        over.set()
        thread.join()


def pictures(error: BaseException) -> str:
    """Return all that a tool could show of an error: its causes, and the variables of every frame below."""
    shown = []
    known: list[BaseException] = []
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is None or each in known:
            continue
        known.append(each)
        left += [each.__cause__, each.__context__]
        shown += [repr(each), str(each), repr(vars(each)), repr(each.args)]
        shown += traceback.TracebackException.from_exception(each, capture_locals=True).format()
        for name in ("request", "response"):
            thing = getattr(each, name, None)
            shown.append(repr(vars(thing)) if thing is not None else "")
    return "\n".join(shown)


def _fails(client: WritingClient, method: str = "POST") -> EightByEightError:
    """Return the error of a request; in a frame of its own, which does not know the token."""
    try:
        ask(client, method, "/Users", None if method == "GET" else {"userName": "x"})
    except EightByEightError as error:
        return error
    raise AssertionError("it did not fail")


@pytest.mark.parametrize("token", [NASTY, TOKEN], ids=["nasty", "plain"])
def test_no_error_leads_to_the_token(address: str, token: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client = WritingClient(Connection(address, token, timeout=2.0, retry_budget=0.0), clock=FakeTime().clock)
    # A write that was answered with 200 counts as done; a read has to be readable.
    error = _fails(client, "GET")
    client.close()
    for text in (pictures(error), json.dumps(error.to_result()), caplog.text):
        assert [part for part in (*spelled(token)[:8], token[:16]) if part in text] == []


def test_an_address_where_nobody_is_does_not_lead_to_the_token_either() -> None:
    with WritingClient(Connection("https://127.0.0.1:9", NASTY, retry_budget=0.0), clock=FakeTime().clock) as client:
        assert NASTY[:16] not in pictures(_fails(client))


def test_nobody_has_the_http_library_print_headers() -> None:
    assert http.client.HTTPConnection.debuglevel == 0


# -- A token in the wrong place -----------------------------------------------


def connect(**options: Any) -> Connection:
    given = {"api_url": BASE, "api_token": NASTY, "timeout": 30, "retry_budget": 0, "validate_certs": True}
    return Connection.from_options({**given, "extension_urn": "urn:x", **options})


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"api_url": f"{BASE}/{NASTY}"}, "api_url"),
        ({"api_url": f"{BASE}?token={NASTY}"}, "api_url"),
        ({"api_url": f"https://user:{NASTY}@example.org"}, "api_url"),
        ({"customer_id": NASTY}, "customer_id"),
        ({"ca_path": f"/tmp/{NASTY}"}, "ca_path"),
        ({"extension_urn": f"urn:{NASTY}"}, "extension_urn"),
        ({"user_name": NASTY}, "user_name"),
        ({"title": f"x{NASTY}x"}, "title"),
        ({"filter": f'title eq "{NASTY}"'}, "filter"),
        ({"phone_numbers": [{"type": "work", "value": NASTY}]}, "phone_numbers, 1, value"),
        ({"users": [{"user_name": "a"}, {"user_name": "b", "title": NASTY}]}, "users, 2, title"),
        ({"users": [{NASTY: "a"}]}, "users, 1, a key"),
        ({"protected": ["a", NASTY]}, "protected, 2"),
        ({"plan_file": f"/tmp/{NASTY}"}, "plan_file"),
    ],
)
def test_a_token_in_the_wrong_place_is_refused_and_not_repeated(options: dict[str, Any], place: str) -> None:
    with pytest.raises(BadOptionError) as caught:
        connect(**options)
    assert f"The API token stands in {place}, where" in caught.value.message
    assert NASTY[:16] not in caught.value.message


def test_a_list_without_end_is_searched_to_an_end() -> None:
    endless: list[Any] = []
    endless.append(endless)
    connect(users=endless)


def test_a_word_that_is_a_rehearsal_s_token_may_be_said() -> None:
    assert connect(api_token="demo", user_name="demo@example.org").token == "demo"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (BASE, BASE),
        ("https://user:secret@example.org/v2", "https://********@example.org/v2"),
        ("https://user:se/cr@et@example.org/v2", "https://********@example.org/v2"),
        ("https://example.org/v2?token=secret&x=y", "https://example.org/v2?********"),
        ("https://example.org/v2#secret\nsecret", "https://example.org/v2?********"),
        (None, None),
    ],
)
def test_an_address_is_repeated_without_what_does_not_belong_there(given: str | None, told: str | None) -> None:
    assert masking.shown_arguments({"api_url": given}) == {"api_url": told}


def test_a_token_is_looked_for_as_it_is_sent_and_as_messages_quote_it() -> None:
    secrets = masking.secrets_in({"api_token": f" {NASTY}\n"})
    assert secrets >= {f" {NASTY}\n", NASTY, json.dumps(NASTY)[1:-1], repr(NASTY)[1:-1]}
    assert masking.secrets_in({"api_token": "plain"}) == {"plain"}
    assert masking.secrets_in({}) == set()


def test_a_result_is_told_without_it_and_otherwise_as_it_is() -> None:
    result = {"user": {"title": f"x{NASTY}", NASTY: [NASTY, 5, None, True]}, "changed": True}
    assert masking.without_secrets(result, {"api_token": f"{NASTY}\n"}) == {
        "user": {"title": "x********", "********": ["********", 5, None, True]},
        "changed": True,
    }
    assert masking.without_secrets(result, {"api_token": " "}) == result


def test_a_toy_token_renames_no_key_of_a_result() -> None:
    told = masking.without_secrets({"user": {"title": "a user"}}, {"api_token": "user"})
    assert told == {"user": {"title": "a ********"}}


def test_warnings_are_told_without_it() -> None:
    warnings = [f"{NASTY} was changed", f"title is {NASTY!r}", "careful"]
    assert masking.shown_warnings(warnings, {"api_token": f"{NASTY}\n"}) == [
        "******** was changed",
        "title is '********'",
        "careful",
    ]


#: A second secret that has the first one in it.
OTHER = f"{NASTY}-and-more"


@pytest.fixture
def two_secrets(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setattr(masking, "SECRET_OPTIONS", ("api_token", "other_key"))
    return {"api_token": NASTY, "other_key": OTHER}


def test_each_of_several_secrets_is_struck_out_whole(two_secrets: dict[str, str]) -> None:
    text = f"{OTHER} and {NASTY} and {OTHER!r}"
    masked = "******** and ******** and '********'"
    assert masking.without_secrets({"msg": text}, two_secrets) == {"msg": masked}
    assert masking.shown_warnings([text], two_secrets) == [masked]
    assert masking.shown_arguments({**two_secrets, "n": 1}) == {**dict.fromkeys(two_secrets, masking.NOT_SHOWN), "n": 1}


@pytest.mark.parametrize("name", ["api_token", "admin_api_key"])
def test_a_secret_option_is_not_repeated_with_the_arguments(name: str) -> None:
    assert masking.shown_arguments({name: NASTY}) == {name: masking.NOT_SHOWN}
    assert masking.without_secrets({"msg": NASTY}, {name: NASTY}) == {"msg": "********"}


def test_arguments_do_not_show_it_and_are_the_same() -> None:
    arguments = {"api_token": NASTY, "n": 5, "users": [{"title": f"x{NASTY}"}], "api_url": BASE}
    hidden = _with_hidden(arguments, ["another", NASTY])
    assert NASTY[:16] not in f"{hidden} {hidden!r}"
    assert (hidden, json.loads(json.dumps(hidden))) == (arguments, arguments)


# -- What is kept -------------------------------------------------------------


def test_a_server_that_makes_it_a_title_does_not_get_it_into_a_file(tmp_path: Path) -> None:
    tenant = Tenant(person(1, title=f"Bearer {TOKEN}"), person(2, id=TOKEN), person(3, userName=f"{TOKEN}@example.org"))

    def echo(request: requests.PreparedRequest) -> Reply | None:
        return Reply(400, {"detail": f"no {TOKEN}"}) if request.method == "PUT" and "/3" in str(request.url) else None

    tenant.before = echo
    names = ("plan_file", "undo_file", "journal_file", "failed_file")
    files: dict[str, Any] = {name: str(tmp_path / name) for name in names}
    rows = [row(1, title="A"), {"user_id": "3", "title": "B"}]
    told = roster(tenant, rows, unlisted="deactivate", limits=ALL, **files)
    assert told.kind == "rows_failed"
    for path in tmp_path.iterdir():
        content = path.read_text(encoding="utf-8")
        assert TOKEN not in content, path.name
        assert "********" in content, path.name
    assert {path.name for path in tmp_path.iterdir()} == set(names)
    # A plan that it was struck out of is still one.
    assert roster(tenant, apply_plan=files["plan_file"], limits=ALL).kind != "bad_plan"
