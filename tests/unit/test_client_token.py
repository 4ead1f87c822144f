# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The client: where the token may go; sessions that are shared."""

from __future__ import annotations

import http.server
import json
import threading
import traceback
from pathlib import Path
from typing import Any

import pytest
import requests
from requests import exceptions as wire

from ansible_collections.eightbyeight.scim.plugins.module_utils._client import Session
from ansible_collections.eightbyeight.scim.plugins.module_utils._errors import EightByEightError
from ansible_collections.eightbyeight.scim.plugins.module_utils._http.connection import Connection
from ansible_collections.eightbyeight.scim.plugins.module_utils._write.client import WritingClient
from ansible_collections.eightbyeight.scim.tests.unit.clients import ADA, OPTIONS, Ear
from ansible_collections.eightbyeight.scim.tests.unit.conftest import Talk
from ansible_collections.eightbyeight.scim.tests.unit.helpers import (
    BASE,
    TOKEN,
    Call,
    FakeTime,
    Reply,
    Tenant,
    ask,
    client_for,
    page,
    refusal,
    resource,
    session_over,
)

ECHOES: list[Reply | Exception] = [
    *(refusal(status, f"bad token {TOKEN}", TOKEN) for status in (400, 401, 403, 405, 409, 412, 500)),
    Reply(429, {"message": f"Bearer {TOKEN}"}),
    Reply(400, {"title": TOKEN, "errors": [{"field": TOKEN, "message": TOKEN}]}),
    Reply(400, {"detail": "x" * 290 + TOKEN}),
    Reply(400, f"bad token {TOKEN}"),
    Reply(400, "x" * (299 - len(TOKEN)) + TOKEN),
    Reply(400, json.dumps(f"Authorization: Bearer {TOKEN}")),
    Reply(200, f"<html>{TOKEN}</html>"),
    Reply(200, f"{{{TOKEN}"),
    Reply(200, {"Resources": TOKEN}),
    Reply(302, None, {"Location": f"https://evil.test/{TOKEN}"}),
    wire.ConnectionError(f"header Authorization: Bearer {TOKEN}"),
    wire.SSLError(f"Bearer {TOKEN}"),
    wire.ProxyError(f"Bearer {TOKEN}"),
    wire.InvalidHeader(f"Bearer {TOKEN}"),
]


@pytest.mark.parametrize("echo", ECHOES)
def test_the_token_is_in_no_error_even_if_the_server_echoes_it(talk: Talk, echo: Any) -> None:
    client = talk(Call(page(), echo), retry_budget=0.0)
    with pytest.raises(EightByEightError) as caught:
        client.list_users()
    error = caught.value
    told = [str(error), repr(error), json.dumps(error.to_result()), repr(vars(error)), repr(error.args)]
    told += traceback.format_exception(error)
    for text in told:
        assert TOKEN not in text
        assert TOKEN[:12] not in text


def test_the_token_is_in_no_picture_of_the_connection_or_the_client() -> None:
    client = client_for(Tenant())
    for shown in (client, client.connection, client.budget, client.clock):
        assert TOKEN not in repr(shown)
        assert TOKEN not in str(shown)


@pytest.mark.parametrize("scheme", ["http", "HTTP"])
def test_what_goes_to_this_machine_goes_past_the_proxy_and_netrc_and_no_redirect_is_followed(
    ear: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scheme: str
) -> None:
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ear)
    proxy.heard = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login eve password eve\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_port}")
    try:
        built = Connection.from_options({**OPTIONS, "api_url": f"{scheme}://127.0.0.1:{ear.server_port}/scim"})
        with WritingClient(built) as client, pytest.raises(EightByEightError) as caught:
            ask(client, "GET", "/Users/1")
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()
    assert proxy.heard == [], "the token went off this machine in the clear"  # type: ignore[attr-defined]
    assert ear.heard == [("/scim/Users/1", f"Bearer {TOKEN}")]
    assert caught.value.kind == "redirect_refused"


@pytest.mark.parametrize("base", [BASE, "http://127.0.0.1:9"])
def test_netrc_does_not_replace_the_token(
    talk: Talk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, base: str
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login eve password eve\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert requests.utils.get_netrc_auth(base) == ("eve", "eve"), "the trap is set"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    talk(Call("GET /Users/1", Reply(200, resource()), headers=headers), base=base).get_user("1")


def test_a_proxy_of_the_environment_is_used_for_https_only(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    monkeypatch.setenv("http_proxy", "http://proxy.test:3128")
    far, near = talk(ADA), talk(ADA, base="http://127.0.0.1:9")
    far.get_user("1")
    near.get_user("1")
    assert far.transcript.settings[0]["proxies"].get("https") == "http://proxy.test:3128"
    assert not near.transcript.settings[0]["proxies"]


@pytest.mark.parametrize("borrowed", [True, False])
def test_a_client_that_is_left_closes_the_connections_that_are_its_own(
    monkeypatch: pytest.MonkeyPatch, borrowed: bool
) -> None:
    closed: list[bool] = []
    session = Session()
    monkeypatch.setattr(requests.Session, "close", lambda _self: closed.append(True))
    with WritingClient(Connection(BASE, TOKEN), session=session if borrowed else None):
        pass
    assert closed == [True] * (not borrowed)


def test_clients_that_share_a_session_share_what_is_known_and_never_the_token(time: FakeTime) -> None:
    tenant = Tenant(resource())
    tenant.filters = "refused"
    session = session_over(tenant)
    heard: list[str] = []
    tenant.before = lambda request: heard.append(request.headers["Authorization"])
    for token in ("one", "two"):
        with WritingClient(Connection(BASE, token), clock=time.clock, session=session) as client:
            assert client.find_user("ada@example.org")[0] is not None
    assert heard == ["Bearer one"] * 3 + ["Bearer two"], "neither the filter nor the listing is asked for again"
    assert session.http.auth is None
    assert "Authorization" not in session.http.headers
    assert session.has_answered


def test_a_shared_session_goes_by_the_settings_of_the_machine_again_after_it_went_to_this_machine() -> None:
    session = session_over(Tenant())
    for base, trusted in ((BASE, True), ("http://127.0.0.1:9", False), (BASE, True)):
        WritingClient(Connection(base, TOKEN), session=session)
        assert session.http.trust_env is trusted
