# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tenant gives a user on its own account: an id, and telephony attributes."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import UTC, datetime

from .documents import SITE_KEY, Document

SEEDED_AT = datetime(2024, 1, 8, 9, 0, tzinfo=UTC)
"""When the first seeded user was created; the others follow a minute apart, so that runs repeat."""


def seeded_id(user_name: str) -> str:
    """Return the id of a seeded user: always the same for a login name."""
    return id_text(hashlib.sha256(user_name.casefold().encode()).digest()[:16])


def random_id() -> str:
    """Return the id of a new user: 16 random bytes as base64url, 22 characters (fact sheet, "id shape")."""
    return id_text(secrets.token_bytes(16))


def id_text(data: bytes) -> str:
    """Return bytes as the text of an id."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def with_telephony(document: Document, number: int) -> Document:
    """Return a document with the telephony attributes that some tenants may carry (fact sheet, 13.4).

    What they are called there is unknown: these stand for anything that a client does not know.
    """
    line = {"extension": str(1000 + number), "number": f"+1 408 555 {number % 10_000:04}", "primary": True}
    telephony = {"lines": [line], "voicemail": {"enabled": True}}
    return {**document, SITE_KEY: {**document.get(SITE_KEY, {}), "telephony": telephony}}
