# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""HTTP over ``requests``: connections that count what they receive, and why no answer came. Nobody else imports ``requests``.

The token goes into the header of a request alone. It is never sent through a proxy to this machine, never to the target of a
redirect, and never stays in a session.
"""

from __future__ import annotations

import http.cookiejar
import os
import re
import ssl
import traceback
import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

try:
    import requests
    import urllib3
except ImportError:
    HAS_REQUESTS = False
    REQUESTS_VERSION: str | None = None
    REQUESTS_IMPORT_ERROR: str | None = traceback.format_exc()
else:
    HAS_REQUESTS = True
    REQUESTS_VERSION = requests.__version__
    REQUESTS_IMPORT_ERROR = None

from .._base.clock import Clock
from .._errors import EightByEightError
from .connection import Connection
from .failures import beyond_limit, passing
from .limits import BeyondLimitError, CountedResponse, GarbledError, read_body
from .reasons import one_line
from .request import Request

USER_AGENT = "ansible-collection eightbyeight.scim"
#: Connections that are kept; more workers than that would open one for each request.
_POOL = 64


class Response(NamedTuple):
    """What came back.

    :param content: The body, unpacked, as far as it could be read.
    :param flaw: Why it could not be read, or None.
    :param seconds: How long it took.
    """

    status: int
    headers: Mapping[str, str]
    content: bytes
    flaw: Exception | None
    seconds: float


if HAS_REQUESTS:

    class _Http(urllib3.connection.HTTPConnection):
        response_class = CountedResponse

    class _Https(urllib3.connection.HTTPSConnection):
        response_class = CountedResponse

    class _HttpPool(urllib3.HTTPConnectionPool):
        ConnectionCls = _Http

    class _HttpsPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = _Https

    _POOLS = {"http": _HttpPool, "https": _HttpsPool}

    class _Adapter(requests.adapters.HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> Any:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = _POOLS

        def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
            manager = super().proxy_manager_for(*args, **kwargs)
            manager.pool_classes_by_scheme = _POOLS
            return manager

    class _Session(requests.Session):
        def get_redirect_target(self, resp: requests.Response) -> None:  # noqa: ARG002 - its name is given
            # Else requests reads the whole body and the address of a redirect, although it is not to follow it.
            return None


def new_session() -> requests.Session:
    """Return a session of ``requests`` that counts, and keeps nothing that a server sets."""
    session = _Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Adapter(pool_maxsize=_POOL))
    # The token is all that an API needs, and a jar that a server fills has no bottom.
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    return session


class Transport:
    """The connections to one tenant, which the calls of a loop share. Holds no token.

    :param session: A session of ``requests``; by default a new one.
    """

    def __init__(self, session: requests.Session | None = None) -> None:
        self.session = session if session is not None else new_session()
        #: Whether the server has ever answered.
        self.answered = False

    def prepare(self, connection: Connection) -> None:
        """Set what all requests to a tenant have in common."""
        headers = {"User-Agent": USER_AGENT, "Accept": connection.accept, "Accept-Encoding": "gzip, deflate"}
        if dict(self.session.headers) != headers:
            # Others may be sending on the session; they have set the same.
            self.session.headers.clear()
            self.session.headers.update(headers)
        if connection.verify is False:
            # The user's decision; urllib3 would repeat its warning for every request.
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")
        # Loopback: a proxy from the environment would carry the token off the machine in the clear.
        self.session.trust_env = not connection.base_url.startswith("http:")

    def send(
        self, connection: Connection, clock: Clock, request: Request, data: str | None, headers: Mapping[str, str]
    ) -> Response:
        """Send a request once, and receive the answer.

        :param data: Its body.
        :param headers: Headers of this try, besides those that all have.
        :raises EightByEightError: When no answer came.
        """
        began = clock.steady()
        try:
            response = self.session.request(
                request.method,
                f"{connection.base_url}{request.path}{request.query}",
                data=data,
                headers=headers,
                # Given explicitly, so that requests does not look for other credentials in ~/.netrc.
                auth=_Credentials(*connection.credentials),
                timeout=connection.timeout,
                allow_redirects=False,
                verify=connection.verify,
                stream=True,
            )
        except BeyondLimitError as limit:
            raise beyond_limit(limit, request, seconds=clock.steady() - began) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            # The oldest requests lets some of urllib3's through.
            raise self._no_answer(error, connection, request, clock.steady() - began) from None
        self.answered = True
        content, flaw = b"", None
        try:
            content = read_body(response)
        except (BeyondLimitError, GarbledError) as error:
            flaw = error
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self._no_answer(error, connection, request, clock.steady() - began) from None
        finally:
            # Of one that was read to its end, the connection is back in the pool already.
            response.close()
        return Response(response.status_code, response.headers, content, flaw, clock.steady() - began)

    def _no_answer(
        self, error: Exception, connection: Connection, request: Request, seconds: float
    ) -> EightByEightError:
        """Tell why no answer came."""
        host = urlsplit(connection.base_url).netloc
        # Without the connection's name, which is a class of ours.
        reason = re.sub(r"^_Https?\(host=.*?\): ", "", one_line(_root_cause(error), connection.redact))
        if _was_never_sent(error):
            # It never left this machine, and never will: a bad address, proxy, header or CA bundle.
            return EightByEightError(
                f"{request} cannot be sent to {host} ({reason}). Check api_url, ca_path, and the proxy and certificate "
                "settings of the environment (https_proxy, REQUESTS_CA_BUNDLE).",
                kind="bad_option",
                method=request.method,
                path=request.path,
            )
        if isinstance(error, requests.exceptions.SSLError) and "EOF" not in str(error):
            return _not_trusted(connection, request, host, reason)
        loss = _lost_on_the_way(error, request, host, reason, connection.timeout)
        first_contact = loss.at_first_contact and not self.answered
        return passing(loss.message, request, kind=loss.kind, seconds=seconds, first_contact=first_contact)


class _Loss(NamedTuple):
    """Why no answer came to a request that was sent.

    :param at_first_contact: Whether a wrong address or proxy may be the reason.
    """

    message: str
    kind: str
    at_first_contact: bool = False


class _Credentials:
    """Puts the secret into a request, where it does not stay in the session."""

    def __init__(self, header: str, value: str) -> None:
        self._header = header
        self._value = value

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        prepared.headers[self._header] = self._value
        return prepared


def _was_never_sent(error: Exception) -> bool:
    lost = (requests.RequestException, ConnectionError, TimeoutError)
    # A header of the answer that contradicts itself; requests has one name for those and for ours.
    theirs = isinstance(next(iter(error.args), None), urllib3.exceptions.InvalidHeader)
    return (isinstance(error, ValueError) and not theirs) or (
        isinstance(error, OSError) and error.errno is None and not isinstance(error, lost)
    )


def _not_trusted(connection: Connection, request: Request, host: str, reason: str) -> EightByEightError:
    if flaw := _flaw_of_bundle(connection.verify):
        return EightByEightError(
            f"ca_path: {connection.verify} cannot be used ({flaw}). It must be a file with the certificates of "
            "your proxy or gateway, in PEM form.",
            kind="bad_option",
            method=request.method,
            path=request.path,
        )
    return EightByEightError(
        f"The certificate of {host} is not trusted, or it does not speak TLS ({reason}). Set ca_path to the CA "
        "bundle of your proxy or gateway, or check api_url.",
        kind="tls",
        method=request.method,
        path=request.path,
    )


def _lost_on_the_way(error: Exception, request: Request, host: str, reason: str, timeout: float) -> _Loss:
    text = str(error)
    if isinstance(error, requests.exceptions.ProxyError):
        return _Loss(
            f"The proxy in front of {host} did not let the request through ({reason}). Check https_proxy and no_proxy.",
            kind="proxy",
            at_first_contact=True,
        )
    if isinstance(error, (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError)):
        return _Loss(
            f"{host} did not answer {request} within {timeout:g} s.",
            kind="timeout",
            at_first_contact=isinstance(error, requests.exceptions.ConnectTimeout),
        )
    if "NewConnectionError" in text or "NameResolutionError" in text or "Failed to resolve" in text:
        return _Loss(
            f"{host} cannot be reached ({reason}). Check api_url, the network and the proxy settings.",
            kind="unreachable",
            at_first_contact=True,
        )
    return _Loss(f"The connection to {host} was lost before {request} was answered ({reason}).", kind="connection_lost")


def _flaw_of_bundle(verify: bool | str) -> str | None:
    """Say why a CA bundle cannot be read; without it, each connection fails as if the server were not to be trusted."""
    if isinstance(verify, bool) or not os.path.isfile(verify):
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=verify)
    except OSError as error:  # an SSLError is one
        return str(error.strerror or error)
    return None


def _root_cause(error: BaseException) -> str:
    """Return the innermost reason of a network error, without the layers of text around it."""
    while True:
        inner = getattr(error, "reason", None) or next(
            (argument for argument in error.args if isinstance(argument, BaseException)), None
        )
        if not isinstance(inner, BaseException):
            break
        error = inner
    text = str(error).split(": ", 1)[-1] if "object at 0x" in str(error) else str(error)
    return text or type(error).__name__
