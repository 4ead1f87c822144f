# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""HTTP over ``requests``: connections that count what they receive, and keep nothing that a server sets."""

from __future__ import annotations

import http.cookiejar
from typing import Any

try:
    import requests
    import urllib3
except ImportError as error:
    REQUESTS_VERSION: str | None = None
    REQUESTS_TROUBLE = f"{type(error).__name__}: {error}"
else:
    REQUESTS_VERSION = requests.__version__
    REQUESTS_TROUBLE = ""

from .limits import CountedResponse, UnusableAnswerError

#: Connections that are kept; more workers than that would open one for each request.
_POOL_SIZE = 64


if REQUESTS_VERSION is not None:

    class _HttpPool(urllib3.HTTPConnectionPool):
        class ConnectionCls(urllib3.connection.HTTPConnection):
            response_class = CountedResponse

    class _HttpsPool(urllib3.HTTPSConnectionPool):
        class ConnectionCls(urllib3.connection.HTTPSConnection):
            response_class = CountedResponse

    #: What is raised where no answer comes. The oldest supported requests lets some errors of urllib3 through.
    NO_ANSWER = (requests.RequestException, urllib3.exceptions.HTTPError, UnusableAnswerError, OSError, ValueError)
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
        session.mount(scheme, _Adapter(pool_maxsize=_POOL_SIZE))
    # The API needs only the token, and a server could fill a cookie jar without limit.
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    return session
