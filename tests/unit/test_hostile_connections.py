# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hostile server: redirects, certificates, and settings of the machine."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import socket
import ssl
import struct
from pathlib import Path
from typing import Any

import pytest
import trustme

from ansible_collections.eightbyeight.scim.tests.unit.helpers import TOKEN, listing, resource
from ansible_collections.eightbyeight.scim.tests.unit.sockets import Serve, client_of, failure_of, saying, whole

# -- Redirects ----------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target",
    ["http://localhost:{other}/x", "http://localhost:{itself}/scim/v2/Users", "//localhost:{other}/", "http://["],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_redirect_is_not_followed_and_nobody_else_gets_the_token(
    serve: Serve, status: int, target: str, method: str
) -> None:
    other = serve(saying(whole(b"{}")))
    itself: list[int] = []

    def redirect(link: socket.socket, _head: bytes) -> bool:
        place = target.format(other=other.port, itself=itself[0])
        link.sendall(whole(b"", f"{status} Elsewhere", Location=place))
        return True

    server = serve(redirect)
    itself.append(server.port)
    error = failure_of(server.url, lambda client: client.create_user({}) if method == "POST" else client.get_user("1"))
    assert (error.kind, error.status) == ("redirect_refused", status)
    assert "token must not go anywhere" in error.message and "Set api_url to" in error.message
    assert (len(server.heads), other.connections) == (1, 0)


def test_a_redirect_from_https_to_http_is_not_followed(serve: Serve, tmp_path: Path) -> None:
    authority = trustme.CA()
    other = serve(saying(whole(b"{}")))
    place = f"http://localhost:{other.port}/scim/v2/Users"
    server = serve(saying(whole(b"", "302 Found", Location=place)), context_of(authority.issue_cert("localhost")))
    error = failure_of(server.url, verify=bundle_of(authority, tmp_path))
    assert (error.kind, len(server.heads), other.connections) == ("redirect_refused", 1, 0)


# -- TLS ----------------------------------------------------------------------


def context_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def bundle_of(authority: trustme.CA, folder: Path) -> str:
    authority.cert_pem.write_to_path(folder / "ca.pem")
    return str(folder / "ca.pem")


def ancient(authority: trustme.CA) -> trustme.LeafCert:
    then = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    return authority.issue_cert("localhost", not_before=then, not_after=then + dt.timedelta(days=1))


@pytest.mark.parametrize(
    ("certificate", "trusted", "words"),
    [
        (
            lambda authority: authority.issue_cert("8x8.example"),
            True,
            "ostname|not valid for 'localhost'|doesn't match",
        ),
        (lambda authority: authority.issue_cert("localhost"), False, "self.signed|unable to get local issuer"),
        (ancient, True, "expired"),
    ],
    ids=["another name", "unknown authority", "expired"],
)
def test_a_certificate_that_does_not_hold_ends_it_before_the_token_is_sent(
    serve: Serve, tmp_path: Path, certificate: Any, trusted: bool, words: str
) -> None:
    authority = trustme.CA()
    server = serve(saying(whole(b"{}")), context_of(certificate(authority)))
    error = failure_of(
        server.url, verify=bundle_of(authority if trusted else trustme.CA(), tmp_path), retry_budget=60.0
    )
    assert error.kind == "tls"
    assert re.search(words, error.message) and "ca_path" in error.message
    assert server.heads == []


@pytest.mark.parametrize("content", ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_ca_bundle_that_holds_no_certificate_is_not_blamed_on_the_server(
    serve: Serve, tmp_path: Path, content: str
) -> None:
    server = serve(saying(whole(b"{}")), context_of(trustme.CA().issue_cert("localhost")))
    (tmp_path / "bundle.pem").write_text(content, encoding="ascii")
    error = failure_of(server.url, verify=str(tmp_path / "bundle.pem"), retry_budget=60.0)
    assert error.kind == "bad_option"
    assert re.match(r"ca_path: \S+/bundle\.pem cannot be used \(.+\)\. .*PEM", error.message)
    assert server.heads == []


def test_a_certificate_of_the_given_authority_is_taken_and_none_is_asked_for_where_that_is_wished(
    serve: Serve, tmp_path: Path
) -> None:
    authority = trustme.CA()
    server = serve(saying(whole(json.dumps(resource()).encode())), context_of(authority.issue_cert("localhost")))
    for verify in (bundle_of(authority, tmp_path), False):
        with client_of(server.url, verify=verify) as client:
            assert client.get_user("1").active
    assert len(server.heads) == 2


#: A record that TLS lets nobody send at this place: in the clear, "internal error".
ALERT = b"\x15\x03\x03\x00\x02\x02\x50"
ANSWER = whole(json.dumps(resource()).encode())


@pytest.mark.parametrize("sent", [b"", ANSWER[:-20]], ids=["before the answer", "in the body"])
@pytest.mark.parametrize(("how", "encrypted"), [("alert", True), ("reset", True), ("reset", False), ("close", False)])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_a_connection_that_breaks_behind_the_request_is_lost_and_says_nothing_of_certificates(
    serve: Serve, tmp_path: Path, sent: bytes, how: str, encrypted: bool, method: str
) -> None:
    authority = trustme.CA()

    def tear(link: socket.socket, _head: bytes) -> bool:
        link.sendall(sent)
        if how == "alert":
            os.write(link.fileno(), ALERT)
        elif how == "reset":
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return False

    calls: dict[str, Any] = {
        "GET": lambda client: client.get_user("1"),
        "POST": lambda client: client.create_user({"userName": "ada@example.org"}),
        "PATCH": lambda client: client.set_active("1", False),
    }
    server = serve(tear, context_of(authority.issue_cert("localhost")) if encrypted else None)
    error = failure_of(server.url, calls[method], verify=bundle_of(authority, tmp_path), timeout=5.0)
    assert (error.kind, error.in_doubt) == ("connection_lost", method != "GET")
    assert "certificate" not in error.message, error.message


def test_a_server_without_tls_on_the_port_of_tls_is_told(serve: Serve) -> None:
    # It takes the greeting of TLS for a request, and says what a web server says to that.
    server = serve(saying(b""), greeting=b"HTTP/1.1 400 Bad Request\r\n\r\n")
    error = failure_of(server.url.replace("http:", "https:"), timeout=5.0, retry_budget=60.0)
    assert (error.kind, "does not speak TLS" in error.message) == ("tls", True)
    assert server.heads == []


# -- What the machine is set to -----------------------------------------------


def test_neither_a_proxy_nor_netrc_of_the_machine_gets_in_between(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    proxy = serve(saying(whole(b"{}")))
    server = serve(saying(whole(json.dumps(listing()).encode())))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://localhost:{proxy.port}")
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login eve password wicked\n", encoding="ascii")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with client_of(server.url) as client:
        client.list_users()
    assert f"Authorization: Bearer {TOKEN}".encode() in server.heads[0]
    assert (len(server.heads), proxy.connections) == (1, 0)


def test_a_cookie_is_not_kept(serve: Serve) -> None:
    body = json.dumps(listing()).encode()
    server = serve(saying(whole(body, Set_Cookie="track=me; Path=/")))
    with client_of(server.url) as client:
        client.list_users()
        client.list_users()
    assert server.connections == 1, "one connection serves both"
    assert len(server.heads) == 2 and b"track" not in server.heads[1]
