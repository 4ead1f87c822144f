# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client: what an answer means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from requests import exceptions as wire

from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import (
    ConflictError,
    EightByEightError,
    NotFoundError,
    NotSupportedError,
    RefusedError,
    VersionConflictError,
)
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.tests.unit.clients import OPTIONS
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    HTML,
    Call,
    FakeTime,
    Reply,
    ask,
    refusal,
)

MEANINGS = [
    # verb, answer -> class, kind, words that must be in the message
    ("GET", refusal(401), EightByEightError, "token_rejected", ["single sign-on", "SCIM switch", "Admin Console"]),
    ("GET", Reply(401, HTML), EightByEightError, "token_rejected", ["API token"]),
    ("GET", refusal(403), EightByEightError, "forbidden", ["another customer"]),
    ("PUT", refusal(403), EightByEightError, "not_write_client", ["Only one client may write", "Entra ID"]),
    ("PUT", refusal(404), NotFoundError, "user_not_found", ["no such user"]),
    ("PUT", refusal(405), NotSupportedError, "not_supported", ["does not offer PUT /Users/1", "proxy", "8x8 URL"]),
    ("PUT", refusal(501), NotSupportedError, "not_supported", []),
    ("PUT", refusal(409, "taken"), ConflictError, "conflict", ["taken"]),
    ("PUT", refusal(400, "x", "uniqueness"), ConflictError, "conflict", []),
    ("PUT", refusal(400, "User already exists"), ConflictError, "conflict", []),
    ("PUT", refusal(400, "userName must be unique"), ConflictError, "conflict", []),
    ("PUT", refusal(412), VersionConflictError, "changed_meanwhile", ["Run again"]),
    ("PUT", refusal(400, "bad locale", "invalidValue"), RefusedError, "refused", ["bad locale"]),
    ("PUT", Reply(422), RefusedError, "refused", ["It gave no reason"]),
    (
        "PUT",
        Reply(302, None, {"Location": "https://evil.test/"}),
        EightByEightError,
        "redirect_refused",
        ["not followed"],
    ),
    ("PUT", Reply(308), EightByEightError, "redirect_refused", []),
    ("PUT", Reply(400, HTML), EightByEightError, "gateway", ["web page", "8x8 URL"]),
    ("PUT", Reply(200, HTML), EightByEightError, "gateway", ["web page"]),
    ("PUT", Reply(200, "[]"), EightByEightError, "bad_answer", ["not a SCIM object"]),
    ("PUT", Reply(200, "5"), EightByEightError, "bad_answer", []),
]


@pytest.mark.parametrize(("verb", "answer", "family", "kind", "words"), MEANINGS)
def test_what_an_answer_means(
    talk: Talk, verb: str, answer: Reply, family: type[EightByEightError], kind: str, words: list[str]
) -> None:
    client = talk(Call(f"{verb} /Users/1", answer))
    with pytest.raises(family) as caught:
        ask(client, verb, "/Users/1")
    error = caught.value.to_result()
    assert caught.value.__class__ is family
    assert error["error"]["kind"] == kind
    assert (error["error"]["status"], error["error"]["method"], error["error"]["path"]) == (
        answer.status,
        verb,
        "/Users/1",
    )
    for word in words:
        assert word in error["msg"]


@pytest.mark.parametrize("status", [405, 501])
def test_a_verb_that_a_web_server_refuses_with_a_page_of_its_own_is_not_offered_either(talk: Talk, status: int) -> None:
    """Tomcat, nginx and others answer 405 with HTML. The fall-back from PATCH to DELETE must work there, too."""
    with pytest.raises(NotSupportedError):
        talk(Call("PATCH /Users/1", Reply(status, HTML))).set_active("1", False)


