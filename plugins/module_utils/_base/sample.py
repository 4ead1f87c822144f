# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Reads users one by one whom a list may show in part: a few first, and all of them only where these show more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Optional, TypeVar

_User = TypeVar("_User")


def read_by_id(
    listed: Mapping[str, _User],
    number: int,
    read: Callable[[_User], Optional[_User]],
    shows_more: Callable[[_User, _User], bool],
) -> dict[str, _User | None]:
    """Return users by id, each as read by that id; None for those who are gone.

    :param listed: Users by id, as the list shows them.
    :param number: How many are read to see whether that shows more. They are spread over the list, because users who were
        created together are alike.
    :param read: Reads one user by id.
    :param shows_more: Says whether a user shows more when read by id than in the list.
    """
    ids = list(listed)
    few = min(number, len(ids))
    sample = [ids[round(place * (len(ids) - 1) / max(1, few - 1))] for place in range(few)]
    alone = {user_id: read(listed[user_id]) for user_id in sample}
    if any(own is not None and shows_more(listed[user_id], own) for user_id, own in alone.items()):
        alone.update({user_id: read(user) for user_id, user in listed.items() if user_id not in alone})
    return alone
