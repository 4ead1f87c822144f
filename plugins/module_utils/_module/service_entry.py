# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The operation of ``eightbyeight_service_info``."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping
from typing import Any

from .._admin.address import needed_connection_of
from .._admin.client import AdminClient
from .._base import empty
from .._base.names import customer_in
from .._client import ScimClient
from .._info.services import read_services
from .runtime import Outcome, Runtime, operation


@operation(empty.SERVICE_INFO)
def service_info(options: Mapping[str, Any], check_mode: bool, runtime: Runtime) -> Outcome:  # noqa: ARG001 - all have it
    customer = customer_in(options.get("api_url"), options.get("customer_id"))
    with contextlib.ExitStack() as opened:

        @functools.cache
        def scim() -> ScimClient:
            return opened.enter_context(runtime.reading_client(options))

        def login_of(user_id: str) -> str | None:
            """Ask SCIM for the login of a user, where there is a token for it."""
            user = scim().find_by_id(user_id) if options.get("api_token") else None
            return None if user is None else user.user_name

        client = opened.enter_context(AdminClient(needed_connection_of(options)))
        return Outcome(read_services(client, options, customer, login_of))
