# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Names that moved. To be removed as soon as nobody imports them from here."""

from __future__ import annotations

from .names import (
    ATTRIBUTES,
    CORE_URN,
    DEFAULT_EXTENSION_URN,
    ENTERPRISE_URN,
    ERROR_URN,
    KNOWN_EXTENSION_URNS,
    PATCH_URN,
    PHONE_TYPES,
    REQUIRED_ATTRIBUTES,
    TEXT_ATTRIBUTES,
    VIEW_KEYS,
)
from .names import OPTIONAL_IN_LISTINGS as HELD_BACK
from .payload import patch_body as patch_active
from .payload import post_body as creation
from .payload import put_body as replacement
from .payload import with_explicit_nulls as cleared_explicitly
from .payload import without_nulls
from .user import User, sorted_phones
from .values import check_identity, check_text

__all__ = (
    "ATTRIBUTES",
    "CORE_URN",
    "DEFAULT_EXTENSION_URN",
    "ENTERPRISE_URN",
    "ERROR_URN",
    "HELD_BACK",
    "KNOWN_EXTENSION_URNS",
    "PATCH_URN",
    "PHONE_TYPES",
    "REQUIRED_ATTRIBUTES",
    "TEXT_ATTRIBUTES",
    "VIEW_KEYS",
    "User",
    "check_identity",
    "check_text",
    "cleared_explicitly",
    "creation",
    "patch_active",
    "replacement",
    "sorted_phones",
    "without_nulls",
)
