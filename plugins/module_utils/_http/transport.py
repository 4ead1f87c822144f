# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""HTTP over ``requests``: connections that count what they receive. Why no answer came is told in :mod:`lost`.

The token goes into the header of a request alone. It is never sent through a proxy to this machine, never to the target of a
redirect, and never stays in a session.
"""

from __future__ import annotations

import http.cookiejar
import traceback
import warnings
from collections.abc import Mapping
from typing import Any

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
from .limits import BeyondLimitError, CountedResponse, GarbledError, read_body
from .request import Request, Response

USER_AGENT = "ansible-collection eightbyeight.scim"
_HEADERS = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip, deflate"}
#: Connections that are kept; more workers than that would open one for each request.
_POOL = 64


if HAS_REQUESTS:

    class _Http(urllib3.connection.HTTPConnection):
        response_class = CountedResponse

    class _Https(urllib3.connection.HTTPSConnection):
        response_class = CountedResponse

    class _HttpPool(urllib3.HTTPConnectionPool):
        ConnectionCls = _Http

    class _HttpsPool(urllib3.HTTPSConnectionPool):
        ConnectionCls = _Https

    #: The oldest requests lets some of urllib3's through.
    _NO_ANSWER = (requests.RequestException, urllib3.exceptions.HTTPError, BeyondLimitError, OSError, ValueError)
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
    # The API needs only the token, and a server could fill a cookie jar without limit.
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    return session


class Transport:
    """The connections to one tenant, which the calls of a loop share. Holds no token.

    :param session: A session of ``requests``; by default a new one.
    """

    def __init__(self, session: requests.Session | None = None) -> None:
        self.session = session if session is not None else new_session()
        self.session.headers.clear()  # each request brings its own
        #: Whether the server has ever answered.
        self.answered = False

    def prepare(self, connection: Connection) -> None:
        """Set what all requests to a tenant have in common."""
        if connection.verify is False:
            # The user's decision; urllib3 would repeat its warning for every request.
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")
        # Loopback: a proxy from the environment would take the token off this machine unencrypted.
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
                headers={**_HEADERS, "Accept": connection.accept, **headers, **connection.secret_header},
                # Given, so that requests does not look for other credentials in ~/.netrc.
                auth=lambda prepared: prepared,
                timeout=connection.timeout,
                allow_redirects=False,
                verify=connection.verify,
                stream=True,
            )
        except _NO_ANSWER as error:
            raise self._lost(error, connection, request, clock.steady() - began) from None
        self.answered = True
        content, flaw = b"", None
        try:
            content = read_body(response)
        except (BeyondLimitError, GarbledError) as error:
            flaw = error
        except _NO_ANSWER as error:
            raise self._lost(error, connection, request, clock.steady() - began) from None
        finally:
            # When the answer was read to its end, the connection is already back in the pool.
            response.close()
        return Response(response.status_code, response.headers, content, flaw, clock.steady() - began)

    def _lost(self, error: Exception, connection: Connection, request: Request, seconds: float) -> EightByEightError:
        from .lost import no_answer  # noqa: PLC0415 - seldom needed

        return no_answer(error, connection, request, seconds, answered=self.answered)
