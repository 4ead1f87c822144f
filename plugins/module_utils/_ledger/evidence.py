# Copyright: eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Note that this module util is PRIVATE to the collection. It can change at any time.
"""Whether 8x8 shows that a follow-up is done. Pure; what cannot be seen proves nothing, and stays open."""

from __future__ import annotations

from typing import NamedTuple

from .._manual_actions import wants_site
from .followup import Followup


class Seen(NamedTuple):
    """What is known of a user. None is not known.

    :param active: Whether the user can log in.
    :param site: The name of the site; None also where there is none.
    """

    active: bool | None = None
    site: str | None = None


#: Actions that SCIM can prove.
BY_SCIM = frozenset({"activate_user", "deactivate_user", "confirm_return", "set_site", "change_site", "check_site"})


def proof(followup: Followup, seen: Seen) -> str | None:
    """Return what shows that a follow-up is done, as a sentence; None where nothing does."""
    action = followup.action
    if action in ("activate_user", "confirm_return") and seen.active is True:
        return "8x8 shows the user active."
    if action == "deactivate_user" and seen.active is False:
        return "8x8 shows the user deactivated."
    if not seen.site:
        return None
    if action == "set_site" or (action in ("change_site", "check_site") and wants_site(followup.reason, seen.site)):
        return f"8x8 shows the site {seen.site}."
    return None
