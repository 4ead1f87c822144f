# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Failures of the Administration API, with the names of its own options and permissions. Pure."""

from __future__ import annotations

import re

from .._base.text import server_said
from .._errors import EightByEightError, TransientError

CONSOLE_KEYS = "Admin Console > API Keys"


def explained(error: EightByEightError) -> EightByEightError:
    """Return a failure with what to do about it here, where options and permissions have other names than for SCIM."""
    if isinstance(error, TransientError):
        return error.about(f"Administration API: {_renamed(error.message)}", family=type(error))
    request, quote = f"{error.method} {error.path} answered {error.status}", server_said(error.detail)
    if error.status == 401:
        return error.about(
            f"The Administration API does not accept the key ({request}). Copy the key again from {CONSOLE_KEYS} into "
            f"admin_api_key.{quote}",
            kind="key_rejected",
        )
    if error.status == 403:
        return error.about(
            f"The Administration API refuses this key ({request}). The API is in beta: only participants have keys, and the key "
            f"needs the product 'UC & CC User Admin' ({CONSOLE_KEYS}).{quote}",
            kind="forbidden",
        )
    if error.kind == "gateway":
        return error.about(
            f"{request} with a web page instead of the Administration API: a proxy or gateway answers instead, or "
            "admin_api_url is not its address."
        )
    if error.status == 404:
        return error.about(f"There is no Administration API at admin_api_url ({request}).{quote}", kind="not_supported")
    return error.about(f"Administration API: {_renamed(error.message)}")


def _renamed(message: str) -> str:
    return re.sub(r"\bapi_url\b", "admin_api_url", message.replace("the token must", "the key must"))
