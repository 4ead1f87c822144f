# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""The address and the key of the Administration API, out of the options of a task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._errors import BadOptionError
from .._http.connection import (
    Connection,
    address_of,
    certificates_of,
    check_elsewhere,
    retry_budget_of,
    secret_of,
    timeout_of,
)
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
    hint = f"Copy the key from {CONSOLE_KEYS}."
    key = secret_of("admin_api_key", options["admin_api_key"], hint)
    check_elsewhere(options, "admin_api_key")
    return Connection(
        base_url=address_of(
            "admin_api_url",
            str(options.get("admin_api_url") or "").strip() or BASE_URL,
            "admin_api_key",
            f"8x8's own is {BASE_URL}.",
        ),
        token=key,
        verify=certificates_of(bool(options["validate_certs"]), options.get("ca_path")),
        timeout=timeout_of(float(options["timeout"])),
        retry_budget=retry_budget_of(float(options["retry_budget"])),
        header=KEY_HEADER,
        accept=MEDIA_TYPE,
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
