# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What the answer to a write says: this user, or something else behind a status that says yes. Pure.

Gateways and servers answer 200 with an error inside: ``{"success": false}``, RFC 7807, a list of errors, an empty object. Such an
answer is no success, and no proof of a failure either. The caller looks at the user, and tells what it saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._base.names import same_login
from .models import is_error

#: Members by which a body says that something went wrong, whatever else it holds.
_FLAGS = ("success", "succeeded", "ok")
_REASONS = ("error", "errors")


def is_failure(data: Mapping[str, Any]) -> bool:
    """Say whether a body reports a failure, in any of the forms that are known (RFC 7644 section 3.12, RFC 7807, others)."""
    if is_error(data):
        return True
    lower = {name.lower(): value for name, value in data.items()}
    if any(lower.get(name) is False for name in _FLAGS) or any(lower.get(name) for name in _REASONS):
        return True
    return "id" not in lower and _status(lower.get("status")) >= 400


def is_about(data: Mapping[str, Any], user_id: str | None, user_name: str | None) -> bool:
    """Say whether a body that reports no failure is a user, or a part of one, and the one who was written.

    :param user_id: The id; None at a creation, where the server makes it.
    :param user_name: The login name, where it is known.
    """
    told_id, told_name = data.get("id"), data.get("userName")
    if told_id and user_id is not None:
        return str(told_id) == user_id
    if told_name and user_name:
        return isinstance(told_name, str) and same_login(told_name, user_name)
    # A part of a user, such as an answer to a PATCH (fact sheet 2.10). Nothing else has a member called active.
    return bool(told_id) or isinstance(data.get("active"), (bool, str)) and user_id is not None


def _status(value: Any) -> int:
    text = str(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) == 3 else 0
