# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""What the option ``users`` of a module gives: rows, a whole result of the filter ``roster_from``, or the JSON text of either."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .reader import list_of_users


class Roster(NamedTuple):
    """A roster as it was given.

    :param users: The rows.
    :param partial: Why they cannot be everybody; None where nothing says so.
    :param problems: What could not be read of the export that they come from: ``row``, ``column`` and ``message`` of each.
    """

    users: Sequence[Any]
    partial: str | None = None
    problems: Sequence[Mapping[str, Any]] = ()


def read_roster(users: Any) -> Roster:
    """Return the roster that the option ``users`` stands for.

    :raises BadOptionError: When it is none.
    """
    if isinstance(users, str) and users.lstrip().startswith("{"):
        with contextlib.suppress(ValueError, RecursionError):
            users = json.loads(users)
    if not isinstance(users, Mapping) or "users" not in users:
        return Roster(list_of_users(users))
    partial, problems = users.get("partial"), users.get("problems")
    told = [dict(each) for each in problems if isinstance(each, Mapping)] if isinstance(problems, (list, tuple)) else []
    return Roster(list_of_users(users["users"]), str(partial) if partial else None, told)
