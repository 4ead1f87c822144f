# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant in a thread of the test's own process."""

from __future__ import annotations

import secrets
import ssl
import threading
from pathlib import Path
from types import TracebackType
from typing import Any

from . import console
from .admin import ADMIN
from .application import DEFAULT_CUSTOMER, TenantApplication
from .request_log import RequestLog
from .seed import Seed
from .server import TenantServer


def server_context(certificate: str | Path, key: str | Path | None = None) -> ssl.SSLContext:
    """Return the TLS context of a server with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class Emulator:
    """An 8x8 tenant on a port of its own, for as long as a ``with`` block lasts.

    :param people: A list of people, a whole seed (a dict or the path of a file), or nothing for the
        fictional company that comes along. A list works at the sites of that company.
    :param token: The API token; a random one when not given.
    :param switches: Positions of the switches at the start.
    :param faults: Fault rules at the start.
    :param read_only_token: The token of a second client.
    :param admin_api_key: The key of the Administration API; a random one when not given.
    :param log_file: Where to write the request log as JSON lines.
    """

    def __init__(
        self,
        people: Any = None,
        token: str | None = None,
        switches: dict[str, Any] | None = None,
        faults: list[Any] | None = None,
        *,
        read_only_token: str | None = None,
        admin_api_key: str | None = None,
        customer_id: str = DEFAULT_CUSTOMER,
        port: int = 0,
        log_file: str | Path | None = None,
        tls_cert: str | Path | None = None,
        tls_key: str | Path | None = None,
    ) -> None:
        self.token = token or secrets.token_hex(24)
        self.read_only_token = read_only_token
        seed = Seed.bundled() if people is None else Seed.read(people)
        self.admin_api_key = admin_api_key or secrets.token_hex(24)
        secret = (self.token, read_only_token or "", self.admin_api_key)
        self._log = RequestLog(Path(log_file) if log_file else None, secret)
        self.application = TenantApplication(
            seed,
            self.token,
            read_only_token=read_only_token,
            admin_api_key=self.admin_api_key,
            customer_id=customer_id,
            switches=switches,
            faults=faults,
            log=self._log,
        )
        tls = server_context(tls_cert, tls_key) if tls_cert else None
        self.server = TenantServer(self.application, port, tls)
        self._thread: threading.Thread | None = None

    @property
    def origin(self) -> str:
        """Scheme, host and port; the control endpoint is under ``/_emulator/`` there."""
        return self.server.origin

    @property
    def url(self) -> str:
        """The SCIM base URL, as Admin Console would show it."""
        return f"{self.server.origin}{self.application.base_path}"

    @property
    def admin_url(self) -> str:
        """The address of the Administration API."""
        return f"{self.server.origin}{ADMIN}"

    @property
    def log(self) -> list[dict[str, Any]]:
        """The requests so far, oldest first."""
        return self._log.entries()

    def clear_log(self) -> None:
        """Forget the requests so far."""
        self._log.clear()

    @property
    def switches(self) -> dict[str, Any]:
        """The position of every switch."""
        return self.application.switches.as_dict()

    def set_switches(self, **positions: Any) -> None:
        """Move switches."""
        self.application.switches.update(positions)

    def set_faults(self, rules: list[Any]) -> None:
        """Put these fault rules in the place of all others."""
        self.application.faults.replace(rules)

    def reset(self) -> None:
        """Go back to the start: users, switches, faults. The request log stays."""
        self.application.reset()

    def users(self) -> list[dict[str, Any]]:
        """Return every user with everything about it, hidden ones included."""
        return console.users(self.application.tenant)

    def edit_user(self, user: str, **changes: Any) -> None:
        """Change a user as an administrator does in Admin Console.

        :param user: The id or the login name.
        :param changes: Top-level attributes, None to remove one, and ``site`` for the site.
        """
        console.edit(self.application.tenant, user, changes)

    def edit_services(self, user: str, **changes: Any) -> None:
        """Set licenses, line, profile and visibility of a user as an administrator does in Admin Console.

        :param user: The id or the login name.
        :param changes: Fields of :class:`.services.Services`.
        """
        self.application.edit_services(user, changes)

    def provision(self, action: str, user: str, **attributes: Any) -> list[int]:
        """Write as the identity provider that the switch ``other_writer`` names, see :mod:`.other_writer`.

        :param action: ``create``, ``update``, ``deactivate`` or ``activate``, and ``sign_in`` for Google Workspace.
        :returns: The statuses of the answers to its requests.
        """
        return self.application.writer.provision(action, user, attributes)

    def delete_user(self, user: str) -> None:
        """Delete a user for good as an administrator does in Admin Console."""
        self.application.desk.forget(console.delete(self.application.tenant, user))

    def start(self) -> Emulator:
        """Serve, in a thread."""
        self._thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, name="emulator", daemon=True
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop serving and close every connection."""
        if self._thread is None:
            self.server.server_close()
        else:
            self.server.stop()
            self._thread.join(5)
            self._thread = None
        self._log.close()

    def __enter__(self) -> Emulator:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