@pytest.mark.parametrize(
    ("body", "detail", "scim_type"),
    [
        ({"detail": "no", "scimType": "invalidValue", "status": 400}, "no", "invalidValue"),
        ({"title": "Bad", "detail": "Worse"}, "Worse", None),
        (
            {"title": "Bad", "errors": [{"field": "userName", "code": "X", "message": "too short"}]},
            "Bad; userName: too short",
            None,
        ),
        ({"message": "hm", "errors": "x"}, "hm; x", None),
        ({"error": {"message": "no", "code": 5}}, "no", None),
        ({"error": "no"}, "no", None),
        ({"errors": [{"message": "a"}, "b", {}, 5]}, "a; b", None),
        ({"detail": "two\nlines\tand \x1b[31mred\x00"}, "two lines and [31mred", None),
        (
            {"detail": 'Traceback (most recent call last):\n  File "/app/a.py", line 5, in f\n    g()\nValueError: no'},
            "ValueError: no",
            None,
        ),
        (
            {"detail": "java.lang.NullPointerException: x\n\tat com.a.B(B.java:5)\n\tat com.a.C"},
            "java.lang.NullPointerException: x",
            None,
        ),
        ({"detail": "x" * 500}, "x" * 297 + "...", None),
        ({"detail": ""}, None, None),
        ({"detail": {"a": 1}, "title": "Bad", "scimType": ["x"]}, "Bad", None),
        # Somebody's title is no reason.
        ({"userName": "bo@example.org", "title": "Boss"}, None, None),
        ({"username": "ada", "title": "Boss", "detail": "no"}, "no", None),
        ([], None, None),
        ("5", None, None),
    ],
)
def test_the_server_is_quoted_in_one_short_line(
    talk: Talk, body: Any, detail: str | None, scim_type: str | None
) -> None:
    with pytest.raises(RefusedError) as caught:
        ask(talk(Call("GET /Users/1", Reply(400, body))), "GET", "/Users/1")
    assert caught.value.detail == detail
    assert caught.value.scim_type == scim_type


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        # One plain line says something, as JSON or not; a page, and what is left of an object, does not.
        ("plain text", "plain text"),
        (" with \x1b[31mred\x00 and \u202e \r\n", "with [31mred and"),
        (json.dumps("as JSON"), "as JSON"),
        (json.dumps("<b>as JSON</b>"), None),
        ("x" * 300, "x" * 300),
        ("x" * 301, None),
        (json.dumps("x" * 301), None),
        ("two\nlines", None),
        ("a <b>page</b>", None),
        ('{"detail": "cut o', None),
        (' ["cut o', None),
        (b"\xff\xfe broken", None),
        ("5", None),
        ({"detail": "no"}, None),
    ],
)
def test_a_line_of_text_is_understood_and_never_repeated(talk: Talk, body: Any, hint: str | None) -> None:
    with pytest.raises(RefusedError) as caught:
        ask(talk(Call("GET /Users/1", Reply(400, body))), "GET", "/Users/1")
    error = caught.value
    assert error.hint == error.about("Told anew.").hint == hint
    assert hint is None or hint not in json.dumps(error.to_result(), ensure_ascii=False)
    assert ("such texts are not repeated" in error.message) is (hint is not None)


def test_json_that_breaks_the_parser_is_a_broken_answer(talk: Talk) -> None:
    with pytest.raises(EightByEightError) as caught:
        talk(Call("GET /Users/1", Reply(200, "[" * 200_000)), retry_budget=0.0).get_user("1")
    assert caught.value.kind == "bad_answer"


def test_a_certificate_that_is_not_trusted_is_not_tried_again(talk: Talk, time: FakeTime) -> None:
    reason = wire.SSLError("certificate verify failed: self-signed certificate")
    with pytest.raises(EightByEightError, match=r"self-signed certificate.*ca_path") as caught:
        talk(Call("GET /Users/1", reason)).get_user("1")
    assert caught.value.kind == "tls"
    assert time.naps == []


def test_the_innermost_reason_is_told(talk: Talk) -> None:
    inner = ConnectionRefusedError(111, "Connection refused")
    middle = Exception("<urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection")
    middle.reason = inner  # type: ignore[attr-defined]
    with pytest.raises(EightByEightError, match=r"\(\[Errno 111\] Connection refused\)"):
        talk(Call("GET /Users/1", wire.ConnectionError(middle)), retry_budget=0.0).get_user("1")
    with pytest.raises(EightByEightError, match=r"\(Failed to establish"):
        talk(Call("GET /Users/1", wire.ConnectionError(Exception(str(middle)))), retry_budget=0.0).get_user("1")
    with pytest.raises(EightByEightError, match=r"\(ConnectionError\)"):
        talk(Call("GET /Users/1", wire.ConnectionError()), retry_budget=0.0).get_user("1")


def test_settings_of_the_machine_that_requests_chokes_on_are_an_error_of_the_family(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, time: FakeTime
) -> None:
    """A CA bundle from the environment that is not there is an OSError, not a RequestException."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    built = Connection.from_options({**OPTIONS, "api_url": "https://127.0.0.1:9/scim/v2"})
    with WritingClient(built, clock=time.clock) as client, pytest.raises(EightByEightError, match="missing.pem"):
        client.get_user("1")
