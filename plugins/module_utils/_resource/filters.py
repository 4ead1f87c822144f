# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Filters of a list of users, in SCIM's language (RFC 7644 section 3.4.2.2)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable

#: The one filter that 8x8 is known to apply (fact sheet 4.4), as a message shows it.
KNOWN_FILTER = 'userName eq "..."'


def user_name_is(user_name: str) -> str:
    """Return the filter that finds a user by login name."""
    return f"userName eq {_literal(user_name)}"


def external_id_is_one_of(external_ids: Iterable[str]) -> str:
    """Return the filter that finds users by external id."""
    return " or ".join(f"externalId eq {_literal(external_id)}" for external_id in external_ids)


def user_name_and_active_are(user_name: str, active: bool) -> str:
    """Return the filter that finds a user by login name, where the user is active, or is not."""
    return f"active eq {_literal(active)} and {user_name_is(user_name)}"


def modified_since(moment: str) -> str:
    """Return the filter that finds users who were changed at a time or later (RFC 7643 section 3.1).

    :param moment: The time, in UTC.
    """
    return f"meta.lastModified ge {_literal(moment)}"


def invented_name() -> str:
    """Return a login name or external id that nobody has, to see whether a server filters at all."""
    return os.urandom(16).hex()


def _literal(value: str | bool) -> str:
    # A literal is written as in JSON.
    return json.dumps(value, ensure_ascii=False)
