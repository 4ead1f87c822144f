# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Why no answer came to a request, and what to do about it."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import ssl
from typing import Any
from urllib.parse import urlsplit

with contextlib.suppress(ImportError):  # without them no request is sent, so nothing here is called
    import requests
    import urllib3

from .._errors import EightByEightError, TransientError
from .connection import Connection
from .failures import one_line
from .limits import UnusableAnswerError
from .request import Request


def no_answer(
    error: Exception, connection: Connection, request: Request, seconds: float, *, answered: bool
) -> EightByEightError:
    """Tell why no answer came.

    :param seconds: How long it took.
    :param answered: Whether the server has ever answered.
    """
    lost = functools.partial(request.error, family=TransientError, in_doubt=True, seconds=seconds)
    if isinstance(error, UnusableAnswerError):
        message = f"The answer to {request} {error}."
        return lost(message, kind=error.kind) if error.is_transient else request.error(message, error.kind)
    host = urlsplit(connection.base_url).netloc
    # Without the name of the connection class, which is internal.
    reason = re.sub(r"^ConnectionCls\(host=.*?\): ", "", one_line(_root_cause(error), connection.redact))
    if _was_never_sent(error):
        # It cannot leave this machine: a bad address, proxy, header or CA bundle.
        return request.error(
            f"{request} cannot be sent to {host} ({reason}). Check api_url, ca_path, and the proxy and certificate "
            "settings of the environment (https_proxy, REQUESTS_CA_BUNDLE).",
            kind="bad_option",
        )
    if isinstance(error, requests.exceptions.SSLError) and "EOF" not in str(error):
        return _not_trusted(connection, request, host, reason)
    if isinstance(error, requests.exceptions.ProxyError):
        message = (
            f"The proxy in front of {host} did not let the request through ({reason}). Check https_proxy and no_proxy."
        )
        return lost(message, kind="proxy", first_contact=not answered)
    if isinstance(error, (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)):
        may_be_the_address = not answered and isinstance(error, requests.exceptions.ConnectTimeout)
        message = f"{host} did not answer {request} within {connection.timeout:g} s."
        return lost(message, kind="timeout", first_contact=may_be_the_address)
    if re.search("NewConnectionError|NameResolutionError|Failed to resolve", str(error)):
        message = f"{host} cannot be reached ({reason}). Check api_url, the network and the proxy settings."
        return lost(message, kind="unreachable", first_contact=not answered)
    message = f"The connection to {host} was lost before {request} was answered ({reason})."
    return lost(message, kind="connection_lost")


def _was_never_sent(error: Exception) -> bool:
    lost = (requests.RequestException, ConnectionError, TimeoutError)
    # A header of the answer that contradicts itself; requests has one name for those and for ours.
    theirs = isinstance(next(iter(error.args), None), urllib3.exceptions.InvalidHeader)
    return (isinstance(error, ValueError) and not theirs) or (
        isinstance(error, OSError) and error.errno is None and not isinstance(error, lost)
    )


def _not_trusted(connection: Connection, request: Request, host: str, reason: str) -> EightByEightError:
    if flaw := _flaw_of_bundle(connection.verify):
        return request.error(
            f"ca_path: {connection.verify} cannot be used ({flaw}). It must be a file with the certificates of "
            "your proxy or gateway, in PEM form.",
            kind="bad_option",
        )
    return request.error(
        f"The certificate of {host} is not trusted, or it does not speak TLS ({reason}). Set ca_path to the CA "
        "bundle of your proxy or gateway, or check api_url.",
        kind="tls",
    )


def _flaw_of_bundle(verify: bool | str) -> str | None:
    """Say why a CA bundle cannot be read. The error of the connection only says that the server is not trusted."""
    if isinstance(verify, bool) or not os.path.isfile(verify):
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=verify)
    except OSError as error:  # an SSLError is one
        return str(error.strerror or error)
    return None


def _root_cause(error: BaseException) -> str:
    """Return the innermost reason of a network error, without the layers of text around it."""
    inner: Any = error
    while isinstance(inner, BaseException):
        error = inner
        arguments = (argument for argument in error.args if isinstance(argument, BaseException))
        inner = getattr(error, "reason", None) or next(arguments, None)
    text = str(error).split(": ", 1)[-1] if "object at 0x" in str(error) else str(error)
    return text or type(error).__name__
