# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The address and the key of the Administration API, out of the options of a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import BadOptionError
from .._http.connection import Connection, address_of, secret_of, transport_options
from .explain import CONSOLE_KEYS

#: Fact A1.2.
BASE_URL = "https://api.8x8.com/admin-provisioning"
#: Facts A1.3 and A1.4.
KEY_HEADER = "x-api-key"
MEDIA_TYPE = "application/vnd.users.v1+json"


def connection_of(options: Mapping[str, Any]) -> Connection | None:
    """Return the connection to the Administration API, or None where the task has no key.

    :raises BadOptionError: When an option cannot be right. Nothing has been sent then.
    """
    if not str(options.get("admin_api_key") or "").strip():
        return None
    address = str(options.get("admin_api_url") or "").strip() or BASE_URL
    return Connection(
        token=secret_of("admin_api_key", options, f"Copy the key from {CONSOLE_KEYS}."),
        base_url=address_of("admin_api_url", address, "admin_api_key", f"8x8's own is {BASE_URL}."),
        header=KEY_HEADER,
        accept=MEDIA_TYPE,
        **transport_options(options),
    )


def needed_connection_of(options: Mapping[str, Any]) -> Connection:
    """Return the connection to the Administration API.

    :raises BadOptionError: When the task has no key, or an option cannot be right.
    """
    connection = connection_of(options)
    if connection is None:
        raise BadOptionError(
            "admin_api_key is missing or empty: give it, or set EIGHTBYEIGHT_ADMIN_API_KEY. Licenses, lines and visibility are "
            "shown by 8x8's Administration API alone, not by SCIM. That API is in beta, and its keys are given to participants "
            f"of the beta, under {CONSOLE_KEYS}."
        )
    return connection
